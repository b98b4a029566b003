/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups and streams end to end: doorbell, execution, memory, events.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000
#define SYNC_VA (GROUP_DATA_VA + 0x800)

/* The ring part of a job (panthor_sched.c: prepare_job_instrs()). */
static void put_job(Group *grp, unsigned q, uint64_t code, uint32_t len,
                    uint64_t sync)
{
    const uint64_t ins[] = {
        cs_move32(94, 0),
        cs_flush(94),
        cs_move48(92, code),
        cs_move32(94, len),
        cs_wait(1),
        cs_call(92, 94),
        cs_move48(92, sync),
        cs_move48(94, 1),
        cs_wait(CS_SB_ALL),
        cs_sync_add64(92, 94) | 1,
        cs_error_barrier(),
    };

    queue_put(grp, q, ins, ARRAY_SIZE(ins));
}

/* A body that stores @value at @va. */
static uint32_t put_code(Group *grp, uint64_t at, uint64_t va, uint32_t value)
{
    const uint64_t ins[] = {
        cs_move48(2, va),
        cs_move32(4, value),
        cs_store(4, 2, 1, 0),
        cs_wait(CS_SB_ALL),
    };

    vm_write(&grp->vm, at, ins, sizeof(ins));
    return sizeof(ins);
}

static void start_one(Box *b, Fw *fw, Group *grp)
{
    fw_up(fw, &b->gpu[0]);
    group_init(grp, fw, 0, 1, 1);
}

static void job_stores_signals_and_is_announced(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t len, ack;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    group_start(&grp);
    box_step(b, 10 * MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    ack = fw_read(&fw, grp.output + CSG_ACK);
    len = put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, 0xcafe);
    put_job(&grp, 0, GROUP_CODE_VA, len, SYNC_VA);
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    queue_kick(&grp);
    /* Nothing runs inside the doorbell's write. */
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0xcafe);
    g_assert_cmpuint(vm_read64(&grp.vm, SYNC_VA), ==, 1);
    g_assert_cmpuint(vm_read64(&grp.vm, SYNC_VA + 8), ==, 0);
    box_step(b, MS);
    g_assert_cmphex((fw_read(&fw, grp.output + CSG_ACK) ^ ack) &
                    CSG_SYNC_UPDATE, ==, CSG_SYNC_UPDATE);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT) & 1, ==, 1);
    g_assert_true(gpu_line(g, BOX_LINE_JOB));
    box_free(b);
}

/* A GPU that only acknowledges is found out by memory alone. */
static void pretending_is_noticed(void)
{
    Box *b = box_new(1, ",scenario=pretend", "");
    uint32_t len;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    len = put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, 0xcafe);
    put_job(&grp, 0, GROUP_CODE_VA, len, SYNC_VA);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read64(&grp.vm, SYNC_VA), ==, 1);
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    g_assert_cmpuint(gpu_get_number(&b->gpu[0], "scenario-decisions"), >, 0);
    box_free(b);
}

static void ring_wraps(void)
{
    Box *b = box_new(1, "", "");
    unsigned i, jobs = 3 * QUEUE_RING_SIZE / 128 + 1;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    group_start(&grp);
    for (i = 1; i <= jobs; i++) {
        uint32_t len = put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, i);

        put_job(&grp, 0, GROUP_CODE_VA, len, SYNC_VA);
        queue_kick(&grp);
        g_assert_true(group_wait64(&grp, SYNC_VA, i, 10 * MS));
        g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, i);
    }
    g_assert_cmpuint(grp.queue[0].insert, >, 3 * QUEUE_RING_SIZE);
    box_free(b);
}

/* Many jobs behind one doorbell, in order. */
static void full_ring_runs_in_order(void)
{
    Box *b = box_new(1, "", "");
    unsigned i, jobs = QUEUE_RING_SIZE / 128;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    group_start(&grp);
    for (i = 0; i < jobs; i++) {
        uint64_t at = GROUP_CODE_VA + 0x40 * i;

        put_job(&grp, 0, at, put_code(&grp, at, GROUP_DATA_VA + 4 * i, i + 1),
                SYNC_VA);
    }
    queue_kick(&grp);
    g_assert_true(queue_wait(&grp, 0, 50 * MS));
    g_assert_cmpuint(vm_read64(&grp.vm, SYNC_VA), ==, jobs);
    for (i = 0; i < jobs; i++) {
        g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA + 4 * i), ==,
                         i + 1);
    }
    box_free(b);
}

