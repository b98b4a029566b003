/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the names of a profile relate to those of a driver.
 *
 * A map is text, one entry a line, and holds no offset:
 *
 *   compatible gpumbox,csf-abi          the profiles that it is for
 *   module panthor                      the driver
 *   struct NODE NAME                    a struct, and the driver's
 *     PROPERTY MEMBER [EXPRESSION]      a field; the mask of its bits
 *   struct-or-none NODE NAME            one that a driver may do without
 *   bits NODE NAME MEMBER               a struct of one word, the driver's
 *     PROPERTY EXPRESSION               the mask of a field in it
 *   numbers NODE
 *     PROPERTY EXPRESSION
 *
 * Lines of a block are indented; '#' begins a comment.  A member of a nested
 * struct is written a.b; a|b is one or the other, as the driver finds out by
 * itself when it meets the firmware.  NAME|NAME are structs of several
 * firmwares: a profile means the one that is as long as its own.  An expression is one of C, in terms of the driver's
 * headers; get(MACRO) and put(MACRO) are the bits that a macro takes out of a
 * word or puts into one.
 */
#ifndef TOOLS_ABI_MAP_H
#define TOOLS_ABI_MAP_H

#include "ctype.h"
#include "profile.h"

/** struct MapField - a property; @member NULL: of the block's own. */
typedef struct MapField {
    char *name;
    char *member;
    char *bits;
} MapField;

/**
 * struct MapStruct - a block of fields
 * @node:   the profile's struct.
 * @source: the driver's, as the map writes it.
 * @sources: the same, taken apart; each as select_one() takes it.
 * @optional: a driver may do without it.
 * @word:   member that all fields are bits of, or NULL.
 * @fields: MapField *.
 */
typedef struct MapStruct {
    char *node;
    char *source;
    char **sources;
    bool optional;
    char *word;
    GPtrArray *fields;
} MapStruct;

typedef struct MapNumber {
    char *node;
    char *name;
    char *value;
} MapNumber;

typedef struct AbiMap {
    char *compatible;
    char *module;
    GPtrArray *structs;     /* MapStruct * */
    GPtrArray *numbers;     /* MapNumber * */
} AbiMap;

/**
 * map_parse() - read a map
 * @text: bytes, not trusted.
 * Returns NULL with @err set; the sentence names the line.
 */
AbiMap *map_parse(const char *text, size_t size, const char *file,
                  FwError *err);
AbiMap *map_load(const char *path, FwError *err);
void map_free(AbiMap *map);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AbiMap, map_free)

/** map_expressions() - all that the map wants evaluated, each once. */
GPtrArray *map_expressions(const AbiMap *map);

/** map_patterns() - the driver's structs, NULL terminated; g_free() it. */
const char **map_patterns(const AbiMap *map);

const MapStruct *map_struct(const AbiMap *map, const char *node);
const MapField *map_field(const MapStruct *s, const char *name);
const MapNumber *map_number(const AbiMap *map, const char *node,
                            const char *name);

/* What a driver believes about a field. */
typedef enum BeliefKind {
    BELIEF_PLACE,           /* it knows the place, bits included */
    BELIEF_WORD,            /* the word's place; its bits are not known to us */
    BELIEF_NONE,            /* the driver has no such struct, member or bits */
    BELIEF_HIDDEN,          /* bits, and nothing here tells about bits */
} BeliefKind;

/** BELIEF_PLACES_MAX - most members that a map may give for one field. */
#define BELIEF_PLACES_MAX 4

/**
 * struct Belief - what a driver believes about one field
 * @place: where it has it; of several places the first.
 * @more:  the others, @nr_more of them.
 */
typedef struct Belief {
    const MapField *field;
    BeliefKind kind;
    FwField place;
    FwField more[BELIEF_PLACES_MAX];
    unsigned nr_more;
} Belief;

/** struct Beliefs - about one struct; @known is off if it has none such. */
typedef struct Beliefs {
    const MapStruct *strct;
    bool known;
    uint32_t size;
    GArray *fields;         /* Belief */
} Beliefs;

/**
 * struct MapPick - which of several structs are meant
 * @like:    as long as in this profile, or NULL.
 * @variant: else the n-th that the map gives, from 1.
 */
typedef struct MapPick {
    const AbiProfile *like;
    unsigned variant;
} MapPick;

/**
 * map_believe() - a driver's layout under the profile's names
 * @pick:   see MapPick.
 * @db:     the driver's types.
 * @values: expression -> uint64_t *, or NULL if there are no headers;
 *          expressions that are missing from it do not exist in the driver.
 * Returns Beliefs *, or NULL with @err set.
 */
GPtrArray *map_believe(const AbiMap *map, const MapPick *pick, CtDb *db,
                       GHashTable *values, const char *file, FwError *err);

#endif /* TOOLS_ABI_MAP_H */
