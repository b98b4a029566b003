/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VM_INIT and VM_BIND: what is mapped is what the GPU reaches. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define GART NOUVEAU_GEM_DOMAIN_GART
#define VRAM NOUVEAU_GEM_DOMAIN_VRAM
#define CE NOUVEAU_FIFO_ENGINE_CE
#define MAP DRM_NOUVEAU_VM_BIND_OP_MAP
#define UNMAP DRM_NOUVEAU_VM_BIND_OP_UNMAP
#define SPARSE DRM_NOUVEAU_VM_BIND_SPARSE
#define PAGE NV_DATA_PAGE

static int init(int fd, uint64_t addr, uint64_t size)
{
    struct drm_nouveau_vm_init req = {
        .kernel_managed_addr = addr, .kernel_managed_size = size,
    };

    return nv_ioctl(fd, DRM_IOCTL_NOUVEAU_VM_INIT, &req);
}

static void inits(void)
{
    int fd = nv_open(), id;

    tap_errno(init(fd, UINT64_MAX - 4095, 8192), -EINVAL, "a part that wraps");
    tap_errno(init(fd, 1ull << 46, 1ull << 47), -EINVAL,
              "a part beyond 47 bits");
    tap_errno(init(fd, NV_KERNEL_VA, NV_KERNEL_SIZE), 0, "a good one");
    close(fd);
    fd = nv_open();
    tap_errno(nvd_channel(fd, CE, &id), 0, "a channel without VM_INIT");
    tap_errno(init(fd, NV_KERNEL_VA, NV_KERNEL_SIZE), -ENOSYS,
              "VM_INIT after it");
    close(fd);
}

/* The same buffer twice, in pieces, and elsewhere after an unmap. */
static void maps_of(uint32_t domain, const char *what)
{
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, CE);
    NvMem m = nvd_mem(d, domain, 4 * PAGE), to = nvd_mem(d, GART, 4 * PAGE);
    uint64_t va = nvd_va(d, 4 * PAGE);
    uint32_t v[4];

    for (unsigned i = 0; i < 4; i++) {
        v[i] = rng_u32();
        nv_put(&m, i * PAGE / 4, v[i]);
    }
    tap_errno(nvd_bind(d, MAP, 0, m.bo.handle, va, 2 * PAGE, 2 * PAGE), 0,
              "%s: its second half at another address", what);
    tap_errno(nvd_bind(d, MAP, 0, m.bo.handle, va + 2 * PAGE, 0, PAGE), 0,
              "%s: its first page behind it", what);
    nvc_copy(c, to.va, va, 3 * PAGE);
    tap_errno(nvc_run(c), 0, "%s: a copy from there", what);
    tap_ok(nv_word(&to, 0) == v[2] && nv_word(&to, PAGE / 4) == v[3] &&
           nv_word(&to, 2 * PAGE / 4) == v[0], "%s: pages in that order",
           what);
    /* A map over a part of another takes its place. */
    tap_errno(nvd_bind(d, MAP, 0, m.bo.handle, va + PAGE, PAGE, PAGE), 0,
              "%s: another page over the middle", what);
    nvc_copy(c, to.va, va, 3 * PAGE);
    tap_errno(nvc_run(c), 0, "%s: a copy", what);
    tap_ok(nv_word(&to, 0) == v[2] && nv_word(&to, PAGE / 4) == v[1] &&
           nv_word(&to, 2 * PAGE / 4) == v[0], "%s: only the middle differs",
           what);
    nvc_sem(c, va + PAGE, v[3] + 1, NV_SEM_RELEASE);
    tap_errno(nvc_run(c), 0, "%s: a store there", what);
    tap_eq(nv_word(&m, PAGE / 4), v[3] + 1, "%s: is in the buffer", what);
    tap_errno(nvd_unmap(d, va, 4 * PAGE), 0, "%s: all is unmapped", what);
    nvc_close(c);
    nvd_mem_free(d, &m);
    nvd_mem_free(d, &to);
    nvd_close(d);
}

static void maps(void)
{
    maps_of(GART, "system memory");
    maps_of(VRAM, "VRAM");
}

static void sparse(void)
{
    enum { SIZE = 4 * MiB };
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, CE);
    NvMem m = nvd_mem(d, GART, 64 * KiB), to = nvd_mem(d, GART, 64 * KiB);
    uint64_t va = nvd_va(d, SIZE);

    tap_errno(nvd_bind(d, MAP, SPARSE, 0, va, 0, SIZE), 0, "a sparse region");
    memset(to.bo.map, 0x77, 64 * KiB);
    nvc_copy(c, to.va, va + 1 * MiB, 4096);
    nvc_sem(c, va, 5, NV_SEM_RELEASE);
    nvc_copy(c, to.va + 4096, va, 4096);
    tap_errno(nvc_run(c), 0, "it can be read and written");
    tap_ok(nv_word(&to, 0) == 0 && nv_word(&to, 1023) == 0,
           "reads give 0");
    tap_eq(nv_word(&to, 1024), 0, "writes are lost");
    nv_put(&m, 0, 0xabcd);
    tap_errno(nvd_map(d, m.bo.handle, va + 2 * MiB, 64 * KiB), 0,
              "a buffer in the middle");
    nvc_copy(c, to.va, va + 2 * MiB, 4096);
    nvc_copy(c, to.va + 4096, va + 3 * MiB, 4096);
    tap_errno(nvc_run(c), 0, "a copy");
    tap_eq(nv_word(&to, 0), 0xabcd, "there is the buffer");
    tap_errno(nvd_unmap(d, va + 2 * MiB, 64 * KiB), 0, "it goes");
    nvc_copy(c, to.va, va + 2 * MiB, 4096);
    tap_errno(nvc_run(c), 0, "a copy");
    tap_eq(nv_word(&to, 0), 0, "it is sparse again");
    tap_errno(nvd_bind(d, UNMAP, SPARSE, 0, va, 0, SIZE), 0,
              "the region goes");
    nvc_close(c);
    nvd_mem_free(d, &m);
    nvd_mem_free(d, &to);
    nvd_close(d);
}

