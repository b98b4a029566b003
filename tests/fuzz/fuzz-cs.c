/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random streams, memory and calls against the executor.
 *
 * Input: a header of configuration bytes, then operations; memory is what the
 * operations write.  Besides what sanitizers find, the executor's promises
 * are checked: the time it returns lies ahead, its state stays valid, events
 * name existing streams, the work of a call is bounded.
 */
#include <string.h>

#include "cs-exec.h"
#include "fuzz.h"

#define BASE 0x800000000000ull
#define SIZE 0x8000u
#define GROUPS 2
#define STREAMS 3

typedef struct Bench {
    CsExec x;
    CsStream stream[GROUPS * STREAMS];
    uint8_t mem[SIZE];
    uint8_t mode[SIZE / 4096];        /* 0 ok, 1 fault, 2 read-only, 3 stall */
    uint64_t accesses;
    uint32_t flush_id;
    int64_t now;
    uint8_t save[CS_SAVE_SIZE];
} Bench;

static CsBusResult find(Bench *b, uint64_t va, uint32_t len, bool write)
{
    b->accesses++;
    promise(len > 0 && len <= 4096);
    if (va < BASE || va - BASE > SIZE - len) {
        return CS_BUS_FAULT;
    }
    for (uint64_t p = (va - BASE) / 4096; p <= (va - BASE + len - 1) / 4096;
         p++) {
        if (b->mode[p] == 1 || (write && b->mode[p] == 2)) {
            return CS_BUS_FAULT;
        }
        if (b->mode[p] == 3) {
            return CS_BUS_STALL;
        }
    }
    return CS_BUS_OK;
}

static CsBusResult bus_read(void *opaque, unsigned as, uint64_t va, void *buf,
                            uint32_t len)
{
    Bench *b = opaque;
    CsBusResult r = find(b, va, len, false);

    (void)as;
    if (r == CS_BUS_OK) {
        memcpy(buf, b->mem + (va - BASE), len);
    }
    return r;
}

static CsBusResult bus_write(void *opaque, unsigned as, uint64_t va,
                             const void *buf, uint32_t len)
{
    Bench *b = opaque;
    CsBusResult r = find(b, va, len, true);

    (void)as;
    if (r == CS_BUS_OK) {
        memcpy(b->mem + (va - BASE), buf, len);
    }
    return r;
}

static void bus_flush(void *opaque, uint32_t mode)
{
    (void)mode;
    ((Bench *)opaque)->flush_id++;
}

static uint32_t bus_flush_id(void *opaque)
{
    return ((Bench *)opaque)->flush_id;
}

static uint64_t bus_time(void *opaque, int64_t ns)
{
    (void)opaque;
    return (uint64_t)ns;
}

static const CsBusOps bus = {
    .read = bus_read,
    .write = bus_write,
    .flush = bus_flush,
    .flush_id = bus_flush_id,
    .timestamp = bus_time,
    .cycles = bus_time,
};

static CsStart start_of(Input *in)
{
    uint64_t shape = take(in, 1);
    CsStart start = {
        .as = 1,
        .ring_base = BASE + (shape & 3) * 0x1000,
        .ring_size = 0x1000,
        .extract = take(in, 2) & ~7ull,
    };

    start.insert = start.extract + (take(in, 2) & 0x1fff);
    if (shape & 0x80) {
        start.ring_base = take(in, 8);
        start.ring_size = (uint32_t)take(in, 4);
    }
    return start;
}

static void run(Bench *b, unsigned calls)
{
    for (unsigned i = 0; i < calls; i++) {
        uint64_t before = b->accesses;
        int64_t next = cs_exec_run(&b->x, b->now);

        promise(next > b->now);
        promise(b->accesses - before < 200000);
        promise(cs_exec_check(&b->x));
        if (next == CS_TIME_NEVER) {
            break;
        }
        b->now = next;
    }
}

