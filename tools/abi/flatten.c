/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "flatten.h"
#include "say.h"

#define DEPTH_MAX 24
#define UNROLL_MAX 64

/* A member that is still to be looked at, and where it stands. */
typedef struct Todo {
    char *path;
    const CtType *type;
    uint64_t bit;
    uint32_t bits;          /* width of a bit-field, or 0 */
    uint32_t count;         /* of the arrays around it */
    uint32_t stride;
    unsigned depth;
    AbiTail *tail;          /* it is in the elements of this one */
} Todo;

typedef struct Flatten {
    AbiStruct *out;
    GPtrArray *todo;        /* Todo *, the next one last */
    GHashTable *names;      /* that are taken */
    bool raw;
    unsigned fields;
    const char *file;
    FwError *err;
} Flatten;

static void free_todo(gpointer data)
{
    Todo *t = data;

    g_free(t->path);
    g_free(t);
}

static char *join(const Flatten *f, const char *path, const char *name)
{
    g_autofree char *part = NULL;

    if (!*name) {
        return g_strdup(path);
    }
    part = f->raw ? g_strdup(name) : abi_property_name(name);
    if (!*path) {
        return g_steal_pointer(&part);
    }
    /* Only a whole name can be taken for something else. */
    if (!f->raw && g_str_has_suffix(part, "_")) {
        part[strlen(part) - 1] = '\0';
    }
    return g_strconcat(path, f->raw ? "." : "-", part, NULL);
}

/* A name that nothing else in the same node has. */
static char *fresh(Flatten *f, const void *node, const char *path,
                   const char *fallback)
{
    const char *stem = *path ? path : fallback;
    char *name = g_strdup(stem);

    for (unsigned i = 2; ; i++) {
        g_autofree char *key = g_strdup_printf("%p/%s", node, name);

        if (g_hash_table_add(f->names, g_steal_pointer(&key))) {
            return name;
        }
        g_free(name);
        name = g_strdup_printf("%s-%u", stem, i);
    }
}

static void add_field(Flatten *f, const Todo *t, const FwField *place,
                      const char *note)
{
    g_autofree char *name = fresh(f, t->tail, t->path,
                                  t->tail ? "value" : "unnamed");
    AbiField *field = abi_field_new(name, place);

    if (!place->width) {
        field->note = g_strdup_printf("%s: %s", name, note);
    } else {
        field->note = g_strdup(note);
    }
    g_ptr_array_add(t->tail ? t->tail->fields : f->out->fields, field);
    f->fields++;
}

static void leave_out(Flatten *f, const Todo *t, const char *why)
{
    const FwField nowhere = { 0 };

    add_field(f, t, &nowhere, why);
}

