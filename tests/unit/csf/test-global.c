/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Global requests of the CSF stub. */
#include "fake.h"

static void test_ping(void)
{
    Fake *k = fake_up();

    for (unsigned i = 0; i < 3; i++) {
        glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
        g_assert_cmphex(glb_ack(k), !=, glb_req(k));
        ring(k);
        g_assert_cmphex(glb_ack(k), ==, glb_req(k));
        g_assert_cmphex(fake_irqs(k), ==, 1u << 31);
    }
    g_assert_cmpuint(fake_count(k, "request glb-ping"), ==, 3);
    g_assert_cmpuint(fake_count(k, "ack glb-ping"), ==, 3);
    fake_free(k);
}

static void test_no_interrupt_unless_masked_in(void)
{
    Fake *k = fake_up();

    PUT(k, k->glb_in, GLB_INPUT_ACK_IRQ_MASK, 0);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    g_assert_cmphex(glb_ack(k), ==, glb_req(k));
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_configuration_reaches_the_hardware(void)
{
    Fake *k = fake_new();

    fake_boot(k);
    fake_ready(k);
    g_assert_cmphex(glb_ack(k), ==, glb_req(k));
    /* 2560000 * 1024 cycles of 1 ns. */
    g_assert_cmpint(k->progress_ns, ==, 2621440000ll);
    g_assert_cmphex(k->cores, ==, 0);
    start_group(k, 0, 1);
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->cores, ==, 0x50005);
    PUT(k, k->glb_in, GLB_INPUT_CORE_EN_MASK, 1);
    ring(k);
    g_assert_cmphex(k->cores, ==, 0x50005);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_CFG_ALLOC_EN));
    ring(k);
    g_assert_cmphex(k->cores, ==, 1);
    PUT(k, k->glb_in, GLB_INPUT_PROGRESS_TIMER, 0);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_CFG_PROGRESS_TIMER));
    ring(k);
    g_assert_cmpint(k->progress_ns, ==, 0);
    fake_free(k);
}

static void test_levels_are_copied(void)
{
    Fake *k = fake_up();
    uint32_t level = BIT_OF(k, GLB_REQUEST_IDLE_EN) |
                     BIT_OF(k, GLB_REQUEST_COUNTER_EN);

    g_assert_cmphex(glb_ack(k) & level, ==, level);
    glb_update(k, 0, level);
    ring(k);
    g_assert_cmphex(glb_ack(k) & level, ==, 0);
    fake_free(k);
}

