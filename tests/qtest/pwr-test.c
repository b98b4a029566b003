/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PWR_CONTROL of architecture 14, as panthor_pwr.c uses it and beyond.
 */
#include "qemu/osdep.h"

#include "lib/box.h"

#define MS 1000000
#define PERSONA ",persona=mali-g1-premium"
#define L2_ALL 0xf
#define SHADERS 0x550055

static uint64_t status(Gpu *g)
{
    return gpu_read64(g, PWR_STATUS);
}

static uint32_t raised(Gpu *g)
{
    return gpu_read(g, PWR_INT + RAWSTAT);
}

/* Written as the driver does: the argument first, only if there is one. */
static void command(Gpu *g, uint32_t cmd, uint64_t arg)
{
    if (arg) {
        gpu_write64(g, PWR_CMDARG, arg);
    }
    gpu_write(g, PWR_COMMAND, cmd);
}

static void l2_on(Gpu *g)
{
    command(g, PWR_CMD(PWR_UP, D_L2), L2_ALL);
    g_assert_cmpint(gpu_poll(g, PWR_L2 + PWR_READY, ~0u, L2_ALL, 20 * MS), >,
                    0);
}

static void give(Gpu *g, unsigned domain)
{
    command(g, PWR_CMD(PWR_DELEGATE, domain), 0);
    box_step(g->box, 20 * MS);
    g_assert_cmphex(status(g) & (PWR_ALLOW(domain) | PWR_DELEGATED(domain)),
                    ==, PWR_DELEGATED(domain));
}

static void everything_is_the_hosts_at_first(void)
{
    const uint64_t allow = PWR_ALLOW(D_L2) | PWR_ALLOW(D_TILER) |
                           PWR_ALLOW(D_SHADER) | PWR_ALLOW_SOFT_RESET;
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    g_assert_cmphex(gpu_read(g, GPU_ID), ==, 0xe8010000);
    g_assert_cmphex(status(g) & allow, ==, allow);
    g_assert_cmphex(status(g) & (PWR_POWER_PENDING | PWR_RESET_PENDING |
                                 PWR_DELEGATED(D_TILER)), ==, 0);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_PRESENT), ==, L2_ALL);
    g_assert_cmphex(gpu_read64(g, PWR_TILER + PWR_PRESENT), ==, 1);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_PRESENT), ==, SHADERS);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_READY), ==, 0);
    g_assert_cmphex(raised(g), ==, 0);
    g_assert_cmphex(gpu_get_number(g, "unmodelled-count"), ==, 0);
    box_free(b);
}

/* GPU_CONTROL has lost them; a driver that uses them is to be found out. */
static void older_registers_are_gone(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    g_assert_cmphex(gpu_read(g, L2_PRESENT), ==, 0);
    gpu_write(g, L2_PWRON, 1);
    g_assert_cmphex(gpu_get_number(g, "unmodelled-count"), ==, 2);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, 0);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(raised(g), ==, 0);
    box_free(b);
}

static void older_gpus_have_no_such_block(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, PWR_INT + MASK, ~0u);
    gpu_write(g, PWR_INT + RAWSTAT, ~0u);
    g_assert_cmphex(gpu_read(g, PWR_STATUS), ==, 0);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    g_assert_cmphex(gpu_get_number(g, "unmodelled-count"), ==, 3);
    box_free(b);
}

/* panthor_pwr.c: panthor_pwr_domain_transition() */
static void power_goes_up_and_down(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, PWR_INT + MASK, ~0u);
    command(g, PWR_CMD(PWR_UP, D_L2), L2_ALL);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_PWRTRANS), ==, L2_ALL);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, 0);
    g_assert_cmphex(status(g) & PWR_POWER_PENDING, ==, PWR_POWER_PENDING);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    g_assert_cmpint(gpu_poll(g, PWR_L2 + PWR_PWRTRANS, ~0u, 0, 20 * MS), >,
                    0);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, L2_ALL);
    g_assert_cmphex(status(g) & PWR_POWER_PENDING, ==, 0);
    g_assert_cmphex(raised(g), ==, PWR_IRQ_SINGLE | PWR_IRQ_ALL);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    command(g, PWR_CMD(PWR_DOWN, D_L2), 1);
    g_assert_cmpint(gpu_poll(g, PWR_L2 + PWR_READY, ~0u, L2_ALL & ~1,
                             20 * MS), >, 0);
    box_free(b);
}

