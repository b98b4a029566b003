/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers that are fine one by one and do not fit together. */
#include "blob.h"
#include "csf-layout.h"

static FwLayout layout;
static FwError err;

static bool check(Blob *b)
{
    g_assert_true(fw_layout_load(&layout, &csf_layout_spec, b->fdt,
                                 blob_size(b), "x.dtb", &err));
    return csf_layout_check(&layout, "x.dtb", &err);
}

static void test_stock_profiles_fit(void)
{
    static const char *const stock[] = {
        "csf-1.1", "csf-1.5", "csf-2.0", "csf-3.0", "csf-4.0", "csf-4.1",
    };
    static Blob b;

    for (unsigned i = 0; i < G_N_ELEMENTS(stock); i++) {
        blob_load(&b, stock[i]);
        g_assert_true(check(&b));
        g_assert_cmpstr(layout.name, ==, stock[i]);
        /* Each halts in one way, later ones have endpoints elsewhere. */
        g_assert_cmpint(fw_has_cap(&layout, CSF_CAP_GLB_HALT), ==, i < 5);
        g_assert_cmpint(fw_has_cap(&layout, CSF_CAP_GLB_STATE), ==, i == 5);
        g_assert_cmpint(fw_has_cap(&layout, CSF_CAP_ENDPOINT_REQ2), ==,
                        i >= 4);
    }
}

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} misfits[] = {
    { "capability-without-field", "/structs/glb-request -halt",
      "capability 'glb-halt' needs field 'halt'" },
    { "other-capability-without-field", "/ capabilities = 'glb-state'",
      "capability 'glb-state' needs field 'state'" },
    { "endpoints-without-field", "/ capabilities = 'endpoint-req2'",
      "capability 'endpoint-req2' needs field 'endpoint-req2'" },
    { "too-many-groups", "/counts groups = 32", "/counts/groups: 32" },
    { "too-many-streams", "/counts streams = 33", "/counts/streams: 33" },
    { "shared-va-in-a-page", "/memory shared-va = 0x04000100",
      "/memory/shared-va: 0x4000100" },
    { "shared-size-in-a-page", "/memory shared-size = 0x40100",
      "/memory/shared-size: 0x40100" },
    { "shared-past-4g", "/memory shared-va = 0xffff0000",
      "/memory/shared-size: 0x40000" },
    { "suspend-buffer-small", "/memory suspend-size = 0xfff",
      "/memory/suspend-size: 0xfff does not hold" },
    { "no-protm-buffer", "/memory protm-suspend-size = 0",
      "/memory/protm-suspend-size: 0" },
    { "group-control-in-global", "/memory group-control-offset = 0x1c",
      "/memory/group-control-offset: lies in" },
    { "stream-control-in-group", "/memory stream-control-offset = 0x18",
      "/memory/stream-control-offset: lies in" },
    { "stream-stride-small", "/memory stream-control-stride = 8",
      "/memory/stream-control-stride: 0x8 does not hold" },
    { "group-stride-small", "/memory group-control-stride = 0x100",
      "/memory/group-control-stride: 0x100 does not hold" },
    { "group-stride-huge", "/memory group-control-stride = 0xfffffffc",
      "/memory/group-control-stride: control blocks end at" },
    { "block-stride-small", "/memory block-stride = 0x80",
      "/memory/block-stride: 0x80 does not hold" },
    { "inputs-past-end", "/memory input-offset = 0x3c000",
      "/memory/input-offset: input blocks" },
    { "outputs-in-control", "/memory output-offset = 0x2000",
      "/memory/group-control-stride: control blocks end at" },
    { "inputs-in-control", "/memory input-offset = 0x2000",
      "/memory/group-control-stride: control blocks end at" },
    { "outputs-past-end", "/memory output-offset = 0xfffffff8",
      "/memory/output-offset: output blocks" },
    { "outputs-in-inputs", "/memory output-offset = 0x14000",
      "/memory/output-offset: output blocks 0x14000-0x18900 lie in" },
    { "inputs-misaligned", "/memory input-offset = 0x10004",
      "/memory/input-offset: input blocks" },
};

static void test_misfit(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, misfits[i].edit);
    g_assert_false(check(&b));
    assert_says(err.text, "x.dtb: /");
    assert_says(err.text, misfits[i].says);
}

static void test_exact_fit_is_good(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    /* 73 blocks of the largest struct, one area right behind the other. */
    blob_edit(&b, "/memory group-control-offset = 0x20");
    blob_edit(&b, "/memory stream-control-offset = 0x1c");
    blob_edit(&b, "/memory stream-control-stride = 0xc");
    blob_edit(&b, "/memory group-control-stride = 0x7c");
    blob_edit(&b, "/memory input-offset = 0x400");
    blob_edit(&b, "/memory block-stride = 0xd8");
    blob_edit(&b, "/memory output-offset = 0x4198");
    blob_edit(&b, "/memory shared-size = 0x8000");
    blob_edit(&b, "/memory suspend-size = 0x4000");
    g_assert_true(check(&b));
    blob_edit(&b, "/memory output-offset = 0x4190");
    g_assert_false(check(&b));
    blob_edit(&b, "/memory output-offset = 0x4268");
    g_assert_true(check(&b));
    blob_edit(&b, "/memory output-offset = 0x4270");
    g_assert_false(check(&b));
    /* The same with outputs first. */
    blob_edit(&b, "/memory output-offset = 0x400");
    blob_edit(&b, "/memory input-offset = 0x4268");
    g_assert_true(check(&b));
    blob_edit(&b, "/memory input-offset = 0x4270");
    g_assert_false(check(&b));
    assert_says(err.text, "/memory/input-offset: input blocks");
}

static void test_blocks_of_an_image_are_not_the_profiles(void)
{
    static Blob b;

    blob_load(&b, "csf-1.5");
    blob_edit(&b, "/memory block-stride = 0");
    g_assert_true(check(&b));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/csf-layout/stock-profiles-fit",
                    test_stock_profiles_fit);
    g_test_add_func("/csf-layout/exact-fit-is-good", test_exact_fit_is_good);
    g_test_add_func("/csf-layout/blocks-of-an-image-are-not-the-profiles",
                    test_blocks_of_an_image_are_not_the_profiles);
    for (unsigned i = 0; i < G_N_ELEMENTS(misfits); i++) {
        g_autofree char *path = g_strconcat("/csf-layout/misfit/",
                                            misfits[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_misfit);
    }
    return g_test_run();
}
