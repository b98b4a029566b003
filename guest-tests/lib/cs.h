/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A builder of command streams for architectures 10 to 14.
 *
 * One function for each opcode. An instruction is 64 bits, its opcode bits
 * 63:56. Field positions: destination 55:48, address or source 47:40, second
 * source, length or data 39:32, masks 31:16, immediates from bit 0. Those
 * that the kernel emits itself are in panthor_sched.c: prepare_job_instrs();
 * cs_selftest() compares with them.
 */
#ifndef GUEST_CS_H
#define GUEST_CS_H

#include <stdbool.h>
#include <stdint.h>

/** cs_set_arch() - write for this architecture from now on; 10 at first. */
void cs_set_arch(unsigned arch);

/** cs_arch() - the architecture that is written for. */
unsigned cs_arch(void);

/** enum CsCond - conditions of BRANCH (value against 0) and SYNC_WAIT */
typedef enum CsCond {
    CS_LE = 0,
    CS_GT = 1,
    CS_EQ = 2,
    CS_NE = 3,
    CS_LT = 4,
    CS_GE = 5,
    CS_ALWAYS = 6,
} CsCond;

/** enum CsState - what STORE_STATE stores */
typedef enum CsState {
    CS_STATE_TIMESTAMP = 0,
    CS_STATE_CYCLES = 1,
    CS_STATE_DISJOINT = 2,
    CS_STATE_ERROR = 3,
} CsState;

/** enum CsScope - who is told about a changed synchronization object */
typedef enum CsScope {
    CS_SCOPE_SYSTEM = 0,
    CS_SCOPE_GROUP = 2,
} CsScope;

/** enum CsHeapOp - HEAP_OPERATION */
typedef enum CsHeapOp {
    CS_VT_START = 0,
    CS_VT_END = 1,
    CS_FRAG_END = 3,
} CsHeapOp;

/** enum CsSbType - NEXT_SB_ENTRY */
typedef enum CsSbType {
    CS_SB_NO_CHANGE = 0,
    CS_SB_ENDPOINT = 1,
    CS_SB_OTHER = 2,
    CS_SB_DEFERRED = 3,
} CsSbType;

/** enum CsSetState - SET_STATE */
typedef enum CsSetState {
    CS_SET_SB_ENDPOINT = 0,
    CS_SET_SB_OTHER = 1,
    CS_SET_SB_DEFERRED = 2,
    CS_SET_MASK_STREAM = 8,
    CS_SET_MASK_WAIT = 9,
} CsSetState;

/* Resources of REQ_RESOURCE. */
#define CS_RES_COMPUTE  (1u << 0)
#define CS_RES_FRAGMENT (1u << 1)
#define CS_RES_TILER    (1u << 2)
#define CS_RES_IDVS     (1u << 3)

/* Modes of FLUSH_CACHE2: clean and invalidate L2 and LSC, invalidate other. */
#define CS_FLUSH_ALL 0x233u

#define CS_EXCEPTION_TILER_OOM 2

/**
 * struct Cs - a stream being written
 * @ins: where instructions go.
 * @nr:  how many there are.
 * @max: how many fit; one more is an error of the test.
 */
typedef struct Cs {
    uint64_t *ins;
    unsigned nr;
    unsigned max;
} Cs;

/** cs_init() - start an empty stream in @mem of @bytes. */
void cs_init(Cs *cs, void *mem, uint64_t bytes);

/** cs_bytes() - length so far. */
uint32_t cs_bytes(const Cs *cs);

/** cs_emit() - any instruction word. */
void cs_emit(Cs *cs, uint64_t word);

/** cs_align() - NOPs up to a multiple of 64 bytes; the offset in bytes. */
uint32_t cs_align(Cs *cs);

void cs_nop(Cs *cs);
void cs_move48(Cs *cs, unsigned dst, uint64_t imm);
void cs_move32(Cs *cs, unsigned dst, uint32_t imm);
void cs_wait(Cs *cs, unsigned mask);
void cs_wait_progress(Cs *cs, unsigned mask);
void cs_run_compute(Cs *cs, unsigned task_inc, unsigned axis, bool progress);
void cs_run_compute_indirect(Cs *cs, unsigned per_task, bool progress);
void cs_run_tiling(Cs *cs, bool progress);
void cs_run_idvs(Cs *cs, bool malloc_enable, bool progress);
void cs_run_fragment(Cs *cs, unsigned order, bool progress);
void cs_run_fullscreen(Cs *cs, unsigned dcd, bool progress);
void cs_finish_tiling(Cs *cs);
void cs_finish_fragment(Cs *cs, bool frag_completed, unsigned first,
                        unsigned last, unsigned wait, unsigned signal);
