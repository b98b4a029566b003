/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Broken neighbours of a CSF profile: each differs from it in one thing that
 * firmware and driver could come to disagree about.  The stub works by the
 * mutated profile; the driver does not know of it.
 */
#ifndef TOOLS_ABI_MUTATIONS_H
#define TOOLS_ABI_MUTATIONS_H

#include <glib.h>

#include "fw/layout.h"

/** MUTATION_SLACK - bytes that a mutated blob may be longer. */
#define MUTATION_SLACK 4096

/**
 * struct Mutant - a mutated profile
 * @dtb:      the blob.
 * @sentence: what is wrong with it now.
 */
typedef struct Mutant {
    GBytes *dtb;
    char *sentence;
} Mutant;

/** mutation_name() - the name of the i-th kind, or NULL. */
const char *mutation_name(unsigned i);

/** mutation_about() - what a kind does, in a few words; NULL: no such kind. */
const char *mutation_about(const char *name);

/**
 * mutate() - break a profile
 * @dtb:  a good profile (fw_layout_load(), csf_layout_check()).
 * @name: kind.
 * @seed: which field, which value; the same seed gives the same bytes.
 * @file: name for messages.
 *
 * The stub loads the result: what its loader would refuse is never returned.
 * Returns NULL with @err set if the kind does not fit this profile.
 */
Mutant *mutate(GBytes *dtb, const char *name, uint64_t seed, const char *file,
               FwError *err);
void mutant_free(Mutant *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mutant, mutant_free)

/** dts_print() - a blob as device-tree source; false if it cannot be told. */
bool dts_print(GString *out, GBytes *dtb);

#endif /* TOOLS_ABI_MUTATIONS_H */
