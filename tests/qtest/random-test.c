/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random register accesses, doorbells, shared memory, page tables and
 * instructions while the MCU and streams run.
 *
 *   gpumbox-random-test [--seed=N] [--ops=N] [glib options]
 *
 * QEMU must not crash, assert or report a sanitizer's finding, must answer
 * every operation within a bounded time, and a driver that resets the GPU
 * afterwards must find it working. A failure names seed and operation; the
 * same seed goes the same way again.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000

/* Host seconds for one operation; far above what one takes (sanitizers). */
#define STEP_LIMIT 60

#define GROUPS 3
#define QUEUES 2

static uint64_t seed_option;
static unsigned ops_option = 3000;

/* What the alarm's handler says before it ends the test. */
static uint64_t now_seed;
static unsigned now_op;

typedef struct Chaos {
    uint64_t rng;
    Box *b;
    Gpu *g;
    Fw fw;
    Group grp[GROUPS];
} Chaos;

static uint64_t next(Chaos *c)
{
    c->rng ^= c->rng << 13;
    c->rng ^= c->rng >> 7;
    c->rng ^= c->rng << 17;
    return c->rng;
}

static uint64_t below(Chaos *c, uint64_t n)
{
    return (next(c) >> 11) % n;
}

/* Numbers that break things more often than others. */
static uint64_t value(Chaos *c)
{
    switch (below(c, 10)) {
    case 0:
        return 0;
    case 1:
        return ~0ull;
    case 2:
        return 1ull << below(c, 64);
    case 3:
        return below(c, 16);
    case 4:
        return SHARED_VA + below(c, 0x40000);
    case 5:
        return 0x44000000 + below(c, 0x4000) * 4096;
    case 6:
        return GROUP_DATA_VA + below(c, 8192);
    case 7:
        return c->g->base + (below(c, 0x2000) & ~3);
    default:
        return next(c);
    }
}

static uint32_t known_register(Chaos *c)
{
    static const uint32_t regs[] = {
        GPU_ID, GPU_CMD, GPU_STATUS, GPU_FAULT_STATUS, L2_CONFIG,
        TIMESTAMP_OFFSET, CYCLE_COUNT, TIMESTAMP, SHADER_READY, SHADER_PWRON,
        L2_PWRON, L2_PWROFF, L2_PWRTRANS, COHERENCY_PROTOCOL, MCU_CONTROL,
        MCU_STATUS, FLUSH_ID, PWR_STATUS, PWR_COMMAND, PWR_CMDARG,
        PWR_L2 + PWR_READY, PWR_SHADER + PWR_PWRTRANS,
    };
    static const uint32_t banks[] = { GPU_INT, JOB_INT, MMU_INT, PWR_INT };

    switch (below(c, 4)) {
    case 0:
        return regs[below(c, ARRAY_SIZE(regs))] + 4 * below(c, 2);
    case 1:
        return banks[below(c, ARRAY_SIZE(banks))] + 4 * below(c, 4);
    case 2:
        return AS(below(c, 9)) + 4 * below(c, 16);
    default:
        return below(c, 0x3000) & ~3;
    }
}

static void op_write(Chaos *c)
{
    static const uint32_t commands[] = {
        CMD_SOFT_RESET, CMD_HARD_RESET, CMD_FLUSH, CMD_FLUSH_INV, 7,
    };
    static const uint32_t pwr_commands[] = {
        PWR_UP, PWR_DOWN, PWR_DELEGATE, PWR_RETRACT, PWR_RESET_SOFT,
        PWR_RESET_FAST, PWR_INSPECT, 0x12,
    };
    static const uint32_t domains[] = { D_L2, D_TILER, D_SHADER, 14, 15, 3 };

    switch (below(c, 7)) {
    case 0:
        gpu_write(c->g, GPU_CMD, commands[below(c, ARRAY_SIZE(commands))]);
        break;
    case 1:
        gpu_write(c->g, AS(below(c, 8)) + AS_COMMAND, below(c, 7));
        break;
    case 2:
        gpu_write(c->g, MCU_CONTROL, below(c, 4));
        break;
    case 3:
        gpu_write(c->g, PWR_COMMAND,
                  PWR_CMD(pwr_commands[below(c, ARRAY_SIZE(pwr_commands))],
                          domains[below(c, ARRAY_SIZE(domains))]) |
                  below(c, 3) << 16);
        break;
    default:
        gpu_write(c->g, known_register(c), value(c));
        break;
    }
}

