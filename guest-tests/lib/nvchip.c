/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "nouveau.h"
#include "nvchip.h"
#include "tap.h"
#include "util.h"

/* nouveau: nvif/class.h, nvkm/subdev/gsp/rm/ga1xx.c and its neighbours */
#define TURING "Turing", 0xc5b5, 0xc597, 0x111240, 0x1, true
#define AMPERE "Ampere", 0xc7b5, 0xc797, 0x111388, 0x80, false
#define ADA "Ada", 0xc7b5, 0xc997, 0x111388, 0x80, false

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
