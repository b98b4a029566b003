/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/units.h"

#include "nv.h"

#define MS 1000000

/* Slot 4 of the root bus: its INTx is the first of the machine's four. */
#define SLOT "0x4"
#define ECAM (0x3f000000ull + (4 << 15))
#define INTX 3

#define PCI_COMMAND 0x04
#define PCI_COMMAND_ON 6            /* memory, bus master */
#define PCI_BAR(n) (0x10 + 4 * (n))
#define PCI_POWER 0x64

/* Shared memory of a machine whose CPU runs, below all other pages. */
#define LIVE_SHARED 0x42000000ull

#define DMA_CONTEXT 3

/* dmemmapper.init_cmd, and the command behind it (fwsec.c). */
#define COMMAND_AT (VBIOS_DMEM_MAPPER + 44)
#define REGION_AT (VBIOS_DMEM_COMMAND + 24)

/* gsp_fw_wpr_meta.h */
#define WPR_MAGIC 0xdc3aae21371a60b3ull

/* What the stub's heap takes; outside of the region, and for VGA. */
#define HEAP_SIZE (8 * MiB)
#define FREE_HEAP_SIZE (1 * MiB)
#define VGA_SIZE (1 * MiB)

uint32_t nv_config(Nv *nv, uint32_t off)
{
    return qtest_readl(nv->b->qts, ECAM + off);
}

void nv_config_write(Nv *nv, uint32_t off, uint32_t value)
{
    qtest_writel(nv->b->qts, ECAM + off, value);
}

void nv_power_cycle(Nv *nv)
{
    nv_config_write(nv, PCI_POWER, nv_config(nv, PCI_POWER) | 3);
    nv_config_write(nv, PCI_POWER, nv_config(nv, PCI_POWER) & ~3u);
}

/* ---- host's way to the machine ---- */

static void read_bus(void *opaque, uint64_t addr, void *buf, uint32_t len)
{
    qtest_bufread(((Nv *)opaque)->b->qts, addr, buf, len);
}

static void write_bus(void *opaque, uint64_t addr, const void *buf,
                      uint32_t len)
{
    qtest_bufwrite(((Nv *)opaque)->b->qts, addr, buf, len);
}

static bool has_message(void *opaque)
{
    Nv *nv = opaque;

    if (!nv->b->live) {
        return gpu_line(nv->g, 0);
    }
    return host_word(&nv->host, GSP_F_TX_WRITE,
                     host_at(&nv->host, HOST_STAT)) !=
           host_word(&nv->host, GSP_F_RX_READ,
                     host_at(&nv->host, HOST_CMD) + HOST_RX);
}

void nv_ack(Nv *nv)
{
    gpu_write(nv->g, A_INTR_LEAF + NV_VECTOR / 32 * 4, 1u << NV_VECTOR % 32);
    gpu_write(nv->g, NV_GSP(IRQSCLR), R_FALCON_IRQSTAT_SWGEN0_MASK);
}

void nv_wait(Nv *nv)
{
    g_assert_cmpint(box_until(nv->b, 1000 * MS, has_message, nv), >=, 0);
    nv_ack(nv);
}

static void ring(void *opaque)
{
    Nv *nv = opaque;

    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    nv_wait(nv);
}

static const HostOps host_ops = {
    .read = read_bus, .write = write_bus, .ring = ring,
};

/* ---- the machine ---- */

