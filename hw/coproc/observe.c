/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/core/cpu.h"
#include "system/cpus.h"
#include "system/runstate.h"

#include "gputimers.h"
#include "observe.h"
#include "trace.h"

/* Of what a line says in words: a note may have any length. */
#define TEXT_MAX 255

#define FILE_BUFFER (64 * KiB)

static const char *const seen_names[] = {
    [GPU_SEEN_READ] = "read",
    [GPU_SEEN_WRITE] = "wrote",
    [GPU_SEEN_LINE] = "line",
    [GPU_SEEN_DONE] = "done",
    [GPU_SEEN_RAN] = "ran",
    [GPU_SEEN_BUSY] = "busy",
};

/*
 * Lines are put together by hand: a run makes some thousand of them a second
 * of the host, and printf() would be what a timeline costs.
 */
static char *put_text(char *p, const char *text)
{
    size_t n = strnlen(text, TEXT_MAX);

    memcpy(p, text, n);
    p[n] = ' ';
    return p + n + 1;
}

static char *put_number(char *p, int64_t number)
{
    uint64_t n = number < 0 ? -(uint64_t)number : number;
    char digits[20];
    unsigned i = 0;

    if (number < 0) {
        *p++ = '-';
    }
    do {
        digits[i++] = '0' + n % 10;
        n /= 10;
    } while (n);
    while (i) {
        *p++ = digits[--i];
    }
    return p;
}

static char *put_hex(char *p, uint64_t value)
{
    unsigned shift = value ? (63 - clz64(value)) & ~3u : 0;

    *p++ = '0';
    *p++ = 'x';
    for (;; shift -= 4) {
        *p++ = "0123456789abcdef"[value >> shift & 15];
        if (!shift) {
            return p;
        }
    }
}

/* TIME KIND NAME GROUP.STREAM A B, without an end. */
static char *put_line(char *p, int64_t at, const char *kind, const char *name,
                      int group, int stream, uint64_t a, uint64_t b)
{
    p = put_number(p, at);
    *p++ = ' ';
    p = put_text(p, kind);
    p = put_text(p, name);
    p = put_number(p, group);
    *p++ = '.';
    p = put_number(p, stream);
    *p++ = ' ';
    p = put_hex(p, a);
    *p++ = ' ';
    return put_hex(p, b);
}

size_t gpu_event_line(char line[GPU_LINE_MAX], int64_t now,
                      const FwTapEvent *e, const FwVerdict *v)
{
    char *p = line;

    p = put_line(p, now, fw_tap_kind_names[e->kind], e->name, e->group,
                 e->stream, e->a, e->b);
    if (v->action != FW_PASS) {
        p = put_text(p, " ->");
        p = put_text(p, fw_action_names[v->action]) - 1;
        if (v->action == FW_REWRITE || v->action == FW_RAISE) {
            *p++ = ' ';
            p = put_text(p, v->name) - 1;
        }
        if (v->action == FW_REPLACE || v->action == FW_FAULT ||
            v->action == FW_REWRITE || v->action == FW_RAISE) {
            *p++ = ' ';
            p = put_hex(p, v->value);
            *p++ = ' ';
            p = put_hex(p, v->data);
        }
    }
    *p++ = '\n';
    *p = '\0';
    return p - line;
}

/* ---- correlators ---- */

/* One that is under way; @name is a static string. */
typedef struct Open {
    const char *name;
    int group;
    int stream;
    uint32_t id;
    bool waits;
} Open;

static guint open_hash(gconstpointer key)
{
    const Open *o = key;

    return g_str_hash(o->name) + o->group * 67 + o->stream;
}

static gboolean open_equal(gconstpointer a, gconstpointer b)
{
    const Open *x = a, *y = b;

    return x->group == y->group && x->stream == y->stream &&
           !strcmp(x->name, y->name);
}

/*
 * What is asked for gets a number, and keeps it while a scenario holds it
 * back and it is asked for again.
 */
static uint32_t id_begin(GpuObserver *o, const char *name, int group,
                         int stream, bool waits)
{
    Open key = { name, group, stream };
    Open *open = g_hash_table_lookup(o->ids, &key);

    if (!open) {
        open = g_new(Open, 1);
        *open = key;
        open->waits = false;
        g_hash_table_add(o->ids, open);
    }
    if (!open->waits) {
        open->id = ++o->last_id;
    }
    open->waits = waits;
    return open->id;
}

