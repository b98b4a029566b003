/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of the GPU from anywhere: the first bytes are format, address
 * and access, all others memory, over and over.
 */
#include <string.h>

#include "fuzz.h"
#include "gmmu.h"

#define READS_MAX 8

typedef struct Memory {
    const uint8_t *p;
    size_t words;
    unsigned reads;
} Memory;

static bool read_word(void *opaque, GmmuAperture aperture, uint64_t pa,
                      uint64_t *word)
{
    Memory *m = opaque;

    promise(aperture == GMMU_VRAM || aperture == GMMU_SYSTEM);
    promise(pa % 8 == 0 && ++m->reads <= READS_MAX);
    if (!m->words || pa >> 56) {
        return false;
    }
    memcpy(word, m->p + pa / 8 % m->words * 8, 8);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Input in = { data, size };
    unsigned format = 2 + take(&in, 1) % 2;
    bool write = take(&in, 1) & 1;
    uint64_t va = take(&in, 8);
    Memory m = { in.p, in.left / 8, 0 };
    GmmuPage page = { .left = 0 };
    GmmuStatus s = gmmu_walk(format, read_word, &m, 0, va, write, &page);

    promise(s <= GMMU_READ_ONLY);
    if (s == GMMU_OK) {
        promise(page.left && page.left <= 0x200000);
        promise((page.pa + page.left) % 4096 == 0);
        promise(page.pa % 4096 == va % 4096);
    }
    promise(s != GMMU_READ_ONLY || write);
    return 0;
}
