/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Streams that go wrong: the fault is reported, the group dies of it, others
 * do not notice.
 */
#include <errno.h>

#include "job.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define W_BEFORE 1024
#define W_AFTER 1025

/* Where nothing is mapped; the kernel prints it. */
#define NOWHERE 0x123456789000ull
#define NOWHERE_TEXT "0x0000123456789000"
#define READ_ONLY 0x55500000ull
#define READ_ONLY_TEXT "0x0000000055500040"

#define PAGE_FAULT(va) "Unhandled Page fault in AS[1-9][0-9]* at VA " va
#define CS_LINE { "CSG slot [0-9]+ CS slot: [0-9]+", true },                 \
                { "CS_FATAL: pid=", true }, { "CS_FAULT: pid=", true }
#define FATAL(type) { "CSG slot [0-9]+ CS slot: 0", false },                 \
                    { "CS_FATAL.EXCEPTION_TYPE: " type, false },             \
                    { "CS_FATAL: pid=", true }

/* What a bad stream stands between. */
static uint32_t head(Exec *e)
{
    uint32_t value = rng_u32() | 1;

    exec_begin(e);
    cs_put32(&e->cs, exec_va(e, W_BEFORE), value);
    return value;
}

static void tail(Exec *e)
{
    cs_put32(&e->cs, exec_va(e, W_AFTER), 1);
}

/* Run it while another group works; look at everything afterwards. */
static void dies(Exec *e, uint32_t value, uint32_t want_state, int want_err)
{
    uint32_t other;
    uint32_t done = px_syncobj(e->p, false);
    Exec *by = exec_open();
    uint32_t mark = rng_u32() | 1;
    uint32_t state = 0;
    uint32_t fatal = 0;
    Stream next;

    cs_spin(&by->cs, R_TMP, 200000);
    cs_put32(&by->cs, exec_va(by, 7), mark);
    exec_submit(by);
    tap_errno(exec_run(e), want_err, "the job's fence tells the error");
    tap_eq(exec_word(e, W_BEFORE), value, "what stood before it was done");
    tap_eq(exec_word(e, W_AFTER), 0, "what stands behind it was not");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0,
              "query the group");
    tap_eq(state & ~DRM_PANTHOR_GROUP_STATE_INNOCENT, want_state,
           "its state");
    tap_eq(fatal, want_state & DRM_PANTHOR_GROUP_STATE_FATAL_FAULT ? 1 : 0,
           "its fatal queues");
    tap_errno(exec_submit(e), -EINVAL, "it takes no job any more");
    tap_errno(exec_done(by), 0, "another VM's job completes");
    tap_eq(exec_word(by, 7), mark, "and did its work");
    exec_close(by);

    exec_put(e, W_BEFORE, 0);
    other = px_group(e->p, e->vm, 1, 4 * KiB);
    next = exec_stream(e, 0);
    cs_put32(&next.cs, exec_va(e, W_BEFORE), mark);
    tap_errno(exec_go(e, other, 0, &next, 0, done), 0,
              "a new group of the same VM takes a job");
    tap_errno(exec_finish(e, done), 0, "it completes");
    tap_eq(exec_word(e, W_BEFORE), mark, "and did its work");
    exec_close(e);
}

#define FATAL_FAULT DRM_PANTHOR_GROUP_STATE_FATAL_FAULT
#define TIMEDOUT DRM_PANTHOR_GROUP_STATE_TIMEDOUT

