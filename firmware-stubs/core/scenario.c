/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenario engine: rules read from a device tree, and the decision that they
 * make about an event.  The schema is in docs/scenarios.md.
 */
#include <libfdt.h>
#include <string.h>

#include "dtb.h"
#include "fw/scenario.h"

/* Longest delay, ns: about 11 days, so that adding it to a time is safe. */
#define DELAY_MAX 1000000000000000ull

/*
 * Events that one rule holds back are all asked about again at its deadline,
 * one after the other: this long, ns, the rule lets them through.
 */
#define OPEN_TIME 10000

/* Highest group and stream number that a rule may name. */
#define SLOT_MAX 63

const char *const fw_tap_kind_names[FW_TAP_KINDS] = {
    [FW_TAP_BOOT] = "boot",
    [FW_TAP_HALT] = "halt",
    [FW_TAP_DOORBELL] = "doorbell",
    [FW_TAP_REQUEST] = "request",
    [FW_TAP_ACK] = "ack",
    [FW_TAP_EVENT] = "event",
    [FW_TAP_KICK] = "kick",
    [FW_TAP_FAULT] = "fault",
    [FW_TAP_IRQ] = "irq",
    [FW_TAP_RESET] = "reset",
    [FW_TAP_POWER] = "power",
    [FW_TAP_NOTE] = "note",
};

const char *const fw_action_names[FW_ACTIONS] = {
    [FW_PASS] = "pass",
    [FW_DROP] = "drop",
    [FW_DELAY] = "delay",
    [FW_REPLACE] = "replace",
    [FW_FAULT] = "fault",
    [FW_PRETEND] = "pretend",
    [FW_HANG] = "hang",
};

static const char *const rule_props[] = {
    "on", "event", "group", "stream", "value", "skip", "times", "action",
    "delay-ns", "with", "data", "description", NULL,
};

static const char *const root_props[] = {
    "compatible", "scenario", "description", NULL,
};

static bool check_props(const FwDtb *d, int node, const char *const *known)
{
    int prop;

    fdt_for_each_property_offset(prop, d->fdt, node) {
        const char *name;
        unsigned i;

        if (!fdt_getprop_by_offset(d->fdt, prop, &name, NULL)) {
            return fw_dtb_fail(d, node, NULL, "has an unreadable property");
        }
        for (i = 0; known[i]; i++) {
            if (!strcmp(known[i], name)) {
                break;
            }
        }
        if (!known[i]) {
            return fw_dtb_fail(d, node, name, "unknown");
        }
    }
    return true;
}

/* One word out of a list; *index stays if the property is absent. */
static bool load_word(const FwDtb *d, int node, const char *prop,
                      const char *const *words, unsigned n, int *index)
{
    char word[16];
    bool found;

    if (!fw_dtb_string(d, node, prop, word, sizeof(word), &found)) {
        return false;
    }
    if (!found) {
        return true;
    }
    for (unsigned i = 0; i < n; i++) {
        if (!strcmp(words[i], word)) {
            *index = i;
            return true;
        }
    }
    return fw_dtb_fail(d, node, prop, "unknown word '%s'", word);
}

static bool load_slot(const FwDtb *d, int node, const char *prop, int *slot)
{
    uint32_t value;
    bool found;

    *slot = FW_TAP_ANY;
    if (!fw_dtb_u32(d, node, prop, &value, &found)) {
        return false;
    }
    if (found && value > SLOT_MAX) {
        return fw_dtb_fail(d, node, prop, "%u is outside 0..%d", value,
                           SLOT_MAX);
    }
    if (found) {
        *slot = value;
    }
    return true;
}

static bool load_match_value(const FwDtb *d, int node, FwScenarioRule *r)
{
    uint32_t c[FW_DTB_CELLS_MAX];
    unsigned n;

    if (!fw_dtb_cells(d, node, "value", c, &n)) {
        return false;
    }
    switch (n) {
    case 0:
        return true;
    case 1:
        r->a = c[0];
        r->a_mask = UINT64_MAX;
        break;
    case 2:
        r->a = c[0];
        r->a_mask = c[1];
        break;
    case 4:
        r->a = (uint64_t)c[0] << 32 | c[1];
        r->a_mask = (uint64_t)c[2] << 32 | c[3];
        break;
    default:
        return fw_dtb_fail(d, node, "value",
                           "has %u cells; <value>, <value mask> or both as "
                           "64-bit numbers expected", n);
    }
    if (r->a & ~r->a_mask) {
        return fw_dtb_fail(d, node, "value",
                           "has bits that its mask leaves out");
    }
    r->has_a = true;
    return true;
}

/* An argument of the action: needed, possible or out of place. */
static bool load_argument(const FwDtb *d, int node, const char *prop,
                          const char *action, bool needed, bool possible,
                          uint64_t *value)
{
    bool found;

    if (!fw_dtb_u64(d, node, prop, value, &found)) {
        return false;
    }
    if (found && !possible) {
        return fw_dtb_fail(d, node, prop, "means nothing to action \"%s\"",
                           action);
    }
    if (!found && needed) {
        return fw_dtb_fail(d, node, prop, "missing, action \"%s\" needs it",
                           action);
    }
    return true;
}

