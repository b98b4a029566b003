/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The resource manager's objects: a tree for each client, by handle.
 */
#include <string.h>

#include "internal.h"

#define ON(kind) (1u << GSP_CLASS_##kind)
/* Handles that the firmware chooses begin here. */
#define OWN_HANDLES 0xcaf00000u

/**
 * struct Kind - what a class of objects is
 * @value:   GSP_V_CLASS_*.
 * @parents: kinds that its parent may be, a bit each.
 * @params:  struct that its parameters hold, GSP_NR_STRUCTS: any.
 * @engine:  kind of the channel's engine, GSP_ENGINE_KINDS: does not matter.
 * @role:    which of the chip's classes it has to be.
 */
typedef struct Kind {
    unsigned value;
    uint32_t parents;
    unsigned params;
    GspEngineKind engine;
    GspRole role;
} Kind;

#define KIND(id, parents_, params_) \
    [GSP_CLASS_##id] = { \
        GSP_V_CLASS_##id, parents_, params_, ANY, GSP_ROLE_ALL, \
    }
#define CHIP(id, parents_, params_, engine_, role_) \
    [GSP_CLASS_##id] = { \
        GSP_V_CLASS_##id, parents_, params_, engine_, GSP_ROLE_##role_, \
    }
#define GRAPHICS(id, role_) \
    CHIP(id, GSP_CHANNEL_KINDS, NO_PARAMS, GSP_ENGINE_GR, role_)
#define NO_PARAMS GSP_NR_STRUCTS
#define ANY GSP_ENGINE_KINDS

static const Kind kinds[GSP_NR_CLASSES] = {
    KIND(ROOT, 0, GSP_S_CLIENT),
    KIND(DEVICE, ON(ROOT), GSP_S_DEVICE),
    KIND(SUBDEVICE, ON(DEVICE), GSP_S_SUBDEVICE),
    KIND(SPACE, ON(DEVICE), GSP_S_SPACE),
    KIND(EVENT, ~0u, NO_PARAMS),
    KIND(MEMORY_SYSTEM, ON(DEVICE), NO_PARAMS),
    KIND(MEMORY_FB, ON(DEVICE), NO_PARAMS),
    CHIP(CHANNEL_TURING, ON(DEVICE), GSP_S_CHANNEL, ANY, CHANNEL),
    CHIP(CHANNEL_AMPERE, ON(DEVICE), GSP_S_CHANNEL, ANY, CHANNEL),
    CHIP(CHANNEL_BLACKWELL, ON(DEVICE), GSP_S_CHANNEL, ANY, CHANNEL),
    CHIP(COPY_TURING, GSP_CHANNEL_KINDS, GSP_S_COPY, ANY, COPY),
    CHIP(COPY_AMPERE, GSP_CHANNEL_KINDS, GSP_S_COPY, ANY, COPY),
    CHIP(COPY_BLACKWELL, GSP_CHANNEL_KINDS, GSP_S_COPY, ANY, COPY),
    GRAPHICS(THREED_TURING, THREED),
    GRAPHICS(THREED_AMPERE, THREED),
    GRAPHICS(THREED_ADA, THREED),
    GRAPHICS(THREED_BLACKWELL, THREED),
    GRAPHICS(COMPUTE_TURING, COMPUTE),
    GRAPHICS(COMPUTE_AMPERE, COMPUTE),
    GRAPHICS(COMPUTE_ADA, COMPUTE),
    GRAPHICS(COMPUTE_BLACKWELL, COMPUTE),
    GRAPHICS(TWOD, ALL),
    GRAPHICS(INLINE, INLINE),
    GRAPHICS(INLINE_BLACKWELL, INLINE),
    CHIP(DISPLAY_COMMON, ON(DEVICE), NO_PARAMS, ANY, DISPLAY_COMMON),
    CHIP(DISPLAY_BLACKWELL, ON(DEVICE), NO_PARAMS, ANY, DISPLAY),
};

static bool is_memory(unsigned kind)
{
    return (ON(MEMORY_SYSTEM) | ON(MEMORY_FB)) >> kind & 1;
}

GspObject *gsp_object(Gsp *g, uint32_t client, uint32_t handle)
{
    for (unsigned i = 0; client && i < GSP_OBJECTS_MAX; i++) {
        GspObject *o = &g->s.object[i];

        if (o->client == client && o->handle == handle) {
            return o;
        }
    }
    return NULL;
}

static GspObject *free_slot(Gsp *g)
{
    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        if (!g->s.object[i].client) {
            return &g->s.object[i];
        }
    }
    return NULL;
}

/*
 * A handle of 0 asks for any: nouveau has such an object on each graphics
 * channel of a Turing, and never names it again (nouveau_abi16.c: "abi16CeWar").
 */
static uint32_t own_handle(Gsp *g, uint32_t client, const GspObject *slot)
{
    uint32_t handle = OWN_HANDLES + (slot - g->s.object);

    while (gsp_object(g, client, handle)) {
        handle++;
    }
    return handle;
}

