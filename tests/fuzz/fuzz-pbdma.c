/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random rings, push buffers and slices against a channel. Input: a header
 * of a few bytes, then operations; memory is what they write and what the
 * channel writes. Promises: an access has 1 to PB_CHUNK bytes, a slice takes
 * at most its limit and one step more and a bounded number of accesses, what
 * a channel is stays what a migration stream may bring.
 */
#include <string.h>

#include "fuzz.h"
#include "pbdma.h"

#define BASE 0x10000ull
#define SIZE 0x4000u
#define ENTRIES_MAX 32u
#define LIMIT 4000

typedef struct Bench {
    PbChannel c;
    uint64_t accesses;
    uint8_t mem[SIZE];
} Bench;

static bool find(Bench *b, uint64_t va, uint32_t len)
{
    b->accesses++;
    promise(len > 0 && len <= PB_CHUNK);
    return va >= BASE && va - BASE <= SIZE - len;
}

static bool bus_read(void *opaque, uint64_t va, void *buf, uint32_t len)
{
    Bench *b = opaque;

    if (!find(b, va, len)) {
        return false;
    }
    memcpy(buf, b->mem + (va - BASE), len);
    return true;
}

static bool bus_write(void *opaque, uint64_t va, const void *buf,
                      uint32_t len)
{
    Bench *b = opaque;

    if (!find(b, va, len)) {
        return false;
    }
    memcpy(b->mem + (va - BASE), buf, len);
    return true;
}

/* As much as a slice has time for. */
static uint32_t bus_move(void *opaque, uint64_t to, uint64_t from,
                         uint32_t len)
{
    uint8_t buf[PB_CHUNK];
    uint32_t done, n;

    promise(len > 0);
    for (done = 0; done < len; done += n) {
        n = len - done < PB_CHUNK ? len - done : PB_CHUNK;
        if (!bus_read(opaque, from + done, buf, n) ||
            !bus_write(opaque, to + done, buf, n)) {
            break;
        }
    }
    return done;
}

static uint64_t bus_time(void *opaque, int64_t ahead)
{
    (void)opaque;
    promise(ahead >= 0);
    return 1000 + ahead;
}

static void bus_interrupt(void *opaque, bool copy)
{
    (void)opaque;
    (void)copy;
}

static const PbBus bus = {
    bus_read, bus_write, bus_move, bus_time, bus_interrupt,
};

static const PbClasses classes = { 0xc7b5, 0xc797, 0xc7c0 };

static void slice(Bench *b, Input *in, uint32_t entries)
{
    PbRun run = {
        .bus = &bus, .classes = &classes, .opaque = b,
        .word_ns = 1 + take(in, 1) % 16,
        .mib_ns = 1 + take(in, 2),
        .limit = 1 + take(in, 2) % LIMIT,
    };
    PbStatus s;

    b->accesses = 0;
    s = pb_run(&b->c, BASE, entries, take(in, 1), &run);
    promise(s <= PB_ERROR);
    promise((s == PB_ERROR) == (b->c.error != PB_ERROR_NONE));
    promise(run.spent >= 0 &&
            run.spent <= run.limit + 2 * (int64_t)run.word_ns +
            (((int64_t)PB_CHUNK * run.mib_ns) >> 20));
    promise(b->accesses <= 4 * (uint64_t)run.limit + 8);
    promise(pb_check(&b->c, entries));
    if (s == PB_FAULT) {
        pb_init(&b->c, b->c.threed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Bench *b = calloc(1, sizeof(*b));
    Input in = { data, size };
    uint32_t entries = 1 + take(&in, 1) % ENTRIES_MAX;

    pb_init(&b->c, take(&in, 1) & 1);
    while (in.left) {
        uint8_t op = take(&in, 1);

        if (op < 0xc0) {
            /* 1 to 16 words somewhere. */
            uint32_t at = take(&in, 2) % (SIZE / 4);

            for (unsigned i = 0; i <= op % 16u; i++) {
                uint32_t word = take(&in, 4);

                for (unsigned k = 0; k < 4; k++) {
                    b->mem[(at + i) % (SIZE / 4) * 4 + k] = word >> 8 * k;
                }
            }
        } else {
            slice(b, &in, entries);
        }
    }
    free(b);
    return 0;
}
