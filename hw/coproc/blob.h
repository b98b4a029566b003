/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flattened device trees that describe a GPU: personas, profiles, scenarios. */
#ifndef HW_COPROC_BLOB_H
#define HW_COPROC_BLOB_H

#include "qapi/error.h"

/** GPU_BLOB_MAX - largest file accepted, bytes. */
#define GPU_BLOB_MAX (64 * 1024)

/**
 * gpu_blob_load() - read a flattened device tree
 * @name:   a path (it contains a '/'), or a name that is looked up with
 *          @suffix in the "gpumbox" folder of QEMU's data directories (-L).
 * @suffix: ".dtb" or ".dtbo".
 * @size:   bytes read.
 * @path:   the file that was read, for messages; free with g_free().
 *
 * Returns the bytes, to be freed with g_free(), or NULL with @errp set. Only
 * the size is checked: whoever reads the tree checks the rest.
 */
void *gpu_blob_load(const char *name, const char *suffix, size_t *size,
                    char **path, Error **errp);

#endif /* HW_COPROC_BLOB_H */