static bool load_rule(const FwDtb *d, int node, FwScenarioRule *r)
{
    int kind = FW_TAP_KINDS;
    int action = -1;
    bool found;

    memset(r, 0, sizeof(*r));
    if (!check_props(d, node, rule_props)) {
        return false;
    }
    if (fdt_first_subnode(d->fdt, node) >= 0) {
        return fw_dtb_fail(d, fdt_first_subnode(d->fdt, node), NULL,
                           "a rule has no nodes");
    }
    if (!load_word(d, node, "on", fw_tap_kind_names, FW_TAP_KINDS, &kind) ||
        !fw_dtb_string(d, node, "event", r->name, sizeof(r->name), &found)) {
        return false;
    }
    if (kind == FW_TAP_KINDS && !found) {
        return fw_dtb_fail(d, node, NULL,
                           "needs property 'on', 'event' or both");
    }
    r->kind = kind;
    if (!load_slot(d, node, "group", &r->group) ||
        !load_slot(d, node, "stream", &r->stream) ||
        !load_match_value(d, node, r) ||
        !fw_dtb_u32(d, node, "skip", &r->skip, &found) ||
        !fw_dtb_u32(d, node, "times", &r->times, &found) ||
        !load_word(d, node, "action", fw_action_names, FW_ACTIONS, &action)) {
        return false;
    }
    if (action < 0) {
        return fw_dtb_fail(d, node, "action", "missing");
    }
    r->action = action;
    if (!load_argument(d, node, "delay-ns", fw_action_names[action],
                       action == FW_DELAY, action == FW_DELAY, &r->delay) ||
        !load_argument(d, node, "with", fw_action_names[action],
                       action == FW_REPLACE || action == FW_FAULT,
                       action == FW_REPLACE || action == FW_FAULT,
                       &r->value) ||
        !load_argument(d, node, "data", fw_action_names[action], false,
                       action == FW_FAULT, &r->data)) {
        return false;
    }
    if (action == FW_DELAY && (r->delay == 0 || r->delay > DELAY_MAX)) {
        return fw_dtb_fail(d, node, "delay-ns", "%llu is outside 1..%llu",
                           (unsigned long long)r->delay, DELAY_MAX);
    }
    return true;
}

static bool load(FwScenario *s, const FwDtb *d)
{
    bool found;
    int node;

    if (!check_props(d, 0, root_props) ||
        !fw_dtb_string(d, 0, "scenario", s->name, sizeof(s->name), &found)) {
        return false;
    }
    if (!found) {
        return fw_dtb_fail(d, 0, "scenario", "missing");
    }
    fdt_for_each_subnode(node, d->fdt, 0) {
        if (s->nr_rules == FW_SCENARIO_RULES_MAX) {
            return fw_dtb_fail(d, node, NULL, "more than %d rules",
                               FW_SCENARIO_RULES_MAX);
        }
        if (!load_rule(d, node, &s->rule[s->nr_rules])) {
            return false;
        }
        s->nr_rules++;
    }
    if (s->nr_rules == 0) {
        return fw_dtb_fail(d, 0, NULL, "has no rules");
    }
    return true;
}

bool fw_scenario_load(FwScenario *s, const void *dtb, size_t size,
                      const char *file, FwError *err)
{
    FwDtb d;
    bool ok;

    memset(s, 0, sizeof(*s));
    ok = fw_dtb_open(&d, dtb, size, "gpumbox,scenario", file, err) &&
         load(s, &d);
    fw_dtb_close(&d);
    return ok;
}

static bool matches(const FwScenarioRule *r, const FwTapEvent *e)
{
    return (r->kind == FW_TAP_KINDS || r->kind == e->kind) &&
           (!r->name[0] || !strcmp(r->name, e->name)) &&
           (r->group == FW_TAP_ANY || r->group == e->group) &&
           (r->stream == FW_TAP_ANY || r->stream == e->stream) &&
           (!r->has_a || (e->a & r->a_mask) == r->a);
}

static void count(uint32_t *counter)
{
    if (*counter != UINT32_MAX) {
        (*counter)++;
    }
}

/*
 * Is an event of delaying rule @i one that waits already?  until[i] is the
 * deadline, or minus the time at which events began to pass.
 */
static bool held(FwScenarioState *state, unsigned i, int64_t now,
                 FwVerdict *verdict)
{
    int64_t until = state->until[i];

    if (until > now) {
        verdict->action = FW_DELAY;
        verdict->until = until;
        return true;
    }
    if (until > 0) {
        state->until[i] = -now;
        count(&state->acted[i]);
        return true;
    }
    if (until < 0 && now + until >= 0 && now + until <= OPEN_TIME) {
        count(&state->acted[i]);
        return true;
    }
    return false;
}

FwVerdict fw_scenario_decide(const FwScenario *s, FwScenarioState *state,
                             const FwTapEvent *event, int64_t now)
{
    FwVerdict verdict = { .action = FW_PASS };

    for (unsigned i = 0; i < s->nr_rules; i++) {
        const FwScenarioRule *r = &s->rule[i];

        if ((r->times && state->acted[i] >= r->times) || !matches(r, event)) {
            continue;
        }
        if (r->action == FW_DELAY && !event->once &&
            held(state, i, now, &verdict)) {
            return verdict;
        }
        count(&state->seen[i]);
        if (state->seen[i] <= r->skip) {
            return verdict;
        }
        verdict.action = r->action;
        verdict.value = r->value;
        verdict.data = r->data;
        if (r->action == FW_DELAY) {
            verdict.until = now + (int64_t)r->delay;
        }
        if (r->action == FW_DELAY && !event->once) {
            state->until[i] = verdict.until;
        } else {
            count(&state->acted[i]);
        }
        return verdict;
    }
    return verdict;
}
