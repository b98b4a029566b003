/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Group slots of the CSF stub: start, suspend, resume, terminate, status. */
#include <string.h>

#include "fake.h"

#define V(k, F) ((k)->layout.value[CSF_V_##F])

static uint32_t state(Fake *k, unsigned g)
{
    return fw_get(&k->layout.field[CSF_F_CSG_REQUEST_STATE],
                  fake_mem(k, k->csg_out[g], 4));
}

static void test_start(void)
{
    Fake *k = fake_up();
    FakeStream *st = &k->stream[3][1];

    PUT(k, FAKE_RING_OUT(3, 1), RING_OUTPUT_EXTRACT, 0x20040);
    submit(k, 3, 1, 0x20100);
    start_group(k, 3, 2);
    g_assert_cmpuint(state(k, 3), ==, V(k, CSG_START));
    g_assert_cmphex(csg_ack(k, 3), ==, csg_req(k, 3));
    g_assert_cmphex(fake_irqs(k), ==, 1u << 3);
    g_assert_true(k->stream[3][0].runs);
    g_assert_true(st->runs);
    g_assert_false(k->stream[3][2].runs);
    g_assert_cmpuint(st->setup.as, ==, 4);
    g_assert_cmphex(st->setup.ring_base, ==, 0x800000010000ull);
    g_assert_cmphex(st->setup.ring_size, ==, 0x10000);
    g_assert_cmphex(st->setup.extract, ==, 0x20040);
    g_assert_cmphex(st->insert, ==, 0x20100);
    g_assert_cmphex(cs_ack(k, 3, 1), ==, cs_req(k, 3, 1));
    g_assert_cmpuint(GET(k, FAKE_RING_OUT(3, 1), RING_OUTPUT_ACTIVE), ==, 1);
    g_assert_cmpuint(GET(k, FAKE_RING_OUT(3, 0), RING_OUTPUT_ACTIVE), ==, 0);
    fake_free(k);
}

/* csgs_upd_ctx_apply_locked() waits for all bits that it asked for. */
static void test_start_and_endpoints_in_one_acknowledgement(void)
{
    Fake *k = fake_up();
    uint32_t mask = BIT_OF(k, CSG_REQUEST_STATE) |
                    BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG) |
                    BIT_OF(k, CSG_REQUEST_STATUS_UPDATE);

    program(k, 0, 1, 0);
    csg_toggle(k, 0, mask & ~BIT_OF(k, CSG_REQUEST_STATE));
    request_state(k, 0, V(k, CSG_START));
    g_assert_cmphex((csg_ack(k, 0) ^ csg_req(k, 0)) & mask, ==, 0);
    fake_free(k);
}

static void test_a_slot_is_found_without_its_doorbell_bit(void)
{
    Fake *k = fake_up();

    program(k, 5, 1, 5);
    csg_update(k, 5, V(k, CSG_START), BIT_OF(k, CSG_REQUEST_STATE));
    ring(k);
    g_assert_true(k->stream[5][0].runs);
    fake_free(k);
}

static void test_terminate(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    take_irq(k, 0);
    fake_irqs(k);
    request_state(k, 0, V(k, CSG_TERMINATE));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_TERMINATE));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_false(k->stream[0][0].runs);
    g_assert_false(k->stream[0][1].runs);
    /* Doorbells of the slot are deaf, and nothing of it is reported. */
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    fake_event(k, 0, 0, CSF_EVENT_SYNC | CSF_EVENT_EMPTY);
    g_assert_cmpuint(k->stream[0][0].kicks, ==, 0);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

/* Asked to resume what runs: nothing to do, and nothing is done. */
static void test_resume_of_a_running_group(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    request_state(k, 0, V(k, CSG_RESUME));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_RESUME));
    g_assert_cmpuint(k->stream[0][0].starts, ==, 1);
    g_assert_cmpuint(k->stream[0][0].restores, ==, 0);
    g_assert_true(k->stream[0][0].runs);
    fake_free(k);
}

