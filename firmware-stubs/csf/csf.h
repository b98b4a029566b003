/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CSF firmware stub: global, group (CSG) and stream (CS) interfaces.
 *
 * Requests and acknowledgements follow what panthor and Tyr expect of the
 * vendor's firmware; where each field lives comes from the ABI profile
 * (csf-layout.h).  The stub drives the command-stream hardware through
 * CsfHwOps and never executes instructions or walks page tables itself.
 */
#ifndef CSF_CSF_H
#define CSF_CSF_H

#include <stdbool.h>
#include <stdint.h>

#include "csf-layout.h"
#include "fw/fw.h"

#define CSF_GROUPS_MAX 31
#define CSF_STREAMS_MAX 32

/* Events of the command-stream hardware; the executor's CS_EVENT_*. */
#define CSF_EVENT_EMPTY    (1u << 0)
#define CSF_EVENT_BLOCKED  (1u << 1)
#define CSF_EVENT_SYNC     (1u << 2)
#define CSF_EVENT_FAULT    (1u << 3)
#define CSF_EVENT_FATAL    (1u << 4)
#define CSF_EVENT_OOM      (1u << 5)
#define CSF_EVENT_PROGRESS (1u << 6)
#define CSF_EVENT_RUNNABLE (1u << 7)
#define CSF_EVENT_PROTM    (1u << 8)

/* Why a stream does not run; the executor's CS_BLOCKED_*. */
typedef enum CsfBlocked {
    CSF_BLOCKED_NONE,
    CSF_BLOCKED_SB,
    CSF_BLOCKED_PROGRESS,
    CSF_BLOCKED_SYNC,
    CSF_BLOCKED_DEFERRED,
    CSF_BLOCKED_RESOURCE,
    CSF_BLOCKED_FLUSH,
} CsfBlocked;

/** struct CsfStreamSetup - how to start or resume a stream. */
typedef struct CsfStreamSetup {
    uint8_t as;
    uint64_t ring_base;
    uint32_t ring_size;
    uint64_t extract;
    uint64_t insert;
} CsfStreamSetup;

/** struct CsfStreamStatus - state of a stream, as the hardware shows it. */
typedef struct CsfStreamStatus {
    bool empty;
    CsfBlocked blocked;
    uint16_t scoreboards;
    uint64_t cmd_ptr;
    uint64_t extract;
    uint16_t wait_sb;
    bool sync_64;
    uint8_t sync_cond;
    uint64_t sync_va;
    uint64_t sync_value;
    uint32_t resources;
    uint32_t fault_type, fault_data;
    uint64_t fault_info;
    uint32_t fatal_type, fatal_data;
    uint64_t fatal_info;
    uint64_t heap;
    uint32_t heap_vt_start, heap_vt_end, heap_frag_end;
} CsfStreamStatus;

/** CSF_SAVE_SIZE - bytes of a saved stream. */
#define CSF_SAVE_SIZE 1024

/**
 * struct CsfHwOps - the command-stream hardware
 * @limits:    group slots, streams of each, work registers and scoreboards
 *             that the hardware has; a profile that wants more is refused.
 * @start:     start with cleared registers; false if the setup is malformed
 *             (a CSF_EVENT_FATAL follows by itself).
 * @restore:   continue from @save (CSF_SAVE_SIZE bytes); false if these are
 *             not a valid state.
 * @stop:      stop; the state stays readable for @save and @status.
 * @save:      serialise a stopped stream.
 * @kick:      insert moved, or look again at what blocks.
 * @pretend:   CALLs at ring level fall through unexecuted (FW_PRETEND).
 * @status:    state as of now.
 * @fault:     raise CS_FAULT or CS_FATAL by order of a scenario.
 * @fault_ack: the host took note of a CS_FAULT, go on.
 * @heap_reply: answer to CSF_EVENT_OOM; chunk 0: no memory.
 * @take_event: next stream with events due now; 0: none.
 * @cores:     which cores the host allows (core_en_mask); powers them.
 * @active:    work is (not) being done: power-off timers may start.
 */
typedef struct CsfHwOps {
    void (*limits)(void *opaque, unsigned *groups, unsigned *streams,
                   unsigned *regs, unsigned *scoreboards);
    bool (*start)(void *opaque, unsigned group, unsigned stream,
                  const CsfStreamSetup *setup);
    bool (*restore)(void *opaque, unsigned group, unsigned stream,
                    const uint8_t *save, const CsfStreamSetup *setup);
    void (*stop)(void *opaque, unsigned group, unsigned stream);
    void (*save)(void *opaque, unsigned group, unsigned stream,
                 uint8_t *save);
    void (*kick)(void *opaque, unsigned group, unsigned stream,
                 uint64_t insert);
    void (*pretend)(void *opaque, unsigned group, unsigned stream, bool on);
    void (*status)(void *opaque, unsigned group, unsigned stream,
                   CsfStreamStatus *status);
    void (*fault)(void *opaque, unsigned group, unsigned stream, bool fatal,
                  uint32_t type, uint32_t data, uint64_t info);
    void (*fault_ack)(void *opaque, unsigned group, unsigned stream);
    void (*heap_reply)(void *opaque, unsigned group, unsigned stream,
                       uint64_t chunk);
    uint32_t (*take_event)(void *opaque, unsigned *group, unsigned *stream);
    void (*cores)(void *opaque, uint64_t mask);
    void (*active)(void *opaque, bool active);
} CsfHwOps;

