/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gmmu.h"

/* vmmgp100.c: gp100_vmm_pde(), gp100_vmm_valid(), gp100_vmm_pgt_sparse() */
#define ENTRY_VALID 1ull                    /* of a page; 0 in a directory */
#define ENTRY_VOLATILE (1ull << 3)          /* not valid and this: sparse */
#define ENTRY_PRIVATE (1ull << 5)           /* of a big page: no small ones */
#define ENTRY_READ_ONLY (1ull << 6)
#define ENTRY_ADDRESS 0x003fffffffffff00ull /* address >> 4 */
#define ENTRY_BIG_ADDRESS 0x003ffffffffffff0ull

#define PD0_SHIFT 21
#define BIG_SHIFT 16
#define SMALL_SHIFT 12

const char *const gmmu_status_names[] = {
    [GMMU_OK] = "ok",
    [GMMU_INVALID] = "no valid entry",
    [GMMU_NO_TABLE] = "no table",
    [GMMU_SPARSE] = "sparse",
    [GMMU_BUS] = "page table not readable",
    [GMMU_RANGE] = "address too large",
    [GMMU_READ_ONLY] = "read-only page",
};

static unsigned aperture_field(uint64_t entry)
{
    return entry >> 1 & 3;
}

static bool is_sparse(uint64_t entry)
{
    return !(entry & ENTRY_VALID) && aperture_field(entry) == 0 &&
           entry & ENTRY_VOLATILE;
}

/* Directories: aperture 0 is "none", 1 the frame buffer. */
static bool directory(uint64_t entry, uint64_t mask, GmmuAperture *aperture,
                      uint64_t *table)
{
    unsigned field = aperture_field(entry);

    if (field == 0) {
        return false;
    }
    *aperture = field == 1 ? GMMU_VRAM : GMMU_SYSTEM;
    *table = (entry & mask) << 4;
    return true;
}

/* Pages: aperture 0 is the frame buffer, 1 that of another GPU. */
static GmmuStatus page_entry(uint64_t entry, unsigned shift, uint64_t va,
                             bool write, GmmuPage *page)
{
    uint64_t in = va & ((1ull << shift) - 1);
    unsigned field = aperture_field(entry);

    if (!(entry & ENTRY_VALID)) {
        return is_sparse(entry) ? GMMU_SPARSE : GMMU_INVALID;
    }
    if (field == 1) {
        return GMMU_INVALID;
    }
    if (write && entry & ENTRY_READ_ONLY) {
        return GMMU_READ_ONLY;
    }
    page->aperture = field == 0 ? GMMU_VRAM : GMMU_SYSTEM;
    page->pa = (((entry & ENTRY_ADDRESS) << 4) & ~((1ull << shift) - 1)) | in;
    page->left = (1ull << shift) - in;
    page->kind = entry >> 56;
    return GMMU_OK;
}

/* The last directory: a big page's table, a small page's, or a page. */
static GmmuStatus walk_pd0(gmmu_read_fn *read, void *opaque,
                           GmmuAperture aperture, uint64_t table, uint64_t va,
                           bool write, GmmuPage *page)
{
    uint64_t big, small, entry, at = table + (va >> PD0_SHIFT & 0xff) * 16;

    if (!read(opaque, aperture, at, &big) ||
        !read(opaque, aperture, at + 8, &small)) {
        return GMMU_BUS;
    }
    if (big & ENTRY_VALID) {
        return page_entry(big, PD0_SHIFT, va, write, page);
    }
    if (directory(big, ENTRY_BIG_ADDRESS, &aperture, &table)) {
        if (!read(opaque, aperture, table + (va >> BIG_SHIFT & 0x1f) * 8,
                  &entry)) {
            return GMMU_BUS;
        }
        if (entry & (ENTRY_VALID | ENTRY_VOLATILE)) {
            return page_entry(entry, BIG_SHIFT, va, write, page);
        }
        if (entry & ENTRY_PRIVATE) {
            return GMMU_INVALID;
        }
    }
    if (!directory(small, ENTRY_ADDRESS, &aperture, &table)) {
        return is_sparse(big) ? GMMU_SPARSE : GMMU_NO_TABLE;
    }
    if (!read(opaque, aperture, table + (va >> SMALL_SHIFT & 0x1ff) * 8,
              &entry)) {
        return GMMU_BUS;
    }
    return page_entry(entry, SMALL_SHIFT, va, write, page);
}

GmmuStatus gmmu_walk(gmmu_read_fn *read, void *opaque, uint64_t root,
                     uint64_t va, bool write, GmmuPage *page)
{
    GmmuAperture aperture = GMMU_VRAM;
    uint64_t table = root, entry;
    unsigned shift;

    if (va >> GMMU_VA_BITS) {
        return GMMU_RANGE;
    }
    for (shift = 47; shift > PD0_SHIFT; shift -= 9) {
        if (!read(opaque, aperture, table + (va >> shift & 0x1ff) * 8,
                  &entry)) {
            return GMMU_BUS;
        }
        if (!directory(entry, ENTRY_ADDRESS, &aperture, &table)) {
            return is_sparse(entry) ? GMMU_SPARSE : GMMU_NO_TABLE;
        }
    }
    return walk_pd0(read, opaque, aperture, table, va, write, page);
}
