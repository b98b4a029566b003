/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "moments.h"

#define US 1000
#define MS 1000000
#define SYNC_VA (GROUP_DATA_VA + 0x800)

static void up(World *w)
{
    fw_up(&w->fw, w->g);
    box_step(w->b, MS);
    w->booted = true;
}

static Group *add_group(World *w, unsigned queues)
{
    Group *grp = &w->grp[w->nr];

    g_assert_cmpuint(w->nr, <, MOMENT_GROUPS);
    group_init(grp, &w->fw, w->nr, w->nr + 1, queues);
    w->nr++;
    return grp;
}

static void l2_is_being_powered(World *w)
{
    gpu_write(w->g, L2_PWRON, 1);
    box_step(w->b, 10 * US);
    g_assert_cmphex(gpu_read(w->g, L2_PWRTRANS), ==, 1);
}

static void mcu_boots(World *w)
{
    fw_load(&w->fw, w->g);
    fw_start(&w->fw);
    box_step(w->b, 123 * US);
}

static void mcu_halts(World *w)
{
    up(w);
    fw_request_halt(&w->fw);
    box_step(w->b, 20 * US);
}

static void mcu_is_halted(World *w)
{
    up(w);
    fw_request_halt(&w->fw);
    box_step(w->b, MS);
}

static void doorbell_is_under_way(World *w)
{
    up(w);
    fw_toggle(&w->fw, w->fw.input + GLB_REQ, w->fw.output + GLB_ACK,
              REQ_PING);
    fw_ring(&w->fw);
    box_step(w->b, 1 * US);
}

static void as_command_is_under_way(World *w)
{
    up(w);
    add_group(w, 1);
    gpu_write64(w->g, AS(1) + AS_TRANSTAB, 0);
    gpu_write(w->g, AS(1) + AS_COMMAND, AS_UPDATE);
    gpu_write64(w->g, AS(2) + AS_LOCKADDR, 0x12345000 | 20);
    gpu_write(w->g, AS(2) + AS_COMMAND, AS_LOCK);
    box_step(w->b, 500);
}

static void cache_flush_is_under_way(World *w)
{
    unsigned i;

    up(w);
    for (i = 0; i < 3; i++) {
        gpu_write(w->g, GPU_CMD, CMD_FLUSH_INV);
        box_step(w->b, MS);
    }
    gpu_write(w->g, GPU_INT + MASK, ~0u);
    gpu_write(w->g, GPU_CMD, CMD_FLUSH_INV);
    box_step(w->b, 2 * US);
}

static void soft_reset_is_under_way(World *w)
{
    up(w);
    gpu_write(w->g, GPU_INT + MASK, 0x20103);
    gpu_write(w->g, GPU_CMD, CMD_SOFT_RESET);
    box_step(w->b, 50 * US);
}

/* Body at @code: @n rounds of 200 ns, then a store and a signal. */
static void put_loop(Group *grp, unsigned q, uint64_t code, uint32_t n)
{
    const uint64_t body[] = {
        cs_move32(4, n),
        cs_move32(6, 0),
        cs_add_imm32(6, 6, 3),
        cs_add_imm32(4, 4, -1),
        /* NE */
        22ull << 56 | 4ull << 40 | 3ull << 28 | (uint16_t)-3,
        cs_move48(2, GROUP_DATA_VA + 8 * q),
        cs_store(6, 2, 1, 0),
        cs_wait(CS_SB_ALL),
    };
    const uint64_t ins[] = {
        cs_move48(92, code),
        cs_move32(94, sizeof(body)),
        cs_call(92, 94),
        cs_move48(92, SYNC_VA),
        cs_move48(94, 1),
        cs_sync_add64(92, 94),
        cs_error_barrier(),
    };

    vm_write(&grp->vm, code, body, sizeof(body));
    queue_put(grp, q, ins, ARRAY_SIZE(ins));
}

static void streams_are_running(World *w)
{
    Group *grp;
    unsigned i, q;

    up(w);
    for (i = 0; i < MOMENT_GROUPS; i++) {
        grp = add_group(w, 4);
        /*
         * Streams are executed ahead of time, by a slice of a millisecond:
         * they end so often that some have ended and the firmware does not
         * know yet. A round takes 300 ns.
         */
        for (q = 0; q < 4; q++) {
            put_loop(grp, q, GROUP_CODE_VA + 0x100 * q,
                     6000 + 1600 * q + 800 * i);
        }
        group_start(grp);
    }
    box_step(w->b, 1345678);
    for (i = 0; i < MOMENT_GROUPS; i++) {
        group_ack_events(&w->grp[i]);
    }
}

static void endless_stream_is_running(World *w)
{
    const uint64_t loop[] = { cs_add_imm32(4, 4, 1), cs_branch(-2) };
    Group *grp;

    up(w);
    grp = add_group(w, 2);
    queue_put(grp, 0, loop, ARRAY_SIZE(loop));
    put_loop(grp, 1, GROUP_CODE_VA, 1000000);
    group_start(grp);
    box_step(w->b, 3333333);
}

static void put_wait(Group *grp, unsigned q)
{
    const uint64_t ins[] = {
        cs_move32(10, 0x1234),
        cs_move48(2, SYNC_VA + 0x40),
        cs_move48(4, 0),
        cs_sync_wait64(2, 4),
        cs_add_imm32(10, 10, 1),
        cs_move48(8, GROUP_DATA_VA + 0x100),
        cs_store(10, 8, 1, 0),
    };

    queue_put(grp, q, ins, ARRAY_SIZE(ins));
}

