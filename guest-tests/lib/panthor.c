/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/sync_file.h>

#include "cs.h"
#include "driver.h"
#include "panthor.h"
#include "tap.h"
#include "util.h"

#define FIRST_RENDER 128
#define NODES 16

static int fd_ioctl(int fd, unsigned long request, void *arg)
{
    int ret;

    do {
        ret = ioctl(fd, request, arg);
    } while (ret < 0 && (errno == EINTR || errno == EAGAIN));
    return ret < 0 ? -errno : 0;
}

/* The @nth node of the driver, open, and its minor; -1 if there is none. */
static int node_open_nth(unsigned nth, unsigned *minor, char *path,
                         unsigned size)
{
    for (unsigned i = 0; i < NODES; i++) {
        char name[32] = "";
        struct drm_version v = { .name = name, .name_len = sizeof(name) - 1 };
        char node[64];
        int fd;

        snprintf(node, sizeof(node), driver()->card ? "/dev/dri/card%u"
                                                    : "/dev/dri/renderD%u",
                 driver()->card ? i : FIRST_RENDER + i);
        fd = open(node, O_RDWR | O_CLOEXEC);
        if (fd < 0) {
            continue;
        }
        if (!fd_ioctl(fd, DRM_IOCTL_VERSION, &v) &&
            !strcmp(name, driver()->node) && !nth--) {
            *minor = v.version_minor;
            if (path) {
                snprintf(path, size, "%s", node);
            }
            return fd;
        }
        close(fd);
    }
    return -1;
}

static int node_open(unsigned *minor, char *path, unsigned size)
{
    return node_open_nth(0, minor, path, size);
}

unsigned panthor_count(void)
{
    unsigned minor;
    unsigned nr = 0;
    int fd;

    while ((fd = node_open_nth(nr, &minor, NULL, 0)) >= 0) {
        close(fd);
        nr++;
    }
    return nr;
}

int panthor_minor(void)
{
    static int known = -1;
    unsigned minor;
    int fd;

    if (known < 0) {
        fd = node_open(&minor, NULL, 0);
        if (fd >= 0) {
            known = minor;
            close(fd);
        }
    }
    return known;
}

unsigned panthor_arch(void)
{
    static unsigned known;
    Px p;

    if (!known && !px_try_open(&p)) {
        known = DRM_PANTHOR_ARCH_MAJOR(p.gpu.gpu_id);
        close(p.fd);
    }
    return known;
}

bool panthor_answers(void)
{
    Px p;
    bool ok = !px_try_open(&p);

    if (ok) {
        ok = p.gpu.gpu_id && p.gpu.as_present && p.gpu.shader_present;
        close(p.fd);
    }
    return ok;
}

bool panthor_node(char *path, unsigned size)
{
    unsigned minor;
    int fd = node_open(&minor, path, size);

    if (fd < 0) {
        return false;
    }
    close(fd);
    return true;
}

bool panthor_wait_node(bool there, unsigned limit_ms)
{
    int64_t until = now_ns() + limit_ms * 1000000ll;
    char path[64];

    while (panthor_node(path, sizeof(path)) != there) {
        if (now_ns() >= until) {
            return false;
        }
        sleep_ms(20);
    }
    return true;
}

void panthor_sysfs(const char *name, char *path, unsigned size)
{
    char node[64];

    if (!panthor_node(node, sizeof(node))) {
        tap_die("there is a panthor render node");
    }
    snprintf(path, size, "/sys/class/drm/%s/device/%s", strrchr(node, '/') + 1,
             name);
}

int px_try_open(Px *p)
{
    return px_try_open_nth(p, 0);
}

int px_try_open_nth(Px *p, unsigned nth)
{
    uint32_t size;
    int ret;

    memset(p, 0, sizeof(*p));
    p->fd = node_open_nth(nth, &p->minor, NULL, 0);
    if (p->fd < 0) {
        return -ENODEV;
    }
    p->next_va = PX_FIRST_VA;
    size = sizeof(p->gpu);
    ret = px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, &p->gpu, &size);
    if (!ret) {
        size = sizeof(p->csif);
        ret = px_query(p, DRM_PANTHOR_DEV_QUERY_CSIF_INFO, &p->csif, &size);
        /* Tyr's file.rs: dev_query() has nothing but gpu_info so far. */
        if (ret == -EINVAL && driver_is(DRIVER_TYR)) {
            ret = 0;
        }
    }
    if (ret) {
        close(p->fd);
    } else {
        cs_set_arch(DRM_PANTHOR_ARCH_MAJOR(p->gpu.gpu_id));
    }
    return ret;
}

