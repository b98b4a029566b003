/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios: rules that decide what happens to events on the tap.
 *
 * A scenario is a flattened device tree with one node per rule, tried in the
 * order of the file; the first rule that matches and is not used up decides.
 * The rules themselves are rebuilt from the bytes after a migration; what
 * moves is FwScenarioState, plain counters and deadlines.
 */
#ifndef FW_SCENARIO_H
#define FW_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fw/layout.h"
#include "fw/tap.h"

#define FW_SCENARIO_RULES_MAX 64

/**
 * struct FwScenarioRule - one resolved rule
 * @kind:   event kind, FW_TAP_KINDS: any.
 * @name:   event name, empty: any.
 * @group:  group, FW_TAP_ANY: any.
 * @stream: stream, FW_TAP_ANY: any.
 * @has_a:  match only events whose FwTapEvent.a, masked, equals @a.
 * @a:      see @has_a.
 * @a_mask: see @has_a.
 * @skip:   matches that pass before the rule acts.
 * @times:  how often it acts; 0: without end.
 * @action: what it does.
 * @delay:  FW_DELAY: nanoseconds of virtual time.
 * @value:  FW_REPLACE, FW_FAULT.
 * @data:   FW_FAULT.
 */
typedef struct FwScenarioRule {
    FwTapKind kind;
    char name[32];
    int group;
    int stream;
    bool has_a;
    uint64_t a;
    uint64_t a_mask;
    uint32_t skip;
    uint32_t times;
    FwAction action;
    uint64_t delay;
    uint64_t value;
    uint64_t data;
} FwScenarioRule;

/** struct FwScenario - resolved rules; not migrated, rebuilt from the bytes. */
typedef struct FwScenario {
    char name[32];
    FwScenarioRule rule[FW_SCENARIO_RULES_MAX];
    unsigned nr_rules;
} FwScenario;

/**
 * struct FwScenarioState - what has happened so far; migrated
 * @seen:  matches of each rule.
 * @acted: how often each rule has acted.
 * @until: deadline of the delay that rule is in; once that came, minus the
 *         time at which the first of its events passed; 0 before any.
 */
typedef struct FwScenarioState {
    uint32_t seen[FW_SCENARIO_RULES_MAX];
    uint32_t acted[FW_SCENARIO_RULES_MAX];
    int64_t until[FW_SCENARIO_RULES_MAX];
} FwScenarioState;

/** fw_scenario_load() - like fw_layout_load(), for a scenario. */
bool fw_scenario_load(FwScenario *s, const void *dtb, size_t size,
                      const char *file, FwError *err);

/**
 * fw_scenario_decide() - what shall be done with @event at time @now
 *
 * The rule that decides also decides while it still skips (FW_PASS); later
 * rules see an event only once the earlier ones are used up or do not match.
 * A rule that delays is in force from the first event it matches until its
 * deadline; the events it matches then (all those that waited are asked about
 * again, within microseconds) pass, and each counts as acted.  Whoever gets
 * FW_DELAY must ask again at FwVerdict.until, or the next event passes in
 * place of the one that waited.
 */
FwVerdict fw_scenario_decide(const FwScenario *s, FwScenarioState *state,
                             const FwTapEvent *event, int64_t now);

#endif /* FW_SCENARIO_H */
