/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The global interface: panthor_fw.c: panthor_fw_init_global_iface(),
 * panthor_fw_ping_work(), panthor_fw_halt_mcu(),
 * panthor_fw_ring_csg_doorbells().
 */
#include "internal.h"

static const CsfPlace global = { FW_TAP_ANY, FW_TAP_ANY };

static const CsfName glb_events[] = {
    { CSF_F_GLB_REQUEST_IDLE, "glb-idle" },
};

/* Words of the input block that requests refer to. */
typedef struct GlbInput {
    uint32_t req;
    uint32_t ack_irq_mask;
    uint32_t doorbell_req;
    uint32_t progress_timer;
    uint32_t poweroff_timer;
    uint32_t idle_timer;
    uint64_t core_mask;
} GlbInput;

typedef struct GlbRequest {
    CsfName name;
    void (*work)(Csf *f, const GlbInput *in);
} GlbRequest;

static void cfg_progress_timer(Csf *f, const GlbInput *in)
{
    int64_t ns = in->progress_timer ? csf_cycles_ns(f, in->progress_timer) : 0;

    f->hw.cs->progress_timeout(f->hw.opaque, ns == FW_TIME_NEVER ? 0 : ns);
}

static void cfg_alloc_en(Csf *f, const GlbInput *in)
{
    f->s.core_mask = in->core_mask;
    if (f->s.powered) {
        f->hw.cs->cores(f->hw.opaque, f->s.core_mask);
    }
}

static void cfg_poweroff_timer(Csf *f, const GlbInput *in)
{
    f->s.poweroff_timer = in->poweroff_timer;
}

static void idle_en(Csf *f, const GlbInput *in)
{
    f->s.idle_timer = in->idle_timer;
    csf_idle_arm(f);
}

/*
 * Requests that are acknowledged.  There are no counters and no protected
 * mode behind PERFCNT_*, FWCFG_UPDATE and PROTM_ENTER: they are answered, so
 * that nobody waits, and nothing else happens.  A host that asks to enter
 * protected mode learns from the missing GLB_PROTM_EXIT and from groups that
 * run on that it did not.
 */
static const GlbRequest glb_requests[] = {
    { { CSF_F_GLB_REQUEST_CFG_PROGRESS_TIMER, "glb-cfg-progress-timer" },
      cfg_progress_timer },
    { { CSF_F_GLB_REQUEST_CFG_ALLOC_EN, "glb-cfg-alloc-en" }, cfg_alloc_en },
    { { CSF_F_GLB_REQUEST_CFG_POWEROFF_TIMER, "glb-cfg-poweroff-timer" },
      cfg_poweroff_timer },
    { { CSF_F_GLB_REQUEST_IDLE_EN, "glb-idle-en" }, idle_en },
    { { CSF_F_GLB_REQUEST_COUNTER_EN, "glb-counter-en" }, NULL },
    { { CSF_F_GLB_REQUEST_PROTM_ENTER, "glb-protm-enter" }, NULL },
    { { CSF_F_GLB_REQUEST_PERFCNT_EN, "glb-perfcnt-en" }, NULL },
    { { CSF_F_GLB_REQUEST_PERFCNT_SAMPLE, "glb-perfcnt-sample" }, NULL },
    { { CSF_F_GLB_REQUEST_FWCFG_UPDATE, "glb-fwcfg-update" }, NULL },
    { { CSF_F_GLB_REQUEST_PING, "glb-ping" }, NULL },
};

static const CsfName glb_halt = { CSF_F_GLB_REQUEST_HALT, "glb-halt" };
static const CsfName glb_state = { CSF_F_GLB_REQUEST_STATE, "glb-state" };

static bool load_input(Csf *f, GlbInput *in)
{
    uint8_t buf[FW_STRUCT_MAX];

    if (!csf_load(f, CSF_S_GLB_INPUT, f->s.input_va, buf)) {
        return false;
    }
    in->req = fw_get(CSF_FIELD(f, GLB_INPUT_REQ), buf);
    in->ack_irq_mask = fw_get(CSF_FIELD(f, GLB_INPUT_ACK_IRQ_MASK), buf);
    in->doorbell_req = fw_get(CSF_FIELD(f, GLB_INPUT_DOORBELL_REQ), buf);
    in->progress_timer = fw_get(CSF_FIELD(f, GLB_INPUT_PROGRESS_TIMER), buf);
    in->poweroff_timer = fw_get(CSF_FIELD(f, GLB_INPUT_POWEROFF_TIMER), buf);
    in->idle_timer = fw_get(CSF_FIELD(f, GLB_INPUT_IDLE_TIMER), buf);
    in->core_mask = fw_get(CSF_FIELD(f, GLB_INPUT_CORE_EN_MASK), buf);
    return true;
}

static void do_requests(Csf *f, const GlbInput *in)
{
    CsfWord *w = &f->s.glb;

    for (unsigned i = 0; i < sizeof(glb_requests) / sizeof(*glb_requests);
         i++) {
        const GlbRequest *r = &glb_requests[i];

        if (csf_requested(f, w, &r->name, global, in->req, w->ack, 0)) {
            if (r->work) {
                r->work(f, in);
            }
            csf_acknowledge(f, w, &r->name, global, in->req);
        }
    }
}

