/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <libfdt.h>
#include <string.h>

#include "fake.h"

#define PROFILE_VA 0x1000u

/* ---- memory ---- */

static FakeSection *find(Fake *k, uint64_t va, uint32_t len)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(k->section); i++) {
        FakeSection *s = &k->section[i];

        if (va >= s->va && va - s->va <= s->size &&
            len <= s->size - (va - s->va)) {
            return s;
        }
    }
    return NULL;
}

uint8_t *fake_mem(Fake *k, uint64_t va, uint32_t len)
{
    FakeSection *s = find(k, va, len);

    g_assert_nonnull(s);
    return s->data + (va - s->va);
}

static bool op_read(void *opaque, uint64_t va, void *buf, uint32_t len)
{
    FakeSection *s = find(opaque, va, len);

    if (!s || !s->readable) {
        return false;
    }
    memcpy(buf, s->data + (va - s->va), len);
    return true;
}

static bool op_write(void *opaque, uint64_t va, const void *buf, uint32_t len)
{
    FakeSection *s = find(opaque, va, len);

    if (!s || !s->writable) {
        return false;
    }
    memcpy(s->data + (va - s->va), buf, len);
    return true;
}

/* ---- coprocessor ---- */

static int64_t op_now(void *opaque)
{
    return ((Fake *)opaque)->now;
}

static void op_timer(void *opaque, unsigned id, int64_t deadline)
{
    g_assert_cmpuint(id, <, FW_TIMERS_MAX);
    ((Fake *)opaque)->timer[id] = deadline;
}

static void op_irq(void *opaque, uint32_t lines)
{
    g_assert_cmpuint(lines, !=, 0);
    ((Fake *)opaque)->irqs |= lines;
}

static void op_state(void *opaque, FwState state)
{
    Fake *k = opaque;

    k->state = state;
    k->states++;
}

static FwVerdict op_tap(void *opaque, const FwTapEvent *e)
{
    static const char *const kinds[FW_TAP_KINDS] = {
        "boot", "halt", "doorbell", "request", "ack", "event", "kick",
        "fault", "irq", "reset", "power", "write", "instruction", "note",
    };
    Fake *k = opaque;

    g_assert_cmpuint(e->kind, <, FW_TAP_KINDS);
    g_assert_nonnull(e->name);
    /* Writes come with what they belong to: they would only be noise. */
    if (e->kind != FW_TAP_WRITE) {
        g_string_append_printf(k->log, "%s %s %d %d 0x%" PRIx64 "\n",
                               kinds[e->kind], e->name, e->group, e->stream,
                               e->a);
    }
    k->taps[e->kind]++;
    for (unsigned i = 0; i < FAKE_RULES; i++) {
        FakeRule *r = &k->rule[i];

        if (r->times && r->kind == e->kind && !strcmp(r->name, e->name) &&
            (r->group == FW_TAP_ANY || r->group == e->group)) {
            if (r->verdict.action == FW_DELAY && k->now >= r->verdict.until) {
                r->times--;
                break;
            }
            if (r->verdict.action != FW_DELAY) {
                r->times--;
            }
            return r->verdict;
        }
    }
    return (FwVerdict){ .action = FW_PASS };
}

static void op_error(void *opaque, const char *message)
{
    Fake *k = opaque;

    k->errors++;
    g_strlcpy(k->error, message, sizeof(k->error));
}

static const FwHwOps fw_ops = {
    .read = op_read,
    .write = op_write,
    .now = op_now,
    .timer = op_timer,
    .irq = op_irq,
    .state = op_state,
    .tap = op_tap,
    .error = op_error,
};

/* ---- command-stream hardware ---- */

static FakeStream *stream_of(void *opaque, unsigned g, unsigned s)
{
    g_assert_cmpuint(g, <, FAKE_GROUPS);
    g_assert_cmpuint(s, <, FAKE_STREAMS);
    return &((Fake *)opaque)->stream[g][s];
}

static void hw_limits(void *opaque, unsigned *groups, unsigned *streams,
                      unsigned *regs, unsigned *scoreboards)
{
    *groups = FAKE_GROUPS;
    *streams = FAKE_STREAMS;
    *regs = 96;
    *scoreboards = 8;
}

