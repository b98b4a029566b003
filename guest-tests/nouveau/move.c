/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers that the driver moves between system memory and VRAM, for which it
 * uses the copy engine (nouveau_boa0b5.c: nve0_bo_move_copy()). GEM_PUSHBUF,
 * the uAPI from before VM_BIND, says where a job wants its buffers.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define GART NOUVEAU_GEM_DOMAIN_GART
#define VRAM NOUVEAU_GEM_DOMAIN_VRAM
#define MAPPABLE NOUVEAU_GEM_DOMAIN_MAPPABLE
#define CE NOUVEAU_FIFO_ENGINE_CE

/* A buffer with words of no method is executed; @bo is to be in @domain. */
static int run_in(int fd, int channel, const NvBo *words, const NvBo *bo,
                  uint32_t domain)
{
    struct drm_nouveau_gem_pushbuf_bo list[2] = {
        { .handle = words->handle, .read_domains = GART,
          .valid_domains = GART },
        { .handle = bo->handle, .write_domains = domain,
          .valid_domains = domain },
    };
    struct drm_nouveau_gem_pushbuf_push push = { .length = 16 };
    struct drm_nouveau_gem_pushbuf req = {
        .channel = channel, .nr_buffers = 2, .buffers = (uintptr_t)list,
        .nr_push = 1, .push = (uintptr_t)&push,
    };

    return nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_PUSHBUF, &req);
}

static uint32_t where(int fd, const NvBo *bo)
{
    struct drm_nouveau_gem_info i = { .handle = bo->handle };

    nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_INFO, &i);
    return i.domain & (GART | VRAM);
}

static int idle(int fd, const NvBo *bo)
{
    struct drm_nouveau_gem_cpu_prep prep = {
        .handle = bo->handle, .flags = NOUVEAU_GEM_CPU_PREP_WRITE,
    };

    return nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_CPU_PREP, &prep);
}

static bool holds(const NvBo *bo, uint32_t seed)
{
    const volatile uint32_t *p = bo->map;

    for (uint32_t i = 0; i < bo->size / 4; i++) {
        if (p[i] != seed + i * 0x9e3779b9u) {
            return false;
        }
    }
    return true;
}

static void fill(NvBo *bo, uint32_t seed)
{
    volatile uint32_t *p = bo->map;

    for (uint32_t i = 0; i < bo->size / 4; i++) {
        p[i] = seed + i * 0x9e3779b9u;
    }
}

static void to_and_fro(void)
{
    int fd = nv_open(), channel;
    uint32_t seed = rng_u32();
    NvBo words, bo;

    if (nvd_channel(fd, CE, &channel) ||
        nv_bo_new(fd, GART | MAPPABLE, 4096, &words) ||
        nv_bo_new(fd, GART | VRAM | MAPPABLE, 256 * KiB, &bo)) {
        tap_die("a channel and two buffers");
    }
    nv_bo_map(fd, &words);
    nv_bo_map(fd, &bo);
    memset(words.map, 0, 4096);
    fill(&bo, seed);
    for (unsigned i = 0; i < 2; i++) {
        tap_errno(run_in(fd, channel, &words, &bo, GART), 0,
                  "a job that wants it in system memory");
        tap_errno(idle(fd, &bo), 0, "it is done");
        tap_eq(where(fd, &bo), GART, "it is there");
        tap_ok(holds(&bo, seed), "and holds what it held");
        fill(&bo, ++seed);
        tap_errno(run_in(fd, channel, &words, &bo, VRAM), 0,
                  "a job that wants it in VRAM");
        tap_errno(idle(fd, &bo), 0, "it is done");
        tap_eq(where(fd, &bo), VRAM, "it is there");
        tap_ok(holds(&bo, seed), "and holds what it held");
        fill(&bo, ++seed);
    }
    tap_errno(run_in(fd, 4711, &words, &bo, VRAM), -ENOENT,
              "GEM_PUSHBUF to no channel");
    nv_bo_free(fd, &bo);
    nv_bo_free(fd, &words);
    nvd_channel_free(fd, channel);
    close(fd);
}

/* More VRAM than there is: the oldest buffers make room, and come back. */
static void evict(void)
{
    enum { N = 18 };
    NvDev *d = nvd_open();
    NvBo bo[N];
    uint32_t seed = rng_u32();
    unsigned made = 0, good = 0, out = 0;

    for (; made < N; made++) {
        volatile uint32_t *p;

        if (nv_bo_new(d->px.fd, VRAM | GART | MAPPABLE, 64 * MiB,
                      &bo[made])) {
            break;
        }
        nv_bo_map(d->px.fd, &bo[made]);
        p = bo[made].map;
        p[0] = seed + made;
        p[64 * MiB / 4 - 1] = seed - made;
    }
    tap_eq(made, N, "buffers of 64 MiB, for which 1024 MiB are too few");
    for (unsigned i = 0; i < made; i++) {
        out += where(d->px.fd, &bo[i]) == GART;
    }
    tap_ok(out >= 2, "%u of them had to make room", out);
    for (unsigned i = 0; i < made; i++) {
        volatile uint32_t *p = bo[i].map;

        good += p[0] == seed + i && p[64 * MiB / 4 - 1] == seed - i;
    }
    tap_eq(good, made, "of them hold what they held");
    for (unsigned i = 0; i < made; i++) {
        nv_bo_free(d->px.fd, &bo[i]);
    }
    nvd_close(d);
}

const GuestTest nouveau_move_tests[] = {
    TEST("nv-move", "a buffer to VRAM and back", to_and_fro,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-evict", "more buffers than VRAM holds", evict,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
