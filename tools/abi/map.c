/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "flatten.h"
#include "map.h"
#include "say.h"
#include "select.h"

#define MAP_MAX (256 * 1024)
#define MAP_LINE_MAX 400
#define MAP_STRUCTS_MAX 256
#define MAP_FIELDS_MAX 1024

static void free_map_field(gpointer data)
{
    MapField *f = data;

    g_free(f->name);
    g_free(f->member);
    g_free(f->bits);
    g_free(f);
}

static void free_map_struct(gpointer data)
{
    MapStruct *s = data;

    g_free(s->node);
    g_free(s->source);
    g_strfreev(s->sources);
    g_free(s->word);
    g_ptr_array_free(s->fields, TRUE);
    g_free(s);
}

static void free_map_number(gpointer data)
{
    MapNumber *n = data;

    g_free(n->node);
    g_free(n->name);
    g_free(n->value);
    g_free(n);
}

void map_free(AbiMap *map)
{
    if (map) {
        g_free(map->compatible);
        g_free(map->module);
        g_ptr_array_free(map->structs, TRUE);
        g_ptr_array_free(map->numbers, TRUE);
        g_free(map);
    }
}

/* The parser: which block a line belongs to. */
typedef struct Parser {
    AbiMap *map;
    MapStruct *strct;
    char *numbers;
    unsigned line;
    const char *file;
    FwError *err;
} Parser;

static bool bad_line(const Parser *p, const char *what)
{
    return abi_fail(p->err, p->file, "line %u: %s", p->line, what);
}

/* The next word of a line, or NULL; *s is moved behind it and its blanks. */
static char *word(char **s)
{
    char *start = *s;
    size_t len = strcspn(start, " \t");

    if (!len) {
        return NULL;
    }
    *s += len;
    if (**s) {
        *(*s)++ = '\0';
    }
    *s += strspn(*s, " \t");
    return start;
}

/* An expression stands on a line of its own in what the compiler is given. */
static bool good_expression(const char *e)
{
    return *e && !strpbrk(e, "{};\"'#\\") && !strstr(e, "/*") &&
           !strstr(e, "//");
}

static bool parse_entry(Parser *p, char *s)
{
    char *name = word(&s);
    MapField *f;
    MapNumber *n;

    if (p->numbers) {
        if (!good_expression(s)) {
            return bad_line(p, "a number wants a name and an expression");
        }
        n = g_new0(MapNumber, 1);
        n->node = g_strdup(p->numbers);
        n->name = g_strdup(name);
        n->value = g_strdup(s);
        g_ptr_array_add(p->map->numbers, n);
        return true;
    }
    if (!p->strct) {
        return bad_line(p, "an indented line wants a block before it");
    }
    if (p->strct->fields->len == MAP_FIELDS_MAX) {
        return bad_line(p, "too many fields");
    }
    if (map_field(p->strct, name)) {
        return bad_line(p, "the struct has this field already");
    }
    f = g_new0(MapField, 1);
    g_ptr_array_add(p->strct->fields, f);
    f->name = g_strdup(name);
    if (!p->strct->word) {
        char *member = word(&s);

        if (!member) {
            return bad_line(p, "a field wants a name and a member");
        }
        f->member = g_strdup(member);
    }
    if ((p->strct->word || *s) && !good_expression(s)) {
        return bad_line(p, "no expression of C that is taken here");
    }
    f->bits = *s ? g_strdup(s) : NULL;
    return true;
}

static bool open_struct(Parser *p, char *s, bool bits, bool optional)
{
    char *node = word(&s);
    char *source = word(&s);
    char *member = word(&s);
    g_auto(GStrv) sources = NULL;
    FwError err;

    if (!source || !member != !bits || *s) {
        return bad_line(p, bits ? "'bits' wants a node, a struct and a member"
                                : "'struct' wants a node and a struct");
    }
    if (p->map->structs->len == MAP_STRUCTS_MAX) {
        return bad_line(p, "too many structs");
    }
    if (map_struct(p->map, node)) {
        return bad_line(p, "there is a block for this struct already");
    }
    sources = g_strsplit(source, "|", -1);
    if (!select_check((const char *const *)sources, &err)) {
        return bad_line(p, "no name of a struct");
    }
    p->strct = g_new0(MapStruct, 1);
    p->strct->node = g_strdup(node);
    p->strct->source = g_strdup(source);
    p->strct->sources = g_steal_pointer(&sources);
    p->strct->optional = optional;
    p->strct->word = g_strdup(member);
    p->strct->fields = g_ptr_array_new_with_free_func(free_map_field);
    g_ptr_array_add(p->map->structs, p->strct);
    return true;
}

