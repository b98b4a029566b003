/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: what the programs on the falcons do, up to the start of the
 * GSP's firmware, and the protected region WPR2.
 *
 * FWSEC runs on the GSP's falcon and takes a region at the end of memory for
 * runtime services. Booter runs on SEC2, is given the address of the WPR
 * metadata, copies bootloader and firmware image into memory, extends the
 * protected region over them and starts the GSP's RISC-V core; another one
 * takes all that back. None of it is executed: what it would check is checked
 * and what it would do is done. Chips with an FSP have FMC in their place, see
 * fsp.c.
 *
 * Followed from nouveau, nvkm/subdev/gsp/{fwsec,tu102,ga102,r535}.c (7.3:
 * rm/r535/gsp.c), and nova-core, gsp/hal/tu102.rs. The metadata's layout comes
 * from the ABI profile.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/log.h"

#include "nvidia-gsp.h"
#include "trace.h"

/* gsp_fw_wpr_meta.h: GSP_FW_WPR_META_MAGIC, _REVISION */
#define META_MAGIC 0xdc3aae21371a60b3ull
#define META_REVISION 1

/* What booter_unload is called with when nothing is to be kept. */
#define UNLOAD_NOTHING 0xff

#define PAGE 4096u
#define PAGE_ENTRIES (PAGE / 8)

/* Bytes of the image that are copied in one go. */
#define COPY_SLICE (1u << 20)

/* Bootloaders have tens of kilobytes; the radix3 table ends at 1 GiB. */
#define LOADER_MAX (4u << 20)
#define IMAGE_MAX (1ull << 30)

static const char *const error_names[NV_BOOT_ERRORS] = {
    [NV_BOOT_OK] = "ok",
    [NV_BOOT_SIGNATURE] = "the program is not the signed one",
    [NV_BOOT_COMMAND] = "unknown command",
    [NV_BOOT_REGION] = "the region is not in frame buffer",
    [NV_BOOT_WPR2_SET] = "there is a protected region already",
    [NV_BOOT_WPR2_UNSET] = "FWSEC has not run",
    [NV_BOOT_META_ADDRESS] = "the WPR metadata cannot be read",
    [NV_BOOT_META_MAGIC] = "magic or revision of the WPR metadata",
    [NV_BOOT_META_LAYOUT] = "regions overlap or leave the frame buffer",
    [NV_BOOT_META_FRTS] = "FRTS is not where FWSEC put it",
    [NV_BOOT_RADIX3] = "a page of the image cannot be read",
    [NV_BOOT_LOADER] = "the bootloader cannot be read",
    [NV_BOOT_IMAGE_SIGNATURE] = "the image's signature cannot be read",
    [NV_BOOT_RUNNING] = "the GSP runs already",
    [NV_BOOT_VECTOR] = "no code at the address of the start",
    [NV_BOOT_FETCH] = "FWSEC cannot be fetched",
    [NV_BOOT_SR_META] = "the suspend metadata are not right",
    [NV_BOOT_SR_DATA] = "a page of the save cannot be reached",
    [NV_BOOT_SR_SEAL] = "what was saved is not what is there",
    [NV_BOOT_FMC_ARGS] = "the boot parameters are not right",
};

void nv_boot_set_wpr2(NvGsp *s, uint64_t start, uint64_t end)
{
    trace_nvidia_gsp_wpr2(s->tap.owner, start, end);
    s->boot.wpr2_start = start;
    s->boot.wpr2_end = end;
}

void nv_boot_report(NvGsp *s, const char *what, NvBootError err)
{
    trace_nvidia_gsp_booter(s->tap.owner, what, err);
    if (err != NV_BOOT_OK) {
        qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: %s: %s\n", what,
                      error_names[err]);
    }
}

