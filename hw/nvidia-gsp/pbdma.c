/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "pbdma.h"

/* A GPFIFO entry: chan506f.c, nvif_chan506f_gpfifo_push() */
#define ENTRY_BYTES 8
#define ENTRY_ADDRESS(e) ((e) & 0xfffffffffcull)
#define ENTRY_SUBROUTINE(e) ((e) >> 41 & 1)
#define ENTRY_WORDS(e) ((e) >> 42 & 0x1fffff)
#define ENTRY_OPCODE(e) ((e) >> 32 & 0xff)
#define OPCODE_NOP 0

/* Headers: cl906f.h, NV906F_DMA_* */
#define HEADER_OP(h) ((h) >> 29)
#define OP_TERTIARY_0 0
#define OP_INCREMENT 1
#define OP_TERTIARY_2 2
#define OP_SAME 3
#define OP_IMMEDIATE 4
#define OP_ONCE 5
#define OP_END_SEGMENT 7
#define HEADER_TERTIARY(h) ((h) >> 16 & 3)
#define TERTIARY_METHODS 0
#define TERTIARY_SET_MASK 1
#define TERTIARY_STORE_MASK 2
#define TERTIARY_USE_MASK 3
#define HEADER_MASK(h) ((h) >> 4 & 0xfff)
#define HEADER_COUNT(h) ((h) >> 16 & 0x1fff)
#define HEADER_OLD_COUNT(h) ((h) >> 18 & 0x7ff)
#define HEADER_SUBCHANNEL(h) ((h) >> 13 & 7)
#define HEADER_METHOD(h) (((h) & 0xfff) << 2)
#define HEADER_OLD_METHOD(h) ((h) & 0x1ffc)

/* There is one subdevice, the first. */
#define SUBDEVICE_SELF 1u
#define SUBDEVICE_ALL 0xfffu

/* Methods of host: cl906f.h, clc36f.h; those without a name there: clc56f.h */
enum {
    SET_OBJECT = 0x00,
    NOP = 0x08,
    SEMAPHOREA = 0x10,
    SEMAPHOREC = 0x18,
    SEMAPHORED = 0x1c,
    NON_STALL_INTERRUPT = 0x20,
    FB_FLUSH = 0x24,
    MEM_OP_A = 0x28,
    MEM_OP_C = 0x30,
    MEM_OP_D = 0x34,
    SET_REFERENCE = 0x50,
    SEM_ADDR_LO = 0x5c,
    SEM_ADDR_HI = 0x60,
    SEM_PAYLOAD_LO = 0x64,
    SEM_PAYLOAD_HI = 0x68,
    SEM_EXECUTE = 0x6c,
    WFI = 0x78,
    YIELD = 0x80,
    HOST_METHODS = 0x100,
};

/* Operations of SEMAPHORED, and where it says how much is written */
#define OLD_OPERATION(d) ((d) & 0xf)
#define OLD_ACQUIRE 1
#define OLD_RELEASE 2
#define OLD_ACQ_GEQ 4
#define OLD_ACQ_AND 8
#define OLD_RELEASE_4BYTE (1u << 24)

/* Fields of SEM_EXECUTE */
#define SEM_OPERATION(e) ((e) & 7)
#define SEM_ACQUIRE 0
#define SEM_RELEASE 1
#define SEM_ACQ_STRICT_GEQ 2
#define SEM_ACQ_CIRC_GEQ 3
#define SEM_ACQ_AND 4
#define SEM_ACQ_NOR 5
#define SEM_REDUCTION 6
#define SEM_64BIT (1u << 24)
#define SEM_TIMESTAMP (1u << 25)
#define SEM_REDUCE(e) ((e) >> 27 & 0xf)
#define SEM_UNSIGNED (1u << 31)
enum { IMIN, IMAX, IXOR, IAND, IOR, IADD, INC, DEC };

/* MEM_OP_D's operations; nothing is cached here, so that they do nothing. */
#define MEM_OPERATION(d) ((d) >> 27)
#define MEM_MEMBAR 0x05
#define MEM_TLB_INVALIDATE 0x09
#define MEM_TLB_INVALIDATE_TARGETED 0x0a
#define MEM_PEER_INVALIDATE 0x0d
#define MEM_SYSTEM_INVALIDATE 0x0e
#define MEM_CLEAN_COMPTAGS 0x0f
#define MEM_FLUSH_DIRTY 0x10
#define MEM_WAIT_READS 0x15

