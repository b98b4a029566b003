/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contract between a firmware stub and the coprocessor it runs on.
 *
 * A stub sees its own address space, its timers, its doorbells and its
 * interrupt lines, and nothing else: not QEMU, not the guest's physical
 * memory.  The device model provides this interface inside a guest; the unit
 * tests and the fuzzers provide it on the host.
 *
 * A stub has no thread.  It is entered for boot, doorbell, timer and hardware
 * event, does bounded work and returns.  All its state is one plain struct
 * of declared fields, so that the owner can migrate it.
 */
#ifndef FW_FW_H
#define FW_FW_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/tap.h"

/**
 * enum FwState - what a coprocessor reports about itself
 * @FW_STATE_OFF:     not running; memory of the stub means nothing.
 * @FW_STATE_BOOTING: started, not yet ready to take requests.
 * @FW_STATE_RUNNING: takes requests.
 * @FW_STATE_HALTED:  stopped itself on request, state preserved.
 * @FW_STATE_FATAL:   stopped itself because of an error.
 */
typedef enum FwState {
    FW_STATE_OFF,
    FW_STATE_BOOTING,
    FW_STATE_RUNNING,
    FW_STATE_HALTED,
    FW_STATE_FATAL,
} FwState;

/** FW_TIME_NEVER - a deadline that never comes. */
#define FW_TIME_NEVER INT64_MAX

/** FW_TIMERS_MAX - number of one-shot timers that a coprocessor has. */
#define FW_TIMERS_MAX 8

/**
 * struct FwHwOps - what a coprocessor gives to its firmware
 * @read:  copy @len bytes from @va of the firmware's own address space to
 *         @buf.  False if any byte has no translation or no read permission;
 *         @buf is then undefined and the hardware has latched the fault.
 * @write: the same in the other direction.
 * @now:   virtual time in nanoseconds.  Never the host's clock.
 * @timer: (re)arm one-shot timer @id (0..FW_TIMERS_MAX-1) for @deadline (ns of
 *         @now's clock); FW_TIME_NEVER disarms it.
 * @irq:   raise bits of the interrupt block that belongs to the firmware.
 * @state: tell the hardware that the coprocessor changed to @state.
 * @tap:   show @event to the tap and learn what to do with it, see fw/tap.h.
 * @error: a sentence for the person who runs the machine (a refused profile,
 *         a broken image); never printed for what a well-behaved guest does.
 */
typedef struct FwHwOps {
    bool (*read)(void *opaque, uint64_t va, void *buf, uint32_t len);
    bool (*write)(void *opaque, uint64_t va, const void *buf, uint32_t len);
    int64_t (*now)(void *opaque);
    void (*timer)(void *opaque, unsigned id, int64_t deadline);
    void (*irq)(void *opaque, uint32_t lines);
    void (*state)(void *opaque, FwState state);
    FwVerdict (*tap)(void *opaque, const FwTapEvent *event);
    void (*error)(void *opaque, const char *message);
} FwHwOps;

/**
 * struct FwHw - handle through which a stub reaches its coprocessor
 * @ops:    operations.
 * @opaque: the coprocessor, passed back to every operation.
 */
typedef struct FwHw {
    const FwHwOps *ops;
    void *opaque;
} FwHw;

#endif /* FW_FW_H */
