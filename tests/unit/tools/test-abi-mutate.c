/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Broken neighbours of the stock profiles: broken, but never for the stub. */
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "csf-layout.h"
#include "mutations.h"
#include "profile.h"
#include "tool.h"

#define SEEDS 40

static FwError err;

/* What a profile may claim of itself that is not so. */
static bool claims_are_known(void)
{
    for (unsigned i = 0; i < csf_layout_spec.nr_values; i++) {
        if (!strcmp(csf_layout_spec.values[i].name, "claims/groups")) {
            return true;
        }
    }
    return false;
}

static bool wants_claims(const char *kind)
{
    static const char *const kinds[] = {
        "groups-many", "groups-few", "streams-many", "streams-few",
        "group-stride-wraps", "stream-stride-wraps", "stride-zero",
        "suspend-size", "blocks-outside", "blocks-overlap",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!strcmp(kind, kinds[i])) {
            return true;
        }
    }
    return false;
}

static GBytes *stock(const char *name)
{
    g_autofree char *file = g_strconcat(name, ".dtb", NULL);
    g_autofree char *path = g_build_filename(g_getenv("GPUMBOX_DTBS"), file,
                                             NULL);
    GError *error = NULL;
    char *data;
    gsize size;

    g_file_get_contents(path, &data, &size, &error);
    g_assert_no_error(error);
    return g_bytes_new_take(data, size);
}

static bool loads(GBytes *dtb, FwLayout *layout)
{
    gsize size;
    const void *data = g_bytes_get_data(dtb, &size);

    return fw_layout_load(layout, &csf_layout_spec, data, size, "m", &err) &&
           csf_layout_check(layout, "m", &err);
}

/* The words of a layout that differ from another one's. */
static unsigned differences(const FwLayout *a, const FwLayout *b)
{
    unsigned n = a->caps != b->caps;

    for (unsigned i = 0; i < csf_layout_spec.nr_fields; i++) {
        n += memcmp(&a->field[i], &b->field[i], sizeof(a->field[i])) != 0;
    }
    for (unsigned i = 0; i < csf_layout_spec.nr_values; i++) {
        n += a->value[i] != b->value[i];
    }
    return n;
}

static void test_one_thing_is_wrong(void)
{
    g_autoptr(GBytes) good = stock("csf-1.1");
    static FwLayout before, after;
    const char *name;

    g_assert_true(loads(good, &before));
    for (unsigned k = 0; (name = mutation_name(k)); k++) {
        unsigned made = 0;

        g_assert_nonnull(mutation_about(name));
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            g_autoptr(Mutant) m = mutate(good, name, seed, "p", &err);
            unsigned n;

            if (!m) {
                assert_contains(err.text, "p: has nothing that");
                continue;
            }
            made++;
            g_assert_true(loads(m->dtb, &after));
            assert_contains(after.name, name);
            n = differences(&before, &after);
            g_assert_cmpuint(n, >=, 1);
            /* The whole version, or two things that were swapped. */
            g_assert_cmpuint(n, <=, 2);
        }
        if (claims_are_known() || !wants_claims(name)) {
            g_assert_cmpuint(made, ==, SEEDS);
        } else {
            g_assert_cmpuint(made, ==, 0);
        }
    }
}

static void test_a_seed_is_a_mutant(void)
{
    g_autoptr(GBytes) good = stock("csf-1.1");
    g_autoptr(GHashTable) sentences = g_hash_table_new_full(g_str_hash,
                                                            g_str_equal,
                                                            g_free, NULL);

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        g_autoptr(Mutant) a = mutate(good, "field-up", seed, "p", &err);
        g_autoptr(Mutant) b = mutate(good, "field-up", seed, "other", &err);

        g_assert_true(g_bytes_equal(a->dtb, b->dtb));
        g_assert_cmpstr(a->sentence, ==, b->sentence);
        g_hash_table_add(sentences, g_strdup(a->sentence));
    }
    g_assert_cmpuint(g_hash_table_size(sentences), >, SEEDS / 2);
}

/* The mutants of one seed are the same for ever: replays name them. */
static void test_seeds_do_not_drift(void)
{
    g_autoptr(GBytes) good = stock("csf-1.1");
    g_autoptr(Mutant) version = mutate(good, "version-new", 7, "p", &err);
    g_autoptr(Mutant) feature = mutate(good, "feature-bare", 7, "p", &err);

    g_assert_cmpstr(version->sentence, ==, "the firmware's interface is 232.1");
    g_assert_cmpstr(feature->sentence, ==, "the firmware has feature 0x1000 and nothing behind it");
}

/* Values of the loaded mutant are those that its sentence tells. */
static void test_sentences_are_true(void)
{
    g_autoptr(GBytes) good = stock("csf-1.1");
    static FwLayout after;
    unsigned major, minor, n;
    char text[64];

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        g_autoptr(Mutant) v = mutate(good, "version-new", seed, "p", &err);
        g_autoptr(Mutant) r = mutate(good, "registers-few", seed, "p", &err);

        g_assert_cmpint(sscanf(v->sentence, "the firmware's interface is "
                               "%u.%u", &major, &minor), ==, 2);
        g_assert_true(loads(v->dtb, &after));
        g_assert_cmpuint(after.value[CSF_V_VERSION_MAJOR], ==, major);
        g_assert_cmpuint(after.value[CSF_V_VERSION_MINOR], ==, minor);
        g_assert_cmpuint(major, >, 1);
        g_assert_cmpint(sscanf(r->sentence, "streams have %u %60s", &n, text),
                        ==, 2);
        g_assert_true(loads(r->dtb, &after));
        g_assert_cmpuint(after.value[CSF_V_WORK_REGS], ==, n);
        g_assert_cmpuint(n, <, 96);
    }
}

