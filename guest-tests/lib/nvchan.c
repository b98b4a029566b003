/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nvchan.h"
#include "nvchip.h"
#include "tap.h"
#include "util.h"

#define VA_ALIGN (2 * MiB)
#define PUSH_BYTES (64 * KiB)
#define WAIT_MS 20000

/* cl906f.h: NV906F_DMA_SEC_OP_* */
#define OP_INCREMENT 1u
#define OP_IMMEDIATE 4u

static uint32_t header(uint32_t op, uint32_t count, unsigned sub,
                       uint32_t method)
{
    return op << 29 | count << 16 | sub << 13 | method >> 2;
}

NvDev *nvd_open(void)
{
    NvDev *d = calloc(1, sizeof(*d));
    struct drm_nouveau_vm_init init = {
        .kernel_managed_addr = NV_KERNEL_VA,
        .kernel_managed_size = NV_KERNEL_SIZE,
    };
    int ret;

    d->px.fd = nv_open();
    d->next_va = NV_FIRST_VA;
    ret = nv_ioctl(d->px.fd, DRM_IOCTL_NOUVEAU_VM_INIT, &init);
    if (ret) {
        tap_die("VM_INIT: %s", strerror(-ret));
    }
    return d;
}

void nvd_close(NvDev *d)
{
    close(d->px.fd);
    free(d);
}

uint64_t nvd_va(NvDev *d, uint64_t size)
{
    uint64_t va = d->next_va;

    d->next_va += (size + VA_ALIGN - 1) / VA_ALIGN * VA_ALIGN;
    return va;
}

int nvd_bind(NvDev *d, uint32_t op, uint32_t flags, uint32_t handle,
             uint64_t va, uint64_t offset, uint64_t size)
{
    struct drm_nouveau_vm_bind_op o = {
        .op = op, .flags = flags, .handle = handle, .addr = va,
        .bo_offset = offset, .range = size,
    };
    struct drm_nouveau_vm_bind req = {
        .op_count = 1, .op_ptr = (uintptr_t)&o,
    };

    return nv_ioctl(d->px.fd, DRM_IOCTL_NOUVEAU_VM_BIND, &req);
}

int nvd_map(NvDev *d, uint32_t handle, uint64_t va, uint64_t size)
{
    return nvd_bind(d, DRM_NOUVEAU_VM_BIND_OP_MAP, 0, handle, va, 0, size);
}

int nvd_unmap(NvDev *d, uint64_t va, uint64_t size)
{
    return nvd_bind(d, DRM_NOUVEAU_VM_BIND_OP_UNMAP, 0, 0, va, 0, size);
}

NvMem nvd_mem(NvDev *d, uint32_t domain, uint64_t size)
{
    NvMem m;
    int ret = nv_bo_new(d->px.fd, domain | NOUVEAU_GEM_DOMAIN_MAPPABLE, size,
                        &m.bo);

    if (ret) {
        tap_die("a buffer of %llu bytes: %s", (unsigned long long)size,
                strerror(-ret));
    }
    nv_bo_map(d->px.fd, &m.bo);
    if (!(domain & NOUVEAU_GEM_DOMAIN_VRAM)) {
        memset(m.bo.map, 0, m.bo.size);
    }
    m.va = nvd_va(d, m.bo.size);
    ret = nvd_map(d, m.bo.handle, m.va, m.bo.size);
    if (ret) {
        tap_die("it is mapped for the GPU: %s", strerror(-ret));
    }
    return m;
}

void nvd_mem_free(NvDev *d, NvMem *m)
{
    nvd_unmap(d, m->va, m->bo.size);
    nv_bo_free(d->px.fd, &m->bo);
}

int nvd_channel(int fd, uint32_t engine, int *id)
{
    struct drm_nouveau_channel_alloc req = {
        .fb_ctxdma_handle = ~0u, .tt_ctxdma_handle = engine,
    };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOUVEAU_CHANNEL_ALLOC, &req);

    *id = req.channel;
    return ret;
}

int nvd_channel_free(int fd, int id)
{
    struct drm_nouveau_channel_free req = { .channel = id };

    return nv_ioctl(fd, DRM_IOCTL_NOUVEAU_CHANNEL_FREE, &req);
}

NvChan *nvc_open(NvDev *d, uint32_t engine)
{
    NvChan *c = calloc(1, sizeof(*c));
    int ret = nvd_channel(d->px.fd, engine, &c->id);

    if (ret) {
        tap_die("a channel: %s", strerror(-ret));
    }
    c->dev = d;
    c->push = nvd_mem(d, NOUVEAU_GEM_DOMAIN_GART, PUSH_BYTES);
    c->sync = px_syncobj(&d->px, false);
    return c;
}

void nvc_close(NvChan *c)
{
    nvd_channel_free(c->dev->px.fd, c->id);
    nvd_mem_free(c->dev, &c->push);
    px_syncobj_free(&c->dev->px, c->sync);
    free(c);
}