Px *px_open(void)
{
    Px *p = calloc(1, sizeof(*p));
    int ret = p ? px_try_open(p) : -ENOMEM;

    if (ret) {
        tap_die("the device opens and answers queries: %s", strerror(-ret));
    }
    return p;
}

void px_close(Px *p)
{
    close(p->fd);
    free(p);
}

int px_ioctl(const Px *p, unsigned long request, void *arg)
{
    return fd_ioctl(p->fd, request, arg);
}

uint64_t px_timer_hz(void)
{
    uint64_t hz = 0;

    /* As panthor_drv.c: panthor_query_timestamp_info() has it. */
#ifdef __aarch64__
    asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
#endif
    return hz;
}

int px_query(const Px *p, uint32_t type, void *data, uint32_t *size)
{
    struct drm_panthor_dev_query q = {
        .type = type, .size = *size, .pointer = (uintptr_t)data,
    };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_DEV_QUERY, &q);

    *size = q.size;
    return ret;
}

int px_vm_create(const Px *p, uint32_t flags, uint64_t *range, uint32_t *id)
{
    struct drm_panthor_vm_create c = {
        .flags = flags, .user_va_range = *range,
    };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_VM_CREATE, &c);

    *range = c.user_va_range;
    *id = c.id;
    return ret;
}

int px_vm_destroy(const Px *p, uint32_t id)
{
    struct drm_panthor_vm_destroy d = { .id = id };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_VM_DESTROY, &d);
}

int px_vm_state(const Px *p, uint32_t id, uint32_t *state)
{
    struct drm_panthor_vm_get_state s = { .vm_id = id };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_VM_GET_STATE, &s);

    *state = s.state;
    return ret;
}

int px_bo_create(const Px *p, uint64_t *size, uint32_t flags, uint32_t vm,
                 uint32_t *handle)
{
    struct drm_panthor_bo_create c = {
        .size = *size, .flags = flags, .exclusive_vm_id = vm,
    };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_BO_CREATE, &c);

    *size = c.size;
    *handle = c.handle;
    return ret;
}

int px_bo_offset(const Px *p, uint32_t handle, uint64_t *offset)
{
    struct drm_panthor_bo_mmap_offset o = { .handle = handle };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_BO_MMAP_OFFSET, &o);

    *offset = o.offset;
    return ret;
}

int px_gem_close(const Px *p, uint32_t handle)
{
    struct drm_gem_close c = { .handle = handle };

    return px_ioctl(p, DRM_IOCTL_GEM_CLOSE, &c);
}

int px_bind(const Px *p, uint32_t vm, uint32_t flags,
            struct drm_panthor_vm_bind_op *ops, uint32_t *nr)
{
    struct drm_panthor_vm_bind b = {
        .vm_id = vm, .flags = flags,
        .ops = DRM_PANTHOR_OBJ_ARRAY(*nr, ops),
    };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_VM_BIND, &b);

    *nr = b.ops.count;
    return ret;
}

int px_map(const Px *p, uint32_t vm, uint32_t handle, uint64_t offset,
           uint64_t va, uint64_t size, uint32_t flags)
{
    struct drm_panthor_vm_bind_op op = {
        .flags = DRM_PANTHOR_VM_BIND_OP_TYPE_MAP | flags,
        .bo_handle = handle, .bo_offset = offset, .va = va, .size = size,
        .syncs.stride = sizeof(struct drm_panthor_sync_op),
    };
    uint32_t nr = 1;

    return px_bind(p, vm, 0, &op, &nr);
}

int px_unmap(const Px *p, uint32_t vm, uint64_t va, uint64_t size)
{
    struct drm_panthor_vm_bind_op op = {
        .flags = DRM_PANTHOR_VM_BIND_OP_TYPE_UNMAP, .va = va, .size = size,
        .syncs.stride = sizeof(struct drm_panthor_sync_op),
    };
    uint32_t nr = 1;

    return px_bind(p, vm, 0, &op, &nr);
}

int px_group_create(const Px *p, struct drm_panthor_group_create *args)
{
    return px_ioctl(p, DRM_IOCTL_PANTHOR_GROUP_CREATE, args);
}

