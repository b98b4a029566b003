/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SYNC_WAIT across queues and groups: whoever comes first, the waiter goes on
 * when the value comes and not before.
 */
#include <errno.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_OBJECT 0
#define W_SOURCE 16
#define W_RESULT 1024

typedef struct Case {
    bool wide;
    CsCond cond;
    CsScope scope;
    bool waiter_first;
} Case;

/* What the object holds before, and what the signaller makes of it. */
static void values(const Case *c, uint64_t *before, uint64_t *ref,
                   uint64_t *after)
{
    uint64_t top = c->wide ? 0x300000000ull : 0x30000;

    *ref = top + (rng_u32() & 0xfff);
    if (c->cond == CS_GT) {
        *before = *ref;
        *after = *ref + 1;
    } else {
        *before = *ref + 1;
        *after = *ref;
    }
}

/* Waits, then copies the source word to the result word. */
static void waiter(Cs *cs, Exec *e, const Case *c, uint64_t ref)
{
    cs_move48(cs, R_ADDR, exec_va(e, W_OBJECT));
    cs_move48(cs, R_DATA, ref);
    if (c->wide) {
        cs_sync_wait64(cs, R_ADDR, R_DATA, c->cond, true);
    } else {
        cs_sync_wait32(cs, R_ADDR, R_DATA, c->cond, true);
    }
    cs_move48(cs, R_ADDR, exec_va(e, W_SOURCE));
    cs_load(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
    cs_move48(cs, R_ADDR, exec_va(e, W_RESULT));
    cs_store(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
}

/* Takes its time, writes the source word, then the object. */
static void signaller(Cs *cs, Exec *e, const Case *c, uint32_t source,
                      uint64_t before, uint64_t after)
{
    cs_spin(cs, R_TMP, 2000);
    cs_put32(cs, exec_va(e, W_SOURCE), source);
    cs_move48(cs, R_ADDR, exec_va(e, W_OBJECT));
    if (c->cond == CS_GT) {
        cs_move48(cs, R_DATA, after - before);
        if (c->wide) {
            cs_sync_add64(cs, R_ADDR, R_DATA, c->scope, false);
        } else {
            cs_sync_add32(cs, R_ADDR, R_DATA, c->scope, false);
        }
    } else {
        cs_move48(cs, R_DATA, after);
        if (c->wide) {
            cs_sync_set64(cs, R_ADDR, R_DATA, c->scope, false);
        } else {
            cs_sync_set32(cs, R_ADDR, R_DATA, c->scope, false);
        }
    }
}

static void one(Exec *e, uint32_t gw, unsigned qw, uint32_t gs, unsigned qs,
                const Case *c)
{
    uint32_t source = rng_u32() | 1;
    uint32_t done[2] = { px_syncobj(e->p, false), px_syncobj(e->p, false) };
    Stream w = exec_stream(e, 0);
    Stream s = exec_stream(e, 1);
    uint64_t before;
    uint64_t ref;
    uint64_t after;
    bool early = false;
    int ret;

    values(c, &before, &ref, &after);
    exec_put(e, W_OBJECT, before);
    exec_put(e, W_OBJECT + 1, c->wide ? before >> 32 : 0);
    exec_put(e, W_OBJECT + 2, 0);
    exec_put(e, W_SOURCE, 0);
    exec_put(e, W_RESULT, 0);
    waiter(&w.cs, e, c, ref);
    signaller(&s.cs, e, c, source, before, after);
    if (c->waiter_first) {
        ret = exec_go(e, gw, qw, &w, 0, done[0]);
        sleep_ms(15);
        early = px_fence_error(e->p, done[0]) != -EBUSY;
        ret |= exec_go(e, gs, qs, &s, 0, done[1]);
    } else {
        ret = exec_go(e, gs, qs, &s, 0, done[1]);
        ret |= exec_go(e, gw, qw, &w, 0, done[0]);
    }
    ret |= exec_finish(e, done[1]);
    ret |= exec_finish(e, done[0]);
    tap_ok(!ret && !early && exec_word(e, W_RESULT) == source &&
           exec_word(e, W_OBJECT) == (uint32_t)after,
           "%u bits, %s, %s scope, the %s comes first", c->wide ? 64 : 32,
           c->cond == CS_GT ? "GT" : "LE",
           c->scope == CS_SCOPE_SYSTEM ? "system" : "group",
           c->waiter_first ? "waiter" : "signaller");
    if (ret || early || exec_word(e, W_RESULT) != source) {
        tap_diag("ret %d, early %d, result 0x%x, source 0x%x", ret, early,
                 exec_word(e, W_RESULT), source);
    }
    px_syncobj_free(e->p, done[0]);
    px_syncobj_free(e->p, done[1]);
}

static void wait_queues(void)
{
    Exec *e = exec_open_queues(3, 4 * KiB);

    for (unsigned i = 0; i < 16; i++) {
        Case c = {
            .wide = i & 1, .cond = i & 2 ? CS_GT : CS_LE,
            .scope = i & 4 ? CS_SCOPE_GROUP : CS_SCOPE_SYSTEM,
            .waiter_first = i & 8,
        };

        one(e, e->group, i & 1 ? 2 : 0, e->group, 1, &c);
    }
    exec_close(e);
}

static void wait_groups(void)
{
    Exec *e = exec_open();
    uint32_t other = px_group(e->p, e->vm, 2, 4 * KiB);

    for (unsigned i = 0; i < 8; i++) {
        Case c = {
            .wide = i & 1, .cond = i & 2 ? CS_GT : CS_LE,
            .scope = CS_SCOPE_SYSTEM, .waiter_first = i & 4,
        };

        if (i & 1) {
            one(e, e->group, 0, other, 1, &c);
        } else {
            one(e, other, 1, e->group, 0, &c);
        }
    }
    exec_close(e);
}

/* Groups in two VMs that share one buffer. */
static void wait_vms(void)
{
    enum { ROUNDS = 6 };
    Exec *a = exec_open();
    uint32_t vm = px_vm(a->p);
    uint32_t group;
    uint32_t done[2] = { px_syncobj(a->p, false), px_syncobj(a->p, false) };
    unsigned failed = 0;
    Bo code;

    code = px_bo(a->p, vm, 64 * KiB, 0);
    px_map(a->p, vm, a->data.handle, 0, a->data.va, a->data.size, 0);
    group = px_group(a->p, vm, 1, 4 * KiB);
    for (unsigned r = 0; r < ROUNDS; r++) {
        struct drm_panthor_sync_op op = sync_signal_op(done[1]);
        Case c = { .wide = r & 1, .cond = CS_GT, .scope = CS_SCOPE_SYSTEM };
        uint32_t source = rng_u32();
        Stream w = exec_stream(a, r);
        Cs s;

        exec_put(a, W_OBJECT, r);
        exec_put(a, W_OBJECT + 1, 0);
        cs_init(&s, code.map, code.size);
        signaller(&s, a, &c, source, r, r + 1);
        waiter(&w.cs, a, &c, r);
        failed += exec_go(a, a->group, 0, &w, 0, done[0]) != 0;
        if (r & 2) {
            sleep_ms(12);
        }
        px_syncobj_reset(a->p, done[1]);
        failed += px_submit(a->p, group, 0, code.va, cs_bytes(&s), &op, 1) !=
                  0;
        failed += exec_finish(a, done[0]) != 0;
        failed += exec_finish(a, done[1]) != 0;
        failed += exec_word(a, W_RESULT) != source;
    }
    tap_eq(failed, 0, "six rounds between groups of two VMs");
    exec_close(a);
}

/*
 * A token goes round: each group waits for its number, sets the next. Where
 * not all have slots, somebody has to wake those that were evicted.
 */
static void wait_ring(void)
{
    enum { GROUPS = 6, ROUNDS = 8 };
    Exec *e = exec_open();
    int (*finish)(Exec *e, uint32_t sync) =
        e->p->csif.csg_slot_count > GROUPS ? exec_finish : exec_finish_nudging;
    uint32_t group[GROUPS];
    uint32_t done[GROUPS];
    unsigned failed = 0;
    Stream kick = exec_stream(e, GROUPS);

    for (unsigned g = 0; g < GROUPS; g++) {
        Stream s = exec_stream(e, g);

        group[g] = px_group(e->p, e->vm, 1, 4 * KiB);
        done[g] = px_syncobj(e->p, false);
        /* r0: rounds left, r2: the number it waits for. */
        cs_move32(&s.cs, 0, ROUNDS);
        cs_move32(&s.cs, 2, g);
        cs_move48(&s.cs, R_ADDR, exec_va(e, W_OBJECT));
        cs_sync_wait32(&s.cs, R_ADDR, 2, CS_GT, true);
        cs_add_imm32(&s.cs, 4, 2, 2);
        cs_move32(&s.cs, R_TMP, 1);
        cs_sync_add32(&s.cs, R_ADDR, R_TMP, CS_SCOPE_SYSTEM, false);
        cs_add_imm32(&s.cs, 2, 2, GROUPS);
        cs_add_imm32(&s.cs, 0, 0, -1);
        cs_branch(&s.cs, CS_GT, 0, -7);
        cs_dump(&s.cs, 4, 1, R_ADDR, exec_va(e, W_RESULT + g));
        failed += exec_go(e, group[g], 0, &s, 0, done[g]) != 0;
    }
    cs_move48(&kick.cs, R_ADDR, exec_va(e, W_OBJECT));
    cs_move32(&kick.cs, R_DATA, 1);
    cs_sync_add32(&kick.cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    sleep_ms(20);
    failed += exec_go(e, e->group, 0, &kick, 0, e->sync) != 0;
    failed += exec_done(e) != 0;
    for (unsigned g = 0; g < GROUPS; g++) {
        failed += finish(e, done[g]) != 0;
        failed += exec_word(e, W_RESULT + g) !=
                  GROUPS * (ROUNDS - 1) + g + 2;
    }
    tap_eq(failed, 0, "a token passes six groups eight times");
    tap_eq(exec_word(e, W_OBJECT), GROUPS * ROUNDS + 1,
           "and was counted each time");
    exec_close(e);
}

const GuestTest waits_tests[] = {
    TEST("wait-queues", "SYNC_WAIT between queues of a group", wait_queues),
    TEST("wait-groups", "SYNC_WAIT between groups", wait_groups),
    TEST("wait-vms", "SYNC_WAIT between groups of two VMs", wait_vms),
    TEST("wait-ring", "groups hand a token on", wait_ring),
    TEST_END,
};
