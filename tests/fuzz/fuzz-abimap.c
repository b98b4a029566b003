/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Maps from anywhere: refused with file and line, or whole. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "map.h"
#include "select.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FwError err = { "" };
    g_autoptr(AbiMap) map = map_parse((const char *)data, size, "f", &err);
    g_autoptr(GPtrArray) expressions = NULL;
    const MapPick pick = { .variant = size % 3 };
    g_autofree const char **patterns = NULL;
    g_autoptr(GPtrArray) beliefs = NULL;
    g_autoptr(CtDb) db = NULL;

    if (!map) {
        need(!strncmp(err.text, "f: ", 3));
        return 0;
    }
    expressions = map_expressions(map);
    for (unsigned i = 0; i < expressions->len; i++) {
        /* Each stays on the line that the compiler is given. */
        need(!strpbrk(expressions->pdata[i], "\n{};\"'#\\"));
    }
    patterns = map_patterns(map);
    need(select_check(patterns, &err));
    db = ct_new();
    beliefs = map_believe(map, &pick, db, NULL, "f", &err);
    need(beliefs && beliefs->len == map->structs->len);
    return 0;
}
