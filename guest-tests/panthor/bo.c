/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers: creation, CPU mappings, sharing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

static void bo_create(void)
{
    Px *p = px_open();
    uint64_t a = 1;
    uint64_t b = 4097;
    uint64_t off;
    uint32_t ha = 0;
    uint32_t hb = 0;
    unsigned char *map;
    bool zero = true;

    tap_errno(px_bo_create(p, &a, 0, 0, &ha), 0, "one byte");
    tap_eq(a, 4096, "becomes a page");
    tap_errno(px_bo_create(p, &b, 0, 0, &hb), 0, "a page and a byte");
    tap_eq(b, 8192, "become two");
    tap_ok(ha && hb && ha != hb, "handles differ and are not zero");
    tap_errno(px_bo_offset(p, hb, &off), 0, "mmap offset");
    tap_ok(off && !(off & 4095), "it is page aligned and not zero");
    map = mmap(NULL, b, PROT_READ | PROT_WRITE, MAP_SHARED, p->fd, off);
    tap_ok(map != MAP_FAILED, "it can be mapped");
    for (unsigned i = 0; map != MAP_FAILED && i < b; i++) {
        zero &= !map[i];
    }
    tap_ok(zero, "it is zero");
    tap_errno(px_gem_close(p, ha), 0, "close");
    tap_errno(px_gem_close(p, ha), -EINVAL, "close again");
    px_close(p);
}

static int create_raw(Px *p, struct drm_panthor_bo_create c)
{
    return px_ioctl(p, DRM_IOCTL_PANTHOR_BO_CREATE, &c);
}

static void bo_bad_args(void)
{
    Px *p = px_open();
    struct drm_panthor_bo_mmap_offset o = { .handle = 0x777 };
    uint64_t size = 4096;
    uint64_t off;
    uint32_t h;
    void *map;

    tap_errno(create_raw(p, (struct drm_panthor_bo_create) { .size = 0 }),
              -EINVAL, "size 0");
    tap_errno(create_raw(p, (struct drm_panthor_bo_create) {
                  .size = 4096, .pad = 1 }), -EINVAL, "padding");
    tap_errno(create_raw(p, (struct drm_panthor_bo_create) {
                  .size = 4096, .flags = 1u << 7 }), -EINVAL, "unknown flag");
    tap_errno(create_raw(p, (struct drm_panthor_bo_create) {
                  .size = 4096, .exclusive_vm_id = 9 }), -EINVAL,
              "exclusive to a VM that is not");
    tap_errno(create_raw(p, (struct drm_panthor_bo_create) {
                  .size = 4096,
                  .flags = DRM_PANTHOR_BO_NO_MMAP | DRM_PANTHOR_BO_WB_MMAP }),
              -EINVAL, "not mapped and mapped write-back");
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET, &o), -ENOENT,
              "mmap offset of no buffer");
    tap_errno(px_bo_create(p, &size, DRM_PANTHOR_BO_NO_MMAP, 0, &h), 0,
              "a buffer without mmap");
    o = (struct drm_panthor_bo_mmap_offset) { .handle = h, .pad = 1 };
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET, &o), -EINVAL,
              "mmap offset with padding");
    if (p->minor) {
        tap_errno(px_bo_offset(p, h, &off), -EPERM, "it gives no offset");
    } else {
        tap_errno(px_bo_offset(p, h, &off), 0, "it gives an offset");
        map = mmap(NULL, size, PROT_READ, MAP_SHARED, p->fd, off);
        tap_ok(map == MAP_FAILED && errno == EINVAL, "but cannot be mapped");
    }
    px_close(p);
}

