/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command-stream executor: what the CSF hardware does with a stream.
 *
 * Pure C on a narrow interface, so that it runs in QEMU, in unit tests and
 * under a fuzzer.  It decides no policy: it runs streams that the firmware
 * started, stops where the hardware would stop, and reports.
 *
 * Time.  Every instruction costs CsExecConfig.instr_ns of virtual time and
 * every stream has its own clock.  cs_exec_run() executes up to one slice of
 * virtual time ahead of @now for each runnable stream; what the firmware gets
 * to know of it (events) carries the virtual time at which it happened.
 *
 * Errors.  A CS_FAULT leaves the stream's CALL body: the stream stops behind
 * the ring's CALL (or behind the ring instruction that failed), goes on when
 * the host has acknowledged, and is in error state until it executes
 * ERROR_BARRIER: SYNC_ADD/SET with error_propagate write status 1, work and
 * CALLs are skipped.  A CS_FATAL stops it where it is, for good.
 * docs/executor.md lists which instruction fails how.
 */
#ifndef MALI_CSF_CS_EXEC_H
#define MALI_CSF_CS_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pgtable.h"

#define CS_REGS_MAX 128
#define CS_SB_MAX 16
#define CS_CALL_DEPTH_MAX 8
#define CS_PROGRESS_COUNTERS 32
#define CS_GROUPS_MAX 31
#define CS_STREAMS_MAX 32
#define CS_DEFERRED_MAX 8
#define CS_SYNC_RECENT 32

/** CS_TIME_NEVER - a time that never comes (the stub's FW_TIME_NEVER). */
#define CS_TIME_NEVER INT64_MAX

/**
 * enum CsBusResult - outcome of an access through an address space
 * @CS_BUS_OK:    done.
 * @CS_BUS_FAULT: no translation or permission; the owner has latched the
 *                fault in its address-space registers.
 * @CS_BUS_STALL: the range is locked for an update; try again later.
 */
typedef enum CsBusResult {
    CS_BUS_OK,
    CS_BUS_FAULT,
    CS_BUS_STALL,
} CsBusResult;

/**
 * struct CsWatch - what becomes of an instruction that is watched
 * @skip:  it does nothing.
 * @fault: it faults in place of doing something, with @type, @data and @info;
 *         @fatal: a fault that ends the stream.
 */
typedef struct CsWatch {
    bool skip;
    bool fault;
    bool fatal;
    uint8_t type;
    uint32_t data;
    uint64_t info;
} CsWatch;

/**
 * struct CsBusOps - what the executor needs of the GPU around it
 * @read:      copy @len bytes (at most a 4 KiB page) at @va of address space
 *             @as into @buf.  Touches two pages at most.
 * @write:     the reverse; inside one page, a write happens wholly or not at
 *             all.
 * @flush:     FLUSH_CACHE2 with @mode (instruction bits 11:0).
 * @flush_id:  current LATEST_FLUSH_ID; changes with every flush.
 * @timestamp: system counter at virtual time @ns (STORE_STATE timestamp).
 * @cycles:    GPU cycle counter at virtual time @ns.
 * @instruction: CsExec.watched only: instruction @in at @va is about to be
 *             executed, perhaps not for the first time if it had to wait.
 * @ran:       CsExec.traced only: a stream has executed @count instructions
 *             since virtual time @from; its state says until when and why it
 *             does not go on.
 * @busy:      CsExec.traced only: an endpoint works on @what, for scoreboard
 *             @sb, until @to, CS_TIME_NEVER if it hangs.
 */
typedef struct CsBusOps {
    CsBusResult (*read)(void *opaque, unsigned as, uint64_t va, void *buf,
                        uint32_t len);
    CsBusResult (*write)(void *opaque, unsigned as, uint64_t va,
                         const void *buf, uint32_t len);
    void (*flush)(void *opaque, uint32_t mode);
    uint32_t (*flush_id)(void *opaque);
    uint64_t (*timestamp)(void *opaque, int64_t ns);
    uint64_t (*cycles)(void *opaque, int64_t ns);
    CsWatch (*instruction)(void *opaque, unsigned group, unsigned stream,
                           uint64_t in, uint64_t va);
    void (*ran)(void *opaque, unsigned group, unsigned stream, int64_t from,
                uint64_t count);
    void (*busy)(void *opaque, unsigned group, unsigned stream,
                 const char *what, unsigned sb, int64_t from, int64_t to);
} CsBusOps;

