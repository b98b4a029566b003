/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"
#include "say.h"
#include "select.h"

/* A pattern, taken apart. */
typedef struct Pattern {
    char *glob;
    char mark;              /* '@', '#' or 0 */
    uint64_t number;
} Pattern;

static Pattern parse(const char *text)
{
    size_t len = strcspn(text, "@#");
    Pattern p = { .glob = g_strndup(text, len), .mark = text[len] };

    if (p.mark) {
        p.number = g_ascii_strtoull(text + len + 1, NULL, 0);
    }
    return p;
}

bool select_check(const char *const *patterns, FwError *err)
{
    for (unsigned i = 0; patterns[i]; i++) {
        const char *mark = strpbrk(patterns[i], "@#");
        char *end = NULL;

        if (!*patterns[i] || mark == patterns[i] ||
            (mark && (!g_ascii_strtoull(mark + 1, &end, 0) || *end))) {
            return abi_fail(err, patterns[i], "no name of a type: NAME, a "
                            "pattern, NAME@SIZE or NAME#N are expected");
        }
    }
    return true;
}

bool select_wants(void *opaque, const char *name)
{
    const Selection *s = opaque;

    for (unsigned i = 0; s->patterns[i]; i++) {
        Pattern p = parse(s->patterns[i]);
        bool match = !fnmatch(p.glob, name, 0);

        g_free(p.glob);
        if (match) {
            return true;
        }
    }
    return false;
}

static bool of_kind(const CtNamed *n, bool enums)
{
    CtKind kind = ct_strip(n->type)->kind;

    return enums ? kind == CT_ENUM : kind == CT_STRUCT || kind == CT_UNION;
}

/* Names that a pattern means, as indices; those of the base if @own is off. */
static void match(CtDb *db, const Pattern *p, bool enums, bool own, GArray *out)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GHashTable) types = g_hash_table_new(g_direct_hash,
                                                   g_direct_equal);

    for (unsigned i = 0; i < db->named->len; i++) {
        const CtNamed *n = &g_array_index(db->named, CtNamed, i);
        uintptr_t nth;

        /* A struct and a typedef of it are one. */
        if (n->own != own || !of_kind(n, enums) ||
            fnmatch(p->glob, n->name, 0) ||
            !g_hash_table_add(types, (gpointer)ct_strip(n->type))) {
            continue;
        }
        nth = GPOINTER_TO_SIZE(g_hash_table_lookup(seen, n->name)) + 1;
        g_hash_table_insert(seen, (gpointer)n->name, GSIZE_TO_POINTER(nth));
        if ((p->mark == '@' && ct_strip(n->type)->size != p->number) ||
            (p->mark == '#' && nth != p->number)) {
            continue;
        }
        g_array_append_val(out, i);
    }
}

static GArray *match_text(CtDb *db, const char *text, bool enums)
{
    GArray *out = g_array_new(FALSE, FALSE, sizeof(unsigned));
    Pattern p = parse(text);

    match(db, &p, enums, true, out);
    if (!out->len) {
        match(db, &p, enums, false, out);
    }
    g_free(p.glob);
    return out;
}

static void free_pick(gpointer data)
{
    Pick *p = data;

    g_free(p->node);
    g_free(p);
}

/* Compilers have no order that means anything: by name, then by size. */
static int by_name(gconstpointer a, gconstpointer b)
{
    const CtNamed *x = (*(Pick *const *)a)->named;
    const CtNamed *y = (*(Pick *const *)b)->named;
    uint64_t xs = ct_strip(x->type)->size;
    uint64_t ys = ct_strip(y->type)->size;
    int order = strcmp(x->name, y->name);

    if (order) {
        return order;
    }
    return xs != ys ? (xs < ys ? -1 : 1) : x < y ? -1 : x > y;
}

