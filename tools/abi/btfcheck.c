/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BTF that nobody vouches for.  Source of the format:
 * Documentation/bpf/btf.rst of Linux and <linux/btf.h>.
 */
#define _GNU_SOURCE
#include <linux/btf.h>
#include <string.h>

#include "frombtf.h"
#include "object.h"
#include "say.h"

/* Kinds that newer headers name; their numbers do not change. */
#define KIND_DECL_TAG 17
#define KIND_TYPE_TAG 18
#define KIND_ENUM64 19

typedef struct Check {
    const uint8_t *types;
    uint32_t types_len;
    BtfShape own;               /* its strings */
    BtfShape base;
    uint32_t nr_types;
    const char *file;
    FwError *err;
} Check;

static uint32_t word(const uint8_t *p, unsigned i)
{
    uint32_t v;

    memcpy(&v, p + 4 * i, 4);
    return v;
}

/* Bytes behind a record's three words, for each of its elements. */
static bool record_extra(uint32_t kind, uint32_t vlen, uint32_t *extra)
{
    switch (kind) {
    case BTF_KIND_INT:
    case BTF_KIND_VAR:
    case KIND_DECL_TAG:
        *extra = 4;
        return true;
    case BTF_KIND_ARRAY:
        *extra = 12;
        return true;
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
    case BTF_KIND_DATASEC:
    case KIND_ENUM64:
        *extra = vlen * 12;
        return true;
    case BTF_KIND_ENUM:
    case BTF_KIND_FUNC_PROTO:
        *extra = vlen * 8;
        return true;
    case BTF_KIND_PTR:
    case BTF_KIND_FWD:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FLOAT:
    case KIND_TYPE_TAG:
        *extra = 0;
        return true;
    default:
        return false;
    }
}

/* Only where a string begins: those of another kernel hardly ever do. */
static bool check_name(const Check *c, uint32_t at)
{
    const BtfShape *s = at < c->base.len ? &c->base : &c->own;

    if (s == &c->own) {
        at -= c->base.len;
    }
    return at < s->len && (at == 0 || !s->text[at - 1]);
}

static bool check_type(const Check *c, uint32_t type)
{
    return type < c->nr_types;
}

/* The names and types in the elements of a record. */
static bool check_elements(const Check *c, const uint8_t *p, uint32_t kind,
                           uint32_t vlen)
{
    p += 12;
    switch (kind) {
    case BTF_KIND_ARRAY:
        return check_type(c, word(p, 0)) && check_type(c, word(p, 1));
    case BTF_KIND_STRUCT:
    case BTF_KIND_UNION:
        for (uint32_t i = 0; i < vlen; i++, p += 12) {
            if (!check_name(c, word(p, 0)) || !check_type(c, word(p, 1))) {
                return false;
            }
        }
        return true;
    case BTF_KIND_ENUM:
    case KIND_ENUM64:
        for (uint32_t i = 0; i < vlen; i++) {
            if (!check_name(c, word(p, 0))) {
                return false;
            }
            p += kind == BTF_KIND_ENUM ? 8 : 12;
        }
        return true;
    case BTF_KIND_FUNC_PROTO:
        for (uint32_t i = 0; i < vlen; i++, p += 8) {
            if (!check_name(c, word(p, 0)) || !check_type(c, word(p, 1))) {
                return false;
            }
        }
        return true;
    case BTF_KIND_DATASEC:
        for (uint32_t i = 0; i < vlen; i++, p += 12) {
            if (!check_type(c, word(p, 0))) {
                return false;
            }
        }
        return true;
    default:
        return true;
    }
}

/* Does the third word of such a record name a type? */
static bool names_type(uint32_t kind)
{
    switch (kind) {
    case BTF_KIND_PTR:
    case BTF_KIND_TYPEDEF:
    case BTF_KIND_VOLATILE:
    case BTF_KIND_CONST:
    case BTF_KIND_RESTRICT:
    case BTF_KIND_FUNC:
    case BTF_KIND_FUNC_PROTO:
    case BTF_KIND_VAR:
    case KIND_DECL_TAG:
    case KIND_TYPE_TAG:
        return true;
    default:
        return false;
    }
}

