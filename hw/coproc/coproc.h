/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a GPU's firmware coprocessor, whatever its family.
 *
 * A coprocessor is started, boots after a latency, takes doorbells after a
 * latency, has one-shot timers, halts or dies, and is stopped. Nothing of
 * the firmware runs inside a register write: all entries come from deadlines
 * on the virtual clock.
 */
#ifndef HW_COPROC_COPROC_H
#define HW_COPROC_COPROC_H

#include "fw/fw.h"
#include "gputimers.h"
#include "tap.h"

#define COPROC_DOORBELLS_MAX 64

typedef struct Coproc Coproc;

/**
 * struct CoprocOps - the firmware's entries and the device's ears
 * @name:     what its boot is called in the tap.
 * @boot:     start executing the image.
 * @doorbell: doorbell @n was rung.
 * @timer:    the firmware's timer @id expired.
 * @state:    the state changed (after the change).
 */
typedef struct CoprocOps {
    const char *name;
    void (*boot)(void *opaque);
    void (*doorbell)(void *opaque, unsigned n);
    void (*timer)(void *opaque, unsigned id);
    void (*state)(void *opaque);
} CoprocOps;

/**
 * struct CoprocLatency - how long things take, ns of virtual time
 * @boot:     from start to the first instruction's effect.
 * @doorbell: from a ring to the firmware's look at it.
 * @halt:     from the firmware's decision to halt to the halted state.
 * @jitter:   up to so much is added to each, chosen by the seed.
 */
typedef struct CoprocLatency {
    uint32_t boot;
    uint32_t doorbell;
    uint32_t halt;
    uint32_t jitter;
} CoprocLatency;

/**
 * struct Coproc - one coprocessor
 * @state:     FwState.
 * @next:      state that @halt's latency leads to.
 * @doorbells: rung and not yet looked at.
 * @rng:       state of the generator behind jitter.
 * @held:      the coprocessor stalls: nothing of the firmware is entered.
 * @deferred:  what expired meanwhile, by number in @timers.
 */
struct Coproc {
    const CoprocOps *ops;
    void *opaque;
    GpuTap *tap;
    CoprocLatency latency;
    GpuTimers timers;
    uint8_t state;
    uint8_t next;
    uint64_t doorbells;
    uint64_t rng;
    bool held;
    uint32_t deferred;
};

extern const VMStateDescription vmstate_coproc;

void coproc_init(Coproc *c, const CoprocOps *ops, void *opaque, GpuTap *tap,
                 const CoprocLatency *latency, uint64_t seed);
void coproc_fini(Coproc *c);

/** coproc_start() - let it boot; nothing happens unless it is off. */
void coproc_start(Coproc *c);

/** coproc_stop() - off at once; doorbells and timers are forgotten. */
void coproc_stop(Coproc *c);

/** coproc_ring() - doorbell @n; lost unless the coprocessor runs. */
void coproc_ring(Coproc *c, unsigned n);

/** coproc_ring_at() - the firmware looks at doorbell @n not before @at. */
void coproc_ring_at(Coproc *c, unsigned n, int64_t at);

/**
 * coproc_set_state() - the firmware reports @state
 * FW_STATE_HALTED takes effect after the halt latency.
 */
void coproc_set_state(Coproc *c, FwState state);

/** coproc_set_timer() - FwHwOps.timer. */
void coproc_set_timer(Coproc *c, unsigned id, int64_t deadline);

/**
 * coproc_hold() - stall the coprocessor, or let it go on
 * For an access that has to wait: the firmware is not entered until it can go
 * through, because a stub cannot stop in the middle.
 */
void coproc_hold(Coproc *c, bool hold);

/** coproc_reseed() - other jitter from here on. */
void coproc_reseed(Coproc *c, uint64_t seed);

/** coproc_jitter() - @base plus what the seed adds, ns. */
int64_t coproc_jitter(Coproc *c, int64_t base);

#endif /* HW_COPROC_COPROC_H */
