/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF, whole and damaged: what is read from it and what is refused. */
#include <bpf/btf.h>
#include <string.h>

#include "flatten.h"
#include "frombtf.h"
#include "object.h"
#include "profile.h"
#include "select.h"
#include "tool.h"

#define HEADER 24

static FwError err;

static GBytes *raw(struct btf *btf)
{
    __u32 size;
    const void *data = btf__raw_data(btf, &size);

    g_assert_nonnull(data);
    return g_bytes_new(data, size);
}

/* What stands in for a kernel: int, long, a struct and an enum. */
static struct btf *kernel_btf(void)
{
    struct btf *b = btf__new_empty();

    g_assert_cmpint(btf__add_int(b, "unsigned int", 4, 0), ==, 1);
    g_assert_cmpint(btf__add_int(b, "unsigned long", 8, 0), ==, 2);
    g_assert_cmpint(btf__add_struct(b, "list_head", 16), ==, 3);
    g_assert_cmpint(btf__add_field(b, "next", 4, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "prev", 4, 64, 0), ==, 0);
    g_assert_cmpint(btf__add_ptr(b, 3), ==, 4);
    g_assert_cmpint(btf__add_struct(b, "shared_name", 4), ==, 5);
    g_assert_cmpint(btf__add_field(b, "kernels", 1, 0, 0), ==, 0);
    return b;
}

/* A module on top of it. */
static struct btf *module_btf(struct btf *kernel)
{
    struct btf *b = btf__new_empty_split(kernel);

