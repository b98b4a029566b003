/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenario engine: rules read from a device tree, and the decision that they
 * make about an event.  The schema is in docs/scenarios.md.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
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

/* How often an event that waits for another one asks, ns. */
#define ASK_TIME 20000

/* Highest group and stream number that a rule may name. */
#define SLOT_MAX 63

/* A storm has an end, and the machine time between two gusts, ns. */
#define STORM_MAX 100000
#define STORM_PERIOD_MIN 1000

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
    [FW_TAP_WRITE] = "write",
    [FW_TAP_INSTR] = "instruction",
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
    [FW_REWRITE] = "rewrite",
    [FW_REPEAT] = "repeat",
    [FW_STORM] = "storm",
    [FW_RAISE] = "raise",
    [FW_CRASH] = "crash",
    [FW_RESET] = "reset",
    [FW_UNPLUG] = "unplug",
};

const char *const fw_phase_names[FW_PHASES] = {
    [FW_PHASE_ANY] = "",
    [FW_PHASE_PROBING] = "probing",
    [FW_PHASE_RESETTING] = "resetting",
    [FW_PHASE_WAKING] = "waking",
    [FW_PHASE_WORKING] = "working",
    [FW_PHASE_IDLE] = "idle",
    [FW_PHASE_ASLEEP] = "asleep",
};

#define BIT(n) (1u << (n))
#define EVERY (BIT(FW_TAP_KINDS) - 1)
#define HOST_ASKS (BIT(FW_TAP_REQUEST) | BIT(FW_TAP_ACK))
#define FW_TELLS (BIT(FW_TAP_EVENT) | BIT(FW_TAP_FAULT))
#define FW_LIFE (BIT(FW_TAP_BOOT) | BIT(FW_TAP_HALT))

/* Kinds of event that an action means something to. */
static const uint32_t action_kinds[FW_ACTIONS] = {
    [FW_PASS] = EVERY,
    [FW_DROP] = EVERY & ~(BIT(FW_TAP_RESET) | BIT(FW_TAP_NOTE)),
    [FW_DELAY] = FW_LIFE | HOST_ASKS | BIT(FW_TAP_DOORBELL) |
                 BIT(FW_TAP_EVENT) | BIT(FW_TAP_KICK) | BIT(FW_TAP_POWER),
    [FW_REPLACE] = BIT(FW_TAP_HALT) | BIT(FW_TAP_ACK) | BIT(FW_TAP_FAULT) |
                   BIT(FW_TAP_IRQ) | BIT(FW_TAP_POWER),
    [FW_FAULT] = FW_LIFE | BIT(FW_TAP_KICK) | BIT(FW_TAP_INSTR),
    [FW_PRETEND] = BIT(FW_TAP_KICK),
    [FW_HANG] = FW_LIFE | HOST_ASKS | FW_TELLS | BIT(FW_TAP_KICK) |
                BIT(FW_TAP_POWER),
    [FW_REWRITE] = BIT(FW_TAP_WRITE),
    [FW_REPEAT] = BIT(FW_TAP_EVENT) | BIT(FW_TAP_DOORBELL),
    [FW_STORM] = BIT(FW_TAP_IRQ),
    [FW_RAISE] = EVERY,
    [FW_CRASH] = EVERY,
    [FW_RESET] = EVERY,
    [FW_UNPLUG] = EVERY,
};

static const char *const rule_props[] = {
    "on", "event", "group", "address-space", "stream", "value", "opcode",
    "driver", "skip", "times", "action", "delay-ns", "until", "with", "data",
    "field", "raise", "to-group", "to-stream", "count", "description", NULL,
};

/* Of something that is to happen at once, see fw_rule_parse(). */
static const char *const inject_props[] = {
    "action", "with", "data", "raise", "to-group", "to-stream", NULL,
};

/* Of an event that somebody waits for, see fw_match_parse(). */
static const char *const match_props[] = {
    "on", "event", "group", "address-space", "stream", "value", "opcode",
    "driver", "skip", "times", NULL,
};

static const char *const root_props[] = {
    "compatible", "scenario", "description", "stage", NULL,
};

/* From when whoever runs it wants it in force; the host reads it. */
static const char *const stages[] = { "probe", "up", "sleep" };

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

