/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stream slots: panthor_sched.c: cs_slot_prog_locked(),
 * cs_slot_process_irq_locked(), group_process_tiler_oom().
 */
#include "internal.h"

static const CsfName cs_state = { CSF_F_CS_REQUEST_STATE, "cs-state" };

static const CsfName cs_events[] = {
    { CSF_F_CS_REQUEST_TILER_OOM, "cs-tiler-oom" },
    { CSF_F_CS_REQUEST_PROTM_PENDING, "cs-protm-pending" },
    { CSF_F_CS_REQUEST_FATAL, "cs-fatal" },
    { CSF_F_CS_REQUEST_FAULT, "cs-fault" },
};
#define NR_EVENTS (sizeof(cs_events) / sizeof(*cs_events))

/* Settings, not requests: in force as soon as they are seen. */
static const unsigned cs_levels[] = {
    CSF_F_CS_REQUEST_EXTRACT_EVENT, CSF_F_CS_REQUEST_IDLE_SYNC_WAIT,
    CSF_F_CS_REQUEST_IDLE_PROTM_PENDING, CSF_F_CS_REQUEST_IDLE_EMPTY,
    CSF_F_CS_REQUEST_IDLE_RESOURCE_REQ,
};
#define NR_LEVELS (sizeof(cs_levels) / sizeof(*cs_levels))

static CsfPlace place_of(unsigned group, unsigned stream)
{
    return (CsfPlace){ group, stream };
}

static uint32_t event_mask(const Csf *f)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < NR_EVENTS; i++) {
        mask |= csf_mask(f, cs_events[i].field);
    }
    return mask;
}

/* Exceptions that end a stream, whoever asks for them (docs/csf-stub.md). */
bool csf_fault_is_fatal(uint64_t value)
{
    if (value >> 32 & 1) {
        return true;
    }
    switch (value & 0xff) {
    case 0x40: /* CS_CONFIG_FAULT */
    case 0x41: /* CS_UNRECOVERABLE */
    case 0x44: /* CS_ENDPOINT_FAULT */
    case 0x49: /* CS_INSTR_INVALID */
    case 0x4a: /* CS_CALL_STACK_OVERFLOW */
    case 0x60: /* OOM */
    case CSF_EXC_FW_INTERNAL_ERROR:
        return true;
    default:
        return false;
    }
}

void csf_stream_fail(Csf *f, unsigned group, unsigned stream)
{
    f->hw.cs->fault(f->hw.opaque, group, stream, true,
                    CSF_EXC_FW_INTERNAL_ERROR, 0, 0);
}

void csf_stream_refresh(Csf *f, unsigned group, unsigned stream,
                        const CsfStreamStatus *st)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t level = g->stream[stream].word.ack;
    uint32_t bit = 1u << stream;
    bool quiet;

    switch (st->blocked) {
    case CSF_BLOCKED_NONE:
        quiet = st->empty && level & CSF_MASK(f, CS_REQUEST_IDLE_EMPTY);
        break;
    case CSF_BLOCKED_SYNC:
        quiet = !st->scoreboards &&
                level & CSF_MASK(f, CS_REQUEST_IDLE_SYNC_WAIT);
        break;
    case CSF_BLOCKED_RESOURCE:
        quiet = !st->scoreboards &&
                level & CSF_MASK(f, CS_REQUEST_IDLE_RESOURCE_REQ);
        break;
    default:
        quiet = false;
        break;
    }
    g->quiet = quiet ? g->quiet | bit : g->quiet & ~bit;
}

void csf_stream_show(Csf *f, unsigned group, unsigned stream,
                     const CsfStreamStatus *st)
{
    CsfStream *cs = &f->s.group[group].stream[stream];

    csf_poke(f, cs->ring_output, CSF_F_RING_OUTPUT_EXTRACT, st->extract);
    if (cs->shown != !st->empty) {
        cs->shown = !st->empty;
        csf_poke(f, cs->ring_output, CSF_F_RING_OUTPUT_ACTIVE, cs->shown);
    }
}

static unsigned blocked_value(const Csf *f, CsfBlocked blocked)
{
    switch (blocked) {
    case CSF_BLOCKED_SB:
        return CSF_VALUE(f, BLOCKED_SB);
    case CSF_BLOCKED_PROGRESS:
        return CSF_VALUE(f, BLOCKED_PROGRESS);
    case CSF_BLOCKED_SYNC:
        return CSF_VALUE(f, BLOCKED_SYNC);
    case CSF_BLOCKED_DEFERRED:
        return CSF_VALUE(f, BLOCKED_DEFERRED);
    case CSF_BLOCKED_RESOURCE:
        return CSF_VALUE(f, BLOCKED_RESOURCE);
    case CSF_BLOCKED_FLUSH:
        return CSF_VALUE(f, BLOCKED_FLUSH);
    default:
        return CSF_VALUE(f, BLOCKED_NONE);
    }
}