NvEnding nv_boot_ending(NvGsp *s, unsigned timer, const char *what,
                        uint32_t *err, uint64_t arg)
{
    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_BOOT, .name = what, .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY, .a = *err, .b = arg,
    });

    switch (v.action) {
    case FW_DELAY:
        gpu_timers_set(&s->timers, timer, v.until);
        return NV_ENDING_OPEN;
    case FW_HANG:
        return NV_ENDING_OPEN;
    case FW_FAULT:
        *err = v.value;
        return NV_ENDING_IDLE;
    case FW_DROP:
        return NV_ENDING_IDLE;
    default:
        return *err == NV_BOOT_OK ? NV_ENDING_DONE : NV_ENDING_IDLE;
    }
}

/* ---- FWSEC, on the GSP's falcon ---- */

/*
 * The boot ROM starts only what its vendor has signed. Before there was one
 * the signature was part of the code, of which some is loaded as secure.
 */
static bool fwsec_is_signed(const NvGsp *s)
{
    const NvFalcon *f = &s->falcon[NV_FALCON_GSP];
    const Vbios *v = &s->vbios;

    if (!v->signature) {
        return nv_falcon_secure(f, VBIOS_IMEM_SECURE, VBIOS_IMEM) &&
               !memcmp(f->imem, v->rom + v->imem, VBIOS_IMEM);
    }
    return f->ucode_id == VBIOS_UCODE_ID &&
           f->engine_id == VBIOS_ENGINE_MASK &&
           f->paraaddr == VBIOS_DMEM_SIGNATURE &&
           !memcmp(f->imem, v->rom + v->imem, VBIOS_IMEM) &&
           !memcmp(f->dmem + VBIOS_DMEM_SIGNATURE, v->rom + v->signature,
                   VBIOS_SIGNATURE);
}

static NvBootError check_frts(const NvGsp *s, const VbiosCommand *cmd)
{
    if (s->boot.wpr2_end) {
        return NV_BOOT_WPR2_SET;
    }
    if (!cmd->size || cmd->start % NV_WPR2_ALIGN || cmd->size % NV_WPR2_ALIGN ||
        cmd->start > s->fb_size || cmd->size > s->fb_size - cmd->start) {
        return NV_BOOT_REGION;
    }
    return NV_BOOT_OK;
}

static void fwsec_frts(NvGsp *s, const VbiosCommand *cmd)
{
    uint32_t err = check_frts(s, cmd);
    NvEnding end = nv_boot_ending(s, TIMER_FALCON + NV_FALCON_GSP,
                                  "fwsec-frts", &err, cmd->start);

    if (end == NV_ENDING_OPEN) {
        return;
    }
    if (end == NV_ENDING_DONE) {
        s->boot.frts_start = cmd->start;
        s->boot.frts_size = cmd->size;
        nv_boot_set_wpr2(s, cmd->start, cmd->start + cmd->size);
    }
    nv_boot_report(s, "fwsec-frts", MIN(err, NV_BOOT_ERRORS - 1));
    s->scratch_frts = FIELD_DP32(0, SCRATCH_FRTS, ERROR, err);
    nv_falcon_halt(s, NV_FALCON_GSP, 0);
}

static void fwsec_sb(NvGsp *s)
{
    uint32_t err = NV_BOOT_OK;

    if (nv_boot_ending(s, TIMER_FALCON + NV_FALCON_GSP, "fwsec-sb", &err, 0) !=
        NV_ENDING_OPEN) {
        s->scratch_sb = FIELD_DP32(0, SCRATCH_SB, ERROR, err);
        nv_falcon_halt(s, NV_FALCON_GSP, 0);
    }
}

