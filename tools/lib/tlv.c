/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "tlv.h"

#define MAGIC "NVFW"
#define TAG 4
#define HEAD (TAG + 4)

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

/* Room at the end, filled with zeros. */
static uint8_t *grow(Tlv *t, size_t len)
{
    uint8_t *bytes = t->failed ? NULL : realloc(t->bytes, t->size + len);

    if (!bytes) {
        t->failed = true;
        return NULL;
    }
    t->bytes = bytes;
    bytes += t->size;
    t->size += len;
    memset(bytes, 0, len);
    return bytes;
}

void tlv_start(Tlv *t, const char *version)
{
    uint8_t *p;

    memset(t, 0, sizeof(*t));
    p = grow(t, TAG);
    if (p) {
        memcpy(p, MAGIC, TAG);
    }
    tlv_text(t, "VERS", version);
}

void tlv_bytes(Tlv *t, const char *tag, const void *value, size_t len)
{
    uint8_t *p = grow(t, HEAD + (len + 3) / 4 * 4);

    if (p) {
        memcpy(p, tag, TAG);
        put32(p + TAG, len);
        memcpy(p + HEAD, value, len);
    }
}

void tlv_text(Tlv *t, const char *tag, const char *value)
{
    tlv_bytes(t, tag, value, strlen(value));
}

void tlv_u32(Tlv *t, const char *tag, uint32_t value)
{
    uint8_t bytes[4];

    put32(bytes, value);
    tlv_bytes(t, tag, bytes, sizeof(bytes));
}