static void absent_parts_stay_off(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    command(g, PWR_CMD(PWR_UP, D_SHADER), ~0ull);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_READY), ==, SHADERS);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_PWRTRANS), ==, 0);
    box_free(b);
}

/* panthor_pwr.c: delegate_domain(), retract_domain() */
static void domains_are_given_and_taken_back(void)
{
    const uint64_t both = PWR_ALLOW(D_TILER) | PWR_DELEGATED(D_TILER);
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    command(g, PWR_CMD(PWR_DELEGATE, D_TILER), 0);
    g_assert_cmphex(status(g) & both, ==, 0);
    box_step(b, 20 * MS);
    g_assert_cmphex(status(g) & both, ==, PWR_DELEGATED(D_TILER));
    g_assert_cmphex(raised(g), ==, PWR_IRQ_DELEGATION);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    command(g, PWR_CMD(PWR_RETRACT, D_TILER), 0);
    g_assert_cmphex(status(g) & PWR_RETRACT_PENDING, ==, PWR_RETRACT_PENDING);
    box_step(b, 20 * MS);
    g_assert_cmphex(status(g) & PWR_RETRACT_PENDING, ==, 0);
    g_assert_cmphex(status(g) & both, ==, PWR_ALLOW(D_TILER));
    g_assert_cmphex(raised(g), ==, PWR_IRQ_DELEGATION | PWR_IRQ_RETRACT);
    box_free(b);
}

/* The driver does not delegate again after a suspend without a reset. */
static void delegation_outlives_l2(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    give(g, D_SHADER);
    give(g, D_TILER);
    command(g, PWR_CMD(PWR_DOWN, D_L2), L2_ALL);
    g_assert_cmpint(gpu_poll(g, PWR_L2 + PWR_READY, ~0u, 0, 20 * MS), >, 0);
    l2_on(g);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_SHADER), !=, 0);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_TILER), !=, 0);
    box_free(b);
}

static void refused(Gpu *g, uint32_t cmd, uint64_t arg, uint32_t irq)
{
    uint64_t before = status(g);

    gpu_write(g, PWR_INT + CLEAR, ~0u);
    command(g, cmd, arg);
    g_assert_cmphex(raised(g), ==, irq);
    box_step(g->box, 20 * MS);
    g_assert_cmphex(raised(g), ==, irq);
    g_assert_cmphex(status(g), ==, before);
}

static void what_is_not_allowed_does_nothing(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    /* Without L2 nothing else. */
    refused(g, PWR_CMD(PWR_UP, D_SHADER), SHADERS, PWR_IRQ_NOT_ALLOWED);
    l2_on(g);
    refused(g, PWR_CMD(PWR_DELEGATE, D_L2), 0, PWR_IRQ_NOT_ALLOWED);
    refused(g, PWR_CMD(PWR_RETRACT, D_TILER), 0, PWR_IRQ_NOT_ALLOWED);
    give(g, D_SHADER);
    refused(g, PWR_CMD(PWR_DELEGATE, D_SHADER), 0, PWR_IRQ_NOT_ALLOWED);
    refused(g, PWR_CMD(PWR_UP, D_SHADER), SHADERS, PWR_IRQ_NOT_ALLOWED);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_READY), ==, 0);
    /* Not L2 as long as others live on it. */
    command(g, PWR_CMD(PWR_UP, D_TILER), 1);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, PWR_TILER + PWR_READY), ==, 1);
    refused(g, PWR_CMD(PWR_DOWN, D_L2), L2_ALL, PWR_IRQ_NOT_ALLOWED);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, L2_ALL);
    box_free(b);
}

