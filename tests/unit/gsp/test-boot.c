/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

static const char *const abis[] = { "gsp-r535", "gsp-r570" };

/* nouveau queues its first two RPCs before there is a GSP. */
static void test_backlog(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(abis); i++) {
        Fake *k = fake_new(abis[i]);

        fake_up(k);
        g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
        g_assert_cmpuint(k->errors, ==, 0);
        g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 0);
        g_assert_cmphex(k->root[1], ==, FAKE_HEAP);
        g_assert_cmphex(k->root[2], ==, FAKE_HEAP + GSP_PAGE);
        fake_free(k);
    }
}

/* nova-core says them to a GSP that runs. */
static void test_later(void)
{
    Fake *k = fake_new("gsp-r570");
    uint8_t system[FW_STRUCT_MAX] = { 0 };
    uint8_t registry[8] = { 8 };

    g_assert_cmpint(fake_start(k, false), ==, GSP_OK);
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_send(k, NUMBER(k, RPC_REGISTRY), registry, sizeof(registry));
    fake_ring(k);
    fake_expect(k, NUMBER(k, EVENT_SEQUENCER));
    g_assert_cmpuint(k->host.reply_length, ==, SIZE(k, SEQUENCER));
    g_assert_cmpuint(GET(k, SEQUENCER_USED, k->host.reply), ==, 0);
    fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
    g_assert_cmpuint(k->host.reply_length, ==, 0);
    fake_free(k);
}

static void test_no_sequencer(void)
{
    Fake *k = fake_new("gsp-r570");
    uint8_t system[FW_STRUCT_MAX] = { 0 };
    uint8_t registry[8] = { 8 };

    k->fw.gpu.sequencer = false;
    fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
    fake_send(k, NUMBER(k, RPC_REGISTRY), registry, sizeof(registry));
    g_assert_cmpint(fake_start(k, false), ==, GSP_OK);
    fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
    fake_free(k);
}

static void test_fallback(void)
{
    Fake *k = fake_new("gsp-r535");

    k->in_image = false;
    fake_up(k);
    g_assert_false(k->fw.s.from_image);
    fake_free(k);
}

/* A driver of another firmware's language is told off, not served. */
static void test_other_abi(void)
{
    Fake *k = fake_new("gsp-r535");
    uint8_t system[FW_STRUCT_MAX] = { 0 };

    fake_send(k, NUMBER(k, RPC_SYSTEM), system, 928);
    fake_start(k, false);
    g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
    g_assert_nonnull(strstr(k->error, "928 bytes"));
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_free(k);
}

/* Other arguments than it should be, and what the booter says then. */
typedef struct Bad {
    const char *name;
    unsigned field;
    uint64_t value;
    unsigned where;             /* 0 RM arguments, 1 region, 2 queue */
    GspError error;
} Bad;

