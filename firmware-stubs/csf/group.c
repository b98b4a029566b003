/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Group slots: panthor_sched.c: csg_slot_prog_locked(),
 * csgs_upd_ctx_apply_locked(), sched_process_csg_irq_locked().
 */
#include "internal.h"

static const CsfName csg_state = { CSF_F_CSG_REQUEST_STATE, "csg-state" };
static const CsfName csg_endpoint = {
    CSF_F_CSG_REQUEST_ENDPOINT_CONFIG, "csg-endpoint-config",
};
static const CsfName csg_status = {
    CSF_F_CSG_REQUEST_STATUS_UPDATE, "csg-status-update",
};

static const CsfName csg_events[] = {
    { CSF_F_CSG_REQUEST_SYNC_UPDATE, "csg-sync-update" },
    { CSF_F_CSG_REQUEST_IDLE, "csg-idle" },
    { CSF_F_CSG_REQUEST_PROGRESS_TIMER, "csg-progress-timer" },
};

static CsfPlace place_of(unsigned group)
{
    return (CsfPlace){ group, FW_TAP_ANY };
}

static uint32_t state_word(const Csf *f, unsigned group)
{
    return csf_with(f, CSF_F_CSG_REQUEST_STATE, f->s.group[group].word.ack,
                    f->s.group[group].state);
}

bool csf_group_wants(Csf *f, unsigned group)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t mask = CSF_MASK(f, CSG_REQUEST_STATE) |
                    CSF_MASK(f, CSG_REQUEST_ENDPOINT_CONFIG) |
                    CSF_MASK(f, CSG_REQUEST_STATUS_UPDATE);
    uint32_t req = csf_peek(f, g->input_va, CSF_F_CSG_INPUT_REQ);

    return g->word.events || ((req ^ g->word.ack) & mask & ~g->word.muted) ||
           ((req ^ g->word.seen) & g->word.muted);
}

/*
 * A new occupant inherits no event of the old one.  SYNC_UPDATE alone may
 * stay: it only makes the host look.
 */
static void clear_events(Csf *f, CsfGroup *g, uint32_t req)
{
    uint32_t mask = CSF_MASK(f, CSG_REQUEST_IDLE) |
                    CSF_MASK(f, CSG_REQUEST_PROGRESS_TIMER);

    g->word.events &= CSF_MASK(f, CSG_REQUEST_SYNC_UPDATE);
    g->word.ack = (g->word.ack & ~mask) | (req & mask);
}

/*
 * Interfaces from 4.0 on take endpoints from a 64-bit word of their own (7.3
 * panthor_fw.c: panthor_fw_csg_endpoint_req_set()).
 */
static void take_endpoints(Csf *f, CsfGroup *g, const uint8_t *in)
{
    g->endpoint_req = fw_has_cap(&f->layout, CSF_CAP_ENDPOINT_REQ2) ?
                      fw_get(CSF_FIELD(f, CSG_INPUT_ENDPOINT_REQ2), in) :
                      fw_get(CSF_FIELD(f, CSG_INPUT_ENDPOINT_REQ), in);
}

uint8_t csf_group_lacks(const Csf *f, unsigned group)
{
    uint64_t req = f->s.group[group].endpoint_req;
    uint8_t word[8];
    uint8_t lacks = 0;

    for (unsigned i = 0; i < sizeof(word); i++) {
        word[i] = req >> 8 * i;
    }
    if (!fw_get(CSF_FIELD(f, EP_REQUEST_COMPUTE), word)) {
        lacks |= CSF_ENDPOINT_COMPUTE;
    }
    if (!fw_get(CSF_FIELD(f, EP_REQUEST_FRAGMENT), word)) {
        lacks |= CSF_ENDPOINT_FRAGMENT;
    }
    if (!fw_get(CSF_FIELD(f, EP_REQUEST_TILER), word)) {
        lacks |= CSF_ENDPOINT_TILER;
    }
    return lacks;
}

