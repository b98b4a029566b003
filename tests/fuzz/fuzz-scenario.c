/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scenarios from anywhere, deciding with state from anywhere (a migration
 * stream): verdicts are of the known kinds and delays end.
 */
#include <stdlib.h>
#include <string.h>

#include "csf-vocabulary.h"
#include "fuzz.h"
#include "fw/scenario.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void run(const FwScenario *s, FwScenarioState *state)
{
    static const char *const names[] = { "glb-ping", "cs-kick", "mcu-boot" };
    int64_t now = 1000;

    for (unsigned i = 0; i < 256; i++) {
        const FwTapEvent e = {
            .kind = i % FW_TAP_KINDS,
            .name = names[i % 3],
            .group = (int)(i % 4) - 1,
            .stream = (int)(i % 3) - 1,
            .a = i,
        };
        FwVerdict v = fw_scenario_decide(s, state, &e, now);

        need((unsigned)v.action < FW_ACTIONS);
        if (v.action == FW_DELAY) {
            need(v.until > now);
            now = v.until;
        }
    }
}

/* The same bytes as words that somebody types at a running machine. */
static void parse(const uint8_t *data, size_t size)
{
    FwScenarioRule rule;
    FwError err = { "" };
    char words[700];

    if (size >= sizeof(words)) {
        size = sizeof(words) - 1;
    }
    memcpy(words, data, size);
    words[size] = '\0';
    if (fw_rule_parse(&rule, words, &csf_vocabulary, &err)) {
        need(rule.action >= FW_RAISE && rule.action < FW_ACTIONS);
    } else {
        need(!strncmp(err.text, "inject: ", 8));
    }
    if (fw_match_parse(&rule, words, &csf_vocabulary, &err)) {
        need(rule.action == FW_PASS && rule.kind <= FW_TAP_KINDS);
    } else {
        need(!strncmp(err.text, "stop: ", 6));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static FwScenarioState state;
    static FwScenario scenario;
    FwError err = { "" };

    parse(data, size);
    if (!fw_scenario_load(&scenario, data, size, "f", &csf_vocabulary, &err)) {
        need(!strncmp(err.text, "f: ", 3));
        return 0;
    }
    need(scenario.nr_rules > 0 && scenario.nr_rules <= FW_SCENARIO_RULES_MAX);
    memset(&state, 0, sizeof(state));
    run(&scenario, &state);
    memset(&state, data[size - 1], sizeof(state));
    for (unsigned i = 0; i < FW_SCENARIO_RULES_MAX; i++) {
        state.until[i] &= INT32_MAX;
    }
    run(&scenario, &state);
    return 0;
}
