/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "blob.h"
#include "fwimage.h"

static FwError err;

static const FwImageSection sections[] = {
    {
        .name = "code",
        .flags = FW_IMAGE_RD | FW_IMAGE_EX | FW_IMAGE_CACHED,
        .va = 0,
        .span = 0x1000,
        .data = "boot",
        .size = 5,
    }, {
        .name = "shared",
        .flags = FW_IMAGE_RD | FW_IMAGE_WR | FW_IMAGE_SHARED | FW_IMAGE_ZERO,
        .va = FW_IMAGE_SHARED_VA,
        .span = 0x2000,
    },
};

/* Where things stand in the image of these sections. */
enum {
    HEADER = 0,
    CODE = 20,
    SHARED = CODE + 28,
    INFO = SHARED + 32,
    TABLE_END = INFO + 12,
};

static guint8 *build(gsize *size)
{
    guint8 *image = fw_image_build(sections, G_N_ELEMENTS(sections), "abc",
                                   size);

    g_assert_nonnull(image);
    return image;
}

static void put32(guint8 *p, guint32 v)
{
    v = GUINT32_TO_LE(v);
    memcpy(p, &v, 4);
}

static void test_what_is_built_reads_back(void)
{
    gsize size;
    guint8 *image = build(&size);
    FwImageEntry e;
    FwImage im;

    g_assert_true(fw_image_check(image, size, "x.bin", &err));
    g_assert_true(fw_image_open(&im, image, size, "x.bin", &err));
    g_assert_cmpuint(im.table_end, ==, TABLE_END);
    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.offset, ==, CODE);
    g_assert_cmpstr(e.name, ==, "code");
    g_assert_cmpuint(e.va_end, ==, 0x1000);
    g_assert_cmpuint(e.data_end - e.data_start, ==, 5);
    g_assert_cmpstr((char *)image + e.data_start, ==, "boot");
    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.offset, ==, SHARED);
    g_assert_cmpuint(e.data_end, ==, 0);
    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.offset, ==, INFO);
    g_assert_true(e.optional);
    /* panthor_fw.c: panthor_fw_read_build_info() wants prefix and NUL. */
    g_assert_cmpstr((char *)image + e.data_start, ==, "git_sha: abc");
    g_assert_cmpuint(image[e.data_end - 1], ==, 0);
    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 0);
    free(image);
}

static void test_cut_anywhere_is_refused(void)
{
    gsize size;
    guint8 *image = build(&size);

    for (gsize len = 0; len < TABLE_END; len++) {
        g_autofree guint8 *cut = g_memdup2(image, len);

        g_assert_false(fw_image_check(cut, len, "x.bin", &err));
        assert_says(err.text, "x.bin: ");
    }
    free(image);
}

static void test_every_byte_of_the_table_may_be_wrong(void)
{
    gsize size;
    guint8 *image = build(&size);
    g_autofree guint8 *copy = g_memdup2(image, size);

    for (unsigned at = 0; at < TABLE_END; at++) {
        for (unsigned value = 0; value < 256; value++) {
            FwImageEntry e;
            FwImage im;

            copy[at] = value;
            fw_image_check(copy, size, "x.bin", &err);
            if (fw_image_open(&im, copy, size, "x.bin", &err)) {
                while (fw_image_next(&im, &e, &err) > 0) {
                    g_assert_cmpuint(e.offset, <, size);
                }
            }
        }
        copy[at] = image[at];
    }
    free(image);
}

