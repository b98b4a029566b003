/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

static const char *const abis[] = { "gsp-r535", "gsp-r570" };

static Fake *up(unsigned i)
{
    Fake *k = fake_new(abis[i]);

    fake_up(k);
    return k;
}

#define FOR_EACH_ABI(k) \
    for (unsigned abi_ = 0; abi_ < G_N_ELEMENTS(abis); abi_++) \
        for (Fake *k = up(abi_); k; fake_free(k), k = NULL)

static uint32_t internal(Fake *k, uint32_t cmd, uint8_t *p, uint32_t len)
{
    return fake_control(k, NUMBER(k, HANDLE_CLIENT),
                        NUMBER(k, HANDLE_SUBDEVICE), cmd, p, len);
}

static void test_static_info(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        char name[65] = { 0 };
        const FwField *base = &k->host.layout.field[GSP_F_STATIC_REGION_BASE];
        const FwField *limit = &k->host.layout.field[GSP_F_STATIC_REGION_LIMIT];
        const FwField *prot = &k->host.layout.field[GSP_F_STATIC_REGION_PROT];

        fake_call(k, NUMBER(k, RPC_STATIC), p, SIZE(k, STATIC));
        g_assert_cmphex(k->host.reply_result, ==, 0);
        g_assert_cmpuint(GET(k, STATIC_REGIONS, k->host.reply), ==, 2);
        g_assert_cmphex(fw_get_at(base, 0, k->host.reply), ==, 0);
        g_assert_cmphex(fw_get_at(limit, 0, k->host.reply), ==, FAKE_RSVD - 1);
        g_assert_cmphex(fw_get_at(base, 1, k->host.reply), ==, FAKE_RSVD);
        g_assert_cmphex(fw_get_at(limit, 1, k->host.reply), ==,
                        FAKE_FB_BYTES - 1);
        g_assert_cmpuint(fw_get_at(prot, 0, k->host.reply), ==, 0);
        g_assert_cmpuint(fw_get_at(prot, 1, k->host.reply), ==, 1);
        for (unsigned i = 0; i < 64; i++) {
            name[i] = fw_get_at(&k->host.layout.field[GSP_F_STATIC_NAME], i,
                                k->host.reply);
        }
        g_assert_cmpstr(name, ==, "Test GPU");
        g_assert_cmphex(GET(k, STATIC_BAR2_ROOT, k->host.reply), ==,
                        k->root[2]);
        g_assert_cmphex(GET(k, STATIC_CLIENT, k->host.reply), ==,
                        NUMBER(k, HANDLE_CLIENT));
    }
}

/* A scenario lies about a field; the name is the profile's. */
static void test_static_lie(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };

        fake_rule(k, FW_TAP_WRITE, "static-info", 1,
                  (FwVerdict) { .action = FW_REWRITE, .name = "regions",
                                .value = 17 });
        fake_call(k, NUMBER(k, RPC_STATIC), p, SIZE(k, STATIC));
        g_assert_cmpuint(GET(k, STATIC_REGIONS, k->host.reply), ==, 17);
    }
}

static void test_interrupts(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        bool gsp = false;

        g_assert_cmphex(internal(k, NUMBER(k, CTRL_INTR), p, SIZE(k, INTR)),
                        ==, 0);
        g_assert_cmpuint(GET(k, INTR_COUNT, p), ==, 4);
        for (unsigned i = 0; i < 4; i++) {
            gsp |= fw_get_at(&k->host.layout.field[GSP_F_INTR_ENGINE], i, p) ==
                   (abi_ ? 50 : 49) &&
                   fw_get_at(&k->host.layout.field[GSP_F_INTR_STALL], i, p) ==
                   FAKE_VECTOR;
        }
        g_assert_true(gsp);
    }
}

