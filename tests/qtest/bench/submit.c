/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does a job cost the host more when there are more groups?
 *
 *   gpumbox-submit-test --bench=JOBS,RUN,RUN   one measurement, one line:
 *       submit NS NS  (of host CPU time for a job of each run)
 *   gpumbox-submit-test --bench=JOBS,tap   with the tap and without it:
 *       submit NS NS
 *   gpumbox-submit-test [glib options]
 *
 * From submit to fence, as a bare-metal guest sees it (submit.S): a new
 * insert, the user doorbell, the interrupt, the event acknowledged, the fence
 * signalled. Runs: "one", "eight" and "all" groups (31) that get jobs in turn,
 * "traced" is eight with a timeline written. The GPU has 31 slots in all of
 * them. CPU time is what the kernel says of the whole QEMU process from the
 * first submit to its end, less that of a run without jobs. QEMU has one CPU of
 * the host for itself: with more, its threads wake each other across them,
 * which costs as much as all else, and not the same twice.
 *
 * Even so two processes differ by more than the tap costs. "tap" is eight
 * groups in one process, with the tap switched on and off by turns.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000
#define TABLE 0x43f00000
#define GROUPS_MAX 31
#define PASSES 5
#define TURN_US 50000
#define FENCE_VA(i) (GROUP_DATA_VA + 0x800 + 16 * (i))

/* What submit.S finds behind the first word of the table. */
typedef struct Head {
    uint64_t status;
    uint64_t clear;
    uint32_t irq;
    uint32_t jobs;
    uint32_t groups;
    uint32_t job_bytes;
} Head;

typedef struct Entry {
    uint64_t insert;
    uint64_t doorbell;
    uint64_t fence;
    uint64_t req;
    uint64_t ack;
    uint64_t pad[3];
} Entry;

/* As panthor_sched.c: prepare_job_instrs(); the same job all over the ring. */
static uint32_t fill_ring(Group *grp, unsigned i, uint32_t body)
{
    const uint64_t ins[] = {
        cs_move32(94, 0),
        cs_flush(94),
        cs_move48(92, GROUP_CODE_VA),
        cs_move32(94, body),
        cs_wait(1),
        cs_call(92, 94),
        cs_move48(92, FENCE_VA(i)),
        cs_move48(94, 1),
        cs_wait(CS_SB_ALL),
        cs_sync_add64(92, 94) | 1,
        cs_error_barrier(),
    };
    uint32_t bytes = 0;

    while (grp->queue[0].insert < QUEUE_RING_SIZE) {
        queue_put(grp, 0, ins, ARRAY_SIZE(ins));
        bytes = bytes ?: grp->queue[0].insert;
    }
    grp->queue[0].insert = 0;
    return bytes;
}

/* A machine whose guest submits @jobs jobs to @groups groups, from now on. */
typedef struct Run {
    Box *box;
    clockid_t clock;
    uint64_t fences;
} Run;

