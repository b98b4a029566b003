/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "blob.h"
#include "csf-layout.h"

static FwLayout layout;
static FwError err;

static bool load(Blob *b)
{
    return fw_layout_load(&layout, &csf_layout_spec, b->fdt, blob_size(b),
                          "x.dtb", &err);
}

static void test_stock_profiles_load(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    g_assert_true(load(&b));
    g_assert_cmpstr(layout.name, ==, "csf-1.1");
    g_assert_true(fw_has_cap(&layout, CSF_CAP_GLB_HALT));
    g_assert_false(fw_has_cap(&layout, CSF_CAP_GLB_STATE));
    g_assert_false(fw_has_field(&layout, CSF_F_GLB_REQUEST_STATE));
    g_assert_cmpuint(layout.struct_size[CSF_S_CS_OUTPUT], ==, 0xd8);
    g_assert_cmpuint(layout.field[CSF_F_CS_OUTPUT_HEAP_ADDRESS].offset, ==,
                     0xd0);
    g_assert_cmpuint(layout.value[CSF_V_SHARED_VA], ==, 0x04000000);
    g_assert_cmpuint(layout.value[CSF_V_GLB_STATE_HALT], ==, 1);

    blob_load(&b, "csf-1.5");
    g_assert_true(load(&b));
    g_assert_true(fw_has_cap(&layout, CSF_CAP_LAYOUT_IN_IMAGE));
    g_assert_cmpuint(layout.value[CSF_V_VERSION_MINOR], ==, 5);
}

static void test_bits_keep_their_neighbours(void)
{
    const FwField f = { .offset = 4, .size = 4, .lsb = 8, .width = 8,
                        .count = 1 };
    guint8 buf[12];

    memset(buf, 0xff, sizeof(buf));
    fw_put(&f, buf, 0x1234);
    g_assert_cmpuint(fw_get(&f, buf), ==, 0x34);
    for (unsigned i = 0; i < sizeof(buf); i++) {
        g_assert_cmpuint(buf[i], ==, i == 5 ? 0x34 : 0xff);
    }
    g_assert_cmpuint(fw_field_mask(&f), ==, 0xff00);
}

static void test_64_bits_are_whole_and_little_endian(void)
{
    const FwField f = { .size = 8, .width = 64, .count = 1 };
    guint8 buf[8];

    fw_put(&f, buf, 0x8877665544332211);
    g_assert_cmpuint(buf[0], ==, 0x11);
    g_assert_cmpuint(buf[7], ==, 0x88);
    g_assert_cmpuint(fw_get(&f, buf), ==, 0x8877665544332211);
    g_assert_cmpuint(fw_field_mask(&f), ==, UINT64_MAX);
}

static void test_array_elements_stay_in_the_array(void)
{
    const FwField f = { .offset = 2, .size = 2, .width = 16, .count = 2,
                        .stride = 4 };
    guint8 buf[12] = { 0 };

    fw_put_at(&f, 1, buf, 0xabcd);
    fw_put_at(&f, 2, buf, 0xffff);
    g_assert_cmpuint(buf[10], ==, 0);
    buf[10] = 0x55;
    g_assert_cmpuint(buf[6], ==, 0xcd);
    g_assert_cmpuint(buf[7], ==, 0xab);
    g_assert_cmpuint(fw_get_at(&f, 1, buf), ==, 0xabcd);
    g_assert_cmpuint(fw_get_at(&f, 2, buf), ==, 0);
}

static void test_absent_field_reads_zero_and_writes_nothing(void)
{
    const FwField f = { 0 };
    guint8 buf[1] = { 0x55 };

    fw_put(&f, buf, 0xff);
    g_assert_cmpuint(buf[0], ==, 0x55);
    g_assert_cmpuint(fw_get(&f, buf), ==, 0);
    g_assert_cmpuint(fw_field_mask(&f), ==, 0);
}

