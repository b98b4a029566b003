/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces of a GPU as the driver builds them: AArch64 LPAE stage-1
 * tables, 4 KiB granule (io-pgtable-arm.c, ARM_64_LPAE_S1), in guest memory.
 */
#ifndef QTEST_GPUMBOX_VM_H
#define QTEST_GPUMBOX_VM_H

#include "box.h"

#define VM_PAGE 4096u

#define VM_WRITE (1u << 0)
#define VM_EXEC  (1u << 1)

/**
 * struct Vm - an address space
 * @gpu:  the GPU.
 * @root: physical address of the level-0 table.
 */
typedef struct Vm {
    Gpu *gpu;
    uint64_t root;
} Vm;

void vm_init(Vm *vm, Gpu *g);

/** vm_map() - fresh pages of zeros at [@va, @va + @size). */
void vm_map(Vm *vm, uint64_t va, uint64_t size, unsigned flags);

/** vm_map_page() - one page at physical address @pa. */
void vm_map_page(Vm *vm, uint64_t va, uint64_t pa, unsigned flags);

/** vm_unmap() - clear the descriptors of [@va, @va + @size). */
void vm_unmap(Vm *vm, uint64_t va, uint64_t size);

/** vm_pte() - physical address of @va's last-level descriptor, made if new. */
uint64_t vm_pte(Vm *vm, uint64_t va);

/** vm_pa() - physical address of @va as it was mapped last. */
uint64_t vm_pa(Vm *vm, uint64_t va);

void vm_write(Vm *vm, uint64_t va, const void *buf, size_t len);
void vm_read(Vm *vm, uint64_t va, void *buf, size_t len);
uint32_t vm_read32(Vm *vm, uint64_t va);
uint64_t vm_read64(Vm *vm, uint64_t va);
void vm_write32(Vm *vm, uint64_t va, uint32_t value);
void vm_write64(Vm *vm, uint64_t va, uint64_t value);

/** vm_command() - AS command @cmd, waiting for the end of it. */
void vm_command(Gpu *g, unsigned as, uint32_t cmd);

/** vm_enable() - make @vm effective as address space @as. */
void vm_enable(Vm *vm, unsigned as);

/** vm_disable() - no memory in address space @as any more. */
void vm_disable(Gpu *g, unsigned as);

#endif /* QTEST_GPUMBOX_VM_H */
