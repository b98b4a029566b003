/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Several processes at once, and processes that die.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* What a process does: jobs with a check of each. Exit status: failures. */
static void worker(unsigned id, unsigned jobs)
{
    Exec *e = exec_open();
    unsigned failed = 0;

    for (unsigned i = 0; i < jobs; i++) {
        uint32_t value = rng_u32() ^ id;
        int ret;

        exec_begin(e);
        cs_spin(&e->cs, R_TMP, 10 + (rng_u32() & 0x7ff));
        cs_put32(&e->cs, exec_va(e, i), value);
        ret = exec_run(e);
        if (ret || exec_word(e, i) != value) {
            tap_diag("process %u, job %u: %d, 0x%x, not 0x%x", id, i, ret,
                     exec_word(e, i), value);
            failed++;
        }
    }
    exec_close(e);
    _exit(failed > 100 ? 100 : failed);
}

static void processes(void)
{
    enum { NR = 12, JOBS = 30 };
    pid_t pid[NR];
    unsigned failed = 0;

    for (unsigned i = 0; i < NR; i++) {
        pid[i] = fork();
        if (!pid[i]) {
            for (unsigned n = 0; n < i; n++) {
                rng_u32();
            }
            worker(i, JOBS);
        }
    }
    for (unsigned i = 0; i < NR; i++) {
        int status = 0;

        waitpid(pid[i], &status, 0);
        failed += !WIFEXITED(status) || WEXITSTATUS(status);
    }
    tap_eq(failed, 0, "twelve processes with thirty jobs each");
}

/* Killed with work in all stages; the kernel cleans up behind it. */
static void killed(void)
{
    enum { ROUNDS = 4 };
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    unsigned failed = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        int pipefd[2];
        char c = 0;
        pid_t pid;

        if (pipe(pipefd)) {
            tap_die("a pipe: %s", strerror(errno));
        }
        pid = fork();
        if (!pid) {
            Exec *mine = exec_open();
            Stream w = exec_stream(mine, 1);
            uint32_t group = px_group(mine->p, mine->vm, 1, 4 * KiB);

            cs_endless(&mine->cs);
            cs_move48(&w.cs, R_ADDR, exec_va(mine, 0));
            cs_move32(&w.cs, R_DATA, 5);
            cs_sync_wait32(&w.cs, R_ADDR, R_DATA, CS_GT, true);
            mine->cs.max = EXEC_SLOT_BYTES / 8;
            exec_submit(mine);
            exec_go(mine, group, 0, &w, 0, 0);
            if (write(pipefd[1], "x", 1) != 1) {
                _exit(1);
            }
            for (;;) {
                pause();
            }
        }
        failed += read(pipefd[0], &c, 1) != 1;
        sleep_ms(5 * i);
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(pipefd[0]);
        close(pipefd[1]);
        exec_begin(e);
        cs_put32(&e->cs, exec_va(e, i), value + i);
        failed += exec_run(e) != 0;
        failed += exec_word(e, i) != value + i;
    }
    tap_eq(failed, 0, "four processes killed with jobs in flight");
    tap_ok(pm_wait("suspended", 5000), "nothing keeps the device awake");
    exec_close(e);
}

/* A file that two processes use after a fork. */
static void shared_file(void)
{
    Exec *e = exec_open_queues(2, 4 * KiB);
    uint32_t done[2] = { px_syncobj(e->p, false), px_syncobj(e->p, false) };
    uint32_t value = rng_u32();
    int status = 0;
    pid_t pid = fork();
    Stream s = exec_stream(e, !pid);

    cs_put32(&s.cs, exec_va(e, !pid), value + !pid);
    if (!pid) {
        int ret = exec_go(e, e->group, 1, &s, 0, done[1]);

        _exit(ret || exec_finish(e, done[1]));
    }
    tap_errno(exec_go(e, e->group, 0, &s, 0, done[0]), 0, "parent submits");
    tap_errno(exec_finish(e, done[0]), 0, "and gets its fence");
    waitpid(pid, &status, 0);
    tap_ok(WIFEXITED(status) && !WEXITSTATUS(status), "the child too");
    tap_ok(exec_word(e, 0) == value && exec_word(e, 1) == value + 1,
           "both jobs stored");
    exec_close(e);
}

/* Every GPU there is: alone, and all at once. Parameter gpus=N: how many. */
static void gpus(void)
{
    enum { MAX = 8, JOBS = 10 };
    unsigned nr = panthor_count();
    unsigned want = ctl_param_u("gpus", nr);
    Exec *e[MAX];
    uint32_t base[MAX];
    unsigned failed = 0;
    unsigned wrong = 0;

    tap_ok(nr && nr <= MAX && nr == want, "all GPUs have a render node");
    for (unsigned i = 0; i < nr; i++) {
        e[i] = exec_open_device(i, 1, 4 * KiB);
        base[i] = rng_u32();
        cs_spin(&e[i]->cs, R_TMP, 1000 * (nr - i));
        cs_count(&e[i]->cs, e[i]->data.va);
        exec_put(e[i], 0, base[i]);
    }
    for (unsigned j = 0; j < JOBS; j++) {
        for (unsigned i = 0; i < nr; i++) {
            failed += exec_submit(e[i]) != 0;
        }
    }
    for (unsigned i = 0; i < nr; i++) {
        failed += exec_done(e[i]) != 0;
        wrong += exec_word(e[i], 0) != base[i] + JOBS;
        exec_close(e[i]);
    }
    tap_eq(failed, 0, "ten jobs on each, all at once, complete");
    tap_eq(wrong, 0, "each GPU did its own work");
}

const GuestTest multi_tests[] = {
    TEST("gpus", "every GPU runs jobs beside the others", gpus),
    TEST("processes", "twelve processes at once", processes),
    /* A VM may go before its groups have left their slots. */
    TEST("killed", "processes killed with jobs in flight", killed,
         .expect = EXPECT({ "Unhandled Page fault in AS[1-9]", true },
                          { "CSG slot [0-9]+ CS slot: 0", true },
                          { "CS_(FATAL|FAULT): pid=", true })),
    TEST("shared-file", "one open file in two processes", shared_file),
    TEST_END,
};
