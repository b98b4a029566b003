/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib.h>
#include <string.h>

#include "asm.h"
#include "rig.h"

static uint8_t *translate(Rig *r, unsigned as, uint64_t va, uint32_t len,
                          bool write, CsBusResult *result)
{
    *result = CS_BUS_FAULT;
    if (as >= RIG_SPACES || va < RIG_BASE || len > 4096 ||
        va - RIG_BASE > RIG_SIZE - len) {
        return NULL;
    }
    for (uint64_t p = (va - RIG_BASE) / 4096;
         p <= (va - RIG_BASE + len - 1) / 4096; p++) {
        switch (r->mode[as][p]) {
        case PAGE_FAULT:
            return NULL;
        case PAGE_READONLY:
            if (write) {
                return NULL;
            }
            break;
        case PAGE_STALL_ONCE:
            r->mode[as][p] = PAGE_OK;
            /* fall through */
        case PAGE_STALL:
            *result = CS_BUS_STALL;
            return NULL;
        }
    }
    *result = CS_BUS_OK;
    return &r->mem[as][va - RIG_BASE];
}

static CsBusResult bus_read(void *opaque, unsigned as, uint64_t va, void *buf,
                            uint32_t len)
{
    Rig *r = opaque;
    CsBusResult result;
    uint8_t *p = translate(r, as, va, len, false, &result);

    r->reads++;
    if (p) {
        memcpy(buf, p, len);
    }
    return result;
}

static CsBusResult bus_write(void *opaque, unsigned as, uint64_t va,
                             const void *buf, uint32_t len)
{
    Rig *r = opaque;
    CsBusResult result;
    uint8_t *p = translate(r, as, va, len, true, &result);

    r->writes++;
    if (p) {
        memcpy(p, buf, len);
    }
    return result;
}

static void bus_flush(void *opaque, uint32_t mode)
{
    Rig *r = opaque;

    r->flushes++;
    r->flush_mode = mode;
    r->flush_id++;
}

static uint32_t bus_flush_id(void *opaque)
{
    return ((Rig *)opaque)->flush_id;
}

static uint64_t bus_timestamp(void *opaque, int64_t ns)
{
    (void)opaque;
    return (uint64_t)ns / 40;         /* 25 MHz */
}

static uint64_t bus_cycles(void *opaque, int64_t ns)
{
    (void)opaque;
    return (uint64_t)ns;
}

static const CsBusOps bus = {
    .read = bus_read,
    .write = bus_write,
    .flush = bus_flush,
    .flush_id = bus_flush_id,
    .timestamp = bus_timestamp,
    .cycles = bus_cycles,
};

CsExecConfig rig_config(void)
{
    return (CsExecConfig) {
        .arch_major = 10,
        .groups = 4,
        .streams = 4,
        .regs = 96,
        .scoreboards = 8,
        .instr_ns = 100,
        .mem_ns = 100,
        .endpoint_ns = 10000,
        .flush_ns = 2000,
        .slice_ns = 1000000,
    };
}

Rig *rig_new(const CsExecConfig *cfg)
{
    CsExecConfig def = rig_config();
    Rig *r = g_new0(Rig, 1);

    r->flush_id = 1;
    r->now = 1000;
    g_assert_true(cs_exec_init(&r->x, cfg ? cfg : &def, r->stream, &bus, r));
    return r;
}

void rig_free(Rig *r)
{
    g_assert_true(cs_exec_check(&r->x));
    g_free(r);
}

static uint8_t *at(Rig *r, uint64_t va)
{
    g_assert_cmphex(va, >=, RIG_BASE);
    g_assert_cmphex(va, <=, RIG_BASE + RIG_SIZE - 8);
    return &r->mem[1][va - RIG_BASE];
}

void rig_put64(Rig *r, uint64_t va, uint64_t v)
{
    v = GUINT64_TO_LE(v);
    memcpy(at(r, va), &v, 8);
}

uint64_t rig_get64(Rig *r, uint64_t va)
{
    uint64_t v;

    memcpy(&v, at(r, va), 8);
    return GUINT64_FROM_LE(v);
}

uint32_t rig_get32(Rig *r, uint64_t va)
{
    uint32_t v;

    memcpy(&v, at(r, va), 4);
    return GUINT32_FROM_LE(v);
}

void rig_mode(Rig *r, uint64_t va, enum PageMode mode)
{
    r->mode[1][(va - RIG_BASE) / 4096] = mode;
}

void rig_code(Rig *r, uint64_t va, const uint64_t *in, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        rig_put64(r, va + i * 8, in[i]);
    }
}

static unsigned ring_of(Rig *r, unsigned g, unsigned s)
{
    return g * r->x.cfg.streams + s;
}

CsStream *rig_start(Rig *r, unsigned g, unsigned s)
{
    unsigned n = ring_of(r, g, s);
    CsStart start = {
        .as = 1,
        .ring_base = RING(n % 8),
        .ring_size = RING_SIZE,
        .extract = r->insert[n],
        .insert = r->insert[n],
    };

    g_assert_true(cs_exec_start(&r->x, g, s, &start, r->now));
    return &r->stream[n];
}

void rig_append(Rig *r, unsigned g, unsigned s, const uint64_t *in,
                unsigned n)
{
    unsigned ring = ring_of(r, g, s);

    for (unsigned i = 0; i < n; i++) {
        rig_put64(r, RING(ring % 8) + (r->insert[ring] & (RING_SIZE - 1)),
                  in[i]);
        r->insert[ring] += 8;
    }
}

void rig_submit(Rig *r, unsigned g, unsigned s, const uint64_t *in,
                unsigned n)
{
    rig_append(r, g, s, in, n);
    cs_exec_kick(&r->x, g, s, r->insert[ring_of(r, g, s)], r->now);
}

void rig_job(Rig *r, unsigned g, unsigned s, uint64_t stream_va,
             uint32_t stream_size, uint64_t syncobj)
{
    /* panthor_sched.c: prepare_job_instrs(), without profiling */
    SUBMIT(r, g, s,
           i_move32(94, 0),
           i_flush(0x233, 0, 94, 0),
           i_move48(92, stream_va),
           i_move32(94, stream_size),
           i_wait(1),
           i_call(92, 94),
           i_move48(92, syncobj),
           i_move48(94, 1),
           i_wait(0xff),
           i_sync(51, 92, 94, true, 0, 0, 0),
           i_error_barrier(),
           0, 0, 0, 0, 0);
}

void rig_run(Rig *r, int64_t ns)
{
    int64_t end = r->now + ns;

    for (;;) {
        int64_t next = cs_exec_run(&r->x, r->now);

        g_assert_cmpint(next, >, r->now);
        if (next > end) {
            break;
        }
        r->now = next;
    }
    r->now = end;
}

uint32_t rig_events(Rig *r, unsigned g, unsigned s)
{
    unsigned n = ring_of(r, g, s);
    uint32_t due;
    unsigned eg, es;

    while ((due = cs_exec_take_event(&r->x, r->now, &eg, &es))) {
        g_assert_cmpuint(eg, <, r->x.cfg.groups);
        g_assert_cmpuint(es, <, r->x.cfg.streams);
        r->seen[ring_of(r, eg, es)] |= due;
    }
    due = r->seen[n];
    r->seen[n] = 0;
    return due;
}

CsStreamStatus rig_status(Rig *r, unsigned g, unsigned s)
{
    CsStreamStatus st;

    cs_exec_status(&r->x, g, s, r->now, &st);
    return st;
}
