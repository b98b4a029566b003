/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The panthor driver's uAPI, as thin as it can be.
 *
 * Functions that return int give 0 or a negative errno value, for tests of
 * good and bad arguments. Functions that return a thing end the test with a
 * failed point if they cannot.
 */
#ifndef GUEST_PANTHOR_H
#define GUEST_PANTHOR_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/drm.h>
#include <drm/panthor_drm.h>

/* Where px_bo() starts to hand out GPU addresses. */
#define PX_FIRST_VA 0x10000000ull

/* Start of the kernel's part of a VM with 48-bit addresses. */
#define PX_KERNEL_VA (1ull << 47)

/* What tests wait for a job at most, in guest ms; the driver gives up at 5 s. */
#define PX_WAIT_MS 20000

/**
 * struct Px - an open device
 * @minor:   of the driver's version 1.x.
 * @next_va: where the next px_bo() goes.
 */
typedef struct Px {
    int fd;
    unsigned minor;
    struct drm_panthor_gpu_info gpu;
    struct drm_panthor_csif_info csif;
    uint64_t next_va;
} Px;

/** struct Bo - a buffer, mapped by the CPU and by one VM */
typedef struct Bo {
    uint32_t handle;
    uint64_t size;
    uint64_t va;
    void *map;
} Bo;

/** panthor_minor() - of the loaded driver, -1 if there is none. */
int panthor_minor(void);

/** panthor_arch() - architecture of the GPU, 0 if there is no driver. */
unsigned panthor_arch(void);

/** panthor_works() - open, run one job, see what it stored. */
bool panthor_works(void);

/** panthor_answers() - open, and see that queries tell of a GPU. */
bool panthor_answers(void);

/** panthor_node() - path of the render node; false if there is none. */
bool panthor_node(char *path, unsigned size);

/** panthor_count() - render nodes of panthor devices. */
unsigned panthor_count(void);

/** panthor_wait_node() - wait for the node to come or go. */
bool panthor_wait_node(bool there, unsigned limit_ms);

/** panthor_sysfs() - path of @name in the device's sysfs folder. */
void panthor_sysfs(const char *name, char *path, unsigned size);

/** px_try_open() - 0 or a negative errno value. */
int px_try_open(Px *p);

/** px_try_open_nth() - likewise, of device @nth. */
int px_try_open_nth(Px *p, unsigned nth);

/** px_open() - open the device and query it. */
Px *px_open(void);

/** px_close() - close and free. */
void px_close(Px *p);

/** px_ioctl() - 0 or a negative errno value; restarted if interrupted. */
int px_ioctl(const Px *p, unsigned long request, void *arg);

/** px_timer_hz() - of the clock that stands behind the GPU's timestamps */
uint64_t px_timer_hz(void);

int px_query(const Px *p, uint32_t type, void *data, uint32_t *size);
int px_vm_create(const Px *p, uint32_t flags, uint64_t *range, uint32_t *id);
int px_vm_destroy(const Px *p, uint32_t id);
int px_vm_state(const Px *p, uint32_t id, uint32_t *state);
int px_bo_create(const Px *p, uint64_t *size, uint32_t flags, uint32_t vm,
                 uint32_t *handle);
int px_bo_offset(const Px *p, uint32_t handle, uint64_t *offset);
int px_gem_close(const Px *p, uint32_t handle);
int px_bind(const Px *p, uint32_t vm, uint32_t flags,
            struct drm_panthor_vm_bind_op *ops, uint32_t *nr);
int px_map(const Px *p, uint32_t vm, uint32_t handle, uint64_t offset,
           uint64_t va, uint64_t size, uint32_t flags);
int px_unmap(const Px *p, uint32_t vm, uint64_t va, uint64_t size);
int px_group_create(const Px *p, struct drm_panthor_group_create *args);
int px_group_destroy(const Px *p, uint32_t group);
int px_group_state(const Px *p, uint32_t group, uint32_t *state,
                   uint32_t *fatal);
