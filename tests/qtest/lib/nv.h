/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with an nvidia-gsp and the least of a driver for it: it puts the
 * function's BARs somewhere, loads falcons by DMA, lays out the protected
 * region, and talks to the firmware by the host of tests/unit/gsp.
 *
 * In the order of nouveau (nvkm/subdev/gsp/{tu102,fwsec,r535}.c; 7.3:
 * rm/r535/gsp.c). Layouts come from the ABI profile in $GPUMBOX_DATA, which
 * also makes the firmware's image, as gpumbox-nvimage does.
 */
#ifndef QTEST_GPUMBOX_NV_H
#define QTEST_GPUMBOX_NV_H

#include "box.h"
#include "../../unit/gsp/host.h"
#include "../../../hw/nvidia-gsp/boot.h"
#include "../../../hw/nvidia-gsp/regs.h"
#include "../../../hw/nvidia-gsp/vbios.h"

#define NV_PAGE 4096u

/* Where nv_new() puts the function. */
#define NV_BAR0 0x10000000ull
#define NV_BAR1 0x20000000ull
#define NV_BAR2 0x12000000ull
#define NV_BAR1_SIZE 0x10000000u
#define NV_BAR2_SIZE 0x2000000u
#define NV_FB_SIZE 0x40000000ull
#define NV_FRTS_SIZE 0x100000u

/* Where PRAMIN looks at, in units of 64 KiB (subdev/instmem/nv50.c). */
#define NV_PRAMIN_BASE 0x1700

#define NV_GSP(name) (FALCON_GSP + A_FALCON_##name)
#define NV_SEC2(name) (FALCON_SEC2 + A_FALCON_##name)

/** NV_NOWHERE - a bus address behind which there is nothing. */
#define NV_NOWHERE 0x600000000ull

/** NV_VECTOR - the firmware's interrupt (dts/gpu/nvidia-gsp.dtsi). */
#define NV_VECTOR 151

/* gsp_fw_sr_meta.h */
#define NV_SR_MAGIC 0x8a3bb9e6c6c39d93ull
#define NV_SR_REVISION 2

/** NV_SUSPENDED - GSP's mailbox 0 after a goodbye. */
#define NV_SUSPENDED 0x80000000u

/**
 * struct NvImage - something in system memory that is described by a radix3
 * @root:  bus address of its first level.
 * @page:  bus addresses of its pages, of which there are @nr.
 */
typedef struct NvImage {
    uint64_t root;
    uint64_t *page;
    unsigned nr;
} NvImage;

/**
 * struct Nv - the machine and what the driver knows of it
 * @b, @g:  box and GPU, for gpu_read() and its kin.
 * @host:   queues and RPCs, after nv_new().
 * @fw:     the firmware's image.
 * @meta:   WPR metadata, and @sr those of a suspend: bus addresses of a page.
 * @saved:  where booter saves the protected region to.
 * @libos, @args: pages of arguments.
 * @wpr, @wpr_size: the protected region that the metadata ask for.
 */
typedef struct Nv {
    Box *b;
    Gpu *g;
    Host host;
    NvImage fw;
    uint64_t meta;
    uint64_t sr;
    NvImage saved;
    uint64_t libos;
    uint64_t args;
    uint64_t wpr;
    uint64_t wpr_size;
} Nv;

/**
 * nv_new() - a machine whose function answers
 * @abi:     profile of firmware and driver.
 * @options: appended to "-device nvidia-gsp", may be "".
 */
Nv *nv_new(const char *abi, const char *options);

/** nv_new_live() - the same with a CPU that runs; see box_new_live(). */
Nv *nv_new_live(const char *abi, const char *extra);
void nv_free(Nv *nv);

/** nv_config() - word at @off of configuration space, and write one. */
uint32_t nv_config(Nv *nv, uint32_t off);
void nv_config_write(Nv *nv, uint32_t off, uint32_t value);

/** nv_power_cycle() - to D3 and back: all but configuration is lost. */
void nv_power_cycle(Nv *nv);

/** nv_fb_write(), nv_fb_read() - frame buffer, through PRAMIN. */
void nv_fb_write(Nv *nv, uint64_t fb, const void *buf, uint32_t len);
void nv_fb_read(Nv *nv, uint64_t fb, void *buf, uint32_t len);