/* The operation code of an instruction is its highest byte. */
static bool load_opcode(const FwDtb *d, int node, FwScenarioRule *r)
{
    uint32_t opcode;
    bool found;

    if (!fw_dtb_u32(d, node, "opcode", &opcode, &found) || !found) {
        return !found;
    }
    if (opcode > UINT8_MAX) {
        return fw_dtb_fail(d, node, "opcode", "%u is outside 0..255", opcode);
    }
    if (r->kind != FW_TAP_INSTR || r->has_a) {
        return fw_dtb_fail(d, node, "opcode", "belongs to on = "
                           "\"instruction\" without a 'value'");
    }
    r->has_a = true;
    r->a = (uint64_t)opcode << 56;
    r->a_mask = (uint64_t)UINT8_MAX << 56;
    return true;
}

/* @group under either of its names. */
static bool load_group(const FwDtb *d, int node, int *group)
{
    int as;

    if (!load_slot(d, node, "group", group) ||
        !load_slot(d, node, "address-space", &as)) {
        return false;
    }
    if (as != FW_TAP_ANY && *group != FW_TAP_ANY) {
        return fw_dtb_fail(d, node, "address-space", "stands beside 'group'; "
                           "an event has one of them");
    }
    *group = as != FW_TAP_ANY ? as : *group;
    return true;
}

/* Is an argument of the action there where it has to be, and only there? */
static bool placed(const FwDtb *d, int node, const char *prop, bool found,
                   FwAction action, bool needed, bool possible)
{
    if (found && !possible) {
        return fw_dtb_fail(d, node, prop, "means nothing to action \"%s\"",
                           fw_action_names[action]);
    }
    if (!found && needed) {
        return fw_dtb_fail(d, node, prop, "missing, action \"%s\" needs it",
                           fw_action_names[action]);
    }
    return true;
}

static bool load_number(const FwDtb *d, int node, const char *prop,
                        FwAction action, bool needed, bool possible,
                        uint64_t *value)
{
    bool found;

    return fw_dtb_u64(d, node, prop, value, &found) &&
           placed(d, node, prop, found, action, needed, possible);
}

static bool load_text(const FwDtb *d, int node, const char *prop,
                      FwAction action, bool needed, bool possible,
                      char *text, size_t size)
{
    bool found;

    return fw_dtb_string(d, node, prop, text, size, &found) &&
           placed(d, node, prop, found, action, needed, possible);
}

static bool load_arguments(const FwDtb *d, int node, FwScenarioRule *r)
{
    const FwAction a = r->action;
    const bool storm = a == FW_STORM;
    const bool raise = a == FW_RAISE;
    uint64_t count = 0;

    if (!load_number(d, node, "delay-ns", a, a == FW_DELAY || storm,
                     a == FW_DELAY || storm, &r->delay) ||
        !load_text(d, node, "until", a, false, a == FW_DELAY, r->until,
                   sizeof(r->until)) ||
        !load_number(d, node, "with", a,
                     a == FW_REPLACE || a == FW_FAULT || a == FW_REWRITE,
                     a == FW_REPLACE || a == FW_FAULT || a == FW_REWRITE ||
                     raise, &r->value) ||
        !load_number(d, node, "data", a, false, a == FW_FAULT || raise,
                     &r->data) ||
        !load_number(d, node, "count", a, storm, storm, &count)) {
        return false;
    }
    if (a == FW_DELAY && (r->delay == 0 || r->delay > DELAY_MAX)) {
        return fw_dtb_fail(d, node, "delay-ns", "%llu is outside 1..%llu",
                           (unsigned long long)r->delay, DELAY_MAX);
    }
    if (storm && (r->delay < STORM_PERIOD_MIN || r->delay > DELAY_MAX)) {
        return fw_dtb_fail(d, node, "delay-ns", "%llu is outside %d..%llu",
                           (unsigned long long)r->delay, STORM_PERIOD_MIN,
                           DELAY_MAX);
    }
    if (storm && (count == 0 || count > STORM_MAX)) {
        return fw_dtb_fail(d, node, "count", "%llu is outside 1..%d",
                           (unsigned long long)count, STORM_MAX);
    }
    r->count = count;
    if (!load_text(d, node, a == FW_REWRITE ? "field" : "raise", a,
                   a == FW_REWRITE || raise, a == FW_REWRITE || raise,
                   r->target, sizeof(r->target)) ||
        !load_slot(d, node, "to-group", &r->to_group) ||
        !load_slot(d, node, "to-stream", &r->to_stream)) {
        return false;
    }
    return placed(d, node, "to-group", r->to_group != FW_TAP_ANY, a, false,
                  raise) &&
           placed(d, node, "to-stream", r->to_stream != FW_TAP_ANY, a, false,
                  raise) &&
           placed(d, node, "field",
                  fdt_getprop(d->fdt, node, "field", NULL) != NULL, a,
                  false, a == FW_REWRITE) &&
           placed(d, node, "raise",
                  fdt_getprop(d->fdt, node, "raise", NULL) != NULL, a,
                  false, raise);
}

