/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <libfdt.h>
#include <string.h>

#include "blob.h"
#include "csf-vocabulary.h"
#include "gsp-vocabulary.h"
#include "fw/scenario.h"

#define MS 1000000

static FwScenario scenario;
static FwScenarioState state;
static FwError err;

static const FwTapEvent ping = {
    .kind = FW_TAP_ACK, .name = "glb-ping", .group = FW_TAP_ANY,
    .stream = FW_TAP_ANY, .a = 0x100,
};

static bool load_for(Blob *b, const FwVocabulary *vocabulary)
{
    memset(&state, 0, sizeof(state));
    return fw_scenario_load(&scenario, b->fdt, blob_size(b), "x.dtb",
                            vocabulary, &err);
}

static bool load(Blob *b)
{
    return load_for(b, &csf_vocabulary);
}

/* The scenario ping-loss with changes: one rule, /ping. */
static void load_with(const char *const *edits)
{
    static Blob b;

    blob_load(&b, "ping-loss");
    for (; *edits; edits++) {
        blob_edit(&b, *edits);
    }
    g_assert_true(load(&b));
}

#define LOAD(...) load_with((const char *const[]) { __VA_ARGS__, NULL })

static FwVerdict decide(const FwTapEvent *e, int64_t now)
{
    return fw_scenario_decide(&scenario, &state, e, now);
}

static void assert_actions(const char *letters)
{
    static const char names[FW_ACTIONS + 1] = "-dlrfphw2saxR0";

    for (unsigned i = 0; letters[i]; i++) {
        g_assert_cmpint(names[decide(&ping, i).action], ==, letters[i]);
    }
}

/* Every scenario that is built: the folder holds profiles and GPUs as well. */
static void test_stock_scenarios_load(void)
{
    const char *folder = g_getenv("GPUMBOX_DTBS");
    GDir *dir = g_dir_open(folder, 0, NULL);
    static Blob b;
    const char *file;
    unsigned n = 0;

    g_assert_nonnull(dir);
    while ((file = g_dir_read_name(dir))) {
        g_autofree char *name = g_strndup(file, strlen(file) - 4);

        if (!g_str_has_suffix(file, ".dtb")) {
            continue;
        }
        blob_load(&b, name);
        if (fdt_node_check_compatible(b.fdt, 0, "gpumbox,scenario")) {
            continue;
        }
        if (!load_for(&b, g_str_has_prefix(name, "gsp-") ? &gsp_vocabulary
                                                         : &csf_vocabulary)) {
            g_error("%s", err.text);
        }
        g_assert_cmpstr(scenario.name, ==, name);
        n++;
    }
    g_dir_close(dir);
    g_assert_cmpuint(n, >=, 13);
}

static void test_times_end_a_rule(void)
{
    LOAD("/ping times = 2");
    assert_actions("dd---");
    LOAD("/ping -times");
    assert_actions("dddddd");
}

static void test_skip_comes_first(void)
{
    LOAD("/ping skip = 2", "/ping times = 1");
    assert_actions("--d--");
}

static void test_other_events_are_left_alone(void)
{
    FwTapEvent e = ping;

    LOAD("/ping -times", "/ping group = 63", "/ping stream = 1");
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
    e.group = 63;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
    e.stream = 1;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    e.kind = FW_TAP_REQUEST;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
    e.kind = FW_TAP_ACK;
    e.name = "glb-halt";
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
}

static void test_rule_without_kind_takes_every_kind(void)
{
    FwTapEvent e = ping;

    LOAD("/ping -on", "/ping -times");
    e.kind = FW_TAP_POWER;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    g_assert_cmpint(decide(&ping, 0).action, ==, FW_DROP);
}

static void test_rule_without_event_takes_every_event(void)
{
    FwTapEvent e = ping;

    LOAD("/ping -event", "/ping -times");
    e.name = "csg-state";
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    e.kind = FW_TAP_IRQ;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
}

static void test_value_is_compared_under_its_mask(void)
{
    FwTapEvent e = ping;

    LOAD("/ping -times", "/ping value = 0x100 0xf00");
    e.a = 0xffffffff00000100;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    e.a = 0x300;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
    LOAD("/ping -times", "/ping value = 1 0 0xffffffff 0xffffffff");
    e.a = 0x100000000;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    e.a = 0;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
}

