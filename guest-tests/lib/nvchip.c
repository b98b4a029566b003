/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "nouveau.h"
#include "nvchip.h"
#include "tap.h"
#include "util.h"

/* nouveau: nvif/class.h, nvkm/subdev/gsp/rm/ga1xx.c and its neighbours */
#define BOOTER NV_BY_BOOTER, 0x001700, { 0x100c10, 0x100c40 }, MiB
#define FSP NV_BY_FSP, 0x10fd40, { 0x8a1d58, 0x8a1d5c }, 28 * MiB
#define TURING "Turing", 0xc5b5, 0xc597, 0x111240, 0x1, true, BOOTER
#define AMPERE "Ampere", 0xc7b5, 0xc797, 0x111388, 0x80, false, BOOTER
#define ADA "Ada", 0xc7b5, 0xc997, 0x111388, 0x80, false, BOOTER
#define BLACKWELL "BlackwellGB20x", 0xcab5, 0xce97, 0x111388, 0x80, false, FSP

static const NvChip chips[] = {
    { 0x1e04, 0x162, "TU102", TURING },
    { 0x1e82, 0x164, "TU104", TURING },
    { 0x1f02, 0x166, "TU106", TURING },
    { 0x1f82, 0x167, "TU117", TURING },
    { 0x2182, 0x168, "TU116", TURING },
    { 0x2203, 0x172, "GA102", AMPERE },
    { 0x2420, 0x173, "GA103", AMPERE },
    { 0x2484, 0x174, "GA104", AMPERE },
    { 0x2503, 0x176, "GA106", AMPERE },
    { 0x25a2, 0x177, "GA107", AMPERE },
    { 0x2684, 0x192, "AD102", ADA },
    { 0x2704, 0x193, "AD103", ADA },
    { 0x2786, 0x194, "AD104", ADA },
    { 0x2803, 0x196, "AD106", ADA },
    { 0x2882, 0x197, "AD107", ADA },
    { 0x2b85, 0x1b2, "GB202", BLACKWELL },
    { 0x2c02, 0x1b3, "GB203", BLACKWELL },
    { 0x2f04, 0x1b5, "GB205", BLACKWELL },
    { 0x2d04, 0x1b6, "GB206", BLACKWELL },
    { 0x2d83, 0x1b7, "GB207", BLACKWELL },
};

const NvChip *nv_chip(void)
{
    static const NvChip *found;
    char name[128], path[192], text[16];
    unsigned long device = 0;

    if (found) {
        return found;
    }
    nv_function(name, sizeof(name));
    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device", name);
    if (read_text(path, text, sizeof(text))) {
        device = strtoul(text, NULL, 16);
    }
    for (unsigned i = 0; i < sizeof(chips) / sizeof(chips[0]); i++) {
        if (chips[i].device == device) {
            found = &chips[i];
            return found;
        }
    }
    tap_die("PCI device 0x%lx is a chip that the tests know", device);
}

bool nv_gsp_active(volatile uint32_t *r)
{
    const NvChip *chip = nv_chip();

    return nv_read(r, chip->riscv) & chip->active;
}