static void what_does_not_exist_is_invalid(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    refused(g, 0, 0, PWR_IRQ_INVALID);
    refused(g, 0xff, 0, PWR_IRQ_INVALID);
    refused(g, PWR_CMD(PWR_UP, 2), ~0ull, PWR_IRQ_INVALID);
    refused(g, PWR_CMD(PWR_UP, 0xff), ~0ull, PWR_IRQ_INVALID);
    /* Ray traversal units: this one has none. */
    refused(g, PWR_CMD(PWR_UP, D_SHADER) | 1u << 16, SHADERS,
            PWR_IRQ_INVALID);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    gpu_write(g, PWR_COMMAND, PWR_INSPECT);
    g_assert_cmphex(raised(g), ==, PWR_IRQ_INSPECT);
    box_free(b);
}

static void ray_traversal_units_have_a_subdomain(void)
{
    Box *b = box_new(1, ",persona=mali-g1-ultra", "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    command(g, PWR_CMD(PWR_UP, D_SHADER) | 1u << 16, 1);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, PWR_SHADER + PWR_READY), ==, 1);
    g_assert_cmphex(raised(g) & PWR_IRQ_INVALID, ==, 0);
    refused(g, PWR_CMD(PWR_UP, D_TILER) | 1u << 16, 1, PWR_IRQ_INVALID);
    refused(g, PWR_CMD(PWR_UP, D_SHADER) | 2u << 16, 1, PWR_IRQ_INVALID);
    box_free(b);
}

/* panthor_pwr.c: panthor_pwr_reset() waits through the mask. */
static void soft_reset_takes_everything_back(void)
{
    static const uint32_t cmds[] = { PWR_RESET_SOFT, PWR_RESET_FAST };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(cmds); i++) {
        Box *b = box_new(1, PERSONA, "");
        Gpu *g = &b->gpu[0];

        l2_on(g);
        give(g, D_SHADER);
        give(g, D_TILER);
        gpu_write(g, PWR_INT + CLEAR, ~0u);
        gpu_write(g, PWR_INT + MASK, ~0u);
        gpu_write(g, PWR_COMMAND, cmds[i]);
        g_assert_cmphex(status(g) & PWR_RESET_PENDING, !=, 0);
        g_assert_cmphex(status(g) & PWR_ALLOW_SOFT_RESET, ==, 0);
        g_assert_cmphex(raised(g), ==, 0);
        g_assert_cmpint(gpu_poll(g, PWR_INT + STAT, PWR_IRQ_RESET,
                                 PWR_IRQ_RESET, 500 * MS), >, 0);
        g_assert_true(gpu_line(g, BOX_LINE_GPU));
        g_assert_cmphex(status(g) & PWR_RESET_PENDING, ==, 0);
        g_assert_cmphex(status(g) & (PWR_DELEGATED(D_SHADER) |
                                     PWR_DELEGATED(D_TILER)), ==, 0);
        g_assert_cmphex(status(g) & PWR_ALLOW(D_SHADER), !=, 0);
        g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, 0);
        box_free(b);
    }
}

static void reset_undoes_a_delegation(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    command(g, PWR_CMD(PWR_DELEGATE, D_TILER), 0);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    gpu_write(g, PWR_COMMAND, PWR_RESET_SOFT);
    /* One at a time. */
    gpu_write(g, PWR_COMMAND, PWR_RESET_SOFT);
    g_assert_cmphex(raised(g), ==, PWR_IRQ_NOT_ALLOWED);
    box_step(b, 500 * MS);
    g_assert_cmphex(raised(g) & ~PWR_IRQ_DELEGATION, ==,
                    PWR_IRQ_NOT_ALLOWED | PWR_IRQ_RESET);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_TILER), ==, 0);
    g_assert_cmphex(status(g) & PWR_ALLOW(D_TILER), !=, 0);
    box_free(b);
}

