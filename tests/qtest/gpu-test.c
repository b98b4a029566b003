/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of GPU control: identity, interrupts, power, reset, flush.
 */
#include "qemu/osdep.h"

#include "lib/box.h"

#define MS 1000000

/* What panthor prints on a real RK3588 and reads at probe. */
static void identity_is_a_g610(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    g_assert_cmphex(gpu_read(g, GPU_ID), ==, 0xa8670005);
    g_assert_cmphex(gpu_read(g, L2_FEATURES), ==, 0x07120306);
    g_assert_cmphex(gpu_read(g, TILER_FEATURES), ==, 0x809);
    g_assert_cmphex(gpu_read(g, MEM_FEATURES), ==, 0x301);
    g_assert_cmphex(gpu_read(g, MMU_FEATURES), ==, 0x2830);
    g_assert_cmphex(gpu_read(g, AS_PRESENT), ==, 0xff);
    g_assert_cmphex(gpu_read64(g, SHADER_PRESENT), ==, 0x50005);
    g_assert_cmphex(gpu_read64(g, TILER_PRESENT), ==, 1);
    g_assert_cmphex(gpu_read64(g, L2_PRESENT), ==, 1);
    /* ACE_LITE: 7.3 refuses a coherent device without it. */
    g_assert_cmphex(gpu_read(g, COHERENCY_FEATURES) & 1, ==, 1);
    box_free(b);
}

static void identity_is_read_only(void)
{
    static const uint32_t regs[] = {
        GPU_ID, L2_FEATURES, MMU_FEATURES, AS_PRESENT, CSF_ID, GPU_FEATURES,
        THREAD_MAX_THREADS, TEXTURE_FEATURES, SHADER_PRESENT, L2_PRESENT,
        REVID, COHERENCY_FEATURES, L2_READY, MCU_STATUS, GPU_STATUS,
    };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned i;

    gpu_power_on(g);
    g_assert_cmphex(gpu_read(g, L2_READY), ==, 1);
    for (i = 0; i < ARRAY_SIZE(regs); i++) {
        uint32_t before = gpu_read(g, regs[i]);

        gpu_write(g, regs[i], ~before);
        g_assert_cmphex(gpu_read(g, regs[i]), ==, before);
    }
    box_free(b);
}

static void nothing_is_raised_after_power_up(void)
{
    static const uint32_t banks[] = { GPU_INT, JOB_INT, MMU_INT };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(banks); i++) {
        g_assert_cmphex(gpu_read(g, banks[i] + RAWSTAT), ==, 0);
        g_assert_cmphex(gpu_read(g, banks[i] + MASK), ==, 0);
        g_assert_cmphex(gpu_read(g, banks[i] + STAT), ==, 0);
        g_assert_false(gpu_line(g, i));
    }
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read64(g, L2_PRESENT), ==, 1);
    box_free(b);
}

/* Line = (RAWSTAT & MASK) != 0, for each bank its own. */
static void lines_follow_raw_and_mask(void)
{
    static const struct {
        uint32_t bank;
        unsigned line;
        uint32_t bits;
    } banks[] = {
        { GPU_INT, BOX_LINE_GPU, INT_FAULT },
        { JOB_INT, BOX_LINE_JOB, INT_GLOBAL },
        { MMU_INT, BOX_LINE_MMU, 1u << 3 },
    };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned i, other;

    for (i = 0; i < ARRAY_SIZE(banks); i++) {
        uint32_t bank = banks[i].bank;

        gpu_write(g, bank + RAWSTAT, banks[i].bits);
        g_assert_cmphex(gpu_read(g, bank + RAWSTAT), ==, banks[i].bits);
        g_assert_cmphex(gpu_read(g, bank + STAT), ==, 0);
        g_assert_false(gpu_line(g, banks[i].line));
        gpu_write(g, bank + MASK, banks[i].bits << 1 | banks[i].bits);
        g_assert_cmphex(gpu_read(g, bank + STAT), ==, banks[i].bits);
        for (other = 0; other < BOX_LINES; other++) {
            g_assert_cmpint(gpu_line(g, other), ==, other == banks[i].line);
        }
        gpu_write(g, bank + MASK, 0);
        g_assert_false(gpu_line(g, banks[i].line));
        gpu_write(g, bank + MASK, ~0u);
        g_assert_true(gpu_line(g, banks[i].line));
        gpu_write(g, bank + CLEAR, banks[i].bits);
        g_assert_cmphex(gpu_read(g, bank + RAWSTAT), ==, 0);
        g_assert_false(gpu_line(g, banks[i].line));
        gpu_write(g, bank + MASK, 0);
    }
    box_free(b);
}