/* 0: it was asked for before anyone watched. */
static uint32_t id_of(GpuObserver *o, const char *name, int group, int stream)
{
    Open key = { name, group, stream };
    Open *open = g_hash_table_lookup(o->ids, &key);

    return open ? open->id : 0;
}

static bool wants_ids(void)
{
    return trace_event_get_state_backends(TRACE_GPU_REQUEST) ||
           trace_event_get_state_backends(TRACE_GPU_REQUEST_ERR) ||
           trace_event_get_state_backends(TRACE_GPU_ACK) ||
           trace_event_get_state_backends(TRACE_GPU_ACK_ERR) ||
           trace_event_get_state_backends(TRACE_GPU_COMMAND) ||
           trace_event_get_state_backends(TRACE_GPU_COMMAND_ERR) ||
           trace_event_get_state_backends(TRACE_GPU_COMMAND_DONE);
}

/* ---- QEMU's trace events ---- */

static void trace_passed(GpuObserver *o, const FwTapEvent *e, uint32_t id)
{
    switch (e->kind) {
    case FW_TAP_BOOT:
        trace_gpu_boot(o->owner, e->name, e->a);
        break;
    case FW_TAP_HALT:
        trace_gpu_halt(o->owner, e->name);
        break;
    case FW_TAP_DOORBELL:
        trace_gpu_doorbell(o->owner, e->name, e->a);
        break;
    case FW_TAP_REQUEST:
        trace_gpu_request(o->owner, id, e->name, e->group, e->stream, e->a);
        break;
    case FW_TAP_ACK:
        trace_gpu_ack(o->owner, id, e->name, e->group, e->stream, e->a);
        break;
    case FW_TAP_EVENT:
        trace_gpu_event(o->owner, e->name, e->group, e->stream, e->a);
        break;
    case FW_TAP_KICK:
        trace_gpu_kick(o->owner, e->group, e->stream, e->a, e->b);
        break;
    case FW_TAP_FAULT:
        trace_gpu_fault(o->owner, e->name, e->group, e->stream, e->a, e->b);
        break;
    case FW_TAP_IRQ:
        trace_gpu_irq(o->owner, e->name, e->a);
        break;
    case FW_TAP_RESET:
        trace_gpu_reset(o->owner, e->name);
        break;
    case FW_TAP_POWER:
        trace_gpu_command(o->owner, id, e->name, e->group, e->a);
        break;
    case FW_TAP_WRITE:
        trace_gpu_struct(o->owner, e->name, e->group, e->stream, e->a);
        break;
    case FW_TAP_INSTR:
        trace_gpu_instruction(o->owner, e->group, e->stream, e->a, e->b);
        break;
    default:
        trace_gpu_note(o->owner, e->name);
        break;
    }
}

static void trace_touched(GpuObserver *o, const FwTapEvent *e, uint32_t id,
                          const char *did)
{
    switch (e->kind) {
    case FW_TAP_BOOT:
        trace_gpu_boot_err(o->owner, e->name, did);
        break;
    case FW_TAP_HALT:
        trace_gpu_halt_err(o->owner, e->name, did);
        break;
    case FW_TAP_DOORBELL:
        trace_gpu_doorbell_err(o->owner, e->name, e->a, did);
        break;
    case FW_TAP_REQUEST:
        trace_gpu_request_err(o->owner, id, e->name, e->group, e->stream,
                              did);
        break;
    case FW_TAP_ACK:
        trace_gpu_ack_err(o->owner, id, e->name, e->group, e->stream, did);
        break;
    case FW_TAP_EVENT:
        trace_gpu_event_err(o->owner, e->name, e->group, e->stream, did);
        break;
    case FW_TAP_KICK:
        trace_gpu_kick_err(o->owner, e->group, e->stream, did);
        break;
    case FW_TAP_FAULT:
        trace_gpu_fault_err(o->owner, e->name, e->group, e->stream, did);
        break;
    case FW_TAP_IRQ:
        trace_gpu_irq_err(o->owner, e->name, e->a, did);
        break;
    case FW_TAP_RESET:
        trace_gpu_reset_err(o->owner, e->name, did);
        break;
    case FW_TAP_POWER:
        trace_gpu_command_err(o->owner, id, e->name, e->group, did);
        break;
    case FW_TAP_WRITE:
        trace_gpu_struct_err(o->owner, e->name, e->group, e->stream, did);
        break;
    case FW_TAP_INSTR:
        trace_gpu_instruction_err(o->owner, e->group, e->stream, e->b, did);
        break;
    default:
        trace_gpu_note_err(o->owner, e->name, did);
        break;
    }
}