static Nv *new_nv(const char *abi, Box *b)
{
    g_autofree char *path = g_strdup_printf("%s/gpumbox/%s.dtb",
                                            g_getenv("GPUMBOX_DATA"), abi);
    g_autofree char *profile = NULL;
    Nv *nv = g_new0(Nv, 1);
    unsigned i;
    gsize size;

    nv->b = b;
    nv->g = &b->gpu[0];
    *nv->g = (Gpu) {
        .box = b, .path = "/machine/peripheral/gpu0", .base = NV_BAR0,
        .irq = INTX,
    };
    b->nr = 1;
    nv_config_write(nv, PCI_BAR(0), NV_BAR0);
    nv_config_write(nv, PCI_BAR(1), NV_BAR1);
    nv_config_write(nv, PCI_BAR(3), NV_BAR2);
    nv_config_write(nv, PCI_COMMAND, PCI_COMMAND_ON);
    if (!g_file_get_contents(path, &profile, &size, NULL)) {
        g_error("%s is not there", path);
    }
    host_init(&nv->host, &host_ops, nv, profile, size);
    for (i = 0; i < HOST_PAGES; i++) {
        /* A program that runs has rings in one piece, as drivers have. */
        nv->host.page[i] = b->live ? LIVE_SHARED + i * NV_PAGE : box_page(b);
    }
    nv->libos = box_page(b);
    nv->args = box_page(b);
    nv->meta = box_page(b);
    return nv;
}

static char *device(const char *abi, const char *options, const char *extra)
{
    return g_strdup_printf("-machine highmem-ecam=off -device nvidia-gsp,"
                           "id=gpu0,addr=" SLOT ",abi=%s%s %s", abi, options,
                           extra);
}

Nv *nv_new(const char *abi, const char *options)
{
    g_autofree char *args = device(abi, options, "");

    return new_nv(abi, box_new(0, "", args));
}

Nv *nv_new_live(const char *abi, const char *extra)
{
    g_autofree char *args = device(abi, "", extra);

    return new_nv(abi, box_new_live(0, "", args));
}

static void image_free(NvImage *image)
{
    g_free(image->page);
    *image = (NvImage) { 0 };
}

void nv_free(Nv *nv)
{
    image_free(&nv->fw);
    image_free(&nv->saved);
    box_free(nv->b);
    g_free(nv);
}

/* ---- memory ---- */

/* The part that PRAMIN shows at once. */
static uint32_t window(Nv *nv, uint64_t fb, uint32_t len)
{
    gpu_write(nv->g, NV_PRAMIN_BASE, fb >> 16);
    return MIN(len, PRAMIN_SIZE - (fb & 0xffff));
}

void nv_fb_write(Nv *nv, uint64_t fb, const void *buf, uint32_t len)
{
    const uint8_t *p = buf;
    uint32_t n;

    for (; len; fb += n, p += n, len -= n) {
        n = window(nv, fb, len);
        qtest_bufwrite(nv->b->qts, NV_BAR0 + PRAMIN_WINDOW + (fb & 0xffff), p,
                       n);
    }
}

void nv_fb_read(Nv *nv, uint64_t fb, void *buf, uint32_t len)
{
    uint8_t *p = buf;
    uint32_t n;

    for (; len; fb += n, p += n, len -= n) {
        n = window(nv, fb, len);
        qtest_bufread(nv->b->qts, NV_BAR0 + PRAMIN_WINDOW + (fb & 0xffff), p,
                      n);
    }
}

/* A page of addresses for 512 of @page each, and so on, up to one. */
static uint64_t table(Nv *nv, const uint64_t *page, unsigned nr,
                      unsigned levels)
{
    unsigned tables = DIV_ROUND_UP(nr, 512);
    g_autofree uint64_t *up = g_new(uint64_t, tables);
    unsigned i;

    for (i = 0; i < tables; i++) {
        unsigned n = MIN(512, nr - i * 512);

        up[i] = box_page(nv->b);
        qtest_bufwrite(nv->b->qts, up[i], page + i * 512, n * 8);
    }
    if (levels > 1) {
        return table(nv, up, tables, levels - 1);
    }
    g_assert_cmpuint(tables, ==, 1);
    return up[0];
}

NvImage nv_image(Nv *nv, const void *bytes, uint64_t len)
{
    NvImage image = { .nr = DIV_ROUND_UP(len, NV_PAGE) };
    const uint8_t *p = bytes;
    unsigned i;

    image.page = g_new(uint64_t, image.nr);
    for (i = 0; i < image.nr; i++) {
        image.page[i] = box_page(nv->b);
        if (p) {
            qtest_bufwrite(nv->b->qts, image.page[i], p + i * NV_PAGE,
                           MIN(NV_PAGE, len - i * NV_PAGE));
        }
    }
    image.root = table(nv, image.page, image.nr, 3);
    return image;
}

