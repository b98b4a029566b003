/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A set of deadlines on QEMU's virtual clock.
 *
 * Everything that a GPU or its firmware does later is a deadline here. The
 * set uses one QEMUTimer and calls back in a fixed order (deadlines that are
 * due, by number), so that what happens is a function of virtual time alone.
 */
#ifndef HW_COPROC_GPUTIMERS_H
#define HW_COPROC_GPUTIMERS_H

#include "migration/vmstate.h"
#include "qemu/timer.h"

#define GPU_TIMERS_MAX 32

/** GPU_TIMER_NEVER - disarmed. */
#define GPU_TIMER_NEVER INT64_MAX

/**
 * struct GpuTimers - a set
 * @at:      deadline of each, ns, GPU_TIMER_NEVER if disarmed.
 * @expired: called for each deadline that is due, after it was disarmed.
 * @busy:    inside @expired; arming is then deferred to its end.
 */
typedef struct GpuTimers {
    int64_t at[GPU_TIMERS_MAX];
    QEMUTimer *timer;
    void (*expired)(void *opaque, unsigned id);
    void *opaque;
    bool busy;
} GpuTimers;

extern const VMStateDescription vmstate_gpu_timers;

void gpu_timers_init(GpuTimers *t, void (*expired)(void *opaque, unsigned id),
                     void *opaque);
void gpu_timers_fini(GpuTimers *t);

/** gpu_timers_now() - the virtual clock, ns. */
static inline int64_t gpu_timers_now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

/** gpu_timers_set() - deadline @at for @id; GPU_TIMER_NEVER disarms. */
void gpu_timers_set(GpuTimers *t, unsigned id, int64_t at);

/** gpu_timers_set_earlier() - like gpu_timers_set(), but never postpones. */
void gpu_timers_set_earlier(GpuTimers *t, unsigned id, int64_t at);

/** gpu_timers_clear() - disarm all. */
void gpu_timers_clear(GpuTimers *t);

/** gpu_timers_armed() - is @id armed? */
static inline bool gpu_timers_armed(const GpuTimers *t, unsigned id)
{
    return t->at[id] != GPU_TIMER_NEVER;
}

#endif /* HW_COPROC_GPUTIMERS_H */
