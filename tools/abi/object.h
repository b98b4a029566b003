/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold debug information: modules, plain or packed, kernel images,
 * objects.  None of them is trusted.
 */
#ifndef TOOLS_ABI_OBJECT_H
#define TOOLS_ABI_OBJECT_H

#include <glib.h>

#include "fw/layout.h"

/** OBJECT_MAX - most bytes of a file, packed or not. */
#define OBJECT_MAX (1024u * 1024 * 1024)

/**
 * object_read() - read a file, and unpack it if it is packed with xz
 * @path: file.
 * Returns its bytes, or NULL with @err set.
 */
GBytes *object_read(const char *path, FwError *err);

/**
 * object_unpack() - unpack what is packed with xz
 * @packed: bytes; owned by the caller.
 * @max:    most bytes that may come out.
 * Returns a reference to @packed itself if it is not packed.
 */
GBytes *object_unpack(GBytes *packed, size_t max, const char *file,
                      FwError *err);

/** object_is_elf() - does it begin like a 64-bit little-endian ELF file? */
bool object_is_elf(GBytes *object);

/**
 * object_section() - a section of a 64-bit little-endian ELF file by name
 * Returns its bytes (a slice of @object), or NULL if there is none.
 */
GBytes *object_section(GBytes *object, const char *name);

/** object_write() - write all bytes to a descriptor. */
bool object_write(int fd, const void *data, size_t size);

/**
 * object_file() - bytes as a file without a name, for libraries that want one
 * Returns a descriptor to close, or -1.
 */
int object_file(GBytes *object);

#endif /* TOOLS_ABI_OBJECT_H */
