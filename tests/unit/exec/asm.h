/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Command-stream instructions for tests, written down from the encoding and
 * not from the executor's decoder, so that a mistake there is not made twice.
 */
#ifndef TESTS_EXEC_ASM_H
#define TESTS_EXEC_ASM_H

#include <stdbool.h>
#include <stdint.h>

#define OP(n) ((uint64_t)(n) << 56)

static inline uint64_t i_nop(void) { return 0; }

static inline uint64_t i_move48(unsigned dst, uint64_t imm)
{
    return OP(1) | (uint64_t)dst << 48 | (imm & 0xffffffffffffull);
}

static inline uint64_t i_move32(unsigned dst, uint32_t imm)
{
    return OP(2) | (uint64_t)dst << 48 | imm;
}

static inline uint64_t i_wait(unsigned mask)
{
    return OP(3) | (uint64_t)mask << 16;
}

static inline uint64_t i_wait_inc(unsigned mask)
{
    return OP(3) | (uint64_t)mask << 16 | 1ull << 32;
}

static inline uint64_t i_run(unsigned op) { return OP(op); }
static inline uint64_t i_run_inc(unsigned op) { return OP(op) | 1ull << 32; }

static inline uint64_t i_finish_fragment(bool inc, unsigned wait,
                                         unsigned first, unsigned last,
                                         unsigned sig)
{
    return OP(11) | (uint64_t)sig << 48 | (uint64_t)first << 40 |
           (uint64_t)last << 32 | (uint64_t)wait << 16 | inc;
}

static inline uint64_t i_add32(unsigned dst, unsigned src, int32_t imm)
{
    return OP(16) | (uint64_t)dst << 48 | (uint64_t)src << 40 | (uint32_t)imm;
}

static inline uint64_t i_add64(unsigned dst, unsigned src, int32_t imm)
{
    return OP(17) | (uint64_t)dst << 48 | (uint64_t)src << 40 | (uint32_t)imm;
}

static inline uint64_t i_umin32(unsigned dst, unsigned s0, unsigned s1)
{
    return OP(18) | (uint64_t)dst << 48 | (uint64_t)s0 << 40 |
           (uint64_t)s1 << 32;
}

static inline uint64_t i_load(unsigned base, unsigned mask, unsigned addr,
                              int off)
{
    return OP(20) | (uint64_t)base << 48 | (uint64_t)addr << 40 |
           (uint64_t)mask << 16 | (uint16_t)off;
}

static inline uint64_t i_store(unsigned base, unsigned mask, unsigned addr,
                               int off)
{
    return OP(21) | (uint64_t)base << 48 | (uint64_t)addr << 40 |
           (uint64_t)mask << 16 | (uint16_t)off;
}

enum { LE, GT, EQ, NE, LT, GE, ALWAYS };

static inline uint64_t i_branch(unsigned cond, unsigned reg, int off)
{
    return OP(22) | (uint64_t)reg << 40 | (uint64_t)cond << 28 |
           (uint16_t)off;
}

static inline uint64_t i_sb(unsigned endpoint, unsigned other)
{
    return OP(23) | endpoint | other << 4;
}

static inline uint64_t i_progress_wait(unsigned src, unsigned queue)
{
    return OP(24) | (uint64_t)src << 40 | queue;
}

static inline uint64_t i_progress_store(unsigned src)
{
    return OP(42) | (uint64_t)src << 40;
}

static inline uint64_t i_progress_load(unsigned dst)
{
    return OP(43) | (uint64_t)dst << 48;
}

static inline uint64_t i_handler(unsigned addr, unsigned len)
{
    return OP(25) | (uint64_t)addr << 40 | (uint64_t)len << 32 | 2;
}

static inline uint64_t i_call(unsigned addr, unsigned len)
{
    return OP(32) | (uint64_t)addr << 40 | (uint64_t)len << 32;
}

static inline uint64_t i_jump(unsigned addr, unsigned len)
{
    return OP(33) | (uint64_t)addr << 40 | (uint64_t)len << 32;
}

static inline uint64_t i_req(unsigned mask) { return OP(34) | mask; }

static inline uint64_t i_flush(unsigned mode, unsigned wait, unsigned id,
                               unsigned sig)
{
    return OP(36) | (uint64_t)sig << 48 | (uint64_t)id << 40 |
           (uint64_t)wait << 16 | mode;
}

/* op: 37 ADD32, 38 SET32, 51 ADD64, 52 SET64; scope: 0 system, 2 group */
static inline uint64_t i_sync(unsigned op, unsigned addr, unsigned data,
                              bool propagate, unsigned scope, unsigned wait,
                              unsigned sig)
{
    return OP(op) | (uint64_t)sig << 48 | (uint64_t)addr << 40 |
           (uint64_t)data << 32 | (uint64_t)wait << 16 | scope << 1 |
           propagate;
}

/* op: 39 WAIT32, 53 WAIT64 */
static inline uint64_t i_sync_wait(unsigned op, unsigned cond, unsigned addr,
                                   unsigned data, bool reject)
{
    return OP(op) | (uint64_t)addr << 40 | (uint64_t)data << 32 |
           (uint64_t)cond << 28 | reject;
}

static inline uint64_t i_store_state(unsigned state, unsigned addr, int off,
                                     unsigned wait, unsigned sig)
{
    return OP(40) | (uint64_t)sig << 48 | (uint64_t)addr << 40 |
           (uint64_t)state << 32 | (uint64_t)wait << 16 | (uint16_t)off;
}

static inline uint64_t i_error_barrier(void) { return OP(47); }

static inline uint64_t i_heap_set(unsigned addr)
{
    return OP(48) | (uint64_t)addr << 40;
}

static inline uint64_t i_heap_op(unsigned op, unsigned wait, unsigned sig)
{
    return OP(49) | (uint64_t)sig << 48 | (uint64_t)op << 32 |
           (uint64_t)wait << 16;
}

#endif /* TESTS_EXEC_ASM_H */
