/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libfdt.h>
#include <string.h>

#include "dtb.h"
#include "profile.h"
#include "say.h"

static void free_field(gpointer data)
{
    AbiField *f = data;

    g_free(f->name);
    g_free(f->note);
    g_free(f);
}

static void free_arm(gpointer data)
{
    AbiArm *a = data;

    g_free(a->name);
    g_free(a);
}

static void free_union(gpointer data)
{
    AbiUnion *u = data;

    g_free(u->name);
    g_free(u->selector);
    g_ptr_array_free(u->arms, TRUE);
    g_free(u);
}

static void free_tail(gpointer data)
{
    AbiTail *t = data;

    g_free(t->name);
    g_free(t->length);
    g_ptr_array_free(t->fields, TRUE);
    g_free(t);
}

void abi_struct_free(AbiStruct *s)
{
    g_free(s->name);
    g_free(s->source);
    g_ptr_array_free(s->fields, TRUE);
    g_ptr_array_free(s->unions, TRUE);
    g_ptr_array_free(s->tails, TRUE);
    g_free(s);
}

static void free_number(gpointer data)
{
    AbiNumber *n = data;

    g_free(n->node);
    g_free(n->name);
    g_free(n);
}

AbiProfile *abi_profile_new(void)
{
    AbiProfile *p = g_new0(AbiProfile, 1);

    p->structs = g_ptr_array_new_with_free_func(
        (GDestroyNotify)abi_struct_free);
    p->numbers = g_ptr_array_new_with_free_func(free_number);
    return p;
}

void abi_profile_free(AbiProfile *p)
{
    if (p) {
        g_free(p->abi);
        g_free(p->compatible);
        g_ptr_array_free(p->structs, TRUE);
        g_ptr_array_free(p->numbers, TRUE);
        g_free(p);
    }
}

AbiStruct *abi_struct_new(const char *name, uint32_t size)
{
    AbiStruct *s = g_new0(AbiStruct, 1);

    s->name = g_strdup(name);
    s->size = size;
    s->fields = g_ptr_array_new_with_free_func(free_field);
    s->unions = g_ptr_array_new_with_free_func(free_union);
    s->tails = g_ptr_array_new_with_free_func(free_tail);
    return s;
}

AbiField *abi_field_new(const char *name, const FwField *place)
{
    AbiField *f = g_new0(AbiField, 1);

    f->name = g_strdup(name);
    f->place = *place;
    return f;
}

AbiUnion *abi_union_new(const char *name)
{
    AbiUnion *u = g_new0(AbiUnion, 1);

    u->name = g_strdup(name);
    u->arms = g_ptr_array_new_with_free_func(free_arm);
    return u;
}

AbiTail *abi_tail_new(const char *name, uint32_t offset, uint32_t size)
{
    AbiTail *t = g_new0(AbiTail, 1);

    t->name = g_strdup(name);
    t->offset = offset;
    t->size = size;
    t->fields = g_ptr_array_new_with_free_func(free_field);
    return t;
}

void abi_profile_number(AbiProfile *p, const char *node, const char *name,
                        uint64_t value)
{
    AbiNumber *n = g_new0(AbiNumber, 1);

    n->node = g_strdup(node);
    n->name = g_strdup(name);
    n->value = value;
    g_ptr_array_add(p->numbers, n);
}

AbiStruct *abi_find_struct(const AbiProfile *p, const char *name)
{
    for (unsigned i = 0; i < p->structs->len; i++) {
        AbiStruct *s = p->structs->pdata[i];

        if (!strcmp(s->name, name)) {
            return s;
        }
    }
    return NULL;
}

AbiField *abi_find_field(const AbiStruct *s, const char *name)
{
    for (unsigned i = 0; i < s->fields->len; i++) {
        AbiField *f = s->fields->pdata[i];

        if (!strcmp(f->name, name)) {
            return f;
        }
    }
    return NULL;
}

const AbiNumber *abi_find_number(const AbiProfile *p, const char *node,
                                 const char *name)
{
    for (unsigned i = 0; i < p->numbers->len; i++) {
        const AbiNumber *n = p->numbers->pdata[i];

        if (!strcmp(n->node, node) && !strcmp(n->name, name)) {
            return n;
        }
    }
    return NULL;
}

char *abi_property_name(const char *name)
{
    /* Names that mean something else in a struct's node, or to dtc. */
    static const char *const taken[] = {
        "size", "offset", "length", "selector", "arms", "name", "phandle",
    };
    char *s;

    while (*name == '_') {
        name++;
    }
    s = g_strdup(*name ? name : "unnamed");
    for (char *c = s; *c; c++) {
        if (!g_ascii_isalnum(*c) && *c != '.' && *c != '+') {
            *c = '-';
        }
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(taken); i++) {
        if (!strcmp(s, taken[i])) {
            g_free(s);
            return g_strconcat(taken[i], "_", NULL);
        }
    }
    return s;
}

