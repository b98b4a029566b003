/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What events of a GPU behind GSP-RM are called, in the firmware and around
 * it: FWSEC, booter, FSP, falcons and interrupts are the device's.
 */
#include "gsp-layout.h"
#include "gsp-vocabulary.h"

#define ON(kind) (1u << FW_TAP_##kind)
#define ASKED (ON(REQUEST) | ON(ACK))

static const FwTapName events[] = {
    { ON(BOOT), "boot" },
    { ON(BOOT), "restore" },
    { ON(BOOT), "gfw-boot" },
    { ON(BOOT), "fwsec-frts" },
    { ON(BOOT), "fwsec-sb" },
    { ON(BOOT), "booter-load" },
    { ON(BOOT), "booter-unload" },
    { ON(BOOT), "booter-suspend" },
    { ON(BOOT), "booter-resume" },
    { ON(BOOT), "fsp-message" },
    { ON(BOOT), "fmc" },
    { ON(DOORBELL), "command-queue" },
    { ON(DOORBELL), "channel" },
    { ON(REQUEST), "system-info" },
    { ON(REQUEST), "registry" },
    { ASKED, "static-info" },
    { ASKED, "bar-pde" },
    { ASKED, "unload" },
    { ASKED, "rm-alloc" },
    { ASKED, "rm-control" },
    { ASKED, "rm-free" },
    { ASKED, "alloc-memory" },
    { ASKED, "unknown" },
    { ON(EVENT), "init-done" },
    { ON(EVENT), "sequencer" },
    { ON(EVENT), "post-event" },
    { ON(EVENT), "rc-triggered" },
    { ON(EVENT), "mmu-fault-queued" },
    { ON(EVENT), "os-error" },
    { ON(EVENT), "libos-print" },
    { ON(EVENT), "nocat-record" },
    { ON(EVENT), "lockdown-notice" },
    { ON(FAULT), "queue" },
    { ON(FAULT), "mmu" },
    { ON(KICK), "channel" },
    { ON(IRQ), "gsp" },
    { ON(IRQ), "engine" },
    { ON(IRQ), "msi" },
    { ON(RESET), "falcon" },
    { ON(RESET), "bus" },
    { ON(POWER), "tlb-invalidate" },
    { ON(POWER), "flush" },
    { ON(POWER), "d3" },
    { 0, NULL },
};

static const char *const raise_names[] = {
    "post-event", "rc-triggered", "mmu-fault-queued", "os-error",
    "libos-print", "nocat-record", "lockdown-notice", "init-done",
    "sequencer", NULL,
};

const FwVocabulary gsp_vocabulary = {
    .events = events,
    .raise = raise_names,
    .layout = &gsp_layout_spec,
};
