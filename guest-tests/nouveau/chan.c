/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channels: their allocation, the forms of method headers, and semaphores in
 * both forms that host has.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "tap.h"
#include "util.h"

#define GART NOUVEAU_GEM_DOMAIN_GART
#define CE NOUVEAU_FIFO_ENGINE_CE
#define GR NOUVEAU_FIFO_ENGINE_GR

/* cl906f.h: NV906F_DMA_* */
#define HEADER(op, count, method) ((op) << 29 | (count) << 16 | (method) >> 2)
#define OLD_HEADER(tert, count, method) ((tert) << 29 | (count) << 18 | \
                                         (method))
#define OP_INCREMENT 1u
#define OP_OLD_SAME 2u
#define OP_SAME 3u
#define OP_ONCE 5u
#define END_SEGMENT (7u << 29)
#define SET_MASK(m) (1u << 16 | (m) << 4)
#define STORE_MASK(m) (2u << 16 | (m) << 4)
#define USE_MASK (3u << 16)

static void alloc(void)
{
    NvDev *d = nvd_open();
    int fd = d->px.fd, id[24], other;
    unsigned good = 0;

    tap_errno(nvd_channel(fd, GR, &id[0]), 0, "a channel on graphics");
    tap_errno(nvd_channel(fd, CE, &id[1]), 0, "a channel on a copy engine");
    tap_ok(id[0] != id[1], "they have different numbers");
    tap_errno(nvd_channel(fd, 0x5555, &other), -ENOSYS,
              "a channel on an engine that nouveau does not know");
    tap_errno(nvd_channel(fd, NOUVEAU_FIFO_ENGINE_VP, &other), -EINVAL,
              "a channel on an engine that the chip does not have");
    tap_errno(nvd_channel_free(fd, id[0]), 0, "it is freed");
    tap_errno(nvd_channel_free(fd, id[0]), -ENOENT, "but not twice");
    tap_errno(nvd_channel_free(fd, 4711), -ENOENT, "nor is one that is none");
    nvd_channel_free(fd, id[1]);
    for (unsigned i = 0; i < ARRAY_SIZE(id); i++) {
        good += !nvd_channel(fd, i % 2 ? CE : GR, &id[i]);
    }
    tap_eq(good, ARRAY_SIZE(id), "channels at once");
    for (unsigned i = 0; i < ARRAY_SIZE(id); i++) {
        nvd_channel_free(fd, id[i]);
    }
    nvd_close(d);
}

/* ---- the forms of headers ---- */

static void stores_on(uint32_t engine, const char *what)
{
    NvRig r = nv_rig(engine);
    uint32_t v[8];
    unsigned good = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
        v[i] = rng_u32();
        nv_store(&r, i, v[i]);
    }
    tap_errno(nvc_run(r.c), 0, "%s: a push buffer is executed", what);
    for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
        good += nv_word(&r.m, i) == v[i];
    }
    tap_eq(good, ARRAY_SIZE(v), "%s: words that it stored", what);
    tap_eq(nv_word(&r.m, ARRAY_SIZE(v)), 0, "%s: and none more", what);
    nv_rig_close(&r);
}

static void stores(void)
{
    stores_on(CE, "copy");
    stores_on(GR, "graphics");
}