/* A bit that was not written to CLEAR stays: 6.12 clears what it read. */
static void clear_takes_only_the_written_bits(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, JOB_INT + MASK, ~0u);
    gpu_write(g, JOB_INT + RAWSTAT, 0x80000005);
    gpu_write(g, JOB_INT + CLEAR, 0x80000001);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 4);
    g_assert_true(gpu_line(g, BOX_LINE_JOB));
    gpu_write(g, JOB_INT + CLEAR, 0);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 4);
    box_free(b);
}

/* STAT is derived: writing it does nothing. */
static void stat_is_read_only(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, GPU_INT + MASK, ~0u);
    gpu_write(g, GPU_INT + STAT, ~0u);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    gpu_write(g, GPU_INT + RAWSTAT, INT_FAULT);
    gpu_write(g, GPU_INT + STAT, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + STAT), ==, INT_FAULT);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    box_free(b);
}

/*
 * 7.3 compares READY the wrong way round and times out on bits that it did
 * not ask for (panthor_gpu.c: panthor_gpu_block_power_on()).
 */
static void l2_ready_has_exactly_the_requested_bits(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, L2_PWRON, 1);
    gpu_write(g, L2_PWRON + 4, 0);
    g_assert_cmphex(gpu_read64(g, L2_PWRTRANS), ==, 1);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmpint(gpu_poll(g, L2_PWRTRANS, ~0u, 0, 20 * MS), >, 0);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 1);
    box_free(b);
}

static void l2_absent_slices_stay_off(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, L2_PWRON, 0xfe);
    gpu_write(g, L2_PWRON + 4, ~0u);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read64(g, L2_PWRTRANS), ==, 0);
    gpu_write(g, L2_PWRON, ~0u);
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 1);
    box_free(b);
}

static void l2_goes_off_again(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_power_on(g);
    gpu_write(g, L2_PWROFF, 1);
    g_assert_cmphex(gpu_read64(g, L2_PWRTRANS), ==, 1);
    g_assert_cmpint(gpu_poll(g, L2_PWRTRANS, ~0u, 0, 20 * MS), >, 0);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    box_free(b);
}

static void power_changes_raise_interrupts(void)
{
    const uint32_t bits = INT_POWER_CHANGED | INT_POWER_CHANGED_ALL;
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, GPU_INT + MASK, bits);
    gpu_write(g, L2_PWRON, 1);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    box_step(b, 20 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + STAT), ==, bits);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    box_free(b);
}

/* panthor_gpu.c: panthor_gpu_soft_reset() does not write the mask again. */
static void int_mask_survives_soft_reset(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, GPU_INT + MASK, 0x20103);
    gpu_write(g, GPU_INT + CLEAR, INT_RESET_COMPLETED);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmpint(gpu_poll(g, GPU_INT + STAT, INT_RESET_COMPLETED,
                             INT_RESET_COMPLETED, 100 * MS), >, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + MASK), ==, 0x20103);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    box_free(b);
}

static void soft_reset_takes_power_and_other_interrupts(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_power_on(g);
    gpu_write(g, JOB_INT + RAWSTAT, ~0u);
    gpu_write(g, MMU_INT + RAWSTAT, ~0u);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    g_assert_cmpint(gpu_poll(g, GPU_INT + RAWSTAT, INT_RESET_COMPLETED,
                             INT_RESET_COMPLETED, 100 * MS), >, 0);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    box_free(b);
}

/* A flush that was under way when the reset came never reports. */
static void soft_reset_drops_a_flush(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, GPU_CMD, CMD_FLUSH);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 200 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_CACHES_CLEANED, ==,
                    0);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_RESET_COMPLETED, !=,
                    0);
    box_free(b);
}

static void hard_reset_forgets_the_mask(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write(g, GPU_INT + MASK, ~0u);
    gpu_write(g, GPU_CMD, CMD_HARD_RESET);
    g_assert_cmpint(gpu_poll(g, GPU_INT + RAWSTAT, INT_RESET_COMPLETED,
                             INT_RESET_COMPLETED, 100 * MS), >, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + MASK), ==, 0);
    box_free(b);
}

