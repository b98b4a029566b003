/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NVIDIA's firmware files: nova-core's made of nouveau's. */
#include <string.h>

#include "gsp.h"
#include "nvfw.h"
#include "tool.h"

#define SET "--abi $DTBS/gsp-r570.dtb --version 570.144 -o $TMP"
#define CONVERT "--tlv $TMP --version 570.144 -o $TMP"

static void nvimage(Said *said, const char *args)
{
    tool_run(said, g_getenv("GPUMBOX_NVIMAGE"), args);
}

static void done(const char *args)
{
    Said said;

    nvimage(&said, args);
    g_assert_cmpstr(said.err, ==, "");
    g_assert_cmpint(said.status, ==, 0);
    said_clear(&said);
}

static guint8 *bytes(const char *name, gsize *size)
{
    g_autofree char *rel = g_strconcat("$TMP/", name, NULL);

    return tool_bytes(rel, size);
}

static guint32 le32(const guint8 *p)
{
    guint32 v;

    memcpy(&v, p, 4);
    return GUINT32_FROM_LE(v);
}

/*
 * As nova-core's Tlv::new() and find() do it: tags fill the file to its last
 * byte, and VERS is there; what it does not check, that no tag comes twice, is
 * checked as well.
 */
static const guint8 *value(const guint8 *file, gsize size, const char *tag,
                           guint32 *len)
{
    const guint8 *found = NULL;
    gboolean version = FALSE;
    gsize at = 4;

    g_assert_cmpmem(file, 4, "NVFW", 4);
    while (at < size) {
        guint32 n;

        g_assert_cmpuint(size - at, >=, 8);
        n = le32(file + at + 4);
        g_assert_cmpuint(size - at - 8, >=, (n + 3) / 4 * 4);
        version |= !memcmp(file + at, "VERS", 4);
        if (!memcmp(file + at, tag, 4)) {
            g_assert_null(found);
            found = file + at + 8;
            *len = n;
        }
        at += 8 + (n + 3) / 4 * 4;
    }
    g_assert_cmpuint(at, ==, size);
    g_assert_true(version);
    g_assert_nonnull(found);
    return found;
}

static void assert_u32(const guint8 *file, gsize size, const char *tag,
                       guint32 want)
{
    guint32 len = 0;
    const guint8 *v = value(file, size, tag, &len);

    g_assert_cmpuint(len, ==, 4);
    g_assert_cmphex(le32(v), ==, want);
}

static void assert_blob(const guint8 *file, gsize size, const char *tag,
                        const void *want, gsize want_len)
{
    guint32 len = 0;
    const guint8 *v = value(file, size, tag, &len);

    g_assert_cmpmem(v, len, want, want_len);
}

static void test_bootloader(void)
{
    gsize tlv_size, bin_size;
    g_autofree guint8 *tlv = NULL, *bin = NULL;

    done(SET);
    done(CONVERT);
    tlv = bytes("gsp_bootloader.tlv", &tlv_size);
    bin = bytes("bootloader-570.144.bin", &bin_size);
    assert_blob(tlv, tlv_size, "VERS", "570.144", 7);
    assert_u32(tlv, tlv_size, "MFOF", 0);
    assert_u32(tlv, tlv_size, "DAOF", 0x800);
    assert_u32(tlv, tlv_size, "CDOF", 0x1000);
    assert_u32(tlv, tlv_size, "APPV", 0);
    assert_blob(tlv, tlv_size, "BLOB", bin + 0x100, bin_size - 0x100);
}

static void test_booter(void)
{
    static const char *const names[] = { "booter_load", "booter_unload" };

    done(SET);
    done(CONVERT);
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *tlv_name = g_strconcat(names[i], ".tlv", NULL);
        g_autofree char *bin_name = g_strconcat(names[i], "-570.144.bin",
                                                NULL);
        gsize tlv_size, bin_size;
        g_autofree guint8 *tlv = bytes(tlv_name, &tlv_size);
        g_autofree guint8 *bin = bytes(bin_name, &bin_size);

        assert_u32(tlv, tlv_size, "CDOF", 0);
        assert_u32(tlv, tlv_size, "CDSZ", 0x100);
        assert_u32(tlv, tlv_size, "A0CO", 0x100);
        assert_u32(tlv, tlv_size, "A0CS", 0x300);
        assert_u32(tlv, tlv_size, "DAOF", 0x400);
        assert_u32(tlv, tlv_size, "DASZ", 0x400);
        assert_u32(tlv, tlv_size, "PLOC", 0x500);
        assert_u32(tlv, tlv_size, "FUSE", 1);
        assert_u32(tlv, tlv_size, "ENID", 1);
        assert_u32(tlv, tlv_size, "UCID", 3);
        assert_u32(tlv, tlv_size, "NSIG", 1);
        assert_blob(tlv, tlv_size, "SIGN", bin + 0x40, 384);
        assert_blob(tlv, tlv_size, "BLOB", bin + 0x200, bin_size - 0x200);
    }
}

