/* SPDX-License-Identifier: GPL-2.0-or-later */
/* State of the CSF stub in a migration stream: it goes on, or is refused. */
#include <string.h>

#include "fake.h"

#define V(k, F) ((k)->layout.value[CSF_V_##F])

/* A new process with the same memory and hardware. */
static void migrate(Fake *k)
{
    CsfState *s = g_memdup2(&k->fw.s, sizeof(*s));
    FwError err;

    memset(&k->fw.s, 0xa5, sizeof(k->fw.s));
    memset(&k->fw.layout, 0xa5, sizeof(k->fw.layout));
    csf_init(&k->fw);
    k->fw.s = *s;
    if (!csf_post_load(&k->fw, &err)) {
        g_error("%s", err.text);
    }
    g_free(s);
}

static void test_off(void)
{
    Fake *k = fake_new();

    migrate(k);
    fake_boot(k);
    fake_free(k);
}

/* A stub that never came up must not keep the machine from moving. */
static void test_refused_profile(void)
{
    Fake *k = fake_new();

    fake_profile(k, "rubbish", 7);
    csf_boot(&k->fw, NULL, 0);
    g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
    migrate(k);
    fake_free(k);
}

static void test_between_delayed_boot_and_its_timer(void)
{
    Fake *k = fake_new();

    fake_rule(k, FW_TAP_BOOT, "boot", FW_DELAY, 1)->verdict.until = 50;
    csf_boot(&k->fw, NULL, 0);
    migrate(k);
    fake_run(k, 50);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    fake_free(k);
}

static void test_between_question_and_answer(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    fake_event(k, 0, 0, CSF_EVENT_OOM | CSF_EVENT_SYNC);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    migrate(k);
    PUT(k, k->cs_in[0][0], CS_INPUT_HEAP_START, 0x1001);
    cs_update(k, 0, 0, cs_ack(k, 0, 0), BIT_OF(k, CS_REQUEST_TILER_OOM));
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_cmphex(k->stream[0][0].chunk, ==, 0x1001);
    g_assert_cmphex((csg_req(k, 0) ^ csg_ack(k, 0)) &
                    BIT_OF(k, CSG_REQUEST_SYNC_UPDATE), !=, 0);
    fake_free(k);
}

static void test_while_suspended(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 1);
    k->stream[0][0].tag = 99;
    request_state(k, 0, V(k, CSG_SUSPEND));
    migrate(k);
    program(k, 1, 1, 0);
    request_state(k, 1, V(k, CSG_RESUME));
    g_assert_cmpuint(k->stream[1][0].tag, ==, 99);
    fake_free(k);
}

static void test_between_delay_and_retry(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_ACK, "csg-state", FW_DELAY, 1)->verdict.until =
        FAKE_MS;
    start_group(k, 0, 1);
    migrate(k);
    fake_run(k, FAKE_MS);
    g_assert_cmphex(csg_ack(k, 0), ==, csg_req(k, 0) ^
                    BIT_OF(k, CSG_REQUEST_IDLE));
    g_assert_cmpuint(k->stream[0][0].starts, ==, 1);
    fake_free(k);
}

/* Marks of streams that are gone would be refused. */
static void test_after_streams_have_gone(void)
{
    Fake *k = fake_up();
    uint32_t state;

    submit(k, 0, 0, 64);
    start_group(k, 0, 2);
    fake_event(k, 0, 0, CSF_EVENT_OOM | CSF_EVENT_FAULT);
    state = BIT_OF(k, CS_REQUEST_STATE);
    cs_update(k, 0, 0, V(k, CS_STOP), state);
    ring_groups(k, 1);
    migrate(k);
    fake_rule(k, FW_TAP_KICK, "cs-kick", FW_DELAY, 1)->verdict.until = 99;
    submit(k, 0, 1, 64);
    csf_doorbell(&k->fw, 1);
    fake_event(k, 0, 1, CSF_EVENT_OOM | CSF_EVENT_FAULT);
    request_state(k, 0, V(k, CSG_TERMINATE));
    migrate(k);
    fake_free(k);
}

static void test_hung(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_REQUEST, "glb-ping", FW_HANG, 1);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    migrate(k);
    ring(k);
    g_assert_cmphex(glb_req(k) ^ glb_ack(k), ==, BIT_OF(k, GLB_REQUEST_PING));
    fake_free(k);
}

static void refused(Fake *k, const char *what)
{
    FwError err = { "" };

    if (csf_post_load(&k->fw, &err) || !err.text[0]) {
        g_error("accepted: %s", what);
    }
}

#define REFUSED(change) do { \
        Fake *k = fake_up(); \
        CsfState *s = &k->fw.s; \
        CsfState *good = g_memdup2(s, sizeof(*s)); \
        start_group(k, 0, 1); \
        *good = *s; \
        change; \
        refused(k, #change); \
        *s = *good; \
        g_free(good); \
        { FwError e; g_assert_true(csf_post_load(&k->fw, &e)); } \
        fake_free(k); \
    } while (0)

static void test_refused_fields(void)
{
    REFUSED(s->running = FW_STATE_FATAL + 1);
    REFUSED(s->hung = 2);
    REFUSED(s->load = CSF_LOAD_BUSY + 1);
    REFUSED(s->group_num = 0);
    REFUSED(s->group_num = CSF_GROUPS_MAX + 1);
    REFUSED(s->stream_num = 0);
    REFUSED(s->stream_num = CSF_STREAMS_MAX + 1);
    REFUSED(s->group_num = FAKE_GROUPS + 1);
    REFUSED(s->stream_num = FAKE_STREAMS + 1);
    REFUSED(s->profile_size = 0);
    REFUSED(s->profile_size = FW_PROFILE_MAX + 1);
    REFUSED(s->profile[0] ^= 1);
    REFUSED(s->group[0].started = 0x100);
    REFUSED(s->group[0].quiet = 2);
    REFUSED(s->group[0].oom = 2);
    REFUSED(s->group[0].fault = 2);
    REFUSED(s->group[0].kick = 2);
    REFUSED(s->group[0].active = 2);
    REFUSED(s->group[0].active = 0);
    REFUSED(s->group[1].idle = 1);
    REFUSED(s->group[30].started = 1);
    REFUSED((s->group[30].active = 1, s->group[30].started = 1));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/migrate/" #name, test_##name)
    T(off);
    T(refused_profile);
    T(between_delayed_boot_and_its_timer);
    T(between_question_and_answer);
    T(while_suspended);
    T(between_delay_and_retry);
    T(after_streams_have_gone);
    T(hung);
    T(refused_fields);
    return g_test_run();
}
