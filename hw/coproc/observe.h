/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever watches a GPU: QEMU's trace events, the timeline's file, and a
 * debugger that wants the machine to stop at an event.
 *
 * Nothing here has an effect on the guest, and nothing travels in a migration
 * stream: it belongs to the process that watches.
 */
#ifndef HW_COPROC_OBSERVE_H
#define HW_COPROC_OBSERVE_H

#include "qapi/error.h"

#include "fw/scenario.h"
#include "fw/tap.h"

/**
 * enum GpuSeen - what is watched beside the events of the tap
 * @GPU_SEEN_READ:  the driver has read a register (offset, value).
 * @GPU_SEEN_WRITE: the driver writes a register (offset, value).
 * @GPU_SEEN_LINE:  an interrupt block asks for other bits than before (the
 *                  bits, those that have happened, masked or not).
 * @GPU_SEEN_DONE:  a hardware command that FW_TAP_POWER had shown has ended.
 * @GPU_SEEN_RAN:   a command stream has executed (from this time on, number
 *                  of instructions), the name says why it does not go on.
 * @GPU_SEEN_BUSY:  an endpoint works (from this time on, scoreboard), the
 *                  name says on what; until FW_TIME_NEVER if it hangs.
 */
typedef enum GpuSeen {
    GPU_SEEN_READ,
    GPU_SEEN_WRITE,
    GPU_SEEN_LINE,
    GPU_SEEN_DONE,
    GPU_SEEN_RAN,
    GPU_SEEN_BUSY,
} GpuSeen;

/**
 * struct GpuObserver - the watchers of one GPU
 * @owner:   device name.
 * @file:    the timeline's file, NULL if none is wanted.
 * @ids:     correlators of requests and commands under way.
 * @last_id: the last one that was given.
 * @words:   where to stop as it was asked for, NULL: nowhere.
 * @stop:    the same as a rule.
 * @decided: stop at whatever a scenario does something to.
 * @seen:    events that @stop was about.
 * @stopped: where the machine was stopped last, NULL: nowhere yet.
 */
typedef struct GpuObserver {
    const char *owner;
    FILE *file;
    GHashTable *ids;
    uint32_t last_id;
    char *words;
    FwScenarioRule stop;
    bool decided;
    uint32_t seen;
    char *stopped;
} GpuObserver;

/** gpu_observer_init() - @timeline: path of the file or NULL. */
bool gpu_observer_init(GpuObserver *o, const char *owner,
                       const char *timeline, Error **errp);
void gpu_observer_fini(GpuObserver *o);

/**
 * gpu_observe() - an event has passed the tap
 * @line: as the mailbox log has it, @length bytes.
 */
void gpu_observe(GpuObserver *o, const FwTapEvent *e, const FwVerdict *v,
                 const char *line, size_t length);

/**
 * gpu_seen() - something beside the tap, for the timeline
 * @at: virtual time in ns of its end; may lie ahead.
 */
void gpu_seen(GpuObserver *o, GpuSeen what, int64_t at, const char *name,
              int group, int stream, uint64_t a, uint64_t b);

/** gpu_command_done() - the hardware command @name of @group has ended. */
void gpu_command_done(GpuObserver *o, const char *name, int group);

/**
 * gpu_stop_at() - stop the machine at an event
 * @words: see fw_match_parse(); "decision": where a scenario does something;
 *         empty: nowhere.
 */
bool gpu_stop_at(GpuObserver *o, const char *words,
                 const FwVocabulary *vocabulary, Error **errp);

/** GPU_LINE_MAX - longest line: two words of 255 and six numbers. */
#define GPU_LINE_MAX 768

/** gpu_event_line() - the line of an event, as logs have it: its length. */
size_t gpu_event_line(char line[GPU_LINE_MAX], int64_t now,
                      const FwTapEvent *e, const FwVerdict *v);

#endif /* HW_COPROC_OBSERVE_H */