static void run_fwsec(NvGsp *s)
{
    VbiosCommand cmd;
    VbiosLoad load;

    /* What runs first is a loader then, which nobody has signed. */
    if (!s->vbios.signature &&
        (!vbios_load(s->falcon[NV_FALCON_GSP].dmem, &load) ||
         !nv_falcon_fetch(s, NV_FALCON_GSP, &load))) {
        nv_boot_report(s, "fwsec", NV_BOOT_FETCH);
        nv_falcon_halt(s, NV_FALCON_GSP, NV_BOOT_FETCH);
        return;
    }
    if (!fwsec_is_signed(s)) {
        nv_boot_report(s, "fwsec", NV_BOOT_SIGNATURE);
        nv_falcon_halt(s, NV_FALCON_GSP, NV_BOOT_SIGNATURE);
        return;
    }
    if (!vbios_command(s->falcon[NV_FALCON_GSP].dmem, &cmd)) {
        nv_boot_report(s, "fwsec", NV_BOOT_COMMAND);
        s->scratch_frts = FIELD_DP32(0, SCRATCH_FRTS, ERROR, NV_BOOT_COMMAND);
        s->scratch_sb = FIELD_DP32(0, SCRATCH_SB, ERROR, NV_BOOT_COMMAND);
        nv_falcon_halt(s, NV_FALCON_GSP, 0);
    } else if (cmd.command == VBIOS_COMMAND_FRTS) {
        fwsec_frts(s, &cmd);
    } else {
        fwsec_sb(s);
    }
}

/* ---- booter, on SEC2 ---- */

/* As for FWSEC; where the signature is only booter itself knows. */
static bool booter_is_signed(const NvGsp *s)
{
    const NvFalcon *f = &s->falcon[NV_FALCON_SEC2];
    unsigned i;

    if (!s->vbios.signature) {
        for (i = 0; i < NV_IMEM_BLOCKS; i++) {
            if (f->imem_flags[i] & NV_IMEM_SECURE) {
                return !buffer_is_zero(f->imem + i * NV_IMEM_BLOCK,
                                       NV_IMEM_BLOCK);
            }
        }
        return false;
    }
    return f->engine_id && f->ucode_id && f->ucode_id <= FUSE_COUNT &&
           f->paraaddr <= NV_FALCON_MEMORY - VBIOS_SIGNATURE &&
           !buffer_is_zero(f->dmem + f->paraaddr, VBIOS_SIGNATURE);
}

static uint64_t meta(const NvGsp *s, const uint8_t *buf, enum GspField field)
{
    return fw_get(&s->meta.field[field], buf);
}

/* Regions stand one behind the other, from @at to the end of memory. */
static bool ordered(uint64_t *at, uint64_t start, uint64_t size)
{
    if (start < *at || size > UINT64_MAX - start) {
        return false;
    }
    *at = start + size;
    return true;
}

NvBootError nv_boot_layout(NvGsp *s, const uint8_t *m)
{
    NvBoot *b = &s->boot;
    uint64_t at = 0;
    uint64_t wpr = meta(s, m, GSP_F_WPR_START);
    uint64_t end = meta(s, m, GSP_F_WPR_END);
    uint64_t frts = meta(s, m, GSP_F_WPR_FRTS);

    b->radix3 = meta(s, m, GSP_F_WPR_IMAGE);
    b->image = meta(s, m, GSP_F_WPR_FW);
    b->image_size = meta(s, m, GSP_F_WPR_IMAGE_BYTES);
    b->loader = meta(s, m, GSP_F_WPR_LOADER);
    b->loader_size = meta(s, m, GSP_F_WPR_LOADER_BYTES);
    b->loader_fb = meta(s, m, GSP_F_WPR_FW_LOADER);
    b->rsvd_start = meta(s, m, GSP_F_WPR_RSVD_START);
    b->heap = meta(s, m, GSP_F_WPR_FREE_HEAP);
    b->heap_size = meta(s, m, GSP_F_WPR_FREE_HEAP_BYTES);
    b->fw_heap = meta(s, m, GSP_F_WPR_HEAP);
    b->fw_heap_size = meta(s, m, GSP_F_WPR_HEAP_BYTES);
    b->vga = meta(s, m, GSP_F_WPR_VGA);
    b->vga_size = meta(s, m, GSP_F_WPR_VGA_BYTES);

    if (meta(s, m, GSP_F_WPR_MAGIC) != META_MAGIC ||
        meta(s, m, GSP_F_WPR_REVISION) != META_REVISION) {
        return NV_BOOT_META_MAGIC;
    }
    if (meta(s, m, GSP_F_WPR_FB_BYTES) != s->fb_size ||
        !b->image_size || b->image_size > IMAGE_MAX ||
        !b->loader_size || b->loader_size > LOADER_MAX ||
        wpr % NV_WPR2_ALIGN || end % NV_WPR2_ALIGN ||
        !ordered(&at, b->rsvd_start, 0) ||
        !ordered(&at, b->heap, b->heap_size) ||
        !ordered(&at, wpr, 0) ||
        !ordered(&at, b->fw_heap, b->fw_heap_size) ||
        !ordered(&at, b->image, b->image_size) ||
        !ordered(&at, b->loader_fb, b->loader_size) ||
        !ordered(&at, frts, meta(s, m, GSP_F_WPR_FRTS_BYTES)) ||
        !ordered(&at, end, 0) ||
        !ordered(&at, b->vga, b->vga_size) ||
        at > s->fb_size) {
        return NV_BOOT_META_LAYOUT;
    }
    return NV_BOOT_OK;
}

