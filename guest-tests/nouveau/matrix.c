/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One cell of the matrix for a GPU with a GSP: what becomes of nouveau or nova
 * with this firmware, under this scenario. Parameters and ending are those of
 * panthor/matrix.c, and cell-stage=sleep if the system sleeps in between. With
 * nouveau, memory is what is worked with: what goes in through one mapping has
 * to come out of another.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bug.h"
#include "ctl.h"
#include "nouveau.h"
#include "nouveau-tests.h"
#include "nova.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define LOAD_LIMIT_MS 60000
#define WORK_LIMIT_MS 60000
/* A driver that does not wake waits, busy, for an answer that never comes. */
#define SLEEP_LIMIT_MS 12000
#define NODE_LIMIT_MS 2000
#define BYTES (256 * KiB)

/**
 * struct Trace - what the work came to; shared with the process that does it
 * @step:  what it is at.
 * @hit:   the first step that did not go as it should.
 * @wrong: memory did not hold what was stored.
 */
typedef struct Trace {
    char step[48];
    char hit[160];
    bool wrong;
} Trace;

static Trace *trace;
static bool sleeps;
static char function[128];

static bool good(const char *step, bool ok)
{
    snprintf(trace->step, sizeof(trace->step), "%s", step);
    if (!ok && !trace->hit[0]) {
        snprintf(trace->hit, sizeof(trace->hit), "%s", step);
    }
    return ok;
}

static void memory(void)
{
    uint32_t seed = rng_u32() | 1;
    int fd = nv_open();
    NvBo bo;

    if (!good("a buffer", !nv_bo_new(fd, NOUVEAU_GEM_DOMAIN_VRAM |
                                     NOUVEAU_GEM_DOMAIN_MAPPABLE, BYTES,
                                     &bo))) {
        return;
    }
    nv_bo_map(fd, &bo);
    for (unsigned i = 0; i < BYTES / 4; i++) {
        ((volatile uint32_t *)bo.map)[i] = seed * i;
    }
    munmap(bo.map, BYTES);
    nv_bo_map(fd, &bo);
    for (unsigned i = 0; i < BYTES / 4; i++) {
        trace->wrong |= ((volatile uint32_t *)bo.map)[i] != seed * i;
    }
    nv_bo_free(fd, &bo);
    close(fd);
}

static void objects(void)
{
    int fd = nova_open();
    uint64_t told = 0;
    uint32_t handle;

    good("a buffer", !nova_gem_create(fd, BYTES, &handle) &&
         !nova_gem_size(fd, handle, &told));
    trace->wrong |= told != BYTES;
    good("its end", !nova_gem_close(fd, handle));
    close(fd);
}

static bool use(void)
{
    if (!good("an answer", driver()->works())) {
        return false;
    }
    if (driver_is(DRIVER_NOVA)) {
        objects();
    } else {
        memory();
    }
    return true;
}

static bool back(void)
{
    return !dev_bind(function) && panthor_wait_node(true, NODE_LIMIT_MS);
}

static int work(void *opaque)
{
    (void)opaque;
    if (!use()) {
        return 1;
    }
    if (sleeps && (!good("a sleep", pm_rehearse() && !pm_suspend()) ||
                   !use())) {
        return 1;
    }
    good("the driver leaves", !dev_unbind(function));
    if (good("the driver comes back", back())) {
        use();
    }
    return 0;
}

static int load(void *opaque)
{
    (void)opaque;
    return panthor_wait_node(true, 0) ? 0 : !!driver_take();
}

/* Whatever happened, and be it by a reset of the function: does it work? */
static int again(void *opaque)
{
    bool there = panthor_wait_node(true, NODE_LIMIT_MS);

    (void)opaque;
    trace->hit[0] = 0;
    if (!there) {
        dev_unbind(function);
        nv_reset(function);
        there = back();
    }
    return !there || !use() || trace->hit[0];
}

static void cell(void)
{
    const char *scenario = ctl_param("cell-scenario");
    const char *stage = ctl_param("cell-stage");
    bool early = stage && !strcmp(stage, "probe");
    char hit[160];
    int ret;

    sleeps = stage && !strcmp(stage, "sleep");
    trace = mmap(NULL, sizeof(*trace), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (trace == MAP_FAILED) {
        tap_die("memory");
    }
    nv_function(function, sizeof(function));
    if (early && ctl_scenario(scenario)) {
        tap_die("scenario %s", scenario);
    }
    ret = bug_patiently(load, NULL, LOAD_LIMIT_MS);
    if (ret < 0) {
        cell_end("misbehaved", ret == -1 ? "loading the driver hangs" :
                 "loading the driver dies");
    }
    if (!early && scenario && ctl_scenario(scenario)) {
        tap_die("scenario %s", scenario);
    }
    if (ret || !panthor_wait_node(true, NODE_LIMIT_MS)) {
        good("the driver takes the device", false);
    } else {
        ret = bug_patiently(work, NULL,
                            sleeps ? SLEEP_LIMIT_MS : WORK_LIMIT_MS);
        if (ret < 0) {
            cell_end("misbehaved", "%s: the process %s", trace->step,
                     ret == -1 ? "hangs" : "dies");
        }
    }
    ctl_scenario(NULL);
    snprintf(hit, sizeof(hit), "%s", trace->hit);
    ret = bug_patiently(again, NULL, WORK_LIMIT_MS);
    if (trace->wrong) {
        cell_end("misbehaved", "memory does not hold what was stored");
    }
    if (ret && hit[0]) {
        cell_end("refused", "%s: no; nor later", hit);
    }
    if (ret) {
        cell_end("misbehaved", "every step; it does not work later");
    }
    if (hit[0]) {
        cell_end("recovered", "%s: no; later it works", hit);
    }
    cell_end("works", "every step");
}

const GuestTest nouveau_matrix_tests[] = {
    TEST("cell-gsp", "a cell of the matrix, for scripts/matrix", cell,
         .drivers = DRIVER_NVIDIA, .flags = TEST_BUG, .limit_s = 400),
    TEST_END,
};
