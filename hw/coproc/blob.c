/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/datadir.h"

#include "blob.h"

void *gpu_blob_load(const char *name, const char *suffix, size_t *size,
                    char **path, Error **errp)
{
    g_autofree char *found = NULL;
    g_autoptr(GError) err = NULL;
    char *bytes;
    gsize len;

    if (strchr(name, '/')) {
        found = g_strdup(name);
    } else {
        g_autofree char *file = g_strdup_printf("gpumbox/%s%s", name, suffix);

        found = qemu_find_file(QEMU_FILE_TYPE_BIOS, file);
        if (!found) {
            error_setg(errp, "'%s' not found: no %s in QEMU's data "
                       "directories (-L), and a path needs a '/'", name, file);
            return NULL;
        }
    }
    if (!g_file_get_contents(found, &bytes, &len, &err)) {
        error_setg(errp, "%s", err->message);
        return NULL;
    }
    if (len == 0 || len > GPU_BLOB_MAX) {
        error_setg(errp, "%s: %zu bytes, expected 1 to %d", found, len,
                   GPU_BLOB_MAX);
        g_free(bytes);
        return NULL;
    }
    *size = len;
    *path = g_steal_pointer(&found);
    return bytes;
}
