/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes that load and store: LOAD_MULTIPLE, STORE_MULTIPLE, STORE_STATE.
 */
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_RESULT 1024

/* Words 8192.. are what negative and positive offsets reach around. */
#define W_MIDDLE 8192

static const unsigned masks[] = {
    0x0001, 0x8000, 0x8421, 0x5555, 0xaaaa, 0xffff, 0x0ff0,
};

static void op_load(void)
{
    const int offsets[] = { 0, 4, -4, 0x7ffc, -0x8000, 256 };
    Exec *e = exec_open();

    for (unsigned i = 0; i < ARRAY_SIZE(masks); i++) {
        uint32_t before[16];
        unsigned wrong = 0;
        int ret;

        exec_begin(e);
        for (unsigned r = 0; r < 16; r++) {
            exec_put(e, r, rng_u32());
            before[r] = rng_u32();
            cs_move32(&e->cs, 32 + r, before[r]);
        }
        cs_move48(&e->cs, R_ADDR, e->data.va);
        cs_load(&e->cs, 32, R_ADDR, masks[i], 0);
        cs_wait(&e->cs, ALL_SB);
        cs_dump(&e->cs, 32, 16, R_ADDR, exec_va(e, W_RESULT));
        ret = exec_run(e);
        for (unsigned r = 0; r < 16; r++) {
            wrong += exec_word(e, W_RESULT + r) !=
                     (masks[i] >> r & 1 ? exec_word(e, r) : before[r]);
        }
        tap_ok(!ret && !wrong, "mask 0x%04x: those and no others", masks[i]);
    }
    exec_begin(e);
    for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
        exec_put(e, W_MIDDLE + offsets[i] / 4, rng_u32());
        cs_move48(&e->cs, R_ADDR, exec_va(e, W_MIDDLE));
        cs_load(&e->cs, i, R_ADDR, 1, offsets[i]);
    }
    cs_wait(&e->cs, ALL_SB);
    cs_dump(&e->cs, 0, ARRAY_SIZE(offsets), R_ADDR, exec_va(e, W_RESULT));
    tap_errno(exec_run(e), 0, "loads with offsets");
    for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
        tap_eq(exec_word(e, W_RESULT + i),
               exec_word(e, W_MIDDLE + offsets[i] / 4), "offset %d",
               offsets[i]);
    }
    exec_close(e);
}

static void op_store(void)
{
    const int offsets[] = { 0, 4, -4, 0x7ffc, -0x8000, 256 };
    Exec *e = exec_open();
    uint32_t value[16];

    for (unsigned i = 0; i < ARRAY_SIZE(masks); i++) {
        uint32_t before[18];
        unsigned wrong = 0;
        int ret;

        exec_begin(e);
        for (unsigned r = 0; r < 18; r++) {
            before[r] = rng_u32();
            exec_put(e, W_RESULT - 1 + r, before[r]);
        }
        for (unsigned r = 0; r < 16; r++) {
            value[r] = rng_u32();
            cs_move32(&e->cs, 16 + r, value[r]);
        }
        cs_move48(&e->cs, R_ADDR, exec_va(e, W_RESULT));
        cs_store(&e->cs, 16, R_ADDR, masks[i], 0);
        cs_wait(&e->cs, ALL_SB);
        ret = exec_run(e);
        for (unsigned r = 0; r < 18; r++) {
            bool in = r >= 1 && r <= 16 && (masks[i] >> (r - 1) & 1);

            wrong += exec_word(e, W_RESULT - 1 + r) !=
                     (in ? value[r - 1] : before[r]);
        }
        tap_ok(!ret && !wrong, "mask 0x%04x: those and no others", masks[i]);
    }
    exec_begin(e);
    for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
        value[i] = rng_u32();
        cs_move48(&e->cs, R_ADDR, exec_va(e, W_MIDDLE));
        cs_move32(&e->cs, i, value[i]);
        cs_store(&e->cs, i, R_ADDR, 1, offsets[i]);
    }
    cs_wait(&e->cs, ALL_SB);
    tap_errno(exec_run(e), 0, "stores with offsets");
    for (unsigned i = 0; i < ARRAY_SIZE(offsets); i++) {
        tap_eq(exec_word(e, W_MIDDLE + offsets[i] / 4), value[i],
               "offset %d", offsets[i]);
    }
    exec_close(e);
}