/* Graphics classes that all chips have, nouveau's nvif/class.h */
#define CLASS_TWOD 0x902d

const char *const pb_error_names[PB_ERRORS] = {
    [PB_ERROR_NONE] = "none",
    [PB_ERROR_ENTRY] = "GPFIFO entry",
    [PB_ERROR_HEADER] = "method header",
    [PB_ERROR_METHOD] = "method of host",
    [PB_ERROR_SEMAPHORE] = "semaphore",
    [PB_ERROR_CLASS] = "class",
    [PB_ERROR_ENGINE] = "method of an engine",
    [PB_ERROR_COPY] = "copy",
};

/* Words fetched ahead, inside one slice only. */
#define AHEAD 32
typedef struct Fetch {
    uint8_t buf[AHEAD * 4];
    unsigned at;
    unsigned n;
} Fetch;

void pb_init(PbChannel *c, bool threed)
{
    memset(c, 0, sizeof(*c));
    c->threed = threed;
    c->mask = SUBDEVICE_ALL;
}

static PbStatus fail(PbChannel *c, PbError error, uint32_t data)
{
    c->error = error;
    c->error_data = data;
    return PB_ERROR;
}

static uint64_t get_le(const uint8_t *p, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes; i++) {
        v |= (uint64_t)p[i] << 8 * i;
    }
    return v;
}

static void put_le(uint8_t *p, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = v >> 8 * i;
    }
}

/* ---- semaphores ---- */

static bool read_value(PbRun *run, uint64_t va, unsigned bytes, uint64_t *v)
{
    uint8_t buf[8];

    if (!run->bus->read(run->opaque, va, buf, bytes)) {
        return false;
    }
    *v = get_le(buf, bytes);
    return true;
}

static bool write_value(PbRun *run, uint64_t va, unsigned bytes, uint64_t v)
{
    uint8_t buf[8];

    put_le(buf, v, bytes);
    return run->bus->write(run->opaque, va, buf, bytes);
}

/* With the time: 16 bytes. */
static bool write_timed(PbRun *run, uint64_t va, uint64_t v)
{
    uint8_t buf[16];

    put_le(buf, v, 8);
    put_le(buf + 8, run->bus->time(run->opaque, run->spent), 8);
    return run->bus->write(run->opaque, va, buf, 16);
}

static PbStatus after(bool done)
{
    return done ? PB_BUSY : PB_FAULT;
}

static bool circular_geq(uint64_t have, uint64_t want, unsigned bytes)
{
    return bytes == 4 ? (int32_t)(uint32_t)(have - want) >= 0
                      : (int64_t)(have - want) >= 0;
}

static PbStatus old_semaphore(PbChannel *c, uint32_t data, PbRun *run)
{
    uint64_t va = (uint64_t)(c->old[0] & 0xff) << 32 | c->old[1];
    unsigned op = OLD_OPERATION(data);
    bool small = data & OLD_RELEASE_4BYTE;
    uint32_t want = c->old[2];
    uint64_t have;
    bool met;

    if (va & (op == OLD_RELEASE && !small ? 15 : 3)) {
        return fail(c, PB_ERROR_SEMAPHORE, data);
    }
    if (op == OLD_RELEASE) {
        return after(small ? write_value(run, va, 4, want)
                           : write_timed(run, va, want));
    }
    if (op != OLD_ACQUIRE && op != OLD_ACQ_GEQ && op != OLD_ACQ_AND) {
        return fail(c, PB_ERROR_SEMAPHORE, data);
    }
    if (!read_value(run, va, 4, &have)) {
        return PB_FAULT;
    }
    met = op == OLD_ACQUIRE ? have == want
          : op == OLD_ACQ_GEQ ? circular_geq(have, want, 4)
                              : (have & want) != 0;
    return met ? PB_BUSY : PB_BLOCKED;
}