/**
 * struct CsfHw - everything a CSF stub can reach
 * @fw:     the coprocessor.
 * @cs:     the command-stream hardware.
 * @opaque: passed to @cs operations.
 * @timer_hz: frequency of the system counter that timer values count
 *          (CNTFRQ; panthor_fw.c: panthor_fw_conv_timeout()).
 * @gpu_hz: frequency of the GPU's own cycle counter.
 */
typedef struct CsfHw {
    FwHw fw;
    const CsfHwOps *cs;
    void *opaque;
    uint32_t timer_hz;
    uint32_t gpu_hz;
} CsfHw;

/* What the stub remembers of a stream slot; migrated field by field. */
typedef struct CsfStream {
    bool started;
    uint8_t doorbell;        /* user doorbell of CS_CONFIG */
    uint64_t ring_input;     /* MCU VA */
    uint64_t ring_output;    /* MCU VA */
    uint32_t events;         /* CS event bits to signal (request-word mask),
                                kept while an older one is unacknowledged */
    bool oom_wait;           /* OOM signalled, reply not seen */
} CsfStream;

/* What the stub remembers of a group slot; migrated field by field. */
typedef struct CsfGroup {
    uint8_t state;           /* last acknowledged CSG STATE value */
    uint8_t as;
    bool active;             /* started or resumed, not suspended/terminated */
    bool idle;               /* all its streams idle, IDLE event considered */
    uint32_t events;         /* CSG event bits to signal, kept while pending */
    CsfStream stream[CSF_STREAMS_MAX];
} CsfGroup;

/* All state of the stub; migrated field by field. */
typedef struct CsfState {
    uint8_t running;         /* FwState */
    uint8_t hung;            /* a scenario's FW_HANG */
    uint8_t halt_seen;       /* GLB_HALT's last value (0 -> 1 halts) */
    uint8_t glb_idle;        /* GLB_IDLE raised for this idle period */
    uint32_t glb_events;     /* GLB event bits to signal, kept while pending */
    int64_t idle_since;      /* all groups idle since, FW_TIME_NEVER: not */
    uint32_t progress_timer;
    uint32_t poweroff_timer;
    uint32_t idle_timer;
    uint32_t retry_doorbells;/* user doorbells delayed by a scenario */
    uint32_t shared_va;      /* control blocks, from profile or image */
    uint32_t group_num;
    uint32_t stream_num;
    uint32_t profile_size;   /* bytes of profile in use */
    uint8_t profile[FW_PROFILE_MAX];
    CsfGroup group[CSF_GROUPS_MAX];
} CsfState;

/**
 * struct Csf - a CSF stub
 * @hw:     set by the owner before csf_init().
 * @s:      state.
 * @layout: resolved profile; rebuilt by csf_post_load().
 */
typedef struct Csf {
    CsfHw hw;
    CsfState s;
    FwLayout layout;
    bool layout_ok;
} Csf;

/** csf_init() - stub off, no profile. */
void csf_init(Csf *f);

/**
 * csf_boot() - the MCU starts executing
 * @fallback:      profile for images that carry none (a vendor's).
 * @fallback_size: bytes.
 *
 * Reads the image through the MCU's own address space, takes the profile
 * from it or the fallback, writes the control blocks, reports
 * FW_STATE_RUNNING and raises the global interrupt; or reports
 * FW_STATE_FATAL with a sentence through FwHwOps.error.
 */
void csf_boot(Csf *f, const void *fallback, uint32_t fallback_size);

/** csf_stop() - the MCU was disabled or reset: forget everything volatile. */
void csf_stop(Csf *f);

/** csf_doorbell() - doorbell @n was rung: 0 global, 1.. user doorbells. */
void csf_doorbell(Csf *f, unsigned n);

/** csf_timer() - timer @id of FwHwOps.timer expired. */
void csf_timer(Csf *f, unsigned id);

/** csf_event() - CsfHwOps.take_event has something. */
void csf_event(Csf *f);

/**
 * csf_post_load() - check state that came with a migration stream and
 * rebuild the layout; false: refuse the stream (@err says why).
 */
bool csf_post_load(Csf *f, FwError *err);

/*
 * Where an image of ours keeps its profile: at VA CSF_BOOT_VA of the MCU's
 * address space (a read-only section) stands a boot block of four
 * little-endian words: CSF_BOOT_MAGIC, format 1, VA and size of the profile.
 */
#define CSF_BOOT_VA 0x0u
#define CSF_BOOT_MAGIC 0x58424d47u    /* "GMBX" */
#define CSF_BOOT_FORMAT 1u

#endif /* CSF_CSF_H */
