/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers that tell about the GPU. */
#include <string.h>

#include "internal.h"

#define NO_MASK 0

static void put_text(const FwField *f, uint8_t *buf, const char *text)
{
    for (unsigned i = 0; i < f->count; i++) {
        bool more = i + 1 < f->count && *text;

        fw_put_at(f, i, buf, more ? (uint8_t)*text : 0);
        text += more;
    }
}

static void put_region(Gsp *g, uint8_t *buf, unsigned i, uint64_t base,
                       uint64_t limit, bool usable)
{
    fw_put_at(GSP_FIELD(g, STATIC_REGION_BASE), i, buf, base);
    fw_put_at(GSP_FIELD(g, STATIC_REGION_LIMIT), i, buf, limit);
    fw_put_at(GSP_FIELD(g, STATIC_REGION_PERF), i, buf, usable ? 10 : 0);
    fw_put_at(GSP_FIELD(g, STATIC_REGION_COMP), i, buf, usable);
    fw_put_at(GSP_FIELD(g, STATIC_REGION_ISO), i, buf, usable);
    fw_put_at(GSP_FIELD(g, STATIC_REGION_PROT), i, buf, !usable);
}

/* Frame buffer below the firmware's is the host's (r535/gsp.c:
 * r535_gsp_get_static_info_fb(); nova-core commands.rs). */
void gsp_static_info(Gsp *g, uint8_t *out)
{
    uint8_t buf[FW_STRUCT_MAX] = { 0 };
    uint32_t gpcs = 0;

    put_region(g, buf, 0, 0, g->s.rsvd_start - 1, true);
    put_region(g, buf, 1, g->s.rsvd_start, g->gpu.fb_size - 1, false);
    GSP_PUT(g, STATIC_REGIONS, buf, 2);
    GSP_PUT(g, STATIC_FB_BYTES, buf, g->gpu.fb_size);
    put_text(GSP_FIELD(g, STATIC_NAME), buf, g->gpu.name);
    GSP_PUT(g, STATIC_BAR1_ROOT, buf, g->s.bar_pde[0]);
    GSP_PUT(g, STATIC_BAR2_ROOT, buf, g->s.bar_pde[1]);
    GSP_PUT(g, STATIC_CLIENT, buf, GSP_VALUE(g, HANDLE_CLIENT));
    GSP_PUT(g, STATIC_DEVICE, buf, GSP_VALUE(g, HANDLE_DEVICE));
    GSP_PUT(g, STATIC_SUBDEVICE, buf, GSP_VALUE(g, HANDLE_SUBDEVICE));
    GSP_PUT(g, STATIC_FREE_HEAP, buf, g->s.heap);
    GSP_PUT(g, STATIC_FRTS, buf, g->s.frts);
    for (unsigned i = 0; i < g->gpu.gpcs; i++) {
        if (fw_has_field(&g->layout, GSP_F_STATIC_TPC_MASK)) {
            fw_put_at(GSP_FIELD(g, STATIC_TPC_GPC), i, buf, i);
            fw_put_at(GSP_FIELD(g, STATIC_TPC_MASK), i, buf, g->gpu.tpcs[i]);
        }
        gpcs |= 1u << i;
    }
    GSP_PUT(g, STATIC_GPC_MASK, buf, gpcs);
    if (gsp_show(g, GSP_S_STATIC, buf, 0)) {
        memcpy(out, buf, GSP_SIZE(g, STATIC));
    }
}

static uint32_t number(const Gsp *g, unsigned first, const GspEngine *e)
{
    return g->layout.value[first + 3 * e->kind] + e->instance;
}

