/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the FSP: one as nouveau sends it (nvkm/subdev/fsp/gh100.c:
 * gh100_fsp_boot_gsp_fmc()), and what is wrong in others.
 */
#include <glib.h>
#include <string.h>

#include "mctp.h"

#define BYTES 868

static const FspRules rules = { .version = 2, .key = 97, .signature = 96 };

/* Offsets in the message. */
enum {
    VERSION = 8, SIZE = 10, FMC = 12, SYSTEM = 20, SYSTEM_SIZE = 28,
    FRTS = 32, FRTS_SIZE = 40, HASH = 44, KEY = 92, SIGNATURE = 476,
    ARGS = 860,
};

static void put(uint8_t *p, uint64_t v, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        p[i] = v >> (8 * i);
    }
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void make(uint8_t *m)
{
    memset(m, 0, MCTP_MAX);
    put(m, 0xc0000000, 4);
    put(m + 4, 0x1410de7e, 4);
    put(m + VERSION, 2, 2);
    put(m + SIZE, 860, 2);
    put(m + FMC, 0x123456000, 8);
    put(m + FRTS, 0x1c00000, 8);
    put(m + FRTS_SIZE, 0x100000, 4);
    memset(m + HASH, 0xaa, FSP_HASH);
    memset(m + KEY, 0xbb, rules.key);
    memset(m + SIGNATURE, 0xcc, rules.signature);
    put(m + ARGS, 0x987654000, 8);
}

static void test_good(void)
{
    uint8_t m[MCTP_MAX], hash[FSP_HASH], type;
    FspCot cot;

    make(m);
    memset(hash, 0xaa, sizeof(hash));
    g_assert_cmphex(mctp_parse(m, BYTES, &rules, &type, &cot), ==, FSP_OK);
    g_assert_cmphex(type, ==, NVDM_COT);
    g_assert_cmphex(cot.fmc, ==, 0x123456000);
    g_assert_cmphex(cot.args, ==, 0x987654000);
    g_assert_cmphex(cot.frts, ==, 0x1c00000);
    g_assert_cmphex(cot.frts_size, ==, 0x100000);
    g_assert_cmpmem(cot.hash, FSP_HASH, hash, FSP_HASH);
}

/* All the fields of the headers, then those of the payload. */
static void test_bad(void)
{
    static const struct {
        unsigned at;
        uint8_t value;
        FspError error;
    } bad[] = {
        { 0, 0x01, FSP_INVALID_DATA },      /* version */
        { 0, 0x10, FSP_INVALID_DATA },
        { 1, 0x01, FSP_INVALID_DATA },      /* to whom */
        { 2, 0x01, FSP_INVALID_DATA },      /* from whom */
        { 3, 0xc1, FSP_INVALID_DATA },      /* tag */
        { 3, 0xc8, FSP_INVALID_DATA },      /* its owner */
        { 3, 0xd0, FSP_INVALID_DATA },      /* sequence */
        { 3, 0x80, FSP_NOT_SUPPORTED },     /* more to come */
        { 3, 0x40, FSP_NOT_SUPPORTED },     /* the rest of something */
        { 4, 0x7f, FSP_INVALID_DATA },      /* an IANA vendor */
        { 4, 0xfe, FSP_INVALID_DATA },      /* with a check */
        { 5, 0xdf, FSP_INVALID_DATA },      /* another vendor */
        { 6, 0x11, FSP_INVALID_DATA },
        { 7, 0x13, FSP_NOT_SUPPORTED },     /* another type */
        { 7, 0x15, FSP_NOT_SUPPORTED },
        { VERSION, 1, FSP_NOT_SUPPORTED },  /* a Hopper's */
        { SIZE, 0, FSP_INVALID_DATA },
        { SYSTEM, 1, FSP_NOT_SUPPORTED },
        { SYSTEM_SIZE, 1, FSP_NOT_SUPPORTED },
        { KEY + 97, 1, FSP_INVALID_DATA },
        { KEY + 383, 1, FSP_INVALID_DATA },
        { SIGNATURE + 96, 1, FSP_INVALID_DATA },
        { SIGNATURE + 383, 1, FSP_INVALID_DATA },
    };
    uint8_t m[MCTP_MAX], type;
    FspCot cot;

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        make(m);
        m[bad[i].at] = bad[i].value;
        g_assert_cmphex(mctp_parse(m, BYTES, &rules, &type, &cot), ==,
                        bad[i].error);
        g_assert_cmphex(type, ==, m[7]);
    }
    make(m);
    memset(m + KEY, 0, FSP_KEY);
    g_assert_cmphex(mctp_parse(m, BYTES, &rules, &type, &cot), ==,
                    FSP_INVALID_DATA);
    make(m);
    memset(m + SIGNATURE, 0, FSP_SIGNATURE);
    g_assert_cmphex(mctp_parse(m, BYTES, &rules, &type, &cot), ==,
                    FSP_INVALID_DATA);
}

/* Any length but the right one. */
static void test_length(void)
{
    uint8_t m[MCTP_MAX], type;
    FspCot cot;

    make(m);
    for (unsigned len = 0; len <= MCTP_MAX; len++) {
        g_assert_cmphex(mctp_parse(m, len, &rules, &type, &cot), ==,
                        len == BYTES ? FSP_OK : FSP_INVALID_DATA);
        g_assert_cmphex(type, ==, len < 8 ? 0 : NVDM_COT);
    }
}

/* gh100.c: gh100_fsp_send_sync(); fsp.rs: send_sync_fsp() */
static void test_answer(void)
{
    uint8_t a[MCTP_ANSWER];

    mctp_answer(a, NVDM_COT, FSP_INVALID_DATA);
    g_assert_cmphex(get32(a), ==, 0xc0000000);
    g_assert_cmphex(get32(a + 4), ==, 0x1510de7e);
    g_assert_cmphex(get32(a + 12), ==, NVDM_COT);
    g_assert_cmphex(get32(a + 16), ==, FSP_INVALID_DATA);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nv-mctp/good", test_good);
    g_test_add_func("/nv-mctp/bad", test_bad);
    g_test_add_func("/nv-mctp/length", test_length);
    g_test_add_func("/nv-mctp/answer", test_answer);
    return g_test_run();
}
