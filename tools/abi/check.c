/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi-check: does a driver believe what a profile says?  docs/abi-tools.md
 * says how it is used.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "file.h"
#include "guard.h"
#include "say.h"
#include "select.h"
#include "source.h"

#define TOOL "abi-check"
#define EXIT_DIFFERS 1
#define EXIT_USE 2

typedef enum Form {
    FORM_TEXT,
    FORM_ALL,
    FORM_TAP,
    FORM_JSON,
} Form;

typedef struct Check {
    Source source;
    const char *path;
    const char *map_path;
    Form form;
    AbiProfile *profile;
    AbiMap *map;
    FwError err;
} Check;

static void usage(FILE *f)
{
    fputs("usage: " TOOL " SOURCE [options] PROFILE.dtb\n", f);
    fputs(source_usage, f);
    fputs("options:\n"
          "  --map FILE           which names of the profile are which of the\n"
          "                       driver's (default: they are the same)\n"
          "  --all                tell what agrees, too\n"
          "  --tap                as TAP\n"
          "  --json               as JSON\n"
          "Exit: 0 they agree, 1 they differ, 2 wrong use.\n", f);
}

static int parse(Check *c, int argc, char **argv)
{
    static const struct option options[] = {
        SOURCE_OPTIONS,
        { "map", required_argument, NULL, 'm' },
        { "all", no_argument, NULL, 'a' },
        { "tap", no_argument, NULL, 't' },
        { "json", no_argument, NULL, 'j' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case 'm':
            c->map_path = optarg;
            break;
        case 'a':
            c->form = FORM_ALL;
            break;
        case 't':
            c->form = FORM_TAP;
            break;
        case 'j':
            c->form = FORM_JSON;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            if (!source_option(&c->source, option, optarg)) {
                abi_bad_option(&c->err, argv, option);
                return EXIT_USE;
            }
        }
    }
    if (optind + 1 != argc) {
        abi_fail(&c->err, "one profile is wanted", "%d are given (" TOOL
                 " --help lists the options)", argc - optind);
        return EXIT_USE;
    }
    c->path = argv[optind];
    return source_check(&c->source, &c->err) ? -1 : EXIT_USE;
}

static bool wanted(void *opaque, const char *name)
{
    Check *c = opaque;

    if (c->map) {
        g_autofree const char **patterns = map_patterns(c->map);
        Selection s = { patterns };

        return select_wants(&s, name);
    }
    for (unsigned i = 0; i < c->profile->structs->len; i++) {
        const AbiStruct *s = c->profile->structs->pdata[i];

        if (select_node_wants(s->name, name)) {
            return true;
        }
    }
    return false;
}

static GPtrArray *compare(Check *c, const Driver *d)
{
    const char *file = source_name(&c->source);

    if (c->map) {
        const MapPick pick = { .like = c->profile };
        g_autoptr(GPtrArray) beliefs = map_believe(c->map, &pick, d->db,
                                                   d->values, file, &c->err);

        return beliefs ? compare_mapped(c->profile, c->map, beliefs,
                                        d->values) : NULL;
    } else {
        unsigned n = c->profile->structs->len;
        g_autofree NodeName *nodes = g_new0(NodeName, n);
        g_autoptr(GPtrArray) types = NULL;

        for (unsigned i = 0; i < n; i++) {
            const AbiStruct *s = c->profile->structs->pdata[i];

            nodes[i] = (NodeName) { s->name, s->size };
        }
        types = select_by_node(d->db, nodes, n);
        return compare_named(c->profile, types, file, &c->err);
    }
}

/* 0 and 1 as the tool's exit status, -1 with an error. */
static int report(Check *c, GPtrArray *findings)
{
    g_autofree char *driver = source_label(&c->source);
    g_autoptr(GString) out = g_string_new(NULL);
    const Report r = {
        .profile = c->profile->abi, .driver = driver, .findings = findings,
    };

    switch (c->form) {
    case FORM_TAP:
        report_tap(out, &r);
        break;
    case FORM_JSON:
        report_json(out, &r);
        break;
    default:
        report_text(out, &r, c->form == FORM_ALL);
        break;
    }
    if (fputs(out->str, stdout) < 0 || fflush(stdout)) {
        abi_fail(&c->err, "standard output", "cannot be written");
        return -1;
    }
    return report_differs(&r) ? EXIT_DIFFERS : 0;
}

static bool load(Check *c)
{
    size_t size;
    uint8_t *dtb = read_file(c->path, FW_PROFILE_MAX, &size, &c->err);

    c->profile = dtb ? abi_profile_read(dtb, size, c->path, &c->err) : NULL;
    free(dtb);
    if (!c->profile || !c->map_path) {
        return c->profile;
    }
    c->map = map_load(c->map_path, &c->err);
    if (c->map && g_strcmp0(c->map->compatible, c->profile->compatible)) {
        return abi_fail(&c->err, c->map_path, "is a map for profiles that are "
                        "\"%.60s\", and the profile's compatible is \"%.60s\"",
                        c->map->compatible,
                        c->profile->compatible ? c->profile->compatible : "");
    }
    return c->map;
}

static int check(Check *c)
{
    g_autoptr(GPtrArray) expressions = NULL;
    g_autoptr(GPtrArray) findings = NULL;
    Driver d = { 0 };
    int status = -1;

    if (!load(c)) {
        return -1;
    }
    expressions = c->map ? map_expressions(c->map) : g_ptr_array_new();
    if (source_load(&c->source, expressions, wanted, c, &d, &c->err)) {
        findings = compare(c, &d);
        status = findings ? report(c, findings) : -1;
    }
    driver_clear(&d);
    return status;
}

static int work(void *opaque)
{
    Check *c = opaque;
    int status = check(c);

    map_free(c->map);
    abi_profile_free(c->profile);
    if (status < 0) {
        fprintf(stderr, TOOL ": %s\n", c->err.text);
        return EXIT_USE;
    }
    return status;
}

int main(int argc, char **argv)
{
    Check c = { 0 };
    int status;

    source_init(&c.source);
    status = parse(&c, argc, argv);
    if (status == EXIT_USE && c.err.text[0]) {
        fprintf(stderr, TOOL ": %s\n", c.err.text);
    }
    if (status < 0) {
        status = guard_run(TOOL, work, &c);
    }
    source_clear(&c.source);
    return status;
}