static void test_delay_passes_once_at_its_deadline(void)
{
    FwVerdict v;

    LOAD("/ping action = 'delay'", "/ping delay-ns = 5000000");
    v = decide(&ping, 10 * MS);
    g_assert_cmpint(v.action, ==, FW_DELAY);
    g_assert_cmpint(v.until, ==, 15 * MS);
    v = decide(&ping, 15 * MS - 1);
    g_assert_cmpint(v.action, ==, FW_DELAY);
    g_assert_cmpint(v.until, ==, 15 * MS);
    g_assert_cmpint(decide(&ping, 15 * MS).action, ==, FW_PASS);
    g_assert_cmpuint(state.acted[0], ==, 1);
    g_assert_cmpint(decide(&ping, 16 * MS).action, ==, FW_PASS);
}

static void test_endless_delay_starts_anew(void)
{
    LOAD("/ping action = 'delay'", "/ping delay-ns = 5000000",
         "/ping -times");
    for (int64_t now = 0; now < 30 * MS; now += 10 * MS) {
        g_assert_cmpint(decide(&ping, now).until, ==, now + 5 * MS);
        g_assert_cmpint(decide(&ping, now + 5 * MS).action, ==, FW_PASS);
    }
}

static void test_events_that_wait_together_pass_together(void)
{
    FwTapEvent other = ping;

    other.group = 1;
    LOAD("/ping action = 'delay'", "/ping delay-ns = 5000000",
         "/ping -times");
    g_assert_cmpint(decide(&ping, MS).until, ==, 6 * MS);
    g_assert_cmpint(decide(&other, 2 * MS).until, ==, 6 * MS);
    g_assert_cmpint(decide(&ping, 6 * MS).action, ==, FW_PASS);
    g_assert_cmpint(decide(&other, 6 * MS + 10000).action, ==, FW_PASS);
    g_assert_cmpuint(state.acted[0], ==, 2);
    g_assert_cmpint(decide(&other, 7 * MS).until, ==, 12 * MS);
}

static void test_who_asks_once_is_delayed_each_time(void)
{
    FwTapEvent e = ping;

    LOAD("/ping action = 'delay'", "/ping delay-ns = 5000000",
         "/ping times = 2");
    e.once = true;
    g_assert_cmpint(decide(&e, MS).until, ==, 6 * MS);
    g_assert_cmpint(decide(&e, 6 * MS).until, ==, 11 * MS);
    g_assert_cmpint(decide(&e, 11 * MS).action, ==, FW_PASS);
}

static void test_answers_carry_their_values(void)
{
    FwTapEvent kick = { .kind = FW_TAP_KICK, .name = "cs-kick" };
    FwVerdict v;

    LOAD("/ping on = 'kick'", "/ping event = 'cs-kick'",
         "/ping action = 'fault'", "/ping with = 0x60", "/ping data = 1 2");
    v = decide(&kick, 0);
    g_assert_cmpint(v.action, ==, FW_FAULT);
    g_assert_cmpuint(v.value, ==, 0x60);
    g_assert_cmpuint(v.data, ==, 0x100000002);
    LOAD("/ping action = 'replace'", "/ping with = 7");
    v = decide(&ping, 0);
    g_assert_cmpint(v.action, ==, FW_REPLACE);
    g_assert_cmpuint(v.value, ==, 7);
}

static void test_next_rule_takes_over(void)
{
    /* libfdt adds nodes in front. */
    LOAD("/ +first", "/first on = 'ack'", "/first action = 'hang'",
         "/first times = 1", "/ping times = 1");
    assert_actions("hd-");
}

static void test_state_alone_continues_a_run(void)
{
    FwScenarioState saved;

    LOAD("/ping skip = 1", "/ping times = 1");
    assert_actions("-");
    saved = state;
    LOAD("/ping skip = 1", "/ping times = 1");
    state = saved;
    assert_actions("d-");
}

static void test_phase_is_compared(void)
{
    FwTapEvent e = ping;

    LOAD("/ping -times", "/ping driver = 'idle'");
    e.phase = FW_PHASE_WORKING;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
    e.phase = FW_PHASE_IDLE;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
}

static void test_opcode_is_the_highest_byte(void)
{
    FwTapEvent e = {
        .kind = FW_TAP_INSTR, .name = "instruction", .once = true,
        .a = 0x1512345678abcdef,
    };

    LOAD("/ping -times", "/ping -event", "/ping on = 'instruction'",
         "/ping opcode = 0x15");
    g_assert_cmpuint(scenario.kinds, ==, 1u << FW_TAP_INSTR);
    g_assert_cmpint(decide(&e, 0).action, ==, FW_DROP);
    e.a ^= 1ull << 56;
    g_assert_cmpint(decide(&e, 0).action, ==, FW_PASS);
}