void nvc_word(NvChan *c, uint32_t word)
{
    if (c->end == PUSH_BYTES / 4) {
        tap_die("the push buffer holds what the test writes");
    }
    nv_put(&c->push, c->end++, word);
}

void nvc_mthd(NvChan *c, unsigned sub, uint32_t method, unsigned n, ...)
{
    va_list ap;

    nvc_word(c, header(OP_INCREMENT, n, sub, method));
    va_start(ap, n);
    while (n--) {
        nvc_word(c, va_arg(ap, uint32_t));
    }
    va_end(ap);
}

void nvc_imm(NvChan *c, unsigned sub, uint32_t method, uint32_t data)
{
    nvc_word(c, header(OP_IMMEDIATE, data, sub, method));
}

void nvc_sem(NvChan *c, uint64_t va, uint64_t value, uint32_t execute)
{
    nvc_mthd(c, NV_SUB_HOST, NV_SEM_ADDR_LO, 5, (uint32_t)va,
             (uint32_t)(va >> 32), (uint32_t)value, (uint32_t)(value >> 32),
             execute);
}

void nvc_copy_lines(NvChan *c, uint64_t to, uint32_t to_pitch, uint64_t from,
                    uint32_t from_pitch, uint32_t length, uint32_t lines)
{
    nvc_mthd(c, NV_SUB_COPY, NV_SET_OBJECT, 1, nv_chip()->copy);
    nvc_mthd(c, NV_SUB_COPY, NV_COPY_OFFSET_IN, 8, (uint32_t)(from >> 32),
             (uint32_t)from, (uint32_t)(to >> 32), (uint32_t)to, from_pitch,
             to_pitch, length, lines);
}

void nvc_copy(NvChan *c, uint64_t to, uint64_t from, uint32_t bytes)
{
    nvc_copy_lines(c, to, 0, from, 0, bytes, 1);
    nvc_imm(c, NV_SUB_COPY, NV_COPY_LAUNCH, NV_LAUNCH_MOVE | NV_LAUNCH_PITCH);
}

struct drm_nouveau_sync nvc_sync(uint32_t handle)
{
    return (struct drm_nouveau_sync) {
        .flags = DRM_NOUVEAU_SYNC_SYNCOBJ, .handle = handle,
    };
}

struct drm_nouveau_sync nvc_point(uint32_t handle, uint64_t point)
{
    return (struct drm_nouveau_sync) {
        .flags = DRM_NOUVEAU_SYNC_TIMELINE_SYNCOBJ, .handle = handle,
        .timeline_value = point,
    };
}

int nvc_exec_sync(NvChan *c, struct drm_nouveau_sync *in, unsigned nr_in,
                  struct drm_nouveau_sync *out, unsigned nr_out)
{
    struct drm_nouveau_exec_push push = {
        .va = c->push.va + c->begin * 4, .va_len = (c->end - c->begin) * 4,
    };
    struct drm_nouveau_exec req = {
        .channel = c->id,
        .push_count = c->end > c->begin,
        .push_ptr = (uintptr_t)&push,
        .wait_count = nr_in, .wait_ptr = (uintptr_t)in,
        .sig_count = nr_out, .sig_ptr = (uintptr_t)out,
    };

    c->begin = c->end;
    return nv_ioctl(c->dev->px.fd, DRM_IOCTL_NOUVEAU_EXEC, &req);
}

int nvc_exec(NvChan *c)
{
    struct drm_nouveau_sync out = nvc_sync(c->sync);

    px_syncobj_reset(&c->dev->px, c->sync);
    return nvc_exec_sync(c, NULL, 0, &out, 1);
}

int nvc_finish(NvChan *c)
{
    int ret = px_wait(&c->dev->px, c->sync, WAIT_MS);

    c->begin = c->end = 0;
    return ret ? ret : px_fence_error(&c->dev->px, c->sync);
}

int nvc_run(NvChan *c)
{
    int ret = nvc_exec(c);

    return ret ? ret : nvc_finish(c);
}

NvRig nv_rig(uint32_t engine)
{
    NvRig r = { .d = nvd_open() };

    r.c = nvc_open(r.d, engine);
    r.m = nvd_mem(r.d, NOUVEAU_GEM_DOMAIN_GART, 2 * NV_DATA_PAGE);
    return r;
}

void nv_rig_close(NvRig *r)
{
    nvc_close(r->c);
    nvd_mem_free(r->d, &r->m);
    nvd_close(r->d);
}

void nv_store(NvRig *r, unsigned i, uint32_t value)
{
    nvc_sem(r->c, r->m.va + i * 4, value, NV_SEM_RELEASE);
}

bool nouveau_works(void)
{
    NvRig r = nv_rig(NOUVEAU_FIFO_ENGINE_CE);
    uint32_t value = rng_u32() | 1;
    bool ok;

    nv_store(&r, 0, value);
    ok = !nvc_run(r.c) && nv_word(&r.m, 0) == value;
    nv_rig_close(&r);
    return ok;
}
