/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a test has to know of the chip at hand: dts/gpu/nvidia-*.dts, written
 * down a second time.
 */
#ifndef GUEST_NVCHIP_H
#define GUEST_NVCHIP_H

#include <stdbool.h>
#include <stdint.h>

/** enum NvBootBy - what boots the GSP, a bit each (GuestTest.boot_by) */
typedef enum NvBootBy {
    NV_BY_BOOTER = 1 << 0,  /* FWSEC and booter, which the driver starts */
    NV_BY_FSP = 1 << 1,     /* an FSP, which the driver asks */
} NvBootBy;

/**
 * struct NvChip - a chip
 * @device:  PCI device id, by which it is recognised.
 * @chipset: number that nouveau has for it; bits 28:20 of BOOT_0.
 * @name:    as nouveau calls it.
 * @arch:    as nova-core calls its architecture.
 * @copy:    class of its copy engines.
 * @threed:  class of its 3D engine.
 * @riscv:   register of the GSP that says whether its RISC-V core is active.
 * @active:  bit of it.
 * @loader:  FWSEC is fetched by a loader.
 * @boot_by: what boots the GSP.
 * @window:  register that moves PRAMIN's window.
 * @flush:   registers of the page for flushes, low and high.
 * @behind:  bytes of frame buffer behind FRTS.
 */
typedef struct NvChip {
    uint16_t device;
    uint16_t chipset;
    const char *name;
    const char *arch;
    uint16_t copy;
    uint16_t threed;
    uint32_t riscv;
    uint32_t active;
    bool loader;
    NvBootBy boot_by;
    uint32_t window;
    uint32_t flush[2];
    uint32_t behind;
} NvChip;

/** nv_chip() - the chip of this guest; ends the test if it is none of ours. */
const NvChip *nv_chip(void);

/** nv_gsp_active() - is the GSP's RISC-V core active? @r: its registers. */
bool nv_gsp_active(volatile uint32_t *r);

#endif /* GUEST_NVCHIP_H */