/* A doorbell rings the streams of its own slot. */
static void user_doorbell_is_for_its_slot(void)
{
    Box *b = box_new(1, "", "");
    uint32_t len;
    Fw fw;
    Group grp, other;

    start_one(b, &fw, &grp);
    group_init(&other, &fw, 1, 2, 1);
    group_start(&grp);
    group_start(&other);
    box_step(b, MS);
    len = put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, 5);
    put_job(&grp, 0, GROUP_CODE_VA, len, SYNC_VA);
    queue_kick(&other);
    g_assert_false(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    queue_kick(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 5);
    box_free(b);
}

/* Equal VAs of two groups are different memory. */
static void groups_have_their_own_memory(void)
{
    Box *b = box_new(1, "", "");
    Fw fw;
    Group grp[3];
    unsigned i;

    fw_up(&fw, &b->gpu[0]);
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        uint32_t len;

        group_init(&grp[i], &fw, i, i + 1, 1);
        len = put_code(&grp[i], GROUP_CODE_VA, GROUP_DATA_VA, 100 + i);
        put_job(&grp[i], 0, GROUP_CODE_VA, len, SYNC_VA);
    }
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        group_start(&grp[i]);
    }
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        g_assert_true(queue_wait(&grp[i], 0, 10 * MS));
        g_assert_cmpuint(vm_read32(&grp[i].vm, GROUP_DATA_VA), ==, 100 + i);
    }
    box_free(b);
}

static void queues_of_a_group_run_beside_each_other(void)
{
    Box *b = box_new(1, "", "");
    const uint64_t wait[] = {
        cs_move48(2, SYNC_VA),
        cs_move48(4, 0),
        cs_sync_wait64(2, 4),
        cs_move32(6, 0x600d),
        cs_move48(8, GROUP_DATA_VA),
        cs_store(6, 8, 1, 0),
    };
    const uint64_t signal[] = {
        cs_move48(2, SYNC_VA),
        cs_move48(4, 1),
        cs_sync_add64(2, 4),
    };
    Fw fw;
    Group grp;

    fw_up(&fw, &b->gpu[0]);
    group_init(&grp, &fw, 0, 1, 2);
    queue_put(&grp, 0, wait, ARRAY_SIZE(wait));
    group_start(&grp);
    g_assert_false(queue_wait(&grp, 0, 20 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    /* What it waits for stands in the status words. */
    g_assert_true(group_status_update(&grp));
    g_assert_cmpuint(fw_read(&fw, grp.queue[0].output + CS_STATUS_BLOCKED) &
                     0xf, ==, 3);
    g_assert_cmphex(fw_read(&fw, grp.queue[0].output + CS_STATUS_WAIT) >> 30,
                    ==, 3);
    g_assert_cmphex(vm_read64(&fw.vm, grp.queue[0].output +
                              CS_STATUS_WAIT_PTR), ==, SYNC_VA);
    queue_put(&grp, 1, signal, ARRAY_SIZE(signal));
    queue_kick(&grp);
    g_assert_true(queue_wait(&grp, 0, 20 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0x600d);
    box_free(b);
}

/* Registers, position and waits travel in the suspend buffer. */
static void suspend_and_resume_in_another_slot(void)
{
    Box *b = box_new(1, "", "");
    const uint64_t ins[] = {
        cs_move32(10, 0x1234),
        cs_move48(2, SYNC_VA),
        cs_move48(4, 0),
        cs_sync_wait64(2, 4),
        cs_add_imm32(10, 10, 1),
        cs_move48(8, GROUP_DATA_VA),
        cs_store(10, 8, 1, 0),
    };
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    queue_put(&grp, 0, ins, ARRAY_SIZE(ins));
    group_start(&grp);
    box_step(b, 5 * MS);
    g_assert_true(group_state(&grp, CSG_SUSPEND));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    vm_write64(&grp.vm, SYNC_VA, 1);
    box_step(b, 20 * MS);
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    group_bind(&grp, 5);
    g_assert_true(group_state(&grp, CSG_RESUME));
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0x1235);
    box_free(b);
}

/* A suspend buffer is guest memory: rubbish in it must not be resumed. */
static void rubbish_in_the_suspend_buffer_is_refused(void)
{
    Box *b = box_new(1, "", "");
    uint8_t rubbish[256];
    unsigned i;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    group_start(&grp);
    g_assert_true(group_state(&grp, CSG_SUSPEND));
    for (i = 0; i < 0x2000; i += sizeof(rubbish)) {
        memset(rubbish, 0x5a + i, sizeof(rubbish));
        vm_write(&fw.vm, grp.suspend + i, rubbish, sizeof(rubbish));
    }
    g_assert_true(group_state(&grp, CSG_RESUME));
    box_step(b, 10 * MS);
    g_assert_cmphex((fw_read(&fw, grp.queue[0].output + CS_ACK) ^
                     fw_read(&fw, grp.queue[0].input + CS_REQ)) &
                    CS_REQ_FATAL, ==, CS_REQ_FATAL);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void terminate_stops_an_endless_stream(void)
{
    Box *b = box_new(1, "", "");
    const uint64_t loop[] = {
        cs_add_imm32(4, 4, 1),
        cs_branch(-2),
    };
    const uint64_t code = GROUP_CODE_VA;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    vm_write(&grp.vm, code, loop, sizeof(loop));
    put_job(&grp, 0, code, sizeof(loop), SYNC_VA);
    group_start(&grp);
    box_step(b, 200 * MS);
    g_assert_cmpuint(vm_read64(&grp.vm, SYNC_VA), ==, 0);
    g_assert_true(fw_ping(&fw));
    g_assert_true(group_state(&grp, CSG_TERMINATE));
    /* The slot is free for the next one. */
    group_init(&grp, &fw, 0, 2, 1);
    put_job(&grp, 0, code, put_code(&grp, code, GROUP_DATA_VA, 3), SYNC_VA);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 3);
    box_free(b);
}

/* panthor_sched.c: csg_slot_process_irq_locked() and below. */
static void invalid_instruction_is_fatal_for_its_stream(void)
{
    Box *b = box_new(1, "", "");
    const uint64_t bad[] = { cs_nop(), 0xffull << 56 };
    Gpu *g = &b->gpu[0];
    uint32_t exception;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    group_init(&grp, &fw, 2, 1, 2);
    group_start(&grp);
    box_step(b, 10 * MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    queue_put(&grp, 1, bad, ARRAY_SIZE(bad));
    queue_kick(&grp);
    g_assert_false(queue_wait(&grp, 1, 10 * MS));
    g_assert_cmphex(fw_read(&fw, grp.output + CSG_CS_IRQ_REQ) ^
                    fw_read(&fw, grp.input + CSG_CS_IRQ_ACK), ==, 1u << 1);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT) & 0xff, ==, 1u << 2);
    g_assert_cmphex((fw_read(&fw, grp.queue[1].output + CS_ACK) ^
                     fw_read(&fw, grp.queue[1].input + CS_REQ)) &
                    (CS_REQ_FATAL | CS_REQ_FAULT), !=, 0);
    exception = fw_read(&fw, grp.queue[1].output + CS_FATAL) |
                fw_read(&fw, grp.queue[1].output + CS_FAULT);
    g_assert_cmphex(exception & 0xff, ==, EXC_CS_INSTR_INVALID);
    /* Its neighbour is none the worse. */
    put_job(&grp, 0, GROUP_CODE_VA,
            put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, 8), SYNC_VA);
    queue_kick(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 8);
    box_free(b);
}

