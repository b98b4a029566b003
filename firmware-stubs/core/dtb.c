/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading device trees that nobody vouches for.
 *
 * fdt_check_full() walks the whole tree once; what passes it can be read with
 * libfdt's other functions without leaving the buffer.
 */
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtb.h"

/* Characters of a file's name that go into a sentence. */
#define FILE_NAME_MAX 120

/* Names come from the file: keep them from playing with a terminal. */
static void make_printable(char *s)
{
    for (; *s; s++) {
        if (*s < ' ' || *s > '~') {
            *s = '?';
        }
    }
}

/* Formats into err->text; a sentence that does not fit ends in "...". */
static void __attribute__((format(printf, 2, 3)))
set_text(FwError *err, const char *fmt, ...)
{
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = vsnprintf(err->text, sizeof(err->text), fmt, ap);
    va_end(ap);
    if (len >= (int)sizeof(err->text)) {
        strcpy(err->text + sizeof(err->text) - 4, "...");
    }
    make_printable(err->text);
}

/* The end of a file's name says more than its beginning. */
static const char *short_name(const char *file)
{
    size_t len = strlen(file);

    return len > FILE_NAME_MAX ? file + len - FILE_NAME_MAX : file;
}

static bool fail_file(FwError *err, const char *file, const char *text)
{
    set_text(err, "%s: %s", short_name(file), text);
    return false;
}

bool fw_dtb_fail(const FwDtb *d, int node, const char *prop,
                 const char *fmt, ...)
{
    char path[128];
    char what[200];
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(what, sizeof(what), fmt, ap) < 0) {
        what[0] = '\0';
    }
    va_end(ap);
    if (fdt_get_path(d->fdt, node, path, sizeof(path)) < 0) {
        strcpy(path, "(deep node)");
    }
    if (prop) {
        set_text(d->err, "%s: %s: property '%.40s': %s", short_name(d->file),
                 path, prop, what);
    } else {
        set_text(d->err, "%s: %s: %s", short_name(d->file), path, what);
    }
    return false;
}

bool fw_dtb_open(FwDtb *d, const void *dtb, size_t size,
                 const char *compatible, const char *file, FwError *err)
{
    int ret;

    d->fdt = NULL;
    d->file = file;
    d->err = err;
    err->text[0] = '\0';
    if (size < sizeof(struct fdt_header)) {
        return fail_file(err, file, "too short for a device tree blob");
    }
    if (size > FW_PROFILE_MAX) {
        return fail_file(err, file, "larger than 64 KiB");
    }
    d->fdt = malloc(size);
    if (!d->fdt) {
        return fail_file(err, file, "out of memory");
    }
    memcpy(d->fdt, dtb, size);
    if (fdt_magic(d->fdt) != FDT_MAGIC) {
        ret = -FDT_ERR_BADMAGIC;
    } else if (fdt_version(d->fdt) < 17) {
        /* libfdt 1.6's fdt_check_full() crashes on some of these. */
        ret = -FDT_ERR_BADVERSION;
    } else {
        ret = fdt_check_full(d->fdt, size);
    }
    if (ret) {
        set_text(err, "%s: not a valid device tree blob (%s)",
                 short_name(file), fdt_strerror(ret));
        return false;
    }
    if (compatible &&
        fdt_stringlist_search(d->fdt, 0, "compatible", compatible) < 0) {
        return fw_dtb_fail(d, 0, "compatible", "\"%s\" expected", compatible);
    }
    return true;
}

void fw_dtb_close(FwDtb *d)
{
    free(d->fdt);
    d->fdt = NULL;
}

