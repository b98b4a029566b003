/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

static Fake *up(void)
{
    Fake *k = fake_new("gsp-r570");

    fake_up(k);
    return k;
}

/* An RPC of any length whose answer is its own text. */
static void echo(Fake *k, uint32_t len)
{
    g_autofree uint8_t *p = g_malloc0(len);

    for (uint32_t i = 0; i < len; i++) {
        p[i] = i * 7 + len;
    }
    fake_call(k, 0x7777, p, len);
    g_assert_cmphex(k->host.reply_result, ==, NUMBER(k, RESULT_FUNCTION));
    g_assert_cmpmem(k->host.reply, len, p, len);
}

/* Ten thousand RPCs of all lengths, round and round the ring. */
static void test_wrap(void)
{
    Fake *k = up();

    for (unsigned i = 0; i < 10000; i++) {
        echo(k, i % 13 ? i % 5000 : 65536 - 80 - i % 4096);
    }
    g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 0);
    g_assert_cmpuint(k->fw.s.nr_posted, ==, 10002);
    fake_free(k);
}

/* What is broken is not answered, and what follows is. */
typedef struct Broken {
    const char *name;
    unsigned field;
    bool in_rpc;
    bool seal;
    uint64_t value;
    unsigned fault;             /* GspFault */
} Broken;

static const Broken broken[] = {
    { "checksum", GSP_F_ELEMENT_CHECKSUM, false, false, 0xdead, 4 },
    { "count-zero", GSP_F_ELEMENT_COUNT, false, true, 0, 2 },
    { "count-many", GSP_F_ELEMENT_COUNT, false, true, 17, 2 },
    { "count-huge", GSP_F_ELEMENT_COUNT, false, true, UINT32_MAX, 2 },
    { "length-zero", GSP_F_RPC_LENGTH, true, true, 0, 3 },
    { "length-short", GSP_F_RPC_LENGTH, true, true, 31, 3 },
    { "length-long", GSP_F_RPC_LENGTH, true, true, 4096, 3 },
    { "length-huge", GSP_F_RPC_LENGTH, true, true, UINT32_MAX, 3 },
    { "signature", GSP_F_RPC_SIGNATURE, true, true, 1, 6 },
    { "version", GSP_F_RPC_VERSION, true, true, 1, 6 },
    { "sequence-old", GSP_F_ELEMENT_SEQUENCE, false, true, 0, 5 },
};

static void test_broken(gconstpointer data)
{
    const Broken *b = data;
    Fake *k = up();
    uint8_t text[16] = "sixteen letters";
    uint8_t *p;

    fake_send(k, 0x7777, text, sizeof(text));
    p = fake_last(k);
    fake_put(k, b->field, b->in_rpc ? p + SIZE(k, ELEMENT) : p, b->value);
    if (b->seal) {
        PUT(k, ELEMENT_CHECKSUM, p, 0);
        {
            uint32_t sum[2] = { 0 };

            for (unsigned i = 0; i < 96; i++) {
                ((uint8_t *)sum)[i % 8] ^= p[i];
            }
            PUT(k, ELEMENT_CHECKSUM, p, sum[0] ^ sum[1]);
        }
    }
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    g_assert_cmpuint(k->fault, ==, b->fault);
    g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 1);
    echo(k, 100);
    fake_free(k);
}

static void test_sequence_ahead(void)
{
    Fake *k = up();

    k->host.seq += 5;
    echo(k, 8);
    g_assert_cmpuint(k->fault, ==, 5);
    echo(k, 8);
    g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 1);
    fake_free(k);
}

/* Pages of a long message appear one after the other. */
static void test_partial(void)
{
    Fake *k = up();
    uint8_t *cmd = fake_queue(k);
    g_autofree uint8_t *p = g_malloc0(20000);
    uint32_t write;

    fake_send(k, 0x7777, p, 20000);
    write = GET(k, TX_WRITE, cmd);
    for (unsigned i = 4; i > 0; i--) {
        PUT(k, TX_WRITE, cmd, write - i);
        fake_ring(k);
        g_assert_cmpuint(fake_take(k), ==, 0);
    }
    PUT(k, TX_WRITE, cmd, write);
    fake_ring(k);
    fake_expect(k, 0x7777);
    fake_free(k);
}

static void test_pointer_outside(void)
{
    Fake *k = up();
    uint8_t *cmd = fake_queue(k);
    uint32_t write = GET(k, TX_WRITE, cmd);

    PUT(k, TX_WRITE, cmd, HOST_SLOTS);
    fake_ring(k);
    g_assert_cmpuint(k->fault, ==, 1);
    PUT(k, TX_WRITE, cmd, UINT32_MAX);
    fake_ring(k);
    PUT(k, TX_WRITE, cmd, write);
    echo(k, 9);
    PUT(k, RX_READ, cmd + HOST_RX, 77);
    fake_send(k, 0x7777, "12345678", 8);
    fake_ring(k);
    g_assert_cmpuint(k->fault, ==, 1);
    fake_free(k);
}

/* A host that does not read: nothing is lost, and the stub looks again. */
static void test_full(void)
{
    Fake *k = up();
    unsigned n = 0;

    for (unsigned i = 0; i < 100; i++) {
        gsp_raise(&k->fw, "os-error", i, 0);
        fake_elapse(k, 1000);
        fake_elapse(k, 0);
    }
    g_assert_cmpuint(k->fw.s.nr_pending, ==, GSP_PENDING_MAX);
    g_assert_cmpuint(k->fault, ==, 9);
    fake_send(k, 0x7777, "12345678", 8);
    fake_ring(k);
    for (uint32_t fn = fake_take(k); fn != 0x7777; fn = fake_take(k)) {
        if (!fn) {
            fake_elapse(k, 20000000);
            continue;
        }
        g_assert_cmphex(fn, ==, NUMBER(k, EVENT_OS_ERROR));
        g_assert_cmpuint(GET(k, OS_ERROR_TYPE, k->host.reply), ==, n);
        n++;
    }
    g_assert_cmpuint(n, ==, HOST_SLOTS - 1 + GSP_PENDING_MAX);
    fake_free(k);
}

