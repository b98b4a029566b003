/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a doorbell costs the host: a GPU's beside the least possible one.
 *
 *   gpumbox-doorbell-test --bench=ROUNDTRIPS   one measurement, one line:
 *       doorbell PING RPC REFERENCE  (ns of host CPU time for a round trip)
 *   gpumbox-doorbell-test [glib options]       a test that it can be measured
 *
 * A round trip is: the guest toggles a bit of a request word in memory and
 * writes a doorbell; 2 us of virtual time later its interrupt line goes up,
 * which ends the CPU's WFI; the guest reads the status and clears it. On a
 * Mali the doorbell is the global one, the request a ping: the firmware reads
 * its interface and that of a started group with an empty stream through the
 * MCU's page tables, acknowledges and raises the JOB interrupt. On an NVIDIA
 * GPU the request is a message, a small control of the resource manager, whose
 * sequence number and checksum the guest makes and whose answer it takes; what
 * it clears are the leaf of the interrupt tree and the falcon's interrupt. On
 * the reference (hw/coproc/bench.c) a timer sets a bit.
 *
 * The same machine, the same bare-metal program (doorbell.S) and, but for the
 * message, the same instructions on all sides, under TCG with -icount: it is
 * set up from here through qtest while the CPU waits, and let go. CPU time is
 * what the kernel says of the whole QEMU process from then to its end. Another
 * run makes no round trip; its time (mostly the end of a process) is taken off
 * all, so the ratio is of the round trips alone. They include the guest's
 * instructions, WFI and the interrupt controller.
 */
#include "qemu/osdep.h"

#include "lib/group.h"
#include "lib/nv.h"

#define MS 1000000
#define TABLE 0x43f00000

enum { SIDE_PING, SIDE_RPC, SIDE_REFERENCE, SIDE_NOTHING, SIDES };

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
    uint64_t clear_too;
    uint64_t clear_too_value;
    uint64_t ring;
    uint64_t write;
    uint64_t answers;
    uint64_t read;
    uint32_t sequence_at;
    uint32_t checksum_at;
    uint32_t slots;
    uint32_t sequence;
    uint32_t slot;
    uint32_t answer;
    uint32_t answer_sequence;
    uint32_t pad;
} Entry;

/* The firmware is up, a group with one empty stream runs and is idle. */
static Entry ping_side(Box *b)
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

/* A control that tells of a size, in each page of the ring. */
static Entry rpc_side(Nv *nv)
{
    Host *h = &nv->host;
    uint64_t cmd = host_at(h, HOST_CMD), stat = host_at(h, HOST_STAT);
    uint8_t p[FW_STRUCT_MAX] = { 0 };
    unsigned i;

    nv_up(nv);
    for (i = 0; i < HOST_SLOTS; i++) {
        g_assert_cmphex(host_control(h, HOST_NUMBER(h, HANDLE_CLIENT),
                                     HOST_NUMBER(h, HANDLE_SUBDEVICE),
                                     HOST_NUMBER(h, CTRL_FAULT_SIZE), p,
                                     HOST_SIZE(h, FAULT_SIZE)), ==, 0);
    }
    return (Entry) {
        .doorbell = nv->g->base + NV_GSP(QUEUE_HEAD),
        .status = nv->g->base + A_INTR_LEAF + NV_VECTOR / 32 * 4,
        .clear = nv->g->base + A_INTR_LEAF + NV_VECTOR / 32 * 4,
        .clear_value = ~0u,
        .clear_too = nv->g->base + NV_GSP(IRQSCLR),
        .clear_too_value = R_FALCON_IRQSTAT_SWGEN0_MASK,
        .irq = 32 + nv->g->irq,
        .ring = host_slot(h, HOST_CMD, 0),
        .write = cmd + h->layout.field[GSP_F_TX_WRITE].offset,
        .answers = host_slot(h, HOST_STAT, 0),
        .read = cmd + HOST_RX + h->layout.field[GSP_F_RX_READ].offset,
        .sequence_at = h->layout.field[GSP_F_ELEMENT_SEQUENCE].offset,
        .checksum_at = h->layout.field[GSP_F_ELEMENT_CHECKSUM].offset,
        .slots = HOST_SLOTS,
        .sequence = h->seq,
        .slot = host_word(h, GSP_F_TX_WRITE, cmd),
        .answer = host_word(h, GSP_F_TX_WRITE, stat),
        .answer_sequence = h->got_seq,
    };
}

/* CPU time of QEMU from the start of what @e says to its end, ns. */
static int64_t let_go(Box *b, const Entry *e)
{
    uint64_t ctl = box_device(b, "ctl", "gpumbox-ctl");
    pid_t pid = qtest_pid(b->qts);
    int64_t start, now;
    clockid_t clock;

    qtest_memwrite(b->qts, TABLE + 8, e, sizeof(*e));
    g_assert_cmpint(clock_getcpuclockid(pid, &clock), ==, 0);
    start = box_cpu_time(clock);
    qtest_writeq(b->qts, TABLE, ctl);
    /* It ends with status 0 if all was acknowledged. */
    box_wait_end(b);
    now = box_cpu_time(clock);
    qtest_wait_qemu(b->qts);
    return now - start;
}

static int64_t run_side(unsigned side, uint32_t rounds)
{
    g_autofree char *extra = g_strdup_printf(
        "-bios %s -device gpumbox-bench,id=bench -device gpumbox-ctl,id=ctl",
        g_getenv("GPUMBOX_DOORBELL"));
    int64_t spent;
    Entry e;
    Box *b;

    if (side == SIDE_RPC) {
        Nv *nv = nv_new_live("gsp-r570", extra);

        e = rpc_side(nv);
        e.rounds = rounds;
        spent = let_go(nv->b, &e);
        nv_free(nv);
        return spent;
    }
    b = box_new_live(1, "", extra);
    e = ping_side(b);
    if (side != SIDE_PING) {
        e = reference_side(b);
    }
    e.rounds = side == SIDE_NOTHING ? 0 : rounds;
    spent = let_go(b, &e);
    box_free(b);
    return spent;
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
    printf("doorbell %" PRId64 " %" PRId64 " %" PRId64 "\n",
           (cpu[SIDE_PING] - cpu[SIDE_NOTHING]) / rounds,
           (cpu[SIDE_RPC] - cpu[SIDE_NOTHING]) / rounds,
           (cpu[SIDE_REFERENCE] - cpu[SIDE_NOTHING]) / rounds);
}

/* All round trips come to their end, each with its answer. */
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