/* Why a stream does not run; CsStream.blocked and CsStreamStatus.blocked. */
typedef enum CsBlocked {
    CS_BLOCKED_NONE,
    CS_BLOCKED_SB,
    CS_BLOCKED_PROGRESS,
    CS_BLOCKED_SYNC,
    CS_BLOCKED_DEFERRED,
    CS_BLOCKED_RESOURCE,
    CS_BLOCKED_FLUSH,
} CsBlocked;

/* What a stream is doing; CsStream.state. */
typedef enum CsState {
    CS_OFF,       /* not started, or stopped */
    CS_RUNNING,   /* executes, or would if it had work and were not blocked */
    CS_FAULTED,   /* CS_FAULT reported; runs on when acknowledged */
    CS_DEAD,      /* CS_FATAL reported; only stop or restart helps */
    CS_OOM,       /* waits for the reply to a tiler out-of-memory */
} CsState;

/* Which kind of idleness a stream has reported; CsStream.idle. */
typedef enum CsIdle {
    CS_IDLE_NONE,
    CS_IDLE_EMPTY,
    CS_IDLE_BLOCKED,
} CsIdle;

/*
 * Events for the firmware, a mask; see cs_exec_take_event().  EMPTY and
 * BLOCKED are withdrawn if the stream gets work before they are taken.
 */
#define CS_EVENT_COUNT    9
#define CS_EVENT_EMPTY    (1u << 0)  /* ran dry: extract == insert, SBs 0 */
#define CS_EVENT_BLOCKED  (1u << 1)  /* blocked on SYNC_WAIT, SBs 0 */
#define CS_EVENT_SYNC     (1u << 2)  /* system-scope SYNC_* executed */
#define CS_EVENT_FAULT    (1u << 3)  /* CS_FAULT, see status */
#define CS_EVENT_FATAL    (1u << 4)  /* CS_FATAL, see status */
#define CS_EVENT_OOM      (1u << 5)  /* tiler out-of-memory, see status */
#define CS_EVENT_PROGRESS (1u << 6)  /* endpoint made no progress in time */
#define CS_EVENT_RUNNABLE (1u << 7)  /* goes on after a taken BLOCKED */
#define CS_EVENT_PROTM    (1u << 8)  /* PROT_REGION wants protected mode */

/**
 * struct CsExecConfig - fixed properties, from the GPU's persona
 * @arch_major:   architecture (10..14): selects opcodes and fields.
 * @groups:       group slots, 1..CS_GROUPS_MAX.
 * @streams:      streams of a slot, 1..CS_STREAMS_MAX.
 * @regs:         work registers, 96 or 128.
 * @scoreboards:  1..CS_SB_MAX.
 * @instr_ns:     virtual cost of an instruction, at least 1.
 * @mem_ns:       additional cost of an instruction that accesses memory.
 * @endpoint_ns:  time from RUN_* to its scoreboard; 0: at once.
 * @flush_ns:     time from FLUSH_CACHE2 to its scoreboard.
 * @slice_ns:     virtual time that cs_exec_run() covers at most.
 * @idvs_heap:    bytes of tiler heap that one RUN_IDVS consumes, 0: none.
 */
typedef struct CsExecConfig {
    uint8_t arch_major;
    uint8_t groups;
    uint8_t streams;
    uint8_t regs;
    uint8_t scoreboards;
    uint32_t instr_ns;
    uint32_t mem_ns;
    uint32_t endpoint_ns;
    uint32_t flush_ns;
    uint32_t slice_ns;
    uint32_t idvs_heap;
} CsExecConfig;

/* Kinds of endpoints, CsStart.lacks. */
#define CS_ENDPOINT_COMPUTE  (1u << 0)
#define CS_ENDPOINT_FRAGMENT (1u << 1)
#define CS_ENDPOINT_TILER    (1u << 2)
#define CS_ENDPOINT_ALL      7u