/* The GPU copies what the CPU wrote; the CPU reads it by another mapping. */
static void bo_mmap(void)
{
    enum { WORDS = 16 };
    Exec *e = exec_open();
    uint32_t want[WORDS];
    volatile uint32_t *second;
    bool same = true;
    uint64_t off;

    for (unsigned i = 0; i < WORDS; i++) {
        want[i] = rng_u32();
        exec_put(e, i, want[i]);
    }
    cs_move48(&e->cs, R_ADDR, e->data.va);
    cs_load(&e->cs, 0, R_ADDR, 0xffff, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_store(&e->cs, 0, R_ADDR, 0xffff, 8192);
    cs_wait(&e->cs, ALL_SB);
    tap_errno(exec_run(e), 0, "a copy by the GPU");
    tap_errno(px_bo_offset(e->p, e->data.handle, &off), 0, "offset again");
    second = mmap(NULL, e->data.size, PROT_READ, MAP_SHARED, e->p->fd, off);
    tap_ok(second != MAP_FAILED, "a second mapping");
    for (unsigned i = 0; second != MAP_FAILED && i < WORDS; i++) {
        same &= second[2048 + i] == want[i];
    }
    tap_ok(same, "it shows what the first mapping's writes became");
    exec_close(e);
}

static int export_fd(Px *p, uint32_t handle, int *fd)
{
    struct drm_prime_handle h = {
        .handle = handle, .flags = DRM_CLOEXEC | DRM_RDWR, .fd = -1,
    };
    int ret = px_ioctl(p, DRM_IOCTL_PRIME_HANDLE_TO_FD, &h);

    *fd = h.fd;
    return ret;
}

static int import_fd(Px *p, int fd, uint32_t *handle)
{
    struct drm_prime_handle h = { .fd = fd };
    int ret = px_ioctl(p, DRM_IOCTL_PRIME_FD_TO_HANDLE, &h);

    *handle = h.handle;
    return ret;
}

static void bo_exclusive(void)
{
    Px *p = px_open();
    uint32_t vm = px_vm(p);
    uint32_t other = px_vm(p);
    uint64_t size = 4096;
    uint32_t h;
    int fd;

    tap_errno(px_bo_create(p, &size, 0, vm, &h), 0, "exclusive to one VM");
    tap_errno(px_map(p, vm, h, 0, PX_FIRST_VA, size, 0), 0, "bound there");
    tap_errno(px_map(p, other, h, 0, PX_FIRST_VA, size, 0), -EINVAL,
              "not in another");
    tap_errno(export_fd(p, h, &fd), -EINVAL, "nor exported");
    px_close(p);
}

/* One buffer, two open files, two VMs. */
static void bo_prime(void)
{
    Exec *a = exec_open();
    Exec *b = exec_open();
    uint32_t value = rng_u32();
    uint32_t h = 0;
    uint32_t again = 0;
    int fd = -1;

    tap_errno(export_fd(a->p, a->data.handle, &fd), 0, "export");
    tap_errno(import_fd(a->p, fd, &again), 0, "import into the same file");
    tap_eq(again, a->data.handle, "gives the same handle");
    tap_errno(import_fd(b->p, fd, &h), 0, "import into another file");
    close(fd);
    tap_errno(px_map(b->p, b->vm, h, 0, b->p->next_va, a->data.size, 0), 0,
              "bind it there");
    cs_put32(&b->cs, b->p->next_va + 0x100, value);
    tap_errno(exec_run(b), 0, "a job of the other file writes it");
    tap_eq(exec_word(a, 0x40), value, "the first file sees it");
    tap_errno(import_fd(b->p, 0, &h), -EINVAL, "import of no dma-buf");
    exec_close(b);
    exec_close(a);
}

/* Memory of another exporter: a memfd behind a udmabuf. */
static void bo_import(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    struct udmabuf_create c = { .size = 8192 };
    volatile uint32_t *map;
    uint32_t h = 0;
    int ctl = open("/dev/udmabuf", O_RDWR | O_CLOEXEC);
    int buf = -1;

    if (ctl < 0) {
        tap_skip("no /dev/udmabuf", "memory of another exporter");
        return;
    }
    c.memfd = memfd_create("gpumbox", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    if (ftruncate(c.memfd, c.size) ||
        fcntl(c.memfd, F_ADD_SEALS, F_SEAL_SHRINK)) {
        tap_die("a sealed memfd: %s", strerror(errno));
    }
    map = mmap(NULL, c.size, PROT_READ | PROT_WRITE, MAP_SHARED, c.memfd, 0);
    buf = ioctl(ctl, UDMABUF_CREATE, &c);
    tap_ok(map != MAP_FAILED && buf >= 0, "a udmabuf of two pages");
    tap_errno(import_fd(e->p, buf, &h), 0, "import");
    tap_errno(px_map(e->p, e->vm, h, 0, e->p->next_va, c.size, 0), 0, "bind");
    cs_put32(&e->cs, e->p->next_va + 4096 + 12, value);
    tap_errno(exec_run(e), 0, "a job writes it");
    tap_eq(map[1024 + 3], value, "the memfd shows it");
    if (e->p->minor >= 7) {
        struct drm_panthor_bo_query_info q = { .handle = h };

        tap_errno(px_ioctl(e->p, DRM_IOCTL_PANTHOR_BO_QUERY_INFO, &q), 0,
                  "query info");
        tap_eq(q.extra_flags, DRM_PANTHOR_BO_IS_IMPORTED, "it is imported");
        tap_eq(q.create_flags, 0, "without flags of creation");
    }
    exec_close(e);
}

static int set_label(Px *p, uint32_t h, const char *label, uint32_t pad)
{
    struct drm_panthor_bo_set_label l = {
        .handle = h, .pad = pad, .label = (uintptr_t)label,
    };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_BO_SET_LABEL, &l);
}

static void bo_label(void)
{
    Px *p = px_open();
    uint64_t size = 4096;
    char *text = calloc(1, 8192);
    uint32_t h;

    px_bo_create(p, &size, 0, 0, &h);
    tap_errno(set_label(p, h, "a label", 0), 0, "a label");
    tap_errno(set_label(p, h, "", 0), 0, "an empty one");
    tap_errno(set_label(p, h, NULL, 0), 0, "none");
    memset(text, 'x', 4095);
    tap_errno(set_label(p, h, text, 0), 0, "4095 characters");
    text[4095] = 'x';
    tap_errno(set_label(p, h, text, 0), -E2BIG, "4096 characters");
    tap_errno(set_label(p, h, (char *)8, 0), -EFAULT, "a bad pointer");
    tap_errno(set_label(p, 0x777, "x", 0), -ENOENT, "no buffer");
    tap_errno(set_label(p, h, "x", 1), -EINVAL, "padding");
    free(text);
    px_close(p);
}

static int sync_one(Px *p, uint32_t h, uint32_t type, uint64_t off,
                    uint64_t size)
{
    struct drm_panthor_bo_sync_op op = {
        .handle = h, .type = type, .offset = off, .size = size,
    };
    struct drm_panthor_bo_sync s = { .ops = DRM_PANTHOR_OBJ_ARRAY(1, &op) };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_BO_SYNC, &s);
}