static const struct {
    const char *name;
    unsigned at;
    guint32 value;
    const char *says;
} mistakes[] = {
    { "magic", HEADER, 0, "no firmware image" },
    { "major", HEADER + 4, 0x100, "format 1.0" },
    { "padding", HEADER + 12, 1, "padding" },
    { "padding-16", HEADER + 4, 0x10000, "padding" },
    { "table-past-file", HEADER + 16, 0x10000, "truncated" },
    { "entry-size-0", CODE, 0, "entry at 0x14: bad size 0" },
    { "entry-size-odd", CODE, 0x1a00, "entry at 0x14: bad size 26" },
    { "entry-past-table", INFO, 0x80001006, "bad size 16" },
    { "section-short", CODE, 0x1400, "too short" },
    { "build-info-short", INFO, 0x80000806, "too short" },
    { "build-info-mandatory", INFO, 0x0c06, "type 6" },
    { "type-unknown", INFO, 0x0c2a, "type 42" },
    { "flags-unknown", CODE + 4, 0x40, "unknown flags 0x40" },
    { "va-in-a-page", CODE + 12, 0x1001, "not whole pages" },
    { "va-backwards", CODE + 8, 0x2000, "not whole pages" },
    { "data-past-file", CODE + 20, 0x10000, "not in the file" },
    { "data-backwards", CODE + 20, 1, "not in the file" },
    { "data-larger-than-section", CODE + 12, 0, "0 bytes of address space" },
    { "shared-not-shared", SHARED + 4, 0x80000003, "must be shared" },
    { "shared-not-zeroed", SHARED + 4, 0x40000003, "must be zeroed" },
    { "no-shared", SHARED + 8, 0x03fff000, "no shared section" },
    { "shared-protected", SHARED + 4, 0xc0000023, "no shared section" },
    { "overlap", CODE + 12, 0x04001000, "belong to another section" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    gsize size;
    guint8 *image = build(&size);

    put32(image + mistakes[i].at, mistakes[i].value);
    g_assert_false(fw_image_check(image, size, "x.bin", &err));
    assert_says(err.text, "x.bin: ");
    assert_says(err.text, mistakes[i].says);
    free(image);
}

static void test_full_and_touching_sections_are_good(void)
{
    static const char page[FW_IMAGE_PAGE];
    const FwImageSection close[] = {
        {
            .name = "a", .flags = FW_IMAGE_RD, .va = 0x03fff000,
            .span = sizeof(page), .data = page, .size = sizeof(page),
        }, {
            .name = "shared", .flags = FW_IMAGE_SHARED,
            .va = FW_IMAGE_SHARED_VA, .span = sizeof(page), .data = page,
            .size = sizeof(page),
        }, {
            .name = "b", .va = FW_IMAGE_SHARED_VA + FW_IMAGE_PAGE,
            .span = sizeof(page),
        },
    };
    gsize size;
    guint8 *image = fw_image_build(close, G_N_ELEMENTS(close), "", &size);

    g_assert_true(fw_image_check(image, size, "x.bin", &err));
    free(image);
}

static void test_entry_without_body_is_skipped(void)
{
    gsize size;
    guint8 *image = build(&size);

    /* The build information becomes three entries of a header each. */
    for (unsigned i = 0; i < 3; i++) {
        put32(image + INFO + 4 * i, 0x80000400 | FW_IMAGE_TIMELINE);
    }
    g_assert_true(fw_image_check(image, size, "x.bin", &err));
    free(image);
}

static void test_too_many_sections(void)
{
    unsigned n = FW_IMAGE_SECTIONS_MAX + 1;
    g_autofree FwImageSection *many = g_new0(FwImageSection, n);
    guint8 *image;
    gsize size;

    for (unsigned i = 0; i < n; i++) {
        many[i] = (FwImageSection) {
            .name = "", .va = i * 0x1000, .span = 0x1000,
        };
    }
    image = fw_image_build(many, n, "", &size);
    g_assert_false(fw_image_check(image, size, "x.bin", &err));
    assert_says(err.text, "more than 256 sections");
    free(image);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/fwimage/what-is-built-reads-back",
                    test_what_is_built_reads_back);
    g_test_add_func("/fwimage/cut-anywhere-is-refused",
                    test_cut_anywhere_is_refused);
    g_test_add_func("/fwimage/every-byte-of-the-table-may-be-wrong",
                    test_every_byte_of_the_table_may_be_wrong);
    g_test_add_func("/fwimage/full-and-touching-sections-are-good",
                    test_full_and_touching_sections_are_good);
    g_test_add_func("/fwimage/entry-without-body-is-skipped",
                    test_entry_without_body_is_skipped);
    g_test_add_func("/fwimage/too-many-sections", test_too_many_sections);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/fwimage/mistake/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