/* A ring that does not make sense ends in a fault, not in our process. */
static void malformed_rings_are_fatal(void)
{
    static const struct {
        uint32_t size;
        uint64_t base;
        uint64_t insert;
    } rings[] = {
        { 0, 0x1000, 64 },
        { 4095, 0x1000, 64 },
        { 0xffffffff, 0x1000, 64 },
        { 4096, 0xffffffffffffff00ull, 64 },
        { 4096, 0x800000000001ull, 64 },
        { 4096, 0x800001000000ull, 1ull << 40 },
        { 4096, 0x800001000000ull, ~0ull },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(rings); i++) {
        Box *b = box_new(1, "", "");
        Fw fw;
        Group grp;

        start_one(b, &fw, &grp);
        group_program(&grp, CSG_START);
        fw_write(&fw, grp.queue[0].input + CS_RING_SIZE, rings[i].size);
        vm_write64(&fw.vm, grp.queue[0].input + CS_RING_BASE, rings[i].base);
        vm_write64(&fw.vm, grp.queue[0].iface + RING_INSERT,
                   rings[i].insert);
        group_ring(&grp);
        box_step(b, 50 * MS);
        g_assert_cmphex((fw_read(&fw, grp.queue[0].output + CS_ACK) ^
                         fw_read(&fw, grp.queue[0].input + CS_REQ)) &
                        (CS_REQ_FATAL | CS_REQ_FAULT), !=, 0);
        g_assert_true(fw_ping(&fw));
        box_free(b);
    }
}

