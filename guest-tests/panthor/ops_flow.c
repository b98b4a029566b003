/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes that change the flow: BRANCH, CALL, JUMP.
 */
#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

/* CALLs on top of each other, the kernel's own included. */
#define CALL_DEPTH 8

#define W_RESULT 1024

static bool holds(CsCond cond, int32_t v)
{
    switch (cond) {
    case CS_LE:
        return v <= 0;
    case CS_GT:
        return v > 0;
    case CS_EQ:
        return v == 0;
    case CS_NE:
        return v != 0;
    case CS_LT:
        return v < 0;
    case CS_GE:
        return v >= 0;
    default:
        return true;
    }
}

static void op_branch(void)
{
    static const char *const names[] = {
        "LE", "GT", "EQ", "NE", "LT", "GE", "always",
    };
    const int32_t values[] = { 0, 1, -1, INT32_MAX, INT32_MIN };
    Exec *e = exec_open();
    unsigned at = W_RESULT;

    for (CsCond c = CS_LE; c <= CS_ALWAYS; c++) {
        for (unsigned v = 0; v < ARRAY_SIZE(values); v++, at++) {
            /* 1 if the branch was not taken, 2 if it was. */
            cs_move32(&e->cs, 0, values[v]);
            cs_move32(&e->cs, 1, 2);
            cs_branch(&e->cs, c, 0, 1);
            cs_move32(&e->cs, 1, 1);
            cs_move48(&e->cs, R_ADDR, exec_va(e, at));
            cs_store(&e->cs, 1, R_ADDR, 1, 0);
        }
    }
    cs_wait(&e->cs, ALL_SB);
    tap_errno(exec_run(e), 0, "seven conditions on five values");
    at = W_RESULT;
    for (CsCond c = CS_LE; c <= CS_ALWAYS; c++) {
        unsigned wrong = 0;

        for (unsigned v = 0; v < ARRAY_SIZE(values); v++, at++) {
            wrong += exec_word(e, at) != (holds(c, values[v]) ? 2 : 1);
        }
        tap_eq(wrong, 0, "condition %s", names[c]);
    }
    exec_close(e);
}

static void op_loop(void)
{
    Exec *e = exec_open();
    uint32_t outer = 5 + rng_u32() % 20;
    uint32_t inner = 5 + rng_u32() % 200;
    unsigned top;

    /* r0: outer, r1: inner, r2: rounds in all */
    cs_move32(&e->cs, 2, 0);
    cs_move32(&e->cs, 0, outer);
    cs_move32(&e->cs, 1, inner);
    cs_add_imm32(&e->cs, 2, 2, 1);
    cs_add_imm32(&e->cs, 1, 1, -1);
    cs_branch(&e->cs, CS_NE, 1, -3);
    cs_add_imm32(&e->cs, 0, 0, -1);
    cs_branch(&e->cs, CS_GT, 0, -6);
    cs_dump(&e->cs, 0, 3, R_ADDR, exec_va(e, W_RESULT));
    tap_errno(exec_run(e), 0, "a loop in a loop");
    tap_eq(exec_word(e, W_RESULT + 2), outer * inner, "every round counted");
    tap_eq(exec_word(e, W_RESULT), 0, "the outer counter ran down");

    /* Forward over a long way, and back. */
    exec_begin(e);
    cs_move32(&e->cs, 3, 0);
    cs_branch(&e->cs, CS_ALWAYS, 0, 3000);
    top = e->cs.nr;
    while (e->cs.nr < top + 2998) {
        cs_move32(&e->cs, 3, 99);
    }
    cs_add_imm32(&e->cs, 3, 3, 10);
    cs_branch(&e->cs, CS_ALWAYS, 0, 2);
    cs_add_imm32(&e->cs, 3, 3, 1);
    cs_branch(&e->cs, CS_ALWAYS, 0, -4);
    cs_dump(&e->cs, 3, 1, R_ADDR, exec_va(e, W_RESULT));
    tap_errno(exec_run(e), 0, "3000 instructions on, four back");
    tap_eq(exec_word(e, W_RESULT), 11, "it came by in that order");
    exec_close(e);
}

static int run(Exec *e, const Stream *s)
{
    int ret = exec_go(e, e->group, 0, s, 0, e->sync);

    return ret ? ret : exec_done(e);
}

static void op_call(void)
{
    Exec *e = exec_open();
    Stream main = exec_stream(e, 0);
    Stream sub = exec_stream(e, 1);
    uint32_t r0 = rng_u32() >> 1;

    /* The callee stores r0 at r2:r3, then moves both on. */
    cs_store(&sub.cs, 0, 2, 1, 0);
    cs_wait(&sub.cs, ALL_SB);
    cs_add_imm64(&sub.cs, 2, 2, 4);
    cs_add_imm32(&sub.cs, 0, 0, 1);

    cs_move48(&main.cs, 2, exec_va(e, W_RESULT));
    cs_move48(&main.cs, 4, sub.va);
    cs_move32(&main.cs, 6, cs_bytes(&sub.cs));
    cs_move32(&main.cs, 0, r0);
    cs_call(&main.cs, 4, 6);
    cs_add_imm32(&main.cs, 0, 0, 1000);
    cs_call(&main.cs, 4, 6);
    /* Its first half only: stores, but moves nothing on. */
    cs_move32(&main.cs, 6, 16);
    cs_call(&main.cs, 4, 6);
    cs_move32(&main.cs, 6, 0);
    cs_call(&main.cs, 4, 6);
    cs_dump(&main.cs, 0, 3, R_ADDR, exec_va(e, W_RESULT + 8));
    tap_errno(run(e, &main), 0, "four calls come back");
    tap_eq(exec_word(e, W_RESULT), r0, "the first stored");
    tap_eq(exec_word(e, W_RESULT + 1), r0 + 1001, "the second too");
    tap_eq(exec_word(e, W_RESULT + 2), r0 + 1002, "the third, cut short");
    tap_eq(exec_word(e, W_RESULT + 8), r0 + 1002, "which moved nothing on");
    tap_eq(exec_word(e, W_RESULT + 10), (uint32_t)exec_va(e, W_RESULT + 2),
           "nor did the fourth, of length 0");
    exec_close(e);
}

