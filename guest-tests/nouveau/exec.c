/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EXEC: several push buffers, sync objects in and out, good and bad words. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define CE NOUVEAU_FIFO_ENGINE_CE

static int exec(int fd, struct drm_nouveau_exec *req)
{
    return nv_ioctl(fd, DRM_IOCTL_NOUVEAU_EXEC, req);
}

/* In order: each adds to what the one before has left. */
static void several(void)
{
    enum { N = 32, WORDS = 6 };
    NvRig r = nv_rig(CE);
    struct drm_nouveau_exec_push p[N];
    struct drm_nouveau_sync out = nvc_sync(r.c->sync);
    struct drm_nouveau_exec req = {
        .channel = r.c->id, .push_count = N, .push_ptr = (uintptr_t)p,
        .sig_count = 1, .sig_ptr = (uintptr_t)&out,
    };
    uint32_t want = 0;

    for (unsigned i = 0; i < N; i++) {
        p[i] = (struct drm_nouveau_exec_push) {
            .va = r.c->push.va + r.c->end * 4, .va_len = WORDS * 4,
            .flags = i % 3 ? 0 : DRM_NOUVEAU_EXEC_PUSH_NO_PREFETCH,
        };
        nvc_sem(r.c, r.m.va, i + 1, NV_SEM_REDUCTION |
                NV_SEM_REDUCE(i % 2 ? 2 : 5));
        want = i % 2 ? want ^ (i + 1) : want + (i + 1);
    }
    tap_errno(exec(r.d->px.fd, &req), 0, "32 push buffers at once");
    tap_errno(nvc_finish(r.c), 0, "they end");
    tap_eq(nv_word(&r.m, 0), want, "they ran in order");
    nv_rig_close(&r);
}

/* More jobs than the ring has entries, so that it wraps. */
static void wrap(void)
{
    enum { N = 1500 };
    NvRig r = nv_rig(CE);
    unsigned good = 0;

    for (unsigned i = 0; i < N; i++) {
        r.c->begin = r.c->end = 0;
        nvc_sem(r.c, r.m.va, 1, NV_SEM_REDUCTION | NV_SEM_REDUCE(5));
        good += !nvc_run(r.c);
    }
    tap_eq(good, N, "jobs, one after the other");
    tap_eq(nv_word(&r.m, 0), N, "each has counted");
    nv_rig_close(&r);
}

static void sync_objects(void)
{
    NvRig r = nv_rig(CE);
    uint32_t in = px_syncobj(&r.d->px, false);
    uint32_t line = px_syncobj(&r.d->px, false);
    struct drm_nouveau_sync wait = nvc_point(line, 5);
    struct drm_nouveau_sync out[2] = { nvc_sync(r.c->sync),
                                       nvc_point(line, 7) };
    uint32_t v = rng_u32() | 1;
    uint64_t value = 0;

    kmsg_expect("Failed to find syncobj .-> in.");
    px_syncobj_signal_point(&r.d->px, line, 1);
    nv_store(&r, 0, v);
    tap_errno(nvc_exec_sync(r.c, &wait, 1, out, 2), -EINVAL,
              "a point that nobody has promised");
    r.c->begin = r.c->end = 0;
    px_syncobj_signal_point(&r.d->px, line, 5);
    nv_store(&r, 0, v);
    tap_errno(nvc_exec_sync(r.c, &wait, 1, out, 2), 0, "after a point");
    tap_errno(nvc_finish(r.c), 0, "it ends");
    tap_eq(nv_word(&r.m, 0), v, "and has stored");
    tap_errno(px_wait_point(&r.d->px, line, 7, 1000), 0, "its point comes");
    px_timeline_value(&r.d->px, line, &value);
    tap_eq(value, 7, "the timeline stands there");
    px_syncobj_free(&r.d->px, in);
    px_syncobj_free(&r.d->px, line);
    nv_rig_close(&r);
}