static void test_image(void)
{
    gsize tlv_size, image_size, dtb_size;
    g_autofree guint8 *tlv = NULL, *image = NULL, *dtb = NULL;

    done(SET);
    done(CONVERT);
    tlv = bytes("gsp.tlv", &tlv_size);
    image = bytes("gsp.bin", &image_size);
    dtb = tool_bytes("$DTBS/gsp-r570.dtb", &dtb_size);
    assert_u32(tlv, tlv_size, "SIZE", image_size);
    assert_blob(tlv, tlv_size, "FILE", "gsp.bin", 7);
    g_assert_cmpmem(image, 4, "GMBX", 4);
    g_assert_cmpuint(le32(image + 12), ==, dtb_size);
    g_assert_cmpmem(image + le32(image + 8), dtb_size, dtb, dtb_size);
}

/* ---- the vendor's numbers ---- */

typedef struct Part {
    guint32 at;
    guint32 word;
} Part;

static guint8 *file_of(const Part *parts, gsize n, gsize size)
{
    guint8 *file = g_malloc0(size);

    for (gsize i = 0; i < n; i++) {
        guint32 w = GUINT32_TO_LE(parts[i].word);

        memcpy(file + parts[i].at, &w, 4);
    }
    return file;
}

/* Headers of booter_load-570.144.bin of a GA102. */
static const Part vendor_booter[] = {
    { 0x00, 0x10de }, { 0x04, 1 }, { 0x08, 0xf000 }, { 0x0c, 0x18 },
    { 0x10, 0x378 }, { 0x14, 0xec00 },
    { 0x18, 0x3c }, { 0x1c, 0x300 }, { 0x20, 0x33c }, { 0x24, 0x340 },
    { 0x28, 0x344 }, { 0x2c, 0xc }, { 0x30, 0x350 }, { 0x34, 0x354 },
    { 0x38, 0x24 },
    { 0x33c, 0x8a10 }, { 0x340, 0 }, { 0x344, 1 }, { 0x348, 1 },
    { 0x34c, 3 }, { 0x350, 2 },
    { 0x354, 0 }, { 0x358, 0x100 }, { 0x35c, 0x8a00 }, { 0x360, 0x6200 },
    { 0x364, 1 }, { 0x368, 0x100 }, { 0x36c, 0x8900 },
};
#define VENDOR_BOOTER 0xf000

static void test_vendor_booter(void)
{
    g_autofree guint8 *file = file_of(vendor_booter,
                                      G_N_ELEMENTS(vendor_booter),
                                      VENDOR_BOOTER);
    FwError err;
    NvBooter b;

    g_assert_true(nvfw_booter(&b, file, VENDOR_BOOTER, "f", &err));
    g_assert_cmphex(b.data, ==, 0x8a00);
    g_assert_cmphex(b.data_size, ==, 0x6200);
    g_assert_cmphex(b.patch, ==, 0x8a10);
    g_assert_cmphex(b.app, ==, 0x100);
    g_assert_cmphex(b.app_size, ==, 0x8900);
    g_assert_cmpuint(b.signatures, ==, 2);
    g_assert_cmphex(b.signature_size, ==, 0x300);
    g_assert_true(b.signature == file + 0x3c);
    g_assert_true(b.blob == file + 0x378);
    g_assert_cmphex(b.size, ==, 0xec00);
}

static const struct {
    const char *name;
    Part part;
    const char *says;
} bad_booters[] = {
    { "magic", { 0x00, 0x10df }, "begins with 0x10df" },
    { "no-program", { 0x14, 0 }, "its program of 0x0 bytes" },
    { "program-outside", { 0x14, 0xec89 }, "is not in it" },
    { "program-wraps", { 0x10, 0xffffff00 }, "is not in it" },
    { "header-outside", { 0x0c, 0xfffffffe }, "ends before offset" },
    { "no-signature", { 0x350, 0 }, "0 signatures" },
    { "signatures-do-not-divide", { 0x350, 5 }, "5 signatures" },
    { "signatures-outside", { 0x18, 0xfffffff0 }, "2 signatures" },
    { "pick-outside", { 0x340, 0xfffffff0 }, "2 signatures" },
    { "no-app", { 0x364, 0 }, "no program that is loaded as secure" },
    { "app-outside", { 0x36c, 0xff00 }, "a part of its program" },
    { "data-wraps", { 0x360, 0xffffffff }, "a part of its program" },
    { "patch-before-data", { 0x33c, 0x89ff }, "a signature at 0x89ff" },
    { "patch-outside", { 0x33c, 0xebf0 }, "a signature at 0xebf0" },
};