static void test_endpoints_change_when_asked(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    PUT(k, k->csg_in[0], CSG_INPUT_ENDPOINT_REQ, 0x10010202);
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_REQ), ==,
                    0xf0010404);
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE) |
                     BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG));
    ring_groups(k, 1);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_REQ), ==,
                    0x10010202);
    fake_free(k);
}

static void test_invalid_state_is_not_acknowledged(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    for (unsigned v = 4; v < 8; v++) {
        request_state(k, 0, v);
        g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
        g_assert_true(k->stream[0][0].runs);
    }
    request_state(k, 0, V(k, CSG_TERMINATE));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_TERMINATE));
    fake_free(k);
}

/* The host leaves CS_REQ at START or STOP of the former group at will. */
static void test_second_start_with_streams_already_acknowledged(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    request_state(k, 0, V(k, CSG_TERMINATE));
    start_group(k, 0, 2);
    g_assert_cmpuint(k->stream[0][0].starts, ==, 2);
    g_assert_cmpuint(fake_count(k, "request cs-state 0 0"), ==, 2);
    g_assert_true(k->stream[0][0].runs);
    request_state(k, 0, V(k, CSG_TERMINATE));
    cs_update(k, 0, 1, 0, BIT_OF(k, CS_REQUEST_STATE));
    program(k, 0, 1, 0);
    request_state(k, 0, V(k, CSG_START));
    g_assert_true(k->stream[0][0].runs);
    g_assert_false(k->stream[0][1].runs);
    g_assert_cmphex(cs_ack(k, 0, 1) & BIT_OF(k, CS_REQUEST_STATE), ==,
                    V(k, CS_STOP));
    fake_free(k);
}

/* cs_slot_sync_queue_state_locked() of a stream blocked on a sync object. */
static void test_status_of_a_waiting_stream(void)
{
    Fake *k = fake_up();
    uint32_t out = k->cs_out[0][0];
    CsfStreamStatus *st = &k->stream[0][0].status;

    submit(k, 0, 0, 0x100);
    start_group(k, 0, 1);
    *st = (CsfStreamStatus){
        .blocked = CSF_BLOCKED_SYNC,
        .extract = 0x48,
        .cmd_ptr = 0x800000000048,
        .sync_64 = true,
        .sync_cond = 1,
        .sync_va = 0x7f0000001230,
        .sync_value = 0x1122334455667788,
        .resources = 5,
    };
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmphex(csg_ack(k, 0) & BIT_OF(k, CSG_REQUEST_STATUS_UPDATE), ==,
                    csg_req(k, 0) & BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_BLOCKED_REASON), ==,
                     V(k, BLOCKED_SYNC));
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC), ==, 1);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC_64), ==, 1);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC_COND), ==, 1);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_WAIT_SYNC_PTR), ==,
                    0x7f0000001230);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_WAIT_SYNC_VALUE), ==, 0x55667788);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_WAIT_SYNC_VALUE_HI), ==,
                    0x11223344);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_CMD_PTR), ==, 0x800000000048);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_REQ_RESOURCE), ==, 5);
    g_assert_cmphex(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_EXTRACT), ==,
                    0x48);
    /* 6.12 looks only at this bit. */
    g_assert_cmpuint(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_IDLE), ==, 1);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_REQ), ==,
                    0xf0010404);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_CURRENT), ==,
                    0);
    st->sync_64 = false;
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC_64), ==, 0);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC), ==, 1);
    fake_free(k);
}

