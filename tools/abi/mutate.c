/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * abi-mutate: broken neighbours of a profile, by name and seed.
 * docs/abi-tools.md says how it is used.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csf-layout.h"
#include "file.h"
#include "mutations.h"
#include "say.h"

#define TOOL "abi-mutate"
#define EXIT_USE 2

typedef struct Options {
    bool list;
    bool all;
    uint64_t seed;
    const char *path;
    const char *name;
    const char *output;
    FwError err;
} Options;

static void usage(FILE *f)
{
    fputs("usage: " TOOL " PROFILE.dtb --list [--seed N]\n"
          "       " TOOL " PROFILE.dtb NAME [--seed N] [-o FILE]\n"
          "       " TOOL " PROFILE.dtb --all [--seed N] -o FOLDER\n"
          "  --list        the names of the mutations, and what they do with\n"
          "                this seed\n"
          "  --seed N      other fields, other values (default 1)\n"
          "  --all         NAME.dtb of each into a folder\n"
          "  -o, --output  where to; FILE.dts gets source, FILE.dtb a blob\n"
          "                (default: source to standard output)\n", f);
}

static bool parse_seed(Options *o, const char *text)
{
    char *end;

    o->seed = g_ascii_strtoull(text, &end, 0);
    return (g_ascii_isdigit(*text) && !*end) ||
           abi_fail(&o->err, "--seed", "wants a number, not '%.40s'", text);
}

static int parse(Options *o, int argc, char **argv)
{
    static const struct option options[] = {
        { "list", no_argument, NULL, 'l' },
        { "all", no_argument, NULL, 'a' },
        { "seed", required_argument, NULL, 's' },
        { "output", required_argument, NULL, 'o' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case 'l':
            o->list = true;
            break;
        case 'a':
            o->all = true;
            break;
        case 's':
            if (!parse_seed(o, optarg)) {
                return EXIT_USE;
            }
            break;
        case 'o':
            o->output = optarg;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            abi_bad_option(&o->err, argv, option);
            return EXIT_USE;
        }
    }
    if (optind < argc) {
        o->path = argv[optind++];
    }
    if (optind < argc) {
        o->name = argv[optind++];
    }
    if (!o->path || optind != argc || o->list + o->all + !!o->name != 1 ||
        (o->all && !o->output) || (o->list && o->output)) {
        abi_fail(&o->err, "wrong use", "a profile and one of --list, --all or "
                 "the name of a mutation are wanted (" TOOL " --help)");
        return EXIT_USE;
    }
    return -1;
}

static GBytes *load(Options *o)
{
    size_t size;
    uint8_t *dtb = read_file(o->path, FW_PROFILE_MAX, &size, &o->err);
    FwLayout *layout = g_new(FwLayout, 1);
    bool ok;

    ok = dtb && fw_layout_load(layout, &csf_layout_spec, dtb, size, o->path,
                               &o->err) &&
         csf_layout_check(layout, o->path, &o->err);
    g_free(layout);
    if (!ok) {
        free(dtb);
        return NULL;
    }
    return g_bytes_new_with_free_func(dtb, size, free, dtb);
}

static bool list(Options *o, GBytes *dtb)
{
    const char *name;

    for (unsigned i = 0; (name = mutation_name(i)); i++) {
        g_autoptr(Mutant) m = mutate(dtb, name, o->seed, o->path, &o->err);

        if (m) {
            printf("%s\t%s\n", name, m->sentence);
        }
    }
    return !fflush(stdout) ||
           abi_fail(&o->err, "standard output", "cannot be written");
}

static bool write_source(Options *o, const Mutant *m)
{
    g_autoptr(GString) text =
        g_string_new("// SPDX-License-Identifier: GPL-2.0-or-later\n");

    if (!dts_print(text, m->dtb)) {
        return abi_fail(&o->err, o->path, "cannot be told as source");
    }
    if (o->output) {
        return write_file(o->output, text->str, text->len, &o->err);
    }
    return (fputs(text->str, stdout) >= 0 && !fflush(stdout)) ||
           abi_fail(&o->err, "standard output", "cannot be written");
}

static bool write_blob(Options *o, const char *path, const Mutant *m)
{
    gsize size;
    const void *data = g_bytes_get_data(m->dtb, &size);

    return write_file(path, data, size, &o->err);
}

static bool make_one(Options *o, GBytes *dtb)
{
    g_autoptr(Mutant) m = mutate(dtb, o->name, o->seed, o->path, &o->err);

    if (!m) {
        return false;
    }
    return o->output && !g_str_has_suffix(o->output, ".dts")
           ? write_blob(o, o->output, m) : write_source(o, m);
}

static bool make_all(Options *o, GBytes *dtb)
{
    const char *name;

    if (!g_file_test(o->output, G_FILE_TEST_IS_DIR)) {
        return abi_fail(&o->err, o->output, "is no folder");
    }
    for (unsigned i = 0; (name = mutation_name(i)); i++) {
        g_autoptr(Mutant) m = mutate(dtb, name, o->seed, o->path, &o->err);
        g_autofree char *file = g_strconcat(name, ".dtb", NULL);
        g_autofree char *path = g_build_filename(o->output, file, NULL);

        if (m && !write_blob(o, path, m)) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    Options o = { .seed = 1 };
    int status = parse(&o, argc, argv);
    g_autoptr(GBytes) dtb = NULL;

    if (status >= 0) {
        if (o.err.text[0]) {
            fprintf(stderr, TOOL ": %s\n", o.err.text);
        }
        return status;
    }
    dtb = load(&o);
    if (!dtb || !(o.list ? list(&o, dtb) : o.all ? make_all(&o, dtb)
                                                 : make_one(&o, dtb))) {
        fprintf(stderr, TOOL ": %s\n", o.err.text);
        return EXIT_USE;
    }
    return 0;
}
