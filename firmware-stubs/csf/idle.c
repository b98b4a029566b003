/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Idleness, and the timers that hang on it: GLB_IDLE and cores off
 * (panthor_sched.c: csg_slot_process_idle_event_locked(),
 * sched_process_idle_event_locked()).
 */
#include "internal.h"

static int64_t now(Csf *f)
{
    return f->hw.fw.ops->now(f->hw.fw.opaque);
}

void csf_group_evaluate(Csf *f, unsigned group)
{
    CsfGroup *g = &f->s.group[group];
    bool idle = g->active && !(g->started & ~g->quiet);

    if (idle && !g->idle) {
        g->word.events |= CSF_MASK(f, CSG_REQUEST_IDLE);
    } else if (!idle) {
        g->word.events &= ~CSF_MASK(f, CSG_REQUEST_IDLE);
    }
    g->idle = idle;
}

static CsfLoad load_of(const Csf *f)
{
    CsfLoad load = CSF_LOAD_NONE;

    for (unsigned g = 0; g < f->s.group_num; g++) {
        if (f->s.group[g].active) {
            if (!f->s.group[g].idle) {
                return CSF_LOAD_BUSY;
            }
            load = CSF_LOAD_IDLE;
        }
    }
    return load;
}

void csf_idle_arm(Csf *f)
{
    csf_timer_arm(f, CSF_TIMER_IDLE,
                  f->s.load == CSF_LOAD_IDLE && !f->s.idle_sent ?
                  csf_after(now(f), csf_timeout_ns(f, f->s.idle_timer)) :
                  FW_TIME_NEVER);
}

void csf_load_update(Csf *f)
{
    CsfLoad load = load_of(f);
    CsfLoad was = f->s.load;

    if (load == was || !csf_alive(f)) {
        return;
    }
    f->s.load = load;
    f->s.idle_sent = 0;
    f->s.glb.events &= ~CSF_MASK(f, GLB_REQUEST_IDLE);
    if (load == CSF_LOAD_BUSY) {
        csf_timer_arm(f, CSF_TIMER_POWEROFF, FW_TIME_NEVER);
        if (!f->s.powered) {
            f->s.powered = 1;
            f->hw.cs->cores(f->hw.opaque, f->s.core_mask);
        }
    } else if (was == CSF_LOAD_BUSY) {
        csf_timer_arm(f, CSF_TIMER_POWEROFF,
                      csf_after(now(f),
                                csf_timeout_ns(f, f->s.poweroff_timer)));
    }
    csf_idle_arm(f);
}

void csf_idle_expired(Csf *f)
{
    if (f->s.load != CSF_LOAD_IDLE || f->s.idle_sent ||
        !(f->s.glb.ack & CSF_MASK(f, GLB_REQUEST_IDLE_EN))) {
        return;
    }
    f->s.idle_sent = 1;
    f->s.glb.events |= CSF_MASK(f, GLB_REQUEST_IDLE);
    csf_global_signal(f);
}

void csf_cores_off(Csf *f)
{
    f->s.powered = 0;
    f->hw.cs->cores(f->hw.opaque, 0);
}

void csf_poweroff_expired(Csf *f)
{
    if (f->s.load != CSF_LOAD_BUSY && f->s.powered) {
        csf_cores_off(f);
    }
}