/* A job that waits for another channel's fence, which hangs in an acquire. */
static void chained(void)
{
    NvRig r = nv_rig(CE);
    NvChan *b = nvc_open(r.d, NOUVEAU_FIFO_ENGINE_GR);
    struct drm_nouveau_sync in = nvc_sync(r.c->sync);
    struct drm_nouveau_sync out = nvc_sync(b->sync);

    nvc_sem(r.c, r.m.va, 1, NV_SEM_ACQUIRE);
    nvc_sem(r.c, r.m.va + 4, 11, NV_SEM_RELEASE);
    tap_errno(nvc_exec(r.c), 0, "a job that waits for the CPU");
    nvc_sem(b, r.m.va + 4, 5, NV_SEM_REDUCTION | NV_SEM_REDUCE(5));
    tap_errno(nvc_exec_sync(b, &in, 1, &out, 1), 0, "one that waits for it");
    sleep_ms(20);
    tap_eq(nv_word(&r.m, 1), 0, "neither has stored");
    nv_put(&r.m, 0, 1);
    tap_errno(nvc_finish(b), 0, "the last ends");
    tap_errno(nvc_finish(r.c), 0, "as does the first");
    tap_eq(nv_word(&r.m, 1), 16, "one after the other");
    nvc_close(b);
    nv_rig_close(&r);
}

static void empty(void)
{
    NvRig r = nv_rig(CE);

    tap_errno(nvc_run(r.c), 0, "a job without a push buffer");
    nv_rig_close(&r);
}

static void bad(void)
{
    NvRig r = nv_rig(CE);
    NvDev *plain;
    struct drm_nouveau_exec_push p = { .va = r.c->push.va, .va_len = 4 };
    struct drm_nouveau_sync none = nvc_sync(4711);
    struct drm_nouveau_exec good = {
        .channel = r.c->id, .push_count = 1, .push_ptr = (uintptr_t)&p,
    }, req = good;
    uint64_t max = 0;
    int fd = r.d->px.fd;

    req.channel = 4711;
    tap_errno(exec(fd, &req), -ENOENT, "no such channel");
    req = good;
    req.push_ptr = 8;
    tap_errno(exec(fd, &req), -EFAULT, "push buffers at address 8");
    kmsg_expect("Failed to find syncobj");
    req = good;
    req.wait_count = 1;
    req.wait_ptr = (uintptr_t)&none;
    tap_errno(exec(fd, &req), -ENOENT, "waits for no sync object");
    req = good;
    req.sig_count = 1;
    req.sig_ptr = (uintptr_t)&none;
    tap_errno(exec(fd, &req), -ENOENT, "signals no sync object");
    none.flags = 5;
    tap_errno(exec(fd, &req), -EINVAL, "a sync object of no kind");
    tap_errno(nv_getparam(fd, NOUVEAU_GETPARAM_EXEC_PUSH_MAX, &max), 0,
              "EXEC_PUSH_MAX");
    kmsg_expect("pushbuf push count exceeds limit");
    req = good;
    req.push_count = max + 1;
    tap_errno(exec(fd, &req), -EINVAL, "more than that many");
    kmsg_expect("pushbuf size exceeds limit");
    p.va_len = 0x800000;
    tap_errno(exec(fd, &good), -EINVAL, "a push buffer of 8 MiB");
    plain = nvd_open();
    close(plain->px.fd);
    plain->px.fd = nv_open();
    tap_errno(exec(plain->px.fd, &good), -ENOSYS, "without VM_INIT");
    nvd_close(plain);
    nv_rig_close(&r);
}

const GuestTest nouveau_exec_tests[] = {
    TEST("nv-exec", "many push buffers in order", several,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-exec-wrap", "the ring of entries wraps", wrap,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-exec-sync", "sync objects in and out", sync_objects,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-exec-chained", "a job after another channel's", chained,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-exec-empty", "nothing but a fence", empty,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-exec-bad", "bad arguments", bad, .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
