/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moments in the life of a GPU at which it is saved: each leaves it in the
 * middle of something.
 */
#ifndef MIGRATION_MOMENTS_H
#define MIGRATION_MOMENTS_H

#include "lib/group.h"

#define MOMENT_GROUPS 2

/**
 * struct World - a machine and what the driver knows of it
 * @b:      machine.
 * @g:      its first GPU.
 * @fw:     firmware, if loaded.
 * @booted: the firmware runs.
 * @grp:    groups.
 * @nr:     number of them.
 */
typedef struct World {
    Box *b;
    Gpu *g;
    Fw fw;
    bool booted;
    Group grp[MOMENT_GROUPS];
    unsigned nr;
} World;

/** struct Moment - one of them. */
typedef struct Moment {
    const char *name;
    void (*reach)(World *w);
} Moment;

extern const Moment moments[];
extern const unsigned nr_moments;

/** moment_by_name() - for a test that wants a certain one. */
const Moment *moment_by_name(const char *name);

/** world_new() - a machine at moment @m; free with world_free(). */
World *world_new(const Moment *m);
void world_free(World *w);

#endif /* MIGRATION_MOMENTS_H */
