/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware container of Mali CSF GPUs (mali_csffw.bin): reading one that
 * nobody vouches for, checking it, and building one.
 *
 * A container is little endian: a 20-byte header, a table of entries and,
 * behind it, the data that the entries point to.  Source of the format and of
 * the rules: panthor_fw.c (panthor_fw_load() and below) of Linux 6.12 and
 * 7.3, and Tyr's fw/parser.rs of 7.3.
 */
#ifndef TOOLS_FWIMAGE_H
#define TOOLS_FWIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/layout.h"

#define FW_IMAGE_MAGIC 0xc3f13a6eu
#define FW_IMAGE_HEADER_SIZE 20
#define FW_IMAGE_PAGE 4096

/** FW_IMAGE_SECTIONS_MAX - most sections that fw_image_check() accepts. */
#define FW_IMAGE_SECTIONS_MAX 256

/** FW_IMAGE_SHARED_VA - where panthor and Tyr look for the shared section. */
#define FW_IMAGE_SHARED_VA 0x04000000u

/* Entry types; panthor_fw.c: enum panthor_fw_binary_entry_type. */
#define FW_IMAGE_SECTION 0
#define FW_IMAGE_CONFIG 1
#define FW_IMAGE_TEST 2
#define FW_IMAGE_TRACE_BUFFER 3
#define FW_IMAGE_TIMELINE 4
#define FW_IMAGE_BUILD_INFO 6

/* Section flags; panthor_fw.c: CSF_FW_BINARY_IFACE_ENTRY_*. */
#define FW_IMAGE_RD (1u << 0)
#define FW_IMAGE_WR (1u << 1)
#define FW_IMAGE_EX (1u << 2)
#define FW_IMAGE_CACHED (1u << 3)
#define FW_IMAGE_UNCACHED_COHERENT (2u << 3)
#define FW_IMAGE_CACHE_MASK (3u << 3)
#define FW_IMAGE_PROT (1u << 5)
#define FW_IMAGE_SHARED (1u << 30)
#define FW_IMAGE_ZERO (1u << 31)

/**
 * struct FwImage - a container being read
 * @data:         its bytes.
 * @size:         number of them.
 * @file:         name for messages.
 * @pos:          offset of the next entry.
 * @major:        format version.
 * @minor:        format version.
 * @pads:         or of the two padding fields.
 * @version_hash: opaque.
 * @table_end:    end of the entry table, bytes from the start.
 */
typedef struct FwImage {
    const uint8_t *data;
    size_t size;
    const char *file;
    size_t pos;
    uint8_t major;
    uint8_t minor;
    uint32_t pads;
    uint32_t version_hash;
    uint32_t table_end;
} FwImage;

/**
 * struct FwImageEntry - one entry
 * @offset:     of the entry in the file.
 * @type:       FW_IMAGE_*.
 * @size:       bytes of the entry.
 * @optional:   a parser that does not know @type may skip it.
 * @flags:      FW_IMAGE_SECTION: FW_IMAGE_RD and so on.
 * @va_start:   FW_IMAGE_SECTION: MCU addresses, the end exclusive.
 * @va_end:     see @va_start.
 * @data_start: FW_IMAGE_SECTION, FW_IMAGE_BUILD_INFO: file offsets of its
 *              data, the end exclusive.  Not checked against the file's size.
 * @data_end:   see @data_start; 64 bits, so that a size cannot wrap.
 * @name:       FW_IMAGE_SECTION: printable, may be empty.
 */
typedef struct FwImageEntry {
    size_t offset;
    uint8_t type;
    uint8_t size;
    bool optional;
    uint32_t flags;
    uint32_t va_start;
    uint32_t va_end;
    uint32_t data_start;
    uint64_t data_end;
    char name[256];
} FwImageEntry;

/** fw_image_open() - read the header; false: not a container, see @err. */
bool fw_image_open(FwImage *im, const void *data, size_t size,
                   const char *file, FwError *err);

/** fw_image_next() - read an entry: 1 done, 0 no more, -1 broken, see @err. */
int fw_image_next(FwImage *im, FwImageEntry *e, FwError *err);

/** fw_image_check() - would all known drivers accept this container? */
bool fw_image_check(const void *data, size_t size, const char *file,
                    FwError *err);

/**
 * struct FwImageSection - a section to build
 * @name:  for the reader of a dump.
 * @flags: FW_IMAGE_RD and so on.
 * @va:    MCU address, page aligned.
 * @span:  bytes of address space, whole pages.
 * @data:  first bytes of it, or NULL.
 * @size:  number of them.
 */
typedef struct FwImageSection {
    const char *name;
    uint32_t flags;
    uint32_t va;
    uint32_t span;
    const void *data;
    uint32_t size;
} FwImageSection;

/**
 * fw_image_build() - build a container
 * @build_info: text of the build information, printed by panthor 7.3.
 * @size:       gets the number of bytes.
 * Returns them (free() them), or NULL if there is no memory.
 */
uint8_t *fw_image_build(const FwImageSection *sections, unsigned n,
                        const char *build_info, size_t *size);

#endif /* TOOLS_FWIMAGE_H */
