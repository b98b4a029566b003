/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: the interrupt tree. Each vector is a bit of one of eight leaves;
 * two leaves share a bit at the top. A leaf bit is set when its source raises
 * it and cleared by writing it; a message goes out when something enabled
 * becomes pending, at most one between two rearms: a write to the mirror of
 * configuration space or, since Hopper, to what enables the top.
 *
 * Followed from nouveau, nvkm/subdev/vfn/tu102.c, nvkm/core/intr.c and
 * nvkm/subdev/pci/{gp100,gh100}.c.
 */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"

#include "nvidia-gsp.h"
#include "trace.h"

static uint32_t top(const NvGsp *s)
{
    uint32_t value = 0;
    unsigned i;

    for (i = 0; i < INTR_LEAVES; i++) {
        if (s->intr.leaf[i] & s->intr.enable[i]) {
            value |= 1u << i / 2;
        }
    }
    return value;
}

static void update(NvGsp *s)
{
    PCIDevice *pci = PCI_DEVICE(s);
    uint32_t pending = top(s) & s->intr.top_enable;

    if (!msi_enabled(pci)) {
        pci_set_irq(pci, pending != 0);
        return;
    }
    if (pending && s->intr.msi_armed) {
        s->intr.msi_armed = false;
        trace_nvidia_gsp_msi(s->tap.owner, pending);
        msi_notify(pci, 0);
    }
}

void nv_intr_raise(NvGsp *s, unsigned vector, const char *name)
{
    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_IRQ, .name = name, .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY, .a = vector,
    });

    /* An interrupt has no one who would ask again: a delay is a loss. */
    if (v.action == FW_DROP || v.action == FW_DELAY) {
        return;
    }
    s->intr.leaf[vector / 32] |= 1u << vector % 32;
    update(s);
}

void nv_intr_rearm(NvGsp *s)
{
    s->intr.msi_armed = true;
    update(s);
}

bool nv_intr_read(NvGsp *s, uint32_t off, uint32_t *value)
{
    switch (off) {
    case A_INTR_LEAF ... A_INTR_LEAF + INTR_LEAVES * 4 - 1:
        *value = s->intr.leaf[(off - A_INTR_LEAF) / 4];
        return true;
    case A_INTR_LEAF_SET ... A_INTR_LEAF_SET + INTR_LEAVES * 4 - 1:
        *value = s->intr.enable[(off - A_INTR_LEAF_SET) / 4];
        return true;
    case A_INTR_LEAF_CLEAR ... A_INTR_LEAF_CLEAR + INTR_LEAVES * 4 - 1:
        *value = s->intr.enable[(off - A_INTR_LEAF_CLEAR) / 4];
        return true;
    case A_INTR_TOP:
        *value = top(s);
        return true;
    case A_INTR_TOP_SET:
    case A_INTR_TOP_CLEAR:
        *value = s->intr.top_enable;
        return true;
    default:
        return false;
    }
}

bool nv_intr_write(NvGsp *s, uint32_t off, uint32_t value)
{
    switch (off) {
    case A_INTR_LEAF ... A_INTR_LEAF + INTR_LEAVES * 4 - 1:
        s->intr.leaf[(off - A_INTR_LEAF) / 4] &= ~value;
        break;
    case A_INTR_LEAF_SET ... A_INTR_LEAF_SET + INTR_LEAVES * 4 - 1:
        s->intr.enable[(off - A_INTR_LEAF_SET) / 4] |= value;
        break;
    case A_INTR_LEAF_CLEAR ... A_INTR_LEAF_CLEAR + INTR_LEAVES * 4 - 1:
        s->intr.enable[(off - A_INTR_LEAF_CLEAR) / 4] &= ~value;
        break;
    case A_INTR_TOP_SET:
        s->intr.top_enable |= value;
        s->intr.msi_armed |= s->persona[PERSONA_TOP_REARMS];
        break;
    case A_INTR_TOP_CLEAR:
        s->intr.top_enable &= ~value;
        break;
    default:
        return false;
    }
    update(s);
    return true;
}

void nv_intr_reset(NvGsp *s)
{
    memset(&s->intr, 0, sizeof(s->intr));
    s->intr.msi_armed = true;
    if (!msi_enabled(PCI_DEVICE(s))) {
        pci_set_irq(PCI_DEVICE(s), 0);
    }
}
