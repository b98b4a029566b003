/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stock profiles on the stub: what each says to the host, and what a
 * variation of one changes.
 */
#include "fake.h"

/* Written down a second time: version, ways of halting, endpoint word. */
static const struct {
    const char *name;
    uint32_t version;
    uint32_t halt;               /* bits of GLB_REQ */
    bool acknowledged;
    uint32_t endpoints;          /* offset in the group's input block */
} stock[] = {
    { "csf-1.1", 0x01010000, 1u << 0, false, 0x34 },
    { "csf-2.0", 0x02000000, 1u << 0, false, 0x34 },
    { "csf-3.0", 0x03000000, 1u << 0, false, 0x34 },
    { "csf-4.0", 0x04000000, 1u << 0, false, 0x38 },
    { "csf-4.1", 0x04010000, 1u << 12, true, 0x38 },
};

static uint32_t word(Fake *k, uint64_t va)
{
    const uint8_t *p = fake_mem(k, va, 4);

    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_word(Fake *k, uint64_t va, uint32_t v)
{
    uint8_t *p = fake_mem(k, va, 4);

    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static Fake *up_with(const char *name)
{
    Fake *k = fake_new();

    fake_stock(k, name);
    fake_boot(k);
    fake_ready(k);
    fake_irqs(k);
    return k;
}

/* panthor_fw.c: panthor_fw_init_ifaces(), with its fixed offsets. */
static void test_published(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    Fake *k = up_with(stock[i].name);
    uint32_t group_stride = word(k, FAKE_SHARED_VA + 0x14);

    g_assert_cmphex(word(k, FAKE_SHARED_VA), ==, stock[i].version);
    g_assert_cmpuint(word(k, FAKE_SHARED_VA + 0x10), ==, 8);
    for (unsigned g = 0; g < 8; g++) {
        uint32_t csg = FAKE_SHARED_VA + 0x1000 + g * group_stride;
        uint32_t stream_stride = word(k, csg + 0x18);

        g_assert_cmphex(word(k, csg + 4), ==, k->csg_in[g]);
        g_assert_cmphex(word(k, csg + 8), ==, k->csg_out[g]);
        g_assert_cmpuint(word(k, csg + 0x0c), >=, 8 * CSF_SAVE_SIZE);
        g_assert_cmpuint(word(k, csg + 0x0c) % 4096, ==, 0);
        g_assert_cmpuint(word(k, csg + 0x14), ==, 8);
        for (unsigned s = 0; s < 8; s++) {
            uint32_t cs = csg + 0x40 + s * stream_stride;

            /* Registers and scoreboards are the hardware's. */
            g_assert_cmphex(word(k, cs), ==, 0x0007085f);
            g_assert_cmphex(word(k, cs + 4), ==, k->cs_in[g][s]);
        }
    }
    fake_free(k);
}

static void test_halts(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    Fake *k = up_with(stock[i].name);
    uint32_t other = stock[i].halt == 1 ? 1u << 12 : 1;

    start_group(k, 0, 1);
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    g_assert_cmphex(k->cores, !=, 0);
    glb_update(k, other, 1u << 12 | 1);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    glb_update(k, stock[i].halt, 1u << 12 | 1);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    g_assert_cmphex(glb_ack(k) & stock[i].halt, ==,
                    stock[i].acknowledged ? stock[i].halt : 0);
    /* panthor_pwr.c: panthor_pwr_l2_power_off() */
    g_assert_cmphex(k->cores, ==, 0);
    fake_free(k);
}

/* The word that this interface does not use is not looked at. */
static void test_endpoints(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    Fake *k = up_with(stock[i].name);
    uint32_t in = k->csg_in[0];
    uint32_t other = stock[i].endpoints == 0x34 ? 0x38 : 0x34;

    set_word(k, in + 0x34, 0);
    set_word(k, in + 0x38, 0);
    set_word(k, in + 0x3c, 0);
    start_group(k, 0, 1);
    /* program() writes the old word; what that says counts only there. */
    g_assert_cmphex(k->stream[0][0].setup.lacks, ==,
                    stock[i].endpoints == 0x34 ? 0 : 7);
    set_word(k, in + other, 0x90010505);
    set_word(k, in + stock[i].endpoints, 0x70010302);
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG) |
                     BIT_OF(k, CSG_REQUEST_STATUS_UPDATE));
    ring_groups(k, 1);
    g_assert_cmphex(csg_ack(k, 0) & BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG),
                    ==,
                    csg_req(k, 0) & BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG));
    g_assert_cmphex(k->fw.s.group[0].endpoint_req, ==, 0x70010302);
    g_assert_cmphex(GET(k, k->csg_out[0], CSG_OUTPUT_STATUS_EP_REQ), ==,
                    0x70010302);
    g_assert_cmphex(k->lacks[0], ==, 0);
    set_word(k, in + stock[i].endpoints, 0x70000300);
    csg_toggle(k, 0, BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG));
    ring_groups(k, 1);
    g_assert_cmphex(k->lacks[0], ==,
                    CSF_ENDPOINT_COMPUTE | CSF_ENDPOINT_TILER);
    fake_free(k);
}

