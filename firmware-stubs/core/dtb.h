/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading device trees that nobody vouches for: what profiles, personas and
 * scenarios share.
 *
 * Every function that can fail returns false and leaves one sentence of the
 * form "FILE: /node: property 'name': what is wrong" in FwDtb.err.
 */
#ifndef FW_CORE_DTB_H
#define FW_CORE_DTB_H

#include "fw/layout.h"

/** FW_DTB_CELLS_MAX - longest cell list that fw_dtb_cells() returns. */
#define FW_DTB_CELLS_MAX 16

/**
 * struct FwDtb - an open device tree
 * @fdt:  private, aligned copy of the bytes; checked as a whole.
 * @file: name for messages.
 * @err:  where the sentence goes.
 */
typedef struct FwDtb {
    void *fdt;
    const char *file;
    FwError *err;
} FwDtb;

/**
 * fw_dtb_open() - copy and check a flattened device tree
 * @compatible: string that the root's "compatible" must contain, or NULL.
 *
 * fw_dtb_close() must follow whether or not it succeeds.
 */
bool fw_dtb_open(FwDtb *d, const void *dtb, size_t size,
                 const char *compatible, const char *file, FwError *err);
void fw_dtb_close(FwDtb *d);

/**
 * fw_dtb_fail() - set the sentence
 * @node: node offset; @prop: property in it, or NULL.
 * Returns false, so that a check can end in "return fw_dtb_fail(...)".
 */
bool fw_dtb_fail(const FwDtb *d, int node, const char *prop,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/**
 * fw_dtb_cells() - read a list of 32-bit cells
 * @cells: room for FW_DTB_CELLS_MAX.
 * @n:     cells read; 0 if there is no such property.  A property that is
 *         empty, longer than FW_DTB_CELLS_MAX or no multiple of four bytes
 *         is an error.
 */
bool fw_dtb_cells(const FwDtb *d, int node, const char *prop,
                  uint32_t *cells, unsigned *n);

/** fw_dtb_u64() - read one cell, or two as a 64-bit number. */
bool fw_dtb_u64(const FwDtb *d, int node, const char *prop,
                uint64_t *value, bool *found);

/** fw_dtb_u32() - read exactly one cell. */
bool fw_dtb_u32(const FwDtb *d, int node, const char *prop,
                uint32_t *value, bool *found);

/**
 * fw_dtb_string() - read one string
 * @buf: gets it, NUL terminated.
 * @len: bytes at @buf; a longer string is an error.
 */
bool fw_dtb_string(const FwDtb *d, int node, const char *prop,
                   char *buf, size_t len, bool *found);

/**
 * fw_dtb_values() - read numbers by path
 * @needs:   what is wanted; a name is "node/property" or "property", with
 *           "[i]" behind it for element i of a list of cells.
 * @strings: names of the root's other properties, NULL terminated.
 * @skip:    node below the root that holds something else, or NULL.
 * @values:  result, by index of @needs.
 *
 * Nodes and properties that neither @needs nor @strings nor @skip name are
 * errors: they are misspelt, or meant for somebody else.
 */
bool fw_dtb_values(const FwDtb *d, const FwValueNeed *needs, unsigned n,
                   const char *const *strings, const char *skip,
                   uint64_t *values);

#endif /* FW_CORE_DTB_H */
