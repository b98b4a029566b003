/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: falcons. A driver resets one, loads code and data into it by
 * DMA or through its ports, starts it, and waits until it has halted. What the
 * program does is boot.c's.
 *
 * Followed from nouveau, nvkm/falcon/{base,gm200,gp102,ga102,fw}.c, and
 * nova-core, falcon.rs and falcon/hal/{tu102,ga102}.rs: Turing's drivers load
 * through the ports, all later ones by DMA.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"

#include "nvidia-gsp.h"
#include "trace.h"

/* HWCFG: memories in units of 256 bytes. HWCFG1: core 6, security 3. */
#define HWCFG ((NV_FALCON_MEMORY >> 8) | (NV_FALCON_MEMORY >> 8) << 9)
#define HWCFG1 0x00000036

/* Words of IRQMASK of the RISC-V core that firmware has on: SWGEN0. */
#define RISCV_IRQS R_FALCON_IRQSTAT_SWGEN0_MASK

const char *const nv_falcon_names[NV_FALCONS] = {
    [NV_FALCON_GSP] = "gsp",
    [NV_FALCON_SEC2] = "sec2",
};

static bool riscv_selected(const NvFalcon *f)
{
    return f->bcr_ctrl & R_RISCV_BCR_CTRL_RISCV_MASK;
}

/* The interrupt goes up, or is looked at again while it is up. */
static void evaluate(NvGsp *s, unsigned n)
{
    const NvFalcon *f = &s->falcon[n];

    if (n == NV_FALCON_GSP && nv_firmware_active(s) &&
        f->irqstat & RISCV_IRQS) {
        nv_intr_raise(s, s->persona[PERSONA_VECTOR_GSP], "gsp");
    }
}

/*
 * What is up already does not go up: a message that comes while the driver is
 * between its leaf and its status (nvkm/core/intr.c: nvkm_intr() resets the
 * leaf, then calls r535_gsp_intr()) is one that it will find. A second pulse
 * would find nothing to handle, and nouveau blocks a vector for that.
 */
void nv_falcon_raise(NvGsp *s, unsigned n, uint32_t bits)
{
    bool up = bits & ~s->falcon[n].irqstat;

    s->falcon[n].irqstat |= bits;
    if (up) {
        evaluate(s, n);
    }
}

/* ---- memory ---- */

/*
 * DMA through context @ctx. Only physical addresses of system memory are
 * served: there is no instance block that would give others a meaning.
 */
static bool dma_read(NvGsp *s, unsigned n, unsigned ctx, uint64_t addr,
                     void *buf, uint32_t len)
{
    const NvFalcon *f = &s->falcon[n];
    uint32_t cfg = f->transcfg[ctx];

    if (f->fbif_ctl & R_FALCON_FBIF_CTL_ALLOW_PHYSICAL_MASK &&
        cfg & R_FALCON_TRANSCFG_PHYSICAL_MASK &&
        FIELD_EX32(cfg, FALCON_TRANSCFG, TARGET) != 0 &&
        pci_dma_read(PCI_DEVICE(s), addr, buf, len) == MEMTX_OK) {
        return true;
    }
    trace_nvidia_gsp_falcon_dma_error(s->tap.owner, nv_falcon_names[n], addr);
    return false;
}

/* Code of @len bytes is at @at now, to be run at address @tag * 256. */
static void tag_code(NvFalcon *f, uint32_t at, uint32_t len, uint32_t tag,
                     bool secure)
{
    uint32_t i;

    f->loaded = true;
    for (i = at / NV_IMEM_BLOCK; i * NV_IMEM_BLOCK < at + len; i++) {
        f->imem_tag[i] = tag++;
        f->imem_flags[i] = NV_IMEM_VALID | (secure ? NV_IMEM_SECURE : 0);
    }
}

