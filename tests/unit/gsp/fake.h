/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A GSP for tests of its stub, and the host that talks to it (host.h). */
#ifndef GSP_FAKE_H
#define GSP_FAKE_H

#include <glib.h>

#include "host.h"

#define FAKE_BUS 0x80000000ull
#define FAKE_BUS_BYTES 0x100000u
#define FAKE_LIBOS (FAKE_BUS + 0x1000)
#define FAKE_ARGS (FAKE_BUS + 0x2000)
#define FAKE_SHARED (FAKE_BUS + 0x10000)
#define FAKE_FB_BYTES 0x40000000ull
#define FAKE_RSVD 0x38000000ull
#define FAKE_HEAP 0x38000000ull
#define FAKE_HEAP_BYTES 0x100000u
#define FAKE_FW_HEAP 0x39000000ull
#define FAKE_FW_HEAP_BYTES 0x800000u
#define FAKE_VGA 0x3ff00000ull
#define FAKE_VGA_BYTES 0x100000u
#define FAKE_VECTOR 151
#define FAKE_RULES 8

/* What the tap answers to the events that match. */
typedef struct FakeRule {
    FwTapKind kind;
    const char *name;
    unsigned times;               /* 0: not in use */
    FwVerdict verdict;
} FakeRule;

typedef struct Fake {
    Gsp fw;
    Host host;                    /* of the same profile */
    uint8_t *profile;
    uint32_t profile_size;
    bool in_image;                /* the image carries the profile */
    uint8_t bus[FAKE_BUS_BYTES];
    uint8_t heap[FAKE_HEAP_BYTES];
    uint8_t *fw_heap;             /* in the protected region */
    uint8_t vga[FAKE_VGA_BYTES];
    int64_t now;
    int64_t timer[FW_TIMERS_MAX];
    unsigned irqs;
    FwState state;
    char error[512];
    unsigned errors;
    uint32_t mailbox[2];
    uint64_t root[3];
    unsigned spaces;              /* that are present */
    uint64_t space_root;          /* of the last */
    GspChannel channel;           /* the last one told */
    unsigned channels;            /* calls */
    unsigned contexts;            /* that were put back */
    bool held;                    /* channels do not run */
    FakeRule rule[FAKE_RULES];
    unsigned taps[FW_TAP_KINDS];
    uint64_t fault;               /* of the last FW_TAP_FAULT */
} Fake;

/** fake_new() - a GSP with profile @abi in its image, arguments prepared. */
Fake *fake_new(const char *abi);
void fake_free(Fake *k);

/** fake_arguments() - write libos and RM arguments, page table, queues. */
void fake_arguments(Fake *k, bool resume);
GspError fake_start(Fake *k, bool resume);

/** fake_up() - boot as nouveau does, INIT_DONE taken. */
void fake_up(Fake *k);

uint8_t *fake_bus(Fake *k, uint64_t addr);

/** fake_queue() - the first page of the command queue. */
uint8_t *fake_queue(Fake *k);

/** fake_power() - frame buffer loses what is in it. */
void fake_power(Fake *k);
void fake_rule(Fake *k, FwTapKind kind, const char *name, unsigned times,
               FwVerdict verdict);

/** fake_elapse() - run what the timers have to do in @ns. */
void fake_elapse(Fake *k, int64_t ns);

/** fake_put() - a field of a struct at @p. */
void fake_put(Fake *k, unsigned field, uint8_t *p, uint64_t value);
#define PUT(k, id, p, v) HOST_PUT(&(k)->host, id, p, v)
#define GET(k, id, p) HOST_GET(&(k)->host, id, p)
#define SIZE(k, id) HOST_SIZE(&(k)->host, id)
#define NUMBER(k, id) HOST_NUMBER(&(k)->host, id)

/* Host's, of host.h. */
void fake_send(Fake *k, uint32_t function, const void *payload, uint32_t len);
uint32_t fake_take(Fake *k);
void fake_expect(Fake *k, uint32_t function);
void fake_call(Fake *k, uint32_t function, const void *payload, uint32_t len);
uint32_t fake_alloc(Fake *k, uint32_t client, uint32_t parent,
                    uint32_t handle, uint32_t class, const void *params,
                    uint32_t len);
uint32_t fake_control(Fake *k, uint32_t client, uint32_t object,
                      uint32_t cmd, void *params, uint32_t len);
uint32_t fake_release(Fake *k, uint32_t client, uint32_t handle);
void fake_tree(Fake *k);

void fake_ring(Fake *k);

/** fake_last() - the headers of the last message, to break it. */
uint8_t *fake_last(Fake *k);

/** fake_seal() - make the last message's checksum right again. */
void fake_seal(Fake *k);

/** fake_channel() - allocation of channel @handle in client 1, device 2. */
uint32_t fake_channel(Fake *k, uint32_t handle, uint32_t chid,
                      uint32_t engine, uint32_t space);

#endif /* GSP_FAKE_H */