/** nv_image() - @len bytes in pages of their own, and the radix3 of them. */
NvImage nv_image(Nv *nv, const void *bytes, uint64_t len);

/** nv_image_write() - change some of its bytes, inside of a page. */
void nv_image_write(Nv *nv, const NvImage *image, uint64_t off,
                    const void *bytes, uint32_t len);

/**
 * struct NvProgram - what goes onto a falcon
 * @code, @data: bytes of code and data memory, multiples of 256, a page at
 *               most together.
 * @ucode, @engine, @signature: what the boot ROM is told of the signature.
 */
typedef struct NvProgram {
    uint8_t code[2048];
    uint8_t data[2048];
    uint32_t code_size;
    uint32_t data_size;
    uint32_t ucode;
    uint32_t engine;
    uint32_t signature;
} NvProgram;

/** nv_fwsec() - FWSEC out of the ROM, to be told what to do. */
void nv_fwsec(Nv *nv, NvProgram *p, uint32_t command);

/** nv_fwsec_region() - where FRTS is wanted. */
void nv_fwsec_region(NvProgram *p, uint64_t start, uint64_t size);

/** nv_booter() - what may pass for booter. */
void nv_booter(NvProgram *p);

/** nv_load() - reset falcon at @base and load a program by DMA. */
void nv_load(Nv *nv, uint32_t base, const NvProgram *p);

/** nv_transfer() - one DMA transfer of 256 bytes; @flags: of DMATRFCMD. */
void nv_transfer(Nv *nv, uint32_t base, uint32_t to, uint32_t from,
                 uint32_t flags);

/** nv_start() - start what is loaded, with @mailbox. */
void nv_start(Nv *nv, uint32_t base, uint64_t mailbox);

/** nv_halted() - wait for its end; its mailbox 0. */
uint32_t nv_halted(Nv *nv, uint32_t base);

/** nv_run() - both. */
uint32_t nv_run(Nv *nv, uint32_t base, uint64_t mailbox);

/** nv_frts() - have FWSEC protect the region at the end of memory. */
void nv_frts(Nv *nv);

/**
 * nv_layout() - firmware of @size bytes at least, and metadata for it
 * Whoever wants others changes them: nv_poke().
 */
void nv_layout(Nv *nv, uint32_t size);

/** nv_poke() - write field GSP_F_* of the struct at @addr. */
void nv_poke(Nv *nv, uint64_t addr, unsigned field, uint64_t value);

/** nv_interrupt_on() - let the firmware's interrupt through. */
void nv_interrupt_on(Nv *nv);

/** nv_prepare() - all that there is in front of booter: FRTS, arguments. */
void nv_prepare(Nv *nv);

/** nv_start_booter() - load booter on SEC2, and start it with @mailbox. */
void nv_start_booter(Nv *nv, uint64_t mailbox);

/** nv_boot() - run booter for metadata @meta; SEC2's mailbox 0. */
uint32_t nv_boot(Nv *nv, uint64_t meta);

/** nv_active() - does the GSP's RISC-V core run? */
bool nv_active(Nv *nv);

/** nv_up() - everything; INIT_DONE is taken. */
void nv_up(Nv *nv);

/** nv_wait() - until there is a message to take, with its interrupt. */
void nv_wait(Nv *nv);

/** nv_ack() - the interrupt is handled. */
void nv_ack(Nv *nv);

/**
 * nv_goodbye() - UNLOADING_GUEST_DRIVER, and wait for the mailbox
 * @sleep: what is to follow is a suspend.
 */
void nv_goodbye(Nv *nv, bool sleep);

/** nv_unload() - booter takes all back; its result. */
uint32_t nv_unload(Nv *nv);

/** nv_save_to() - room for a save, and suspend metadata that name it. */
void nv_save_to(Nv *nv);

/** nv_suspend() - after the goodbye: booter saves; SEC2's mailbox 0. */
uint32_t nv_suspend(Nv *nv);

/** nv_resume() - booter with the metadata of the suspend; its mailbox 0. */
uint32_t nv_resume(Nv *nv);

/** nv_snapshot() - go on in another QEMU. */
void nv_snapshot(Nv *nv);

/** nv_wpr2() - end of the protected region as the register has it; 0: none. */
uint32_t nv_wpr2(Nv *nv);

#endif /* QTEST_GPUMBOX_NV_H */