NvBootError nv_boot_protect(NvGsp *s, const uint8_t *m)
{
    uint8_t signature[PAGE];
    uint64_t size = MIN(meta(s, m, GSP_F_WPR_SIGNATURE_BYTES), PAGE);

    if (!size || pci_dma_read(PCI_DEVICE(s),
                              meta(s, m, GSP_F_WPR_SIGNATURE),
                              signature, size) != MEMTX_OK) {
        return NV_BOOT_IMAGE_SIGNATURE;
    }
    /* The region begins with what says where all of it is. */
    if (!nv_fb_write(s, meta(s, m, GSP_F_WPR_START), m,
                     s->meta.struct_size[GSP_S_WPR])) {
        return NV_BOOT_META_LAYOUT;
    }
    nv_boot_set_wpr2(s, meta(s, m, GSP_F_WPR_START),
                     meta(s, m, GSP_F_WPR_END));
    return NV_BOOT_OK;
}

/* The metadata, copied once, and whether they can be what they say. */
static NvBootError check_meta(NvGsp *s, uint64_t addr)
{
    uint8_t m[FW_STRUCT_MAX];
    NvBootError err;

    if (!s->boot.wpr2_end) {
        return NV_BOOT_WPR2_UNSET;
    }
    if (s->boot.stage != NV_STAGE_NONE) {
        return NV_BOOT_RUNNING;
    }
    if (pci_dma_read(PCI_DEVICE(s), addr, m,
                     s->meta.struct_size[GSP_S_WPR]) != MEMTX_OK) {
        return NV_BOOT_META_ADDRESS;
    }
    err = nv_boot_layout(s, m);
    if (err != NV_BOOT_OK) {
        return err;
    }
    if (meta(s, m, GSP_F_WPR_FRTS) != s->boot.frts_start ||
        meta(s, m, GSP_F_WPR_FRTS_BYTES) != s->boot.frts_size) {
        return NV_BOOT_META_FRTS;
    }
    return nv_boot_protect(s, m);
}

static bool read_entry(NvGsp *s, uint64_t table, uint64_t i, uint64_t *entry)
{
    uint64_t word;

    if (pci_dma_read(PCI_DEVICE(s), table + i * 8, &word, 8) != MEMTX_OK) {
        return false;
    }
    *entry = le64_to_cpu(word);
    return !(*entry % PAGE);
}

/* One entry, a page of them, up to 512 pages of them. */
bool nv_boot_radix3(NvGsp *s, uint64_t root, uint64_t n, uint64_t *addr)
{
    uint64_t level1, level2;

    return read_entry(s, root, 0, &level1) &&
           read_entry(s, level1, n / PAGE_ENTRIES, &level2) &&
           read_entry(s, level2, n % PAGE_ENTRIES, addr);
}

