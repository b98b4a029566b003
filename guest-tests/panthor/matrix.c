/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell of the matrix: what becomes of a driver with this firmware, under
 * this scenario. Parameters: cell-scenario=NAME, and cell-stage=probe if the
 * scenario is in force before the driver probes; otherwise it comes when the
 * driver is up. The driver may be up already.
 *
 * Ends the run with "cell works|refused|recovered|misbehaved: why". An oops or
 * a warning is for the host to find.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bug.h"
#include "ctl.h"
#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define LOAD_LIMIT_MS 60000
#define WORK_LIMIT_MS 120000
#define PING_MS 12000

#define W_GATE 0
#define W_RESULT 64

/**
 * struct Trace - what the work came to; shared with the process that does it
 * @step:  what it is at.
 * @hit:   the first step that did not go as it should, and how.
 * @wrong: a job that said it was done, and was not.
 */
typedef struct Trace {
    char step[48];
    char hit[160];
    char wrong[160];
} Trace;

static Trace *trace;

static void step(const char *name)
{
    snprintf(trace->step, sizeof(trace->step), "%s", name);
    kmsg("step: %s", name);
}

/* Note the result of a step; true if it is good. */
static bool good(int ret)
{
    if (ret && !trace->hit[0]) {
        snprintf(trace->hit, sizeof(trace->hit), "%s: %s", trace->step,
                 strerror(-ret));
    }
    return !ret;
}

static void stored(const Exec *e, unsigned word, uint32_t value)
{
    if (exec_word(e, word) != value && !trace->wrong[0]) {
        snprintf(trace->wrong, sizeof(trace->wrong), "%s: the fence says "
                 "success, and nothing was stored", trace->step);
    }
}

/* A job of a group of its own: the last one may be dead. */
static void one_job(Exec *e, const char *name)
{
    uint32_t value = rng_u32() | 1;
    uint32_t group;
    Stream s;

    step(name);
    group = px_group(e->p, e->vm, 1, 4 * KiB);
    s = exec_stream(e, 0);
    cs_put32(&s.cs, exec_va(e, W_RESULT), value);
    if (good(exec_go(e, group, 0, &s, 0, e->sync)) &&
        good(exec_finish(e, e->sync))) {
        stored(e, W_RESULT, value);
    }
    px_group_destroy(e->p, group);
}