static void op_odd_access(Chaos *c)
{
    QTestState *qts = c->b->qts;
    uint64_t at = c->g->base + below(c, GPU_SIZE - 8);

    switch (below(c, 8)) {
    case 0:
        qtest_readb(qts, at);
        break;
    case 1:
        qtest_readw(qts, at);
        break;
    case 2:
        qtest_readl(qts, at);
        break;
    case 3:
        qtest_readq(qts, at);
        break;
    case 4:
        qtest_writeb(qts, at, value(c));
        break;
    case 5:
        qtest_writew(qts, at, value(c));
        break;
    case 6:
        qtest_writel(qts, at, value(c));
        break;
    default:
        qtest_writeq(qts, at, value(c));
        break;
    }
}

/* Any word of any page that was handed out: tables, rings, code, profile. */
static uint64_t any_word(Chaos *c)
{
    return box_page_at(below(c, c->b->pages)) + below(c, 512) * 8;
}

static void op_memory(Chaos *c)
{
    qtest_writeq(c->b->qts, any_word(c), value(c));
}

/* Words of the interface that the firmware reads. */
static void op_interface(Chaos *c)
{
    Group *grp = &c->grp[below(c, GROUPS)];
    Queue *q = &grp->queue[below(c, QUEUES)];
    uint32_t at;

    switch (below(c, 6)) {
    case 0:
        at = c->fw.input + 4 * below(c, 0x88 / 4);
        break;
    case 1:
        at = grp->input + 4 * below(c, 0x58 / 4);
        break;
    case 2:
        at = q->input + 4 * below(c, 0x58 / 4);
        break;
    case 3:
        at = q->iface + 4 * below(c, 4);
        break;
    case 4:
        at = grp->suspend + 4 * below(c, 0x5000 / 4);
        break;
    default:
        at = SHARED_VA + 4 * below(c, 0x40000 / 4);
        break;
    }
    fw_write(&c->fw, at, value(c));
}

/* Requests that make sense, at moments that may not. */
static void op_request(Chaos *c)
{
    Group *grp = &c->grp[below(c, GROUPS)];

    switch (below(c, 5)) {
    case 0:
        fw_update(&c->fw, grp->input + CSG_REQ, CSG_STATE, below(c, 8));
        break;
    case 1:
        fw_toggle(&c->fw, grp->input + CSG_REQ, grp->output + CSG_ACK,
                  1u << below(c, 32));
        break;
    case 2:
        fw_toggle(&c->fw, c->fw.input + GLB_REQ, c->fw.output + GLB_ACK,
                  1u << below(c, 32));
        break;
    case 3:
        group_program(grp, 1 + 2 * below(c, 2));
        break;
    default:
        break;
    }
    group_ring(grp);
}

static uint64_t instruction(Chaos *c)
{
    static const uint8_t ops[] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 18, 20, 21, 22, 23, 24, 25,
        32, 33, 34, 36, 37, 38, 39, 40, 41, 42, 43, 44, 47, 48, 49, 50, 51,
        52, 53,
    };
    uint64_t word = (uint64_t)ops[below(c, sizeof(ops))] << 56;

    switch (below(c, 3)) {
    case 0:
        return word | (next(c) & 0xffffffffffffffull);
    case 1:
        return word | below(c, 96) << 48 | below(c, 48) << 41 |
               below(c, 48) << 33 | (value(c) & 0xffffffff);
    default:
        return cs_move48(2 * below(c, 48), value(c));
    }
}

static void op_instructions(Chaos *c)
{
    Group *grp = &c->grp[below(c, GROUPS)];
    uint64_t ins[24];
    unsigned i, n = 1 + below(c, ARRAY_SIZE(ins));

    for (i = 0; i < n; i++) {
        ins[i] = instruction(c);
    }
    if (below(c, 2)) {
        vm_write(&grp->vm, GROUP_CODE_VA + 8 * below(c, 400), ins, n * 8);
    } else {
        queue_put(grp, below(c, QUEUES), ins, n);
        queue_kick(grp);
    }
}

static void op_scenario(Chaos *c)
{
    static const char *const names[] = {
        "", "", "", "ping-loss", "slow-acks", "pretend", "fw-hang",
        "cs-fault", "as-stuck", "halt-late",
    };
    g_autofree char *text = NULL;

    gpu_set_scenario(c->g, names[below(c, ARRAY_SIZE(names))]);
    text = gpu_get_string(c->g, "unmodelled");
}

