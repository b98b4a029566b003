/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers: their ioctls, and memory that the CPU reaches through BAR1 and the
 * GPU's own page tables.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nouveau.h"
#include "nouveau-tests.h"
#include "nvchip.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define VRAM_MAP (NOUVEAU_GEM_DOMAIN_VRAM | NOUVEAU_GEM_DOMAIN_MAPPABLE)
#define GART_MAP (NOUVEAU_GEM_DOMAIN_GART | NOUVEAU_GEM_DOMAIN_MAPPABLE)
#define PAGE 4096u
#define VRAM (1024 * MiB)

static void fill(uint64_t *p, uint64_t size, uint64_t seed)
{
    for (uint64_t i = 0; i < size / 8; i++) {
        p[i] = seed + i * 0x9e3779b97f4a7c15ull;
    }
}

static bool holds(const uint64_t *p, uint64_t size, uint64_t seed)
{
    for (uint64_t i = 0; i < size / 8; i++) {
        if (p[i] != seed + i * 0x9e3779b97f4a7c15ull) {
            return false;
        }
    }
    return true;
}

static void one(int fd, uint32_t domain, uint64_t size, const char *what)
{
    uint64_t seed = rng_u64();
    NvBo bo;

    if (!tap_errno(nv_bo_new(fd, domain, size, &bo), 0, "%s of %llu bytes",
                   what, (unsigned long long)size)) {
        return;
    }
    tap_ok(bo.size >= size && bo.size % PAGE == 0, "its size is in pages");
    nv_bo_map(fd, &bo);
    fill(bo.map, bo.size, seed);
    tap_ok(holds(bo.map, bo.size, seed), "it holds what was stored");
    nv_bo_free(fd, &bo);
}

static void map_vram(void)
{
    int fd = nv_open();

    one(fd, VRAM_MAP, 1, "VRAM");
    one(fd, VRAM_MAP, 3 * PAGE, "VRAM");
    one(fd, VRAM_MAP, 192 * KiB, "VRAM");
    close(fd);
}

static void map_gart(void)
{
    int fd = nv_open();

    one(fd, GART_MAP, PAGE, "system memory");
    one(fd, GART_MAP, 256 * KiB, "system memory");
    close(fd);
}

/* Several at once do not share a page. */
static void many(void)
{
    enum { N = 24 };
    int fd = nv_open();
    NvBo bo[N];
    unsigned good = 0;

    for (unsigned i = 0; i < N; i++) {
        if (nv_bo_new(fd, VRAM_MAP, (i % 3 + 1) * PAGE, &bo[i])) {
            tap_die("buffer %u", i);
        }
        nv_bo_map(fd, &bo[i]);
        fill(bo[i].map, bo[i].size, i);
    }
    for (unsigned i = 0; i < N; i++) {
        good += holds(bo[i].map, bo[i].size, i);
    }
    tap_eq(good, N, "buffers hold each their own");
    for (unsigned i = 0; i < N; i++) {
        nv_bo_free(fd, &bo[i]);
    }
    close(fd);
}

/*
 * Past the driver: what the CPU stored through BAR1 is found where VRAM is
 * shown as it is. Pages are searched for the first words of a buffer.
 */
static uint64_t find_page(volatile uint32_t *r, uint64_t word)
{
    uint64_t wpr2 = (uint64_t)nv_read(r, NV_WPR2_LO) << 8;

    for (uint64_t at = 0; at < wpr2; at += PAGE) {
        uint32_t off = at % NV_PRAMIN_SIZE;

        if (!off) {
            nv_write(r, nv_chip()->window, at >> 16);
        }
        if (nv_read(r, NV_PRAMIN + off) == (uint32_t)word &&
            nv_read(r, NV_PRAMIN + off + 4) == word >> 32) {
            return at;
        }
    }
    return UINT64_MAX;
}

