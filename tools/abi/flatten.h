/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A type of C as a struct of a profile: nested structs become fields with a
 * path for a name, arrays get a count and a stride, bit-fields their bits.
 */
#ifndef TOOLS_ABI_FLATTEN_H
#define TOOLS_ABI_FLATTEN_H

#include "ctype.h"
#include "profile.h"

/** FLATTEN_FIELDS_MAX - most fields that a struct may turn into. */
#define FLATTEN_FIELDS_MAX 4096

/**
 * flatten() - make a struct of a profile out of a struct or union
 * @type: what it is made of.
 * @name: node name for the result.
 * @raw:  names are those of C with '.' between the parts of a path, to be
 *        looked up; else those of a profile, with '-'.
 * @file: name for messages.
 *
 * What the schema cannot express (a word that is not aligned, arrays of arrays
 * that are not one after the other) is left out with a note.  Returns NULL
 * with @err set if the type is too large or nested too deep.
 */
AbiStruct *flatten(const CtType *type, const char *name, bool raw,
                   const char *file, FwError *err);

#endif /* TOOLS_ABI_FLATTEN_H */