static void add(Gsp *g, GspObject *slot, uint32_t client, GspObject *parent,
                uint32_t handle, unsigned kind, uint32_t index)
{
    slot->client = client;
    slot->handle = handle;
    slot->parent = parent->handle;
    slot->up = parent - g->s.object;
    slot->kind = kind;
    slot->class = g->layout.value[kinds[kind].value];
    slot->slot = index;
}

void gsp_objects_reset(Gsp *g)
{
    uint32_t client = GSP_VALUE(g, HANDLE_CLIENT);
    GspObject *o = g->s.object;

    memset(g->s.object, 0, sizeof(g->s.object));
    memset(g->s.space, 0, sizeof(g->s.space));
    memset(g->s.channel, 0, sizeof(g->s.channel));
    memset(g->s.memory, 0, sizeof(g->s.memory));
    o[0].handle = client;
    add(g, &o[0], client, &o[0], client, GSP_CLASS_ROOT, 0);
    add(g, &o[1], client, &o[0], GSP_VALUE(g, HANDLE_DEVICE),
        GSP_CLASS_DEVICE, 0);
    add(g, &o[2], client, &o[1], GSP_VALUE(g, HANDLE_SUBDEVICE),
        GSP_CLASS_SUBDEVICE, 0);
}

int gsp_engine_of(const Gsp *g, uint32_t type)
{
    for (unsigned i = 0; i < g->gpu.nr_engines; i++) {
        const GspEngine *e = &g->gpu.engines[i];

        if (e->runlist != GSP_NO_RUNLIST &&
            g->layout.value[GSP_V_2080_GR + 3 * e->kind] + e->instance ==
            type) {
            return i;
        }
    }
    return -1;
}

static uint32_t new_space(Gsp *g, uint32_t *index)
{
    for (unsigned i = 0; i < GSP_SPACES_MAX; i++) {
        if (!g->s.space[i].used) {
            g->s.space[i] = (GspSpace) { .used = 1 };
            *index = i;
            return 0;
        }
    }
    return GSP_VALUE(g, STATUS_RESOURCES);
}

static uint32_t new_memory(Gsp *g, uint32_t *index)
{
    for (unsigned i = 0; i < GSP_MEMORIES_MAX; i++) {
        if (!g->s.memory[i].used) {
            g->s.memory[i] = (GspMemory) { .used = 1 };
            *index = i;
            return 0;
        }
    }
    return GSP_VALUE(g, STATUS_RESOURCES);
}

/* Which channel number it is stands in where its USERD is (fifo.c:
 * r535_chan_alloc(), NVOS04_FLAGS_CHANNEL_USERD_INDEX_*). */
static uint32_t new_channel(Gsp *g, uint32_t client, uint32_t handle,
                            const uint8_t *p, uint32_t *index)
{
    uint32_t chid = GSP_GET(g, CHANNEL_USERD_PAGE, p) <<
                    GSP_FIELD(g, CHANNEL_USERD_INDEX)->width |
                    GSP_GET(g, CHANNEL_USERD_INDEX, p);
    GspObject *space = gsp_object(g, client, GSP_GET(g, CHANNEL_SPACE, p));
    int engine = gsp_engine_of(g, GSP_GET(g, CHANNEL_ENGINE, p));
    GspChannel *c;

    if (chid >= GSP_CHANNELS_MAX) {
        return GSP_VALUE(g, STATUS_RESOURCES);
    }
    c = &g->s.channel[chid];
    if (c->state != GSP_CHANNEL_FREE) {
        return GSP_VALUE(g, STATUS_CHANNEL);
    }
    if (!space || space->kind != GSP_CLASS_SPACE) {
        return GSP_VALUE(g, STATUS_OBJECT);
    }
    if (engine < 0 || !GSP_GET(g, CHANNEL_ENTRIES, p) ||
        GSP_GET(g, CHANNEL_INST_PLACE, p) != GSP_VALUE(g, PLACE_FB) ||
        GSP_GET(g, CHANNEL_USERD_PLACE, p) != GSP_VALUE(g, PLACE_FB)) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    *c = (GspChannel) {
        .chid = chid,
        .engine = engine,
        .state = GSP_CHANNEL_NEW,
        .inst = GSP_GET(g, CHANNEL_INST, p),
        .userd = GSP_GET(g, CHANNEL_USERD, p),
        .gpfifo = GSP_GET(g, CHANNEL_GPFIFO, p),
        .entries = GSP_GET(g, CHANNEL_ENTRIES, p),
        .space = space->slot,
        .client = client,
        .handle = handle,
    };
    g->hw.gpu->channel(g->hw.opaque, c);
    *index = chid;
    return 0;
}

