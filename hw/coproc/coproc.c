/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "coproc.h"
#include "trace.h"

/* Numbers in Coproc.timers. */
enum {
    TIMER_STATE,
    TIMER_DOORBELL,
    TIMER_FW,                              /* .. + FW_TIMERS_MAX - 1 */
};

QEMU_BUILD_BUG_ON(TIMER_FW + FW_TIMERS_MAX > GPU_TIMERS_MAX);

/* xorshift64*: small, seedable, and its state is one migrated word. */
static uint64_t next_random(Coproc *c)
{
    c->rng ^= c->rng >> 12;
    c->rng ^= c->rng << 25;
    c->rng ^= c->rng >> 27;
    return c->rng * 0x2545f4914f6cdd1dull;
}

/* The generator must not start at 0; any odd mixing will do. */
void coproc_reseed(Coproc *c, uint64_t seed)
{
    c->rng = (seed + 1) * 0x9e3779b97f4a7c15ull | 1;
}

int64_t coproc_jitter(Coproc *c, int64_t base)
{
    if (!c->latency.jitter) {
        return base;
    }
    return base + (next_random(c) >> 32) % ((uint64_t)c->latency.jitter + 1);
}

static void enter(Coproc *c, FwState state)
{
    if (c->state == state) {
        return;
    }
    trace_coproc_state(c->tap->owner, c->state, state);
    c->state = state;
    c->ops->state(c->opaque);
}

void coproc_start(Coproc *c)
{
    FwVerdict v;
    int64_t at = gpu_timers_now() + coproc_jitter(c, c->latency.boot);

    if (c->state != FW_STATE_OFF) {
        return;
    }
    v = gpu_tap(c->tap, &(FwTapEvent) {
        .kind = FW_TAP_BOOT, .name = c->ops->name, .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY, .once = true,
    });
    c->next = FW_STATE_RUNNING;
    switch (v.action) {
    case FW_DROP:
    case FW_HANG:
        at = GPU_TIMER_NEVER;
        break;
    case FW_DELAY:
        at = MAX(at, v.until);
        break;
    case FW_FAULT:
        c->next = FW_STATE_FATAL;
        break;
    default:
        break;
    }
    enter(c, FW_STATE_BOOTING);
    gpu_timers_set(&c->timers, TIMER_STATE, at);
}

static void forget(Coproc *c)
{
    gpu_timers_clear(&c->timers);
    c->doorbells = 0;
    c->deferred = 0;
}

void coproc_hold(Coproc *c, bool hold)
{
    uint32_t deferred = c->deferred;

    c->held = hold;
    if (hold) {
        return;
    }
    c->deferred = 0;
    while (deferred) {
        gpu_timers_set_earlier(&c->timers, ctz32(deferred), gpu_timers_now());
        deferred &= deferred - 1;
    }
}

void coproc_stop(Coproc *c)
{
    forget(c);
    enter(c, FW_STATE_OFF);
}

void coproc_ring_at(Coproc *c, unsigned n, int64_t at)
{
    assert(n < COPROC_DOORBELLS_MAX);
    if (c->state != FW_STATE_RUNNING) {
        return;
    }
    gpu_timers_set_earlier(&c->timers, TIMER_DOORBELL, at);
    c->doorbells |= 1ull << n;
}

void coproc_ring(Coproc *c, unsigned n)
{
    coproc_ring_at(c, n, gpu_timers_now() +
                   coproc_jitter(c, c->latency.doorbell));
}

void coproc_set_state(Coproc *c, FwState state)
{
    if (state == FW_STATE_HALTED) {
        c->next = state;
        forget(c);
        gpu_timers_set(&c->timers, TIMER_STATE, gpu_timers_now() +
                       coproc_jitter(c, c->latency.halt));
        return;
    }
    if (state == FW_STATE_FATAL) {
        forget(c);
    }
    enter(c, state);
}

void coproc_set_timer(Coproc *c, unsigned id, int64_t deadline)
{
    assert(id < FW_TIMERS_MAX);
    gpu_timers_set(&c->timers, TIMER_FW + id, deadline);
}

static void expired(void *opaque, unsigned id)
{
    Coproc *c = opaque;
    uint64_t rung;

    if (c->held) {
        c->deferred |= 1u << id;
        return;
    }
    switch (id) {
    case TIMER_STATE:
        if (c->state == FW_STATE_BOOTING && c->next == FW_STATE_RUNNING) {
            c->ops->boot(c->opaque);
        } else {
            enter(c, c->next);
        }
        break;
    case TIMER_DOORBELL:
        rung = c->doorbells;
        c->doorbells = 0;
        while (rung && c->state == FW_STATE_RUNNING) {
            unsigned n = ctz64(rung);

            rung &= rung - 1;
            c->ops->doorbell(c->opaque, n);
        }
        break;
    default:
        /* Firmware that takes its time to boot has deadlines, too. */
        if (c->state == FW_STATE_RUNNING || c->state == FW_STATE_BOOTING) {
            c->ops->timer(c->opaque, id - TIMER_FW);
        }
        break;
    }
}

void coproc_init(Coproc *c, const CoprocOps *ops, void *opaque, GpuTap *tap,
                 const CoprocLatency *latency, uint64_t seed)
{
    c->ops = ops;
    c->opaque = opaque;
    c->tap = tap;
    c->latency = *latency;
    c->state = FW_STATE_OFF;
    c->doorbells = 0;
    c->held = false;
    c->deferred = 0;
    coproc_reseed(c, seed);
    gpu_timers_init(&c->timers, expired, c);
}

void coproc_fini(Coproc *c)
{
    gpu_timers_fini(&c->timers);
}

static bool state_is_sane(void *opaque, int version_id)
{
    Coproc *c = opaque;

    return c->state <= FW_STATE_FATAL && c->next <= FW_STATE_FATAL &&
           c->rng && c->deferred < 1u << (TIMER_FW + FW_TIMERS_MAX);
}

const VMStateDescription vmstate_coproc = {
    .name = "gpu-coproc",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(state, Coproc),
        VMSTATE_UINT8(next, Coproc),
        VMSTATE_UINT64(doorbells, Coproc),
        VMSTATE_UINT64(rng, Coproc),
        VMSTATE_BOOL(held, Coproc),
        VMSTATE_UINT32(deferred, Coproc),
        VMSTATE_VALIDATE("coprocessor state", state_is_sane),
        VMSTATE_STRUCT(timers, Coproc, 1, vmstate_gpu_timers, GpuTimers),
        VMSTATE_END_OF_LIST()
    },
};
