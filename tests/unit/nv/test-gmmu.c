/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables as nouveau writes them, in both formats (nvkm/subdev/mmu/
 * vmmgp100.c and vmmgh100.c).
 */
#include <glib.h>
#include <string.h>

#include "gmmu.h"

#define PAGE 4096u
#define TABLES 16

/* Directories from the root on, then tables of big and of small pages. */
enum { ROOT = 1, BIG = 7, SMALL = 8 };

/* Frame buffer, and system memory behind bus address SYSTEM. */
#define SYSTEM 0x800000000ull
static uint64_t vram[TABLES][PAGE / 8];
static uint64_t bus[TABLES][PAGE / 8];
static unsigned reads;

static bool read_word(void *opaque, GmmuAperture aperture, uint64_t pa,
                      uint64_t *word)
{
    uint64_t at = aperture == GMMU_VRAM ? pa : pa - SYSTEM;

    reads++;
    if (at % 8 || at >= sizeof(vram)) {
        return false;
    }
    *word = (aperture == GMMU_VRAM ? vram : bus)[at / PAGE][at % PAGE / 8];
    return true;
}

/* What differs: levels above the last directory, and how entries are made. */
typedef struct Format {
    unsigned format;
    unsigned levels;
    uint64_t last;          /* address */
    uint64_t va;
    unsigned index[5];      /* of va, in directories from the root on */
} Format;

static const Format f2 = {
    2, 4, (1ull << 49) - 1, 0x12345678901cull, { 0, 0x48, 0x1a2, 0xb3 }
};
static const Format f3 = {
    3, 5, (1ull << 57) - 1, 0x12345678901cull, { 0, 0, 0x48, 0x1a2, 0xb3 }
};

static uint64_t pde(const Format *f, uint64_t table, bool system)
{
    uint64_t at = table * PAGE + (system ? SYSTEM : 0);

    /* vmmgh100.c: gh100_vmm_pde(): PCF 2 for frame buffer, 1 for the other */
    return f->format == 2 ? at >> 4 | (system ? 2 << 1 | 8 : 1 << 1)
                          : at | (system ? 2 << 1 | 1 << 3 : 1 << 1 | 2 << 3);
}

static uint64_t pte(const Format *f, uint64_t page, unsigned aperture,
                    bool ro, uint8_t kind)
{
    return f->format == 2
           ? page >> 4 | 1 | aperture << 1 | (ro ? 1 << 6 : 0) |
             (uint64_t)kind << 56
           : page | 1 | aperture << 1 | (ro ? 0x14 : 0x10) << 3 | kind << 8;
}

static uint64_t sparse(void)
{
    return 1 << 3;
}

/* vmmgp100.c, vmmgh100.c: _vmm_lpt_invalid() */
static uint64_t no_small(const Format *f)
{
    return f->format == 2 ? 1 << 5 : 3 << 3;
}

static uint64_t *pd0(const Format *f)
{
    return &vram[ROOT + f->levels - 1][2 * f->index[f->levels - 1]];
}

/* Directories down to the last one, whose entry is left to the test. */
static void make(const Format *f)
{
    memset(vram, 0, sizeof(vram));
    memset(bus, 0, sizeof(bus));
    for (unsigned i = 0; i + 1 < f->levels; i++) {
        vram[ROOT + i][f->index[i]] = pde(f, ROOT + i + 1, false);
    }
}

static GmmuStatus walk(const Format *f, uint64_t va, bool write,
                       GmmuPage *page)
{
    GmmuStatus s;

    reads = 0;
    s = gmmu_walk(f->format, read_word, NULL, ROOT * PAGE, va, write, page);
    g_assert_cmpuint(reads, <=, 8);
    return s;
}

static void is(const Format *f, GmmuStatus want)
{
    GmmuPage page;

    g_assert_cmpint(walk(f, f->va, false, &page), ==, want);
}