static void flush_completes_asynchronously_and_advances_the_id(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t before = gpu_read(g, FLUSH_ID);

    gpu_write(g, GPU_INT + MASK, 0x20103);
    gpu_write(g, GPU_CMD, CMD_FLUSH_INV);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, FLUSH_ID), ==, before);
    g_assert_cmphex(gpu_read(g, GPU_STATUS) & 1, ==, 1);
    g_assert_cmpint(gpu_poll(g, GPU_INT + STAT, INT_CACHES_CLEANED,
                             INT_CACHES_CLEANED, 100 * MS), >, 0);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    g_assert_cmphex(gpu_read(g, FLUSH_ID), !=, before);
    g_assert_cmphex(gpu_read(g, GPU_STATUS) & 1, ==, 0);
    box_free(b);
}

/* Bits 30:24 set make GROUP_SUBMIT fail, and 0 means "always flush". */
static void flush_id_stays_in_the_range_that_submit_takes(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t last = gpu_read(g, FLUSH_ID);
    unsigned i;

    g_assert_cmphex(last, !=, 0);
    for (i = 0; i < 32; i++) {
        uint32_t id;

        gpu_write(g, GPU_CMD, CMD_FLUSH);
        box_step(b, MS);
        id = gpu_read(g, FLUSH_ID);
        g_assert_cmphex(id, !=, last);
        g_assert_cmphex(id, !=, 0);
        g_assert_cmphex(id & 0x7f000000, ==, 0);
        last = id;
    }
    box_free(b);
}

/* User space maps the page and may read it as it likes. */
static void flush_id_page_reads_in_every_size(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    QTestState *qts = b->qts;
    uint64_t at = g->base + FLUSH_ID;
    uint32_t id, i;

    /* An id whose bytes differ. */
    for (i = 0; i < 258; i++) {
        gpu_write(g, GPU_CMD, CMD_FLUSH);
        box_step(b, MS);
    }
    id = qtest_readl(qts, at);
    g_assert_cmphex(id, >, 0xff);
    g_assert_cmphex(qtest_readb(qts, at), ==, id & 0xff);
    g_assert_cmphex(qtest_readb(qts, at + 1), ==, id >> 8 & 0xff);
    g_assert_cmphex(qtest_readw(qts, at), ==, id & 0xffff);
    g_assert_cmphex(qtest_readw(qts, at + 2), ==, id >> 16);
    g_assert_cmphex(qtest_readq(qts, at), ==, id);
    g_assert_cmphex(qtest_readq(qts, at + 8), ==, 0);
    g_assert_cmphex(qtest_readl(qts, at + 0xffc), ==, 0);
    g_assert_cmphex(gpu_get_number(g, "unmodelled-count"), ==, 0);
    qtest_writel(qts, at, 0x12345678);
    g_assert_cmphex(qtest_readl(qts, at), ==, id);
    box_free(b);
}

static void timestamp_ticks_with_virtual_time(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint64_t stamp = gpu_read64(g, TIMESTAMP);
    uint64_t cycles = gpu_read64(g, CYCLE_COUNT);

    g_assert_cmphex(gpu_read64(g, TIMESTAMP), ==, stamp);
    box_step(b, 1000 * MS);
    g_assert_cmpuint(gpu_read64(g, TIMESTAMP) - stamp, ==, 62500000);
    g_assert_cmpuint(gpu_read64(g, CYCLE_COUNT) - cycles, ==, 1000000000);
    gpu_write64(g, TIMESTAMP_OFFSET, 0x100000000ull);
    g_assert_cmphex(gpu_read64(g, TIMESTAMP) - stamp, ==,
                    62500000 + 0x100000000ull);
    box_free(b);
}

static void unknown_gpu_commands_do_nothing(void)
{
    static const uint32_t commands[] = {
        0, 2, 3, 5, 6, 8, 0xff, 0x301, 0xffffff01,
    };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned i;

    gpu_power_on(g);
    gpu_write(g, GPU_INT + CLEAR, ~0u);
    for (i = 0; i < ARRAY_SIZE(commands); i++) {
        gpu_write(g, GPU_CMD, commands[i]);
        box_step(b, 10 * MS);
        g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
        g_assert_cmphex(gpu_read64(g, L2_READY), ==, 1);
    }
    box_free(b);
}

