/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA's firmware files, as nouveau loads them: a header with the offset of
 * another one and of the program, or an ELF file whose sections count.
 *
 * A parser gives what stands in a file and points into it; @name is the file's
 * for the sentence in @err.  What it gives lies in the file, and an offset
 * inside the program in the program.
 */
#ifndef TOOLS_NVFW_H
#define TOOLS_NVFW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/layout.h"

/** NVFW_BLOCK - bytes that a falcon's DMA moves at once. */
#define NVFW_BLOCK 256u

/**
 * struct NvLoader - bootloader of the GSP's RISC-V core
 * @version:  appVersion of RM_RISCV_UCODE_DESC.
 * @manifest: offset in @blob.
 * @data:     the same.
 * @code:     the same.
 * @blob:     the program.
 * @size:     bytes of it.
 */
typedef struct NvLoader {
    uint32_t version;
    uint32_t manifest;
    uint32_t data;
    uint32_t code;
    const uint8_t *blob;
    uint32_t size;
} NvLoader;

/** nvfw_loader() - bootloader-V.bin (rm/r535/gsp.c: r535_gsp_rm_boot_ctor()). */
bool nvfw_loader(NvLoader *out, const uint8_t *file, size_t size,
                 const char *name, FwError *err);

/**
 * struct NvFetcher - the program that fetches FWSEC on a Turing
 * @start: address that it runs at, in units of NVFW_BLOCK.
 * @code:  the program.
 * @size:  bytes of it, whole blocks.
 */
typedef struct NvFetcher {
    uint32_t start;
    const uint8_t *code;
    uint32_t size;
} NvFetcher;

/** nvfw_fetcher() - acr/bl.bin (gsp/fwsec.c: nvkm_gsp_fwsec_v2()). */
bool nvfw_fetcher(NvFetcher *out, const uint8_t *file, size_t size,
                  const char *name, FwError *err);

/**
 * struct NvBooter - a program for SEC2
 * @code, @code_size: what is loaded as not secure; offset in @blob.
 * @data, @data_size: what goes to data memory.
 * @app, @app_size:   what is loaded as secure.
 * @patch:      where in @blob a signature belongs.
 * @fuse:       version that is compared with the fuses.
 * @engine:     mask of engines that it is for.
 * @ucode:      its number, which says what fuse.
 * @signatures: how many of them.
 * @signature:  all of them, one behind the other.
 * @signature_size: bytes of all.
 * @blob:       the program.
 * @size:       bytes of it.
 */
typedef struct NvBooter {
    uint32_t code, code_size;
    uint32_t data, data_size;
    uint32_t app, app_size;
    uint32_t patch;
    uint32_t fuse;
    uint32_t engine;
    uint32_t ucode;
    uint32_t signatures;
    const uint8_t *signature;
    uint32_t signature_size;
    const uint8_t *blob;
    uint32_t size;
} NvBooter;

/** nvfw_booter() - booter_*-V.bin (ga102.c: ga102_gsp_booter_ctor()). */
bool nvfw_booter(NvBooter *out, const uint8_t *file, size_t size,
                 const char *name, FwError *err);

/* FMC: SHA-384, and room that a driver has (nova-core firmware/fsp.rs). */
#define NVFW_FMC_HASH 48u
#define NVFW_FMC_KEY_MAX 384u
#define NVFW_FMC_SIGNATURE_MAX 384u

/* Sections of its file, the one of their names, flags of all others. */
#define NVFW_FMC_SECTIONS 6
#define NVFW_FMC_NAMES 1
#define NVFW_FMC_FLAGS 0xfff00102u

/** struct NvForm - bytes of a public key, and of a signature */
typedef struct NvForm {
    uint32_t key;
    uint32_t signature;
} NvForm;

/**
 * struct NvFmc - the first program on a GSP that an FSP boots
 * @form:      bytes of @key and @signature.
 * @hash:      NVFW_FMC_HASH bytes.
 * @image:     the program, @size bytes.
 */
typedef struct NvFmc {
    NvForm form;
    const uint8_t *hash;
    const uint8_t *key;
    const uint8_t *signature;
    const uint8_t *image;
    uint32_t size;
} NvFmc;

/** nvfw_fmc() - fmc-V.bin (gsp/gh100.c: gh100_gsp_oneinit()). */
bool nvfw_fmc(NvFmc *out, const uint8_t *file, size_t size, const char *name,
              FwError *err);

/** nvfw_fmc_header() - what each of them begins with; @file: an Elf32_Ehdr. */
void nvfw_fmc_header(uint8_t *file);

/**
 * nvfw_section() - a section of gsp-V.bin, by its name
 * (rm/r535/gsp.c: r535_gsp_elf_section()); it is not empty.
 */
bool nvfw_section(const uint8_t **out, size_t *len, const char *section,
                  const uint8_t *file, size_t size, const char *name,
                  FwError *err);

#endif /* TOOLS_NVFW_H */
