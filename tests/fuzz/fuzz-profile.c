/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Profiles and personas from anywhere: they are refused with a sentence, or
 * every field that they give lies in its struct.
 */
#include <stdlib.h>
#include <string.h>

#include "csf-layout.h"
#include "fuzz.h"
#include "fw/persona.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void use_layout(const FwLayout *l)
{
    for (unsigned i = 0; i < csf_layout_spec.nr_fields; i++) {
        const FwField *f = &l->field[i];
        unsigned s = csf_layout_spec.fields[i].strct;
        uint8_t *buf;

        if (!fw_has_field(l, i)) {
            need(csf_layout_spec.fields[i].optional);
            continue;
        }
        /* Exactly as large as the struct: the sanitizer watches its end. */
        buf = calloc(1, l->struct_size[s]);
        need(buf);
        for (unsigned e = 0; e < f->count && e < 8; e++) {
            uint64_t ones = fw_field_mask(f) >> f->lsb;

            fw_put_at(f, e, buf, UINT64_MAX);
            need(fw_get_at(f, e, buf) == ones);
            fw_put_at(f, e, buf, 0);
            need(fw_get_at(f, e, buf) == 0);
        }
        fw_put_at(f, f->count - 1, buf, UINT64_MAX);
        need(fw_get_at(f, f->count, buf) == 0);
        free(buf);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const FwPersonaNeed needs[] = {
        { "version/major", 0, 255, true, 1 },
        { "features[3]", 0, UINT32_MAX, true, 2 },
        { "gpu-id", 0, UINT32_MAX, true, 3 },
    };
    static FwLayout layout;
    FwError err = { "" };
    uint64_t values[3];
    char text[32];

    if (fw_layout_load(&layout, &csf_layout_spec, data, size, "f", &err)) {
        use_layout(&layout);
        need(csf_layout_check(&layout, "f", &err) || err.text[0]);
    } else {
        need(!strncmp(err.text, "f: ", 3));
    }
    if (!fw_persona_load("gpumbox,csf-abi", needs, 3, data, size, "f",
                         values, &err)) {
        need(!strncmp(err.text, "f: ", 3));
    }
    if (fw_persona_string("gpumbox,csf-abi", "abi", data, size, "f", text,
                          sizeof(text), &err)) {
        need(strlen(text) < sizeof(text));
    }
    return 0;
}
