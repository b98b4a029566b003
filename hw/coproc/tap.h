/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tap of a GPU: see fw/tap.h for what passes it.
 *
 * Observe: a counter per kind, a line in the mailbox log, and what observe.h
 * has for those who want more.
 * Decide: the scenario that is loaded, if any.
 */
#ifndef HW_COPROC_TAP_H
#define HW_COPROC_TAP_H

#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/queue.h"

#include "fw/scenario.h"
#include "fw/tap.h"
#include "observe.h"

/**
 * struct GpuTapOps - what a device gives its tap
 * @vocabulary: names that scenarios may use.
 * @phase:      what the driver is doing.
 * @effect:     carry out an action from FW_STORM on; called in the middle of
 *              things, so that it can only be noted and done later.
 * @power_cycle: the platform takes the power from the GPU and gives it back.
 */
typedef struct GpuTapOps {
    const FwVocabulary *vocabulary;
    FwPhase (*phase)(void *opaque);
    void (*effect)(void *opaque, const FwTapEvent *event, const FwVerdict *v);
    void (*power_cycle)(void *opaque);
} GpuTapOps;

/**
 * struct GpuTap - one GPU's tap
 * @owner:    device name, for traces.
 * @on:       a device's property x-tap: off, nothing is shown and decided, to
 *            measure what the tap costs; may change at any time.
 * @ops:      the device's part.
 * @log:      mailbox log, NULL if none is wanted.
 * @observer: who watches beside the log.
 * @count:    events seen, by kind; migrated.
 * @decided:  events with a verdict other than pass; migrated.
 * @bytes:    the scenario as loaded, @size bytes; migrated.
 * @scenario: its rules, rebuilt from @bytes.
 * @state:    what its rules have done so far; migrated.
 */
typedef struct GpuTap {
    char *owner;
    bool on;
    const GpuTapOps *ops;
    void *opaque;
    FILE *log;
    GpuObserver observer;
    uint64_t count[FW_TAP_KINDS];
    uint64_t decided;
    uint8_t *bytes;
    uint32_t size;
    FwScenario scenario;
    FwScenarioState state;
    QTAILQ_ENTRY(GpuTap) next;
} GpuTap;

extern const VMStateDescription vmstate_gpu_tap;
extern const PropertyInfo gpu_tap_switch;

/** DEFINE_PROP_TAP() - the property x-tap of the device @state. */
#define DEFINE_PROP_TAP(state, field) \
    DEFINE_PROP("x-tap", state, field.on, gpu_tap_switch, bool, \
                .set_default = true, .defval.u = true)

/**
 * gpu_tap_init() - set up
 * @owner:    device name.
 * @ops:      the device's part, @opaque its argument.
 * @log:      path of the mailbox log or NULL.
 * @timeline: path of the timeline's file or NULL.
 * @scenario: path or name of a scenario or NULL.
 */
bool gpu_tap_init(GpuTap *tap, const char *owner, const GpuTapOps *ops,
                  void *opaque, const char *log, const char *timeline,
                  const char *scenario, Error **errp);
void gpu_tap_fini(GpuTap *tap);

/** gpu_tap() - show @event, learn what to do with it. */
FwVerdict gpu_tap(GpuTap *tap, const FwTapEvent *event);

/** gpu_tap_load() - replace the scenario; @name NULL: none. */
bool gpu_tap_load(GpuTap *tap, const char *name, Error **errp);

/** gpu_tap_inject() - make something happen, see fw_rule_parse(). */
bool gpu_tap_inject(GpuTap *tap, const char *words, Error **errp);

/** gpu_tap_stop_at() - stop the machine at an event, see gpu_stop_at(). */
bool gpu_tap_stop_at(GpuTap *tap, const char *words, Error **errp);

/** gpu_tap_load_all() - gpu_tap_load() for every GPU of the machine. */
bool gpu_tap_load_all(const char *name, Error **errp);

/** gpu_tap_power_cycle_all() - every GPU that can be loses what it knew. */
void gpu_tap_power_cycle_all(void);

/** gpu_tap_note_all() - a line of text in every GPU's mailbox log. */
void gpu_tap_note_all(const char *text);

#endif /* HW_COPROC_TAP_H */
