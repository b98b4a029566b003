/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Idleness of the CSF stub: CSG_IDLE, GLB_IDLE, cores off. */
#include "fake.h"

#define V(k, F) ((k)->layout.value[CSF_V_##F])

/* What fake_ready() asks for: 49 and 611 units of 1024 / 62.5 MHz. */
#define IDLE_NS 802816
#define POWEROFF_NS 10010624

static bool csg_idle(Fake *k, unsigned g)
{
    return (csg_req(k, g) ^ csg_ack(k, g)) & BIT_OF(k, CSG_REQUEST_IDLE);
}

static bool glb_idle(Fake *k)
{
    return (glb_req(k) ^ glb_ack(k)) & BIT_OF(k, GLB_REQUEST_IDLE);
}

static void take_glb_idle(Fake *k)
{
    glb_update(k, glb_ack(k), BIT_OF(k, GLB_REQUEST_IDLE));
}

/* A group with one job that runs. */
static Fake *busy(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 2);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_irqs(k);
    return k;
}

static void done(Fake *k, unsigned g, unsigned s)
{
    k->stream[g][s].status.extract = k->stream[g][s].insert;
    k->stream[g][s].status.empty = true;
    fake_event(k, g, s, CSF_EVENT_EMPTY);
}

static void more(Fake *k, unsigned g, unsigned s)
{
    submit(k, g, s, k->stream[g][s].insert + 64);
    csf_doorbell(&k->fw, g + 1);
}

static void test_once_per_idle_period(void)
{
    Fake *k = busy();

    g_assert_false(csg_idle(k, 0));
    done(k, 0, 0);
    g_assert_true(csg_idle(k, 0));
    g_assert_cmphex(fake_irqs(k), ==, 1);
    g_assert_cmphex(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_EXTRACT), ==, 64);
    g_assert_cmpuint(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_ACTIVE), ==, 0);
    take_irq(k, 0);
    ring_groups(k, 1);
    fake_event(k, 0, 0, CSF_EVENT_EMPTY);
    g_assert_false(csg_idle(k, 0));
    more(k, 0, 0);
    g_assert_cmpuint(GET(k, FAKE_RING_OUT(0, 0), RING_OUTPUT_ACTIVE), ==, 1);
    g_assert_false(csg_idle(k, 0));
    done(k, 0, 0);
    g_assert_true(csg_idle(k, 0));
    g_assert_cmpuint(fake_count(k, "event csg-idle"), ==, 2);
    fake_free(k);
}

static void test_all_streams_must_be_idle(void)
{
    Fake *k = busy();

    more(k, 0, 1);
    done(k, 0, 0);
    g_assert_false(csg_idle(k, 0));
    done(k, 0, 1);
    g_assert_true(csg_idle(k, 0));
    fake_free(k);
}

static void test_idle_from_the_start(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    g_assert_true(csg_idle(k, 0));
    fake_free(k);
}

/* An idleness that the host never heard of is not told when it is over. */
static void test_stale_idle_is_withdrawn(void)
{
    Fake *k = busy();

    done(k, 0, 0);
    more(k, 0, 0);
    done(k, 0, 0);
    more(k, 0, 0);
    take_irq(k, 0);
    ring_groups(k, 1);
    g_assert_false(csg_idle(k, 0));
    fake_free(k);
}

static void test_sync_wait_counts_if_enabled(void)
{
    Fake *k = busy();
    CsfStreamStatus *st = &k->stream[0][0].status;

    st->blocked = CSF_BLOCKED_SYNC;
    st->scoreboards = 1;
    fake_event(k, 0, 0, CSF_EVENT_BLOCKED);
    g_assert_false(csg_idle(k, 0));
    st->scoreboards = 0;
    fake_event(k, 0, 0, CSF_EVENT_BLOCKED);
    g_assert_true(csg_idle(k, 0));
    take_irq(k, 0);
    ring_groups(k, 1);
    st->blocked = CSF_BLOCKED_NONE;
    fake_event(k, 0, 0, CSF_EVENT_RUNNABLE);
    st->blocked = CSF_BLOCKED_SYNC;
    fake_event(k, 0, 0, CSF_EVENT_BLOCKED);
    g_assert_true(csg_idle(k, 0));
    fake_free(k);
}

