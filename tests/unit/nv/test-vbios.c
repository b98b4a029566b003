/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ROM as the drivers take it apart (nouveau, nvkm/subdev/gsp/fwsec.c;
 * nova-core, firmware.rs), and what FWSEC and its loader read.
 */
#include <glib.h>
#include <string.h>

#include "vbios.h"

#define IMAGE1 0x1000

static uint32_t get32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

/* FWSEC's descriptor: by the pointer in BIT's token, then the table. */
static const uint8_t *descriptor(const Vbios *v)
{
    const uint8_t *table = v->rom + get32(v->rom + 0x160);

    g_assert_cmpuint(table[0], ==, 1);
    g_assert_cmphex(table[table[1]], ==, 0x85);
    return v->rom + get32(table + table[1] + 2);
}

static void make(Vbios *v, unsigned version)
{
    VbiosSetup setup = {
        .vendor = 0x10de, .device = 0x1e04, .class = 0x030200,
        .descriptor = version, .version = { 0x90, 2, 0, 0, 1 },
    };

    vbios_make(v, &setup);
}

static void test_v3(void)
{
    Vbios v;
    const uint8_t *d;

    make(&v, 3);
    d = descriptor(&v);
    g_assert_cmphex(get32(d), ==, (0x2c + 384) << 16 | 0x301);
    g_assert_true(v.rom + v.signature == d + 0x2c);
    g_assert_true(v.rom + v.imem == d + 0x2c + 384);
    g_assert_cmphex(get32(d + 0x14), ==, VBIOS_IMEM);
    g_assert_cmphex(d[0x26], ==, VBIOS_UCODE_ID);
}

static void test_v2(void)
{
    Vbios v;
    const uint8_t *d, *mapper;

    make(&v, 2);
    d = descriptor(&v);
    g_assert_cmphex(get32(d), ==, 0x3c << 16 | 0x201);
    g_assert_cmphex(v.signature, ==, 0);
    g_assert_true(v.rom + v.imem == d + 0x3c);
    g_assert_true(v.rom + v.dmem == d + 0x3c + get32(d + 0x28));
    /* Secure code is the end of all code, and nova wants DMEMPhysBase 0. */
    g_assert_cmphex(get32(d + 0x20) + get32(d + 0x24), ==, get32(d + 0x18));
    g_assert_cmphex(get32(d + 0x2c), ==, 0);
    mapper = v.rom + v.dmem + get32(v.rom + v.dmem + 8);
    g_assert_cmpmem(mapper, 4, "DMAP", 4);
}

static void test_command(void)
{
    Vbios v;
    VbiosCommand cmd;
    uint8_t *dmem, *in;

    make(&v, 2);
    dmem = v.rom + v.dmem;
    in = dmem + VBIOS_DMEM_COMMAND;
    g_assert_false(vbios_command(dmem, &cmd));
    put32(dmem + VBIOS_DMEM_MAPPER + 44, VBIOS_COMMAND_FRTS);
    put32(in, 1);
    put32(in + 4, 24);
    put32(in + 24, 1);
    put32(in + 28, 20);
    put32(in + 32, 0x3fe00);
    put32(in + 36, 0x100);
    put32(in + 40, 2);
    g_assert_true(vbios_command(dmem, &cmd));
    g_assert_cmphex(cmd.start, ==, 0x3fe00000);
    g_assert_cmphex(cmd.size, ==, 0x100000);
    put32(in + 40, 1);
    g_assert_false(vbios_command(dmem, &cmd));
    put32(dmem + VBIOS_DMEM_MAPPER + 44, VBIOS_COMMAND_SB);
    g_assert_true(vbios_command(dmem, &cmd));
    g_assert_cmphex(cmd.command, ==, VBIOS_COMMAND_SB);
    put32(dmem + VBIOS_DMEM_MAPPER + 44, 7);
    g_assert_false(vbios_command(dmem, &cmd));
}

/* A nouveau's, tu102_gsp_fwsec_load_bld(). */
static const uint32_t good[VBIOS_LOAD_BYTES / 4] = {
    [8] = 4, [9] = 0x80001000, [10] = 1, [11] = 0, [12] = 0x100,
    [13] = 0x100, [14] = 0x300, [16] = 0x80001400, [17] = 1, [18] = 0x600,
};

static void test_load(void)
{
    static const struct {
        unsigned word;
        uint32_t value;
    } bad[] = {
        { 8, 8 }, { 8, UINT32_MAX }, { 11, 0x10000 }, { 11, 0x10 },
        { 12, 0x10100 }, { 12, 0xff }, { 13, 0xffffff00 }, { 14, 0xff00 + 256 },
        { 14, UINT32_MAX }, { 18, 0x10001 },
    };
    uint8_t dmem[VBIOS_LOAD_BYTES];
    VbiosLoad l;

    for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
        put32(dmem + 4 * i, good[i]);
    }
    g_assert_true(vbios_load(dmem, &l));
    g_assert_cmpuint(l.ctx, ==, 4);
    g_assert_cmphex(l.code, ==, 0x180001000);
    g_assert_cmphex(l.data, ==, 0x180001400);
    g_assert_cmphex(l.open_size, ==, 0x100);
    g_assert_cmphex(l.secure, ==, 0x100);
    g_assert_cmphex(l.secure_size, ==, 0x300);
    g_assert_cmphex(l.data_size, ==, 0x600);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        put32(dmem + 4 * bad[i].word, bad[i].value);
        g_assert_false(vbios_load(dmem, &l));
        put32(dmem + 4 * bad[i].word, good[bad[i].word]);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nv-vbios/v3", test_v3);
    g_test_add_func("/nv-vbios/v2", test_v2);
    g_test_add_func("/nv-vbios/command", test_command);
    g_test_add_func("/nv-vbios/load", test_load);
    return g_test_run();
}
