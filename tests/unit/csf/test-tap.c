/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a scenario can do to the CSF stub. */
#include <string.h>

#include "fake.h"

#define V(k, F) ((k)->layout.value[CSF_V_##F])

static uint32_t state(Fake *k, unsigned g)
{
    return csg_ack(k, g) & BIT_OF(k, CSG_REQUEST_STATE);
}

static bool pings(Fake *k)
{
    return !((glb_req(k) ^ glb_ack(k)) & BIT_OF(k, GLB_REQUEST_PING));
}

static void test_request_dropped(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_REQUEST, "glb-ping", FW_DROP, 1);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    ring(k);
    g_assert_false(pings(k));
    g_assert_cmpuint(fake_count(k, "request glb-ping"), ==, 1);
    g_assert_cmpuint(fake_count(k, "ack glb-ping"), ==, 0);
    /* The host gives up and asks for the opposite: that is a new request. */
    glb_update(k, glb_ack(k), BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    g_assert_true(pings(k));
    fake_free(k);
}

/* The work is done, only the word of it is lost. */
static void test_acknowledgement_dropped(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_ACK, "csg-state", FW_DROP, 1);
    request_state(k, 0, V(k, CSG_SUSPEND));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    g_assert_false(k->stream[0][0].runs);
    ring_groups(k, 1);
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    /* "CSG suspend failed, escalating to termination" */
    request_state(k, 0, V(k, CSG_TERMINATE));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_TERMINATE));
    g_assert_cmpuint(k->stream[0][0].stops, ==, 1);
    fake_free(k);
}

static void test_acknowledgement_delayed(void)
{
    Fake *k = fake_up();
    FakeRule *r = fake_rule(k, FW_TAP_ACK, "csg-state", FW_DELAY, 1);

    r->verdict.until = 50 * FAKE_MS;
    start_group(k, 0, 1);
    g_assert_true(k->stream[0][0].runs);
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_TERMINATE));
    ring_groups(k, 1);
    fake_run(k, 49 * FAKE_MS);
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_TERMINATE));
    fake_irqs(k);
    fake_run(k, FAKE_MS);
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_cmpuint(k->stream[0][0].starts, ==, 1);
    g_assert_cmpuint(fake_count(k, "request csg-state"), ==, 1);
    fake_free(k);
}

static void test_request_delayed(void)
{
    Fake *k = fake_up();
    FakeRule *r = fake_rule(k, FW_TAP_REQUEST, "csg-state", FW_DELAY, 1);

    r->verdict.until = 50 * FAKE_MS;
    start_group(k, 0, 1);
    g_assert_false(k->stream[0][0].runs);
    fake_run(k, 50 * FAKE_MS);
    g_assert_true(k->stream[0][0].runs);
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    fake_free(k);
}

/* "Invalid state on CSG %d" */
static void test_acknowledgement_replaced(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_ACK, "csg-state", FW_REPLACE, 1)->verdict.value = 5;
    start_group(k, 0, 1);
    g_assert_cmpuint(state(k, 0), ==, 5);
    ring_groups(k, 1);
    g_assert_cmpuint(state(k, 0), ==, 5);
    g_assert_cmphex((csg_ack(k, 0) ^ csg_req(k, 0)) &
                    BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG), ==, 0);
    fake_free(k);
}

static void two_delays(int64_t ping, int64_t start)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_ACK, "glb-ping", FW_DELAY, 1)->verdict.until = ping;
    fake_rule(k, FW_TAP_ACK, "csg-state", FW_DELAY, 1)->verdict.until = start;
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    start_group(k, 0, 1);
    fake_run(k, MIN(ping, start));
    g_assert_true(pings(k) == (ping < start));
    g_assert_true((state(k, 0) == V(k, CSG_START)) == (start < ping));
    fake_run(k, 20 * FAKE_MS);
    g_assert_true(pings(k));
    g_assert_cmpuint(state(k, 0), ==, V(k, CSG_START));
    fake_free(k);
}

static void test_two_delays_have_two_deadlines(void)
{
    two_delays(30 * FAKE_MS, 10 * FAKE_MS);
    two_delays(10 * FAKE_MS, 30 * FAKE_MS);
}