static void headers(void)
{
    NvRig r = nv_rig(CE);
    NvChan *c = r.c;
    uint32_t v[6];

    for (unsigned i = 0; i < ARRAY_SIZE(v); i++) {
        v[i] = rng_u32();
    }
    /* Words with no method, then each form stores one value. */
    for (unsigned i = 0; i < 5; i++) {
        nvc_word(c, 0);
    }
    nv_store(&r, 0, v[0]);
    /* To one method: the last payload stays. */
    nvc_word(c, HEADER(OP_SAME, 3u, 0x64));
    nvc_word(c, 1);
    nvc_word(c, 2);
    nvc_word(c, v[1]);
    nvc_mthd(c, 0, NV_SEM_ADDR_LO, 1, (uint32_t)r.m.va + 4);
    nvc_imm(c, 0, NV_SEM_EXECUTE, NV_SEM_RELEASE);
    /* The first to one, the others to the next: address, payload twice. */
    nvc_word(c, HEADER(OP_ONCE, 3u, 0x60));
    nvc_word(c, (uint32_t)(r.m.va >> 32));
    nvc_word(c, 7);
    nvc_word(c, v[2]);
    nvc_mthd(c, 0, NV_SEM_ADDR_LO, 1, (uint32_t)r.m.va + 8);
    nvc_imm(c, 0, NV_SEM_EXECUTE, NV_SEM_RELEASE);
    /* The forms of older chips. */
    nvc_word(c, OLD_HEADER(0u, 3u, NV_SEM_ADDR_LO));
    nvc_word(c, (uint32_t)r.m.va + 12);
    nvc_word(c, (uint32_t)(r.m.va >> 32));
    nvc_word(c, v[3]);
    nvc_imm(c, 0, NV_SEM_EXECUTE, NV_SEM_RELEASE);
    nvc_word(c, OLD_HEADER(OP_OLD_SAME, 2u, 0x64));
    nvc_word(c, 9);
    nvc_word(c, v[4]);
    nvc_mthd(c, 0, NV_SEM_ADDR_LO, 1, (uint32_t)r.m.va + 16);
    nvc_imm(c, 0, NV_SEM_EXECUTE, NV_SEM_RELEASE);
    tap_errno(nvc_run(c), 0, "headers of all forms");
    tap_eq(nv_word(&r.m, 0), v[0], "words of no method do nothing");
    tap_eq(nv_word(&r.m, 1), v[1], "all words to one method");
    tap_eq(nv_word(&r.m, 2), v[2], "one word to one, the rest to the next");
    tap_eq(nv_word(&r.m, 3), v[3], "an old header");
    tap_eq(nv_word(&r.m, 4), v[4], "an old header to one method");

    nv_store(&r, 5, v[5]);
    nvc_word(c, END_SEGMENT);
    nv_store(&r, 6, v[5]);
    tap_errno(nvc_run(c), 0, "a segment that ends early");
    tap_eq(nv_word(&r.m, 5), v[5], "what stands before its end is done");
    tap_eq(nv_word(&r.m, 6), 0, "what stands behind is not");
    nv_rig_close(&r);
}

static void masks(void)
{
    NvRig r = nv_rig(CE);
    uint32_t v = rng_u32() | 1;

    nvc_word(r.c, SET_MASK(2u));
    nv_store(&r, 0, v);
    nvc_word(r.c, SET_MASK(1u));
    nv_store(&r, 1, v);
    nvc_word(r.c, STORE_MASK(4u));
    nv_store(&r, 2, v);
    nvc_word(r.c, USE_MASK);
    nv_store(&r, 3, v);
    nvc_word(r.c, SET_MASK(0xfffu));
    tap_errno(nvc_run(r.c), 0, "methods for other subdevices");
    tap_eq(nv_word(&r.m, 0), 0, "what is for another does nothing");
    tap_eq(nv_word(&r.m, 1), v, "what is for the first does");
    tap_eq(nv_word(&r.m, 2), v, "a mask that is stored is not used yet");
    tap_eq(nv_word(&r.m, 3), 0, "one that is used counts");
    nv_rig_close(&r);
}

/* ---- semaphores ---- */

static uint64_t long_at(NvRig *r, unsigned i)
{
    return nv_word(&r->m, i) | (uint64_t)nv_word(&r->m, i + 1) << 32;
}

