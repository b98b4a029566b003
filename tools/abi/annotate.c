/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "annotate.h"
#include "say.h"

/* STRUCT.PATH=REST, and the names under which a profile has them. */
typedef struct Target {
    AbiStruct *strct;
    char *path;
    char *rest;
} Target;

static void clear_target(Target *t)
{
    g_free(t->path);
    g_free(t->rest);
}

/* A path of C's names, "a.b", is "a-b" in a profile. */
static char *profile_path(const char *c_path)
{
    g_autofree char *dashed = g_strdelimit(g_strdup(c_path), ".", '-');

    return abi_property_name(dashed);
}

static bool find_target(AbiProfile *p, const char *text, const char *form,
                        Target *t, FwError *err)
{
    const char *equals = strchr(text, '=');
    const char *dot = strchr(text, '.');
    g_autofree char *name = NULL;
    g_autofree char *path = NULL;

    memset(t, 0, sizeof(*t));
    if (!equals || !dot || dot > equals || dot == text || !equals[1]) {
        return abi_fail(err, text, "%s expected", form);
    }
    name = g_strndup(text, dot - text);
    for (unsigned i = 0; i < p->structs->len; i++) {
        AbiStruct *s = p->structs->pdata[i];

        if ((s->source && !strcmp(s->source, name)) ||
            !strcmp(s->name, name)) {
            t->strct = s;
        }
    }
    if (!t->strct) {
        return abi_fail(err, text, "no struct '%.80s' is imported", name);
    }
    path = g_strndup(dot + 1, equals - dot - 1);
    t->path = profile_path(path);
    t->rest = g_strdup(equals + 1);
    return true;
}

/* The field that somebody names must be there. */
static char *field_name(const Target *t, const char *name, const char *text,
                        FwError *err)
{
    g_autofree char *path = profile_path(name);

    if (!abi_find_field(t->strct, path)) {
        abi_fail(err, text, "the struct has no field '%.80s'", name);
        return NULL;
    }
    return g_steal_pointer(&path);
}

static bool set_arms(AbiUnion *u, char **arms, const char *text, FwError *err)
{
    for (unsigned i = 0; arms[i]; i++) {
        char *value = strchr(arms[i], '=');
        g_autofree char *name = NULL;
        AbiArm *arm = NULL;
        char *end;

        if (value) {
            *value++ = '\0';
        }
        name = profile_path(arms[i]);
        for (unsigned k = 0; k < u->arms->len; k++) {
            AbiArm *a = u->arms->pdata[k];

            if (!strcmp(a->name, name)) {
                arm = a;
            }
        }
        if (!arm || !value || !*value) {
            return abi_fail(err, text, "the union has no arm '%.80s', or it "
                            "is not followed by =VALUE", arms[i]);
        }
        arm->value = g_ascii_strtoull(value, &end, 0);
        arm->has_value = true;
        if (*end) {
            return abi_fail(err, text, "'%.80s' is no number", value);
        }
    }
    return true;
}

bool annotate_union(AbiProfile *p, const char *text, FwError *err)
{
    AbiUnion *u = NULL;
    bool ok = false;
    Target t;

    if (find_target(p, text, "STRUCT.UNION=SELECTOR[,ARM=VALUE]...", &t,
                    err)) {
        g_auto(GStrv) parts = g_strsplit(t.rest, ",", -1);

        for (unsigned i = 0; i < t.strct->unions->len; i++) {
            AbiUnion *candidate = t.strct->unions->pdata[i];

            if (!strcmp(candidate->name, t.path)) {
                u = candidate;
            }
        }
        if (!u) {
            abi_fail(err, text, "the struct has no such union");
        } else {
            g_free(u->selector);
            u->selector = field_name(&t, parts[0], text, err);
            ok = u->selector && set_arms(u, parts + 1, text, err);
        }
    }
    clear_target(&t);
    return ok;
}

bool annotate_tail(AbiProfile *p, const char *text, FwError *err)
{
    AbiTail *tail = NULL;
    bool ok = false;
    Target t;

    if (find_target(p, text, "STRUCT.MEMBER=LENGTH", &t, err)) {
        for (unsigned i = 0; i < t.strct->tails->len; i++) {
            AbiTail *candidate = t.strct->tails->pdata[i];

            if (!strcmp(candidate->name, t.path)) {
                tail = candidate;
            }
        }
        if (!tail) {
            abi_fail(err, text, "the struct has no such open array");
        } else {
            g_free(tail->length);
            tail->length = field_name(&t, t.rest, text, err);
            ok = tail->length;
        }
    }
    clear_target(&t);
    return ok;
}
