/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "cs.h"
#include "tap.h"

typedef enum CsOp {
    OP_NOP = 0,
    OP_MOVE48 = 1,
    OP_MOVE32 = 2,
    OP_WAIT = 3,
    OP_RUN_COMPUTE = 4,
    OP_RUN_TILING = 5,
    OP_RUN_IDVS = 6,
    OP_RUN_FRAGMENT = 7,
    OP_RUN_FULLSCREEN = 8,
    OP_FINISH_TILING = 9,
    OP_FINISH_FRAGMENT = 11,
    OP_RUN_IDVS2 = 12,
    OP_RUN_FRAGMENT2 = 14,
    OP_ADD_IMM32 = 16,
    OP_ADD_IMM64 = 17,
    OP_UMIN32 = 18,
    OP_LOGIC_OP32 = 19,
    OP_LOAD_MULTIPLE = 20,
    OP_STORE_MULTIPLE = 21,
    OP_BRANCH = 22,
    OP_SET_SB_ENTRY = 23,
    OP_PROGRESS_WAIT = 24,
    OP_SET_EXCEPTION_HANDLER = 25,
    OP_NEXT_SB_ENTRY = 26,
    OP_SET_STATE = 27,
    OP_SET_STATE_IMM32 = 28,
    OP_SHARED_SB_INC = 30,
    OP_SHARED_SB_DEC = 31,
    OP_CALL = 32,
    OP_JUMP = 33,
    OP_REQ_RESOURCE = 34,
    OP_FLUSH_CACHE2 = 36,
    OP_SYNC_ADD32 = 37,
    OP_SYNC_SET32 = 38,
    OP_SYNC_WAIT32 = 39,
    OP_STORE_STATE = 40,
    OP_PROT_REGION = 41,
    OP_PROGRESS_STORE = 42,
    OP_PROGRESS_LOAD = 43,
    OP_RUN_COMPUTE_INDIRECT = 44,
    OP_ERROR_BARRIER = 47,
    OP_HEAP_SET = 48,
    OP_HEAP_OPERATION = 49,
    OP_TRACE_POINT = 50,
    OP_SYNC_ADD64 = 51,
    OP_SYNC_SET64 = 52,
    OP_SYNC_WAIT64 = 53,
    OP_ARITH_REG64 = 57,
    OP_ENOP = 128,
} CsOp;

static unsigned written_arch = 10;

void cs_set_arch(unsigned arch)
{
    written_arch = arch;
}

unsigned cs_arch(void)
{
    return written_arch;
}

static uint64_t op(CsOp o)
{
    return (uint64_t)o << 56;
}

/* Field of @value with its lowest bit at @shift. */
static uint64_t f(uint64_t value, unsigned shift)
{
    return value << shift;
}

void cs_init(Cs *cs, void *mem, uint64_t bytes)
{
    cs->ins = mem;
    cs->nr = 0;
    cs->max = bytes / 8;
}

uint32_t cs_bytes(const Cs *cs)
{
    return cs->nr * 8;
}

void cs_emit(Cs *cs, uint64_t word)
{
    if (cs->nr == cs->max) {
        tap_die("the stream fits its buffer");
    }
    cs->ins[cs->nr++] = word;
}

uint32_t cs_align(Cs *cs)
{
    while (cs->nr % 8) {
        cs_nop(cs);
    }
    return cs_bytes(cs);
}

void cs_nop(Cs *cs)
{
    cs_emit(cs, op(OP_NOP));
}

void cs_move48(Cs *cs, unsigned dst, uint64_t imm)
{
    cs_emit(cs, op(OP_MOVE48) | f(dst, 48) | (imm & 0xffffffffffffull));
}

void cs_move32(Cs *cs, unsigned dst, uint32_t imm)
{
    cs_emit(cs, op(OP_MOVE32) | f(dst, 48) | imm);
}

void cs_wait(Cs *cs, unsigned mask)
{
    cs_emit(cs, op(OP_WAIT) | f(mask & 0xff, 16));
}

void cs_wait_progress(Cs *cs, unsigned mask)
{
    cs_emit(cs, op(OP_WAIT) | f(1, 32) | f(mask & 0xff, 16));
}