bool nv_falcon_secure(const NvFalcon *f, uint32_t from, uint32_t to)
{
    uint32_t i;

    for (i = from / NV_IMEM_BLOCK; i * NV_IMEM_BLOCK < to; i++) {
        if (!(f->imem_flags[i] & NV_IMEM_SECURE)) {
            return false;
        }
    }
    return true;
}

/* There is code at the address that the program starts at. */
static bool vector_valid(const NvFalcon *f)
{
    uint32_t i;

    for (i = 0; i < NV_IMEM_BLOCKS; i++) {
        if (f->imem_flags[i] & NV_IMEM_VALID &&
            f->imem_tag[i] == f->bootvec / NV_IMEM_BLOCK) {
            return true;
        }
    }
    return false;
}

bool nv_falcon_fetch(NvGsp *s, unsigned n, const VbiosLoad *l)
{
    NvFalcon *f = &s->falcon[n];

    if (!dma_read(s, n, l->ctx, l->code + l->open, f->imem + l->open,
                  l->open_size) ||
        !dma_read(s, n, l->ctx, l->code + l->secure, f->imem + l->secure,
                  l->secure_size) ||
        !dma_read(s, n, l->ctx, l->data, f->dmem, l->data_size)) {
        return false;
    }
    tag_code(f, l->open, l->open_size, l->open / NV_IMEM_BLOCK, false);
    tag_code(f, l->secure, l->secure_size, l->secure / NV_IMEM_BLOCK, true);
    return true;
}

/* One transfer, 4 to 512 bytes. */
static void transfer(NvGsp *s, unsigned n, uint32_t cmd)
{
    NvFalcon *f = &s->falcon[n];
    uint32_t len = 4u << FIELD_EX32(cmd, FALCON_DMATRFCMD, SIZE);
    uint64_t addr = ((uint64_t)f->trf_base1 << 32 | f->trf_base) << 8;
    bool imem = cmd & R_FALCON_DMATRFCMD_IMEM_MASK;
    uint8_t *to = imem ? f->imem : f->dmem;
    uint8_t buf[512];

    f->trf_cmd = cmd;
    addr += f->trf_fboffs;
    if (cmd & R_FALCON_DMATRFCMD_WRITE_MASK ||
        f->trf_moffs > NV_FALCON_MEMORY - len ||
        !dma_read(s, n, FIELD_EX32(cmd, FALCON_DMATRFCMD, CTXDMA), addr, buf,
                  len)) {
        qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: %s: transfer of %u bytes "
                      "from 0x%" PRIx64 " to 0x%x is not possible\n",
                      nv_falcon_names[n], len, addr, f->trf_moffs);
        return;
    }
    memcpy(to + f->trf_moffs, buf, len);
    if (imem) {
        tag_code(f, f->trf_moffs, len, f->trf_fboffs / NV_IMEM_BLOCK,
                 cmd & R_FALCON_DMATRFCMD_SECURE_MASK);
    }
}

/* Ports: an offset register that counts, and a data register. */
static uint32_t port_read(uint32_t *control, const uint8_t *memory)
{
    uint32_t at = FIELD_EX32(*control, FALCON_MEMC, OFFSET) &
                  (NV_FALCON_MEMORY - 4);

    if (*control & R_FALCON_MEMC_AINCR_MASK) {
        *control = FIELD_DP32(*control, FALCON_MEMC, OFFSET, at + 4);
    }
    return ldl_le_p(memory + at);
}

static void port_write(uint32_t *control, uint8_t *memory, uint32_t value)
{
    uint32_t at = FIELD_EX32(*control, FALCON_MEMC, OFFSET) &
                  (NV_FALCON_MEMORY - 4);

    if (*control & R_FALCON_MEMC_AINCW_MASK) {
        *control = FIELD_DP32(*control, FALCON_MEMC, OFFSET, at + 4);
    }
    stl_le_p(memory + at, value);
}