/**
 * struct CsStart - how to start a stream (CS input block at CSG START)
 * @as:        address space of the group.
 * @lacks:     kinds of endpoints that the group got none of.
 * @ring_base: VA of the ring buffer.
 * @ring_size: bytes, a power of two, 4 KiB or more.
 * @extract:   first byte to execute, free running.
 * @insert:    end of the valid bytes, free running.
 */
typedef struct CsStart {
    uint8_t as;
    uint8_t lacks;
    uint64_t ring_base;
    uint32_t ring_size;
    uint64_t extract;
    uint64_t insert;
} CsStart;

/**
 * struct CsFrame - a range of instructions that is being executed
 * @pc:  the instruction to execute, or the CALL that deeper frames come from.
 * @end: first byte behind the range.
 */
typedef struct CsFrame {
    uint64_t pc;
    uint64_t end;
} CsFrame;

/**
 * struct CsDeferred - an asynchronous instruction that waits for scoreboards
 * @instr: the instruction.
 * @addr:  its address operand when it was issued.
 * @data:  its data operand.
 * @heap:  heap context when it was issued.
 * @ready: virtual time from which it can be executed; CS_TIME_NEVER if a
 *         hanging endpoint is in its way.  Ascending in the queue.
 */
typedef struct CsDeferred {
    uint64_t instr;
    uint64_t addr;
    uint64_t data;
    uint64_t heap;
    int64_t ready;
} CsDeferred;

/**
 * struct CsStream - all state of one stream; plain and migrated field by field
 *
 * Level 0 executes the ring: its position is @extract.  Levels 1..depth are
 * CALLs; frame[depth-1] is the innermost.  While a CALL runs, the position of
 * the level below stays on the CALL instruction.
 */
typedef struct CsStream {
    uint8_t state;                    /* CsState */
    uint8_t stopped;                  /* CsState before cs_exec_stop() */
    uint8_t blocked;                  /* CsBlocked */
    uint8_t idle;                     /* idleness that was told, CsIdle */
    uint8_t as;
    uint8_t depth;
    uint8_t pretend;
    uint8_t hang;                     /* endpoints never complete */
    uint8_t in_handler;               /* depth of the handler's frame, or 0 */
    uint8_t handler_done;             /* it ran for the current RUN_IDVS */
    uint8_t in_error;
    uint8_t sb_endpoint;
    uint8_t sb_other;
    uint8_t sb_deferred;              /* v11+: SET_STATE */
    uint8_t sync_cond;
    uint8_t sync_64;
    uint8_t sync_reject;
    uint8_t progress_queue;
    uint8_t deferred_count;
    uint8_t lacks;                    /* CS_ENDPOINT_*: the group has none */
    uint16_t sb_mask_stream;          /* v11+: SET_STATE */
    uint16_t sb_mask_wait;
    uint16_t wait_sb;
    uint32_t ring_size;
    uint64_t ring_base;
    uint64_t extract;
    uint64_t insert;
    CsFrame frame[CS_CALL_DEPTH_MAX];
    uint32_t regs[CS_REGS_MAX];
    int64_t clock;                    /* virtual time this stream has reached */
    int64_t wake;                     /* when it wants to run on */
    int64_t met;                      /* when what it waits for was written */
    int64_t sb_done[CS_SB_MAX];       /* when the last user completes */
    CsDeferred deferred[CS_DEFERRED_MAX];
    uint32_t resources;
    uint64_t sync_va;
    uint64_t sync_value;
    uint64_t progress_value;
    uint64_t progress;                /* this queue's counter */
    uint64_t heap;                    /* heap context of HEAP_SET */
    uint32_t heap_vt_start;           /* as last seen in the heap context */
    uint32_t heap_vt_end;
    uint32_t heap_frag_end;
    uint64_t heap_chunk;              /* chunk that the host gave, unused yet */
    uint64_t handler_va;              /* tiler-OOM exception handler */
    uint32_t handler_len;
    uint32_t events;                  /* not yet taken, CS_EVENT_* */
    int64_t event_time[CS_EVENT_COUNT];
    uint32_t fault_type;
    uint32_t fault_data;
    uint64_t fault_info;
    uint32_t fatal_type;
    uint32_t fatal_data;
    uint64_t fatal_info;
    uint64_t executed;                /* instructions, for the counters */
} CsStream;

