/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ABI_SAY_H
#define TOOLS_ABI_SAY_H

#include <stdbool.h>

#include "fw/layout.h"

/**
 * abi_fail() - one sentence about a file: "FILE: what is wrong"
 *
 * What is not printable in it (names come from files) becomes '?'.
 * Returns false, so that a check can end in "return abi_fail(...)".
 */
bool abi_fail(FwError *err, const char *file, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * abi_bad_option() - what getopt_long() did not take: one sentence
 * @option: what it returned; its option string begins with ':'.
 */
void abi_bad_option(FwError *err, char **argv, int option);

#endif /* TOOLS_ABI_SAY_H */
