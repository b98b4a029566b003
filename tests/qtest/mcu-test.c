/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The MCU: boot, stop, halt, its image and profile, the global interface.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "lib/group.h"

#define MS 1000000

static void job_interrupt_31_at_boot(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    g_assert_false(gpu_line(g, BOX_LINE_JOB));
    fw_start(&fw);
    /* Nothing of the firmware runs inside the register write. */
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    /* Tyr waits 100 ms. */
    g_assert_cmpint(gpu_poll(g, JOB_INT + STAT, INT_GLOBAL, INT_GLOBAL,
                             100 * MS), >, 0);
    g_assert_true(gpu_line(g, BOX_LINE_JOB));
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_ENABLED);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, INT_GLOBAL);
    box_free(b);
}

/* panthor_fw.c: panthor_fw_init_ifaces() and what it refuses. */
static void control_blocks_are_what_the_driver_checks(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t groups, stride, i, j;
    Fw fw;

    fw_load(&fw, g);
    g_assert_cmphex(fw_read(&fw, SHARED_VA + GLB_VERSION), ==, 0);
    fw_start(&fw);
    g_assert_true(fw_wait_boot(&fw));
    g_assert_cmphex(fw_read(&fw, SHARED_VA + GLB_VERSION), ==, 0x01010000);
    groups = fw_read(&fw, SHARED_VA + GLB_GROUP_NUM);
    stride = fw_read(&fw, SHARED_VA + GLB_GROUP_STRIDE);
    g_assert_cmpuint(groups, ==, 8);
    for (i = 0; i < groups; i++) {
        uint32_t csg = SHARED_VA + GROUP_CONTROL + i * stride;
        uint32_t streams = fw_read(&fw, csg + CSG_STREAM_NUM);

        g_assert_cmpuint(streams, ==, 8);
        g_assert_cmphex(fw_read(&fw, csg + CSG_SUSPEND_SIZE), >, 0);
        g_assert_cmphex(fw_read(&fw, csg + CSG_PROTM_SIZE), >, 0);
        for (j = 0; j < streams; j++) {
            uint32_t cs = csg + STREAM_CONTROL +
                          j * fw_read(&fw, csg + CSG_STREAM_STRIDE);

            g_assert_cmphex(fw_read(&fw, cs + CS_FEATURES), ==, 0x7085f);
            g_assert_cmphex(fw_read(&fw, cs + CS_INPUT_VA) >> 18, ==,
                            SHARED_VA >> 18);
            g_assert_cmphex(fw_read(&fw, cs + CS_OUTPUT_VA) >> 18, ==,
                            SHARED_VA >> 18);
        }
    }
    box_free(b);
}