void cs_run_compute(Cs *cs, unsigned task_inc, unsigned axis, bool progress)
{
    cs_emit(cs, op(OP_RUN_COMPUTE) | f(progress, 32) | f(axis & 3, 14) |
            (task_inc & 0x3fff));
}

void cs_run_compute_indirect(Cs *cs, unsigned per_task, bool progress)
{
    cs_emit(cs, op(OP_RUN_COMPUTE_INDIRECT) | f(progress, 32) |
            (per_task & 0xffff));
}

void cs_run_tiling(Cs *cs, bool progress)
{
    cs_emit(cs, op(OP_RUN_TILING) | f(progress, 32));
}

void cs_run_idvs(Cs *cs, bool malloc_enable, bool progress)
{
    cs_emit(cs, op(written_arch < 12 ? OP_RUN_IDVS : OP_RUN_IDVS2) |
            f(malloc_enable, 33) | f(progress, 32));
}

void cs_run_fragment(Cs *cs, unsigned order, bool progress)
{
    cs_emit(cs, op(written_arch < 14 ? OP_RUN_FRAGMENT : OP_RUN_FRAGMENT2) |
            f(progress, 32) | f(order & 0xf, 4));
}

void cs_run_fullscreen(Cs *cs, unsigned dcd, bool progress)
{
    cs_emit(cs, op(OP_RUN_FULLSCREEN) | f(dcd, 40) | f(progress, 32));
}

void cs_finish_tiling(Cs *cs)
{
    cs_emit(cs, op(OP_FINISH_TILING));
}

void cs_finish_fragment(Cs *cs, bool frag_completed, unsigned first,
                        unsigned last, unsigned wait, unsigned signal)
{
    cs_emit(cs, op(OP_FINISH_FRAGMENT) | f(signal & 0xf, 48) | f(first, 40) |
            f(last, 32) | f(wait & 0xffff, 16) | frag_completed);
}

void cs_add_imm32(Cs *cs, unsigned dst, unsigned src, int32_t imm)
{
    cs_emit(cs, op(OP_ADD_IMM32) | f(dst, 48) | f(src, 40) | (uint32_t)imm);
}

void cs_add_imm64(Cs *cs, unsigned dst, unsigned src, int32_t imm)
{
    cs_emit(cs, op(OP_ADD_IMM64) | f(dst, 48) | f(src, 40) | (uint32_t)imm);
}

void cs_umin32(Cs *cs, unsigned dst, unsigned src0, unsigned src1)
{
    cs_emit(cs, op(OP_UMIN32) | f(dst, 48) | f(src0, 40) | f(src1, 32));
}

void cs_load(Cs *cs, unsigned base, unsigned addr, unsigned mask, int off)
{
    cs_emit(cs, op(OP_LOAD_MULTIPLE) | f(base, 48) | f(addr, 40) |
            f(mask & 0xffff, 16) | (uint16_t)off);
}

void cs_store(Cs *cs, unsigned base, unsigned addr, unsigned mask, int off)
{
    cs_emit(cs, op(OP_STORE_MULTIPLE) | f(base, 48) | f(addr, 40) |
            f(mask & 0xffff, 16) | (uint16_t)off);
}

void cs_branch(Cs *cs, CsCond cond, unsigned value, int off)
{
    cs_emit(cs, op(OP_BRANCH) | f(value, 40) | f(cond, 28) | (uint16_t)off);
}

void cs_set_sb_entry(Cs *cs, unsigned endpoint, unsigned other)
{
    cs_emit(cs, op(OP_SET_SB_ENTRY) | f(other & 0xf, 4) | (endpoint & 0xf));
}

void cs_progress_wait(Cs *cs, unsigned queue, unsigned src)
{
    cs_emit(cs, op(OP_PROGRESS_WAIT) | f(src, 40) | (queue & 0x1f));
}

void cs_progress_store(Cs *cs, unsigned src)
{
    cs_emit(cs, op(OP_PROGRESS_STORE) | f(src, 40));
}

void cs_progress_load(Cs *cs, unsigned dst)
{
    cs_emit(cs, op(OP_PROGRESS_LOAD) | f(dst, 48));
}

