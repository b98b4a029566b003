/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stream slots of the CSF stub: doorbells, faults, tiler out-of-memory. */
#include "fake.h"

#define V(k, F) ((k)->layout.value[CSF_V_##F])

static void test_user_doorbell(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    start_group(k, 1, 1);
    fake_irqs(k);
    submit(k, 0, 0, 64);
    submit(k, 1, 0, 128);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    g_assert_cmphex(k->stream[1][0].insert, ==, 0);
    csf_doorbell(&k->fw, 2);
    g_assert_cmphex(k->stream[1][0].insert, ==, 128);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    csf_doorbell(&k->fw, 3);
    csf_doorbell(&k->fw, 0xffffffff);
    fake_free(k);
}

static void test_global_doorbell_with_a_stream_bit(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    submit(k, 0, 1, 64);
    ring_groups(k, 1);
    g_assert_cmphex(k->stream[0][1].insert, ==, 0);
    PUT(k, k->csg_in[0], CSG_INPUT_DOORBELL_REQ,
        GET(k, k->csg_out[0], CSG_OUTPUT_DOORBELL_ACK) ^ 2);
    ring_groups(k, 1);
    g_assert_cmphex(k->stream[0][1].insert, ==, 64);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_DOORBELL_ACK), ==,
                    GET(k, k->csg_in[0], CSG_INPUT_DOORBELL_REQ));
    fake_free(k);
}

/* A stream that waits for a sync object looks again when it is rung. */
static void test_ring_without_news_is_a_second_look(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    g_assert_cmpuint(k->stream[0][0].kicks, ==, 1);
    csf_doorbell(&k->fw, 1);
    g_assert_cmpuint(k->stream[0][0].kicks, ==, 2);
    g_assert_cmpuint(k->taps[FW_TAP_KICK], ==, 1);
    fake_free(k);
}

static void test_unreadable_ring_ends_the_stream(void)
{
    Fake *k = fake_up();

    program(k, 0, 1, 0);
    PUT(k, k->cs_in[0][0], CS_INPUT_RINGBUF_INPUT, 0xfffffffffffffff8ull);
    csg_update(k, 0, V(k, CSG_START), BIT_OF(k, CSG_REQUEST_STATE));
    ring_groups(k, 1);
    csf_event(&k->fw);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_FATAL), !=, 0);
    fake_free(k);
}

static void test_refused_start_is_fatal(void)
{
    Fake *k = fake_up();

    k->stream[0][0].refuse = true;
    k->stream[0][0].status.fatal_type = 0x40;
    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    g_assert_cmpuint(k->stream[0][0].kicks, ==, 0);
    csf_event(&k->fw);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_FATAL), !=, 0);
    fake_free(k);
}

static void test_fault(void)
{
    Fake *k = fake_up();
    FakeStream *st = &k->stream[0][0];
    uint32_t out = k->cs_out[0][0];

    submit(k, 0, 0, 0x80);
    start_group(k, 0, 1);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_irqs(k);
    st->status.fault_type = 0x48;
    st->status.fault_data = 0x123456;
    st->status.fault_info = 0x7fff00001000;
    st->status.extract = 0x38;
    fake_event(k, 0, 0, CSF_EVENT_FAULT);
    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_FAULT_TYPE), ==, 0x48);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_FAULT_DATA), ==, 0x123456);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_FAULT_INFO), ==, 0x7fff00001000);
    /* 7.3 finds the job at fault by the extract of this moment. */
    g_assert_cmphex(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_EXTRACT), ==,
                    0x38);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ) ^
                    GET(k, k->csg_in[0], CSG_INPUT_CS_IRQ_ACK), ==, 1);
    ring(k);
    g_assert_cmpuint(st->fault_acks, ==, 0);
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_cmpuint(st->fault_acks, ==, 1);
    ring_groups(k, 1);
    g_assert_cmpuint(st->fault_acks, ==, 1);
    fake_free(k);
}

