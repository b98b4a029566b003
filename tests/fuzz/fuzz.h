/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one function of a fuzz target.  With clang it is driven by libFuzzer;
 * in any build replay.c runs it over the files of its corpus.  And how targets
 * read their input and say that a promise is broken.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/** struct Input - what is left of it. */
typedef struct Input {
    const uint8_t *p;
    size_t left;
} Input;

/** take() - @bytes of it, 8 at most, little-endian; 0 where it has ended. */
static inline uint64_t take(Input *in, unsigned bytes)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bytes && in->left; i++) {
        v |= (uint64_t)*in->p++ << (8 * i);
        in->left--;
    }
    return v;
}

/** promise() - a finding unless @kept. */
static inline void promise(bool kept)
{
    if (!kept) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* TESTS_FUZZ_H */
