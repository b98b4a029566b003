/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes that came with architectures 11 to 14, and those that went.
 */
#include <errno.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_RESULT 1024
#define W_BEFORE 16
#define W_AFTER 17

/* Run, look at @nr words of the results. */
static void compare(Exec *e, const uint32_t *want, unsigned nr,
                    const char *what)
{
    unsigned wrong = 0;
    int ret = exec_run(e);

    for (unsigned i = 0; i < nr; i++) {
        if (exec_word(e, W_RESULT + i) != want[i]) {
            if (!wrong++) {
                tap_diag("word %u is 0x%x, not 0x%x", i,
                         exec_word(e, W_RESULT + i), want[i]);
            }
        }
    }
    tap_ok(!ret && !wrong, "%s", what);
    exec_begin(e);
}

/* All sixteen functions of two numbers, and those of one bit of one. */
static void op_logic(void)
{
    Exec *e = exec_open();
    uint32_t a = rng_u32();
    uint32_t b = rng_u32();
    uint32_t want[32];

    cs_move32(&e->cs, 40, a);
    cs_move32(&e->cs, 41, b);
    for (unsigned mode = 0; mode < 16; mode++) {
        for (unsigned index = 0; index < 2; index++) {
            uint32_t y = index ? 1u << (b & 31) : b;
            uint32_t v = 0;

            /* A truth table: bit 3 is a=0 b=0, bit 0 a=1 b=1. */
            for (unsigned bit = 0; bit < 32; bit++) {
                unsigned row = (a >> bit & 1 ? 0 : 2) + (y >> bit & 1 ? 0 : 1);

                v |= (uint32_t)(mode >> row & 1) << bit;
            }
            want[2 * mode + index] = v;
            cs_logic_op32(&e->cs, mode, 2 * mode + index, 40, 41, index);
        }
    }
    cs_dump(&e->cs, 0, 32, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 32, "LOGIC_OP32, all modes, both kinds of operand");
    exec_close(e);
}

static void op_next_sb(void)
{
    Exec *e = exec_open();
    uint32_t want[8] = { 3, 5, 6, 3, 1u << 5, 6, 2, 4 };

    cs_set_state_imm32(&e->cs, CS_SET_SB_ENDPOINT, 6);
    cs_set_state_imm32(&e->cs, CS_SET_MASK_STREAM, 1 << 3 | 1 << 5 | 1 << 6);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 0, false);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 1, false);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 2, false);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 3, false);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 4, true);
    cs_next_sb_entry(&e->cs, CS_SB_ENDPOINT, 5, false);
    /* Another kind of work has a slot of its own; a register chooses. */
    cs_move32(&e->cs, 20, 7);
    cs_set_state(&e->cs, CS_SET_SB_OTHER, 20);
    cs_move32(&e->cs, 20, 1 << 2 | 1 << 4);
    cs_set_state(&e->cs, CS_SET_MASK_STREAM, 20);
    cs_next_sb_entry(&e->cs, CS_SB_OTHER, 6, false);
    cs_next_sb_entry(&e->cs, CS_SB_OTHER, 7, false);
    cs_set_sb_entry(&e->cs, 0, 0);
    cs_dump(&e->cs, 0, 8, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 8, "NEXT_SB_ENTRY goes round what SET_STATE chose");
    exec_close(e);
}

static void op_shared_sb(void)
{
    Exec *e = exec_open();
    uint32_t want[1] = { rng_u32() };

    for (unsigned i = 0; i < 4; i++) {
        cs_shared_sb(&e->cs, true, i);
    }
    for (unsigned i = 0; i < 4; i++) {
        cs_shared_sb(&e->cs, false, i);
    }
    cs_put32(&e->cs, exec_va(e, W_RESULT), want[0]);
    compare(e, want, 1, "SHARED_SB_INC and SHARED_SB_DEC");
    exec_close(e);
}

/* Eight more scoreboards than before: a load on each of them. */
static void op_wide_sb(void)
{
    Exec *e = exec_open();
    uint32_t want[8];

    for (unsigned i = 0; i < 8; i++) {
        want[i] = rng_u32();
        exec_put(e, i, want[i] - 1);
        cs_set_sb_entry(&e->cs, 0, 8 + i);
        cs_move48(&e->cs, R_ADDR, exec_va(e, i));
        cs_load(&e->cs, i, R_ADDR, 1, 0);
        cs_set_state_imm32(&e->cs, CS_SET_MASK_WAIT, 1u << (8 + i));
        cs_wait_indirect(&e->cs);
        cs_add_imm32(&e->cs, i, i, 1);
    }
    cs_set_sb_entry(&e->cs, 0, 0);
    cs_dump(&e->cs, 0, 8, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 8, "loads on scoreboards 8 to 15, waited for indirectly");
    exec_close(e);
}