static void operate(Bench *b, Input *in)
{
    unsigned op = (unsigned)take(in, 1);
    unsigned g = op >> 4 & 1, s = op >> 5 & 3;
    unsigned n = g * STREAMS + s % STREAMS;
    CsStreamStatus st;
    CsStart start;

    switch (op & 15) {
    case 0: {                         /* memory at a word: instructions */
        uint64_t at = take(in, 2) % (SIZE / 8);
        uint64_t count = take(in, 1) % 32;

        for (uint64_t i = 0; i < count && (at + i) * 8 < SIZE; i++) {
            for (unsigned k = 0; k < 8; k++) {
                b->mem[(at + i) * 8 + k] = (uint8_t)take(in, 1);
            }
        }
        break;
    }
    case 1:
        start = start_of(in);
        cs_exec_start(&b->x, g, s, &start, b->now);
        break;
    case 2:
        cs_exec_kick(&b->x, g, s,
                     b->stream[n].insert + (take(in, 1) & ~7ull), b->now);
        break;
    case 3:
        run(b, 1 + (unsigned)take(in, 1) % 4);
        break;
    case 4:
        cs_exec_stop(&b->x, g, s);
        cs_exec_save(&b->x, g, s, b->save);
        break;
    case 5:
        start = start_of(in);
        cs_exec_restore(&b->x, g, s, b->save, &start, b->now);
        break;
    case 6:
        cs_exec_fault_ack(&b->x, g, s, b->now);
        break;
    case 7: {
        uint64_t kind = take(in, 1);

        cs_exec_heap_reply(&b->x, g, s,
                           kind & 1 ? BASE + (kind & 0x70) * 0x100 + 1 :
                           take(in, 8), b->now);
        break;
    }
    case 8:
        cs_exec_fault(&b->x, g, s, take(in, 1) & 1, (uint32_t)take(in, 1),
                      0, 0, b->now);
        break;
    case 9:
        b->mode[take(in, 1) % (SIZE / 4096)] = take(in, 1) & 3;
        break;
    case 10:
        b->now += (int64_t)take(in, 3);
        break;
    case 11:
        cs_exec_set_pretend(&b->x, g, s, op >> 7);
        cs_exec_hang_endpoints(&b->x, g, s, take(in, 1) & 1);
        cs_exec_set_progress_timeout(&b->x, (int64_t)take(in, 4));
        break;
    case 12: {
        unsigned eg, es;

        while (cs_exec_take_event(&b->x, b->now, &eg, &es)) {
            promise(eg < GROUPS && es < STREAMS);
        }
        promise(cs_exec_next_event(&b->x) > b->now);
        break;
    }
    case 13:
        cs_exec_status(&b->x, g, s, b->now, &st);
        break;
    case 14:                          /* registers, as a stream would */
        b->stream[n].regs[take(in, 1) % 96] = (uint32_t)take(in, 4);
        break;
    default: {                        /* pointers into memory in registers */
        unsigned reg = (unsigned)take(in, 1) % 47 * 2;

        b->stream[n].regs[reg] = (uint32_t)take(in, 2) & 0x7fff;
        b->stream[n].regs[reg + 1] = (uint32_t)(BASE >> 32);
        break;
    }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, size };
    Bench *b = calloc(1, sizeof(*b));
    CsExecConfig cfg = {
        .groups = GROUPS,
        .streams = STREAMS,
        .scoreboards = 8,
        .instr_ns = 100,
        .slice_ns = 20000,
    };
    uint64_t shape = take(&in, 1);

    promise(b != NULL);
    cfg.arch_major = (uint8_t)(10 + shape % 5);
    cfg.regs = cfg.arch_major >= 12 ? 128 : 96;
    cfg.mem_ns = shape & 0x10 ? 50 : 0;
    cfg.endpoint_ns = shape & 0x20 ? 30000 : 0;
    cfg.flush_ns = shape & 0x40 ? 700 : 0;
    cfg.idvs_heap = shape & 0x80 ? 1500 : 0;
    promise(cs_exec_init(&b->x, &cfg, b->stream, &bus, b));
    while (in.left) {
        operate(b, &in);
        promise(cs_exec_check(&b->x));
    }
    run(b, 8);
    free(b);
    return 0;
}