/* Bits above 31 are part of the request. */
static void test_endpoints_are_64_bits(void)
{
    Fake *k = up_with("csf-4.0");
    uint32_t in = k->csg_in[2];

    set_word(k, in + 0x38, 0x70010302);
    set_word(k, in + 0x3c, 0x00000005);
    start_group(k, 2, 1);
    g_assert_cmphex(k->fw.s.group[2].endpoint_req, ==, 0x570010302);
    fake_free(k);
}

/* A profile with its own numbers has them told. */
static void test_registers_of_the_profile(void)
{
    Fake *k = fake_new();

    fake_number(k, "counts", "work-registers", 80);
    fake_number(k, "counts", "scoreboards", 4);
    fake_boot(k);
    g_assert_cmphex(word(k, FAKE_SHARED_VA + 0x1040), ==, 0x0007044f);
    fake_free(k);
}

static void test_fewer_groups(void)
{
    Fake *k = fake_new();

    fake_number(k, "counts", "groups", 3);
    csf_boot(&k->fw, NULL, 0);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmpuint(word(k, FAKE_SHARED_VA + 0x10), ==, 3);
    g_assert_cmpuint(k->fw.s.group_num, ==, 3);
    fake_free(k);
}

static void test_version_zero(void)
{
    Fake *k = fake_new();

    fake_number(k, "version", "major", 0);
    fake_number(k, "version", "minor", 0);
    csf_boot(&k->fw, NULL, 0);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmphex(word(k, FAKE_SHARED_VA), ==, 0);
    fake_free(k);
}

/* The host reads what is claimed; the stub goes by the truth. */
static void test_claims(void)
{
    static const struct {
        const char *name;
        uint32_t at;
    } claims[] = {
        { "groups", 0x10 }, { "group-control-stride", 0x14 },
        { "global-input-va", 0x08 }, { "global-output-va", 0x0c },
        { "streams", 0x1014 }, { "stream-control-stride", 0x1018 },
        { "suspend-size", 0x100c },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(claims); i++) {
        Fake *k = fake_new();

        fake_number(k, "claims", claims[i].name, 0xfffff00d);
        csf_boot(&k->fw, NULL, 0);
        g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
        g_assert_cmphex(word(k, FAKE_SHARED_VA + claims[i].at), ==,
                        0xfffff00d);
        g_assert_cmpuint(k->fw.s.group_num, ==, 8);
        g_assert_cmpuint(k->fw.s.stream_num, ==, 8);
        csf_doorbell(&k->fw, 0);
        fake_free(k);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(stock); i++) {
        g_autofree char *a = g_strconcat("/profiles/published/",
                                         stock[i].name, NULL);
        g_autofree char *b = g_strconcat("/profiles/halts/", stock[i].name,
                                         NULL);
        g_autofree char *c = g_strconcat("/profiles/endpoints/",
                                         stock[i].name, NULL);

        g_test_add_data_func(a, GUINT_TO_POINTER(i), test_published);
        g_test_add_data_func(b, GUINT_TO_POINTER(i), test_halts);
        g_test_add_data_func(c, GUINT_TO_POINTER(i), test_endpoints);
    }
    g_test_add_func("/profiles/endpoints-are-64-bits",
                    test_endpoints_are_64_bits);
    g_test_add_func("/profiles/registers-of-the-profile",
                    test_registers_of_the_profile);
    g_test_add_func("/profiles/fewer-groups", test_fewer_groups);
    g_test_add_func("/profiles/version-zero", test_version_zero);
    g_test_add_func("/profiles/claims", test_claims);
    return g_test_run();
}