/* ---- names ---- */

static bool is_event(const FwVocabulary *v, uint32_t kinds, const char *name)
{
    for (const FwTapName *n = v->events; n->name; n++) {
        if (n->kinds & kinds && !strcmp(n->name, name)) {
            return true;
        }
    }
    return false;
}

static bool is_struct(const FwVocabulary *v, const char *name, unsigned *index)
{
    for (*index = 0; *index < v->layout->nr_structs; (*index)++) {
        if (!strcmp(v->layout->structs[*index], name)) {
            return true;
        }
    }
    return false;
}

static bool is_field(const FwVocabulary *v, unsigned strct, const char *name)
{
    for (unsigned i = 0; i < v->layout->nr_fields; i++) {
        if (v->layout->fields[i].strct == strct &&
            !strcmp(v->layout->fields[i].name, name)) {
            return true;
        }
    }
    return false;
}

static bool check_event(const FwDtb *d, int node, const FwVocabulary *v,
                        const FwScenarioRule *r)
{
    unsigned index;

    if (!r->name[0]) {
        return true;
    }
    if ((r->kind == FW_TAP_WRITE || r->kind == FW_TAP_KINDS) &&
        is_struct(v, r->name, &index)) {
        return true;
    }
    /* What a note says is up to whoever writes it. */
    if (r->kind == FW_TAP_NOTE ||
        is_event(v, r->kind == FW_TAP_KINDS ? EVERY : BIT(r->kind),
                 r->name)) {
        return true;
    }
    return fw_dtb_fail(d, node, "event", "there is no %s '%s'",
                       r->kind == FW_TAP_KINDS ? "event" :
                       fw_tap_kind_names[r->kind], r->name);
}

static bool check_names(const FwDtb *d, int node, const FwVocabulary *v,
                        const FwScenarioRule *r)
{
    unsigned index;

    if (!check_event(d, node, v, r)) {
        return false;
    }
    if (r->until[0] && !is_event(v, EVERY, r->until)) {
        return fw_dtb_fail(d, node, "until", "there is no event '%s'",
                           r->until);
    }
    if (r->action == FW_REWRITE &&
        (!is_struct(v, r->name, &index) || !is_field(v, index, r->target))) {
        return fw_dtb_fail(d, node, "field", "struct '%s' has no field '%s'",
                           r->name, r->target);
    }
    if (r->action == FW_RAISE) {
        for (const char *const *name = v->raise; *name; name++) {
            if (!strcmp(*name, r->target)) {
                return true;
            }
        }
        return fw_dtb_fail(d, node, "raise", "'%s' cannot be raised",
                           r->target);
    }
    return true;
}

static bool load_action(const FwDtb *d, int node, FwScenarioRule *r)
{
    int action = -1;

    if (!load_word(d, node, "action", fw_action_names, FW_ACTIONS, &action)) {
        return false;
    }
    if (action < 0) {
        return fw_dtb_fail(d, node, "action", "missing");
    }
    r->action = action;
    return load_arguments(d, node, r);
}

static bool load_match(const FwDtb *d, int node, FwScenarioRule *r)
{
    int kind = FW_TAP_KINDS;
    int phase = FW_PHASE_ANY;
    bool found;

    if (!load_word(d, node, "on", fw_tap_kind_names, FW_TAP_KINDS, &kind) ||
        !fw_dtb_string(d, node, "event", r->name, sizeof(r->name), &found)) {
        return false;
    }
    if (kind == FW_TAP_KINDS && !found) {
        return fw_dtb_fail(d, node, NULL,
                           "needs property 'on', 'event' or both");
    }
    r->kind = kind;
    if (!load_group(d, node, &r->group) ||
        !load_slot(d, node, "stream", &r->stream) ||
        !load_match_value(d, node, r) || !load_opcode(d, node, r) ||
        !load_word(d, node, "driver", fw_phase_names, FW_PHASES, &phase) ||
        !fw_dtb_u32(d, node, "skip", &r->skip, &found) ||
        !fw_dtb_u32(d, node, "times", &r->times, &found)) {
        return false;
    }
    r->phase = phase;
    return true;
}

