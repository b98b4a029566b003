/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "tap.h"
#include "util.h"

#define CODE_BYTES (64 * KiB)
#define DATA_BYTES (64 * KiB)
#define RING_BYTES (4 * KiB)

Exec *exec_open(void)
{
    Exec *e = calloc(1, sizeof(*e));

    if (!e) {
        tap_die("memory");
    }
    e->p = px_open();
    e->vm = px_vm(e->p);
    e->code = px_bo(e->p, e->vm, CODE_BYTES, 0);
    e->data = px_bo(e->p, e->vm, DATA_BYTES,
                    DRM_PANTHOR_VM_BIND_OP_MAP_NOEXEC);
    e->group = px_group(e->p, e->vm, 1, RING_BYTES);
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
    int ret = px_wait(e->p, e->sync, PX_WAIT_MS);

    return ret ? ret : px_fence_error(e->p, e->sync);
}

int exec_run(Exec *e)
{
    int ret = exec_submit(e);

    return ret ? ret : exec_done(e);
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

void panthor_health(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32();

    cs_put32(&e->cs, e->data.va + 64, value);
    tap_ok(!exec_run(e) && exec_word(e, 16) == value,
           "a fresh job runs and stores afterwards");
    exec_close(e);
}