void nv_image_write(Nv *nv, const NvImage *image, uint64_t off,
                    const void *bytes, uint32_t len)
{
    g_assert_cmpuint(off % NV_PAGE + len, <=, NV_PAGE);
    g_assert_cmpuint(off / NV_PAGE, <, image->nr);
    qtest_bufwrite(nv->b->qts, image->page[off / NV_PAGE] + off % NV_PAGE,
                   bytes, len);
}

/* ---- falcons ---- */

/* BIT's token 'p' leads to the table, that to the descriptor: fwsec.c. */
static uint32_t descriptor(const uint8_t *rom)
{
    const uint8_t *bit = memmem(rom, VBIOS_SIZE, "\xff\xb8" "BIT", 5);
    const uint8_t *token;
    unsigned i;

    g_assert_nonnull(bit);
    token = bit + bit[8];
    for (i = 0; i < bit[10]; i++, token += bit[9]) {
        if (token[0] == 'p') {
            uint32_t at = ldl_le_p(rom + lduw_le_p(token + 4));

            return ldl_le_p(rom + at + rom[at + 1] + 2);
        }
    }
    g_assert_not_reached();
}

void nv_fwsec(Nv *nv, NvProgram *p, uint32_t command)
{
    uint8_t rom[VBIOS_SIZE];
    const uint8_t *d, *code;

    qtest_bufread(nv->b->qts, NV_BAR0 + PROM_WINDOW, rom, sizeof(rom));
    d = rom + descriptor(rom);
    g_assert_cmpuint(d[1], ==, 3);
    code = d + lduw_le_p(d + 2);
    *p = (NvProgram) {
        .code_size = ldl_le_p(d + 0x14),
        .data_size = ldl_le_p(d + 0x20),
        .signature = ldl_le_p(d + 0x08),
        .engine = lduw_le_p(d + 0x24),
        .ucode = d[0x26],
    };
    memcpy(p->code, code, p->code_size);
    memcpy(p->data, code + p->code_size, p->data_size);
    memcpy(p->data + p->signature, code - VBIOS_SIGNATURE, VBIOS_SIGNATURE);
    stl_le_p(p->data + COMMAND_AT, command);
    stl_le_p(p->data + VBIOS_DMEM_COMMAND, 1);
    stl_le_p(p->data + VBIOS_DMEM_COMMAND + 4, 24);
}

void nv_fwsec_region(NvProgram *p, uint64_t start, uint64_t size)
{
    stl_le_p(p->data + REGION_AT, 1);
    stl_le_p(p->data + REGION_AT + 4, 20);
    stl_le_p(p->data + REGION_AT + 8, start >> 12);
    stl_le_p(p->data + REGION_AT + 12, size >> 12);
    stl_le_p(p->data + REGION_AT + 16, 2);
}

void nv_booter(NvProgram *p)
{
    *p = (NvProgram) {
        .code_size = 512, .data_size = 1024, .ucode = 3, .engine = 1,
        .signature = 256,
    };
    memset(p->code, 0xc0, p->code_size);
    memset(p->data, 0xda, p->data_size);
}

void nv_transfer(Nv *nv, uint32_t base, uint32_t to, uint32_t from,
                 uint32_t flags)
{
    flags = FIELD_DP32(flags, FALCON_DMATRFCMD, SIZE, 6);   /* 4 << 6 bytes */
    flags = FIELD_DP32(flags, FALCON_DMATRFCMD, CTXDMA, DMA_CONTEXT);
    gpu_write(nv->g, base + A_FALCON_DMATRFMOFFS, to);
    gpu_write(nv->g, base + A_FALCON_DMATRFFBOFFS, from);
    gpu_write(nv->g, base + A_FALCON_DMATRFCMD, flags);
    g_assert_cmphex(gpu_read(nv->g, base + A_FALCON_DMATRFCMD) &
                    R_FALCON_DMATRFCMD_IDLE_MASK, !=, 0);
}