bool nv_boot_copy_slice(NvGsp *s)
{
    NvBoot *b = &s->boot;
    uint64_t end = MIN(b->image_size, b->copied + COPY_SLICE);
    uint8_t page[PAGE];
    uint64_t addr;

    while (b->copied < end) {
        uint32_t len = MIN(PAGE, b->image_size - b->copied);

        if (!nv_boot_radix3(s, b->radix3, b->copied / PAGE, &addr) ||
            pci_dma_read(PCI_DEVICE(s), addr, page, len) != MEMTX_OK ||
            !nv_fb_write(s, b->image + b->copied, page, len)) {
            return false;
        }
        b->copied += len;
    }
    return true;
}

bool nv_boot_copy_loader(NvGsp *s)
{
    NvBoot *b = &s->boot;
    uint8_t page[PAGE];
    uint64_t done;

    for (done = 0; done < b->loader_size; done += PAGE) {
        uint32_t len = MIN(PAGE, b->loader_size - done);

        if (pci_dma_read(PCI_DEVICE(s), b->loader + done, page, len) !=
            MEMTX_OK || !nv_fb_write(s, b->loader_fb + done, page, len)) {
            return false;
        }
    }
    return true;
}

/* It ends, or is reset, in the middle of things: as before, or without. */
static void booter_gives_up(NvGsp *s)
{
    if (s->boot.stage == NV_STAGE_SAVE) {
        s->boot.stage = NV_STAGE_LOADED;
    } else if (s->boot.stage == NV_STAGE_RESTORE) {
        s->boot.stage = NV_STAGE_NONE;
        nv_boot_set_wpr2(s, 0, 0);
    } else if (s->boot.stage == NV_STAGE_COPY) {
        s->boot.stage = NV_STAGE_NONE;
    }
}

/* @run, if all is well, before SEC2 halts: nouveau looks only once. */
static void booter_ends(NvGsp *s, const char *what, uint32_t err,
                        void (*run)(NvGsp *s))
{
    NvEnding end = nv_boot_ending(s, TIMER_FALCON + NV_FALCON_SEC2, what, &err,
                                  s->boot.image_size);

    if (end == NV_ENDING_OPEN) {
        return;
    }
    nv_boot_report(s, what, MIN(err, NV_BOOT_ERRORS - 1));
    if (end == NV_ENDING_DONE) {
        run(s);
    } else {
        booter_gives_up(s);
    }
    nv_falcon_halt(s, NV_FALCON_SEC2, err);
}

static void booter_again(NvGsp *s)
{
    gpu_timers_set(&s->timers, TIMER_FALCON + NV_FALCON_SEC2,
                   gpu_timers_now() + s->persona[PERSONA_NS_COPY]);
}

static void booter_load(NvGsp *s, uint64_t addr)
{
    NvBootError err = check_meta(s, addr);

    if (err != NV_BOOT_OK) {
        booter_ends(s, "booter-load", err, NULL);
        return;
    }
    s->boot.stage = NV_STAGE_COPY;
    s->boot.copied = 0;
    booter_again(s);
}

void nv_boot_start(NvGsp *s, uint64_t libos)
{
    s->boot.resume = s->boot.stage == NV_STAGE_RESTORE;
    s->boot.stage = NV_STAGE_LOADED;
    s->boot.libos = libos;
    nv_firmware_start(s);
}

static void start_gsp(NvGsp *s)
{
    const NvFalcon *gsp = &s->falcon[NV_FALCON_GSP];

    nv_boot_start(s, (uint64_t)gsp->mailbox[1] << 32 | gsp->mailbox[0]);
}

static void booter_copies(NvGsp *s)
{
    if (!nv_boot_copy_slice(s)) {
        booter_ends(s, "booter-load", NV_BOOT_RADIX3, NULL);
        return;
    }
    if (s->boot.copied < s->boot.image_size) {
        booter_again(s);
        return;
    }
    booter_ends(s, "booter-load", nv_boot_copy_loader(s) ? NV_BOOT_OK
                                                         : NV_BOOT_LOADER,
                start_gsp);
}

void nv_boot_unload(NvGsp *s)
{
    nv_firmware_stop(s);
    s->boot.stage = NV_STAGE_NONE;
    nv_boot_set_wpr2(s, 0, 0);
}

