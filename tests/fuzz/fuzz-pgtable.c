/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random page tables: a walk reads at most four descriptors, at aligned
 * addresses inside the output size, and its answer is one that exists.
 */
#include <string.h>

#include "fuzz.h"
#include "pgtable.h"

typedef struct Tables {
    Input in;
    unsigned reads;
    uint8_t pa_bits;
} Tables;

/* Every descriptor that is read is the next of the input. */
static bool read_pte(void *opaque, uint64_t pa, uint64_t *pte)
{
    Tables *t = opaque;

    promise(pa % 8 == 0 && pa >> t->pa_bits == 0);
    promise(++t->reads <= 4);
    if (!t->in.left) {
        return false;
    }
    *pte = take(&t->in, 8);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Tables t = { .in = { .p = data, .left = size } };
    GpuPageTable pt = {
        .va_bits = (uint8_t)(1 + take(&t.in, 1) % 48),
        .pa_bits = (uint8_t)(32 + take(&t.in, 1) % 17),
    };
    unsigned access = (unsigned)take(&t.in, 1) & 7;
    uint64_t va = take(&t.in, 8);
    GpuTranslation r;

    pt.root = take(&t.in, 8);
    t.pa_bits = pt.pa_bits;
    r = gpu_pgtable_walk(&pt, read_pte, &t, va, access);
    if (r.exception == GPU_EXC_OK) {
        promise(r.pa >> pt.pa_bits == 0);
        promise(r.page_mask == 0xfff || r.page_mask == 0x1fffff ||
                r.page_mask == 0x3fffffff);
        promise((r.pa & r.page_mask) == (va & r.page_mask));
        promise((access & ~r.access) == 0);
        promise(va >> pt.va_bits == 0);
    } else {
        promise(r.exception == GPU_EXC_GPU_BUS_FAULT ||
                (r.exception >= 0xc0 && r.exception <= 0xcb) ||
                (r.exception >= 0xd9 && r.exception <= 0xdb) ||
                r.exception == GPU_EXC_ADDR_FAULT_IN ||
                (r.exception >= 0xe4 && r.exception <= 0xe7));
    }
    return 0;
}