/* Code and data in one page, the code first: gm200.c, ga102.c. */
void nv_load(Nv *nv, uint32_t base, const NvProgram *p)
{
    uint64_t page = box_page(nv->b);
    uint32_t at;

    g_assert_cmpuint(p->code_size + p->data_size, <=, NV_PAGE);
    qtest_bufwrite(nv->b->qts, page, p->code, p->code_size);
    qtest_bufwrite(nv->b->qts, page + p->code_size, p->data, p->data_size);
    gpu_write(nv->g, base + A_FALCON_ENGINE, 1);
    gpu_write(nv->g, base + A_FALCON_ENGINE, 0);
    gpu_write(nv->g, base + A_FALCON_FBIF_CTL,
              R_FALCON_FBIF_CTL_ALLOW_PHYSICAL_MASK);
    gpu_write(nv->g, base + A_FALCON_TRANSCFG + DMA_CONTEXT * 4,
              R_FALCON_TRANSCFG_PHYSICAL_MASK | 1);
    gpu_write(nv->g, base + A_FALCON_DMATRFBASE, page >> 8);
    gpu_write(nv->g, base + A_FALCON_DMATRFBASE1, page >> 40);
    for (at = 0; at < p->code_size; at += 256) {
        nv_transfer(nv, base, at, at, R_FALCON_DMATRFCMD_IMEM_MASK |
                    R_FALCON_DMATRFCMD_SECURE_MASK);
    }
    for (at = 0; at < p->data_size; at += 256) {
        nv_transfer(nv, base, at, p->code_size + at, 0);
    }
    gpu_write(nv->g, base + A_FALCON_PARAADDR, p->signature);
    gpu_write(nv->g, base + A_FALCON_ENGINE_ID, p->engine);
    gpu_write(nv->g, base + A_FALCON_UCODE_ID, p->ucode);
    gpu_write(nv->g, base + A_FALCON_MOD_SEL, 1);
    gpu_write(nv->g, base + A_FALCON_BOOTVEC, 0);
}

void nv_start(Nv *nv, uint32_t base, uint64_t mailbox)
{
    gpu_write(nv->g, base + A_FALCON_MAILBOX0, mailbox);
    gpu_write(nv->g, base + A_FALCON_MAILBOX1, mailbox >> 32);
    gpu_write(nv->g, base + A_FALCON_CPUCTL, R_FALCON_CPUCTL_START_MASK);
}

uint32_t nv_halted(Nv *nv, uint32_t base)
{
    g_assert_cmpint(gpu_poll(nv->g, base + A_FALCON_CPUCTL,
                             R_FALCON_CPUCTL_HALTED_MASK,
                             R_FALCON_CPUCTL_HALTED_MASK, 100 * MS), >, 0);
    return gpu_read(nv->g, base + A_FALCON_MAILBOX0);
}

uint32_t nv_run(Nv *nv, uint32_t base, uint64_t mailbox)
{
    nv_start(nv, base, mailbox);
    return nv_halted(nv, base);
}

/* ---- the boot chain ---- */

static uint64_t frts_start(void)
{
    return NV_FB_SIZE - VGA_SIZE - NV_FRTS_SIZE;
}

void nv_frts(Nv *nv)
{
    NvProgram p;

    nv_fwsec(nv, &p, VBIOS_COMMAND_FRTS);
    nv_fwsec_region(&p, frts_start(), NV_FRTS_SIZE);
    nv_load(nv, FALCON_GSP, &p);
    g_assert_cmphex(nv_run(nv, FALCON_GSP, 0), ==, 0);
    g_assert_cmphex(gpu_read(nv->g, A_SCRATCH_FRTS) >> 16, ==, 0);
}

uint32_t nv_wpr2(Nv *nv)
{
    return gpu_read(nv->g, A_WPR2_HI);
}

