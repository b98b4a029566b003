/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Encoding of command-stream instructions: 64 bits, opcode in bits 63:56.
 *
 * Source: what the kernel emits (panthor_sched.c: prepare_job_instrs()) and
 * the public instruction descriptions of Mesa's panfrost (genxml/v10.xml ..
 * v14.xml, "CS Opcode" and the structs "CS ...").
 */
#ifndef MALI_CSF_CS_ISA_H
#define MALI_CSF_CS_ISA_H

#include <stdint.h>

enum CsOpcode {
    CS_OP_NOP = 0,
    CS_OP_MOVE48 = 1,
    CS_OP_MOVE32 = 2,
    CS_OP_WAIT = 3,
    CS_OP_RUN_COMPUTE = 4,
    CS_OP_RUN_TILING = 5,             /* v10 */
    CS_OP_RUN_IDVS = 6,               /* v10, v11 */
    CS_OP_RUN_FRAGMENT = 7,           /* up to v13 */
    CS_OP_RUN_FULLSCREEN = 8,
    CS_OP_FINISH_TILING = 9,
    CS_OP_FINISH_FRAGMENT = 11,
    CS_OP_RUN_IDVS2 = 12,             /* v12+ */
    CS_OP_RUN_FRAGMENT2 = 14,         /* v14 */
    CS_OP_ARITH_IMM32 = 16,           /* ADD_IMM32 before v13 */
    CS_OP_ARITH_IMM64 = 17,
    CS_OP_ARITH_REG32 = 18,           /* UMIN32 before v13 */
    CS_OP_LOGIC_OP32 = 19,            /* v11+ */
    CS_OP_LOAD_MULTIPLE = 20,
    CS_OP_STORE_MULTIPLE = 21,
    CS_OP_BRANCH = 22,
    CS_OP_SET_SB_ENTRY = 23,
    CS_OP_PROGRESS_WAIT = 24,         /* PROGRESS_*: not in v14 */
    CS_OP_SET_EXCEPTION_HANDLER = 25,
    CS_OP_NEXT_SB_ENTRY = 26,         /* v11+, and the next four */
    CS_OP_SET_STATE = 27,
    CS_OP_SET_STATE_IMM32 = 28,
    CS_OP_SHARED_SB_INC = 30,
    CS_OP_SHARED_SB_DEC = 31,
    CS_OP_CALL = 32,
    CS_OP_JUMP = 33,
    CS_OP_REQ_RESOURCE = 34,
    CS_OP_FLUSH_CACHE2 = 36,
    CS_OP_SYNC_ADD32 = 37,
    CS_OP_SYNC_SET32 = 38,
    CS_OP_SYNC_WAIT32 = 39,
    CS_OP_STORE_STATE = 40,
    CS_OP_PROT_REGION = 41,
    CS_OP_PROGRESS_STORE = 42,
    CS_OP_PROGRESS_LOAD = 43,
    CS_OP_RUN_COMPUTE_INDIRECT = 44,
    CS_OP_ERROR_BARRIER = 47,
    CS_OP_HEAP_SET = 48,
    CS_OP_HEAP_OPERATION = 49,
    CS_OP_TRACE_POINT = 50,
    CS_OP_SYNC_ADD64 = 51,
    CS_OP_SYNC_SET64 = 52,
    CS_OP_SYNC_WAIT64 = 53,
    CS_OP_ARITH_REG64 = 57,           /* v13+ */
    CS_OP_ENOP = 128,                 /* v14 */
};

/* BRANCH conditions; SYNC_WAIT knows LE and GT. */
enum CsCondition {
    CS_COND_LE,
    CS_COND_GT,
    CS_COND_EQ,
    CS_COND_NE,
    CS_COND_LT,
    CS_COND_GE,
    CS_COND_ALWAYS,
};

/* Sub-opcodes of ARITH_IMM*; ARITH_REG* has its own order. */
enum CsArithImm {
    CS_IMM_ADD,
    CS_IMM_LSHIFT,
    CS_IMM_RSHIFT_U,
    CS_IMM_RSHIFT_S,
    CS_IMM_BFEXT_U,
    CS_IMM_BFEXT_S,
    CS_IMM_BFINS,
    CS_IMM_UMIN,
};

enum CsArithReg {
    CS_REG_UMIN,
    CS_REG_ADD,
    CS_REG_SUB,
    CS_REG_LSHIFT,
    CS_REG_RSHIFT_U,
    CS_REG_RSHIFT_S,
    CS_REG_BFINS,
};

/* SET_STATE, NEXT_SB_ENTRY and STORE_STATE selectors. */
enum CsSetState {
    CS_SET_SB_ENDPOINT = 0,
    CS_SET_SB_OTHER = 1,
    CS_SET_SB_DEFERRED = 2,
    CS_SET_MASK_STREAM = 8,
    CS_SET_MASK_WAIT = 9,
};

enum CsSbType {
    CS_SB_NO_CHANGE,
    CS_SB_ENDPOINT,
    CS_SB_OTHER,
    CS_SB_DEFERRED,
};

enum CsStoredState {
    CS_STATE_TIMESTAMP,
    CS_STATE_CYCLES,
    CS_STATE_DISJOINT,
    CS_STATE_ERROR,
};

enum CsHeapOperation {
    CS_HEAP_VT_START = 0,
    CS_HEAP_VT_END = 1,
    CS_HEAP_FRAG_END = 3,
};

#define CS_SCOPE_SYSTEM 0
#define CS_SCOPE_CSG 2
#define CS_EXCEPTION_TILER_OOM 2

/* IDVS state register pair that points to the tiler context. */
#define CS_SR_TILER_CTX 40

static inline uint32_t cs_bits(uint64_t in, unsigned low, unsigned count)
{
    return (uint32_t)(in >> low) & ((1u << count) - 1);
}

static inline unsigned cs_op(uint64_t in)      { return in >> 56; }
static inline unsigned cs_dst(uint64_t in)     { return cs_bits(in, 48, 8); }
static inline unsigned cs_src(uint64_t in)     { return cs_bits(in, 40, 8); }
static inline unsigned cs_src2(uint64_t in)    { return cs_bits(in, 32, 8); }
static inline uint16_t cs_mask(uint64_t in)    { return cs_bits(in, 16, 16); }
static inline int32_t cs_imm32(uint64_t in)    { return (int32_t)in; }
static inline int16_t cs_offset(uint64_t in)   { return (int16_t)in; }
static inline unsigned cs_signal(uint64_t in)  { return cs_bits(in, 48, 4); }

#endif /* MALI_CSF_CS_ISA_H */