static void test_fatal(void)
{
    Fake *k = fake_up();
    FakeStream *st = &k->stream[0][0];

    start_group(k, 0, 1);
    st->status.fatal_type = 0x49;
    st->status.fatal_info = 0xab;
    fake_event(k, 0, 0, CSF_EVENT_FATAL);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==, 0x49);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_INFO), ==, 0xab);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_FATAL), !=, 0);
    fake_free(k);
}

static Fake *out_of_memory(void)
{
    Fake *k = fake_up();
    CsfStreamStatus *st = &k->stream[0][1].status;

    submit(k, 0, 1, 0x80);
    start_group(k, 0, 2);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_irqs(k);
    st->heap = 0x7f0000000100;
    st->heap_vt_start = 9;
    st->heap_vt_end = 5;
    st->heap_frag_end = 2;
    fake_event(k, 0, 1, CSF_EVENT_OOM);
    return k;
}

/* group_process_tiler_oom() */
static void reply(Fake *k, unsigned g, unsigned s, uint64_t chunk)
{
    PUT(k, k->cs_in[g][s], CS_INPUT_HEAP_START, chunk);
    PUT(k, k->cs_in[g][s], CS_INPUT_HEAP_END, chunk);
    cs_update(k, g, s, cs_ack(k, g, s), BIT_OF(k, CS_REQUEST_TILER_OOM));
    ring_groups(k, 1u << g);
}

static void test_tiler_oom(void)
{
    Fake *k = out_of_memory();
    FakeStream *st = &k->stream[0][1];
    uint32_t out = k->cs_out[0][1];

    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_HEAP_VT_START), ==, 9);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_HEAP_VT_END), ==, 5);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_HEAP_FRAG_END), ==, 2);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_HEAP_ADDRESS), ==, 0x7f0000000100);
    /* The interrupt is taken at once, the reply comes from a work item. */
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_cmpuint(st->replies, ==, 0);
    reply(k, 0, 1, 0x7f1000000020);
    g_assert_cmpuint(st->replies, ==, 1);
    g_assert_cmphex(st->chunk, ==, 0x7f1000000020);
    ring_groups(k, 1);
    g_assert_cmpuint(st->replies, ==, 1);
    fake_event(k, 0, 1, CSF_EVENT_OOM);
    take_irq(k, 0);
    reply(k, 0, 1, 0);
    g_assert_cmpuint(st->replies, ==, 2);
    g_assert_cmphex(st->chunk, ==, 0);
    fake_free(k);
}

/* "We will get a new tiler OOM event when it's scheduled again." */
static void test_tiler_oom_again_after_resume(void)
{
    Fake *k = out_of_memory();

    take_irq(k, 0);
    request_state(k, 0, V(k, CSG_SUSPEND));
    program(k, 4, 2, 0);
    k->stream[4][1].status.heap = 0x7f0000000100;
    request_state(k, 4, V(k, CSG_RESUME));
    g_assert_cmphex((cs_req(k, 4, 1) ^ cs_ack(k, 4, 1)) &
                    BIT_OF(k, CS_REQUEST_TILER_OOM), !=, 0);
    g_assert_cmphex((cs_req(k, 4, 0) ^ cs_ack(k, 4, 0)) &
                    BIT_OF(k, CS_REQUEST_TILER_OOM), ==, 0);
    g_assert_cmphex(fake_irqs(k) & 16, ==, 16);
    take_irq(k, 4);
    reply(k, 4, 1, 0x5001);
    g_assert_cmpuint(k->stream[4][1].replies, ==, 1);
    g_assert_cmpuint(k->stream[0][1].replies, ==, 0);
    fake_free(k);
}

/* A fault that the host was told of is settled by the resume. */
static void test_fault_across_suspend(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_event(k, 0, 0, CSF_EVENT_FAULT);
    request_state(k, 0, V(k, CSG_SUSPEND));
    take_irq(k, 0);
    program(k, 1, 1, 0);
    request_state(k, 1, V(k, CSG_RESUME));
    g_assert_cmpuint(k->stream[1][0].fault_acks, ==, 1);
    g_assert_cmphex((cs_req(k, 1, 0) ^ cs_ack(k, 1, 0)) &
                    BIT_OF(k, CS_REQUEST_FAULT), ==, 0);
    fake_free(k);
}

