/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi-import: the layout part of a profile out of a driver's own debug
 * information.  docs/abi-tools.md says how it is used.
 */
#include <stdlib.h>
#include <string.h>

#include "annotate.h"
#include "file.h"
#include "flatten.h"
#include "guard.h"
#include "map.h"
#include "profile.h"
#include "say.h"
#include "select.h"
#include "source.h"

#define TOOL "abi-import"
#define EXIT_USE 2

typedef struct Import {
    Source source;
    GPtrArray *structs;     /* patterns */
    GPtrArray *enums;       /* patterns */
    GPtrArray *unions;      /* annotations, as given */
    GPtrArray *tails;
    const char *map_path;
    unsigned variant;
    const char *abi;
    const char *base;
    const char *output;
    bool list;
    AbiMap *map;
    FwError err;
} Import;

static void usage(FILE *f)
{
    fputs("usage: " TOOL " SOURCE WHAT [options]\n", f);
    fputs(source_usage, f);
    fputs("what is taken from it:\n"
          "  --map FILE           what the map names, under the names of a\n"
          "                       profile\n"
          "  --variant N          where the map gives structs of several\n"
          "                       firmwares, the N-th (default: 1)\n"
          "  --struct PATTERN     structs and unions by name (repeatable);\n"
          "                       NAME@SIZE or NAME#N for one of several\n"
          "  --enum PATTERN       enumerators (repeatable)\n"
          "  --define PATTERN     #defined numbers, of --header (repeatable)\n"
          "  --list               only list the names that match\n"
          "what debug information does not say:\n"
          "  --union STRUCT.UNION=SELECTOR[,ARM=VALUE]...\n"
          "                       the field that selects a union's arm\n"
          "  --tail STRUCT.MEMBER=LENGTH\n"
          "                       the field that gives an open array's length\n"
          "the profile:\n"
          "  --name NAME          its name\n"
          "  --base PROFILE       make it a change of this stock profile\n"
          "  -o, --output FILE    where to (default: standard output)\n", f);
}

static int parse(Import *im, int argc, char **argv)
{
    static const struct option options[] = {
        SOURCE_OPTIONS,
        { "map", required_argument, NULL, 'm' },
        { "variant", required_argument, NULL, 'v' },
        { "struct", required_argument, NULL, 's' },
        { "enum", required_argument, NULL, 'e' },
        { "define", required_argument, NULL, 'd' },
        { "union", required_argument, NULL, 'u' },
        { "tail", required_argument, NULL, 't' },
        { "name", required_argument, NULL, 'n' },
        { "base", required_argument, NULL, 'b' },
        { "list", no_argument, NULL, 'l' },
        { "output", required_argument, NULL, 'o' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case 'm':
            im->map_path = optarg;
            break;
        case 'v':
            im->variant = atoi(optarg);
            if (im->variant < 1) {
                abi_fail(&im->err, "--variant", "wants a number from 1");
                return EXIT_USE;
            }
            break;
        case 's':
            g_ptr_array_add(im->structs, optarg);
            break;
        case 'e':
            g_ptr_array_add(im->enums, optarg);
            break;
        case 'd':
            g_ptr_array_add(im->source.defines, optarg);
            break;
        case 'u':
            g_ptr_array_add(im->unions, optarg);
            break;
        case 't':
            g_ptr_array_add(im->tails, optarg);
            break;
        case 'n':
            im->abi = optarg;
            break;
        case 'b':
            im->base = optarg;
            break;
        case 'l':
            im->list = true;
            break;
        case 'o':
            im->output = optarg;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            if (!source_option(&im->source, option, optarg)) {
                abi_bad_option(&im->err, argv, option);
                return EXIT_USE;
            }
        }
    }
    if (optind != argc) {
        abi_fail(&im->err, argv[optind], "is no option (" TOOL
                 " --help lists them)");
        return EXIT_USE;
    }
    return -1;
}

static bool good_name(Import *im, const char *what, const char *name)
{
    if (!name) {
        return true;
    }
    for (const char *c = name; *c; c++) {
        if (!g_ascii_isalnum(*c) && !strchr("-_.+", *c)) {
            return abi_fail(&im->err, what, "wants letters, digits and -_.+ "
                            "only");
        }
    }
    return (*name && strlen(name) < sizeof(((FwLayout *)0)->name)) ||
           abi_fail(&im->err, what, "wants 1 to %zu characters",
                    sizeof(((FwLayout *)0)->name) - 1);
}

