/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one function of a fuzz target.  With clang it is driven by libFuzzer;
 * in any build replay.c runs it over the files of its corpus.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* TESTS_FUZZ_H */
