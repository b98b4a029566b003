/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "gputimers.h"

static void rearm(GpuTimers *t)
{
    int64_t first = GPU_TIMER_NEVER;
    unsigned i;

    if (t->busy) {
        return;
    }
    for (i = 0; i < GPU_TIMERS_MAX; i++) {
        first = MIN(first, t->at[i]);
    }
    if (first == GPU_TIMER_NEVER) {
        timer_del(t->timer);
    } else {
        timer_mod_ns(t->timer, first);
    }
}

static void run(void *opaque)
{
    GpuTimers *t = opaque;
    int64_t now = gpu_timers_now();
    unsigned i;

    if (t->busy) {
        return;
    }
    t->busy = true;
    for (i = 0; i < GPU_TIMERS_MAX; i++) {
        if (t->at[i] <= now) {
            t->at[i] = GPU_TIMER_NEVER;
            t->expired(t->opaque, i);
        }
    }
    /*
     * What was armed for a moment that is not in the future waits until
     * QEMU's timer loop, which runs with the time of its start, has ended:
     * a handler that always arms itself must not keep the machine.
     */
    for (i = 0; i < GPU_TIMERS_MAX; i++) {
        if (t->at[i] <= now) {
            t->at[i] = now + 1;
        }
    }
    t->busy = false;
    rearm(t);
}

void gpu_timers_init(GpuTimers *t, void (*expired)(void *opaque, unsigned id),
                     void *opaque)
{
    unsigned i;

    t->expired = expired;
    t->opaque = opaque;
    t->busy = false;
    for (i = 0; i < GPU_TIMERS_MAX; i++) {
        t->at[i] = GPU_TIMER_NEVER;
    }
    t->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, run, t);
}

void gpu_timers_fini(GpuTimers *t)
{
    if (t->timer) {
        timer_free(t->timer);
        t->timer = NULL;
    }
}

void gpu_timers_set(GpuTimers *t, unsigned id, int64_t at)
{
    assert(id < GPU_TIMERS_MAX);
    t->at[id] = at;
    rearm(t);
}

void gpu_timers_set_earlier(GpuTimers *t, unsigned id, int64_t at)
{
    if (at < t->at[id]) {
        gpu_timers_set(t, id, at);
    }
}

void gpu_timers_clear(GpuTimers *t)
{
    unsigned i;

    for (i = 0; i < GPU_TIMERS_MAX; i++) {
        t->at[i] = GPU_TIMER_NEVER;
    }
    rearm(t);
}

static int post_load(void *opaque, int version_id)
{
    rearm(opaque);
    return 0;
}

const VMStateDescription vmstate_gpu_timers = {
    .name = "gpu-timers",
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_INT64_ARRAY(at, GpuTimers, GPU_TIMERS_MAX),
        VMSTATE_END_OF_LIST()
    },
};
