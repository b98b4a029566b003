/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/layout.h"

/**
 * read_file() - read a whole file
 * @max:  most bytes accepted.
 * @size: gets the number of bytes.
 * Returns them with a NUL byte behind (free() them), or NULL with @err set.
 */
uint8_t *read_file(const char *path, size_t max, size_t *size, FwError *err);

/** write_file() - write a file whole or not at all; false: see @err. */
bool write_file(const char *path, const void *data, size_t size,
                FwError *err);

#endif /* TOOLS_FILE_H */
