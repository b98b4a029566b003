/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Channels of nouveau's VM_BIND uAPI: an address space, buffers in it, and
 * push buffers that are executed.
 *
 * Methods are written as the hardware takes them; their numbers are those of
 * NVIDIA's class headers (clc56f.h of the channel, clc7b5.h of the copy
 * engine). Functions that return int give 0 or a negative errno value, the
 * others end the test if they cannot.
 */
#ifndef GUEST_NVCHAN_H
#define GUEST_NVCHAN_H

#include "nouveau.h"
#include "panthor.h"

/* What the kernel keeps of the address space; tests map below. */
#define NV_KERNEL_VA (1ull << 38)
#define NV_KERNEL_SIZE (1ull << 38)
#define NV_FIRST_VA 0x10000000ull

#define NV_DATA_PAGE 4096u

/* Subchannels by convention; nouveau_bo.c has the copy engine on 4. */
#define NV_SUB_HOST 0
#define NV_SUB_COPY 4

/* Host's methods */
#define NV_SET_OBJECT 0x00
#define NV_NOP 0x08
#define NV_SEMAPHOREA 0x10
#define NV_NON_STALL_INTERRUPT 0x20
#define NV_MEM_OP_A 0x28
#define NV_SEM_ADDR_LO 0x5c
#define NV_SEM_PAYLOAD_HI 0x68
#define NV_SEM_EXECUTE 0x6c
#define NV_WFI 0x78

/* SEM_EXECUTE */
#define NV_SEM_ACQUIRE 0
#define NV_SEM_RELEASE 1
#define NV_SEM_ACQ_STRICT_GEQ 2
#define NV_SEM_ACQ_CIRC_GEQ 3
#define NV_SEM_ACQ_AND 4
#define NV_SEM_ACQ_NOR 5
#define NV_SEM_REDUCTION 6
#define NV_SEM_64BIT (1u << 24)
#define NV_SEM_TIMESTAMP (1u << 25)
#define NV_SEM_REDUCE(op) ((uint32_t)(op) << 27)
#define NV_SEM_UNSIGNED (1u << 31)

/* The copy engine's */
#define NV_COPY_SEMAPHORE_A 0x240
#define NV_COPY_LAUNCH 0x300
#define NV_COPY_OFFSET_IN 0x400
#define NV_COPY_REMAP_CONST_A 0x700
#define NV_COPY_REMAP 0x708
#define NV_LAUNCH_MOVE 2u
#define NV_LAUNCH_SEM_1 (1u << 3)
#define NV_LAUNCH_SEM_4 (2u << 3)
#define NV_LAUNCH_INTERRUPT (2u << 5)
#define NV_LAUNCH_PITCH (3u << 7)
#define NV_LAUNCH_LINES (1u << 9)
#define NV_LAUNCH_REMAP (1u << 10)
#define NV_LAUNCH_PHYSICAL (1u << 13)

/** struct NvDev - an open device with an address space */
typedef struct NvDev {
    Px px;                  /* its descriptor, for px_syncobj() and its kin */
    uint64_t next_va;
} NvDev;

/** struct NvMem - a buffer, mapped by the CPU and by the GPU */
typedef struct NvMem {
    NvBo bo;
    uint64_t va;
} NvMem;

/** struct NvChan - a channel, its push buffer, and what it signals */
typedef struct NvChan {
    NvDev *dev;
    int id;
    NvMem push;
    uint32_t begin;         /* word at which the next push buffer starts */
    uint32_t end;
    uint32_t sync;
} NvChan;

NvDev *nvd_open(void);
void nvd_close(NvDev *d);

/** nvd_mem() - a buffer in NOUVEAU_GEM_DOMAIN_@domain, zeroed if not VRAM. */
NvMem nvd_mem(NvDev *d, uint32_t domain, uint64_t size);
void nvd_mem_free(NvDev *d, NvMem *m);

/** nvd_va() - an address range that nothing uses, 2 MiB aligned. */
uint64_t nvd_va(NvDev *d, uint64_t size);

/** nvd_bind() - one VM_BIND operation, done on return. */
int nvd_bind(NvDev *d, uint32_t op, uint32_t flags, uint32_t handle,
             uint64_t va, uint64_t offset, uint64_t size);
int nvd_map(NvDev *d, uint32_t handle, uint64_t va, uint64_t size);
int nvd_unmap(NvDev *d, uint64_t va, uint64_t size);

/** nvd_channel() - CHANNEL_ALLOC for NOUVEAU_FIFO_ENGINE_*, and _FREE. */
int nvd_channel(int fd, uint32_t engine, int *id);
int nvd_channel_free(int fd, int id);

NvChan *nvc_open(NvDev *d, uint32_t engine);
void nvc_close(NvChan *c);

/** nvc_word() - a word as it is. */
void nvc_word(NvChan *c, uint32_t word);

/** nvc_mthd() - @n words for @method and those behind it. */
void nvc_mthd(NvChan *c, unsigned sub, uint32_t method, unsigned n, ...);

/** nvc_imm() - @data, 13 bits, in the header. */
void nvc_imm(NvChan *c, unsigned sub, uint32_t method, uint32_t data);

/** nvc_sem() - SEM_EXECUTE at @va with @value. */
void nvc_sem(NvChan *c, uint64_t va, uint64_t value, uint32_t execute);

/** nvc_copy_lines() - offsets, pitches and size of a copy; no launch. */
void nvc_copy_lines(NvChan *c, uint64_t to, uint32_t to_pitch, uint64_t from,
                    uint32_t from_pitch, uint32_t length, uint32_t lines);

/** nvc_copy() - a copy of @bytes, launched. */
void nvc_copy(NvChan *c, uint64_t to, uint64_t from, uint32_t bytes);

/** nvc_sync() - a sync object for nvc_exec_sync(); a point of a timeline. */
struct drm_nouveau_sync nvc_sync(uint32_t handle);
struct drm_nouveau_sync nvc_point(uint32_t handle, uint64_t point);

/**
 * nvc_exec_sync() - EXEC of what was written since the last one
 * @in, @nr_in:   waited for.
 * @out, @nr_out: signalled.
 */
int nvc_exec_sync(NvChan *c, struct drm_nouveau_sync *in, unsigned nr_in,
                  struct drm_nouveau_sync *out, unsigned nr_out);

/** nvc_exec() - likewise, signals the channel's own sync object. */
int nvc_exec(NvChan *c);

/** nvc_finish() - wait for that; 0, or the fence's error. */
int nvc_finish(NvChan *c);

/** nvc_run() - both. */
int nvc_run(NvChan *c);

/** struct NvRig - a device, a channel, and words that it can store */
typedef struct NvRig {
    NvDev *d;
    NvChan *c;
    NvMem m;                /* two pages of system memory */
} NvRig;

/** nv_rig() - one with a channel on NOUVEAU_FIFO_ENGINE_@engine. */
NvRig nv_rig(uint32_t engine);
void nv_rig_close(NvRig *r);

/** nv_store() - method that stores @value in word @i. */
void nv_store(NvRig *r, unsigned i, uint32_t value);

/** nv_word() - a word of a buffer, as it is now. */
static inline uint32_t nv_word(const NvMem *m, unsigned i)
{
    return ((volatile uint32_t *)m->bo.map)[i];
}

static inline void nv_put(const NvMem *m, unsigned i, uint32_t value)
{
    ((volatile uint32_t *)m->bo.map)[i] = value;
}

/** nouveau_works() - a fresh channel stores a word. */
bool nouveau_works(void);

#endif /* GUEST_NVCHAN_H */