static void test_status_of_a_busy_stream(void)
{
    Fake *k = fake_up();
    uint32_t out = k->cs_out[0][0];
    CsfStreamStatus *st = &k->stream[0][0].status;

    submit(k, 0, 0, 0x100);
    start_group(k, 0, 1);
    *st = (CsfStreamStatus){
        .blocked = CSF_BLOCKED_SB,
        .scoreboards = 0x82,
        .wait_sb = 2,
        .sync_64 = true,
        .sync_va = 0x1000,
    };
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_BLOCKED_REASON), ==,
                     V(k, BLOCKED_SB));
    g_assert_cmphex(GET(k, out, CS_OUTPUT_SCOREBOARDS), ==, 0x82);
    g_assert_cmphex(GET(k, out, CS_OUTPUT_WAIT_SB_MASK), ==, 2);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SB_SRC), ==,
                     V(k, WAIT_SB_SRC_WAIT));
    g_assert_cmphex(GET(k, out, CS_OUTPUT_WAIT_SYNC_PTR), ==, 0);
    g_assert_cmpuint(GET(k, out, CS_OUTPUT_WAIT_SYNC_64), ==, 0);
    g_assert_cmpuint(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_IDLE), ==, 0);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_CURRENT), ==,
                    0xf0010404);
    /* A sync wait with a busy scoreboard is no idleness either. */
    st->blocked = CSF_BLOCKED_SYNC;
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmpuint(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_IDLE), ==, 0);
    fake_free(k);
}

static void test_resume_in_another_slot(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 0x40);
    submit(k, 0, 2, 0x80);
    start_group(k, 0, 3);
    for (unsigned s = 0; s < 3; s++) {
        k->stream[0][s].tag = 0x1000 + s;
        k->stream[0][s].status.extract = 8 + s * 8;
        k->stream[0][s].status.empty = false;
    }
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_SUSPEND));
    for (unsigned s = 0; s < 3; s++) {
        g_assert_false(k->stream[0][s].runs);
        g_assert_cmphex(GET(k, FAKE_RING_OUT(0, s), RING_OUTPUT_EXTRACT), ==,
                        8 + s * 8);
        PUT(k, FAKE_RING_OUT(6, s), RING_OUTPUT_EXTRACT, 8 + s * 8);
        submit(k, 6, s, 0x100);
    }
    /* Another group uses the first slot meanwhile. */
    start_group(k, 0, 1);
    k->stream[0][0].tag = 0xdead;
    program(k, 6, 3, 0);
    request_state(k, 6, V(k, CSG_RESUME));
    g_assert_cmpuint(state(k, 6), ==, V(k, CSG_RESUME));
    for (unsigned s = 0; s < 3; s++) {
        g_assert_true(k->stream[6][s].runs);
        g_assert_cmphex(k->stream[6][s].tag, ==, 0x1000 + s);
        g_assert_cmphex(k->stream[6][s].setup.extract, ==, 8 + s * 8);
        g_assert_cmphex(k->stream[6][s].insert, ==, 0x100);
        g_assert_cmpuint(k->stream[6][s].setup.as, ==, 7);
        g_assert_cmpuint(k->stream[6][s].starts, ==, 0);
        g_assert_cmphex(cs_ack(k, 6, s), ==, cs_req(k, 6, s));
    }
    ring_groups(k, 0x40);
    g_assert_cmpuint(fake_count(k, "request cs-state 6"), ==, 0);
    g_assert_cmpuint(fake_count(k, "ack cs-state 6"), ==, 3);
    g_assert_cmphex(k->stream[0][0].tag, ==, 0xdead);
    /* The user doorbell is the new slot's. */
    submit(k, 6, 1, 0x180);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->stream[6][1].insert, ==, 0x100);
    csf_doorbell(&k->fw, 7);
    g_assert_cmphex(k->stream[6][1].insert, ==, 0x180);
    fake_free(k);
}