/* First all records are counted, then what they name can be checked. */
static bool walk(Check *c, bool counting)
{
    uint32_t at = 0;
    uint32_t id = c->base.types ? c->base.types : 1;

    for (; at < c->types_len; id++) {
        const uint8_t *p = c->types + at;
        uint32_t left = c->types_len - at;
        uint32_t kind, vlen, extra;

        if (left < 12) {
            return abi_fail(c->err, c->file, "BTF type %u is cut off", id);
        }
        vlen = BTF_INFO_VLEN(word(p, 1));
        kind = word(p, 1) >> 24 & 0x1f;
        if (!record_extra(kind, vlen, &extra)) {
            return abi_fail(c->err, c->file, "BTF type %u is of kind %u, "
                            "which is not known", id, kind);
        }
        if (left - 12 < extra) {
            return abi_fail(c->err, c->file, "BTF type %u is cut off", id);
        }
        at += 12 + extra;
        if (counting) {
            continue;
        }
        if (!check_name(c, word(p, 0)) ||
            (names_type(kind) && !check_type(c, word(p, 2))) ||
            !check_elements(c, p, kind, vlen)) {
            return abi_fail(c->err, c->file, "BTF type %u names a type or a "
                            "string that is not there%s", id,
                            c->base.types ? ": is this the module's kernel?"
                                          : "");
        }
    }
    c->nr_types = id;
    return true;
}

bool btf_check(GBytes *btf, const BtfShape *base, BtfShape *shape,
               const char *file, FwError *err)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(btf, &size);
    struct btf_header h;
    Check c = { .file = file, .err = err };

    if (size < sizeof(h)) {
        return abi_fail(err, file, "BTF is cut off");
    }
    memcpy(&h, data, sizeof(h));
    if (h.magic != BTF_MAGIC) {
        return abi_fail(err, file, "no BTF: magic 0x%04x instead of 0x%04x",
                        h.magic, BTF_MAGIC);
    }
    if (h.version != BTF_VERSION || h.flags || h.hdr_len != sizeof(h)) {
        return abi_fail(err, file, "BTF of version %u, flags 0x%x, header of "
                        "%u bytes is not known", h.version, h.flags,
                        h.hdr_len);
    }
    size -= sizeof(h);
    if (h.type_off % 4 || h.type_off > size ||
        h.type_len > size - h.type_off || h.str_off > size ||
        h.str_len > size - h.str_off || h.type_len % 4 ||
        (uint64_t)h.type_off + h.type_len > h.str_off) {
        return abi_fail(err, file, "BTF is cut off: types at 0x%x+0x%x, "
                        "strings at 0x%x+0x%x of 0x%zx bytes", h.type_off,
                        h.type_len, h.str_off, h.str_len, size);
    }
    c.types = data + sizeof(h) + h.type_off;
    c.types_len = h.type_len;
    c.own.text = (const char *)data + sizeof(h) + h.str_off;
    c.own.len = h.str_len;
    if (base) {
        c.base = *base;
    }
    if ((h.str_len && c.own.text[h.str_len - 1]) ||
        h.str_len > INT32_MAX - c.base.len) {
        return abi_fail(err, file, "the strings of its BTF are damaged");
    }
    if (!base && (!h.str_len || c.own.text[0])) {
        return abi_fail(err, file, "its BTF builds on a kernel's: name the "
                        "kernel that it belongs to");
    }
    if (!walk(&c, true) || !walk(&c, false)) {
        return false;
    }
    *shape = c.own;
    shape->types = c.nr_types;
    return true;
}

/* An arm64 Image has no section table: the header is looked for. */
static GBytes *find_in_image(GBytes *image)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(image, &size);
    const uint32_t head[2] = {
        BTF_MAGIC | BTF_VERSION << 16, sizeof(struct btf_header),
    };
    const uint8_t *p = data;

    while ((p = memmem(p, size - (p - data), head, sizeof(head)))) {
        gsize at = p++ - data;
        struct btf_header h;
        g_autoptr(GBytes) btf = NULL;
        BtfShape shape;
        FwError err;
        uint64_t len;

        if (size - at < sizeof(h)) {
            break;
        }
        memcpy(&h, data + at, sizeof(h));
        len = (uint64_t)sizeof(h) + h.str_off + h.str_len;
        if (len > size - at) {
            continue;
        }
        btf = g_bytes_new_from_bytes(image, at, len);
        if (btf_check(btf, NULL, &shape, "", &err)) {
            return g_steal_pointer(&btf);
        }
    }
    return NULL;
}

GBytes *btf_find(GBytes *object, const char *file, FwError *err)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(object, &size);
    GBytes *btf = NULL;

    if (size >= 2 && (data[0] | data[1] << 8) == BTF_MAGIC) {
        return g_bytes_ref(object);
    }
    if (object_is_elf(object)) {
        btf = object_section(object, ".BTF");
    } else if (size >= sizeof(struct btf_header)) {
        btf = find_in_image(object);
    }
    if (!btf) {
        abi_fail(err, file, "holds no BTF");
    }
    return btf;
}