/* The MCU has no clock while L2 is off. */
static void mcu_needs_l2(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    gpu_write(g, L2_PWROFF, 1);
    g_assert_cmpint(gpu_poll(g, L2_READY, ~0u, 0, 20 * MS), >, 0);
    fw_start(&fw);
    box_step(b, 1000 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    box_free(b);
}

static void mcu_stops_when_l2_goes(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    gpu_write(g, L2_PWROFF, 1);
    g_assert_cmpint(gpu_poll(g, L2_READY, ~0u, 0, 20 * MS), >, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    g_assert_false(fw_ping(&fw));
    box_free(b);
}

/* 7.3's resume writes AUTO again without DISABLE. */
static void mcu_boots_again_after_l2_cycle(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    gpu_write(g, L2_PWROFF, 1);
    g_assert_cmpint(gpu_poll(g, L2_READY, ~0u, 0, 20 * MS), >, 0);
    gpu_power_on(g);
    /* AUTO was forgotten with the power: nothing happens by itself. */
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    fw_boot(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void mcu_boots_again_after_soft_reset(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    g_assert_cmpint(gpu_poll(g, GPU_INT + RAWSTAT, INT_RESET_COMPLETED,
                             INT_RESET_COMPLETED, 100 * MS), >, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    gpu_power_on(g);
    vm_enable(&fw.vm, 0);
    fw_boot(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

/* Guest memory survives a soft reset, and so do the acknowledgements. */
static void restart_goes_on_from_the_last_acknowledgements(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t ack;
    Fw fw;

    fw_up(&fw, g);
    g_assert_true(fw_ping(&fw));
    ack = fw_read(&fw, fw.output + GLB_ACK);
    gpu_write(g, MCU_CONTROL, MCU_DISABLE);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_DISABLED, 100 * MS), >=,
                    0);
    fw_start(&fw);
    g_assert_true(fw_wait_boot(&fw));
    g_assert_cmphex(fw_read(&fw, fw.output + GLB_ACK), ==, ack);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void doorbell_before_boot_is_lost(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    fw_ring(&fw);
    box_step(b, 10 * MS);
    fw_start(&fw);
    fw_ring(&fw);
    g_assert_true(fw_wait_boot(&fw));
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    fw_enable(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

/* Latency: the acknowledgement is there after the doorbell, not in it. */
static void doorbell_is_asynchronous(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t before;
    Fw fw;

    fw_up(&fw, g);
    box_step(b, MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    before = fw_read(&fw, fw.output + GLB_ACK);
    fw_toggle(&fw, fw.input + GLB_REQ, fw.output + GLB_ACK, REQ_PING);
    fw_ring(&fw);
    g_assert_cmphex(fw_read(&fw, fw.output + GLB_ACK), ==, before);
    g_assert_false(gpu_line(g, BOX_LINE_JOB));
    box_step(b, 1999);
    g_assert_cmphex(fw_read(&fw, fw.output + GLB_ACK), ==, before);
    box_step(b, 1);
    g_assert_cmphex(fw_read(&fw, fw.output + GLB_ACK), ==, before ^ REQ_PING);
    g_assert_true(gpu_line(g, BOX_LINE_JOB));
    box_free(b);
}

/* Without a doorbell nobody looks at the request. */
static void request_without_doorbell_stays(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t before;
    Fw fw;

    fw_up(&fw, g);
    box_step(b, 10 * MS);
    before = fw_read(&fw, fw.output + GLB_ACK);
    fw_toggle(&fw, fw.input + GLB_REQ, fw.output + GLB_ACK, REQ_PING);
    box_step(b, 100 * MS);
    g_assert_cmphex((fw_read(&fw, fw.output + GLB_ACK) ^ before) & REQ_PING,
                    ==, 0);
    box_free(b);
}

/* Acknowledgements that the mask does not select raise nothing. */
static void ack_irq_mask_selects(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    box_step(b, 10 * MS);
    gpu_write(g, JOB_INT + CLEAR, ~0u);
    fw_write(&fw, fw.input + GLB_IRQ_MASK, REQ_ALLOC_EN);
    g_assert_true(fw_ping(&fw));
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    fw_write(&fw, fw.input + GLB_IRQ_MASK, REQ_PING);
    g_assert_true(fw_ping(&fw));
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, INT_GLOBAL);
    box_free(b);
}

/* panthor_fw.c: panthor_fw_halt_mcu() polls MCU_STATUS for HALT. */
static void halt_and_fast_restart(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    fw_request_halt(&fw);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_HALTED, 100 * MS), >, 0);
    g_assert_cmphex(fw_read(&fw, fw.output + GLB_HALT_STATUS), ==, 0);
    gpu_write(g, MCU_CONTROL, MCU_DISABLE);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_DISABLED, 100 * MS), >=,
                    0);
    /* A HALT that is set at boot is not a request: only 0 -> 1 is. */
    fw_start(&fw);
    g_assert_true(fw_wait_boot(&fw));
    fw_ring(&fw);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_ENABLED);
    fw_update(&fw, fw.input + GLB_REQ, REQ_HALT, 0);
    fw_enable(&fw);
    g_assert_true(fw_ping(&fw));
    fw_request_halt(&fw);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_HALTED, 100 * MS), >, 0);
    box_free(b);
}

/* A second AUTO, or AUTO while it boots, starts nothing twice. */
static void auto_twice_boots_once(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    fw_start(&fw);
    gpu_write(g, MCU_CONTROL, MCU_AUTO);
    g_assert_true(fw_wait_boot(&fw));
    gpu_write(g, MCU_CONTROL, MCU_AUTO);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_ENABLED);
    box_free(b);
}

