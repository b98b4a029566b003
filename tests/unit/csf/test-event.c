/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of the CSF stub: a second toggle before the host took the first
 * would undo it, so the second waits.
 */
#include "fake.h"

static bool pending(Fake *k, unsigned g, uint32_t bit)
{
    return (csg_req(k, g) ^ csg_ack(k, g)) & bit;
}

static Fake *running(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    submit(k, 0, 1, 64);
    start_group(k, 0, 2);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_irqs(k);
    return k;
}

static void test_sync_update(void)
{
    Fake *k = running();
    uint32_t bit = BIT_OF(k, CSG_REQUEST_SYNC_UPDATE);

    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_true(pending(k, 0, bit));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ) ^
                    GET(k, k->csg_in[0], CSG_INPUT_CS_IRQ_ACK), ==, 0);
    take_irq(k, 0);
    g_assert_false(pending(k, 0, bit));
    ring_groups(k, 1);
    g_assert_false(pending(k, 0, bit));
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_second_before_first_is_taken(void)
{
    Fake *k = running();
    uint32_t bit = BIT_OF(k, CSG_REQUEST_SYNC_UPDATE);
    uint32_t ack;

    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    ack = csg_ack(k, 0);
    fake_irqs(k);
    fake_event(k, 0, 1, CSF_EVENT_SYNC);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_cmphex(csg_ack(k, 0), ==, ack);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    /* A doorbell for something else changes nothing. */
    ring_groups(k, 1);
    g_assert_cmphex(csg_ack(k, 0), ==, ack);
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_true(pending(k, 0, bit));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_false(pending(k, 0, bit));
    g_assert_cmpuint(fake_count(k, "event csg-sync-update"), ==, 2);
    fake_free(k);
}

static void test_pending_event_needs_no_doorbell_bit(void)
{
    Fake *k = running();

    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    take_irq(k, 0);
    ring(k);
    g_assert_true(pending(k, 0, BIT_OF(k, CSG_REQUEST_SYNC_UPDATE)));
    fake_free(k);
}

static void test_different_events_do_not_wait(void)
{
    Fake *k = running();

    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    fake_event(k, 0, 0, CSF_EVENT_PROGRESS);
    g_assert_true(pending(k, 0, BIT_OF(k, CSG_REQUEST_PROGRESS_TIMER)));
    g_assert_true(pending(k, 0, BIT_OF(k, CSG_REQUEST_SYNC_UPDATE)));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    fake_free(k);
}

/* CS_IRQ_REQ is toggled only when the host took the last one. */
static void test_stream_interrupts_do_not_cancel(void)
{
    Fake *k = running();
    uint32_t irq;

    fake_event(k, 0, 0, CSF_EVENT_OOM);
    irq = GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ);
    g_assert_cmphex(irq ^ GET(k, k->csg_in[0], CSG_INPUT_CS_IRQ_ACK), ==, 1);
    fake_irqs(k);
    fake_event(k, 0, 0, CSF_EVENT_FATAL);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ), ==, irq);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_FATAL), !=, 0);
    g_assert_cmphex(fake_irqs(k), ==, 1);
    fake_event(k, 0, 1, CSF_EVENT_FATAL);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ), ==,
                    irq ^ 2);
    fake_free(k);
}

static void test_stream_interrupt_mask(void)
{
    Fake *k = running();

    PUT(k, k->cs_in[0][0], CS_INPUT_ACK_IRQ_MASK,
        ~BIT_OF(k, CS_REQUEST_TILER_OOM));
    fake_event(k, 0, 0, CSF_EVENT_OOM);
    g_assert_cmphex((cs_req(k, 0, 0) ^ cs_ack(k, 0, 0)) &
                    BIT_OF(k, CS_REQUEST_TILER_OOM), !=, 0);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_CS_IRQ_REQ) ^
                    GET(k, k->csg_in[0], CSG_INPUT_CS_IRQ_ACK), ==, 0);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_group_interrupt_mask(void)
{
    Fake *k = running();

    PUT(k, k->csg_in[0], CSG_INPUT_ACK_IRQ_MASK,
        ~BIT_OF(k, CSG_REQUEST_SYNC_UPDATE));
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_true(pending(k, 0, BIT_OF(k, CSG_REQUEST_SYNC_UPDATE)));
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

/* The heap words belong to the question that is open. */
static void test_second_oom_waits_for_the_reply(void)
{
    Fake *k = running();
    uint32_t oom = BIT_OF(k, CS_REQUEST_TILER_OOM);

    k->stream[0][0].status.heap = 0x1000;
    fake_event(k, 0, 0, CSF_EVENT_OOM);
    k->stream[0][0].status.heap = 0x2000;
    fake_event(k, 0, 0, CSF_EVENT_OOM);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_HEAP_ADDRESS), ==,
                    0x1000);
    g_assert_cmpuint(fake_count(k, "event cs-tiler-oom"), ==, 1);
    cs_update(k, 0, 0, cs_ack(k, 0, 0), oom);
    ring_groups(k, 1);
    g_assert_cmpuint(k->stream[0][0].replies, ==, 1);
    g_assert_cmpuint(fake_count(k, "event cs-tiler-oom"), ==, 1);
    fake_free(k);
}

static void test_events_of_slots_that_do_not_run(void)
{
    Fake *k = running();

    fake_event(k, 7, 7, CSF_EVENT_FATAL | CSF_EVENT_SYNC);
    fake_event(k, 0, 7, CSF_EVENT_FATAL | CSF_EVENT_OOM);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

/* Many events in one entry: one interrupt each for two groups. */
static void test_events_of_two_groups(void)
{
    Fake *k = running();

    submit(k, 6, 0, 64);
    start_group(k, 6, 1);
    take_irq(k, 6);
    fake_irqs(k);
    k->stream[0][0].events = CSF_EVENT_SYNC;
    k->stream[0][1].events = CSF_EVENT_SYNC;
    fake_event(k, 6, 0, CSF_EVENT_SYNC);
    g_assert_cmphex(fake_irqs(k), ==, 0x41);
    g_assert_cmphex(k->fw.touched, ==, 0);
    g_assert_cmpuint(fake_count(k, "event csg-sync-update"), ==, 2);
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/event/" #name, test_##name)
    T(sync_update);
    T(second_before_first_is_taken);
    T(pending_event_needs_no_doorbell_bit);
    T(different_events_do_not_wait);
    T(stream_interrupts_do_not_cancel);
    T(stream_interrupt_mask);
    T(group_interrupt_mask);
    T(second_oom_waits_for_the_reply);
    T(events_of_slots_that_do_not_run);
    T(events_of_two_groups);
    return g_test_run();
}