static void test_event_dropped(void)
{
    Fake *k = fake_up();
    uint32_t bit = BIT_OF(k, CSG_REQUEST_SYNC_UPDATE);

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_EVENT, "csg-sync-update", FW_DROP, 1);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    ring_groups(k, 1);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) & bit, ==, 0);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) & bit, !=, 0);
    fake_free(k);
}

/* A lost question is never answered: not even by the word as it stands. */
static void test_oom_event_dropped(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_EVENT, "cs-tiler-oom", FW_DROP, 1);
    fake_event(k, 0, 0, CSF_EVENT_OOM);
    ring_groups(k, 1);
    ring_groups(k, 1);
    g_assert_cmpuint(k->stream[0][0].replies, ==, 0);
    fake_free(k);
}

static void test_event_delayed(void)
{
    Fake *k = fake_up();
    uint32_t bit = BIT_OF(k, CSG_REQUEST_SYNC_UPDATE);

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_EVENT, "csg-sync-update", FW_DELAY, 1)->verdict.until
        = 20 * FAKE_MS;
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    fake_run(k, 19 * FAKE_MS);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) & bit, ==, 0);
    fake_run(k, FAKE_MS);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) & bit, !=, 0);
    fake_free(k);
}

static void test_kick_dropped_until_the_next(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_KICK, "cs-kick", FW_DROP, 1);
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    ring_groups(k, 1);
    g_assert_cmphex(k->stream[0][0].insert, ==, 0);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    fake_free(k);
}

static void test_kick_delayed(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_KICK, "cs-kick", FW_DELAY, 1)->verdict.until =
        20 * FAKE_MS;
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->stream[0][0].insert, ==, 0);
    fake_run(k, 20 * FAKE_MS);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    g_assert_cmphex(k->fw.s.group[0].kick, ==, 0);
    fake_free(k);
}

static void test_kick_pretended(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_KICK, "cs-kick", FW_PRETEND, 1);
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    g_assert_true(k->stream[0][0].pretend);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    submit(k, 0, 0, 128);
    csf_doorbell(&k->fw, 1);
    g_assert_false(k->stream[0][0].pretend);
    fake_free(k);
}

static void fault_by_order(uint64_t value, bool fatal)
{
    Fake *k = fake_up();
    FakeRule *r;

    start_group(k, 0, 1);
    r = fake_rule(k, FW_TAP_KICK, "cs-kick", FW_FAULT, 1);
    r->verdict.value = value;
    r->verdict.data = 0x7f0000001000;
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    g_assert_cmpuint(k->stream[0][0].faults, ==, 1);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    g_assert_true(k->stream[0][0].fault_fatal == fatal);
    csf_event(&k->fw);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==,
                    fatal ? value & 0xff : 0);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FAULT_TYPE), ==,
                    fatal ? 0 : value & 0xff);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FAULT_DATA), ==,
                    fatal ? 0 : value >> 8);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FAULT_INFO), ==,
                    fatal ? 0 : 0x7f0000001000);
    fake_free(k);
}

static void test_kick_faults(void)
{
    fault_by_order(0x123458, false);
    fault_by_order(0x41, true);
    fault_by_order(0x100000048ull, true);
}

static void test_fault_replaced(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_FAULT, "cs-fatal", FW_REPLACE, 1)->verdict.value =
        0x241;
    k->stream[0][0].status.fatal_type = 0x49;
    fake_event(k, 0, 0, CSF_EVENT_FATAL);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_TYPE), ==, 0x41);
    g_assert_cmphex(GET(k, k->cs_out[0][0], CS_OUTPUT_FATAL_DATA), ==, 2);
    fake_free(k);
}