void cs_add_imm32(Cs *cs, unsigned dst, unsigned src, int32_t imm);
void cs_add_imm64(Cs *cs, unsigned dst, unsigned src, int32_t imm);
void cs_umin32(Cs *cs, unsigned dst, unsigned src0, unsigned src1);
void cs_load(Cs *cs, unsigned base, unsigned addr, unsigned mask, int off);
void cs_store(Cs *cs, unsigned base, unsigned addr, unsigned mask, int off);
void cs_branch(Cs *cs, CsCond cond, unsigned value, int off);
void cs_set_sb_entry(Cs *cs, unsigned endpoint, unsigned other);
void cs_progress_wait(Cs *cs, unsigned queue, unsigned src);
void cs_progress_store(Cs *cs, unsigned src);
void cs_progress_load(Cs *cs, unsigned dst);
void cs_set_exception_handler(Cs *cs, unsigned type, unsigned addr,
                              unsigned len);
void cs_call(Cs *cs, unsigned addr, unsigned len);
void cs_jump(Cs *cs, unsigned addr, unsigned len);
void cs_req_resource(Cs *cs, unsigned mask);
void cs_flush_cache(Cs *cs, unsigned modes, unsigned flush_id, unsigned wait,
                    unsigned signal);
void cs_sync_add32(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate);
void cs_sync_set32(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate);
void cs_sync_wait32(Cs *cs, unsigned addr, unsigned data, CsCond cond,
                    bool reject);
void cs_sync_add64(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate);
void cs_sync_set64(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate);
void cs_sync_wait64(Cs *cs, unsigned addr, unsigned data, CsCond cond,
                    bool reject);
void cs_store_state(Cs *cs, CsState state, unsigned addr, int off,
                    unsigned wait, unsigned signal);
void cs_prot_region(Cs *cs, unsigned instructions);
void cs_error_barrier(Cs *cs);
void cs_heap_set(Cs *cs, unsigned addr);
void cs_heap_operation(Cs *cs, CsHeapOp op, unsigned wait, unsigned signal);
void cs_trace_point(Cs *cs, unsigned base, unsigned count);

/* Architecture 11 and later. */
void cs_logic_op32(Cs *cs, unsigned mode, unsigned dst, unsigned src0,
                   unsigned src1, bool index);
void cs_next_sb_entry(Cs *cs, CsSbType type, unsigned dst, bool mask);
void cs_set_state(Cs *cs, CsSetState state, unsigned src);
void cs_set_state_imm32(Cs *cs, CsSetState state, uint32_t value);
void cs_shared_sb(Cs *cs, bool increment, unsigned entry);

/* 12 and later: what SET_STATE chose in place of masks and slots. */
void cs_wait_indirect(Cs *cs);
void cs_sync_add64_indirect(Cs *cs, unsigned addr, unsigned data);

/* 13 and later; @sub as in Mesa's "CS ARITH_* Sub Opcode". */
void cs_arith_imm(Cs *cs, bool is64, unsigned sub, unsigned dst, unsigned src,
                  uint32_t imm);
void cs_arith_reg(Cs *cs, bool is64, unsigned sub, unsigned dst,
                  unsigned src0, unsigned src1, uint32_t imm);

/* 14. */
void cs_enop(Cs *cs, uint64_t data);

/**
 * cs_dump() - store registers @first..@first + @count - 1
 * @addr: even register pair that gets the address; it is clobbered.
 * @va:   where register @first goes.
 */
void cs_dump(Cs *cs, unsigned first, unsigned count, unsigned addr,
             uint64_t va);

/**
 * cs_selftest() - compare with the words that the kernel emits
 *
 * Returns NULL, or the name of the opcode whose encoding differs.
 */
const char *cs_selftest(void);

#endif /* GUEST_CS_H */
