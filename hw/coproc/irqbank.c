/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "gputimers.h"
#include "irqbank.h"

/* @was: what it asked for before. */
static void update(GpuIrqBank *bank, uint32_t was)
{
    if (gpu_irq_status(bank) != was && bank->tap && bank->tap->observer.file) {
        gpu_seen(&bank->tap->observer, GPU_SEEN_LINE, gpu_timers_now(),
                 bank->name, FW_TAP_ANY, FW_TAP_ANY, gpu_irq_status(bank),
                 bank->raw);
    }
    qemu_set_irq(bank->line, gpu_irq_status(bank) ||
                 (bank->peer && gpu_irq_status(bank->peer)));
}

void gpu_irq_raise(GpuIrqBank *bank, uint32_t bits)
{
    uint32_t was = gpu_irq_status(bank);
    FwVerdict v = gpu_tap(bank->tap, &(FwTapEvent) {
        .kind = FW_TAP_IRQ, .name = bank->name, .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY, .a = bits,
    });

    /* An interrupt has no one who would ask again: a delay is a loss. */
    if (v.action == FW_DROP || v.action == FW_DELAY) {
        return;
    }
    bank->raw |= v.action == FW_REPLACE ? v.value : bits;
    update(bank, was);
}

void gpu_irq_clear(GpuIrqBank *bank, uint32_t bits)
{
    uint32_t was = gpu_irq_status(bank);

    bank->raw &= ~bits;
    update(bank, was);
}

void gpu_irq_set_mask(GpuIrqBank *bank, uint32_t mask)
{
    uint32_t was = gpu_irq_status(bank);

    bank->mask = mask;
    update(bank, was);
}

void gpu_irq_reset(GpuIrqBank *bank)
{
    uint32_t was = gpu_irq_status(bank);

    bank->raw = 0;
    bank->mask = 0;
    update(bank, was);
}

/* The line's level travels with the interrupt controller's own state. */
const VMStateDescription vmstate_gpu_irq_bank = {
    .name = "gpu-irq-bank",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(raw, GpuIrqBank),
        VMSTATE_UINT32(mask, GpuIrqBank),
        VMSTATE_END_OF_LIST()
    },
};
