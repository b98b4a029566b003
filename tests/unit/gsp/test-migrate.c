/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

/* The state alone, in another process. */
static void move_to(Fake *to, const Fake *from)
{
    memcpy(to->bus, from->bus, sizeof(to->bus));
    memcpy(to->heap, from->heap, sizeof(to->heap));
    memcpy(to->fw_heap, from->fw_heap, FAKE_FW_HEAP_BYTES);
    memcpy(to->timer, from->timer, sizeof(to->timer));
    to->fw.s = from->fw.s;
    to->now = from->now;
    to->host.seq = from->host.seq;
    to->host.rpc_seq = from->host.rpc_seq;
    to->host.got_seq = from->host.got_seq;
}

static void test_goes_on(void)
{
    Fake *a = fake_new("gsp-r570");
    Fake *b = fake_new("gsp-r570");
    FwError err;

    fake_up(a);
    fake_tree(a);
    for (unsigned i = 0; i < 30; i++) {
        gsp_raise(&a->fw, "mmu-fault-queued", 0, 0);
        fake_elapse(a, 10);
    }
    move_to(b, a);
    g_assert_true(gsp_post_load(&b->fw, &err));
    for (unsigned i = 0; i < 30; i++) {
        fake_expect(b, NUMBER(b, EVENT_MMU_FAULT));
    }
    g_assert_cmphex(fake_channel(b, 0x10, 3, 9, 4), ==, 0);
    g_assert_cmphex(fake_release(b, 1, 1), ==, 0);
    fake_free(a);
    fake_free(b);
}

/* In the middle of a message of several elements. */
static void test_long(void)
{
    Fake *a = fake_new("gsp-r535");
    Fake *b = fake_new("gsp-r535");
    const uint32_t most = 65536 - 80;
    uint32_t pages = 10000;
    g_autofree uint8_t *p = NULL;
    FwError err;

    fake_up(a);
    fake_tree(a);
    p = g_malloc0(SIZE(a, MEMORY) + 8 * pages);
    PUT(a, MEMORY_CLIENT, p, 1);
    PUT(a, MEMORY_DEVICE, p, 2);
    PUT(a, MEMORY_MEMORY, p, 0x99);
    PUT(a, MEMORY_CLASS, p, NUMBER(a, CLASS_MEMORY_FB));
    PUT(a, MEMORY_PAGES, p, pages);
    PUT(a, MEMORY_LENGTH, p, pages * 4096);
    fake_send(a, NUMBER(a, RPC_MEMORY), p, most);
    fake_ring(a);
    move_to(b, a);
    g_assert_true(gsp_post_load(&b->fw, &err));
    fake_send(b, NUMBER(b, RPC_MORE), p + most,
              SIZE(b, MEMORY) + 8 * pages - most);
    fake_ring(b);
    fake_expect(b, NUMBER(b, RPC_MEMORY));
    g_assert_cmphex(fake_release(b, 1, 0x99), ==, 0);
    fake_free(a);
    fake_free(b);
}

#define TRY(change) \
    do { \
        k->fw.s = *good; \
        change; \
        g_assert_false(gsp_post_load(&k->fw, &err)); \
        g_assert_cmpuint(strlen(err.text), >, 0); \
    } while (0)

static void test_refused(void)
{
    Fake *k = fake_new("gsp-r570");
    g_autofree GspState *good = g_new0(GspState, 1);
    GspState *s = &k->fw.s;
    FwError err;

    fake_up(k);
    fake_tree(k);
    g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
    *good = *s;
    TRY(s->running = 9);
    TRY(s->stage = GSP_STAGES);
    TRY(s->told = 4);
    TRY(s->hung = 2);
    TRY(s->nr_pages = GSP_PAGES_MAX + 1);
    TRY(s->nr_pages = 100);
    TRY(s->cmd.slots = 0);
    TRY(s->cmd.slots = UINT32_MAX);
    TRY(s->cmd.ptr = s->cmd.slots);
    TRY(s->stat.ptr = UINT32_MAX);
    TRY(s->stat.pages = UINT32_MAX);
    TRY(s->stat.entry = 0xfffff000u);
    TRY(s->stat.rx = GSP_PAGE);
    TRY(s->more_head = UINT32_MAX);
    TRY(s->nr_pending = GSP_PENDING_MAX + 1);
    TRY((s->nr_pending = 1, s->pending[0].event = 99));
    TRY(s->profile_size = FW_PROFILE_MAX + 1);
    TRY(s->profile_size = 0);
    TRY(s->profile[0] ^= 1);
    TRY(s->object[0].kind = 99);
    TRY(s->object[1].up = UINT32_MAX);
    TRY(s->object[1].up = GSP_OBJECTS_MAX - 1);
    TRY(s->channel[3].engine = 99);
    TRY(s->channel[3].state = 9);
    TRY(s->channel[3].chid = 4);
    TRY(s->channel[3].space = UINT32_MAX);
    TRY(s->channel[3].state = GSP_CHANNEL_FREE);
    TRY(s->space[0].used = 2);
    TRY(s->wait = -1);
    TRY(s->held = 2);
    TRY(s->memory[0].used = 2);
    TRY(s->memory[7].pages = GSP_MEMORY_PAGES_MAX + 1);
    TRY(s->save_pages = UINT32_MAX);
    TRY(s->nr_regions = GSP_REGIONS_MAX + 1);
    TRY(s->save_off = 1);
    TRY(s->fw_heap = UINT64_MAX);
    TRY(s->fw_heap_size = 4096);
    *s = *good;
    g_assert_true(gsp_post_load(&k->fw, &err));
    fake_free(k);
}

static void line(void *opaque, const char *text)
{
    g_string_append_printf(opaque, "%s\n", text);
}

static void test_describe(void)
{
    Fake *k = fake_new("gsp-r570");
    g_autoptr(GString) out = g_string_new(NULL);

    gsp_describe(&k->fw, line, out);
    fake_up(k);
    fake_tree(k);
    g_assert_cmphex(fake_channel(k, 0x10, 3, 9, 4), ==, 0);
    gsp_describe(&k->fw, line, out);
    g_assert_nonnull(strstr(out->str, "firmware/stage = ready"));
    g_assert_nonnull(strstr(out->str, "object/0x1/0x4 = class 0x90f1"));
    g_assert_nonnull(strstr(out->str, "channel/3 = "));
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gsp/migrate/goes-on", test_goes_on);
    g_test_add_func("/gsp/migrate/long", test_long);
    g_test_add_func("/gsp/migrate/refused", test_refused);
    g_test_add_func("/gsp/migrate/describe", test_describe);
    return g_test_run();
}
