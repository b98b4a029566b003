/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF from anywhere, alone or on top of other BTF: it is refused with a
 * sentence, or all of its types can be made structs of a profile and printed.
 * Input: 4 bytes that say how long the base is (0: there is none), the base,
 * the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "flatten.h"
#include "frombtf.h"
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

static void use_types(CtDb *db)
{
    static const char *const all[] = { "*", NULL };
    g_autoptr(AbiProfile) profile = abi_profile_new();
    g_autoptr(GString) out = g_string_new(NULL);
    const AbiPrint how = { NULL, "a\nb" };
    FwError err;
    g_autoptr(GPtrArray) picks = select_types(db, all, false, "struct", "f",
                                              &err);

    for (unsigned i = 0; picks && i < picks->len && i < 64; i++) {
        const Pick *p = picks->pdata[i];
        AbiStruct *s = flatten(p->named->type, p->node, false, "f", &err);

        if (s) {
            for (unsigned k = 0; k < s->fields->len; k++) {
                const FwField *f = &((AbiField *)s->fields->pdata[k])->place;

                need(!f->width || f->lsb + f->width <= 8 * f->size);
                need(!f->width || f->offset % f->size == 0);
            }
            g_ptr_array_add(profile->structs, s);
        } else {
            need(!strncmp(err.text, "f: ", 3));
        }
    }
    abi_profile_print(out, profile, &how);
    need(out->len > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(CtDb) db = ct_new();
    g_autoptr(GBytes) base = NULL;
    g_autoptr(GBytes) btf = NULL;
    g_autoptr(GBytes) found = NULL;
    FwError err = { "" };
    uint32_t len;

    if (size < 4) {
        return 0;
    }
    memcpy(&len, data, 4);
    data += 4;
    size -= 4;
    len = len > size ? size : len;
    base = len ? g_bytes_new(data, len) : NULL;
    btf = g_bytes_new(data + len, size - len);
    found = btf_find(btf, "f", &err);
    need(found || !strncmp(err.text, "f: ", 3));
    if (btf_types(db, btf, "f", base, "b", want_all, NULL, &err)) {
        use_types(db);
    } else {
        need(!strncmp(err.text, "f: ", 3) || !strncmp(err.text, "b: ", 3));
    }
    return 0;
}
