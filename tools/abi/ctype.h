/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types of C (and of Rust, as far as DWARF tells), whatever they were read
 * from.
 *
 * A reader (BTF, DWARF) fills a CtDb with what its caller asked for by name,
 * and with all that those types hold by value.  Pointers are leaves.
 */
#ifndef TOOLS_ABI_CTYPE_H
#define TOOLS_ABI_CTYPE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "fw/layout.h"

typedef enum CtKind {
    CT_OPAQUE,              /* no size known: void, a function, a declaration */
    CT_SCALAR,              /* integer, boolean, floating point, pointer */
    CT_ENUM,
    CT_STRUCT,
    CT_UNION,
    CT_ARRAY,
    CT_ALIAS,               /* typedef, const: stands for CtType.target */
} CtKind;

typedef struct CtType CtType;

/**
 * struct CtMember - a member of a struct or union
 * @name:    "" if it has none.
 * @type:    its type.
 * @bit:     offset from the start of the aggregate, bits.
 * @bits:    width of a bit-field; 0 for any other member.
 * @has_tag: the member is an arm, and the debug information says for which
 *           value of the selector (Rust).
 * @tag:     that value.
 */
typedef struct CtMember {
    const char *name;
    CtType *type;
    uint64_t bit;
    uint32_t bits;
    bool has_tag;
    uint64_t tag;
} CtMember;

/** struct CtValue - an enumerator. */
typedef struct CtValue {
    const char *name;
    uint64_t value;
} CtValue;

/**
 * struct CtType - a type
 * @kind:     what it is.
 * @name:     its own name, or NULL.
 * @size:     bytes; 0 for CT_OPAQUE, and for CT_ARRAY and CT_ALIAS.
 * @target:   element of an array, target of an alias.
 * @count:    elements of an array; 0 for one that is open at its end.
 * @members:  CtMember, of a struct or union.
 * @values:   CtValue, of an enum.
 * @selector: of a union, the name of the sibling member that selects its arm
 *            if the debug information says so, or NULL.
 */
struct CtType {
    CtKind kind;
    const char *name;
    uint64_t size;
    CtType *target;
    uint64_t count;
    GArray *members;
    GArray *values;
    const char *selector;
};

/**
 * struct CtNamed - a struct, union or enum under a name that was asked for
 * @name: name of the type, or of a typedef that stands for it.
 * @type: the type.
 * @own:  it is the file's own, not its base's (BTF).
 */
typedef struct CtNamed {
    const char *name;
    CtType *type;
    bool own;
} CtNamed;

/**
 * struct CtDb - types that were read
 * @types:   owns every CtType.
 * @strings: owns every name.
 * @named:   CtNamed, in the order of the file.
 */
typedef struct CtDb {
    GPtrArray *types;
    GStringChunk *strings;
    GArray *named;
} CtDb;

/** CtWant - does the caller ask for this name? */
typedef bool (*CtWant)(void *opaque, const char *name);

CtDb *ct_new(void);
void ct_free(CtDb *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CtDb, ct_free)

/** ct_add() - a new type of the database. */
CtType *ct_add(CtDb *db, CtKind kind, const char *name, uint64_t size);

/** ct_string() - the database's copy of a string; "" for NULL. */
const char *ct_string(CtDb *db, const char *s);

/** ct_member() - append a member; returns it until the next one is added. */
CtMember *ct_member(CtDb *db, CtType *type, const char *name, CtType *mtype,
                    uint64_t bit, uint32_t bits);

void ct_value(CtDb *db, CtType *type, const char *name, uint64_t value);
void ct_name(CtDb *db, const char *name, CtType *type, bool own);

/**
 * ct_strip() - what a type is behind typedefs and qualifiers
 *
 * Never an alias and never NULL; a chain that does not end is opaque.
 */
const CtType *ct_strip(const CtType *t);

/**
 * ct_size() - bytes of a type; 0 if it has no size
 *
 * An array of arrays is multiplied out; a size that does not fit 32 bits is 0.
 */
uint64_t ct_size(const CtType *t);

/**
 * ct_equal() - are two aggregates of one shape and with the same names?
 *
 * Looks as far down as members by value go, to a fixed depth; what is deeper
 * counts as equal if its size is.  Types too large to compare are different.
 */
bool ct_equal(const CtType *a, const CtType *b);

#endif /* TOOLS_ABI_CTYPE_H */
