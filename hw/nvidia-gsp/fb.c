/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: frame buffer and the windows through which the host sees it.
 *
 * PRAMIN shows a piece of it as it is; BAR1 and BAR2 go through page tables
 * whose root the firmware names. The host is kept out of the protected region.
 * The walk is done for each access: there is nothing that a TLB invalidation
 * would have to drop.
 */
#include "qemu/osdep.h"
#include "exec/ramblock.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/log.h"
#include "qemu/units.h"

#include "nvidia-gsp.h"
#include "trace.h"

static bool inside(const NvGsp *s, uint64_t fb, uint64_t len)
{
    return fb <= s->fb_size && len <= s->fb_size - fb;
}

bool nv_fb_read(NvGsp *s, uint64_t fb, void *buf, uint64_t len)
{
    if (!inside(s, fb, len)) {
        return false;
    }
    memcpy(buf, s->fb + fb, len);
    return true;
}

void nv_fb_touched(NvGsp *s, uint64_t fb, uint64_t len)
{
    memory_region_set_dirty(&s->vram, fb, len);
}

bool nv_fb_write(NvGsp *s, uint64_t fb, const void *buf, uint64_t len)
{
    if (!inside(s, fb, len)) {
        return false;
    }
    memcpy(s->fb + fb, buf, len);
    nv_fb_touched(s, fb, len);
    return true;
}

bool nv_fb_zero(const NvGsp *s, uint64_t fb, uint64_t len)
{
    return inside(s, fb, len) && buffer_is_zero(s->fb + fb, len);
}

/* On hardware there is noise afterwards, here nothing but zeros. */
void nv_fb_lose(NvGsp *s)
{
    ram_block_discard_range(s->vram.ram_block, 0, s->fb_size);
    memory_region_set_dirty(&s->vram, 0, s->fb_size);
}

static bool host_may(NvGsp *s, uint64_t fb, unsigned size)
{
    if (fb < s->boot.wpr2_end && fb + size > s->boot.wpr2_start) {
        s->wpr_denied++;
        qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: access to 0x%" PRIx64
                      " in the protected region\n", fb);
        return false;
    }
    return true;
}

uint64_t nv_fb_host_read(NvGsp *s, uint64_t fb, unsigned size)
{
    uint8_t buf[8] = { 0 };

    if (!host_may(s, fb, size) || !nv_fb_read(s, fb, buf, size)) {
        return MAKE_64BIT_MASK(0, size * 8);
    }
    return ldn_le_p(buf, size);
}

void nv_fb_host_write(NvGsp *s, uint64_t fb, uint64_t value, unsigned size)
{
    uint8_t buf[8];

    stn_le_p(buf, size, value);
    if (host_may(s, fb, size)) {
        nv_fb_write(s, fb, buf, size);
    }
}

/* ---- BAR1 and BAR2 ---- */

bool nv_fb_read_entry(void *opaque, GmmuAperture aperture, uint64_t pa,
                      uint64_t *word)
{
    NvGsp *s = opaque;
    uint64_t raw;

    if (aperture == GMMU_VRAM) {
        if (!nv_fb_read(s, pa, &raw, 8)) {
            return false;
        }
    } else if (pci_dma_read(PCI_DEVICE(s), pa, &raw, 8) != MEMTX_OK) {
        return false;
    }
    *word = le64_to_cpu(raw);
    return true;
}

static GmmuStatus translate(NvGsp *s, unsigned bar, uint64_t va, bool write,
                            GmmuPage *page)
{
    if (s->bar_bound[bar]) {
        return gmmu_walk(s->persona[PERSONA_PAGE_TABLES], nv_fb_read_entry, s,
                         s->bar_root[bar], va, write, page);
    }
    /* Before the firmware binds it, a window shows memory as it is. */
    *page = (GmmuPage) { .aperture = GMMU_VRAM, .pa = va, .left = UINT64_MAX };
    return GMMU_OK;
}


static void fault(NvGsp *s, unsigned bar, uint64_t off, GmmuStatus status)
{
    s->bar_faults++;
    trace_nvidia_gsp_bar_fault(s->tap.owner, bar + 1, off,
                               gmmu_status_names[status]);
    qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: BAR%u 0x%" PRIx64 ": %s\n",
                  bar + 1, off, gmmu_status_names[status]);
}

