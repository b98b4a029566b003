/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes that move and compute: MOVE48, MOVE32, ADD_IMM, UMIN32, NOP.
 */
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* Registers that tests may use as they like. */
#define NR_REGS 80
#define W_RESULT 1024

/* Set every register to a number of its own. */
static void fill(Cs *cs, uint32_t *want)
{
    for (unsigned i = 0; i < NR_REGS; i++) {
        want[i] = rng_u32();
        cs_move32(cs, i, want[i]);
    }
}

/* Run, store all registers, compare with @want. */
static void compare(Exec *e, const uint32_t *want, const char *what)
{
    unsigned wrong = 0;
    int ret;

    cs_dump(&e->cs, 0, NR_REGS, R_ADDR, exec_va(e, W_RESULT));
    ret = exec_run(e);
    for (unsigned i = 0; i < NR_REGS; i++) {
        if (exec_word(e, W_RESULT + i) != want[i]) {
            if (!wrong++) {
                tap_diag("r%u is 0x%x, not 0x%x", i,
                         exec_word(e, W_RESULT + i), want[i]);
            }
        }
    }
    tap_ok(!ret && !wrong, "%s", what);
    exec_begin(e);
}

static void op_move32(void)
{
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    fill(&e->cs, want);
    compare(e, want, "80 registers get 80 numbers");
    fill(&e->cs, want);
    cs_move32(&e->cs, 17, 0);
    want[17] = 0;
    cs_move32(&e->cs, 18, 0xffffffff);
    want[18] = 0xffffffff;
    compare(e, want, "smallest and largest number, neighbours stay");
    exec_close(e);
}

static void op_move48(void)
{
    const unsigned pairs[] = { 0, 2, 38, 78 };
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    for (unsigned i = 0; i < ARRAY_SIZE(pairs); i++) {
        uint64_t value = rng_u64() & 0xffffffffffffull;
        unsigned r = pairs[i];

        fill(&e->cs, want);
        cs_move48(&e->cs, r, value);
        want[r] = value;
        want[r + 1] = value >> 32;
        compare(e, want, "a pair gets 48 bits, the others stay");
    }
    fill(&e->cs, want);
    cs_move48(&e->cs, 10, 0xffffffffffffull);
    want[10] = 0xffffffff;
    want[11] = 0xffff;
    compare(e, want, "bits 63:48 become zero, not bit 47's sign");
    exec_close(e);
}

static void op_nop(void)
{
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    fill(&e->cs, want);
    for (unsigned i = 0; i < 40; i++) {
        cs_nop(&e->cs);
    }
    /* All but the opcode is ignored. */
    cs_emit(&e->cs, 0x00ffffffffffffffull);
    cs_emit(&e->cs, rng_u64() >> 8);
    cs_move32(&e->cs, 3, 4711);
    want[3] = 4711;
    compare(e, want, "NOPs change nothing, what follows runs");
    exec_close(e);
}

static void op_add_imm32(void)
{
    const struct {
        uint32_t src;
        int32_t imm;
    } c[] = {
        { 1, 2 }, { 5, -5 }, { 0, -1 }, { 0xffffffff, 1 },
        { 0x7fffffff, 1 }, { 0x80000000, INT32_MIN }, { 0, INT32_MAX },
    };
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    fill(&e->cs, want);
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        cs_move32(&e->cs, 40 + i, c[i].src);
        cs_add_imm32(&e->cs, 10 + 3 * i, 40 + i, c[i].imm);
        want[40 + i] = c[i].src;
        want[10 + 3 * i] = c[i].src + (uint32_t)c[i].imm;
    }
    compare(e, want, "sums wrap at 32 bits, sources stay");
    fill(&e->cs, want);
    cs_add_imm32(&e->cs, 20, 20, 12345);
    want[20] += 12345;
    compare(e, want, "a register added to itself, its neighbour stays");
    exec_close(e);
}

static void op_add_imm64(void)
{
    const struct {
        uint64_t src;
        int32_t imm;
    } c[] = {
        { 1, 2 }, { 0xffffffff, 1 }, { 0x100000000ull, -1 }, { 0, -1 },
        { 0x7fffffffffffull, 1 }, { 5, INT32_MIN }, { 5, INT32_MAX },
    };
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    fill(&e->cs, want);
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        uint64_t sum = c[i].src + (int64_t)c[i].imm;

        cs_move48(&e->cs, 40 + 2 * i, c[i].src);
        cs_add_imm64(&e->cs, 10 + 4 * i, 40 + 2 * i, c[i].imm);
        want[40 + 2 * i] = c[i].src;
        want[41 + 2 * i] = c[i].src >> 32;
        want[10 + 4 * i] = sum;
        want[11 + 4 * i] = sum >> 32;
    }
    compare(e, want, "carries and borrows cross bit 32");
    exec_close(e);
}

static void op_umin32(void)
{
    const uint32_t c[][2] = {
        { 1, 2 }, { 2, 1 }, { 7, 7 }, { 0xffffffff, 1 }, { 1, 0xffffffff },
        { 0x80000000, 0x7fffffff }, { 0, 0xffffffff },
    };
    Exec *e = exec_open();
    uint32_t want[NR_REGS];

    fill(&e->cs, want);
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        cs_move32(&e->cs, 2 * i, c[i][0]);
        cs_move32(&e->cs, 2 * i + 1, c[i][1]);
        cs_umin32(&e->cs, 30 + i, 2 * i, 2 * i + 1);
        want[2 * i] = c[i][0];
        want[2 * i + 1] = c[i][1];
        want[30 + i] = c[i][0] < c[i][1] ? c[i][0] : c[i][1];
    }
    compare(e, want, "the smaller one, without sign");
    exec_close(e);
}

const GuestTest ops_alu_tests[] = {
    TEST("op-move32", "MOVE32", op_move32),
    TEST("op-move48", "MOVE48", op_move48),
    TEST("op-nop", "NOP", op_nop),
    TEST("op-add-imm32", "ADD_IMM32", op_add_imm32),
    TEST("op-add-imm64", "ADD_IMM64", op_add_imm64),
    TEST("op-umin32", "UMIN32", op_umin32),
    TEST_END,
};
