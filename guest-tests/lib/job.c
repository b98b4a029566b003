/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "util.h"

#define CODE_BYTES (EXEC_SLOTS * EXEC_SLOT_BYTES)
#define DATA_BYTES (64 * KiB)
#define RING_BYTES (4 * KiB)

Exec *exec_open(void)
{
    return exec_open_queues(1, RING_BYTES);
}

Exec *exec_open_queues(unsigned nr, uint32_t ring_bytes)
{
    return exec_open_device(0, nr, ring_bytes);
}

Exec *exec_open_device(unsigned nth, unsigned nr, uint32_t ring_bytes)
{
    Exec *e = calloc(1, sizeof(*e));
    int ret;

    if (!e) {
        tap_die("memory");
    }
    e->p = calloc(1, sizeof(*e->p));
    ret = e->p ? px_try_open_nth(e->p, nth) : -ENOMEM;
    if (ret) {
        tap_die("device %u opens and answers queries: %s", nth,
                strerror(-ret));
    }
    e->vm = px_vm(e->p);
    e->code = px_bo(e->p, e->vm, CODE_BYTES, 0);
    e->data = px_bo(e->p, e->vm, DATA_BYTES,
                    DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC);
    e->group = px_group(e->p, e->vm, nr, ring_bytes);
    e->sync = px_syncobj(e->p, false);
    exec_begin(e);
    return e;
}

void exec_close(Exec *e)
{
    px_group_destroy(e->p, e->group);
    px_bo_free(e->p, e->vm, &e->code);
    px_bo_free(e->p, e->vm, &e->data);
    px_syncobj_free(e->p, e->sync);
    px_vm_destroy(e->p, e->vm);
    px_close(e->p);
    free(e);
}

void exec_begin(Exec *e)
{
    cs_init(&e->cs, e->code.map, e->code.size);
}

int exec_submit(Exec *e)
{
    struct drm_panthor_sync_op s = sync_signal_op(e->sync);

    px_syncobj_reset(e->p, e->sync);
    return px_submit(e->p, e->group, 0, e->code.va, cs_bytes(&e->cs), &s, 1);
}

int exec_done(Exec *e)
{
    return exec_finish(e, e->sync);
}

int exec_run(Exec *e)
{
    int ret = exec_submit(e);

    return ret ? ret : exec_done(e);
}

Stream exec_stream(Exec *e, unsigned slot)
{
    Stream s = { .va = e->code.va + slot * EXEC_SLOT_BYTES };

    if (slot >= EXEC_SLOTS) {
        tap_die("the test keeps to its places for streams");
    }
    cs_init(&s.cs, (char *)e->code.map + slot * EXEC_SLOT_BYTES,
            EXEC_SLOT_BYTES);
    return s;
}

int exec_go(Exec *e, uint32_t group, unsigned queue, const Stream *s,
            uint32_t in, uint32_t out)
{
    struct drm_panthor_sync_op ops[2];
    unsigned nr = 0;

    if (in) {
        ops[nr++] = sync_wait_op(in);
    }
    if (out) {
        px_syncobj_reset(e->p, out);
        ops[nr++] = sync_signal_op(out);
    }
    return px_submit(e->p, group, queue, s->va, cs_bytes(&s->cs), ops, nr);
}

int exec_finish(Exec *e, uint32_t sync)
{
    int ret = px_wait(e->p, sync, PX_WAIT_MS);

    return ret ? ret : px_fence_error(e->p, sync);
}

int exec_finish_nudging(Exec *e, uint32_t sync)
{
    enum { STEP_MS = 60 };
    Stream s = exec_stream(e, EXEC_SLOTS - 1);
    int ret = -ETIME;

    cs_nop(&s.cs);
    for (unsigned ms = 0; ret == -ETIME && ms < PX_WAIT_MS; ms += STEP_MS) {
        ret = px_wait(e->p, sync, STEP_MS);
        if (ret == -ETIME) {
            exec_go(e, e->group, 0, &s, 0, 0);
        }
    }
    return ret ? ret : px_fence_error(e->p, sync);
}

uint64_t exec_va(const Exec *e, unsigned i)
{
    return e->data.va + i * 4;
}

void exec_put(Exec *e, unsigned i, uint32_t value)
{
    ((volatile uint32_t *)e->data.map)[i] = value;
}

uint32_t exec_word(const Exec *e, unsigned i)
{
    return ((volatile uint32_t *)e->data.map)[i];
}

uint64_t exec_long(const Exec *e, unsigned i)
{
    return ((volatile uint64_t *)e->data.map)[i];
}

void cs_put32(Cs *cs, uint64_t va, uint32_t value)
{
    cs_move48(cs, R_ADDR, va);
    cs_move32(cs, R_DATA, value);
    cs_store(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
}

void cs_put64(Cs *cs, uint64_t va, uint64_t value)
{
    cs_move48(cs, R_ADDR, va);
    cs_move48(cs, R_DATA, value);
    cs_store(cs, R_DATA, R_ADDR, 3, 0);
    cs_wait(cs, ALL_SB);
}

void cs_count(Cs *cs, uint64_t va)
{
    cs_move48(cs, R_ADDR, va);
    cs_load(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
    cs_add_imm32(cs, R_DATA, R_DATA, 1);
    cs_store(cs, R_DATA, R_ADDR, 1, 0);
    cs_wait(cs, ALL_SB);
}

void cs_endless(Cs *cs)
{
    cs_branch(cs, CS_ALWAYS, 0, -1);
}

void cs_spin(Cs *cs, unsigned reg, uint32_t rounds)
{
    cs_move32(cs, reg, rounds);
    cs_add_imm32(cs, reg, reg, -1);
    cs_branch(cs, CS_GT, reg, -2);
}

bool panthor_works(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();
    bool ok;

    cs_put32(&e->cs, e->data.va + 64, value);
    ok = !exec_run(e) && exec_word(e, 16) == value;
    exec_close(e);
    return ok;
}