static void disable_while_booting_stops_the_boot(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    fw_start(&fw);
    box_step(b, 1000);
    gpu_write(g, MCU_CONTROL, MCU_DISABLE);
    box_step(b, 1000 * MS);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    fw_boot(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

/* No image: the firmware faults on its first access, and says FATAL. */
static void boot_without_an_image_is_fatal(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_power_on(g);
    gpu_write(g, MMU_INT + MASK, ~0u);
    gpu_write(g, MCU_CONTROL, MCU_AUTO);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_FATAL);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 1);
    g_assert_true(gpu_line(g, BOX_LINE_MMU));
    g_assert_cmphex(gpu_read(g, AS(0) + AS_FAULTSTATUS) & 0xff, >=, 0xc0);
    box_free(b);
}

/* Where the image keeps its profile: behind the boot block at VA 0. */
static uint32_t profile_va(Fw *fw)
{
    return fw_read(fw, 8);
}

static void expect_fatal_boot(Fw *fw)
{
    Gpu *g = fw->gpu;

    fw_start(fw);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_FATAL, 100 * MS), >, 0);
    g_assert_cmphex(gpu_read(g, JOB_INT + RAWSTAT), ==, 0);
    /* It stays so until it is stopped; a good image then boots. */
    fw_ring(fw);
    box_step(g->box, 10 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_FATAL);
    gpu_write(g, MCU_CONTROL, MCU_DISABLE);
    g_assert_cmpint(gpu_poll(g, MCU_STATUS, ~0u, MCU_DISABLED, 100 * MS), >=,
                    0);
}

