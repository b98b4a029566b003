/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a doorbell costs the host: a GPU's beside the least possible one.
 *
 *   gpumbox-doorbell-test --bench=ROUNDTRIPS   one measurement, one line:
 *       doorbell GPU REFERENCE   (ns of host CPU time for a round trip)
 *   gpumbox-doorbell-test [glib options]       a test that it can be measured
 *
 * A round trip is: the guest toggles a bit of a request word in memory and
 * writes a doorbell; 2 us of virtual time later its interrupt line goes up,
 * which ends the CPU's WFI; the guest reads the status and clears it. On the
 * GPU the doorbell is the global one, the request a ping: the firmware reads
 * its interface and that of a started group with an empty stream through the
 * MCU's page tables, acknowledges and raises the JOB interrupt. On the
 * reference (hw/coproc/bench.c) a timer sets a bit.
 *
 * The same machine, the same bare-metal program (doorbell.S) and the same
 * instructions on both sides, under TCG with -icount: it is set up from here
 * through qtest while the CPU waits, and let go. CPU time is what the kernel
 * says of the whole QEMU process from then to its end. A third run makes no
 * round trip; its time (mostly the end of a process) is taken off both, so
 * the ratio is of the round trips alone. They include, on both sides alike,
 * the guest's instructions, WFI and the interrupt controller.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000
#define TABLE 0x43f00000

enum { SIDE_GPU, SIDE_REFERENCE, SIDE_NOTHING, SIDES };

/* What doorbell.S finds behind the first word of the table. */
typedef struct Entry {
    uint64_t doorbell;
    uint64_t status;
    uint64_t clear;
    uint64_t clear_value;
    uint64_t request;
    uint64_t bit;
    uint64_t ack;
    uint32_t irq;
    uint32_t rounds;
} Entry;

/* The firmware is up, a group with one empty stream runs and is idle. */
static Entry gpu_side(Box *b)
{
    Gpu *g = &b->gpu[0];
    Group grp;
    Fw fw;

    fw_up(&fw, g);
    group_init(&grp, &fw, 0, 1, 1);
    group_start(&grp);
    box_step(b, 50 * MS);
    fw_update(&fw, grp.input + CSG_REQ, ~0u,
              fw_read(&fw, grp.output + CSG_ACK));
    fw_update(&fw, fw.input + GLB_REQ, ~0u,
              fw_read(&fw, fw.output + GLB_ACK));
    fw_ring(&fw);
    box_step(b, 50 * MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    return (Entry) {
        .doorbell = g->base + DOORBELL(0),
        .status = g->base + JOB_INT + STAT,
        .clear = g->base + JOB_INT + CLEAR,
        .clear_value = ~0u,
        .request = vm_pa(&fw.vm, fw.input + GLB_REQ),
        .bit = REQ_PING,
        .ack = vm_pa(&fw.vm, fw.output + GLB_ACK),
        .irq = 32 + g->irq + BOX_LINE_JOB,
    };
}

static Entry reference_side(Box *b)
{
    uint64_t base = box_device(b, "bench", "gpumbox-bench");

    return (Entry) {
        .doorbell = base,
        .status = base + 4,
        .clear = base + 8,
        .clear_value = ~0u,
        .request = TABLE + 0x800,
        .bit = REQ_PING,
        .ack = TABLE + 0x800,
        .irq = 32 + b->gpu[0].irq + BOX_LINES,
    };
}

/* CPU time of QEMU from the start of @rounds round trips to its end, ns. */
static int64_t run_side(unsigned side, uint32_t rounds)
{
    g_autofree char *extra = g_strdup_printf(
        "-bios %s -device gpumbox-bench,id=bench -device gpumbox-ctl,id=ctl",
        g_getenv("GPUMBOX_DOORBELL"));
    Box *b = box_new_live("", extra);
    uint64_t ctl = box_device(b, "ctl", "gpumbox-ctl");
    pid_t pid = qtest_pid(b->qts);
    int64_t start, now;
    clockid_t clock;
    Entry e = gpu_side(b);

    if (side != SIDE_GPU) {
        e = reference_side(b);
    }
    e.rounds = side == SIDE_NOTHING ? 0 : rounds;
    qtest_memwrite(b->qts, TABLE + 8, &e, sizeof(e));
    g_assert_cmpint(clock_getcpuclockid(pid, &clock), ==, 0);
    start = now = box_cpu_time(clock);
    qtest_writeq(b->qts, TABLE, ctl);
    /* It ends with status 0 if the last ping was acknowledged. */
    box_wait_end(b);
    now = box_cpu_time(clock);
    qtest_wait_qemu(b->qts);
    box_free(b);
    return now - start;
}

static void measure(uint32_t rounds, int64_t cpu[SIDES])
{
    unsigned side;

    for (side = 0; side < SIDES; side++) {
        cpu[side] = run_side(side, rounds);
    }
}

static void bench(uint32_t rounds)
{
    int64_t cpu[SIDES];

    measure(rounds, cpu);
    printf("doorbell %" PRId64 " %" PRId64 "\n",
           (cpu[SIDE_GPU] - cpu[SIDE_NOTHING]) / rounds,
           (cpu[SIDE_REFERENCE] - cpu[SIDE_NOTHING]) / rounds);
}

/* All round trips come to their end, with an acknowledged ping. */
static void round_trips_end(void)
{
    int64_t cpu[SIDES];

    measure(200, cpu);
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_has_prefix(argv[argc - 1], "--bench=")) {
        bench(MAX(1, g_ascii_strtoull(argv[argc - 1] + 8, NULL, 0)));
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/gpumbox/doorbell/round_trips_end", round_trips_end);
    return g_test_run();
}