static void test_field_is_rewritten(void)
{
    FwTapEvent e = { .kind = FW_TAP_WRITE, .name = "glb-control" };
    FwVerdict v;

    LOAD("/ping on = 'write'", "/ping event = 'glb-control'",
         "/ping action = 'rewrite'", "/ping field = 'group-stride'",
         "/ping with = 5");
    v = decide(&e, 0);
    g_assert_cmpint(v.action, ==, FW_REWRITE);
    g_assert_cmpstr(v.name, ==, "group-stride");
    g_assert_cmpuint(v.value, ==, 5);
}

static void test_another_event_ends_a_delay(void)
{
    FwTapEvent other = { .kind = FW_TAP_EVENT, .name = "csg-idle" };
    FwVerdict v;

    LOAD("/ping action = 'delay'", "/ping delay-ns = 900000000",
         "/ping until = 'csg-idle'");
    v = decide(&ping, MS);
    g_assert_cmpint(v.action, ==, FW_DELAY);
    g_assert_cmpint(v.until, >, MS);
    g_assert_cmpint(v.until, <, 2 * MS);
    g_assert_cmpint(decide(&ping, 2 * MS).action, ==, FW_DELAY);
    g_assert_cmpint(decide(&other, 3 * MS).action, ==, FW_PASS);
    g_assert_cmpint(decide(&ping, 3 * MS + 1000).action, ==, FW_PASS);
    g_assert_cmpuint(state.acted[0], ==, 1);
}

static void test_a_delay_ends_without_the_other_event(void)
{
    LOAD("/ping action = 'delay'", "/ping delay-ns = 5000000",
         "/ping until = 'csg-idle'");
    g_assert_cmpint(decide(&ping, MS).action, ==, FW_DELAY);
    g_assert_cmpint(decide(&ping, 6 * MS).action, ==, FW_PASS);
}

static void test_storm_and_raise_carry_their_numbers(void)
{
    FwTapEvent irq = { .kind = FW_TAP_IRQ, .name = "job", .a = 3 };
    FwVerdict v;

    LOAD("/ping on = 'irq'", "/ping event = 'job'", "/ping action = 'storm'",
         "/ping count = 7", "/ping delay-ns = 2000");
    v = decide(&irq, 0);
    g_assert_cmpint(v.action, ==, FW_STORM);
    g_assert_cmpuint(v.count, ==, 7);
    g_assert_cmpuint(v.period, ==, 2000);
    LOAD("/ping action = 'raise'", "/ping raise = 'mmu-fault'",
         "/ping with = 0xc1", "/ping data = 1 2", "/ping to-group = 3");
    v = decide(&ping, 0);
    g_assert_cmpint(v.action, ==, FW_RAISE);
    g_assert_cmpstr(v.name, ==, "mmu-fault");
    g_assert_cmpuint(v.value, ==, 0xc1);
    g_assert_cmpuint(v.data, ==, 0x100000002);
    g_assert_cmpint(v.group, ==, 3);
    g_assert_cmpint(v.stream, ==, FW_TAP_ANY);
}

static void test_rule_from_words(void)
{
    FwScenarioRule r;

    g_assert_true(fw_rule_parse(&r, " action=raise raise=cs-fatal with=0x68"
                                " to-group=2  to-stream=1 data=0x123456789",
                                &csf_vocabulary, &err));
    g_assert_cmpint(r.action, ==, FW_RAISE);
    g_assert_cmpstr(r.target, ==, "cs-fatal");
    g_assert_cmpuint(r.value, ==, 0x68);
    g_assert_cmpuint(r.data, ==, 0x123456789);
    g_assert_cmpint(r.to_group, ==, 2);
    g_assert_cmpint(r.to_stream, ==, 1);
    g_assert_true(fw_rule_parse(&r, "action=reset", &csf_vocabulary, &err));
    g_assert_cmpint(r.action, ==, FW_RESET);
}

static void test_mistaken_words(void)
{
    static const struct {
        const char *words;
        const char *says;
    } bad[] = {
        { "", "property 'action': missing" },
        { "reset", "'reset' is not of the form" },
        { "action=drop", "\"drop\" needs an event" },
        { "action=raise", "property 'raise': missing" },
        { "action=raise raise=fire", "'fire' cannot be raised" },
        { "action=reset event=boot", "property 'event': unknown" },
        { "action=reset with=1", "property 'with': means nothing" },
    };
    g_autofree char *longer = g_strnfill(600, 'a');
    FwScenarioRule r;

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_assert_false(fw_rule_parse(&r, bad[i].words, &csf_vocabulary,
                                     &err));
        assert_says(err.text, bad[i].says);
    }
    g_assert_false(fw_rule_parse(&r, longer, &csf_vocabulary, &err));
    assert_says(err.text, "longer than");
}

