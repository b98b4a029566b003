/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What debug information does not say about a struct, told by a person: which
 * field selects the arm of a union, which one gives the length of a tail.
 */
#ifndef TOOLS_ABI_ANNOTATE_H
#define TOOLS_ABI_ANNOTATE_H

#include "profile.h"

/** annotate_union() - "STRUCT.UNION=SELECTOR[,ARM=VALUE]...", names of C. */
bool annotate_union(AbiProfile *p, const char *text, FwError *err);

/** annotate_tail() - "STRUCT.MEMBER=LENGTH", names of C. */
bool annotate_tail(AbiProfile *p, const char *text, FwError *err);

#endif /* TOOLS_ABI_ANNOTATE_H */
