/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nova-core loads: "NVFW" and behind it tag, length and value, as often
 * as there is something to say (Documentation/gpu/nova/core/tlv.rst).
 */
#ifndef TOOLS_TLV_H
#define TOOLS_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct Tlv - a file in the making
 * @bytes: what there is of it, free() it.
 * @size:  how many.
 * @failed: there was no memory; nothing is added any more.
 */
typedef struct Tlv {
    uint8_t *bytes;
    size_t size;
    bool failed;
} Tlv;

/** tlv_start() - an empty file with its version. */
void tlv_start(Tlv *t, const char *version);

/** tlv_bytes() - @tag has four characters. */
void tlv_bytes(Tlv *t, const char *tag, const void *value, size_t len);

void tlv_text(Tlv *t, const char *tag, const char *value);
void tlv_u32(Tlv *t, const char *tag, uint32_t value);

#endif /* TOOLS_TLV_H */