static void releases(void)
{
    NvRig r = nv_rig(CE);
    uint32_t v = rng_u32();
    uint64_t w = rng_u64(), before, after, at;

    nv_getparam(r.d->px.fd, NOUVEAU_GETPARAM_PTIMER_TIME, &before);
    nvc_sem(r.c, r.m.va, w, NV_SEM_RELEASE | NV_SEM_64BIT);
    nvc_sem(r.c, r.m.va + 16, v, NV_SEM_RELEASE | NV_SEM_TIMESTAMP);
    nvc_mthd(r.c, 0, NV_SEMAPHOREA, 4, (uint32_t)(r.m.va >> 32),
             (uint32_t)r.m.va + 32, v, 2u | 1u << 24);
    nvc_mthd(r.c, 0, NV_SEMAPHOREA, 4, (uint32_t)(r.m.va >> 32),
             (uint32_t)r.m.va + 48, v, 2u);
    nv_put(&r.m, 9, 0x1234);
    nv_put(&r.m, 13, 0x1234);
    tap_errno(nvc_run(r.c), 0, "releases");
    nv_getparam(r.d->px.fd, NOUVEAU_GETPARAM_PTIMER_TIME, &after);
    tap_eq(long_at(&r, 0), w, "64 bits");
    tap_eq(nv_word(&r.m, 4), v, "32 bits with a time");
    at = long_at(&r, 6);
    tap_ok(at >= before && at <= after, "the time is the chip's clock's");
    tap_eq(nv_word(&r.m, 8), v, "SEMAPHORED, 4 bytes");
    tap_eq(nv_word(&r.m, 9), 0x1234, "which leaves the next word");
    tap_eq(nv_word(&r.m, 12), v, "SEMAPHORED, 16 bytes");
    tap_eq(nv_word(&r.m, 13), 0, "which does not");
    at = long_at(&r, 14);
    tap_ok(at >= before && at <= after, "with the time");
    nv_rig_close(&r);
}

static void reductions(void)
{
    /* min, max, xor, and, or, add, inc, dec of NVC36F_SEM_EXECUTE */
    static const struct {
        unsigned op;
        uint32_t flags, have, with, want;
        const char *what;
    } all[] = {
        { 0, 0, 5, (uint32_t)-3, (uint32_t)-3, "signed minimum" },
        { 0, NV_SEM_UNSIGNED, 5, (uint32_t)-3, 5, "unsigned minimum" },
        { 1, 0, 5, (uint32_t)-3, 5, "signed maximum" },
        { 1, NV_SEM_UNSIGNED, 5, (uint32_t)-3, (uint32_t)-3,
          "unsigned maximum" },
        { 2, 0, 0xf0f0, 0x0ff0, 0xff00, "exclusive or" },
        { 3, 0, 0xf0f0, 0x0ff0, 0x00f0, "and" },
        { 4, 0, 0xf0f0, 0x0ff0, 0xfff0, "or" },
        { 5, 0, 0xffffffff, 3, 2, "sum" },
        { 6, 0, 6, 7, 7, "increment" },
        { 6, 0, 7, 7, 0, "increment that wraps" },
        { 7, 0, 6, 7, 5, "decrement" },
        { 7, 0, 0, 7, 7, "decrement that wraps" },
    };
    NvRig r = nv_rig(CE);

    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        nv_put(&r.m, i, all[i].have);
        nvc_sem(r.c, r.m.va + i * 4, all[i].with,
                NV_SEM_REDUCTION | NV_SEM_REDUCE(all[i].op) | all[i].flags);
    }
    tap_errno(nvc_run(r.c), 0, "reductions");
    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        tap_eq(nv_word(&r.m, i), all[i].want, "%s", all[i].what);
    }
    nv_rig_close(&r);
}