static void no_answer(void *opaque)
{
    fake_ring(opaque);
    g_assert_cmpuint(fake_take(opaque), ==, 0);
}

/* A list of pages that takes several elements (fbsr.c: fbsr_memlist()). */
static void test_long(void)
{
    Fake *k = fake_new("gsp-r535");
    const uint32_t most = HOST_LONGEST(&k->host);
    uint32_t pages = 20000;
    uint32_t total;
    g_autofree uint8_t *p = NULL;

    fake_up(k);
    fake_tree(k);
    total = SIZE(k, MEMORY) + 8 * pages;
    p = g_malloc0(total);
    PUT(k, MEMORY_CLIENT, p, 1);
    PUT(k, MEMORY_DEVICE, p, 2);
    PUT(k, MEMORY_MEMORY, p, 0xcaf00003);
    PUT(k, MEMORY_CLASS, p, NUMBER(k, CLASS_MEMORY_SYSTEM));
    PUT(k, MEMORY_PAGES, p, pages);
    PUT(k, MEMORY_LENGTH, p, pages * 4096);
    for (unsigned round = 0; round < 5; round++) {
        host_send_long(&k->host, NUMBER(k, RPC_MEMORY), p, total, no_answer);
        fake_ring(k);
        fake_expect(k, NUMBER(k, RPC_MEMORY));
        g_assert_cmphex(k->host.reply_result, ==, 0);
        g_assert_cmphex(fake_release(k, 1, 0xcaf00003), ==, 0);
    }
    g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 0);
    /* One that stops in the middle, and one that never began. */
    fake_send(k, NUMBER(k, RPC_MEMORY), p, most);
    fake_ring(k);
    echo(k, 24);
    g_assert_cmpuint(k->fault, ==, 7);
    fake_send(k, NUMBER(k, RPC_MORE), p, 100);
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    g_assert_cmpuint(k->taps[FW_TAP_FAULT], ==, 2);
    fake_free(k);
}

/* What a scenario can do to an answer. */
static void test_scenarios(void)
{
    Fake *k = up();
    uint8_t text[16] = "sixteen letters";

    fake_rule(k, FW_TAP_REQUEST, "unknown", 1,
              (FwVerdict) { .action = FW_DROP });
    fake_send(k, 0x7777, text, sizeof(text));
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_rule(k, FW_TAP_ACK, "unknown", 1,
              (FwVerdict) { .action = FW_REPLACE, .value = 0x65 });
    fake_call(k, 0x7777, text, sizeof(text));
    g_assert_cmphex(k->host.reply_result, ==, 0x65);
    fake_rule(k, FW_TAP_ACK, "unknown", 1,
              (FwVerdict) { .action = FW_DELAY, .until = k->now + 50000 });
    fake_send(k, 0x7777, text, sizeof(text));
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_elapse(k, 60000);
    fake_expect(k, 0x7777);
    fake_rule(k, FW_TAP_WRITE, "rpc", 1,
              (FwVerdict) { .action = FW_REWRITE, .name = "function",
                            .value = 0x1234 });
    fake_send(k, 0x7777, text, sizeof(text));
    fake_ring(k);
    fake_expect(k, 0x1234);
    fake_rule(k, FW_TAP_ACK, "unknown", 1,
              (FwVerdict) { .action = FW_HANG });
    fake_send(k, 0x7777, text, sizeof(text));
    fake_ring(k);
    fake_elapse(k, 1000000000);
    fake_ring(k);
    g_assert_cmpuint(fake_take(k), ==, 0);
    fake_free(k);
}

static void test_checksum_rewritten(void)
{
    Fake *k = up();
    uint8_t *stat = fake_bus(k, FAKE_SHARED) + 64 * GSP_PAGE;

    fake_rule(k, FW_TAP_WRITE, "element", 1,
              (FwVerdict) { .action = FW_REWRITE, .name = "checksum",
                            .value = 0xbad });
    fake_send(k, 0x7777, "12345678", 8);
    fake_ring(k);
    /* Entry 2 of the status queue, behind sequencer and INIT_DONE. */
    g_assert_cmphex(GET(k, ELEMENT_CHECKSUM, stat - 3 * GSP_PAGE), ==, 0xbad);
    fake_free(k);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gsp/queue/wrap", test_wrap);
    for (unsigned i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autofree char *name = g_strconcat("/gsp/queue/broken/",
                                            broken[i].name, NULL);

        g_test_add_data_func(name, &broken[i], test_broken);
    }
    g_test_add_func("/gsp/queue/sequence-ahead", test_sequence_ahead);
    g_test_add_func("/gsp/queue/partial", test_partial);
    g_test_add_func("/gsp/queue/pointer-outside", test_pointer_outside);
    g_test_add_func("/gsp/queue/full", test_full);
    g_test_add_func("/gsp/queue/long", test_long);
    g_test_add_func("/gsp/queue/scenarios", test_scenarios);
    g_test_add_func("/gsp/queue/checksum-rewritten", test_checksum_rewritten);
    return g_test_run();
}
