/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page-table walks: formats, fault codes and levels.
 */
#include <glib.h>

#include "pgtable.h"

#define TABLE 3ull
#define BLOCK 1ull
#define AF (1ull << 10)
#define UNPRIV (1ull << 6)
#define RDONLY (1ull << 7)
#define UXN (1ull << 54)
#define LEAF (AF | UNPRIV)

/* Physical memory: tables at 0x1000.. */
static uint64_t memory[16][512];
static unsigned reads;

static bool read_pte(void *opaque, uint64_t pa, uint64_t *pte)
{
    (void)opaque;
    reads++;
    g_assert_cmphex(pa % 8, ==, 0);
    if (pa < 0x1000 || pa >= 0x11000) {
        return false;
    }
    *pte = memory[(pa - 0x1000) / 4096][pa % 4096 / 8];
    return true;
}

static const GpuPageTable pt48 = { .root = 0x1000, .va_bits = 48,
                                   .pa_bits = 40 };

/* Tables for VA 0x812345678xxx: level n is at 0x1000 * (n + 1). */
#define VA 0x812345678abcull
#define L0 memory[0][0x102]
#define L1 memory[1][0x08d]
#define L2 memory[2][0x02b]
#define L3 memory[3][0x078]

static void good_tables(void)
{
    memset(memory, 0, sizeof(memory));
    L0 = 0x2000 | TABLE;
    L1 = 0x3000 | TABLE;
    L2 = 0x4000 | TABLE;
    L3 = 0x9876543000ull | LEAF | TABLE;
    reads = 0;
}

static GpuTranslation walk(unsigned access)
{
    return gpu_pgtable_walk(&pt48, read_pte, NULL, VA, access);
}

static void assert_code(unsigned access, unsigned code)
{
    g_assert_cmphex(walk(access).exception, ==, code);
}

static void page(void)
{
    GpuTranslation t;

    g_assert_cmphex(VA >> 39 & 0x1ff, ==, 0x102);
    g_assert_cmphex(VA >> 30 & 0x1ff, ==, 0x08d);
    g_assert_cmphex(VA >> 21 & 0x1ff, ==, 0x02b);
    g_assert_cmphex(VA >> 12 & 0x1ff, ==, 0x078);
    good_tables();
    L3 |= 3 << 2 | 1ull << 55 | 3 << 8 | 1ull << 11;
    t = walk(GPU_ACCESS_READ | GPU_ACCESS_WRITE | GPU_ACCESS_EXEC);
    g_assert_cmphex(t.exception, ==, GPU_EXC_OK);
    g_assert_cmphex(t.pa, ==, 0x9876543abcull);
    g_assert_cmphex(t.page_mask, ==, 0xfff);
    g_assert_cmphex(t.access, ==, 7);
    g_assert_cmpuint(t.attr, ==, 3);
    g_assert_cmpuint(reads, ==, 4);
}

static void block_2m(void)
{
    GpuTranslation t;

    good_tables();
    L2 = 0x9876400000ull | LEAF | BLOCK;
    t = walk(GPU_ACCESS_WRITE);
    g_assert_cmphex(t.exception, ==, GPU_EXC_OK);
    g_assert_cmphex(t.pa, ==, 0x9876400000ull | (VA & 0x1fffff));
    g_assert_cmphex(t.page_mask, ==, 0x1fffff);
}

static void block_1g(void)
{
    GpuTranslation t;

    good_tables();
    L1 = 0x9840000000ull | LEAF | BLOCK;
    t = walk(GPU_ACCESS_READ);
    g_assert_cmphex(t.exception, ==, GPU_EXC_OK);
    g_assert_cmphex(t.pa, ==, 0x9840000000ull | (VA & 0x3fffffff));
    g_assert_cmphex(t.page_mask, ==, 0x3fffffff);
}

static void translation_faults_name_their_level(void)
{
    good_tables();
    L3 = 0;
    assert_code(GPU_ACCESS_READ, 0xc3);
    L2 = 2;                           /* only bit 0 counts */
    assert_code(GPU_ACCESS_READ, 0xc2);
    L1 = 0;
    assert_code(GPU_ACCESS_READ, 0xc1);
    L0 = 0;
    assert_code(GPU_ACCESS_READ, 0xc0);
}

static void reserved_encodings(void)
{
    good_tables();
    L3 = 0x9876543000ull | LEAF | BLOCK;
    assert_code(GPU_ACCESS_READ, 0xc3);
    L0 = LEAF | BLOCK;
    assert_code(GPU_ACCESS_READ, 0xc0);
}

static void access_flag(void)
{
    good_tables();
    L3 = 0x9876543000ull | UNPRIV | TABLE;
    assert_code(GPU_ACCESS_READ, 0xdb);
    L2 = 0x9876400000ull | UNPRIV | BLOCK;
    assert_code(GPU_ACCESS_READ, 0xda);
    L1 = 0x9840000000ull | UNPRIV | BLOCK;
    assert_code(GPU_ACCESS_READ, 0xd9);
}

static void permissions(void)
{
    good_tables();
    L3 |= RDONLY;
    assert_code(GPU_ACCESS_READ, 0);
    assert_code(GPU_ACCESS_EXEC, 0);
    assert_code(GPU_ACCESS_WRITE, 0xcb);
    assert_code(GPU_ACCESS_READ | GPU_ACCESS_WRITE, 0xcb);
    good_tables();
    L3 |= UXN;
    assert_code(GPU_ACCESS_WRITE, 0);
    assert_code(GPU_ACCESS_EXEC, 0xcb);
    g_assert_cmphex(walk(GPU_ACCESS_READ).access, ==,
                    GPU_ACCESS_READ | GPU_ACCESS_WRITE);
    good_tables();
    L3 &= ~UNPRIV;
    assert_code(GPU_ACCESS_READ, 0xcb);
    good_tables();
    L2 = 0x9876400000ull | LEAF | RDONLY | BLOCK;
    assert_code(GPU_ACCESS_WRITE, 0xca);
    L1 = 0x9840000000ull | LEAF | RDONLY | BLOCK;
    assert_code(GPU_ACCESS_WRITE, 0xc9);
}