/* Suspend metadata: a save if there is what can be saved, else a resume. */
static void booter_sr(NvGsp *s, uint64_t addr)
{
    bool save = s->boot.stage == NV_STAGE_LOADED;
    NvBootError err = save ? nv_sr_save(s, addr)
                      : s->boot.wpr2_end ? NV_BOOT_WPR2_SET
                                         : nv_sr_restore(s, addr);

    if (err != NV_BOOT_OK) {
        booter_ends(s, save ? "booter-suspend" : "booter-resume", err, NULL);
        return;
    }
    s->boot.stage = save ? NV_STAGE_SAVE : NV_STAGE_RESTORE;
    booter_again(s);
}

static void booter_sr_copies(NvGsp *s)
{
    bool save = s->boot.stage == NV_STAGE_SAVE;
    NvBootError err = nv_sr_slice(s, s->boot.copied + COPY_SLICE);

    if (err == NV_BOOT_OK && s->boot.copied < s->boot.saved_size) {
        booter_again(s);
        return;
    }
    if (err == NV_BOOT_OK) {
        err = nv_sr_seal(s);
    }
    booter_ends(s, save ? "booter-suspend" : "booter-resume", err,
                save ? nv_boot_unload : start_gsp);
}

static void run_booter(NvGsp *s)
{
    const NvFalcon *f = &s->falcon[NV_FALCON_SEC2];
    uint64_t addr = (uint64_t)f->mailbox[1] << 32 | f->mailbox[0];

    if (s->boot.stage == NV_STAGE_COPY) {
        booter_copies(s);
    } else if (s->boot.stage == NV_STAGE_SAVE ||
               s->boot.stage == NV_STAGE_RESTORE) {
        booter_sr_copies(s);
    } else if (!booter_is_signed(s)) {
        booter_ends(s, "booter-load", NV_BOOT_SIGNATURE, NULL);
    } else if (f->mailbox[0] == UNLOAD_NOTHING &&
               f->mailbox[1] == UNLOAD_NOTHING) {
        booter_ends(s, "booter-unload", NV_BOOT_OK, nv_boot_unload);
    } else if (nv_sr_meta_at(s, addr)) {
        booter_sr(s, addr);
    } else {
        booter_load(s, addr);
    }
}

void nv_boot_run(NvGsp *s, unsigned falcon)
{
    if (nv_fsp_present(s)) {
        /* There is nothing for a falcon that anybody has signed. */
        nv_boot_report(s, nv_falcon_names[falcon], NV_BOOT_SIGNATURE);
        nv_falcon_halt(s, falcon, NV_BOOT_SIGNATURE);
    } else if (falcon == NV_FALCON_GSP) {
        run_fwsec(s);
    } else {
        run_booter(s);
    }
}

/* The GSP's engine was reset: whatever ran on its RISC-V core is gone. */
void nv_boot_gsp_reset(NvGsp *s)
{
    nv_fsp_gsp_reset(s);
    nv_firmware_stop(s);
}

/* So was SEC2's: a booter that had not ended has loaded nothing. */
void nv_boot_sec2_reset(NvGsp *s)
{
    booter_gives_up(s);
}

bool nv_boot_image_read(NvGsp *s, uint64_t off, void *buf, uint32_t len)
{
    const NvBoot *b = &s->boot;

    return off <= b->image_size && len <= b->image_size - off &&
           nv_fb_read(s, b->image + off, buf, len);
}

void nv_boot_reset(NvGsp *s)
{
    memset(&s->boot, 0, sizeof(s->boot));
}

bool nv_boot_check(const NvGsp *s)
{
    const NvBoot *b = &s->boot;

    return b->stage < NV_STAGES && b->wpr2_start <= b->wpr2_end &&
           b->wpr2_end <= s->fb_size && b->image_size <= IMAGE_MAX &&
           b->loader_size <= LOADER_MAX &&
           b->copied <= MAX(b->image_size, b->saved_size) &&
           (b->stage < NV_STAGE_SAVE ||
            (b->saved_size == b->wpr2_end - b->wpr2_start &&
             b->copied <= b->saved_size));
}