/**
 * struct CsSyncWrite - a SYNC_* that was executed, perhaps ahead of its time
 *
 * A SYNC_WAIT of another stream that sees its value does not end before it.
 */
typedef struct CsSyncWrite {
    uint64_t va;
    int64_t time;
    uint8_t as;
} CsSyncWrite;

/**
 * struct CsExec - the executor
 *
 * State are the streams, @progress_timeout and @recent; @watched and @traced
 * are set by the owner before each run.
 */
typedef struct CsExec {
    CsExecConfig cfg;
    const CsBusOps *bus;
    void *opaque;
    CsStream *stream;                 /* [groups * streams], group major */
    int64_t progress_timeout;         /* ns, 0: none */
    CsSyncWrite recent[CS_SYNC_RECENT];
    bool watched;                     /* CsBusOps.instruction wants to know */
    bool traced;                      /* CsBusOps.ran and .busy likewise */
} CsExec;

/** struct CsStreamStatus - what STATUS_UPDATE and suspend report. */
typedef struct CsStreamStatus {
    uint8_t state;
    uint8_t blocked;
    bool empty;                       /* nothing left, no scoreboard busy */
    uint16_t scoreboards;             /* busy ones at the asked time */
    uint64_t cmd_ptr;
    uint64_t extract;
    uint16_t wait_sb;
    bool sync_64;
    uint8_t sync_cond;                /* 0 LE, 1 GT, as in the instruction */
    uint64_t sync_va;
    uint64_t sync_value;
    uint32_t resources;
    uint32_t fault_type, fault_data;
    uint64_t fault_info;
    uint32_t fatal_type, fatal_data;
    uint64_t fatal_info;
    uint64_t heap;
    uint32_t heap_vt_start, heap_vt_end, heap_frag_end;
} CsStreamStatus;

/**
 * cs_exec_init() - set up an executor; all streams off
 * @stream: array of cfg->groups * cfg->streams, owned by the caller.
 * Returns false if @cfg is out of range.
 */
bool cs_exec_init(CsExec *x, const CsExecConfig *cfg, CsStream *stream,
                  const CsBusOps *bus, void *opaque);

/** cs_exec_reset() - all streams off, all counters 0 (GPU reset). */
void cs_exec_reset(CsExec *x);

/**
 * cs_exec_start() - start a stream with cleared registers
 * Returns false (and the stream dies of CS_CONFIG_FAULT with CS_EVENT_FATAL)
 * if @start is malformed.
 */
bool cs_exec_start(CsExec *x, unsigned group, unsigned stream,
                   const CsStart *start, int64_t now);

/**
 * cs_exec_set_endpoints() - the group's endpoints have changed
 * @lacks: CS_ENDPOINT_*: kinds that it has none of from now on.
 *
 * Work that needs such an endpoint, and a REQ_RESOURCE that asks for one, wait
 * (BLOCKED_REASON resource) until this is called again.
 */
void cs_exec_set_endpoints(CsExec *x, unsigned group, uint8_t lacks,
                           int64_t now);

/**
 * cs_exec_stop() - stop a stream; its state can still be saved
 *
 * A stream runs ahead, so it may have signalled a sync object or failed at a
 * time that is still to come: such events are due at once and should be taken
 * before the host hears that the group is suspended.  What is not taken by
 * then comes again after cs_exec_restore().
 */
void cs_exec_stop(CsExec *x, unsigned group, unsigned stream);

/**
 * cs_exec_kick() - the ring's insert moved, or waits must be re-evaluated
 *
 * An @insert more than a ring ahead of extract is CS_FATAL CS_CONFIG_FAULT.
 */
void cs_exec_kick(CsExec *x, unsigned group, unsigned stream, uint64_t insert,
                  int64_t now);

/** cs_exec_set_pretend() - CALLs at ring level fall through unexecuted. */
void cs_exec_set_pretend(CsExec *x, unsigned group, unsigned stream, bool on);

