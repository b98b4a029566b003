/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fwimage.h"

#define ENTRY_HEADER_SIZE 4
#define SECTION_BODY_SIZE 20
#define BUILD_INFO_BODY_SIZE 8
#define ENTRY_OPTIONAL (1u << 31)
#define SECTION_FLAGS \
    (FW_IMAGE_RD | FW_IMAGE_WR | FW_IMAGE_EX | FW_IMAGE_CACHE_MASK | \
     FW_IMAGE_PROT | FW_IMAGE_SHARED | FW_IMAGE_ZERO)

static uint32_t get32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static bool __attribute__((format(printf, 3, 4)))
fail(const char *file, FwError *err, const char *fmt, ...)
{
    char what[200];
    va_list ap;

    va_start(ap, fmt);
    if (vsnprintf(what, sizeof(what), fmt, ap) < 0) {
        what[0] = '\0';
    }
    va_end(ap);
    if (snprintf(err->text, sizeof(err->text), "%.280s: %s", file, what) < 0) {
        err->text[0] = '\0';
    }
    return false;
}

bool fw_image_open(FwImage *im, const void *data, size_t size,
                   const char *file, FwError *err)
{
    const uint8_t *p = data;

    memset(im, 0, sizeof(*im));
    im->data = p;
    im->size = size;
    im->file = file;
    if (size < FW_IMAGE_HEADER_SIZE) {
        return fail(file, err, "%zu bytes are too short for a header", size);
    }
    if (get32(p) != FW_IMAGE_MAGIC) {
        return fail(file, err, "no firmware image: magic 0x%08" PRIx32
                    " instead of 0x%08x", get32(p), FW_IMAGE_MAGIC);
    }
    im->minor = p[4];
    im->major = p[5];
    im->version_hash = get32(p + 8);
    im->pads = (p[6] | p[7] << 8) | get32(p + 12);
    im->table_end = get32(p + 16);
    im->pos = FW_IMAGE_HEADER_SIZE;
    if (im->table_end > size) {
        return fail(file, err, "truncated: entries end at 0x%" PRIx32
                    ", the file at 0x%zx", im->table_end, size);
    }
    return true;
}

static void read_section(const uint8_t *body, size_t len, FwImageEntry *e)
{
    size_t name_len = len - SECTION_BODY_SIZE;

    e->flags = get32(body);
    e->va_start = get32(body + 4);
    e->va_end = get32(body + 8);
    e->data_start = get32(body + 12);
    e->data_end = get32(body + 16);
    for (size_t i = 0; i < name_len && body[SECTION_BODY_SIZE + i]; i++) {
        char c = body[SECTION_BODY_SIZE + i];

        e->name[i] = c < ' ' || c > '~' ? '?' : c;
    }
}

int fw_image_next(FwImage *im, FwImageEntry *e, FwError *err)
{
    size_t left;
    size_t len;
    const uint8_t *p;
    uint32_t ehdr;

    if (im->pos >= im->table_end) {
        return 0;
    }
    memset(e, 0, sizeof(*e));
    left = im->table_end - im->pos;
    p = im->data + im->pos;
    e->offset = im->pos;
    if (left < ENTRY_HEADER_SIZE) {
        fail(im->file, err, "entry at 0x%zx: cut off", e->offset);
        return -1;
    }
    ehdr = get32(p);
    e->type = ehdr;
    e->size = ehdr >> 8;
    e->optional = ehdr & ENTRY_OPTIONAL;
    if (e->size < ENTRY_HEADER_SIZE || e->size % 4 || e->size > left) {
        fail(im->file, err, "entry at 0x%zx: bad size %u", e->offset, e->size);
        return -1;
    }
    len = e->size - ENTRY_HEADER_SIZE;
    p += ENTRY_HEADER_SIZE;
    if ((e->type == FW_IMAGE_SECTION && len < SECTION_BODY_SIZE) ||
        (e->type == FW_IMAGE_BUILD_INFO && len < BUILD_INFO_BODY_SIZE)) {
        fail(im->file, err, "entry at 0x%zx: %u bytes are too short for its "
             "type %u", e->offset, e->size, e->type);
        return -1;
    }
    if (e->type == FW_IMAGE_SECTION) {
        read_section(p, len, e);
    } else if (e->type == FW_IMAGE_BUILD_INFO) {
        e->data_start = get32(p);
        e->data_end = (uint64_t)e->data_start + get32(p + 4);
    }
    im->pos += e->size;
    return 1;
}

/* The rules of a section, in the strictest reading of the three parsers. */
static bool check_section(const FwImage *im, const FwImageEntry *e,
                          FwError *err)
{
    uint32_t span = e->va_end - e->va_start;
    uint64_t bytes = e->data_end - e->data_start;

    if (e->data_end < e->data_start || e->data_end > im->size) {
        return fail(im->file, err, "section '%.32s': data 0x%" PRIx32 "-0x%"
                    PRIx64 " is not in the file", e->name, e->data_start,
                    e->data_end);
    }
    if (e->va_end < e->va_start || e->va_start % FW_IMAGE_PAGE ||
        e->va_end % FW_IMAGE_PAGE) {
        return fail(im->file, err, "section '%.32s': addresses 0x%" PRIx32
                    "-0x%" PRIx32 " are not whole pages", e->name,
                    e->va_start, e->va_end);
    }
    if (e->flags & ~SECTION_FLAGS) {
        return fail(im->file, err, "section '%.32s': unknown flags 0x%"
                    PRIx32, e->name, e->flags & ~SECTION_FLAGS);
    }
    if (bytes > span) {
        return fail(im->file, err, "section '%.32s': 0x%" PRIx64 " bytes of "
                    "data in 0x%" PRIx32 " bytes of address space", e->name,
                    bytes, span);
    }
    if (e->va_start == FW_IMAGE_SHARED_VA && !(e->flags & FW_IMAGE_PROT)) {
        if (!(e->flags & FW_IMAGE_SHARED)) {
            return fail(im->file, err, "section '%.32s': the one at 0x%x must "
                        "be shared", e->name, FW_IMAGE_SHARED_VA);
        }
        if (!(e->flags & FW_IMAGE_ZERO) && bytes < span) {
            return fail(im->file, err, "section '%.32s': what its data does "
                        "not cover must be zeroed, or a reset leaves old "
                        "requests in it", e->name);
        }
    }
    return true;
}