/* Each is waited for with a value that does not do, then with one that does. */
static void acquire(void)
{
    static const struct {
        uint32_t execute, want, no, yes;
        const char *what;
    } all[] = {
        { NV_SEM_ACQUIRE, 7, 8, 7, "equal" },
        { NV_SEM_ACQ_STRICT_GEQ, 0x80000000, 0x7fffffff, 0x80000001,
          "greater or equal" },
        { NV_SEM_ACQ_CIRC_GEQ, 2, 1, 0x7fffffff, "greater, round the end" },
        { NV_SEM_ACQ_AND, 0x30, 0x0f, 0x10, "some bits" },
        { NV_SEM_ACQ_NOR, 0xffff0000, 0x0000ffff, 0x00000fff,
          "some bits in neither" },
    };
    NvRig r = nv_rig(CE);

    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        nv_put(&r.m, 0, all[i].no);
        nv_put(&r.m, 1, 0);
        nvc_sem(r.c, r.m.va, all[i].want, all[i].execute);
        nv_store(&r, 1, i + 1);
        tap_errno(nvc_exec(r.c), 0, "%s: it waits", all[i].what);
        sleep_ms(20);
        tap_ok(px_wait(&r.d->px, r.c->sync, 1) == -ETIME &&
               nv_word(&r.m, 1) == 0, "%s: for 20 ms", all[i].what);
        nv_put(&r.m, 0, all[i].yes);
        tap_errno(nvc_finish(r.c), 0, "%s: until the CPU has stored",
                  all[i].what);
        tap_eq(nv_word(&r.m, 1), i + 1, "%s: then it goes on", all[i].what);
    }
    nv_rig_close(&r);
}

/* Two channels, on one runlist or on two, hand a value to and fro. */
static void ping_pong(uint32_t first, uint32_t second, const char *what)
{
    enum { ROUNDS = 20 };
    NvDev *d = nvd_open();
    NvChan *a = nvc_open(d, first), *b = nvc_open(d, second);
    NvMem m = nvd_mem(d, GART, NV_DATA_PAGE);

    for (uint32_t i = 1; i <= ROUNDS; i++) {
        nvc_sem(b, m.va, 2 * i - 1, NV_SEM_ACQUIRE);
        nvc_sem(b, m.va, 2 * i, NV_SEM_RELEASE);
        nvc_sem(a, m.va, 2 * i - 1, NV_SEM_RELEASE);
        nvc_sem(a, m.va, 2 * i, NV_SEM_ACQUIRE);
    }
    nvc_sem(a, m.va + 4, 77, NV_SEM_RELEASE);
    tap_errno(nvc_exec(b), 0, "%s: one waits", what);
    tap_errno(nvc_run(a), 0, "%s: the other begins", what);
    tap_errno(nvc_finish(b), 0, "%s: both end", what);
    tap_eq(nv_word(&m, 0), 2 * ROUNDS, "%s: after all rounds", what);
    tap_eq(nv_word(&m, 1), 77, "%s: and go on", what);
    nvc_close(a);
    nvc_close(b);
    nvd_mem_free(d, &m);
    nvd_close(d);
}

static void ping_pongs(void)
{
    ping_pong(CE, CE, "one runlist");
    ping_pong(CE, GR, "two runlists");
}

/* What host has besides, and an interrupt that nobody waits for. */
static void orders(void)
{
    NvRig r = nv_rig(CE);
    uint32_t v = rng_u32();

    nv_store(&r, 0, v);
    nvc_mthd(r.c, 0, NV_MEM_OP_A, 4, 0, 0, 0, 5u << 27);
    nvc_mthd(r.c, 0, NV_MEM_OP_A, 4, 0, 0, 1, 9u << 27);
    nvc_imm(r.c, 0, NV_WFI, 0);
    nvc_imm(r.c, 0, NV_NOP, 0);
    nvc_imm(r.c, 0, NV_NON_STALL_INTERRUPT, 0);
    nv_store(&r, 1, v);
    tap_errno(nvc_run(r.c), 0, "barrier, invalidation, wait, interrupt");
    tap_ok(nv_word(&r.m, 0) == v && nv_word(&r.m, 1) == v,
           "what stands before and behind is done");
    nv_rig_close(&r);
}

const GuestTest nouveau_chan_tests[] = {
    TEST("nv-chan", "channels come and go", alloc,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-stores", "push buffers store what they say", stores,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-headers", "every form of a method header", headers,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-masks", "methods for other subdevices", masks,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-releases", "semaphores of both forms", releases,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-reductions", "semaphores that calculate", reductions,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-acquire", "an acquire blocks and goes on", acquire,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-ping-pong", "channels wait for each other", ping_pongs,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-orders", "barriers, invalidations, interrupts", orders,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