/* A block gets its tag with its first word. */
static void imem_write(NvFalcon *f, uint32_t value)
{
    uint32_t at = FIELD_EX32(f->imemc, FALCON_MEMC, OFFSET) &
                  (NV_FALCON_MEMORY - 4);

    if (at % NV_IMEM_BLOCK == 0) {
        tag_code(f, at, NV_IMEM_BLOCK, FIELD_EX32(f->imemt, FALCON_IMEMT, TAG),
                 f->imemc & R_FALCON_IMEMC_SECURE_MASK);
    }
    port_write(&f->imemc, f->imem, value);
}

/* ---- life ---- */

void nv_falcon_engine_reset(NvGsp *s, unsigned n)
{
    NvFalcon *f = &s->falcon[n];
    uint32_t mailbox[2] = { f->mailbox[0], f->mailbox[1] };

    gpu_timers_set(&s->timers, TIMER_FALCON + n, GPU_TIMER_NEVER);
    memset(f, 0, sizeof(*f));
    memcpy(f->mailbox, mailbox, sizeof(mailbox));
    f->bcr_ctrl = R_RISCV_BCR_CTRL_VALID_MASK;
    f->cpuctl = R_FALCON_CPUCTL_HALTED_MASK;
    if (n == NV_FALCON_GSP) {
        nv_boot_gsp_reset(s);
    } else {
        nv_boot_sec2_reset(s);
    }
}

static void start(NvGsp *s, unsigned n)
{
    NvFalcon *f = &s->falcon[n];

    trace_nvidia_gsp_falcon_start(s->tap.owner, nv_falcon_names[n],
                                  f->mailbox[0], f->mailbox[1]);
    if (f->started || riscv_selected(f)) {
        return;
    }
    f->started = true;
    f->cpuctl = 0;
    gpu_timers_set(&s->timers, TIMER_FALCON + n, gpu_timers_now() +
                   coproc_jitter(&s->gsp, s->persona[PERSONA_NS_FALCON]));
}

void nv_falcon_halt(NvGsp *s, unsigned n, uint32_t mailbox0)
{
    NvFalcon *f = &s->falcon[n];

    trace_nvidia_gsp_falcon_halt(s->tap.owner, nv_falcon_names[n], mailbox0);
    f->started = false;
    f->cpuctl = R_FALCON_CPUCTL_HALTED_MASK;
    f->mailbox[0] = mailbox0;
}

void nv_falcon_expired(NvGsp *s, unsigned n)
{
    NvFalcon *f = &s->falcon[n];

    if (!f->started) {
        return;
    }
    if (!f->loaded) {
        /* Nothing to run: nova does this to have the mailboxes latched. */
        nv_falcon_halt(s, n, f->mailbox[0]);
        return;
    }
    if (!vector_valid(f)) {
        nv_boot_report(s, nv_falcon_names[n], NV_BOOT_VECTOR);
        nv_falcon_halt(s, n, NV_BOOT_VECTOR);
        return;
    }
    nv_boot_run(s, n);
}

/* ---- registers ---- */

