/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page that shows LATEST_FLUSH_ID to user space.
 */
#include <errno.h>
#include <sys/mman.h>

#include "job.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define PAGE DRM_PANTHOR_USER_FLUSH_ID_MMIO_OFFSET

/* What a page shows while the device sleeps. */
#define DUMMY_FLUSH_ID 1

/* GROUP_SUBMIT refuses an ID with one of these bits. */
#define FLUSH_ID_MBZ 0x7f000000u

static int try_map(Px *p, int prot, int flags, uint64_t len, uint64_t off)
{
    void *map = mmap(NULL, len, prot, flags, p->fd, off);

    if (map == MAP_FAILED) {
        return -errno;
    }
    munmap(map, len);
    return 0;
}

static void flushid_map(void)
{
    Px *p = px_open();
    void *map;

    tap_errno(try_map(p, PROT_READ, MAP_SHARED, 4096, PAGE), 0,
              "one page, read only, shared");
    tap_errno(try_map(p, PROT_READ, MAP_PRIVATE, 4096, PAGE), -EINVAL,
              "private");
    tap_errno(try_map(p, PROT_READ | PROT_WRITE, MAP_SHARED, 4096, PAGE),
              -EINVAL, "writable");
    tap_errno(try_map(p, PROT_READ | PROT_EXEC, MAP_SHARED, 4096, PAGE),
              -EINVAL, "executable");
    tap_errno(try_map(p, PROT_READ, MAP_SHARED, 8192, PAGE), -EINVAL,
              "two pages");
    tap_errno(try_map(p, PROT_READ, MAP_SHARED, 4096, PAGE + 4096), -EINVAL,
              "the page behind it");
    map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, p->fd, PAGE);
    tap_ok(mprotect(map, 4096, PROT_READ | PROT_WRITE) && errno == EACCES,
           "it cannot be made writable later");
    px_close(p);
}

/* How far the ID moves over a job of @flushes. */
static uint32_t moved_by(Exec *e, volatile uint32_t *page, unsigned flushes,
                         int *ret)
{
    uint32_t before;

    exec_begin(e);
    for (unsigned i = 0; i < flushes; i++) {
        cs_move32(&e->cs, R_TMP, 0);
        cs_flush_cache(&e->cs, CS_FLUSH_ALL, R_TMP, 0, 1);
        cs_wait(&e->cs, 1u << 1);
    }
    cs_put32(&e->cs, e->data.va, flushes);
    before = *page;
    *ret = exec_run(e);
    return (*page - before) & 0xffffff;
}

static void flushid_advance(void)
{
    Exec *e = exec_open();
    volatile uint32_t *page = px_flush_page(e->p);
    uint32_t few;
    uint32_t many;
    int ret;

    if (!page || pm_control("on")) {
        tap_die("the page is mapped and the device stays on");
    }
    tap_errno(exec_run(e), -EINVAL, "an empty stream with an address");
    few = moved_by(e, page, 0, &ret);
    tap_errno(ret, 0, "a job without flush of its own");
    tap_ok(few >= 1, "the flush before each job moves the ID");
    many = moved_by(e, page, 7, &ret);
    tap_errno(ret, 0, "a job with seven flushes");
    tap_ok(many >= 1 + 7, "moves it by seven more");
    if (many < few + 7) {
        tap_diag("moved by %u and by %u", few, many);
    }
    tap_eq(*page & FLUSH_ID_MBZ, 0, "bits 30:24 stay zero");
    tap_errno(pm_control("auto"), 0, "the device may sleep again");
    exec_close(e);
}

static void flushid_suspended(void)
{
    Exec *e = exec_open();
    volatile uint32_t *page = px_flush_page(e->p);
    int ret;

    tap_ok(pm_wait("suspended", 5000), "the device falls asleep");
    tap_eq(*page, DUMMY_FLUSH_ID, "the page shows 1 then");
    moved_by(e, page, 3, &ret);
    tap_errno(ret, 0, "a job wakes it");
    tap_ok(pm_status("active"), "it is awake");
    tap_ok(*page != DUMMY_FLUSH_ID, "the mapping shows the register again");
    tap_ok(pm_wait("suspended", 5000), "it falls asleep again");
    tap_eq(*page, DUMMY_FLUSH_ID, "1 again");
    exec_close(e);
}

/* An ID older than what has been flushed since must not keep a job away. */
static void flushid_submit(void)
{
    Exec *e = exec_open();
    volatile uint32_t *page = px_flush_page(e->p);
    uint32_t value[3] = { rng_u32(), rng_u32(), rng_u32() };
    struct drm_panthor_sync_op s = sync_signal_op(e->sync);
    uint32_t ids[3];
    int ret;

    pm_control("on");
    moved_by(e, page, 1, &ret);
    ids[0] = 0;
    ids[1] = *page;
    moved_by(e, page, 2, &ret);
    ids[2] = ids[1];
    ids[1] = *page;
    for (unsigned i = 0; i < 3; i++) {
        struct drm_panthor_queue_submit q = {
            .stream_addr = e->code.va, .latest_flush = ids[i],
            .syncs = DRM_PANTHOR_OBJ_ARRAY(1, &s),
        };

        exec_begin(e);
        cs_put32(&e->cs, exec_va(e, 8 + i), value[i]);
        q.stream_size = cs_bytes(&e->cs);
        px_syncobj_reset(e->p, e->sync);
        ret = px_submit_n(e->p, e->group, &q, 1);
        if (!ret) {
            ret = exec_done(e);
        }
        tap_errno(ret, 0, "a job with %s ID",
                  i == 0 ? "no" : i == 1 ? "the latest" : "an older");
        tap_eq(exec_word(e, 8 + i), value[i], "it ran");
    }
    pm_control("auto");
    exec_close(e);
}

const GuestTest flushid_tests[] = {
    TEST("flushid-map", "how the page can be mapped", flushid_map),
    TEST("flushid-advance", "each flush moves the ID", flushid_advance),
    TEST("flushid-suspended", "the page shows 1 while the device sleeps",
         flushid_suspended),
    TEST("flushid-submit", "jobs with current and stale IDs",
         flushid_submit),
    TEST_END,
};
