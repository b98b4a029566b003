/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles from anywhere through the tools: read, printed, compared, and
 * broken further if they are good.
 */
#include <stdlib.h>
#include <string.h>

#include "csf-layout.h"
#include "fuzz.h"
#include "mutations.h"
#include "profile.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void break_it(GBytes *dtb, uint64_t seed)
{
    static FwLayout layout;
    const char *name;
    FwError err;

    for (unsigned i = 0; (name = mutation_name(i)); i++) {
        g_autoptr(Mutant) m = (seed + i) % 5 ? NULL
                              : mutate(dtb, name, seed, "f", &err);
        g_autoptr(GString) out = g_string_new(NULL);
        gsize size;

        if (m) {
            need(fw_layout_load(&layout, &csf_layout_spec,
                                g_bytes_get_data(m->dtb, &size),
                                g_bytes_get_size(m->dtb), "m", &err));
            need(csf_layout_check(&layout, "m", &err));
            dts_print(out, m->dtb);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FwLayout layout;
    FwError err = { "" };
    g_autoptr(AbiProfile) p = abi_profile_read(data, size, "f", &err);
    g_autoptr(GString) out = g_string_new(NULL);
    const AbiPrint how = { NULL, NULL };

    if (!p) {
        need(!strncmp(err.text, "f: ", 3));
        return 0;
    }
    abi_profile_print(out, p, &how);
    need(out->len > 0);
    if (fw_layout_load(&layout, &csf_layout_spec, data, size, "f", &err) &&
        csf_layout_check(&layout, "f", &err)) {
        g_autoptr(GBytes) dtb = g_bytes_new(data, size);

        break_it(dtb, size);
    }
    return 0;
}
