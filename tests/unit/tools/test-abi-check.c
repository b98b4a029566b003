/* SPDX-License-Identifier: GPL-2.0-or-later */
/* abi-check as a person runs it: what agrees, and each way of not agreeing. */
#include <string.h>

#include "tool.h"

#define LAYOUT "--elf $OBJECTS/layout-5.o "
#define MAPPED LAYOUT "--map $FIXTURES/layout.map "
#define HEADERS MAPPED "--header $FIXTURES/layout.h "

/* The letter of layout.map, as the driver has it. */
#define LETTER \
    "size = <0x48>; kind = <0 4>; where = <8 8>; " \
    "first-corner = <0x12 2>; word = <0x34 4>; "
#define PROFILE(letter, more) \
    "/dts-v1/; / { compatible = \"gpumbox,test-abi\"; abi = \"t\"; " more \
    " structs { letter { " letter " }; }; };"

/* Compiles source to $TMP/t.dtb. */
static void compile(const char *source)
{
    Said said;

    tool_write("$TMP/t.dts", source, strlen(source));
    tool_run(&said, "dtc", "-q -I dts -O dtb -o $TMP/t.dtb $TMP/t.dts");
    g_assert_cmpstr(said.err, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    said_clear(&said);
}

static const struct {
    const char *name;
    const char *source;
    const char *args;
    int status;
    const char *says;
} cases[] = {
    { "agree", PROFILE(LETTER, ""), MAPPED, 0,
      "t and layout-5.o: 5 agree, 0 cannot be seen, 0 moved" },
    { "longer-struct", PROFILE("size = <0x60>; kind = <0 4>;", ""), MAPPED, 0,
      "2 agree" },
    { "shorter-struct", PROFILE("size = <0x44>; kind = <0 4>;", ""), MAPPED,
      1, "resized: letter (size): the profile has 0x44, the driver 0x48" },
    { "moved", PROFILE("size = <0x48>; where = <0x10 8>;", ""), MAPPED, 1,
      "moved: letter/where: the profile has <0x10 8>, the driver <0x08 8>" },
    { "moved-by-four", PROFILE("size = <0x48>; kind = <4 4>;", ""), MAPPED, 1,
      "moved: letter/kind: the profile has <0x04 4>, the driver <0x00 4>" },
    { "resized", PROFILE("size = <0x48>; where = <8 4>;", ""), MAPPED, 1,
      "resized: letter/where: the profile has <0x08 4>, the driver <0x08 8>" },
    { "array", PROFILE("size = <0x48>; kind = <0 4 0 32 2 4>;", ""), MAPPED,
      1, "resized: letter/kind: the profile has <0x00 4 0 32 2 0x4>" },
    { "missing", PROFILE("size = <0x48>; missing = <0 4>;", ""), MAPPED, 1,
      "missing: letter/missing: the profile has <0x00 4>, the driver has "
      "none" },
    { "unmapped", PROFILE("size = <0x48>; other = <0 4>;", ""), MAPPED, 1,
      "unmapped: letter/other: " },
    { "one-of-two", PROFILE("size = <0x48>; first-corner = <0x10 2>;", ""),
      MAPPED, 0, "2 agree" },
    { "none-of-two", PROFILE("size = <0x48>; first-corner = <0x14 2>;", ""),
      MAPPED, 1, "moved: letter/first-corner: " },
    { "bits-unseen", PROFILE("size = <0x48>; mode = <0x44 4 7 7>;", ""),
      MAPPED, 0, "1 agree, 1 cannot be seen" },
    { "bits-in-a-moved-word", PROFILE("size = <0x48>; mode = <0x40 4 0 2>;",
                                      ""), MAPPED, 1, "moved: letter/mode" },
    { "bits-agree", PROFILE("size = <0x48>; mode = <0x44 4 0 2>; "
                            "part = <0x44 4 8 8>;", ""), HEADERS, 0,
      "3 agree, 0 cannot" },
    { "bits-in-a-byte", PROFILE("size = <0x48>; part = <0x45 1>;", ""),
      HEADERS, 0, "2 agree" },
    { "bits-moved", PROFILE("size = <0x48>; mode = <0x44 4 1 2>;", ""),
      HEADERS, 1, "moved: letter/mode: the profile has <0x44 4 1 2>, the "
      "driver <0x44 4 0 2>" },
    { "bits-wider", PROFILE("size = <0x48>; mode = <0x44 4 0 3>;", ""),
      HEADERS, 1, "resized: letter/mode" },
    { "bits-gone", PROFILE("size = <0x48>; ghost = <0x44 4 0 3>;", ""),
      HEADERS, 1, "missing: letter/ghost" },
    { "number-agrees", PROFILE(LETTER, "versions { layout = <3>; };"),
      HEADERS, 0, "6 agree" },
    { "number-changed", PROFILE(LETTER, "versions { layout = <4>; };"),
      HEADERS, 1,
      "changed: versions/layout: the profile has 0x4, the driver 0x3" },
    { "number-gone", PROFILE(LETTER, "versions { unknown = <4>; };"),
      HEADERS, 1, "missing: versions/unknown" },
    { "number-unseen", PROFILE(LETTER, "versions { layout = <4>; };"),
      MAPPED, 0, "1 cannot be seen" },
    { "number-of-the-firmware", PROFILE(LETTER, "counts { groups = <4>; };"),
      HEADERS, 0, "5 agree" },
    { "unmapped-struct", "/dts-v1/; / { compatible = \"gpumbox,test-abi\"; "
      "abi = \"t\"; structs { parcel { size = <4>; }; }; };", MAPPED, 1,
      "unmapped: parcel (size)" },
    { "all", PROFILE(LETTER, ""), MAPPED "--all ", 0, "agree: letter/kind\n" },
    { "tap", PROFILE("size = <0x48>; kind = <4 4>; mode = <0x44 4 0 2>;", ""),
      MAPPED "--tap ", 1,
      "TAP version 13\n1..3\nok 1 - letter (size)\nnot ok 2 - letter/kind\n"
      "# moved: the profile has <0x04 4>, the driver <0x00 4>\n"
      "ok 3 - letter/mode # SKIP this source does not tell\n" },
    { "json", PROFILE("size = <0x48>; kind = <4 4>;", ""),
      MAPPED "--json --label a\"b ", 1,
      "  \"schema\": \"gpumbox.abi-check/1\",\n"
      "  \"profile\": \"t\",\n"
      "  \"driver\": \"a\\\"b\",\n"
      "  \"agrees\": false,\n"
      "  \"counts\": {\"agree\": 1, \"unseen\": 0, \"moved\": 1, "
      "\"resized\": 0, \"changed\": 0, \"missing\": 0, \"unmapped\": 0},\n"
      "  \"findings\": [\n"
      "    {\"node\": \"letter\", \"name\": null, \"verdict\": \"agree\", "
      "\"profile\": 72, \"driver\": 72},\n"
      "    {\"node\": \"letter\", \"name\": \"kind\", \"verdict\": \"moved\", "
      "\"profile\": {\"offset\": 4, \"bytes\": 4, \"lsb\": 0, \"width\": 32, "
      "\"count\": 1, \"stride\": 0}, \"driver\": {\"offset\": 0, " },
};

static void test_case(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autofree char *args = g_strconcat(cases[i].args, "$TMP/t.dtb", NULL);
    Said said;

    compile(cases[i].source);
    tool_run(&said, "abi-check", args);
    g_assert_cmpstr(said.err, ==, "");
    assert_contains(said.out, cases[i].says);
    g_assert_cmpint(said.status, ==, cases[i].status);
    said_clear(&said);
}

/* What was imported from an object agrees with it, whatever its names. */
static void test_import_agrees(void)
{
    static const char *const objects[] = {
        "layout-4.o", "layout-5.o", "layout-arm64.o", "abi-rust.o",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(objects); i++) {
        g_autofree char *import =
            g_strdup_printf("--elf $OBJECTS/%s --struct * --name t -o "
                            "$TMP/t.dts", objects[i]);
        g_autofree char *check =
            g_strdup_printf("--elf $OBJECTS/%s $TMP/t.dtb", objects[i]);
        Said said;

        tool_run(&said, "abi-import", import);
        g_assert_cmpint(said.status, ==, 0);
        said_clear(&said);
        tool_run(&said, "dtc", "-q -I dts -O dtb -o $TMP/t.dtb $TMP/t.dts");
        g_assert_cmpint(said.status, ==, 0);
        said_clear(&said);
        tool_run(&said, "abi-check", check);
        g_assert_cmpstr(said.err, ==, "");
        assert_contains(said.out, " 0 cannot be seen, 0 moved, 0 resized, 0 "
                        "changed, 0 missing");
        g_assert_cmpint(said.status, ==, 0);
        said_clear(&said);
    }
}

/* A tail and a twin that are not those of the driver. */
static void test_tails_and_twins(void)
{
    Said said;

    compile("/dts-v1/; / { compatible = \"x\"; abi = \"t\"; structs {"
            " log { size = <2>; tails { text { offset = <4>; size = <1>;"
            " value = <0 1>; }; more { offset = <4>; size = <1>; }; }; };"
            " twin-8 { size = <8>; a = <0 1>; };"
            " twin-24 { size = <24>; a = <0 1>; };"
            " nobody { size = <24>; a = <0 1>; }; }; };");
    tool_run(&said, "abi-check", LAYOUT "$TMP/t.dtb");
    assert_contains(said.out, "moved: log/text/offset: the profile has 0x4, "
                    "the driver 0x2\n");
    assert_contains(said.out, "missing: log/more (size)");
    assert_contains(said.out, "resized: twin-8/a");
    assert_contains(said.out, "missing: nobody (size)");
    assert_contains(said.out, "missing: nobody/a");
    assert_contains(said.out, "5 agree");
    g_assert_cmpint(said.status, ==, 1);
    said_clear(&said);
}

static const struct {
    const char *name;
    const char *source;
    const char *args;
    const char *says;
} mistakes[] = {
    { "no-profile", NULL, LAYOUT, "0 are given" },
    { "two-profiles", NULL, LAYOUT "a b", "2 are given" },
    { "no-source", NULL, "$TMP/t.dtb", "give --module, --elf or --header" },
    { "source-not-blob", NULL, LAYOUT "$FIXTURES/layout.dts",
      "layout.dts: not a valid device tree blob" },
    { "no-such-profile", NULL, LAYOUT "$TMP/nosuch", "nosuch: No such file" },
    { "no-such-option", NULL, "--bogus x", "--bogus: is no option" },
    { "no-structs", "/dts-v1/; / { abi = \"t\"; };", LAYOUT "$TMP/t.dtb",
      "no struct is described" },
    { "no-name", "/dts-v1/; / { structs { s { size = <4>; }; }; };",
      LAYOUT "$TMP/t.dtb", "property 'abi': missing" },
    { "no-size", "/dts-v1/; / { abi = \"t\"; structs { s { }; }; };",
      LAYOUT "$TMP/t.dtb", "/structs/s: property 'size': missing" },
    { "three-cells", "/dts-v1/; / { abi = \"t\"; structs { s { size = <4>; "
      "f = <0 4 0>; }; }; };", LAYOUT "$TMP/t.dtb",
      "/structs/s: property 'f': has 3 cells" },
    { "outside", "/dts-v1/; / { abi = \"t\"; structs { s { size = <4>; "
      "f = <4 4>; }; }; };", LAYOUT "$TMP/t.dtb",
      "/structs/s: property 'f': lies outside its struct" },
    { "another-kind", "/dts-v1/; / { compatible = \"y\"; abi = \"t\"; "
      "structs { s { size = <4>; }; }; };", MAPPED "$TMP/t.dtb",
      "is a map for profiles that are \"gpumbox,test-abi\"" },
    { "no-kind", "/dts-v1/; / { abi = \"t\"; structs { s { size = <4>; }; }; "
      "};", MAPPED "$TMP/t.dtb", "is a map for profiles that are" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autofree char *args = g_strchomp(g_strdup(mistakes[i].args));
    Said said;

    if (mistakes[i].source) {
        compile(mistakes[i].source);
    }
    tool_run(&said, "abi-check", args);
    assert_refused(&said, mistakes[i].says);
    said_clear(&said);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/check/import-agrees", test_import_agrees);
    g_test_add_func("/check/tails-and-twins", test_tails_and_twins);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *name = g_strconcat("/check/", cases[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_case);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *name = g_strconcat("/check/refused/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