static void test_unknown_bits_are_left_alone(void)
{
    Fake *k = fake_up();
    uint32_t unknown = 1u << 11 | 1u << 15 | 1u << 20 | 1u << 31;
    uint32_t before = glb_ack(k);

    glb_update(k, unknown, unknown);
    ring(k);
    g_assert_cmphex(glb_ack(k), ==, before);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_unsupported_requests_are_answered(void)
{
    Fake *k = fake_up();
    uint32_t bits = BIT_OF(k, GLB_REQUEST_PROTM_ENTER) |
                    BIT_OF(k, GLB_REQUEST_PERFCNT_EN) |
                    BIT_OF(k, GLB_REQUEST_PERFCNT_SAMPLE) |
                    BIT_OF(k, GLB_REQUEST_FWCFG_UPDATE);

    glb_toggle(k, bits);
    ring(k);
    g_assert_cmphex((glb_ack(k) ^ glb_req(k)) & bits, ==, 0);
    g_assert_cmpuint(fake_count(k, "ack glb-protm-enter"), ==, 1);
    fake_free(k);
}

static void test_halt(void)
{
    Fake *k = fake_up();
    uint32_t ack = glb_ack(k);

    PUT(k, k->glb_out, GLB_OUTPUT_HALT_STATUS, 0x4e);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmphex(glb_ack(k), ==, ack);
    g_assert_cmpuint(GET(k, k->glb_out, GLB_OUTPUT_HALT_STATUS), ==, 0);
    g_assert_cmpuint(fake_count(k, "halt glb-halt"), ==, 1);
    glb_toggle(k, BIT_OF(k, GLB_REQUEST_PING));
    ring(k);
    g_assert_cmphex(glb_ack(k), ==, ack);
    fake_free(k);
}

/* Contract 8.3 f: 6.12 waits 100 ms for the halt, 7.3 a second. */
static void test_halt_delayed(void)
{
    Fake *k = fake_up();
    FakeRule *r = fake_rule(k, FW_TAP_HALT, "glb-halt", FW_DELAY, 1);

    r->verdict.until = 300 * FAKE_MS;
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    fake_run(k, 299 * FAKE_MS);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    fake_run(k, 2 * FAKE_MS);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmpuint(fake_count(k, "request glb-halt"), ==, 1);
    fake_free(k);
}

static void test_halt_dropped_until_asked_again(void)
{
    Fake *k = fake_up();

    fake_rule(k, FW_TAP_HALT, "glb-halt", FW_DROP, 1);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    glb_update(k, 0, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmpuint(fake_count(k, "request glb-halt"), ==, 2);
    fake_free(k);
}

static const char *const both[] = { "glb-halt", "glb-state" };

/* panthor_fw.c: panthor_fw_has_glb_state(). */
static void test_state_halt_is_acknowledged(void)
{
    Fake *k = fake_new();
    uint32_t mask, halt;

    fake_capabilities(k, both + 1, 1);
    fake_boot(k);
    fake_ready(k);
    mask = BIT_OF(k, GLB_REQUEST_STATE);
    halt = fake_state(k, CSF_F_GLB_REQUEST_STATE, 1);
    fake_irqs(k);
    glb_update(k, halt, mask);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmphex(glb_ack(k) & mask, ==, halt);
    g_assert_cmphex(fake_irqs(k), ==, 1u << 31);
    csf_stop(&k->fw);
    glb_update(k, 0, mask);
    fake_boot(k);
    fake_ready(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmphex(glb_ack(k) & mask, ==, 0);
    fake_free(k);
}

static void test_state_sleep_is_not_acknowledged(void)
{
    Fake *k = fake_new();
    uint32_t mask;

    fake_capabilities(k, both + 1, 1);
    fake_boot(k);
    fake_ready(k);
    mask = BIT_OF(k, GLB_REQUEST_STATE);
    glb_update(k, fake_state(k, CSF_F_GLB_REQUEST_STATE, 2), mask);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmphex(glb_ack(k) & mask, ==, 0);
    fake_free(k);
}

/* 6.12 uses GLB_HALT whatever the version. */
static void test_both_ways_to_halt(void)
{
    Fake *k = fake_new();

    fake_capabilities(k, both, 2);
    fake_boot(k);
    fake_ready(k);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    fake_free(k);
}

/* Bit 0 means nothing to an interface that only has GLB_STATE. */
static void test_capability_decides(void)
{
    Fake *k = fake_new();

    fake_capabilities(k, both + 1, 1);
    fake_boot(k);
    fake_ready(k);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    fake_free(k);
}

static void test_doorbell_requests_are_acknowledged(void)
{
    Fake *k = fake_up();

    ring_groups(k, 0x80000005);
    g_assert_cmphex(GET(k, k->glb_out, GLB_OUTPUT_DOORBELL_ACK), ==,
                    0x80000005);
    ring_groups(k, 4);
    g_assert_cmphex(GET(k, k->glb_out, GLB_OUTPUT_DOORBELL_ACK), ==,
                    0x80000001);
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/global/" #name, test_##name)
    T(ping);
    T(no_interrupt_unless_masked_in);
    T(configuration_reaches_the_hardware);
    T(levels_are_copied);
    T(unknown_bits_are_left_alone);
    T(unsupported_requests_are_answered);
    T(halt);
    T(halt_delayed);
    T(halt_dropped_until_asked_again);
    T(state_halt_is_acknowledged);
    T(state_sleep_is_not_acknowledged);
    T(both_ways_to_halt);
    T(capability_decides);
    T(doorbell_requests_are_acknowledged);
    return g_test_run();
}