static int bind_async(NvDev *d, const NvMem *m, uint64_t va,
                      struct drm_nouveau_sync *in,
                      struct drm_nouveau_sync *out)
{
    struct drm_nouveau_vm_bind_op op = {
        .op = MAP, .handle = m->bo.handle, .addr = va, .range = m->bo.size,
    };
    struct drm_nouveau_vm_bind req = {
        .op_count = 1, .op_ptr = (uintptr_t)&op,
        .flags = DRM_NOUVEAU_VM_BIND_RUN_ASYNC,
        .wait_count = !!in, .wait_ptr = (uintptr_t)in,
        .sig_count = !!out, .sig_ptr = (uintptr_t)out,
    };

    return nv_ioctl(d->px.fd, DRM_IOCTL_NOUVEAU_VM_BIND, &req);
}

/* A map that waits for a job, and a job that waits for the map. */
static void async(void)
{
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, CE), *b = nvc_open(d, CE);
    NvMem m = nvd_mem(d, GART, PAGE), to = nvd_mem(d, GART, PAGE);
    uint64_t va = nvd_va(d, PAGE);
    uint32_t bound = px_syncobj(&d->px, false), v = rng_u32() | 1;
    struct drm_nouveau_sync first = nvc_sync(c->sync);
    struct drm_nouveau_sync second = nvc_sync(bound);
    struct drm_nouveau_sync last = nvc_sync(b->sync);

    nv_put(&m, 0, v);
    nvc_sem(c, to.va + 64, 1, NV_SEM_ACQUIRE);
    tap_errno(nvc_exec(c), 0, "a job that waits for the CPU");
    tap_errno(bind_async(d, &m, va, &first, &second), 0,
              "a map that waits for it");
    nvc_copy(b, to.va, va, 4);
    tap_errno(nvc_exec_sync(b, &second, 1, &last, 1), 0,
              "a job that waits for the map");
    sleep_ms(20);
    tap_eq(px_wait(&d->px, bound, 1), (uint64_t)-ETIME, "none is done");
    nv_put(&to, 16, 1);
    tap_errno(nvc_finish(b), 0, "all end");
    tap_eq(nv_word(&to, 0), v, "the job has found what was mapped");
    nvc_finish(c);
    nvd_unmap(d, va, PAGE);
    px_syncobj_free(&d->px, bound);
    nvc_close(b);
    nvc_close(c);
    nvd_mem_free(d, &m);
    nvd_mem_free(d, &to);
    nvd_close(d);
}

static void bad(void)
{
    NvDev *d = nvd_open();
    NvMem m = nvd_mem(d, GART, 4 * PAGE);
    uint64_t va = nvd_va(d, 4 * PAGE);
    uint32_t h = m.bo.handle;

    tap_errno(nvd_map(d, 4711, va, PAGE), -ENOENT, "no such buffer");
    tap_errno(nvd_bind(d, 7, 0, h, va, 0, PAGE), -EINVAL,
              "an operation that is none");
    tap_errno(nvd_map(d, h, va + 1, PAGE), -EINVAL, "an odd address");
    tap_errno(nvd_map(d, h, va, PAGE + 1), -EINVAL, "an odd size");
    tap_errno(nvd_bind(d, MAP, 0, h, va, 5, PAGE), -EINVAL, "an odd offset");
    tap_errno(nvd_bind(d, MAP, 0, h, va, PAGE, 4 * PAGE), -EINVAL,
              "more than the buffer has");
    tap_errno(nvd_map(d, h, NV_KERNEL_VA + PAGE, PAGE), -EINVAL,
              "the kernel's part");
    tap_errno(nvd_map(d, h, 1ull << 47, PAGE), -EINVAL, "beyond 47 bits");
    tap_errno(nvd_unmap(d, va, PAGE), 0, "an unmap of nothing");
    nvd_mem_free(d, &m);
    nvd_close(d);
}

const GuestTest nouveau_vm_tests[] = {
    TEST("nv-vm-init", "address spaces of user space", inits,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-vm-bind", "maps, in pieces and over others", maps,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-vm-sparse", "sparse regions", sparse,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-vm-async", "maps between jobs", async,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-vm-bad", "bad arguments", bad, .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
