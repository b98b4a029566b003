/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Controls of the resource manager.
 *
 * To add one: its number and struct in the profile and gsp-layout.h, a line
 * in the table here.  What only tells something is filled in by gsp_info().
 */
#include <string.h>

#include "internal.h"

/**
 * struct Control - one control
 * @cmd:    GSP_V_CTRL_*.
 * @strct:  its parameters; GSP_NR_STRUCTS: any.
 * @target: class kinds that it is for, a bit each.
 * @run:    carry it out; NULL: gsp_info() fills it in.
 */
typedef struct Control {
    unsigned cmd;
    unsigned strct;
    uint32_t target;
    uint32_t (*run)(Gsp *g, GspObject *o, uint8_t *params);
} Control;

static uint32_t set_space(Gsp *g, GspObject *o, bool present, uint64_t root)
{
    GspSpace *s = &g->s.space[o->slot];

    s->present = present;
    s->root = root;
    g->hw.gpu->space(g->hw.opaque, o->slot, present, root);
    return 0;
}

static GspObject *space_of(Gsp *g, const GspObject *o, uint32_t handle)
{
    GspObject *s = gsp_object(g, o->client, handle);

    return s && s->kind == GSP_CLASS_SPACE ? s : NULL;
}

/* The host's directory takes over; the first level is its root (vmm.c). */
static uint32_t copy_pdes(Gsp *g, GspObject *o, uint8_t *params)
{
    if (!GSP_GET(g, COPY_PDES_LEVELS, params) ||
        GSP_GET(g, COPY_PDES_LEVELS, params) >
        GSP_FIELD(g, COPY_PDES_ADDRESS)->count ||
        GSP_GET(g, COPY_PDES_PLACE, params) != GSP_VALUE(g, PLACE_PDES)) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    return set_space(g, o, true, GSP_GET(g, COPY_PDES_ADDRESS, params));
}

static uint32_t set_root(Gsp *g, GspObject *o, uint8_t *params)
{
    GspObject *s = space_of(g, o, GSP_GET(g, SET_ROOT_SPACE, params));

    if (!s) {
        return GSP_VALUE(g, STATUS_OBJECT);
    }
    if (GSP_GET(g, SET_ROOT_PLACE, params) != GSP_VALUE(g, PLACE_ROOT)) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    return set_space(g, s, true, GSP_GET(g, SET_ROOT_ADDRESS, params));
}

static uint32_t unset_root(Gsp *g, GspObject *o, uint8_t *params)
{
    GspObject *s = space_of(g, o, GSP_GET(g, UNSET_ROOT_SPACE, params));

    return s ? set_space(g, s, false, 0) : GSP_VALUE(g, STATUS_OBJECT);
}

static void set_channel(Gsp *g, GspChannel *c, GspChannelState state)
{
    c->state = state;
    g->hw.gpu->channel(g->hw.opaque, c);
}

static uint32_t bind_channel(Gsp *g, GspObject *o, uint8_t *params)
{
    GspChannel *c = &g->s.channel[o->slot];
    int engine = gsp_engine_of(g, GSP_GET(g, BIND_ENGINE, params));

    if (engine < 0 || g->gpu.engines[engine].runlist !=
        g->gpu.engines[c->engine].runlist) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    c->engine = engine;
    if (c->state == GSP_CHANNEL_NEW) {
        set_channel(g, c, GSP_CHANNEL_BOUND);
    }
    return 0;
}

static uint32_t schedule(Gsp *g, GspObject *o, uint8_t *params)
{
    GspChannel *c = &g->s.channel[o->slot];

    if (c->state == GSP_CHANNEL_NEW) {
        return GSP_VALUE(g, STATUS_CHANNEL);
    }
    set_channel(g, c, GSP_GET(g, SCHEDULE_ENABLE, params)
                      ? GSP_CHANNEL_SCHEDULED : GSP_CHANNEL_BOUND);
    return 0;
}

/* Buffers of a context; for a channel that exists. */
static uint32_t promote(Gsp *g, GspObject *o, uint8_t *params)
{
    GspObject *c = gsp_object(g, GSP_GET(g, PROMOTE_CLIENT, params),
                              GSP_GET(g, PROMOTE_CHANNEL, params));

    return c && gsp_is_channel(c->kind) ? 0 : GSP_VALUE(g, STATUS_OBJECT);
}

/* All channels stop, or go on (r570/fbsr.c: r570_fbsr_suspend_channels()). */
static uint32_t toggle(Gsp *g, GspObject *o, uint8_t *params)
{
    g->s.held = GSP_GET(g, TOGGLE_DISABLE, params) != 0;
    g->hw.gpu->hold(g->hw.opaque, g->s.held);
    return 0;
}

/*
 * Where the display finds what its channels are about (r535/disp.c:
 * r535_disp_oneinit()). Without heads nobody allocates one.
 */
static uint32_t display_memory(Gsp *g, GspObject *o, uint8_t *params)
{
    uint64_t at = GSP_GET(g, DISPLAY_MEMORY_ADDRESS, params);
    uint64_t bytes = GSP_GET(g, DISPLAY_MEMORY_BYTES, params);

    return GSP_GET(g, DISPLAY_MEMORY_PLACE, params) ==
           GSP_VALUE(g, PLACE_FB) && at <= g->gpu.fb_size &&
           bytes <= g->gpu.fb_size - at ? 0 : GSP_VALUE(g, STATUS_ARGUMENT);
}

