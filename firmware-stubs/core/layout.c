/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout codec: an ABI profile resolved into a table, and fields read and
 * written through it.  The profile's schema is in docs/abi-profiles.md.
 */
#include <libfdt.h>
#include <string.h>

#include "dtb.h"
#include "fw/layout.h"

#define PROP_SIZE "size"

static const char *const root_strings[] = {
    "compatible", "abi", "capabilities", "description", NULL,
};

static bool load_caps(const FwDtb *d, const FwLayoutSpec *spec,
                      FwLayout *layout)
{
    int count = fdt_stringlist_count(d->fdt, 0, "capabilities");

    if (count == -FDT_ERR_NOTFOUND) {
        return true;
    }
    if (count < 0) {
        return fw_dtb_fail(d, 0, "capabilities", "not a list of strings");
    }
    for (int i = 0; i < count; i++) {
        const char *name = fdt_stringlist_get(d->fdt, 0, "capabilities", i,
                                              NULL);
        unsigned cap;

        for (cap = 0; cap < spec->nr_caps; cap++) {
            if (!strcmp(spec->caps[cap], name)) {
                break;
            }
        }
        if (cap == spec->nr_caps) {
            return fw_dtb_fail(d, 0, "capabilities", "unknown capability '%s'",
                               name);
        }
        layout->caps |= (uint64_t)1 << cap;
    }
    return true;
}

static bool load_field(const FwDtb *d, int node, const FwFieldNeed *need,
                       uint32_t struct_size, FwField *f)
{
    uint32_t c[FW_DTB_CELLS_MAX];
    unsigned n;
    uint64_t end;

    memset(f, 0, sizeof(*f));
    if (!fw_dtb_cells(d, node, need->name, c, &n)) {
        return false;
    }
    if (n == 0) {
        return need->optional || fw_dtb_fail(d, node, need->name, "missing");
    }
    if (n != 2 && n != 4 && n != 6) {
        return fw_dtb_fail(d, node, need->name,
                           "has %u cells; <offset bytes>, <offset bytes lsb "
                           "width> or <offset bytes lsb width count stride> "
                           "expected", n);
    }
    if (c[1] != 1 && c[1] != 2 && c[1] != 4 && c[1] != 8) {
        return fw_dtb_fail(d, node, need->name,
                           "is %u bytes wide; 1, 2, 4 or 8 expected", c[1]);
    }
    if (n == 2) {
        c[2] = 0;
        c[3] = c[1] * 8;
    }
    if (n < 6) {
        c[4] = 1;
        c[5] = 0;
    }
    if (c[0] % c[1]) {
        return fw_dtb_fail(d, node, need->name,
                           "offset 0x%x is not aligned to its %u bytes",
                           c[0], c[1]);
    }
    if (c[3] == 0 || c[3] > c[1] * 8 || c[2] > c[1] * 8 - c[3]) {
        return fw_dtb_fail(d, node, need->name,
                           "%u bits from bit %u do not fit %u bytes",
                           c[3], c[2], c[1]);
    }
    if (c[4] == 0 || c[4] > FW_STRUCT_MAX) {
        return fw_dtb_fail(d, node, need->name,
                           "%u elements; 1 to %u expected", c[4],
                           FW_STRUCT_MAX);
    }
    if (c[4] > 1 && (c[5] < c[1] || c[5] % c[1])) {
        return fw_dtb_fail(d, node, need->name,
                           "stride 0x%x is no multiple of %u bytes",
                           c[5], c[1]);
    }
    end = (uint64_t)c[0] + (uint64_t)(c[4] - 1) * c[5] + c[1];
    if (end > struct_size) {
        return fw_dtb_fail(d, node, need->name,
                           "ends at 0x%llx, past the struct's size 0x%x",
                           (unsigned long long)end, struct_size);
    }
    f->offset = c[0];
    f->size = c[1];
    f->lsb = c[2];
    f->width = c[3];
    f->count = c[4];
    f->stride = c[4] > 1 ? c[5] : 0;
    return true;
}

static bool check_struct_props(const FwDtb *d, int node,
                               const FwLayoutSpec *spec, unsigned strct)
{
    int prop;

    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;
        bool known;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, NULL)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        known = !strcmp(name, PROP_SIZE);
        for (unsigned i = 0; i < spec->nr_fields && !known; i++) {
            known = spec->fields[i].strct == strct &&
                    !strcmp(spec->fields[i].name, name);
        }
        if (!known) {
            return fw_dtb_fail(d, node, name, "unknown");
        }
    }
    if (fdt_first_subnode(d->fdt, node) >= 0) {
        return fw_dtb_fail(d, fdt_first_subnode(d->fdt, node), NULL,
                           "unknown node");
    }
    return true;
}

