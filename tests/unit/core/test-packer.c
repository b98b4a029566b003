/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packer as a program: what it writes, and what it refuses to write. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/wait.h>

#include "blob.h"
#include "csf.h"
#include "fwimage.h"

static char *folder;

typedef struct Result {
    int status;
    char *out;
    char *err;
} Result;

static void result_clear(Result *r)
{
    g_free(r->out);
    g_free(r->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Result, result_clear)

static Result packer(const char *a, const char *b, const char *c,
                     const char *d)
{
    const char *argv[] = { g_getenv("GPUMBOX_PACKER"), a, b, c, d, NULL };
    GError *error = NULL;
    Result r = { 0 };
    int status;

    g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                 &r.out, &r.err, &status, &error);
    g_assert_no_error(error);
    g_assert_true(WIFEXITED(status));
    r.status = WEXITSTATUS(status);
    return r;
}

static char *in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* A profile with one change, as a file. */
static char *profile(const char *edit)
{
    char *path = in_folder("profile.dtb");
    GError *error = NULL;
    static Blob b;

    blob_load(&b, "csf-1.1");
    if (edit) {
        blob_edit(&b, edit);
    }
    g_file_set_contents(path, (char *)b.fdt, blob_size(&b), &error);
    g_assert_no_error(error);
    return path;
}

static guint32 word(const char *image, gsize at)
{
    guint32 v;

    memcpy(&v, image + at, 4);
    return GUINT32_FROM_LE(v);
}

static void test_image_carries_the_profile(void)
{
    g_autofree char *dtb = profile(NULL);
    g_autofree char *image_path = in_folder("image.bin");
    g_auto(Result) r = packer("--abi", dtb, "-o", image_path);
    g_autofree char *image = NULL;
    g_autofree char *bytes = NULL;
    gsize size, dtb_size;
    FwImageEntry e;
    FwImage im;
    FwError err;
    guint32 va;

    g_assert_cmpstr(r.err, ==, "");
    g_assert_cmpint(r.status, ==, 0);
    g_assert_true(g_file_get_contents(image_path, &image, &size, NULL));
    g_assert_true(g_file_get_contents(dtb, &bytes, &dtb_size, NULL));
    g_assert_true(fw_image_check(image, size, "image.bin", &err));

    g_assert_true(fw_image_open(&im, image, size, "image.bin", &err));
    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.va_start, ==, CSF_BOOT_VA);
    g_assert_cmpuint(word(image, e.data_start), ==, CSF_BOOT_MAGIC);
    g_assert_cmpuint(word(image, e.data_start + 4), ==, CSF_BOOT_FORMAT);
    va = word(image, e.data_start + 8);
    g_assert_cmpuint(word(image, e.data_start + 12), ==, dtb_size);

    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.va_start, ==, va);
    g_assert_cmpuint(e.flags & FW_IMAGE_WR, ==, 0);
    g_assert_cmpmem(image + e.data_start, e.data_end - e.data_start, bytes,
                    dtb_size);

    g_assert_cmpint(fw_image_next(&im, &e, &err), ==, 1);
    g_assert_cmpuint(e.va_start, ==, 0x04000000);
    g_assert_cmpuint(e.va_end, ==, 0x04040000);
    g_assert_cmpuint(e.flags, ==, FW_IMAGE_RD | FW_IMAGE_WR |
                     FW_IMAGE_SHARED | FW_IMAGE_ZERO |
                     FW_IMAGE_UNCACHED_COHERENT);
}

static void test_list_shows_the_sections(void)
{
    g_autofree char *dtb = profile(NULL);
    g_autofree char *image = in_folder("image.bin");
    g_auto(Result) made = packer("--abi", dtb, "-o", image);
    g_auto(Result) r = packer("--list", image, NULL, NULL);

    g_assert_cmpint(made.status, ==, 0);
    g_assert_cmpint(r.status, ==, 0);
    assert_says(r.out, "va 0x04000000-0x04040000");
    assert_says(r.out, "\"gpumbox-abi\"");
    assert_says(r.out, "\"git_sha: gpumbox csf-1.1\"");
}

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} refusals[] = {
    { "bad-field", "/structs/glb-input req = 0 3",
      "profile.dtb: /structs/glb-input: property 'req': is 3 bytes" },
    { "misfit", "/memory block-stride = 8",
      "profile.dtb: /memory/block-stride: 0x8" },
    { "image-layout", "/ capabilities = 'layout-in-image'",
      "property 'capabilities': 'layout-in-image' is for a vendor's image" },
    { "shared-elsewhere", "/memory shared-va = 0x05000000",
      "no shared section at 0x4000000" },
    { "shared-on-code", "/memory shared-va = 0",
      "belong to another section" },
};

static void test_refusal(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autofree char *dtb = profile(refusals[i].edit);
    g_autofree char *image = in_folder("refused.bin");
    g_auto(Result) r = packer("--abi", dtb, "-o", image);

    g_assert_cmpint(r.status, ==, 2);
    assert_says(r.err, "gpumbox-fwimage: ");
    assert_says(r.err, refusals[i].says);
    g_assert_false(g_file_test(image, G_FILE_TEST_EXISTS));
}

static void test_wrong_use(void)
{
    g_autofree char *image = in_folder("image.bin");
    g_auto(Result) none = packer(NULL, NULL, NULL, NULL);
    g_auto(Result) half = packer("-o", image, NULL, NULL);
    g_auto(Result) missing = packer("--abi", "/nonexistent", "-o", image);

    g_assert_cmpint(none.status, ==, 2);
    g_assert_cmpint(half.status, ==, 2);
    g_assert_cmpint(missing.status, ==, 2);
    assert_says(missing.err, "/nonexistent: No such file");
}

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    folder = g_dir_make_tmp("gpumbox-packer-XXXXXX", NULL);
    g_assert_nonnull(folder);
    g_test_add_func("/packer/image-carries-the-profile",
                    test_image_carries_the_profile);
    g_test_add_func("/packer/list-shows-the-sections",
                    test_list_shows_the_sections);
    g_test_add_func("/packer/wrong-use", test_wrong_use);
    for (unsigned i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/packer/refuses/",
                                            refusals[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_refusal);
    }
    status = g_test_run();
    for (const char *const *p = (const char *const[]) {
            "profile.dtb", "image.bin", NULL }; *p; p++) {
        g_autofree char *path = in_folder(*p);

        g_unlink(path);
    }
    g_rmdir(folder);
    return status;
}