/* panthor_sched.c: cs_slot_sync_queue_state_locked() reads this. */
void csf_stream_status(Csf *f, unsigned group, unsigned stream,
                       const CsfStreamStatus *st)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    bool sync = st->blocked == CSF_BLOCKED_SYNC;
    bool sb = st->blocked == CSF_BLOCKED_SB;
    uint8_t buf[FW_STRUCT_MAX];

    csf_stream_refresh(f, group, stream, st);
    csf_stream_show(f, group, stream, st);
    if (!csf_load(f, CSF_S_CS_OUTPUT, cs->output_va, buf)) {
        return;
    }
    fw_put(CSF_FIELD(f, CS_OUTPUT_CMD_PTR), buf, st->cmd_ptr);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SB_MASK), buf, sb ? st->wait_sb : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SB_SRC), buf,
           sb ? CSF_VALUE(f, WAIT_SB_SRC_WAIT) : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC_COND), buf,
           sync ? st->sync_cond : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_PROGRESS), buf,
           st->blocked == CSF_BLOCKED_PROGRESS);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_PROTM), buf, 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC_64), buf, sync && st->sync_64);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC), buf, sync);
    fw_put(CSF_FIELD(f, CS_OUTPUT_REQ_RESOURCE), buf, st->resources);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC_PTR), buf, sync ? st->sync_va : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC_VALUE), buf,
           sync ? (uint32_t)st->sync_value : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_WAIT_SYNC_VALUE_HI), buf,
           sync ? st->sync_value >> 32 : 0);
    fw_put(CSF_FIELD(f, CS_OUTPUT_SCOREBOARDS), buf, st->scoreboards);
    fw_put(CSF_FIELD(f, CS_OUTPUT_BLOCKED_REASON), buf,
           blocked_value(f, st->blocked));
    csf_store(f, CSF_S_CS_OUTPUT, cs->output_va, buf,
              place_of(group, stream));
}

static void look(Csf *f, unsigned group, unsigned stream)
{
    CsfStreamStatus st = { 0 };

    f->hw.cs->status(f->hw.opaque, group, stream, &st);
    csf_stream_refresh(f, group, stream, &st);
    csf_stream_show(f, group, stream, &st);
}

static void fault_by_order(Csf *f, unsigned group, unsigned stream,
                           const FwVerdict *v)
{
    f->hw.cs->fault(f->hw.opaque, group, stream, csf_fault_is_fatal(v->value),
                    v->value & 0xff, v->value >> 8 & 0xffffff, v->data);
}

/* Hand a ring's insert to the hardware. */
static void kick(Csf *f, unsigned group, unsigned stream, uint64_t insert)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    uint32_t bit = 1u << stream;
    CsfStreamStatus st = { 0 };
    FwVerdict v;

    if (insert == cs->insert) {
        f->hw.cs->kick(f->hw.opaque, group, stream, insert);
        return;
    }
    f->hw.cs->status(f->hw.opaque, group, stream, &st);
    v = csf_tap(f, FW_TAP_KICK, "cs-kick", place_of(group, stream), insert,
                st.extract);
    if (v.action == FW_DELAY) {
        g->kick |= bit;
        return;
    }
    if (v.action == FW_DROP || v.action == FW_HANG) {
        return;
    }
    g->quiet &= ~bit;
    cs->insert = insert;
    f->hw.cs->pretend(f->hw.opaque, group, stream, v.action == FW_PRETEND);
    f->hw.cs->kick(f->hw.opaque, group, stream, insert);
    if (v.action == FW_FAULT) {
        fault_by_order(f, group, stream, &v);
    }
    if (cs->shown != 1) {
        cs->shown = 1;
        csf_poke(f, cs->ring_output, CSF_F_RING_OUTPUT_ACTIVE, 1);
    }
}

void csf_stream_ring(Csf *f, unsigned group, unsigned stream)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    uint8_t buf[FW_STRUCT_MAX];

    g->kick &= ~(1u << stream);
    if (g->started >> stream & 1 &&
        csf_load(f, CSF_S_RING_INPUT, cs->ring_input, buf)) {
        kick(f, group, stream, fw_get(CSF_FIELD(f, RING_INPUT_INSERT), buf));
    }
}

