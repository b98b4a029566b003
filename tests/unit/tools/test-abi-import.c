/* SPDX-License-Identifier: GPL-2.0-or-later */
/* abi-import as a person runs it, on objects and headers of known layout. */
#include <glib/gstdio.h>
#include <string.h>

#include "tool.h"

#define EVERYTHING \
    "--struct * --enum * --union message.body=type,as_word=1,as_point=2 " \
    "--tail message.tail=count --tail log.text=length --label layout.o"

static void assert_import(const char *args, const char *golden)
{
    g_autofree char *expected = tool_file(golden);
    Said said;

    tool_run(&said, "abi-import", args);
    g_assert_cmpstr(said.err, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    g_assert_cmpstr(said.out, ==, expected);
    said_clear(&said);
}

static void test_dwarf_of_c(gconstpointer data)
{
    g_autofree char *args = g_strdup_printf("--elf $OBJECTS/%s " EVERYTHING,
                                            (const char *)data);

    assert_import(args, "$FIXTURES/layout.dts");
}

static void test_module_without_btf(void)
{
    assert_import("--module $OBJECTS/layout-arm64.o " EVERYTHING,
                  "$FIXTURES/layout.dts");
}

static void test_dwarf_of_rust(void)
{
    assert_import("--elf $OBJECTS/abi-rust.o --struct * --enum * "
                  "--label abi.rs", "$FIXTURES/abi-rust.dts");
}

static void assert_says(const char *args, const char *const *parts)
{
    Said said;

    tool_run(&said, "abi-import", args);
    g_assert_cmpstr(said.err, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    for (unsigned i = 0; parts[i]; i++) {
        if (parts[i][0] == '!') {
            g_assert_null(strstr(said.out, parts[i] + 1));
        } else {
            assert_contains(said.out, parts[i]);
        }
    }
    said_clear(&said);
}

static void test_headers(void)
{
    static const char *const parts[] = {
        "LAYOUT-VERSION = <3>;", "LAYOUT-GO = <16>;",
        "LAYOUT-MODE-MASK = <3>;", "LAYOUT-HIGH = <0x100 0x0>;",
        "corners-y = <0x16 2 0 16 4 0x4>;", "MOOD-BAD = <0xffffffff>;",
        "!LAYOUT-TEXT", "!LAYOUT-NOTHING", "!LAYOUT-UNKNOWN", "!LAYOUT-OPEN",
        "!twin", NULL,
    };

    assert_says("--header $FIXTURES/layout.h --define LAYOUT_* --struct * "
                "--enum mood", parts);
}

/* Options for the compiler are meant from where the user stands. */
static void test_headers_by_relative_path(void)
{
    static const char *const parts[] = { "size = <0x48>;", NULL };
    g_autofree char *here = g_get_current_dir();

    g_assert_cmpint(g_chdir(g_getenv("GPUMBOX_FIXTURES")), ==, 0);
    tool_write("$TMP/outer.h", "#include <layout.h>\n", 20);
    assert_says("--header $TMP/outer.h --cflag -I. --struct message", parts);
    assert_says("--header layout.h --struct message", parts);
    g_assert_cmpint(g_chdir(here), ==, 0);
}

static void test_twins_are_told_apart(void)
{
    static const char *const both[] = {
        "struct twin@8\n", "struct twin@24\n", "!message", NULL,
    };
    static const char *const one[] = {
        "\ttwin {\n\t\t\tsize = <0x18>;", "!<0x08>;\n\t\t\ta", NULL,
    };

    assert_says("--elf $OBJECTS/layout-5.o --struct twin --list", both);
    assert_says("--elf $OBJECTS/layout-5.o --struct twin@24", one);
}

static void test_map(void)
{
    static const char *const without[] = {
        "compatible = \"gpumbox,test-abi\";", "letter {", "kind = <0x00 4>;",
        "first-corner = <0x10 2>;", "word = <0x34 4>;",
        "/* missing: the driver has no such field */",
        "/* mode: bits of a word; headers know which */", "!versions", NULL,
    };
    static const char *const with[] = {
        "mode = <0x44 4 0 2>;", "part = <0x44 4 8 8>;",
        "part-too = <0x44 4 8 8>;",
        "/* ghost: the driver has no such field */", "go = <0x00 4 4 1>;",
        "layout = <3>;", "!unknown", NULL,
    };

    assert_says("--elf $OBJECTS/layout-5.o --map $FIXTURES/layout.map",
                without);
    assert_says("--elf $OBJECTS/layout-5.o --map $FIXTURES/layout.map "
                "--header $FIXTURES/layout.h", with);
    assert_says("--header $FIXTURES/layout.h --map $FIXTURES/layout.map",
                with);
}

static void test_result_compiles(void)
{
    static const char *const inputs[] = {
        "$FIXTURES/layout.dts", "$FIXTURES/abi-rust.dts",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_autofree char *args = g_strdup_printf("-I dts -O dtb -o /dev/null "
                                                "%s", inputs[i]);
        Said said;

        tool_run(&said, "dtc", args);
        g_assert_cmpint(said.status, ==, 0);
        said_clear(&said);
    }
}

static void test_output_file(void)
{
    g_autofree char *expected = tool_file("$FIXTURES/layout.dts");
    g_autofree char *text = NULL;
    Said said;

    tool_run(&said, "abi-import", "--elf $OBJECTS/layout-5.o " EVERYTHING
             " -o $TMP/out.dts");
    g_assert_cmpstr(said.out, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    text = tool_file("$TMP/out.dts");
    g_assert_cmpstr(text, ==, expected);
    said_clear(&said);
}

static const struct {
    const char *name;
    const char *args;
    const char *says;
} mistakes[] = {
    { "no-source", "--struct x", "give --module, --elf or --header" },
    { "two-sources", "--elf a --module b --struct x", "two sources" },
    { "nothing", "--elf $OBJECTS/layout-5.o", "nothing to import" },
    { "no-such-option", "--bogus", "--bogus: is no option" },
    { "no-value", "--struct", "--struct: wants a value" },
    { "a-word", "--elf $OBJECTS/layout-5.o --struct x y", "y: is no option" },
    { "no-such-file", "--elf $TMP/nosuch --struct x",
      "nosuch: No such file or directory" },
    { "a-folder", "--elf $FIXTURES --struct x", "Is a directory" },
    { "no-elf", "--elf $FIXTURES/layout.h --struct x",
      "layout.h: is no 64-bit little-endian ELF file" },
    { "no-dwarf", "--elf $OBJECTS/layout-none.o --struct x",
      "holds no DWARF" },
    { "no-btf", "--module $OBJECTS/layout-none.o --struct x",
      "holds no BTF" },
    { "no-such-struct", "--elf $OBJECTS/layout-5.o --struct nosuch*",
      "has no struct 'nosuch*'" },
    { "no-such-enum", "--elf $OBJECTS/layout-5.o --enum message",
      "has no enum 'message'" },
    { "no-such-twin", "--elf $OBJECTS/layout-5.o --struct twin@9",
      "has no struct 'twin@9'" },
    { "bad-pattern", "--elf $OBJECTS/layout-5.o --struct twin@x",
      "twin@x: no name of a type" },
    { "macros-without-headers", "--elf $OBJECTS/layout-5.o --define X",
      "give --header" },
    { "kernel-without-module", "--header $FIXTURES/layout.h --kernel-image x "
      "--struct x", "wants its --module" },
    { "header-missing", "--header $TMP/nosuch.h --struct x",
      "nosuch.h: cannot be read" },
    { "header-broken", "--header $FIXTURES/layout.dts --struct x",
      "layout.dts: does not compile" },
    { "compiler-missing", "--header $FIXTURES/layout.h --struct x --cc "
      "/nosuch/cc", "/nosuch/cc: the compiler cannot be started" },
    { "map-missing", "--elf $OBJECTS/layout-5.o --map $TMP/nosuch",
      "nosuch: No such file" },
    { "map-no-map", "--elf $OBJECTS/layout-5.o --map $FIXTURES/layout.h",
      "layout.h: line 1: " },
    { "map-of-another-driver", "--elf $OBJECTS/abi-rust.o --map "
      "$FIXTURES/layout.map", "abi-rust.o: has no struct 'message'" },
    { "union-form", "--elf $OBJECTS/layout-5.o --struct message --union body",
      "STRUCT.UNION=SELECTOR[,ARM=VALUE]... expected" },
    { "union-unknown", "--elf $OBJECTS/layout-5.o --struct message --union "
      "message.at=type", "the struct has no such union" },
    { "union-selector-unknown", "--elf $OBJECTS/layout-5.o --struct message "
      "--union message.body=nosuch", "the struct has no field 'nosuch'" },
    { "union-arm-unknown", "--elf $OBJECTS/layout-5.o --struct message "
      "--union message.body=type,nosuch=1", "the union has no arm 'nosuch'" },
    { "union-arm-no-number", "--elf $OBJECTS/layout-5.o --struct message "
      "--union message.body=type,as_word=x", "'x' is no number" },
    { "tail-unknown", "--elf $OBJECTS/layout-5.o --struct message --tail "
      "message.at=count", "the struct has no such open array" },
    { "tail-struct-unknown", "--elf $OBJECTS/layout-5.o --struct message "
      "--tail nosuch.at=count", "no struct 'nosuch' is imported" },
    { "name-long", "--elf $OBJECTS/layout-5.o --struct message --name "
      "abcdefghijklmnopqrstuvwxyzabcdefghi", "--name: wants 1 to 31" },
    { "name-odd", "--elf $OBJECTS/layout-5.o --struct message --name a\"b",
      "--name: wants letters" },
    { "output-missing", "--elf $OBJECTS/layout-5.o --struct message -o "
      "$TMP/nosuch/x", "$TMP/nosuch/x: No such file" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    const char *says = mistakes[i].says;
    Said said;

    tool_run(&said, "abi-import", mistakes[i].args);
    assert_refused(&said, g_str_has_prefix(says, "$TMP") ? says + 4 : says);
    said_clear(&said);
}

/* Bytes of a good object, damaged in many ways: a sentence, or an import. */
static void test_damaged_objects(void)
{
    static const char *const objects[] = {
        "$OBJECTS/layout-4.o", "$OBJECTS/layout-5.o", "$OBJECTS/abi-rust.o",
    };
    guint32 random = 1;

    for (unsigned o = 0; o < G_N_ELEMENTS(objects); o++) {
        g_autofree char *path = NULL;
        g_autofree char *data = NULL;
        gsize size;
        GString *name = g_string_new(objects[o]);

        g_string_replace(name, "$OBJECTS", g_getenv("GPUMBOX_OBJECTS"), 0);
        path = g_string_free(name, FALSE);
        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        for (unsigned i = 0; i < 60; i++) {
            g_autofree char *copy = g_memdup2(data, size);
            gsize len = i < 10 ? size * i / 10 : size;
            Said said;

            for (unsigned k = 0; i >= 10 && k < 1 + i % 7; k++) {
                random = random * 1664525 + 1013904223;
                copy[random % size] ^= 1 << (random >> 29);
            }
            tool_write("$TMP/damaged.o", copy, len);
            tool_run(&said, "abi-import",
                     "--elf $TMP/damaged.o --struct * --enum *");
            if (said.status) {
                assert_refused(&said, "abi-import: ");
            }
            said_clear(&said);
        }
    }
}

int main(int argc, char **argv)
{
    static const char *const objects[] = {
        "layout-4.o", "layout-5.o", "layout-arm64.o",
    };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(objects); i++) {
        g_autofree char *name = g_strconcat("/import/dwarf/", objects[i],
                                            NULL);

        g_test_add_data_func(name, objects[i], test_dwarf_of_c);
    }
    g_test_add_func("/import/dwarf/rust", test_dwarf_of_rust);
    g_test_add_func("/import/dwarf/module", test_module_without_btf);
    g_test_add_func("/import/headers", test_headers);
    g_test_add_func("/import/relative", test_headers_by_relative_path);
    g_test_add_func("/import/twins", test_twins_are_told_apart);
    g_test_add_func("/import/map", test_map);
    g_test_add_func("/import/compiles", test_result_compiles);
    g_test_add_func("/import/output-file", test_output_file);
    g_test_add_func("/import/damaged", test_damaged_objects);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *name = g_strconcat("/import/refused/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