/* Reading. */

static bool read_place(const FwDtb *d, int node, const char *name,
                       uint64_t end_max, FwField *f)
{
    uint32_t c[FW_DTB_CELLS_MAX];
    unsigned n;
    uint64_t end;

    if (!fw_dtb_cells(d, node, name, c, &n)) {
        return false;
    }
    if (n != 2 && n != 4 && n != 6) {
        return fw_dtb_fail(d, node, name, "has %u cells; 2, 4 or 6 expected",
                           n);
    }
    if (n == 2) {
        c[2] = 0;
        c[3] = c[1] * 8;
    }
    if (n < 6) {
        c[4] = 1;
        c[5] = 0;
    }
    if (c[1] != 1 && c[1] != 2 && c[1] != 4 && c[1] != 8) {
        return fw_dtb_fail(d, node, name, "is %u bytes wide; 1, 2, 4 or 8 "
                           "expected", c[1]);
    }
    if (c[3] == 0 || c[3] > c[1] * 8 || c[2] > c[1] * 8 - c[3]) {
        return fw_dtb_fail(d, node, name, "%u bits from bit %u do not fit %u "
                           "bytes", c[3], c[2], c[1]);
    }
    end = c[0] + (uint64_t)(c[4] ? c[4] - 1 : 0) * c[5] + c[1];
    if (c[4] == 0 || c[0] % c[1] || end > end_max) {
        return fw_dtb_fail(d, node, name, "lies outside its struct, or is not "
                           "aligned, or has no elements");
    }
    *f = (FwField) {
        .offset = c[0], .size = c[1], .lsb = c[2], .width = c[3],
        .count = c[4], .stride = c[4] > 1 ? c[5] : 0,
    };
    return true;
}

/* A string of a union's or tail's node, or NULL. */
static bool read_text(const FwDtb *d, int node, const char *name, char **text)
{
    char buf[128];
    bool found;

    if (!fw_dtb_string(d, node, name, buf, sizeof(buf), &found)) {
        return false;
    }
    *text = found ? g_strdup(buf) : NULL;
    return true;
}

static bool read_fields(const FwDtb *d, int node, uint64_t end,
                        const char *const *skip, GPtrArray *fields)
{
    int prop;

    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;
        FwField place;
        bool skipped = false;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, NULL)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        for (unsigned i = 0; skip[i] && !skipped; i++) {
            skipped = !strcmp(skip[i], name);
        }
        if (skipped) {
            continue;
        }
        if (!read_place(d, node, name, end, &place)) {
            return false;
        }
        g_ptr_array_add(fields, abi_field_new(name, &place));
    }
    return true;
}

static bool read_union(const FwDtb *d, int node, AbiStruct *s)
{
    AbiUnion *u = abi_union_new(fdt_get_name(d->fdt, node, NULL));
    int count = fdt_stringlist_count(d->fdt, node, "arms");
    int prop;

    g_ptr_array_add(s->unions, u);
    if (!read_text(d, node, "selector", &u->selector)) {
        return false;
    }
    for (int i = 0; i < count; i++) {
        AbiArm *a = g_new0(AbiArm, 1);

        a->name = g_strdup(fdt_stringlist_get(d->fdt, node, "arms", i, NULL));
        g_ptr_array_add(u->arms, a);
    }
    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, NULL)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        for (unsigned i = 0; i < u->arms->len; i++) {
            AbiArm *a = u->arms->pdata[i];

            if (!strcmp(a->name, name) &&
                !fw_dtb_u64(d, node, name, &a->value, &a->has_value)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_tail(const FwDtb *d, int node, AbiStruct *s)
{
    static const char *const own[] = { "offset", "size", "length", NULL };
    AbiTail *t = abi_tail_new(fdt_get_name(d->fdt, node, NULL), 0, 0);
    bool has_offset, has_size;

    g_ptr_array_add(s->tails, t);
    if (!fw_dtb_u32(d, node, "offset", &t->offset, &has_offset) ||
        !fw_dtb_u32(d, node, "size", &t->size, &has_size) ||
        !read_text(d, node, "length", &t->length)) {
        return false;
    }
    if (!has_offset || !has_size) {
        return fw_dtb_fail(d, node, NULL, "'offset' and 'size' are needed");
    }
    return read_fields(d, node, t->size, own, t->fields);
}

/* Nodes "unions" and "tails" of a struct. */
static bool read_parts(const FwDtb *d, int node, AbiStruct *s)
{
    int group;
    int part;

    fdt_for_each_subnode(group, d->fdt, node) {
        const char *name = fdt_get_name(d->fdt, group, NULL);
        bool unions = !strcmp(name, "unions");

        if (!unions && strcmp(name, "tails")) {
            return fw_dtb_fail(d, group, NULL, "unknown node");
        }
        fdt_for_each_subnode(part, d->fdt, group) {
            if (!(unions ? read_union(d, part, s) : read_tail(d, part, s))) {
                return false;
            }
        }
    }
    return true;
}

static bool read_struct(const FwDtb *d, int node, AbiProfile *p)
{
    static const char *const own[] = { "size", NULL };
    AbiStruct *s = abi_struct_new(fdt_get_name(d->fdt, node, NULL), 0);
    bool found;

    g_ptr_array_add(p->structs, s);
    if (!fw_dtb_u32(d, node, "size", &s->size, &found)) {
        return false;
    }
    if (!found) {
        return fw_dtb_fail(d, node, "size", "missing");
    }
    return read_fields(d, node, s->size, own, s->fields) &&
           read_parts(d, node, s);
}

static bool read_numbers(const FwDtb *d, int node, AbiProfile *p)
{
    const char *where = fdt_get_name(d->fdt, node, NULL);
    int prop;

    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;
        uint64_t value;
        bool found;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, NULL)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        if (!fw_dtb_u64(d, node, name, &value, &found)) {
            return false;
        }
        abi_profile_number(p, where, name, value);
    }
    return true;
}