/** cs_exec_set_as() - streams of @group continue in address space @as. */
void cs_exec_set_as(CsExec *x, unsigned group, unsigned as);

/**
 * cs_exec_fault() - raise CS_FAULT or (@fatal) CS_FATAL now, by order
 * No effect on a stream that is off, dead or already faulted.
 */
void cs_exec_fault(CsExec *x, unsigned group, unsigned stream, bool fatal,
                   uint32_t type, uint32_t data, uint64_t info, int64_t now);

/** cs_exec_fault_ack() - the host has taken note of a CS_FAULT: go on. */
void cs_exec_fault_ack(CsExec *x, unsigned group, unsigned stream,
                       int64_t now);

/**
 * cs_exec_heap_reply() - answer to CS_EVENT_OOM
 * @chunk: header VA | size as the host wrote it to heap_start; 0: no memory,
 *         run the exception handler or die of GPU_EXC_OOM.
 */
void cs_exec_heap_reply(CsExec *x, unsigned group, unsigned stream,
                        uint64_t chunk, int64_t now);

/**
 * cs_exec_hang_endpoints() - from now on, RUN_* of a stream never complete
 *
 * What runs already still completes.  Cleared by cs_exec_start().
 */
void cs_exec_hang_endpoints(CsExec *x, unsigned group, unsigned stream,
                            bool on);

/**
 * cs_exec_set_progress_timeout() - CS_EVENT_PROGRESS after @ns of a RUN_*
 * @ns: 0 switches the timer off.  Applies to RUN_* executed from now on.
 */
void cs_exec_set_progress_timeout(CsExec *x, int64_t ns);

/** cs_exec_status() - state of a stream as seen at @now. */
void cs_exec_status(const CsExec *x, unsigned group, unsigned stream,
                    int64_t now, CsStreamStatus *status);

/**
 * cs_exec_run() - run every runnable stream up to @now + slice
 *
 * Streams are visited in ascending (group, stream) order, always from the
 * first, so that a run is a function of its inputs.  A stream that waits
 * (SYNC_WAIT, PROGRESS_WAIT) looks again in every call, and once more after
 * another stream executed a SYNC_* or moved a progress counter.
 *
 * To be called after every start, kick, acknowledgement, reply and restore,
 * and at the time that it returned.  The work of one call is bounded whatever
 * the streams contain.
 *
 * Returns the virtual time at which it wants to be called again, after @now;
 * CS_TIME_NEVER if nothing runs.
 */
int64_t cs_exec_run(CsExec *x, int64_t now);

/**
 * cs_exec_next_event() - time of the earliest event not taken
 * Returns CS_TIME_NEVER if there is none.
 */
int64_t cs_exec_next_event(const CsExec *x);

/**
 * cs_exec_take_event() - take the events of one stream that are due at @now
 * Returns the mask and sets @group and @stream; 0: none due.
 */
uint32_t cs_exec_take_event(CsExec *x, int64_t now, unsigned *group,
                            unsigned *stream);

/** CS_SAVE_SIZE - bytes cs_exec_save() writes, whatever the config. */
#define CS_SAVE_SIZE 2048

/**
 * cs_exec_save() - serialise a stopped stream (suspend buffer)
 * @buf: CS_SAVE_SIZE bytes, little endian, self-checked.
 */
void cs_exec_save(const CsExec *x, unsigned group, unsigned stream,
                  uint8_t *buf);

/**
 * cs_exec_restore() - bring a stream back from a suspend buffer
 *
 * The bytes lay in guest memory: nothing of them is trusted.  Ring base, size
 * and address space come from @start, its extract and insert included.
 * A stream that was stopped while a fault was not acknowledged waits for
 * that again; one that was out of memory asks again.  Returns false (stream
 * off) if the bytes are no valid state.
 */
bool cs_exec_restore(CsExec *x, unsigned group, unsigned stream,
                     const uint8_t *buf, const CsStart *start, int64_t now);

/**
 * cs_exec_check() - validate streams after migration (a stream of bytes is
 * input too): false if a field is out of range.
 */
bool cs_exec_check(const CsExec *x);

#endif /* MALI_CSF_CS_EXEC_H */