static bool parse_head(Parser *p, char *s)
{
    char *key = word(&s);

    p->strct = NULL;
    g_clear_pointer(&p->numbers, g_free);
    if (!strcmp(key, "struct") || !strcmp(key, "bits")) {
        return open_struct(p, s, *key == 'b', false);
    }
    if (!strcmp(key, "struct-or-none")) {
        return open_struct(p, s, false, true);
    }
    if (!*s || strpbrk(s, " \t")) {
        return bad_line(p, "one word expected behind the first");
    }
    if (!strcmp(key, "compatible") && !p->map->compatible) {
        p->map->compatible = g_strdup(s);
    } else if (!strcmp(key, "module") && !p->map->module) {
        p->map->module = g_strdup(s);
    } else if (!strcmp(key, "numbers")) {
        p->numbers = g_strdup(s);
    } else {
        return bad_line(p, "struct, struct-or-none, bits, numbers, or the first "
                        "compatible or module expected");
    }
    return true;
}

static bool parse_line(Parser *p, char *s)
{
    char *comment = strchr(s, '#');

    /* In "NAME#2" it is none. */
    while (comment && comment != s && comment[-1] != ' ' &&
           comment[-1] != '\t') {
        comment = strchr(comment + 1, '#');
    }
    if (comment) {
        *comment = '\0';
    }
    g_strchomp(s);
    if (!*s) {
        return true;
    }
    if (strlen(s) > MAP_LINE_MAX) {
        return bad_line(p, "too long");
    }
    for (const char *c = s; *c; c++) {
        if (*c != '\t' && (*c < ' ' || *c > '~')) {
            return bad_line(p, "not plain text");
        }
    }
    if (*s == ' ' || *s == '\t') {
        s += strspn(s, " \t");
        return parse_entry(p, s);
    }
    return parse_head(p, s);
}

AbiMap *map_parse(const char *text, size_t size, const char *file,
                  FwError *err)
{
    g_autoptr(AbiMap) map = g_new0(AbiMap, 1);
    g_autofree char *copy = g_strndup(text, size);
    Parser p = { .map = map, .file = file, .err = err };
    char *next = copy;
    bool ok = true;

    map->structs = g_ptr_array_new_with_free_func(free_map_struct);
    map->numbers = g_ptr_array_new_with_free_func(free_map_number);
    while (ok && next) {
        char *line = next;

        next = strchr(line, '\n');
        if (next) {
            *next++ = '\0';
        }
        p.line++;
        ok = parse_line(&p, line);
    }
    g_free(p.numbers);
    if (ok && !map->compatible) {
        ok = abi_fail(err, file, "does not say what it is compatible with");
    }
    return ok ? g_steal_pointer(&map) : NULL;
}

AbiMap *map_load(const char *path, FwError *err)
{
    size_t size;
    char *text = (char *)read_file(path, MAP_MAX, &size, err);
    AbiMap *map = text ? map_parse(text, size, path, err) : NULL;

    free(text);
    return map;
}

GPtrArray *map_expressions(const AbiMap *map)
{
    GPtrArray *out = g_ptr_array_new();
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);

    for (unsigned i = 0; i < map->structs->len; i++) {
        const MapStruct *s = map->structs->pdata[i];

        for (unsigned k = 0; k < s->fields->len; k++) {
            const MapField *f = s->fields->pdata[k];

            if (f->bits && g_hash_table_add(seen, f->bits)) {
                g_ptr_array_add(out, f->bits);
            }
        }
    }
    for (unsigned i = 0; i < map->numbers->len; i++) {
        const MapNumber *n = map->numbers->pdata[i];

        if (g_hash_table_add(seen, n->value)) {
            g_ptr_array_add(out, n->value);
        }
    }
    return out;
}

const char **map_patterns(const AbiMap *map)
{
    GPtrArray *out = g_ptr_array_new();

    for (unsigned i = 0; i < map->structs->len; i++) {
        const MapStruct *s = map->structs->pdata[i];

        for (unsigned k = 0; s->sources[k]; k++) {
            g_ptr_array_add(out, s->sources[k]);
        }
    }
    g_ptr_array_add(out, NULL);
    return (const char **)g_ptr_array_free(out, FALSE);
}

const MapStruct *map_struct(const AbiMap *map, const char *node)
{
    for (unsigned i = 0; i < map->structs->len; i++) {
        const MapStruct *s = map->structs->pdata[i];

        if (!strcmp(s->node, node)) {
            return s;
        }
    }
    return NULL;
}

const MapField *map_field(const MapStruct *s, const char *name)
{
    for (unsigned i = 0; i < s->fields->len; i++) {
        const MapField *f = s->fields->pdata[i];

        if (!strcmp(f->name, name)) {
            return f;
        }
    }
    return NULL;
}

const MapNumber *map_number(const AbiMap *map, const char *node,
                            const char *name)
{
    for (unsigned i = 0; i < map->numbers->len; i++) {
        const MapNumber *n = map->numbers->pdata[i];

        if (!strcmp(n->node, node) && !strcmp(n->name, name)) {
            return n;
        }
    }
    return NULL;
}