/* Structs that share a name get their size behind it, then a number. */
static void name_picks(GPtrArray *picks)
{
    g_autoptr(GHashTable) count = g_hash_table_new_full(g_str_hash,
                                                        g_str_equal, g_free,
                                                        NULL);
    g_autoptr(GHashTable) taken = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < picks->len; i++) {
        const Pick *p = picks->pdata[i];
        char *name = abi_property_name(p->named->name);
        gsize n = GPOINTER_TO_SIZE(g_hash_table_lookup(count, name));

        g_hash_table_insert(count, name, GSIZE_TO_POINTER(n + 1));
    }
    for (unsigned i = 0; i < picks->len; i++) {
        Pick *p = picks->pdata[i];
        g_autofree char *stem = abi_property_name(p->named->name);

        if (GPOINTER_TO_SIZE(g_hash_table_lookup(count, stem)) > 1) {
            char *sized = g_strdup_printf("%s-%u", stem,
                                (unsigned)ct_strip(p->named->type)->size);

            g_free(stem);
            stem = sized;
        }
        p->node = g_strdup(stem);
        for (unsigned n = 2; g_hash_table_contains(taken, p->node); n++) {
            g_free(p->node);
            p->node = g_strdup_printf("%s-%u", stem, n);
        }
        g_hash_table_add(taken, p->node);
    }
}

GPtrArray *select_types(CtDb *db, const char *const *patterns, bool enums,
                        const char *what, const char *file, FwError *err)
{
    g_autoptr(GPtrArray) picks = g_ptr_array_new_with_free_func(free_pick);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash,
                                                  g_direct_equal);

    for (unsigned i = 0; patterns[i]; i++) {
        g_autoptr(GArray) found = match_text(db, patterns[i], enums);

        if (!found->len) {
            abi_fail(err, file, "has no %s '%.80s'", what, patterns[i]);
            return NULL;
        }
        for (unsigned k = 0; k < found->len; k++) {
            const CtNamed *n = &g_array_index(db->named, CtNamed,
                                    g_array_index(found, unsigned, k));
            Pick *p;

            if (!g_hash_table_add(seen, (gpointer)ct_strip(n->type))) {
                continue;
            }
            p = g_new0(Pick, 1);
            p->named = n;
            g_ptr_array_add(picks, p);
        }
    }
    g_ptr_array_sort(picks, by_name);
    name_picks(picks);
    return g_steal_pointer(&picks);
}

bool select_node_wants(const char *node, const char *name)
{
    g_autofree char *stem = abi_property_name(name);

    return g_str_has_prefix(node, stem);
}

/* The struct of this name and shape; the n-th of those of one size. */
static const CtType *best_for(CtDb *db, const NodeName *node)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash,
                                                  g_direct_equal);
    const CtType *found = NULL;
    unsigned nth = 0;

    for (unsigned i = 0; i < db->named->len; i++) {
        const CtNamed *n = &g_array_index(db->named, CtNamed, i);
        const CtType *t = ct_strip(n->type);
        g_autofree char *stem = abi_property_name(n->name);
        g_autofree char *sized = NULL;
        g_autofree char *numbered = NULL;

        if (!of_kind(n, false) || !g_str_has_prefix(node->name, stem)) {
            continue;
        }
        sized = g_strdup_printf("%s-%u", stem, (unsigned)t->size);
        if (strcmp(stem, node->name) &&
            !g_str_has_prefix(node->name, sized)) {
            continue;
        }
        /* A struct and a typedef of it are one. */
        if (!g_hash_table_add(seen, (gpointer)t)) {
            continue;
        }
        numbered = g_strdup_printf("%s-%u", sized, ++nth);
        if (!strcmp(numbered, node->name)) {
            return t;
        }
        if (!found || (found->size != node->size && t->size == node->size)) {
            found = t;
        }
    }
    return found;
}

GPtrArray *select_by_node(CtDb *db, const NodeName *nodes, unsigned n)
{
    GPtrArray *out = g_ptr_array_new();

    for (unsigned i = 0; i < n; i++) {
        g_ptr_array_add(out, (gpointer)best_for(db, &nodes[i]));
    }
    return out;
}

const CtType *select_one(CtDb *db, const char *pattern, const char *file,
                         FwError *err)
{
    g_autoptr(GArray) found = match_text(db, pattern, false);

    err->text[0] = '\0';
    if (found->len > 1) {
        const CtNamed *n = &g_array_index(db->named, CtNamed,
                                          g_array_index(found, unsigned, 0));

        abi_fail(err, file, "has %u structs '%.80s': say which one, %.80s@%u "
                 "for one of them", found->len, pattern, n->name,
                 (unsigned)ct_strip(n->type)->size);
    }
    if (found->len != 1) {
        return NULL;
    }
    return g_array_index(db->named, CtNamed,
                         g_array_index(found, unsigned, 0)).type;
}