/*
 * About to stop: false if the tap holds it back.  What it replaces is the
 * status of the halt; a fault is a firmware that dies of it.
 */
static bool may_halt(Csf *f, const CsfName *n, uint32_t *status)
{
    FwVerdict v = csf_tap(f, FW_TAP_HALT, glb_halt.name, global, 0, 0);

    if (v.action == FW_DROP) {
        f->s.glb.muted |= csf_mask(f, n->field);
    }
    if (v.action == FW_FAULT) {
        csf_crash(f);
        return false;
    }
    *status = v.action == FW_REPLACE ? v.value : 0;
    return v.action != FW_DELAY && v.action != FW_DROP &&
           v.action != FW_HANG;
}

/*
 * GLB_HALT is answered by the MCU's state alone: its acknowledge bit stays as
 * it is (panthor_fw.c: panthor_fw_glb_wait_acks()).
 */
static bool wants_halt(Csf *f, const GlbInput *in, uint32_t *status)
{
    CsfWord *w = &f->s.glb;
    uint32_t mask = CSF_MASK(f, GLB_REQUEST_HALT);

    if (!fw_has_cap(&f->layout, CSF_CAP_GLB_HALT)) {
        return false;
    }
    if (!(in->req & mask)) {
        w->seen &= ~mask;
        w->muted &= ~mask;
        return false;
    }
    return csf_requested(f, w, &glb_halt, global, in->req, 0, 0) &&
           may_halt(f, &glb_halt, status);
}

/* GLB_STATE of later interfaces: an acknowledged halt, and the way back. */
static bool wants_state_halt(Csf *f, const GlbInput *in, uint32_t *status)
{
    CsfWord *w = &f->s.glb;
    uint32_t state = csf_bits(f, CSF_F_GLB_REQUEST_STATE, in->req);

    if (!fw_has_cap(&f->layout, CSF_CAP_GLB_STATE) ||
        (state != CSF_VALUE(f, GLB_STATE_ACTIVE) &&
         state != CSF_VALUE(f, GLB_STATE_HALT)) ||
        !csf_requested(f, w, &glb_state, global, in->req, w->ack, 0)) {
        return false;
    }
    if (state == CSF_VALUE(f, GLB_STATE_HALT) &&
        !may_halt(f, &glb_state, status)) {
        return false;
    }
    csf_acknowledge(f, w, &glb_state, global, in->req);
    return state == CSF_VALUE(f, GLB_STATE_HALT) &&
           csf_bits(f, CSF_F_GLB_REQUEST_STATE, w->ack) == state;
}

static void report(Csf *f, uint32_t ack_before, uint32_t ack_irq_mask)
{
    uint32_t changed = f->s.glb.ack ^ ack_before;

    if (!changed) {
        return;
    }
    csf_poke(f, f->s.output_va, CSF_F_GLB_OUTPUT_ACK, f->s.glb.ack);
    if (changed & ack_irq_mask) {
        csf_irq(f, CSF_IRQ_GLOBAL);
    }
}

void csf_global_signal(Csf *f)
{
    uint32_t before = f->s.glb.ack;
    uint32_t req, mask;

    if (!f->s.glb.events || !csf_alive(f)) {
        return;
    }
    req = csf_peek(f, f->s.input_va, CSF_F_GLB_INPUT_REQ);
    mask = csf_peek(f, f->s.input_va, CSF_F_GLB_INPUT_ACK_IRQ_MASK);
    csf_signal(f, &f->s.glb, glb_events, 1, global, req);
    report(f, before, mask);
}

/*
 * The doorbell acknowledgement goes out before the groups are looked at: a
 * host that asks for more after our look then sees it and toggles again.
 */
static uint32_t take_doorbells(Csf *f, const GlbInput *in)
{
    uint32_t rung = in->doorbell_req ^ f->s.doorbell_ack;

    if (rung) {
        f->s.doorbell_ack = in->doorbell_req;
        csf_poke(f, f->s.output_va, CSF_F_GLB_OUTPUT_DOORBELL_ACK,
                 f->s.doorbell_ack);
    }
    return rung;
}

void csf_global_scan(Csf *f, bool all)
{
    uint32_t before = f->s.glb.ack;
    uint32_t status = 0;
    bool stop;
    uint32_t rung;
    GlbInput in;

    if (!load_input(f, &in)) {
        return;
    }
    rung = take_doorbells(f, &in);
    do_requests(f, &in);
    for (unsigned g = 0; g < f->s.group_num && csf_alive(f); g++) {
        if (all || rung >> g & 1 || csf_group_wants(f, g)) {
            csf_group_scan(f, g, all);
        }
    }
    csf_tell(f);
    csf_signal(f, &f->s.glb, glb_events, 1, global, in.req);
    stop = wants_halt(f, &in, &status);
    stop = wants_state_halt(f, &in, &status) || stop;
    report(f, before, in.ack_irq_mask);
    if (stop && csf_alive(f)) {
        csf_timers_off(f);
        /* 7.3 panthor_pwr.c: panthor_pwr_l2_power_off() expects it of us. */
        csf_cores_off(f);
        f->s.running = FW_STATE_HALTED;
        csf_poke(f, f->s.output_va, CSF_F_GLB_OUTPUT_HALT_STATUS, status);
        f->hw.fw.ops->state(f->hw.fw.opaque, FW_STATE_HALTED);
    }
}