/* A sync object is written when the endpoint is done that it waits for. */
static void op_deferred(void)
{
    Exec *e = exec_open();
    uint32_t add = rng_u32() >> 1;
    uint32_t want[2] = { 0, add + 7 };

    exec_put(e, W_RESULT + 2, 7);
    cs_set_sb_entry(&e->cs, 4, 0);
    cs_set_state_imm32(&e->cs, CS_SET_MASK_WAIT, 1u << 4);
    cs_set_state_imm32(&e->cs, CS_SET_SB_DEFERRED, 9);
    cs_run_compute(&e->cs, 1, 0, false);
    cs_move48(&e->cs, 0, exec_va(e, W_RESULT + 2));
    cs_move48(&e->cs, 2, add);
    cs_sync_add64_indirect(&e->cs, 0, 2);
    /* Not yet: the endpoint takes longer than a few instructions. */
    cs_load(&e->cs, 4, 0, 1, 0);
    cs_wait(&e->cs, 1);
    cs_set_state_imm32(&e->cs, CS_SET_MASK_WAIT, 1u << 9);
    cs_wait_indirect(&e->cs);
    cs_load(&e->cs, 5, 0, 1, 0);
    cs_wait(&e->cs, 1);
    cs_add_imm32(&e->cs, 4, 4, -7);
    cs_dump(&e->cs, 4, 2, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 2, "SYNC_ADD64 deferred to chosen scoreboards");
    exec_close(e);
}

/* The last registers of 128 are the kernel's; those before it are ours. */
static void op_wide_regs(void)
{
    Exec *e = exec_open();
    uint32_t want[28];

    for (unsigned i = 0; i < 28; i++) {
        want[i] = rng_u32();
        cs_move32(&e->cs, 96 + i, want[i]);
    }
    cs_dump(&e->cs, 96, 28, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 28, "registers 96 to 123");
    exec_close(e);
}

static uint32_t field(unsigned pos, unsigned width)
{
    return width << 8 | pos;
}

static void op_arith32(void)
{
    Exec *e = exec_open();
    uint32_t a = rng_u32() | 1u << 31;
    uint32_t b = rng_u32();
    uint32_t want[15] = {
        a + 0xfffffffbu, a << 5, a >> 5, (uint32_t)((int32_t)a >> 5),
        a >> 28 & 0xf, (uint32_t)((int32_t)a >> 28),
        (a & ~0xff00u) | 0x5a00, a < 99 ? a : 99,
        a < b ? a : b, a + b, a - b, a << (b & 31), a >> (b & 31),
        (uint32_t)((int32_t)a >> (b & 31)),
        (a & ~0xff0u) | (b & 0xff) << 4,
    };

    cs_move32(&e->cs, 40, a);
    cs_move32(&e->cs, 41, b);
    cs_arith_imm(&e->cs, false, 0, 0, 40, (uint32_t)-5);
    cs_arith_imm(&e->cs, false, 1, 1, 40, 5);
    cs_arith_imm(&e->cs, false, 2, 2, 40, 5);
    cs_arith_imm(&e->cs, false, 3, 3, 40, 5);
    cs_arith_imm(&e->cs, false, 4, 4, 40, field(28, 4));
    cs_arith_imm(&e->cs, false, 5, 5, 40, field(28, 4));
    cs_arith_imm(&e->cs, false, 6, 6, 40, 0x5a << 16 | field(8, 8));
    cs_arith_imm(&e->cs, false, 7, 7, 40, 99);
    for (unsigned sub = 0; sub < 7; sub++) {
        cs_arith_reg(&e->cs, false, sub, 8 + sub, 40, 41, field(4, 8));
    }
    cs_dump(&e->cs, 0, 15, R_ADDR, exec_va(e, W_RESULT));
    compare(e, want, 15, "ARITH_IMM32 and ARITH_REG32, all operations");
    exec_close(e);
}