static const Bad bad[] = {
    { "no-rmargs", GSP_F_LIBOS_ID, 0x1234, 1, GSP_ERROR_LIBOS },
    { "rmargs-in-fb", GSP_F_LIBOS_PLACE, 2, 1, GSP_ERROR_LIBOS },
    { "rmargs-radix3", GSP_F_LIBOS_KIND, 2, 1, GSP_ERROR_LIBOS },
    { "rmargs-short", GSP_F_LIBOS_BYTES, 8, 1, GSP_ERROR_LIBOS },
    { "rmargs-nowhere", GSP_F_LIBOS_ADDRESS, 0x1000, 1, GSP_ERROR_ARGS },
    { "resume", GSP_F_ARGS_IN_PM, 1, 0, GSP_ERROR_ARGS },
    { "shared-nowhere", GSP_F_ARGS_SHARED, 0x1000, 0, GSP_ERROR_QUEUE },
    { "shared-askew", GSP_F_ARGS_SHARED, FAKE_SHARED + 8, 0,
      GSP_ERROR_QUEUE },
    { "pages-none", GSP_F_ARGS_PAGES, 0, 0, GSP_ERROR_QUEUE },
    { "pages-many", GSP_F_ARGS_PAGES, UINT32_MAX, 0, GSP_ERROR_QUEUE },
    { "pages-few", GSP_F_ARGS_PAGES, 64, 0, GSP_ERROR_QUEUE },
    { "command-zero", GSP_F_ARGS_CMD, 0, 0, GSP_ERROR_QUEUE },
    { "command-askew", GSP_F_ARGS_CMD, 0x1010, 0, GSP_ERROR_QUEUE },
    { "status-far", GSP_F_ARGS_STAT, UINT64_MAX & ~0xfffull, 0,
      GSP_ERROR_QUEUE },
    { "queues-overlap", GSP_F_ARGS_STAT, 0x2000, 0, GSP_ERROR_QUEUE },
    { "entry-size", GSP_F_TX_ENTRY_BYTES, 512, 2, GSP_ERROR_QUEUE },
    { "entries-many", GSP_F_TX_ENTRIES, 64, 2, GSP_ERROR_QUEUE },
    { "entries-one", GSP_F_TX_ENTRIES, 1, 2, GSP_ERROR_QUEUE },
    { "entries-wrap", GSP_F_TX_ENTRIES, UINT32_MAX, 2, GSP_ERROR_QUEUE },
    { "entry-offset", GSP_F_TX_ENTRY_OFFSET, 0x801, 2, GSP_ERROR_QUEUE },
    { "read-header", GSP_F_TX_RX_OFFSET, 0xffe, 2, GSP_ERROR_QUEUE },
    { "queue-long", GSP_F_TX_BYTES, UINT32_MAX, 2, GSP_ERROR_QUEUE },
};

static void test_bad(gconstpointer data)
{
    const Bad *b = data;

    for (unsigned i = 0; i < G_N_ELEMENTS(abis); i++) {
        Fake *k = fake_new(abis[i]);
        uint8_t *at[] = {
            fake_bus(k, FAKE_ARGS),
            fake_bus(k, FAKE_LIBOS) + SIZE(k, LIBOS),
            fake_queue(k),
        };

        fake_put(k, b->field, at[b->where], b->value);
        g_assert_cmpint(fake_start(k, false), ==, b->error);
        g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
        g_assert_cmpuint(k->errors, ==, 1);
        fake_ring(k);
        /* And the next boot, with good ones, is none the worse. */
        fake_arguments(k, false);
        fake_up(k);
        fake_free(k);
    }
}

static void test_page_askew(void)
{
    Fake *k = fake_new("gsp-r570");

    fake_bus(k, FAKE_SHARED)[8 * 5] = 1;
    g_assert_cmpint(fake_start(k, false), ==, GSP_ERROR_QUEUE);
    fake_free(k);
}

static void test_no_heap(void)
{
    Fake *k = fake_new("gsp-r570");
    const GspBoot boot = {
        .libos = FAKE_LIBOS, .rsvd_start = FAKE_RSVD, .heap = FAKE_HEAP,
        .heap_size = GSP_PAGE,
    };

    g_assert_cmpint(gsp_boot(&k->fw, &boot, NULL, 0), ==, GSP_ERROR_HEAP);
    fake_free(k);
}

static void test_no_profile(void)
{
    Fake *k = fake_new("gsp-r570");
    const GspBoot boot = { .libos = FAKE_LIBOS };

    k->in_image = false;
    g_assert_cmpint(gsp_boot(&k->fw, &boot, NULL, 0), ==, GSP_ERROR_PROFILE);
    fake_free(k);
}

static void test_scenarios(void)
{
    Fake *k = fake_new("gsp-r570");

    fake_rule(k, FW_TAP_BOOT, "boot", 1, (FwVerdict) { .action = FW_FAULT });
    g_assert_cmpint(fake_start(k, false), ==, GSP_ERROR_SCENARIO);
    fake_rule(k, FW_TAP_BOOT, "boot", 1,
              (FwVerdict) { .action = FW_DELAY, .until = 5000 });
    g_assert_cmpint(fake_start(k, false), ==, GSP_OK);
    fake_ring(k);
    g_assert_cmpint(k->fw.s.running, ==, FW_STATE_BOOTING);
    fake_elapse(k, 6000);
    g_assert_cmpint(k->fw.s.running, ==, FW_STATE_RUNNING);
    fake_free(k);

    k = fake_new("gsp-r570");
    fake_rule(k, FW_TAP_EVENT, "init-done", 1,
              (FwVerdict) { .action = FW_DROP });
    {
        uint8_t system[FW_STRUCT_MAX] = { 0 };
        uint8_t registry[8] = { 8 };

        fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
        fake_send(k, NUMBER(k, RPC_REGISTRY), registry, sizeof(registry));
        fake_start(k, false);
        fake_expect(k, NUMBER(k, EVENT_SEQUENCER));
        g_assert_cmpuint(fake_take(k), ==, 0);
    }
    fake_free(k);
}