/* GSP_BOOT_MAGIC, format, where the profile is, its bytes: tools/nvimage.c. */
static void make_firmware(Nv *nv, uint32_t size)
{
    g_autofree char *path = g_strdup_printf("%s/gpumbox/%s.dtb",
                                            g_getenv("GPUMBOX_DATA"),
                                            nv->host.layout.name);
    g_autofree char *profile = NULL;
    g_autofree uint8_t *image = NULL;
    gsize bytes;

    g_assert_true(g_file_get_contents(path, &profile, &bytes, NULL));
    size = MAX(size, NV_PAGE + bytes);
    image = g_malloc0(size);
    stl_le_p(image, GSP_BOOT_MAGIC);
    stl_le_p(image + 4, GSP_BOOT_FORMAT);
    stl_le_p(image + 8, size - bytes);
    stl_le_p(image + 12, bytes);
    memcpy(image + size - bytes, profile, bytes);
    nv->fw = nv_image(nv, image, size);
    nv_poke(nv, nv->meta, GSP_F_WPR_IMAGE, nv->fw.root);
    nv_poke(nv, nv->meta, GSP_F_WPR_IMAGE_BYTES, size);
}

void nv_poke(Nv *nv, uint64_t addr, unsigned field, uint64_t value)
{
    FwField one = nv->host.layout.field[field];
    uint8_t buf[8];

    addr += one.offset;
    one.offset = 0;
    qtest_bufread(nv->b->qts, addr, buf, one.size);
    fw_put(&one, buf, value);
    qtest_bufwrite(nv->b->qts, addr, buf, one.size);
}

/* From the end of memory on down: r535/gsp.c: r535_gsp_oneinit(). */
void nv_layout(Nv *nv, uint32_t size)
{
    uint64_t meta = nv->meta, loader, image, heap;

    make_firmware(nv, size);
    loader = frts_start() - NV_PAGE;
    image = QEMU_ALIGN_DOWN(loader - (uint64_t)nv->fw.nr * NV_PAGE, 64 * KiB);
    heap = QEMU_ALIGN_DOWN(image - HEAP_SIZE, MiB);
    nv->wpr = heap - MiB;
    nv->wpr_size = frts_start() + NV_FRTS_SIZE - nv->wpr;
    nv_poke(nv, meta, GSP_F_WPR_MAGIC, WPR_MAGIC);
    nv_poke(nv, meta, GSP_F_WPR_REVISION, 1);
    nv_poke(nv, meta, GSP_F_WPR_LOADER, box_page(nv->b));
    nv_poke(nv, meta, GSP_F_WPR_LOADER_BYTES, NV_PAGE);
    nv_poke(nv, meta, GSP_F_WPR_SIGNATURE, box_page(nv->b));
    nv_poke(nv, meta, GSP_F_WPR_SIGNATURE_BYTES, NV_PAGE);
    nv_poke(nv, meta, GSP_F_WPR_RSVD_START, nv->wpr - FREE_HEAP_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_FREE_HEAP, nv->wpr - FREE_HEAP_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_FREE_HEAP_BYTES, FREE_HEAP_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_START, nv->wpr);
    nv_poke(nv, meta, GSP_F_WPR_HEAP, heap);
    nv_poke(nv, meta, GSP_F_WPR_HEAP_BYTES, HEAP_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_FW, image);
    nv_poke(nv, meta, GSP_F_WPR_FW_LOADER, loader);
    nv_poke(nv, meta, GSP_F_WPR_FRTS, frts_start());
    nv_poke(nv, meta, GSP_F_WPR_FRTS_BYTES, NV_FRTS_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_END, nv->wpr + nv->wpr_size);
    nv_poke(nv, meta, GSP_F_WPR_FB_BYTES, NV_FB_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_VGA, NV_FB_SIZE - VGA_SIZE);
    nv_poke(nv, meta, GSP_F_WPR_VGA_BYTES, VGA_SIZE);
}

void nv_start_booter(Nv *nv, uint64_t mailbox)
{
    NvProgram p;

    nv_booter(&p);
    nv_load(nv, FALCON_SEC2, &p);
    nv_start(nv, FALCON_SEC2, mailbox);
}

