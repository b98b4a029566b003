/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: what a scenario makes happen beside the events that it is
 * asked about.
 *
 * The tap is asked in the middle of things, so an effect is only noted there
 * and happens from a deadline.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"

#include "../../firmware-stubs/csf/csf-vocabulary.h"
#include "mali-csf.h"

/* What is no firmware's event; those are csf_raise()'s. */
#define RAISE_MMU_FAULT "mmu-fault"
#define RAISE_GPU_FAULT "gpu-fault"
#define RAISE_FLUSH_ID "flush-id"

FwPhase mali_phase(MaliCsf *s)
{
    unsigned g;

    if (gpu_timers_armed(&s->timers, TIMER_SOFT_RESET)) {
        return FW_PHASE_RESETTING;
    }
    if (!s->booted) {
        return FW_PHASE_PROBING;
    }
    if (!s->domain[DOMAIN_L2].ready) {
        return FW_PHASE_ASLEEP;
    }
    if (s->mcu.state != FW_STATE_RUNNING) {
        return FW_PHASE_WAKING;
    }
    for (g = 0; g < s->fw.s.group_num; g++) {
        if (s->fw.s.group[g].active && !s->fw.s.group[g].idle) {
            return FW_PHASE_WORKING;
        }
    }
    return FW_PHASE_IDLE;
}

static GpuIrqBank *bank_named(MaliCsf *s, const char *name)
{
    GpuIrqBank *banks[] = {
        &s->gpu_int, &s->job_int, &s->mmu_int, &s->pwr_int,
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(banks); i++) {
        if (banks[i]->name && !strcmp(banks[i]->name, name)) {
            return banks[i];
        }
    }
    return NULL;
}

static uint8_t raise_index(const char *name)
{
    uint8_t i = 0;

    /* Names that are none do not pass the vocabulary. */
    while (i < CSF_NR_RAISE - 1 && strcmp(csf_raise_names[i], name)) {
        i++;
    }
    return i;
}

static void storm(MaliCsf *s, const FwTapEvent *event, const FwVerdict *v)
{
    /* One at a time; its own interrupts do not start another. */
    if (s->storm_left) {
        return;
    }
    s->storm_left = v->count;
    s->storm_period = v->period;
    s->storm_bits = event->a;
    s->storm_bank = raise_index(event->name);
    gpu_timers_set(&s->timers, TIMER_STORM, gpu_timers_now() + v->period);
}

void mali_effect(void *opaque, const FwTapEvent *event, const FwVerdict *v)
{
    MaliCsf *s = opaque;
    MaliEffect *e;

    if (v->action == FW_STORM) {
        storm(s, event, v);
        return;
    }
    if (s->nr_effects == MALI_EFFECTS_MAX) {
        return;
    }
    e = &s->effect[s->nr_effects++];
    *e = (MaliEffect) {
        .action = v->action,
        .raise = v->action == FW_RAISE ? raise_index(v->name) : 0,
        .group = v->group != FW_TAP_ANY ? v->group : MAX(event->group, 0),
        .stream = v->stream != FW_TAP_ANY ? v->stream : MAX(event->stream, 0),
        .value = v->value,
        .data = v->data,
    };
    gpu_timers_set_earlier(&s->timers, TIMER_EFFECT, gpu_timers_now());
}

static void raise_now(MaliCsf *s, const MaliEffect *e)
{
    const char *name = csf_raise_names[e->raise];

    if (!strcmp(name, RAISE_MMU_FAULT)) {
        mali_mmu_fault(s, e->group, e->data, e->value);
    } else if (!strcmp(name, RAISE_GPU_FAULT)) {
        s->gpu_fault_status = e->value;
        s->gpu_fault_address = e->data;
        gpu_irq_raise(&s->gpu_int, R_GPU_INT_FAULT_MASK);
    } else if (!strcmp(name, RAISE_FLUSH_ID)) {
        s->flush_id = e->value;
    } else if (bank_named(s, name)) {
        gpu_irq_raise(bank_named(s, name), e->value);
    } else {
        csf_raise(&s->fw, name, e->group, e->stream, e->value, e->data);
        mali_mcu_events(s);
    }
}

static void happen(MaliCsf *s, const MaliEffect *e)
{
    switch (e->action) {
    case FW_RAISE:
        raise_now(s, e);
        break;
    case FW_CRASH:
        csf_crash(&s->fw);
        break;
    case FW_RESET:
        mali_gpu_reset(s);
        break;
    case FW_UNPLUG:
        mali_mcu_reset(s);
        gpu_timers_clear(&s->timers);
        gpu_irq_reset(&s->gpu_int);
        gpu_irq_reset(&s->job_int);
        gpu_irq_reset(&s->mmu_int);
        gpu_irq_reset(&s->pwr_int);
        s->unplugged = true;
        break;
    default:
        break;
    }
}

void mali_effects_expired(MaliCsf *s, unsigned id)
{
    MaliEffect e[MALI_EFFECTS_MAX];
    unsigned i, n = s->nr_effects;

    if (id == TIMER_STORM) {
        GpuIrqBank *bank = bank_named(s, csf_raise_names[s->storm_bank]);

        if (bank && s->storm_left) {
            gpu_irq_raise(bank, s->storm_bits);
            s->storm_left--;
        }
        if (bank && s->storm_left) {
            gpu_timers_set(&s->timers, TIMER_STORM,
                           gpu_timers_now() + s->storm_period);
        }
        return;
    }
    /* An effect may lead to others: those have their own turn. */
    memcpy(e, s->effect, n * sizeof(*e));
    s->nr_effects = 0;
    for (i = 0; i < n; i++) {
        happen(s, &e[i]);
    }
}

void mali_effects_reset(MaliCsf *s)
{
    s->nr_effects = 0;
    s->storm_left = 0;
    s->storm_bits = 0;
    s->storm_bank = 0;
    s->storm_period = 0;
    s->unplugged = false;
    s->booted = false;
    s->asleep_accesses = 0;
    s->asleep_last = 0;
    memset(s->effect, 0, sizeof(s->effect));
}

bool mali_effects_check(MaliCsf *s)
{
    unsigned i;

    if (s->nr_effects > MALI_EFFECTS_MAX || s->storm_period > INT64_MAX / 2 ||
        s->storm_bank >= CSF_NR_RAISE) {
        return false;
    }
    for (i = 0; i < s->nr_effects; i++) {
        if (s->effect[i].action >= FW_ACTIONS ||
            s->effect[i].raise >= CSF_NR_RAISE) {
            return false;
        }
    }
    return true;
}
