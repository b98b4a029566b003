/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fixture of most tests: a device, a VM, a group of one queue, a buffer
 * for a stream and one for data, and a way to run the stream to its end.
 */
#ifndef GUEST_JOB_H
#define GUEST_JOB_H

#include "cs.h"
#include "panthor.h"

/* Registers that exec_*() and cs_dump() use; tests keep r0..r79. */
#define R_ADDR 80
#define R_DATA 82
#define R_TMP  84

#define ALL_SB 0xffu

/** struct Exec - see the head of this file; @cs writes into @code */
typedef struct Exec {
    Px *p;
    uint32_t vm;
    uint32_t group;
    uint32_t sync;
    Bo code;
    Bo data;
    Cs cs;
} Exec;

/** exec_open() - everything set up, the stream empty, the data zero. */
Exec *exec_open(void);

/** exec_close() - and gone. */
void exec_close(Exec *e);

/** exec_begin() - an empty stream again. */
void exec_begin(Exec *e);

/** exec_submit() - hand the stream to queue 0; does not wait. */
int exec_submit(Exec *e);

/** exec_run() - submit and wait; 0, the submit's or the fence's error. */
int exec_run(Exec *e);

/** exec_done() - wait for the last exec_submit(); like exec_run(). */
int exec_done(Exec *e);

/** exec_data() - 32-bit word @i of the data buffer. */
uint32_t exec_word(const Exec *e, unsigned i);

/** exec_long() - 64-bit word @i of the data buffer. */
uint64_t exec_long(const Exec *e, unsigned i);

/** cs_put32() - store a constant at @va. */
void cs_put32(Cs *cs, uint64_t va, uint32_t value);

/** cs_put64() - store a 48-bit constant at @va as 64 bits. */
void cs_put64(Cs *cs, uint64_t va, uint64_t value);

/** cs_endless() - a loop that never ends. */
void cs_endless(Cs *cs);

/**
 * cs_spin() - a loop of @rounds, two instructions each
 * @reg: clobbered counter.
 */
void cs_spin(Cs *cs, unsigned reg, uint32_t rounds);

#endif /* GUEST_JOB_H */