static void stream_waits_for_another(World *w)
{
    Group *grp;

    up(w);
    grp = add_group(w, 2);
    put_wait(grp, 0);
    put_loop(grp, 1, GROUP_CODE_VA, 50000);
    group_start(grp);
    box_step(w->b, 4 * MS);
}

static void stream_stalls_on_a_lock(World *w)
{
    Group *grp;

    up(w);
    grp = add_group(w, 1);
    put_loop(grp, 0, GROUP_CODE_VA, 100);
    gpu_write64(w->g, AS(1) + AS_LOCKADDR, GROUP_DATA_VA | 14);
    vm_command(w->g, 1, AS_LOCK);
    group_start(grp);
    box_step(w->b, 2 * MS);
}

static void endpoint_works_and_flush_is_pending(World *w)
{
    const uint64_t ins[] = {
        cs_run_compute(),
        cs_move32(20, 0),
        cs_flush(20),
        cs_wait(CS_SB_ALL),
        cs_move48(2, GROUP_DATA_VA),
        cs_store(20, 2, 1, 0),
    };
    Group *grp;

    up(w);
    grp = add_group(w, 1);
    queue_put(grp, 0, ins, ARRAY_SIZE(ins));
    group_program(grp, CSG_START);
    group_ring(grp);
    box_step(w->b, 4 * US);
}

static void group_is_suspended(World *w)
{
    Group *grp;

    up(w);
    grp = add_group(w, 2);
    put_wait(grp, 0);
    put_loop(grp, 1, GROUP_CODE_VA, 50000);
    group_start(grp);
    box_step(w->b, 2 * MS);
    g_assert_true(group_state(grp, CSG_SUSPEND));
    box_step(w->b, 100 * US);
}

static void address_space_has_faulted(World *w)
{
    const uint64_t ins[] = {
        cs_move48(2, 0x30000120), cs_store(4, 2, 1, 0), cs_wait(CS_SB_ALL),
    };
    Group *grp;

    up(w);
    gpu_write(w->g, MMU_INT + MASK, ~0u);
    grp = add_group(w, 2);
    queue_put(grp, 0, ins, ARRAY_SIZE(ins));
    put_loop(grp, 1, GROUP_CODE_VA, 50000);
    group_start(grp);
    box_step(w->b, 2 * MS);
}

static void scenario_delays_an_acknowledgement(World *w)
{
    Group *grp;

    up(w);
    grp = add_group(w, 1);
    put_loop(grp, 0, GROUP_CODE_VA, 50000);
    gpu_set_scenario(w->g, "slow-acks");
    group_program(grp, CSG_START);
    group_ring(grp);
    box_step(w->b, 5 * MS);
}

static void scenario_has_lost_a_ping(World *w)
{
    up(w);
    gpu_set_scenario(w->g, "ping-loss");
    g_assert_false(fw_ping(&w->fw));
}

static void unmodelled_accesses_were_made(World *w)
{
    unsigned i;

    for (i = 0; i < 40; i++) {
        gpu_read(w->g, 0x3000 + 4 * i);
    }
    gpu_write64(w->g, TIMESTAMP_OFFSET, 0x123456789ull);
    gpu_write(w->g, L2_CONFIG, 0x01000000);
    gpu_write(w->g, COHERENCY_PROTOCOL, 0);
    g_assert_cmphex(gpu_read(w->g, L2_CONFIG), ==, 0x01000000);
    g_assert_cmpuint(gpu_get_number(w->g, "unmodelled-count"), ==, 40);
}

#define MOMENT(name) { #name, name }

const Moment moments[] = {
    MOMENT(unmodelled_accesses_were_made),
    MOMENT(l2_is_being_powered),
    MOMENT(mcu_boots),
    MOMENT(mcu_halts),
    MOMENT(mcu_is_halted),
    MOMENT(doorbell_is_under_way),
    MOMENT(as_command_is_under_way),
    MOMENT(cache_flush_is_under_way),
    MOMENT(soft_reset_is_under_way),
    MOMENT(streams_are_running),
    MOMENT(endless_stream_is_running),
    MOMENT(stream_waits_for_another),
    MOMENT(stream_stalls_on_a_lock),
    MOMENT(endpoint_works_and_flush_is_pending),
    MOMENT(group_is_suspended),
    MOMENT(address_space_has_faulted),
    MOMENT(scenario_delays_an_acknowledgement),
    MOMENT(scenario_has_lost_a_ping),
};
const unsigned nr_moments = ARRAY_SIZE(moments);

const Moment *moment_by_name(const char *name)
{
    unsigned i;

    for (i = 0; i < nr_moments; i++) {
        if (!strcmp(moments[i].name, name)) {
            return &moments[i];
        }
    }
    g_assert_not_reached();
}

World *world_new(const Moment *m)
{
    World *w = g_new0(World, 1);

    w->b = box_new(1, ",seed=5", "-device gpumbox-ctl");
    w->g = &w->b->gpu[0];
    m->reach(w);
    return w;
}

void world_free(World *w)
{
    box_free(w->b);
    g_free(w);
}
