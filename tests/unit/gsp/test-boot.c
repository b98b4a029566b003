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
    g_assert_cmpuint(k->reply_length, ==, SIZE(k, SEQUENCER));
    g_assert_cmpuint(GET(k, SEQUENCER_USED, k->reply), ==, 0);
    fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
    g_assert_cmpuint(k->reply_length, ==, 0);
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
            fake_bus(k, FAKE_SHARED) + 128 * GSP_PAGE,
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
    g_assert_cmpuint(k->reply_length, ==, 0);
    g_assert_cmpuint(k->reply_result, ==, 0);
}

static void test_suspend(void)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(abis); i++) {
        Fake *k = fake_new(abis[i]);
        uint8_t bye[FW_STRUCT_MAX] = { 0 };

        fake_up(k);
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
        PUT(k, UNLOAD_IN_PM, bye, 1);
        PUT(k, UNLOAD_LEVEL, bye, 3);
        goodbye(k, bye);
        g_assert_cmphex(k->mailbox[0], ==, 0x80000000);
        gsp_stop(&k->fw);
        g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_FREE);
        fake_arguments(k, true);
        g_assert_cmpint(fake_start(k, true), ==, GSP_OK);
        g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_NEW);
        fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
        g_assert_cmphex(fake_release(k, 1, 0x10), ==, 0);
        g_assert_cmphex(fake_release(k, 1, 1), ==, 0);
        fake_free(k);
    }
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
    g_test_add_func("/gsp/boot/unload", test_unload);
    return g_test_run();
}
