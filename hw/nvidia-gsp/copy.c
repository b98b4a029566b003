/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pbdma.h"

/* cla0b5.h; the semaphore's methods: clc7b5.h */
enum {
    NOP = 0x100,
    PM_TRIGGER = 0x140,
    SET_SEMAPHORE_A = 0x240,
    SET_SEMAPHORE_B = 0x244,
    SET_SEMAPHORE_PAYLOAD = 0x248,
    LAUNCH_DMA = 0x300,
    OFFSET_IN_UPPER = 0x400,
    OFFSET_IN_LOWER = 0x404,
    OFFSET_OUT_UPPER = 0x408,
    OFFSET_OUT_LOWER = 0x40c,
    PITCH_IN = 0x410,
    PITCH_OUT = 0x414,
    LINE_LENGTH_IN = 0x418,
    LINE_COUNT = 0x41c,
    SET_REMAP_CONST_A = 0x700,
    SET_REMAP_CONST_B = 0x704,
    SET_REMAP_COMPONENTS = 0x708,
};

/* Bits of LAUNCH_DMA */
#define LAUNCH_TRANSFER(l) ((l) & 3)
#define TRANSFER_NONE 0
#define TRANSFER_RESERVED 3
#define LAUNCH_SEMAPHORE(l) ((l) >> 3 & 3)
#define SEMAPHORE_NONE 0
#define SEMAPHORE_ONE_WORD 1
#define SEMAPHORE_FOUR_WORDS 2
#define LAUNCH_INTERRUPT(l) ((l) >> 5 & 3)
#define INTERRUPT_NONE 0
#define INTERRUPT_NON_BLOCKING 2
#define LAUNCH_SRC_PITCH (1u << 7)
#define LAUNCH_DST_PITCH (1u << 8)
#define LAUNCH_MULTI_LINE (1u << 9)
#define LAUNCH_REMAP (1u << 10)
#define LAUNCH_SRC_PHYSICAL (1u << 12)
#define LAUNCH_DST_PHYSICAL (1u << 13)
#define LAUNCH_REDUCTION (1u << 19)

/* Fields of SET_REMAP_COMPONENTS */
#define REMAP_DST(r, i) ((r) >> 4 * (i) & 7)
#define REMAP_CONST_A 4
#define REMAP_CONST_B 5
#define REMAP_NO_WRITE 6
#define REMAP_SIZE(r) (((r) >> 16 & 3) + 1)
#define REMAP_NR_SRC(r) (((r) >> 20 & 3) + 1)
#define REMAP_NR_DST(r) (((r) >> 24 & 3) + 1)
#define REMAP_ELEMENT_MAX 16

/* Virtual addresses have 49 bits. */
#define UPPER_MASK 0x1ffff

static uint64_t upper(uint64_t address, uint32_t data)
{
    return (address & UINT32_MAX) | (uint64_t)(data & UPPER_MASK) << 32;
}

static uint64_t lower(uint64_t address, uint32_t data)
{
    return (address & ~(uint64_t)UINT32_MAX) | data;
}

static bool remap_is_good(uint32_t remap)
{
    for (unsigned i = 0; i < REMAP_NR_DST(remap); i++) {
        unsigned from = REMAP_DST(remap, i);

        if (from > REMAP_NO_WRITE ||
            (from < REMAP_CONST_A && from >= REMAP_NR_SRC(remap))) {
            return false;
        }
    }
    return true;
}