static void test_profile_with_its_own_blocks(void)
{
    g_autoptr(GBytes) good = stock("csf-1.5");
    const char *name;
    unsigned made = 0;
    static FwLayout after;

    for (unsigned k = 0; (name = mutation_name(k)); k++) {
        g_autoptr(Mutant) m = mutate(good, name, 1, "p", &err);

        if (m) {
            made++;
            g_assert_true(loads(m->dtb, &after));
        }
    }
    g_assert_cmpuint(made, >=, 10);
}

static void test_source_is_the_blob(void)
{
    Said said;
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;

    tool_run(&said, "abi-mutate", "$DTBS/csf-1.1.dtb field-wide --seed 3 "
             "-o $TMP/a.dts");
    g_assert_cmpint(said.status, ==, 0);
    said_clear(&said);
    tool_run(&said, "abi-mutate", "$DTBS/csf-1.1.dtb field-wide --seed 3 "
             "-o $TMP/a.dtb");
    g_assert_cmpint(said.status, ==, 0);
    said_clear(&said);
    tool_run(&said, "dtc", "-q -I dts -O dts -s $TMP/a.dts");
    a = g_strdup(said.out);
    said_clear(&said);
    tool_run(&said, "dtc", "-q -I dtb -O dts -s $TMP/a.dtb");
    b = g_strdup(said.out);
    said_clear(&said);
    g_assert_cmpstr(a, ==, b);
    assert_contains(a, "+field-wide");
}

static void test_list_and_all(void)
{
    g_auto(GStrv) lines = NULL;
    Said said;

    tool_run(&said, "abi-mutate", "$DTBS/csf-1.1.dtb --all --seed 2 -o $TMP");
    g_assert_cmpstr(said.err, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    said_clear(&said);
    tool_run(&said, "abi-mutate", "$DTBS/csf-1.1.dtb --list --seed 2");
    g_assert_cmpint(said.status, ==, 0);
    lines = g_strsplit(g_strchomp(said.out), "\n", -1);
    g_assert_cmpuint(g_strv_length(lines), >=, 16);
    for (unsigned i = 0; lines[i]; i++) {
        g_auto(GStrv) columns = g_strsplit(lines[i], "\t", -1);
        g_autofree char *path = g_strdup_printf("$TMP/%s.dtb", columns[0]);
        g_autofree char *blob = tool_file(path);

        g_assert_cmpuint(g_strv_length(columns), ==, 2);
        g_assert_cmpint(fdt_check_header(blob), ==, 0);
        assert_contains(fdt_getprop(blob, 0, "description", NULL),
                        columns[1]);
    }
    said_clear(&said);
}

static const struct {
    const char *name;
    const char *args;
    const char *says;
} mistakes[] = {
    { "nothing", "", "wrong use: " },
    { "no-name", "$DTBS/csf-1.1.dtb", "wrong use: " },
    { "unknown", "$DTBS/csf-1.1.dtb nosuch", "nosuch: no such mutation" },
    { "list-and-name", "$DTBS/csf-1.1.dtb field-up --list", "wrong use: " },
    { "all-without-folder", "$DTBS/csf-1.1.dtb --all", "wrong use: " },
    { "no-such-folder", "$DTBS/csf-1.1.dtb --all -o $TMP/nosuch",
      "nosuch: is no folder" },
    { "seed-no-number", "$DTBS/csf-1.1.dtb --list --seed x",
      "--seed: wants a number, not 'x'" },
    { "no-option", "--bogus", "--bogus: is no option" },
    { "no-profile", "$FIXTURES/layout.dts --list",
      "layout.dts: not a valid device tree blob" },
    { "another-blob", "$DTBS/mali-g610.dtb --list",
      "mali-g610.dtb: /: property 'compatible': \"gpumbox,csf-abi\"" },
    { "missing", "$TMP/nosuch --list", "nosuch: No such file" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    Said said;

    tool_run(&said, "abi-mutate", mistakes[i].args);
    assert_refused(&said, mistakes[i].says);
    said_clear(&said);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/mutate/one-thing", test_one_thing_is_wrong);
    g_test_add_func("/mutate/seed", test_a_seed_is_a_mutant);
    g_test_add_func("/mutate/no-drift", test_seeds_do_not_drift);
    g_test_add_func("/mutate/true", test_sentences_are_true);
    g_test_add_func("/mutate/own-blocks", test_profile_with_its_own_blocks);
    g_test_add_func("/mutate/source", test_source_is_the_blob);
    g_test_add_func("/mutate/list", test_list_and_all);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *name = g_strconcat("/mutate/refused/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
