/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "blob.h"
#include "fw/persona.h"

#define COMPATIBLE "gpumbox,test-persona"

static const FwPersonaNeed needs[] = {
    { "gpu-id", 0, UINT32_MAX, false, 0 },
    { "shader-present", 0, UINT64_MAX, false, 0 },
    { "texture-features[0]", 0, UINT32_MAX, false, 0 },
    { "texture-features[2]", 0, UINT32_MAX, false, 0 },
    { "clocks/gpu-hz", 1, 10000000000, false, 0 },
    { "clocks/timer-hz", 1, UINT32_MAX, true, 24000000 },
};

static guint64 values[G_N_ELEMENTS(needs)];
static FwError err;

static void make(Blob *b)
{
    blob_load(b, "mali-g610");
    /* Not the device's persona: a small one of this test's own. */
    blob_edit(b, "/csf -");
    blob_edit(b, "/latencies -");
    blob_edit(b, "/heap -");
    for (const char *const *p = (const char *const[]) {
            "l2-features", "core-features", "tiler-features", "mem-features",
            "mmu-features", "as-present", "csf-id", "gpu-features",
            "thread-max-threads", "thread-max-workgroup-size",
            "thread-max-barrier-size", "thread-features", "tiler-present",
            "l2-present", "revid", "coherency-features", NULL }; *p; p++) {
        g_autofree char *edit = g_strconcat("/ -", *p, NULL);

        blob_edit(b, edit);
    }
    blob_edit(b, "/ compatible = '" COMPATIBLE "'");
    blob_edit(b, "/ texture-features = 10 11 12");
}

static bool load(Blob *b)
{
    return fw_persona_load(COMPATIBLE, needs, G_N_ELEMENTS(needs), b->fdt,
                           blob_size(b), "x.dtb", values, &err);
}

static void test_numbers_come_by_name(void)
{
    static Blob b;

    make(&b);
    blob_edit(&b, "/ shader-present = 0x1 0x50005");
    g_assert_true(load(&b));
    g_assert_cmpuint(values[0], ==, 0xa8670005);
    g_assert_cmpuint(values[1], ==, 0x100050005);
    g_assert_cmpuint(values[2], ==, 10);
    g_assert_cmpuint(values[3], ==, 12);
    g_assert_cmpuint(values[4], ==, 1000000000);
    g_assert_cmpuint(values[5], ==, 62500000);
}

static void test_optional_number_falls_back(void)
{
    static Blob b;

    make(&b);
    blob_edit(&b, "/clocks -timer-hz");
    g_assert_true(load(&b));
    g_assert_cmpuint(values[5], ==, 24000000);
}

static void test_strings(void)
{
    static Blob b;
    char buf[16];
    gsize size;

    make(&b);
    size = blob_size(&b);
    g_assert_true(fw_persona_string(COMPATIBLE, "default-abi", b.fdt, size,
                                    "x.dtb", buf, sizeof(buf), &err));
    g_assert_cmpstr(buf, ==, "csf-1.1");
    g_assert_false(fw_persona_string(COMPATIBLE, "default-abi", b.fdt, size,
                                     "x.dtb", buf, 4, &err));
    assert_says(err.text, "property 'default-abi': longer than 3");
    g_assert_false(fw_persona_string(COMPATIBLE, "nothing", b.fdt, size,
                                     "x.dtb", buf, sizeof(buf), &err));
    assert_says(err.text, "property 'nothing': missing");
}

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} mistakes[] = {
    { "missing", "/ -gpu-id", "x.dtb: /: property 'gpu-id': missing" },
    { "misspelt", "/ gpu-idd = 1", "/: property 'gpu-idd': unknown" },
    { "node-misspelt", "/ +clock", "/clock: unknown node" },
    { "list-short", "/ texture-features = 1 2",
      "'texture-features': has 2 cells, at least 3 needed" },
    { "list-long", "/ texture-features = 1 2 3 4",
      "'texture-features': has 4 cells, 3 expected" },
    { "too-large", "/ gpu-id = 1 0",
      "'gpu-id': 0x100000000 is outside 0x0..0xffffffff" },
    { "another-family", "/ compatible = 'gpumbox,other-persona'",
      "\"" COMPATIBLE "\" expected" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    static Blob b;

    make(&b);
    blob_edit(&b, mistakes[i].edit);
    g_assert_false(load(&b));
    assert_says(err.text, mistakes[i].says);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/persona/numbers-come-by-name",
                    test_numbers_come_by_name);
    g_test_add_func("/persona/optional-number-falls-back",
                    test_optional_number_falls_back);
    g_test_add_func("/persona/strings", test_strings);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/persona/mistake/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
