/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nouveau driver's uAPI, as thin as it can be, and a look past it at the
 * registers of the device.
 *
 * Functions that return int give 0 or a negative errno value.
 */
#ifndef GUEST_NOUVEAU_H
#define GUEST_NOUVEAU_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/drm.h>
#include <drm/nouveau_drm.h>

/** struct NvBo - a buffer, mapped if @map */
typedef struct NvBo {
    uint32_t handle;
    uint32_t domain;
    uint64_t size;
    uint64_t offset;
    uint64_t map_handle;
    void *map;
} NvBo;

/** nv_open() - the render node; ends the test if there is none. */
int nv_open(void);

/** nv_ioctl() - 0 or -errno. */
int nv_ioctl(int fd, unsigned long request, void *arg);

/** nv_getparam() - NOUVEAU_GETPARAM_*. */
int nv_getparam(int fd, uint64_t param, uint64_t *value);

/** nv_bo_new() - a buffer in NOUVEAU_GEM_DOMAIN_*. */
int nv_bo_new(int fd, uint32_t domain, uint64_t size, NvBo *bo);

/** nv_bo_map() - into this process; ends the test if it cannot be. */
void nv_bo_map(int fd, NvBo *bo);

/** nv_bo_free() - unmap and close. */
void nv_bo_free(int fd, NvBo *bo);

/** nv_function() - name of the PCI function; ends the test if there is none. */
void nv_function(char *name, unsigned size);

/** nv_reset() - reset PCI function @name, which no driver has. */
int nv_reset(const char *name);

/**
 * nv_registers() - BAR0 of PCI function @name
 *
 * Switches its memory on, which a driver that leaves switches off. Ends the
 * test if that cannot be.
 */
volatile uint32_t *nv_registers(const char *name);

/** nv_read(), nv_write() - a register by its offset in bytes. */
static inline uint32_t nv_read(volatile uint32_t *regs, uint32_t off)
{
    return regs[off / 4];
}

static inline void nv_write(volatile uint32_t *regs, uint32_t off,
                            uint32_t value)
{
    regs[off / 4] = value;
}

#endif /* GUEST_NOUVEAU_H */
