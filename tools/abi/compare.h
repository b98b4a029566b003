/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A profile beside what a driver believes, field by field.
 */
#ifndef TOOLS_ABI_COMPARE_H
#define TOOLS_ABI_COMPARE_H

#include "map.h"
#include "profile.h"

typedef enum Verdict {
    VERDICT_AGREE,
    VERDICT_UNSEEN,         /* as far as this source tells; bits it does not */
    VERDICT_MOVED,          /* another offset, bit or stride */
    VERDICT_RESIZED,        /* another number of bytes, bits or elements */
    VERDICT_CHANGED,        /* a number: another value */
    VERDICT_MISSING,        /* the driver has none */
    VERDICT_UNMAPPED,       /* the map does not say which it is */
    NR_VERDICTS
} Verdict;

extern const char *const verdict_names[NR_VERDICTS];

/** verdict_differs() - is this a reason to say that the two differ? */
static inline bool verdict_differs(Verdict v)
{
    return v > VERDICT_UNSEEN;
}

/**
 * struct Finding - about a struct, a field or a number
 * @node:       struct, or node of the number.
 * @name:       field or property; NULL for a struct's size.
 * @verdict:    what was found.
 * @is_number:  a number; else a place.
 * @profile:    the profile's place (of a size: only .size).
 * @driver:     the driver's, if it has one.
 * @numbers:    the profile's and the driver's value, or size of a struct.
 */
typedef struct Finding {
    char *node;
    char *name;
    Verdict verdict;
    bool is_number;
    FwField profile;
    FwField driver;
    uint64_t numbers[2];
} Finding;

/**
 * compare_mapped() - a profile and a driver related by a map
 * @beliefs: of map_believe().
 * @values:  as for map_believe().
 * Returns Finding *.
 */
GPtrArray *compare_mapped(const AbiProfile *p, const AbiMap *map,
                          GPtrArray *beliefs, GHashTable *values);

/**
 * compare_named() - a profile whose names are those of the driver
 * @types: const CtType *, the driver's, one for each of the profile's structs;
 *         NULL if it has none.
 * Returns Finding *, or NULL with @err set.
 */
GPtrArray *compare_named(const AbiProfile *p, GPtrArray *types,
                         const char *file, FwError *err);

/** struct Findings - where to print them, and in whose names. */
typedef struct Report {
    const char *profile;
    const char *driver;
    GPtrArray *findings;
} Report;

/** report_text() - for a person; all findings, or those that differ. */
void report_text(GString *out, const Report *r, bool all);

/** report_tap() - TAP version 13. */
void report_tap(GString *out, const Report *r);

/** report_json() - schema "gpumbox.abi-check/1", see docs/abi-tools.md. */
void report_json(GString *out, const Report *r);

/** report_differs() - does any finding differ? */
bool report_differs(const Report *r);

#endif /* TOOLS_ABI_COMPARE_H */