static void test_fifo(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        uint32_t first = k->host.layout.field[GSP_F_FIFO_PBDMAS].offset -
                         k->host.layout.field[GSP_F_FIFO_ENTRY_PBDMAS].offset;
        const FwField *data = &k->host.layout.field[GSP_F_FIFO_ENTRY_DATA];
        uint8_t *third = p + first + 2 * SIZE(k, FIFO_ENTRY);

        g_assert_cmphex(internal(k, NUMBER(k, CTRL_FIFO), p, SIZE(k, FIFO)),
                        ==, 0);
        g_assert_cmpuint(GET(k, FIFO_COUNT, p), ==, 3);
        g_assert_cmpuint(fw_get_at(data, 2, p + first), ==, 1);
        g_assert_cmpuint(fw_get_at(data, 2, third), ==, 11);
        g_assert_cmpuint(fw_get_at(data, 3, third), ==, 1);
        memset(p, 0, sizeof(p));
        PUT(k, FIFO_BASE, p, 2);
        g_assert_cmphex(internal(k, NUMBER(k, CTRL_FIFO), p, SIZE(k, FIFO)),
                        ==, 0);
        g_assert_cmpuint(GET(k, FIFO_COUNT, p), ==, 1);
        PUT(k, FIFO_BASE, p, UINT32_MAX);
        g_assert_cmphex(internal(k, NUMBER(k, CTRL_FIFO), p, SIZE(k, FIFO)),
                        ==, 0);
        g_assert_cmpuint(GET(k, FIFO_COUNT, p), ==, 0);
    }
}

static void test_graphics(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };

        g_assert_cmphex(internal(k, NUMBER(k, CTRL_GR_CTX), p,
                                 SIZE(k, GR_CTX)), ==, 0);
        g_assert_cmpuint(
            fw_get_at(&k->host.layout.field[GSP_F_GR_CTX_SET_BYTES], 0, p),
            >, 0);
        memset(p, 0, sizeof(p));
        PUT(k, TPC_GPC, p, 1);
        g_assert_cmphex(internal(k, NUMBER(k, CTRL_TPC), p, SIZE(k, TPC)),
                        ==, 0);
        g_assert_cmphex(GET(k, TPC_MASK, p), ==, 0x1f);
        PUT(k, TPC_GPC, p, 77);
        g_assert_cmphex(internal(k, NUMBER(k, CTRL_TPC), p, SIZE(k, TPC)),
                        ==, 0);
        g_assert_cmphex(GET(k, TPC_MASK, p), ==, 0);
    }
}

static void test_bar_pde(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        uint8_t *pde = k->heap + (k->root[2] - FAKE_HEAP);

        PUT(k, BAR_PDE_BAR, p, 1);
        PUT(k, BAR_PDE_ENTRY, p, 0x0123456789abcdefull);
        PUT(k, BAR_PDE_SHIFT, p, 47);
        fake_call(k, NUMBER(k, RPC_BAR_PDE), p, SIZE(k, BAR_PDE));
        g_assert_cmphex(k->host.reply_result, ==, 0);
        g_assert_cmphex(pde[0], ==, 0xef);
        g_assert_cmphex(pde[7], ==, 0x01);
        PUT(k, BAR_PDE_SHIFT, p, 38);
        fake_call(k, NUMBER(k, RPC_BAR_PDE), p, SIZE(k, BAR_PDE));
        g_assert_cmphex(k->host.reply_result, !=, 0);
        PUT(k, BAR_PDE_SHIFT, p, 47);
        PUT(k, BAR_PDE_BAR, p, 2);
        fake_call(k, NUMBER(k, RPC_BAR_PDE), p, SIZE(k, BAR_PDE));
        g_assert_cmphex(k->host.reply_result, !=, 0);
    }
}

/* RPCs that are too short for what they are. */
static void test_short(void)
{
    FOR_EACH_ABI(k) {
        const uint32_t functions[] = {
            NUMBER(k, RPC_STATIC), NUMBER(k, RPC_BAR_PDE),
            NUMBER(k, RPC_ALLOC), NUMBER(k, RPC_CONTROL),
            NUMBER(k, RPC_FREE), NUMBER(k, RPC_MEMORY),
            NUMBER(k, RPC_UNLOAD),
        };
        uint8_t p[4] = { 0 };

        for (unsigned i = 0; i < G_N_ELEMENTS(functions); i++) {
            fake_call(k, functions[i], p, sizeof(p));
            g_assert_cmphex(k->host.reply_result, ==, NUMBER(k, RESULT_FORMAT));
            fake_call(k, functions[i], p, 0);
            g_assert_cmphex(k->host.reply_result, ==, NUMBER(k, RESULT_FORMAT));
        }
        g_assert_cmphex(k->mailbox[0], ==, 0);
    }
}

