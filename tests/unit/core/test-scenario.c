/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "blob.h"
#include "fw/scenario.h"

#define MS 1000000

static FwScenario scenario;
static FwScenarioState state;
static FwError err;

static const FwTapEvent ping = {
    .kind = FW_TAP_ACK, .name = "glb-ping", .group = FW_TAP_ANY,
    .stream = FW_TAP_ANY, .a = 0x100,
};

static bool load(Blob *b)
{
    memset(&state, 0, sizeof(state));
    return fw_scenario_load(&scenario, b->fdt, blob_size(b), "x.dtb", &err);
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
    static const char names[FW_ACTIONS + 1] = "-dlrfph";

    for (unsigned i = 0; letters[i]; i++) {
        g_assert_cmpint(names[decide(&ping, i).action], ==, letters[i]);
    }
}

static void test_stock_scenarios_load(void)
{
    static const char *const names[] = {
        "as-stuck", "bad-csg-state", "boot-never", "cs-fault",
        "cs-unrecoverable", "fw-hang", "halt-late", "no-sync-update",
        "ping-loss", "pretend", "reset-stuck", "slow-acks", "tiler-oom-lost",
    };
    static Blob b;

    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        blob_load(&b, names[i]);
        g_assert_true(load(&b));
        g_assert_cmpstr(scenario.name, ==, names[i]);
    }
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
    FwVerdict v;

    LOAD("/ping action = 'fault'", "/ping with = 0x60", "/ping data = 1 2");
    v = decide(&ping, 0);
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

static const struct {
    const char *name;
    const char *edit;
    const char *says;
} mistakes[] = {
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
    for (unsigned i = 0; i < G_N_ELEMENTS(mistakes); i++) {
        g_autofree char *path = g_strconcat("/scenario/mistake/",
                                            mistakes[i].name, NULL);

        g_test_add_data_func(path, GUINT_TO_POINTER(i), test_mistake);
    }
    return g_test_run();
}