void cs_set_exception_handler(Cs *cs, unsigned type, unsigned addr,
                              unsigned len)
{
    cs_emit(cs, op(OP_SET_EXCEPTION_HANDLER) | f(addr, 40) | f(len, 32) |
            (type & 0xff));
}

void cs_call(Cs *cs, unsigned addr, unsigned len)
{
    cs_emit(cs, op(OP_CALL) | f(addr, 40) | f(len, 32));
}

void cs_jump(Cs *cs, unsigned addr, unsigned len)
{
    cs_emit(cs, op(OP_JUMP) | f(addr, 40) | f(len, 32));
}

void cs_req_resource(Cs *cs, unsigned mask)
{
    cs_emit(cs, op(OP_REQ_RESOURCE) | (mask & 0xf));
}

void cs_flush_cache(Cs *cs, unsigned modes, unsigned flush_id, unsigned wait,
                    unsigned signal)
{
    cs_emit(cs, op(OP_FLUSH_CACHE2) | f(signal & 0xf, 48) | f(flush_id, 40) |
            f(wait & 0xffff, 16) | (modes & 0xfff));
}

static void sync_op(Cs *cs, CsOp o, unsigned addr, unsigned data,
                    CsScope scope, bool propagate)
{
    cs_emit(cs, op(o) | f(addr, 40) | f(data, 32) | f(scope, 1) | propagate);
}

static void sync_wait(Cs *cs, CsOp o, unsigned addr, unsigned data,
                      CsCond cond, bool reject)
{
    cs_emit(cs, op(o) | f(addr, 40) | f(data, 32) | f(cond, 28) | reject);
}

void cs_sync_add32(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate)
{
    sync_op(cs, OP_SYNC_ADD32, addr, data, scope, propagate);
}

void cs_sync_set32(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate)
{
    sync_op(cs, OP_SYNC_SET32, addr, data, scope, propagate);
}

void cs_sync_wait32(Cs *cs, unsigned addr, unsigned data, CsCond cond,
                    bool reject)
{
    sync_wait(cs, OP_SYNC_WAIT32, addr, data, cond, reject);
}

void cs_sync_add64(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate)
{
    sync_op(cs, OP_SYNC_ADD64, addr, data, scope, propagate);
}

void cs_sync_set64(Cs *cs, unsigned addr, unsigned data, CsScope scope,
                   bool propagate)
{
    sync_op(cs, OP_SYNC_SET64, addr, data, scope, propagate);
}

void cs_sync_wait64(Cs *cs, unsigned addr, unsigned data, CsCond cond,
                    bool reject)
{
    sync_wait(cs, OP_SYNC_WAIT64, addr, data, cond, reject);
}

void cs_store_state(Cs *cs, CsState state, unsigned addr, int off,
                    unsigned wait, unsigned signal)
{
    cs_emit(cs, op(OP_STORE_STATE) | f(signal & 0xf, 48) | f(addr, 40) |
            f(state, 32) | f(wait & 0xffff, 16) | (uint16_t)off);
}

void cs_prot_region(Cs *cs, unsigned instructions)
{
    cs_emit(cs, op(OP_PROT_REGION) | (instructions & 0xffff));
}

void cs_error_barrier(Cs *cs)
{
    cs_emit(cs, op(OP_ERROR_BARRIER));
}

void cs_heap_set(Cs *cs, unsigned addr)
{
    cs_emit(cs, op(OP_HEAP_SET) | f(addr, 40));
}

void cs_heap_operation(Cs *cs, CsHeapOp o, unsigned wait, unsigned signal)
{
    cs_emit(cs, op(OP_HEAP_OPERATION) | f(signal & 0xf, 48) | f(o, 32) |
            f(wait & 0xffff, 16));
}

void cs_trace_point(Cs *cs, unsigned base, unsigned count)
{
    cs_emit(cs, op(OP_TRACE_POINT) | f(count, 40) | f(base, 32));
}

void cs_logic_op32(Cs *cs, unsigned mode, unsigned dst, unsigned src0,
                   unsigned src1, bool index)
{
    cs_emit(cs, op(OP_LOGIC_OP32) | f(dst, 48) | f(src0, 40) | f(src1, 32) |
            f(index, 4) | (mode & 0xf));
}

