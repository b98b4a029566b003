/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "compare.h"
#include "flatten.h"

const char *const verdict_names[NR_VERDICTS] = {
    [VERDICT_AGREE] = "agree",
    [VERDICT_UNSEEN] = "unseen",
    [VERDICT_MOVED] = "moved",
    [VERDICT_RESIZED] = "resized",
    [VERDICT_CHANGED] = "changed",
    [VERDICT_MISSING] = "missing",
    [VERDICT_UNMAPPED] = "unmapped",
};

static void free_finding(gpointer data)
{
    Finding *f = data;

    g_free(f->node);
    g_free(f->name);
    g_free(f);
}

static Finding *add(GPtrArray *out, const char *node, const char *name,
                    Verdict verdict)
{
    Finding *f = g_new0(Finding, 1);

    f->node = g_strdup(node);
    f->name = g_strdup(name);
    f->verdict = verdict;
    g_ptr_array_add(out, f);
    return f;
}

static Verdict compare_places(const FwField *a, const FwField *b)
{
    if (a->size != b->size || a->width != b->width || a->count != b->count) {
        return VERDICT_RESIZED;
    }
    if (a->offset != b->offset || a->lsb != b->lsb ||
        a->stride != b->stride) {
        return VERDICT_MOVED;
    }
    return VERDICT_AGREE;
}

/* The same bits may be told as bits of a wider word. */
static FwField first_byte_of(const FwField *f)
{
    FwField n = *f;

    n.offset += f->lsb / 8;
    n.lsb = f->lsb % 8;
    n.size = 1;
    return n;
}

static Verdict compare_bits(const FwField *a, const FwField *b)
{
    FwField x = first_byte_of(a);
    FwField y = first_byte_of(b);

    return a->size == b->size ? compare_places(a, b) : compare_places(&x, &y);
}

static void compare_size(GPtrArray *out, const AbiStruct *s, bool known,
                         bool optional, uint32_t size)
{
    /* More than the driver knows of harms nobody. */
    Finding *f = add(out, s->name, NULL,
                     !known && optional ? VERDICT_UNSEEN
                     : !known ? VERDICT_MISSING
                     : s->size < size ? VERDICT_RESIZED : VERDICT_AGREE);

    f->is_number = true;
    f->numbers[0] = s->size;
    f->numbers[1] = size;
}

/* One of the places where the driver has a field. */
static Verdict compare_place(const AbiField *field, const Belief *b,
                             const FwField *place)
{
    FwField word = field->place;
    Verdict v;

    if (b->kind == BELIEF_PLACE) {
        return b->field && b->field->bits
               ? compare_bits(&field->place, place)
               : compare_places(&field->place, place);
    }
    word.lsb = 0;
    word.width = word.size * 8;
    v = compare_places(&word, place);
    return v == VERDICT_AGREE ? VERDICT_UNSEEN : v;
}

static void compare_belief(GPtrArray *out, const char *node,
                           const AbiField *field, const Belief *b)
{
    Finding *f = add(out, node, field->name, VERDICT_UNMAPPED);

    f->profile = field->place;
    if (!b) {
        return;
    }
    f->driver = b->place;
    switch (b->kind) {
    case BELIEF_PLACE:
    case BELIEF_WORD:
        f->verdict = compare_place(field, b, &b->place);
        for (unsigned i = 0; i < b->nr_more && verdict_differs(f->verdict);
             i++) {
            Verdict v = compare_place(field, b, &b->more[i]);

            if (!verdict_differs(v)) {
                f->verdict = v;
                f->driver = b->more[i];
            }
        }
        break;
    case BELIEF_HIDDEN:
        f->verdict = VERDICT_UNSEEN;
        break;
    default:
        f->verdict = VERDICT_MISSING;
        break;
    }
}

static const Belief *find_belief(const Beliefs *b, const char *name)
{
    for (unsigned i = 0; b && i < b->fields->len; i++) {
        const Belief *f = &g_array_index(b->fields, Belief, i);

        if (!strcmp(f->field->name, name)) {
            return f;
        }
    }
    return NULL;
}

static const Beliefs *find_beliefs(GPtrArray *beliefs, const char *node)
{
    for (unsigned i = 0; i < beliefs->len; i++) {
        const Beliefs *b = beliefs->pdata[i];

        if (!strcmp(b->strct->node, node)) {
            return b;
        }
    }
    return NULL;
}

