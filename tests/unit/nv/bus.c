/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdarg.h>

#include "bus.h"

static bool inside(uint64_t va, uint32_t len)
{
    g_assert_cmpuint(len, >=, 1);
    g_assert_cmpuint(len, <=, PB_CHUNK);
    return va >= BASE && va - BASE <= SIZE - len;
}

static bool bus_read(void *opaque, uint64_t va, void *buf, uint32_t len)
{
    Bus *b = opaque;

    b->reads++;
    if (!inside(va, len)) {
        return false;
    }
    memcpy(buf, b->mem + (va - BASE), len);
    return true;
}

static bool bus_write(void *opaque, uint64_t va, const void *buf,
                      uint32_t len)
{
    Bus *b = opaque;

    b->writes++;
    if (!inside(va, len)) {
        return false;
    }
    memcpy(b->mem + (va - BASE), buf, len);
    return true;
}

static uint32_t bus_move(void *opaque, uint64_t to, uint64_t from,
                         uint32_t len)
{
    uint8_t buf[PB_CHUNK];
    uint32_t done, n;

    for (done = 0; done < len; done += n) {
        n = MIN(len - done, PB_CHUNK);
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
    return NOW + ahead;
}

static void bus_interrupt(void *opaque, bool copy)
{
    ((Bus *)opaque)->interrupts[copy]++;
}

static const PbBus ops = {
    bus_read, bus_write, bus_move, bus_time, bus_interrupt,
};

const PbClasses bus_classes = { 0xc7b5, 0xc797, 0xc7c0, 0xa140 };

Bus *bus_new(bool threed)
{
    Bus *b = g_new0(Bus, 1);

    pb_init(&b->c, threed);
    return b;
}

void push(Bus *b, uint32_t word)
{
    set_word(b, PUSH + 4 * b->words++, word);
}

void method(Bus *b, unsigned sub, uint32_t addr, unsigned n, ...)
{
    va_list ap;

    push(b, 1u << 29 | n << 16 | sub << 13 | addr >> 2);
    va_start(ap, n);
    while (n--) {
        push(b, va_arg(ap, uint32_t));
    }
    va_end(ap);
}

void sem(Bus *b, uint64_t va, uint64_t value, uint32_t execute)
{
    method(b, 0, SEM_ADDR_LO, 5, (uint32_t)va, (uint32_t)(va >> 32),
           (uint32_t)value, (uint32_t)(value >> 32), execute);
}

void submit(Bus *b)
{
    uint64_t at = PUSH + 4 * b->begin;

    set_word(b, RING + 8 * b->put, at);
    set_word(b, RING + 8 * b->put + 4,
             at >> 32 | (b->words - b->begin) << 10);
    b->put = (b->put + 1) % ENTRIES;
    b->begin = b->words;
}

PbStatus slice(Bus *b, int64_t limit)
{
    b->run = (PbRun) {
        .bus = &ops, .classes = &bus_classes, .opaque = b, .word_ns = WORD_NS, .mib_ns = MIB_NS,
        .limit = limit,
    };
    return pb_run(&b->c, RING, ENTRIES, b->put, &b->run);
}

PbStatus go(Bus *b)
{
    submit(b);
    return slice(b, INT64_MAX);
}

uint32_t word_at(Bus *b, uint64_t va)
{
    uint32_t v;

    memcpy(&v, b->mem + (va - BASE), 4);
    return GUINT32_FROM_LE(v);
}

void set_word(Bus *b, uint64_t va, uint32_t value)
{
    uint32_t v = GUINT32_TO_LE(value);

    memcpy(b->mem + (va - BASE), &v, 4);
}
