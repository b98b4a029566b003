/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of programs: run one, look at what it says. */
#ifndef TESTS_TOOL_H
#define TESTS_TOOL_H

#include <glib.h>

/** struct Said - what a program left; clear with said_clear(). */
typedef struct Said {
    int status;
    char *out;
    char *err;
} Said;

/**
 * tool_run() - run a program of the build
 * @tool: its name, "abi-import".
 * @args: its arguments, separated by single blanks; $FIXTURES, $OBJECTS and
 *        $TMP stand for folders.
 */
void tool_run(Said *said, const char *tool, const char *args);
void said_clear(Said *said);

/** tool_file() - a file's content, by a path as in tool_run(). */
char *tool_file(const char *path);

/** tool_bytes() - the same of a file that is no text. */
guint8 *tool_bytes(const char *path, gsize *size);

/** tool_write() - write a file, by a path as in tool_run(). */
void tool_write(const char *path, const void *data, gsize size);

/** assert_refused() - exit status 2, one sentence that says @what. */
void assert_refused(const Said *said, const char *what);

/** assert_contains() - both strings are shown if @text lacks @part. */
void assert_contains(const char *text, const char *part);

#endif /* TESTS_TOOL_H */