static void test_levels_decide(void)
{
    Fake *k = busy();
    uint32_t mask = BIT_OF(k, CS_REQUEST_IDLE_SYNC_WAIT) |
                    BIT_OF(k, CS_REQUEST_IDLE_EMPTY);

    cs_update(k, 0, 0, 0, mask);
    ring_groups(k, 1);
    g_assert_cmphex(cs_ack(k, 0, 0) & mask, ==, 0);
    done(k, 0, 0);
    g_assert_false(csg_idle(k, 0));
    k->stream[0][0].status.blocked = CSF_BLOCKED_SYNC;
    fake_event(k, 0, 0, CSF_EVENT_BLOCKED);
    g_assert_false(csg_idle(k, 0));
    fake_free(k);
}

static void test_global_idle_after_its_timer(void)
{
    Fake *k = busy();

    fake_run(k, 10 * IDLE_NS);
    g_assert_false(glb_idle(k));
    done(k, 0, 0);
    fake_irqs(k);
    fake_run(k, IDLE_NS - 1);
    g_assert_false(glb_idle(k));
    fake_run(k, 1);
    g_assert_true(glb_idle(k));
    g_assert_cmphex(fake_irqs(k), ==, 1u << 31);
    take_glb_idle(k);
    ring(k);
    fake_run(k, 100 * IDLE_NS);
    csf_timer(&k->fw, CSF_TIMER_IDLE);
    g_assert_false(glb_idle(k));
    g_assert_cmpuint(fake_count(k, "event glb-idle"), ==, 1);
    fake_free(k);
}

static void test_work_cancels_global_idle(void)
{
    Fake *k = busy();

    done(k, 0, 0);
    fake_run(k, IDLE_NS / 2);
    more(k, 0, 0);
    fake_run(k, 2 * IDLE_NS);
    g_assert_false(glb_idle(k));
    done(k, 0, 0);
    fake_run(k, IDLE_NS);
    g_assert_true(glb_idle(k));
    fake_free(k);
}

static void test_all_groups_must_be_idle(void)
{
    Fake *k = busy();

    submit(k, 5, 0, 64);
    start_group(k, 5, 1);
    done(k, 0, 0);
    fake_run(k, 2 * IDLE_NS);
    g_assert_false(glb_idle(k));
    request_state(k, 5, V(k, CSG_TERMINATE));
    fake_run(k, IDLE_NS);
    g_assert_true(glb_idle(k));
    fake_free(k);
}

static void test_no_group_is_not_idle(void)
{
    Fake *k = fake_up();

    fake_run(k, 100 * IDLE_NS);
    g_assert_false(glb_idle(k));
    start_group(k, 0, 1);
    request_state(k, 0, V(k, CSG_TERMINATE));
    fake_run(k, 100 * IDLE_NS);
    g_assert_false(glb_idle(k));
    fake_free(k);
}

static void test_global_idle_wants_its_enable(void)
{
    Fake *k = busy();
    uint32_t en = BIT_OF(k, GLB_REQUEST_IDLE_EN);

    glb_update(k, 0, en);
    ring(k);
    done(k, 0, 0);
    fake_run(k, 2 * IDLE_NS);
    g_assert_false(glb_idle(k));
    glb_update(k, en, en);
    ring(k);
    fake_run(k, IDLE_NS);
    g_assert_true(glb_idle(k));
    fake_free(k);
}

static void test_global_idle_waits_for_the_host(void)
{
    Fake *k = busy();
    uint32_t ack;

    done(k, 0, 0);
    fake_run(k, IDLE_NS);
    ack = glb_ack(k);
    more(k, 0, 0);
    done(k, 0, 0);
    fake_run(k, IDLE_NS);
    g_assert_cmphex(glb_ack(k), ==, ack);
    take_glb_idle(k);
    ring(k);
    g_assert_true(glb_idle(k));
    more(k, 0, 0);
    done(k, 0, 0);
    fake_run(k, IDLE_NS);
    more(k, 0, 0);
    take_glb_idle(k);
    ring(k);
    g_assert_false(glb_idle(k));
    fake_free(k);
}