/* A stream that the host added starts, one that it dropped does not. */
static void test_resume_with_other_streams(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    k->stream[0][0].tag = 7;
    k->stream[0][1].tag = 8;
    request_state(k, 0, V(k, CSG_SUSPEND));
    program(k, 0, 3, 0);
    cs_update(k, 0, 0, 0, BIT_OF(k, CS_REQUEST_STATE));
    request_state(k, 0, V(k, CSG_RESUME));
    g_assert_false(k->stream[0][0].runs);
    g_assert_true(k->stream[0][1].runs);
    g_assert_cmpuint(k->stream[0][1].tag, ==, 8);
    g_assert_true(k->stream[0][2].runs);
    g_assert_cmpuint(k->stream[0][2].starts, ==, 1);
    g_assert_cmpuint(k->stream[0][2].restores, ==, 0);
    fake_free(k);
}

/* Saved states lie side by side, whichever streams they are of. */
static void test_resume_of_scattered_streams(void)
{
    Fake *k = fake_up();

    program(k, 0, 5, 0);
    cs_update(k, 0, 0, 0, BIT_OF(k, CS_REQUEST_STATE));
    cs_update(k, 0, 2, 0, BIT_OF(k, CS_REQUEST_STATE));
    request_state(k, 0, V(k, CSG_START));
    k->stream[0][1].tag = 11;
    k->stream[0][3].tag = 13;
    k->stream[0][4].tag = 14;
    request_state(k, 0, V(k, CSG_SUSPEND));
    request_state(k, 0, V(k, CSG_RESUME));
    g_assert_false(k->stream[0][0].runs);
    g_assert_cmpuint(k->stream[0][1].tag, ==, 11);
    g_assert_false(k->stream[0][2].runs);
    g_assert_cmpuint(k->stream[0][3].tag, ==, 13);
    g_assert_cmpuint(k->stream[0][4].tag, ==, 14);
    fake_free(k);
}

