/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GPU with a GSP: what the files of this folder share. Private.
 *
 *   nvidia-gsp.c  PCI function, properties, decode of BAR0, timers of the chip
 *   falcon.c      the falcons' register blocks, their memory and its DMA
 *   placed.c      registers whose place differs between chips
 *   boot.c        what the programs on them do: FWSEC, booter; WPR2
 *   fsp.c         the FSP, and FMC, the program that it starts on the GSP
 *   mctp.c        messages to the FSP
 *   sr.c          what booter saves at a suspend and puts back
 *   vbios.c       the ROM that FWSEC comes from
 *   fb.c          frame buffer and its windows: PRAMIN, BAR1, BAR2
 *   gmmu.c        the page tables behind BAR1, BAR2 and channels
 *   intr.c        interrupt tree and MSI
 *   firmware.c    the GSP's firmware stub and what it reaches
 *   host.c        doorbells, runlists, channels
 *   pbdma.c       what is in a channel: GPFIFO, push buffers, host's methods
 *   copy.c        the copy engine
 *   vmstate.c     migration
 */
#ifndef NVIDIA_GSP_NVIDIA_GSP_H
#define NVIDIA_GSP_NVIDIA_GSP_H

#include "hw/pci/pci_device.h"
#include "qemu/bitops.h"
#include "qom/object.h"

#include "../../firmware-stubs/gsp/gsp.h"
#include "../coproc/coproc.h"
#include "../coproc/tap.h"
#include "boot.h"
#include "fw/persona.h"
#include "gmmu.h"
#include "mctp.h"
#include "pbdma.h"
#include "regs.h"
#include "vbios.h"

#define TYPE_NVIDIA_GSP "nvidia-gsp"
OBJECT_DECLARE_SIMPLE_TYPE(NvGsp, NVIDIA_GSP)

/** NV_RUNLISTS - runlists that a persona may have. */
#define NV_RUNLISTS 4