static void bo_sync(void)
{
    const uint32_t flush = DRM_PANTHOR_BO_SYNC_CPU_CACHE_FLUSH;
    const uint32_t inv = DRM_PANTHOR_BO_SYNC_CPU_CACHE_FLUSH_AND_INVALIDATE;
    Px *p = px_open();
    struct drm_panthor_bo_sync none = { 0 };
    uint64_t size = 8192;
    uint32_t h;

    tap_errno(px_bo_create(p, &size, DRM_PANTHOR_BO_WB_MMAP, 0, &h), 0,
              "a write-back buffer");
    tap_errno(sync_one(p, h, flush, 0, size), 0, "flush all of it");
    tap_errno(sync_one(p, h, inv, 4000, 200), 0, "and invalidate a part");
    tap_errno(sync_one(p, h, flush, size, 0), 0, "nothing at its end");
    tap_errno(sync_one(p, h, flush, 1, size), -EINVAL, "beyond its end");
    tap_errno(sync_one(p, h, flush, ~0ull, 2), -EINVAL, "around the end");
    tap_errno(sync_one(p, h, 7, 0, size), -EINVAL, "unknown type");
    tap_errno(sync_one(p, 0x777, flush, 0, 4), -ENOENT, "no buffer");
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_SYNC, &none), 0, "no ops");
    px_close(p);
}

static void bo_query_info(void)
{
    Px *p = px_open();
    const uint32_t flags[] = {
        0, DRM_PANTHOR_BO_NO_MMAP, DRM_PANTHOR_BO_WB_MMAP,
    };
    struct drm_panthor_bo_query_info q;

    for (unsigned i = 0; i < ARRAY_SIZE(flags); i++) {
        uint64_t size = 4096;

        memset(&q, 0xff, sizeof(q));
        px_bo_create(p, &size, flags[i], 0, &q.handle);
        tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_QUERY_INFO, &q), 0,
                  "query");
        tap_eq(q.create_flags, flags[i], "the flags it was made with");
        tap_eq(q.extra_flags, 0, "it is our own");
    }
    q.handle = 0x777;
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_BO_QUERY_INFO, &q), -ENOENT,
              "no buffer");
    px_close(p);
}

static void bo_mmio_offset(void)
{
    Px *p = px_open();
    struct drm_panthor_set_user_mmio_offset o = {
        .offset = DRM_PANTHOR_USER_MMIO_OFFSET_32BIT,
    };
    void *map;

    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_SET_USER_MMIO_OFFSET, &o), 0,
              "the 32-bit offset");
    map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, p->fd, o.offset);
    tap_ok(map != MAP_FAILED, "the flush-id page is there now");
    o.offset = DRM_PANTHOR_USER_MMIO_OFFSET_64BIT;
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_SET_USER_MMIO_OFFSET, &o), 0,
              "the 64-bit offset");
    map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, p->fd, o.offset);
    tap_ok(map != MAP_FAILED, "and there");
    o.offset = 1ull << 44;
    tap_errno(px_ioctl(p, DRM_IOCTL_PANTHOR_SET_USER_MMIO_OFFSET, &o),
              -EINVAL, "any other");
    px_close(p);
}

const GuestTest bo_tests[] = {
    TEST("bo-create", "sizes, handles, zeroes", bo_create),
    TEST("bo-bad-args", "bad sizes, flags, handles", bo_bad_args),
    TEST("bo-mmap", "CPU and GPU see one memory", bo_mmap),
    TEST("bo-exclusive", "a buffer of one VM stays there", bo_exclusive),
    TEST("bo-prime", "export and import between open files", bo_prime),
    TEST("bo-import", "the GPU writes another exporter's memory", bo_import),
    TEST("bo-label", "BO_SET_LABEL", bo_label, .minor = 4),
    TEST("bo-sync", "BO_SYNC", bo_sync, .minor = 7),
    TEST("bo-query-info", "BO_QUERY_INFO", bo_query_info, .minor = 7),
    TEST("bo-mmio-offset", "SET_USER_MMIO_OFFSET", bo_mmio_offset,
         .minor = 5),
    TEST_END,
};
