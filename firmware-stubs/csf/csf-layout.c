/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "csf-layout.h"

_Static_assert((unsigned)CSF_NR_STRUCTS <= FW_LAYOUT_STRUCTS_MAX, "structs");
_Static_assert((unsigned)CSF_NR_FIELDS <= FW_LAYOUT_FIELDS_MAX, "fields");
_Static_assert((unsigned)CSF_NR_VALUES <= FW_LAYOUT_VALUES_MAX, "values");
_Static_assert((unsigned)CSF_NR_CAPS <= FW_LAYOUT_CAPS_MAX, "capabilities");

#define X_(id, name) [CSF_S_##id] = name,
static const char *const csf_structs[] = { CSF_STRUCTS(X_) };
#undef X_

#define X_(s, id, prop, opt) \
    [CSF_F_##s##_##id] = { \
        .strct = CSF_S_##s, .name = prop, .optional = opt, \
    },
static const FwFieldNeed csf_fields[] = { CSF_FIELDS(X_) };
#undef X_

#define X_(id, path, lo, hi, opt, fall) \
    [CSF_V_##id] = { \
        .name = path, .min = lo, .max = hi, .optional = opt, \
        .fallback = fall, \
    },
static const FwValueNeed csf_values[] = { CSF_VALUES(X_) };
#undef X_

#define X_(id, name) [CSF_CAP_##id] = name,
static const char *const csf_caps[] = { CSF_CAPS(X_) };
#undef X_

const FwLayoutSpec csf_layout_spec = {
    .compatible = "gpumbox,csf-abi",
    .structs = csf_structs,
    .nr_structs = CSF_NR_STRUCTS,
    .fields = csf_fields,
    .nr_fields = CSF_NR_FIELDS,
    .values = csf_values,
    .nr_values = CSF_NR_VALUES,
    .caps = csf_caps,
    .nr_caps = CSF_NR_CAPS,
};
