/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <unistd.h>

#include "frombtf.h"
#include "object.h"
#include "say.h"

/* Most types that one import may hold. */
#define TYPES_MAX 200000

typedef struct Reader {
    CtDb *db;
    struct btf *btf;
    CtType **by_id;
    GArray *todo;           /* ids that have a CtType, still to be filled */
    unsigned made;
    const char *file;
    FwError *err;
} Reader;

static CtKind kind_of(const struct btf_type *t)
{
    switch (btf_kind(t)) {
    case BTF_KIND_INT:
    case BTF_KIND_PTR:
    case BTF_KIND_FLOAT:
        return CT_SCALAR;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
        return CT_ENUM;
    case BTF_KIND_STRUCT:
        return CT_STRUCT;
    case BTF_KIND_UNION:
        return CT_UNION;
    case BTF_KIND_ARRAY:
        return CT_ARRAY;
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_TYPE_TAG:
        return CT_ALIAS;
    default:
        return CT_OPAQUE;
    }
}

static const char *name_at(Reader *r, uint32_t offset)
{
    const char *name = btf__name_by_offset(r->btf, offset);

    return name ? name : "";
}

/* The CtType of an id; one that is new is filled later, by fill_all(). */
static CtType *type_of(Reader *r, uint32_t id)
{
    const struct btf_type *t = btf__type_by_id(r->btf, id);
    CtKind kind = t ? kind_of(t) : CT_OPAQUE;
    uint64_t size = 0;

    if (r->by_id[id]) {
        return r->by_id[id];
    }
    if (kind == CT_SCALAR) {
        size = btf_is_ptr(t) ? 8 : t->size;
    } else if (kind == CT_ENUM || kind == CT_STRUCT || kind == CT_UNION) {
        size = t->size;
    }
    r->by_id[id] = ct_add(r->db, kind, t ? name_at(r, t->name_off) : NULL,
                          size);
    r->made++;
    g_array_append_val(r->todo, id);
    return r->by_id[id];
}

static void fill_members(Reader *r, CtType *c, const struct btf_type *t)
{
    const struct btf_member *m = btf_members(t);

    for (unsigned i = 0; i < btf_vlen(t); i++, m++) {
        ct_member(r->db, c, name_at(r, m->name_off), type_of(r, m->type),
                  btf_member_bit_offset(t, i),
                  btf_member_bitfield_size(t, i));
    }
}

static void fill_values(Reader *r, CtType *c, const struct btf_type *t)
{
    if (btf_is_enum64(t)) {
        const struct btf_enum64 *e = btf_enum64(t);

        for (unsigned i = 0; i < btf_vlen(t); i++, e++) {
            ct_value(r->db, c, name_at(r, e->name_off),
                     btf_enum64_value(e));
        }
        return;
    }
    for (unsigned i = 0; i < btf_vlen(t); i++) {
        const struct btf_enum *e = btf_enum(t) + i;

        /* Negative ones stay negative; the others are 32 bits wide. */
        ct_value(r->db, c, name_at(r, e->name_off),
                 btf_kflag(t) ? (uint64_t)(int64_t)e->val : (uint32_t)e->val);
    }
}

static void fill(Reader *r, uint32_t id)
{
    const struct btf_type *t = btf__type_by_id(r->btf, id);
    CtType *c = r->by_id[id];

    switch (c->kind) {
    case CT_STRUCT:
    case CT_UNION:
        fill_members(r, c, t);
        break;
    case CT_ENUM:
        fill_values(r, c, t);
        break;
    case CT_ARRAY:
        c->count = btf_array(t)->nelems;
        c->target = type_of(r, btf_array(t)->type);
        break;
    case CT_ALIAS:
        c->target = type_of(r, t->type);
        break;
    default:
        break;
    }
}

static bool fill_all(Reader *r)
{
    while (r->todo->len) {
        uint32_t id = g_array_index(r->todo, uint32_t, r->todo->len - 1);

        if (r->made > TYPES_MAX) {
            return abi_fail(r->err, r->file, "more than %u types are asked "
                            "for: name fewer structs", TYPES_MAX);
        }
        g_array_set_size(r->todo, r->todo->len - 1);
        fill(r, id);
    }
    return true;
}

/* A struct, union or enum, or a typedef of one. */
static bool is_named(Reader *r, uint32_t id)
{
    const struct btf_type *t = btf__type_by_id(r->btf, id);
    bool alias = btf_is_typedef(t);

    if (!t->name_off) {
        return false;
    }
    for (unsigned i = 0; i < 32 && t && kind_of(t) == CT_ALIAS; i++) {
        t = btf__type_by_id(r->btf, t->type);
    }
    return t && (btf_is_composite(t) || btf_is_any_enum(t)) &&
           (alias || kind_of(t) != CT_ALIAS);
}

static bool read_types(Reader *r, uint32_t own, CtWant want, void *opaque)
{
    uint32_t n = btf__type_cnt(r->btf);

    r->by_id = g_new0(CtType *, n);
    r->todo = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t id = 1; id < n; id++) {
        const struct btf_type *t = btf__type_by_id(r->btf, id);
        const char *name = name_at(r, t->name_off);

        if (*name && is_named(r, id) && want(opaque, name)) {
            ct_name(r->db, name, type_of(r, id), id >= own);
        }
    }
    return fill_all(r);
}

/* libbpf takes split BTF from files only: its function for memory is hidden. */
static struct btf *open_split(GBytes *btf, struct btf *base)
{
    g_autofree char *path = NULL;
    struct btf *b = NULL;
    gsize size;
    const void *data = g_bytes_get_data(btf, &size);
    int fd = g_file_open_tmp("gpumbox-btf-XXXXXX", &path, NULL);

    if (fd < 0) {
        return NULL;
    }
    if (object_write(fd, data, size)) {
        b = btf__parse_raw_split(path, base);
    }
    close(fd);
    unlink(path);
    return libbpf_get_error(b) ? NULL : b;
}

static struct btf *open_btf(GBytes *btf, struct btf *base)
{
    gsize size;
    const void *data = g_bytes_get_data(btf, &size);
    struct btf *b = base ? open_split(btf, base) : btf__new(data, size);

    return libbpf_get_error(b) ? NULL : b;
}

bool btf_types(CtDb *db, GBytes *btf, const char *file, GBytes *base,
               const char *base_file, CtWant want, void *opaque, FwError *err)
{
    Reader r = { .db = db, .file = file, .err = err };
    struct btf *below = NULL;
    BtfShape base_shape, shape;
    bool ok;

    if ((base && !btf_check(base, NULL, &base_shape, base_file, err)) ||
        !btf_check(btf, base ? &base_shape : NULL, &shape, file, err)) {
        return false;
    }
    libbpf_set_print(NULL);
    if (base) {
        below = open_btf(base, NULL);
        if (!below) {
            return abi_fail(err, base_file, "its BTF is not understood");
        }
    }
    r.btf = open_btf(btf, below);
    ok = r.btf ? read_types(&r, base ? base_shape.types : 1, want, opaque)
               : abi_fail(err, file, "its BTF is not understood");
    g_free(r.by_id);
    if (r.todo) {
        g_array_free(r.todo, TRUE);
    }
    btf__free(r.btf);
    btf__free(below);
    return ok;
}