/* CSG_IDLE when a group runs dry, GLB_IDLE when all have for a while. */
static void idleness_is_announced(void)
{
    Box *b = box_new(1, "", "");
    uint32_t csg, glb;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    put_job(&grp, 0, GROUP_CODE_VA,
            put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, 8), SYNC_VA);
    csg = fw_read(&fw, grp.output + CSG_ACK);
    glb = fw_read(&fw, fw.output + GLB_ACK);
    group_start(&grp);
    g_assert_true(fw_wait(&fw, grp.output + CSG_ACK, CSG_IDLE,
                          ~csg & CSG_IDLE, 10 * MS));
    g_assert_true(fw_wait(&fw, fw.output + GLB_ACK, REQ_IDLE,
                          ~glb & REQ_IDLE, 20 * MS));
    g_assert_true(group_status_update(&grp));
    g_assert_cmphex(fw_read(&fw, grp.output + CSG_STATUS_STATE) & 1, ==, 1);
    g_assert_cmphex(fw_read(&fw, grp.queue[0].output +
                            CS_STATUS_SCOREBOARDS), ==, 0);
    box_free(b);
}

/* An unacknowledged event is not toggled back: two would be none. */
static void events_are_not_toggled_twice(void)
{
    Box *b = box_new(1, "", "");
    uint32_t before;
    unsigned i;
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    group_start(&grp);
    box_step(b, 10 * MS);
    fw_update(&fw, grp.input + CSG_REQ, CSG_SYNC_UPDATE,
              fw_read(&fw, grp.output + CSG_ACK));
    before = fw_read(&fw, grp.output + CSG_ACK) & CSG_SYNC_UPDATE;
    for (i = 1; i <= 4; i++) {
        put_job(&grp, 0, GROUP_CODE_VA,
                put_code(&grp, GROUP_CODE_VA, GROUP_DATA_VA, i), SYNC_VA);
        queue_kick(&grp);
        g_assert_true(group_wait64(&grp, SYNC_VA, i, 10 * MS));
        box_step(b, MS);
        g_assert_cmphex(fw_read(&fw, grp.output + CSG_ACK) & CSG_SYNC_UPDATE,
                        ==, before ^ CSG_SYNC_UPDATE);
    }
    box_free(b);
}

/* "Soft-reset will automatically terminate all active groups". */
static void soft_reset_ends_all_groups(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    const uint64_t wait[] = {
        cs_move48(2, SYNC_VA),
        cs_move48(4, 0),
        cs_sync_wait64(2, 4),
        cs_move48(8, GROUP_DATA_VA),
        cs_store(2, 8, 1, 0),
    };
    Fw fw;
    Group grp;

    start_one(b, &fw, &grp);
    queue_put(&grp, 0, wait, ARRAY_SIZE(wait));
    group_start(&grp);
    box_step(b, MS);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    gpu_power_on(g);
    vm_enable(&fw.vm, 0);
    vm_enable(&grp.vm, 1);
    fw_boot(&fw);
    vm_write64(&grp.vm, SYNC_VA, 1);
    queue_kick(&grp);
    box_step(b, 100 * MS);
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    box_free(b);
}

/* Every slot and every stream, at once. */
static void all_slots_and_streams_run(void)
{
    Box *b = box_new(1, "", "");
    Fw fw;
    Group grp[7];
    unsigned i, q;

    fw_up(&fw, &b->gpu[0]);
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        group_init(&grp[i], &fw, i, i + 1, 8);
        for (q = 0; q < 8; q++) {
            uint64_t at = GROUP_CODE_VA + 0x40 * q;

            put_job(&grp[i], q, at, put_code(&grp[i], at, GROUP_DATA_VA +
                                             4 * q, 16 * i + q + 1), SYNC_VA);
        }
    }
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        group_start(&grp[i]);
    }
    for (i = 0; i < ARRAY_SIZE(grp); i++) {
        g_assert_true(group_wait64(&grp[i], SYNC_VA, 8, 50 * MS));
        for (q = 0; q < 8; q++) {
            g_assert_cmpuint(vm_read32(&grp[i].vm, GROUP_DATA_VA + 4 * q), ==,
                             16 * i + q + 1);
        }
    }
    box_free(b);
}

#define TEST(name) qtest_add_func("/gpumbox/job/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(job_stores_signals_and_is_announced);
    TEST(pretending_is_noticed);
    TEST(ring_wraps);
    TEST(full_ring_runs_in_order);
    TEST(user_doorbell_is_for_its_slot);
    TEST(groups_have_their_own_memory);
    TEST(queues_of_a_group_run_beside_each_other);
    TEST(suspend_and_resume_in_another_slot);
    TEST(rubbish_in_the_suspend_buffer_is_refused);
    TEST(terminate_stops_an_endless_stream);
    TEST(invalid_instruction_is_fatal_for_its_stream);
    TEST(malformed_rings_are_fatal);
    TEST(idleness_is_announced);
    TEST(events_are_not_toggled_twice);
    TEST(soft_reset_ends_all_groups);
    TEST(all_slots_and_streams_run);
    return g_test_run();
}
