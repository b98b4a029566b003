/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a driver's layout comes from: the options that abi-import and
 * abi-check share, and what they lead to.
 */
#ifndef TOOLS_ABI_SOURCE_H
#define TOOLS_ABI_SOURCE_H

#include <getopt.h>
#include <stdio.h>

#include "ctype.h"

/**
 * struct Source - what the command line says
 * @module:  kernel module (or kernel) whose BTF is read, or NULL.
 * @kernel:  what the module's BTF builds on, or NULL.
 * @elf:     object whose DWARF is read, or NULL.
 * @headers: C headers; beside a module or an object they give constants only.
 * @cc:      their compiler.
 * @cflags:  its options.
 * @defines: patterns of macros.
 * @label:   what reports call the driver, or NULL.
 */
typedef struct Source {
    const char *module;
    const char *kernel;
    const char *elf;
    GPtrArray *headers;
    const char *cc;
    GPtrArray *cflags;
    GPtrArray *defines;
    const char *label;
} Source;

/* The options, for a getopt_long() table; their values begin here. */
#define SOURCE_OPTION_FIRST 0x100
#define SOURCE_OPTIONS \
    { "module", required_argument, NULL, SOURCE_OPTION_FIRST }, \
    { "kernel-image", required_argument, NULL, SOURCE_OPTION_FIRST + 1 }, \
    { "elf", required_argument, NULL, SOURCE_OPTION_FIRST + 2 }, \
    { "header", required_argument, NULL, SOURCE_OPTION_FIRST + 3 }, \
    { "cc", required_argument, NULL, SOURCE_OPTION_FIRST + 4 }, \
    { "cflag", required_argument, NULL, SOURCE_OPTION_FIRST + 5 }, \
    { "label", required_argument, NULL, SOURCE_OPTION_FIRST + 6 }

extern const char source_usage[];

void source_init(Source *s);
void source_clear(Source *s);

/** source_option() - take an option; false if it is none of SOURCE_OPTIONS. */
bool source_option(Source *s, int option, const char *value);

/** source_check() - do the options make sense together? */
bool source_check(const Source *s, FwError *err);

/** source_name() - the file that a sentence should name. */
const char *source_name(const Source *s);

/** source_label() - what reports call the driver; g_free() it. */
char *source_label(const Source *s);

/**
 * struct Driver - what was read
 * @db:      types.
 * @values:  constants, expression -> uint64_t *; NULL without headers.
 * @defined: names of the macros that Source.defines means.
 */
typedef struct Driver {
    CtDb *db;
    GHashTable *values;
    GPtrArray *defined;
} Driver;

/**
 * source_load() - read it
 * @expressions: char *, constants that are wanted if there are headers.
 */
bool source_load(const Source *s, GPtrArray *expressions, CtWant want,
                 void *opaque, Driver *d, FwError *err);
void driver_clear(Driver *d);

#endif /* TOOLS_ABI_SOURCE_H */
