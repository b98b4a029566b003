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

/* The code buffer holds this many streams beside each other. */
#define EXEC_SLOTS 80
#define EXEC_SLOT_BYTES 4096u

/** struct Stream - a stream in one of those places */
typedef struct Stream {
    Cs cs;
    uint64_t va;
} Stream;

/** exec_open() - everything set up, the stream empty, the data zero. */
Exec *exec_open(void);

/** exec_open_queues() - likewise with a group of @nr queues. */
Exec *exec_open_queues(unsigned nr, uint32_t ring_bytes);

/** exec_open_device() - likewise on device @nth. */
Exec *exec_open_device(unsigned nth, unsigned nr, uint32_t ring_bytes);

/** exec_stream() - an empty stream in place @slot. */
Stream exec_stream(Exec *e, unsigned slot);

/**
 * exec_go() - submit a stream to any group and queue
 * @in:  sync object to wait for, 0: none.
 * @out: sync object to signal, 0: none; it is reset first.
 */
int exec_go(Exec *e, uint32_t group, unsigned queue, const Stream *s,
            uint32_t in, uint32_t out);

/** exec_finish() - wait for @sync; 0, or the fence's error. */
int exec_finish(Exec *e, uint32_t sync);

/**
 * exec_finish_nudging() - like exec_finish(), for groups that were evicted
 *
 * panthor_sched.c: sync_upd_work() (6.12 and 7.3) makes a group runnable
 * whose wait has ended, but does not start the scheduler's tick. If no event
 * of the firmware comes after it, the group stays where it is until another
 * job is submitted. So one is submitted from time to time, to the fixture's
 * own group, from place EXEC_SLOTS - 1.
 */
int exec_finish_nudging(Exec *e, uint32_t sync);

/** exec_va() - GPU address of 32-bit word @i of the data buffer. */
uint64_t exec_va(const Exec *e, unsigned i);

/** exec_put() - the CPU writes word @i of the data buffer. */
void exec_put(Exec *e, unsigned i, uint32_t value);

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

/** exec_word() - 32-bit word @i of the data buffer. */
uint32_t exec_word(const Exec *e, unsigned i);

/** exec_long() - 64-bit word @i of the data buffer. */
uint64_t exec_long(const Exec *e, unsigned i);

/** cs_put32() - store a constant at @va. */
void cs_put32(Cs *cs, uint64_t va, uint32_t value);

/** cs_put64() - store a 48-bit constant at @va as 64 bits. */
void cs_put64(Cs *cs, uint64_t va, uint64_t value);

/**
 * cs_count() - add one to the word at @va, atomic only against itself
 *
 * Uses R_ADDR and R_DATA.
 */
void cs_count(Cs *cs, uint64_t va);

/** cs_endless() - a loop that never ends. */
void cs_endless(Cs *cs);

/**
 * cs_spin() - a loop of @rounds, two instructions each
 * @reg: clobbered counter.
 */
void cs_spin(Cs *cs, unsigned reg, uint32_t rounds);

#endif /* GUEST_JOB_H */
