/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: the FSP, which boots the GSP since Hopper, and FMC, the program
 * that it starts there.
 *
 * A driver writes a message into the FSP's memory and says so in a pair of
 * registers, as the FSP does with its answer. The message is a chain of trust:
 * where FMC is, its digest, key and signature, where FRTS goes, and where FMC's
 * own parameters are. FMC reads these, finds a place for everything at the end
 * of frame buffer, copies firmware and bootloader there, protects it and starts
 * the firmware. Until then the GSP's registers are locked. When the firmware
 * says goodbye it leaves nothing behind, and there is no booter.
 *
 * Followed from nouveau, nvkm/subdev/fsp/gh100.c, nvkm/subdev/gsp/gh100.c, and
 * nova-core, falcon/fsp.rs, fsp.rs, gsp/hal/gh100.rs. Layouts of what FMC reads
 * come from the ABI profile.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"

#include "nvidia-gsp.h"
#include "trace.h"

#define PAGE 4096u

/* Vendors' have 200 KB. */
#define FMC_MAX (1u << 20)
#define FMC_HEADER 16

/* A firmware's image begins at such a page, a heap at the other. */
#define IMAGE_ALIGN 0x10000
#define HEAP_ALIGN 0x100000

/* nvrm/gsp.h: GSP_DMA_TARGET_COHERENT_SYSTEM, _NONCOHERENT_SYSTEM */
#define SYSTEM_COHERENT 1
#define SYSTEM_NONCOHERENT 2

enum { HEAD, TAIL };

bool nv_fsp_present(const NvGsp *s)
{
    return s->persona[PERSONA_FSP_VERSION];
}

/* ---- a message ---- */

/* The digest of FMC, whose header says how long it is. */
static bool digest(NvGsp *s, uint64_t addr, uint8_t hash[FSP_HASH])
{
    PCIDevice *pci = PCI_DEVICE(s);
    GChecksum *sum;
    gsize len = FSP_HASH;
    uint8_t buf[PAGE];
    uint32_t size, done;
    bool ok = true;

    if (pci_dma_read(pci, addr, buf, FMC_HEADER) != MEMTX_OK ||
        ldl_le_p(buf) != GSP_FMC_MAGIC ||
        ldl_le_p(buf + 4) != GSP_FMC_FORMAT) {
        return false;
    }
    size = ldl_le_p(buf + 8);
    if (size < FMC_HEADER || size > FMC_MAX) {
        return false;
    }
    sum = g_checksum_new(G_CHECKSUM_SHA384);
    g_checksum_update(sum, buf, FMC_HEADER);
    for (done = FMC_HEADER; ok && done < size;) {
        uint32_t n = MIN(PAGE, size - done);

        ok = pci_dma_read(pci, addr + done, buf, n) == MEMTX_OK;
        if (ok) {
            g_checksum_update(sum, buf, n);
            done += n;
        }
    }
    g_checksum_get_digest(sum, hash, &len);
    g_checksum_free(sum);
    return ok;
}

/* Nothing for FRTS is a resume, of which FMC knows more. */
static bool place_frts(NvGsp *s, const FspCot *cot)
{
    NvBoot *b = &s->boot;

    if (cot->frts > s->fb_size || cot->frts_size > s->fb_size - cot->frts ||
        cot->frts % NV_WPR2_ALIGN || cot->frts_size % NV_WPR2_ALIGN) {
        return false;
    }
    b->frts_size = cot->frts_size;
    b->frts_start = s->fb_size - cot->frts - cot->frts_size;
    return true;
}

static FspError check_cot(NvGsp *s, const FspCot *cot)
{
    uint8_t hash[FSP_HASH];

    if (s->fsp.fmc != NV_FMC_NONE || s->boot.stage != NV_STAGE_NONE) {
        return FSP_INVALID_STATE;
    }
    if (!digest(s, cot->fmc, hash) || memcmp(hash, cot->hash, FSP_HASH) ||
        !place_frts(s, cot)) {
        return FSP_INVALID_DATA;
    }
    return FSP_OK;
}

static void fmc_step(NvGsp *s, NvFmc step, int64_t ns)
{
    s->fsp.fmc = step;
    gpu_timers_set(&s->timers, TIMER_FMC,
                   gpu_timers_now() + coproc_jitter(&s->gsp, ns));
}