static uint32_t run_booter(Nv *nv, uint64_t mailbox)
{
    nv_start_booter(nv, mailbox);
    return nv_halted(nv, FALCON_SEC2);
}

/* Booter starts a GSP that finds its arguments in its own mailboxes. */
uint32_t nv_boot(Nv *nv, uint64_t meta)
{
    gpu_write(nv->g, NV_GSP(ENGINE), 1);
    gpu_write(nv->g, NV_GSP(ENGINE), 0);
    gpu_write(nv->g, NV_GSP(MAILBOX0), nv->libos);
    gpu_write(nv->g, NV_GSP(MAILBOX1), nv->libos >> 32);
    return run_booter(nv, meta);
}

bool nv_active(Nv *nv)
{
    return gpu_read(nv->g, A_BOOT_STAGE_3) != 0;
}

void nv_interrupt_on(Nv *nv)
{
    unsigned leaf = NV_VECTOR / 32;

    gpu_write(nv->g, A_INTR_LEAF_SET + leaf * 4, 1u << NV_VECTOR % 32);
    gpu_write(nv->g, A_INTR_TOP_SET, 1u << leaf / 2);
}

void nv_prepare(Nv *nv)
{
    nv_interrupt_on(nv);
    host_arguments(&nv->host, nv->libos, nv->args, false);
    nv_frts(nv);
}

void nv_up(Nv *nv)
{
    Host *h = &nv->host;

    if (!nv->fw.nr) {
        nv_layout(nv, 0);
    }
    nv_prepare(nv);
    host_hello(h);
    g_assert_cmphex(nv_boot(nv, nv->meta), ==, 0);
    nv_wait(nv);
    host_expect(h, HOST_NUMBER(h, EVENT_SEQUENCER));
    host_expect(h, HOST_NUMBER(h, EVENT_INIT_DONE));
    g_assert_cmpuint(host_take(h), ==, 0);
}

void nv_goodbye(Nv *nv, bool sleep)
{
    Host *h = &nv->host;
    uint8_t bye[FW_STRUCT_MAX] = { 0 };

    HOST_PUT(h, UNLOAD_IN_PM, bye, sleep);
    HOST_PUT(h, UNLOAD_LEVEL, bye, sleep ? 3 : 0);
    host_send(h, HOST_NUMBER(h, RPC_UNLOAD), bye, HOST_SIZE(h, UNLOAD));
    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    nv_wait(nv);
    host_expect(h, HOST_NUMBER(h, RPC_UNLOAD));
    g_assert_cmpuint(h->reply_length, ==, 0);
    g_assert_cmphex(h->reply_result, ==, 0);
    g_assert_cmpint(gpu_poll(nv->g, NV_GSP(MAILBOX0), NV_SUSPENDED,
                             NV_SUSPENDED, 100 * MS), >, 0);
}

uint32_t nv_unload(Nv *nv)
{
    return run_booter(nv, 0xff000000ffull);
}

void nv_save_to(Nv *nv)
{
    nv->sr = box_page(nv->b);
    nv->saved = nv_image(nv, NULL, nv->wpr_size);
    nv_poke(nv, nv->sr, GSP_F_SR_MAGIC, NV_SR_MAGIC);
    nv_poke(nv, nv->sr, GSP_F_SR_REVISION, NV_SR_REVISION);
    nv_poke(nv, nv->sr, GSP_F_SR_DATA, nv->saved.root);
    nv_poke(nv, nv->sr, GSP_F_SR_DATA_BYTES, nv->wpr_size);
}

uint32_t nv_suspend(Nv *nv)
{
    return run_booter(nv, nv->sr);
}

uint32_t nv_resume(Nv *nv)
{
    nv_interrupt_on(nv);
    host_arguments(&nv->host, nv->libos, nv->args, true);
    return nv_boot(nv, nv->sr);
}

void nv_snapshot(Nv *nv)
{
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/state", dir);
    g_autofree char *error = NULL;

    box_save(nv->b, path);
    error = box_load(nv->b, path);
    g_assert_cmpstr(error, ==, NULL);
    unlink(path);
    rmdir(dir);
}