static void hw_endpoints(void *opaque, unsigned group, uint8_t lacks)
{
    Fake *k = opaque;

    g_assert_cmpuint(group, <, FAKE_GROUPS);
    k->lacks[group] = lacks;
}

static bool begin(const Fake *k, FakeStream *st, const CsfStreamSetup *setup)
{
    g_assert_true(k->lax || !st->runs);
    st->runs = true;
    st->setup = *setup;
    st->insert = setup->insert;
    st->status = (CsfStreamStatus){
        .empty = true,
        .extract = setup->extract,
        .cmd_ptr = setup->ring_base + setup->extract,
    };
    st->events = st->refuse ? CSF_EVENT_FATAL : 0;
    return !st->refuse;
}

static bool hw_start(void *opaque, unsigned g, unsigned s,
                     const CsfStreamSetup *setup)
{
    FakeStream *st = stream_of(opaque, g, s);

    st->starts++;
    st->tag = 0;
    return begin(opaque, st, setup);
}

static bool hw_restore(void *opaque, unsigned g, unsigned s,
                       const uint8_t *save, const CsfStreamSetup *setup)
{
    FakeStream *st = stream_of(opaque, g, s);

    st->restores++;
    if (memcmp(save, "SAVE", 4)) {
        return false;
    }
    memcpy(&st->tag, save + 4, 4);
    for (unsigned i = 8; i < CSF_SAVE_SIZE; i++) {
        if (save[i] != (uint8_t)(st->tag + i)) {
            return false;
        }
    }
    return begin(opaque, st, setup);
}

static void hw_stop(void *opaque, unsigned g, unsigned s)
{
    FakeStream *st = stream_of(opaque, g, s);

    g_assert_true(((Fake *)opaque)->lax || st->runs);
    st->runs = false;
    st->stops++;
    st->status.blocked = CSF_BLOCKED_NONE;
}

static void hw_save(void *opaque, unsigned g, unsigned s, uint8_t *save)
{
    FakeStream *st = stream_of(opaque, g, s);

    g_assert_true(((Fake *)opaque)->lax || !st->runs);
    memcpy(save, "SAVE", 4);
    memcpy(save + 4, &st->tag, 4);
    for (unsigned i = 8; i < CSF_SAVE_SIZE; i++) {
        save[i] = st->tag + i;
    }
}

static void hw_kick(void *opaque, unsigned g, unsigned s, uint64_t insert)
{
    FakeStream *st = stream_of(opaque, g, s);

    g_assert_true(((Fake *)opaque)->lax || st->runs);
    st->kicks++;
    st->insert = insert;
    st->status.empty = st->status.empty && insert == st->status.extract;
}

static void hw_pretend(void *opaque, unsigned g, unsigned s, bool on)
{
    stream_of(opaque, g, s)->pretend = on;
}

static void hw_status(void *opaque, unsigned g, unsigned s,
                      CsfStreamStatus *status)
{
    *status = stream_of(opaque, g, s)->status;
}

static void hw_fault(void *opaque, unsigned g, unsigned s, bool fatal,
                     uint32_t type, uint32_t data, uint64_t info)
{
    FakeStream *st = stream_of(opaque, g, s);

    st->faults++;
    st->fault_fatal = fatal;
    st->fault_type = type;
    st->fault_data = data;
    st->fault_info = info;
    if (fatal) {
        st->status.fatal_type = type;
        st->status.fatal_data = data;
        st->status.fatal_info = info;
        st->events |= CSF_EVENT_FATAL;
    } else {
        st->status.fault_type = type;
        st->status.fault_data = data;
        st->status.fault_info = info;
        st->events |= CSF_EVENT_FAULT;
    }
}

static void hw_fault_ack(void *opaque, unsigned g, unsigned s)
{
    stream_of(opaque, g, s)->fault_acks++;
}

static void hw_heap_reply(void *opaque, unsigned g, unsigned s,
                          uint64_t chunk)
{
    stream_of(opaque, g, s)->replies++;
    stream_of(opaque, g, s)->chunk = chunk;
}

