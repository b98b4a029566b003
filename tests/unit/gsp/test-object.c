/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

static const char *const abis[] = { "gsp-r535", "gsp-r570" };

static Fake *up(unsigned i)
{
    Fake *k = fake_new(abis[i]);

    fake_up(k);
    fake_tree(k);
    return k;
}

#define FOR_EACH_ABI(k) \
    for (unsigned abi_ = 0; abi_ < G_N_ELEMENTS(abis); abi_++) \
        for (Fake *k = up(abi_); k; fake_free(k), k = NULL)

static const uint8_t zeros[FW_STRUCT_MAX];

static void test_handles(void)
{
    FOR_EACH_ABI(k) {
        uint32_t device = NUMBER(k, CLASS_DEVICE);
        uint32_t own;
        uint32_t len = SIZE(k, DEVICE);

        g_assert_cmphex(fake_alloc(k, 1, 1, 2, device, zeros, len), ==,
                        NUMBER(k, STATUS_IN_USE));
        g_assert_cmphex(fake_alloc(k, 9, 1, 5, device, zeros, len), ==,
                        NUMBER(k, STATUS_CLIENT));
        g_assert_cmphex(fake_alloc(k, 1, 77, 5, device, zeros, len), ==,
                        NUMBER(k, STATUS_PARENT));
        g_assert_cmphex(fake_alloc(k, 1, 4, 5, device, zeros, len), ==,
                        NUMBER(k, STATUS_PARENT));
        g_assert_cmphex(fake_alloc(k, 1, 1, 5, device, zeros, len - 1), ==,
                        NUMBER(k, STATUS_PARAMS));
        g_assert_cmphex(fake_alloc(k, 1, 1, 5, 0xbeef, zeros, len), ==,
                        NUMBER(k, STATUS_CLASS));
        /* Handle 0: the firmware chooses one, another each time. */
        g_assert_cmphex(fake_alloc(k, 1, 1, 0, device, zeros, len), ==, 0);
        own = GET(k, ALLOC_OBJECT, k->host.reply);
        g_assert_cmphex(own, !=, 0);
        g_assert_cmphex(fake_alloc(k, 1, 1, own + 1, device, zeros, len), ==,
                        0);
        g_assert_cmphex(fake_alloc(k, 1, 1, 0, device, zeros, len), ==, 0);
        g_assert_cmphex(GET(k, ALLOC_OBJECT, k->host.reply), !=, own + 1);
        g_assert_cmphex(fake_release(k, 1, own), ==, 0);
        g_assert_cmphex(fake_release(k, 1, 0), ==,
                        NUMBER(k, STATUS_NOT_FOUND));
        g_assert_cmphex(fake_alloc(k, 5, 5, 6, NUMBER(k, CLASS_ROOT), zeros,
                                   SIZE(k, CLIENT)), ==,
                        NUMBER(k, STATUS_CLIENT));
        g_assert_cmphex(fake_release(k, 1, 99), ==,
                        NUMBER(k, STATUS_NOT_FOUND));
        g_assert_cmphex(fake_release(k, 99, 1), ==,
                        NUMBER(k, STATUS_CLIENT));
        g_assert_cmphex(fake_release(k, NUMBER(k, HANDLE_CLIENT),
                                     NUMBER(k, HANDLE_CLIENT)), !=, 0);
    }
}

/* Handles of one client are nothing to another. */
static void test_clients(void)
{
    FOR_EACH_ABI(k) {
        g_assert_cmphex(fake_alloc(k, 7, 0, 7, NUMBER(k, CLASS_ROOT), zeros,
                                   SIZE(k, CLIENT)), ==, 0);
        g_assert_cmphex(fake_alloc(k, 7, 2, 8, NUMBER(k, CLASS_SUBDEVICE),
                                   zeros, SIZE(k, SUBDEVICE)), ==,
                        NUMBER(k, STATUS_PARENT));
        g_assert_cmphex(fake_alloc(k, 7, 7, 2, NUMBER(k, CLASS_DEVICE),
                                   zeros, SIZE(k, DEVICE)), ==, 0);
        g_assert_cmphex(fake_release(k, 7, 7), ==, 0);
        g_assert_cmphex(fake_release(k, 1, 4), ==, 0);
    }
}

static void test_full(void)
{
    FOR_EACH_ABI(k) {
        uint32_t h = 0x1000;

        while (!fake_alloc(k, 1, 2, h, NUMBER(k, CLASS_SUBDEVICE), zeros,
                           SIZE(k, SUBDEVICE))) {
            h++;
        }
        /* Three of the firmware's own, and four of the tree. */
        g_assert_cmpuint(h - 0x1000, ==, GSP_OBJECTS_MAX - 7);
        g_assert_cmphex(fake_release(k, 1, 1), ==, 0);
        fake_tree(k);
    }
}