static bool is_word(uint64_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Bits in the smallest aligned word that holds all of them. */
static void add_bits(Flatten *f, const Todo *t, uint64_t size)
{
    for (uint32_t bytes = is_word(size) ? size : 1; bytes <= 8; bytes *= 2) {
        uint64_t offset = t->bit / (8 * bytes) * bytes;
        const FwField place = {
            .offset = offset, .size = bytes, .lsb = t->bit - 8 * offset,
            .width = t->bits, .count = t->count, .stride = t->stride,
        };

        if (place.lsb + t->bits <= 8 * bytes &&
            (t->count == 1 || t->stride % bytes == 0) &&
            (t->tail || offset + bytes <= f->out->size)) {
            add_field(f, t, &place, NULL);
            return;
        }
    }
    leave_out(f, t, "its bits are not in one aligned word");
}

static void add_scalar(Flatten *f, const Todo *t, uint64_t size)
{
    FwField place = {
        .offset = t->bit / 8, .size = size, .width = size * 8,
        .count = t->count, .stride = t->stride,
    };

    if (t->bits) {
        add_bits(f, t, size);
        return;
    }
    if (size == 16 && t->count == 1) {
        place.size = 8;
        place.width = 64;
        place.count = 2;
        place.stride = 8;
    } else if (!is_word(size)) {
        leave_out(f, t, "no word of 1, 2, 4 or 8 bytes");
        return;
    }
    if (t->bit % 8 || place.offset % place.size ||
        place.stride % place.size) {
        leave_out(f, t, "not aligned to its size");
        return;
    }
    add_field(f, t, &place, NULL);
}

static Todo *push(Flatten *f, const Todo *parent, const char *name,
                  const CtType *type, uint64_t bit)
{
    Todo *t = g_memdup2(parent, sizeof(*parent));

    t->path = join(f, parent->path, name);
    t->type = type;
    t->bit = bit;
    t->bits = 0;
    t->depth++;
    g_ptr_array_add(f->todo, t);
    return t;
}

static void add_union(Flatten *f, const Todo *t, const CtType *type)
{
    g_autofree char *name = NULL;
    AbiUnion *u;

    if (t->tail || f->raw || !type->members || type->members->len < 2) {
        return;
    }
    name = fresh(f, f->out->unions, t->path, "unnamed");
    u = abi_union_new(name);
    u->selector = type->selector ? join(f, t->path, type->selector) : NULL;
    for (unsigned i = 0; i < type->members->len; i++) {
        const CtMember *m = &g_array_index(type->members, CtMember, i);
        AbiArm *a = g_new0(AbiArm, 1);

        a->name = *m->name ? abi_property_name(m->name)
                           : g_strdup_printf("arm-%u", i + 1);
        a->has_value = m->has_tag;
        a->value = m->tag;
        g_ptr_array_add(u->arms, a);
    }
    g_ptr_array_add(f->out->unions, u);
}

/* Members go on the stack from the last to the first. */
static void add_members(Flatten *f, const Todo *t, const CtType *type)
{
    if (type->kind == CT_UNION) {
        add_union(f, t, type);
    }
    for (unsigned i = type->members ? type->members->len : 0; i-- > 0; ) {
        const CtMember *m = &g_array_index(type->members, CtMember, i);

        push(f, t, m->name, m->type, t->bit + m->bit)->bits = m->bits;
    }
}

/* The elements of an open array stand behind the struct. */
static void add_tail(Flatten *f, const Todo *t, const CtType *type,
                     uint64_t size)
{
    g_autofree char *name = NULL;
    AbiTail *tail;
    Todo *first;

    if (t->tail || t->count != 1 || t->bit % 8 || !size) {
        leave_out(f, t, "an open array whose elements have no place");
        return;
    }
    name = fresh(f, f->out->tails, t->path, "unnamed");
    tail = abi_tail_new(name, t->bit / 8, size);
    g_ptr_array_add(f->out->tails, tail);
    first = push(f, t, "", type->target, 0);
    first->tail = tail;
    g_free(first->path);
    first->path = g_strdup("");
}

static bool add_array(Flatten *f, const Todo *t, const CtType *type)
{
    uint64_t size = ct_size(type->target);
    uint64_t whole = size * type->count;
    Todo *e;

    if (type->count == 0) {
        add_tail(f, t, type, size);
    } else if (size == 0 || whole > UINT32_MAX) {
        leave_out(f, t, "an array of elements without a size");
    } else if (type->count == 1) {
        push(f, t, "", type->target, t->bit);
    } else if (t->count == 1 || t->stride == whole) {
        uint64_t count = type->count * t->count;

        if (count > UINT32_MAX) {
            leave_out(f, t, "an array of too many elements");
            return true;
        }
        e = push(f, t, "", type->target, t->bit);
        e->count = count;
        e->stride = size;
    } else if (type->count <= UNROLL_MAX) {
        for (uint64_t i = type->count; i-- > 0; ) {
            g_autofree char *index = g_strdup_printf("%u", (unsigned)i);

            push(f, t, index, type->target, t->bit + 8 * i * size);
        }
    } else {
        leave_out(f, t, "an array in the elements of an array");
    }
    return true;
}

static bool add(Flatten *f, const Todo *t)
{
    const CtType *type = ct_strip(t->type);

    if (f->fields > FLATTEN_FIELDS_MAX ||
        f->todo->len > 4 * FLATTEN_FIELDS_MAX) {
        return abi_fail(f->err, f->file, "struct %s has more than %u fields",
                        f->out->name, FLATTEN_FIELDS_MAX);
    }
    if (t->depth > DEPTH_MAX) {
        return abi_fail(f->err, f->file, "struct %s is nested deeper than %u",
                        f->out->name, DEPTH_MAX);
    }
    if (t->bit > (uint64_t)UINT32_MAX * 8) {
        return abi_fail(f->err, f->file, "struct %s is larger than 4 GiB",
                        f->out->name);
    }
    switch (type->kind) {
    case CT_STRUCT:
    case CT_UNION:
        add_members(f, t, type);
        return true;
    case CT_ARRAY:
        return add_array(f, t, type);
    case CT_SCALAR:
    case CT_ENUM:
        add_scalar(f, t, type->size);
        return true;
    default:
        leave_out(f, t, "of a type without a size");
        return true;
    }
}

AbiStruct *flatten(const CtType *type, const char *name, bool raw,
                   const char *file, FwError *err)
{
    const CtType *strct = ct_strip(type);
    Flatten f = { .raw = raw, .file = file, .err = err };
    Todo root = { .type = strct, .count = 1 };
    unsigned steps = 0;
    bool ok = true;

    if (strct->size > UINT32_MAX) {
        abi_fail(err, file, "struct %s is larger than 4 GiB", name);
        return NULL;
    }
    f.out = abi_struct_new(name, strct->size);
    f.todo = g_ptr_array_new_with_free_func(free_todo);
    f.names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    root.path = (char *)"";
    add_members(&f, &root, strct);
    while (ok && f.todo->len) {
        Todo *t = g_ptr_array_steal_index(f.todo, f.todo->len - 1);

        ok = add(&f, t);
        if (ok && ++steps > 16 * FLATTEN_FIELDS_MAX) {
            ok = abi_fail(err, file, "struct %s has too many parts", name);
        }
        free_todo(t);
    }
    g_ptr_array_free(f.todo, TRUE);
    g_hash_table_destroy(f.names);
    if (!ok) {
        abi_struct_free(f.out);
        return NULL;
    }
    return f.out;
}