static void test_bad_booter(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    g_autofree guint8 *file = file_of(vendor_booter,
                                      G_N_ELEMENTS(vendor_booter),
                                      VENDOR_BOOTER);
    guint32 w = GUINT32_TO_LE(bad_booters[i].part.word);
    FwError err;
    NvBooter b;

    memcpy(file + bad_booters[i].part.at, &w, 4);
    g_assert_false(nvfw_booter(&b, file, VENDOR_BOOTER, "f", &err));
    assert_contains(err.text, "f: ");
    assert_contains(err.text, bad_booters[i].says);
}

/* Wherever it is cut, it is refused: its last byte is the program's. */
static void test_short_booter(void)
{
    g_autofree guint8 *file = file_of(vendor_booter,
                                      G_N_ELEMENTS(vendor_booter),
                                      VENDOR_BOOTER);
    FwError err;
    NvBooter b;

    for (gsize size = 0; size < 0x378 + 0xec00; size++) {
        g_autofree guint8 *cut = g_memdup2(file, size);

        g_assert_false(nvfw_booter(&b, cut, size, "f", &err));
    }
}

/* gen_bootloader-570.144.bin of a TU102: 0x300 bytes that run at 0xfd00. */
static void test_fetcher(void)
{
    static const Part good[] = {
        { 0x00, 0x10de }, { 0x0c, 0x18 }, { 0x10, 0x30 }, { 0x14, 0x300 },
        { 0x18, 0xfd }, { 0x24, 0x300 },
    };
    static const Part bad[] = {
        { 0x18, 0x10000 }, { 0x20, 1 }, { 0x20, 0xfffffff0 }, { 0x24, 0 },
        { 0x24, 0x2ff }, { 0x24, 0x400 },
    };
    g_autofree guint8 *file = file_of(good, G_N_ELEMENTS(good), 0x330);
    FwError err;
    NvFetcher t;

    g_assert_true(nvfw_fetcher(&t, file, 0x330, "f", &err));
    g_assert_cmphex(t.start, ==, 0xfd);
    g_assert_cmphex(t.size, ==, 0x300);
    g_assert_true(t.code == file + 0x30);
    for (gsize size = 0; size < 0x330; size++) {
        g_assert_false(nvfw_fetcher(&t, file, size, "f", &err));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree guint8 *copy = g_memdup2(file, 0x330);
        guint32 w = GUINT32_TO_LE(bad[i].word);

        memcpy(copy + bad[i].at, &w, 4);
        g_assert_false(nvfw_fetcher(&t, copy, 0x330, "f", &err));
        assert_contains(err.text, "is no program");
    }
}

/* It is in a set that was asked for it, and nova's has it then. */
static void test_fetcher_set(void)
{
    g_autofree guint8 *tlv = NULL, *bin = NULL;
    gsize tlv_size, bin_size;

    done(SET " --fetcher");
    done(CONVERT);
    tlv = bytes("gen_bootloader.tlv", &tlv_size);
    bin = bytes("gen_bootloader-570.144.bin", &bin_size);
    assert_u32(tlv, tlv_size, "STRT", 0xfd);
    assert_u32(tlv, tlv_size, "CDSZ", 0x300);
    assert_blob(tlv, tlv_size, "BLOB", bin + 0x40, 0x300);
}

/* What is signed in FMC's file is what nova's has; the digest is FMC's. */
static void test_fmc_set(void)
{
    g_autofree guint8 *tlv = NULL, *bin = NULL;
    g_autofree char *digest = NULL;
    gsize tlv_size, bin_size;
    GString *hash = g_string_new(NULL);
    FwError err;
    NvFmc m;

    done(SET " --fmc 97:96");
    done(CONVERT);
    tlv = bytes("fmc.tlv", &tlv_size);
    bin = bytes("fmc-570.144.bin", &bin_size);
    g_assert_true(nvfw_fmc(&m, bin, bin_size, "f", &err));
    g_assert_cmpuint(m.form.key, ==, 97);
    g_assert_cmpuint(m.form.signature, ==, 96);
    assert_blob(tlv, tlv_size, "HASH", m.hash, 48);
    assert_blob(tlv, tlv_size, "PKEY", m.key, 97);
    assert_blob(tlv, tlv_size, "SIGN", m.signature, 96);
    assert_blob(tlv, tlv_size, "BLOB", m.image, m.size);
    digest = g_compute_checksum_for_data(G_CHECKSUM_SHA384, m.image, m.size);
    for (unsigned i = 0; i < 48; i++) {
        g_string_append_printf(hash, "%02x", m.hash[i]);
    }
    g_assert_cmpstr(hash->str, ==, digest);
    g_assert_cmphex(le32(m.image), ==, GSP_FMC_MAGIC);
    g_assert_cmpuint(le32(m.image + 8), ==, m.size);
    g_string_free(hash, TRUE);
    for (gsize size = 0; size < bin_size; size++) {
        g_autofree guint8 *cut = g_memdup2(bin, size);

        g_assert_false(nvfw_fmc(&m, cut, size, "f", &err));
    }
}