/* FMC finds the address of its parameters in the mailboxes. */
static void start_fmc(NvGsp *s, uint64_t args)
{
    NvFalcon *gsp = &s->falcon[NV_FALCON_GSP];

    nv_falcon_engine_reset(s, NV_FALCON_GSP);
    s->fsp.args = args;
    gsp->mailbox[0] = args;
    gsp->mailbox[1] = args >> 32;
    fmc_step(s, NV_FMC_HIDDEN, s->persona[PERSONA_NS_FALCON]);
}

static void answer(NvGsp *s, uint8_t type, uint32_t error)
{
    NvFsp *f = &s->fsp;

    mctp_answer(f->emem, type, error);
    f->answers[HEAD] = 0;
    f->answers[TAIL] = MCTP_ANSWER - 4;     /* the last word of it */
}

/* Its length is that up to the word that the tail points to. */
static void take_message(NvGsp *s)
{
    const FspRules rules = {
        .version = s->persona[PERSONA_FSP_VERSION],
        .key = s->persona[PERSONA_FSP_KEY],
        .signature = s->persona[PERSONA_FSP_SIGNATURE],
    };
    NvFsp *f = &s->fsp;
    uint64_t end = (uint64_t)f->queue[TAIL] + 4;
    uint32_t len = 0, error;
    uint8_t type;
    FspCot cot;
    NvEnding ending;

    if (f->queue[HEAD] % 4 == 0 && end % 4 == 0 && f->queue[HEAD] < end &&
        end <= MCTP_MAX) {
        len = end - f->queue[HEAD];
    }
    error = mctp_parse(f->emem + (len ? f->queue[HEAD] : 0), len, &rules,
                       &type, &cot);
    if (error == FSP_OK) {
        error = check_cot(s, &cot);
    }
    ending = nv_boot_ending(s, TIMER_FSP, "fsp-message", &error, type);
    if (ending == NV_ENDING_OPEN) {
        return;
    }
    trace_nvidia_gsp_fsp(s->tap.owner, len, type, error);
    f->queue[HEAD] = f->queue[TAIL];
    if (ending == NV_ENDING_DONE) {
        start_fmc(s, cot.args);
    } else if (error == FSP_OK) {
        return;
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: FSP: message of %u bytes, "
                      "type 0x%x: error 0x%x\n", len, type, error);
    }
    answer(s, type, error);
}

/* ---- FMC ---- */

static uint64_t get(const NvGsp *s, const uint8_t *buf, enum GspField field)
{
    return fw_get(&s->meta.field[field], buf);
}

static void put(const NvGsp *s, uint8_t *buf, enum GspField field,
                uint64_t value)
{
    fw_put(&s->meta.field[field], buf, value);
}

static bool in_system(uint64_t place)
{
    return place == SYSTEM_COHERENT || place == SYSTEM_NONCOHERENT;
}

/* Its parameters name the WPR metadata and the firmware's arguments. */
static NvBootError read_params(NvGsp *s, uint64_t *meta)
{
    uint8_t p[FW_STRUCT_MAX];

    if (pci_dma_read(PCI_DEVICE(s), s->fsp.args, p,
                     s->meta.struct_size[GSP_S_FMC]) != MEMTX_OK ||
        !in_system(get(s, p, GSP_F_FMC_META_PLACE)) ||
        get(s, p, GSP_F_FMC_META_BYTES) != s->meta.struct_size[GSP_S_WPR] ||
        get(s, p, GSP_F_FMC_FIRMWARE) != 1 ||
        !in_system(get(s, p, GSP_F_FMC_LIBOS_PLACE))) {
        return NV_BOOT_FMC_ARGS;
    }
    *meta = get(s, p, GSP_F_FMC_META);
    s->boot.libos = get(s, p, GSP_F_FMC_LIBOS);
    return NV_BOOT_OK;
}

/* Room for @size bytes below *@at, from a multiple of @align on. */
static bool below(uint64_t *at, uint64_t size, uint64_t align)
{
    if (size > *at) {
        return false;
    }
    *at = QEMU_ALIGN_DOWN(*at - size, align);
    return true;
}

/*
 * The driver gives sizes and no places (gh100.c: gh100_gsp_wpr_meta_init());
 * everything stands below FRTS, in the order that the other boot chain has.
 */
