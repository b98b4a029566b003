/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libfdt.h>
#include <string.h>

#include "blob.h"

void blob_load(Blob *b, const char *name)
{
    g_autofree char *file = g_strconcat(name, ".dtb", NULL);
    g_autofree char *path = g_build_filename(g_getenv("GPUMBOX_DTBS"), file,
                                             NULL);
    g_autofree char *data = NULL;
    GError *error = NULL;
    gsize size;

    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    g_assert_cmpint(fdt_open_into(data, b->fdt, sizeof(b->fdt)), ==, 0);
}

static void set_cells(Blob *b, int node, const char *prop, const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, " ", -1);

    fdt_delprop(b->fdt, node, prop);
    for (unsigned i = 0; words[i]; i++) {
        g_assert_cmpint(fdt_appendprop_u32(b->fdt, node, prop,
                            g_ascii_strtoull(words[i], NULL, 0)), ==, 0);
    }
}

void blob_edit(Blob *b, const char *edit)
{
    g_auto(GStrv) words = g_strsplit(edit, " ", 4);
    const char *prop = words[1];
    int node;

    g_assert_cmpint(fdt_open_into(b->fdt, b->fdt, sizeof(b->fdt)), ==, 0);
    node = fdt_path_offset(b->fdt, words[0]);
    g_assert_cmpint(node, >=, 0);
    if (!strcmp(prop, "-")) {
        g_assert_cmpint(fdt_del_node(b->fdt, node), ==, 0);
    } else if (prop[0] == '-') {
        g_assert_cmpint(fdt_delprop(b->fdt, node, prop + 1), ==, 0);
    } else if (prop[0] == '+') {
        g_assert_cmpint(fdt_add_subnode(b->fdt, node, prop + 1), >=, 0);
    } else if (words[2][0] == ':') {
        static const guint8 zeros[BLOB_MAX / 2];

        g_assert_cmpint(fdt_setprop(b->fdt, node, prop, zeros,
                                    atoi(words[3])), ==, 0);
    } else if (words[3][0] == '\'') {
        words[3][strlen(words[3]) - 1] = '\0';
        g_assert_cmpint(fdt_setprop_string(b->fdt, node, prop, words[3] + 1),
                        ==, 0);
    } else {
        set_cells(b, node, prop, words[3]);
    }
}

gsize blob_size(Blob *b)
{
    g_assert_cmpint(fdt_pack(b->fdt), ==, 0);
    return fdt_totalsize(b->fdt);
}

void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("\"%s\" does not say \"%s\"", text, part);
    }
}
