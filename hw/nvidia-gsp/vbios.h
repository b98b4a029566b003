/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A video BIOS made from a few numbers, enough for the drivers to find FWSEC
 * in it. Knows neither QEMU nor the rest of the device.
 *
 * Two images: a PC-AT one with the "BIT" table, and one of type 0xe0 with the
 * table of falcon programs, FWSEC's descriptor, signature, code and data; of
 * a Turing, the descriptor is version 2, and there is no signature: a loader,
 * which the driver brings, fetches FWSEC and says so in data memory.
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

/** VBIOS_IMEM_SECURE - where in its code the part begins that is secure. */
#define VBIOS_IMEM_SECURE 0x100

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
 * @signature: offset of its signature; 0: it has none.
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
 * @descriptor: version of FWSEC's descriptor, 2 or 3.
 * @version: five bytes that nouveau prints, major first.
 */
typedef struct VbiosSetup {
    uint16_t vendor;
    uint16_t device;
    uint32_t class;
    uint8_t descriptor;
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

/** VBIOS_LOAD_BYTES - what vbios_load() reads. */
#define VBIOS_LOAD_BYTES 84

/** VBIOS_LOAD_MAX - no part of a program ends behind this in memory. */
#define VBIOS_LOAD_MAX 0x10000

/**
 * struct VbiosLoad - what a loader is to fetch
 * @ctx:     DMA context, 0 to 7.
 * @code:    bus address of the code, @data of the data.
 * @open:    offset of the code that is not secure, there and in code memory.
 * @open_size: bytes of it.
 * @secure:  the same of secure code, @secure_size its bytes.
 * @data_size: bytes of data, to the beginning of data memory.
 */
typedef struct VbiosLoad {
    unsigned ctx;
    uint64_t code;
    uint64_t data;
    uint32_t open;
    uint32_t open_size;
    uint32_t secure;
    uint32_t secure_size;
    uint32_t data_size;
} VbiosLoad;

/**
 * vbios_load() - read what the driver wrote for the loader
 * @dmem: data memory (include/nvfw/flcn.h: flcn_bl_dmem_desc_v2; nova-core
 *        firmware/fwsec/bootloader.rs).
 * @load: result; all of it ends at VBIOS_LOAD_MAX or before.
 *
 * Returns false if there is something that no program can have.
 */
bool vbios_load(const uint8_t *dmem, VbiosLoad *load);

#endif /* NVIDIA_GSP_VBIOS_H */