void cs_next_sb_entry(Cs *cs, CsSbType type, unsigned dst, bool mask)
{
    cs_emit(cs, op(OP_NEXT_SB_ENTRY) | f(dst, 48) | f(mask, 36) |
            f(type, 32));
}

void cs_set_state(Cs *cs, CsSetState state, unsigned src)
{
    cs_emit(cs, op(OP_SET_STATE) | f(src, 40) | f(state, 32));
}

void cs_set_state_imm32(Cs *cs, CsSetState state, uint32_t value)
{
    cs_emit(cs, op(OP_SET_STATE_IMM32) | f(state, 32) | value);
}

void cs_shared_sb(Cs *cs, bool increment, unsigned entry)
{
    cs_emit(cs, op(increment ? OP_SHARED_SB_INC : OP_SHARED_SB_DEC) |
            f(entry & 0xf, 48));
}

void cs_wait_indirect(Cs *cs)
{
    cs_emit(cs, op(OP_WAIT) | f(1, 33));
}

void cs_sync_add64_indirect(Cs *cs, unsigned addr, unsigned data)
{
    cs_emit(cs, op(OP_SYNC_ADD64) | f(1, 52) | f(addr, 40) | f(data, 32));
}

void cs_arith_imm(Cs *cs, bool is64, unsigned sub, unsigned dst, unsigned src,
                  uint32_t imm)
{
    cs_emit(cs, op(is64 ? OP_ADD_IMM64 : OP_ADD_IMM32) | f(dst, 48) |
            f(src, 40) | f(sub, 32) | imm);
}

void cs_arith_reg(Cs *cs, bool is64, unsigned sub, unsigned dst,
                  unsigned src0, unsigned src1, uint32_t imm)
{
    cs_emit(cs, op(is64 ? OP_ARITH_REG64 : OP_UMIN32) | f(dst, 48) |
            f(src0, 40) | f(src1, 32) | f(sub, 24) | (imm & 0xffffff));
}

void cs_enop(Cs *cs, uint64_t data)
{
    cs_emit(cs, op(OP_ENOP) | (data & 0xffffffffffffffull));
}

void cs_dump(Cs *cs, unsigned first, unsigned count, unsigned addr,
             uint64_t va)
{
    cs_move48(cs, addr, va);
    for (unsigned i = 0; i < count; i += 16) {
        unsigned n = count - i < 16 ? count - i : 16;

        cs_store(cs, first + i, addr, (1u << n) - 1, i * 4);
    }
    cs_wait(cs, 0xff);
}

const char *cs_selftest(void)
{
    /* panthor_sched.c: prepare_job_instrs(), with r92 and r94. */
    const uint64_t va = 0x812345678000ull;
    uint64_t mem[16];
    Cs cs;
    const struct {
        const char *name;
        uint64_t word;
    } kernel[] = {
        { "MOVE32", 2ull << 56 | 94ull << 48 | 0x123456 },
        { "FLUSH_CACHE2", 36ull << 56 | 94ull << 40 | 0x233 },
        { "MOVE48", 1ull << 56 | 92ull << 48 | va },
        { "WAIT", 3ull << 56 | 1 << 16 },
        { "CALL", 32ull << 56 | 92ull << 40 | 94ull << 32 },
        { "STORE_STATE", 40ull << 56 | 92ull << 40 | 1ull << 32 },
        { "SYNC_ADD64", 51ull << 56 | 92ull << 40 | 94ull << 32 | 1 },
        { "ERROR_BARRIER", 47ull << 56 },
    };

    cs_init(&cs, mem, sizeof(mem));
    cs_move32(&cs, 94, 0x123456);
    cs_flush_cache(&cs, CS_FLUSH_ALL, 94, 0, 0);
    cs_move48(&cs, 92, va);
    cs_wait(&cs, 1);
    cs_call(&cs, 92, 94);
    cs_store_state(&cs, CS_STATE_CYCLES, 92, 0, 0, 0);
    cs_sync_add64(&cs, 92, 94, CS_SCOPE_SYSTEM, true);
    cs_error_barrier(&cs);
    for (unsigned i = 0; i < cs.nr; i++) {
        if (mem[i] != kernel[i].word) {
            return kernel[i].name;
        }
    }
    return NULL;
}