/* Nothing is swallowed: what is not modelled is counted and listed. */
static void unmodelled_accesses_are_listed(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    g_autofree char *text = NULL;
    unsigned i;

    g_assert_cmpuint(gpu_get_number(g, "unmodelled-count"), ==, 0);
    g_assert_cmphex(gpu_read(g, 0x3000), ==, 0);
    gpu_write(g, 0x3000, 1);
    gpu_read(g, 0x7fc);
    text = gpu_get_string(g, "unmodelled");
    g_assert_cmpuint(gpu_get_number(g, "unmodelled-count"), ==, 3);
    g_assert_nonnull(strstr(text, "0x03000: 1 reads, 1 writes"));
    g_assert_nonnull(strstr(text, "0x007fc: 1 reads, 0 writes"));
    /* The list is bounded, the count goes on. */
    for (i = 0; i < 100; i++) {
        gpu_read(g, 0x4000 + 4 * i);
    }
    g_assert_cmpuint(gpu_get_number(g, "unmodelled-count"), ==, 103);
    box_free(b);
}

static void two_gpus_share_nothing(void)
{
    Box *b = box_new(2, "", "");
    Gpu *g = &b->gpu[0], *h = &b->gpu[1];

    g_assert_cmphex(g->base, !=, h->base);
    gpu_power_on(g);
    gpu_write(g, GPU_CMD, CMD_FLUSH);
    gpu_write(g, GPU_INT + MASK, ~0u);
    gpu_write64(g, AS(1) + AS_TRANSTAB, 0x44000000);
    gpu_read(g, 0x3000);
    box_step(b, MS);
    g_assert_true(gpu_line(g, BOX_LINE_GPU));
    g_assert_false(gpu_line(h, BOX_LINE_GPU));
    g_assert_cmphex(gpu_read64(h, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read(h, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(h, GPU_INT + MASK), ==, 0);
    g_assert_cmphex(gpu_read64(h, AS(1) + AS_TRANSTAB), ==, 0);
    g_assert_cmphex(gpu_read(g, FLUSH_ID), !=, gpu_read(h, FLUSH_ID));
    g_assert_cmpuint(gpu_get_number(h, "unmodelled-count"), ==, 0);
    box_free(b);
}

static void system_reset_brings_power_up_state(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t id = gpu_read(g, FLUSH_ID);

    gpu_power_on(g);
    gpu_write(g, GPU_CMD, CMD_FLUSH);
    gpu_write(g, GPU_INT + MASK, ~0u);
    gpu_write64(g, AS(0) + AS_TRANSTAB, 0x44000000);
    box_step(b, MS);
    gpu_write(g, GPU_CMD, CMD_FLUSH);
    qtest_system_reset(b->qts);
    box_step(b, MS);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + MASK), ==, 0);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    g_assert_cmphex(gpu_read64(g, AS(0) + AS_TRANSTAB), ==, 0);
    g_assert_cmphex(gpu_read(g, FLUSH_ID), ==, id);
    box_free(b);
}

#define TEST(name) qtest_add_func("/gpumbox/gpu/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(identity_is_a_g610);
    TEST(identity_is_read_only);
    TEST(nothing_is_raised_after_power_up);
    TEST(lines_follow_raw_and_mask);
    TEST(clear_takes_only_the_written_bits);
    TEST(stat_is_read_only);
    TEST(l2_ready_has_exactly_the_requested_bits);
    TEST(l2_absent_slices_stay_off);
    TEST(l2_goes_off_again);
    TEST(power_changes_raise_interrupts);
    TEST(int_mask_survives_soft_reset);
    TEST(soft_reset_takes_power_and_other_interrupts);
    TEST(soft_reset_drops_a_flush);
    TEST(hard_reset_forgets_the_mask);
    TEST(flush_completes_asynchronously_and_advances_the_id);
    TEST(flush_id_stays_in_the_range_that_submit_takes);
    TEST(flush_id_page_reads_in_every_size);
    TEST(timestamp_ticks_with_virtual_time);
    TEST(unknown_gpu_commands_do_nothing);
    TEST(unmodelled_accesses_are_listed);
    TEST(two_gpus_share_nothing);
    TEST(system_reset_brings_power_up_state);
    return g_test_run();
}