static void broken_profile_in_the_image_is_fatal(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t va, word;
    Fw fw;

    fw_load(&fw, g);
    va = profile_va(&fw);
    word = fw_read(&fw, va);
    fw_write(&fw, va, ~word);
    expect_fatal_boot(&fw);
    fw_write(&fw, va, word);
    fw_boot(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void profile_outside_of_the_image_is_fatal(void)
{
    static const uint32_t places[] = { 0x00f00000, 0xfffffff0, 0x04000000 };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t va;
    unsigned i;
    Fw fw;

    fw_load(&fw, g);
    va = profile_va(&fw);
    for (i = 0; i < ARRAY_SIZE(places); i++) {
        fw_write(&fw, 8, places[i]);
        expect_fatal_boot(&fw);
        /* The fault that it made is over with the next UPDATE. */
        vm_enable(&fw.vm, 0);
    }
    fw_write(&fw, 8, va);
    fw_write(&fw, 12, 0xffffffff);
    expect_fatal_boot(&fw);
    box_free(b);
}

/* An option names a broken file: a sentence with file, node and property. */
static void broken_files_are_refused_with_a_sentence(void)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/broken.dtb", dir);
    g_autofree char *data = g_strdup_printf(
        "%s/gpumbox/mali-g610.dtb", g_getenv("GPUMBOX_DATA"));
    static const char *const options[] = { "persona", "abi", "scenario" };
    g_autofree char *bytes = NULL;
    gsize size;
    unsigned i;

    g_assert_true(g_file_get_contents(data, &bytes, &size, NULL));
    g_assert_true(g_file_set_contents(path, bytes, size / 2, NULL));
    for (i = 0; i < ARRAY_SIZE(options); i++) {
        g_autofree char *option = g_strdup_printf(",%s=%s", options[i], path);
        g_autofree char *text = box_refused(option, "");

        g_assert_nonnull(strstr(text, path));
    }
    unlink(path);
    for (i = 0; i < ARRAY_SIZE(options); i++) {
        g_autofree char *option = g_strdup_printf(",%s=no-such-thing",
                                                  options[i]);
        g_autofree char *text = box_refused(option, "");

        g_assert_nonnull(strstr(text, "no-such-thing"));
    }
    rmdir(dir);
}

/* A persona where a profile is wanted, and the reverse. */
static void wrong_kind_of_file_is_refused(void)
{
    g_autofree char *text = box_refused(",persona=csf-1.1", "");
    g_autofree char *other = box_refused(",abi=mali-g610", "");

    g_assert_nonnull(strstr(text, "csf-1.1"));
    g_assert_nonnull(strstr(other, "mali-g610"));
}

/* An image of someone else: the persona's fallback profile serves. */
static void image_without_profile_uses_the_fallback(void)
{
    Box *b = box_new(1, ",abi=csf-1.1", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    fw_write(&fw, 0, 0);
    fw_start(&fw);
    g_assert_true(fw_wait_boot(&fw));
    g_assert_cmphex(fw_read(&fw, SHARED_VA + GLB_VERSION), ==, 0x01010000);
    fw_enable(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

/* Two MCUs: one runs, the other knows nothing of it. */
static void two_mcus_boot_on_their_own(void)
{
    Box *b = box_new(2, "", "");
    Fw one, two;

    fw_up(&one, &b->gpu[0]);
    g_assert_true(fw_ping(&one));
    g_assert_cmphex(gpu_read(&b->gpu[1], MCU_STATUS), ==, MCU_DISABLED);
    g_assert_cmphex(gpu_read(&b->gpu[1], JOB_INT + RAWSTAT), ==, 0);
    fw_up(&two, &b->gpu[1]);
    gpu_write(&b->gpu[0], GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(&b->gpu[0], MCU_STATUS), ==, MCU_DISABLED);
    g_assert_true(fw_ping(&two));
    box_free(b);
}

static void mcu_status_change_is_signalled(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_load(&fw, g);
    gpu_write(g, GPU_INT + CLEAR, ~0u);
    fw_boot(&fw);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_MCU_STATUS, !=, 0);
    g_assert_false(gpu_line(g, BOX_LINE_GPU));
    box_free(b);
}

/* Cores are the firmware's: on for work or by GLB_ALLOC_EN, never by itself
 * before the boot. */
static void cores_are_off_without_firmware(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_power_on(g);
    gpu_write(g, SHADER_PWRON, ~0u);
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read64(g, SHADER_READY), ==, 0);
    g_assert_cmphex(gpu_read64(g, TILER_READY), ==, 0);
    box_free(b);
}

#define TEST(name) qtest_add_func("/gpumbox/mcu/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(job_interrupt_31_at_boot);
    TEST(control_blocks_are_what_the_driver_checks);
    TEST(mcu_needs_l2);
    TEST(mcu_stops_when_l2_goes);
    TEST(mcu_boots_again_after_l2_cycle);
    TEST(mcu_boots_again_after_soft_reset);
    TEST(restart_goes_on_from_the_last_acknowledgements);
    TEST(doorbell_before_boot_is_lost);
    TEST(doorbell_is_asynchronous);
    TEST(request_without_doorbell_stays);
    TEST(ack_irq_mask_selects);
    TEST(halt_and_fast_restart);
    TEST(auto_twice_boots_once);
    TEST(disable_while_booting_stops_the_boot);
    TEST(boot_without_an_image_is_fatal);
    TEST(broken_profile_in_the_image_is_fatal);
    TEST(profile_outside_of_the_image_is_fatal);
    TEST(broken_files_are_refused_with_a_sentence);
    TEST(wrong_kind_of_file_is_refused);
    TEST(image_without_profile_uses_the_fallback);
    TEST(two_mcus_boot_on_their_own);
    TEST(mcu_status_change_is_signalled);
    TEST(cores_are_off_without_firmware);
    return g_test_run();
}
