/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast command streams are executed, beside a loop of dependent adds.
 *
 *   gpumbox-instructions-test --bench=N   N instructions, one line:
 *       instructions STREAM REFERENCE     (a second of host CPU time)
 *   gpumbox-instructions-test [glib options]
 *
 * The stream is a loop of dependent ADD_IMM32 and a branch, run by the real
 * device through page tables; virtual time moves in few large steps, so what
 * the host spends is the executor's. The reference is a chain of as many
 * dependent adds in C. Both are CPU time, on one core: this program and the
 * QEMU that it starts are bound to the core on which it began.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000
#define SYNC_VA (GROUP_DATA_VA + 0x800)

/* Instructions of a round of the loop. */
#define ADDS 62
#define ROUND (ADDS + 2)

/* A persona's instruction costs this much virtual time, or less. */
#define INSTRUCTION_NS 200

/* CPU time of @n instructions, ns; the result is checked. */
static int64_t run_stream(uint32_t n)
{
    uint32_t rounds = MAX(n / ROUND, 1);
    Box *b = box_new(1, "", "");
    uint64_t body[ROUND + 1];
    const uint64_t ins[] = {
        cs_move48(92, GROUP_CODE_VA),
        cs_move32(94, sizeof(body)),
        cs_move32(4, rounds),
        cs_move32(6, 0),
        cs_call(92, 94),
        cs_move48(2, GROUP_DATA_VA),
        cs_store(6, 2, 1, 0),
        cs_wait(CS_SB_ALL),
        cs_move48(92, SYNC_VA),
        cs_move48(94, 1),
        cs_sync_add64(92, 94),
    };
    clockid_t clock;
    int64_t start;
    unsigned i;
    Group grp;
    Fw fw;

    for (i = 0; i < ADDS; i++) {
        body[i] = cs_add_imm32(6, 6, 1);
    }
    body[i++] = cs_add_imm32(4, 4, -1);
    body[i++] = 22ull << 56 | 4ull << 40 | 3ull << 28 |
                (uint16_t)-(ROUND);              /* NE */
    body[i] = cs_nop();
    fw_up(&fw, &b->gpu[0]);
    group_init(&grp, &fw, 0, 1, 1);
    group_start(&grp);
    vm_write(&grp.vm, GROUP_CODE_VA, body, sizeof(body));
    queue_put(&grp, 0, ins, ARRAY_SIZE(ins));
    g_assert_cmpint(clock_getcpuclockid(qtest_pid(b->qts), &clock), ==, 0);
    start = box_cpu_time(clock);
    queue_kick(&grp);
    while (!vm_read64(&grp.vm, SYNC_VA)) {
        box_step(b, MAX((int64_t)rounds * ROUND * INSTRUCTION_NS / 4, MS));
    }
    start = box_cpu_time(clock) - start;
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, rounds * ADDS);
    box_free(b);
    return start;
}

/* Dependent adds that the compiler leaves alone. */
static int64_t run_adds(uint32_t n)
{
    int64_t start = box_cpu_time(CLOCK_PROCESS_CPUTIME_ID);
    uint32_t x = 0, i;

    for (i = 0; i < n; i++) {
        x += 1;
        __asm__ volatile("" : "+r" (x));
    }
    g_assert_cmpuint(x, ==, n);
    return box_cpu_time(CLOCK_PROCESS_CPUTIME_ID) - start;
}

static void bench(uint32_t n)
{
    int64_t stream, nothing, adds;

    box_one_core();
    run_adds(n);
    adds = run_adds(n);
    nothing = run_stream(1);
    stream = run_stream(n) - nothing;
    printf("instructions %.0f %.0f\n", n * 1e9 / stream, n * 1e9 / adds);
}

static void all_of_them_are_executed(void)
{
    run_stream(200000);
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_has_prefix(argv[argc - 1], "--bench=")) {
        bench(MAX(1, g_ascii_strtoull(argv[argc - 1] + 8, NULL, 0)));
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/gpumbox/instructions/all_of_them_are_executed",
                   all_of_them_are_executed);
    return g_test_run();
}