static uint32_t hw_take_event(void *opaque, unsigned *group, unsigned *stream)
{
    for (unsigned g = 0; g < FAKE_GROUPS; g++) {
        for (unsigned s = 0; s < FAKE_STREAMS; s++) {
            FakeStream *st = stream_of(opaque, g, s);
            uint32_t events = st->events;

            if (events) {
                st->events = 0;
                *group = g;
                *stream = s;
                return events;
            }
        }
    }
    return 0;
}

static void hw_cores(void *opaque, uint64_t mask)
{
    ((Fake *)opaque)->cores = mask;
    ((Fake *)opaque)->core_calls++;
}

static void hw_progress_timeout(void *opaque, int64_t ns)
{
    ((Fake *)opaque)->progress_ns = ns;
}

static const CsfHwOps cs_ops = {
    .limits = hw_limits,
    .endpoints = hw_endpoints,
    .start = hw_start,
    .restore = hw_restore,
    .stop = hw_stop,
    .save = hw_save,
    .kick = hw_kick,
    .pretend = hw_pretend,
    .status = hw_status,
    .fault = hw_fault,
    .fault_ack = hw_fault_ack,
    .heap_reply = hw_heap_reply,
    .take_event = hw_take_event,
    .cores = hw_cores,
    .progress_timeout = hw_progress_timeout,
};

/* ---- life ---- */

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static void make_section(FakeSection *s, uint64_t va, uint32_t size,
                         bool writable)
{
    *s = (FakeSection){
        .va = va,
        .size = size,
        .readable = true,
        .writable = writable,
        .data = g_malloc0(size),
    };
}

void fake_profile(Fake *k, const void *dtb, uint32_t size)
{
    uint8_t *block = fake_mem(k, CSF_BOOT_VA, 16);

    g_free(k->profile);
    k->profile = g_memdup2(dtb, size);
    k->profile_size = size;
    put32(block, CSF_BOOT_MAGIC);
    put32(block + 4, CSF_BOOT_FORMAT);
    put32(block + 8, PROFILE_VA);
    put32(block + 12, size);
    memcpy(fake_mem(k, PROFILE_VA, size), dtb, size);
}

void fake_capabilities(Fake *k, const char *const *list, unsigned n)
{
    static const fdt32_t state[4] = { 0 };
    g_autofree uint8_t *dtb = g_malloc0(FW_PROFILE_MAX);
    g_autoptr(GString) caps = g_string_new(NULL);
    fdt32_t cells[4];
    int node;

    memcpy(cells, state, sizeof(cells));
    cells[1] = cpu_to_fdt32(4);
    cells[2] = cpu_to_fdt32(12);
    cells[3] = cpu_to_fdt32(3);
    for (unsigned i = 0; i < n; i++) {
        g_string_append_len(caps, list[i], strlen(list[i]) + 1);
    }
    g_assert_cmpint(fdt_open_into(k->profile, dtb, FW_PROFILE_MAX), ==, 0);
    g_assert_cmpint(fdt_setprop(dtb, 0, "capabilities", caps->str, caps->len),
                    ==, 0);
    node = fdt_path_offset(dtb, "/structs/glb-request");
    g_assert_cmpint(node, >=, 0);
    g_assert_cmpint(fdt_setprop(dtb, node, "state", cells, sizeof(cells)), ==,
                    0);
    fdt_pack(dtb);
    fake_profile(k, dtb, fdt_totalsize(dtb));
}

void fake_stock(Fake *k, const char *name)
{
    const char *dir = g_getenv("GPUMBOX_DTBS");
    g_autofree char *file = g_strconcat(name, ".dtb", NULL);
    g_autofree char *path = g_build_filename(dir ? dir : ".", file, NULL);
    g_autofree char *dtb = NULL;
    gsize size;

    if (!g_file_get_contents(path, &dtb, &size, NULL)) {
        g_error("%s: missing; GPUMBOX_DTBS says where profiles are", path);
    }
    fake_profile(k, dtb, size);
}