static void take_setup(Csf *f, CsfStream *cs, const uint8_t *in,
                       CsfStreamSetup *setup)
{
    setup->ring_base = fw_get(CSF_FIELD(f, CS_INPUT_RINGBUF_BASE), in);
    setup->ring_size = fw_get(CSF_FIELD(f, CS_INPUT_RINGBUF_SIZE), in);
    cs->ring_input = fw_get(CSF_FIELD(f, CS_INPUT_RINGBUF_INPUT), in);
    cs->ring_output = fw_get(CSF_FIELD(f, CS_INPUT_RINGBUF_OUTPUT), in);
    cs->doorbell = fw_get(CSF_FIELD(f, CS_INPUT_DOORBELL), in);
}

/*
 * Start or (@save) continue a stream.  It gets no insert at first, so that
 * all new work passes the tap.
 */
static void start(Csf *f, unsigned group, unsigned stream, const uint8_t *in,
                  const uint8_t *save)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    CsfStreamSetup setup = {
        .as = g->as, .lacks = csf_group_lacks(f, group),
    };
    uint8_t ring[FW_STRUCT_MAX];
    uint64_t insert;
    bool ok;

    take_setup(f, cs, in, &setup);
    ok = csf_load(f, CSF_S_RING_INPUT, cs->ring_input, ring);
    setup.extract = fw_get(CSF_FIELD(f, RING_INPUT_EXTRACT_INIT), ring);
    setup.insert = setup.extract;
    insert = fw_get(CSF_FIELD(f, RING_INPUT_INSERT), ring);
    g->started |= 1u << stream;
    g->quiet &= ~(1u << stream);
    cs->insert = setup.insert;
    cs->shown = UINT8_MAX;
    if (!ok) {
        f->hw.cs->start(f->hw.opaque, group, stream, &setup);
        csf_stream_fail(f, group, stream);
        return;
    }
    if (!save) {
        ok = f->hw.cs->start(f->hw.opaque, group, stream, &setup);
    } else if (!f->hw.cs->restore(f->hw.opaque, group, stream, save,
                                  &setup)) {
        f->hw.cs->start(f->hw.opaque, group, stream, &setup);
        csf_stream_fail(f, group, stream);
        ok = false;
    }
    if (ok && insert != setup.insert) {
        kick(f, group, stream, insert);
    }
    look(f, group, stream);
}

/* A slot gets a new occupant: nothing of the former one is left in it. */
static void occupy(Csf *f, unsigned group, unsigned stream, const uint8_t *in,
                   const uint8_t *save)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    uint32_t req = fw_get(CSF_FIELD(f, CS_INPUT_REQ), in);
    uint32_t mask = event_mask(f);

    cs->word.events = 0;
    cs->word.ack = (cs->word.ack & ~mask) | (req & mask);
    csf_copy(f, &cs->word, cs_levels, NR_LEVELS, req);
    start(f, group, stream, in, save);
}

void csf_stream_resume(Csf *f, unsigned group, unsigned stream,
                       const uint8_t *in, const uint8_t *save)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    uint32_t req = fw_get(CSF_FIELD(f, CS_INPUT_REQ), in);
    uint32_t state = CSF_MASK(f, CS_REQUEST_STATE);

    cs->word.seen = (cs->word.seen & ~state) | (req & state);
    cs->word.muted &= ~state;
    occupy(f, group, stream, in, save);
    csf_acknowledge(f, &cs->word, &cs_state, place_of(group, stream), req);
    csf_poke(f, cs->output_va, CSF_F_CS_OUTPUT_ACK, cs->word.ack);
}

static void do_state(Csf *f, unsigned group, unsigned stream,
                     const uint8_t *in, uint32_t req)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    uint32_t state = csf_bits(f, CSF_F_CS_REQUEST_STATE, req);
    bool runs = g->started >> stream & 1;
    uint32_t done = csf_with(f, CSF_F_CS_REQUEST_STATE, req,
                             runs ? CSF_VALUE(f, CS_START) :
                                    CSF_VALUE(f, CS_STOP));

    /* A stream starts with its group, not before. */
    if ((state != CSF_VALUE(f, CS_STOP) &&
         (state != CSF_VALUE(f, CS_START) || !g->active)) ||
        !csf_requested(f, &cs->word, &cs_state, place_of(group, stream), req,
                       done, 0)) {
        return;
    }
    if (runs && state == CSF_VALUE(f, CS_STOP)) {
        csf_stream_halt(f, group, stream);
        csf_stream_vacate(f, group, stream);
    } else if (!runs && state == CSF_VALUE(f, CS_START)) {
        occupy(f, group, stream, in, NULL);
    }
    csf_acknowledge(f, &cs->word, &cs_state, place_of(group, stream), req);
}