int px_group_destroy(const Px *p, uint32_t group)
{
    struct drm_panthor_group_destroy d = { .group_handle = group };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_GROUP_DESTROY, &d);
}

int px_group_state(const Px *p, uint32_t group, uint32_t *state,
                   uint32_t *fatal)
{
    struct drm_panthor_group_get_state s = { .group_handle = group };
    int ret = px_ioctl(p, DRM_IOCTL_PANTHOR_GROUP_GET_STATE, &s);

    *state = s.state;
    *fatal = s.fatal_queues;
    return ret;
}

int px_heap_create(const Px *p, struct drm_panthor_tiler_heap_create *args)
{
    return px_ioctl(p, DRM_IOCTL_PANTHOR_TILER_HEAP_CREATE, args);
}

int px_heap_destroy(const Px *p, uint32_t handle)
{
    struct drm_panthor_tiler_heap_destroy d = { .handle = handle };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_TILER_HEAP_DESTROY, &d);
}

int px_submit_n(const Px *p, uint32_t group,
                struct drm_panthor_queue_submit *submits, uint32_t nr)
{
    struct drm_panthor_group_submit s = {
        .group_handle = group,
        .queue_submits = DRM_PANTHOR_OBJ_ARRAY(nr, submits),
    };

    return px_ioctl(p, DRM_IOCTL_PANTHOR_GROUP_SUBMIT, &s);
}

int px_submit(const Px *p, uint32_t group, uint32_t queue, uint64_t va,
              uint32_t bytes, const struct drm_panthor_sync_op *syncs,
              uint32_t nr)
{
    struct drm_panthor_queue_submit q = {
        .queue_index = queue, .stream_addr = va, .stream_size = bytes,
        .syncs = DRM_PANTHOR_OBJ_ARRAY(nr, syncs),
    };

    return px_submit_n(p, group, &q, 1);
}

uint32_t px_vm(const Px *p)
{
    uint64_t range = 0;
    uint32_t id;
    int ret = px_vm_create(p, 0, &range, &id);

    if (ret) {
        tap_die("a VM is created: %s", strerror(-ret));
    }
    return id;
}

Bo px_bo(Px *p, uint32_t vm, uint64_t size, uint32_t flags)
{
    Bo bo = { .size = size, .va = p->next_va };
    uint64_t offset;
    int ret = px_bo_create(p, &bo.size, 0, 0, &bo.handle);

    if (!ret) {
        ret = px_bo_offset(p, bo.handle, &offset);
    }
    if (!ret) {
        bo.map = mmap(NULL, bo.size, PROT_READ | PROT_WRITE, MAP_SHARED,
                      p->fd, offset);
        ret = bo.map == MAP_FAILED ? -errno : 0;
    }
    if (!ret) {
        ret = px_map(p, vm, bo.handle, 0, bo.va, bo.size, flags);
    }
    if (ret) {
        tap_die("a buffer is created and mapped: %s", strerror(-ret));
    }
    /* A hole behind each, so that running over its end faults. */
    p->next_va += (bo.size + 2 * MiB) & ~(MiB - 1);
    return bo;
}

void px_bo_free(Px *p, uint32_t vm, Bo *bo)
{
    px_unmap(p, vm, bo->va, bo->size);
    munmap(bo->map, bo->size);
    px_gem_close(p, bo->handle);
}

struct drm_panthor_group_create
px_group_args(const Px *p, uint32_t vm, struct drm_panthor_queue_create *queues,
              uint32_t nr, uint32_t ring_bytes)
{
    for (uint32_t i = 0; i < nr; i++) {
        queues[i] = (struct drm_panthor_queue_create) {
            .priority = 1, .ringbuf_size = ring_bytes,
        };
    }
    return (struct drm_panthor_group_create) {
        .queues = DRM_PANTHOR_OBJ_ARRAY(nr, queues),
        .max_compute_cores = __builtin_popcountll(p->gpu.shader_present),
        .max_fragment_cores = __builtin_popcountll(p->gpu.shader_present),
        .max_tiler_cores = 1,
        .priority = PANTHOR_GROUP_PRIORITY_MEDIUM,
        .compute_core_mask = p->gpu.shader_present,
        .fragment_core_mask = p->gpu.shader_present,
        .tiler_core_mask = p->gpu.tiler_present & 1,
        .vm_id = vm,
    };
}