static void found_in_vram(void)
{
    int fd = nv_open();
    volatile uint32_t *r;
    uint64_t at, seed = rng_u64() | 1;
    uint32_t window;
    char name[128];
    NvBo bo;

    dev_name(name, sizeof(name));
    r = nv_registers(name);
    if (nv_bo_new(fd, VRAM_MAP, PAGE, &bo)) {
        tap_die("a buffer in VRAM");
    }
    nv_bo_map(fd, &bo);
    fill(bo.map, bo.size, seed);

    window = nv_read(r, nv_chip()->window);
    at = find_page(r, seed);
    if (tap_ok(at != UINT64_MAX, "the page is in VRAM, at 0x%llx",
               (unsigned long long)at)) {
        uint32_t in = NV_PRAMIN + at % NV_PRAMIN_SIZE;
        uint64_t want = seed + 511 * 0x9e3779b97f4a7c15ull;

        tap_eq(nv_read(r, in + PAGE - 8), (uint32_t)want,
               "its last word is the buffer's");
        nv_write(r, in + 16, 0xfeedc0de);
        tap_eq(((volatile uint32_t *)bo.map)[4], 0xfeedc0de,
               "what is stored there is read through BAR1");
    }
    nv_write(r, nv_chip()->window, window);
    nv_bo_free(fd, &bo);
    close(fd);
}

static void info(void)
{
    int fd = nv_open();
    struct drm_nouveau_gem_info i;
    NvBo bo;

    tap_errno(nv_bo_new(fd, VRAM_MAP, 2 * PAGE, &bo), 0, "a buffer");
    i = (struct drm_nouveau_gem_info) { .handle = bo.handle };
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_INFO, &i), 0, "GEM_INFO");
    tap_eq(i.size, bo.size, "size");
    tap_ok(i.domain & NOUVEAU_GEM_DOMAIN_VRAM, "it is in VRAM");
    tap_eq(i.map_handle, bo.map_handle, "map handle");
    nv_bo_free(fd, &bo);
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_INFO, &i), -ENOENT,
              "GEM_INFO of a closed one");
    close(fd);
}

static void bad(void)
{
    int fd = nv_open();
    struct drm_nouveau_gem_cpu_prep prep = { .handle = 0x7fff };
    struct drm_nouveau_gem_cpu_fini fini = { .handle = 0x7fff };
    NvBo bo;

    tap_errno(nv_bo_new(fd, NOUVEAU_GEM_DOMAIN_VRAM, 2 * VRAM, &bo), -ENOMEM,
              "more VRAM than there is");
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_CPU_PREP, &prep), -ENOENT,
              "CPU_PREP of no buffer");
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_CPU_FINI, &fini), -ENOENT,
              "CPU_FINI of no buffer");
    tap_errno(nv_bo_new(fd, VRAM_MAP, PAGE, &bo), 0, "a good one");
    prep.handle = bo.handle;
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_CPU_PREP, &prep), 0,
              "CPU_PREP of an idle buffer");
    fini.handle = bo.handle;
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOUVEAU_GEM_CPU_FINI, &fini), 0,
              "CPU_FINI");
    nv_bo_free(fd, &bo);
    close(fd);
}

/* Memory that was given back is given out again. */
static void reuse(void)
{
    int fd = nv_open();
    unsigned good = 0;
    NvBo bo;

    for (unsigned i = 0; i < 64; i++) {
        if (nv_bo_new(fd, VRAM_MAP, 32 * MiB, &bo)) {
            break;
        }
        nv_bo_free(fd, &bo);
        good++;
    }
    tap_eq(good, 64, "times 32 MiB of 1024 MiB, one after the other");
    close(fd);
}

const GuestTest nouveau_gem_tests[] = {
    TEST("nv-map-vram", "VRAM through BAR1", map_vram,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-map-gart", "buffers in system memory", map_gart,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-map-many", "many mapped buffers", many,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-found", "BAR1's page tables lead into VRAM", found_in_vram,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-info", "GEM_INFO", info, .drivers = DRIVER_NOUVEAU),
    TEST("nv-gem-bad", "bad arguments", bad, .drivers = DRIVER_NOUVEAU),
    TEST("nv-reuse", "freed VRAM is used again", reuse,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
