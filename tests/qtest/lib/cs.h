/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions of architecture 10's command streams, as far as the register
 * tests need them. Opcode in bits 63:56, destination 55:48, address or first
 * source 47:40, second source 39:32 (panthor_sched.c: prepare_job_instrs()).
 */
#ifndef QTEST_GPUMBOX_CS_H
#define QTEST_GPUMBOX_CS_H

#define CS_SB_ALL 0xffu

static inline uint64_t cs_nop(void)
{
    return 0;
}

static inline uint64_t cs_move48(unsigned dst, uint64_t imm)
{
    return 1ull << 56 | (uint64_t)dst << 48 | (imm & 0xffffffffffffull);
}

static inline uint64_t cs_move32(unsigned dst, uint32_t imm)
{
    return 2ull << 56 | (uint64_t)dst << 48 | imm;
}

static inline uint64_t cs_wait(unsigned mask)
{
    return 3ull << 56 | (uint64_t)mask << 16;
}

static inline uint64_t cs_run_compute(void)
{
    return 4ull << 56;
}

static inline uint64_t cs_add_imm32(unsigned dst, unsigned src, int32_t imm)
{
    return 16ull << 56 | (uint64_t)dst << 48 | (uint64_t)src << 40 |
           (uint32_t)imm;
}

static inline uint64_t cs_load(unsigned dst, unsigned addr, unsigned mask,
                               int16_t offset)
{
    return 20ull << 56 | (uint64_t)dst << 48 | (uint64_t)addr << 40 |
           (uint64_t)mask << 16 | (uint16_t)offset;
}

static inline uint64_t cs_store(unsigned src, unsigned addr, unsigned mask,
                                int16_t offset)
{
    return 21ull << 56 | (uint64_t)src << 48 | (uint64_t)addr << 40 |
           (uint64_t)mask << 16 | (uint16_t)offset;
}

/* Condition 6: always; @offset counts instructions from the next one. */
static inline uint64_t cs_branch(int16_t offset)
{
    return 22ull << 56 | 6ull << 28 | (uint16_t)offset;
}

static inline uint64_t cs_call(unsigned addr, unsigned len)
{
    return 32ull << 56 | (uint64_t)addr << 40 | (uint64_t)len << 32;
}

static inline uint64_t cs_flush(unsigned id)
{
    return 36ull << 56 | (uint64_t)id << 40 | 0x233;
}

static inline uint64_t cs_error_barrier(void)
{
    return 47ull << 56;
}

static inline uint64_t cs_sync_add64(unsigned addr, unsigned data)
{
    return 51ull << 56 | (uint64_t)addr << 40 | (uint64_t)data << 32;
}

/* Goes on when *addr > data. */
static inline uint64_t cs_sync_wait64(unsigned addr, unsigned data)
{
    return 53ull << 56 | (uint64_t)addr << 40 | (uint64_t)data << 32 |
           1ull << 28;
}

#endif /* QTEST_GPUMBOX_CS_H */