/* After a fast restart IDLE_EN does not change, and must still hold. */
static void test_global_idle_after_restart(void)
{
    Fake *k = busy();

    done(k, 0, 0);
    request_state(k, 0, V(k, CSG_SUSPEND));
    csf_stop(&k->fw);
    fake_boot(k);
    fake_ready(k);
    start_group(k, 0, 1);
    fake_run(k, IDLE_NS - 1);
    g_assert_false(glb_idle(k));
    fake_run(k, 1);
    g_assert_true(glb_idle(k));
    fake_free(k);
}

static void test_gpu_cycles_as_timer_source(void)
{
    Fake *k = busy();
    uint32_t en = BIT_OF(k, GLB_REQUEST_IDLE_EN);

    glb_update(k, 0, en);
    ring(k);
    PUT(k, k->glb_in, GLB_INPUT_IDLE_TIMER, 1u << 31 | 1000);
    glb_update(k, en, en);
    ring(k);
    done(k, 0, 0);
    fake_run(k, 1024000 - 1);
    g_assert_false(glb_idle(k));
    fake_run(k, 1);
    g_assert_true(glb_idle(k));
    fake_free(k);
}

static void test_longest_timer_does_not_wrap(void)
{
    Fake *k = busy();
    uint32_t en = BIT_OF(k, GLB_REQUEST_IDLE_EN);

    glb_update(k, 0, en);
    PUT(k, k->glb_in, GLB_INPUT_IDLE_TIMER, 0x7fffffff);
    ring(k);
    glb_update(k, en, en);
    ring(k);
    k->now = INT64_MAX - 1000;
    done(k, 0, 0);
    g_assert_cmpint(k->timer[CSF_TIMER_IDLE], ==, FW_TIME_NEVER);
    fake_free(k);
}

static void test_cores_go_off_later(void)
{
    Fake *k = busy();

    g_assert_cmphex(k->cores, ==, 0x50005);
    done(k, 0, 0);
    fake_run(k, POWEROFF_NS - 1);
    g_assert_cmphex(k->cores, ==, 0x50005);
    fake_run(k, 1);
    g_assert_cmphex(k->cores, ==, 0);
    more(k, 0, 0);
    g_assert_cmphex(k->cores, ==, 0x50005);
    done(k, 0, 0);
    fake_run(k, POWEROFF_NS / 2);
    more(k, 0, 0);
    g_assert_cmpint(k->timer[CSF_TIMER_POWEROFF], ==, FW_TIME_NEVER);
    csf_timer(&k->fw, CSF_TIMER_POWEROFF);
    fake_run(k, 10 * POWEROFF_NS);
    g_assert_cmphex(k->cores, ==, 0x50005);
    fake_free(k);
}

static void test_halt_silences_timers(void)
{
    Fake *k = busy();

    done(k, 0, 0);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    for (unsigned i = 0; i < FW_TIMERS_MAX; i++) {
        g_assert_cmpint(k->timer[i], ==, FW_TIME_NEVER);
    }
    fake_irqs(k);
    csf_timer(&k->fw, CSF_TIMER_IDLE);
    fake_event(k, 0, 0, CSF_EVENT_SYNC);
    g_assert_false(glb_idle(k));
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/idle/" #name, test_##name)
    T(once_per_idle_period);
    T(all_streams_must_be_idle);
    T(idle_from_the_start);
    T(stale_idle_is_withdrawn);
    T(sync_wait_counts_if_enabled);
    T(levels_decide);
    T(global_idle_after_its_timer);
    T(work_cancels_global_idle);
    T(all_groups_must_be_idle);
    T(no_group_is_not_idle);
    T(global_idle_wants_its_enable);
    T(global_idle_waits_for_the_host);
    T(global_idle_after_restart);
    T(gpu_cycles_as_timer_source);
    T(longest_timer_does_not_wrap);
    T(cores_go_off_later);
    T(halt_silences_timers);
    return g_test_run();
}