static void test_control(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        uint32_t intr = NUMBER(k, CTRL_INTR);
        uint32_t len = SIZE(k, INTR);

        g_assert_cmphex(fake_control(k, 9, 3, intr, p, len), ==,
                        NUMBER(k, STATUS_CLIENT));
        g_assert_cmphex(fake_control(k, 1, 99, intr, p, len), ==,
                        NUMBER(k, STATUS_NOT_FOUND));
        g_assert_cmphex(fake_control(k, 1, 2, intr, p, len), ==,
                        NUMBER(k, STATUS_UNSUPPORTED));
        g_assert_cmphex(fake_control(k, 1, 3, 0x20809999, p, len), ==,
                        NUMBER(k, STATUS_UNSUPPORTED));
        g_assert_cmphex(fake_control(k, 1, 3, intr, p, len - 1), ==,
                        NUMBER(k, STATUS_PARAMS));
        g_assert_cmphex(fake_control(k, 1, 3, intr, p, 0), ==,
                        NUMBER(k, STATUS_PARAMS));
        g_assert_cmphex(fake_control(k, 1, 3, intr, p, len), ==, 0);
    }
}

/* A number of parameters' bytes that the RPC does not have. */
static void test_params_lie(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };

        PUT(k, CONTROL_CLIENT, p, 1);
        PUT(k, CONTROL_OBJECT, p, 3);
        PUT(k, CONTROL_CMD, p, NUMBER(k, CTRL_INTR));
        PUT(k, CONTROL_PARAMS, p, SIZE(k, INTR));
        fake_call(k, NUMBER(k, RPC_CONTROL), p, SIZE(k, CONTROL) + 8);
        g_assert_cmphex(GET(k, CONTROL_STATUS, k->host.reply), ==,
                        NUMBER(k, STATUS_PARAMS));
        PUT(k, CONTROL_PARAMS, p, UINT32_MAX);
        fake_call(k, NUMBER(k, RPC_CONTROL), p, SIZE(k, CONTROL));
        g_assert_cmphex(GET(k, CONTROL_STATUS, k->host.reply), ==,
                        NUMBER(k, STATUS_PARAMS));
    }
}

static void test_space(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };

        PUT(k, COPY_PDES_LEVELS, p, 3);
        PUT(k, COPY_PDES_ADDRESS, p, 0x123000);
        PUT(k, COPY_PDES_PLACE, p, 1);
        g_assert_cmphex(fake_control(k, 1, 4, NUMBER(k, CTRL_COPY_PDES), p,
                                     SIZE(k, COPY_PDES)), ==, 0);
        g_assert_cmpuint(k->spaces, ==, 1);
        g_assert_cmphex(k->space_root, ==, 0x123000);
        PUT(k, COPY_PDES_LEVELS, p, 7);
        g_assert_cmphex(fake_control(k, 1, 4, NUMBER(k, CTRL_COPY_PDES), p,
                                     SIZE(k, COPY_PDES)), !=, 0);
        memset(p, 0, sizeof(p));
        PUT(k, SET_ROOT_ADDRESS, p, 0x456000);
        PUT(k, SET_ROOT_SPACE, p, 4);
        g_assert_cmphex(fake_control(k, 1, 2, NUMBER(k, CTRL_SET_ROOT), p,
                                     SIZE(k, SET_ROOT)), ==, 0);
        g_assert_cmphex(k->space_root, ==, 0x456000);
        PUT(k, SET_ROOT_SPACE, p, 3);
        g_assert_cmphex(fake_control(k, 1, 2, NUMBER(k, CTRL_SET_ROOT), p,
                                     SIZE(k, SET_ROOT)), ==,
                        NUMBER(k, STATUS_OBJECT));
    }
}