static bool read_root(const FwDtb *d, AbiProfile *p)
{
    const char *compatible = fdt_stringlist_get(d->fdt, 0, "compatible", 0,
                                                NULL);
    char abi[64];
    bool found;
    int node, s;

    if (!fw_dtb_string(d, 0, "abi", abi, sizeof(abi), &found)) {
        return false;
    }
    if (!found) {
        return fw_dtb_fail(d, 0, "abi", "missing");
    }
    p->abi = g_strdup(abi);
    p->compatible = g_strdup(compatible);
    fdt_for_each_subnode(node, d->fdt, 0) {
        if (strcmp(fdt_get_name(d->fdt, node, NULL), "structs")) {
            if (!read_numbers(d, node, p)) {
                return false;
            }
            continue;
        }
        fdt_for_each_subnode(s, d->fdt, node) {
            if (!read_struct(d, s, p)) {
                return false;
            }
        }
    }
    return p->structs->len > 0 ||
           fw_dtb_fail(d, 0, NULL, "no struct is described");
}

AbiProfile *abi_profile_read(const void *dtb, size_t size, const char *file,
                             FwError *err)
{
    g_autoptr(AbiProfile) p = abi_profile_new();
    FwDtb d;
    bool ok;

    ok = fw_dtb_open(&d, dtb, size, NULL, file, err) && read_root(&d, p);
    fw_dtb_close(&d);
    return ok ? g_steal_pointer(&p) : NULL;
}

/* Printing. */

static void print_indent(GString *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++) {
        g_string_append_c(out, '\t');
    }
}

/* A comment must not end early, nor carry what a terminal obeys. */
static void print_comment(GString *out, const char *text)
{
    g_string_append(out, "/* ");
    for (const char *c = text; *c; c++) {
        if (c[0] == '*' && c[1] == '/') {
            g_string_append_c(out, '*');
            g_string_append_c(out, ' ');
        } else {
            g_string_append_c(out, *c < ' ' || *c > '~' ? '?' : *c);
        }
    }
    g_string_append(out, " */");
}

static void print_field(GString *out, unsigned depth, const AbiField *f)
{
    const FwField *p = &f->place;

    print_indent(out, depth);
    if (!p->width) {
        print_comment(out, f->note);
        g_string_append_c(out, '\n');
        return;
    }
    g_string_append_printf(out, "%s = <0x%02x %u", f->name, p->offset,
                           p->size);
    if (p->lsb || p->width != p->size * 8 || p->count != 1) {
        g_string_append_printf(out, " %u %u", p->lsb, p->width);
    }
    if (p->count != 1) {
        g_string_append_printf(out, " %u 0x%x", p->count, p->stride);
    }
    g_string_append(out, ">;");
    if (f->note) {
        g_string_append(out, "\t");
        print_comment(out, f->note);
    }
    g_string_append_c(out, '\n');
}

static void print_number(GString *out, unsigned depth, const char *name,
                         uint64_t value)
{
    print_indent(out, depth);
    if (value > UINT32_MAX) {
        g_string_append_printf(out, "%s = <0x%x 0x%x>;\n", name,
                               (unsigned)(value >> 32), (unsigned)value);
    } else if (value > 0xffff) {
        g_string_append_printf(out, "%s = <0x%x>;\n", name, (unsigned)value);
    } else {
        g_string_append_printf(out, "%s = <%u>;\n", name, (unsigned)value);
    }
}

static void open_node(GString *out, unsigned depth, const char *name)
{
    print_indent(out, depth);
    g_string_append_printf(out, "%s {\n", name);
}

