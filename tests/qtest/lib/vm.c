/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "vm.h"

#define LEVELS 4

#define PTE_TABLE 3ull
#define PTE_PAGE (3ull | 1ull << 2 | 1ull << 6 | 2ull << 8 | 1ull << 10 | \
                  1ull << 11)
#define PTE_RDONLY (1ull << 7)
#define PTE_XN (3ull << 53)
#define PTE_ADDR 0x0000fffffffff000ull

#define WAIT_NS 100000000

/* In the keys of Box.maps. */
#define SPACE_SHIFT 37

/*
 * A table's or page's place is remembered here by address space, level and
 * VA, because tests let the GPU overwrite tables.
 */
static gpointer key(Vm *vm, unsigned level, uint64_t va)
{
    uint64_t space = vm->root >> 12;
    uint64_t page = level == LEVELS;

    return (gpointer)(uintptr_t)(space << SPACE_SHIFT | page << 36 | va >> 12);
}

static uint64_t recall(Vm *vm, unsigned level, uint64_t va)
{
    return (uintptr_t)g_hash_table_lookup(vm->gpu->box->maps,
                                          key(vm, level, va));
}

static void remember(Vm *vm, unsigned level, uint64_t va, uint64_t pa)
{
    g_hash_table_insert(vm->gpu->box->maps, key(vm, level, va),
                        (gpointer)(uintptr_t)pa);
}

static gboolean of_space(gpointer k, gpointer value, gpointer space)
{
    return (uintptr_t)k >> SPACE_SHIFT == (uintptr_t)space >> SPACE_SHIFT;
}

void vm_init(Vm *vm, Gpu *g)
{
    vm->gpu = g;
    vm->root = box_page(g->box);
    /* A machine that was set back hands its pages out again. */
    g_hash_table_foreach_remove(g->box->maps, of_space, key(vm, 0, 0));
}

uint64_t vm_pte(Vm *vm, uint64_t va)
{
    QTestState *qts = vm->gpu->box->qts;
    uint64_t block = va & ~0x1fffffull;
    uint64_t table = recall(vm, LEVELS - 1, block);
    unsigned level;

    if (!table) {
        table = vm->root;
        for (level = 0; level < LEVELS - 1; level++) {
            uint64_t at = table + (va >> (39 - 9 * level) & 511) * 8;
            uint64_t pte = qtest_readq(qts, at);

            if (!pte) {
                pte = box_page(vm->gpu->box) | PTE_TABLE;
                qtest_writeq(qts, at, pte);
            }
            table = pte & PTE_ADDR;
        }
        remember(vm, LEVELS - 1, block, table);
    }
    return table + (va >> 12 & 511) * 8;
}

void vm_map_page(Vm *vm, uint64_t va, uint64_t pa, unsigned flags)
{
    uint64_t pte = pa | PTE_PAGE;

    if (!(flags & VM_WRITE)) {
        pte |= PTE_RDONLY;
    }
    if (!(flags & VM_EXEC)) {
        pte |= PTE_XN;
    }
    qtest_writeq(vm->gpu->box->qts, vm_pte(vm, va), pte);
    remember(vm, LEVELS, va & ~(uint64_t)(VM_PAGE - 1), pa);
}

void vm_map(Vm *vm, uint64_t va, uint64_t size, unsigned flags)
{
    uint64_t at;

    for (at = 0; at < size; at += VM_PAGE) {
        vm_map_page(vm, va + at, box_page(vm->gpu->box), flags);
    }
}

void vm_unmap(Vm *vm, uint64_t va, uint64_t size)
{
    uint64_t at;

    for (at = 0; at < size; at += VM_PAGE) {
        qtest_writeq(vm->gpu->box->qts, vm_pte(vm, va + at), 0);
    }
}

uint64_t vm_pa(Vm *vm, uint64_t va)
{
    uint64_t pa = recall(vm, LEVELS, va & ~(uint64_t)(VM_PAGE - 1));

    g_assert_cmphex(pa, !=, 0);
    return pa | (va & (VM_PAGE - 1));
}

static size_t in_page(uint64_t va, size_t len)
{
    return MIN(len, VM_PAGE - (va & (VM_PAGE - 1)));
}

void vm_write(Vm *vm, uint64_t va, const void *buf, size_t len)
{
    const uint8_t *p = buf;

    while (len) {
        size_t n = in_page(va, len);

        qtest_memwrite(vm->gpu->box->qts, vm_pa(vm, va), p, n);
        va += n;
        p += n;
        len -= n;
    }
}

void vm_read(Vm *vm, uint64_t va, void *buf, size_t len)
{
    uint8_t *p = buf;

    while (len) {
        size_t n = in_page(va, len);

        qtest_memread(vm->gpu->box->qts, vm_pa(vm, va), p, n);
        va += n;
        p += n;
        len -= n;
    }
}

uint32_t vm_read32(Vm *vm, uint64_t va)
{
    return qtest_readl(vm->gpu->box->qts, vm_pa(vm, va));
}

uint64_t vm_read64(Vm *vm, uint64_t va)
{
    return qtest_readq(vm->gpu->box->qts, vm_pa(vm, va));
}

void vm_write32(Vm *vm, uint64_t va, uint32_t value)
{
    qtest_writel(vm->gpu->box->qts, vm_pa(vm, va), value);
}

void vm_write64(Vm *vm, uint64_t va, uint64_t value)
{
    qtest_writeq(vm->gpu->box->qts, vm_pa(vm, va), value);
}

/* panthor_mmu.c: wait_ready() polls AS_ACTIVE for 100 ms. */
void vm_command(Gpu *g, unsigned as, uint32_t cmd)
{
    gpu_write(g, AS(as) + AS_COMMAND, cmd);
    g_assert_cmpint(gpu_poll(g, AS(as) + AS_STATUS, 1, 0, WAIT_NS), >=, 0);
}

void vm_enable(Vm *vm, unsigned as)
{
    gpu_write64(vm->gpu, AS(as) + AS_TRANSTAB, vm->root);
    gpu_write64(vm->gpu, AS(as) + AS_MEMATTR, 0x4f4f4f4f4f4f4f4full);
    gpu_write64(vm->gpu, AS(as) + AS_TRANSCFG, TRANSCFG_4K);
    vm_command(vm->gpu, as, AS_UPDATE);
}

void vm_disable(Gpu *g, unsigned as)
{
    gpu_write64(g, AS(as) + AS_TRANSTAB, 0);
    gpu_write64(g, AS(as) + AS_TRANSCFG, TRANSCFG_UNMAPPED);
    vm_command(g, as, AS_UPDATE);
}
