/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every GPU of dts/gpu: it says that it is the one that it is called, boots
 * the same firmware, runs a job, and can do what its architecture can.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000

/*
 * Written down from the driver's side: architecture and product of
 * panthor_hw.c: get_gpu_model_name(), and what it counts.
 */
static const struct Model {
    const char *name;
    unsigned arch;
    unsigned minor;
    unsigned product;
    unsigned cores;
} models[] = {
    { "mali-g710", 10, 8, 2, 10 },
    { "mali-g510", 10, 10, 3, 5 },
    { "mali-g310", 10, 12, 4, 1 },
    { "mali-g610", 10, 8, 7, 4 },
    { "mali-g715-immortalis", 11, 8, 2, 11 },
    { "mali-g715", 11, 8, 2, 7 },
    { "mali-g615", 11, 8, 3, 2 },
    { "mali-g720-immortalis", 12, 8, 0, 10 },
    { "mali-g720", 12, 8, 0, 6 },
    { "mali-g620", 12, 8, 1, 4 },
    { "mali-g925-immortalis", 13, 8, 0, 12 },
    { "mali-g725", 13, 8, 0, 8 },
    { "mali-g625", 13, 8, 1, 3 },
    { "mali-g1-ultra", 14, 8, 0, 12 },
    { "mali-g1-premium", 14, 8, 1, 8 },
    { "mali-g1-pro", 14, 8, 3, 4 },
};

/* An opcode and since when it exists; 0 after the last of them. */
static const struct {
    unsigned op;
    unsigned first;
    unsigned last;
} opcodes[] = {
    { 5, 10, 10 }, { 6, 10, 11 }, { 7, 10, 13 }, { 12, 12, 14 },
    { 14, 14, 14 }, { 19, 11, 14 }, { 24, 10, 13 }, { 28, 11, 14 },
    { 57, 13, 14 }, { 128, 14, 14 },
};

static void identity(Gpu *g, const struct Model *m)
{
    uint32_t id = gpu_read(g, GPU_ID);
    uint64_t shaders = gpu_read64(g, m->arch < 14 ? SHADER_PRESENT :
                                     PWR_SHADER + PWR_PRESENT);

    g_assert_cmpuint(id >> 28, ==, m->arch);
    g_assert_cmpuint(id >> 24 & 15, ==, m->minor);
    g_assert_cmpuint(id >> 16 & 15, ==, m->product);
    g_assert_cmpuint(__builtin_popcountll(shaders), ==, m->cores);
    /* panthor_gpu.c: panthor_gpu_coherency_init(), panthor_gpu_init() */
    g_assert_cmphex(gpu_read(g, COHERENCY_FEATURES) & 1, ==, 1);
    g_assert_cmphex(gpu_read(g, AS_PRESENT) & 3, ==, 3);
    g_assert_cmphex(gpu_get_number(g, "unmodelled-count"), ==, 0);
}

static void runs_a_job(Group *grp)
{
    const uint64_t ins[] = {
        cs_move32(4, 0x600d),
        cs_move48(2, GROUP_DATA_VA),
        cs_store(4, 2, 1, 0),
    };

    queue_put(grp, 0, ins, ARRAY_SIZE(ins));
    group_start(grp);
    g_assert_true(queue_wait(grp, 0, 10 * MS));
    g_assert_cmphex(vm_read32(&grp->vm, GROUP_DATA_VA), ==, 0x600d);
}

/* Streams of one group, each with one opcode: those that are not die of it. */
static void knows_its_opcodes(Fw *fw, const struct Model *m)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
        const uint64_t ins[] = {
            (uint64_t)opcodes[i].op << 56,
            cs_move32(4, 0x600d),
            cs_move48(2, GROUP_DATA_VA),
            cs_store(4, 2, 1, 0),
        };
        bool known = m->arch >= opcodes[i].first &&
                     m->arch <= opcodes[i].last;
        /* RUN_IDVS* ask for tiler memory first; there is none here. */
        bool heap = opcodes[i].op == 6 || opcodes[i].op == 12;
        Group grp;

        group_init(&grp, fw, 1 + i % 3, 2, 1);
        queue_put(&grp, 0, ins, ARRAY_SIZE(ins));
        group_start(&grp);
        box_step(fw->gpu->box, MS);
        if (!heap || !known) {
            g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==,
                            known ? 0x600d : 0);
        }
        group_state(&grp, CSG_TERMINATE);
    }
}

static void works(const void *data)
{
    const struct Model *m = data;
    g_autofree char *option = g_strdup_printf(",persona=%s", m->name);
    Box *b = box_new(1, option, "");
    Gpu *g = &b->gpu[0];
    Group grp;
    Fw fw;

    identity(g, m);
    fw_up(&fw, g);
    g_assert_true(fw_ping(&fw));
    group_init(&grp, &fw, 0, 1, 1);
    runs_a_job(&grp);
    knows_its_opcodes(&fw, m);
    gpu_soft_reset(g);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    fw_up(&fw, g);
    group_init(&grp, &fw, 0, 1, 1);
    runs_a_job(&grp);
    box_free(b);
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < ARRAY_SIZE(models); i++) {
        g_autofree char *name = g_strdup_printf("/gpumbox/personas/%s",
                                                models[i].name);

        qtest_add_data_func(name, &models[i], works);
    }
    return g_test_run();
}
