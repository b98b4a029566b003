/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DEV_QUERY: what the device says about itself, and how sizes are treated.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* Last byte of gpu_info that 1.0 knows: pad follows core_features. */
#define GPU_INFO_V1_0 offsetof(struct drm_panthor_gpu_info, gpu_features)
#define GPU_INFO_MIN offsetof(struct drm_panthor_gpu_info, core_features)

/*
 * The GPUs, written down a second time from the drivers' side: architecture
 * and product are those by which panthor_hw.c: get_gpu_model_name() names them,
 * and so are the least number of cores and ray intersection (bit 2 of
 * gpu_features).  A G610's words are those of public boot logs of an RK3588.
 */
static const struct Model {
    const char *name;
    unsigned arch;
    unsigned product;
    unsigned cores;
    bool rays;
    uint32_t as_present;
    uint32_t mmu_features;
    uint64_t l2_present;
} models[] = {
    { "mali-g710", 10, 2, 10, false, 0xff, 0x2830, 1 },
    { "mali-g510", 10, 3, 5, false, 0xff, 0x2830, 1 },
    { "mali-g310", 10, 4, 1, false, 0xff, 0x2830, 1 },
    { "mali-g610", 10, 7, 4, false, 0xff, 0x2830, 1 },
    { "mali-g715-immortalis", 11, 2, 11, true, 0xff, 0x2830, 1 },
    { "mali-g715", 11, 2, 7, false, 0xff, 0x2830, 1 },
    { "mali-g615", 11, 3, 2, false, 0xff, 0x2830, 1 },
    { "mali-g720-immortalis", 12, 0, 10, true, 0xffff, 0x2830, 1 },
    { "mali-g720", 12, 0, 6, false, 0xffff, 0x2830, 1 },
    { "mali-g620", 12, 1, 4, false, 0xffff, 0x2830, 1 },
    { "mali-g925-immortalis", 13, 0, 12, true, 0xffff, 0x3030, 1 },
    { "mali-g725", 13, 0, 8, false, 0xffff, 0x3030, 1 },
    { "mali-g625", 13, 1, 3, false, 0xffff, 0x3030, 1 },
    { "mali-g1-ultra", 14, 0, 12, true, 0xffff, 0x3030, 0xf },
    { "mali-g1-premium", 14, 1, 8, false, 0xffff, 0x3030, 0xf },
    { "mali-g1-pro", 14, 3, 4, false, 0xffff, 0x3030, 0xf },
};

/* Which of them the run says that it has; a G610 if it says nothing. */
static const struct Model *model(void)
{
    const char *name = ctl_param("gpu");

    for (unsigned i = 0; i < ARRAY_SIZE(models); i++) {
        if (!strcmp(models[i].name, name ? name : "mali-g610")) {
            return &models[i];
        }
    }
    return NULL;
}

static void query_gpu_info(void)
{
    Px *p = px_open();
    const struct drm_panthor_gpu_info *g = &p->gpu;
    const struct Model *m = model();

    if (!m) {
        tap_skip("a GPU of the user's own", "what the device is");
        px_close(p);
        return;
    }
    tap_eq(DRM_PANTHOR_ARCH_MAJOR(g->gpu_id), m->arch, "architecture");
    tap_eq(DRM_PANTHOR_PRODUCT_MAJOR(g->gpu_id), m->product, "product");
    if (!strcmp(m->name, "mali-g610")) {
        tap_eq(g->gpu_id, 0xa8670005, "gpu_id is a G610's");
        tap_eq(g->l2_features, 0x07120306, "l2_features");
        tap_eq(g->tiler_features, 0x809, "tiler_features");
        tap_eq(g->mem_features, 0x301, "mem_features");
        tap_eq(g->shader_present, 0x50005, "its four shader cores");
    }
    tap_eq(g->mmu_features, m->mmu_features, "mmu_features");
    tap_eq(DRM_PANTHOR_MMU_VA_BITS(g->mmu_features), 48, "48-bit addresses");
    tap_eq(g->as_present, m->as_present, "address spaces");
    tap_eq(__builtin_popcountll(g->shader_present), m->cores,
           "shader cores");
    tap_eq(g->l2_present, m->l2_present, "L2 slices");
    tap_eq(g->tiler_present, 1, "one tiler");
    if (p->minor) {
        tap_eq(g->gpu_features >> 2 & 1, m->rays, "ray intersection");
    }
    tap_ok(g->max_threads && g->thread_max_workgroup_size &&
           g->thread_max_barrier_size, "thread limits are not zero");
    tap_ok(g->coherency_features & 1, "ACE-Lite coherency is offered");
    tap_eq(g->pad, 0, "padding is zero");
    px_close(p);
}

static void query_csif_info(void)
{
    Px *p = px_open();
    bool wide = DRM_PANTHOR_ARCH_MAJOR(p->gpu.gpu_id) >= 12;
    unsigned groups = 8;
    unsigned streams = 8;
    unsigned regs = wide ? 128 : 96;
    unsigned sbs = wide ? 16 : 8;
    const char *given = ctl_param("csif");

    /*
     * What the profile in the image says, from whoever made the image; of a
     * vendor's image nothing is said.
     */
    if (given) {
        tap_eq(sscanf(given, "%u:%u:%u:%u", &groups, &streams, &regs, &sbs),
               4, "the run says what the interface has");
    }
    /* panthor_sched.c: panthor_sched_init() uses 16 groups at most. */
    tap_eq(p->csif.csg_slot_count, groups < 16 ? groups : 16, "group slots");
    tap_eq(p->csif.cs_slot_count, streams, "queues in a group");
    tap_eq(p->csif.cs_reg_count, regs, "registers");
    tap_eq(p->csif.scoreboard_slot_count, sbs, "scoreboards");
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

    hz = px_timer_hz();
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
    TEST("query-gpu-info", "the device is the GPU that was asked for",
         query_gpu_info, .drivers = DRIVER_MALI),
    TEST("query-csif-info", "the firmware's interface as the driver saw it",
         query_csif_info),
    TEST("query-sizes", "too small, smallest, too large query buffers",
         query_sizes),
    TEST("query-bad", "bad query types and pointers", query_bad,
         .drivers = DRIVER_MALI),
    TEST("query-timestamp", "GPU time runs at the generic timer's pace",
         query_timestamp, .minor = 8),
    TEST("query-priorities", "allowed group priorities", query_priorities,
         .minor = 2),
    TEST("query-mmu", "page sizes", query_mmu, .minor = 9),
    TEST_END,
};