/* False: no such reduction. */
static bool reduce(unsigned op, bool is_signed, unsigned bytes, uint64_t have,
                   uint64_t with, uint64_t *result)
{
    bool less = have < with;

    if (is_signed) {
        less = bytes == 4 ? (int32_t)have < (int32_t)with
                          : (int64_t)have < (int64_t)with;
    }
    switch (op) {
    case IMIN:
        *result = less ? have : with;
        return true;
    case IMAX:
        *result = less ? with : have;
        return true;
    case IXOR:
        *result = have ^ with;
        return true;
    case IAND:
        *result = have & with;
        return true;
    case IOR:
        *result = have | with;
        return true;
    case IADD:
        *result = have + with;
        return true;
    case INC:
        *result = have >= with ? 0 : have + 1;
        return true;
    case DEC:
        *result = have == 0 || have > with ? with : have - 1;
        return true;
    default:
        return false;
    }
}

static bool acquired(unsigned op, uint64_t have, uint64_t want, unsigned bytes)
{
    uint64_t mask = bytes == 4 ? UINT32_MAX : UINT64_MAX;

    switch (op) {
    case SEM_ACQUIRE:
        return have == want;
    case SEM_ACQ_STRICT_GEQ:
        return have >= want;
    case SEM_ACQ_CIRC_GEQ:
        return circular_geq(have, want, bytes);
    case SEM_ACQ_AND:
        return have & want;
    default:
        return ~(have | want) & mask;
    }
}

static PbStatus semaphore(PbChannel *c, uint32_t data, PbRun *run)
{
    unsigned op = SEM_OPERATION(data);
    unsigned bytes = data & SEM_64BIT ? 8 : 4;
    bool timed = op == SEM_RELEASE && data & SEM_TIMESTAMP;
    uint64_t with = bytes == 4 ? c->payload & UINT32_MAX : c->payload;
    uint64_t have;

    if (op > SEM_REDUCTION || c->address & (timed ? 15 : bytes - 1)) {
        return fail(c, PB_ERROR_SEMAPHORE, data);
    }
    if (op == SEM_RELEASE) {
        return after(timed ? write_timed(run, c->address, with)
                           : write_value(run, c->address, bytes, with));
    }
    if (!read_value(run, c->address, bytes, &have)) {
        return PB_FAULT;
    }
    if (op == SEM_REDUCTION) {
        if (!reduce(SEM_REDUCE(data), !(data & SEM_UNSIGNED), bytes, have,
                    with, &have)) {
            return fail(c, PB_ERROR_SEMAPHORE, data);
        }
        return after(write_value(run, c->address, bytes, have));
    }
    return acquired(op, have, with, bytes) ? PB_BUSY : PB_BLOCKED;
}

/* ---- methods ---- */

/* Their methods are not modelled. */
static bool is_graphics(const PbClasses *chip, uint16_t class)
{
    return class == chip->threed || class == chip->compute ||
           class == chip->inline_memory || class == CLASS_TWOD;
}

/* Copies are for every runlist here, graphics for those that have it. */
static PbStatus set_object(PbChannel *c, uint32_t data, const PbClasses *chip)
{
    uint16_t class = data;

    if (class != chip->copy && !(c->threed && is_graphics(chip, class))) {
        return fail(c, PB_ERROR_CLASS, data);
    }
    c->class[c->subchannel] = class;
    return PB_BUSY;
}

static PbStatus mem_op(PbChannel *c, uint32_t data)
{
    switch (MEM_OPERATION(data)) {
    case MEM_MEMBAR:
    case MEM_TLB_INVALIDATE:
    case MEM_TLB_INVALIDATE_TARGETED:
    case MEM_PEER_INVALIDATE:
    case MEM_SYSTEM_INVALIDATE:
    case MEM_CLEAN_COMPTAGS:
    case MEM_FLUSH_DIRTY:
    case MEM_WAIT_READS:
        return PB_BUSY;
    default:
        return fail(c, PB_ERROR_METHOD, MEM_OP_D);
    }
}

static uint64_t low(uint64_t old, uint32_t data)
{
    return (old & ~(uint64_t)UINT32_MAX) | data;
}

static uint64_t high(uint64_t old, uint32_t data)
{
    return (old & UINT32_MAX) | (uint64_t)data << 32;
}

