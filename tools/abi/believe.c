/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "flatten.h"
#include "map.h"
#include "say.h"
#include "select.h"

/* Narrow a word to the bits of a mask; they must be next to each other. */
static bool narrow(FwField *f, uint64_t mask)
{
    unsigned lsb = mask ? __builtin_ctzll(mask) : 0;
    uint64_t ones = mask >> lsb;
    unsigned width = mask ? 64 - __builtin_clzll(ones) : 0;

    if (!width || (ones & (ones + 1)) || lsb + width > f->width) {
        return false;
    }
    f->lsb += lsb;
    f->width = width;
    return true;
}

/* One member; places of later ones go behind those of the first. */
static void believe_member(Belief *b, const AbiStruct *s, const char *member,
                           GHashTable *values)
{
    const AbiField *f = abi_find_field(s, member);
    const uint64_t *mask = NULL;
    BeliefKind kind = b->field->bits && !values ? BELIEF_WORD : BELIEF_PLACE;
    FwField place;

    if (!f || !f->place.width) {
        return;
    }
    place = f->place;
    if (b->field->bits && values) {
        mask = g_hash_table_lookup(values, b->field->bits);
        if (!mask || !narrow(&place, *mask)) {
            return;
        }
    }
    if (b->kind == BELIEF_NONE) {
        b->kind = kind;
        b->place = place;
    } else if (b->nr_more < BELIEF_PLACES_MAX) {
        b->more[b->nr_more++] = place;
    }
}

static Belief believe_field(const MapField *m, const AbiStruct *s,
                            const char *member, GHashTable *values)
{
    g_auto(GStrv) members = g_strsplit(member, "|", -1);
    Belief b = { .field = m, .kind = BELIEF_NONE };

    for (unsigned i = 0; members[i]; i++) {
        believe_member(&b, s, members[i], values);
    }
    return b;
}

/* The driver's struct, of several that which @pick means. */
static const CtType *choose(const MapStruct *m, const MapPick *pick, CtDb *db,
                            const char *file, FwError *err)
{
    const AbiStruct *like = pick->like
                            ? abi_find_struct(pick->like, m->node) : NULL;
    const CtType *found = NULL;

    err->text[0] = '\0';
    for (unsigned i = 0; m->sources[i]; i++) {
        const CtType *type = select_one(db, m->sources[i], file, err);

        if (err->text[0]) {
            return NULL;
        }
        if (type && (like ? ct_strip(type)->size == like->size
                          : i + 1 == pick->variant)) {
            return type;
        }
        found = found ? found : type;
    }
    return found;
}

static Beliefs *believe_struct(const MapStruct *m, const MapPick *pick,
                               CtDb *db, GHashTable *values, const char *file,
                               FwError *err)
{
    const CtType *type = choose(m, pick, db, file, err);
    Beliefs *b;
    AbiStruct *s;

    if (!type && err->text[0]) {
        return NULL;
    }
    b = g_new0(Beliefs, 1);
    b->strct = m;
    b->known = type;
    b->fields = g_array_new(FALSE, FALSE, sizeof(Belief));
    s = type ? flatten(type, m->source, true, file, err)
             : abi_struct_new(m->source, 0);
    if (!s) {
        g_array_free(b->fields, TRUE);
        g_free(b);
        return NULL;
    }
    b->size = s->size;
    for (unsigned i = 0; i < m->fields->len; i++) {
        const MapField *f = m->fields->pdata[i];
        Belief field = believe_field(f, s, m->word ? m->word : f->member,
                                     values);

        if (m->word) {
            /* The profile describes the word once, by itself. */
            b->size = field.place.size ? field.place.size : b->size;
            field.place.offset = 0;
            if (field.kind == BELIEF_WORD) {
                field.kind = BELIEF_HIDDEN;
            }
        }
        g_array_append_val(b->fields, field);
    }
    abi_struct_free(s);
    return b;
}

static void free_beliefs(gpointer data)
{
    Beliefs *b = data;

    g_array_free(b->fields, TRUE);
    g_free(b);
}

GPtrArray *map_believe(const AbiMap *map, const MapPick *pick, CtDb *db,
                       GHashTable *values, const char *file, FwError *err)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(free_beliefs);

    for (unsigned i = 0; i < map->structs->len; i++) {
        Beliefs *b = believe_struct(map->structs->pdata[i], pick, db, values,
                                    file, err);

        if (!b) {
            return NULL;
        }
        g_ptr_array_add(out, b);
    }
    return g_steal_pointer(&out);
}