static void test_match_from_words(void)
{
    FwScenarioRule r;
    FwTapEvent e = { .kind = FW_TAP_ACK, .name = "csg-state", .group = 1,
                     .stream = FW_TAP_ANY, .a = 0x12 };

    g_assert_true(fw_match_parse(&r, "on=ack event=csg-state group=1 skip=2"
                                 " value=0x12", &csf_vocabulary, &err));
    g_assert_cmpint(r.action, ==, FW_PASS);
    g_assert_cmpuint(r.skip, ==, 2);
    g_assert_true(fw_rule_matches(&r, &e));
    e.group = 2;
    g_assert_false(fw_rule_matches(&r, &e));
    g_assert_false(fw_match_parse(&r, "", &csf_vocabulary, &err));
    assert_says(err.text, "needs property 'on', 'event' or both");
    g_assert_false(fw_match_parse(&r, "on=ack event=fire", &csf_vocabulary,
                                  &err));
    assert_says(err.text, "there is no ack 'fire'");
    g_assert_false(fw_match_parse(&r, "on=ack action=drop", &csf_vocabulary,
                                  &err));
    assert_says(err.text, "property 'action': unknown");
}

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} mistakes[] = {
    { "event-unknown", "/ping event = 'glb-pong'",
      "x.dtb: /ping: property 'event': there is no ack 'glb-pong'" },
    { "event-of-another-kind", "/ping event = 'csg-idle'",
      "/ping: property 'event': there is no ack 'csg-idle'" },
    { "driver-unknown", "/ping driver = 'tired'",
      "/ping: property 'driver': unknown word 'tired'" },
    { "action-of-another-kind", "/ping action = 'pretend'",
      "/ping: property 'action': \"pretend\" cannot be done to on = \"ack\"" },
    { "rewrite-without-field", "/ping action = 'rewrite'",
      "/ping: property 'with': missing" },
    { "raise-without-name", "/ping action = 'raise'",
      "/ping: property 'raise': missing" },
    { "storm-without-count", "/ping action = 'storm'",
      "/ping: property 'delay-ns': missing" },
    { "field-useless", "/ping field = 'version'",
      "/ping: property 'field': means nothing" },
    { "count-useless", "/ping count = 3",
      "/ping: property 'count': means nothing" },
    { "until-useless", "/ping until = 'csg-idle'",
      "/ping: property 'until': means nothing" },
    { "to-group-useless", "/ping to-group = 1",
      "/ping: property 'to-group': means nothing" },
    { "opcode-misplaced", "/ping opcode = 1",
      "/ping: property 'opcode': belongs to" },
    { "stage-unknown", "/ stage = 'later'",
      "/: property 'stage': unknown word 'later'" },
    { "action-missing", "/ping -action",
      "x.dtb: /ping: property 'action': missing" },
    { "action-unknown", "/ping action = 'dropp'",
      "/ping: property 'action': unknown word 'dropp'" },
    { "kind-unknown", "/ping on = 'akc'",
      "/ping: property 'on': unknown word 'akc'" },
    { "event-long", "/ping event = 'abcdefghijklmnopqrstuvwxyzabcdefghijkl'",
      "/ping: property 'event': longer than 31" },
    { "property-unknown", "/ping tmes = 1",
      "/ping: property 'tmes': unknown" },
    { "root-property-unknown", "/ ping = 1", "/: property 'ping': unknown" },
    { "group-large", "/ping group = 64",
      "/ping: property 'group': 64 is outside" },
    { "value-three-cells", "/ping value = 1 2 3",
      "/ping: property 'value': has 3 cells" },
    { "value-outside-mask", "/ping value = 3 1",
      "/ping: property 'value': has bits that its mask leaves out" },
    { "times-64", "/ping times = 1 1",
      "/ping: property 'times': has 2 cells" },
    { "delay-useless", "/ping delay-ns = 5",
      "/ping: property 'delay-ns': means nothing to action \"drop\"" },
    { "delay-missing", "/ping action = 'delay'",
      "/ping: property 'delay-ns': missing" },
    { "with-missing", "/ping action = 'replace'",
      "/ping: property 'with': missing" },
    { "data-useless", "/ping data = 1",
      "/ping: property 'data': means nothing" },
    { "nested", "/ping +rule", "/ping/rule: a rule has no nodes" },
    { "no-rules", "/ping -", "x.dtb: /: has no rules" },
    { "no-name", "/ -scenario", "x.dtb: /: property 'scenario': missing" },
    { "not-a-scenario", "/ compatible = 'gpumbox,csf-abi'",
      "\"gpumbox,scenario\" expected" },
};