    g_assert_cmpint(btf__add_typedef(b, "u32", 1), ==, 6);
    g_assert_cmpint(btf__add_struct(b, "reply", 40), ==, 7);
    g_assert_cmpint(btf__add_field(b, "status", 6, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "ready", 1, 32, 3), ==, 0);
    g_assert_cmpint(btf__add_field(b, "mode", 1, 35, 5), ==, 0);
    g_assert_cmpint(btf__add_field(b, "list", 3, 64, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "pair", 8, 192, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "of", 9, 256, 0), ==, 0);
    g_assert_cmpint(btf__add_array(b, 1, 1, 2), ==, 8);
    g_assert_cmpint(btf__add_union(b, NULL, 8), ==, 9);
    g_assert_cmpint(btf__add_field(b, "word", 6, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "address", 2, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_struct(b, "shared_name", 8), ==, 10);
    g_assert_cmpint(btf__add_field(b, "modules", 2, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_struct(b, "twin", 4), ==, 11);
    g_assert_cmpint(btf__add_field(b, "a", 1, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_struct(b, "twin", 16), ==, 12);
    g_assert_cmpint(btf__add_field(b, "a", 2, 64, 0), ==, 0);
    g_assert_cmpint(btf__add_enum(b, "state", 4), ==, 13);
    g_assert_cmpint(btf__add_enum_value(b, "STATE_OFF", 0), ==, 0);
    g_assert_cmpint(btf__add_enum_value(b, "STATE_BAD", -22), ==, 0);
    g_assert_cmpint(btf__add_enum64(b, "wide", 8, false), ==, 14);
    g_assert_cmpint(btf__add_enum64_value(b, "WIDE", 1ull << 40), ==, 0);
    return b;
}

typedef struct Both {
    GBytes *kernel;
    GBytes *module;
} Both;

static Both both(void)
{
    struct btf *kernel = kernel_btf();
    struct btf *module = module_btf(kernel);
    const Both b = { raw(kernel), raw(module) };

    btf__free(module);
    btf__free(kernel);
    return b;
}

static void clear(Both *b)
{
    g_bytes_unref(b->kernel);
    g_bytes_unref(b->module);
}

static bool want_all(void *opaque, const char *name)
{
    return true;
}

static CtDb *read_types(GBytes *module, GBytes *kernel)
{
    g_autoptr(CtDb) db = ct_new();

    if (!btf_types(db, module, "m.ko", kernel, "Image", want_all, NULL,
                   &err)) {
        return NULL;
    }
    return g_steal_pointer(&db);
}

static void assert_layout(CtDb *db, const char *name, const char *expected)
{
    const CtType *t = select_one(db, name, "m.ko", &err);
    g_autoptr(AbiProfile) p = abi_profile_new();
    g_autoptr(GString) out = g_string_new(NULL);
    const AbiPrint how = { NULL, NULL };

    g_assert_nonnull(t);
    g_ptr_array_add(p->structs, flatten(t, "s", false, "m.ko", &err));
    abi_profile_print(out, p, &how);
    assert_contains(out->str, expected);
}

static void test_module_on_its_kernel(void)
{
    Both b = both();
    g_autoptr(CtDb) db = read_types(b.module, b.kernel);

    g_assert_nonnull(db);
    assert_layout(db, "reply",
                  "\t\t\tsize = <0x28>;\n"
                  "\t\t\tstatus = <0x00 4>;\n"
                  "\t\t\tready = <0x04 4 0 3>;\n"
                  "\t\t\tmode = <0x04 4 3 5>;\n"
                  "\t\t\tlist-next = <0x08 8>;\n"
                  "\t\t\tlist-prev = <0x10 8>;\n"
                  "\t\t\tpair = <0x18 4 0 32 2 0x4>;\n"
                  "\t\t\tof-word = <0x20 4>;\n"
                  "\t\t\tof-address = <0x20 8>;\n");
    /* The module's own goes before the kernel's. */
    assert_layout(db, "shared_name", "modules = <0x00 8>;");
    assert_layout(db, "list_head", "prev = <0x08 8>;");
    assert_layout(db, "twin@16", "a = <0x08 8>;");
    assert_layout(db, "twin#1", "a = <0x00 4>;");
    g_assert_null(select_one(db, "twin", "m.ko", &err));
    assert_contains(err.text, "has 2 structs 'twin'");
    g_assert_null(select_one(db, "nosuch", "m.ko", &err));
    g_assert_cmpstr(err.text, ==, "");
    clear(&b);
}

static void test_enumerators(void)
{
    static const char *const all[] = { "*", NULL };
    Both b = both();
    g_autoptr(CtDb) db = read_types(b.module, b.kernel);
    g_autoptr(GPtrArray) picks = select_types(db, all, true, "enum", "m.ko",
                                              &err);
    const CtType *state = ((Pick *)picks->pdata[0])->named->type;
    const CtType *wide = ((Pick *)picks->pdata[1])->named->type;

    g_assert_cmpuint(picks->len, ==, 2);
    g_assert_cmpstr(state->name, ==, "state");
    g_assert_cmpuint(g_array_index(state->values, CtValue, 1).value, ==,
                     (uint64_t)-22);
    g_assert_cmpuint(g_array_index(wide->values, CtValue, 0).value, ==,
                     1ull << 40);
    clear(&b);
}

static void test_module_without_its_kernel(void)
{
    Both b = both();

    g_assert_null(read_types(b.module, NULL));
    assert_contains(err.text, "m.ko: ");
    clear(&b);
}

static void test_module_on_another_kernel(void)
{
    struct btf *other = btf__new_empty();
    Both b = both();
    g_autoptr(GBytes) wrong = NULL;

    /* More types and more strings, but not the same ones. */
    for (unsigned i = 0; i < 20; i++) {
        g_autofree char *name = g_strdup_printf("a_long_enough_name_%u", i);

        g_assert_cmpint(btf__add_int(other, name, 4, 0), >, 0);
    }
    wrong = raw(other);
    btf__free(other);
    g_assert_null(read_types(b.module, wrong));
    assert_contains(err.text, "is this the module's kernel?");
    clear(&b);
}

static void test_kernel_image(void)
{
    Both b = both();
    gsize size;
    const void *btf = g_bytes_get_data(b.kernel, &size);
    g_autoptr(GByteArray) image = g_byte_array_new();
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(GBytes) found = NULL;
    guint8 pad[100] = { 0x9f, 0xeb, 1, 0, 24, 0, 0, 0 };

    /* Something that only begins like BTF, then BTF, then more. */
    g_byte_array_append(image, pad, sizeof(pad));
    g_byte_array_append(image, pad + 8, 3);
    g_byte_array_append(image, btf, size);
    g_byte_array_append(image, pad, sizeof(pad));
    bytes = g_byte_array_free_to_bytes(g_steal_pointer(&image));
    /* An Image begins with code. */
    ((guint8 *)g_bytes_get_data(bytes, NULL))[0] = 0x4d;
    found = btf_find(bytes, "Image", &err);
    g_assert_nonnull(found);
    g_assert_true(g_bytes_equal(found, b.kernel));
    clear(&b);
}

static void test_file_without_btf(void)
{
    static const char *const texts[] = { "", "x", "\x9f", "MZ and no more" };

    for (unsigned i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GBytes) bytes = g_bytes_new(texts[i], strlen(texts[i]));

        g_assert_null(btf_find(bytes, "f", &err));
        g_assert_cmpstr(err.text, ==, "f: holds no BTF");
    }
}

/* One word changed: "offset value says"; a value of -1 cuts the file there. */
static const struct {
    const char *name;
    int offset;
    gint64 value;
    const char *says;
} mistakes[] = {
    { "cut-in-header", 20, -1, "BTF is cut off" },
    { "cut-in-types", 40, -1, "BTF is cut off" },
    { "magic", 0, 0x1eb9e, "no BTF: magic 0xeb9e" },
    { "version", 0, 0x2eb9f, "BTF of version 2" },
    { "header-length", 4, 32, "header of 32 bytes is not known" },
    { "types-far", 8, 0xfffffffc, "BTF is cut off" },
    { "types-odd", 8, 2, "BTF is cut off" },
    { "types-long", 12, 0xfffffff0, "BTF is cut off" },
    { "strings-far", 16, 0xfffffff0, "BTF is cut off" },
    { "strings-long", 20, 0xffffffff, "BTF is cut off" },
    { "strings-short", 20, 3, "the strings of its BTF are damaged" },
    { "no-strings", 20, 0, "builds on a kernel's" },
    { "name-far", HEADER, 0x7fffffff, "BTF type 1 names a type or a string" },
    { "name-inside", HEADER, 3, "BTF type 1 names a type or a string" },
    { "kind-unknown", HEADER + 4, 0x1f000000, "BTF type 1 is of kind 31" },
    { "kind-shorter", HEADER + 4, 0x02000000, "BTF type " },
    { "many-members", HEADER + 2 * 16 + 4, 0x0400ffff,
      "BTF type 3 is cut off" },
    { "member-type-far", HEADER + 2 * 16 + 12 + 4, 0x1000,
      "BTF type 3 names a type" },
    { "member-name-far", HEADER + 2 * 16 + 12, 0x1000,
      "BTF type 3 names a type or a string" },
    { "pointer-far", HEADER + 2 * 16 + 36 + 8, 77,
      "BTF type 4 names a type" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    Both b = both();
    gsize size;
    const guint8 *good = g_bytes_get_data(b.kernel, &size);
    g_autofree guint8 *bad = g_memdup2(good, size);
    guint32 value = mistakes[i].value;
    g_autoptr(GBytes) bytes = NULL;

    if (mistakes[i].value < 0) {
        size = mistakes[i].offset;
    } else {
        memcpy(bad + mistakes[i].offset, &value, 4);
    }
    bytes = g_bytes_new(bad, size);
    g_assert_null(read_types(bytes, NULL));
    assert_contains(err.text, mistakes[i].says);
    clear(&b);
}

/* A struct that holds itself, and what a chain of arrays can do to sizes. */
static void test_endless_types(void)
{
    struct btf *b = btf__new_empty();
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(CtDb) db = NULL;
    const CtType *t;

    g_assert_cmpint(btf__add_struct(b, "snake", 8), ==, 1);
    g_assert_cmpint(btf__add_field(b, "tail", 1, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_typedef(b, "loop", 3), ==, 2);
    g_assert_cmpint(btf__add_const(b, 2), ==, 3);
    g_assert_cmpint(btf__add_struct(b, "holder", 8), ==, 4);
    g_assert_cmpint(btf__add_field(b, "loop", 2, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_field(b, "array", 5, 0, 0), ==, 0);
    g_assert_cmpint(btf__add_array(b, 5, 5, 0xffffffff), ==, 5);
    g_assert_cmpint(btf__add_struct(b, "bomb", 8), ==, 6);
    for (unsigned i = 0; i < 300; i++) {
        g_autofree char *name = g_strdup_printf("m%u", i);

        g_assert_cmpint(btf__add_field(b, name, 7, 0, 0), ==, 0);
    }
    g_assert_cmpint(btf__add_struct(b, "fuse", 8), ==, 7);
    for (unsigned i = 0; i < 300; i++) {
        g_autofree char *name = g_strdup_printf("m%u", i);

        g_assert_cmpint(btf__add_field(b, name, 8, 0, 0), ==, 0);
    }
    g_assert_cmpint(btf__add_int(b, "int", 4, 0), ==, 8);
    bytes = raw(b);
    btf__free(b);
    db = read_types(bytes, NULL);
    g_assert_nonnull(db);
    t = select_one(db, "snake", "f", &err);
    g_assert_null(flatten(t, "snake", false, "f", &err));
    assert_contains(err.text, "f: struct snake is nested deeper than");
    t = select_one(db, "bomb", "f", &err);
    g_assert_null(flatten(t, "bomb", false, "f", &err));
    assert_contains(err.text, "f: struct bomb has more than 4096 fields");
    assert_layout(db, "holder", "/* loop: of a type without a size */");
    assert_layout(db, "holder", "/* array: an array of elements without a "
                  "size */");
}

static void test_every_bit_flipped(void)
{
    Both b = both();
    gsize size;
    const guint8 *good = g_bytes_get_data(b.module, &size);

    for (gsize i = 0; i < size * 8; i++) {
        g_autofree guint8 *bad = g_memdup2(good, size);
        g_autoptr(GBytes) bytes = NULL;
        g_autoptr(CtDb) db = NULL;

        bad[i / 8] ^= 1 << (i % 8);
        bytes = g_bytes_new(bad, size);
        err.text[0] = '\0';
        db = read_types(bytes, b.kernel);
        g_assert_true(db || g_str_has_prefix(err.text, "m.ko: "));
    }
    clear(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/btf/module", test_module_on_its_kernel);
    g_test_add_func("/btf/enumerators", test_enumerators);
    g_test_add_func("/btf/no-kernel", test_module_without_its_kernel);
    g_test_add_func("/btf/wrong-kernel", test_module_on_another_kernel);
    g_test_add_func("/btf/image", test_kernel_image);
    g_test_add_func("/btf/none", test_file_without_btf);
    g_test_add_func("/btf/endless", test_endless_types);
    g_test_add_func("/btf/flipped", test_every_bit_flipped);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *name = g_strconcat("/btf/refused/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(name, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