static void test_fault_dropped(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    take_irq(k, 0);
    fake_irqs(k);
    fake_rule(k, FW_TAP_FAULT, "cs-fault", FW_DROP, 1);
    fake_event(k, 0, 0, CSF_EVENT_FAULT);
    g_assert_cmphex(cs_req(k, 0, 0) ^ cs_ack(k, 0, 0), ==, 0);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_reply_dropped(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_event(k, 0, 0, CSF_EVENT_FAULT);
    fake_rule(k, FW_TAP_REQUEST, "cs-fault", FW_DROP, 1);
    take_irq(k, 0);
    ring_groups(k, 1);
    ring_groups(k, 1);
    g_assert_cmpuint(k->stream[0][0].fault_acks, ==, 0);
    fake_free(k);
}

static void test_hang(void)
{
    Fake *k = fake_up();
    uint32_t ack;

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_REQUEST, "glb-ping", FW_HANG, 1);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    k->stream[0][0].status.empty = true;
    fake_event(k, 0, 0, CSF_EVENT_EMPTY);
    g_assert_cmpint(k->timer[CSF_TIMER_IDLE], !=, FW_TIME_NEVER);
    ring(k);
    g_assert_false(pings(k));
    g_assert_cmpint(k->timer[CSF_TIMER_IDLE], ==, FW_TIME_NEVER);
    ack = csg_ack(k, 0);
    fake_irqs(k);
    ring(k);
    request_state(k, 0, V(k, CSG_SUSPEND));
    fake_event(k, 0, 0, CSF_EVENT_SYNC | CSF_EVENT_FATAL);
    submit(k, 0, 0, 128);
    csf_doorbell(&k->fw, 1);
    fake_run(k, 10000 * FAKE_MS);
    g_assert_cmphex(csg_ack(k, 0), ==, ack);
    g_assert_cmphex(k->stream[0][0].insert, ==, 64);
    g_assert_cmphex(k->stream[0][0].events, ==, 0);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    csf_stop(&k->fw);
    fake_boot(k);
    ring(k);
    g_assert_true(pings(k));
    fake_free(k);
}

/* In whatever the stub was doing: it stops there. */
static void test_hang_everywhere(void)
{
    static const struct {
        FwTapKind kind;
        const char *name;
    } at[] = {
        { FW_TAP_REQUEST, "csg-state" },
        { FW_TAP_ACK, "csg-state" },
        { FW_TAP_REQUEST, "cs-state" },
        { FW_TAP_ACK, "cs-state" },
        { FW_TAP_REQUEST, "csg-endpoint-config" },
        { FW_TAP_EVENT, "csg-idle" },
        { FW_TAP_KICK, "cs-kick" },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(at); i++) {
        Fake *k = fake_up();

        fake_rule(k, at[i].kind, at[i].name, FW_HANG, 1);
        submit(k, 0, 1, 64);
        start_group(k, 0, 2);
        start_group(k, 1, 2);
        g_assert_cmpuint(k->fw.s.hung, ==, 1);
        for (unsigned t = 0; t < FW_TIMERS_MAX; t++) {
            g_assert_cmpint(k->timer[t], ==, FW_TIME_NEVER);
        }
        csf_stop(&k->fw);
        g_assert_false(k->stream[0][0].runs);
        g_assert_false(k->stream[0][1].runs);
        fake_free(k);
    }
}

/* A field of a struct that is written as a whole: by name, and no other. */
static void test_write_rewritten(void)
{
    Fake *k = fake_new();
    FakeRule *r = fake_rule(k, FW_TAP_WRITE, "glb-control", FW_REWRITE, 1);
    uint64_t base;

    r->verdict.name = "features";
    r->verdict.value = 0x12345678;
    fake_boot(k);
    base = V(k, SHARED_VA);
    g_assert_cmphex(GET(k, base, GLB_CONTROL_FEATURES), ==, 0x12345678);
    g_assert_cmpuint(GET(k, base, GLB_CONTROL_GROUP_NUM), ==, V(k, GROUPS));
    fake_free(k);
}

static void test_write_of_no_field(void)
{
    Fake *k = fake_new();
    FakeRule *r = fake_rule(k, FW_TAP_WRITE, "glb-control", FW_REWRITE, 1);

    r->verdict.name = "nonsense";
    fake_boot(k);
    g_assert_cmpuint(GET(k, V(k, SHARED_VA), GLB_CONTROL_GROUP_NUM), ==,
                     V(k, GROUPS));
    fake_free(k);
}

/* An event that is repeated comes again as soon as the host has answered. */
static void test_event_repeated(void)
{
    Fake *k = fake_up();
    uint32_t bit = BIT_OF(k, CSG_REQUEST_SYNC_UPDATE);

    start_group(k, 0, 1);
    fake_rule(k, FW_TAP_EVENT, "csg-sync-update", FW_REPEAT, 1);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_cmpuint(fake_count(k, "event csg-sync-update"), ==, 1);
    csg_update(k, 0, csg_ack(k, 0), bit);
    ring_groups(k, 1);
    g_assert_cmpuint(fake_count(k, "event csg-sync-update"), ==, 2);
    csg_update(k, 0, csg_ack(k, 0), bit);
    ring_groups(k, 1);
    g_assert_cmpuint(fake_count(k, "event csg-sync-update"), ==, 2);
    fake_free(k);
}