static NvCopyResult launch(NvCopy *c, uint32_t data)
{
    bool moves = LAUNCH_TRANSFER(data) != TRANSFER_NONE;

    if (LAUNCH_TRANSFER(data) == TRANSFER_RESERVED ||
        LAUNCH_SEMAPHORE(data) > SEMAPHORE_FOUR_WORDS ||
        (LAUNCH_SEMAPHORE(data) == SEMAPHORE_ONE_WORD && c->semaphore & 3) ||
        (LAUNCH_SEMAPHORE(data) == SEMAPHORE_FOUR_WORDS &&
         c->semaphore & 15) ||
        (LAUNCH_INTERRUPT(data) != INTERRUPT_NONE &&
         LAUNCH_INTERRUPT(data) != INTERRUPT_NON_BLOCKING) ||
        data & LAUNCH_REDUCTION) {
        return COPY_REFUSED;
    }
    if (moves && (!(data & LAUNCH_SRC_PITCH) || !(data & LAUNCH_DST_PITCH) ||
                  data & (LAUNCH_SRC_PHYSICAL | LAUNCH_DST_PHYSICAL) ||
                  (data & LAUNCH_REMAP && !remap_is_good(c->remap)))) {
        return COPY_REFUSED;
    }
    c->launch = data;
    c->active = true;
    c->line = 0;
    c->at = 0;
    return COPY_MORE;
}

NvCopyResult copy_method(NvCopy *c, uint32_t addr, uint32_t data)
{
    switch (addr) {
    case NOP:
    case PM_TRIGGER:
        break;
    case SET_SEMAPHORE_A:
        c->semaphore = upper(c->semaphore, data);
        break;
    case SET_SEMAPHORE_B:
        c->semaphore = lower(c->semaphore, data);
        break;
    case SET_SEMAPHORE_PAYLOAD:
        c->payload = data;
        break;
    case OFFSET_IN_UPPER:
        c->in = upper(c->in, data);
        break;
    case OFFSET_IN_LOWER:
        c->in = lower(c->in, data);
        break;
    case OFFSET_OUT_UPPER:
        c->out = upper(c->out, data);
        break;
    case OFFSET_OUT_LOWER:
        c->out = lower(c->out, data);
        break;
    case PITCH_IN:
        c->pitch_in = data;
        break;
    case PITCH_OUT:
        c->pitch_out = data;
        break;
    case LINE_LENGTH_IN:
        c->length = data;
        break;
    case LINE_COUNT:
        c->count = data;
        break;
    case SET_REMAP_CONST_A:
    case SET_REMAP_CONST_B:
        c->remap_const[addr == SET_REMAP_CONST_B] = data;
        break;
    case SET_REMAP_COMPONENTS:
        c->remap = data;
        break;
    case LAUNCH_DMA:
        return launch(c, data);
    default:
        return COPY_REFUSED;
    }
    return COPY_DONE;
}

/* ---- moving ---- */

static uint32_t lines(const NvCopy *c)
{
    if (LAUNCH_TRANSFER(c->launch) == TRANSFER_NONE || !c->length ||
        c->pretend) {
        return 0;
    }
    return c->launch & LAUNCH_MULTI_LINE ? c->count : 1;
}

/* Start of the line at hand. */
static uint64_t line_at(uint64_t base, uint32_t line, uint32_t pitch)
{
    return base + (uint64_t)line * (uint64_t)(int64_t)(int32_t)pitch;
}

/* Of a chunk; each has its overhead. */
static int64_t cost(const PbRun *run, uint32_t bytes)
{
    return (((uint64_t)bytes * run->mib_ns) >> 20) + run->word_ns;
}

static uint32_t chunk(uint32_t left)
{
    return left < PB_CHUNK ? left : PB_CHUNK;
}

/* What there is time for, of @left bytes: chunks, one at least. */
static uint32_t affordable(const PbRun *run, uint32_t left)
{
    int64_t spent = run->spent;
    uint32_t n = 0;

    do {
        spent += cost(run, chunk(left - n));
        n += chunk(left - n);
    } while (n < left && spent < run->limit);
    return n;
}

static bool plain(NvCopy *c, PbRun *run)
{
    uint64_t from = line_at(c->in, c->line, c->pitch_in) + c->at;
    uint64_t to = line_at(c->out, c->line, c->pitch_out) + c->at;
    uint32_t n = affordable(run, c->length - c->at);
    uint32_t done = run->bus->move(run->opaque, to, from, n);

    for (uint32_t at = 0; at < done; at += PB_CHUNK) {
        run->spent += cost(run, chunk(done - at));
    }
    c->at += done;
    return done == n;
}

