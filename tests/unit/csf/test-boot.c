/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Boot of the CSF stub: images, profiles, control blocks, restarts. */
#include <libfdt.h>
#include <string.h>

#include "fake.h"

static uint32_t word(Fake *k, uint32_t va)
{
    const uint8_t *p = fake_mem(k, va, 4);

    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void set_word(Fake *k, uint32_t va, uint32_t v)
{
    uint8_t *p = fake_mem(k, va, 4);

    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

/* Offsets as panthor_fw.h has them: the profile must put things there. */
static void test_control_blocks_where_panthor_looks(void)
{
    Fake *k = fake_new();

    fake_boot(k);
    g_assert_cmphex(word(k, 0x04000000), ==, 0x01010000);
    g_assert_cmpuint(word(k, 0x04000010), ==, 8);
    g_assert_cmphex(word(k, 0x04000008) & 0xff000000, ==, 0x04000000);
    for (unsigned g = 0; g < 8; g++) {
        uint32_t csg = 0x04001000 + g * word(k, 0x04000014);

        g_assert_cmpuint(word(k, csg + 0x14), ==, 8);
        g_assert_cmpuint(word(k, csg + 0x0c), >, 0);
        g_assert_cmpuint(word(k, csg + 0x10), >, 0);
        for (unsigned s = 0; s < 8; s++) {
            uint32_t cs = csg + 0x40 + s * word(k, csg + 0x18);

            g_assert_cmphex(word(k, cs), ==, 0x0007085f);
        }
    }
    g_assert_cmphex(fake_irqs(k), ==, 1u << 31);
    fake_free(k);
}

static void test_every_block_is_its_own(void)
{
    Fake *k = fake_new();
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);

    fake_boot(k);
    g_hash_table_add(seen, GUINT_TO_POINTER(k->glb_in));
    g_hash_table_add(seen, GUINT_TO_POINTER(k->glb_out));
    for (unsigned g = 0; g < FAKE_GROUPS; g++) {
        g_hash_table_add(seen, GUINT_TO_POINTER(k->csg_in[g]));
        g_hash_table_add(seen, GUINT_TO_POINTER(k->csg_out[g]));
        for (unsigned s = 0; s < FAKE_STREAMS; s++) {
            g_hash_table_add(seen, GUINT_TO_POINTER(k->cs_in[g][s]));
            g_hash_table_add(seen, GUINT_TO_POINTER(k->cs_out[g][s]));
        }
    }
    g_assert_cmpuint(g_hash_table_size(seen), ==, 2 * (1 + 8 * 9));
    fake_free(k);
}

static void test_vendor_image_takes_the_fallback(void)
{
    Fake *k = fake_new();

    fake_no_profile(k);
    fake_boot(k);
    g_assert_cmpuint(fake_count(k, "boot boot -1 -1 0x0"), ==, 1);
    fake_free(k);
}

static void test_image_profile_beats_the_fallback(void)
{
    Fake *k = fake_new();

    csf_boot(&k->fw, "rubbish", 7);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmpuint(fake_count(k, "boot boot -1 -1 0x1"), ==, 1);
    fake_free(k);
}

static void expect_fatal(Fake *k, const char *text)
{
    csf_boot(&k->fw, NULL, 0);
    g_assert_cmpint(k->state, ==, FW_STATE_FATAL);
    g_assert_cmpuint(k->errors, ==, 1);
    if (!strstr(k->error, text)) {
        g_error("'%s' does not say '%s'", k->error, text);
    }
    g_assert_cmphex(fake_irqs(k), ==, 0);
    csf_doorbell(&k->fw, 0);
    csf_event(&k->fw);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    fake_free(k);
}

static void test_no_profile_at_all(void)
{
    Fake *k = fake_new();

    fake_no_profile(k);
    expect_fatal(k, "no profile");
}

static void test_broken_profile_names_the_property(void)
{
    Fake *k = fake_new();
    g_autofree uint8_t *dtb = g_memdup2(k->profile, k->profile_size);
    int node = fdt_path_offset(dtb, "/structs/cs-output");

    fdt_nop_property(dtb, node, "status-scoreboards");
    fake_profile(k, dtb, k->profile_size);
    expect_fatal(k, "status-scoreboards");
}

static void test_more_groups_than_the_gpu_has(void)
{
    Fake *k = fake_new();
    g_autofree uint8_t *dtb = g_memdup2(k->profile, k->profile_size);
    int node = fdt_path_offset(dtb, "/counts");

    fdt_setprop_inplace_u32(dtb, node, "groups", 9);
    fake_profile(k, dtb, k->profile_size);
    expect_fatal(k, "9 groups");
}

static void test_more_registers_than_the_gpu_has(void)
{
    Fake *k = fake_new();

    fake_number(k, "counts", "work-registers", 97);
    expect_fatal(k, "97 registers");
}

static void test_empty_profile(void)
{
    Fake *k = fake_new();

    set_word(k, CSF_BOOT_VA + 12, 0);
    expect_fatal(k, "0 bytes");
}

static void test_oversized_profile(void)
{
    Fake *k = fake_new();

    set_word(k, CSF_BOOT_VA + 12, FW_PROFILE_MAX + 1);
    expect_fatal(k, "65537 bytes");
}

static void test_unmapped_profile(void)
{
    Fake *k = fake_new();

    set_word(k, CSF_BOOT_VA + 8, 0xfffff000);
    expect_fatal(k, "not mapped");
}

static void test_unknown_boot_block(void)
{
    Fake *k = fake_new();

    set_word(k, CSF_BOOT_VA + 4, 2);
    expect_fatal(k, "format 2");
}

static void test_nothing_at_zero(void)
{
    Fake *k = fake_new();

    k->section[0].readable = false;
    expect_fatal(k, "nothing to execute");
}

static void test_shared_section_read_only(void)
{
    Fake *k = fake_new();

    k->section[1].writable = false;
    expect_fatal(k, "shared section");
}

/* 6.12 panthor_fw.c: "The FW detects 0 -> 1 transitions". */
static void test_old_halt_is_ignored(void)
{
    Fake *k = fake_up();

    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    csf_stop(&k->fw);
    fake_boot(k);
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    glb_update(k, 0, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    glb_update(k, UINT32_MAX, BIT_OF(k, GLB_REQUEST_HALT));
    ring(k);
    g_assert_cmpint(k->state, ==, FW_STATE_HALTED);
    fake_free(k);
}

static void test_fast_restart_keeps_acknowledgements(void)
{
    Fake *k = fake_up();
    uint32_t glb, csg, cs;
    unsigned requests;

    start_group(k, 2, 3);
    request_state(k, 2, k->layout.value[CSF_V_CSG_SUSPEND]);
    glb = glb_ack(k);
    csg = csg_ack(k, 2);
    cs = cs_ack(k, 2, 1);
    g_assert_cmphex(glb, !=, 0);
    csf_stop(&k->fw);
    PUT(k, k->glb_out, GLB_OUTPUT_HALT_STATUS, 0x4e);
    fake_boot(k);
    g_assert_cmpuint(GET(k, k->glb_out, GLB_OUTPUT_HALT_STATUS), ==, 0);
    requests = k->taps[FW_TAP_REQUEST];
    g_assert_cmphex(glb_ack(k), ==, glb);
    g_assert_cmphex(csg_ack(k, 2), ==, csg);
    g_assert_cmphex(cs_ack(k, 2, 1), ==, cs);
    fake_irqs(k);
    ring_groups(k, 0xff);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    g_assert_cmpuint(k->taps[FW_TAP_REQUEST], ==, requests);
    fake_ready(k);
    g_assert_cmphex(glb_ack(k), ==, glb_req(k));
    fake_free(k);
}

static void test_slow_restart_starts_from_nothing(void)
{
    Fake *k = fake_up();

    start_group(k, 2, 3);
    csf_stop(&k->fw);
    memset(k->section[1].data, 0, k->section[1].size);
    fake_boot(k);
    g_assert_cmphex(glb_ack(k), ==, 0);
    g_assert_cmphex(csg_ack(k, 2), ==, 0);
    start_group(k, 2, 3);
    g_assert_true(k->stream[2][2].runs);
    fake_free(k);
}

/* A group that was acknowledged as started runs no more after a restart. */
static void test_restart_sees_the_next_start(void)
{
    Fake *k = fake_up();

    start_group(k, 1, 1);
    fake_rule(k, FW_TAP_REQUEST, "csg-state", FW_DROP, 1);
    request_state(k, 1, k->layout.value[CSF_V_CSG_TERMINATE]);
    csf_stop(&k->fw);
    g_assert_false(k->stream[1][0].runs);
    fake_boot(k);
    ring(k);
    g_assert_false(k->stream[1][0].runs);
    start_group(k, 1, 1);
    g_assert_true(k->stream[1][0].runs);
    g_assert_cmphex(csg_ack(k, 1) & BIT_OF(k, CSG_REQUEST_STATE), ==, 1);
    fake_free(k);
}

/* The same, when the start is the first thing that it hears. */
static void test_restart_sees_a_start_at_once(void)
{
    Fake *k = fake_up();

    start_group(k, 1, 1);
    fake_rule(k, FW_TAP_REQUEST, "csg-state", FW_DROP, 1);
    request_state(k, 1, k->layout.value[CSF_V_CSG_TERMINATE]);
    csf_stop(&k->fw);
    fake_boot(k);
    g_assert_cmphex(csg_ack(k, 1) & BIT_OF(k, CSG_REQUEST_STATE), ==, 0);
    start_group(k, 1, 1);
    g_assert_true(k->stream[1][0].runs);
    fake_free(k);
}

/* Doorbell words go on, too, or the next ring is no change. */
static void test_restart_hears_the_next_ring(void)
{
    Fake *k = fake_up();

    start_group(k, 1, 1);
    request_state(k, 1, k->layout.value[CSF_V_CSG_SUSPEND]);
    g_assert_cmphex(GET(k, k->csg_out[1], CSG_OUTPUT_DOORBELL_ACK), ==, 1);
    ring_groups(k, 2);
    g_assert_cmphex(GET(k, k->glb_out, GLB_OUTPUT_DOORBELL_ACK), ==, 2);
    csf_stop(&k->fw);
    fake_boot(k);
    start_group(k, 1, 1);
    for (unsigned i = 1; i < 4; i++) {
        submit(k, 1, 0, i * 64);
        PUT(k, k->csg_in[1], CSG_INPUT_DOORBELL_REQ,
            GET(k, k->csg_out[1], CSG_OUTPUT_DOORBELL_ACK) ^ 1);
        ring_groups(k, 2);
        g_assert_cmphex(k->stream[1][0].insert, ==, i * 64);
    }
    fake_free(k);
}

/* Nobody asked again: a group that ran when the MCU died is not restarted. */
static void test_restart_starts_nothing_by_itself(void)
{
    Fake *k = fake_up();

    start_group(k, 1, 1);
    csf_stop(&k->fw);
    fake_boot(k);
    ring_groups(k, 0xff);
    g_assert_false(k->stream[1][0].runs);
    g_assert_cmpuint(k->stream[1][0].starts, ==, 1);
    fake_free(k);
}

static void test_stop_stops_streams_and_timers(void)
{
    Fake *k = fake_up();

    start_group(k, 0, 2);
    submit(k, 0, 0, 64);
    csf_doorbell(&k->fw, 1);
    csf_stop(&k->fw);
    g_assert_false(k->stream[0][0].runs);
    g_assert_false(k->stream[0][1].runs);
    for (unsigned i = 0; i < FW_TIMERS_MAX; i++) {
        g_assert_cmpint(k->timer[i], ==, FW_TIME_NEVER);
    }
    csf_doorbell(&k->fw, 0);
    csf_doorbell(&k->fw, 1);
    g_assert_cmpuint(k->stream[0][0].kicks, ==, 1);
    fake_free(k);
}

static void test_stop_disarms_idle_timers(void)
{
    Fake *k = fake_up();

    submit(k, 0, 0, 64);
    start_group(k, 0, 1);
    k->stream[0][0].status.empty = true;
    fake_event(k, 0, 0, CSF_EVENT_EMPTY);
    g_assert_cmpint(k->timer[CSF_TIMER_IDLE], !=, FW_TIME_NEVER);
    g_assert_cmpint(k->timer[CSF_TIMER_POWEROFF], !=, FW_TIME_NEVER);
    csf_stop(&k->fw);
    g_assert_cmpint(k->timer[CSF_TIMER_IDLE], ==, FW_TIME_NEVER);
    g_assert_cmpint(k->timer[CSF_TIMER_POWEROFF], ==, FW_TIME_NEVER);
    fake_free(k);
}

static void test_boot_delayed(void)
{
    Fake *k = fake_new();
    FakeRule *r = fake_rule(k, FW_TAP_BOOT, "boot", FW_DELAY, 1);

    r->verdict.until = 300 * FAKE_MS;
    csf_boot(&k->fw, NULL, 0);
    fake_run(k, 299 * FAKE_MS);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    csf_doorbell(&k->fw, 0);
    fake_run(k, 2 * FAKE_MS);
    g_assert_cmpint(k->state, ==, FW_STATE_RUNNING);
    g_assert_cmphex(fake_irqs(k), ==, 1u << 31);
    fake_free(k);
}

static void test_boot_dropped(void)
{
    Fake *k = fake_new();

    fake_rule(k, FW_TAP_BOOT, "boot", FW_DROP, 1);
    csf_boot(&k->fw, NULL, 0);
    fake_run(k, 5000 * FAKE_MS);
    g_assert_cmphex(fake_irqs(k), ==, 0);
    g_assert_cmpuint(k->states, ==, 0);
    csf_stop(&k->fw);
    fake_boot(k);
    fake_free(k);
}

static const char *const in_image[] = { "glb-halt", "layout-in-image" };

/* An image whose data holds control blocks, somewhere else than we would. */
static Fake *vendor(void)
{
    Fake *k = fake_new();

    fake_capabilities(k, in_image, 2);
    set_word(k, 0x04000000, 0x01050000);
    set_word(k, 0x04000008, 0x04008000);
    set_word(k, 0x0400000c, 0x04008100);
    set_word(k, 0x04000010, 4);
    set_word(k, 0x04000014, 0x800);
    for (unsigned g = 0; g < 4; g++) {
        uint32_t csg = 0x04001000 + g * 0x800;

        set_word(k, csg + 0x04, 0x0400a000 + g * 0x1000);
        set_word(k, csg + 0x08, 0x0400a100 + g * 0x1000);
        set_word(k, csg + 0x0c, 0x10000);
        set_word(k, csg + 0x10, 0x1000);
        set_word(k, csg + 0x14, 8);
        set_word(k, csg + 0x18, 0x10);
        for (unsigned s = 0; s < 8; s++) {
            set_word(k, csg + 0x44 + s * 0x10,
                     0x0400a200 + g * 0x1000 + s * 0x180);
            set_word(k, csg + 0x48 + s * 0x10,
                     0x0400a260 + g * 0x1000 + s * 0x180);
        }
    }
    return k;
}

static void test_image_layout_is_used(void)
{
    Fake *k = vendor();

    fake_boot(k);
    g_assert_cmphex(word(k, 0x04000000), ==, 0x01050000);
    g_assert_cmphex(word(k, 0x04001040), ==, 0x0007085f);
    fake_ready(k);
    start_group(k, 3, 8);
    g_assert_true(k->stream[3][7].runs);
    g_assert_cmphex(word(k, 0x0400d100) & 7, ==, 1);
    fake_free(k);
}

/* What the vendor's code would fill in at its boot. */
static void test_image_layout_is_completed(void)
{
    Fake *k = vendor();

    set_word(k, 0x04000000, 0);
    for (unsigned g = 0; g < 4; g++) {
        set_word(k, 0x04001000 + g * 0x800 + 0x0c, 0);
        set_word(k, 0x04001000 + g * 0x800 + 0x10, 0);
    }
    fake_boot(k);
    g_assert_cmphex(word(k, 0x04000000), ==, 0x01010000);
    for (unsigned g = 0; g < 4; g++) {
        g_assert_cmphex(word(k, 0x04001000 + g * 0x800 + 0x0c), ==, 0x5000);
        g_assert_cmphex(word(k, 0x04001000 + g * 0x800 + 0x10), ==, 0x1000);
    }
    fake_free(k);
}

static void test_image_layout_suspends_too_little(void)
{
    Fake *k = vendor();

    set_word(k, 0x0400100c, 0x4000);
    expect_fatal(k, "0x4000 bytes to suspend");
}

static void test_image_layout_outside_is_refused(void)
{
    Fake *k = vendor();

    set_word(k, 0x04001000 + 2 * 0x800 + 0x48, 0x0403ff80);
    expect_fatal(k, "stream output block of group 2");
}

static void test_image_layout_below_is_refused(void)
{
    Fake *k = vendor();

    set_word(k, 0x04000008, 0x03fff000);
    expect_fatal(k, "global input block");
}

static void test_image_layout_huge_strides_are_refused(void)
{
    Fake *k = vendor();

    set_word(k, 0x04000014, 0xfffff000);
    expect_fatal(k, "group control block of group 1");
}

static void test_image_layout_groups_are_bounded(void)
{
    Fake *k = vendor();

    set_word(k, 0x04000010, 0xffffffff);
    expect_fatal(k, "groups");
}

static void test_image_layout_groups_differ(void)
{
    Fake *k = vendor();

    set_word(k, 0x04001000 + 0x800 + 0x14, 7);
    expect_fatal(k, "group 1");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define T(name) g_test_add_func("/csf/boot/" #name, test_##name)
    T(control_blocks_where_panthor_looks);
    T(every_block_is_its_own);
    T(vendor_image_takes_the_fallback);
    T(image_profile_beats_the_fallback);
    T(no_profile_at_all);
    T(broken_profile_names_the_property);
    T(more_groups_than_the_gpu_has);
    T(more_registers_than_the_gpu_has);
    T(empty_profile);
    T(oversized_profile);
    T(unmapped_profile);
    T(unknown_boot_block);
    T(nothing_at_zero);
    T(shared_section_read_only);
    T(old_halt_is_ignored);
    T(fast_restart_keeps_acknowledgements);
    T(slow_restart_starts_from_nothing);
    T(restart_sees_the_next_start);
    T(restart_sees_a_start_at_once);
    T(restart_hears_the_next_ring);
    T(restart_starts_nothing_by_itself);
    T(stop_stops_streams_and_timers);
    T(stop_disarms_idle_timers);
    T(boot_delayed);
    T(boot_dropped);
    T(image_layout_is_used);
    T(image_layout_is_completed);
    T(image_layout_suspends_too_little);
    T(image_layout_outside_is_refused);
    T(image_layout_below_is_refused);
    T(image_layout_huge_strides_are_refused);
    T(image_layout_groups_are_bounded);
    T(image_layout_groups_differ);
    return g_test_run();
}
