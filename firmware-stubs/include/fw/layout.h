/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout tables: where an ABI profile says that each field lives.
 *
 * A stub declares by name what it needs (FwLayoutSpec).  A profile is a
 * flattened device tree that gives each name its place.  Loading resolves all
 * names once into arrays indexed by the stub's own enumerators; a stub never
 * holds an offset.  A name that is needed and missing, a field that does not
 * fit its struct, a value of the wrong shape is an error that names file, node
 * and property.
 */
#ifndef FW_LAYOUT_H
#define FW_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_LAYOUT_STRUCTS_MAX 64
#define FW_LAYOUT_FIELDS_MAX 256
#define FW_LAYOUT_VALUES_MAX 192
#define FW_LAYOUT_CAPS_MAX 64

/** FW_PROFILE_MAX - largest profile accepted, bytes. */
#define FW_PROFILE_MAX (64 * 1024)

/** FW_STRUCT_MAX - largest struct a profile may describe, bytes. */
#define FW_STRUCT_MAX 4096

/**
 * struct FwField - a resolved field
 * @offset: bytes from the start of its struct (element 0 of an array).
 * @size:   bytes that are read or written: 1, 2, 4 or 8.
 * @lsb:    lowest bit of the field in them.
 * @width:  number of bits, 1..64.
 * @count:  elements; 1 for a plain field.
 * @stride: bytes between elements; 0 for a plain field.
 */
typedef struct FwField {
    uint32_t offset;
    uint8_t size;
    uint8_t lsb;
    uint8_t width;
    uint32_t count;
    uint32_t stride;
} FwField;

/**
 * struct FwFieldNeed - a field that a stub uses
 * @strct:    index into FwLayoutSpec.structs.
 * @name:     property name in the struct's node.
 * @optional: the stub can do without (FwLayout.has_field tells).
 */
typedef struct FwFieldNeed {
    unsigned strct;
    const char *name;
    bool optional;
} FwFieldNeed;

/**
 * struct FwValueNeed - a number that a stub uses
 * @name:     path, "node/property", one or two cells (a 64-bit value).
 * @min:      smallest value accepted.
 * @max:      largest value accepted.
 * @optional: if absent, FwLayout.value is @fallback.
 * @fallback: see @optional.
 */
typedef struct FwValueNeed {
    const char *name;
    uint64_t min;
    uint64_t max;
    bool optional;
    uint64_t fallback;
} FwValueNeed;

/**
 * struct FwLayoutSpec - everything a stub needs of a profile
 * @compatible: the root node's compatible string must contain this.
 * @structs:    node names below "/structs".
 * @optional:   bit n: struct n may be missing; its size is 0 then, and its
 *              fields are absent.
 * @fields:     fields.
 * @values:     numbers.
 * @caps:       capability names that the stub implements; a profile switches
 *              them on in the root's "capabilities" string list, and one that
 *              names a capability the stub does not know is refused.
 */
typedef struct FwLayoutSpec {
    const char *compatible;
    const char *const *structs;
    unsigned nr_structs;
    uint64_t optional;
    const FwFieldNeed *fields;
    unsigned nr_fields;
    const FwValueNeed *values;
    unsigned nr_values;
    const char *const *caps;
    unsigned nr_caps;
} FwLayoutSpec;

/**
 * struct FwLayout - a resolved profile
 * @name:        the root's "abi" string, for messages.
 * @struct_size: bytes, by struct index.
 * @field:       by field index; width 0 for an absent optional field.
 * @value:       by value index.
 * @caps:        bit n: capability n is on.
 */
typedef struct FwLayout {
    char name[32];
    uint32_t struct_size[FW_LAYOUT_STRUCTS_MAX];
    FwField field[FW_LAYOUT_FIELDS_MAX];
    uint64_t value[FW_LAYOUT_VALUES_MAX];
    uint64_t caps;
} FwLayout;

/** struct FwError - a sentence for a person; empty if there was no error. */
typedef struct FwError {
    char text[512];
} FwError;

/**
 * fw_layout_load() - resolve a profile
 * @layout: result; valid only if the function returns true.
 * @spec:   what the stub needs.
 * @dtb:    flattened device tree, not trusted.
 * @size:   bytes available at @dtb.
 * @file:   name for messages.
 * @err:    set if the function returns false.
 */
bool fw_layout_load(FwLayout *layout, const FwLayoutSpec *spec,
                    const void *dtb, size_t size, const char *file,
                    FwError *err);

/** fw_has_field() - is an optional field present? */
static inline bool fw_has_field(const FwLayout *l, unsigned field)
{
    return l->field[field].width != 0;
}

/** fw_has_cap() - is a capability on? */
static inline bool fw_has_cap(const FwLayout *l, unsigned cap)
{
    return l->caps >> cap & 1;
}

/** fw_field_mask() - mask of a field in its unshifted word. */
uint64_t fw_field_mask(const FwField *f);

/**
 * fw_get() - extract a field from a copy of its struct
 * @f:   field; an absent one reads as 0.
 * @buf: at least the struct's size of bytes, little endian.
 */
uint64_t fw_get(const FwField *f, const void *buf);

/** fw_get_at() - fw_get() of array element @i; 0 past the end. */
uint64_t fw_get_at(const FwField *f, unsigned i, const void *buf);

/** fw_put() - insert a field into a copy of its struct; absent: nothing. */
void fw_put(const FwField *f, void *buf, uint64_t value);

/** fw_put_at() - fw_put() of array element @i; past the end: nothing. */
void fw_put_at(const FwField *f, unsigned i, void *buf, uint64_t value);

#endif /* FW_LAYOUT_H */