static void close_node(GString *out, unsigned depth)
{
    print_indent(out, depth);
    g_string_append(out, "};\n");
}

static void print_union(GString *out, unsigned depth, const AbiUnion *u)
{
    open_node(out, depth, u->name);
    if (u->selector) {
        print_indent(out, depth + 1);
        g_string_append_printf(out, "selector = \"%s\";\n", u->selector);
    }
    for (unsigned i = 0; i < u->arms->len; i++) {
        const AbiArm *a = u->arms->pdata[i];

        if (i == 0) {
            print_indent(out, depth + 1);
            g_string_append(out, "arms = ");
        }
        g_string_append_printf(out, "%s\"%s\"", i ? ", " : "", a->name);
    }
    g_string_append(out, u->arms->len ? ";\n" : "");
    for (unsigned i = 0; i < u->arms->len; i++) {
        const AbiArm *a = u->arms->pdata[i];

        if (a->has_value) {
            print_number(out, depth + 1, a->name, a->value);
        }
    }
    close_node(out, depth);
}

static void print_tail(GString *out, unsigned depth, const AbiTail *t)
{
    open_node(out, depth, t->name);
    print_indent(out, depth + 1);
    g_string_append_printf(out, "offset = <0x%02x>;\n", t->offset);
    print_indent(out, depth + 1);
    g_string_append_printf(out, "size = <0x%02x>;\n", t->size);
    if (t->length) {
        print_indent(out, depth + 1);
        g_string_append_printf(out, "length = \"%s\";\n", t->length);
    }
    for (unsigned i = 0; i < t->fields->len; i++) {
        print_field(out, depth + 1, t->fields->pdata[i]);
    }
    close_node(out, depth);
}

static void print_struct(GString *out, unsigned depth, const AbiStruct *s)
{
    if (s->source) {
        print_indent(out, depth);
        print_comment(out, s->source);
        g_string_append_c(out, '\n');
    }
    open_node(out, depth, s->name);
    print_indent(out, depth + 1);
    g_string_append_printf(out, "size = <0x%02x>;\n", s->size);
    for (unsigned i = 0; i < s->fields->len; i++) {
        print_field(out, depth + 1, s->fields->pdata[i]);
    }
    if (s->unions->len) {
        open_node(out, depth + 1, "unions");
        for (unsigned i = 0; i < s->unions->len; i++) {
            print_union(out, depth + 2, s->unions->pdata[i]);
        }
        close_node(out, depth + 1);
    }
    if (s->tails->len) {
        open_node(out, depth + 1, "tails");
        for (unsigned i = 0; i < s->tails->len; i++) {
            print_tail(out, depth + 2, s->tails->pdata[i]);
        }
        close_node(out, depth + 1);
    }
    close_node(out, depth);
}

static void print_numbers(GString *out, const AbiProfile *p)
{
    for (unsigned i = 0; i < p->numbers->len; i++) {
        const AbiNumber *n = p->numbers->pdata[i];
        const AbiNumber *last = i ? p->numbers->pdata[i - 1] : NULL;
        const AbiNumber *next =
            i + 1 < p->numbers->len ? p->numbers->pdata[i + 1] : NULL;

        if (!last || strcmp(last->node, n->node)) {
            open_node(out, 1, n->node);
        }
        print_number(out, 2, n->name, n->value);
        if (!next || strcmp(next->node, n->node)) {
            close_node(out, 1);
            g_string_append_c(out, '\n');
        }
    }
}

void abi_profile_print(GString *out, const AbiProfile *p, const AbiPrint *how)
{
    g_string_append(out, "// SPDX-License-Identifier: GPL-2.0-or-later\n");
    if (how->comment) {
        g_auto(GStrv) lines = g_strsplit(how->comment, "\n", -1);

        for (unsigned i = 0; lines[i]; i++) {
            print_comment(out, lines[i]);
            g_string_append_c(out, '\n');
        }
    }
    g_string_append(out, "/dts-v1/;\n\n");
    if (how->base) {
        g_string_append_printf(out, "/include/ \"%s.dts\"\n\n", how->base);
    }
    g_string_append(out, "/ {\n");
    if (p->compatible && !how->base) {
        g_string_append_printf(out, "\tcompatible = \"%s\";\n",
                               p->compatible);
    }
    if (p->abi) {
        g_string_append_printf(out, "\tabi = \"%s\";\n\n", p->abi);
    }
    print_numbers(out, p);
    if (p->structs->len) {
        open_node(out, 1, "structs");
        for (unsigned i = 0; i < p->structs->len; i++) {
            g_string_append(out, i ? "\n" : "");
            print_struct(out, 2, p->structs->pdata[i]);
        }
        close_node(out, 1);
    }
    g_string_append(out, "};\n");
}
