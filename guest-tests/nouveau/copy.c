/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy engine: lines, remapped elements, semaphores, and both memories. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define GART NOUVEAU_GEM_DOMAIN_GART
#define VRAM NOUVEAU_GEM_DOMAIN_VRAM
#define CE NOUVEAU_FIFO_ENGINE_CE
#define GR NOUVEAU_FIFO_ENGINE_GR

/* SET_REMAP_COMPONENTS of cla0b5.h */
#define REMAP(x, y, z, w) ((x) | (y) << 4 | (z) << 8 | (w) << 12)
#define REMAP_FORM(bytes, src, dst) (((bytes) - 1u) << 16 | \
                                     ((src) - 1u) << 20 | ((dst) - 1u) << 24)
#define CONST_A 4u
#define CONST_B 5u
#define NO_WRITE 6u

typedef struct Rig {
    NvDev *d;
    NvChan *c;
    NvMem from, via, to;
} Rig;

static Rig rig(uint32_t engine, uint64_t size)
{
    Rig r = { .d = nvd_open() };

    r.c = nvc_open(r.d, engine);
    r.from = nvd_mem(r.d, GART, size);
    r.via = nvd_mem(r.d, VRAM, size);
    r.to = nvd_mem(r.d, GART, size);
    return r;
}

static void rig_close(Rig *r)
{
    nvc_close(r->c);
    nvd_mem_free(r->d, &r->from);
    nvd_mem_free(r->d, &r->via);
    nvd_mem_free(r->d, &r->to);
    nvd_close(r->d);
}

static void scatter(NvMem *m)
{
    uint32_t *p = m->bo.map;

    for (uint64_t i = 0; i < m->bo.size / 4; i++) {
        p[i] = rng_u32();
    }
}

static void round_trip(uint32_t engine, uint32_t bytes, const char *what)
{
    Rig r = rig(engine, bytes);

    scatter(&r.from);
    nvc_copy(r.c, r.via.va, r.from.va, bytes);
    nvc_copy(r.c, r.to.va, r.via.va, bytes);
    tap_errno(nvc_run(r.c), 0, "%s: to VRAM and back", what);
    tap_ok(!memcmp(r.from.bo.map, r.to.bo.map, bytes), "%s: all of it", what);
    rig_close(&r);
}

static void round_trips(void)
{
    round_trip(CE, 64 * KiB, "64 KiB");
    round_trip(GR, 64 * KiB, "64 KiB on graphics' runlist");
    round_trip(CE, 4 * MiB, "4 MiB");
}

/* Odd sizes at odd places, and nothing beside them. */
static void odd(void)
{
    static const uint32_t sizes[] = { 1, 3, 7, 64, 4095, 4097, 9001 };
    Rig r = rig(CE, 64 * KiB);
    uint8_t *from = r.from.bo.map, *to = r.to.bo.map;
    uint8_t *want = calloc(1, 64 * KiB);
    uint32_t at = 1;

    scatter(&r.from);
    for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint32_t source = rng_u32() % (32 * KiB);

        nvc_copy(r.c, r.to.va + at, r.from.va + source, sizes[i]);
        memcpy(want + at, from + source, sizes[i]);
        at += sizes[i] + 5;
    }
    tap_errno(nvc_run(r.c), 0, "odd sizes at odd places");
    tap_ok(!memcmp(want, to, 64 * KiB), "each where it belongs, all else 0");
    free(want);
    rig_close(&r);
}

/* A rectangle, turned upside down on the way by a negative pitch. */
static void pitch(void)
{
    enum { LINES = 33, WIDTH = 100, FROM = 256, TO = 512 };
    Rig r = rig(CE, 64 * KiB);
    uint8_t *from = r.from.bo.map, *to = r.to.bo.map;
    unsigned good = 0;

    scatter(&r.from);
    nvc_copy_lines(r.c, r.to.va + (LINES - 1) * TO, (uint32_t)-TO,
                   r.from.va + 8, FROM, WIDTH, LINES);
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH,
            NV_LAUNCH_MOVE | NV_LAUNCH_PITCH | NV_LAUNCH_LINES);
    tap_errno(nvc_run(r.c), 0, "a rectangle, the last line first");
    for (unsigned i = 0; i < LINES; i++) {
        good += !memcmp(from + 8 + i * FROM, to + (LINES - 1 - i) * TO, WIDTH);
    }
    tap_eq(good, LINES, "lines are where they belong");
    tap_eq(to[WIDTH] | to[TO - 1], 0, "between them is nothing");
    /* Without MULTI_LINE_ENABLE the count does not count. */
    memset(to, 0, 4096);
    nvc_copy_lines(r.c, r.to.va, TO, r.from.va, FROM, WIDTH, LINES);
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH,
            NV_LAUNCH_MOVE | NV_LAUNCH_PITCH);
    tap_errno(nvc_run(r.c), 0, "one line of many");
    tap_ok(!memcmp(from, to, WIDTH) && !to[TO], "only the first is moved");
    rig_close(&r);
}