/* Nothing is compressed, scrubbed or reported here; nothing to do. */
static uint32_t accept(Gsp *g, GspObject *o, uint8_t *params)
{
    return 0;
}

#define ON(kind) (1u << GSP_CLASS_##kind)

static const Control controls[] = {
    { GSP_V_CTRL_INTR, GSP_S_INTR, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_FIFO, GSP_S_FIFO, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_FALCONS, GSP_S_FALCONS, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_FAULT_SIZE, GSP_S_FAULT_SIZE, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_GR_CTX, GSP_S_GR_CTX, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_GPC, GSP_S_GPC, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_TPC, GSP_S_TPC, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_MEMSYS, GSP_S_MEMSYS, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_ZCULL, GSP_S_ZCULL, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_GCX, GSP_S_GCX, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_PROMOTE, GSP_S_PROMOTE, ON(SUBDEVICE), promote },
    { GSP_V_CTRL_COPY_PDES, GSP_S_COPY_PDES, ON(SPACE), copy_pdes },
    { GSP_V_CTRL_SET_ROOT, GSP_S_SET_ROOT, ON(DEVICE), set_root },
    { GSP_V_CTRL_UNSET_ROOT, GSP_S_UNSET_ROOT, ON(DEVICE), unset_root },
    { GSP_V_CTRL_BIND, GSP_S_BIND, GSP_CHANNEL_KINDS, bind_channel },
    { GSP_V_CTRL_SCHEDULE, GSP_S_SCHEDULE, GSP_CHANNEL_KINDS, schedule },
    { GSP_V_CTRL_FBSR, GSP_S_FBSR, ON(SUBDEVICE), gsp_save_init },
    { GSP_V_CTRL_FBSR_REGION, GSP_S_REGION, ON(SUBDEVICE), gsp_save_region },
    { GSP_V_CTRL_TOGGLE, GSP_S_TOGGLE, ON(SUBDEVICE), toggle },
    { GSP_V_CTRL_NOTIFY, GSP_NR_STRUCTS, ON(SUBDEVICE), accept },
    { GSP_V_CTRL_SCRUBBER, GSP_NR_STRUCTS, ON(SUBDEVICE), accept },
    { GSP_V_CTRL_COMPBIT, GSP_NR_STRUCTS, ON(DEVICE), accept },
    { GSP_V_CTRL_RAW_COMP, GSP_NR_STRUCTS, ON(SUBDEVICE), accept },
    { GSP_V_CTRL_DISPLAY_MEMORY, GSP_S_DISPLAY_MEMORY, ON(SUBDEVICE),
      display_memory },
    { GSP_V_CTRL_DISPLAY_INFO, GSP_S_DISPLAY_INFO, ON(SUBDEVICE), NULL },
    { GSP_V_CTRL_DISPLAY_LIGHT, GSP_NR_STRUCTS, ON(SUBDEVICE), accept },
    { GSP_V_CTRL_DISPLAY_MANUAL, GSP_NR_STRUCTS, ON(DISPLAY_COMMON), accept },
    { GSP_V_CTRL_DISPLAY_HEADS, GSP_S_DISPLAY_HEADS, ON(DISPLAY_COMMON),
      NULL },
    { GSP_V_CTRL_DISPLAY_MASK, GSP_S_DISPLAY_MASK, ON(DISPLAY_COMMON), NULL },
    { GSP_V_CTRL_DISPLAY_OUTPUTS, GSP_S_DISPLAY_OUTPUTS, ON(DISPLAY_COMMON),
      NULL },
};

static const Control *find(const Gsp *g, uint32_t cmd)
{
    for (unsigned i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        if (g->layout.value[controls[i].cmd] == cmd) {
            return &controls[i];
        }
    }
    return NULL;
}

static void tell(Gsp *g, unsigned strct, uint8_t *params)
{
    uint8_t buf[FW_STRUCT_MAX];
    uint32_t size = g->layout.struct_size[strct];

    memcpy(buf, params, size);
    gsp_info(g, strct, buf);
    if (gsp_show(g, strct, buf, 0)) {
        memcpy(params, buf, size);
    }
}

uint32_t gsp_control(Gsp *g, uint32_t client, uint32_t object, uint32_t cmd,
                     uint8_t *params, uint32_t len)
{
    const Control *c = find(g, cmd);
    GspObject *o = gsp_object(g, client, object);

    if (!gsp_object(g, client, client)) {
        return GSP_VALUE(g, STATUS_CLIENT);
    }
    if (!o) {
        return GSP_VALUE(g, STATUS_NOT_FOUND);
    }
    if (!c || !(c->target >> o->kind & 1) ||
        (c->cmd >= GSP_V_CTRL_DISPLAY_MEMORY &&
         c->cmd <= GSP_V_CTRL_DISPLAY_OUTPUTS &&
         !g->gpu.classes[GSP_ROLE_DISPLAY])) {
        return GSP_VALUE(g, STATUS_UNSUPPORTED);
    }
    if (c->strct != GSP_NR_STRUCTS &&
        (!g->layout.struct_size[c->strct] ||
         len < g->layout.struct_size[c->strct])) {
        return GSP_VALUE(g, STATUS_PARAMS);
    }
    if (c->run) {
        return c->run(g, o, params);
    }
    tell(g, c->strct, params);
    return 0;
}