/* A store of 16 words across a page, the pages far apart in memory. */
static void op_store_cross(void)
{
    const uint64_t va = 0x300000000ull;
    Exec *e = exec_open();
    uint32_t value[16];
    unsigned wrong = 0;

    px_map(e->p, e->vm, e->data.handle, 5 * 4096, va, 4096, 0);
    px_map(e->p, e->vm, e->data.handle, 2 * 4096, va + 4096, 4096, 0);
    cs_move48(&e->cs, R_ADDR, va + 4096 - 28);
    for (unsigned r = 0; r < 16; r++) {
        value[r] = rng_u32();
        cs_move32(&e->cs, r, value[r]);
    }
    cs_store(&e->cs, 0, R_ADDR, 0xffff, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_load(&e->cs, 32, R_ADDR, 0xffff, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_dump(&e->cs, 32, 16, R_ADDR, e->data.va);
    tap_errno(exec_run(e), 0, "a store and a load across a page");
    for (unsigned r = 0; r < 16; r++) {
        unsigned w = r < 7 ? 6 * 1024 - 7 + r : 2 * 1024 + r - 7;

        wrong += exec_word(e, w) != value[r];
        wrong += exec_word(e, r) != value[r];
    }
    tap_eq(wrong, 0, "both halves in their own page");
    exec_close(e);
}

static void op_state_time(void)
{
    enum { SPIN = 20000 };
    Exec *e = exec_open();
    uint64_t hz;
    int64_t t0;
    int64_t t1;
    uint64_t ticks;

    hz = px_timer_hz();
    for (unsigned i = 0; i < 16; i++) {
        exec_put(e, i, 0xffffffff);
    }
    cs_move48(&e->cs, R_ADDR, e->data.va + 16);
    cs_store_state(&e->cs, CS_STATE_TIMESTAMP, R_ADDR, -16, 0, 0);
    cs_store_state(&e->cs, CS_STATE_CYCLES, R_ADDR, 16, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_spin(&e->cs, R_TMP, SPIN);
    cs_store_state(&e->cs, CS_STATE_TIMESTAMP, R_ADDR, -8, 0, 1);
    cs_wait(&e->cs, 1u << 1);
    cs_store_state(&e->cs, CS_STATE_CYCLES, R_ADDR, 24, 1u << 1, 0);
    cs_wait(&e->cs, ALL_SB);
    t0 = now_ns();
    tap_errno(exec_run(e), 0, "two timestamps, a loop between them");
    t1 = now_ns();
    ticks = exec_long(e, 1) - exec_long(e, 0);
    tap_ok(exec_long(e, 0) && ticks && ticks < 1ull << 40,
           "the second is later");
    tap_ok(ticks <= (uint64_t)((t1 - t0) * (double)hz / 1e9) + 1,
           "not by more than the CPU's clock");
    tap_ok(exec_long(e, 5) > exec_long(e, 4) &&
           exec_long(e, 5) != ~0ull, "the cycle count grows");
    tap_ok(exec_long(e, 5) - exec_long(e, 4) >= SPIN,
           "by at least one for each round");
    tap_ok(exec_long(e, 2) == ~0ull && exec_long(e, 3) == ~0ull &&
           exec_long(e, 6) == ~0ull, "64 bits each, nothing around");
    exec_close(e);
}

static void op_state_other(void)
{
    Exec *e = exec_open();

    for (unsigned i = 0; i < 12; i++) {
        exec_put(e, i, 0x5a5a5a5a);
    }
    cs_move48(&e->cs, R_ADDR, e->data.va);
    cs_store_state(&e->cs, CS_STATE_DISJOINT, R_ADDR, 0, 0, 0);
    cs_store_state(&e->cs, CS_STATE_ERROR, R_ADDR, 16, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_spin(&e->cs, R_TMP, 100);
    cs_store_state(&e->cs, CS_STATE_DISJOINT, R_ADDR, 32, 0, 0);
    cs_wait(&e->cs, ALL_SB);
    tap_errno(exec_run(e), 0, "disjoint count and error status");
    tap_ok(exec_long(e, 0) != 0x5a5a5a5a5a5a5a5aull,
           "the disjoint count is stored");
    tap_eq(exec_long(e, 4), exec_long(e, 0), "it does not move by itself");
    tap_eq(exec_long(e, 2), 0, "no error");
    tap_eq(exec_long(e, 1), 0x5a5a5a5a5a5a5a5aull, "nothing between them");
    exec_close(e);
}

const GuestTest ops_mem_tests[] = {
    TEST("op-load", "LOAD_MULTIPLE: masks and offsets", op_load),
    TEST("op-store", "STORE_MULTIPLE: masks and offsets", op_store),
    TEST("op-store-cross", "loads and stores across a page",
         op_store_cross),
    TEST("op-state-time", "STORE_STATE of time and cycles", op_state_time),
    TEST("op-state-other", "STORE_STATE of disjoint count and errors",
         op_state_other),
    TEST_END,
};
