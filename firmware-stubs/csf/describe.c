/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's interface as text: each word by the name that the profile
 * gives it.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

typedef struct Describe {
    Csf *f;
    void (*line)(void *opaque, const char *line);
    void *opaque;
} Describe;

static void describe(const Describe *d, const char *where, unsigned strct,
                     uint64_t va)
{
    const Csf *f = d->f;
    uint8_t buf[FW_STRUCT_MAX];
    char line[160];

    if (!csf_load(d->f, strct, va, buf)) {
        return;
    }
    for (unsigned i = 0; i < CSF_NR_FIELDS; i++) {
        const FwFieldNeed *need = &csf_layout_spec.fields[i];

        if (need->strct == strct && fw_has_field(&f->layout, i)) {
            snprintf(line, sizeof(line), "%s%s/%s = 0x%llx", where,
                     csf_layout_spec.structs[strct], need->name,
                     (unsigned long long)fw_get(&f->layout.field[i], buf));
            d->line(d->opaque, line);
        }
    }
}

void csf_describe(Csf *f, void (*line)(void *opaque, const char *line),
                  void *opaque)
{
    const Describe d = { f, line, opaque };
    char where[48];

    if (f->s.running != FW_STATE_RUNNING || !f->layout_ok) {
        return;
    }
    describe(&d, "", CSF_S_GLB_INPUT, f->s.input_va);
    describe(&d, "", CSF_S_GLB_OUTPUT, f->s.output_va);
    for (unsigned g = 0; g < f->s.group_num; g++) {
        const CsfGroup *grp = &f->s.group[g];

        if (!grp->active) {
            continue;
        }
        snprintf(where, sizeof(where), "group %u: ", g);
        describe(&d, where, CSF_S_CSG_INPUT, grp->input_va);
        describe(&d, where, CSF_S_CSG_OUTPUT, grp->output_va);
        for (unsigned s = 0; s < f->s.stream_num; s++) {
            const CsfStream *cs = &grp->stream[s];

            if (!(grp->started >> s & 1)) {
                continue;
            }
            snprintf(where, sizeof(where), "group %u, stream %u: ", g, s);
            describe(&d, where, CSF_S_CS_INPUT, cs->input_va);
            describe(&d, where, CSF_S_CS_OUTPUT, cs->output_va);
            describe(&d, where, CSF_S_RING_INPUT, cs->ring_input);
            describe(&d, where, CSF_S_RING_OUTPUT, cs->ring_output);
        }
    }
}
