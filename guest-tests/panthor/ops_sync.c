/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opcodes on synchronization objects in memory, inside one queue: the value,
 * the status word beside it, and waits that need not wait.
 */
#include <string.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_RESULT 1024
#define JUNK 0xa5a5a5a5u

/* An object in the data buffer: value, status, all else JUNK. */
static void object32(Exec *e, unsigned w, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++) {
        exec_put(e, w + i, JUNK);
    }
    exec_put(e, w, value);
}

static void object64(Exec *e, unsigned w, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        exec_put(e, w + i, JUNK);
    }
    exec_put(e, w, value);
    exec_put(e, w + 1, value >> 32);
}

static void op_sync_write32(void)
{
    Exec *e = exec_open();
    const uint32_t old = rng_u32();
    const uint32_t arg = rng_u32();
    const CsScope scopes[] = { CS_SCOPE_SYSTEM, CS_SCOPE_GROUP };
    unsigned w = 0;

    for (unsigned i = 0; i < 8; i++, w += 16) {
        bool set = i & 1;
        CsScope scope = scopes[i >> 1 & 1];
        bool propagate = i >> 2 & 1;

        object32(e, w, old);
        cs_move48(&e->cs, R_ADDR, exec_va(e, w));
        cs_move32(&e->cs, R_DATA, arg);
        if (set) {
            cs_sync_set32(&e->cs, R_ADDR, R_DATA, scope, propagate);
        } else {
            cs_sync_add32(&e->cs, R_ADDR, R_DATA, scope, propagate);
        }
    }
    tap_errno(exec_run(e), 0, "SYNC_ADD32 and SYNC_SET32");
    for (unsigned i = 0, w = 0; i < 8; i++, w += 16) {
        bool set = i & 1;

        tap_ok(exec_word(e, w) == (set ? arg : old + arg) &&
               exec_word(e, w + 1) == 0 && exec_word(e, w + 2) == JUNK,
               "%s32, %s scope%s: value, status 0, nothing behind",
               set ? "SET" : "ADD", i >> 1 & 1 ? "group" : "system",
               i >> 2 ? ", propagating errors" : "");
    }
    exec_close(e);
}

static void op_sync_write64(void)
{
    Exec *e = exec_open();
    const uint64_t old = 0xfffffff0ull | rng_u64() << 32;
    const uint64_t arg = (rng_u64() & 0xffffffffffffull) | 0x80;
    const CsScope scopes[] = { CS_SCOPE_SYSTEM, CS_SCOPE_GROUP };
    unsigned w = 0;

    for (unsigned i = 0; i < 8; i++, w += 16) {
        object64(e, w, old);
        cs_move48(&e->cs, R_ADDR, exec_va(e, w));
        cs_move48(&e->cs, R_DATA, arg);
        if (i & 1) {
            cs_sync_set64(&e->cs, R_ADDR, R_DATA, scopes[i >> 1 & 1], i >> 2);
        } else {
            cs_sync_add64(&e->cs, R_ADDR, R_DATA, scopes[i >> 1 & 1], i >> 2);
        }
    }
    tap_errno(exec_run(e), 0, "SYNC_ADD64 and SYNC_SET64");
    for (unsigned i = 0; i < 8; i++) {
        bool set = i & 1;

        tap_ok(exec_long(e, 8 * i) == (set ? arg : old + arg) &&
               exec_word(e, 16 * i + 2) == 0 &&
               exec_word(e, 16 * i + 4) == JUNK,
               "%s64, %s scope%s: value, status 0, nothing behind",
               set ? "SET" : "ADD", i >> 1 & 1 ? "group" : "system",
               i >> 2 ? ", propagating errors" : "");
    }
    exec_close(e);
}

