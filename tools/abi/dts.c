/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libfdt.h>
#include <string.h>

#include "mutations.h"

/* Text, as a device tree knows it: printable strings, each with its end. */
static bool is_text(const char *p, int len)
{
    int start = 0;

    if (len < 2 || p[len - 1]) {
        return false;
    }
    for (int i = 0; i < len; i++) {
        if (!p[i]) {
            if (i == start) {
                return false;
            }
            start = i + 1;
        } else if (p[i] < ' ' || p[i] > '~') {
            return false;
        }
    }
    return true;
}

static void print_text(GString *out, const char *p, int len)
{
    for (int i = 0; i < len; i += strlen(p + i) + 1) {
        g_string_append(out, i ? ", \"" : "\"");
        for (const char *c = p + i; *c; c++) {
            if (*c == '"' || *c == '\\') {
                g_string_append_c(out, '\\');
            }
            g_string_append_c(out, *c);
        }
        g_string_append_c(out, '"');
    }
}

/* Small numbers as people write them, others as addresses. */
static void print_cells(GString *out, const uint8_t *p, int len)
{
    g_string_append_c(out, '<');
    for (int i = 0; i < len; i += 4) {
        uint32_t v = (uint32_t)p[i] << 24 | p[i + 1] << 16 | p[i + 2] << 8 |
                     p[i + 3];

        g_string_append_printf(out, v < 256 ? "%s%u" : "%s0x%x",
                               i ? " " : "", v);
    }
    g_string_append_c(out, '>');
}

static bool print_property(GString *out, const void *fdt, int prop, int depth)
{
    const char *name;
    int len;
    const void *value = fdt_getprop_by_offset(fdt, prop, &name, &len);

    if (!value || !*name || strpbrk(name, "{};=\" \t\n")) {
        return false;
    }
    for (int i = 0; i <= depth; i++) {
        g_string_append_c(out, '\t');
    }
    g_string_append(out, name);
    if (is_text(value, len)) {
        g_string_append(out, " = ");
        print_text(out, value, len);
    } else if (len && len % 4 == 0) {
        g_string_append(out, " = ");
        print_cells(out, value, len);
    } else if (len) {
        return false;
    }
    g_string_append(out, ";\n");
    return true;
}

static void close_nodes(GString *out, int from, int to)
{
    for (; from >= to; from--) {
        for (int i = 0; i < from; i++) {
            g_string_append_c(out, '\t');
        }
        g_string_append(out, "};\n");
    }
}

bool dts_print(GString *out, GBytes *dtb)
{
    const void *fdt = g_bytes_get_data(dtb, NULL);
    int depth = 0;
    int last = -1;

    g_string_append(out, "/dts-v1/;\n\n");
    for (int node = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        const char *name = fdt_get_name(fdt, node, NULL);
        int prop;

        close_nodes(out, last, depth);
        last = depth;
        if (!name || strpbrk(name, "{};=\" \t\n")) {
            return false;
        }
        for (int i = 0; i < depth; i++) {
            g_string_append_c(out, '\t');
        }
        g_string_append_printf(out, "%s {\n", depth ? name : "/");
        fdt_for_each_property_offset(prop, fdt, node) {
            if (!print_property(out, fdt, prop, depth)) {
                return false;
            }
        }
    }
    close_nodes(out, last, 0);
    return true;
}