/* r535/gsp.c: r535_gsp_fini(), then tu102_gsp_init() again. */
/* What answers it is a header alone. */
static void goodbye(Fake *k, const uint8_t *bye)
{
    fake_send(k, NUMBER(k, RPC_UNLOAD), bye, SIZE(k, UNLOAD));
    fake_ring(k);
    fake_expect(k, NUMBER(k, RPC_UNLOAD));
    g_assert_cmpuint(k->host.reply_length, ==, 0);
    g_assert_cmpuint(k->host.reply_result, ==, 0);
}

/*
 * Where frame buffer goes: system memory behind the queues, in the order of
 * the list, which is not its order in memory.
 */
#define SAVE_LIST(n) (FAKE_BUS + 0xff000 - (n) * GSP_PAGE)
#define SAVE_PAGES 16

static void list_pages(Fake *k, uint32_t handle, uint32_t class,
                       uint64_t (*page)(unsigned i), unsigned n)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    PUT(k, MEMORY_CLIENT, p, 1);
    PUT(k, MEMORY_DEVICE, p, 2);
    PUT(k, MEMORY_MEMORY, p, handle);
    PUT(k, MEMORY_CLASS, p, class);
    PUT(k, MEMORY_PAGES, p, n);
    PUT(k, MEMORY_LENGTH, p, n * GSP_PAGE);
    for (unsigned i = 0; i < n; i++) {
        uint64_t pfn = page(i) / GSP_PAGE;

        memcpy(p + SIZE(k, MEMORY) + 8 * i, &pfn, 8);
    }
    fake_call(k, NUMBER(k, RPC_MEMORY), p, SIZE(k, MEMORY) + 8 * n);
    g_assert_cmphex(k->host.reply_result, ==, 0);
}

static uint64_t save_page(unsigned i)
{
    return SAVE_LIST(i);
}

static uint64_t heap_page(unsigned i)
{
    return FAKE_HEAP + (2 + i) * GSP_PAGE;
}

static uint64_t torn_page(unsigned i)
{
    return FAKE_HEAP + (2 + 2 * i) * GSP_PAGE;
}

static uint32_t send_region(Fake *k, uint32_t handle, uint64_t from,
                            uint64_t to, uint64_t bytes)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    PUT(k, REGION_CLIENT, p, 1);
    PUT(k, REGION_MEMORY, p, handle);
    PUT(k, REGION_FROM, p, from);
    PUT(k, REGION_TO, p, to);
    PUT(k, REGION_BYTES, p, bytes);
    return fake_control(k, NUMBER(k, HANDLE_CLIENT),
                        NUMBER(k, HANDLE_SUBDEVICE),
                        NUMBER(k, CTRL_FBSR_REGION), p, SIZE(k, REGION));
}

static uint32_t init_save(Fake *k, uint32_t handle, uint64_t own)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    PUT(k, FBSR_CLIENT, p, 1);
    PUT(k, FBSR_MEMORY, p, handle);
    if (fw_has_field(&k->host.layout, GSP_F_FBSR_OWN)) {
        PUT(k, FBSR_OWN, p, own);
    }
    return fake_control(k, NUMBER(k, HANDLE_CLIENT),
                        NUMBER(k, HANDLE_SUBDEVICE), NUMBER(k, CTRL_FBSR), p,
                        SIZE(k, FBSR));
}