static PbStatus host_method(PbChannel *c, uint32_t method, uint32_t data,
                            PbRun *run)
{
    switch (method) {
    case SET_OBJECT:
        return set_object(c, data, run->classes);
    case NOP:
    case FB_FLUSH:
    case MEM_OP_A ... MEM_OP_C:
    case WFI:
        break;
    case SEMAPHOREA ... SEMAPHOREC:
        c->old[(method - SEMAPHOREA) / 4] = data;
        break;
    case SEMAPHORED:
        return old_semaphore(c, data, run);
    case NON_STALL_INTERRUPT:
        run->bus->interrupt(run->opaque, false);
        break;
    case MEM_OP_D:
        return mem_op(c, data);
    case SET_REFERENCE:
        c->reference = data;
        break;
    case SEM_ADDR_LO:
        c->address = low(c->address, data);
        break;
    case SEM_ADDR_HI:
        c->address = high(c->address, data & 0xff);
        break;
    case SEM_PAYLOAD_LO:
        c->payload = low(c->payload, data);
        break;
    case SEM_PAYLOAD_HI:
        c->payload = high(c->payload, data);
        break;
    case SEM_EXECUTE:
        return semaphore(c, data, run);
    case YIELD:
        run->spent = run->spent > run->limit ? run->spent : run->limit;
        break;
    default:
        return fail(c, PB_ERROR_METHOD, method);
    }
    return PB_BUSY;
}

static PbStatus copy_status(PbChannel *c, NvCopyResult r, uint32_t data)
{
    return r == COPY_FAULT ? PB_FAULT
           : r == COPY_REFUSED ? fail(c, PB_ERROR_COPY, data) : PB_BUSY;
}

static PbStatus engine_method(PbChannel *c, uint32_t method, uint32_t data,
                              const PbClasses *chip)
{
    uint16_t class = c->class[c->subchannel];

    if (!class) {
        return fail(c, PB_ERROR_CLASS, method);
    }
    if (class != chip->copy) {
        return fail(c, PB_ERROR_ENGINE, method);
    }
    return copy_status(c, copy_method(&c->copy, method, data), method);
}

/* ---- the stream ---- */

/* PB_BLOCKED leaves the word where it is. */
static PbStatus one_method(PbChannel *c, uint32_t data, PbRun *run)
{
    PbStatus s;

    if (c->skip) {
        s = PB_BUSY;
    } else if (c->method < HOST_METHODS) {
        s = host_method(c, c->method, data, run);
    } else {
        s = engine_method(c, c->method, data, run->classes);
    }
    if (s != PB_BUSY) {
        return s;
    }
    if (c->repeat != PB_SAME) {
        c->method = (c->method + 4) & 0x3ffc;
    }
    if (c->repeat == PB_ONCE) {
        c->repeat = PB_SAME;
    }
    c->words--;
    return PB_BUSY;
}

static void begin(PbChannel *c, PbRepeat repeat, uint32_t method,
                  uint32_t header, uint32_t words)
{
    c->repeat = repeat;
    c->method = method;
    c->subchannel = HEADER_SUBCHANNEL(header);
    c->words = words;
}

static PbStatus tertiary(PbChannel *c, uint32_t h)
{
    switch (HEADER_TERTIARY(h)) {
    case TERTIARY_METHODS:
        begin(c, PB_INCREMENT, HEADER_OLD_METHOD(h), h, HEADER_OLD_COUNT(h));
        break;
    case TERTIARY_SET_MASK:
        c->skip = !(HEADER_MASK(h) & SUBDEVICE_SELF);
        break;
    case TERTIARY_STORE_MASK:
        c->mask = HEADER_MASK(h);
        break;
    default:
        c->skip = !(c->mask & SUBDEVICE_SELF);
        break;
    }
    return PB_BUSY;
}

/* Header and data in one word, which stays where it is if it has to wait. */
static PbStatus immediate(PbChannel *c, uint32_t h, PbRun *run)
{
    PbStatus s;

    begin(c, PB_INCREMENT, HEADER_METHOD(h), h, 1);
    s = one_method(c, HEADER_COUNT(h), run);
    c->words = 0;
    return s;
}

