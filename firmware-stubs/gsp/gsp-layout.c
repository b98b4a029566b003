/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "gsp-layout.h"
#include "gsp.h"

_Static_assert((unsigned)GSP_NR_STRUCTS <= FW_LAYOUT_STRUCTS_MAX, "structs");
_Static_assert((unsigned)GSP_NR_FIELDS <= FW_LAYOUT_FIELDS_MAX, "fields");
_Static_assert((unsigned)GSP_NR_VALUES <= FW_LAYOUT_VALUES_MAX, "values");

#define X_(id, name) [GSP_S_##id] = name,
static const char *const gsp_structs[] = { GSP_STRUCTS(X_) };
#undef X_

#define X_(s, id, prop, opt) \
    [GSP_F_##s##_##id] = { \
        .strct = GSP_S_##s, .name = prop, .optional = opt, \
    },
static const FwFieldNeed gsp_fields[] = { GSP_FIELDS(X_) };
#undef X_

#define NUMBER(id, path) \
    [GSP_V_##id] = { .name = path, .max = UINT32_MAX },
#define OPTIONAL(id, path) \
    [GSP_V_##id] = { \
        .name = path, .max = UINT32_MAX, .optional = true, \
        .fallback = GSP_NONE, \
    },
#define CLASS(id, path) OPTIONAL(CLASS_##id, "class/" path)
#define ENGINE(id, path) \
    NUMBER(RM_##id, "engine-type/" path) \
    NUMBER(2080_##id, "engine-handle/" path) \
    NUMBER(MC_##id, "engine-interrupt/" path)
#define BUFFER(id, path) \
    OPTIONAL(CTX_##id, "context-index/" path) \
    OPTIONAL(CTX_##id##_BYTES, "context-bytes/" path)
static const FwValueNeed gsp_values[] = {
    GSP_NUMBERS(NUMBER)
    GSP_OPTIONAL_NUMBERS(OPTIONAL)
    GSP_CLASSES(CLASS)
    GSP_ENGINES(ENGINE)
    GSP_CONTEXT_BUFFERS(BUFFER)
};

#define BIT(s) ((uint64_t)1 << GSP_S_##s)

const FwLayoutSpec gsp_layout_spec = {
    .compatible = "gpumbox,gsp-abi",
    .structs = gsp_structs,
    .nr_structs = GSP_NR_STRUCTS,
    .optional = BIT(FMC) | BIT(SET_ROOT) | BIT(UNSET_ROOT) | BIT(MEMSYS) |
                BIT(ZCULL) | BIT(GCX) | BIT(REGION) | BIT(TOGGLE) |
                BIT(DISPLAY_MEMORY) | BIT(DISPLAY_INFO) | BIT(DISPLAY_HEADS) |
                BIT(DISPLAY_MASK) | BIT(DISPLAY_OUTPUTS),
    .fields = gsp_fields,
    .nr_fields = GSP_NR_FIELDS,
    .values = gsp_values,
    .nr_values = GSP_NR_VALUES,
};

static bool refuse(FwError *err, const char *file, const char *strct,
                   const char *what)
{
    snprintf(err->text, sizeof(err->text), "%.120s: /structs/%s: %s", file,
             strct, what);
    return false;
}

/* A field that has as many elements as another of its struct. */
static bool same_count(const FwLayout *l, unsigned a, unsigned b)
{
    return l->field[a].count == l->field[b].count;
}

bool gsp_layout_check(const FwLayout *layout, const char *file, FwError *err)
{
    const FwField *f = layout->field;

    /* Headers are read and written in front of each other. */
    if (layout->struct_size[GSP_S_ELEMENT] % 8) {
        return refuse(err, file, "element", "the header is no multiple of 8 "
                      "bytes, and the checksum goes by 8 bytes");
    }
    if (layout->struct_size[GSP_S_ELEMENT] + layout->struct_size[GSP_S_RPC] >=
        GSP_PAGE) {
        return refuse(err, file, "rpc", "headers do not fit a page");
    }
    if (layout->struct_size[GSP_S_TX] + layout->struct_size[GSP_S_RX] >
        GSP_PAGE) {
        return refuse(err, file, "queue-tx", "headers do not fit a page");
    }
    if (!same_count(layout, GSP_F_INTR_ENGINE, GSP_F_INTR_STALL) ||
        !same_count(layout, GSP_F_INTR_ENGINE, GSP_F_INTR_NONSTALL)) {
        return refuse(err, file, "interrupts", "columns of several lengths");
    }
    if (f[GSP_F_FIFO_PBDMAS].offset < f[GSP_F_FIFO_ENTRY_PBDMAS].offset ||
        f[GSP_F_FIFO_PBDMAS].stride <
        layout->struct_size[GSP_S_FIFO_ENTRY]) {
        return refuse(err, file, "fifo-devices", "'pbdmas' does not lie in "
                      "entries like struct 'fifo-device'");
    }
    if (f[GSP_F_FIFO_PBDMAS].offset - f[GSP_F_FIFO_ENTRY_PBDMAS].offset +
        (f[GSP_F_FIFO_PBDMAS].count - 1) * f[GSP_F_FIFO_PBDMAS].stride +
        layout->struct_size[GSP_S_FIFO_ENTRY] >
        layout->struct_size[GSP_S_FIFO]) {
        return refuse(err, file, "fifo-devices", "the last entry ends past "
                      "the struct's size");
    }
    if (layout->struct_size[GSP_S_GR_CTX_SET] >
        layout->struct_size[GSP_S_GR_CTX]) {
        return refuse(err, file, "context-buffers", "does not hold a "
                      "'context-buffer-set'");
    }
    return true;
}
