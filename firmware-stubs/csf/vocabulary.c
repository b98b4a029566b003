/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What events of a CSF GPU are called, in the firmware and around it.
 */
#include "csf-layout.h"
#include "csf-vocabulary.h"

#define ON(kind) (1u << FW_TAP_##kind)
#define ASKED (ON(REQUEST) | ON(ACK))

static const FwTapName events[] = {
    { ON(BOOT), "mcu-boot" },
    { ON(BOOT), "boot" },
    { ASKED | ON(HALT), "glb-halt" },
    { ASKED, "glb-state" },
    { ON(DOORBELL), "global" },
    { ON(DOORBELL), "user" },
    { ASKED, "glb-ping" },
    { ASKED, "glb-cfg-progress-timer" },
    { ASKED, "glb-cfg-alloc-en" },
    { ASKED, "glb-cfg-poweroff-timer" },
    { ASKED, "glb-idle-en" },
    { ASKED, "glb-counter-en" },
    { ASKED, "glb-protm-enter" },
    { ASKED, "glb-perfcnt-en" },
    { ASKED, "glb-perfcnt-sample" },
    { ASKED, "glb-fwcfg-update" },
    { ASKED, "csg-state" },
    { ASKED, "csg-endpoint-config" },
    { ASKED, "csg-status-update" },
    { ASKED, "cs-state" },
    { ON(EVENT), "glb-idle" },
    { ON(EVENT), "csg-sync-update" },
    { ON(EVENT), "csg-idle" },
    { ON(EVENT), "csg-progress-timer" },
    { ON(EVENT) | ON(REQUEST), "cs-tiler-oom" },
    { ON(EVENT), "cs-protm-pending" },
    { ON(EVENT) | ON(REQUEST) | ON(FAULT), "cs-fault" },
    { ON(EVENT) | ON(FAULT), "cs-fatal" },
    { ON(KICK), "cs-kick" },
    { ON(FAULT) | ON(IRQ), "mmu" },
    { ON(IRQ), "gpu" },
    { ON(IRQ), "job" },
    { ON(IRQ), "pwr" },
    { ON(RESET), "soft" },
    { ON(RESET), "hard" },
    { ON(RESET), "fast" },
    { ON(RESET), "power" },
    { ON(POWER), "l2-power-on" },
    { ON(POWER), "l2-power-off" },
    { ON(POWER), "tiler-power-on" },
    { ON(POWER), "tiler-power-off" },
    { ON(POWER), "shader-power-on" },
    { ON(POWER), "shader-power-off" },
    { ON(POWER), "base-power-on" },
    { ON(POWER), "base-power-off" },
    { ON(POWER), "stack-power-on" },
    { ON(POWER), "stack-power-off" },
    { ON(POWER), "delegate" },
    { ON(POWER), "retract" },
    { ON(POWER), "mcu-stop" },
    { ON(POWER), "soft-reset" },
    { ON(POWER), "hard-reset" },
    { ON(POWER), "fast-reset" },
    { ON(POWER), "cache-flush" },
    { ON(POWER), "as-update" },
    { ON(POWER), "as-lock" },
    { ON(POWER), "as-unlock" },
    { ON(POWER), "as-flush-pt" },
    { ON(POWER), "as-flush-mem" },
    { ON(INSTR), "instruction" },
    { 0, NULL },
};

const char *const csf_raise_names[CSF_NR_RAISE + 1] = {
    "csg-sync-update", "csg-idle", "csg-progress-timer", "cs-tiler-oom",
    "cs-protm-pending", "cs-fault", "cs-fatal", "glb-idle", "mmu-fault",
    "gpu-fault", "flush-id", "gpu", "job", "mmu", "pwr", NULL,
};

const FwVocabulary csf_vocabulary = {
    .events = events,
    .raise = csf_raise_names,
    .layout = &csf_layout_spec,
};