static Run start(unsigned groups, uint32_t jobs, const char *more)
{
    const uint64_t body[] = {
        cs_move48(2, GROUP_DATA_VA), cs_move32(4, 0x600d),
        cs_store(4, 2, 1, 0), cs_wait(CS_SB_ALL),
    };
    g_autofree char *extra = g_strdup_printf(
        "-bios %s -device gpumbox-ctl,id=ctl",
        g_getenv("GPUMBOX_SUBMIT"));
    g_autofree char *options = g_strdup_printf(
        ",persona=%s%s", g_getenv("GPUMBOX_WIDE"), more);
    g_autofree Group *grp = g_new0(Group, groups);
    Box *b = box_new_live(1, options, extra);
    Gpu *g = &b->gpu[0];
    Entry e[GROUPS_MAX] = { };
    Run run = { .box = b };
    Head head = { };
    uint64_t ctl;
    unsigned i;
    Fw fw;

    ctl = box_device(b, "ctl", "gpumbox-ctl");
    fw_up(&fw, g);
    for (i = 0; i < groups; i++) {
        if (i == 0) {
            group_init(&grp[0], &fw, 0, 1, 1);
            vm_write(&grp[0].vm, GROUP_CODE_VA, body, sizeof(body));
        } else {
            group_init_beside(&grp[i], &grp[0], i, 1);
        }
        head.job_bytes = fill_ring(&grp[i], i, sizeof(body));
        group_start(&grp[i]);
        e[i] = (Entry) {
            .insert = vm_pa(&fw.vm, grp[i].queue[0].iface + RING_INSERT),
            .doorbell = g->base + group_doorbell(&grp[i]),
            .fence = vm_pa(&grp[i].vm, FENCE_VA(i)),
            .req = vm_pa(&fw.vm, grp[i].input + CSG_REQ),
            .ack = vm_pa(&fw.vm, grp[i].output + CSG_ACK),
        };
    }
    run.fences = e[0].fence;
    box_step(b, 50 * MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    head.status = g->base + JOB_INT + STAT;
    head.clear = g->base + JOB_INT + CLEAR;
    head.irq = 32 + g->irq + BOX_LINE_JOB;
    head.jobs = jobs;
    head.groups = groups;
    qtest_memwrite(b->qts, TABLE + 8, &head, sizeof(head));
    qtest_memwrite(b->qts, TABLE + 64, e, groups * sizeof(e[0]));
    g_assert_cmpint(clock_getcpuclockid(qtest_pid(b->qts), &run.clock), ==, 0);
    qtest_writeq(b->qts, TABLE, ctl);
    return run;
}

/* CPU time of QEMU from the first of @jobs jobs to its end, ns. */
static int64_t spent(unsigned groups, uint32_t jobs, const char *more)
{
    Run r = start(groups, jobs, more);
    int64_t from = box_cpu_time(r.clock);
    int64_t to;

    box_wait_end(r.box);
    to = box_cpu_time(r.clock);
    qtest_wait_qemu(r.box->qts);
    box_free(r.box);
    return to - from;
}

/* How many jobs the first @groups groups, neighbours in memory, have done. */
static uint64_t jobs_done(Run *r, unsigned groups)
{
    uint64_t fences[2 * GROUPS_MAX];
    uint64_t sum = 0;

    qtest_memread(r->box->qts, r->fences, fences, groups * 16);
    for (unsigned i = 0; i < groups; i++) {
        sum += fences[2 * i];
    }
    return sum;
}

static void tap_switch(Run *r, bool on)
{
    g_autofree char *set = g_strdup_printf(
        "{ 'execute': 'qom-set', 'arguments': { 'path': "
        "'/machine/peripheral/gpu0', 'property': 'x-tap', 'value': %s } }",
        on ? "true" : "false");

    qtest_qmp_assert_success(r->box->qts, set, NULL);
}

/* ns of a job with the tap on and off, which take turns until @jobs are done. */
static void tap(uint32_t jobs)
{
    Run r = start(8, UINT32_MAX, "");
    uint64_t done[2] = { };
    int64_t ns[2] = { };

    for (unsigned off = 0; done[0] + done[1] < jobs; off ^= 1) {
        uint64_t before;
        int64_t from;

        tap_switch(&r, !off);
        before = jobs_done(&r, 8);
        from = box_cpu_time(r.clock);
        g_usleep(TURN_US);
        ns[off] += box_cpu_time(r.clock) - from;
        done[off] += jobs_done(&r, 8) - before;
    }
    printf("submit %" PRId64 " %" PRId64 "\n", ns[0] / (int64_t)done[0],
           ns[1] / (int64_t)done[1]);
    box_free(r.box);
}

static void bench(uint32_t jobs, char **names)
{
    g_autofree char *path = NULL;
    g_autofree char *traced = NULL;
    int fd = g_file_open_tmp("gpumbox-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    traced = g_strdup_printf(",timeline=%s", path);
    const struct {
        const char *name;
        unsigned groups;
        const char *more;
    } runs[] = {
        { "one", 1, "" }, { "eight", 8, "" }, { "all", GROUPS_MAX, "" },
        { "traced", 8, traced },
    };
    int64_t ns[ARRAY_SIZE(runs)] = { };

    /* What the host does meanwhile only adds: the least of each counts. */
    for (unsigned pass = 0; pass < PASSES; pass++) {
        for (unsigned i = 0; i < ARRAY_SIZE(runs); i++) {
            int64_t all;

            if (!g_strv_contains((const char *const *)names, runs[i].name)) {
                continue;
            }
            all = spent(runs[i].groups, jobs, runs[i].more) -
                  spent(runs[i].groups, 0, runs[i].more);
            ns[i] = pass ? MIN(ns[i], all / jobs) : all / jobs;
        }
    }
    printf("submit");
    for (; *names; names++) {
        for (unsigned i = 0; i < ARRAY_SIZE(runs); i++) {
            if (g_str_equal(*names, runs[i].name)) {
                printf(" %" PRId64, ns[i]);
            }
        }
    }
    printf("\n");
    unlink(path);
}

static void jobs_of_all_groups_end(void)
{
    spent(1, 40, "");
    spent(GROUPS_MAX, 100, "");
}

int main(int argc, char **argv)
{
    g_setenv("GPUMBOX_IMAGE", g_getenv("GPUMBOX_WIDE_IMAGE"), TRUE);
    if (argc > 1 && g_str_has_prefix(argv[argc - 1], "--bench=")) {
        g_auto(GStrv) words = g_strsplit(argv[argc - 1] + 8, ",", 0);

        uint32_t jobs = MAX(1, g_ascii_strtoull(words[0], NULL, 0));

        box_one_core();
        if (words[1] && g_str_equal(words[1], "tap")) {
            tap(jobs);
        } else {
            bench(jobs, words + 1);
        }
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/gpumbox/submit/jobs_of_all_groups_end",
                   jobs_of_all_groups_end);
    return g_test_run();
}