/* gh100.c: elf_header[], elf_validate_sections() */
static void test_bad_fmc(void)
{
    enum { SECTIONS = 0x34, SECTION = 0x28, HASH = SECTIONS + 2 * SECTION };
    static const struct {
        Part part;
        const char *says;
    } bad[] = {
        { { 0x10, 2 }, "does not begin as an FMC does" },
        { { 0x30, 0x00010007 }, "does not begin as an FMC does" },
        { { SECTIONS + SECTION + 4, 1 }, "the names of its sections" },
        { { SECTIONS + SECTION + 16, 0xffffff00 }, "the names of its" },
        { { HASH, 1000 }, "has no section 'hash'" },
        { { HASH + 4, 3 }, "'hash' is not as" },
        { { HASH + 8, 2 }, "'hash' is not as" },
        { { HASH + 16, SECTIONS }, "'hash' is not as" },
        { { HASH + 20, 0 }, "'hash' is not as" },
        { { HASH + 20, 0xffffffff }, "'hash' is not as" },
        { { HASH + 20, 49 }, "have a wrong length" },
    };
    g_autofree guint8 *file = NULL;
    gsize size;

    done(SET " --fmc 97:96");
    file = bytes("fmc-570.144.bin", &size);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree guint8 *copy = g_memdup2(file, size);
        guint32 w = GUINT32_TO_LE(bad[i].part.word);
        FwError err;
        NvFmc m;

        memcpy(copy + bad[i].part.at, &w, 4);
        g_assert_false(nvfw_fmc(&m, copy, size, "f", &err));
        assert_contains(err.text, bad[i].says);
    }
}

static void test_bad_loader(void)
{
    static const Part bad[] = {
        { 0x18 + 0x20, 0x2000 }, { 0x18 + 0x28, 0x2000 },
        { 0x18 + 0x30, 0xffffffff },
    };
    g_autofree guint8 *file = NULL;
    gsize size;

    done(SET);
    file = bytes("bootloader-570.144.bin", &size);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree guint8 *copy = g_memdup2(file, size);
        guint32 w = GUINT32_TO_LE(bad[i].word);
        FwError err;
        NvLoader b;

        memcpy(copy + bad[i].at, &w, 4);
        g_assert_false(nvfw_loader(&b, copy, size, "f", &err));
        assert_contains(err.text, "manifest, data or code");
    }
}

/* ---- the program ---- */

static void refused(const char *args, const char *what)
{
    Said said;

    nvimage(&said, args);
    g_assert_cmpint(said.status, ==, 1);
    g_assert_cmpstr(said.out, ==, "");
    assert_contains(said.err, what);
    said_clear(&said);
}

static void test_refusals(void)
{
    done(SET);
    refused("--tlv $TMP --version 1.2 -o $TMP", "bootloader-1.2.bin: No such");
    refused(CONVERT " --signature .fwsignature_none",
            "gsp-570.144.bin: has no section '.fwsignature_none'");
    tool_write("$TMP/gsp-570.144.bin", "\177ELF", 4);
    refused(CONVERT, "gsp-570.144.bin: has 4 bytes, no ELF file");
}

static void test_wrong_use(void)
{
    static const char *const wrong[] = {
        "-o $TMP", "--tlv $TMP -o $TMP",
        "--tlv $TMP --abi x --version 1 -o $TMP",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        Said said;

        nvimage(&said, wrong[i]);
        g_assert_cmpint(said.status, ==, 2);
        assert_contains(said.err, "usage: gpumbox-nvimage");
        said_clear(&said);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nvimage/bootloader", test_bootloader);
    g_test_add_func("/nvimage/fetcher", test_fetcher);
    g_test_add_func("/nvimage/fetcher-set", test_fetcher_set);
    g_test_add_func("/nvimage/booter", test_booter);
    g_test_add_func("/nvimage/image", test_image);
    g_test_add_func("/nvimage/vendor-booter", test_vendor_booter);
    g_test_add_func("/nvimage/short-booter", test_short_booter);
    g_test_add_func("/nvimage/bad-loader", test_bad_loader);
    for (unsigned i = 0; i < G_N_ELEMENTS(bad_booters); i++) {
        g_autofree char *path = g_strconcat("/nvimage/bad-booter/",
                                            bad_booters[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_bad_booter);
    }
    g_test_add_func("/nvimage/refusals", test_refusals);
    g_test_add_func("/nvimage/wrong-use", test_wrong_use);
    g_test_add_func("/nvimage/fmc-set", test_fmc_set);
    g_test_add_func("/nvimage/bad-fmc", test_bad_fmc);
    return g_test_run();
}
