/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GPU page tables of the CSF generation: AArch64 LPAE stage 1, 4 KiB granule.
 *
 * A pure walk over memory that a callback reads: no cache, no state, no QEMU.
 * Source of the format: mmu_hw_do_operation()/panthor_vm_create() set the
 * drivers' io-pgtable up as ARM_64_LPAE_S1, AS_TRANSCFG_ADRMODE_AARCH64_4K,
 * SZ_4K | SZ_2M (panthor_mmu.c); descriptors as in io-pgtable-arm.c.
 */
#ifndef MALI_CSF_PGTABLE_H
#define MALI_CSF_PGTABLE_H

#include <stdbool.h>
#include <stdint.h>

/* Access wanted; GPU_ACCESS_* can be or-ed. */
#define GPU_ACCESS_READ  1u
#define GPU_ACCESS_WRITE 2u
#define GPU_ACCESS_EXEC  4u

/**
 * enum GpuException - exception codes, as the drivers name them
 * (panthor_device.h: enum drm_panthor_exception_type)
 */
enum GpuException {
    GPU_EXC_OK = 0x00,
    GPU_EXC_CS_RES_TERM = 0x0f,
    GPU_EXC_CS_CONFIG_FAULT = 0x40,
    GPU_EXC_CS_UNRECOVERABLE = 0x41,
    GPU_EXC_CS_ENDPOINT_FAULT = 0x44,
    GPU_EXC_CS_BUS_FAULT = 0x48,
    GPU_EXC_CS_INSTR_INVALID = 0x49,
    GPU_EXC_CS_CALL_STACK_OVERFLOW = 0x4a,
    GPU_EXC_CS_INHERIT_FAULT = 0x4b,
    GPU_EXC_INSTR_INVALID_PC = 0x50,
    GPU_EXC_INSTR_INVALID_ENC = 0x51,
    GPU_EXC_INSTR_BARRIER_FAULT = 0x55,
    GPU_EXC_DATA_INVALID_FAULT = 0x58,
    GPU_EXC_TILE_RANGE_FAULT = 0x59,
    GPU_EXC_ADDR_RANGE_FAULT = 0x5a,
    GPU_EXC_IMPRECISE_FAULT = 0x5b,
    GPU_EXC_OOM = 0x60,
    GPU_EXC_CSF_FW_INTERNAL_ERROR = 0x68,
    GPU_EXC_CSF_RES_EVICTION_TIMEOUT = 0x69,
    GPU_EXC_GPU_BUS_FAULT = 0x80,
    GPU_EXC_TRANSLATION_FAULT_0 = 0xc0,   /* + level, 0..4 */
    GPU_EXC_PERM_FAULT_0 = 0xc8,          /* + level, 0..3 */
    GPU_EXC_ACCESS_FLAG_1 = 0xd9,         /* levels 1..3 */
    GPU_EXC_ADDR_FAULT_IN = 0xe0,
    GPU_EXC_ADDR_FAULT_OUT_0 = 0xe4,      /* + level, 0..3 */
    GPU_EXC_MEM_ATTR_FAULT_0 = 0xe8,      /* + level, 0..3 */
};

/**
 * struct GpuPageTable - an address space to walk
 * @root:    physical address of the level-0 table.
 * @va_bits: input size, 1..48 (36..48 in practice).
 * @pa_bits: output size, 32..48.
 */
typedef struct GpuPageTable {
    uint64_t root;
    uint8_t va_bits;
    uint8_t pa_bits;
} GpuPageTable;

/**
 * GpuPteRead - read one descriptor
 * @opaque: owner.
 * @pa:     physical address, 8-byte aligned.
 * @pte:    result, host byte order.
 * Returns false if the bus answers with an error.
 */
typedef bool GpuPteRead(void *opaque, uint64_t pa, uint64_t *pte);

/**
 * struct GpuTranslation - result of a walk
 * @exception: GPU_EXC_OK or the fault's code.
 * @pa:        physical address that the VA translates to.
 * @page_mask: size of the translating entry minus 1 (0xfff or 0x1fffff, ...).
 * @access:    accesses the entry grants, GPU_ACCESS_*.
 * @attr:      MEMATTR index.
 */
typedef struct GpuTranslation {
    uint8_t exception;
    uint8_t attr;
    uint8_t access;
    uint64_t pa;
    uint64_t page_mask;
} GpuTranslation;

/**
 * gpu_pgtable_walk() - translate @va for @access
 *
 * All levels' table descriptors may carry hierarchical permission bits; the
 * drivers leave them 0.  GPU_EXC_GPU_BUS_FAULT if @read fails.
 */
GpuTranslation gpu_pgtable_walk(const GpuPageTable *pt, GpuPteRead *read,
                                void *opaque, uint64_t va, unsigned access);

#endif /* MALI_CSF_PGTABLE_H */
