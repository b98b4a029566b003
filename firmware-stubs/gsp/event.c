/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the firmware says unasked.  An event that finds the status queue full
 * waits; what it says is made when it is posted.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

const char *const gsp_event_names[GSP_NR_EVENTS + 1] = {
    [GSP_EVENT_INIT_DONE] = "init-done",
    [GSP_EVENT_SEQUENCER] = "sequencer",
    [GSP_EVENT_POST] = "post-event",
    [GSP_EVENT_RC] = "rc-triggered",
    [GSP_EVENT_MMU_FAULT] = "mmu-fault-queued",
    [GSP_EVENT_OS_ERROR] = "os-error",
    [GSP_EVENT_LIBOS_PRINT] = "libos-print",
    [GSP_EVENT_NOCAT] = "nocat-record",
    [GSP_EVENT_LOCKDOWN] = "lockdown-notice",
};

/* Function number and struct of each. */
static const struct {
    unsigned value;
    unsigned strct;
} forms[GSP_NR_EVENTS] = {
    [GSP_EVENT_INIT_DONE] = { GSP_V_EVENT_INIT_DONE, GSP_NR_STRUCTS },
    [GSP_EVENT_SEQUENCER] = { GSP_V_EVENT_SEQUENCER, GSP_S_SEQUENCER },
    [GSP_EVENT_POST] = { GSP_V_EVENT_POST, GSP_S_POST },
    [GSP_EVENT_RC] = { GSP_V_EVENT_RC, GSP_S_RC },
    [GSP_EVENT_MMU_FAULT] = { GSP_V_EVENT_MMU_FAULT, GSP_NR_STRUCTS },
    [GSP_EVENT_OS_ERROR] = { GSP_V_EVENT_OS_ERROR, GSP_S_OS_ERROR },
    [GSP_EVENT_LIBOS_PRINT] = { GSP_V_EVENT_LIBOS_PRINT, GSP_NR_STRUCTS },
    [GSP_EVENT_NOCAT] = { GSP_V_EVENT_NOCAT, GSP_NR_STRUCTS },
    [GSP_EVENT_LOCKDOWN] = { GSP_V_EVENT_LOCKDOWN, GSP_NR_STRUCTS },
};

void gsp_event(Gsp *g, GspEvent event, uint64_t a, uint64_t b)
{
    if (g->layout.value[forms[event].value] == GSP_NONE) {
        return;
    }
    if (g->s.nr_pending == GSP_PENDING_MAX) {
        gsp_fault(g, GSP_FAULT_OVERFLOW, event);
        return;
    }
    g->s.pending[g->s.nr_pending++] = (GspPending) {
        .event = event, .a = a, .b = b,
    };
}

static uint32_t engine_of(const Gsp *g, uint64_t chid)
{
    const GspEngine *e;

    if (chid >= GSP_CHANNELS_MAX ||
        g->s.channel[chid].state == GSP_CHANNEL_FREE) {
        return 0;
    }
    e = &g->gpu.engines[g->s.channel[chid].engine];
    return g->layout.value[GSP_V_2080_GR + 3 * e->kind] + e->instance;
}

static void put_text(const FwField *f, uint8_t *buf, const char *text)
{
    for (unsigned i = 0; i + 1 < f->count && text[i]; i++) {
        fw_put_at(f, i, buf, (uint8_t)text[i]);
    }
}

static void fill(Gsp *g, const GspPending *p, uint8_t *buf)
{
    char text[64];

    switch (p->event) {
    case GSP_EVENT_RC:
        GSP_PUT(g, RC_CHID, buf, p->a);
        GSP_PUT(g, RC_TYPE, buf, p->b);
        GSP_PUT(g, RC_ENGINE, buf, engine_of(g, p->a));
        GSP_PUT(g, RC_ADDRESS_LO, buf, p->address & UINT32_MAX);
        GSP_PUT(g, RC_ADDRESS_HI, buf, p->address >> 32);
        GSP_PUT(g, RC_FAULT, buf, p->type);
        break;
    case GSP_EVENT_OS_ERROR:
        GSP_PUT(g, OS_ERROR_TYPE, buf, p->a);
        GSP_PUT(g, OS_ERROR_CHID, buf, p->b);
        snprintf(text, sizeof(text), "error %u of channel %u",
                 (unsigned)p->a, (unsigned)p->b);
        put_text(GSP_FIELD(g, OS_ERROR_TEXT), buf, text);
        break;
    case GSP_EVENT_POST:
        GSP_PUT(g, POST_CLIENT, buf, p->a >> 32);
        GSP_PUT(g, POST_EVENT, buf, p->a & UINT32_MAX);
        GSP_PUT(g, POST_INDEX, buf, p->b & UINT32_MAX);
        GSP_PUT(g, POST_DATA, buf, p->b >> 32);
        break;
    default:
        break;
    }
}

/* False: it has to stay. */
static bool post(Gsp *g, const GspPending *p, bool ask)
{
    unsigned strct = forms[p->event].strct;
    uint32_t size = strct == GSP_NR_STRUCTS ? 0
                                            : g->layout.struct_size[strct];
    uint8_t buf[FW_STRUCT_MAX] = { 0 };
    FwVerdict v = { .action = FW_PASS };

    if (!gsp_queue_fits(g, size)) {
        return false;
    }
    if (ask) {
        v = gsp_tap(g, FW_TAP_EVENT, gsp_event_names[p->event], p->a, p->b);
    }
    if (v.action == FW_DELAY || v.action == FW_HANG) {
        return false;
    }
    if (v.action == FW_DROP) {
        return true;
    }
    fill(g, p, buf);
    if (size && !gsp_show(g, strct, buf, p->a)) {
        return true;
    }
    memcpy(gsp_payload(g), buf, size);
    gsp_queue_post(g, g->layout.value[forms[p->event].value], 0, 0, size);
    if (v.action == FW_REPEAT) {
        post(g, p, false);
    }
    return true;
}

void gsp_events_flush(Gsp *g)
{
    unsigned n = 0;

    while (n < g->s.nr_pending && gsp_alive(g) &&
           post(g, &g->s.pending[n], true)) {
        n++;
    }
    g->s.nr_pending -= n;
    memmove(g->s.pending, g->s.pending + n,
            g->s.nr_pending * sizeof(g->s.pending[0]));
}

/* The fault buffer first, then the channel that it has cost. */
void gsp_channel_fault(Gsp *g, uint32_t chid, uint32_t code,
                       const GspMmuFault *mmu)
{
    uint32_t n;

    if (!gsp_alive(g)) {
        return;
    }
    if (mmu) {
        gsp_event(g, GSP_EVENT_MMU_FAULT, chid, code);
    }
    n = g->s.nr_pending;
    gsp_event(g, GSP_EVENT_RC, chid, code);
    if (mmu && n < g->s.nr_pending) {
        g->s.pending[n].address = mmu->address;
        g->s.pending[n].type = mmu->type;
    }
    gsp_queue_run(g);
}

void gsp_raise(Gsp *g, const char *name, uint64_t a, uint64_t b)
{
    for (unsigned i = 0; i < GSP_NR_EVENTS && gsp_alive(g); i++) {
        if (!strcmp(gsp_event_names[i], name)) {
            gsp_event(g, i, a, b);
            gsp_retry(g, g->hw.fw.ops->now(g->hw.fw.opaque));
        }
    }
}