bool fw_dtb_cells(const FwDtb *d, int node, const char *prop,
                  uint32_t *cells, unsigned *n)
{
    int len;
    const uint8_t *p = fdt_getprop(d->fdt, node, prop, &len);

    *n = 0;
    if (!p) {
        return true;
    }
    if (len == 0 || len % 4) {
        return fw_dtb_fail(d, node, prop,
                           "%d bytes are not a list of 32-bit cells", len);
    }
    if (len > FW_DTB_CELLS_MAX * 4) {
        return fw_dtb_fail(d, node, prop, "%d cells are too many", len / 4);
    }
    for (int i = 0; i < len / 4; i++, p += 4) {
        cells[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
    }
    *n = len / 4;
    return true;
}

bool fw_dtb_u64(const FwDtb *d, int node, const char *prop,
                uint64_t *value, bool *found)
{
    uint32_t cells[FW_DTB_CELLS_MAX];
    unsigned n;

    *found = false;
    if (!fw_dtb_cells(d, node, prop, cells, &n)) {
        return false;
    }
    if (n > 2) {
        return fw_dtb_fail(d, node, prop, "has %u cells, 1 or 2 expected", n);
    }
    if (n) {
        *value = n == 1 ? cells[0] : (uint64_t)cells[0] << 32 | cells[1];
        *found = true;
    }
    return true;
}

bool fw_dtb_u32(const FwDtb *d, int node, const char *prop,
                uint32_t *value, bool *found)
{
    uint32_t cells[FW_DTB_CELLS_MAX];
    unsigned n;

    *found = false;
    if (!fw_dtb_cells(d, node, prop, cells, &n)) {
        return false;
    }
    if (n > 1) {
        return fw_dtb_fail(d, node, prop, "has %u cells, 1 expected", n);
    }
    if (n) {
        *value = cells[0];
        *found = true;
    }
    return true;
}

bool fw_dtb_string(const FwDtb *d, int node, const char *prop,
                   char *buf, size_t len, bool *found)
{
    int plen;
    const char *p = fdt_getprop(d->fdt, node, prop, &plen);

    *found = false;
    if (!p) {
        return true;
    }
    if (plen < 2 || p[plen - 1] || strlen(p) + 1 != (size_t)plen) {
        return fw_dtb_fail(d, node, prop, "not one string");
    }
    if ((size_t)plen > len) {
        return fw_dtb_fail(d, node, prop, "longer than %zu characters",
                           len - 1);
    }
    memcpy(buf, p, plen);
    make_printable(buf);
    *found = true;
    return true;
}

/* A need's name, taken apart: [node/]prop[index]. */
typedef struct ValueName {
    char node[32];
    char prop[48];
    int index;              /* -1: a plain number */
} ValueName;

static void copy_part(char *to, size_t size, const char *from, size_t len)
{
    len = len < size ? len : size - 1;
    memcpy(to, from, len);
    to[len] = '\0';
}

static void split_name(const char *name, ValueName *v)
{
    const char *slash = strchr(name, '/');
    const char *prop = slash ? slash + 1 : name;
    const char *bracket = strchr(prop, '[');
    size_t len = bracket ? (size_t)(bracket - prop) : strlen(prop);

    copy_part(v->node, sizeof(v->node), name,
              slash ? (size_t)(slash - name) : 0);
    copy_part(v->prop, sizeof(v->prop), prop, len);
    v->index = bracket ? atoi(bracket + 1) : -1;
}

static bool check_props(const FwDtb *d, int node, const char *node_name,
                        const FwValueNeed *needs, unsigned n,
                        const char *const *strings)
{
    int prop;

    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;
        int len;
        int cells = -1;
        bool known = false;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, &len)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        for (unsigned i = 0; strings && strings[i] && !known; i++) {
            known = !strcmp(strings[i], name);
        }
        for (unsigned i = 0; i < n && !known; i++) {
            ValueName v;

            split_name(needs[i].name, &v);
            if (strcmp(v.node, node_name) || strcmp(v.prop, name)) {
                continue;
            }
            known = v.index < 0;
            cells = v.index + 1 > cells ? v.index + 1 : cells;
        }
        if (!known && cells < 0) {
            return fw_dtb_fail(d, node, name, "unknown");
        }
        if (!known && len / 4 > cells) {
            return fw_dtb_fail(d, node, name, "has %d cells, %d expected",
                               len / 4, cells);
        }
    }
    return true;
}

static bool check_known(const FwDtb *d, const FwValueNeed *needs, unsigned n,
                        const char *const *strings, const char *skip)
{
    int node;

    if (!check_props(d, 0, "", needs, n, strings)) {
        return false;
    }
    fdt_for_each_subnode(node, d->fdt, 0) {
        const char *name = fdt_get_name(d->fdt, node, NULL);
        bool known = false;

        if (skip && !strcmp(name, skip)) {
            continue;
        }
        for (unsigned i = 0; i < n && !known; i++) {
            ValueName v;

            split_name(needs[i].name, &v);
            known = v.node[0] && !strcmp(v.node, name);
        }
        if (!known) {
            return fw_dtb_fail(d, node, NULL, "unknown node");
        }
        if (!check_props(d, node, name, needs, n, NULL)) {
            return false;
        }
        if (fdt_first_subnode(d->fdt, node) >= 0) {
            return fw_dtb_fail(d, fdt_first_subnode(d->fdt, node), NULL,
                               "unknown node");
        }
    }
    return true;
}

static bool load_value(const FwDtb *d, const FwValueNeed *need,
                       uint64_t *value)
{
    ValueName v;
    int node = 0;
    bool found = false;

    split_name(need->name, &v);
    if (v.node[0]) {
        node = fdt_subnode_offset(d->fdt, 0, v.node);
        if (node < 0 && !need->optional) {
            return fw_dtb_fail(d, 0, NULL,
                               "node '%s' is missing (property '%s' is needed)",
                               v.node, v.prop);
        }
    }
    if (node >= 0 && v.index < 0) {
        if (!fw_dtb_u64(d, node, v.prop, value, &found)) {
            return false;
        }
    } else if (node >= 0) {
        uint32_t cells[FW_DTB_CELLS_MAX];
        unsigned n;

        if (!fw_dtb_cells(d, node, v.prop, cells, &n)) {
            return false;
        }
        found = (unsigned)v.index < n;
        if (found) {
            *value = cells[v.index];
        } else if (n && !need->optional) {
            return fw_dtb_fail(d, node, v.prop,
                               "has %u cells, at least %d needed", n,
                               v.index + 1);
        }
    }
    if (!found) {
        if (!need->optional) {
            return fw_dtb_fail(d, node, v.prop, "missing");
        }
        *value = need->fallback;
        return true;
    }
    if (*value < need->min || *value > need->max) {
        return fw_dtb_fail(d, node, v.prop,
                           "0x%llx is outside 0x%llx..0x%llx",
                           (unsigned long long)*value,
                           (unsigned long long)need->min,
                           (unsigned long long)need->max);
    }
    return true;
}

bool fw_dtb_values(const FwDtb *d, const FwValueNeed *needs, unsigned n,
                   const char *const *strings, const char *skip,
                   uint64_t *values)
{
    if (!check_known(d, needs, n, strings, skip)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!load_value(d, &needs[i], &values[i])) {
            return false;
        }
    }
    return true;
}
