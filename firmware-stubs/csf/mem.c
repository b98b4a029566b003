/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared memory, tap and timers: the stub's way to its coprocessor. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"

bool csf_load(Csf *f, unsigned strct, uint64_t va, uint8_t *buf)
{
    uint32_t size = f->layout.struct_size[strct];

    if (f->hw.fw.ops->read(f->hw.fw.opaque, va, buf, size)) {
        return true;
    }
    memset(buf, 0, size);
    return false;
}

/* The field of @strct that is called @name, NULL if the profile has none. */
static const FwField *field_named(const Csf *f, unsigned strct,
                                  const char *name)
{
    for (unsigned i = 0; i < CSF_NR_FIELDS; i++) {
        if (csf_layout_spec.fields[i].strct == strct &&
            !strcmp(csf_layout_spec.fields[i].name, name)) {
            return fw_has_field(&f->layout, i) ? &f->layout.field[i] : NULL;
        }
    }
    return NULL;
}

bool csf_store(Csf *f, unsigned strct, uint64_t va, const uint8_t *buf,
               CsfPlace place)
{
    FwVerdict v = csf_tap(f, FW_TAP_WRITE, csf_layout_spec.structs[strct],
                          place, va, 0);
    uint32_t size = f->layout.struct_size[strct];
    uint8_t other[FW_STRUCT_MAX];
    const FwField *field;

    if (v.action == FW_DROP) {
        return true;
    }
    if (v.action == FW_REWRITE && v.name &&
        (field = field_named(f, strct, v.name))) {
        memcpy(other, buf, size);
        fw_put(field, other, v.value);
        buf = other;
    }
    return f->hw.fw.ops->write(f->hw.fw.opaque, va, buf, size);
}

/* The field as if its struct began with it. */
static FwField alone(const Csf *f, unsigned field)
{
    FwField one = f->layout.field[field];

    one.offset = 0;
    return one;
}

uint64_t csf_peek(Csf *f, uint64_t va, unsigned field)
{
    const FwField *fld = &f->layout.field[field];
    FwField one = alone(f, field);
    uint8_t buf[8];

    if (!f->hw.fw.ops->read(f->hw.fw.opaque, va + fld->offset, buf,
                            fld->size)) {
        return 0;
    }
    return fw_get(&one, buf);
}

bool csf_poke(Csf *f, uint64_t va, unsigned field, uint64_t value)
{
    const FwField *fld = &f->layout.field[field];
    FwField one = alone(f, field);
    uint8_t buf[8] = { 0 };

    if (fld->width != fld->size * 8 &&
        !f->hw.fw.ops->read(f->hw.fw.opaque, va + fld->offset, buf,
                            fld->size)) {
        return false;
    }
    fw_put(&one, buf, value);
    return f->hw.fw.ops->write(f->hw.fw.opaque, va + fld->offset, buf,
                               fld->size);
}

static unsigned shift_of(const Csf *f, unsigned field)
{
    const FwField *fld = &f->layout.field[field];

    return fld->offset * 8 + fld->lsb;
}

uint32_t csf_mask(const Csf *f, unsigned field)
{
    const FwField *fld = &f->layout.field[field];

    return fw_field_mask(fld) << fld->offset * 8;
}

uint32_t csf_bits(const Csf *f, unsigned field, uint32_t word)
{
    return fw_has_field(&f->layout, field) ?
           (word & csf_mask(f, field)) >> shift_of(f, field) : 0;
}

uint32_t csf_with(const Csf *f, unsigned field, uint32_t word, uint32_t value)
{
    uint32_t mask = csf_mask(f, field);

    return mask ? (word & ~mask) | (value << shift_of(f, field) & mask) : word;
}

FwVerdict csf_tap(Csf *f, FwTapKind kind, const char *name, CsfPlace place,
                  uint64_t a, uint64_t b)
{
    FwTapEvent event = {
        .kind = kind,
        .name = name,
        .group = place.group,
        .stream = place.stream,
        .a = a,
        .b = b,
    };
    FwVerdict v = f->hw.fw.ops->tap(f->hw.fw.opaque, &event);

    if (v.action == FW_HANG) {
        f->s.hung = 1;
        csf_timers_off(f);
    } else if (v.action == FW_DELAY && kind != FW_TAP_BOOT &&
               v.until < f->s.retry_at) {
        f->s.retry_at = v.until;
        csf_timer_arm(f, CSF_TIMER_RETRY, v.until);
    }
    return v;
}

bool csf_refuse(FwError *err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(err->text, sizeof(err->text), format, ap);
    va_end(ap);
    return false;
}

void csf_irq(Csf *f, uint32_t lines)
{
    if (lines) {
        f->hw.fw.ops->irq(f->hw.fw.opaque, lines);
    }
}

void csf_timer_arm(Csf *f, unsigned id, int64_t deadline)
{
    f->hw.fw.ops->timer(f->hw.fw.opaque, id, deadline);
}

void csf_timers_off(Csf *f)
{
    f->s.retry_at = FW_TIME_NEVER;
    for (unsigned id = 0; id < CSF_NR_TIMERS; id++) {
        csf_timer_arm(f, id, FW_TIME_NEVER);
    }
}

static int64_t counts_ns(uint64_t counts, uint32_t hz)
{
    uint64_t s;

    if (!hz) {
        return FW_TIME_NEVER;
    }
    s = counts / hz;
    if (s >= INT64_MAX / 1000000000 - 1) {
        return FW_TIME_NEVER;
    }
    return s * 1000000000 + counts % hz * 1000000000 / hz;
}

/* panthor_fw.c: panthor_fw_conv_timeout() is the other direction. */
int64_t csf_timeout_ns(const Csf *f, uint32_t word)
{
    uint32_t cycles = 1u << CSF_VALUE(f, TIMER_GPU_CYCLES);
    uint64_t counts = (uint64_t)(word & ~cycles) << CSF_VALUE(f, TIMER_SHIFT);

    return counts_ns(counts, word & cycles ? f->hw.gpu_hz : f->hw.timer_hz);
}

/* panthor_fw.c: panthor_fw_init_global_iface(), PROGRESS_TIMEOUT_CYCLES. */
int64_t csf_cycles_ns(const Csf *f, uint32_t value)
{
    return counts_ns((uint64_t)value << CSF_VALUE(f, TIMER_SHIFT),
                     f->hw.gpu_hz);
}

int64_t csf_after(int64_t now, int64_t ns)
{
    return ns >= FW_TIME_NEVER - now ? FW_TIME_NEVER : now + ns;
}