static bool check_options(Import *im)
{
    g_ptr_array_add(im->structs, NULL);
    g_ptr_array_add(im->enums, NULL);
    if (!source_check(&im->source, &im->err) ||
        !good_name(im, "--name", im->abi) ||
        !good_name(im, "--base", im->base) ||
        !select_check((const char *const *)im->structs->pdata, &im->err) ||
        !select_check((const char *const *)im->enums->pdata, &im->err)) {
        return false;
    }
    if (!im->map_path && im->structs->len == 1 && im->enums->len == 1 &&
        !im->source.defines->len) {
        return abi_fail(&im->err, "nothing to import", "give --map, --struct, "
                        "--enum or --define");
    }
    return true;
}

static bool wanted(void *opaque, const char *name)
{
    Import *im = opaque;
    Selection structs = { (const char *const *)im->structs->pdata };
    Selection enums = { (const char *const *)im->enums->pdata };

    if (im->map) {
        g_autofree const char **patterns = map_patterns(im->map);
        Selection mapped = { patterns };

        if (select_wants(&mapped, name)) {
            return true;
        }
    }
    return select_wants(&structs, name) || select_wants(&enums, name);
}

/* The structs that the command line names, under names made of C's. */
static bool take_structs(Import *im, const Driver *d, AbiProfile *p)
{
    const char *file = source_name(&im->source);
    g_autoptr(GPtrArray) picks =
        select_types(d->db, (const char *const *)im->structs->pdata, false,
                     "struct", file, &im->err);

    for (unsigned i = 0; picks && i < picks->len; i++) {
        const Pick *pick = picks->pdata[i];
        AbiStruct *s = flatten(pick->named->type, pick->node, false, file,
                               &im->err);

        if (!s) {
            return false;
        }
        s->source = g_strdup(pick->named->name);
        g_ptr_array_add(p->structs, s);
    }
    return picks;
}

static bool take_enums(Import *im, const Driver *d, AbiProfile *p)
{
    g_autoptr(GPtrArray) picks =
        select_types(d->db, (const char *const *)im->enums->pdata, true,
                     "enum", source_name(&im->source), &im->err);

    for (unsigned i = 0; picks && i < picks->len; i++) {
        const Pick *pick = picks->pdata[i];
        const CtType *type = ct_strip(pick->named->type);
        const GArray *values = type->values;
        unsigned bits = type->size && type->size < 8 ? 8 * type->size : 64;

        for (unsigned k = 0; values && k < values->len; k++) {
            const CtValue *v = &g_array_index(values, CtValue, k);
            g_autofree char *name = abi_property_name(v->name);

            /* Negative ones in the bits that the enum has. */
            abi_profile_number(p, pick->node, name,
                               v->value & UINT64_MAX >> (64 - bits));
        }
    }
    return picks;
}

static void take_defines(const Driver *d, AbiProfile *p)
{
    for (unsigned i = 0; i < d->defined->len; i++) {
        const uint64_t *v = g_hash_table_lookup(d->values,
                                                d->defined->pdata[i]);
        g_autofree char *name = abi_property_name(d->defined->pdata[i]);

        abi_profile_number(p, "defines", name, *v);
    }
}

static void take_belief(AbiStruct *s, const Belief *b)
{
    AbiField *f = abi_field_new(b->field->name, &b->place);
    static const char *const why[] = {
        [BELIEF_WORD] = "bits of a word; headers know which",
        [BELIEF_NONE] = "the driver has no such field",
        [BELIEF_HIDDEN] = "bits; headers know which",
    };

    if (b->kind != BELIEF_PLACE) {
        f->place.width = 0;
        f->note = g_strdup_printf("%s: %s", b->field->name, why[b->kind]);
    }
    g_ptr_array_add(s->fields, f);
}

/* What the map names, under the names of a profile. */
static bool take_map(Import *im, const Driver *d, AbiProfile *p)
{
    const MapPick pick = { .variant = im->variant };
    g_autoptr(GPtrArray) beliefs =
        map_believe(im->map, &pick, d->db, d->values,
                    source_name(&im->source), &im->err);

    for (unsigned i = 0; beliefs && i < beliefs->len; i++) {
        const Beliefs *b = beliefs->pdata[i];
        AbiStruct *s;

        if (!b->known && b->strct->optional) {
            continue;
        }
        if (!b->known) {
            return abi_fail(&im->err, source_name(&im->source),
                            "has no struct '%.80s'", b->strct->source);
        }
        s = abi_struct_new(b->strct->node, b->size);
        s->source = g_strdup(b->strct->source);
        for (unsigned k = 0; k < b->fields->len; k++) {
            take_belief(s, &g_array_index(b->fields, Belief, k));
        }
        g_ptr_array_add(p->structs, s);
    }
    for (unsigned i = 0; beliefs && d->values && i < im->map->numbers->len;
         i++) {
        const MapNumber *n = im->map->numbers->pdata[i];
        const uint64_t *v = g_hash_table_lookup(d->values, n->value);

        if (v) {
            abi_profile_number(p, n->node, n->name, *v);
        }
    }
    return beliefs;
}