static void test_channel(void)
{
    FOR_EACH_ABI(k) {
        uint8_t p[FW_STRUCT_MAX] = { 0 };
        uint32_t copy = NUMBER(k, CLASS_COPY_AMPERE);

        g_assert_cmphex(fake_channel(k, 0x10, 11, 11, 4), ==, 0);
        g_assert_cmpuint(k->channel.chid, ==, 11);
        g_assert_cmpuint(k->channel.engine, ==, 3);
        g_assert_cmphex(k->channel.inst, ==, 0x100000);
        g_assert_cmphex(k->channel.userd, ==, 0x101000);
        g_assert_cmpuint(k->channel.entries, ==, 512);
        /* Not the same number, no such engine, no such space, too high. */
        g_assert_cmphex(fake_channel(k, 0x11, 11, 11, 4), ==,
                        NUMBER(k, STATUS_CHANNEL));
        g_assert_cmphex(fake_channel(k, 0x11, 12, 0x13, 4), ==,
                        NUMBER(k, STATUS_ARGUMENT));
        g_assert_cmphex(fake_channel(k, 0x11, 12, 11, 3), ==,
                        NUMBER(k, STATUS_OBJECT));
        g_assert_cmphex(fake_channel(k, 0x11, 2000, 11, 4), ==,
                        NUMBER(k, STATUS_RESOURCES));
        /* Scheduled before it is bound, then in order. */
        PUT(k, SCHEDULE_ENABLE, p, 1);
        g_assert_cmphex(fake_control(k, 1, 0x10, NUMBER(k, CTRL_SCHEDULE), p,
                                     SIZE(k, SCHEDULE)), ==,
                        NUMBER(k, STATUS_CHANNEL));
        memset(p, 0, sizeof(p));
        PUT(k, BIND_ENGINE, p, 1);
        g_assert_cmphex(fake_control(k, 1, 0x10, NUMBER(k, CTRL_BIND), p,
                                     SIZE(k, BIND)), ==,
                        NUMBER(k, STATUS_ARGUMENT));
        PUT(k, BIND_ENGINE, p, 11);
        g_assert_cmphex(fake_control(k, 1, 0x10, NUMBER(k, CTRL_BIND), p,
                                     SIZE(k, BIND)), ==, 0);
        PUT(k, SCHEDULE_ENABLE, p, 1);
        g_assert_cmphex(fake_control(k, 1, 0x10, NUMBER(k, CTRL_SCHEDULE), p,
                                     SIZE(k, SCHEDULE)), ==, 0);
        g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_SCHEDULED);
        /* Objects of engines: a 3D class is not for a copy engine. */
        g_assert_cmphex(fake_alloc(k, 1, 0x10, 0x20, copy, zeros,
                                   SIZE(k, COPY)), ==, 0);
        g_assert_cmphex(fake_alloc(k, 1, 0x10, 0x21,
                                   NUMBER(k, CLASS_THREED_AMPERE), NULL, 0),
                        ==, NUMBER(k, STATUS_CLASS));
        g_assert_cmphex(fake_channel(k, 0x12, 1, 1, 4), ==, 0);
        g_assert_cmphex(fake_alloc(k, 1, 0x12, 0x21,
                                   NUMBER(k, CLASS_THREED_AMPERE), NULL, 0),
                        ==, 0);
        /* Nor are another chip's. */
        g_assert_cmphex(fake_alloc(k, 1, 0x12, 0x22,
                                   NUMBER(k, CLASS_THREED_ADA), NULL, 0),
                        ==, NUMBER(k, STATUS_CLASS));
        g_assert_cmphex(fake_alloc(k, 1, 0x10, 0x22,
                                   NUMBER(k, CLASS_COPY_TURING), zeros,
                                   SIZE(k, COPY)),
                        ==, NUMBER(k, STATUS_CLASS));
        memset(p, 0, sizeof(p));
        PUT(k, PROMOTE_CLIENT, p, 1);
        PUT(k, PROMOTE_CHANNEL, p, 0x12);
        g_assert_cmphex(fake_control(k, 1, 3, NUMBER(k, CTRL_PROMOTE), p,
                                     SIZE(k, PROMOTE)), ==, 0);
        PUT(k, PROMOTE_CHANNEL, p, 0x21);
        g_assert_cmphex(fake_control(k, 1, 3, NUMBER(k, CTRL_PROMOTE), p,
                                     SIZE(k, PROMOTE)), ==,
                        NUMBER(k, STATUS_OBJECT));
        /* The device goes, and all that was below it. */
        g_assert_cmphex(fake_release(k, 1, 2), ==, 0);
        g_assert_cmpint(k->channel.state, ==, GSP_CHANNEL_FREE);
        g_assert_cmphex(fake_release(k, 1, 0x20), ==,
                        NUMBER(k, STATUS_NOT_FOUND));
        g_assert_cmphex(fake_release(k, 1, 1), ==, 0);
        fake_tree(k);
        g_assert_cmphex(fake_channel(k, 0x10, 11, 11, 4), ==, 0);
    }
}

static void test_status_of_scenario(void)
{
    FOR_EACH_ABI(k) {
        fake_rule(k, FW_TAP_ACK, "rm-alloc", 1,
                  (FwVerdict) { .action = FW_REPLACE, .value = 0x51 });
        g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0x51);
        g_assert_cmpuint(k->channels, ==, 0);
        g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gsp/object/handles", test_handles);
    g_test_add_func("/gsp/object/clients", test_clients);
    g_test_add_func("/gsp/object/full", test_full);
    g_test_add_func("/gsp/object/control", test_control);
    g_test_add_func("/gsp/object/params-lie", test_params_lie);
    g_test_add_func("/gsp/object/space", test_space);
    g_test_add_func("/gsp/object/channel", test_channel);
    g_test_add_func("/gsp/object/status-of-scenario",
                    test_status_of_scenario);
    return g_test_run();
}