/* The three sizes of pages, in frame buffer and in system memory. */
static void test_sizes(gconstpointer data)
{
    const Format *f = data;
    unsigned big = f->va >> 16 & 0x1f, small = f->va >> 12 & 0x1ff;
    GmmuPage page;

    make(f);
    pd0(f)[0] = pte(f, 0x4000000, 0, false, 6);
    g_assert_cmpint(walk(f, f->va, true, &page), ==, GMMU_OK);
    g_assert_cmpint(page.aperture, ==, GMMU_VRAM);
    g_assert_cmphex(page.pa, ==, 0x4000000 + (f->va & 0x1fffff));
    g_assert_cmphex(page.left, ==, 0x200000 - (f->va & 0x1fffff));
    g_assert_cmpuint(page.kind, ==, 6);

    make(f);
    pd0(f)[0] = pde(f, BIG, false);
    vram[BIG][big] = pte(f, 0x5000000, 0, false, 0);
    g_assert_cmpint(walk(f, f->va, true, &page), ==, GMMU_OK);
    g_assert_cmphex(page.pa, ==, 0x5000000 + (f->va & 0xffff));
    g_assert_cmphex(page.left, ==, 0x10000 - (f->va & 0xffff));

    make(f);
    pd0(f)[1] = pde(f, SMALL, true);
    bus[SMALL][small] = pte(f, 0x923456000, 2, false, 0);
    g_assert_cmpint(walk(f, f->va, true, &page), ==, GMMU_OK);
    g_assert_cmpint(page.aperture, ==, GMMU_SYSTEM);
    g_assert_cmphex(page.pa, ==, 0x923456000 + (f->va & 0xfff));
    g_assert_cmphex(page.left, ==, 0x1000 - (f->va & 0xfff));

    /* A small page counts where the big one is not valid. */
    pd0(f)[0] = pde(f, BIG, false);
    g_assert_cmpint(walk(f, f->va, true, &page), ==, GMMU_OK);
    g_assert_cmphex(page.left, ==, 0x1000 - (f->va & 0xfff));
    vram[BIG][big] = no_small(f);
    is(f, GMMU_INVALID);
}

static void test_others(gconstpointer data)
{
    const Format *f = data;
    unsigned small = f->va >> 12 & 0x1ff;
    GmmuPage page;

    make(f);
    is(f, GMMU_NO_TABLE);
    pd0(f)[0] = sparse();
    is(f, GMMU_SPARSE);
    pd0(f)[0] = pte(f, 0, 1, false, 0);
    is(f, GMMU_INVALID);                /* another GPU's memory */

    make(f);
    pd0(f)[1] = pde(f, SMALL, false);
    is(f, GMMU_INVALID);
    vram[SMALL][small] = sparse();
    is(f, GMMU_SPARSE);
    vram[SMALL][small] = pte(f, 0x6000000, 0, true, 0);
    is(f, GMMU_OK);
    g_assert_cmpint(walk(f, f->va, true, &page), ==, GMMU_READ_ONLY);
    pd0(f)[1] = pde(f, 1000, false);
    is(f, GMMU_BUS);

    make(f);
    vram[ROOT][0] = 0;
    is(f, GMMU_NO_TABLE);
    vram[ROOT][0] = sparse();
    is(f, GMMU_SPARSE);
    g_assert_cmpint(walk(f, f->last, false, &page), ==, GMMU_NO_TABLE);
    g_assert_cmpint(walk(f, f->last + 1, false, &page), ==, GMMU_RANGE);
}

/* Format 3 has a bit of directories that is not about what is there. */
static void test_pcf(void)
{
    make(&f3);
    pd0(&f3)[0] = 3 << 3;
    is(&f3, GMMU_SPARSE);
    pd0(&f3)[0] = 2 << 3;
    is(&f3, GMMU_NO_TABLE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/nv-gmmu/2/sizes", &f2, test_sizes);
    g_test_add_data_func("/nv-gmmu/2/others", &f2, test_others);
    g_test_add_data_func("/nv-gmmu/3/sizes", &f3, test_sizes);
    g_test_add_data_func("/nv-gmmu/3/others", &f3, test_others);
    g_test_add_func("/nv-gmmu/3/pcf", test_pcf);
    return g_test_run();
}
