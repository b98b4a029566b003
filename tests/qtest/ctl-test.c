/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control page, and scenarios loaded while the machine runs.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"

#include "lib/group.h"

#define MS 1000000

#define CTL_ID 0x00
#define CTL_VERSION 0x04
#define CTL_SNAPSHOT 0x08
#define CTL_EXIT 0x0c
#define CTL_SEED 0x10
#define CTL_GENERATION 0x14
#define CTL_PARAM_LEN 0x18
#define CTL_STATUS 0x1c
#define CTL_CMD 0x20
#define CTL_FILE_LEN 0x24
#define CTL_FILE_POS 0x28
#define CTL_FILE_DATA 0x2c
#define CTL_PARAM 0x400
#define CTL_PARAM_MAX 3071

/* The page comes behind the GPU's registers on the platform bus. */
static uint64_t ctl_base(Box *b)
{
    QDict *r = qtest_qmp_assert_success_ref(b->qts,
        "{ 'execute': 'qom-list', 'arguments': "
        "{ 'path': '/machine/peripheral/ctl' } }");
    uint64_t base = 0x0c000000;

    qobject_unref(r);
    while (qtest_readl(b->qts, base + CTL_ID) != 0x584d4247) {
        base += 0x1000;
        g_assert_cmphex(base, <, 0x0e000000);
    }
    return base;
}

static Box *ctl_box(const char *options, uint64_t *base)
{
    g_autofree char *extra = g_strdup_printf(
        "-device gpumbox-ctl,id=ctl%s", options);
    Box *b = box_new(1, "", extra);

    *base = ctl_base(b);
    return b;
}

static uint32_t command(Box *b, uint64_t ctl, const char *text)
{
    for (; *text; text++) {
        qtest_writel(b->qts, ctl + CTL_CMD, *text);
    }
    qtest_writel(b->qts, ctl + CTL_CMD, '\n');
    return qtest_readl(b->qts, ctl + CTL_STATUS);
}

static void identity_seed_and_generation(void)
{
    uint64_t ctl;
    Box *b = ctl_box(",seed=77,generation=3", &ctl);

    g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_VERSION), ==, 1);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_SEED), ==, 77);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_GENERATION), ==, 3);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_PARAM_LEN), ==, 0);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_PARAM), ==, 0);
    box_free(b);
}

static void params_are_the_bytes_of_the_option(void)
{
    static const char params[] = "test=query,vm driver=panthor x";
    uint64_t ctl;
    Box *b = ctl_box(",params=\"test=query,,vm driver=panthor x\"", &ctl);
    char got[64] = "";
    unsigned i, len = qtest_readl(b->qts, ctl + CTL_PARAM_LEN);

    g_assert_cmpuint(len, ==, strlen(params));
    for (i = 0; i < len; i += 4) {
        uint32_t word = qtest_readl(b->qts, ctl + CTL_PARAM + i);

        memcpy(got + i, &word, 4);
    }
    g_assert_cmpstr(got, ==, params);
    g_assert_cmphex(qtest_readl(b->qts, ctl + 0xffc), ==, 0);
    box_free(b);
}

static void too_many_params_are_refused(void)
{
    g_autofree char *long_one = g_strnfill(CTL_PARAM_MAX + 1, 'x');
    g_autofree char *option = g_strdup_printf(
        "-device gpumbox-ctl,params=%s", long_one);
    g_autofree char *text = box_refused("", option);

    g_assert_nonnull(strstr(text, "params"));
}

static void commands_answer_with_an_errno(void)
{
    uint64_t ctl;
    Box *b = ctl_box("", &ctl);
    g_autofree char *endless = g_strnfill(5000, 'a');

    g_assert_cmpuint(command(b, ctl, "log hello"), ==, 0);
    g_assert_cmpuint(command(b, ctl, "dance"), ==, 38);
    g_assert_cmpuint(command(b, ctl, ""), ==, 38);
    g_assert_cmpuint(command(b, ctl, "scenario no-such-thing"), ==, 2);
    g_assert_cmpuint(command(b, ctl, "scenario ../ping-loss"), ==, 22);
    g_assert_cmpuint(command(b, ctl, "scenario /etc/passwd"), ==, 22);
    g_assert_cmpuint(command(b, ctl, endless), ==, 7);
    g_assert_cmpuint(command(b, ctl, "scenario ping-loss"), ==, 0);
    g_assert_cmpuint(command(b, ctl, "scenario none"), ==, 0);
    box_free(b);
}

