/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of the firmware for a person. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

typedef struct Out {
    void (*line)(void *opaque, const char *line);
    void *opaque;
} Out;

static void __attribute__((format(printf, 2, 3)))
say(const Out *o, const char *fmt, ...)
{
    char text[160];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    o->line(o->opaque, text);
}

static void ring(const Out *o, const char *name, const GspRing *r)
{
    say(o, "%s/entries = 0x%x", name, r->slots);
    say(o, "%s/next = 0x%x", name, r->ptr);
    say(o, "%s/sequence = 0x%x", name, r->seq);
}

void gsp_describe(Gsp *g, void (*line)(void *opaque, const char *line),
                  void *opaque)
{
    static const char *const stages[GSP_STAGES] = {
        "off", "starting", "ready", "unloaded",
    };
    const Out o = { line, opaque };

    say(&o, "firmware/abi = %s", g->layout_ok ? g->layout.name : "none");
    say(&o, "firmware/stage = %s", stages[g->s.stage]);
    if (!g->s.nr_pages) {
        return;
    }
    ring(&o, "command-queue", &g->s.cmd);
    ring(&o, "status-queue", &g->s.stat);
    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        const GspObject *obj = &g->s.object[i];

        if (obj->client) {
            say(&o, "object/0x%x/0x%x = class 0x%x of 0x%x", obj->client,
                obj->handle, obj->class, obj->parent);
        }
    }
    for (unsigned i = 0; i < GSP_CHANNELS_MAX; i++) {
        const GspChannel *c = &g->s.channel[i];

        if (c->state != GSP_CHANNEL_FREE) {
            say(&o, "channel/%u = state %u engine %u instance 0x%llx userd "
                "0x%llx", c->chid, c->state, c->engine,
                (unsigned long long)c->inst, (unsigned long long)c->userd);
        }
    }
}
