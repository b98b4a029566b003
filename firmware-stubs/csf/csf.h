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

/* Kinds of endpoints; the executor's CS_ENDPOINT_*. */
#define CSF_ENDPOINT_COMPUTE  (1u << 0)
#define CSF_ENDPOINT_FRAGMENT (1u << 1)
#define CSF_ENDPOINT_TILER    (1u << 2)

/**
 * struct CsfStreamSetup - how to start or resume a stream
 * @lacks: CSF_ENDPOINT_*: kinds that the group asked none of.
 */
typedef struct CsfStreamSetup {
    uint8_t as;
    uint8_t lacks;
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
#define CSF_SAVE_SIZE 2048

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
 * @endpoints: the kinds of endpoints that a group has none of have changed.
 * @cores:     which cores the host allows (core_en_mask); powers them.
 * @progress_timeout: CSF_EVENT_PROGRESS when an endpoint has been busy for so
 *              long; 0: never.
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
    void (*endpoints)(void *opaque, unsigned group, uint8_t lacks);
    void (*cores)(void *opaque, uint64_t mask);
    void (*progress_timeout)(void *opaque, int64_t ns);
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

/**
 * struct CsfWord - a request word and its acknowledgement
 * @ack:    acknowledge word as last written to the output block.
 * @seen:   request bits that were announced to the tap.
 * @muted:  request bits that a scenario dropped or answered wrongly: left
 *          alone until the host requests something else.
 * @events: event bits to signal, kept while an older one is unacknowledged.
 */
typedef struct CsfWord {
    uint32_t ack;
    uint32_t seen;
    uint32_t muted;
    uint32_t events;
} CsfWord;

/**
 * struct CsfStream - what the stub remembers of a stream slot
 * @word:        CS_REQ and CS_ACK.
 * @input_va:    MCU VA of the input block.
 * @output_va:   MCU VA of the output block.
 * @ring_input:  MCU VA of the ring's input page (insert).
 * @ring_output: MCU VA of the ring's output page (extract).
 * @insert:      insert that the hardware knows.
 * @doorbell:    user doorbell of CS_CONFIG, 0: none.
 * @shown:       value of the ring output's "active" word.
 */
typedef struct CsfStream {
    CsfWord word;
    uint32_t input_va;
    uint32_t output_va;
    uint64_t ring_input;
    uint64_t ring_output;
    uint64_t insert;
    uint8_t doorbell;
    uint8_t shown;
} CsfStream;

/**
 * struct CsfGroup - what the stub remembers of a group slot
 * @word:         CSG_REQ and CSG_ACK.
 * @input_va:     MCU VA of the input block.
 * @output_va:    MCU VA of the output block.
 * @cs_irq_req:   CS_IRQ_REQ as last written.
 * @doorbell_ack: CSG_DB_ACK as last written.
 * @started:      streams that the hardware runs.
 * @quiet:        those of them that count as idle.
 * @oom:          streams with a tiler-OOM signalled and not answered.
 * @fault:        streams with a CS_FAULT signalled and not acknowledged.
 * @kick:         streams whose doorbell a scenario holds back.
 * @endpoint_req: endpoint request in force.
 * @state:        last CSG STATE carried out.
 * @as:           address space of its streams.
 * @active:       started or resumed, not suspended or terminated since.
 * @idle:         active and all streams quiet; CSG_IDLE was raised for it.
 */
typedef struct CsfGroup {
    CsfWord word;
    uint32_t input_va;
    uint32_t output_va;
    uint32_t cs_irq_req;
    uint32_t doorbell_ack;
    uint32_t started;
    uint32_t quiet;
    uint32_t oom;
    uint32_t fault;
    uint32_t kick;
    uint64_t endpoint_req;
    uint8_t state;
    uint8_t as;
    uint8_t active;
    uint8_t idle;
    CsfStream stream[CSF_STREAMS_MAX];
} CsfGroup;

/* CsfState.load: what the groups do together. */
typedef enum CsfLoad {
    CSF_LOAD_NONE,   /* no group is active */
    CSF_LOAD_IDLE,   /* all active groups are idle */
    CSF_LOAD_BUSY,
} CsfLoad;

/* FwHwOps.timer ids that the stub uses. */
enum CsfTimer {
    CSF_TIMER_RETRY,     /* what a scenario delays */
    CSF_TIMER_IDLE,      /* GLB_IDLE */
    CSF_TIMER_POWEROFF,  /* cores off */
    CSF_TIMER_BOOT,      /* a boot that a scenario delays */
    CSF_NR_TIMERS,
};

/**
 * struct CsfState - all state of the stub; migrated field by field
 * @running:        FwState.
 * @hung:           a scenario's FW_HANG: deaf until the next boot.
 * @from_image:     the profile in use came from the image.
 * @load:           CsfLoad.
 * @idle_sent:      GLB_IDLE was raised for this idle period.
 * @powered:        cores are on.
 * @glb:            GLB_REQ and GLB_ACK.
 * @input_va:       MCU VA of the global input block.
 * @output_va:      MCU VA of the global output block.
 * @doorbell_ack:   GLB_DB_ACK as last written.
 * @suspend_size:   bytes of a suspend buffer.
 * @group_num:      group slots in use.
 * @stream_num:     stream slots of each.
 * @poweroff_timer: GLB_PWROFF_TIMER in force.
 * @idle_timer:     GLB_IDLE_TIMER in force.
 * @core_mask:      GLB_ALLOC_EN in force.
 * @retry_at:       deadline of CSF_TIMER_RETRY.
 * @profile_size:   bytes of @profile in use.
 * @profile:        the ABI profile; the layout is rebuilt from it.
 * @group:          group slots.
 */
typedef struct CsfState {
    uint8_t running;
    uint8_t hung;
    uint8_t from_image;
    uint8_t load;
    uint8_t idle_sent;
    uint8_t powered;
    CsfWord glb;
    uint32_t input_va;
    uint32_t output_va;
    uint32_t doorbell_ack;
    uint32_t suspend_size;
    uint32_t group_num;
    uint32_t stream_num;
    uint32_t poweroff_timer;
    uint32_t idle_timer;
    uint64_t core_mask;
    int64_t retry_at;
    uint32_t profile_size;
    uint8_t profile[FW_PROFILE_MAX];
    CsfGroup group[CSF_GROUPS_MAX];
} CsfState;

/**
 * struct Csf - a CSF stub
 * @hw:     set by the owner before csf_init().
 * @s:      state.
 * @layout: resolved profile; rebuilt by csf_post_load().
 * @layout_ok: it is valid.
 * @touched: groups with news of the hardware; 0 between two entries.
 */
typedef struct Csf {
    CsfHw hw;
    CsfState s;
    FwLayout layout;
    bool layout_ok;
    uint32_t touched;
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

/** csf_timer() - timer @id (enum CsfTimer) of FwHwOps.timer expired. */
void csf_timer(Csf *f, unsigned id);

/** csf_event() - CsfHwOps.take_event has something. */
void csf_event(Csf *f);

/** csf_crash() - the firmware ends in its fatal state. */
void csf_crash(Csf *f);

/**
 * csf_raise() - let the firmware report an event that did not happen
 * @name:  as the tap calls it: csg-sync-update, csg-idle, csg-progress-timer,
 *         cs-tiler-oom, cs-protm-pending, cs-fault, cs-fatal, glb-idle.
 * @value: of a fault: exception type in bits 7:0, data in bits 31:8; bit 32
 *         makes it fatal.
 * @data:  of a fault: its info word.
 */
void csf_raise(Csf *f, const char *name, unsigned group, unsigned stream,
               uint64_t value, uint64_t data);

/** csf_fault_is_fatal() - does a fault as in csf_raise() end its stream? */
bool csf_fault_is_fatal(uint64_t value);

/**
 * csf_describe() - the words of the interface, of groups that are active
 * @line: called with "struct/field = 0x...", without line end.
 */
void csf_describe(Csf *f, void (*line)(void *opaque, const char *line),
                  void *opaque);

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