static void op_call_deep(void)
{
    enum { LEVELS = CALL_DEPTH - 1 };
    Exec *e = exec_open();
    uint32_t mark = rng_u32() >> 1;
    Stream s[LEVELS + 1];
    unsigned wrong = 0;

    for (int i = LEVELS; i >= 0; i--) {
        s[i] = exec_stream(e, i);
        cs_put32(&s[i].cs, exec_va(e, W_RESULT + i), mark + i);
        if (i < LEVELS) {
            cs_move48(&s[i].cs, 4 * i, s[i + 1].va);
            cs_move32(&s[i].cs, 4 * i + 2, cs_bytes(&s[i + 1].cs));
            cs_call(&s[i].cs, 4 * i, 4 * i + 2);
        }
        /* On the way back: what the level below left, and one more. */
        cs_add_imm32(&s[i].cs, 70, 70, 1);
        cs_move48(&s[i].cs, R_ADDR, exec_va(e, W_RESULT + 32 + i));
        cs_store(&s[i].cs, 70, R_ADDR, 1, 0);
        cs_wait(&s[i].cs, ALL_SB);
    }
    exec_put(e, W_RESULT + 31, 0);
    tap_errno(run(e, &s[0]), 0, "calls as deep as it goes");
    for (unsigned i = 0; i <= LEVELS; i++) {
        wrong += exec_word(e, W_RESULT + i) != mark + i;
        wrong += exec_word(e, W_RESULT + 32 + i) !=
                 exec_word(e, W_RESULT + 32 + LEVELS) + LEVELS - i;
    }
    tap_eq(wrong, 0, "all levels were entered, and left in turn");
    exec_close(e);
}

static void op_jump(void)
{
    Exec *e = exec_open();
    Stream main = exec_stream(e, 0);
    Stream a = exec_stream(e, 1);
    Stream b = exec_stream(e, 2);
    uint32_t value = rng_u32() >> 1;
    unsigned rounds = 3 + rng_u32() % 30;

    /* main calls a, a jumps to b, b's end returns to main. */
    cs_add_imm32(&b.cs, 0, 0, 2);
    cs_move48(&a.cs, 8, b.va);
    cs_move32(&a.cs, 10, cs_bytes(&b.cs));
    cs_add_imm32(&a.cs, 0, 0, 1);
    cs_jump(&a.cs, 8, 10);
    cs_add_imm32(&a.cs, 0, 0, 100);
    cs_move32(&main.cs, 0, value);
    cs_move48(&main.cs, 4, a.va);
    cs_move32(&main.cs, 6, cs_bytes(&a.cs));
    cs_call(&main.cs, 4, 6);
    cs_add_imm32(&main.cs, 0, 0, 4);
    cs_dump(&main.cs, 0, 1, R_ADDR, exec_va(e, W_RESULT));
    tap_errno(run(e, &main), 0, "a call whose body jumps away");
    tap_eq(exec_word(e, W_RESULT), value + 7,
           "returns from there, the rest of the body is left out");

    /* A body that jumps to itself: no stack grows. */
    a = exec_stream(e, 3);
    main = exec_stream(e, 4);
    cs_add_imm32(&a.cs, 1, 1, 1);
    cs_add_imm32(&a.cs, 0, 0, -1);
    cs_branch(&a.cs, CS_LE, 0, 1);
    cs_jump(&a.cs, 4, 6);
    cs_move32(&main.cs, 0, rounds);
    cs_move32(&main.cs, 1, 0);
    cs_move48(&main.cs, 4, a.va);
    cs_move32(&main.cs, 6, cs_bytes(&a.cs));
    cs_call(&main.cs, 4, 6);
    cs_dump(&main.cs, 0, 2, R_ADDR, exec_va(e, W_RESULT));
    tap_errno(run(e, &main), 0, "a body that jumps to its own start");
    tap_eq(exec_word(e, W_RESULT + 1), rounds, "ran as often as it counted");

    /* From the stream itself: what is behind the jump is lost. */
    main = exec_stream(e, 5);
    b = exec_stream(e, 6);
    cs_put32(&b.cs, exec_va(e, W_RESULT + 4), value);
    cs_move48(&main.cs, 4, b.va);
    cs_move32(&main.cs, 6, cs_bytes(&b.cs));
    cs_jump(&main.cs, 4, 6);
    cs_put32(&main.cs, exec_va(e, W_RESULT + 5), value);
    tap_errno(run(e, &main), 0, "a stream that jumps away");
    tap_ok(exec_word(e, W_RESULT + 4) == value &&
           exec_word(e, W_RESULT + 5) == 0, "ends there");
    exec_close(e);
}

const GuestTest ops_flow_tests[] = {
    TEST("op-branch", "BRANCH: every condition", op_branch),
    TEST("op-loop", "BRANCH: loops, far and back", op_loop),
    TEST("op-call", "CALL: there and back", op_call),
    TEST("op-call-deep", "CALL: as deep as the stack is", op_call_deep),
    TEST("op-jump", "JUMP: instead of a return", op_jump),
    TEST_END,
};
