/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: what booter does around a suspend.
 *
 * Called with the address of suspend metadata while there is a protected
 * region, it copies the region to the system memory that they describe, seals
 * what it has copied and takes the region away; called with it while there is
 * none, it puts all that back, if the seal is right. In between the GPU may have
 * been without power. Where the region was says the WPR metadata in its first
 * page.
 *
 * Followed from nouveau, nvkm/subdev/gsp/{tu102,rm/r535/gsp}.c: tu102_gsp_fini(),
 * tu102_gsp_init(), r535_gsp_fini(); GspFwSRMeta says what is hashed. Its
 * layout comes from the ABI profile; what the seal is made of is ours.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"

#include "nvidia-gsp.h"

/* gsp_fw_sr_meta.h: GSP_FW_SR_META_MAGIC, _REVISION */
#define SR_MAGIC 0x8a3bb9e6c6c39d93ull
#define SR_REVISION 2

/* What no host knows; on hardware a secret of the chip. */
#define SEAL_KEY "gpumbox booter"

#define PAGE 4096u

/* Far more than a protected region has; the radix3 table ends at 1 GiB. */
#define SAVE_MAX (1ull << 30)

static uint64_t sr(const NvGsp *s, const uint8_t *m, enum GspField field)
{
    return fw_get(&s->meta.field[field], m);
}

static bool load(NvGsp *s, uint64_t addr, uint8_t *m)
{
    return pci_dma_read(PCI_DEVICE(s), addr, m,
                        s->meta.struct_size[GSP_S_SR]) == MEMTX_OK;
}

bool nv_sr_meta_at(NvGsp *s, uint64_t addr)
{
    uint8_t m[FW_STRUCT_MAX];

    return load(s, addr, m) && sr(s, m, GSP_F_SR_MAGIC) == SR_MAGIC;
}

static NvBootError begin(NvGsp *s, uint64_t addr, uint8_t *m)
{
    NvBoot *b = &s->boot;

    if (!load(s, addr, m) || sr(s, m, GSP_F_SR_REVISION) != SR_REVISION) {
        return NV_BOOT_SR_META;
    }
    b->sr_meta = addr;
    b->saved = sr(s, m, GSP_F_SR_DATA);
    b->saved_size = sr(s, m, GSP_F_SR_DATA_BYTES);
    b->copied = 0;
    memset(b->digest, 0, sizeof(b->digest));
    if (!b->saved_size || b->saved_size % PAGE || b->saved_size > SAVE_MAX) {
        return NV_BOOT_SR_META;
    }
    return NV_BOOT_OK;
}

/* The seal's bytes in the metadata. */
static uint8_t *seal_in(const NvGsp *s, uint8_t *m)
{
    return m + s->meta.field[GSP_F_SR_SEAL].offset;
}

/* Of the metadata without it, and of all that was copied. */
static void make_seal(const NvGsp *s, uint8_t *m, uint8_t seal[NV_DIGEST])
{
    GHmac *h = g_hmac_new(G_CHECKSUM_SHA256, (const guchar *)SEAL_KEY,
                          sizeof(SEAL_KEY));
    gsize len = NV_DIGEST;

    memset(seal_in(s, m), 0, NV_DIGEST);
    g_hmac_update(h, m, s->meta.struct_size[GSP_S_SR]);
    g_hmac_update(h, s->boot.digest, NV_DIGEST);
    g_hmac_get_digest(h, seal, &len);
    g_hmac_unref(h);
}

NvBootError nv_sr_save(NvGsp *s, uint64_t addr)
{
    uint8_t m[FW_STRUCT_MAX];
    NvBootError err = begin(s, addr, m);

    if (err == NV_BOOT_OK &&
        s->boot.saved_size != s->boot.wpr2_end - s->boot.wpr2_start) {
        err = NV_BOOT_SR_META;
    }
    return err;
}

static bool saved_page(NvGsp *s, uint64_t off, uint64_t *addr)
{
    return nv_boot_radix3(s, s->boot.saved, off / PAGE, addr);
}

