/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that came and went with later architectures.
 */
#include <glib.h>

#include "asm.h"
#include "rig.h"

static Rig *arch_rig(unsigned arch)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.arch_major = arch;
    cfg.regs = arch >= 12 ? 128 : 96;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    return r;
}

/* Whether @in is an instruction of @arch. */
static bool known(unsigned arch, uint64_t in)
{
    Rig *r = arch_rig(arch);
    bool dead;

    SUBMIT(r, 0, 0, in);
    rig_run(r, 100000);
    dead = rig_status(r, 0, 0).state == CS_DEAD;
    rig_free(r);
    return !dead;
}

static void opcodes_by_architecture(void)
{
    static const struct {
        uint64_t in;
        unsigned first, last;
    } c[] = {
        { OP(5), 10, 10 }, { OP(6), 10, 11 }, { OP(12), 12, 14 },
        { OP(7), 10, 13 }, { OP(14), 14, 14 }, { OP(19), 11, 14 },
        { OP(24), 10, 13 }, { OP(42), 10, 13 }, { OP(43), 10, 13 },
        { OP(26), 11, 14 }, { OP(27), 11, 14 }, { OP(28), 11, 14 },
        { OP(30), 11, 14 }, { OP(31), 11, 14 }, { OP(57), 13, 14 },
        { OP(128), 14, 14 }, { OP(2) | 96ull << 48, 12, 14 },
        { OP(16) | 1ull << 32, 10, 14 }, { OP(16) | 8ull << 32, 10, 12 },
        { OP(18) | 7ull << 24, 10, 12 }, { OP(51), 10, 14 },
    };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        for (unsigned arch = 10; arch <= 14; arch++) {
            g_assert_cmpint(known(arch, c[i].in), ==,
                            arch >= c[i].first && arch <= c[i].last);
        }
    }
}

static uint64_t i_imm(unsigned op, unsigned sub, unsigned dst, unsigned src,
                      uint32_t imm)
{
    return OP(op) | (uint64_t)dst << 48 | (uint64_t)src << 40 |
           (uint64_t)sub << 32 | imm;
}

static uint64_t i_reg(unsigned op, unsigned sub, unsigned dst, unsigned a,
                      unsigned b, uint32_t imm)
{
    return OP(op) | (uint64_t)dst << 48 | (uint64_t)a << 40 |
           (uint64_t)b << 32 | (uint64_t)sub << 24 | imm;
}

/* bit field: position, width, value */
#define BF(pos, width, v) ((uint32_t)(v) << 16 | (width) << 8 | (pos))

static void arith_imm(void)
{
    static const struct {
        unsigned op, sub;
        uint64_t a;
        uint32_t imm;
        uint64_t want;
    } c[] = {
        { 16, 0, 5, (uint32_t)-6, 0xffffffff },
        { 16, 1, 0x80000001, 4, 0x10 },
        { 16, 2, 0x80000001, 4, 0x08000000 },
        { 16, 3, 0x80000001, 4, 0xf8000000 },
        { 16, 4, 0x12345678, BF(8, 12, 0), 0x456 },
        { 16, 5, 0x00000f00, BF(8, 4, 0), 0xffffffff },
        { 16, 5, 0x00000700, BF(8, 4, 0), 7 },
        { 16, 4, 0x12345678, BF(0, 32, 0), 0x12345678 },
        { 16, 4, 0x12345678, BF(32, 4, 0), 0 },
        { 16, 4, 0x82345678, BF(28, 16, 0), 8 },
        { 16, 6, 0xffffffff, BF(8, 8, 0x1a5), 0xffffa5ff },
        { 16, 7, 10, 3, 3 }, { 16, 7, 10, (uint32_t)-1, 10 },
        { 17, 0, 1, (uint32_t)-2, ~0ull },
        { 17, 1, 1, 40, 1ull << 40 },
        { 17, 2, 1ull << 63, 60, 8 },
        { 17, 3, 1ull << 63, 60, ~7ull },
        { 17, 3, 1ull << 62, 60, 4 },
        { 17, 3, ~0ull, 0, ~0ull },
        { 17, 4, 0x123456789abcdef0ull, BF(36, 16, 0), 0x4567 },
        { 17, 5, 0xf000000000ull, BF(36, 4, 0), ~0ull },
        { 17, 6, 0, BF(60, 8, 0xff), 0xfull << 60 },
        { 17, 7, 1ull << 40, 77, 77 },
    };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        Rig *r = arch_rig(13);
        CsStream *s = r->stream;
        uint64_t got;

        s->regs[2] = (uint32_t)c[i].a;
        s->regs[3] = (uint32_t)(c[i].a >> 32);
        SUBMIT(r, 0, 0, i_imm(c[i].op, c[i].sub, 4, 2, c[i].imm));
        rig_run(r, 1000);
        got = s->regs[4] | (uint64_t)s->regs[5] << 32;
        g_assert_cmphex(got, ==, c[i].want);
        rig_free(r);
    }
}

