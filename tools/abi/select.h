/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which types are meant: patterns like "panthor_fw_*_iface", and for structs
 * that share a name "NAME@SIZE" (bytes) or "NAME#N" (the n-th of the file).
 */
#ifndef TOOLS_ABI_SELECT_H
#define TOOLS_ABI_SELECT_H

#include "ctype.h"

/**
 * struct Pick - a type that was selected
 * @named: it.
 * @node:  a name for its node, which no other pick has.
 */
typedef struct Pick {
    const CtNamed *named;
    char *node;
} Pick;

/**
 * struct Selection - patterns
 * @patterns: NULL terminated.
 *
 * select_wants() is a CtWant; its opaque is a Selection.
 */
typedef struct Selection {
    const char *const *patterns;
} Selection;

bool select_wants(void *opaque, const char *name);

/** select_check() - are the patterns well formed? */
bool select_check(const char *const *patterns, FwError *err);

/**
 * select_types() - the types of a database that patterns name
 * @patterns: NULL terminated, checked.
 * @enums:    enums are meant, not structs and unions.
 * @what:     for messages: "struct".
 *
 * A pattern that several types of the file and of its base match means those
 * of the file.  Returns Pick *, by name, or NULL with @err set if a pattern
 * matches nothing.
 */
GPtrArray *select_types(CtDb *db, const char *const *patterns, bool enums,
                        const char *what, const char *file, FwError *err);

/**
 * select_by_node() - structs of a database that profiles may name
 * @nodes: node names, as select_types() would give them to the structs.
 *
 * For each node the struct whose name it is; of several with that name the one
 * of the given size, or the first.  The result has NULL for a node without a
 * struct.
 */
typedef struct NodeName {
    const char *name;
    uint32_t size;
} NodeName;

GPtrArray *select_by_node(CtDb *db, const NodeName *nodes, unsigned n);

/** select_node_wants() - could a type of this name be in such a node? */
bool select_node_wants(const char *node, const char *name);

/**
 * select_one() - the one struct that a pattern names
 * Returns NULL with @err empty if there is none, and set if there are several.
 */
const CtType *select_one(CtDb *db, const char *pattern, const char *file,
                         FwError *err);

#endif /* TOOLS_ABI_SELECT_H */