/* A state that cannot be read is not that of its neighbour. */
static void test_resume_from_half_a_buffer(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    k->stream[0][0].tag = 5;
    request_state(k, 0, V(k, CSG_SUSPEND));
    k->section[2].size = FAKE_SUSPEND_VA(0) - FAKE_HEAP_VA + 64 +
                         CSF_SAVE_SIZE;
    request_state(k, 0, V(k, CSG_RESUME));
    csf_event(&k->fw);
    g_assert_cmpuint(k->stream[0][0].tag, ==, 5);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==, 0);
    g_assert_cmphex(GET(k, k->cs_out[0][1], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    fake_free(k);
}

static void expect_broken_resume(Fake *k)
{
    program(k, 1, 2, 0);
    request_state(k, 1, V(k, CSG_RESUME));
    g_assert_cmpuint(state(k, 1), ==, V(k, CSG_RESUME));
    csf_event(&k->fw);
    for (unsigned s = 0; s < 2; s++) {
        g_assert_cmphex((cs_req(k, 1, s) ^ cs_ack(k, 1, s)) &
                        BIT_OF(k, CS_REQUEST_FATAL), !=, 0);
        g_assert_cmphex(GET(k, k->cs_out[1][s], CS_OUTPUT_FATAL_TYPE), ==,
                        0x68);
        g_assert_cmpuint(k->stream[1][s].kicks, ==, 0);
    }
    g_assert_cmphex(fake_irqs(k) & 2, ==, 2);
    fake_free(k);
}

static Fake *suspended(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    request_state(k, 0, V(k, CSG_SUSPEND));
    fake_irqs(k);
    return k;
}

static void test_resume_from_zeros(void)
{
    Fake *k = suspended();

    memset(fake_mem(k, FAKE_SUSPEND_VA(0), 0x5000), 0, 0x5000);
    expect_broken_resume(k);
}

static void test_resume_from_rubbish(void)
{
    Fake *k = suspended();

    memset(fake_mem(k, FAKE_SUSPEND_VA(0) + 64, 0x4000), 0x5a, 0x4000);
    expect_broken_resume(k);
}

static void test_resume_of_streams_that_cannot_be(void)
{
    Fake *k = suspended();

    fake_mem(k, FAKE_SUSPEND_VA(0) + 8, 4)[3] = 0x80;
    expect_broken_resume(k);
}

/* A stale buffer must not come alive when the suspend could not write. */
static void test_suspend_to_nowhere(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    PUT(k, k->csg_in[0], CSG_INPUT_SUSPEND_BUF, FAKE_HEAP_VA + 0xffff0);
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_SUSPEND));
    g_assert_false(k->stream[0][0].runs);
    program(k, 1, 2, 0);
    PUT(k, k->csg_in[1], CSG_INPUT_SUSPEND_BUF, FAKE_HEAP_VA + 0xffff0);
    request_state(k, 1, V(k, CSG_RESUME));
    csf_event(&k->fw);
    g_assert_cmphex(GET(k, k->cs_out[1][0], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    fake_free(k);
}

/* Half a group is none. */
static void test_suspend_to_half_a_buffer(void)
{
    Fake *k = fake_up();
    uint64_t va = FAKE_HEAP_VA + k->section[2].size - 64 - CSF_SAVE_SIZE - 8;

    start_group(k, 0, 2);
    PUT(k, k->csg_in[0], CSG_INPUT_SUSPEND_BUF, va);
    request_state(k, 0, V(k, CSG_SUSPEND));
    program(k, 1, 2, 0);
    PUT(k, k->csg_in[1], CSG_INPUT_SUSPEND_BUF, va);
    request_state(k, 1, V(k, CSG_RESUME));
    csf_event(&k->fw);
    g_assert_cmphex(GET(k, k->cs_out[1][0], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    g_assert_cmphex(GET(k, k->cs_out[1][1], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    fake_free(k);
}

static void test_suspend_address_wraps(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    PUT(k, k->csg_in[0], CSG_INPUT_SUSPEND_BUF, UINT64_MAX - 15);
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_SUSPEND));
    request_state(k, 0, V(k, CSG_RESUME));
    csf_event(&k->fw);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==, 0x68);
    fake_free(k);
}

/*
 * The hardware may be ahead of its own reports: what a stream has done when it
 * is stopped is told at once, or the completion is lost with the slot.
 */
static void expect_last_words(unsigned request)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_irqs(k);
    k->stream[0][0].events = CSF_EVENT_SYNC;
    request_state(k, 0, request);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) &
                    BIT_OF(k, CSG_REQUEST_SYNC_UPDATE), !=, 0);
    g_assert_cmphex(fake_irqs(k), ==, 1);
    fake_free(k);
}

static void test_last_words_of_a_suspended_stream(void)
{
    expect_last_words(2);
}

static void test_last_words_of_a_terminated_stream(void)
{
    expect_last_words(0);
}

static void test_last_fault_of_a_suspended_stream(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    k->stream[0][0].status.fault_type = 0x58;
    k->stream[0][0].events = CSF_EVENT_FAULT;
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_FAULT), !=, 0);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FAULT_TYPE), ==, 0x58);
    take_irq(k, 0);
    program(k, 1, 1, 0);
    request_state(k, 1, V(k, CSG_RESUME));
    g_assert_cmpuint(k->stream[1][0].fault_acks, ==, 1);
    fake_free(k);
}

/* Stopping one group must not swallow what another one has to say. */
static void test_events_of_others_survive_a_suspend(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    submit(k, 5, 0, 64);
    start_group(k, 0, 1);
    start_group(k, 5, 1);
    take_irq(k, 5);
    ring_groups(k, 0x20);
    fake_irqs(k);
    k->stream[5][0].events = CSF_EVENT_SYNC;
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmphex((csg_req(k, 5) ^ csg_ack(k, 5)) &
                    BIT_OF(k, CSG_REQUEST_SYNC_UPDATE), !=, 0);
    g_assert_cmphex(fake_irqs(k), ==, 0x21);
    fake_free(k);
}

static void test_quiet_suspend(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) &
                    BIT_OF(k, CSG_REQUEST_SYNC_UPDATE), ==, 0);
    fake_free(k);
}

