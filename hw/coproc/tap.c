/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "trace/control.h"

#include "blob.h"
#include "gputimers.h"
#include "tap.h"

static QTAILQ_HEAD(, GpuTap) taps = QTAILQ_HEAD_INITIALIZER(taps);

static FwVerdict decide(GpuTap *tap, const FwTapEvent *event, int64_t now)
{
    FwTapEvent e = *event;
    FwVerdict v;

    e.phase = tap->ops->phase(tap->opaque);
    v = fw_scenario_decide(&tap->scenario, &tap->state, &e, now);
    if (v.action != FW_PASS) {
        tap->decided++;
    }
    return v;
}

/* Somebody wants the event as a line. */
static bool read_by_somebody(const GpuTap *tap)
{
    return tap->log || tap->observer.file || tap->observer.words;
}

/* Most events are of no interest to anybody, and cost next to nothing then. */
static bool watched(const GpuTap *tap)
{
    return read_by_somebody(tap) || trace_events_enabled_count;
}

static void show(GpuTap *tap, const FwTapEvent *e, const FwVerdict *v,
                 int64_t now)
{
    char line[GPU_LINE_MAX];
    size_t length = 0;

    if (read_by_somebody(tap)) {
        length = gpu_event_line(line, now, e, v);
    }
    /* These come with everything else, in numbers: only what became of them. */
    if (tap->log && (v->action != FW_PASS || (e->kind != FW_TAP_WRITE &&
                                              e->kind != FW_TAP_INSTR))) {
        fwrite(line, 1, length, tap->log);
    }
    gpu_observe(&tap->observer, e, v, line, length);
}

FwVerdict gpu_tap(GpuTap *tap, const FwTapEvent *event)
{
    FwVerdict v = { .action = FW_PASS };
    int64_t now;
    bool ruled;

    if (!tap->on) {
        return v;
    }
    tap->count[event->kind]++;
    ruled = tap->scenario.kinds >> event->kind & 1 || tap->scenario.waits;
    if (!ruled && !watched(tap)) {
        return v;
    }
    now = gpu_timers_now();
    if (ruled) {
        v = decide(tap, event, now);
    }
    show(tap, event, &v, now);
    if (v.action >= FW_STORM) {
        tap->ops->effect(tap->opaque, event, &v);
        v.action = FW_PASS;
    }
    return v;
}

/* Gets and sets. */
static void visit_switch(Object *obj, Visitor *v, const char *name,
                         void *opaque, Error **errp)
{
    visit_type_bool(v, name, object_field_prop_ptr(obj, opaque), errp);
}

static void switch_default(ObjectProperty *op, const Property *prop)
{
    object_property_set_default_bool(op, prop->defval.u);
}

const PropertyInfo gpu_tap_switch = {
    .type = "bool",
    .description = "off: events pass unseen, to measure what the tap costs",
    .realized_set_allowed = true,
    .get = visit_switch,
    .set = visit_switch,
    .set_default_value = switch_default,
};

bool gpu_tap_inject(GpuTap *tap, const char *words, Error **errp)
{
    FwScenarioRule rule;
    FwError err = { 0 };
    FwVerdict v;

    if (!fw_rule_parse(&rule, words, tap->ops->vocabulary, &err)) {
        error_setg(errp, "%s", err.text);
        return false;
    }
    v = (FwVerdict) {
        .action = rule.action, .value = rule.value, .data = rule.data,
        .name = rule.target, .group = rule.to_group, .stream = rule.to_stream,
    };
    tap->decided++;
    tap->ops->effect(tap->opaque, &(FwTapEvent) {
        .kind = FW_TAP_NOTE, .name = "inject", .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY,
    }, &v);
    return true;
}

bool gpu_tap_stop_at(GpuTap *tap, const char *words, Error **errp)
{
    return gpu_stop_at(&tap->observer, words, tap->ops->vocabulary, errp);
}

bool gpu_tap_load(GpuTap *tap, const char *name, Error **errp)
{
    g_autofree uint8_t *bytes = NULL;
    g_autofree char *path = NULL;
    size_t size = 0;

    if (name) {
        g_autofree FwScenario *loaded = g_new0(FwScenario, 1);
        FwError err = { 0 };

        bytes = gpu_blob_load(name, ".dtb", &size, &path, errp);
        if (!bytes) {
            return false;
        }
        if (!fw_scenario_load(loaded, bytes, size, path,
                              tap->ops->vocabulary, &err)) {
            error_setg(errp, "%s", err.text);
            return false;
        }
        tap->scenario = *loaded;
    } else {
        memset(&tap->scenario, 0, sizeof(tap->scenario));
    }
    memset(&tap->state, 0, sizeof(tap->state));
    g_free(tap->bytes);
    tap->bytes = g_steal_pointer(&bytes);
    tap->size = size;
    return true;
}

