/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fnmatch.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "fromdwarf.h"
#include "headers.h"
#include "object.h"
#include "say.h"

#define WRAPPER "wrapper.c"
#define VALUE_PREFIX "gpumbox_value_"
#define ROUNDS_MAX 16

/*
 * get(): the bits that a macro takes out of a word: those that make a
 * difference to what comes out.  put(): those that it can set.
 */
static const char helpers[] =
    "#define gpumbox_1(m, i) \\\n"
    "    ((unsigned long long)(m(1ull << (i)) != m(0ull)) << (i))\n"
    "#define gpumbox_4(m, i) (gpumbox_1(m, (i)) | gpumbox_1(m, (i) + 1) | \\\n"
    "    gpumbox_1(m, (i) + 2) | gpumbox_1(m, (i) + 3))\n"
    "#define gpumbox_16(m, i) (gpumbox_4(m, (i)) | gpumbox_4(m, (i) + 4) | \\\n"
    "    gpumbox_4(m, (i) + 8) | gpumbox_4(m, (i) + 12))\n"
    "#define get(m) (gpumbox_16(m, 0) | gpumbox_16(m, 16) | \\\n"
    "    gpumbox_16(m, 32) | gpumbox_16(m, 48))\n"
    "#define put(m) (m(~0ull))\n";

typedef struct Compile {
    const Headers *h;
    char *dir;
    char *wrapper;
    char *object;
    GPtrArray *exprs;       /* char *; those that are still believed in */
    GArray *lines;          /* unsigned, of the wrapper, one for each */
    FwError *err;
} Compile;

static bool run(Compile *c, const char *const *more, char **out, char **says)
{
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    g_auto(GStrv) envp = g_get_environ();
    g_autoptr(GError) error = NULL;
    int status;

    envp = g_environ_setenv(envp, "LC_ALL", "C", TRUE);
    g_ptr_array_add(argv, (gpointer)c->h->cc);
    for (unsigned i = 0; c->h->cflags[i]; i++) {
        g_ptr_array_add(argv, (gpointer)c->h->cflags[i]);
    }
    for (unsigned i = 0; more[i]; i++) {
        g_ptr_array_add(argv, (gpointer)more[i]);
    }
    g_ptr_array_add(argv, c->wrapper);
    g_ptr_array_add(argv, NULL);
    /* Where the user stands: options may name folders from there. */
    if (!g_spawn_sync(NULL, (char **)argv->pdata, envp,
                      G_SPAWN_SEARCH_PATH, NULL, NULL, out, says, &status,
                      &error)) {
        return abi_fail(c->err, c->h->cc, "the compiler cannot be started: "
                        "%s", error->message);
    }
    return status == 0 ||
           abi_fail(c->err, c->h->files[0], "does not compile");
}

/* Headers are named from where the user stands, the wrapper is elsewhere. */
static void include_all(const Compile *c, GString *text)
{
    for (unsigned i = 0; c->h->files[i]; i++) {
        g_autofree char *path = g_canonicalize_filename(c->h->files[i], NULL);

        g_string_append_printf(text, "#include \"%s\"\n", path);
    }
}

static unsigned count_lines(const GString *text)
{
    unsigned n = 1;

    for (const char *s = text->str; (s = strchr(s, '\n')); s++) {
        n++;
    }
    return n;
}

static bool write_wrapper(Compile *c)
{
    g_autoptr(GString) text = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    unsigned line;

    include_all(c, text);
    g_string_append(text, helpers);
    line = count_lines(text);
    g_array_set_size(c->lines, 0);
    for (unsigned i = 0; i < c->exprs->len; i++, line++) {
        g_string_append_printf(text, "enum " VALUE_PREFIX "%u { " VALUE_PREFIX
                               "%u_ = (%s) };\n", i, i,
                               (char *)c->exprs->pdata[i]);
        g_array_append_val(c->lines, line);
    }
    return g_file_set_contents(c->wrapper, text->str, text->len, &error) ||
           abi_fail(c->err, c->wrapper, "%s", error->message);
}

/* The first line that a compiler calls an error. */
static void say_error(Compile *c, const char *says)
{
    g_auto(GStrv) lines = g_strsplit(says ? says : "", "\n", -1);

    for (unsigned i = 0; lines[i]; i++) {
        if (strstr(lines[i], "error:")) {
            abi_fail(c->err, c->h->files[0], "does not compile: %.300s",
                     lines[i]);
            return;
        }
    }
}

/* Take out the expressions that the compiler complains of. */
static bool drop_bad(Compile *c, const char *says)
{
    g_auto(GStrv) lines = g_strsplit(says ? says : "", "\n", -1);
    g_autofree bool *bad = g_new0(bool, c->exprs->len + 1);
    bool any = false;

    for (unsigned i = 0; lines[i]; i++) {
        const char *at = strstr(lines[i], WRAPPER ":");
        unsigned line = at ? strtoul(at + strlen(WRAPPER ":"), NULL, 10) : 0;

        if (!line || !c->lines->len ||
            line < g_array_index(c->lines, unsigned, 0)) {
            continue;
        }
        line -= g_array_index(c->lines, unsigned, 0);
        if (line < c->exprs->len) {
            bad[line] = true;
            any = true;
        }
    }
    for (unsigned i = c->exprs->len; i-- > 0; ) {
        if (bad[i]) {
            g_ptr_array_remove_index(c->exprs, i);
        }
    }
    return any;
}