static void start(Csf *f, unsigned group, const uint8_t *in, bool resume)
{
    CsfGroup *g = &f->s.group[group];
    uint64_t as = fw_get(CSF_FIELD(f, CSG_INPUT_CONFIG), in);

    clear_events(f, g, fw_get(CSF_FIELD(f, CSG_INPUT_REQ), in));
    take_endpoints(f, g, in);
    /* An address space that does not exist fails when it is used. */
    g->as = as < UINT8_MAX ? as : UINT8_MAX;
    g->active = 1;
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        CsfWord *w = &g->stream[s].word;

        /* Its start is asked for anew, whatever the slot last heard. */
        w->seen = csf_with(f, CSF_F_CS_REQUEST_STATE, w->seen,
                           CSF_VALUE(f, CS_STOP));
    }
    if (resume) {
        csf_group_restore(f, group, in);
    }
}

/* The slot is free again; what the host still has to read stays in memory. */
static void leave(Csf *f, CsfGroup *g)
{
    /* A sync object that it wrote concerns groups that wait for it. */
    g->word.events &= CSF_MASK(f, CSG_REQUEST_SYNC_UPDATE);
    g->active = 0;
    g->idle = 0;
    g->started = 0;
    g->quiet = 0;
    g->oom = 0;
    g->fault = 0;
    g->kick = 0;
    g->endpoint_req = 0;
}

static void suspend(Csf *f, unsigned group, const uint8_t *in)
{
    CsfGroup *g = &f->s.group[group];

    csf_group_status(f, group);
    csf_group_save(f, group, in);
    leave(f, g);
}

static void terminate(Csf *f, unsigned group)
{
    CsfGroup *g = &f->s.group[group];

    for (unsigned s = 0; s < f->s.stream_num; s++) {
        if (g->started >> s & 1) {
            csf_stream_halt(f, group, s);
        }
    }
    leave(f, g);
}

/* Carry out a CSG STATE request; false if it is none. */
static bool change_state(Csf *f, unsigned group, const uint8_t *in,
                         uint32_t state)
{
    CsfGroup *g = &f->s.group[group];

    if (state == CSF_VALUE(f, CSG_TERMINATE)) {
        if (g->active) {
            terminate(f, group);
        }
    } else if (state == CSF_VALUE(f, CSG_SUSPEND)) {
        if (g->active) {
            suspend(f, group, in);
        }
    } else if (state == CSF_VALUE(f, CSG_START) ||
               state == CSF_VALUE(f, CSG_RESUME)) {
        if (!g->active) {
            start(f, group, in, state == CSF_VALUE(f, CSG_RESUME));
        }
    } else {
        return false;
    }
    g->state = state;
    return true;
}

void csf_group_status(Csf *f, unsigned group)
{
    CsfGroup *g = &f->s.group[group];
    uint8_t buf[FW_STRUCT_MAX];
    uint32_t waiting = 0;

    if (!csf_load(f, CSF_S_CSG_OUTPUT, g->output_va, buf)) {
        return;
    }
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        if (g->started >> s & 1) {
            CsfStreamStatus st = { 0 };

            f->hw.cs->status(f->hw.opaque, group, s, &st);
            csf_stream_status(f, group, s, &st);
            waiting |= (uint32_t)(st.blocked == CSF_BLOCKED_RESOURCE) << s;
        }
    }
    fw_put(CSF_FIELD(f, CSG_OUTPUT_STATUS_EP_REQ), buf, g->endpoint_req);
    fw_put(CSF_FIELD(f, CSG_OUTPUT_STATUS_EP_CURRENT), buf,
           g->started & ~g->quiet ? g->endpoint_req : 0);
    fw_put(CSF_FIELD(f, CSG_OUTPUT_STATUS_IDLE), buf,
           !(g->started & ~g->quiet));
    fw_put(CSF_FIELD(f, CSG_OUTPUT_RESOURCE_DEP), buf, waiting);
    csf_store(f, CSF_S_CSG_OUTPUT, g->output_va, buf, place_of(group));
}

/* Returns true if the group started just now. */
static bool do_state(Csf *f, unsigned group, const uint8_t *in, uint32_t req)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t state = csf_bits(f, CSF_F_CSG_REQUEST_STATE, req);
    bool was_active = g->active;

    if (csf_requested(f, &g->word, &csg_state, place_of(group), req,
                      state_word(f, group),
                      fw_get(CSF_FIELD(f, CSG_INPUT_SUSPEND_BUF), in)) &&
        (state == g->state || change_state(f, group, in, state))) {
        csf_acknowledge(f, &g->word, &csg_state, place_of(group), req);
    }
    return g->active && !was_active;
}