/* The same tables again: mended after this, unless a page was hit. */
static void op_mend(Chaos *c)
{
    unsigned i;

    gpu_write(c->g, L2_PWRON, 1);
    box_step(c->b, MS);
    gpu_write64(c->g, AS(0) + AS_TRANSTAB, c->fw.vm.root);
    gpu_write64(c->g, AS(0) + AS_TRANSCFG, TRANSCFG_4K);
    gpu_write(c->g, AS(0) + AS_COMMAND, AS_UPDATE);
    for (i = 0; i < GROUPS; i++) {
        gpu_write64(c->g, AS(i + 1) + AS_TRANSTAB, c->grp[i].vm.root);
        gpu_write64(c->g, AS(i + 1) + AS_TRANSCFG, TRANSCFG_4K);
        gpu_write(c->g, AS(i + 1) + AS_COMMAND, AS_UPDATE);
    }
    box_step(c->b, MS);
    fw_start(&c->fw);
    box_step(c->b, MS);
}

/* A driver's view after all of it: reset, new tables, a job. */
static void bring_up(Chaos *c)
{
    unsigned i;

    gpu_set_scenario(c->g, "");
    gpu_write(c->g, GPU_INT + CLEAR, ~0u);
    gpu_soft_reset(c->g);
    fw_up(&c->fw, c->g);
    for (i = 0; i < GROUPS; i++) {
        group_init(&c->grp[i], &c->fw, i, i + 1, QUEUES);
    }
}

static void check_alive(Chaos *c)
{
    const uint64_t ins[] = {
        cs_move32(4, 0x600d),
        cs_move48(2, GROUP_DATA_VA),
        cs_store(4, 2, 1, 0),
    };

    bring_up(c);
    g_assert_true(fw_ping(&c->fw));
    queue_put(&c->grp[0], 0, ins, ARRAY_SIZE(ins));
    group_start(&c->grp[0]);
    g_assert_true(queue_wait(&c->grp[0], 0, 10 * MS));
    g_assert_cmphex(vm_read32(&c->grp[0].vm, GROUP_DATA_VA), ==, 0x600d);
}

static void one_operation(Chaos *c)
{
    switch (below(c, 16)) {
    case 0 ... 2:
        op_write(c);
        break;
    case 3:
        op_odd_access(c);
        break;
    case 4:
        gpu_write(c->g, DOORBELL(below(c, 24)), below(c, 4));
        break;
    case 5 ... 6:
        op_memory(c);
        break;
    case 7 ... 8:
        op_interface(c);
        break;
    case 9:
        op_request(c);
        break;
    case 10 ... 11:
        op_instructions(c);
        break;
    case 12:
        if (!below(c, 16)) {
            op_scenario(c);
        }
        break;
    case 13:
        if (!below(c, 4)) {
            op_mend(c);
        }
        break;
    default:
        box_step(c->b, 1 + below(c, 1ull << below(c, 24)));
        break;
    }
}

static void too_slow(int signal)
{
    char text[128];
    int n = snprintf(text, sizeof(text), "# seed %" PRIu64 ", operation %u: "
                     "no answer for %d s\n", now_seed, now_op, STEP_LIMIT);

    if (write(STDERR_FILENO, text, n) < 0) {
        _exit(3);
    }
    abort();
}

static void chaos(const void *data)
{
    static const char *const personas[] = {
        "", "", ",persona=mali-g720", ",persona=mali-g1-ultra",
    };
    Chaos *c = g_new0(Chaos, 1);
    unsigned round;

    now_seed = seed_option + (uintptr_t)data;
    c->rng = (now_seed + 1) * 0x9e3779b97f4a7c15ull | 1;
    c->b = box_new(1, personas[now_seed % ARRAY_SIZE(personas)], "");
    c->g = &c->b->gpu[0];
    signal(SIGALRM, too_slow);
    alarm(STEP_LIMIT);
    bring_up(c);
    for (now_op = 0; now_op < ops_option; now_op++) {
        alarm(STEP_LIMIT);
        if (g_test_verbose()) {
            g_test_message("operation %u", now_op);
        }
        one_operation(c);
        if (now_op % 500 == 499) {
            bring_up(c);
        }
    }
    for (round = 0; round < 2; round++) {
        alarm(STEP_LIMIT);
        check_alive(c);
    }
    alarm(0);
    box_free(c->b);
    g_free(c);
}

int main(int argc, char **argv)
{
    unsigned i, n = 1, seeds = 4;

    for (i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--seed=")) {
            seed_option = g_ascii_strtoull(argv[i] + 7, NULL, 0);
            seeds = 1;
        } else if (g_str_has_prefix(argv[i], "--ops=")) {
            ops_option = g_ascii_strtoull(argv[i] + 6, NULL, 0);
        } else {
            argv[n++] = argv[i];
        }
    }
    argv[n] = NULL;
    argc = n;
    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < seeds; i++) {
        g_autofree char *name = g_strdup_printf(
            "/gpumbox/random/seed_%" PRIu64, seed_option + i);

        qtest_add_data_func(name, (void *)(uintptr_t)i, chaos);
    }
    return g_test_run();
}
