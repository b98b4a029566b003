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

/** struct FwTapName - an event that a family has: in which kinds, its name. */
typedef struct FwTapName {
    uint32_t kinds;                       /* bits of FwTapKind */
    const char *name;
} FwTapName;

/**
 * struct FwVocabulary - what a family's events and structs are called
 * @events: events, ended by an entry without name.
 * @raise:  what FW_RAISE can bring about, ended by NULL.
 * @layout: structs and fields for FW_TAP_WRITE.
 */
typedef struct FwVocabulary {
    const FwTapName *events;
    const char *const *raise;
    const FwLayoutSpec *layout;
} FwVocabulary;

/**
 * struct FwScenarioRule - one resolved rule
 * @kind:   event kind, FW_TAP_KINDS: any.
 * @name:   event name, empty: any.
 * @group:  group, FW_TAP_ANY: any.
 * @stream: stream, FW_TAP_ANY: any.
 * @has_a:  match only events whose FwTapEvent.a, masked, equals @a.
 * @a:      see @has_a.
 * @a_mask: see @has_a.
 * @phase:  match only in this phase, FW_PHASE_ANY: any.
 * @skip:   matches that pass before the rule acts.
 * @times:  how often it acts; 0: without end.
 * @action: what it does.
 * @delay:  FW_DELAY: nanoseconds of virtual time; FW_STORM: the period.
 * @until:  FW_DELAY: an event that ends the delay, empty: none.
 * @value:  see FwVerdict.
 * @data:   see FwVerdict.
 * @target: FwVerdict.name.
 * @count:  FW_STORM.
 * @to_group:  FW_RAISE.
 * @to_stream: FW_RAISE.
 */
typedef struct FwScenarioRule {
    FwTapKind kind;
    char name[32];
    int group;
    int stream;
    bool has_a;
    uint64_t a;
    uint64_t a_mask;
    FwPhase phase;
    uint32_t skip;
    uint32_t times;
    FwAction action;
    uint64_t delay;
    char until[32];
    uint64_t value;
    uint64_t data;
    char target[32];
    uint32_t count;
    int to_group;
    int to_stream;
} FwScenarioRule;

/**
 * struct FwScenario - resolved rules; not migrated, rebuilt from the bytes
 * @name:  as the file says.
 * @kinds: bit n: a rule may be about events of kind n.
 * @waits: a rule delays until another event.
 */
typedef struct FwScenario {
    char name[32];
    uint32_t kinds;
    bool waits;
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

/**
 * fw_scenario_load() - like fw_layout_load(), for a scenario
 * @vocabulary: names that the rules may use; NULL: they are not checked.
 */
bool fw_scenario_load(FwScenario *s, const void *dtb, size_t size,
                      const char *file, const FwVocabulary *vocabulary,
                      FwError *err);

/**
 * fw_rule_parse() - one rule that was not read from a file
 * @words: "action=raise raise=csg-idle group=0 ...": property=value, numbers
 *         as C writes them.
 *
 * Same rules and same sentences as for a file, but "on" and "event" must not
 * be there: it is for something that is to happen now.
 */
bool fw_rule_parse(FwScenarioRule *rule, const char *words,
                   const FwVocabulary *vocabulary, FwError *err);

/**
 * fw_match_parse() - an event that somebody waits for
 * @words: "on=ack event=csg-state group=1 skip=2": what a rule has to say
 *         which events it is about, without an action (FW_PASS).
 */
bool fw_match_parse(FwScenarioRule *rule, const char *words,
                    const FwVocabulary *vocabulary, FwError *err);

/** fw_rule_matches() - is @rule about @event? Whatever it has done so far. */
bool fw_rule_matches(const FwScenarioRule *rule, const FwTapEvent *event);

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
