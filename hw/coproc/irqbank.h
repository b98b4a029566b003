/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interrupt banks: raw status, mask and their AND on one level-high line. */
#ifndef HW_COPROC_IRQBANK_H
#define HW_COPROC_IRQBANK_H

#include "hw/irq.h"
#include "migration/vmstate.h"

#include "tap.h"

/**
 * struct GpuIrqBank - one bank
 * @raw:  what has happened.
 * @mask: what the driver wants to hear of.
 * @line: the line, level = (raw & mask) != 0; owned by the device.
 * @tap:  where raised bits are shown and may be withheld.
 * @name: for the tap, e.g. "job".
 * @peer: another bank on the same line, NULL if it has the line for itself.
 */
typedef struct GpuIrqBank {
    uint32_t raw;
    uint32_t mask;
    qemu_irq line;
    GpuTap *tap;
    const char *name;
    struct GpuIrqBank *peer;
} GpuIrqBank;

extern const VMStateDescription vmstate_gpu_irq_bank;

/** gpu_irq_raise() - set @bits in raw, unless a scenario withholds them. */
void gpu_irq_raise(GpuIrqBank *bank, uint32_t bits);

/** gpu_irq_clear() - clear @bits in raw. */
void gpu_irq_clear(GpuIrqBank *bank, uint32_t bits);

/** gpu_irq_set_mask() - new mask. */
void gpu_irq_set_mask(GpuIrqBank *bank, uint32_t mask);

/** gpu_irq_reset() - nothing raised, nothing wanted. */
void gpu_irq_reset(GpuIrqBank *bank);

/** gpu_irq_status() - raw & mask. */
static inline uint32_t gpu_irq_status(const GpuIrqBank *bank)
{
    return bank->raw & bank->mask;
}

#endif /* HW_COPROC_IRQBANK_H */