/* Where an engine that takes channels is; UINT32_MAX: it is not there. */
#define PERSONA_ENGINE(X, id, path) \
    X(id##_RUNLIST, path "/runlist", 0, NV_RUNLISTS - 1, 1, UINT32_MAX) \
    X(id##_BASE, path "/runlist-base", 0, UINT32_MAX, 1, 0) \
    X(id##_VECTOR, path "/interrupt", 0, INTR_LEAVES * 32 - 1, 1, UINT32_MAX)

/* X(enumerator, path in dts/gpu/NAME.dts, min, max, optional, fallback) */
#define PERSONA(X) \
    X(BOOT_0, "boot-0", 1, UINT32_MAX, 0, 0) \
    X(BOOT_42, "boot-42", 1, UINT32_MAX, 0, 0) \
    X(PCI_DEVICE, "pci/device", 1, 0xffff, 0, 0) \
    X(PCI_SUBVENDOR, "pci/subsystem-vendor", 0, 0xffff, 0, 0) \
    X(PCI_SUBSYSTEM, "pci/subsystem", 0, 0xffff, 0, 0) \
    X(PCI_CLASS, "pci/class", 0x030000, 0x03ffff, 0, 0) \
    X(PCI_REVISION, "pci/revision", 0, 0xff, 0, 0) \
    X(BAR1_MIB, "pci/bar1-mib", 1, 65536, 0, 0) \
    X(BAR2_MIB, "pci/bar2-mib", 1, 64, 0, 0) \
    X(VRAM_MIB, "memory/vram-mib", 512, 4095, 0, 0) \
    X(PAGE_TABLES, "memory/page-tables", GMMU_FORMAT_MIN, GMMU_FORMAT_MAX, \
      1, GMMU_FORMAT_MIN) \
    X(REG_VRAM, "registers/vram-mib", 0, 0xfffffc, 0, 0) \
    X(VRAM_SCALED, "registers/vram-scaled", 0, 1, 1, 0) \
    X(REG_PRAMIN, "registers/pramin-window", 0, 0xfffffc, 0, 0) \
    X(REG_FLUSH, "registers/flush-page", 0, 0xfffffc, 0, 0) \
    X(REG_FLUSH_HI, "registers/flush-page-high", 0, 0xfffffc, 0, 0) \
    X(REG_MIRROR, "registers/pci-mirror", 0, 0xfff000, 0, 0) \
    X(REG_GRCE, "registers/grce-mask", 0, 0xfffffc, 1, UINT32_MAX) \
    X(REG_FSP, "registers/fsp-status", 0, 0xfffffc, 1, UINT32_MAX) \
    X(REG_RISCV, "registers/riscv-status", 0, FALCON_SIZE - 4, 0, 0) \
    X(RISCV_ACTIVE, "registers/riscv-active", 0, UINT32_MAX, 0, 0) \
    X(RISCV_HALTED, "registers/riscv-halted", 0, UINT32_MAX, 0, 0) \
    X(REG_RISCV_IRQMASK, "registers/riscv-irqmask", 0, FALCON_SIZE - 4, 0, 0) \
    X(REG_FUSE_DISPLAY, "registers/fuse-display", 0, 0xfffffc, 0, 0) \
    X(DISPLAY_FUSED, "fuses/display-off", 0, 1, 0, 0) \
    X(SEC2_FUSED, "fuses/sec2-ucode", 0, 0xffff, 1, 0) \
    X(ROM_FWSEC, "rom/fwsec-descriptor", 2, 3, 1, 0) \
    X(ROM_VERSION_HI, "rom/version-major", 0, UINT32_MAX, 1, 0) \
    X(ROM_VERSION_LO, "rom/version-patch", 0, 0xff, 0, 0) \
    X(FSP_VERSION, "fsp/chain-of-trust", 1, 0xffff, 1, 0) \
    X(FSP_KEY, "fsp/key-bytes", 1, FSP_KEY, 1, 1) \
    X(FSP_SIGNATURE, "fsp/signature-bytes", 1, FSP_SIGNATURE, 1, 1) \
    X(GPCS, "graphics/gpcs", 1, GSP_GPCS_MAX, 0, 0) \
    X(TPCS, "graphics/tpc-mask", 1, UINT32_MAX, 0, 0) \
    X(CLASS_CHANNEL, "classes/channel", 1, 0xffff, 0, 0) \
    X(CLASS_COPY, "classes/copy", 1, 0xffff, 0, 0) \
    X(CLASS_THREED, "classes/threed", 1, 0xffff, 0, 0) \
    X(CLASS_COMPUTE, "classes/compute", 1, 0xffff, 0, 0) \
    X(CLASS_INLINE, "classes/inline", 1, 0xffff, 0, 0) \
    X(CLASS_DISPLAY_COMMON, "classes/display-common", 1, 0xffff, 1, 0) \
    X(CLASS_DISPLAY, "classes/display", 1, 0xffff, 1, 0) \
    X(PDE_LEVELS, "firmware/bar-pde-shift", 1, 64, 0, 0) \
    X(SEQUENCER, "firmware/sequencer", 0, 1, 0, 0) \
    X(TOKEN, "host/token", 0, UINT32_MAX, 1, 0) \
    X(VECTOR_GSP, "interrupts/gsp", 0, INTR_LEAVES * 32 - 1, 0, 0) \
    X(TOP_REARMS, "interrupts/top-rearms", 0, 1, 1, 0) \
    X(VECTOR_DISPLAY, "interrupts/display", 0, INTR_LEAVES * 32 - 1, 1, 0) \
    X(VECTOR_DISPLAY_LOW, "interrupts/display-low", 0, INTR_LEAVES * 32 - 1, \
      1, 0) \
    PERSONA_ENGINE(X, GR, "engine-gr") \
    PERSONA_ENGINE(X, CE0, "engine-ce0") \
    PERSONA_ENGINE(X, CE1, "engine-ce1") \
    PERSONA_ENGINE(X, CE2, "engine-ce2") \
    X(NS_GFW, "latencies/gfw-boot", 0, 10000000000, 0, 0) \
    X(NS_FALCON, "latencies/falcon-program", 0, 1000000000, 0, 0) \
    X(NS_COPY, "latencies/booter-copy", 1, 1000000000, 0, 0) \
    X(NS_FSP, "latencies/fsp-message", 1, 1000000000, 0, 0) \
    X(NS_BOOT, "latencies/gsp-boot", 0, 10000000000, 0, 0) \
    X(NS_HALT, "latencies/gsp-halt", 0, 1000000000, 0, 0) \
    X(NS_UNLOAD, "latencies/gsp-unload", 0, 10000000000, 0, 0) \
    X(NS_DOORBELL, "latencies/doorbell", 0, 1000000000, 0, 0) \
    X(NS_WORD, "latencies/push-word", 1, 1000000, 0, 0) \
    X(NS_MIB, "latencies/copy-mib", 1, 1000000000, 0, 0) \
    X(NS_JITTER, "latencies/jitter", 0, 1000000000, 0, 0)

#define X_(id, path, min, max, opt, fallback) PERSONA_##id,
enum { PERSONA(X_) PERSONA_NR };
#undef X_

/* Falcons, and numbers in NvGsp.timers of the end of their programs. */
enum { NV_FALCON_GSP, NV_FALCON_SEC2, NV_FALCONS };
enum {
    TIMER_FALCON,
    TIMER_EFFECT = TIMER_FALCON + NV_FALCONS,
    TIMER_MAILBOX,
    TIMER_FSP,
    TIMER_FMC,
    TIMER_RUNLIST,
    TIMER_NR = TIMER_RUNLIST + NV_RUNLISTS
};

QEMU_BUILD_BUG_ON(TIMER_NR > GPU_TIMERS_MAX);

/** NV_FALCON_MEMORY - bytes of code memory, and of data memory. */
#define NV_FALCON_MEMORY 0x10000

/** NV_IMEM_BLOCK - bytes of code memory that have a tag. */
#define NV_IMEM_BLOCK 256
#define NV_IMEM_BLOCKS (NV_FALCON_MEMORY / NV_IMEM_BLOCK)

/* NvFalcon.imem_flags */
#define NV_IMEM_VALID 1
#define NV_IMEM_SECURE 2

/**
 * struct NvFalcon - a falcon, with the RISC-V core that shares its block
 * @mailbox:  mailboxes; nothing but a write changes them.
 * @started:  a program runs; its end is a deadline.
 * @loaded:   code was loaded since the engine's reset.
 * @imem_tag: bits 23:8 of the address at which a block of code runs.
 * @imem_flags: of the block: NV_IMEM_*.
 * @imem, @dmem: its memories.
 * The others are registers as written.
 */
typedef struct NvFalcon {
    uint32_t mailbox[2];
    uint32_t irqstat;
    uint32_t irqmask;
    uint32_t itfen;
    uint32_t os;
    uint32_t rm;
    uint32_t cpuctl;
    uint32_t bootvec;
    uint32_t dmactl;
    uint32_t trf_base;
    uint32_t trf_base1;
    uint32_t trf_moffs;
    uint32_t trf_fboffs;
    uint32_t trf_cmd;
    uint32_t imemc;
    uint32_t imemt;
    uint32_t dmemc;
    uint32_t engine;
    uint32_t transcfg[8];
    uint32_t fbif_ctl;
    uint32_t mod_sel;
    uint32_t ucode_id;
    uint32_t engine_id;
    uint32_t paraaddr;
    uint32_t bcr_ctrl;
    bool started;
    bool loaded;
    uint16_t imem_tag[NV_IMEM_BLOCKS];
    uint8_t imem_flags[NV_IMEM_BLOCKS];
    uint8_t imem[NV_FALCON_MEMORY];
    uint8_t dmem[NV_FALCON_MEMORY];
} NvFalcon;

/** enum NvEnding - what becomes of a program that has come to its end */
typedef enum NvEnding {
    NV_ENDING_DONE,         /* it does what it is for, and halts */
    NV_ENDING_IDLE,         /* it halts and has done nothing */
    NV_ENDING_OPEN,         /* it goes on */
} NvEnding;

/** NV_WPR2_ALIGN - granularity of the protected region (tu102.c). */
#define NV_WPR2_ALIGN 0x20000

/** NV_DIGEST - bytes of a SHA-256 digest. */
#define NV_DIGEST 32

/** enum NvBootStage - how far the boot chain is */
typedef enum NvBootStage {
    NV_STAGE_NONE,
    NV_STAGE_COPY,          /* booter, or FMC, copies the image */
    NV_STAGE_LOADED,        /* the image is in place, the GSP was started */
    NV_STAGE_SAVE,          /* booter saves the protected region */
    NV_STAGE_RESTORE,       /* booter puts it back */
    NV_STAGES,
} NvBootStage;

/**
 * struct NvBoot - the boot chain
 * @stage:     NvBootStage.
 * @wpr2_start, @wpr2_end: protected region; 0, 0 if there is none.
 * @frts_start, @frts_size: what FWSEC was asked for.
 * @radix3:    bus address of the image's page table.
 * @image:     where in frame buffer the image goes.
 * @image_size: bytes of it.
 * @copied:    bytes of it that are there; of a save, bytes that are done.
 * @rsvd_start, @heap, @heap_size: as GspBoot.
 * @loader, @loader_size, @loader_fb: bootloader's source, bytes, destination.
 * @libos:     GSP's mailboxes when it was started.
 * @fw_heap, @fw_heap_size, @vga, @vga_size, @resume: as GspBoot.
 * @saved, @saved_size: bus address of a save's page table, bytes of the save.
 * @sr_meta:   bus address of the metadata of the save at hand.
 * @digest:    of what was saved or put back so far.
 * @seal:      what the metadata says that it is.
 */
typedef struct NvBoot {
    uint8_t stage;
    uint64_t wpr2_start;
    uint64_t wpr2_end;
    uint64_t frts_start;
    uint64_t frts_size;
    uint64_t radix3;
    uint64_t image;
    uint64_t image_size;
    uint64_t copied;
    uint64_t rsvd_start;
    uint64_t heap;
    uint64_t heap_size;
    uint64_t loader;
    uint64_t loader_size;
    uint64_t loader_fb;
    uint64_t libos;
    uint64_t fw_heap;
    uint64_t fw_heap_size;
    uint64_t vga;
    uint64_t vga_size;
    bool resume;
    uint64_t saved;
    uint64_t saved_size;
    uint64_t sr_meta;
    uint8_t digest[NV_DIGEST];
    uint8_t seal[NV_DIGEST];
} NvBoot;

/** enum NvFmc - how far the first program on the GSP is */
typedef enum NvFmc {
    NV_FMC_NONE,            /* it does not run */
    NV_FMC_HIDDEN,          /* the GSP's registers are for the FSP alone */
    NV_FMC_READS,           /* it reads what it is to do */
    NV_FMC_COPIES,          /* it copies the image */
    NV_FMC_STEPS,
} NvFmc;

/**
 * struct NvFsp - the FSP; see fsp.c
 * @emem_control: of the port to @emem.
 * @queue:   head and tail of a message to it.
 * @answers: head and tail of its answer.
 * @emem:    the channel's memory, for both.
 * @fmc:     NvFmc.
 * @args:    bus address of FMC's boot parameters.
 */
typedef struct NvFsp {
    uint32_t emem_control;
    uint32_t queue[2];
    uint32_t answers[2];
    uint8_t emem[MCTP_MAX];
    uint8_t fmc;
    uint64_t args;
} NvFsp;

/** struct NvIntr - the interrupt tree; see intr.c. */
typedef struct NvIntr {
    uint32_t leaf[INTR_LEAVES];
    uint32_t enable[INTR_LEAVES];
    uint32_t top_enable;
    bool msi_armed;
} NvIntr;

/** struct NvSpace - an address space of channels; @root counts if @present. */
typedef struct NvSpace {
    bool present;
    uint64_t root;
} NvSpace;

/**
 * struct NvChannel - a channel
 * @c:       what the firmware says of it; GSP_CHANNEL_FREE: there is none.
 * @pb:      how far it is.
 * @ready:   its slice was too short.
 * @rung:    its doorbell has rung, and was not looked at yet.
 * @waits:   it waits for a semaphore (@wait is not 0) or, as a scenario wants,
 *           to hear its doorbell, and looks again at @look_at, ns.
 * @dead:    it has failed, and runs no more.
 * @look_at: see @waits.
 * @wait:    the last wait, ns.
 */
typedef struct NvChannel {
    GspChannel c;
    PbChannel pb;
    bool ready;
    bool rung;
    bool waits;
    bool dead;
    int64_t look_at;
    int64_t wait;
} NvChannel;

/**
 * struct NvRunlist - channels that share engines
 * @next:    the channel whose turn it is.
 * @free_at: virtual time at which its engines have done what they do, ns.
 */
typedef struct NvRunlist {
    uint32_t next;
    int64_t free_at;
} NvRunlist;

/**
 * struct NvHost - see host.c
 * @dead: channels that have failed, ever.
 * @held: the firmware has all channels held back.
 */
typedef struct NvHost {
    NvRunlist runlist[NV_RUNLISTS];
    NvSpace space[GSP_SPACES_MAX];
    NvChannel chan[GSP_CHANNELS_MAX];
    uint64_t dead;
    bool held;
} NvHost;

/** NV_UNMODELLED_MAX - distinct unmodelled registers that are listed. */
#define NV_UNMODELLED_MAX 64

/** struct NvUnmodelled - accesses to a register that is not modelled. */
typedef struct NvUnmodelled {
    uint32_t offset;
    uint32_t reads;
    uint32_t writes;
} NvUnmodelled;

/** NV_EFFECTS_MAX - effects that wait for their turn; more are lost. */
#define NV_EFFECTS_MAX 16

/**
 * struct NvEffect - something that a scenario makes happen
 * @action: FW_RAISE, FW_CRASH, FW_RESET or FW_UNPLUG.
 * @raise:  FW_RAISE: index into the vocabulary's names.
 */
typedef struct NvEffect {
    uint8_t action;
    uint8_t raise;
    uint64_t value;
    uint64_t data;
} NvEffect;

/** NV_BARS - BAR1 and BAR2, as the drivers count; PCI resources 1 and 3. */
#define NV_BARS 2

struct NvGsp {
    PCIDevice parent_obj;

    MemoryRegion bar0;
    MemoryRegion window[NV_BARS];
    MemoryRegion vram;

    /* properties */
    char *persona_name;
    char *abi_name;
    char *scenario_name;
    char *log_name;
    char *timeline_name;
    uint64_t seed;

    /* fixed after realize */
    uint64_t persona[PERSONA_NR];
    char model[GSP_NAME_MAX];
    uint8_t *abi;                   /* fallback profile */
    uint32_t abi_size;
    FwLayout meta;                  /* its layout, for the boot chain */
    PbClasses classes;
    Vbios vbios;
    uint8_t *fb;                    /* host address of @vram */
    uint64_t fb_size;

    /* state */
    GpuTap tap;
    GpuTimers timers;
    NvFalcon falcon[NV_FALCONS];
    NvBoot boot;
    NvFsp fsp;
    NvIntr intr;
    NvHost host;
    int64_t gfw_at;                 /* virtual time of GFW's end, ns */
    bool gfw_told;                  /* it has ended */
    int64_t ptimer_offset;          /* PTIMER minus virtual clock, ns */
    uint32_t goodbye;               /* GSP's mailbox 0 when it has ended */
    uint32_t pramin_base;
    uint32_t flush_page;
    uint32_t flush_page_hi;
    uint32_t scratch_frts;
    uint32_t scratch_sb;
    uint32_t pmc_enable;
    uint32_t pmc_device_enable;
    uint32_t ptimer_intr_en;
    uint32_t ptimer_numerator;
    uint32_t ptimer_denominator;
    uint32_t ptimer_alarm;
    uint32_t bus_intr_en;
    uint32_t rom_shadow;
    uint32_t invalidate_pdb;
    uint32_t invalidate_pdb_hi;
    uint32_t invalidate;
    uint64_t bar_root[NV_BARS];     /* root directories in frame buffer */
    bool bar_bound[NV_BARS];
    uint64_t bar_faults;            /* accesses that had no translation */
    uint64_t wpr_denied;            /* accesses to the protected region */
    uint64_t unmodelled_count;
    uint32_t nr_unmodelled;
    NvUnmodelled unmodelled[NV_UNMODELLED_MAX];
    bool unplugged;                 /* nothing answers any more */
    uint32_t nr_effects;
    NvEffect effect[NV_EFFECTS_MAX];

    Coproc gsp;
    Gsp fw;
};

extern const VMStateDescription vmstate_nvidia_gsp;
extern const VMStateDescription vmstate_nv_channel;

/* nvidia-gsp.c: PTIMER, ns. */
uint64_t nv_ptimer(const NvGsp *s);
/* nv_booted() - is what the chip runs by itself after a reset at its end? */
bool nv_booted(NvGsp *s);

/* placed.c: true if modelled. */
bool nv_placed_read(NvGsp *s, uint32_t off, uint32_t *value);
bool nv_placed_write(NvGsp *s, uint32_t off, uint32_t value);

/* falcon.c: registers of a falcon's block; true if modelled. */
bool nv_falcon_read(NvGsp *s, unsigned n, uint32_t off, uint32_t *value);
bool nv_falcon_write(NvGsp *s, unsigned n, uint32_t off, uint32_t value);
void nv_falcon_expired(NvGsp *s, unsigned n);
/* nv_falcon_halt() - its program ends with @mailbox0. */
void nv_falcon_halt(NvGsp *s, unsigned n, uint32_t mailbox0);
void nv_falcon_raise(NvGsp *s, unsigned n, uint32_t bits);
/* nv_falcon_engine_reset() - all but its mailboxes starts anew. */
void nv_falcon_engine_reset(NvGsp *s, unsigned n);
/* nv_falcon_fetch() - its loader fetches a program; false: it cannot. */
bool nv_falcon_fetch(NvGsp *s, unsigned n, const VbiosLoad *load);
/* nv_falcon_secure() - is all code between @from and @to loaded as secure? */
bool nv_falcon_secure(const NvFalcon *f, uint32_t from, uint32_t to);
void nv_falcon_reset(NvGsp *s);
bool nv_falcon_check(const NvGsp *s);
extern const char *const nv_falcon_names[NV_FALCONS];

/* boot.c: the program on a falcon has run for its time. */
void nv_boot_run(NvGsp *s, unsigned falcon);
void nv_boot_gsp_reset(NvGsp *s);
void nv_boot_sec2_reset(NvGsp *s);
void nv_boot_reset(NvGsp *s);
/* nv_boot_report() - a program ends; @what is its name in the log. */
void nv_boot_report(NvGsp *s, const char *what, NvBootError err);
/* Copy from the image that booter has put into frame buffer. */
bool nv_boot_image_read(NvGsp *s, uint64_t off, void *buf, uint32_t len);
bool nv_boot_check(const NvGsp *s);
/* Page @n of what the radix3 table at @root describes. */
bool nv_boot_radix3(NvGsp *s, uint64_t root, uint64_t n, uint64_t *addr);
/* WPR metadata @m: are they right, and what they say; without a look at FRTS. */
NvBootError nv_boot_layout(NvGsp *s, const uint8_t *m);
void nv_boot_set_wpr2(NvGsp *s, uint64_t start, uint64_t end);
/*
 * nv_boot_ending() - program @what is about to do what it is for and to halt,
 * with *@err. A scenario may have it end with another error, do nothing, never
 * halt, or take longer: then @timer expires again.
 */
NvEnding nv_boot_ending(NvGsp *s, unsigned timer, const char *what,
                        uint32_t *err, uint64_t arg);
/* nv_boot_protect() - WPR2 becomes what metadata @m say; it begins with them */
NvBootError nv_boot_protect(NvGsp *s, const uint8_t *m);
/* A slice of the image, or the bootloader, goes to memory; true: it is there. */
bool nv_boot_copy_slice(NvGsp *s);
bool nv_boot_copy_loader(NvGsp *s);
/* nv_boot_start() - the firmware starts, with libos arguments at @libos. */
void nv_boot_start(NvGsp *s, uint64_t libos);
/* nv_boot_unload() - the firmware and what was protected are gone. */
void nv_boot_unload(NvGsp *s);

/* fsp.c: registers of its block; true if modelled. */
bool nv_fsp_present(const NvGsp *s);
bool nv_fsp_read(NvGsp *s, uint32_t off, uint32_t *value);
bool nv_fsp_write(NvGsp *s, uint32_t off, uint32_t value);
void nv_fsp_expired(NvGsp *s, unsigned timer);
void nv_fsp_reset(NvGsp *s);
/* nv_fsp_gsp_reset() - the GSP was reset: FMC is gone if it was there. */
void nv_fsp_gsp_reset(NvGsp *s);
bool nv_fsp_check(const NvGsp *s);

/* sr.c: suspend metadata at @addr? Prepare NvBoot for a save, or a resume. */
bool nv_sr_meta_at(NvGsp *s, uint64_t addr);
NvBootError nv_sr_save(NvGsp *s, uint64_t addr);
NvBootError nv_sr_restore(NvGsp *s, uint64_t addr);
/* A slice of either. */
NvBootError nv_sr_slice(NvGsp *s, uint64_t end);
/* The last thing: write the seal, or compare it. */
NvBootError nv_sr_seal(NvGsp *s);

/* fb.c */
bool nv_fb_init(NvGsp *s, Error **errp);
bool nv_fb_read(NvGsp *s, uint64_t fb, void *buf, uint64_t len);
bool nv_fb_write(NvGsp *s, uint64_t fb, const void *buf, uint64_t len);
/* nv_fb_touched() - it was written past nv_fb_write(). */
void nv_fb_touched(NvGsp *s, uint64_t fb, uint64_t len);
bool nv_fb_zero(const NvGsp *s, uint64_t fb, uint64_t len);
/* nv_fb_lose() - it has no power any more. */
void nv_fb_lose(NvGsp *s);
/* nv_fb_read_entry() - gmmu_read_fn of this device; @opaque is NvGsp. */
bool nv_fb_read_entry(void *opaque, GmmuAperture aperture, uint64_t pa,
                      uint64_t *word);
/* The same for the host, which does not get at the protected region. */
uint64_t nv_fb_host_read(NvGsp *s, uint64_t fb, unsigned size);
void nv_fb_host_write(NvGsp *s, uint64_t fb, uint64_t value, unsigned size);
bool nv_fb_check(const NvGsp *s);

/* intr.c */
bool nv_intr_read(NvGsp *s, uint32_t off, uint32_t *value);
bool nv_intr_write(NvGsp *s, uint32_t off, uint32_t value);
void nv_intr_raise(NvGsp *s, unsigned vector, const char *name);
void nv_intr_rearm(NvGsp *s);
void nv_intr_reset(NvGsp *s);

/* host.c */
void nv_host_doorbell(NvGsp *s, uint32_t token);
void nv_host_expired(NvGsp *s, unsigned runlist);
void nv_host_space(NvGsp *s, uint32_t n, bool present, uint64_t root);
void nv_host_channel(NvGsp *s, const GspChannel *c);
uint32_t nv_host_save(NvGsp *s, uint32_t chid, uint8_t *buf);
bool nv_host_load(NvGsp *s, const GspChannel *c, const uint8_t *buf,
                  uint32_t len);
void nv_host_hold(NvGsp *s, bool hold);
void nv_host_reset(NvGsp *s);
bool nv_host_check(const NvGsp *s);

/* firmware.c */
bool nv_firmware_init(NvGsp *s, Error **errp);
void nv_firmware_fini(NvGsp *s);
void nv_firmware_reset(NvGsp *s);
/* nv_firmware_start() - the GSP's RISC-V core starts. */
void nv_firmware_start(NvGsp *s);
void nv_firmware_stop(NvGsp *s);
bool nv_firmware_active(const NvGsp *s);
void nv_firmware_doorbell(NvGsp *s, unsigned n);
bool nv_firmware_check(NvGsp *s);
void nv_firmware_expired(NvGsp *s, unsigned id);
FwPhase nv_phase(void *opaque);
void nv_effect(void *opaque, const FwTapEvent *event, const FwVerdict *v);

#endif /* NVIDIA_GSP_NVIDIA_GSP_H */
