/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A coprocessor and command-stream hardware for tests of the CSF stub, and a
 * host that talks to the stub as panthor does.
 *
 * Memory is a few flat sections of the MCU's address space.  The hardware
 * executes nothing: a test says what a stream's status is and which events it
 * has, and looks at what the stub made of it.
 */
#ifndef CSF_FAKE_H
#define CSF_FAKE_H

#include <glib.h>

#include "csf.h"

#define FAKE_GROUPS 8
#define FAKE_STREAMS 8
#define FAKE_RULES 8
#define FAKE_MS 1000000ll

#define FAKE_TIMER_HZ 62500000u
#define FAKE_GPU_HZ 1000000000u

/* Where the fake host puts what panthor allocates. */
#define FAKE_SHARED_VA 0x04000000u
#define FAKE_HEAP_VA 0x05000000u
#define FAKE_RING_IN(g, s) (FAKE_HEAP_VA + ((g) * 8 + (s)) * 0x2000u)
#define FAKE_RING_OUT(g, s) (FAKE_RING_IN(g, s) + 0x1000u)
#define FAKE_SUSPEND_VA(n) (FAKE_HEAP_VA + 0x80000u + (n) * 0x8000u)

typedef struct FakeSection {
    uint64_t va;
    uint32_t size;
    bool readable;
    bool writable;
    uint8_t *data;
} FakeSection;

typedef struct FakeStream {
    bool runs;
    bool pretend;
    bool refuse;              /* start() and restore() return false */
    CsfStreamSetup setup;
    CsfStreamStatus status;
    uint64_t insert;
    uint32_t events;
    uint32_t tag;             /* stands for all state; saved and restored */
    unsigned starts, restores, stops, kicks, fault_acks, replies, faults;
    uint64_t chunk;           /* of the last reply */
    uint32_t fault_type, fault_data;
    uint64_t fault_info;
    bool fault_fatal;
} FakeStream;

/* What the tap answers to the events that match. */
typedef struct FakeRule {
    FwTapKind kind;
    const char *name;
    int group;                /* FW_TAP_ANY: any */
    unsigned times;           /* 0: not in use */
    FwVerdict verdict;
} FakeRule;

typedef struct Fake {
    Csf fw;
    FwLayout layout;          /* the host's own, from the same profile */
    uint8_t *profile;
    uint32_t profile_size;
    FakeSection section[3];   /* code, shared, heap */
    int64_t now;
    int64_t timer[FW_TIMERS_MAX];
    uint32_t irqs;            /* since fake_irqs() */
    bool lax;                 /* the hardware's state is not the stub's */
    unsigned states;
    FwState state;
    char error[512];
    unsigned errors;
    FakeRule rule[FAKE_RULES];
    unsigned taps[FW_TAP_KINDS];
    GString *log;             /* "kind name group stream a\n" */
    FakeStream stream[FAKE_GROUPS][FAKE_STREAMS];
    uint8_t lacks[FAKE_GROUPS];
    uint64_t cores;
    unsigned core_calls;
    int64_t progress_ns;
    uint32_t glb_in, glb_out;
    uint32_t csg_in[FAKE_GROUPS], csg_out[FAKE_GROUPS];
    uint32_t cs_in[FAKE_GROUPS][FAKE_STREAMS];
    uint32_t cs_out[FAKE_GROUPS][FAKE_STREAMS];
} Fake;

/** fake_new() - an MCU that is off, memory with an image of ours. */
Fake *fake_new(void);
void fake_free(Fake *k);

/** fake_assign() - @k becomes what @from is. */
void fake_assign(Fake *k, const Fake *from);

/** fake_profile() - replace the profile in the image (copied). */
void fake_profile(Fake *k, const void *dtb, uint32_t size);

/** fake_capability() - the image's profile with capabilities @list. */
void fake_capabilities(Fake *k, const char *const *list, unsigned n);

/** fake_stock() - the profile of this name from dts/abi in the image. */
void fake_stock(Fake *k, const char *name);

/** fake_number() - a number of the image's profile, its node made if needed. */
void fake_number(Fake *k, const char *node, const char *name, uint32_t value);

/** fake_no_profile() - make the image one of the vendor's. */
void fake_no_profile(Fake *k);

/** fake_boot() - boot, expect it to run, learn where the blocks are. */
void fake_boot(Fake *k);

/** fake_ready() - what panthor writes after each boot, and one doorbell. */
void fake_ready(Fake *k);

/** fake_up() - fake_new(), fake_boot() and fake_ready(). */
Fake *fake_up(void);

/** fake_irqs() - interrupts since the last call. */
uint32_t fake_irqs(Fake *k);

/** fake_run() - let @ns pass, timers included. */
void fake_run(Fake *k, int64_t ns);

/** fake_event() - the hardware reports @events of a stream. */
void fake_event(Fake *k, unsigned g, unsigned s, uint32_t events);

/** fake_rule() - the next @times such events get @action. */
FakeRule *fake_rule(Fake *k, FwTapKind kind, const char *name,
                    FwAction action, unsigned times);

/** fake_count() - lines of the tap's log that contain @text. */
unsigned fake_count(const Fake *k, const char *text);

/** fake_mem() - memory at an MCU VA that must exist. */
uint8_t *fake_mem(Fake *k, uint64_t va, uint32_t len);

/* Fields of blocks in memory: F is an enumerator suffix of CSF_F_. */
uint64_t fake_get(Fake *k, uint64_t va, unsigned field);
void fake_put(Fake *k, uint64_t va, unsigned field, uint64_t value);
#define GET(k, va, F) fake_get(k, va, CSF_F_##F)
#define PUT(k, va, F, value) fake_put(k, va, CSF_F_##F, value)

/* Request-word bits. */
uint32_t fake_bit(const Fake *k, unsigned field);
#define BIT_OF(k, F) fake_bit(k, CSF_F_##F)
uint32_t fake_state(const Fake *k, unsigned field, unsigned value);

uint32_t glb_req(Fake *k);
uint32_t glb_ack(Fake *k);
uint32_t csg_req(Fake *k, unsigned g);
uint32_t csg_ack(Fake *k, unsigned g);
uint32_t cs_req(Fake *k, unsigned g, unsigned s);
uint32_t cs_ack(Fake *k, unsigned g, unsigned s);

/* panthor_fw_toggle_reqs(), panthor_fw_update_reqs() */
void glb_toggle(Fake *k, uint32_t mask);
void glb_update(Fake *k, uint32_t value, uint32_t mask);
void csg_toggle(Fake *k, unsigned g, uint32_t mask);
void csg_update(Fake *k, unsigned g, uint32_t value, uint32_t mask);
void cs_update(Fake *k, unsigned g, unsigned s, uint32_t value,
               uint32_t mask);

/** ring() - ring the global doorbell. */
void ring(Fake *k);

/** ring_groups() - panthor_fw_ring_csg_doorbells(). */
void ring_groups(Fake *k, uint32_t groups);

/** submit() - more bytes in a ring, nobody told. */
void submit(Fake *k, unsigned g, unsigned s, uint64_t insert);

/** program() - csg_slot_prog_locked(), suspend buffer @buf, AS g + 1. */
void program(Fake *k, unsigned g, unsigned streams, unsigned buf);

/** request_state() - csgs_upd_ctx_apply_locked() of a CSG STATE. */
void request_state(Fake *k, unsigned g, unsigned value);

/** start_group() - program() and request START. */
void start_group(Fake *k, unsigned g, unsigned streams);

/** take_irq() - sched_process_csg_irq_locked(), without the doorbell. */
void take_irq(Fake *k, unsigned g);

#endif /* CSF_FAKE_H */