/* Two banks, one line: it is up as long as one of them wants it. */
static void the_line_is_shared(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, PWR_INT + MASK, ~0u);
    gpu_write(g, GPU_INT + MASK, ~0u);
    gpu_write(g, PWR_INT + RAWSTAT, PWR_IRQ_DELEGATION);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    g_assert_cmphex(gpu_read(g, GPU_INT + STAT), ==, 0);
    gpu_write(g, GPU_INT + RAWSTAT, INT_FAULT);
    gpu_write(g, PWR_INT + CLEAR, ~0u);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    gpu_write(g, GPU_INT + CLEAR, ~0u);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    gpu_write(g, GPU_INT + MASK, 0);
    gpu_write(g, GPU_INT + RAWSTAT, INT_FAULT);
    gpu_write(g, PWR_INT + RAWSTAT, PWR_IRQ_INSPECT);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    gpu_write(g, PWR_INT + MASK, 0);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    box_free(b);
}

/* In the middle of a retraction, with an argument written. */
static void state_travels(void)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/state", dir);
    g_autofree char *error = NULL;
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    give(g, D_SHADER);
    give(g, D_TILER);
    gpu_write(g, PWR_INT + MASK, PWR_IRQ_RETRACT);
    gpu_write64(g, PWR_CMDARG, 0x123456789abcdef0ull);
    command(g, PWR_CMD(PWR_RETRACT, D_TILER), 0);
    box_save(b, path);
    error = box_load(b, path);
    g_assert_cmpstr(error, ==, NULL);
    g_assert_cmphex(status(g) & PWR_RETRACT_PENDING, !=, 0);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_SHADER), !=, 0);
    g_assert_cmphex(gpu_read64(g, PWR_CMDARG), ==, 0x123456789abcdef0ull);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, L2_ALL);
    box_step(b, 20 * MS);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_TILER), ==, 0);
    g_assert_cmphex(gpu_read(g, PWR_INT + STAT), ==, PWR_IRQ_RETRACT);
    unlink(path);
    rmdir(dir);
    box_free(b);
}

/* A machine that is reset begins anew. */
static void cold_reset_forgets(void)
{
    Box *b = box_new(1, PERSONA, "");
    Gpu *g = &b->gpu[0];

    l2_on(g);
    give(g, D_SHADER);
    gpu_write(g, PWR_INT + MASK, ~0u);
    gpu_write64(g, PWR_CMDARG, ~0ull);
    qtest_system_reset(b->qts);
    g_assert_cmphex(status(g) & PWR_DELEGATED(D_SHADER), ==, 0);
    g_assert_cmphex(gpu_read64(g, PWR_CMDARG), ==, 0);
    g_assert_cmphex(gpu_read(g, PWR_INT + MASK), ==, 0);
    g_assert_cmphex(raised(g), ==, 0);
    g_assert_cmphex(gpu_read64(g, PWR_L2 + PWR_READY), ==, 0);
    box_free(b);
}

#define TEST(f) qtest_add_func("/gpumbox/pwr/" #f, f)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(everything_is_the_hosts_at_first);
    TEST(older_registers_are_gone);
    TEST(older_gpus_have_no_such_block);
    TEST(power_goes_up_and_down);
    TEST(absent_parts_stay_off);
    TEST(domains_are_given_and_taken_back);
    TEST(delegation_outlives_l2);
    TEST(what_is_not_allowed_does_nothing);
    TEST(what_does_not_exist_is_invalid);
    TEST(ray_traversal_units_have_a_subdomain);
    TEST(soft_reset_takes_everything_back);
    TEST(reset_undoes_a_delegation);
    TEST(the_line_is_shared);
    TEST(state_travels);
    TEST(cold_reset_forgets);
    return g_test_run();
}