static PbStatus header(PbChannel *c, uint32_t h, PbRun *run)
{
    switch (HEADER_OP(h)) {
    case OP_TERTIARY_0:
        return tertiary(c, h);
    case OP_INCREMENT:
        begin(c, PB_INCREMENT, HEADER_METHOD(h), h, HEADER_COUNT(h));
        return PB_BUSY;
    case OP_TERTIARY_2:
        if (HEADER_TERTIARY(h) != TERTIARY_METHODS) {
            return fail(c, PB_ERROR_HEADER, h);
        }
        begin(c, PB_SAME, HEADER_OLD_METHOD(h), h, HEADER_OLD_COUNT(h));
        return PB_BUSY;
    case OP_SAME:
        begin(c, PB_SAME, HEADER_METHOD(h), h, HEADER_COUNT(h));
        return PB_BUSY;
    case OP_IMMEDIATE:
        return immediate(c, h, run);
    case OP_ONCE:
        begin(c, PB_ONCE, HEADER_METHOD(h), h, HEADER_COUNT(h));
        return PB_BUSY;
    case OP_END_SEGMENT:
        c->left = 1;    /* this word */
        return PB_BUSY;
    default:
        return fail(c, PB_ERROR_HEADER, h);
    }
}

/* The next entry of the ring. */
static PbStatus next_segment(PbChannel *c, uint64_t gpfifo, uint32_t entries,
                             PbRun *run)
{
    uint64_t entry;

    if (!read_value(run, gpfifo + (uint64_t)c->gp_get * ENTRY_BYTES,
                    ENTRY_BYTES, &entry)) {
        return PB_FAULT;
    }
    c->gp_get = (c->gp_get + 1) % entries;
    run->spent += run->word_ns;
    if (!ENTRY_WORDS(entry)) {
        return ENTRY_OPCODE(entry) == OPCODE_NOP
               ? PB_BUSY : fail(c, PB_ERROR_ENTRY, ENTRY_OPCODE(entry));
    }
    c->get = ENTRY_ADDRESS(entry);
    c->left = ENTRY_WORDS(entry);
    c->main = !ENTRY_SUBROUTINE(entry);
    return PB_BUSY;
}

/* A word of the segment; words inside a page are fetched together. */
static bool fetch(PbChannel *c, Fetch *f, PbRun *run, uint32_t *word)
{
    if (f->at == f->n) {
        uint32_t n = (PB_CHUNK - (c->get & (PB_CHUNK - 1))) / 4;

        n = n < c->left ? n : c->left;
        n = n < AHEAD ? n : AHEAD;
        if (!run->bus->read(run->opaque, c->get, f->buf, n * 4)) {
            return false;
        }
        f->at = 0;
        f->n = n;
    }
    *word = get_le(f->buf + f->at * 4, 4);
    return true;
}

static void consume(PbChannel *c, Fetch *f, PbRun *run)
{
    f->at++;
    c->get += 4;
    c->left--;
    if (!c->left) {
        f->at = f->n = 0;
    }
    if (c->main) {
        c->top_get = c->get;
        c->top_valid = true;
    }
    run->spent += run->word_ns;
}

static PbStatus one_word(PbChannel *c, Fetch *f, PbRun *run)
{
    PbStatus s;
    uint32_t word;

    if (!fetch(c, f, run, &word)) {
        return PB_FAULT;
    }
    s = c->words ? one_method(c, word, run) : header(c, word, run);
    if (s == PB_BUSY) {
        consume(c, f, run);
    } else if (s == PB_BLOCKED) {
        run->spent += run->word_ns;
    }
    return s;
}

PbStatus pb_run(PbChannel *c, uint64_t gpfifo, uint32_t entries,
                uint32_t gp_put, PbRun *run)
{
    Fetch f = { .n = 0 };
    PbStatus s = PB_BUSY;

    if (c->error) {
        return PB_ERROR;
    }
    if (gp_put >= entries) {
        return fail(c, PB_ERROR_ENTRY, gp_put);
    }
    do {
        if (c->copy.active) {
            s = copy_status(c, copy_run(&c->copy, run), 0);
        } else if (c->left) {
            s = one_word(c, &f, run);
        } else if (c->gp_get == gp_put) {
            s = PB_IDLE;
        } else {
            s = next_segment(c, gpfifo, entries, run);
        }
    } while (s == PB_BUSY && run->spent < run->limit);
    return s;
}

bool pb_check(const PbChannel *c, uint32_t entries)
{
    return c->gp_get < entries && c->subchannel < PB_SUBCHANNELS &&
           c->repeat < PB_REPEATS && c->error < PB_ERRORS &&
           c->method <= 0x3ffc && c->words <= 0x1fff &&
           c->left <= 0x1fffff;
}
