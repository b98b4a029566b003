/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a fuzz target over the files and folders that are named, as a test. */
#include <glib.h>

#include "fuzz.h"

static unsigned replay(const char *path)
{
    g_autofree char *data = NULL;
    g_autofree guint8 *exact = NULL;
    GError *error = NULL;
    gsize size;

    if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        GDir *dir = g_dir_open(path, 0, &error);
        const char *name;
        unsigned n = 0;

        g_assert_no_error(error);
        while ((name = g_dir_read_name(dir))) {
            g_autofree char *file = g_build_filename(path, name, NULL);

            n += replay(file);
        }
        g_dir_close(dir);
        return n;
    }
    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    /* Without GLib's NUL byte behind it, so that a sanitizer sees the end. */
    exact = g_memdup2(data, size);
    LLVMFuzzerTestOneInput(exact, size);
    return 1;
}

int main(int argc, char **argv)
{
    unsigned n = 0;

    for (int i = 1; i < argc; i++) {
        n += replay(argv[i]);
    }
    if (n == 0) {
        g_printerr("no inputs\n");
        return 1;
    }
    g_print("%u inputs\n", n);
    return 0;
}