/* One group waits for another. */
static void two_groups(Exec *e)
{
    uint32_t other = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t done = px_syncobj(e->p, false);
    uint32_t value = rng_u32() | 1;
    Stream w = exec_stream(e, 1);
    Stream s = exec_stream(e, 2);

    step("two groups");
    exec_put(e, W_GATE, 0);
    cs_move48(&w.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&w.cs, R_DATA, 0);
    cs_sync_wait32(&w.cs, R_ADDR, R_DATA, CS_GT, true);
    cs_put32(&w.cs, exec_va(e, W_RESULT + 1), value);
    cs_move48(&s.cs, R_ADDR, exec_va(e, W_GATE));
    cs_move32(&s.cs, R_DATA, 1);
    cs_sync_set32(&s.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    if (good(exec_go(e, other, 0, &w, 0, e->sync)) &&
        good(exec_go(e, group, 0, &s, 0, done)) &&
        good(exec_finish(e, done)) && good(exec_finish_nudging(e, e->sync))) {
        stored(e, W_RESULT + 1, value);
    }
}

/* A draw that asks for tiler memory. */
static void draw(Exec *e)
{
    struct drm_panthor_tiler_heap_create h = {
        .vm_id = e->vm, .initial_chunk_count = 1, .chunk_size = 256 * KiB,
        .max_chunks = 8, .target_in_flight = 4,
    };
    uint32_t group = px_group(e->p, e->vm, 1, 4 * KiB);
    uint32_t value = rng_u32() | 1;
    Stream s = exec_stream(e, 3);

    step("tiler heap");
    if (!good(px_heap_create(e->p, &h))) {
        return;
    }
    for (unsigned r = 0; r < 64; r += 2) {
        cs_move48(&s.cs, r, 0);
    }
    cs_req_resource(&s.cs, CS_RES_TILER | CS_RES_IDVS);
    cs_move48(&s.cs, 0, h.tiler_heap_ctx_gpu_va);
    cs_heap_set(&s.cs, 0);
    cs_heap_operation(&s.cs, CS_VT_START, 0, 0);
    cs_run_idvs(&s.cs, true, false);
    cs_wait(&s.cs, ALL_SB);
    cs_put32(&s.cs, exec_va(e, W_RESULT + 2), value);
    if (good(exec_go(e, group, 0, &s, 0, e->sync)) &&
        good(exec_finish(e, e->sync))) {
        stored(e, W_RESULT + 2, value);
    }
}

static int work(void *opaque)
{
    Exec *e;

    (void)opaque;
    step("open");
    e = exec_open();
    one_job(e, "job");
    two_groups(e);
    if (e->p->gpu.gpu_id >> 28 == 10) {
        draw(e);
    }
    step("sleep");
    good(pm_wait("suspended", 3000) ? 0 : -ETIME);
    one_job(e, "job after sleep");
    step("stay awake");
    pm_control("on");
    sleep_ms(PING_MS + 1500);
    one_job(e, "job after a ping");
    pm_control("auto");
    return 0;
}

static int load(void *opaque)
{
    (void)opaque;
    return panthor_wait_node(true, 0) ? 0 : !!driver_take();
}

/* Nobody will ever have this device again, and the driver says so. */
static bool given_up(void)
{
    char path[64];
    Px p;

    return !panthor_node(path, sizeof(path)) || px_try_open(&p);
}

static void cell(void)
{
    const char *scenario = ctl_param("cell-scenario");
    const char *stage = ctl_param("cell-stage");
    bool early = stage && !strcmp(stage, "probe");
    int ret;

    trace = mmap(NULL, sizeof(*trace), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trace == MAP_FAILED) {
        tap_die("memory");
    }
    if (early && ctl_scenario(scenario)) {
        tap_die("scenario %s", scenario);
    }
    ret = bug_patiently(load, NULL, LOAD_LIMIT_MS);
    if (ret < 0) {
        cell_end("misbehaved", ret == -1 ? "loading the driver hangs" :
                 "loading the driver dies");
    }
    if (ret || !panthor_wait_node(true, 2000)) {
        cell_end("refused", "the driver does not take the device");
    }
    if (!early && scenario && ctl_scenario(scenario)) {
        tap_die("scenario %s", scenario);
    }
    ret = bug_patiently(work, NULL, WORK_LIMIT_MS);
    ctl_scenario(NULL);
    if (trace->wrong[0]) {
        cell_end("misbehaved", "%s", trace->wrong);
    }
    if (ret == -2) {
        cell_end("misbehaved", "%s: the process dies", trace->step);
    }
    if (ret && !trace->hit[0]) {
        snprintf(trace->hit, sizeof(trace->hit), "%s: %s", trace->step,
                 ret == -1 ? "hangs" : "gives up");
    }
    sleep_ms(1500);
    if (bug_alive()) {
        if (trace->hit[0]) {
            cell_end("recovered", "%s; later jobs work", trace->hit);
        }
        cell_end("works", "every step");
    }
    if (given_up()) {
        cell_end("refused", "%s; the driver gives the device up",
                 trace->hit[0] ? trace->hit : "every step");
    }
    cell_end("misbehaved", "%s; no job works ever after",
             trace->hit[0] ? trace->hit : "every step");
}

const GuestTest matrix_tests[] = {
    TEST("cell", "a cell of the matrix, for scripts/matrix", cell,
         .flags = TEST_BUG, .limit_s = 400),
    TEST_END,
};