bool nv_falcon_read(NvGsp *s, unsigned n, uint32_t off, uint32_t *value)
{
    NvFalcon *f = &s->falcon[n];
    bool gsp = n == NV_FALCON_GSP;
    bool active = gsp && nv_firmware_active(s);

    if (gsp && s->fsp.fmc == NV_FMC_HIDDEN) {
        *value = FALCON_HIDDEN;
        return true;
    }
    switch (off) {
    case A_FALCON_IRQSTAT:
        *value = f->irqstat;
        return true;
    case A_FALCON_IRQMASK:
        *value = f->irqmask;
        return true;
    case A_FALCON_MAILBOX0:
    case A_FALCON_MAILBOX1:
        *value = f->mailbox[(off - A_FALCON_MAILBOX0) / 4];
        return true;
    case A_FALCON_ITFEN:
        *value = f->itfen;
        return true;
    case A_FALCON_OS:
        *value = f->os;
        return true;
    case A_FALCON_RM:
        *value = f->rm;
        return true;
    case A_FALCON_HWCFG2:
        *value = R_FALCON_HWCFG2_RESET_READY_MASK |
                 (gsp ? R_FALCON_HWCFG2_RISCV_MASK : 0) |
                 (gsp && s->fsp.fmc ? R_FALCON_HWCFG2_LOCKDOWN_MASK : 0);
        return true;
    case A_FALCON_CPUCTL:
        *value = f->cpuctl;
        return true;
    case A_FALCON_BOOTVEC:
        *value = f->bootvec;
        return true;
    case A_FALCON_HWCFG:
        *value = HWCFG;
        return true;
    case A_FALCON_HWCFG1:
        *value = HWCFG1;
        return true;
    case A_FALCON_DMACTL:
        *value = f->dmactl;
        return true;
    case A_FALCON_DMATRFBASE:
        *value = f->trf_base;
        return true;
    case A_FALCON_DMATRFBASE1:
        *value = f->trf_base1;
        return true;
    case A_FALCON_DMATRFMOFFS:
        *value = f->trf_moffs;
        return true;
    case A_FALCON_DMATRFFBOFFS:
        *value = f->trf_fboffs;
        return true;
    case A_FALCON_DMATRFCMD:
        /* Transfers are done when the write is. */
        *value = f->trf_cmd | R_FALCON_DMATRFCMD_IDLE_MASK;
        return true;
    case A_FALCON_IMEMC:
        *value = f->imemc;
        return true;
    case A_FALCON_IMEMD:
        *value = port_read(&f->imemc, f->imem);
        return true;
    case A_FALCON_IMEMT:
        *value = f->imemt;
        return true;
    case A_FALCON_DMEMC:
        *value = f->dmemc;
        return true;
    case A_FALCON_DMEMD:
        *value = port_read(&f->dmemc, f->dmem);
        return true;
    case A_FALCON_ENGINE:
        *value = f->engine;
        return true;
    case A_FALCON_TRANSCFG ... A_FALCON_TRANSCFG + 7 * 4:
        *value = f->transcfg[(off - A_FALCON_TRANSCFG) / 4];
        return true;
    case A_FALCON_FBIF_CTL:
        *value = f->fbif_ctl;
        return true;
    case A_FALCON_MOD_SEL:
        *value = f->mod_sel;
        return true;
    case A_FALCON_UCODE_ID:
        *value = f->ucode_id;
        return true;
    case A_FALCON_ENGINE_ID:
        *value = f->engine_id;
        return true;
    case A_FALCON_PARAADDR:
        *value = f->paraaddr;
        return true;
    case A_RISCV_BCR_CTRL:
        *value = f->bcr_ctrl;
        return true;
    case A_FALCON_IRQSSET:
    case A_FALCON_IRQSCLR:
    case A_FALCON_IRQMSET:
    case A_FALCON_IRQMCLR:
    case A_FALCON_CPUCTL_ALIAS:
    case A_FALCON_RETRIGGER:
    case A_FALCON_QUEUE_HEAD:
    case A_FALCON_DEBUG:
        *value = 0;
        return true;
    default:
        break;
    }
    /* Registers whose place differs between chips. */
    if (off == s->persona[PERSONA_REG_RISCV]) {
        *value = s->persona[active || (gsp && s->fsp.fmc)
                            ? PERSONA_RISCV_ACTIVE : PERSONA_RISCV_HALTED];
        return true;
    }
    if (off == s->persona[PERSONA_REG_RISCV_IRQMASK]) {
        *value = active ? RISCV_IRQS : 0;
        return true;
    }
    return false;
}