static void test_halt_with_a_status(void)
{
    Fake *k = fake_up();
    FakeRule *r = fake_rule(k, FW_TAP_HALT, "glb-halt", FW_REPLACE, 1);

    r->verdict.value = 3;
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmpuint(GET(k, k->glb_out, GLB_OUTPUT_HALT_STATUS), ==, 3);
    fake_free(k);
}

static void test_halt_that_kills(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_HALT, "glb-halt", FW_FAULT, 1);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    g_assert_false(pings(k));
    fake_free(k);
}

static void test_events_raised(void)
{
    static const char *const names[] = {
        "csg-sync-update", "csg-idle", "csg-progress-timer", "cs-tiler-oom",
        "cs-protm-pending", "glb-idle",
    };
    Fake *k = fake_up();

    start_group(k, 1, 2);
    /* What the idle group has said already is answered. */
    csg_update(k, 1, csg_ack(k, 1), BIT_OF(k, CSG_REQUEST_IDLE));
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *line = g_strconcat("event ", names[i], NULL);
        unsigned before = fake_count(k, line);

        csf_raise(&k->fw, names[i], 1, 1, 0, 0);
        g_assert_cmpuint(fake_count(k, line), ==, before + 1);
    }
    csf_raise(&k->fw, "cs-fault", 1, 1, 0x1258, 77);
    g_assert_cmpuint(k->stream[1][1].fault_type, ==, 0x58);
    g_assert_cmpuint(k->stream[1][1].fault_data, ==, 0x12);
    g_assert_cmpuint(k->stream[1][1].fault_info, ==, 77);
    g_assert_false(k->stream[1][1].fault_fatal);
    csf_raise(&k->fw, "cs-fault", 1, 1, 0x41, 0);
    g_assert_true(k->stream[1][1].fault_fatal);
    /* Places that do not exist, names that are none. */
    csf_raise(&k->fw, "csg-idle", 99, 0, 0, 0);
    csf_raise(&k->fw, "csg-idle", 0, 99, 0, 0);
    csf_raise(&k->fw, "nonsense", 0, 0, 0, 0);
    fake_free(k);
}

static void test_crash(void)
{
    Fake *k = fake_up();

    csf_crash(&k->fw);
    g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
    csf_raise(&k->fw, "csg-idle", 0, 0, 0, 0);
    g_assert_cmpuint(fake_count(k, "event csg-idle"), ==, 0);
    fake_free(k);
}

static void add_line(void *opaque, const char *line)
{
    g_string_append_printf(opaque, "%s\n", line);
}

static void test_description(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autofree char *ping = NULL;
    Fake *k = fake_new();

    csf_describe(&k->fw, add_line, text);
    g_assert_cmpstr(text->str, ==, "");
    fake_boot(k);
    fake_ready(k);
    start_group(k, 1, 2);
    csf_describe(&k->fw, add_line, text);
    ping = g_strdup_printf("glb-input/req = 0x%x\n", glb_req(k));
    g_assert_nonnull(strstr(text->str, ping));
    g_assert_nonnull(strstr(text->str, "group 1: csg-output/ack = 0x"));
    g_assert_nonnull(strstr(text->str,
                            "group 1, stream 1: ring-input/insert = 0x"));
    g_assert_null(strstr(text->str, "group 0: "));
    g_assert_null(strstr(text->str, "group 1, stream 2: "));
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/tap/" #name, test_##name)
    T(request_dropped);
    T(acknowledgement_dropped);
    T(acknowledgement_delayed);
    T(request_delayed);
    T(acknowledgement_replaced);
    T(two_delays_have_two_deadlines);
    T(event_dropped);
    T(oom_event_dropped);
    T(event_delayed);
    T(kick_dropped_until_the_next);
    T(kick_delayed);
    T(kick_pretended);
    T(kick_faults);
    T(fault_replaced);
    T(fault_dropped);
    T(reply_dropped);
    T(hang);
    T(hang_everywhere);
    T(write_rewritten);
    T(write_of_no_field);
    T(event_repeated);
    T(halt_with_a_status);
    T(halt_that_kills);
    T(events_raised);
    T(crash);
    T(description);
    return g_test_run();
}