static void test_array_field_loads(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, "/structs/cs-output fault-data = 0x10 2 4 8 3 8");
    g_assert_true(load(&b));
    g_assert_cmpuint(layout.field[CSF_F_CS_OUTPUT_FAULT_DATA].stride, ==, 8);
    g_assert_cmpuint(layout.field[CSF_F_CS_OUTPUT_FAULT_DATA].count, ==, 3);
    g_assert_cmpuint(layout.field[CSF_F_CS_OUTPUT_FAULT_DATA].lsb, ==, 4);
}

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} mistakes[] = {
    { "struct-missing", "/structs/cs-input -",
      "x.dtb: /structs: node 'cs-input' is missing" },
    { "structs-missing", "/structs -", "x.dtb: /: node 'structs' is missing" },
    { "struct-unknown", "/structs +cs-inptu",
      "x.dtb: /structs/cs-inptu: unknown struct" },
    { "field-missing", "/structs/glb-input -req",
      "x.dtb: /structs/glb-input: property 'req': missing" },
    { "field-misspelt", "/structs/glb-input reqq = 0 4",
      "x.dtb: /structs/glb-input: property 'reqq': unknown" },
    { "field-three-cells", "/structs/glb-input req = 0 4 1",
      "property 'req': has 3 cells" },
    { "field-many-cells", "/structs/glb-input req : 400",
      "property 'req': 100 cells are too many" },
    { "field-odd-bytes", "/structs/glb-input req : 5",
      "property 'req': 5 bytes are not a list" },
    { "field-empty", "/structs/glb-input req : 0",
      "property 'req': 0 bytes are not a list" },
    { "field-size-3", "/structs/glb-input req = 0 3",
      "property 'req': is 3 bytes wide" },
    { "field-misaligned", "/structs/glb-input core-en-mask = 0x1c 8",
      "property 'core-en-mask': offset 0x1c is not aligned" },
    { "field-past-end", "/structs/glb-input idle-timer = 0x88 4",
      "property 'idle-timer': ends at 0x8c, past the struct's size 0x88" },
    { "field-offset-wraps", "/structs/glb-input req = 0xfffffffc 4",
      "property 'req': ends at 0x100000000, past" },
    { "bits-outside", "/structs/cs-request fault = 0 4 31 2",
      "property 'fault': 2 bits from bit 31 do not fit" },
    { "bits-wrap", "/structs/cs-request fault = 0 4 0xffffffff 2",
      "property 'fault': 2 bits from bit 4294967295 do not fit" },
    { "bits-none", "/structs/cs-request fault = 0 4 0 0",
      "property 'fault': 0 bits" },
    { "array-empty", "/structs/glb-input req = 0 4 0 32 0 4",
      "property 'req': 0 elements" },
    { "array-past-end", "/structs/glb-input req = 0 4 0 32 35 4",
      "property 'req': ends at 0x8c, past" },
    { "array-wraps", "/structs/glb-input req = 0 4 0 32 4096 0xfffffffc",
      "property 'req': ends at 0xffe" },
    { "array-stride-small", "/structs/glb-input req = 0 4 0 32 2 2",
      "property 'req': stride 0x2 is no multiple" },
    { "array-stride-odd", "/structs/glb-input req = 0 4 0 32 2 6",
      "property 'req': stride 0x6 is no multiple" },
    { "struct-size-missing", "/structs/glb-input -size",
      "/structs/glb-input: property 'size': missing" },
    { "struct-size-0", "/structs/glb-input size = 0",
      "property 'size': 0x0 is outside" },
    { "struct-size-huge", "/structs/glb-input size = 0x1001",
      "property 'size': 0x1001 is outside" },
    { "struct-size-64", "/structs/glb-input size = 0 0x88",
      "property 'size': has 2 cells" },
    { "node-in-struct", "/structs/glb-input +more",
      "/structs/glb-input/more: unknown node" },
    { "value-missing", "/counts -groups",
      "x.dtb: /counts: property 'groups': missing" },
    { "value-node-missing", "/counts -",
      "x.dtb: /: node 'counts' is missing (property 'groups' is needed)" },
    { "value-too-large", "/counts groups = 65",
      "/counts: property 'groups': 0x41 is outside 0x1..0x40" },
    { "value-too-small", "/counts groups = 0",
      "/counts: property 'groups': 0x0 is outside" },
    { "value-64-too-large", "/counts groups = 1 8",
      "/counts: property 'groups': 0x100000008 is outside" },
    { "value-three-cells", "/counts groups = 1 2 3",
      "/counts: property 'groups': has 3 cells, 1 or 2 expected" },
    { "value-misspelt", "/counts grops = 8",
      "/counts: property 'grops': unknown" },
    { "value-optional-misspelt", "/features globl = 8",
      "/features: property 'globl': unknown" },
    { "node-in-value-node", "/counts +more", "/counts/more: unknown node" },
    { "value-node-unknown", "/ +count", "x.dtb: /count: unknown node" },
    { "root-unknown", "/ versoin = 1", "x.dtb: /: property 'versoin'" },
    { "capability-unknown", "/ capabilities = 'glb-hald'",
      "property 'capabilities': unknown capability 'glb-hald'" },
    { "capabilities-no-strings", "/ capabilities = 0x41414141",
      "property 'capabilities': not a list of strings" },
    { "abi-missing", "/ -abi", "x.dtb: /: property 'abi': missing" },
    { "abi-long", "/ abi = 'abcdefghijklmnopqrstuvwxyzabcdefghi'",
      "property 'abi': longer than 31 characters" },
    { "abi-empty", "/ abi : 1", "property 'abi': not one string" },
    { "abi-two-strings", "/ abi = 0x61620061 0x62626200",
      "property 'abi': not one string" },
    { "abi-no-string", "/ abi = 0x61626364",
      "property 'abi': not one string" },
    { "not-a-profile", "/ compatible = 'gpumbox,scenario'",
      "property 'compatible': \"gpumbox,csf-abi\" expected" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, mistakes[i].edit);
    g_assert_false(load(&b));
    assert_says(err.text, mistakes[i].says);
}