/* A name of a scenario that is refused leaves the one before in force. */
static void scenario_by_command_reaches_every_gpu(void)
{
    uint64_t ctl;
    Box *b = ctl_box("", &ctl);
    Gpu *g = &b->gpu[0];
    g_autofree char *name = NULL;
    g_autofree char *still = NULL;
    g_autofree char *none = NULL;
    Fw fw;

    fw_up(&fw, g);
    g_assert_true(fw_ping(&fw));
    g_assert_cmpuint(command(b, ctl, "scenario ping-loss"), ==, 0);
    name = gpu_get_string(g, "scenario");
    g_assert_cmpstr(name, ==, "ping-loss");
    g_assert_cmpuint(command(b, ctl, "scenario no-such-thing"), ==, 2);
    still = gpu_get_string(g, "scenario");
    g_assert_cmpstr(still, ==, "ping-loss");
    g_assert_false(fw_ping(&fw));
    g_assert_cmpuint(gpu_get_number(g, "scenario-decisions"), ==, 1);
    g_assert_cmpuint(command(b, ctl, "scenario none"), ==, 0);
    none = gpu_get_string(g, "scenario");
    g_assert_cmpstr(none, ==, "");
    box_free(b);
}

static void scenario_by_qom_set(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    QDict *r;
    Fw fw;

    fw_up(&fw, g);
    gpu_set_scenario(g, "ping-loss");
    g_assert_false(fw_ping(&fw));
    gpu_set_scenario(g, "");
    r = qtest_qmp(b->qts, "{ 'execute': 'qom-set', 'arguments': { 'path': "
                  "%s, 'property': 'scenario', 'value': 'no-such-thing' } }",
                  g->path);
    g_assert_true(qdict_haskey(r, "error"));
    qobject_unref(r);
    box_free(b);
}

/* From the command line it is there before the first event. */
static void scenario_by_option_keeps_the_mcu_from_booting(void)
{
    Box *b = box_new(1, ",scenario=boot-never", "");
    Fw fw;

    fw_load(&fw, &b->gpu[0]);
    fw_start(&fw);
    g_assert_false(fw_wait_boot(&fw));
    g_assert_cmphex(gpu_read(&b->gpu[0], MCU_STATUS), ==, MCU_DISABLED);
    gpu_set_scenario(&b->gpu[0], "");
    gpu_write(&b->gpu[0], MCU_CONTROL, MCU_DISABLE);
    fw_boot(&fw);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void scenario_can_withhold_a_reset(void)
{
    Box *b = box_new(1, ",scenario=reset-stuck", "");
    Gpu *g = &b->gpu[0];

    gpu_power_on(g);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 1000 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_RESET_COMPLETED, ==,
                    0);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 1);
    box_free(b);
}

/* One command hangs; AS_ACTIVE stays until a reset. */
static void scenario_can_stick_an_address_space(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_set_scenario(g, "as-stuck");
    gpu_write(g, AS(1) + AS_COMMAND, AS_LOCK);
    box_step(b, 1000 * MS);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_STATUS), ==, 1);
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_STATUS), ==, 0);
    vm_command(g, 1, AS_LOCK);
    box_free(b);
}

/* The MCU goes on, its firmware too; a reset ends it. */
static void scenario_can_keep_the_mcu_from_stopping(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;

    fw_up(&fw, g);
    gpu_set_scenario(g, "stop-stuck");
    gpu_write(g, MCU_CONTROL, MCU_DISABLE);
    box_step(b, 1000 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_ENABLED);
    g_assert_true(fw_ping(&fw));
    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    box_free(b);
}

/* Unlike a reset, which leaves a bit that says that it was. */
static void power_cycle_forgets_all(void)
{
    uint64_t ctl;
    Box *b = ctl_box("", &ctl);
    Gpu *g = &b->gpu[0];
    Fw fw;

    gpu_write(g, GPU_CMD, CMD_SOFT_RESET);
    box_step(b, 100 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_RESET_COMPLETED, ==,
                    INT_RESET_COMPLETED);
    fw_up(&fw, g);
    gpu_write(g, AS(1) + AS_TRANSTAB, 0x1000);
    gpu_write(g, GPU_INT + MASK, 1);
    g_assert_cmpuint(command(b, ctl, "power-cycle"), ==, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, GPU_INT + MASK), ==, 0);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), ==, MCU_DISABLED);
    g_assert_cmphex(gpu_read64(g, L2_READY), ==, 0);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_TRANSTAB), ==, 0);
    fw_up(&fw, g);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void exit_register_is_the_status(void)
{
    uint64_t ctl;
    Box *b = ctl_box("", &ctl);

    qtest_set_expected_status(b->qts, 42);
    qtest_writel(b->qts, ctl + CTL_EXIT, 42);
    qtest_wait_qemu(b->qts);
    qtest_quit(b->qts);
    g_free(b);
}