typedef struct Span {
    uint32_t start;
    uint32_t end;
} Span;

static bool add_span(const FwImage *im, const FwImageEntry *e, Span *spans,
                     unsigned *n, FwError *err)
{
    for (unsigned i = 0; i < *n; i++) {
        if (e->va_start < spans[i].end && spans[i].start < e->va_end) {
            return fail(im->file, err, "section '%.32s': addresses 0x%" PRIx32
                        "-0x%" PRIx32 " belong to another section already",
                        e->name, e->va_start, e->va_end);
        }
    }
    if (*n == FW_IMAGE_SECTIONS_MAX) {
        return fail(im->file, err, "more than %d sections",
                    FW_IMAGE_SECTIONS_MAX);
    }
    spans[(*n)++] = (Span) { e->va_start, e->va_end };
    return true;
}

static bool check_type(const FwImage *im, const FwImageEntry *e, FwError *err)
{
    switch (e->type) {
    case FW_IMAGE_SECTION:
    case FW_IMAGE_CONFIG:
    case FW_IMAGE_TEST:
    case FW_IMAGE_TRACE_BUFFER:
    case FW_IMAGE_TIMELINE:
        return true;
    default:
        /* Build information is among the types unknown to Linux 6.12. */
        if (!e->optional) {
            return fail(im->file, err, "entry at 0x%zx: type %u is not known "
                        "to every driver and must be optional", e->offset,
                        e->type);
        }
        return true;
    }
}

bool fw_image_check(const void *data, size_t size, const char *file,
                    FwError *err)
{
    Span spans[FW_IMAGE_SECTIONS_MAX];
    unsigned n = 0;
    bool shared = false;
    FwImageEntry e;
    FwImage im;
    int more;

    if (!fw_image_open(&im, data, size, file, err)) {
        return false;
    }
    if (im.major != 0) {
        return fail(file, err, "format %u.%u, only 0.x is known", im.major,
                    im.minor);
    }
    if (im.pads) {
        return fail(file, err, "padding of the header is not zero");
    }
    while ((more = fw_image_next(&im, &e, err)) > 0) {
        if (!check_type(&im, &e, err)) {
            return false;
        }
        if (e.type != FW_IMAGE_SECTION) {
            continue;
        }
        if (!check_section(&im, &e, err)) {
            return false;
        }
        if (e.flags & FW_IMAGE_PROT || e.va_start == e.va_end) {
            continue;
        }
        if (!add_span(&im, &e, spans, &n, err)) {
            return false;
        }
        shared |= e.va_start == FW_IMAGE_SHARED_VA;
    }
    if (more < 0) {
        return false;
    }
    if (!shared) {
        return fail(file, err, "no shared section at 0x%x",
                    FW_IMAGE_SHARED_VA);
    }
    return true;
}

static uint32_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

uint8_t *fw_image_build(const FwImageSection *sections, unsigned n,
                        const char *build_info, size_t *size)
{
    static const char prefix[] = "git_sha: ";
    uint32_t info_len = strlen(prefix) + strlen(build_info) + 1;
    uint32_t table = FW_IMAGE_HEADER_SIZE;
    uint32_t total;
    uint8_t *image;
    uint8_t *p;

    for (unsigned i = 0; i < n; i++) {
        table += ENTRY_HEADER_SIZE + SECTION_BODY_SIZE +
                 padded(strlen(sections[i].name));
    }
    table += ENTRY_HEADER_SIZE + BUILD_INFO_BODY_SIZE;
    total = table;
    for (unsigned i = 0; i < n; i++) {
        total += padded(sections[i].size);
    }
    total += padded(info_len);
    image = calloc(1, total);
    if (!image) {
        return NULL;
    }

    put32(image, FW_IMAGE_MAGIC);
    put32(image + 16, table);
    p = image + FW_IMAGE_HEADER_SIZE;
    total = table;
    for (unsigned i = 0; i < n; i++) {
        const FwImageSection *s = &sections[i];
        uint32_t len = ENTRY_HEADER_SIZE + SECTION_BODY_SIZE +
                       padded(strlen(s->name));

        put32(p, FW_IMAGE_SECTION | len << 8);
        put32(p + 4, s->flags);
        put32(p + 8, s->va);
        put32(p + 12, s->va + s->span);
        if (s->size) {
            put32(p + 16, total);
            put32(p + 20, total + s->size);
            memcpy(image + total, s->data, s->size);
            total += padded(s->size);
        }
        memcpy(p + 24, s->name, strlen(s->name));
        p += len;
    }
    put32(p, FW_IMAGE_BUILD_INFO | 12 << 8 | ENTRY_OPTIONAL);
    put32(p + 4, total);
    put32(p + 8, info_len);
    memcpy(image + total, prefix, strlen(prefix));
    memcpy(image + total + strlen(prefix), build_info, strlen(build_info));
    *size = total + padded(info_len);
    return image;
}
