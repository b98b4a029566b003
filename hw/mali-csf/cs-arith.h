/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arithmetic and logic of command streams beyond addition and minimum: v11
 * LOGIC_OP32, v13 ARITH_IMM* and ARITH_REG*.  Pure functions on values, 32
 * bits wide or 64.
 *
 * Shift counts are taken modulo the width; a bit field that begins outside
 * the value is empty, one that ends outside is cut.
 */
#ifndef MALI_CSF_CS_ARITH_H
#define MALI_CSF_CS_ARITH_H

#include <stdbool.h>
#include <stdint.h>

#include "cs-isa.h"

static inline uint64_t cs_field_mask(unsigned width)
{
    return width >= 64 ? UINT64_MAX : (1ull << width) - 1;
}

static inline uint64_t cs_sign_extend(uint64_t v, unsigned width)
{
    if (width && width < 64 && (v >> (width - 1) & 1)) {
        v |= ~cs_field_mask(width);
    }
    return v;
}

/* Width of the field at @pos that lies inside @bits. */
static inline unsigned cs_field_width(unsigned pos, unsigned width,
                                      unsigned bits)
{
    if (pos >= bits) {
        return 0;
    }
    return width > bits - pos ? bits - pos : width;
}

static inline uint64_t cs_bfins(uint64_t base, uint64_t v, unsigned pos,
                                unsigned width, unsigned bits)
{
    uint64_t mask = cs_field_mask(cs_field_width(pos, width, bits));

    return pos >= bits ? base : (base & ~(mask << pos)) | (v & mask) << pos;
}

static inline uint64_t cs_shift_right_s(uint64_t v, unsigned n, unsigned bits)
{
    uint64_t s = cs_sign_extend(v, bits);
    uint64_t fill = s >> 63 ? ~(UINT64_MAX >> n) : 0;

    return s >> n | fill;
}

/**
 * cs_arith_imm() - ARITH_IMM32 (@bits 32) and ARITH_IMM64 (64)
 * @a:   source, zero-extended.
 * @imm: bits 31:0 of the instruction; bit fields: position 7:0, width 15:8,
 *       value to insert 31:16.
 * Returns false if there is no such sub-opcode.
 */
static inline bool cs_arith_imm(unsigned sub, unsigned bits, uint64_t a,
                                int32_t imm, uint64_t *out)
{
    unsigned n = (uint32_t)imm & (bits - 1);
    unsigned pos = imm & 0xff;
    unsigned width = cs_field_width(pos, (uint32_t)imm >> 8 & 0xff, bits);
    uint64_t ext = (uint64_t)(int64_t)imm & cs_field_mask(bits);

    switch (sub) {
    case CS_IMM_ADD:
        *out = a + ext;
        break;
    case CS_IMM_LSHIFT:
        *out = a << n;
        break;
    case CS_IMM_RSHIFT_U:
        *out = a >> n;
        break;
    case CS_IMM_RSHIFT_S:
        *out = cs_shift_right_s(a, n, bits);
        break;
    case CS_IMM_BFEXT_U:
        *out = width ? a >> pos & cs_field_mask(width) : 0;
        break;
    case CS_IMM_BFEXT_S:
        *out = width ? cs_sign_extend(a >> pos & cs_field_mask(width), width)
                     : 0;
        break;
    case CS_IMM_BFINS:
        *out = cs_bfins(a, (uint32_t)imm >> 16, pos, width, bits);
        break;
    case CS_IMM_UMIN:
        *out = a < ext ? a : ext;
        break;
    default:
        return false;
    }
    *out &= cs_field_mask(bits);
    return true;
}

/** cs_arith_reg() - ARITH_REG32 and ARITH_REG64; @imm: bits 23:0. */
static inline bool cs_arith_reg(unsigned sub, unsigned bits, uint64_t a,
                                uint64_t b, uint32_t imm, uint64_t *out)
{
    unsigned n = (unsigned)b & (bits - 1);

    switch (sub) {
    case CS_REG_UMIN:
        *out = a < b ? a : b;
        break;
    case CS_REG_ADD:
        *out = a + b;
        break;
    case CS_REG_SUB:
        *out = a - b;
        break;
    case CS_REG_LSHIFT:
        *out = a << n;
        break;
    case CS_REG_RSHIFT_U:
        *out = a >> n;
        break;
    case CS_REG_RSHIFT_S:
        *out = cs_shift_right_s(a, n, bits);
        break;
    case CS_REG_BFINS:
        *out = cs_bfins(a, b, imm & 0xff, imm >> 8 & 0xff, bits);
        break;
    default:
        return false;
    }
    *out &= cs_field_mask(bits);
    return true;
}

/** cs_logic_op() - LOGIC_OP32: a truth table in four bits. */
static inline uint32_t cs_logic_op(unsigned mode, uint32_t a, uint32_t b)
{
    return (mode & 1 ? a & b : 0) | (mode & 2 ? a & ~b : 0) |
           (mode & 4 ? ~a & b : 0) | (mode & 8 ? ~a & ~b : 0);
}

#endif /* MALI_CSF_CS_ARITH_H */
