/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types out of BTF: a kernel's own, or a module's on top of its kernel's.
 */
#ifndef TOOLS_ABI_FROMBTF_H
#define TOOLS_ABI_FROMBTF_H

#include "ctype.h"

/**
 * btf_find() - the BTF in a file
 * @object: raw BTF, a 64-bit ELF file with a .BTF section, or an arm64 kernel
 *          Image, in which it is looked for.
 * @file:   name for messages.
 * Returns a slice of @object, or NULL with @err set.
 */
GBytes *btf_find(GBytes *object, const char *file, FwError *err);

/**
 * struct BtfShape - what has been checked about some BTF
 * @types: number of its types, its base's included, "void" too.
 * @text:  its own strings, inside the bytes that were checked.
 * @len:   bytes of them.
 */
typedef struct BtfShape {
    uint32_t types;
    const char *text;
    uint32_t len;
} BtfShape;

/**
 * btf_check() - is this BTF whole and well formed?
 * @btf:   bytes, not trusted.
 * @base:  the shape of what it builds on, or NULL.
 * @shape: result.
 *
 * Every record, every type that one names and every string is looked at, so
 * that libbpf need not be trusted to.
 */
bool btf_check(GBytes *btf, const BtfShape *base, BtfShape *shape,
               const char *file, FwError *err);

/**
 * btf_types() - read the types that a caller wants
 * @btf:       bytes.
 * @file:      name for messages.
 * @base:      what @btf builds on, or NULL.
 * @base_file: name for messages.
 * Returns false with @err set if one of them is not good, or they do not
 * belong together.
 */
bool btf_types(CtDb *db, GBytes *btf, const char *file, GBytes *base,
               const char *base_file, CtWant want, void *opaque, FwError *err);

#endif /* TOOLS_ABI_FROMBTF_H */