static GBytes *compile(Compile *c)
{
    const char *const options[] = {
        "-x", "c", "-g3", "-fno-eliminate-unused-debug-types", "-w", "-c",
        "-fdiagnostics-color=never", "-o", c->object, NULL,
    };

    for (unsigned i = 0; i < ROUNDS_MAX; i++) {
        g_autofree char *out = NULL;
        g_autofree char *says = NULL;

        if (!write_wrapper(c)) {
            return NULL;
        }
        if (run(c, options, &out, &says)) {
            return object_read(c->object, c->err);
        }
        if (!says || !drop_bad(c, says)) {
            say_error(c, says);
            return NULL;
        }
    }
    return NULL;
}

/* Could the body of a macro be a constant? */
static bool like_a_value(const char *body)
{
    int depth = 0;

    if (!*body || strpbrk(body, "{};\"'#\\")) {
        return false;
    }
    for (; *body && depth >= 0; body++) {
        depth += (*body == '(') - (*body == ')');
    }
    return depth == 0;
}

static void add_define(Compile *c, const char *line, GHashTable *seen,
                       GPtrArray *defined)
{
    const char *name = line + strlen("#define ");
    size_t len = strcspn(name, " (");
    g_autofree char *whole = g_strndup(name, len);

    for (unsigned i = 0; c->h->defines[i]; i++) {
        if (name[len] == ' ' && like_a_value(name + len + 1) &&
            !fnmatch(c->h->defines[i], whole, 0) &&
            !g_hash_table_contains(seen, whole)) {
            g_ptr_array_add(defined, whole);
            g_hash_table_add(seen, g_steal_pointer(&whole));
            return;
        }
    }
}

/* The macros that patterns name, in the order in which they are defined. */
static bool list_defines(Compile *c, GPtrArray *defined)
{
    static const char *const options[] = { "-x", "c", "-E", "-dD", NULL };
    g_autofree char *out = NULL;
    g_autofree char *says = NULL;
    g_auto(GStrv) lines = NULL;
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    if (!c->h->defines[0]) {
        return true;
    }
    if (!write_wrapper(c)) {
        return false;
    }
    if (!run(c, options, &out, &says)) {
        say_error(c, says);
        return false;
    }
    lines = g_strsplit(out, "\n", -1);
    for (unsigned i = 0; lines[i]; i++) {
        if (g_str_has_prefix(lines[i], "#define ")) {
            add_define(c, lines[i], seen, defined);
        }
    }
    return true;
}

typedef struct Want {
    CtWant want;
    void *opaque;
} Want;

static bool want_too(void *opaque, const char *name)
{
    const Want *w = opaque;

    return g_str_has_prefix(name, VALUE_PREFIX) || w->want(w->opaque, name);
}

/* The values go from the database into the table. */
static void take_values(Compile *c, CtDb *db, GHashTable *values)
{
    for (unsigned i = db->named->len; i-- > 0; ) {
        const CtNamed *n = &g_array_index(db->named, CtNamed, i);
        const CtType *t = ct_strip(n->type);
        unsigned index;

        if (!g_str_has_prefix(n->name, VALUE_PREFIX)) {
            continue;
        }
        index = strtoul(n->name + strlen(VALUE_PREFIX), NULL, 10);
        if (index < c->exprs->len && t->values && t->values->len == 1) {
            uint64_t *v = g_new(uint64_t, 1);

            *v = g_array_index(t->values, CtValue, 0).value;
            g_hash_table_insert(values, g_strdup(c->exprs->pdata[index]), v);
        }
        g_array_remove_index(db->named, i);
    }
}

/* Without those that turned out to be no constants. */
static void keep_valued(GPtrArray *defined, GHashTable *values)
{
    for (unsigned i = defined->len; i-- > 0; ) {
        if (!g_hash_table_contains(values, defined->pdata[i])) {
            g_ptr_array_remove_index(defined, i);
        }
    }
}

static bool read_headers(Compile *c, CtDb *db, GPtrArray *expressions,
                         Want *want, GHashTable *values, GPtrArray *defined)
{
    g_autoptr(GBytes) object = NULL;

    if (!list_defines(c, defined)) {
        return false;
    }
    for (unsigned i = 0; i < expressions->len; i++) {
        g_ptr_array_add(c->exprs, expressions->pdata[i]);
    }
    for (unsigned i = 0; i < defined->len; i++) {
        g_ptr_array_add(c->exprs, defined->pdata[i]);
    }
    object = compile(c);
    if (!object ||
        !dwarf_types(db, object, c->h->files[0], want_too, want, c->err)) {
        return false;
    }
    take_values(c, db, values);
    keep_valued(defined, values);
    return true;
}

bool headers_types(CtDb *db, const Headers *h, GPtrArray *expressions,
                   CtWant want, void *opaque, GHashTable *values,
                   GPtrArray *defined, FwError *err)
{
    Compile c = { .h = h, .err = err };
    Want w = { want, opaque };
    bool ok;

    for (unsigned i = 0; h->files[i]; i++) {
        if (g_access(h->files[i], R_OK) || strpbrk(h->files[i], "\"\n\\")) {
            return abi_fail(err, h->files[i], "cannot be read");
        }
    }
    c.dir = g_dir_make_tmp("gpumbox-abi-XXXXXX", NULL);
    if (!c.dir) {
        return abi_fail(err, h->files[0], "no folder for the compiler can be "
                        "made");
    }
    c.wrapper = g_build_filename(c.dir, WRAPPER, NULL);
    c.object = g_build_filename(c.dir, "wrapper.o", NULL);
    c.exprs = g_ptr_array_new();
    c.lines = g_array_new(FALSE, FALSE, sizeof(unsigned));
    ok = read_headers(&c, db, expressions, &w, values, defined);
    unlink(c.wrapper);
    unlink(c.object);
    rmdir(c.dir);
    g_ptr_array_free(c.exprs, TRUE);
    g_array_free(c.lines, TRUE);
    g_free(c.wrapper);
    g_free(c.object);
    g_free(c.dir);
    return ok;
}
