/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A video BIOS made from a few numbers, enough for the drivers to find FWSEC
 * in it. Knows neither QEMU nor the rest of the device.
 *
 * Two images: a PC-AT one with the "BIT" table, and one of type 0xe0 with the
 * table of falcon programs, FWSEC's descriptor, signature, code and data.
 * What is read, and how: nouveau nvkm/subdev/bios/{image,pcir,npde,bit,pmu}.c
 * and nvkm/subdev/gsp/fwsec.c; nova-core vbios.rs and firmware/fwsec.rs.
 */
#ifndef NVIDIA_GSP_VBIOS_H
#define NVIDIA_GSP_VBIOS_H

#include <stdbool.h>
#include <stdint.h>

/** VBIOS_SIZE - bytes of the ROM that is made. */
#define VBIOS_SIZE 0x4000

/** VBIOS_SIGNATURE - bytes of a signature (RSA-3072). */
#define VBIOS_SIGNATURE 384

/** VBIOS_IMEM, VBIOS_DMEM - bytes of FWSEC's code and data. */
#define VBIOS_IMEM 0x400
#define VBIOS_DMEM 0x600

/* Where things are in FWSEC's data memory. */
#define VBIOS_DMEM_INTERFACE 0x000
#define VBIOS_DMEM_MAPPER 0x040
#define VBIOS_DMEM_COMMAND 0x100
#define VBIOS_DMEM_COMMAND_SIZE 0x100
#define VBIOS_DMEM_SIGNATURE 0x400

/** VBIOS_UCODE_ID - number of FWSEC's program in the fuses. */
#define VBIOS_UCODE_ID 9

/** VBIOS_ENGINE_MASK - engines that it is signed for: the GSP. */
#define VBIOS_ENGINE_MASK 0x400

/* dmemmapper.init_cmd (nvkm/subdev/gsp/fwsec.c) */
#define VBIOS_COMMAND_FRTS 0x15
#define VBIOS_COMMAND_SB 0x19

/**
 * struct Vbios - a ROM and what is in it
 * @rom:       its bytes.
 * @imem:      offset of FWSEC's code in @rom.
 * @dmem:      offset of its data.
 * @signature: offset of its signature.
 */
typedef struct Vbios {
    uint8_t rom[VBIOS_SIZE];
    uint32_t imem;
    uint32_t dmem;
    uint32_t signature;
} Vbios;

/**
 * struct VbiosSetup - what a ROM is made for
 * @vendor, @device: PCI ids.
 * @class:   PCI class, 24 bits.
 * @version: five bytes that nouveau prints, major first.
 */
typedef struct VbiosSetup {
    uint16_t vendor;
    uint16_t device;
    uint32_t class;
    uint8_t version[5];
} VbiosSetup;

/** vbios_make() - fill in a ROM. */
void vbios_make(Vbios *v, const VbiosSetup *setup);

/**
 * struct VbiosCommand - what FWSEC was asked to do
 * @command: VBIOS_COMMAND_*.
 * @start:   FRTS: first byte of the region, in frame buffer.
 * @size:    FRTS: its bytes.
 */
typedef struct VbiosCommand {
    uint32_t command;
    uint64_t start;
    uint64_t size;
} VbiosCommand;

/**
 * vbios_command() - read the command out of FWSEC's data memory
 * @dmem: VBIOS_DMEM bytes, as the driver has patched and loaded them.
 * @cmd:  result.
 *
 * Returns false if what is there is not a command.
 */
bool vbios_command(const uint8_t *dmem, VbiosCommand *cmd);

#endif /* NVIDIA_GSP_VBIOS_H */