static bool load_rule(const FwDtb *d, int node, const FwVocabulary *v,
                      FwScenarioRule *r)
{
    memset(r, 0, sizeof(*r));
    if (!check_props(d, node, rule_props)) {
        return false;
    }
    if (fdt_first_subnode(d->fdt, node) >= 0) {
        return fw_dtb_fail(d, fdt_first_subnode(d->fdt, node), NULL,
                           "a rule has no nodes");
    }
    if (!load_match(d, node, r) || !load_action(d, node, r)) {
        return false;
    }
    if (r->kind != FW_TAP_KINDS && !(action_kinds[r->action] & BIT(r->kind))) {
        return fw_dtb_fail(d, node, "action", "\"%s\" cannot be done to on = "
                           "\"%s\"", fw_action_names[r->action],
                           fw_tap_kind_names[r->kind]);
    }
    return !v || check_names(d, node, v, r);
}

static bool load(FwScenario *s, const FwDtb *d, const FwVocabulary *v)
{
    int stage = 0;
    bool found;
    int node;

    if (!check_props(d, 0, root_props) ||
        !load_word(d, 0, "stage", stages, 3, &stage) ||
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
        FwScenarioRule *r = &s->rule[s->nr_rules];

        if (!load_rule(d, node, v, r)) {
            return false;
        }
        s->waits |= r->until[0] != '\0';
        s->kinds |= r->kind == FW_TAP_KINDS ? EVERY : BIT(r->kind);
        s->nr_rules++;
    }
    if (s->nr_rules == 0) {
        return fw_dtb_fail(d, 0, NULL, "has no rules");
    }
    return true;
}

bool fw_scenario_load(FwScenario *s, const void *dtb, size_t size,
                      const char *file, const FwVocabulary *vocabulary,
                      FwError *err)
{
    FwDtb d;
    bool ok;

    memset(s, 0, sizeof(*s));
    ok = fw_dtb_open(&d, dtb, size, "gpumbox,scenario", file, err) &&
         load(s, &d, vocabulary);
    fw_dtb_close(&d);
    return ok;
}

/* "name=value" as a property of the node: a number, or else a string. */
static bool add_word(void *fdt, int node, char *word)
{
    char *value = strchr(word, '=');
    unsigned long long number;
    char *end;

    if (!value) {
        return false;
    }
    *value++ = '\0';
    number = strtoull(value, &end, 0);
    if (*value && !*end) {
        return number > UINT32_MAX ?
               !fdt_setprop_u64(fdt, node, word, number) :
               !fdt_setprop_u32(fdt, node, word, number);
    }
    return !fdt_setprop_string(fdt, node, word, value);
}

/*
 * A tree of one node from words that somebody typed; @d is set up for it. The
 * caller provides room: @tree, @size bytes.
 */
static bool words_to_tree(FwDtb *d, void *tree, int size, const char *words)
{
    static const char *const blanks = " \t";
    char copy[512];
    int node = 0;

    d->fdt = tree;
    if (strlen(words) >= sizeof(copy)) {
        snprintf(d->err->text, sizeof(d->err->text), "%s: longer than %zu "
                 "characters", d->file, sizeof(copy) - 1);
        return false;
    }
    strcpy(copy, words);
    if (fdt_create_empty_tree(tree, size)) {
        return false;
    }
    for (char *p = copy + strspn(copy, blanks); *p; p += strspn(p, blanks)) {
        size_t n = strcspn(p, blanks);
        bool last = !p[n];

        p[n] = '\0';
        if (!add_word(tree, node, p)) {
            snprintf(d->err->text, sizeof(d->err->text), "%s: '%.100s' is "
                     "not of the form property=value", d->file, p);
            return false;
        }
        /* add_word() has cut the word into two. */
        p += last ? n : n + 1;
    }
    return true;
}

