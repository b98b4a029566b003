/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "ctype.h"

#define ALIASES_MAX 64
#define DEPTH_MAX 8
#define COMPARE_MAX 100000

static const CtType opaque = { .kind = CT_OPAQUE };

static void free_type(gpointer data)
{
    CtType *t = data;

    if (t->members) {
        g_array_free(t->members, TRUE);
    }
    if (t->values) {
        g_array_free(t->values, TRUE);
    }
    g_free(t);
}

CtDb *ct_new(void)
{
    CtDb *db = g_new0(CtDb, 1);

    db->types = g_ptr_array_new_with_free_func(free_type);
    db->strings = g_string_chunk_new(4096);
    db->named = g_array_new(FALSE, FALSE, sizeof(CtNamed));
    return db;
}

void ct_free(CtDb *db)
{
    if (!db) {
        return;
    }
    g_ptr_array_free(db->types, TRUE);
    g_string_chunk_free(db->strings);
    g_array_free(db->named, TRUE);
    g_free(db);
}

CtType *ct_add(CtDb *db, CtKind kind, const char *name, uint64_t size)
{
    CtType *t = g_new0(CtType, 1);

    t->kind = kind;
    t->name = name && *name ? ct_string(db, name) : NULL;
    t->size = size;
    g_ptr_array_add(db->types, t);
    return t;
}

const char *ct_string(CtDb *db, const char *s)
{
    return s && *s ? g_string_chunk_insert_const(db->strings, s) : "";
}

CtMember *ct_member(CtDb *db, CtType *type, const char *name, CtType *mtype,
                    uint64_t bit, uint32_t bits)
{
    const CtMember m = {
        .name = ct_string(db, name), .type = mtype, .bit = bit, .bits = bits,
    };

    if (!type->members) {
        type->members = g_array_new(FALSE, FALSE, sizeof(CtMember));
    }
    g_array_append_val(type->members, m);
    return &g_array_index(type->members, CtMember, type->members->len - 1);
}

void ct_value(CtDb *db, CtType *type, const char *name, uint64_t value)
{
    const CtValue v = { .name = ct_string(db, name), .value = value };

    if (!type->values) {
        type->values = g_array_new(FALSE, FALSE, sizeof(CtValue));
    }
    g_array_append_val(type->values, v);
}

void ct_name(CtDb *db, const char *name, CtType *type, bool own)
{
    const CtNamed n = {
        .name = ct_string(db, name), .type = type, .own = own,
    };

    g_array_append_val(db->named, n);
}

const CtType *ct_strip(const CtType *t)
{
    for (unsigned i = 0; t && i < ALIASES_MAX; i++) {
        if (t->kind != CT_ALIAS) {
            return t;
        }
        t = t->target;
    }
    return &opaque;
}

uint64_t ct_size(const CtType *t)
{
    uint64_t n = 1;

    for (unsigned i = 0; i < ALIASES_MAX; i++) {
        t = ct_strip(t);
        if (t->kind != CT_ARRAY) {
            return t->size > UINT32_MAX / (n ? n : 1) ? 0 : n * t->size;
        }
        if (t->count && n > UINT32_MAX / t->count) {
            return 0;
        }
        n *= t->count;
        t = t->target;
    }
    return 0;
}

typedef struct Pair {
    const CtType *a;
    const CtType *b;
    unsigned depth;
} Pair;

static bool same_values(const CtType *a, const CtType *b)
{
    unsigned n = a->values ? a->values->len : 0;

    if (n != (b->values ? b->values->len : 0)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        const CtValue *x = &g_array_index(a->values, CtValue, i);
        const CtValue *y = &g_array_index(b->values, CtValue, i);

        if (x->value != y->value || strcmp(x->name, y->name)) {
            return false;
        }
    }
    return true;
}

static bool same_members(const Pair *p, GArray *todo)
{
    unsigned n = p->a->members ? p->a->members->len : 0;

    if (n != (p->b->members ? p->b->members->len : 0)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        const CtMember *x = &g_array_index(p->a->members, CtMember, i);
        const CtMember *y = &g_array_index(p->b->members, CtMember, i);
        const Pair next = { x->type, y->type, p->depth + 1 };

        if (x->bit != y->bit || x->bits != y->bits ||
            strcmp(x->name, y->name)) {
            return false;
        }
        g_array_append_val(todo, next);
    }
    return true;
}

bool ct_equal(const CtType *a, const CtType *b)
{
    g_autoptr(GArray) todo = g_array_new(FALSE, FALSE, sizeof(Pair));
    Pair p = { a, b, 0 };

    g_array_append_val(todo, p);
    for (unsigned steps = 0; todo->len; steps++) {
        if (steps == COMPARE_MAX) {
            return false;
        }
        p = g_array_index(todo, Pair, todo->len - 1);
        g_array_set_size(todo, todo->len - 1);
        p.a = ct_strip(p.a);
        p.b = ct_strip(p.b);
        if (p.a == p.b) {
            continue;
        }
        if (p.a->kind != p.b->kind || p.a->size != p.b->size ||
            p.a->count != p.b->count || !same_values(p.a, p.b)) {
            return false;
        }
        if (p.depth >= DEPTH_MAX) {
            continue;
        }
        if (p.a->kind == CT_ARRAY) {
            const Pair next = { p.a->target, p.b->target, p.depth + 1 };

            g_array_append_val(todo, next);
        } else if (!same_members(&p, todo)) {
            return false;
        }
    }
    return true;
}