/* The goodbye is answered when all is saved. */
static void suspend(Fake *k)
{
    uint8_t bye[FW_STRUCT_MAX] = { 0 };
    uint32_t fn;

    PUT(k, UNLOAD_IN_PM, bye, 1);
    PUT(k, UNLOAD_LEVEL, bye, 3);
    k->mailbox[0] = 0;
    fake_send(k, NUMBER(k, RPC_UNLOAD), bye, SIZE(k, UNLOAD));
    fake_ring(k);
    while (!(fn = fake_take(k))) {
        g_assert_cmphex(k->mailbox[0], ==, 0);
        fake_elapse(k, 100000);
    }
    g_assert_cmpuint(fn, ==, NUMBER(k, RPC_UNLOAD));
    g_assert_cmpuint(k->host.reply_length, ==, 0);
    g_assert_cmphex(k->mailbox[0], ==, 0x80000000);
    gsp_stop(&k->fw);
    g_assert_cmpint(k->fw.s.running, ==, FW_STATE_OFF);
    g_assert_cmpuint(k->fw.s.object[0].client, ==, 0);
}

static GspError resume(Fake *k)
{
    GspError error;

    fake_arguments(k, true);
    /* nouveau has freed them: r535/gsp.c: r535_gsp_postinit(). */
    memset(fake_bus(k, FAKE_LIBOS), 0, GSP_PAGE);
    error = fake_start(k, true);
    for (unsigned i = 0; !error && i < 20 && k->held; i++) {
        fake_elapse(k, 100000);
    }
    return error;
}

/* What booter does with the protected region, around the loss of power. */
static void lose_power(Fake *k)
{
    g_autofree uint8_t *saved = g_memdup2(k->fw_heap, FAKE_FW_HEAP_BYTES);

    fake_power(k);
    memcpy(k->fw_heap, saved, FAKE_FW_HEAP_BYTES);
}

static void test_suspend(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(abis); i++) {
        Fake *k = fake_new(abis[i]);

        fake_up(k);
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
        for (unsigned round = 0; round < 3; round++) {
            suspend(k);
            g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_FREE);
            lose_power(k);
            g_assert_cmpint(resume(k), ==, GSP_OK);
            fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
            g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_NEW);
            g_assert_cmpuint(k->contexts, ==, round + 1);
            g_assert_false(k->held);
        }
        g_assert_cmphex(fake_release(k, 1, 0x10), ==, 0);
        g_assert_cmphex(fake_release(k, 1, 1), ==, 0);
        fake_free(k);
    }
}

