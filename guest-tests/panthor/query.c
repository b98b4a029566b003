/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEV_QUERY: what the device says about itself, and how sizes are treated.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* Last byte of gpu_info that 1.0 knows: pad follows core_features. */
#define GPU_INFO_V1_0 offsetof(struct drm_panthor_gpu_info, gpu_features)
#define GPU_INFO_MIN offsetof(struct drm_panthor_gpu_info, core_features)

static void query_gpu_info(void)
{
    Px *p = px_open();
    const struct drm_panthor_gpu_info *g = &p->gpu;

    /* Facts of an RK3588 from public boot logs. */
    tap_eq(g->gpu_id, 0xa8670005, "gpu_id is a G610's");
    tap_eq(DRM_PANTHOR_ARCH_MAJOR(g->gpu_id), 10, "architecture 10");
    tap_eq(DRM_PANTHOR_PRODUCT_MAJOR(g->gpu_id), 7, "product 7");
    tap_eq(g->l2_features, 0x07120306, "l2_features");
    tap_eq(g->tiler_features, 0x809, "tiler_features");
    tap_eq(g->mem_features, 0x301, "mem_features");
    tap_eq(g->mmu_features, 0x2830, "mmu_features");
    tap_eq(DRM_PANTHOR_MMU_VA_BITS(g->mmu_features), 48, "48-bit addresses");
    tap_eq(g->as_present, 0xff, "eight address spaces");
    tap_eq(g->shader_present, 0x50005, "four shader cores");
    tap_eq(g->l2_present, 1, "one L2 cache");
    tap_eq(g->tiler_present, 1, "one tiler");
    tap_ok(g->max_threads && g->thread_max_workgroup_size &&
           g->thread_max_barrier_size, "thread limits are not zero");
    tap_ok(g->coherency_features & 1, "ACE-Lite coherency is offered");
    tap_eq(g->pad, 0, "padding is zero");
    px_close(p);
}

static void query_csif_info(void)
{
    Px *p = px_open();

    tap_eq(p->csif.csg_slot_count, 8, "eight group slots");
    tap_eq(p->csif.cs_slot_count, 8, "eight queues in a group");
    tap_eq(p->csif.cs_reg_count, 96, "96 registers");
    tap_eq(p->csif.scoreboard_slot_count, 8, "eight scoreboards");
    tap_eq(p->csif.unpreserved_cs_reg_count, 4, "four are the kernel's");
    tap_eq(p->csif.pad, 0, "padding is zero");
    px_close(p);
}

static void query_sizes(void)
{
    Px *p = px_open();
    uint32_t real = p->minor ? sizeof(p->gpu) : GPU_INFO_V1_0;
    unsigned char buf[512];
    uint32_t size = 0;
    bool zero = true;

    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, NULL, &size), 0,
              "gpu_info without pointer");
    tap_eq(size, real, "its size is told");
    size = 0;
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_CSIF_INFO, NULL, &size), 0,
              "csif_info without pointer");
    tap_eq(size, sizeof(p->csif), "its size is told");

    size = GPU_INFO_MIN - 1;
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, buf, &size), -EINVAL,
              "gpu_info smaller than what is mandatory");
    size = sizeof(p->csif) - 4;
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_CSIF_INFO, buf, &size),
              -EINVAL, "csif_info too small");

    memset(buf, 0xa5, sizeof(buf));
    size = GPU_INFO_MIN;
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, buf, &size), 0,
              "gpu_info of the smallest size");
    tap_ok(!memcmp(buf, &p->gpu, GPU_INFO_MIN) && buf[GPU_INFO_MIN] == 0xa5,
           "only that much is written");

    memset(buf, 0xa5, sizeof(buf));
    size = sizeof(buf) - 8;
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, buf, &size), 0,
              "gpu_info of a size beyond what the driver knows");
    for (unsigned i = real; i < sizeof(buf) - 8; i++) {
        zero &= !buf[i];
    }
    tap_ok(zero && buf[sizeof(buf) - 8] == 0xa5, "the rest is zeroed");
    px_close(p);
}

static void query_bad(void)
{
    Px *p = px_open();
    uint32_t size = sizeof(p->gpu);

    tap_errno(px_query(p, 0x7fff, &p->gpu, &size), -EINVAL,
              "unknown type with a pointer");
    tap_errno(px_query(p, 0x7fff, NULL, &size), -EINVAL,
              "unknown type without");
    size = sizeof(p->gpu);
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, (void *)8, &size),
              -EFAULT, "a pointer to nowhere");
    if (!p->minor) {
        size = 64;
        tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO, NULL,
                           &size), -EINVAL, "1.0 knows no timestamp query");
    }
    px_close(p);
}