NvBootError nv_sr_restore(NvGsp *s, uint64_t addr)
{
    NvBoot *b = &s->boot;
    uint8_t m[FW_STRUCT_MAX], wpr[PAGE];
    NvBootError err = begin(s, addr, m);
    uint64_t page, start, end;

    if (err != NV_BOOT_OK) {
        return err;
    }
    memcpy(b->seal, seal_in(s, m), NV_DIGEST);
    if (!saved_page(s, 0, &page) ||
        pci_dma_read(PCI_DEVICE(s), page, wpr, PAGE) != MEMTX_OK) {
        return NV_BOOT_SR_DATA;
    }
    err = nv_boot_layout(s, wpr);
    if (err != NV_BOOT_OK) {
        return err;
    }
    start = sr(s, wpr, GSP_F_WPR_START);
    end = sr(s, wpr, GSP_F_WPR_END);
    if (b->saved_size != end - start) {
        return NV_BOOT_SR_META;
    }
    b->frts_start = sr(s, wpr, GSP_F_WPR_FRTS);
    b->frts_size = sr(s, wpr, GSP_F_WPR_FRTS_BYTES);
    nv_boot_set_wpr2(s, start, end);
    return NV_BOOT_OK;
}

/* Pages of zeros do not count, as the heap's free chunks on hardware. */
static void digest(NvBoot *b, uint64_t off, const uint8_t *page)
{
    GChecksum *c;
    uint64_t at = cpu_to_le64(off);
    gsize len = NV_DIGEST;

    if (buffer_is_zero(page, PAGE)) {
        return;
    }
    c = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(c, b->digest, NV_DIGEST);
    g_checksum_update(c, (const guchar *)&at, sizeof(at));
    g_checksum_update(c, page, PAGE);
    g_checksum_get_digest(c, b->digest, &len);
    g_checksum_free(c);
}

static bool put_back(NvGsp *s, uint64_t fb, const uint8_t *page)
{
    /* Memory that is zero anyway need not be touched. */
    return (buffer_is_zero(page, PAGE) && nv_fb_zero(s, fb, PAGE)) ||
           nv_fb_write(s, fb, page, PAGE);
}

NvBootError nv_sr_slice(NvGsp *s, uint64_t end)
{
    NvBoot *b = &s->boot;
    bool save = b->stage == NV_STAGE_SAVE;
    uint8_t page[PAGE];
    uint64_t addr;

    end = MIN(end, b->saved_size);
    for (; b->copied < end; b->copied += PAGE) {
        uint64_t fb = b->wpr2_start + b->copied;

        if (!saved_page(s, b->copied, &addr)) {
            return NV_BOOT_SR_DATA;
        }
        if (save ? !nv_fb_read(s, fb, page, PAGE) ||
                   pci_dma_write(PCI_DEVICE(s), addr, page, PAGE) != MEMTX_OK
                 : pci_dma_read(PCI_DEVICE(s), addr, page, PAGE) !=
                   MEMTX_OK || !put_back(s, fb, page)) {
            return NV_BOOT_SR_DATA;
        }
        digest(b, b->copied, page);
    }
    return NV_BOOT_OK;
}

/* The host may have changed the first page after the first look at it. */
static bool same_layout(NvGsp *s)
{
    uint8_t wpr[PAGE];

    return nv_fb_read(s, s->boot.wpr2_start, wpr, PAGE) &&
           nv_boot_layout(s, wpr) == NV_BOOT_OK &&
           sr(s, wpr, GSP_F_WPR_START) == s->boot.wpr2_start &&
           sr(s, wpr, GSP_F_WPR_END) == s->boot.wpr2_end;
}

NvBootError nv_sr_seal(NvGsp *s)
{
    NvBoot *b = &s->boot;
    uint8_t m[FW_STRUCT_MAX], seal[NV_DIGEST];

    if (!load(s, b->sr_meta, m)) {
        return NV_BOOT_SR_META;
    }
    make_seal(s, m, seal);
    if (b->stage == NV_STAGE_RESTORE) {
        return memcmp(seal, b->seal, NV_DIGEST) || !same_layout(s)
               ? NV_BOOT_SR_SEAL : NV_BOOT_OK;
    }
    memcpy(seal_in(s, m), seal, NV_DIGEST);
    return pci_dma_write(PCI_DEVICE(s), b->sr_meta, m,
                         s->meta.struct_size[GSP_S_SR]) == MEMTX_OK
           ? NV_BOOT_OK : NV_BOOT_SR_META;
}
