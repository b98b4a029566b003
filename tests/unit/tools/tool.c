/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tool.h"

static char *tmp_folder;

static void remove_tmp(void)
{
    GDir *dir = g_dir_open(tmp_folder, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(tmp_folder, name, NULL);

        g_remove(path);
    }
    if (dir) {
        g_dir_close(dir);
    }
    g_rmdir(tmp_folder);
    g_free(tmp_folder);
}

static const char *tmp(void)
{
    if (!tmp_folder) {
        tmp_folder = g_dir_make_tmp("gpumbox-test-XXXXXX", NULL);
        g_assert_nonnull(tmp_folder);
        atexit(remove_tmp);
    }
    return tmp_folder;
}

static char *expand(const char *text)
{
    g_autoptr(GString) s = g_string_new(text);

    g_string_replace(s, "$FIXTURES", g_getenv("GPUMBOX_FIXTURES"), 0);
    g_string_replace(s, "$OBJECTS", g_getenv("GPUMBOX_OBJECTS"), 0);
    g_string_replace(s, "$DTBS", g_getenv("GPUMBOX_DTBS"), 0);
    g_string_replace(s, "$TMP", tmp(), 0);
    return g_strdup(s->str);
}

void tool_run(Said *said, const char *tool, const char *args)
{
    g_auto(GStrv) words = g_strsplit(args, " ", -1);
    g_autoptr(GPtrArray) argv = g_ptr_array_new_with_free_func(g_free);
    GError *error = NULL;
    int status;

    g_ptr_array_add(argv, strchr(tool, '/') || !strcmp(tool, "dtc")
                    ? g_strdup(tool)
                    : g_build_filename(g_getenv("GPUMBOX_TOOLS"), tool, NULL));
    for (unsigned i = 0; words[i]; i++) {
        /* '%' is a blank inside an argument. */
        g_ptr_array_add(argv, g_strdelimit(expand(words[i]), "%", ' '));
    }
    g_ptr_array_add(argv, NULL);
    g_spawn_sync(NULL, (char **)argv->pdata, NULL, G_SPAWN_SEARCH_PATH, NULL,
                 NULL, &said->out, &said->err, &status, &error);
    g_assert_no_error(error);
    said->status = WIFEXITED(status) ? WEXITSTATUS(status)
                                     : 128 + WTERMSIG(status);
}

void said_clear(Said *said)
{
    g_clear_pointer(&said->out, g_free);
    g_clear_pointer(&said->err, g_free);
}

guint8 *tool_bytes(const char *path, gsize *size)
{
    g_autofree char *whole = expand(path);
    GError *error = NULL;
    char *text;

    g_file_get_contents(whole, &text, size, &error);
    g_assert_no_error(error);
    return (guint8 *)text;
}

char *tool_file(const char *path)
{
    return (char *)tool_bytes(path, NULL);
}

void tool_write(const char *path, const void *data, gsize size)
{
    g_autofree char *whole = expand(path);
    FILE *f = fopen(whole, "wb");

    /* GLib's function would wait for the disk. */
    g_assert_nonnull(f);
    g_assert_cmpuint(fwrite(data, 1, size, f), ==, size);
    g_assert_cmpint(fclose(f), ==, 0);
}

void assert_refused(const Said *said, const char *what)
{
    g_assert_cmpstr(said->out, ==, "");
    assert_contains(said->err, what);
    /* One sentence: one line. */
    g_assert_cmpint(strlen(said->err), >, 0);
    g_assert_true(strchr(said->err, '\n') ==
                  said->err + strlen(said->err) - 1);
    g_assert_cmpint(said->status, ==, 2);
}

void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        g_error("\"%s\" does not say \"%s\"", text, part);
    }
}