static void remap(void)
{
    enum { N = 3000 };
    Rig r = rig(CE, 64 * KiB);
    uint32_t a = rng_u32(), b = rng_u32(), *to = r.to.bo.map;
    uint16_t *from16 = r.from.bo.map, *to16 = r.to.bo.map;
    unsigned good = 0;

    nvc_copy_lines(r.c, r.to.va, 0, 0xdead0000, 0, N, 1);
    nvc_mthd(r.c, NV_SUB_COPY, NV_COPY_REMAP_CONST_A, 3, a, b,
             REMAP(CONST_A, CONST_B, 0u, 0u) | REMAP_FORM(4u, 1u, 2u));
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH,
            NV_LAUNCH_MOVE | NV_LAUNCH_PITCH | NV_LAUNCH_REMAP);
    tap_errno(nvc_run(r.c), 0, "a fill with two constants");
    for (unsigned i = 0; i < N; i++) {
        good += to[2 * i] == a && to[2 * i + 1] == b;
    }
    tap_eq(good, N, "pairs hold them; the source is not read");
    tap_eq(to[2 * N], 0, "and no more");

    /* 16-bit components: the second first, a constant, one left alone. */
    scatter(&r.from);
    memset(to16, 0x5a, 64 * KiB);
    nvc_copy_lines(r.c, r.to.va, 0, r.from.va, 0, N, 1);
    nvc_mthd(r.c, NV_SUB_COPY, NV_COPY_REMAP_CONST_A, 3, a, b,
             REMAP(1u, CONST_A, NO_WRITE, 0u) | REMAP_FORM(2u, 2u, 4u));
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH,
            NV_LAUNCH_MOVE | NV_LAUNCH_PITCH | NV_LAUNCH_REMAP);
    tap_errno(nvc_run(r.c), 0, "components in another order");
    good = 0;
    for (unsigned i = 0; i < N; i++) {
        good += to16[4 * i] == from16[2 * i + 1] &&
                to16[4 * i + 1] == (uint16_t)a && to16[4 * i + 2] == 0x5a5a &&
                to16[4 * i + 3] == from16[2 * i];
    }
    tap_eq(good, N, "elements are what was asked for");
    rig_close(&r);
}

static void semaphores(void)
{
    Rig r = rig(CE, 64 * KiB);
    uint32_t v = rng_u32();
    uint64_t before, after, at;

    nv_getparam(r.d->px.fd, NOUVEAU_GETPARAM_PTIMER_TIME, &before);
    scatter(&r.from);
    nvc_copy_lines(r.c, r.to.va, 0, r.from.va, 0, 4096, 1);
    nvc_mthd(r.c, NV_SUB_COPY, NV_COPY_SEMAPHORE_A, 3,
             (uint32_t)(r.to.va >> 32), (uint32_t)r.to.va + 8192, v);
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH,
            NV_LAUNCH_MOVE | NV_LAUNCH_PITCH | NV_LAUNCH_SEM_4 |
            NV_LAUNCH_INTERRUPT);
    nvc_mthd(r.c, NV_SUB_COPY, NV_COPY_SEMAPHORE_A, 3,
             (uint32_t)(r.to.va >> 32), (uint32_t)r.to.va + 12288, v + 1);
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH, NV_LAUNCH_SEM_1);
    tap_errno(nvc_run(r.c), 0, "a copy with a semaphore, and one without");
    nv_getparam(r.d->px.fd, NOUVEAU_GETPARAM_PTIMER_TIME, &after);
    tap_ok(!memcmp(r.from.bo.map, r.to.bo.map, 4096), "it is copied");
    tap_eq(nv_word(&r.to, 2048), v, "the payload of four words");
    at = nv_word(&r.to, 2050) | (uint64_t)nv_word(&r.to, 2051) << 32;
    tap_ok(at >= before && at <= after, "with the chip's time");
    tap_eq(nv_word(&r.to, 3072), v + 1, "the payload of one word");
    rig_close(&r);
}

/* 64 copies in one push buffer, each from where the one before has put it. */
static void chain(void)
{
    enum { N = 64, BYTES = 512 };
    Rig r = rig(CE, 64 * KiB);
    uint8_t *via = r.via.bo.map;

    scatter(&r.from);
    nvc_copy(r.c, r.via.va, r.from.va, BYTES);
    for (unsigned i = 1; i < N; i++) {
        nvc_copy(r.c, r.via.va + i * BYTES, r.via.va + (i - 1) * BYTES, BYTES);
    }
    tap_errno(nvc_run(r.c), 0, "copies of copies");
    tap_ok(!memcmp(r.from.bo.map, via + (N - 1) * BYTES, BYTES),
           "the last holds what the first did");
    rig_close(&r);
}

const GuestTest nouveau_copy_tests[] = {
    TEST("nv-copy", "memory to VRAM and back", round_trips,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-copy-odd", "odd sizes and places", odd,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-copy-pitch", "lines with a pitch", pitch,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-copy-remap", "fills and remapped components", remap,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-copy-sem", "semaphores of the copy engine", semaphores,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-copy-chain", "copies in order", chain,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