static void constant(uint8_t *to, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        to[i] = value >> 8 * i;
    }
}

static void element(const NvCopy *c, const uint8_t *from, uint8_t *to)
{
    unsigned size = REMAP_SIZE(c->remap);

    for (unsigned i = 0; i < REMAP_NR_DST(c->remap); i++) {
        unsigned what = REMAP_DST(c->remap, i);

        if (what == REMAP_CONST_A || what == REMAP_CONST_B) {
            constant(to + i * size, c->remap_const[what == REMAP_CONST_B],
                     size);
        } else if (what < REMAP_CONST_A) {
            memcpy(to + i * size, from + what * size, size);
        }
    }
}

static bool uses_source(const NvCopy *c)
{
    for (unsigned i = 0; i < REMAP_NR_DST(c->remap); i++) {
        if (REMAP_DST(c->remap, i) < REMAP_CONST_A) {
            return true;
        }
    }
    return false;
}

static bool keeps_some(const NvCopy *c)
{
    for (unsigned i = 0; i < REMAP_NR_DST(c->remap); i++) {
        if (REMAP_DST(c->remap, i) == REMAP_NO_WRITE) {
            return true;
        }
    }
    return false;
}

/* As many elements as a chunk holds, the source's and the destination's. */
static bool remapped(NvCopy *c, PbRun *run)
{
    unsigned src = REMAP_SIZE(c->remap) * REMAP_NR_SRC(c->remap);
    unsigned dst = REMAP_SIZE(c->remap) * REMAP_NR_DST(c->remap);
    uint64_t from = line_at(c->in, c->line, c->pitch_in) +
                    (uint64_t)c->at * src;
    uint64_t to = line_at(c->out, c->line, c->pitch_out) +
                  (uint64_t)c->at * dst;
    uint8_t in[PB_CHUNK] = { 0 }, out[PB_CHUNK];
    uint32_t n = c->length - c->at;

    if (n > PB_CHUNK / REMAP_ELEMENT_MAX) {
        n = PB_CHUNK / REMAP_ELEMENT_MAX;
    }
    if ((uses_source(c) && !run->bus->read(run->opaque, from, in, n * src)) ||
        (keeps_some(c) && !run->bus->read(run->opaque, to, out, n * dst))) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        element(c, in + i * src, out + i * dst);
    }
    if (!run->bus->write(run->opaque, to, out, n * dst)) {
        return false;
    }
    c->at += n;
    run->spent += cost(run, n * dst);
    return true;
}

/* Four words: the payload, one that is 0, the time of two. */
static bool release(const NvCopy *c, PbRun *run)
{
    uint64_t time = run->bus->time(run->opaque, run->spent);
    uint8_t buf[16] = { 0 };
    uint32_t n = LAUNCH_SEMAPHORE(c->launch) == SEMAPHORE_ONE_WORD ? 4 : 16;

    for (unsigned i = 0; i < 8; i++) {
        buf[i] = i < 4 ? c->payload >> 8 * i : 0;
        buf[8 + i] = time >> 8 * i;
    }
    return run->bus->write(run->opaque, c->semaphore, buf, n);
}

NvCopyResult copy_run(NvCopy *c, PbRun *run)
{
    while (c->line < lines(c)) {
        if (run->spent >= run->limit) {
            return COPY_MORE;
        }
        if (!(c->launch & LAUNCH_REMAP ? remapped(c, run) : plain(c, run))) {
            return COPY_FAULT;
        }
        if (c->at >= c->length) {
            c->at = 0;
            c->line++;
        }
    }
    if (LAUNCH_SEMAPHORE(c->launch) != SEMAPHORE_NONE && !release(c, run)) {
        return COPY_FAULT;
    }
    c->active = false;
    if (LAUNCH_INTERRUPT(c->launch) == INTERRUPT_NON_BLOCKING) {
        run->bus->interrupt(run->opaque, true);
    }
    return COPY_DONE;
}