static void arith_reg(void)
{
    static const struct {
        unsigned op, sub;
        uint64_t a, b;
        uint32_t imm;
        uint64_t want;
    } c[] = {
        { 18, 0, 3, 2, 0, 2 }, { 18, 1, 0xffffffff, 2, 0, 1 },
        { 18, 2, 1, 2, 0, 0xffffffff }, { 18, 3, 1, 33, 0, 2 },
        { 18, 4, 0x80000000, 31, 0, 1 },
        { 18, 5, 0x80000000, 31, 0, 0xffffffff },
        { 18, 6, 0, 0xff, 4 << 8 | 8, 0xf00 },
        { 57, 0, 1ull << 40, 1ull << 41, 0, 1ull << 40 },
        { 57, 1, ~0ull, 2, 0, 1 }, { 57, 2, 0, 1, 0, ~0ull },
        { 57, 3, 1, 63, 0, 1ull << 63 }, { 57, 4, 1ull << 63, 63, 0, 1 },
        { 57, 5, 1ull << 63, 63, 0, ~0ull },
        { 57, 6, ~0ull, 0, 64 << 8, 0 },
    };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        Rig *r = arch_rig(13);
        CsStream *s = r->stream;
        uint64_t got;

        s->regs[2] = (uint32_t)c[i].a;
        s->regs[3] = (uint32_t)(c[i].a >> 32);
        s->regs[6] = (uint32_t)c[i].b;
        s->regs[7] = (uint32_t)(c[i].b >> 32);
        SUBMIT(r, 0, 0, i_reg(c[i].op, c[i].sub, 4, 2, 6, c[i].imm));
        rig_run(r, 1000);
        got = s->regs[4] | (uint64_t)s->regs[5] << 32;
        g_assert_cmphex(got, ==, c[i].want);
        rig_free(r);
    }
}

static void logic_op(void)
{
    for (unsigned mode = 0; mode < 16; mode++) {
        Rig *r = arch_rig(11);
        CsStream *s = r->stream;
        uint32_t want = (mode & 1 ? 8 : 0) | (mode & 2 ? 4 : 0) |
                        (mode & 4 ? 2 : 0) | (mode & 8 ? ~14u : 0);

        s->regs[2] = 0xc;
        s->regs[3] = 0xa;
        SUBMIT(r, 0, 0, OP(19) | 4ull << 48 | 2ull << 40 | 3ull << 32 | mode,
               OP(19) | 5ull << 48 | 2ull << 40 | 3ull << 32 | 0x17);
        rig_run(r, 1000);
        g_assert_cmphex(s->regs[4], ==, want);
        g_assert_cmphex(s->regs[5], ==, 0xc | 1 << 10);
        rig_free(r);
    }
}

/* SET_STATE names, NEXT_SB_ENTRY types, and resources with ray tracing. */
static void other_entry_and_resources(void)
{
    Rig *r = arch_rig(12);
    CsStream *s = r->stream;

    SUBMIT(r, 0, 0, OP(28) | 1ull << 32 | 2, OP(28) | 8ull << 32 | 0x06,
           OP(26) | 2ull << 32 | 10ull << 48, OP(26) | 3ull << 32 | 11ull << 48,
           OP(26) | 12ull << 48, i_req(0x1f));
    rig_run(r, 10000);
    g_assert_cmpuint(s->regs[10], ==, 1);
    g_assert_cmpuint(s->sb_other, ==, 1);
    g_assert_cmpuint(s->regs[11], ==, 1);
    g_assert_cmpuint(s->sb_deferred, ==, 1);
    g_assert_cmpuint(s->regs[12], ==, 2);
    g_assert_cmpuint(s->sb_deferred, ==, 1);
    g_assert_cmphex(rig_status(r, 0, 0).resources, ==, 0x1f);
    rig_free(r);
}

static void shared_scoreboards_count_progress(void)
{
    Rig *r = arch_rig(11);

    SUBMIT(r, 0, 0, OP(30) | 1ull << 32, OP(31) | 1ull << 32, OP(31));
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].progress, ==, 2);
    rig_free(r);
}

/* From v12 the selector of STORE_STATE has 8 bits: 4 is not 0. */
static void stored_state_selector(void)
{
    for (unsigned arch = 10; arch <= 12; arch += 2) {
        Rig *r = arch_rig(arch);

        SUBMIT(r, 0, 0, i_move48(0, DATA), i_store_state(1 | 4, 0, 0, 0, 0));
        rig_run(r, 10000);
        g_assert_cmpint(rig_get64(r, DATA) != 0, ==, arch == 10);
        rig_free(r);
    }
}

