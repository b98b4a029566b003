/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: registers whose place differs between chips; the persona has it.
 */
#include "qemu/osdep.h"

#include "nvidia-gsp.h"

/* In MiB, or as 6 bits shifted by 4 (subdev/fb/gp102.c: vidmem_size). */
static uint32_t vram_size(const NvGsp *s)
{
    uint32_t mib = s->persona[PERSONA_VRAM_MIB];
    unsigned scale = 0;

    if (!s->persona[PERSONA_VRAM_SCALED]) {
        return mib;
    }
    while (mib >> scale > 0x3f) {
        scale++;
    }
    return (mib >> scale) << 4 | scale;
}

/* Copy engines that share graphics' runlist (engine/ce/gb202.c). */
static uint32_t grce_mask(const NvGsp *s)
{
    uint64_t gr = s->persona[PERSONA_GR_RUNLIST];

    return (s->persona[PERSONA_CE0_RUNLIST] == gr) << 0 |
           (s->persona[PERSONA_CE1_RUNLIST] == gr) << 1 |
           (s->persona[PERSONA_CE2_RUNLIST] == gr) << 2;
}

bool nv_placed_read(NvGsp *s, uint32_t off, uint32_t *value)
{
    if (off == s->persona[PERSONA_REG_VRAM]) {
        *value = vram_size(s);
        return true;
    }
    if (off == s->persona[PERSONA_REG_FUSE_DISPLAY]) {
        *value = s->persona[PERSONA_DISPLAY_FUSED];
        return true;
    }
    if (off == s->persona[PERSONA_REG_PRAMIN]) {
        *value = s->pramin_base;
        return true;
    }
    if (off == s->persona[PERSONA_REG_FLUSH]) {
        *value = s->flush_page;
        return true;
    }
    if (off == s->persona[PERSONA_REG_FLUSH_HI]) {
        *value = s->flush_page_hi;
        return true;
    }
    if (off == s->persona[PERSONA_REG_GRCE]) {
        *value = grce_mask(s);
        return true;
    }
    if (off == s->persona[PERSONA_REG_FSP]) {
        *value = nv_booted(s) ? FSP_STATUS_SUCCESS : 0;
        return true;
    }
    return false;
}

bool nv_placed_write(NvGsp *s, uint32_t off, uint32_t value)
{
    if (off == s->persona[PERSONA_REG_PRAMIN]) {
        s->pramin_base = value & PRAMIN_BASE_MASK;
        return true;
    }
    if (off == s->persona[PERSONA_REG_FLUSH]) {
        s->flush_page = value;
        return true;
    }
    if (off == s->persona[PERSONA_REG_FLUSH_HI]) {
        s->flush_page_hi = value;
        return true;
    }
    return false;
}