int px_heap_create(const Px *p, struct drm_panthor_tiler_heap_create *args);
int px_heap_destroy(const Px *p, uint32_t handle);
int px_submit_n(const Px *p, uint32_t group,
                struct drm_panthor_queue_submit *submits, uint32_t nr);
int px_submit(const Px *p, uint32_t group, uint32_t queue, uint64_t va,
              uint32_t bytes, const struct drm_panthor_sync_op *syncs,
              uint32_t nr);

/** px_vm() - a VM with default range. */
uint32_t px_vm(const Px *p);

/** px_bo() - a zeroed buffer, mapped by CPU and by @vm with bind @flags. */
Bo px_bo(Px *p, uint32_t vm, uint64_t size, uint32_t flags);

/** px_bo_free() - unmap from @vm and the CPU, and close. */
void px_bo_free(Px *p, uint32_t vm, Bo *bo);

/** px_group_args() - a good argument block; @queues must outlive it. */
struct drm_panthor_group_create
px_group_args(const Px *p, uint32_t vm, struct drm_panthor_queue_create *queues,
              uint32_t nr, uint32_t ring_bytes);

/** px_group() - a group of medium priority. */
uint32_t px_group(const Px *p, uint32_t vm, uint32_t nr_queues,
                  uint32_t ring_bytes);

/** px_syncobj() - a binary or timeline sync object. */
uint32_t px_syncobj(const Px *p, bool signaled);
void px_syncobj_free(const Px *p, uint32_t handle);
void px_syncobj_reset(const Px *p, uint32_t handle);
int px_syncobj_signal_point(const Px *p, uint32_t handle, uint64_t point);

/** px_wait() - until signalled; -ETIME after @ms of guest time. */
int px_wait(const Px *p, uint32_t handle, unsigned ms);
int px_wait_all(const Px *p, const uint32_t *handles, unsigned nr,
                unsigned ms);
int px_wait_point(const Px *p, uint32_t handle, uint64_t point, unsigned ms);
int px_timeline_value(const Px *p, uint32_t handle, uint64_t *value);

/**
 * px_sync_file() - the fence in @handle as a file, which outlives the device
 *
 * Returns the file descriptor, readable once the fence is signalled, or a
 * negative errno.
 */
int px_sync_file(const Px *p, uint32_t handle);

/**
 * px_fence_error() - with what the fence in @handle was signalled
 *
 * Returns 0 for success, the fence's error, or -EBUSY while unsignalled.
 */
int px_fence_error(const Px *p, uint32_t handle);

/** px_flush_page() - map the flush-id page; NULL if that fails. */
volatile uint32_t *px_flush_page(const Px *p);

static inline struct drm_panthor_sync_op sync_wait_op(uint32_t handle)
{
    return (struct drm_panthor_sync_op) {
        .flags = DRM_PANTHOR_SYNC_OP_WAIT, .handle = handle,
    };
}

static inline struct drm_panthor_sync_op sync_signal_op(uint32_t handle)
{
    return (struct drm_panthor_sync_op) {
        .flags = DRM_PANTHOR_SYNC_OP_SIGNAL, .handle = handle,
    };
}

static inline struct drm_panthor_sync_op sync_wait_point_op(uint32_t handle,
                                                            uint64_t point)
{
    return (struct drm_panthor_sync_op) {
        .flags = DRM_PANTHOR_SYNC_OP_WAIT |
                 DRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ,
        .handle = handle, .timeline_value = point,
    };
}

static inline struct drm_panthor_sync_op sync_signal_point_op(uint32_t handle,
                                                              uint64_t point)
{
    return (struct drm_panthor_sync_op) {
        .flags = DRM_PANTHOR_SYNC_OP_SIGNAL |
                 DRM_PANTHOR_SYNC_OP_HANDLE_TYPE_TIMELINE_SYNCOBJ,
        .handle = handle, .timeline_value = point,
    };
}

#endif /* GUEST_PANTHOR_H */