/* Only numbers that the map names mean anything to a driver. */
static void compare_numbers(GPtrArray *out, const AbiProfile *p,
                            const AbiMap *map, GHashTable *values)
{
    for (unsigned i = 0; i < p->numbers->len; i++) {
        const AbiNumber *n = p->numbers->pdata[i];
        const MapNumber *m = map_number(map, n->node, n->name);
        const uint64_t *v = m && values
                            ? g_hash_table_lookup(values, m->value) : NULL;
        Finding *f;

        if (!m) {
            continue;
        }
        f = add(out, n->node, n->name,
                !values ? VERDICT_UNSEEN
                : !v ? VERDICT_MISSING
                : *v == n->value ? VERDICT_AGREE : VERDICT_CHANGED);
        f->is_number = true;
        f->numbers[0] = n->value;
        f->numbers[1] = v ? *v : 0;
    }
}

GPtrArray *compare_mapped(const AbiProfile *p, const AbiMap *map,
                          GPtrArray *beliefs, GHashTable *values)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(free_finding);

    for (unsigned i = 0; i < p->structs->len; i++) {
        const AbiStruct *s = p->structs->pdata[i];
        const Beliefs *b = find_beliefs(beliefs, s->name);

        if (b) {
            compare_size(out, s, b->known, b->strct->optional, b->size);
            if (!b->known && b->strct->optional) {
                continue;
            }
        } else {
            Finding *f = add(out, s->name, NULL, VERDICT_UNMAPPED);

            f->is_number = true;
            f->numbers[0] = s->size;
        }
        for (unsigned k = 0; k < s->fields->len; k++) {
            const AbiField *field = s->fields->pdata[k];

            compare_belief(out, s->name, field, find_belief(b, field->name));
        }
    }
    compare_numbers(out, p, map, values);
    return out;
}

static void compare_fields(GPtrArray *out, const char *node,
                           GPtrArray *profile, GPtrArray *driver)
{
    for (unsigned i = 0; i < profile->len; i++) {
        const AbiField *field = profile->pdata[i];
        Belief b = { .kind = BELIEF_NONE };

        for (unsigned k = 0; driver && k < driver->len; k++) {
            const AbiField *d = driver->pdata[k];

            if (d->place.width && !strcmp(d->name, field->name)) {
                b.kind = BELIEF_PLACE;
                b.place = d->place;
            }
        }
        compare_belief(out, node, field, &b);
    }
}

static void compare_tail(GPtrArray *out, const AbiStruct *s,
                         const AbiTail *tail, const AbiStruct *driver)
{
    g_autofree char *node = g_strconcat(s->name, "/", tail->name, NULL);
    const AbiTail *theirs = NULL;
    Finding *f;

    for (unsigned i = 0; driver && i < driver->tails->len; i++) {
        const AbiTail *t = driver->tails->pdata[i];

        if (!strcmp(t->name, tail->name)) {
            theirs = t;
        }
    }
    f = add(out, node, NULL, !theirs ? VERDICT_MISSING
            : theirs->offset != tail->offset ? VERDICT_MOVED
            : theirs->size != tail->size ? VERDICT_RESIZED : VERDICT_AGREE);
    f->is_number = true;
    f->numbers[0] = tail->size;
    f->numbers[1] = theirs ? theirs->size : 0;
    if (f->verdict == VERDICT_MOVED) {
        f->name = g_strdup("offset");
        f->numbers[0] = tail->offset;
        f->numbers[1] = theirs->offset;
    }
    compare_fields(out, node, tail->fields, theirs ? theirs->fields : NULL);
}

GPtrArray *compare_named(const AbiProfile *p, GPtrArray *types,
                         const char *file, FwError *err)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(free_finding);

    for (unsigned i = 0; i < p->structs->len; i++) {
        const AbiStruct *s = p->structs->pdata[i];
        const CtType *t = types->pdata[i];
        AbiStruct *d = t ? flatten(t, s->name, false, file, err) : NULL;

        if (t && !d) {
            return NULL;
        }
        compare_size(out, s, d, false, d ? d->size : 0);
        compare_fields(out, s->name, s->fields, d ? d->fields : NULL);
        for (unsigned k = 0; k < s->tails->len; k++) {
            compare_tail(out, s, s->tails->pdata[k], d);
        }
        if (d) {
            abi_struct_free(d);
        }
    }
    return g_steal_pointer(&out);
}