static bool annotate(Import *im, AbiProfile *p)
{
    for (unsigned i = 0; i < im->unions->len; i++) {
        if (!annotate_union(p, im->unions->pdata[i], &im->err)) {
            return false;
        }
    }
    for (unsigned i = 0; i < im->tails->len; i++) {
        if (!annotate_tail(p, im->tails->pdata[i], &im->err)) {
            return false;
        }
    }
    return true;
}

static char *list_names(const Driver *d)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash,
                                                  g_direct_equal);

    for (unsigned i = 0; i < d->db->named->len; i++) {
        const CtNamed *n = &g_array_index(d->db->named, CtNamed, i);
        const CtType *t = ct_strip(n->type);
        const char *what = t->kind == CT_ENUM ? "enum"
                           : t->kind == CT_UNION ? "union" : "struct";

        if (g_hash_table_add(seen, (gpointer)t)) {
            g_string_append_printf(out, "%s %s@%u%s\n", what, n->name,
                                   (unsigned)t->size,
                                   n->own ? "" : " (of the kernel)");
        }
    }
    for (unsigned i = 0; i < d->defined->len; i++) {
        g_string_append_printf(out, "define %s\n",
                               (char *)d->defined->pdata[i]);
    }
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool write_out(Import *im, const char *text)
{
    if (im->output) {
        return write_file(im->output, text, strlen(text), &im->err);
    }
    return (fputs(text, stdout) >= 0 && !fflush(stdout)) ||
           abi_fail(&im->err, "standard output", "cannot be written");
}

static char *make_profile(Import *im, const Driver *d)
{
    g_autoptr(AbiProfile) p = abi_profile_new();
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *file = source_label(&im->source);
    g_autofree char *comment = g_strdup_printf("Layout as %s has it.", file);
    const AbiPrint how = { .base = im->base, .comment = comment };

    p->abi = g_strdup(im->abi);
    p->compatible = g_strdup(im->map ? im->map->compatible
                                     : "gpumbox,layout");
    if ((im->map && !take_map(im, d, p)) || !take_structs(im, d, p) ||
        !take_enums(im, d, p)) {
        return NULL;
    }
    take_defines(d, p);
    if (!annotate(im, p)) {
        return NULL;
    }
    abi_profile_print(out, p, &how);
    return g_string_free(g_steal_pointer(&out), FALSE);
}

static bool import(Import *im)
{
    g_autoptr(GPtrArray) expressions = NULL;
    g_autofree char *text = NULL;
    Driver d = { 0 };

    if (im->map_path) {
        im->map = map_load(im->map_path, &im->err);
        if (!im->map) {
            return false;
        }
    }
    expressions = im->map ? map_expressions(im->map) : g_ptr_array_new();
    if (source_load(&im->source, expressions, wanted, im, &d, &im->err)) {
        text = im->list ? list_names(&d) : make_profile(im, &d);
    }
    driver_clear(&d);
    return text && write_out(im, text);
}

static int work(void *opaque)
{
    Import *im = opaque;
    bool ok = import(im);

    map_free(im->map);
    if (!ok) {
        fprintf(stderr, TOOL ": %s\n", im->err.text);
    }
    return ok ? 0 : EXIT_USE;
}

int main(int argc, char **argv)
{
    Import im = {
        .structs = g_ptr_array_new(),
        .enums = g_ptr_array_new(),
        .unions = g_ptr_array_new(),
        .tails = g_ptr_array_new(),
        .variant = 1,
    };
    int status;

    source_init(&im.source);
    status = parse(&im, argc, argv);
    if (status < 0 && !check_options(&im)) {
        status = EXIT_USE;
    }
    if (status == EXIT_USE && im.err.text[0]) {
        fprintf(stderr, TOOL ": %s\n", im.err.text);
    }
    if (status < 0) {
        status = guard_run(TOOL, work, &im);
    }
    source_clear(&im.source);
    g_ptr_array_free(im.structs, TRUE);
    g_ptr_array_free(im.enums, TRUE);
    g_ptr_array_free(im.unions, TRUE);
    g_ptr_array_free(im.tails, TRUE);
    return status;
}