static void test_optional_field_may_be_absent(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, "/structs/cs-request -extract-event");
    blob_edit(&b, "/features -");
    g_assert_true(load(&b));
    g_assert_false(fw_has_field(&layout, CSF_F_CS_REQUEST_EXTRACT_EVENT));
    g_assert_cmpuint(layout.value[CSF_V_ENDPOINTS], ==, 7);
}

static void test_largest_values_are_good(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, "/ abi = 'abcdefghijklmnopqrstuvwxyzabcde'");
    blob_edit(&b, "/counts groups = 64");
    blob_edit(&b, "/structs/cs-output size = 0x1000");
    blob_edit(&b, "/structs/cs-output heap-address = 0xff8 8");
    g_assert_true(load(&b));
    g_assert_cmpuint(strlen(layout.name), ==, 31);
}

static void test_blob_cut_anywhere_is_refused(void)
{
    static Blob b;
    gsize size;

    blob_load(&b, "csf-1.1");
    size = blob_size(&b);
    for (gsize len = 0; len < size; len += len < 128 ? 1 : 97) {
        g_autofree guint8 *cut = g_memdup2(b.fdt, len);

        g_assert_false(fw_layout_load(&layout, &csf_layout_spec, cut, len,
                                      "x.dtb", &err));
        assert_says(err.text, "x.dtb: ");
    }
}

static void test_large_blob_is_refused(void)
{
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, "/ description : 65536");
    g_assert_false(load(&b));
    assert_says(err.text, "larger than 64 KiB");
}

static void test_blob_need_not_be_aligned(void)
{
    static Blob b;
    g_autofree guint8 *copy = NULL;
    gsize size;

    blob_load(&b, "csf-1.1");
    size = blob_size(&b);
    copy = g_malloc(size + 1);
    memcpy(copy + 1, b.fdt, size);
    g_assert_true(fw_layout_load(&layout, &csf_layout_spec, copy + 1, size,
                                 "x.dtb", &err));
}

static void test_sentence_is_printable_and_bounded(void)
{
    g_autofree char *file = g_strnfill(2000, 'f');
    static Blob b;

    blob_load(&b, "csf-1.1");
    blob_edit(&b, "/counts \x1b[2J = 8");
    g_assert_false(fw_layout_load(&layout, &csf_layout_spec, b.fdt,
                                  blob_size(&b), file, &err));
    assert_says(err.text, "/counts: property '?[2J': unknown");
    g_assert_cmpuint(strlen(err.text), <, sizeof(err.text));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/layout/stock-profiles-load", test_stock_profiles_load);
    g_test_add_func("/layout/bits-keep-their-neighbours",
                    test_bits_keep_their_neighbours);
    g_test_add_func("/layout/64-bits-are-whole-and-little-endian",
                    test_64_bits_are_whole_and_little_endian);
    g_test_add_func("/layout/array-elements-stay-in-the-array",
                    test_array_elements_stay_in_the_array);
    g_test_add_func("/layout/absent-field-reads-zero-and-writes-nothing",
                    test_absent_field_reads_zero_and_writes_nothing);
    g_test_add_func("/layout/array-field-loads", test_array_field_loads);
    g_test_add_func("/layout/optional-field-may-be-absent",
                    test_optional_field_may_be_absent);
    g_test_add_func("/layout/largest-values-are-good",
                    test_largest_values_are_good);
    g_test_add_func("/layout/blob-cut-anywhere-is-refused",
                    test_blob_cut_anywhere_is_refused);
    g_test_add_func("/layout/large-blob-is-refused",
                    test_large_blob_is_refused);
    g_test_add_func("/layout/blob-need-not-be-aligned",
                    test_blob_need_not_be_aligned);
    g_test_add_func("/layout/sentence-is-printable-and-bounded",
                    test_sentence_is_printable_and_bounded);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/layout/mistake/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