static unsigned kind_of(const Gsp *g, uint32_t class)
{
    unsigned kind;

    for (kind = 0; kind < GSP_NR_CLASSES; kind++) {
        if (g->layout.value[kinds[kind].value] == class) {
            break;
        }
    }
    return kind;
}

static uint32_t check(Gsp *g, unsigned kind, const GspObject *parent,
                      uint32_t len)
{
    const Kind *k = &kinds[kind];
    GspEngineKind engine;

    if (k->role != GSP_ROLE_ALL &&
        g->layout.value[k->value] != g->gpu.classes[k->role]) {
        return GSP_VALUE(g, STATUS_CLASS);
    }
    if (k->params != NO_PARAMS && len < g->layout.struct_size[k->params]) {
        return GSP_VALUE(g, STATUS_PARAMS);
    }
    if (kind == GSP_CLASS_ROOT) {
        return 0;
    }
    if (!(k->parents >> parent->kind & 1)) {
        return GSP_VALUE(g, STATUS_PARENT);
    }
    if (k->engine != ANY) {
        engine = g->gpu.engines[g->s.channel[parent->slot].engine].kind;
        if (engine != k->engine) {
            return GSP_VALUE(g, STATUS_CLASS);
        }
    }
    return 0;
}

uint32_t gsp_object_alloc(Gsp *g, uint32_t client, uint32_t parent,
                          uint32_t *name, uint32_t class,
                          const uint8_t *params, uint32_t len)
{
    uint32_t handle = *name;
    unsigned kind = kind_of(g, class);
    bool root = kind == GSP_CLASS_ROOT;
    GspObject *slot = free_slot(g);
    GspObject *up = root ? slot : gsp_object(g, client, parent);
    uint32_t index = 0;
    uint32_t status;

    if (kind == GSP_NR_CLASSES) {
        return GSP_VALUE(g, STATUS_CLASS);
    }
    if (!client || (!root && !gsp_object(g, client, client)) ||
        (root && handle != client)) {
        return GSP_VALUE(g, STATUS_CLIENT);
    }
    if (handle && gsp_object(g, client, handle)) {
        return GSP_VALUE(g, STATUS_IN_USE);
    }
    if (!slot) {
        return GSP_VALUE(g, STATUS_RESOURCES);
    }
    if (!handle) {
        handle = own_handle(g, client, slot);
    }
    if (!up) {
        return GSP_VALUE(g, STATUS_PARENT);
    }
    status = check(g, kind, up, len);
    if (!status && kind == GSP_CLASS_SPACE) {
        status = new_space(g, &index);
    } else if (!status && is_memory(kind)) {
        status = new_memory(g, &index);
    } else if (!status && gsp_is_channel(kind)) {
        status = new_channel(g, client, handle, params, &index);
    }
    if (!status) {
        if (root) {
            slot->handle = handle;
        }
        add(g, slot, client, up, handle, kind, index);
        *name = handle;
    }
    return status;
}

static void drop(Gsp *g, GspObject *o)
{
    if (o->kind == GSP_CLASS_SPACE) {
        if (g->s.space[o->slot].present) {
            g->hw.gpu->space(g->hw.opaque, o->slot, false, 0);
        }
        g->s.space[o->slot] = (GspSpace) { 0 };
    } else if (is_memory(o->kind)) {
        g->s.memory[o->slot] = (GspMemory) { 0 };
    } else if (gsp_is_channel(o->kind)) {
        GspChannel *c = &g->s.channel[o->slot];

        c->state = GSP_CHANNEL_FREE;
        g->hw.gpu->channel(g->hw.opaque, c);
        *c = (GspChannel) { 0 };
    }
    *o = (GspObject) { 0 };
}

/* With all that is below it, the youngest generation last marked. */
uint32_t gsp_object_free(Gsp *g, uint32_t client, uint32_t handle)
{
    bool marked[GSP_OBJECTS_MAX] = { false };
    GspObject *top = gsp_object(g, client, handle);
    bool again = true;

    if (!gsp_object(g, client, client)) {
        return GSP_VALUE(g, STATUS_CLIENT);
    }
    if (!top) {
        return GSP_VALUE(g, STATUS_NOT_FOUND);
    }
    if (client == GSP_VALUE(g, HANDLE_CLIENT) &&
        top->kind <= GSP_CLASS_SUBDEVICE) {
        return GSP_VALUE(g, STATUS_ARGUMENT);   /* the firmware's own */
    }
    marked[top - g->s.object] = true;
    while (again) {
        again = false;
        for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
            if (g->s.object[i].client && !marked[i] &&
                marked[g->s.object[i].up]) {
                marked[i] = true;
                again = true;
            }
        }
    }
    /* Channels before the spaces that they use. */
    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        if (marked[i] && gsp_is_channel(g->s.object[i].kind)) {
            drop(g, &g->s.object[i]);
            marked[i] = false;
        }
    }
    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        if (marked[i]) {
            drop(g, &g->s.object[i]);
        }
    }
    return 0;
}