static uint32_t correlator(GpuObserver *o, const FwTapEvent *e, bool touched)
{
    if (!wants_ids()) {
        return 0;
    }
    switch (e->kind) {
    case FW_TAP_REQUEST:
    case FW_TAP_POWER:
        return id_begin(o, e->name, e->group, e->stream,
                        touched && e->kind == FW_TAP_REQUEST);
    case FW_TAP_ACK:
        return id_of(o, e->name, e->group, e->stream);
    default:
        return 0;
    }
}

/* ---- stopping ---- */

/*
 * A CPU that goes on until the main loop has heard of it would be somewhere
 * else by then: none of them executes anything more.
 */
static void stop_machine(GpuObserver *o, const char *line, size_t length)
{
    CPUState *cpu;

    g_free(o->stopped);
    o->stopped = g_strndup(line, length - 1);
    trace_gpu_stopped(o->owner, o->stopped);
    qemu_system_vmstop_request_prepare();
    qemu_system_vmstop_request(RUN_STATE_PAUSED);
    CPU_FOREACH(cpu) {
        cpu->stop = true;
        cpu_exit(cpu);
    }
}

static bool stops(GpuObserver *o, const FwTapEvent *e, const FwVerdict *v)
{
    if (o->decided) {
        return v->action != FW_PASS;
    }
    if (!fw_rule_matches(&o->stop, e) || o->seen == UINT32_MAX) {
        return false;
    }
    o->seen++;
    return o->seen > o->stop.skip &&
           (!o->stop.times || o->seen - o->stop.skip <= o->stop.times);
}

bool gpu_stop_at(GpuObserver *o, const char *words,
                 const FwVocabulary *vocabulary, Error **errp)
{
    FwScenarioRule rule = { 0 };
    bool decided = !strcmp(words, "decision");
    FwError err = { 0 };

    if (*words && !decided &&
        !fw_match_parse(&rule, words, vocabulary, &err)) {
        error_setg(errp, "%s", err.text);
        return false;
    }
    g_free(o->words);
    o->words = *words ? g_strdup(words) : NULL;
    o->stop = rule;
    o->decided = decided;
    o->seen = 0;
    return true;
}

/* ---- what is watched ---- */

void gpu_observe(GpuObserver *o, const FwTapEvent *e, const FwVerdict *v,
                 const char *line, size_t length)
{
    bool touched = v->action != FW_PASS;
    uint32_t id = correlator(o, e, touched);

    if (touched) {
        trace_touched(o, e, id, fw_action_names[v->action]);
    } else {
        trace_passed(o, e, id);
    }
    if (o->file) {
        fwrite(line, 1, length, o->file);
    }
    if (o->words && stops(o, e, v)) {
        stop_machine(o, line, length);
    }
}

void gpu_seen(GpuObserver *o, GpuSeen what, int64_t at, const char *name,
              int group, int stream, uint64_t a, uint64_t b)
{
    char line[GPU_LINE_MAX];
    char *p;

    if (o->file) {
        p = put_line(line, at, seen_names[what], name, group, stream, a, b);
        *p++ = '\n';
        fwrite(line, 1, p - line, o->file);
    }
}

void gpu_command_done(GpuObserver *o, const char *name, int group)
{
    if (trace_event_get_state_backends(TRACE_GPU_COMMAND_DONE)) {
        trace_gpu_command_done(o->owner, id_of(o, name, group, FW_TAP_ANY),
                               name, group);
    }
    gpu_seen(o, GPU_SEEN_DONE, gpu_timers_now(), name, group, FW_TAP_ANY, 0,
             0);
}

bool gpu_observer_init(GpuObserver *o, const char *owner,
                       const char *timeline, Error **errp)
{
    if (timeline) {
        o->file = fopen(timeline, "w");
        if (!o->file) {
            error_setg_errno(errp, errno, "cannot write timeline '%s'",
                             timeline);
            return false;
        }
        setvbuf(o->file, NULL, _IOFBF, FILE_BUFFER);
    }
    o->owner = owner;
    o->ids = g_hash_table_new_full(open_hash, open_equal, g_free, NULL);
    return true;
}

void gpu_observer_fini(GpuObserver *o)
{
    if (o->file) {
        fclose(o->file);
        o->file = NULL;
    }
    if (o->ids) {
        g_hash_table_destroy(o->ids);
        o->ids = NULL;
    }
    g_free(o->words);
    o->words = NULL;
    g_free(o->stopped);
    o->stopped = NULL;
}