void csf_stream_halt(Csf *f, unsigned group, unsigned stream)
{
    CsfStreamStatus st = { 0 };

    f->hw.cs->status(f->hw.opaque, group, stream, &st);
    f->hw.cs->stop(f->hw.opaque, group, stream);
    csf_take_events(f);
    st.empty = true;
    csf_stream_show(f, group, stream, &st);
}

void csf_stream_vacate(Csf *f, unsigned group, unsigned stream)
{
    CsfGroup *g = &f->s.group[group];
    uint32_t bit = 1u << stream;

    g->started &= ~bit;
    g->quiet &= ~bit;
    g->oom &= ~bit;
    g->fault &= ~bit;
    g->kick &= ~bit;
}

/* Has the host answered an event that was signalled to it? */
static bool answered(Csf *f, const CsfStream *cs, unsigned field,
                     uint32_t req)
{
    return !((req ^ cs->word.ack) & csf_mask(f, field));
}

/* True: act on the answer, *@wait cleared; false: later, or never. */
static bool take_answer(Csf *f, unsigned group, unsigned stream,
                        const char *name, uint64_t value, uint32_t *wait)
{
    FwVerdict v = csf_tap(f, FW_TAP_REQUEST, name, place_of(group, stream),
                          value, 0);

    if (v.action == FW_DELAY || v.action == FW_HANG) {
        return false;
    }
    *wait &= ~(1u << stream);
    return v.action != FW_DROP;
}

static void take_answers(Csf *f, unsigned group, unsigned stream,
                         const uint8_t *in, uint32_t req)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];

    if (g->oom >> stream & 1 &&
        answered(f, cs, CSF_F_CS_REQUEST_TILER_OOM, req)) {
        uint64_t chunk = fw_get(CSF_FIELD(f, CS_INPUT_HEAP_START), in);

        if (take_answer(f, group, stream, "cs-tiler-oom", chunk, &g->oom)) {
            f->hw.cs->heap_reply(f->hw.opaque, group, stream, chunk);
        }
    }
    if (g->fault >> stream & 1 &&
        answered(f, cs, CSF_F_CS_REQUEST_FAULT, req) &&
        take_answer(f, group, stream, "cs-fault", 0, &g->fault)) {
        f->hw.cs->fault_ack(f->hw.opaque, group, stream);
    }
}

/* Signal pending events and write the word; returns the bits that changed. */
static uint32_t finish(Csf *f, unsigned group, unsigned stream,
                       uint32_t before, uint32_t req)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    uint32_t sent = csf_signal(f, &cs->word, cs_events, NR_EVENTS,
                               place_of(group, stream), req);

    if (sent & CSF_MASK(f, CS_REQUEST_TILER_OOM)) {
        g->oom |= 1u << stream;
    }
    if (sent & CSF_MASK(f, CS_REQUEST_FAULT)) {
        g->fault |= 1u << stream;
    }
    if (cs->word.ack != before) {
        csf_poke(f, cs->output_va, CSF_F_CS_OUTPUT_ACK, cs->word.ack);
    }
    return cs->word.ack ^ before;
}

bool csf_stream_scan(Csf *f, unsigned group, unsigned stream, bool ring,
                     bool with_group)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    bool ran = f->s.group[group].started >> stream & 1;
    uint32_t before = cs->word.ack;
    uint8_t in[FW_STRUCT_MAX];
    uint32_t req, tell;

    if (!csf_load(f, CSF_S_CS_INPUT, cs->input_va, in)) {
        return false;
    }
    req = fw_get(CSF_FIELD(f, CS_INPUT_REQ), in);
    tell = fw_get(CSF_FIELD(f, CS_INPUT_ACK_IRQ_MASK), in) &
           (event_mask(f) | (with_group ? 0 : CSF_MASK(f, CS_REQUEST_STATE)));
    do_state(f, group, stream, in, req);
    csf_copy(f, &cs->word, cs_levels, NR_LEVELS, req);
    take_answers(f, group, stream, in, req);
    /* A stream that has just started took its insert then. */
    if (ring && ran && !with_group) {
        csf_stream_ring(f, group, stream);
    }
    return finish(f, group, stream, before, req) & tell;
}

bool csf_stream_report(Csf *f, unsigned group, unsigned stream)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    uint32_t req = csf_peek(f, cs->input_va, CSF_F_CS_INPUT_REQ);
    uint32_t mask = csf_peek(f, cs->input_va, CSF_F_CS_INPUT_ACK_IRQ_MASK);

    return finish(f, group, stream, cs->word.ack, req) & mask;
}