/* A piece of frame buffer that the host sends (fbsr.c: fbsr_send()). */
static void test_save(void)
{
    Fake *k = fake_new("gsp-r535");
    uint32_t fb = 0x21, torn = 0x22;

    fake_up(k);
    fake_tree(k);
    list_pages(k, 0x20, NUMBER(k, CLASS_MEMORY_SYSTEM), save_page,
               SAVE_PAGES);
    list_pages(k, fb, NUMBER(k, CLASS_MEMORY_FB), heap_page, 8);
    list_pages(k, torn, NUMBER(k, CLASS_MEMORY_FB), torn_page, 8);
    g_assert_cmphex(init_save(k, fb, 0), ==, NUMBER(k, STATUS_OBJECT));
    /* The firmware's own does not fit. */
    g_assert_cmphex(init_save(k, 0x20, 0), ==, NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmphex(send_region(k, 0x20, 0, 0, GSP_PAGE), ==,
                    NUMBER(k, STATUS_OBJECT));
    g_assert_cmphex(send_region(k, torn, 0, 0, 2 * GSP_PAGE), ==,
                    NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmphex(send_region(k, fb, 0, 0, 9 * GSP_PAGE), ==,
                    NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmphex(send_region(k, fb, UINT64_MAX - 4095, 0, GSP_PAGE), ==,
                    NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmphex(send_region(k, fb, 0, 12 * GSP_PAGE, 8 * GSP_PAGE), ==,
                    NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmphex(send_region(k, fb, GSP_PAGE, 3 * GSP_PAGE, 7 * GSP_PAGE),
                    ==, 0);
    for (unsigned i = 0; i < 8; i++) {
        memset(k->heap + (2 + i) * GSP_PAGE, 'a' + i, GSP_PAGE);
    }
    /* Lists are the host's no more: the save has its own copy. */
    g_assert_cmphex(fake_release(k, 1, 0x20), ==, 0);
    g_assert_cmphex(fake_release(k, 1, fb), ==, 0);
    suspend(k);
    for (unsigned i = 1; i < 8; i++) {
        g_assert_cmpint(*fake_bus(k, SAVE_LIST(2 + i)), ==, 'a' + i);
    }
    lose_power(k);
    g_assert_cmpint(resume(k), ==, GSP_OK);
    g_assert_cmpint(k->heap[2 * GSP_PAGE], ==, 0xee);
    for (unsigned i = 1; i < 8; i++) {
        g_assert_cmpint(k->heap[(3 + i) * GSP_PAGE - 1], ==, 'a' + i);
    }
    fake_free(k);
}

/* Where the host sends nothing the firmware saves its own. */
static void test_save_own(void)
{
    Fake *k = fake_new("gsp-r570");
    uint32_t pages = (FAKE_HEAP_BYTES + FAKE_VGA_BYTES) / GSP_PAGE;

    fake_up(k);
    fake_tree(k);
    /* All to the same 16 pages: the last that go there are seen. */
    list_pages(k, 0x20, NUMBER(k, CLASS_MEMORY_SYSTEM), save_page,
               SAVE_PAGES);
    g_assert_cmphex(init_save(k, 0x20, 0), ==, NUMBER(k, STATUS_ARGUMENT));
    g_assert_cmpuint(pages, >, SAVE_PAGES);
    fake_free(k);
}

/* The heap is not what it was: there is no going on. */
static void test_image_broken(void)
{
    static const struct {
        uint32_t at;
        uint8_t value;
    } spoil[] = {
        { 0, 0 }, { 8, 9 }, { 16, 0 }, { 4, 1 }, { 64, 0xff },
        { 80, 0x7f },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(spoil); i++) {
        Fake *k = fake_new("gsp-r570");

        fake_up(k);
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
        suspend(k);
        lose_power(k);
        k->fw_heap[spoil[i].at] = spoil[i].value;
        g_assert_cmpint(resume(k), ==, GSP_ERROR_IMAGE);
        g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
        g_assert_cmpuint(k->errors, ==, 1);
        gsp_stop(&k->fw);
        fake_free(k);
    }
}

/* Nothing was saved at all. */
static void test_resume_cold(void)
{
    Fake *k = fake_new("gsp-r535");

    g_assert_cmpint(resume(k), ==, GSP_ERROR_IMAGE);
    fake_free(k);
}

static void test_unload(void)
{
    Fake *k = fake_new("gsp-r570");
    uint8_t bye[FW_STRUCT_MAX] = { 0 };

    for (unsigned i = 0; i < 50; i++) {
        fake_arguments(k, false);
        fake_up(k);
        fake_tree(k);
        k->mailbox[0] = 0;
        goodbye(k, bye);
        g_assert_cmphex(k->mailbox[0], ==, 0x80000000);
        gsp_stop(&k->fw);
        g_assert_cmpint(k->fw.s.running, ==, FW_STATE_OFF);
        g_assert_cmpuint(k->spaces, ==, 0);
        fake_ring(k);
    }
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gsp/boot/backlog", test_backlog);
    g_test_add_func("/gsp/boot/later", test_later);
    g_test_add_func("/gsp/boot/no-sequencer", test_no_sequencer);
    g_test_add_func("/gsp/boot/fallback", test_fallback);
    g_test_add_func("/gsp/boot/other-abi", test_other_abi);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree char *name = g_strconcat("/gsp/boot/bad/", bad[i].name,
                                            NULL);

        g_test_add_data_func(name, &bad[i], test_bad);
    }
    g_test_add_func("/gsp/boot/page-askew", test_page_askew);
    g_test_add_func("/gsp/boot/no-heap", test_no_heap);
    g_test_add_func("/gsp/boot/no-profile", test_no_profile);
    g_test_add_func("/gsp/boot/scenarios", test_scenarios);
    g_test_add_func("/gsp/boot/suspend", test_suspend);
    g_test_add_func("/gsp/boot/save", test_save);
    g_test_add_func("/gsp/boot/save-own", test_save_own);
    g_test_add_func("/gsp/boot/image-broken", test_image_broken);
    g_test_add_func("/gsp/boot/resume-cold", test_resume_cold);
    g_test_add_func("/gsp/boot/unload", test_unload);
    return g_test_run();
}