/* Returns the streams for which CS_IRQ_REQ is to be toggled. */
static uint32_t scan_streams(Csf *f, unsigned group, const uint8_t *in,
                             bool started, bool all)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t db = fw_get(CSF_FIELD(f, CSG_INPUT_DOORBELL_REQ), in);
    uint32_t rung = db ^ g->doorbell_ack;
    uint32_t irqs = 0;

    if (rung) {
        g->doorbell_ack = db;
        csf_poke(f, g->output_va, CSF_F_CSG_OUTPUT_DOORBELL_ACK, db);
    }
    for (unsigned s = 0; s < f->s.stream_num && !f->s.hung; s++) {
        bool ring = rung >> s & 1 || (all && g->kick >> s & 1);

        if ((ring || started || g->started >> s & 1) &&
            csf_stream_scan(f, group, s, ring, started)) {
            irqs |= 1u << s;
        }
    }
    return irqs;
}

/*
 * Write acknowledgements and raise the interrupt.
 *
 * The streams' own words were written before CS_IRQ_ACK is read here: a host
 * that has just taken an older interrupt either sees the new words or has its
 * acknowledgement seen by us (panthor_sched.c: sched_process_csg_irq_locked()).
 */
static void finish(Csf *f, unsigned group, uint32_t ack_before, uint32_t req,
                   uint32_t ack_irq_mask, uint32_t irqs)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t changed;

    csf_signal(f, &g->word, csg_events, 3, place_of(group), req);
    changed = g->word.ack ^ ack_before;
    if (changed) {
        csf_poke(f, g->output_va, CSF_F_CSG_OUTPUT_ACK, g->word.ack);
    }
    if (irqs) {
        uint32_t taken = csf_peek(f, g->input_va,
                                  CSF_F_CSG_INPUT_CS_IRQ_ACK);

        g->cs_irq_req ^= irqs & ~(g->cs_irq_req ^ taken);
        csf_poke(f, g->output_va, CSF_F_CSG_OUTPUT_CS_IRQ_REQ,
                 g->cs_irq_req);
    }
    if (irqs || changed & ack_irq_mask) {
        csf_irq(f, 1u << group);
    }
}

void csf_group_scan(Csf *f, unsigned group, bool all)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t before = g->word.ack;
    uint32_t req, mask, irqs;
    bool started;
    uint8_t in[FW_STRUCT_MAX];

    if (!csf_load(f, CSF_S_CSG_INPUT, g->input_va, in)) {
        return;
    }
    req = fw_get(CSF_FIELD(f, CSG_INPUT_REQ), in);
    mask = fw_get(CSF_FIELD(f, CSG_INPUT_ACK_IRQ_MASK), in);
    started = do_state(f, group, in, req);
    if (csf_requested(f, &g->word, &csg_endpoint, place_of(group), req,
                      g->word.ack, 0)) {
        take_endpoints(f, g, in);
        f->hw.cs->endpoints(f->hw.opaque, group, csf_group_lacks(f, group));
        csf_acknowledge(f, &g->word, &csg_endpoint, place_of(group), req);
    }
    irqs = scan_streams(f, group, in, started, all);
    if (csf_requested(f, &g->word, &csg_status, place_of(group), req,
                      g->word.ack, 0)) {
        csf_group_status(f, group);
        csf_acknowledge(f, &g->word, &csg_status, place_of(group), req);
    }
    csf_group_evaluate(f, group);
    finish(f, group, before, req, mask, irqs);
}

void csf_group_report(Csf *f, unsigned group)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t before = g->word.ack;
    uint32_t irqs = 0;

    if (!csf_alive(f)) {
        return;
    }
    for (unsigned s = 0; s < f->s.stream_num && !f->s.hung; s++) {
        if (g->stream[s].word.events && csf_stream_report(f, group, s)) {
            irqs |= 1u << s;
        }
    }
    if (irqs || g->word.events) {
        finish(f, group, before,
               csf_peek(f, g->input_va, CSF_F_CSG_INPUT_REQ),
               csf_peek(f, g->input_va, CSF_F_CSG_INPUT_ACK_IRQ_MASK), irqs);
    }
}