/* Iterate over entries 3..5 the way later user-space drivers do. */
static void scoreboard_selection_state(void)
{
    Rig *r = arch_rig(12);
    CsStream *s = r->stream;

    SUBMIT(r, 0, 0,
           OP(28) | 8ull << 32 | 0x38,            /* SB_MASK_STREAM */
           OP(28) | 0ull << 32 | 3,               /* SB_SEL_ENDPOINT */
           OP(26) | 1ull << 32 | 10ull << 48,     /* next endpoint, index */
           OP(26) | 1ull << 32 | 11ull << 48,
           OP(26) | 1ull << 32 | 12ull << 48 | 1ull << 36,
           OP(27) | 2ull << 32 | 10ull << 40,     /* SB_SEL_DEFERRED = r10 */
           OP(28) | 9ull << 32 | 0x08);           /* SB_MASK_WAIT */
    rig_run(r, 10000);
    g_assert_cmpuint(s->regs[10], ==, 4);
    g_assert_cmpuint(s->regs[11], ==, 5);
    g_assert_cmphex(s->regs[12], ==, 1 << 3);
    g_assert_cmpuint(s->sb_endpoint, ==, 3);
    g_assert_cmpuint(s->sb_deferred, ==, 4);

    /* An indirectly deferred add waits for entry 3 and signals entry 4. */
    SUBMIT(r, 0, 0, i_move48(0, DATA), i_move48(2, 1), OP(4),
           i_sync(51, 0, 2, false, 0, 0, 0) | 1ull << 52,
           OP(3) | 1ull << 33, i_store_state(1, 0, 16, 0, 0));
    rig_run(r, 200);
    g_assert_cmphex(rig_status(r, 0, 0).scoreboards, ==, 0x18);
    rig_run(r, 100000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpuint(rig_get64(r, DATA + 16), >, 20000);
    rig_free(r);
}

static void wait_mask_has_sixteen_bits_from_v12(void)
{
    for (unsigned arch = 10; arch <= 12; arch += 2) {
        CsExecConfig cfg = rig_config();
        Rig *r;

        cfg.arch_major = arch;
        cfg.scoreboards = 16;
        r = rig_new(&cfg);
        rig_start(r, 0, 0);
        SUBMIT(r, 0, 0, i_move48(0, DATA), i_sb(9, 0), OP(4),
               i_wait(1 << 9), i_store_state(1, 0, 0, 0, 0));
        rig_run(r, 100000);
        g_assert_cmpint(rig_get64(r, DATA) > 10000, ==, arch == 12);
        rig_free(r);
    }
}

static void fields_that_must_fit(void)
{
    g_assert_false(known(12, OP(28) | 0ull << 32 | 8));
    g_assert_false(known(12, OP(28) | 5ull << 32));
    g_assert_false(known(12, OP(26) | 4ull << 32));
    g_assert_false(known(12, OP(26) | 128ull << 48));
    g_assert_false(known(12, OP(27) | 128ull << 40));
    g_assert_false(known(12, OP(19) | 128ull << 40));
    g_assert_false(known(13, i_imm(17, 1, 1, 0, 0)));
    g_assert_false(known(13, i_imm(17, 1, 0, 1, 0)));
    g_assert_false(known(13, i_imm(16, 1, 128, 0, 0)));
    g_assert_false(known(13, i_imm(16, 1, 0, 128, 0)));
    g_assert_false(known(13, i_reg(57, 1, 0, 0, 1, 0)));
    g_assert_false(known(13, i_reg(57, 1, 0, 1, 0, 0)));
    g_assert_false(known(13, i_reg(18, 1, 0, 0, 128, 0)));
    g_assert_false(known(13, i_reg(18, 7, 0, 0, 0, 0)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/arch/opcodes-by-architecture",
                    opcodes_by_architecture);
    g_test_add_func("/exec/arch/arith-imm", arith_imm);
    g_test_add_func("/exec/arch/arith-reg", arith_reg);
    g_test_add_func("/exec/arch/logic-op", logic_op);
    g_test_add_func("/exec/arch/other-entry-and-resources",
                    other_entry_and_resources);
    g_test_add_func("/exec/arch/shared-scoreboards-count-progress",
                    shared_scoreboards_count_progress);
    g_test_add_func("/exec/arch/stored-state-selector", stored_state_selector);
    g_test_add_func("/exec/arch/scoreboard-selection-state",
                    scoreboard_selection_state);
    g_test_add_func("/exec/arch/wait-mask-has-sixteen-bits-from-v12",
                    wait_mask_has_sixteen_bits_from_v12);
    g_test_add_func("/exec/arch/fields-that-must-fit", fields_that_must_fit);
    return g_test_run();
}
