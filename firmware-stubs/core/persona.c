/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dtb.h"
#include "fw/persona.h"

static const char *const root_strings[] = {
    "compatible", "model", "default-abi", "vendor-abi", "description",
    "abis", "image-signature", NULL,
};

bool fw_persona_load(const char *compatible, const FwPersonaNeed *needs,
                     unsigned n, const void *dtb, size_t size,
                     const char *file, uint64_t *values, FwError *err)
{
    FwDtb d;
    bool ok;

    ok = fw_dtb_open(&d, dtb, size, compatible, file, err) &&
         fw_dtb_values(&d, needs, n, root_strings, NULL, values);
    fw_dtb_close(&d);
    return ok;
}

bool fw_persona_string(const char *compatible, const char *name,
                       const void *dtb, size_t size, const char *file,
                       char *buf, size_t len, FwError *err)
{
    FwDtb d;
    bool found = false;
    bool ok;

    ok = fw_dtb_open(&d, dtb, size, compatible, file, err) &&
         fw_dtb_string(&d, 0, name, buf, len, &found);
    if (ok && !found) {
        ok = fw_dtb_fail(&d, 0, name, "missing");
    }
    fw_dtb_close(&d);
    return ok;
}
