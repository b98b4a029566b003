/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walk of the GPU's page tables; see pgtable.h for the format.
 */
#include "pgtable.h"

#define PTE_VALID        (1ull << 0)
#define PTE_TABLE        (1ull << 1)    /* table, or page at level 3 */
#define PTE_ATTR(pte)    (((pte) >> 2) & 7)
#define PTE_AP_UNPRIV    (1ull << 6)    /* without it nobody may access */
#define PTE_AP_RDONLY    (1ull << 7)
#define PTE_AF           (1ull << 10)
#define PTE_UXN          (1ull << 54)
#define PTE_ADDR_MASK    0x0000fffffffff000ull

/* Hierarchical permissions of a table descriptor. */
#define TABLE_UXN        (1ull << 60)
#define TABLE_AP_PRIV    (1ull << 61)
#define TABLE_AP_RDONLY  (1ull << 62)

#define PAGE_SHIFT       12
#define LEVEL_BITS       9
#define LAST_LEVEL       3

static GpuTranslation fault(unsigned code, unsigned level)
{
    return (GpuTranslation) { .exception = (uint8_t)(code + level) };
}

/* Which accesses the walked tables and the final entry leave over. */
static unsigned granted(uint64_t pte, uint64_t tables)
{
    unsigned access = GPU_ACCESS_READ | GPU_ACCESS_WRITE | GPU_ACCESS_EXEC;

    if (!(pte & PTE_AP_UNPRIV) || (tables & TABLE_AP_PRIV)) {
        return 0;
    }
    if ((pte & PTE_AP_RDONLY) || (tables & TABLE_AP_RDONLY)) {
        access &= ~GPU_ACCESS_WRITE;
    }
    if ((pte & PTE_UXN) || (tables & TABLE_UXN)) {
        access &= ~GPU_ACCESS_EXEC;
    }
    return access;
}

/* The first level whose 9 bits are needed for @va_bits of input. */
static unsigned start_level(unsigned va_bits)
{
    unsigned levels = 1;

    while (levels < LAST_LEVEL + 1 &&
           va_bits > PAGE_SHIFT + levels * LEVEL_BITS) {
        levels++;
    }
    return LAST_LEVEL + 1 - levels;
}

GpuTranslation gpu_pgtable_walk(const GpuPageTable *pt, GpuPteRead *read,
                                void *opaque, uint64_t va, unsigned access)
{
    unsigned va_bits = pt->va_bits < 48 ? pt->va_bits : 48;
    unsigned pa_bits = pt->pa_bits < 48 ? pt->pa_bits : 48;
    unsigned level = start_level(va_bits);
    uint64_t table = pt->root & PTE_ADDR_MASK;
    uint64_t tables = 0;

    if (va >> va_bits) {
        return fault(GPU_EXC_ADDR_FAULT_IN, 0);
    }
    if (pt->root >> pa_bits) {
        return fault(GPU_EXC_ADDR_FAULT_OUT_0, level);
    }
    for (;; level++) {
        unsigned shift = PAGE_SHIFT + (LAST_LEVEL - level) * LEVEL_BITS;
        uint64_t index = (va >> shift) & ((1u << LEVEL_BITS) - 1);
        uint64_t mask = (1ull << shift) - 1;
        uint64_t pte, out;
        bool table_bit;
        unsigned can;

        if (!read(opaque, table + index * 8, &pte)) {
            return fault(GPU_EXC_GPU_BUS_FAULT, 0);
        }
        if (!(pte & PTE_VALID)) {
            return fault(GPU_EXC_TRANSLATION_FAULT_0, level);
        }
        table_bit = pte & PTE_TABLE;
        if (table_bit && level < LAST_LEVEL) {
            table = pte & PTE_ADDR_MASK;
            if (table >> pa_bits) {
                return fault(GPU_EXC_ADDR_FAULT_OUT_0, level);
            }
            tables |= pte;
            continue;
        }
        /* Reserved: a block at level 0, "block" where only a page can be. */
        if (level == 0 || (level == LAST_LEVEL && !table_bit)) {
            return fault(GPU_EXC_TRANSLATION_FAULT_0, level);
        }
        out = pte & PTE_ADDR_MASK & ~mask;
        if (out >> pa_bits) {
            return fault(GPU_EXC_ADDR_FAULT_OUT_0, level);
        }
        if (!(pte & PTE_AF)) {
            return fault(GPU_EXC_ACCESS_FLAG_1, level - 1);
        }
        can = granted(pte, tables);
        if (access & ~can) {
            return fault(GPU_EXC_PERM_FAULT_0, level);
        }
        return (GpuTranslation) {
            .exception = GPU_EXC_OK,
            .attr = PTE_ATTR(pte),
            .access = (uint8_t)can,
            .pa = out | (va & mask),
            .page_mask = mask,
        };
    }
}
