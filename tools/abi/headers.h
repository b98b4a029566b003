/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types and constants out of C headers.  The compiler is asked: a small file
 * that includes the headers is compiled with debug information, and the
 * constants are values of enumerations in it.
 */
#ifndef TOOLS_ABI_HEADERS_H
#define TOOLS_ABI_HEADERS_H

#include "ctype.h"

/**
 * struct Headers - what to compile
 * @files:   headers, NULL terminated; at least one.
 * @cc:      the compiler.
 * @cflags:  its options, NULL terminated.
 * @defines: patterns of macros whose values are wanted, NULL terminated.
 */
typedef struct Headers {
    const char *const *files;
    const char *cc;
    const char *const *cflags;
    const char *const *defines;
} Headers;

/**
 * headers_types() - compile headers and read what a caller wants
 * @expressions: char *, expressions whose values are wanted.
 * @values:      gets expression or macro -> uint64_t *; what is no constant
 *               in these headers is left out.
 * @defined:     gets the names of the macros that @defines named and that
 *               have a value, in the order of the headers.
 * Returns false with @err set if the headers do not compile.
 */
bool headers_types(CtDb *db, const Headers *h, GPtrArray *expressions,
                   CtWant want, void *opaque, GHashTable *values,
                   GPtrArray *defined, FwError *err);

#endif /* TOOLS_ABI_HEADERS_H */
