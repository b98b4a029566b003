/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files with DWARF from anywhere.  libdw is as it is; what is made of its
 * answers must hold whatever they are.
 */
#include <stdlib.h>
#include <string.h>

#include "flatten.h"
#include "fromdwarf.h"
#include "fuzz.h"
#include "object.h"
#include "profile.h"
#include "select.h"

static bool want_all(void *opaque, const char *name)
{
    return true;
}

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const all[] = { "*", NULL };
    g_autoptr(GBytes) object = g_bytes_new(data, size);
    g_autoptr(CtDb) db = ct_new();
    g_autoptr(AbiProfile) profile = abi_profile_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GPtrArray) picks = NULL;
    const AbiPrint how = { "base", NULL };
    FwError err = { "" };

    if (!object_is_elf(object)) {
        return 0;
    }
    if (!dwarf_types(db, object, "f", want_all, NULL, &err)) {
        need(!strncmp(err.text, "f: ", 3));
        return 0;
    }
    picks = select_types(db, all, false, "struct", "f", &err);
    for (unsigned i = 0; picks && i < picks->len && i < 64; i++) {
        const Pick *p = picks->pdata[i];
        AbiStruct *s = flatten(p->named->type, p->node, i % 2, "f", &err);

        if (s) {
            g_ptr_array_add(profile->structs, s);
        }
    }
    abi_profile_print(out, profile, &how);
    need(out->len > 0);
    return 0;
}
