/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

/* The end of a file's name says more than its beginning. */
#define FILE_NAME_MAX 120

bool abi_fail(FwError *err, const char *file, const char *fmt, ...)
{
    size_t len = strlen(file);
    va_list ap;
    int n;

    n = snprintf(err->text, sizeof(err->text), "%s: ",
                 len > FILE_NAME_MAX ? file + len - FILE_NAME_MAX : file);
    va_start(ap, fmt);
    if (n < 0 ||
        vsnprintf(err->text + n, sizeof(err->text) - n, fmt, ap) < 0) {
        err->text[0] = '\0';
    }
    va_end(ap);
    for (char *s = err->text; *s; s++) {
        if (*s < ' ' || *s > '~') {
            *s = '?';
        }
    }
    return false;
}

void abi_bad_option(FwError *err, char **argv, int option)
{
    const char *word = argv[optind - 1];

    if (option == ':') {
        abi_fail(err, word, "wants a value (--help lists the options)");
    } else {
        abi_fail(err, word, "is no option (--help lists them)");
    }
}