/* Bytes that lie on one page; an access in two pieces is two of these. */
static uint64_t read_piece(NvGsp *s, unsigned bar, uint64_t off, unsigned size)
{
    GmmuPage page;
    GmmuStatus status = translate(s, bar, off, false, &page);
    uint8_t buf[8] = { 0 };

    if (status == GMMU_SPARSE) {
        return 0;
    }
    if (status != GMMU_OK) {
        fault(s, bar, off, status);
        return MAKE_64BIT_MASK(0, size * 8);
    }
    if (page.aperture == GMMU_VRAM) {
        return nv_fb_host_read(s, page.pa, size);
    }
    if (pci_dma_read(PCI_DEVICE(s), page.pa, buf, size) != MEMTX_OK) {
        return MAKE_64BIT_MASK(0, size * 8);
    }
    return ldn_le_p(buf, size);
}

static void write_piece(NvGsp *s, unsigned bar, uint64_t off, uint64_t value,
                        unsigned size)
{
    GmmuPage page;
    GmmuStatus status = translate(s, bar, off, true, &page);
    uint8_t buf[8];

    if (status == GMMU_SPARSE) {
        return;
    }
    if (status != GMMU_OK) {
        fault(s, bar, off, status);
        return;
    }
    if (page.aperture == GMMU_VRAM) {
        nv_fb_host_write(s, page.pa, value, size);
        return;
    }
    stn_le_p(buf, size, value);
    if (pci_dma_write(PCI_DEVICE(s), page.pa, buf, size) != MEMTX_OK) {
        fault(s, bar, off, GMMU_BUS);
    }
}

/* The smallest pages have 4 KiB. */
static unsigned first_piece(hwaddr addr, unsigned size)
{
    return MIN(size, 4096 - (addr & 4095));
}

static uint64_t window_read(NvGsp *s, unsigned bar, hwaddr addr, unsigned size)
{
    unsigned n = first_piece(addr, size);
    uint64_t value = read_piece(s, bar, addr, n);

    if (n < size) {
        value |= read_piece(s, bar, addr + n, size - n) << n * 8;
    }
    return value;
}

static void window_write(NvGsp *s, unsigned bar, hwaddr addr, uint64_t value,
                         unsigned size)
{
    unsigned n = first_piece(addr, size);

    write_piece(s, bar, addr, value, n);
    if (n < size) {
        write_piece(s, bar, addr + n, value >> n * 8, size - n);
    }
}

static uint64_t bar1_read(void *opaque, hwaddr addr, unsigned size)
{
    return window_read(opaque, 0, addr, size);
}

static void bar1_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    window_write(opaque, 0, addr, value, size);
}

static uint64_t bar2_read(void *opaque, hwaddr addr, unsigned size)
{
    return window_read(opaque, 1, addr, size);
}

static void bar2_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    window_write(opaque, 1, addr, value, size);
}

static const MemoryRegionOps window_ops[NV_BARS] = {
    {
        .read = bar1_read,
        .write = bar1_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .impl = { .min_access_size = 1, .max_access_size = 8,
                  .unaligned = true },
        .valid = { .min_access_size = 1, .max_access_size = 8,
                   .unaligned = true },
    }, {
        .read = bar2_read,
        .write = bar2_write,
        .endianness = DEVICE_LITTLE_ENDIAN,
        .impl = { .min_access_size = 1, .max_access_size = 8,
                  .unaligned = true },
        .valid = { .min_access_size = 1, .max_access_size = 8,
                   .unaligned = true },
    },
};

bool nv_fb_init(NvGsp *s, Error **errp)
{
    static const char *const names[NV_BARS] = {
        "nvidia-gsp-bar1", "nvidia-gsp-bar2",
    };
    static const unsigned sizes[NV_BARS] = {
        PERSONA_BAR1_MIB, PERSONA_BAR2_MIB,
    };
    unsigned i;

    s->fb_size = s->persona[PERSONA_VRAM_MIB] * MiB;
    if (!memory_region_init_ram(&s->vram, OBJECT(s), "nvidia-gsp-vram",
                                s->fb_size, errp)) {
        return false;
    }
    s->fb = memory_region_get_ram_ptr(&s->vram);
    for (i = 0; i < NV_BARS; i++) {
        uint64_t size = s->persona[sizes[i]] * MiB;

        if (!is_power_of_2(size)) {
            error_setg(errp, "BAR%u has %" PRIu64 " MiB, expected a power "
                       "of 2", i + 1, s->persona[sizes[i]]);
            return false;
        }
        memory_region_init_io(&s->window[i], OBJECT(s), &window_ops[i], s,
                              names[i], size);
    }
    return true;
}

bool nv_fb_check(const NvGsp *s)
{
    unsigned i;

    for (i = 0; i < NV_BARS; i++) {
        if (s->bar_root[i] >= s->fb_size) {
            return false;
        }
    }
    return true;
}