static void test_registry(void)
{
    static const struct {
        uint32_t bytes, entries, key, type, length;
    } bad[] = {
        { 4, 0, 24, 1, 4 },
        { 4096, 1, 24, 1, 4 },
        { 32, 1000000, 24, 1, 4 },
        { 32, UINT32_MAX, 24, 1, 4 },
        { 32, 1, 4, 1, 4 },
        { 32, 1, 32, 1, 4 },
        { 32, 1, 24, 3, 4000 },
        { 28, 1, 24, 1, 4 },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        Fake *k = fake_new("gsp-r570");
        uint8_t system[FW_STRUCT_MAX] = { 0 };
        uint8_t p[32] = { 0 };
        uint8_t *e = p + SIZE(k, REGISTRY);

        memset(p + 24, 'x', i == 7 ? 8 : 7);
        PUT(k, REGISTRY_BYTES, p, bad[i].bytes);
        PUT(k, REGISTRY_ENTRIES, p, bad[i].entries);
        PUT(k, ENTRY_KEY, e, bad[i].key);
        PUT(k, ENTRY_TYPE, e, bad[i].type);
        PUT(k, ENTRY_LENGTH, e, bad[i].length);
        fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
        fake_send(k, NUMBER(k, RPC_REGISTRY), p, sizeof(p));
        g_assert_cmpint(fake_start(k, false), ==, GSP_OK);
        g_assert_cmpuint(k->fault, ==, 10);
        g_assert_cmpuint(fake_take(k), ==, 0);
        fake_free(k);
    }
}

/* The fault buffer is told of first; then the channel, and why. */
static void test_mmu_fault(void)
{
    const GspMmuFault fault = { .address = 0x12345678000ull, .type = 2 };

    FOR_EACH_ABI(k) {
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 9, 9, 4), ==, 0);
        gsp_channel_fault(&k->fw, 9, 31, &fault);
        fake_expect(k, NUMBER(k, EVENT_MMU_FAULT));
        g_assert_cmpuint(k->host.reply_length, ==, 0);
        fake_expect(k, NUMBER(k, EVENT_RC));
        g_assert_cmpuint(GET(k, RC_CHID, k->host.reply), ==, 9);
        g_assert_cmpuint(GET(k, RC_TYPE, k->host.reply), ==, 31);
        if (fw_has_field(&k->fw.layout, GSP_F_RC_FAULT)) {
            g_assert_cmphex(GET(k, RC_ADDRESS_LO, k->host.reply), ==,
                            0x45678000);
            g_assert_cmphex(GET(k, RC_ADDRESS_HI, k->host.reply), ==, 0x123);
            g_assert_cmphex(GET(k, RC_FAULT, k->host.reply), ==, 2);
        }
    }
}

static void test_events(void)
{
    FOR_EACH_ABI(k) {
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 9, 9, 4), ==, 0);
        gsp_channel_fault(&k->fw, 9, 31, NULL);
        fake_expect(k, NUMBER(k, EVENT_RC));
        g_assert_cmpuint(k->host.reply_length, ==, SIZE(k, RC));
        g_assert_cmpuint(GET(k, RC_CHID, k->host.reply), ==, 9);
        g_assert_cmpuint(GET(k, RC_TYPE, k->host.reply), ==, 31);
        g_assert_cmpuint(GET(k, RC_ENGINE, k->host.reply), ==, 9);
        gsp_raise(&k->fw, "mmu-fault-queued", 0, 0);
        fake_elapse(k, 10);
        fake_expect(k, NUMBER(k, EVENT_MMU_FAULT));
        g_assert_cmpuint(k->host.reply_length, ==, 0);
        fake_rule(k, FW_TAP_EVENT, "post-event", 1,
                  (FwVerdict) { .action = FW_REPEAT });
        gsp_raise(&k->fw, "post-event", (uint64_t)1 << 32 | 0x77, 5);
        fake_elapse(k, 10);
        for (unsigned i = 0; i < 2; i++) {
            fake_expect(k, NUMBER(k, EVENT_POST));
            g_assert_cmphex(GET(k, POST_EVENT, k->host.reply), ==, 0x77);
        }
        gsp_raise(&k->fw, "no-such-thing", 0, 0);
        fake_elapse(k, 10);
        g_assert_cmpuint(fake_take(k), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gsp/rpc/static-info", test_static_info);
    g_test_add_func("/gsp/rpc/static-lie", test_static_lie);
    g_test_add_func("/gsp/rpc/interrupts", test_interrupts);
    g_test_add_func("/gsp/rpc/mmu-fault", test_mmu_fault);
    g_test_add_func("/gsp/rpc/fifo", test_fifo);
    g_test_add_func("/gsp/rpc/graphics", test_graphics);
    g_test_add_func("/gsp/rpc/bar-pde", test_bar_pde);
    g_test_add_func("/gsp/rpc/short", test_short);
    g_test_add_func("/gsp/rpc/registry", test_registry);
    g_test_add_func("/gsp/rpc/events", test_events);
    return g_test_run();
}
