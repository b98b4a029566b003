/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GPU's own page tables, format 2 (Pascal to Ada) and 3 (since Hopper).
 * Knows neither QEMU nor the rest of the device: unit tests and fuzzers link it
 * as it is.
 *
 * Format 2 has five levels for 49 bits of address, format 3 six for 57, of
 * which the first has two entries; below that they are alike. The last
 * directory has entries of two words, for a table of 64 KiB pages and one of
 * 4 KiB pages, or is itself an entry of a 2 MiB page. Sources: nouveau,
 * nvkm/subdev/mmu/{vmmgp100,vmmgh100}.c, nvhw/ref/gh100/dev_mmu.h.
 */
#ifndef NVIDIA_GSP_GMMU_H
#define NVIDIA_GSP_GMMU_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum GmmuAperture - memory that an entry points to
 * @GMMU_VRAM:     the GPU's own frame buffer.
 * @GMMU_SYSTEM:   system memory, by bus address.
 */
typedef enum GmmuAperture {
    GMMU_VRAM,
    GMMU_SYSTEM,
} GmmuAperture;

/** enum GmmuStatus - how a walk ended */
typedef enum GmmuStatus {
    GMMU_OK,
    GMMU_INVALID,       /* no valid entry of a page */
    GMMU_NO_TABLE,      /* no entry of a directory */
    GMMU_SPARSE,        /* sparse: reads give 0, writes are lost */
    GMMU_BUS,           /* an entry could not be read */
    GMMU_RANGE,         /* more address bits than the format has */
    GMMU_READ_ONLY,     /* a write to a page that is read-only */
} GmmuStatus;

/** gmmu_status_names - for logs. */
extern const char *const gmmu_status_names[];

/**
 * struct GmmuPage - result of a walk
 * @aperture: where the page is.
 * @pa:       address of the byte that was asked for.
 * @left:     bytes from there to the end of the page, at least 1.
 * @kind:     storage format of the page.
 */
typedef struct GmmuPage {
    GmmuAperture aperture;
    uint64_t pa;
    uint64_t left;
    uint8_t kind;
} GmmuPage;

/**
 * gmmu_read_fn - read a word of a page table
 * Returns false if there is nothing at that address.
 */
typedef bool gmmu_read_fn(void *opaque, GmmuAperture aperture, uint64_t pa,
                          uint64_t *word);

/** GMMU_FORMAT_MIN, GMMU_FORMAT_MAX - formats that are known. */
#define GMMU_FORMAT_MIN 2
#define GMMU_FORMAT_MAX 3

/**
 * gmmu_walk() - translate one address
 * @format: of the page tables, GMMU_FORMAT_MIN to GMMU_FORMAT_MAX.
 * @read:   reads entries, @opaque its argument; called at most eight times.
 * @root:   frame buffer offset of the root directory.
 * @va:     virtual address.
 * @write:  the access writes.
 * @page:   result if GMMU_OK is returned.
 */
GmmuStatus gmmu_walk(unsigned format, gmmu_read_fn *read, void *opaque,
                     uint64_t root, uint64_t va, bool write, GmmuPage *page);

#endif /* NVIDIA_GSP_GMMU_H */