uint32_t px_group(const Px *p, uint32_t vm, uint32_t nr_queues,
                  uint32_t ring_bytes)
{
    struct drm_panthor_queue_create q[32];
    struct drm_panthor_group_create g =
        px_group_args(p, vm, q, nr_queues, ring_bytes);
    int ret = px_group_create(p, &g);

    if (ret) {
        tap_die("a group of %u queues is created: %s", nr_queues,
                strerror(-ret));
    }
    return g.group_handle;
}

uint32_t px_syncobj(const Px *p, bool signaled)
{
    struct drm_syncobj_create c = {
        .flags = signaled ? DRM_SYNCOBJ_CREATE_SIGNALED : 0,
    };
    int ret = px_ioctl(p, DRM_IOCTL_SYNCOBJ_CREATE, &c);

    if (ret) {
        tap_die("a sync object is created: %s", strerror(-ret));
    }
    return c.handle;
}

void px_syncobj_free(const Px *p, uint32_t handle)
{
    struct drm_syncobj_destroy d = { .handle = handle };

    px_ioctl(p, DRM_IOCTL_SYNCOBJ_DESTROY, &d);
}

void px_syncobj_reset(const Px *p, uint32_t handle)
{
    struct drm_syncobj_array a = {
        .handles = (uintptr_t)&handle, .count_handles = 1,
    };

    px_ioctl(p, DRM_IOCTL_SYNCOBJ_RESET, &a);
}

int px_syncobj_signal_point(const Px *p, uint32_t handle, uint64_t point)
{
    struct drm_syncobj_timeline_array a = {
        .handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
        .count_handles = 1,
    };

    return px_ioctl(p, DRM_IOCTL_SYNCOBJ_TIMELINE_SIGNAL, &a);
}

int px_wait_all(const Px *p, const uint32_t *handles, unsigned nr, unsigned ms)
{
    struct drm_syncobj_wait w = {
        .handles = (uintptr_t)handles, .count_handles = nr,
        .timeout_nsec = now_ns() + ms * 1000000ll,
        .flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL,
    };

    return px_ioctl(p, DRM_IOCTL_SYNCOBJ_WAIT, &w);
}

int px_wait(const Px *p, uint32_t handle, unsigned ms)
{
    return px_wait_all(p, &handle, 1, ms);
}

int px_wait_point(const Px *p, uint32_t handle, uint64_t point, unsigned ms)
{
    struct drm_syncobj_timeline_wait w = {
        .handles = (uintptr_t)&handle, .points = (uintptr_t)&point,
        .count_handles = 1, .timeout_nsec = now_ns() + ms * 1000000ll,
        .flags = DRM_SYNCOBJ_WAIT_FLAGS_WAIT_ALL |
                 DRM_SYNCOBJ_WAIT_FLAGS_WAIT_FOR_SUBMIT,
    };

    return px_ioctl(p, DRM_IOCTL_SYNCOBJ_TIMELINE_WAIT, &w);
}

int px_timeline_value(const Px *p, uint32_t handle, uint64_t *value)
{
    struct drm_syncobj_timeline_array a = {
        .handles = (uintptr_t)&handle, .points = (uintptr_t)value,
        .count_handles = 1,
    };

    return px_ioctl(p, DRM_IOCTL_SYNCOBJ_QUERY, &a);
}

int px_sync_file(const Px *p, uint32_t handle)
{
    struct drm_syncobj_handle h = {
        .handle = handle, .fd = -1,
        .flags = DRM_SYNCOBJ_HANDLE_TO_FD_FLAGS_EXPORT_SYNC_FILE,
    };
    int ret = px_ioctl(p, DRM_IOCTL_SYNCOBJ_HANDLE_TO_FD, &h);

    return ret ? ret : h.fd;
}

int px_fence_error(const Px *p, uint32_t handle)
{
    struct sync_file_info info = { 0 };
    int fd = px_sync_file(p, handle);
    int ret;

    if (fd < 0) {
        return fd;
    }
    ret = fd_ioctl(fd, SYNC_IOC_FILE_INFO, &info);
    close(fd);
    if (ret) {
        return ret;
    }
    return info.status == 1 ? 0 : info.status == 0 ? -EBUSY : info.status;
}

volatile uint32_t *px_flush_page(const Px *p)
{
    void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, p->fd,
                     DRM_PANTHOR_USER_FLUSH_ID_MMIO_OFFSET);

    return map == MAP_FAILED ? NULL : map;
}