/* Waits that hold at once must let the stream through. */
static void op_sync_wait32(void)
{
    const struct {
        uint32_t mem;
        uint32_t ref;
        CsCond cond;
    } c[] = {
        { 5, 5, CS_LE }, { 4, 5, CS_LE }, { 0, 0xffffffff, CS_LE },
        { 6, 5, CS_GT }, { 0xffffffff, 0x7fffffff, CS_GT },
        { 0x80000000, 1, CS_GT },
    };
    Exec *e = exec_open();
    uint32_t value = rng_u32();

    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        object32(e, 16 * i, c[i].mem);
        exec_put(e, 16 * i + 1, 0);
        cs_move48(&e->cs, R_ADDR, exec_va(e, 16 * i));
        cs_move32(&e->cs, R_DATA, c[i].ref);
        cs_sync_wait32(&e->cs, R_ADDR, R_DATA, c[i].cond, i & 1);
        cs_put32(&e->cs, exec_va(e, W_RESULT + i), value + i);
    }
    tap_errno(exec_run(e), 0, "SYNC_WAIT32 with conditions that hold");
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        tap_ok(exec_word(e, W_RESULT + i) == value + i &&
               exec_word(e, 16 * i) == c[i].mem, "0x%x %s 0x%x", c[i].mem,
               c[i].cond == CS_GT ? ">" : "<=", c[i].ref);
    }
    exec_close(e);
}

static void op_sync_wait64(void)
{
    const struct {
        uint64_t mem;
        uint64_t ref;
        CsCond cond;
    } c[] = {
        { 5, 5, CS_LE }, { 0xffffffff, 0x100000000ull, CS_LE },
        { 0x100000000ull, 0xffffffff, CS_GT },
        { ~0ull, 0xffffffffffffull, CS_GT },
        { 1ull << 63, 1, CS_GT },
    };
    Exec *e = exec_open();
    uint32_t value = rng_u32();

    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        object64(e, 16 * i, c[i].mem);
        exec_put(e, 16 * i + 2, 0);
        cs_move48(&e->cs, R_ADDR, exec_va(e, 16 * i));
        cs_move48(&e->cs, R_DATA, c[i].ref);
        cs_sync_wait64(&e->cs, R_ADDR, R_DATA, c[i].cond, i & 1);
        cs_put32(&e->cs, exec_va(e, W_RESULT + i), value + i);
    }
    tap_errno(exec_run(e), 0, "SYNC_WAIT64 with conditions that hold");
    for (unsigned i = 0; i < ARRAY_SIZE(c); i++) {
        tap_ok(exec_word(e, W_RESULT + i) == value + i, "0x%llx %s 0x%llx",
               (unsigned long long)c[i].mem, c[i].cond == CS_GT ? ">" : "<=",
               (unsigned long long)c[i].ref);
    }
    exec_close(e);
}

/* An object that carries an error, and a wait that rejects the error. */
static void op_sync_reject(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();

    object32(e, 0, 1);
    exec_put(e, 1, 1);
    cs_move48(&e->cs, R_ADDR, exec_va(e, 0));
    cs_move32(&e->cs, R_DATA, 0);
    cs_sync_wait32(&e->cs, R_ADDR, R_DATA, CS_GT, true);
    cs_put32(&e->cs, exec_va(e, W_RESULT), value);
    tap_errno(exec_run(e), 0, "a wait that rejects the object's error");
    tap_eq(exec_word(e, W_RESULT), value, "goes on");
    exec_close(e);
}

const GuestTest ops_sync_tests[] = {
    TEST("op-sync-write32", "SYNC_ADD32, SYNC_SET32", op_sync_write32),
    TEST("op-sync-write64", "SYNC_ADD64, SYNC_SET64", op_sync_write64),
    TEST("op-sync-wait32", "SYNC_WAIT32 that need not wait",
         op_sync_wait32),
    TEST("op-sync-wait64", "SYNC_WAIT64 that need not wait",
         op_sync_wait64),
    TEST("op-sync-reject", "SYNC_WAIT32 that rejects errors",
         op_sync_reject),
    TEST_END,
};
