/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A GPU that was saved and restored goes on like one that was not: the same
 * registers and the same memory at the same virtual times.
 *
 * Each moment is reached twice, in two machines. One is saved there and goes
 * on in a new QEMU. From then on the driver does the same to both, and after
 * each step everything that the guest could see is compared.
 */
#include "qemu/osdep.h"

#include "moments.h"

#define US 1000
#define MS 1000000

/* A register by register note of what was seen, one line each. */
static void note_registers(GString *s, Gpu *g)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        { GPU_INT, GPU_INT + STAT },
        { GPU_STATUS, L2_CONFIG },
        { TIMESTAMP_OFFSET, TIMESTAMP + 4 },
        { SHADER_READY, L2_READY + 4 },
        { 0x200, L2_PWRTRANS + 4 },
        { COHERENCY_PROTOCOL, COHERENCY_PROTOCOL },
        { MCU_CONTROL, MCU_STATUS },
        { JOB_INT, JOB_INT + STAT },
        { MMU_INT, MMU_INT + STAT },
        { AS(0), AS(7) + AS_FAULTEXTRA + 4 },
        { FLUSH_ID, FLUSH_ID },
    };
    unsigned i;
    uint32_t reg;

    for (i = 0; i < ARRAY_SIZE(ranges); i++) {
        for (reg = ranges[i].first; reg <= ranges[i].last; reg += 4) {
            g_string_append_printf(s, "register %05x %08x\n", reg,
                                   gpu_read(g, reg));
        }
    }
}

static void note_memory(GString *s, Box *b)
{
    uint8_t page[4096];
    unsigned i;

    for (i = 0; i < b->pages; i++) {
        uint64_t pa = box_page_at(i);
        g_autofree char *sum = NULL;

        qtest_memread(b->qts, pa, page, sizeof(page));
        sum = g_compute_checksum_for_data(G_CHECKSUM_SHA1, page,
                                          sizeof(page));
        g_string_append_printf(s, "page %" PRIx64 " %s\n", pa, sum);
    }
}

static void note(GString *s, World *w, const char *when)
{
    g_autofree char *list = gpu_get_string(w->g, "unmodelled");
    g_autofree char *scenario = gpu_get_string(w->g, "scenario");

    g_string_append_printf(s, "at %" PRId64 ": %s\n", w->b->now, when);
    note_registers(s, w->g);
    note_memory(s, w->b);
    g_string_append_printf(s, "unmodelled %s\nscenario %s\ndecisions %"
                           PRIu64 "\nmcu %" PRIu64 "\n", list, scenario,
                           gpu_get_number(w->g, "scenario-decisions"),
                           gpu_get_number(w->g, "mcu-state"));
}

static void driver_goes_on(GString *s, World *w)
{
    const uint64_t ins[] = { cs_nop(), cs_nop() };
    unsigned i;

    for (i = 0; i < w->nr; i++) {
        queue_put(&w->grp[i], 0, ins, ARRAY_SIZE(ins));
        queue_kick(&w->grp[i]);
    }
    box_step(w->b, MS);
    note(s, w, "more work");
    for (i = 0; i < w->nr; i++) {
        vm_write64(&w->grp[i].vm, GROUP_DATA_VA + 0x840, 1);
        gpu_write(w->g, AS(w->grp[i].as) + AS_COMMAND, AS_UNLOCK);
    }
    box_step(w->b, 10 * US);
    note(s, w, "locks are released");
    if (w->booted) {
        g_string_append_printf(s, "ping %d\n", fw_ping(&w->fw));
        note(s, w, "pinged");
    }
    for (i = 0; i < w->nr; i++) {
        queue_put(&w->grp[i], 0, ins, ARRAY_SIZE(ins));
        queue_kick(&w->grp[i]);
        box_step(w->b, MS);
        g_string_append_printf(s, "status %d\n",
                               group_status_update(&w->grp[i]));
        note(s, w, "kicked");
    }
    for (i = 0; i < w->nr; i++) {
        g_string_append_printf(s, "suspend %d\n",
                               group_state(&w->grp[i], CSG_SUSPEND));
        group_bind(&w->grp[i], 5 + i);
        g_string_append_printf(s, "resume %d\n",
                               group_state(&w->grp[i], CSG_RESUME));
        box_step(w->b, 20 * MS);
        note(s, w, "moved to another slot");
    }
    gpu_write(w->g, GPU_CMD, CMD_SOFT_RESET);
    box_step(w->b, MS);
    note(s, w, "reset");
}