bool nv_falcon_write(NvGsp *s, unsigned n, uint32_t off, uint32_t value)
{
    NvFalcon *f = &s->falcon[n];

    if (n == NV_FALCON_GSP && s->fsp.fmc == NV_FMC_HIDDEN) {
        return true;
    }
    switch (off) {
    case A_FALCON_IRQSSET:
        nv_falcon_raise(s, n, value);
        return true;
    case A_FALCON_IRQSCLR:
        f->irqstat &= ~value;
        return true;
    case A_FALCON_IRQMSET:
        f->irqmask |= value;
        return true;
    case A_FALCON_IRQMCLR:
        f->irqmask &= ~value;
        return true;
    case A_FALCON_RETRIGGER:
        evaluate(s, n);
        return true;
    case A_FALCON_MAILBOX0:
    case A_FALCON_MAILBOX1:
        f->mailbox[(off - A_FALCON_MAILBOX0) / 4] = value;
        return true;
    case A_FALCON_ITFEN:
        f->itfen = value;
        return true;
    case A_FALCON_OS:
        f->os = value;
        return true;
    case A_FALCON_RM:
        f->rm = value;
        return true;
    case A_FALCON_CPUCTL:
    case A_FALCON_CPUCTL_ALIAS:
        if (value & R_FALCON_CPUCTL_START_MASK) {
            start(s, n);
        }
        return true;
    case A_FALCON_BOOTVEC:
        f->bootvec = value;
        return true;
    case A_FALCON_DMACTL:
        /* Scrubbing is done at once. */
        f->dmactl = value & 1;
        return true;
    case A_FALCON_DMATRFBASE:
        f->trf_base = value;
        return true;
    case A_FALCON_DMATRFBASE1:
        f->trf_base1 = value & 0x1ff;
        return true;
    case A_FALCON_DMATRFMOFFS:
        f->trf_moffs = value & 0xffffff;
        return true;
    case A_FALCON_DMATRFFBOFFS:
        f->trf_fboffs = value;
        return true;
    case A_FALCON_DMATRFCMD:
        transfer(s, n, value);
        return true;
    case A_FALCON_IMEMC:
        f->imemc = value;
        return true;
    case A_FALCON_IMEMD:
        imem_write(f, value);
        return true;
    case A_FALCON_IMEMT:
        f->imemt = value;
        return true;
    case A_FALCON_DMEMC:
        f->dmemc = value;
        return true;
    case A_FALCON_DMEMD:
        port_write(&f->dmemc, f->dmem, value);
        return true;
    case A_FALCON_ENGINE:
        if (f->engine & 1 && !(value & 1)) {
            nv_falcon_engine_reset(s, n);
        }
        f->engine = value & 1;
        return true;
    case A_FALCON_TRANSCFG ... A_FALCON_TRANSCFG + 7 * 4:
        f->transcfg[(off - A_FALCON_TRANSCFG) / 4] = value;
        return true;
    case A_FALCON_FBIF_CTL:
        f->fbif_ctl = value;
        return true;
    case A_FALCON_MOD_SEL:
        f->mod_sel = value;
        return true;
    case A_FALCON_UCODE_ID:
        f->ucode_id = value;
        return true;
    case A_FALCON_ENGINE_ID:
        f->engine_id = value;
        return true;
    case A_FALCON_PARAADDR:
        f->paraaddr = value;
        return true;
    case A_RISCV_BCR_CTRL:
        f->bcr_ctrl = (value & (R_RISCV_BCR_CTRL_RISCV_MASK |
                                R_RISCV_BCR_CTRL_BRFETCH_MASK)) |
                      R_RISCV_BCR_CTRL_VALID_MASK;
        return true;
    case A_FALCON_QUEUE_HEAD:
        if (n == NV_FALCON_GSP) {
            nv_firmware_doorbell(s, 0);
        }
        return true;
    default:
        return false;
    }
}

void nv_falcon_reset(NvGsp *s)
{
    unsigned n;

    for (n = 0; n < NV_FALCONS; n++) {
        memset(s->falcon[n].mailbox, 0, sizeof(s->falcon[n].mailbox));
        nv_falcon_engine_reset(s, n);
    }
}

bool nv_falcon_check(const NvGsp *s)
{
    unsigned n;

    for (n = 0; n < NV_FALCONS; n++) {
        if (s->falcon[n].trf_base1 > 0x1ff) {
            return false;
        }
    }
    return true;
}