static bool load_struct(const FwDtb *d, int structs, const FwLayoutSpec *spec,
                        unsigned strct, FwLayout *layout)
{
    int node = fdt_subnode_offset(d->fdt, structs, spec->structs[strct]);
    uint32_t size;
    bool found;

    if (node < 0) {
        return (spec->optional >> strct & 1) ||
               fw_dtb_fail(d, structs, NULL, "node '%s' is missing",
                           spec->structs[strct]);
    }
    if (!fw_dtb_u32(d, node, PROP_SIZE, &size, &found)) {
        return false;
    }
    if (!found) {
        return fw_dtb_fail(d, node, PROP_SIZE, "missing");
    }
    if (size == 0 || size > FW_STRUCT_MAX) {
        return fw_dtb_fail(d, node, PROP_SIZE, "0x%x is outside 0x1..0x%x",
                           size, FW_STRUCT_MAX);
    }
    layout->struct_size[strct] = size;
    if (!check_struct_props(d, node, spec, strct)) {
        return false;
    }
    for (unsigned i = 0; i < spec->nr_fields; i++) {
        if (spec->fields[i].strct == strct &&
            !load_field(d, node, &spec->fields[i], size, &layout->field[i])) {
            return false;
        }
    }
    return true;
}

static bool load_structs(const FwDtb *d, const FwLayoutSpec *spec,
                         FwLayout *layout)
{
    int structs = fdt_subnode_offset(d->fdt, 0, "structs");
    int node;

    if (structs < 0) {
        return fw_dtb_fail(d, 0, NULL, "node 'structs' is missing");
    }
    fdt_for_each_subnode(node, d->fdt, structs) {
        const char *name = fdt_get_name(d->fdt, node, NULL);
        unsigned i;

        for (i = 0; i < spec->nr_structs; i++) {
            if (!strcmp(spec->structs[i], name)) {
                break;
            }
        }
        if (i == spec->nr_structs) {
            return fw_dtb_fail(d, node, NULL, "unknown struct");
        }
    }
    for (unsigned i = 0; i < spec->nr_structs; i++) {
        if (!load_struct(d, structs, spec, i, layout)) {
            return false;
        }
    }
    return true;
}

static bool load(FwLayout *layout, const FwLayoutSpec *spec, const FwDtb *d)
{
    bool found;

    if (!fw_dtb_string(d, 0, "abi", layout->name, sizeof(layout->name),
                       &found)) {
        return false;
    }
    if (!found) {
        return fw_dtb_fail(d, 0, "abi", "missing");
    }
    return load_caps(d, spec, layout) &&
           fw_dtb_values(d, spec->values, spec->nr_values, root_strings,
                         "structs", layout->value) &&
           load_structs(d, spec, layout);
}

bool fw_layout_load(FwLayout *layout, const FwLayoutSpec *spec,
                    const void *dtb, size_t size, const char *file,
                    FwError *err)
{
    FwDtb d;
    bool ok;

    memset(layout, 0, sizeof(*layout));
    ok = fw_dtb_open(&d, dtb, size, spec->compatible, file, err) &&
         load(layout, spec, &d);
    fw_dtb_close(&d);
    return ok;
}

static uint64_t ones(unsigned width)
{
    return width >= 64 ? UINT64_MAX : ((uint64_t)1 << width) - 1;
}

uint64_t fw_field_mask(const FwField *f)
{
    return f->width ? ones(f->width) << f->lsb : 0;
}

static uint64_t word_get(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < size; i++) {
        v |= (uint64_t)p[i] << (8 * i);
    }
    return v;
}

static void word_put(uint8_t *p, unsigned size, uint64_t v)
{
    for (unsigned i = 0; i < size; i++) {
        p[i] = v >> (8 * i);
    }
}

uint64_t fw_get_at(const FwField *f, unsigned i, const void *buf)
{
    const uint8_t *p = buf;

    if (i >= f->count) {
        return 0;
    }
    return word_get(p + f->offset + (size_t)i * f->stride, f->size) >>
           f->lsb & ones(f->width);
}

void fw_put_at(const FwField *f, unsigned i, void *buf, uint64_t value)
{
    uint64_t mask = fw_field_mask(f);
    uint8_t *p = buf;

    if (i >= f->count) {
        return;
    }
    p += f->offset + (size_t)i * f->stride;
    word_put(p, f->size,
             (word_get(p, f->size) & ~mask) | (value << f->lsb & mask));
}

uint64_t fw_get(const FwField *f, const void *buf)
{
    return fw_get_at(f, 0, buf);
}

void fw_put(const FwField *f, void *buf, uint64_t value)
{
    fw_put_at(f, 0, buf, value);
}
