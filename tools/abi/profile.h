/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout part of an ABI profile as tools handle it: read from a blob,
 * printed as source.  The schema is in docs/abi-profiles.md, what tools add to
 * it (unions, tails) in docs/abi-tools.md.
 */
#ifndef TOOLS_ABI_PROFILE_H
#define TOOLS_ABI_PROFILE_H

#include <glib.h>

#include "fw/layout.h"

/**
 * struct AbiField - a field
 * @name:  property name.
 * @place: where; width 0 is a field whose place is not known.
 * @note:  comment for the reader, or NULL.
 */
typedef struct AbiField {
    char *name;
    FwField place;
    char *note;
} AbiField;

/** struct AbiArm - an arm of a union, and the selector's value for it. */
typedef struct AbiArm {
    char *name;
    bool has_value;
    uint64_t value;
} AbiArm;

/**
 * struct AbiUnion - fields that share their place
 * @name:     path of the union in its struct; its arms' fields begin with it.
 * @selector: field whose value says which arm is in use, or NULL.
 * @arms:     AbiArm *.
 */
typedef struct AbiUnion {
    char *name;
    char *selector;
    GPtrArray *arms;
} AbiUnion;

/**
 * struct AbiTail - elements that follow a struct
 * @name:   path of the member.
 * @offset: bytes from the start of the struct to the first element.
 * @size:   bytes of an element.
 * @length: field that gives the number of elements, or NULL.
 * @fields: AbiField *, from the start of an element.
 */
typedef struct AbiTail {
    char *name;
    uint32_t offset;
    uint32_t size;
    char *length;
    GPtrArray *fields;
} AbiTail;

/**
 * struct AbiStruct - a struct
 * @name:   node name.
 * @source: what it was read from, for a comment, or NULL.
 * @size:   bytes.
 * @fields: AbiField *, in the order of the source.
 * @unions: AbiUnion *.
 * @tails:  AbiTail *.
 */
typedef struct AbiStruct {
    char *name;
    char *source;
    uint32_t size;
    GPtrArray *fields;
    GPtrArray *unions;
    GPtrArray *tails;
} AbiStruct;

/** struct AbiNumber - a number of the profile, "node/property". */
typedef struct AbiNumber {
    char *node;
    char *name;
    uint64_t value;
} AbiNumber;

/**
 * struct AbiProfile - a profile, or a part of one
 * @abi:        its name, or NULL.
 * @compatible: of the root, or NULL.
 * @structs:    AbiStruct *.
 * @numbers:    AbiNumber *, those of one node together.
 */
typedef struct AbiProfile {
    char *abi;
    char *compatible;
    GPtrArray *structs;
    GPtrArray *numbers;
} AbiProfile;

AbiProfile *abi_profile_new(void);
void abi_profile_free(AbiProfile *p);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AbiProfile, abi_profile_free)

AbiStruct *abi_struct_new(const char *name, uint32_t size);
void abi_struct_free(AbiStruct *s);
AbiField *abi_field_new(const char *name, const FwField *place);
AbiUnion *abi_union_new(const char *name);
AbiTail *abi_tail_new(const char *name, uint32_t offset, uint32_t size);
void abi_profile_number(AbiProfile *p, const char *node, const char *name,
                        uint64_t value);

AbiStruct *abi_find_struct(const AbiProfile *p, const char *name);
AbiField *abi_find_field(const AbiStruct *s, const char *name);
const AbiNumber *abi_find_number(const AbiProfile *p, const char *node,
                                 const char *name);

/**
 * abi_property_name() - what a name of C is called in a profile
 *
 * '_' becomes '-', as does what device-tree source cannot hold, and is dropped
 * in front; a name that means something else there gets a '_' behind it.
 * g_free() it.
 */
char *abi_property_name(const char *name);

/**
 * abi_profile_read() - a profile out of a blob
 * @dtb:  bytes, not trusted.
 * @file: name for messages.
 *
 * Any profile whose structs follow the schema; that a stub can work with it
 * is for fw_layout_load() to say.  Returns NULL with @err set.
 */
AbiProfile *abi_profile_read(const void *dtb, size_t size, const char *file,
                             FwError *err);

/** struct AbiPrint - how a profile is printed. */
typedef struct AbiPrint {
    const char *base;       /* stock profile to include, or NULL */
    const char *comment;    /* where it comes from, one or more lines */
} AbiPrint;

/** abi_profile_print() - as device-tree source. */
void abi_profile_print(GString *out, const AbiProfile *p, const AbiPrint *how);

#endif /* TOOLS_ABI_PROFILE_H */