/* What the host could not be told of yet it is told then. */
static void untold_across_suspend(const char *name, uint32_t event,
                                  unsigned field)
{
    Fake *k = fake_up();
    FakeRule *r;

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    r = fake_rule(k, FW_TAP_EVENT, name, FW_DELAY, 1);
    r->verdict.until = 1000 * FAKE_MS;
    fake_event(k, 0, 0, event);
    request_state(k, 0, V(k, CSG_SUSPEND));
    r->times = 0;
    program(k, 1, 1, 0);
    request_state(k, 1, V(k, CSG_RESUME));
    g_assert_cmpuint(k->stream[1][0].fault_acks, ==, 0);
    g_assert_cmphex(cs_req(k, 1, 0) ^ cs_ack(k, 1, 0), ==,
                    fake_bit(k, field));
    fake_free(k);
}

static void test_untold_events_across_suspend(void)
{
    untold_across_suspend("cs-fault", CSF_EVENT_FAULT,
                          CSF_F_CS_REQUEST_FAULT);
    untold_across_suspend("cs-fatal", CSF_EVENT_FATAL,
                          CSF_F_CS_REQUEST_FATAL);
    untold_across_suspend("cs-tiler-oom", CSF_EVENT_OOM,
                          CSF_F_CS_REQUEST_TILER_OOM);
}

/* A single stream stops and starts in a running group. */
static void test_stop_and_start_in_a_group(void)
{
    Fake *k = fake_up();
    uint32_t state = BIT_OF(k, CS_REQUEST_STATE);

    start_group(k, 0, 2);
    take_irq(k, 0);
    fake_irqs(k);
    cs_update(k, 0, 0, V(k, CS_STOP), state);
    ring_groups(k, 1);
    g_assert_false(k->stream[0][0].runs);
    g_assert_true(k->stream[0][1].runs);
    g_assert_cmphex(cs_ack(k, 0, 0) & state, ==, V(k, CS_STOP));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    cs_update(k, 0, 0, V(k, CS_START), state);
    PUT(k, k->csg_in[0], CSG_INPUT_DOORBELL_REQ,
        GET(k, k->csg_out[0], CSG_OUTPUT_DOORBELL_ACK) ^ 1);
    ring_groups(k, 1);
    g_assert_true(k->stream[0][0].runs);
    g_assert_cmphex(cs_ack(k, 0, 0) & state, ==, V(k, CS_START));
    fake_free(k);
}

static void test_protected_mode_is_told(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_event(k, 0, 0, CSF_EVENT_PROTM);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_PROTM_PENDING), !=, 0);
    fake_free(k);
}

/* 6.12 sets EXTRACT_EVENT in every CS_REQ. */
static void test_extract_event_is_tolerated(void)
{
    Fake *k = fake_up();
    uint32_t bit = BIT_OF(k, CS_REQUEST_EXTRACT_EVENT);

    program(k, 0, 1, 0);
    cs_update(k, 0, 0, bit, bit);
    request_state(k, 0, V(k, CSG_START));
    g_assert_true(k->stream[0][0].runs);
    g_assert_cmphex(cs_ack(k, 0, 0), ==, cs_req(k, 0, 0));
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/stream/" #name, test_##name)
    T(user_doorbell);
    T(global_doorbell_with_a_stream_bit);
    T(ring_without_news_is_a_second_look);
    T(unreadable_ring_ends_the_stream);
    T(refused_start_is_fatal);
    T(fault);
    T(fatal);
    T(tiler_oom);
    T(tiler_oom_again_after_resume);
    T(fault_across_suspend);
    T(untold_events_across_suspend);
    T(stop_and_start_in_a_group);
    T(protected_mode_is_told);
    T(extract_event_is_tolerated);
    return g_test_run();
}