void fake_number(Fake *k, const char *node, const char *name, uint32_t value)
{
    g_autofree uint8_t *dtb = g_malloc0(FW_PROFILE_MAX);
    g_autofree char *path = g_strconcat("/", node, NULL);
    int at;

    g_assert_cmpint(fdt_open_into(k->profile, dtb, FW_PROFILE_MAX), ==, 0);
    at = fdt_path_offset(dtb, path);
    if (at < 0) {
        at = fdt_add_subnode(dtb, 0, node);
    }
    g_assert_cmpint(at, >=, 0);
    g_assert_cmpint(fdt_setprop_u32(dtb, at, name, value), ==, 0);
    fdt_pack(dtb);
    fake_profile(k, dtb, fdt_totalsize(dtb));
}

void fake_no_profile(Fake *k)
{
    memset(fake_mem(k, CSF_BOOT_VA, 16), 0xee, 16);
}

Fake *fake_new(void)
{
    Fake *k = g_new0(Fake, 1);

    make_section(&k->section[0], CSF_BOOT_VA, 0x20000, false);
    make_section(&k->section[1], FAKE_SHARED_VA, 0x40000, true);
    make_section(&k->section[2], FAKE_HEAP_VA, 0x100000, true);
    fake_stock(k, "csf-1.1");
    k->log = g_string_new(NULL);
    for (unsigned i = 0; i < FW_TIMERS_MAX; i++) {
        k->timer[i] = FW_TIME_NEVER;
    }
    k->fw.hw = (CsfHw){
        .fw = { &fw_ops, k },
        .cs = &cs_ops,
        .opaque = k,
        .timer_hz = FAKE_TIMER_HZ,
        .gpu_hz = FAKE_GPU_HZ,
    };
    csf_init(&k->fw);
    return k;
}

void fake_free(Fake *k)
{
    csf_stop(&k->fw);
    for (unsigned i = 0; i < G_N_ELEMENTS(k->section); i++) {
        g_free(k->section[i].data);
    }
    g_free(k->profile);
    g_string_free(k->log, TRUE);
    g_free(k);
}

void fake_assign(Fake *k, const Fake *from)
{
    g_autofree Fake *old = g_memdup2(k, sizeof(*k));

    g_free(old->profile);
    *k = *from;
    for (unsigned i = 0; i < G_N_ELEMENTS(k->section); i++) {
        k->section[i].data = old->section[i].data;
        memcpy(k->section[i].data, from->section[i].data,
               from->section[i].size);
    }
    k->profile = g_memdup2(from->profile, from->profile_size);
    k->log = old->log;
    g_string_assign(k->log, from->log->str);
    k->fw.hw.fw.opaque = k;
    k->fw.hw.opaque = k;
}

void fake_run(Fake *k, int64_t ns)
{
    int64_t end = k->now + ns;

    for (unsigned round = 0; round < 10000; round++) {
        unsigned first = 0;

        for (unsigned i = 1; i < FW_TIMERS_MAX; i++) {
            if (k->timer[i] < k->timer[first]) {
                first = i;
            }
        }
        if (k->timer[first] > end) {
            k->now = end;
            return;
        }
        k->now = MAX(k->now, k->timer[first]);
        k->timer[first] = FW_TIME_NEVER;
        csf_timer(&k->fw, first);
    }
    g_assert_not_reached();
}

void fake_event(Fake *k, unsigned g, unsigned s, uint32_t events)
{
    k->stream[g][s].events |= events;
    csf_event(&k->fw);
}

FakeRule *fake_rule(Fake *k, FwTapKind kind, const char *name,
                    FwAction action, unsigned times)
{
    for (unsigned i = 0; i < FAKE_RULES; i++) {
        if (!k->rule[i].times) {
            k->rule[i] = (FakeRule){
                .kind = kind,
                .name = name,
                .group = FW_TAP_ANY,
                .times = times,
                .verdict.action = action,
            };
            return &k->rule[i];
        }
    }
    g_assert_not_reached();
}

unsigned fake_count(const Fake *k, const char *text)
{
    unsigned n = 0;

    for (const char *p = k->log->str; (p = strstr(p, text)); p++) {
        n++;
    }
    return n;
}

uint32_t fake_irqs(Fake *k)
{
    uint32_t irqs = k->irqs;

    k->irqs = 0;
    return irqs;
}