static void hierarchical_permissions(void)
{
    uint64_t *level[] = { &L0, &L1, &L2 };

    for (unsigned i = 0; i < 3; i++) {
        good_tables();
        *level[i] |= 1ull << 62;
        assert_code(GPU_ACCESS_READ, 0);
        assert_code(GPU_ACCESS_WRITE, 0xcb);
        good_tables();
        *level[i] |= 1ull << 61;
        assert_code(GPU_ACCESS_READ, 0xcb);
        good_tables();
        *level[i] |= 1ull << 60;
        assert_code(GPU_ACCESS_READ, 0);
        assert_code(GPU_ACCESS_EXEC, 0xcb);
    }
}

static void output_addresses_that_are_too_big(void)
{
    GpuPageTable pt = pt48;

    good_tables();
    L3 |= 1ull << 40;
    assert_code(GPU_ACCESS_READ, 0xe7);
    good_tables();
    L2 |= 1ull << 47;
    assert_code(GPU_ACCESS_READ, 0xe6);
    good_tables();
    L1 = 1ull << 41 | LEAF | BLOCK;
    assert_code(GPU_ACCESS_READ, 0xe5);
    L0 |= 1ull << 40;
    assert_code(GPU_ACCESS_READ, 0xe4);
    good_tables();
    pt.root |= 1ull << 40;
    g_assert_cmphex(gpu_pgtable_walk(&pt, read_pte, NULL, VA,
                                     GPU_ACCESS_READ).exception, ==, 0xe4);
}

static void input_addresses_that_are_too_big(void)
{
    GpuPageTable pt = { .root = 0x1000, .va_bits = 40, .pa_bits = 40 };

    good_tables();
    g_assert_cmphex(gpu_pgtable_walk(&pt48, read_pte, NULL, VA | 1ull << 48,
                                     GPU_ACCESS_READ).exception, ==, 0xe0);
    g_assert_cmphex(gpu_pgtable_walk(&pt48, read_pte, NULL, ~0ull,
                                     GPU_ACCESS_READ).exception, ==, 0xe0);
    g_assert_cmphex(gpu_pgtable_walk(&pt, read_pte, NULL, 1ull << 40,
                                     GPU_ACCESS_READ).exception, ==, 0xe0);
    g_assert_cmpuint(reads, ==, 0);
}

static void smaller_input_starts_at_a_later_level(void)
{
    static const struct {
        uint8_t va_bits;
        uint64_t root;
        unsigned reads;
    } c[] = { { 40, 0x1000, 4 }, { 39, 0x2000, 3 }, { 31, 0x2000, 3 },
              { 30, 0x3000, 2 }, { 21, 0x4000, 1 }, { 12, 0x4000, 1 } };

    for (unsigned i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
        GpuPageTable pt = { .root = c[i].root, .va_bits = c[i].va_bits,
                            .pa_bits = 40 };
        uint64_t va = VA & ((1ull << c[i].va_bits) - 1);
        GpuTranslation t;

        good_tables();
        memory[0][va >> 39 & 0x1ff] = L0;
        memory[1][va >> 30 & 0x1ff] = L1;
        memory[2][va >> 21 & 0x1ff] = L2;
        memory[3][va >> 12 & 0x1ff] = L3;
        t = gpu_pgtable_walk(&pt, read_pte, NULL, va, GPU_ACCESS_READ);
        g_assert_cmphex(t.exception, ==, GPU_EXC_OK);
        g_assert_cmphex(t.pa, ==, 0x9876543000ull | (va & 0xfff));
        g_assert_cmpuint(reads, ==, c[i].reads);
    }
}

static void table_on_no_memory(void)
{
    good_tables();
    L1 = 0x7f000000 | TABLE;
    assert_code(GPU_ACCESS_READ, GPU_EXC_GPU_BUS_FAULT);
}

/* Bits of a block's address below its size are reserved and do not add up. */
static void low_address_bits_of_a_block(void)
{
    good_tables();
    L2 = 0x9876400000ull | 0x1ff000 | LEAF | BLOCK;
    g_assert_cmphex(walk(GPU_ACCESS_READ).pa, ==,
                    0x9876400000ull | (VA & 0x1fffff));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/pgtable/page", page);
    g_test_add_func("/pgtable/block-2m", block_2m);
    g_test_add_func("/pgtable/block-1g", block_1g);
    g_test_add_func("/pgtable/translation-faults-name-their-level",
                    translation_faults_name_their_level);
    g_test_add_func("/pgtable/reserved-encodings", reserved_encodings);
    g_test_add_func("/pgtable/access-flag", access_flag);
    g_test_add_func("/pgtable/permissions", permissions);
    g_test_add_func("/pgtable/hierarchical-permissions",
                    hierarchical_permissions);
    g_test_add_func("/pgtable/output-addresses-that-are-too-big",
                    output_addresses_that_are_too_big);
    g_test_add_func("/pgtable/input-addresses-that-are-too-big",
                    input_addresses_that_are_too_big);
    g_test_add_func("/pgtable/smaller-input-starts-at-a-later-level",
                    smaller_input_starts_at_a_later_level);
    g_test_add_func("/pgtable/table-on-no-memory", table_on_no_memory);
    g_test_add_func("/pgtable/low-address-bits-of-a-block",
                    low_address_bits_of_a_block);
    return g_test_run();
}