enum { WORDS_TREE_SIZE = 4096 };

bool fw_rule_parse(FwScenarioRule *rule, const char *words,
                   const FwVocabulary *vocabulary, FwError *err)
{
    uint64_t tree[WORDS_TREE_SIZE / 8];
    FwDtb d = { .file = "inject", .err = err };

    memset(rule, 0, sizeof(*rule));
    if (!words_to_tree(&d, tree, sizeof(tree), words) ||
        !check_props(&d, 0, inject_props) || !load_action(&d, 0, rule)) {
        return false;
    }
    if (rule->action < FW_RAISE) {
        return fw_dtb_fail(&d, 0, "action", "\"%s\" needs an event to act "
                           "on", fw_action_names[rule->action]);
    }
    return !vocabulary || check_names(&d, 0, vocabulary, rule);
}

bool fw_match_parse(FwScenarioRule *rule, const char *words,
                    const FwVocabulary *vocabulary, FwError *err)
{
    uint64_t tree[WORDS_TREE_SIZE / 8];
    FwDtb d = { .file = "stop", .err = err };

    memset(rule, 0, sizeof(*rule));
    return words_to_tree(&d, tree, sizeof(tree), words) &&
           check_props(&d, 0, match_props) && load_match(&d, 0, rule) &&
           (!vocabulary || check_names(&d, 0, vocabulary, rule));
}

bool fw_rule_matches(const FwScenarioRule *r, const FwTapEvent *e)
{
    return (r->kind == FW_TAP_KINDS || r->kind == e->kind) &&
           (!r->name[0] || !strcmp(r->name, e->name)) &&
           (r->group == FW_TAP_ANY || r->group == e->group) &&
           (r->stream == FW_TAP_ANY || r->stream == e->stream) &&
           (r->phase == FW_PHASE_ANY || r->phase == e->phase) &&
           (!r->has_a || (e->a & r->a_mask) == r->a);
}

static void count(uint32_t *counter)
{
    if (*counter != UINT32_MAX) {
        (*counter)++;
    }
}

/* When an event that waits until @until asks again. */
static int64_t ask_at(const FwScenarioRule *r, int64_t until, int64_t now)
{
    return r->until[0] && until - now > ASK_TIME ? now + ASK_TIME : until;
}

/* @event ends the delays that wait for it. */
static void release(const FwScenario *s, FwScenarioState *state,
                    const FwTapEvent *event, int64_t now)
{
    for (unsigned i = 0; i < s->nr_rules; i++) {
        if (s->rule[i].until[0] && state->until[i] > now &&
            !strcmp(s->rule[i].until, event->name)) {
            state->until[i] = now;
        }
    }
}

/*
 * Is an event of delaying rule @i one that waits already?  until[i] is the
 * deadline, or minus the time at which events began to pass.
 */
static bool held(const FwScenarioRule *r, FwScenarioState *state, unsigned i,
                 int64_t now, FwVerdict *verdict)
{
    int64_t until = state->until[i];

    if (until > now) {
        verdict->action = FW_DELAY;
        verdict->until = ask_at(r, until, now);
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

    if (s->waits) {
        release(s, state, event, now);
    }
    for (unsigned i = 0; i < s->nr_rules; i++) {
        const FwScenarioRule *r = &s->rule[i];

        if ((r->times && state->acted[i] >= r->times) || !fw_rule_matches(r, event)) {
            continue;
        }
        if (r->action == FW_DELAY && !event->once &&
            held(r, state, i, now, &verdict)) {
            return verdict;
        }
        count(&state->seen[i]);
        if (state->seen[i] <= r->skip) {
            return verdict;
        }
        verdict.action = r->action;
        verdict.value = r->value;
        verdict.data = r->data;
        verdict.name = r->target;
        verdict.count = r->count;
        verdict.period = r->delay;
        verdict.group = r->to_group;
        verdict.stream = r->to_stream;
        if (r->action == FW_DELAY) {
            verdict.until = now + (int64_t)r->delay;
        }
        if (r->action == FW_DELAY && !event->once) {
            state->until[i] = verdict.until;
            verdict.until = ask_at(r, verdict.until, now);
        } else {
            count(&state->acted[i]);
        }
        return verdict;
    }
    return verdict;
}
