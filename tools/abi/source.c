/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "frombtf.h"
#include "fromdwarf.h"
#include "headers.h"
#include "object.h"
#include "say.h"
#include "source.h"

const char source_usage[] =
    "where the driver's layout comes from:\n"
    "  --module FILE        the BTF of a kernel module (.ko, .ko.xz), or its\n"
    "                       DWARF if it has no BTF\n"
    "  --kernel-image FILE  the kernel that the module belongs to: an arm64\n"
    "                       Image, a vmlinux, or /sys/kernel/btf/vmlinux\n"
    "  --elf FILE           the DWARF of an object compiled with -g\n"
    "  --header FILE        C headers (repeatable); beside --module or --elf\n"
    "                       for what only they have: #defined numbers and bits\n"
    "  --cc CC              the compiler for headers (default cc)\n"
    "  --cflag FLAG         an option for it (repeatable)\n"
    "  --label TEXT         what to call the driver (default: the file)\n";

void source_init(Source *s)
{
    memset(s, 0, sizeof(*s));
    s->headers = g_ptr_array_new();
    s->cflags = g_ptr_array_new();
    s->defines = g_ptr_array_new();
    s->cc = "cc";
}

void source_clear(Source *s)
{
    g_ptr_array_free(s->headers, TRUE);
    g_ptr_array_free(s->cflags, TRUE);
    g_ptr_array_free(s->defines, TRUE);
}

bool source_option(Source *s, int option, const char *value)
{
    switch (option - SOURCE_OPTION_FIRST) {
    case 0:
        s->module = value;
        return true;
    case 1:
        s->kernel = value;
        return true;
    case 2:
        s->elf = value;
        return true;
    case 3:
        g_ptr_array_add(s->headers, (gpointer)value);
        return true;
    case 4:
        s->cc = value;
        return true;
    case 5:
        g_ptr_array_add(s->cflags, (gpointer)value);
        return true;
    case 6:
        s->label = value;
        return true;
    default:
        return false;
    }
}

bool source_check(const Source *s, FwError *err)
{
    if (s->module && s->elf) {
        return abi_fail(err, s->elf, "--elf and --module are two sources: "
                        "give one");
    }
    if (!s->module && !s->elf && !s->headers->len) {
        return abi_fail(err, "no source", "give --module, --elf or --header");
    }
    if (s->kernel && !s->module) {
        return abi_fail(err, s->kernel, "a kernel image wants its --module");
    }
    if (s->defines->len && !s->headers->len) {
        return abi_fail(err, "--define", "macros are in headers only: give "
                        "--header");
    }
    return true;
}

const char *source_name(const Source *s)
{
    return s->module ? s->module : s->elf ? s->elf : s->headers->pdata[0];
}

char *source_label(const Source *s)
{
    return s->label ? g_strdup(s->label)
                    : g_path_get_basename(source_name(s));
}

/* A kernel of one's own may be built with DWARF and without BTF. */
static bool has_only_dwarf(GBytes *module)
{
    g_autoptr(GBytes) btf = object_section(module, ".BTF");
    g_autoptr(GBytes) dwarf = object_section(module, ".debug_info");

    return !btf && dwarf;
}

static bool load_module(const Source *s, CtDb *db, CtWant want, void *opaque,
                        FwError *err)
{
    g_autoptr(GBytes) kernel = NULL;
    g_autoptr(GBytes) module = NULL;
    g_autoptr(GBytes) base = NULL;
    g_autoptr(GBytes) btf = NULL;

    module = object_read(s->module, err);
    if (!module) {
        return false;
    }
    if (has_only_dwarf(module)) {
        return dwarf_types(db, module, s->module, want, opaque, err);
    }
    btf = btf_find(module, s->module, err);
    if (!btf) {
        return false;
    }
    /* A module built outside of its kernel carries what it needs of it. */
    base = object_section(module, ".BTF.base");
    if (!base && s->kernel) {
        kernel = object_read(s->kernel, err);
        base = kernel ? btf_find(kernel, s->kernel, err) : NULL;
        if (!base) {
            return false;
        }
    }
    return btf_types(db, btf, s->module, base,
                     s->kernel ? s->kernel : s->module, want, opaque, err);
}

static bool load_elf(const Source *s, CtDb *db, CtWant want, void *opaque,
                     FwError *err)
{
    g_autoptr(GBytes) object = object_read(s->elf, err);

    return object &&
           (object_is_elf(object) ||
            abi_fail(err, s->elf, "is no 64-bit little-endian ELF file")) &&
           dwarf_types(db, object, s->elf, want, opaque, err);
}

static bool want_nothing(void *opaque, const char *name)
{
    return false;
}

static bool load_headers(const Source *s, GPtrArray *expressions, CtDb *db,
                         CtWant want, void *opaque, Driver *d, FwError *err)
{
    Headers h = { .cc = s->cc };

    d->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                      g_free);
    g_ptr_array_add(s->headers, NULL);
    g_ptr_array_add(s->cflags, NULL);
    g_ptr_array_add(s->defines, NULL);
    h.files = (const char *const *)s->headers->pdata;
    h.cflags = (const char *const *)s->cflags->pdata;
    h.defines = (const char *const *)s->defines->pdata;
    return headers_types(db, &h, expressions, want, opaque, d->values,
                         d->defined, err);
}

bool source_load(const Source *s, GPtrArray *expressions, CtWant want,
                 void *opaque, Driver *d, FwError *err)
{
    bool types = s->module || s->elf;

    memset(d, 0, sizeof(*d));
    d->db = ct_new();
    d->defined = g_ptr_array_new_with_free_func(g_free);
    if (s->module && !load_module(s, d->db, want, opaque, err)) {
        return false;
    }
    if (s->elf && !load_elf(s, d->db, want, opaque, err)) {
        return false;
    }
    return !s->headers->len ||
           load_headers(s, expressions, d->db, types ? want_nothing : want,
                        opaque, d, err);
}

void driver_clear(Driver *d)
{
    ct_free(d->db);
    if (d->values) {
        g_hash_table_destroy(d->values);
    }
    if (d->defined) {
        g_ptr_array_free(d->defined, TRUE);
    }
}