bool gpu_tap_load_all(const char *name, Error **errp)
{
    GpuTap *tap;

    QTAILQ_FOREACH(tap, &taps, next) {
        if (!gpu_tap_load(tap, name, errp)) {
            return false;
        }
    }
    return true;
}

void gpu_tap_power_cycle_all(void)
{
    GpuTap *tap;

    QTAILQ_FOREACH(tap, &taps, next) {
        if (tap->ops->power_cycle) {
            tap->ops->power_cycle(tap->opaque);
        }
    }
}

void gpu_tap_note_all(const char *text)
{
    GpuTap *tap;

    QTAILQ_FOREACH(tap, &taps, next) {
        gpu_tap(tap, &(FwTapEvent) {
            .kind = FW_TAP_NOTE, .name = text, .group = FW_TAP_ANY,
            .stream = FW_TAP_ANY,
        });
    }
}

bool gpu_tap_init(GpuTap *tap, const char *owner, const GpuTapOps *ops,
                  void *opaque, const char *log, const char *timeline,
                  const char *scenario, Error **errp)
{
    tap->ops = ops;
    tap->opaque = opaque;
    if (scenario && !gpu_tap_load(tap, scenario, errp)) {
        return false;
    }
    if (log) {
        tap->log = fopen(log, "w");
        if (!tap->log) {
            error_setg_errno(errp, errno, "cannot write mailbox log '%s'",
                             log);
            return false;
        }
        /* Whoever follows the log while the guest runs sees whole lines. */
        setvbuf(tap->log, NULL, _IOLBF, 0);
    }
    tap->owner = g_strdup(owner);
    if (!gpu_observer_init(&tap->observer, tap->owner, timeline, errp)) {
        g_free(tap->owner);
        tap->owner = NULL;
        return false;
    }
    QTAILQ_INSERT_TAIL(&taps, tap, next);
    return true;
}

void gpu_tap_fini(GpuTap *tap)
{
    if (!tap->owner) {
        return;
    }
    QTAILQ_REMOVE(&taps, tap, next);
    if (tap->log) {
        fclose(tap->log);
        tap->log = NULL;
    }
    gpu_observer_fini(&tap->observer);
    g_free(tap->bytes);
    tap->bytes = NULL;
    g_free(tap->owner);
    tap->owner = NULL;
}

static int pre_load(void *opaque)
{
    GpuTap *tap = opaque;

    g_free(tap->bytes);
    tap->bytes = NULL;
    tap->size = 0;
    return 0;
}

static int post_load(void *opaque, int version_id)
{
    GpuTap *tap = opaque;
    FwError err = { 0 };

    memset(&tap->scenario, 0, sizeof(tap->scenario));
    if (tap->size &&
        !fw_scenario_load(&tap->scenario, tap->bytes, tap->size,
                          "migration stream", tap->ops->vocabulary, &err)) {
        error_report("%s", err.text);
        return -EINVAL;
    }
    return 0;
}

static bool size_is_sane(void *opaque, int version_id)
{
    return ((GpuTap *)opaque)->size <= GPU_BLOB_MAX;
}

static const VMStateDescription vmstate_scenario_state = {
    .name = "gpu-tap/scenario-state",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(seen, FwScenarioState, FW_SCENARIO_RULES_MAX),
        VMSTATE_UINT32_ARRAY(acted, FwScenarioState, FW_SCENARIO_RULES_MAX),
        VMSTATE_INT64_ARRAY(until, FwScenarioState, FW_SCENARIO_RULES_MAX),
        VMSTATE_END_OF_LIST()
    },
};

const VMStateDescription vmstate_gpu_tap = {
    .name = "gpu-tap",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = pre_load,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64_ARRAY(count, GpuTap, FW_TAP_KINDS),
        VMSTATE_UINT64(decided, GpuTap),
        VMSTATE_UINT32(size, GpuTap),
        VMSTATE_VALIDATE("scenario too large", size_is_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(bytes, GpuTap, 0, NULL, size),
        VMSTATE_STRUCT(state, GpuTap, 1, vmstate_scenario_state,
                       FwScenarioState),
        VMSTATE_END_OF_LIST()
    },
};
