/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FWSEC's data memory from anywhere: commands, and what a loader fetches. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "vbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *dmem = calloc(1, VBIOS_DMEM);
    VbiosCommand cmd;
    VbiosLoad l;

    if (size) {
        memcpy(dmem, data, size < VBIOS_DMEM ? size : VBIOS_DMEM);
    }
    if (vbios_command(dmem, &cmd)) {
        promise(cmd.command == VBIOS_COMMAND_FRTS ||
                cmd.command == VBIOS_COMMAND_SB);
        promise(cmd.start % 4096 == 0 && cmd.size % 4096 == 0);
        promise(cmd.start >> 44 == 0 && cmd.size >> 44 == 0);
    }
    if (vbios_load(dmem, &l)) {
        promise(l.ctx < 8 && l.data_size <= VBIOS_LOAD_MAX);
        promise(l.open + l.open_size <= VBIOS_LOAD_MAX);
        promise(l.secure + l.secure_size <= VBIOS_LOAD_MAX);
    }
    free(dmem);
    return 0;
}