/* Nothing of the old occupant must reach the new one. */
static void test_new_occupant_inherits_nothing(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 2);
    fake_event(k, 0, 0, CSF_EVENT_OOM | CSF_EVENT_PROGRESS);
    fake_event(k, 0, 1, CSF_EVENT_FAULT);
    request_state(k, 0, V(k, CSG_SUSPEND));
    program(k, 0, 2, 1);
    request_state(k, 0, V(k, CSG_START));
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)), ==, 0);
    g_assert_cmphex((cs_req(k, 0, 1) ^ cs_ack(k, 0, 1)), ==, 0);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) &
                    BIT_OF(k, CSG_REQUEST_PROGRESS_TIMER), ==, 0);
    ring_groups(k, 1);
    g_assert_cmpuint(k->stream[0][0].replies, ==, 0);
    g_assert_cmpuint(k->stream[0][1].fault_acks, ==, 0);
    fake_free(k);
}

/* Neither what the old one could not say any more. */
static void test_new_occupant_inherits_no_untold_event(void)
{
    Fake *k = fake_up();
    FakeRule *r = fake_rule(k, FW_TAP_EVENT, "cs-fatal", FW_DELAY, 1);

    r->verdict.until = FAKE_MS;
    start_group(k, 0, 1);
    PUT(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_ACTIVE, 1);
    fake_event(k, 0, 0, CSF_EVENT_FATAL);
    request_state(k, 0, V(k, CSG_TERMINATE));
    program(k, 0, 1, 1);
    PUT(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_ACTIVE, 1);
    request_state(k, 0, V(k, CSG_START));
    fake_run(k, 2 * FAKE_MS);
    g_assert_cmphex(cs_req(k, 0, 0) ^ cs_ack(k, 0, 0), ==, 0);
    g_assert_cmpuint(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_ACTIVE), ==, 0);
    fake_free(k);
}

static void test_interrupt_mask_of_a_group(void)
{
    Fake *k = fake_up();

    program(k, 0, 1, 0);
    PUT(k, k->csg_in[0], CSG_INPUT_ACK_IRQ_MASK, 0);
    request_state(k, 0, V(k, CSG_START));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

/* Address space numbers that do not exist are the hardware's to refuse. */
static void test_address_space_is_not_truncated(void)
{
    Fake *k = fake_up();

    program(k, 0, 1, 0);
    PUT(k, k->csg_in[0], CSG_INPUT_CONFIG, 0x10001);
    request_state(k, 0, V(k, CSG_START));
    g_assert_cmpuint(k->stream[0][0].setup.as, ==, UINT8_MAX);
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/group/" #name, test_##name)
    T(start);
    T(start_and_endpoints_in_one_acknowledgement);
    T(a_slot_is_found_without_its_doorbell_bit);
    T(terminate);
    T(resume_of_a_running_group);
    T(endpoints_change_when_asked);
    T(invalid_state_is_not_acknowledged);
    T(second_start_with_streams_already_acknowledged);
    T(status_of_a_waiting_stream);
    T(status_of_a_busy_stream);
    T(resume_in_another_slot);
    T(resume_with_other_streams);
    T(resume_of_scattered_streams);
    T(resume_from_half_a_buffer);
    T(resume_from_zeros);
    T(resume_from_rubbish);
    T(resume_of_streams_that_cannot_be);
    T(suspend_to_nowhere);
    T(suspend_to_half_a_buffer);
    T(suspend_address_wraps);
    T(last_words_of_a_suspended_stream);
    T(last_words_of_a_terminated_stream);
    T(last_fault_of_a_suspended_stream);
    T(events_of_others_survive_a_suspend);
    T(quiet_suspend);
    T(new_occupant_inherits_nothing);
    T(new_occupant_inherits_no_untold_event);
    T(interrupt_mask_of_a_group);
    T(address_space_is_not_truncated);
    return g_test_run();
}