static char *go_on(World *w)
{
    static const int64_t steps[] = {
        1, 500, 999, 3 * US, 10 * US, 100 * US, MS, 10 * MS, 100 * MS,
    };
    GString *s = g_string_new(NULL);
    unsigned i, j;

    note(s, w, "as it was saved");
    /* When which interrupt comes. */
    for (i = 0; i < 40; i++) {
        int64_t now = box_step(w->b, 30 * US);

        g_string_append_printf(s, "at %" PRId64 ": job interrupts %x\n", now,
                               gpu_read(w->g, JOB_INT + RAWSTAT));
        gpu_write(w->g, JOB_INT + CLEAR, ~0u);
        for (j = 0; j < w->nr; j++) {
            group_ack_events(&w->grp[j]);
        }
    }
    for (i = 0; i < ARRAY_SIZE(steps); i++) {
        box_step(w->b, steps[i]);
        note(s, w, "time passes");
    }
    driver_goes_on(s, w);
    return g_string_free(s, FALSE);
}

/* Say where they part: the first line that differs, and the time above. */
static void compare(const char *one, const char *two)
{
    g_auto(GStrv) a = g_strsplit(one, "\n", -1);
    g_auto(GStrv) b = g_strsplit(two, "\n", -1);
    const char *when = "";
    unsigned i;

    for (i = 0; a[i] && b[i]; i++) {
        if (g_str_has_prefix(a[i], "at ")) {
            when = a[i];
        }
        if (strcmp(a[i], b[i])) {
            g_test_message("%s", when);
            g_test_message("not saved: %s", a[i]);
            g_test_message("restored:  %s", b[i]);
            break;
        }
    }
    g_assert_cmpstr(a[i], ==, b[i]);
}

static void save_and_restore(World *w)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/state", dir);
    g_autofree char *error = NULL;

    box_save(w->b, path);
    error = box_load(w->b, path);
    g_assert_cmpstr(error, ==, NULL);
    unlink(path);
    rmdir(dir);
}

static void restored_goes_on_like_unsaved(const void *data)
{
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    World *w = world_new(data);

    one = go_on(w);
    world_free(w);
    w = world_new(data);
    save_and_restore(w);
    two = go_on(w);
    world_free(w);
    compare(one, two);
}

/* The one that was saved is none the worse either, if it is continued. */
static void saved_machine_can_be_continued(void)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/state", dir);
    const Moment *m = moment_by_name("streams_are_running");
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    World *w = world_new(m);

    one = go_on(w);
    world_free(w);
    w = world_new(m);
    box_save(w->b, path);
    qtest_qmp_assert_success(w->b->qts, "{ 'execute': 'cont' }");
    two = go_on(w);
    world_free(w);
    compare(one, two);
    unlink(path);
    rmdir(dir);
}

/* Restored, saved at once, restored again: nothing wears off. */
static void twice_is_like_once(void)
{
    const Moment *m = moment_by_name("stream_waits_for_another");
    g_autofree char *one = NULL;
    g_autofree char *two = NULL;
    World *w = world_new(m);

    one = go_on(w);
    world_free(w);
    w = world_new(m);
    save_and_restore(w);
    save_and_restore(w);
    two = go_on(w);
    world_free(w);
    compare(one, two);
}

/* Lines that were up are up in the restored machine's controller, and go
 * down when the driver clears. */
static void interrupt_is_still_pending(void)
{
    World *w = world_new(moment_by_name("unmodelled_accesses_were_made"));

    gpu_write(w->g, JOB_INT + MASK, ~0u);
    gpu_write(w->g, JOB_INT + RAWSTAT, INT_GLOBAL);
    save_and_restore(w);
    g_assert_cmphex(gpu_read(w->g, JOB_INT + STAT), ==, INT_GLOBAL);
    gpu_write(w->g, JOB_INT + CLEAR, INT_GLOBAL);
    g_assert_cmphex(gpu_read(w->g, JOB_INT + STAT), ==, 0);
    gpu_write(w->g, JOB_INT + RAWSTAT, 1);
    g_assert_true(gpu_line(w->g, BOX_LINE_JOB));
    world_free(w);
}

int main(int argc, char **argv)
{
    unsigned i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < nr_moments; i++) {
        g_autofree char *name = g_strdup_printf("/gpumbox/migrate/%s",
                                                moments[i].name);

        qtest_add_data_func(name, &moments[i], restored_goes_on_like_unsaved);
    }
    qtest_add_func("/gpumbox/migrate/saved_machine_can_be_continued",
                   saved_machine_can_be_continued);
    qtest_add_func("/gpumbox/migrate/twice_is_like_once", twice_is_like_once);
    qtest_add_func("/gpumbox/migrate/interrupt_is_still_pending",
                   interrupt_is_still_pending);
    return g_test_run();
}
