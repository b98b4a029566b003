/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "csf-layout.h"
#include "gsp-layout.h"
#include "map.h"
#include "tool.h"

static FwError err;

static void test_map_is_read(void)
{
    static const char text[] =
        "# a comment\n"
        "compatible gpumbox,x\n"
        "module m      # another\n"
        "\n"
        "struct s c_struct#2\n"
        "  a b.c\n"
        "\td  e|f  A | B\n"
        "bits r c_struct req\n"
        "  go GET(GO)\n"
        "numbers n\n"
        "  one  1 + 0";
    g_autoptr(AbiMap) map = map_parse(text, strlen(text), "m", &err);
    const MapStruct *s;
    g_autoptr(GPtrArray) expressions = NULL;

    g_assert_nonnull(map);
    g_assert_cmpstr(map->compatible, ==, "gpumbox,x");
    g_assert_cmpstr(map->module, ==, "m");
    s = map_struct(map, "s");
    g_assert_cmpstr(s->source, ==, "c_struct#2");
    g_assert_null(s->word);
    g_assert_cmpstr(map_field(s, "a")->member, ==, "b.c");
    g_assert_null(map_field(s, "a")->bits);
    g_assert_cmpstr(map_field(s, "d")->member, ==, "e|f");
    g_assert_cmpstr(map_field(s, "d")->bits, ==, "A | B");
    s = map_struct(map, "r");
    g_assert_cmpstr(s->word, ==, "req");
    g_assert_null(map_field(s, "go")->member);
    g_assert_cmpstr(map_number(map, "n", "one")->value, ==, "1 + 0");
    g_assert_null(map_number(map, "n", "two"));
    expressions = map_expressions(map);
    g_assert_cmpuint(expressions->len, ==, 3);
}

#define HEAD "compatible x\n"

static const struct {
    const char *name;
    const char *text;
    const char *says;
} mistakes[] = {
    { "empty", "", "does not say what it is compatible with" },
    { "unknown-word", HEAD "thing a", "line 2: struct, struct-or-none, bits" },
    { "two-compatibles", HEAD "compatible y", "line 2: " },
    { "no-value", "compatible", "line 1: one word expected" },
    { "two-values", "module a b", "line 1: one word expected" },
    { "entry-alone", " a b", "line 1: an indented line wants a block" },
    { "entry-after-module", HEAD "struct a b\nmodule m\n a b",
      "line 4: an indented line wants a block" },
    { "struct-alone", "struct a", "'struct' wants a node and a struct" },
    { "struct-with-member", "struct a b c", "'struct' wants" },
    { "bits-without-member", "bits a b", "'bits' wants a node, a struct and" },
    { "struct-twice", "struct a b\nstruct a c", "line 2: there is a block" },
    { "struct-odd", "struct a b@x", "no name of a struct" },
    { "field-alone", "struct a b\n c", "a field wants a name and a member" },
    { "field-twice", "struct a b\n c d\n c e", "line 3: the struct has this" },
    { "number-alone", "numbers a\n b", "a number wants a name and an" },
    { "brace", "numbers a\n b }; int x = {", "a number wants" },
    { "string", "struct a b\n c d \"x\"", "no expression of C" },
    { "comment-in-expression", "bits a b c\n d e /* f", "no expression" },
    { "control-character", "module \x1b[2J", "line 1: not plain text" },
    { "not-ascii", "module \xc3\xa4", "line 1: not plain text" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    const char *text = mistakes[i].text;

    g_assert_null(map_parse(text, strlen(text), "m", &err));
    assert_contains(err.text, "m: ");
    assert_contains(err.text, mistakes[i].says);
}

/* A field that the stub learns must get its line in the map. */
static void assert_whole(const char *variable, const FwLayoutSpec *spec)
{
    g_autoptr(AbiMap) map = map_load(g_getenv(variable), &err);

    g_assert_nonnull(map);
    g_assert_cmpstr(map->compatible, ==, spec->compatible);
    for (unsigned i = 0; i < spec->nr_fields; i++) {
        const FwFieldNeed *f = &spec->fields[i];
        const char *node = spec->structs[f->strct];
        const MapStruct *s = map_struct(map, node);

        if (!s || !map_field(s, f->name)) {
            g_error("the map has no %s/%s", node, f->name);
        }
    }
}

static void test_panthor_map_is_whole(void)
{
    assert_whole("GPUMBOX_PANTHOR_MAP", &csf_layout_spec);
}

static void test_nouveau_map_is_whole(void)
{
    assert_whole("GPUMBOX_NOUVEAU_MAP", &gsp_layout_spec);
}

/* Structs of several firmwares, and one that a driver may do without. */
static void test_several(void)
{
    static const char text[] =
        "compatible x\nstruct a one@8|two@16\n  f g\n"
        "struct-or-none b three\n  f g\n";
    g_autoptr(AbiMap) map = map_parse(text, strlen(text), "m", &err);
    g_autofree const char **patterns = NULL;

    g_assert_nonnull(map);
    g_assert_cmpstr(map_struct(map, "a")->sources[1], ==, "two@16");
    g_assert_false(map_struct(map, "a")->optional);
    g_assert_true(map_struct(map, "b")->optional);
    patterns = map_patterns(map);
    g_assert_cmpstr(patterns[0], ==, "one@8");
    g_assert_cmpstr(patterns[2], ==, "three");
    g_assert_null(patterns[3]);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/map/read", test_map_is_read);
    g_test_add_func("/map/several", test_several);
    g_test_add_func("/map/panthor", test_panthor_map_is_whole);
    g_test_add_func("/map/nouveau", test_nouveau_map_is_whole);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *name = g_strconcat("/map/refused/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
