/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel on a bus of its own: one piece of memory, some of whose pages are
 * not there.
 */
#ifndef TEST_NV_BUS_H
#define TEST_NV_BUS_H

#include <glib.h>
#include <string.h>

#include "pbdma.h"

#define BASE 0x100000ull
#define SIZE 0x20000u
#define ENTRIES 16u

/* Where things are in it */
#define RING BASE
#define PUSH (BASE + 0x1000)
#define DATA (BASE + 0x8000)
#define HOLE (BASE + SIZE)

#define NOW 1000000ull
#define WORD_NS 10
#define MIB_NS 65536

typedef struct Bus {
    PbChannel c;
    PbRun run;
    uint32_t put;
    uint32_t words;         /* written to the push buffer */
    uint32_t begin;
    unsigned interrupts[2];
    uint64_t reads, writes;
    uint8_t mem[SIZE];
} Bus;

/** bus_classes - an Ampere's. */
extern const PbClasses bus_classes;

Bus *bus_new(bool threed);

/** push() - a word; header() - an incrementing one's header. */
void push(Bus *b, uint32_t word);
void method(Bus *b, unsigned sub, uint32_t addr, unsigned n, ...);

/** submit() - what was pushed becomes an entry of the ring. */
void submit(Bus *b);

/** slice() - run for up to @limit ns. */
PbStatus slice(Bus *b, int64_t limit);

/** go() - submit, and run until something ends it. */
PbStatus go(Bus *b);

uint32_t word_at(Bus *b, uint64_t va);
void set_word(Bus *b, uint64_t va, uint32_t value);

#define SEM_ADDR_LO 0x5c
#define SEM_RELEASE 1
#define COPY_SUB 4

void sem(Bus *b, uint64_t va, uint64_t value, uint32_t execute);

#endif /* TEST_NV_BUS_H */