static bool make_layout(NvGsp *s, uint8_t *m)
{
    const NvBoot *b = &s->boot;
    uint64_t vga = get(s, m, GSP_F_WPR_VGA_BYTES);
    uint64_t at = b->frts_start;

    if (vga > s->fb_size ||
        !below(&at, get(s, m, GSP_F_WPR_LOADER_BYTES), PAGE)) {
        return false;
    }
    put(s, m, GSP_F_WPR_FW_LOADER, at);
    if (!below(&at, get(s, m, GSP_F_WPR_IMAGE_BYTES), IMAGE_ALIGN)) {
        return false;
    }
    put(s, m, GSP_F_WPR_FW, at);
    if (!below(&at, get(s, m, GSP_F_WPR_HEAP_BYTES), HEAP_ALIGN)) {
        return false;
    }
    put(s, m, GSP_F_WPR_HEAP, at);
    if (!below(&at, s->meta.struct_size[GSP_S_WPR], HEAP_ALIGN)) {
        return false;
    }
    put(s, m, GSP_F_WPR_START, at);
    if (!below(&at, get(s, m, GSP_F_WPR_FREE_HEAP_BYTES), PAGE)) {
        return false;
    }
    put(s, m, GSP_F_WPR_FREE_HEAP, at);
    put(s, m, GSP_F_WPR_RSVD_START, at);
    put(s, m, GSP_F_WPR_FRTS, b->frts_start);
    put(s, m, GSP_F_WPR_END, b->frts_start + b->frts_size);
    put(s, m, GSP_F_WPR_FB_BYTES, s->fb_size);
    put(s, m, GSP_F_WPR_VGA, s->fb_size - vga);
    return true;
}

static NvBootError prepare(NvGsp *s)
{
    uint8_t m[FW_STRUCT_MAX];
    uint64_t addr;
    NvBootError err = read_params(s, &addr);

    if (err != NV_BOOT_OK) {
        return err;
    }
    if (pci_dma_read(PCI_DEVICE(s), addr, m,
                     s->meta.struct_size[GSP_S_WPR]) != MEMTX_OK) {
        return NV_BOOT_META_ADDRESS;
    }
    if (!s->boot.frts_size ||
        get(s, m, GSP_F_WPR_FRTS_BYTES) != s->boot.frts_size) {
        return NV_BOOT_META_FRTS;
    }
    if (!make_layout(s, m)) {
        return NV_BOOT_META_LAYOUT;
    }
    err = nv_boot_layout(s, m);
    return err == NV_BOOT_OK ? nv_boot_protect(s, m) : err;
}

/* That it clears the mailboxes says that all is well. */
static void fmc_ends(NvGsp *s, uint32_t err)
{
    NvFalcon *gsp = &s->falcon[NV_FALCON_GSP];
    NvEnding ending = nv_boot_ending(s, TIMER_FMC, "fmc", &err,
                                     s->boot.image_size);

    if (ending == NV_ENDING_OPEN) {
        return;
    }
    nv_boot_report(s, "fmc", MIN(err, NV_BOOT_ERRORS - 1));
    s->fsp.fmc = NV_FMC_NONE;
    if (ending == NV_ENDING_DONE) {
        memset(gsp->mailbox, 0, sizeof(gsp->mailbox));
        nv_boot_start(s, s->boot.libos);
        return;
    }
    nv_boot_unload(s);
    if (err != NV_BOOT_OK) {
        gsp->mailbox[0] = err;
        gsp->mailbox[1] = 0;
    }
}

static void fmc_copies(NvGsp *s)
{
    if (!nv_boot_copy_slice(s)) {
        fmc_ends(s, NV_BOOT_RADIX3);
    } else if (s->boot.copied < s->boot.image_size) {
        fmc_step(s, NV_FMC_COPIES, s->persona[PERSONA_NS_COPY]);
    } else {
        fmc_ends(s, nv_boot_copy_loader(s) ? NV_BOOT_OK : NV_BOOT_LOADER);
    }
}

static void fmc_reads(NvGsp *s)
{
    NvBootError err = prepare(s);

    if (err != NV_BOOT_OK) {
        fmc_ends(s, err);
        return;
    }
    s->boot.stage = NV_STAGE_COPY;
    s->boot.copied = 0;
    fmc_step(s, NV_FMC_COPIES, s->persona[PERSONA_NS_COPY]);
}