static void op_arith64(void)
{
    Exec *e = exec_open();
    uint64_t a = rng_u64() | 1ull << 63;
    uint64_t b = rng_u64();
    uint64_t want[15] = {
        a - 5, a << 40, a >> 40, (uint64_t)((int64_t)a >> 40),
        a >> 60, (uint64_t)((int64_t)a >> 60),
        (a & ~(0xffull << 40)) | 0x5aull << 40, a < 99 ? a : 99,
        a < b ? a : b, a + b, a - b, a << (b & 63), a >> (b & 63),
        (uint64_t)((int64_t)a >> (b & 63)),
        (a & ~(0xffull << 36)) | (b & 0xff) << 36,
    };
    uint32_t words[30];

    for (unsigned i = 0; i < 2; i++) {
        cs_move32(&e->cs, 40 + i, a >> 32 * i);
        cs_move32(&e->cs, 42 + i, b >> 32 * i);
    }
    cs_arith_imm(&e->cs, true, 0, 0, 40, (uint32_t)-5);
    cs_arith_imm(&e->cs, true, 1, 2, 40, 40);
    cs_arith_imm(&e->cs, true, 2, 4, 40, 40);
    cs_arith_imm(&e->cs, true, 3, 6, 40, 40);
    cs_arith_imm(&e->cs, true, 4, 8, 40, field(60, 4));
    cs_arith_imm(&e->cs, true, 5, 10, 40, field(60, 4));
    cs_arith_imm(&e->cs, true, 6, 12, 40, 0x5a << 16 | field(40, 8));
    cs_arith_imm(&e->cs, true, 7, 14, 40, 99);
    for (unsigned sub = 0; sub < 7; sub++) {
        cs_arith_reg(&e->cs, true, sub, 16 + 2 * sub, 40, 42, field(36, 8));
    }
    cs_dump(&e->cs, 0, 30, R_ADDR, exec_va(e, W_RESULT));
    memcpy(words, want, sizeof(words));
    compare(e, words, 30, "ARITH_IMM64 and ARITH_REG64, all operations");
    exec_close(e);
}

static void op_enop(void)
{
    Exec *e = exec_open();
    uint32_t want[1] = { rng_u32() };

    cs_enop(&e->cs, rng_u64());
    cs_put32(&e->cs, exec_va(e, W_RESULT), want[0]);
    cs_enop(&e->cs, ~0ull);
    compare(e, want, 1, "ENOP does nothing");
    exec_close(e);
}

/* An instruction that only other architectures have ends the stream. */
static void op_foreign(void)
{
    /* LOGIC_OP32, RUN_IDVS2, ARITH_REG64, RUN_FRAGMENT2; PROGRESS_LOAD. */
    static const unsigned foreign[] = { 19, 12, 57, 14, 43 };
    Exec *e = exec_open();
    uint32_t state = 0;
    uint32_t fatal = 0;
    unsigned arch = cs_arch();

    if (arch < 10 || arch - 10 >= ARRAY_SIZE(foreign)) {
        tap_die("an architecture from 10 to 14, not %u", arch);
    }
    exec_put(e, W_AFTER, 0);
    cs_put32(&e->cs, exec_va(e, W_BEFORE), arch);
    cs_emit(&e->cs, (uint64_t)foreign[arch - 10] << 56);
    cs_put32(&e->cs, exec_va(e, W_AFTER), 1);
    tap_errno(exec_run(e), -EINVAL, "the job fails");
    tap_eq(exec_word(e, W_BEFORE), arch, "behind what came before it");
    tap_eq(exec_word(e, W_AFTER), 0, "in front of what comes after it");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0,
              "query the group");
    tap_ok(state & DRM_PANTHOR_GROUP_STATE_FATAL_FAULT, "it died of it");
    exec_close(e);
}

const GuestTest ops_arch_tests[] = {
    TEST("op-logic", "LOGIC_OP32", op_logic, .arch_first = 11),
    TEST("op-next-sb", "NEXT_SB_ENTRY, SET_STATE", op_next_sb,
         .arch_first = 11),
    TEST("op-shared-sb", "SHARED_SB_INC, SHARED_SB_DEC", op_shared_sb,
         .arch_first = 11),
    TEST("op-wide-sb", "sixteen scoreboards", op_wide_sb, .arch_first = 12),
    TEST("op-wide-regs", "128 registers", op_wide_regs, .arch_first = 12),
    TEST("op-deferred", "indirect masks and slots", op_deferred,
         .arch_first = 12),
    TEST("op-arith32", "ARITH_IMM32, ARITH_REG32", op_arith32,
         .arch_first = 13),
    TEST("op-arith64", "ARITH_IMM64, ARITH_REG64", op_arith64,
         .arch_first = 13),
    TEST("op-enop", "ENOP", op_enop, .arch_first = 14),
    TEST("op-foreign", "an opcode of another architecture", op_foreign,
         .expect = EXPECT({ "CSG slot [0-9]+ CS slot: 0", false },
                          { "CS_FATAL.EXCEPTION_TYPE: 0x(49|51) ", false },
                          { "CS_FATAL: pid=", true })),
    TEST_END,
};
