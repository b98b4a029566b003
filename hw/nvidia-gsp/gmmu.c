/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gmmu.h"

#define ENTRY_VALID 1ull                    /* of a page; 0 in a directory */

#define PD0_SHIFT 21
#define BIG_SHIFT 16
#define SMALL_SHIFT 12

/**
 * struct Format - where things are in an entry
 * @va_bits:   address bits.
 * @top:       address bits below an entry of the root directory.
 * @scale:     an entry has an address shifted right by this.
 * @address:   bits of the address of a page, or of a table of directories or
 *             small pages.
 * @big:       the same of a table of big pages.
 * @read_only: set in the entry of a page that cannot be written.
 * @kind, @kind_mask: its storage format: shift and bits of it.
 * @sparse_mask, @sparse: what an entry of a page has that is sparse; not valid
 *             and no aperture, either.
 * @dir_mask:  the same for a directory; @sparse, too.
 * @no_small_mask, @no_small: an entry of a big page: there are no small ones.
 */
typedef struct Format {
    unsigned va_bits;
    unsigned top;
    unsigned scale;
    uint64_t address;
    uint64_t big;
    uint64_t read_only;
    unsigned kind;
    uint8_t kind_mask;
    uint64_t sparse_mask;
    uint64_t dir_mask;
    uint64_t sparse;
    uint64_t no_small_mask;
    uint64_t no_small;
} Format;

static const Format formats[] = {
    /* vmmgp100.c: gp100_vmm_pde(), gp100_vmm_valid(), gp100_vmm_pgt_sparse(),
       gp100_vmm_lpt_invalid() */
    {
        .va_bits = 49, .top = 47,
        .scale = 4,
        .address = 0x003fffffffffff00ull, .big = 0x003ffffffffffff0ull,
        .read_only = 1ull << 6,
        .kind = 56, .kind_mask = 0xff,
        .sparse_mask = 1ull << 3, .dir_mask = 1ull << 3, .sparse = 1ull << 3,
        .no_small_mask = 1ull << 5, .no_small = 1ull << 5,
    },
    /* dev_mmu.h: a field, PCF, has it all: bits 7:3 of a page, where the third
       says read-only, and 5:3 of a directory, whose second is about ATS */
    {
        .va_bits = 57, .top = 56,
        .address = 0x000ffffffffff000ull, .big = 0x000fffffffffff00ull,
        .read_only = 1ull << 5,
        .kind = 8, .kind_mask = 0xf,
        .sparse_mask = 0x1full << 3, .dir_mask = 5ull << 3,
        .sparse = 1ull << 3,
        .no_small_mask = 0x1full << 3, .no_small = 3ull << 3,
    },
};

const char *const gmmu_status_names[] = {
    [GMMU_OK] = "ok",
    [GMMU_INVALID] = "no valid entry",
    [GMMU_NO_TABLE] = "no table",
    [GMMU_SPARSE] = "sparse",
    [GMMU_BUS] = "page table not readable",
    [GMMU_RANGE] = "address too large",
    [GMMU_READ_ONLY] = "read-only page",
};

/* What a walk is for, and how it gets there. */
typedef struct Walk {
    const Format *f;
    gmmu_read_fn *read;
    void *opaque;
    uint64_t va;
    bool write;
} Walk;

static unsigned aperture_field(uint64_t entry)
{
    return entry >> 1 & 3;
}

static bool is_sparse(const Walk *w, uint64_t entry, uint64_t mask)
{
    return !(entry & ENTRY_VALID) && aperture_field(entry) == 0 &&
           (entry & mask) == w->f->sparse;
}

/* Directories: aperture 0 is "none", 1 the frame buffer. */
static bool directory(const Walk *w, uint64_t entry, uint64_t mask,
                      GmmuAperture *aperture, uint64_t *table)
{
    unsigned field = aperture_field(entry);

    if (field == 0) {
        return false;
    }
    *aperture = field == 1 ? GMMU_VRAM : GMMU_SYSTEM;
    *table = (entry & mask) << w->f->scale;
    return true;
}

/* Pages: aperture 0 is the frame buffer, 1 that of another GPU. */
static GmmuStatus page_entry(const Walk *w, uint64_t entry, unsigned shift,
                             GmmuPage *page)
{
    const Format *f = w->f;
    uint64_t in = w->va & ((1ull << shift) - 1);
    unsigned field = aperture_field(entry);

    if (!(entry & ENTRY_VALID)) {
        return is_sparse(w, entry, f->sparse_mask) ? GMMU_SPARSE
                                                   : GMMU_INVALID;
    }
    if (field == 1) {
        return GMMU_INVALID;
    }
    if (w->write && entry & f->read_only) {
        return GMMU_READ_ONLY;
    }
    page->aperture = field == 0 ? GMMU_VRAM : GMMU_SYSTEM;
    page->pa = (((entry & f->address) << f->scale) & ~((1ull << shift) - 1)) |
               in;
    page->left = (1ull << shift) - in;
    page->kind = entry >> f->kind & f->kind_mask;
    return GMMU_OK;
}

/* The last directory: a big page's table, a small page's, or a page. */
static GmmuStatus walk_pd0(const Walk *w, GmmuAperture aperture,
                           uint64_t table, GmmuPage *page)
{
    const Format *f = w->f;
    uint64_t big, small, entry;
    uint64_t at = table + (w->va >> PD0_SHIFT & 0xff) * 16;

    if (!w->read(w->opaque, aperture, at, &big) ||
        !w->read(w->opaque, aperture, at + 8, &small)) {
        return GMMU_BUS;
    }
    if (big & ENTRY_VALID) {
        return page_entry(w, big, PD0_SHIFT, page);
    }
    if (directory(w, big, f->big, &aperture, &table)) {
        if (!w->read(w->opaque, aperture,
                     table + (w->va >> BIG_SHIFT & 0x1f) * 8, &entry)) {
            return GMMU_BUS;
        }
        if (entry & ENTRY_VALID || is_sparse(w, entry, f->sparse_mask)) {
            return page_entry(w, entry, BIG_SHIFT, page);
        }
        if ((entry & f->no_small_mask) == f->no_small) {
            return GMMU_INVALID;
        }
    }
    if (!directory(w, small, f->address, &aperture, &table)) {
        return is_sparse(w, big, f->dir_mask) ? GMMU_SPARSE : GMMU_NO_TABLE;
    }
    if (!w->read(w->opaque, aperture,
                 table + (w->va >> SMALL_SHIFT & 0x1ff) * 8, &entry)) {
        return GMMU_BUS;
    }
    return page_entry(w, entry, SMALL_SHIFT, page);
}

GmmuStatus gmmu_walk(unsigned format, gmmu_read_fn *read, void *opaque,
                     uint64_t root, uint64_t va, bool write, GmmuPage *page)
{
    const Format *f = &formats[format - GMMU_FORMAT_MIN];
    const Walk w = { f, read, opaque, va, write };
    GmmuAperture aperture = GMMU_VRAM;
    uint64_t table = root, entry;
    unsigned shift;

    if (va >> f->va_bits) {
        return GMMU_RANGE;
    }
    for (shift = f->top; shift > PD0_SHIFT; shift -= 9) {
        if (!read(opaque, aperture, table + (va >> shift & 0x1ff) * 8,
                  &entry)) {
            return GMMU_BUS;
        }
        if (!directory(&w, entry, f->address, &aperture, &table)) {
            return is_sparse(&w, entry, f->dir_mask) ? GMMU_SPARSE
                                                     : GMMU_NO_TABLE;
        }
    }
    return walk_pd0(&w, aperture, table, page);
}