void nv_fsp_expired(NvGsp *s, unsigned timer)
{
    if (timer == TIMER_FSP) {
        /* One that is not up has not seen the message, and never will. */
        if (nv_booted(s)) {
            take_message(s);
        }
        return;
    }
    switch (s->fsp.fmc) {
    case NV_FMC_HIDDEN:
        fmc_step(s, NV_FMC_READS, s->persona[PERSONA_NS_FALCON]);
        break;
    case NV_FMC_READS:
        fmc_reads(s);
        break;
    case NV_FMC_COPIES:
        fmc_copies(s);
        break;
    default:
        break;
    }
}

/* ---- registers ---- */

/* Where the port is; UINT32_MAX if there is no memory. */
static uint32_t port(NvFsp *f, uint32_t count)
{
    uint32_t at = FIELD_EX32(f->emem_control, FSP_EMEMC, OFFSET);

    if (f->emem_control & count) {
        f->emem_control = FIELD_DP32(f->emem_control, FSP_EMEMC, OFFSET,
                                     at + 1);
    }
    return at < MCTP_MAX / 4 ? at * 4 : UINT32_MAX;
}

bool nv_fsp_read(NvGsp *s, uint32_t off, uint32_t *value)
{
    NvFsp *f = &s->fsp;
    uint32_t at;

    switch (off) {
    case A_FSP_EMEMC:
        *value = f->emem_control;
        return true;
    case A_FSP_EMEMD:
        at = port(f, R_FSP_EMEMC_AINCR_MASK);
        *value = at == UINT32_MAX ? 0 : ldl_le_p(f->emem + at);
        return true;
    case A_FSP_QUEUE_HEAD:
        *value = f->queue[HEAD];
        return true;
    case A_FSP_QUEUE_TAIL:
        *value = f->queue[TAIL];
        return true;
    case A_FSP_MSGQ_HEAD:
        *value = f->answers[HEAD];
        return true;
    case A_FSP_MSGQ_TAIL:
        *value = f->answers[TAIL];
        return true;
    default:
        return false;
    }
}

bool nv_fsp_write(NvGsp *s, uint32_t off, uint32_t value)
{
    NvFsp *f = &s->fsp;
    uint32_t at;

    switch (off) {
    case A_FSP_EMEMC:
        f->emem_control = value;
        return true;
    case A_FSP_EMEMD:
        at = port(f, R_FSP_EMEMC_AINCW_MASK);
        if (at != UINT32_MAX) {
            stl_le_p(f->emem + at, value);
        }
        return true;
    case A_FSP_QUEUE_HEAD:
        /* The last thing that a driver writes. */
        f->queue[HEAD] = value;
        if (value != f->queue[TAIL]) {
            gpu_timers_set(&s->timers, TIMER_FSP, gpu_timers_now() +
                           coproc_jitter(&s->gsp,
                                         s->persona[PERSONA_NS_FSP]));
        }
        return true;
    case A_FSP_QUEUE_TAIL:
        f->queue[TAIL] = value;
        return true;
    case A_FSP_MSGQ_HEAD:
        f->answers[HEAD] = value;
        return true;
    case A_FSP_MSGQ_TAIL:
        f->answers[TAIL] = value;
        return true;
    default:
        return false;
    }
}

/* ---- life ---- */

void nv_fsp_reset(NvGsp *s)
{
    memset(&s->fsp, 0, sizeof(s->fsp));
}

void nv_fsp_gsp_reset(NvGsp *s)
{
    if (s->fsp.fmc != NV_FMC_NONE) {
        s->fsp.fmc = NV_FMC_NONE;
        gpu_timers_set(&s->timers, TIMER_FMC, GPU_TIMER_NEVER);
        nv_boot_unload(s);
    }
}

bool nv_fsp_check(const NvGsp *s)
{
    const NvFsp *f = &s->fsp;

    return f->fmc < NV_FMC_STEPS &&
           (f->fmc != NV_FMC_COPIES || s->boot.stage == NV_STAGE_COPY) &&
           (nv_fsp_present(s) || f->fmc == NV_FMC_NONE) &&
           s->boot.frts_start <= s->fb_size &&
           s->boot.frts_size <= s->fb_size - s->boot.frts_start;
}