static void interrupts(Gsp *g, uint8_t *buf)
{
    unsigned n = 0;
    unsigned max = GSP_FIELD(g, INTR_ENGINE)->count;

    for (unsigned i = 0; i < g->gpu.nr_engines && n < max; i++) {
        const GspEngine *e = &g->gpu.engines[i];

        if (e->stall == GSP_NO_VECTOR && e->nonstall == GSP_NO_VECTOR) {
            continue;
        }
        fw_put_at(GSP_FIELD(g, INTR_ENGINE), n, buf,
                  number(g, GSP_V_MC_GR, e));
        fw_put_at(GSP_FIELD(g, INTR_MASK), n, buf, NO_MASK);
        fw_put_at(GSP_FIELD(g, INTR_STALL), n, buf, e->stall);
        fw_put_at(GSP_FIELD(g, INTR_NONSTALL), n, buf, e->nonstall);
        n++;
    }
    GSP_PUT(g, INTR_COUNT, buf, n);
}

static const char *const engine_names[GSP_ENGINE_KINDS] = {
#define E_(id, name) [GSP_ENGINE_##id] = name,
    GSP_ENGINES(E_)
#undef E_
};

/* ENG_DESC: the firmware's name of an engine; only compared. */
static uint32_t description(const GspEngine *e)
{
    return (e->kind + 1) << 8 | e->instance;
}

static void fifo_entry(Gsp *g, const GspEngine *e, unsigned index,
                       uint8_t *entry)
{
    const FwField *data = GSP_FIELD(g, FIFO_ENTRY_DATA);

    fw_put_at(data, GSP_VALUE(g, FIFO_DESC), entry, description(e));
    fw_put_at(data, GSP_VALUE(g, FIFO_TYPE), entry,
              number(g, GSP_V_RM_GR, e));
    fw_put_at(data, GSP_VALUE(g, FIFO_RUNLIST), entry, e->runlist);
    fw_put_at(data, GSP_VALUE(g, FIFO_INSTANCE), entry, e->instance);
    fw_put_at(data, GSP_VALUE(g, FIFO_BASE), entry, e->pri_base);
    fw_put_at(data, GSP_VALUE(g, FIFO_DRIVEN), entry, 1);
    fw_put_at(data, GSP_VALUE(g, FIFO_INDEX), entry, index);
    fw_put_at(GSP_FIELD(g, FIFO_ENTRY_PBDMA), 0, entry, e->runlist);
    fw_put_at(GSP_FIELD(g, FIFO_ENTRY_FAULT), 0, entry, e->runlist);
    GSP_PUT(g, FIFO_ENTRY_PBDMAS, entry, 1);
    put_text(GSP_FIELD(g, FIFO_ENTRY_NAME), entry, engine_names[e->kind]);
}

/* Engines on runlists, from number "base" on. */
static void fifo(Gsp *g, uint8_t *buf)
{
    const FwField *pbdmas = GSP_FIELD(g, FIFO_PBDMAS);
    uint32_t first = pbdmas->offset - GSP_FIELD(g, FIFO_ENTRY_PBDMAS)->offset;
    uint64_t base = GSP_GET(g, FIFO_BASE, buf);
    unsigned seen = 0, n = 0;
    bool more = false;

    for (unsigned i = 0; i < g->gpu.nr_engines; i++) {
        const GspEngine *e = &g->gpu.engines[i];
        unsigned index = 0;

        if (e->runlist == GSP_NO_RUNLIST || seen++ < base) {
            continue;
        }
        if (n == pbdmas->count) {
            more = true;
            break;
        }
        for (unsigned k = 0; k < i; k++) {
            index += g->gpu.engines[k].runlist == e->runlist;
        }
        fifo_entry(g, e, index, buf + first + n * pbdmas->stride);
        n++;
    }
    GSP_PUT(g, FIFO_COUNT, buf, n);
    GSP_PUT(g, FIFO_MORE, buf, more);
}