static void fault_store(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_put32(&e->cs, NOWHERE, 1);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_load(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_move48(&e->cs, R_ADDR, NOWHERE);
    cs_load(&e->cs, 0, R_ADDR, 0xff, 0);
    cs_wait(&e->cs, ALL_SB);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_sync(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_move48(&e->cs, R_ADDR, NOWHERE);
    cs_move48(&e->cs, R_DATA, 1);
    cs_sync_add64(&e->cs, R_ADDR, R_DATA, CS_SCOPE_SYSTEM, false);
    cs_wait(&e->cs, ALL_SB);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_fetch(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_move48(&e->cs, 0, NOWHERE);
    cs_move32(&e->cs, 2, 64);
    cs_call(&e->cs, 0, 2);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_unmapped(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    px_map(e->p, e->vm, e->data.handle, 0, NOWHERE, 8192, 0);
    cs_put32(&e->cs, NOWHERE, 5);
    tap_errno(exec_run(e), 0, "a store where something is mapped");
    tap_errno(px_unmap(e->p, e->vm, NOWHERE, 4096), 0, "its page goes");
    exec_begin(e);
    value = head(e);
    cs_put32(&e->cs, NOWHERE, 5);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_permission(void)
{
    Exec *e = exec_open();
    uint32_t value;

    exec_put(e, 16, 4711);
    tap_errno(px_map(e->p, e->vm, e->data.handle, 0, READ_ONLY, 4096,
                     DRM_PANTHOR_VM_BIND_OP_MAP_READONLY), 0,
              "a read-only page");
    exec_begin(e);
    cs_move48(&e->cs, R_ADDR, READ_ONLY + 0x40);
    cs_load(&e->cs, 0, R_ADDR, 1, 0);
    cs_wait(&e->cs, ALL_SB);
    cs_dump(&e->cs, 0, 1, R_ADDR, exec_va(e, 32));
    tap_errno(exec_run(e), 0, "it can be read");
    tap_eq(exec_word(e, 32), 4711, "to what is in it");
    value = head(e);
    cs_put32(&e->cs, READ_ONLY + 0x40, 1);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_opcode(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_emit(&e->cs, 0xfdull << 56 | 0x1234);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_call_depth(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    /* A stream that calls itself. */
    cs_move48(&e->cs, 0, e->code.va);
    cs_move32(&e->cs, 2, 4096);
    cs_call(&e->cs, 0, 2);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

static void fault_call_length(void)
{
    Exec *e = exec_open();
    Stream s = exec_stream(e, 4);
    uint32_t value = head(e);

    cs_put32(&s.cs, exec_va(e, W_AFTER), 2);
    cs_move48(&e->cs, 0, s.va);
    cs_move32(&e->cs, 2, cs_bytes(&s.cs) + 4);
    cs_call(&e->cs, 0, 2);
    tail(e);
    dies(e, value, FATAL_FAULT, -EINVAL);
}

/* An object that carries an error is waited for without rejecting it. */
static void fault_inherit(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);
    uint32_t state;
    uint32_t fatal;

    exec_put(e, 0, 1);
    exec_put(e, 1, 1);
    exec_put(e, 9, 0x5a5a5a5a);
    cs_move48(&e->cs, R_ADDR, exec_va(e, 0));
    cs_move32(&e->cs, R_DATA, 0);
    cs_sync_wait32(&e->cs, R_ADDR, R_DATA, CS_GT, false);
    tail(e);
    tap_errno(exec_run(e), -EINVAL, "the job's fence carries the error");
    tap_eq(exec_word(e, W_BEFORE), value, "what stood before it was done");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0,
              "query the group");
    tap_ok(!state && !fatal, "the group lives");
    value = head(e);
    cs_put32(&e->cs, exec_va(e, 5), value);
    tap_errno(exec_run(e), 0, "its next job has no error");
    tap_eq(exec_word(e, 5), value, "and does its work");
    exec_close(e);
}

/* The job behind a faulty one in the ring is lost with its group. */
static void fault_queue(void)
{
    Exec *e = exec_open_queues(2, 4 * KiB);
    uint32_t sync[3];
    int err[3];
    uint32_t state;
    uint32_t fatal;

    for (unsigned i = 0; i < 3; i++) {
        Stream s = exec_stream(e, i);

        sync[i] = px_syncobj(e->p, false);
        if (i == 0) {
            /* Long enough for the others to be submitted. */
            cs_spin(&s.cs, R_TMP, 300000);
            cs_put32(&s.cs, NOWHERE, 1);
        } else if (i == 1) {
            cs_put32(&s.cs, exec_va(e, W_AFTER), 1);
        } else {
            cs_endless(&s.cs);
        }
        tap_errno(exec_go(e, e->group, i == 2, &s, 0, sync[i]), 0, "job %u",
                  i);
    }
    for (unsigned i = 0; i < 3; i++) {
        err[i] = exec_finish(e, sync[i]);
    }
    /* Which queue the driver blames depends on who reports first. */
    tap_ok(err[0] < 0, "the job that faults fails");
    tap_ok(err[1] < 0, "the one behind it too");
    tap_ok(err[2] < 0, "and the other queue's");
    tap_ok(err[0] == -EINVAL || err[2] == -EINVAL, "one of them of a fault");
    tap_eq(exec_word(e, W_AFTER), 0, "the one behind it did not run");
    tap_errno(px_group_state(e->p, e->group, &state, &fatal), 0, "query");
    tap_ok(state == FATAL_FAULT && fatal, "the group had a fault");
    exec_close(e);
}

/* A VM goes while its job runs. */
static void fault_vm_gone(void)
{
    Exec *e = exec_open();
    uint32_t vm = px_vm(e->p);
    uint32_t group = px_group(e->p, vm, 1, 4 * KiB);
    uint64_t va = e->p->next_va;
    struct drm_panthor_sync_op op = sync_signal_op(e->sync);
    uint32_t state;
    uint32_t fatal;
    int err;

    px_map(e->p, vm, e->code.handle, 0, va, e->code.size, 0);
    px_map(e->p, vm, e->data.handle, 0, va + 2 * MiB, e->data.size, 0);
    cs_count(&e->cs, va + 2 * MiB);
    cs_branch(&e->cs, CS_ALWAYS, 0, -7);
    tap_errno(px_submit(e->p, group, 0, va, cs_bytes(&e->cs), &op, 1), 0,
              "a loop that counts in memory");
    for (unsigned i = 0; i < 100 && !exec_word(e, 0); i++) {
        sleep_ms(2);
    }
    tap_ok(exec_word(e, 0) > 0, "it runs");
    tap_errno(px_vm_destroy(e->p, vm), 0, "its VM is destroyed");
    err = exec_done(e);
    tap_ok(err == -EINVAL || err == -ETIMEDOUT, "the job fails");
    tap_errno(px_group_state(e->p, group, &state, &fatal), 0, "query");
    tap_ok(state, "its group had a fault");
    tap_errno(px_group_destroy(e->p, group), 0, "the group goes");
    exec_close(e);
}

static void endless_loop(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);
    int64_t t0 = now_ns();
    int64_t t1;

    cs_endless(&e->cs);
    tail(e);
    dies(e, value, TIMEDOUT, -ETIMEDOUT);
    t1 = now_ns();
    tap_ok(t1 - t0 >= 4900000000ll && t1 - t0 < 9000000000ll,
           "after the five seconds that the driver gives");
}

/* A wait that nobody ends runs into the same limit. */
static void endless_wait(void)
{
    Exec *e = exec_open();
    uint32_t value = head(e);

    cs_move48(&e->cs, R_ADDR, exec_va(e, 64));
    cs_move32(&e->cs, R_DATA, 7);
    cs_sync_wait32(&e->cs, R_ADDR, R_DATA, CS_GT, true);
    tail(e);
    dies(e, value, TIMEDOUT, -ETIMEDOUT);
}

/* Work for endpoints of which the group has none is never done. */
static void endless_endpoint(void)
{
    Exec *e = exec_open();
    uint32_t value = rng_u32() | 1;
    struct drm_panthor_queue_create q;
    struct drm_panthor_group_create g =
        px_group_args(e->p, e->vm, &q, 1, 4 * KiB);
    uint32_t done = px_syncobj(e->p, false);
    Stream s = exec_stream(e, 0);

    g.max_compute_cores = 0;
    tap_errno(px_group_create(e->p, &g), 0, "a group without compute cores");
    cs_run_fragment(&s.cs, 0, false);
    cs_wait(&s.cs, ALL_SB);
    cs_put32(&s.cs, exec_va(e, W_BEFORE), value);
    tap_errno(exec_go(e, g.group_handle, 0, &s, 0, done), 0,
              "submit what needs none");
    tap_errno(exec_finish(e, done), 0, "it completes");
    tap_eq(exec_word(e, W_BEFORE), value, "and did its work");

    s = exec_stream(e, 1);
    cs_put32(&s.cs, exec_va(e, W_BEFORE), value + 1);
    cs_run_compute(&s.cs, 1, 0, false);
    cs_put32(&s.cs, exec_va(e, W_AFTER), 1);
    tap_errno(exec_go(e, g.group_handle, 0, &s, 0, done), 0,
              "submit what needs them");
    tap_errno(exec_finish(e, done), -ETIMEDOUT, "the driver gives it up");
    tap_eq(exec_word(e, W_BEFORE), value + 1, "after what came before");
    tap_eq(exec_word(e, W_AFTER), 0, "it did not get further");
    exec_close(e);
}

const GuestTest fault_tests[] = {
    TEST("fault-store", "a store where nothing is mapped", fault_store,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-load", "a load where nothing is mapped", fault_load,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-sync", "a sync object where nothing is mapped", fault_sync,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-fetch", "instructions where nothing is mapped", fault_fetch,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-unmapped", "a page that was there before", fault_unmapped,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-permission", "a store to a read-only page", fault_permission,
         .expect = EXPECT({ PAGE_FAULT(READ_ONLY_TEXT), false },
                          { "exception type 0xC[89AB]: PERM_FAULT", false },
                          CS_LINE)),
    TEST("fault-opcode", "an opcode that is none", fault_opcode,
         .expect = EXPECT(FATAL("0x(49|51) "))),
    TEST("fault-call-depth", "calls without end", fault_call_depth,
         .expect = EXPECT(FATAL("0x4a \\(CS_CALL_STACK_OVERFLOW\\)"))),
    TEST("fault-call-length", "a call of no whole instructions",
         fault_call_length, .expect = EXPECT(FATAL("0x[0-9a-f]+ "))),
    TEST("fault-inherit", "a wait inherits an error", fault_inherit,
         .expect = EXPECT({ "CSG slot [0-9]+ CS slot: 0", false },
                          { "CS_FAULT.EXCEPTION_TYPE: 0x4b "
                            "\\(CS_INHERIT_FAULT\\)", false },
                          { "CS_FAULT: pid=", true })),
    TEST("fault-queue", "a fault takes its whole group", fault_queue,
         .expect = EXPECT({ PAGE_FAULT(NOWHERE_TEXT), false }, CS_LINE)),
    TEST("fault-vm-gone", "a VM destroyed under its job", fault_vm_gone,
         .expect = EXPECT({ PAGE_FAULT("0x0000"), false }, CS_LINE)),
    TEST("endless-loop", "a loop without end is ended", endless_loop,
         .expect = EXPECT({ "job timeout", false })),
    TEST("endless-wait", "a wait without end is ended", endless_wait,
         .expect = EXPECT({ "job timeout", false })),
    TEST("endless-endpoint", "work that no core may do is ended",
         endless_endpoint, .expect = EXPECT({ "job timeout", false })),
    TEST_END,
};
