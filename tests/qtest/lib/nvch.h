/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces and channels of an nvidia-gsp, for tests that play the
 * driver: page tables of format 2 in frame buffer, a GPFIFO and one push
 * buffer in system memory (nouveau, nvkm/subdev/mmu/vmmgp100.c,
 * nvkm/subdev/gsp/rm/r535/fifo.c, nvif/chanc36f.c).
 */
#ifndef QTEST_GPUMBOX_NVCH_H
#define QTEST_GPUMBOX_NVCH_H

#include "nv.h"

#define NV_LARGE 0x200000u

/* Entries of 4 KiB pages: system memory, coherent; frame buffer. */
#define NV_PTE_SYSTEM(addr) ((addr) >> 4 | 1 << 3 | 2 << 1 | 1)
#define NV_PTE_VIDEO(fb) ((fb) >> 4 | 1)
#define NV_PTE_READ_ONLY (1 << 6)

/* Methods, on the subchannels on which nouveau has host and copy engine. */
#define NV_SUB_COPY 4
#define NV_SET_OBJECT 0x00
#define NV_MEM_OP_A 0x28
#define NV_SEM_ADDR_LO 0x5c
#define NV_COPY_LAUNCH 0x300
#define NV_COPY_OFFSET_IN 0x400
#define NV_COPY_REMAP_CONST_A 0x700
#define NV_LAUNCH_PLAIN 0x182       /* non-pipelined, pitch both */
#define NV_LAUNCH_LINES (1u << 9)

/**
 * struct NvVm - an address space of 512 MiB
 * @root:  root directory; @pd0 the last one, and @small the tables of 4 KiB
 *         pages behind it: offsets in frame buffer, 0: none yet.
 * @next:  frame buffer for further tables.
 */
typedef struct NvVm {
    Nv *nv;
    uint64_t root;
    uint64_t pd0;
    uint64_t small[256];
    uint64_t next;
} NvVm;

/** nvm_init() - an empty one, tables from @fb on. */
void nvm_init(NvVm *vm, Nv *nv, uint64_t fb);

/** nvm_set() - the entry of the 4 KiB page at @va. */
void nvm_set(NvVm *vm, uint64_t va, uint64_t entry);

/** nvm_system() - @nr pages of system memory from @va on. */
void nvm_system(NvVm *vm, uint64_t va, const uint64_t *page, unsigned nr);

/** nvm_large() - a page of 2 MiB, frame buffer at @fb. */
void nvm_large(NvVm *vm, uint64_t va, uint64_t fb);

/**
 * struct NvCh - a channel of the second copy engine, alone on its runlist
 * @vm:    its address space; the channel has the lowest 2 MiB of it.
 * @done:  bus address of a word that nvch_run() waits for.
 * @push:  bus address of the push buffer, @words of it are written.
 * @ring:  bus address of the GPFIFO, @put its next entry.
 * @count: what @done will be next.
 */
typedef struct NvCh {
    Nv *nv;
    NvVm *vm;
    uint64_t done;
    uint64_t push;
    uint64_t ring;
    uint32_t words;
    uint32_t put;
    uint32_t count;
    uint32_t chid;
} NvCh;

/**
 * nvch_init() - a channel that can be used; the firmware is up
 * Allocates the tree of host_tree(), and its space 4 becomes @vm.
 */
void nvch_init(NvCh *ch, NvVm *vm);

/** nvch_method() - @n words for @method and those behind it. */
void nvch_method(NvCh *ch, unsigned sub, uint32_t method, unsigned n, ...);

/** nvch_copy() - a copy of @bytes with @launch, @lines times if it says so. */
void nvch_copy(NvCh *ch, uint64_t to, uint64_t from, uint32_t bytes,
               uint32_t lines, uint32_t launch);

/** nvch_kick() - have what is written executed, and the word @done set. */
void nvch_kick(NvCh *ch);

/** nvch_is_done() - is it? */
bool nvch_is_done(NvCh *ch);

/** nvch_run() - kick, and step until it is done. */
void nvch_run(NvCh *ch);

#endif /* QTEST_GPUMBOX_NVCH_H */