/* Engines that are falcons want memory for a context of each channel. */
static void falcons(Gsp *g, uint8_t *buf)
{
    unsigned n = 0;

    for (unsigned i = 0; i < g->gpu.nr_engines; i++) {
        const GspEngine *e = &g->gpu.engines[i];

        if (e->runlist == GSP_NO_RUNLIST || e->kind == GSP_ENGINE_GR ||
            e->kind == GSP_ENGINE_CE ||
            n >= GSP_FIELD(g, FALCONS_DESC)->count) {
            continue;
        }
        fw_put_at(GSP_FIELD(g, FALCONS_DESC), n, buf, description(e));
        fw_put_at(GSP_FIELD(g, FALCONS_BYTES), n, buf, GSP_PAGE);
        n++;
    }
    GSP_PUT(g, FALCONS_COUNT, buf, n);
}

static void contexts(Gsp *g, uint8_t *buf)
{
    static const unsigned buffers[] = {
#define B_(id, name) GSP_V_CTX_##id,
        GSP_CONTEXT_BUFFERS(B_)
#undef B_
    };

    for (unsigned i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
        uint64_t index = g->layout.value[buffers[i]];
        uint64_t bytes = g->layout.value[buffers[i] + 1];

        if (index < GSP_FIELD(g, GR_CTX_SET_BYTES)->count &&
            bytes != GSP_NONE) {
            fw_put_at(GSP_FIELD(g, GR_CTX_SET_BYTES), index, buf, bytes);
            fw_put_at(GSP_FIELD(g, GR_CTX_SET_ALIGN), index, buf, GSP_PAGE);
        }
    }
}

static void tpc(Gsp *g, uint8_t *buf)
{
    uint64_t i = GSP_GET(g, TPC_GPC, buf);

    GSP_PUT(g, TPC_MASK, buf, i < g->gpu.gpcs ? g->gpu.tpcs[i] : 0);
}

void gsp_info(Gsp *g, unsigned strct, uint8_t *buf)
{
    switch (strct) {
    case GSP_S_INTR:
        interrupts(g, buf);
        break;
    case GSP_S_FIFO:
        fifo(g, buf);
        break;
    case GSP_S_FALCONS:
        falcons(g, buf);
        break;
    case GSP_S_FAULT_SIZE:
        GSP_PUT(g, FAULT_SIZE_BYTES, buf, GSP_PAGE);
        break;
    case GSP_S_GR_CTX:
        contexts(g, buf);
        break;
    case GSP_S_GPC:
        GSP_PUT(g, GPC_MASK, buf,
                g->gpu.gpcs < 32 ? (1u << g->gpu.gpcs) - 1 : UINT32_MAX);
        break;
    case GSP_S_TPC:
        tpc(g, buf);
        break;
    case GSP_S_MEMSYS:
        GSP_PUT(g, MEMSYS_L2_BYTES, buf, 6 * 1024 * 1024);
        break;
    case GSP_S_GCX:
        /* All is saved before the power goes; there is no GC6. */
        GSP_PUT(g, GCX_OFF, buf, 1);
        break;
    case GSP_S_ZCULL:
        GSP_PUT(g, ZCULL_WIDTH, buf, 16);
        GSP_PUT(g, ZCULL_HEIGHT, buf, 16);
        GSP_PUT(g, ZCULL_REGIONS, buf, 1);
        break;
    case GSP_S_DISPLAY_INFO:
        GSP_PUT(g, DISPLAY_INFO_WINDOWS, buf, 0);
        GSP_PUT(g, DISPLAY_INFO_HEADS, buf, 0);
        break;
    case GSP_S_DISPLAY_HEADS:
        GSP_PUT(g, DISPLAY_HEADS_COUNT, buf, 0);
        break;
    case GSP_S_DISPLAY_MASK:
        GSP_PUT(g, DISPLAY_MASK_HEADS, buf, 0);
        break;
    case GSP_S_DISPLAY_OUTPUTS:
        GSP_PUT(g, DISPLAY_OUTPUTS_MASK, buf, 0);
        break;
    default:
        break;
    }
}