/* The machine stops right behind the write and can be continued. */
static void snapshot_register_stops_the_machine(void)
{
    uint64_t ctl;
    Box *b = ctl_box("", &ctl);
    QDict *r;

    qtest_writel(b->qts, ctl + CTL_SNAPSHOT, 9);
    qtest_qmp_eventwait(b->qts, "STOP");
    r = qtest_qmp(b->qts, "{ 'execute': 'qom-get', 'arguments': { 'path': "
                  "'/machine/peripheral/ctl', 'property': "
                  "'snapshot-tag' } }");
    g_assert_cmpint(qdict_get_int(r, "return"), ==, 9);
    qobject_unref(r);
    qtest_qmp_assert_success(b->qts, "{ 'execute': 'cont' }");
    qtest_qmp_eventwait(b->qts, "RESUME");
    box_free(b);
}

/* Line by line what crossed the mailbox, and when. */
static void mailbox_log_tells_what_happened(void)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/log", dir);
    g_autofree char *option = g_strdup_printf(",mailbox-log=%s", path);
    g_autofree char *text = NULL;
    Box *b = box_new(1, option, "");
    Fw fw;

    fw_up(&fw, &b->gpu[0]);
    g_assert_true(fw_ping(&fw));
    box_free(b);
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_assert_nonnull(strstr(text, "boot "));
    g_assert_nonnull(strstr(text, "doorbell global"));
    g_assert_nonnull(strstr(text, "request glb-ping"));
    g_assert_nonnull(strstr(text, "ack glb-ping"));
    g_assert_nonnull(strstr(text, "irq job"));
    unlink(path);
    rmdir(dir);
}

/* What the host offers is read in words, from where the guest wants. */
static void file_is_read_in_words(void)
{
    static const char text[] = "firmware!!";
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "image", NULL);
    g_autofree char *option = g_strdup_printf(",file=%s", path);
    uint64_t ctl;
    Box *b;

    g_assert_true(g_file_set_contents(path, text, 10, NULL));
    b = ctl_box(option, &ctl);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_FILE_LEN), ==, 10);
    for (unsigned turn = 0; turn < 2; turn++) {
        g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==,
                        0x6d726966);
        g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_FILE_POS), ==, 4);
        g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==,
                        0x65726177);
        g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==, 0x2121);
        g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==, 0);
        qtest_writel(b->qts, ctl + CTL_FILE_POS, 0);
    }
    qtest_writel(b->qts, ctl + CTL_FILE_POS, 0xfffffffc);
    g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==, 0);
    box_free(b);
    b = ctl_box("", &ctl);
    g_assert_cmpuint(qtest_readl(b->qts, ctl + CTL_FILE_LEN), ==, 0);
    g_assert_cmphex(qtest_readl(b->qts, ctl + CTL_FILE_DATA), ==, 0);
    box_free(b);
    unlink(path);
    rmdir(dir);
}

#define TEST(name) qtest_add_func("/gpumbox/ctl/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(identity_seed_and_generation);
    TEST(params_are_the_bytes_of_the_option);
    TEST(too_many_params_are_refused);
    TEST(commands_answer_with_an_errno);
    TEST(scenario_by_command_reaches_every_gpu);
    TEST(scenario_by_qom_set);
    TEST(scenario_by_option_keeps_the_mcu_from_booting);
    TEST(scenario_can_withhold_a_reset);
    TEST(scenario_can_stick_an_address_space);
    TEST(scenario_can_keep_the_mcu_from_stopping);
    TEST(power_cycle_forgets_all);
    TEST(exit_register_is_the_status);
    TEST(snapshot_register_stops_the_machine);
    TEST(mailbox_log_tells_what_happened);
    TEST(file_is_read_in_words);
    return g_test_run();
}