static void test_mistake(gconstpointer data)
{
    unsigned i = GPOINTER_TO_UINT(data);
    static Blob b;

    blob_load(&b, "ping-loss");
    blob_edit(&b, mistakes[i].edit);
    g_assert_false(load(&b));
    assert_says(err.text, mistakes[i].says);
}

static void test_delay_out_of_range(void)
{
    static Blob b;

    blob_load(&b, "slow-acks");
    blob_edit(&b, "/state delay-ns = 0");
    g_assert_false(load(&b));
    assert_says(err.text, "/state: property 'delay-ns': 0 is outside");
    blob_edit(&b, "/state delay-ns = 0xffffffff 0");
    g_assert_false(load(&b));
    assert_says(err.text, "/state: property 'delay-ns':");
}

static void test_too_many_rules(void)
{
    static Blob b;

    blob_load(&b, "ping-loss");
    for (unsigned i = 0; i < FW_SCENARIO_RULES_MAX; i++) {
        g_autofree char *add = g_strdup_printf("/ +rule%u", i);
        g_autofree char *on = g_strdup_printf("/rule%u on = 'ack'", i);
        g_autofree char *act = g_strdup_printf("/rule%u action = 'pass'", i);

        blob_edit(&b, add);
        blob_edit(&b, on);
        blob_edit(&b, act);
    }
    g_assert_false(load(&b));
    assert_says(err.text, "/ping: more than 64 rules");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/scenario/stock-scenarios-load",
                    test_stock_scenarios_load);
    g_test_add_func("/scenario/times-end-a-rule", test_times_end_a_rule);
    g_test_add_func("/scenario/skip-comes-first", test_skip_comes_first);
    g_test_add_func("/scenario/other-events-are-left-alone",
                    test_other_events_are_left_alone);
    g_test_add_func("/scenario/rule-without-kind-takes-every-kind",
                    test_rule_without_kind_takes_every_kind);
    g_test_add_func("/scenario/rule-without-event-takes-every-event",
                    test_rule_without_event_takes_every_event);
    g_test_add_func("/scenario/value-is-compared-under-its-mask",
                    test_value_is_compared_under_its_mask);
    g_test_add_func("/scenario/delay-passes-once-at-its-deadline",
                    test_delay_passes_once_at_its_deadline);
    g_test_add_func("/scenario/endless-delay-starts-anew",
                    test_endless_delay_starts_anew);
    g_test_add_func("/scenario/events-that-wait-together-pass-together",
                    test_events_that_wait_together_pass_together);
    g_test_add_func("/scenario/who-asks-once-is-delayed-each-time",
                    test_who_asks_once_is_delayed_each_time);
    g_test_add_func("/scenario/answers-carry-their-values",
                    test_answers_carry_their_values);
    g_test_add_func("/scenario/next-rule-takes-over",
                    test_next_rule_takes_over);
    g_test_add_func("/scenario/state-alone-continues-a-run",
                    test_state_alone_continues_a_run);
    g_test_add_func("/scenario/delay-out-of-range", test_delay_out_of_range);
    g_test_add_func("/scenario/too-many-rules", test_too_many_rules);
    g_test_add_func("/scenario/phase-is-compared", test_phase_is_compared);
    g_test_add_func("/scenario/opcode-is-the-highest-byte",
                    test_opcode_is_the_highest_byte);
    g_test_add_func("/scenario/field-is-rewritten", test_field_is_rewritten);
    g_test_add_func("/scenario/another-event-ends-a-delay",
                    test_another_event_ends_a_delay);
    g_test_add_func("/scenario/a-delay-ends-without-the-other-event",
                    test_a_delay_ends_without_the_other_event);
    g_test_add_func("/scenario/storm-and-raise-carry-their-numbers",
                    test_storm_and_raise_carry_their_numbers);
    g_test_add_func("/scenario/rule-from-words", test_rule_from_words);
    g_test_add_func("/scenario/mistaken-words", test_mistaken_words);
    g_test_add_func("/scenario/match-from-words", test_match_from_words);
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/scenario/mistake/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