static int timestamp(Px *p, struct drm_panthor_timestamp_info *t,
                     uint32_t flags)
{
    uint32_t size = sizeof(*t);

    memset(t, 0, sizeof(*t));
    t->flags = flags;
    return px_query(p, DRM_PANTHOR_DEV_QUERY_TIMESTAMP_INFO, t, &size);
}

static void query_timestamp(void)
{
    Px *p = px_open();
    struct drm_panthor_timestamp_info a;
    struct drm_panthor_timestamp_info b;
    uint64_t hz;
    uint64_t ticks;
    int64_t t0;
    int64_t t1;

    asm volatile("mrs %0, cntfrq_el0" : "=r"(hz));
    t0 = now_ns();
    tap_errno(timestamp(p, &a, 0), 0, "query");
    tap_eq(a.timestamp_frequency, hz, "frequency is the generic timer's");
    sleep_ms(100);
    tap_errno(timestamp(p, &b, 0), 0, "query again after 100 ms");
    t1 = now_ns();
    ticks = b.current_timestamp - a.current_timestamp;
    tap_ok(ticks >= hz / 10, "at least 100 ms passed on the GPU");
    tap_ok(ticks <= (uint64_t)((t1 - t0) * (double)hz / 1e9) + hz / 1000,
           "and no more than on the CPU");
    tap_eq(b.timestamp_offset, a.timestamp_offset, "the offset stays");

    tap_errno(timestamp(p, &a, DRM_PANTHOR_TIMESTAMP_GPU |
                        DRM_PANTHOR_TIMESTAMP_CPU_MONOTONIC |
                        DRM_PANTHOR_TIMESTAMP_GPU_CYCLE_COUNT |
                        DRM_PANTHOR_TIMESTAMP_FREQ |
                        DRM_PANTHOR_TIMESTAMP_DURATION), 0,
              "GPU and CPU time together");
    t1 = now_ns();
    tap_ok((int64_t)(a.cpu_timestamp_sec * 1000000000ull +
                     a.cpu_timestamp_nsec) <= t1 &&
           (int64_t)(a.cpu_timestamp_sec * 1000000000ull +
                     a.cpu_timestamp_nsec) > t1 - 1000000000ll,
           "CPU time is that of now");
    tap_ok(a.current_timestamp > b.current_timestamp, "GPU time goes on");
    tap_errno(timestamp(p, &a, DRM_PANTHOR_TIMESTAMP_CPU_TYPE_MASK), -EINVAL,
              "unknown CPU clock");
    tap_errno(timestamp(p, &a, 1u << 30), -EINVAL, "unknown flag");
    px_close(p);
}

static void query_priorities(void)
{
    Px *p = px_open();
    struct drm_panthor_group_priorities_info i;
    uint32_t size = sizeof(i);

    memset(&i, 0xff, sizeof(i));
    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_GROUP_PRIORITIES_INFO, &i,
                       &size), 0, "query");
    tap_eq(i.allowed_mask, 0xf, "root may have all four priorities");
    tap_ok(!i.pad[0] && !i.pad[1] && !i.pad[2], "padding is zero");
    px_close(p);
}

static void query_mmu(void)
{
    Px *p = px_open();
    struct drm_panthor_mmu_info i = { 0 };
    uint32_t size = sizeof(i);

    tap_errno(px_query(p, DRM_PANTHOR_DEV_QUERY_MMU_INFO, &i, &size), 0,
              "query");
    tap_eq(i.page_size_bitmap, 4 * KiB | 2 * MiB, "4K and 2M pages");
    px_close(p);
}

const GuestTest query_tests[] = {
    TEST("query-gpu-info", "the device is the G610 of an RK3588",
         query_gpu_info),
    TEST("query-csif-info", "the firmware's interface as the driver saw it",
         query_csif_info),
    TEST("query-sizes", "too small, smallest, too large query buffers",
         query_sizes),
    TEST("query-bad", "bad query types and pointers", query_bad),
    TEST("query-timestamp", "GPU time runs at the generic timer's pace",
         query_timestamp, .minor = 8),
    TEST("query-priorities", "allowed group priorities", query_priorities,
         .minor = 2),
    TEST("query-mmu", "page sizes", query_mmu, .minor = 9),
    TEST_END,
};
