/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <string.h>

#include "compare.h"

bool report_differs(const Report *r)
{
    for (unsigned i = 0; i < r->findings->len; i++) {
        if (verdict_differs(((Finding *)r->findings->pdata[i])->verdict)) {
            return true;
        }
    }
    return false;
}

static unsigned count(const Report *r, Verdict v)
{
    unsigned n = 0;

    for (unsigned i = 0; i < r->findings->len; i++) {
        n += ((Finding *)r->findings->pdata[i])->verdict == v;
    }
    return n;
}

static void print_place(GString *out, const FwField *f)
{
    g_string_append_printf(out, "<0x%02x %u", f->offset, f->size);
    if (f->lsb || f->width != f->size * 8 || f->count != 1) {
        g_string_append_printf(out, " %u %u", f->lsb, f->width);
    }
    if (f->count != 1) {
        g_string_append_printf(out, " %u 0x%x", f->count, f->stride);
    }
    g_string_append_c(out, '>');
}

static void print_name(GString *out, const Finding *f)
{
    g_string_append(out, f->node);
    if (f->name) {
        g_string_append_printf(out, "/%s", f->name);
    } else {
        g_string_append(out, " (size)");
    }
}

/* "the profile has <0x40 8>, the driver <0x44 8>" */
static void print_both(GString *out, const Finding *f)
{
    g_string_append(out, "the profile has ");
    if (f->is_number) {
        g_string_append_printf(out, "0x%" PRIx64, f->numbers[0]);
    } else {
        print_place(out, &f->profile);
    }
    g_string_append(out, ", the driver ");
    if (f->verdict == VERDICT_MISSING) {
        g_string_append(out, "has none");
    } else if (f->verdict == VERDICT_UNMAPPED) {
        g_string_append(out, "is not known to have it: the map does not name "
                        "it");
    } else if (f->is_number) {
        g_string_append_printf(out, "0x%" PRIx64, f->numbers[1]);
    } else {
        print_place(out, &f->driver);
    }
}

void report_text(GString *out, const Report *r, bool all)
{
    for (unsigned i = 0; i < r->findings->len; i++) {
        const Finding *f = r->findings->pdata[i];

        if (!all && !verdict_differs(f->verdict)) {
            continue;
        }
        g_string_append_printf(out, "%s: ", verdict_names[f->verdict]);
        print_name(out, f);
        if (verdict_differs(f->verdict)) {
            g_string_append(out, ": ");
            print_both(out, f);
        }
        g_string_append_c(out, '\n');
    }
    g_string_append_printf(out, "%s and %s: %u agree, %u cannot be seen, %u "
                           "moved, %u resized, %u changed, %u missing, %u not "
                           "in the map\n", r->profile, r->driver,
                           count(r, VERDICT_AGREE), count(r, VERDICT_UNSEEN),
                           count(r, VERDICT_MOVED), count(r, VERDICT_RESIZED),
                           count(r, VERDICT_CHANGED),
                           count(r, VERDICT_MISSING),
                           count(r, VERDICT_UNMAPPED));
}

void report_tap(GString *out, const Report *r)
{
    g_string_append_printf(out, "TAP version 13\n1..%u\n", r->findings->len);
    for (unsigned i = 0; i < r->findings->len; i++) {
        const Finding *f = r->findings->pdata[i];
        bool bad = verdict_differs(f->verdict);

        g_string_append_printf(out, "%sok %u - ", bad ? "not " : "", i + 1);
        print_name(out, f);
        if (f->verdict == VERDICT_UNSEEN) {
            g_string_append(out, " # SKIP this source does not tell");
        }
        g_string_append_c(out, '\n');
        if (bad) {
            g_string_append_printf(out, "# %s: ", verdict_names[f->verdict]);
            print_both(out, f);
            g_string_append_c(out, '\n');
        }
    }
}

static void json_text(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            g_string_append_c(out, '\\');
        }
        g_string_append_c(out, *c < ' ' || *c > '~' ? '?' : *c);
    }
    g_string_append_c(out, '"');
}

static void json_place(GString *out, const char *key, const FwField *f)
{
    g_string_append_printf(out, ", \"%s\": {\"offset\": %u, \"bytes\": %u, "
                           "\"lsb\": %u, \"width\": %u, \"count\": %u, "
                           "\"stride\": %u}", key, f->offset, f->size, f->lsb,
                           f->width, f->count, f->stride);
}

static bool driver_has(Verdict v)
{
    return v == VERDICT_AGREE || v == VERDICT_MOVED ||
           v == VERDICT_RESIZED || v == VERDICT_CHANGED;
}

void report_json(GString *out, const Report *r)
{
    g_string_append(out, "{\n  \"schema\": \"gpumbox.abi-check/1\",\n"
                    "  \"profile\": ");
    json_text(out, r->profile);
    g_string_append(out, ",\n  \"driver\": ");
    json_text(out, r->driver);
    g_string_append_printf(out, ",\n  \"agrees\": %s,\n  \"counts\": {",
                           report_differs(r) ? "false" : "true");
    for (unsigned v = 0; v < NR_VERDICTS; v++) {
        g_string_append_printf(out, "%s\"%s\": %u", v ? ", " : "",
                               verdict_names[v], count(r, v));
    }
    g_string_append(out, "},\n  \"findings\": [\n");
    for (unsigned i = 0; i < r->findings->len; i++) {
        const Finding *f = r->findings->pdata[i];

        g_string_append(out, "    {\"node\": ");
        json_text(out, f->node);
        g_string_append(out, ", \"name\": ");
        if (f->name) {
            json_text(out, f->name);
        } else {
            g_string_append(out, "null");
        }
        g_string_append_printf(out, ", \"verdict\": \"%s\"",
                               verdict_names[f->verdict]);
        if (f->is_number) {
            g_string_append_printf(out, ", \"profile\": %" PRIu64,
                                   f->numbers[0]);
        } else {
            json_place(out, "profile", &f->profile);
        }
        if (driver_has(f->verdict) && f->is_number) {
            g_string_append_printf(out, ", \"driver\": %" PRIu64,
                                   f->numbers[1]);
        } else if (driver_has(f->verdict)) {
            json_place(out, "driver", &f->driver);
        }
        g_string_append_printf(out, "}%s\n",
                               i + 1 < r->findings->len ? "," : "");
    }
    g_string_append(out, "  ]\n}\n");
}
