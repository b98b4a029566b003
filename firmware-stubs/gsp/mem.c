/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared memory, tap and timers: the stub's way to its coprocessor. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

/* Part of @len bytes at @off that lies in one page, and its bus address. */
static uint32_t in_page(const Gsp *g, uint64_t off, uint32_t len,
                        uint64_t *addr)
{
    uint64_t page = off / GSP_PAGE;
    uint32_t start = off % GSP_PAGE;

    if (page >= g->s.nr_pages) {
        return 0;
    }
    *addr = g->s.page[page] + start;
    return len < GSP_PAGE - start ? len : GSP_PAGE - start;
}

bool gsp_shared_read(Gsp *g, uint64_t off, void *buf, uint32_t len)
{
    uint8_t *p = buf;

    while (len) {
        uint64_t addr;
        uint32_t n = in_page(g, off, len, &addr);

        if (!n || !g->hw.fw.ops->read(g->hw.fw.opaque, addr, p, n)) {
            return false;
        }
        off += n;
        p += n;
        len -= n;
    }
    return true;
}

bool gsp_shared_write(Gsp *g, uint64_t off, const void *buf, uint32_t len)
{
    const uint8_t *p = buf;

    while (len) {
        uint64_t addr;
        uint32_t n = in_page(g, off, len, &addr);

        if (!n || !g->hw.fw.ops->write(g->hw.fw.opaque, addr, p, n)) {
            return false;
        }
        off += n;
        p += n;
        len -= n;
    }
    return true;
}

bool gsp_load(Gsp *g, unsigned strct, uint64_t addr, uint8_t *buf)
{
    return g->hw.fw.ops->read(g->hw.fw.opaque, addr, buf,
                              g->layout.struct_size[strct]);
}

static const FwField *field_named(const Gsp *g, unsigned strct,
                                  const char *name)
{
    for (unsigned i = 0; i < GSP_NR_FIELDS; i++) {
        if (gsp_layout_spec.fields[i].strct == strct &&
            !strcmp(gsp_layout_spec.fields[i].name, name)) {
            return fw_has_field(&g->layout, i) ? &g->layout.field[i] : NULL;
        }
    }
    return NULL;
}

bool gsp_show(Gsp *g, unsigned strct, uint8_t *buf, uint64_t a)
{
    FwVerdict v = gsp_tap(g, FW_TAP_WRITE, gsp_layout_spec.structs[strct], a,
                          0);
    const FwField *field = v.action == FW_REWRITE && v.name
                           ? field_named(g, strct, v.name) : NULL;

    if (field) {
        fw_put(field, buf, v.value);
    }
    return v.action != FW_DROP;
}

FwVerdict gsp_tap(Gsp *g, FwTapKind kind, const char *name, uint64_t a,
                  uint64_t b)
{
    FwTapEvent event = {
        .kind = kind,
        .name = name,
        .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY,
        .a = a,
        .b = b,
    };
    FwVerdict v = g->hw.fw.ops->tap(g->hw.fw.opaque, &event);

    if (v.action == FW_HANG) {
        g->s.hung = 1;
        gsp_timers_off(g);
    } else if (v.action == FW_DELAY && kind != FW_TAP_BOOT) {
        gsp_retry(g, v.until);
    }
    return v;
}

void gsp_fault(Gsp *g, GspFault fault, uint64_t data)
{
    gsp_tap(g, FW_TAP_FAULT, "queue", fault, data);
}

void gsp_timer_arm(Gsp *g, unsigned id, int64_t deadline)
{
    g->hw.fw.ops->timer(g->hw.fw.opaque, id, deadline);
}

void gsp_timers_off(Gsp *g)
{
    g->s.retry_at = FW_TIME_NEVER;
    for (unsigned id = 0; id < GSP_NR_TIMERS; id++) {
        gsp_timer_arm(g, id, FW_TIME_NEVER);
    }
}

void gsp_retry(Gsp *g, int64_t deadline)
{
    if (deadline < g->s.retry_at) {
        g->s.retry_at = deadline;
        gsp_timer_arm(g, GSP_TIMER_QUEUE, deadline);
    }
}

bool gsp_refuse(FwError *err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(err->text, sizeof(err->text), format, ap);
    va_end(ap);
    return false;
}

void gsp_fatal(Gsp *g, const FwError *err)
{
    g->hw.fw.ops->error(g->hw.fw.opaque, err->text);
    gsp_timers_off(g);
    g->s.running = FW_STATE_FATAL;
    g->hw.fw.ops->state(g->hw.fw.opaque, FW_STATE_FATAL);
}
