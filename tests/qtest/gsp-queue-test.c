/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message queues of a GSP, through the device: no RPC is lost, changed or out
 * of order, wherever in the rings it lies. Host checks sequence numbers and
 * checksums of all that comes back; here, that it is what was sent.
 */
#include "qemu/osdep.h"

#include "lib/nv.h"

#define MS 1000000

/* No RPC has this function: what comes back is what was sent. */
#define ECHO 0x7777

static Nv *up(const char *abi)
{
    Nv *nv = nv_new(abi, "");

    nv_up(nv);
    return nv;
}

static void fill(uint8_t *p, uint32_t len, uint32_t seed)
{
    for (uint32_t i = 0; i < len; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = seed >> 24;
    }
}

static void check_echo(Nv *nv, uint32_t len, uint32_t seed)
{
    g_autofree uint8_t *p = g_malloc(len + 1);
    Host *h = &nv->host;

    fill(p, len, seed);
    g_assert_cmphex(h->reply_result, ==, HOST_NUMBER(h, RESULT_FUNCTION));
    g_assert_cmpmem(h->reply, h->reply_length, p, len);
}

static void send_echo(Nv *nv, uint32_t len, uint32_t seed)
{
    g_autofree uint8_t *p = g_malloc(len + 1);

    fill(p, len, seed);
    host_send(&nv->host, ECHO, p, len);
}

static void echo(Nv *nv, uint32_t len, uint32_t seed)
{
    g_autofree uint8_t *p = g_malloc(len + 1);

    fill(p, len, seed);
    host_call(&nv->host, ECHO, p, len);
    check_echo(nv, len, seed);
}

static void ring(void *opaque)
{
    Nv *nv = opaque;

    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    box_step(nv->b, MS);
    g_assert_cmpuint(host_take(&nv->host), ==, 0);
}

/* A list of pages; four of nouveau's largest messages and a bit. */
static uint8_t *long_list(Nv *nv, uint32_t handle, uint32_t *len)
{
    const uint32_t pages = 33000;
    Host *h = &nv->host;
    uint8_t *p;

    *len = HOST_SIZE(h, MEMORY) + 8 * pages;
    p = g_malloc0(*len);
    HOST_PUT(h, MEMORY_CLIENT, p, 1);
    HOST_PUT(h, MEMORY_DEVICE, p, 2);
    HOST_PUT(h, MEMORY_MEMORY, p, handle);
    HOST_PUT(h, MEMORY_CLASS, p, HOST_NUMBER(h, CLASS_MEMORY_SYSTEM));
    HOST_PUT(h, MEMORY_PAGES, p, pages);
    HOST_PUT(h, MEMORY_LENGTH, p, (uint64_t)pages * GSP_PAGE);
    return p;
}

static void finish_long(Nv *nv, uint32_t handle)
{
    Host *h = &nv->host;

    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    nv_wait(nv);
    host_expect(h, HOST_NUMBER(h, RPC_MEMORY));
    g_assert_cmphex(h->reply_result, ==, 0);
    g_assert_cmphex(host_release(h, 1, handle), ==, 0);
}

static void one_long(Nv *nv, uint32_t handle)
{
    uint32_t len;
    g_autofree uint8_t *p = long_list(nv, handle, &len);

    host_send_long(&nv->host, HOST_NUMBER(&nv->host, RPC_MEMORY), p, len,
                   ring);
    finish_long(nv, handle);
}

/* An object comes and goes, and what is answered differs from the request. */
static void objects(Nv *nv, uint32_t handle)
{
    Host *h = &nv->host;

    g_assert_cmphex(host_alloc(h, 1, 3, handle,
                               HOST_NUMBER(h, CLASS_EVENT), NULL, 0), ==, 0);
    g_assert_cmphex(host_alloc(h, 1, 3, handle,
                               HOST_NUMBER(h, CLASS_EVENT), NULL, 0), ==,
                    HOST_NUMBER(h, STATUS_IN_USE));
    g_assert_cmphex(host_release(h, 1, handle), ==, 0);
    g_assert_cmphex(host_release(h, 1, handle), ==,
                    HOST_NUMBER(h, STATUS_NOT_FOUND));
}

/* Small and large, those around each multiple of a page, long ones. */
static void ten_thousand(const void *abi)
{
    Nv *nv = up(abi);
    Host *h = &nv->host;
    uint32_t longest = HOST_LONGEST(h);
    uint32_t head = HOST_SIZE(h, ELEMENT) + HOST_SIZE(h, RPC);
    unsigned i = 0;

    host_tree(h);
    while (h->rpc_seq < 10000) {
        i++;
        if (i % 500 == 0) {
            one_long(nv, 0xcaf00000 + i);
        } else if (i % 7 == 0) {
            objects(nv, 0x100 + i);
        } else if (i % 13 == 0) {
            echo(nv, longest - i % 600, i);
        } else if (i % 5 == 0) {
            echo(nv, (1 + i % 4) * GSP_PAGE - head - 8 + i % 17, i);
        } else {
            echo(nv, i * 37 % 300, i);
        }
    }
    g_assert_cmpuint(h->seq, >=, 10000);
    g_assert_cmpuint(h->got_seq, >=, 9500);
    nv_free(nv);
}

/* A message of each number of pages at each place that touches the end. */
static void every_length_over_the_end(void)
{
    Nv *nv = up("gsp-r570");
    Host *h = &nv->host;

    for (uint32_t pages = 1; pages <= GSP_ELEMENT_PAGES; pages++) {
        uint32_t len = pages * GSP_PAGE - HOST_SIZE(h, ELEMENT) -
                       HOST_SIZE(h, RPC);

        for (uint32_t before = 0; before <= pages; before++) {
            uint64_t cmd = host_at(h, HOST_CMD);
            uint32_t want = (HOST_SLOTS - before) % HOST_SLOTS;

            while (host_word(h, GSP_F_TX_WRITE, cmd) != want) {
                echo(nv, 8, before);
            }
            echo(nv, len - before % 2, pages);
        }
    }
    nv_free(nv);
}

/* As many as the rings hold, with one doorbell: none is lost or late. */
static void a_full_queue(void)
{
    Nv *nv = up("gsp-r535");
    Host *h = &nv->host;

    for (unsigned round = 0; round < 5; round++) {
        for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
            send_echo(nv, 100 + i, i);
        }
        gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
        nv_wait(nv);
        /* Twice as many as the host can be told at once. */
        for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
            send_echo(nv, 200 + i, i);
        }
        gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
        box_step(nv->b, 50 * MS);
        for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
            host_expect(h, ECHO);
            check_echo(nv, 100 + i, i);
        }
        box_step(nv->b, 50 * MS);
        nv_ack(nv);
        for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
            host_expect(h, ECHO);
            check_echo(nv, 200 + i, i);
        }
        g_assert_cmpuint(host_take(h), ==, 0);
    }
    nv_free(nv);
}

/* What is wrong is not answered; what follows is. */
static void broken_messages_are_taken_out(void)
{
    static const struct {
        unsigned field;
        uint64_t value;
    } broken[] = {
        { GSP_F_ELEMENT_CHECKSUM, 0xbad },
        { GSP_F_ELEMENT_COUNT, 0 },
        { GSP_F_ELEMENT_COUNT, 17 },
        { GSP_F_ELEMENT_COUNT, UINT32_MAX },
        { GSP_F_ELEMENT_SEQUENCE, 0 },
        { GSP_F_RPC_LENGTH, 0 },
        { GSP_F_RPC_LENGTH, UINT32_MAX },
        { GSP_F_RPC_SIGNATURE, 0x12345678 },
    };
    Nv *nv = up("gsp-r570");
    Host *h = &nv->host;

    for (unsigned i = 0; i < ARRAY_SIZE(broken); i++) {
        uint32_t slot = host_word(h, GSP_F_TX_WRITE, host_at(h, HOST_CMD));
        uint64_t at = host_slot(h, HOST_CMD, slot);

        send_echo(nv, 64, i);
        if (broken[i].field >= GSP_F_RPC_VERSION) {
            at += HOST_SIZE(h, ELEMENT);
        }
        nv_poke(nv, at, broken[i].field, broken[i].value);
        ring(nv);
        echo(nv, 64, i);
    }
    nv_free(nv);
}

/* ---- snapshots ---- */

static void ring_and_snapshot(void *opaque)
{
    ring(opaque);
    nv_snapshot(opaque);
}

/*
 * While it is booting, between doorbell and answer, with unread answers, and
 * after each piece of a long RPC.
 */
static void snapshots_lose_nothing(void)
{
    Nv *nv = nv_new("gsp-r535", "");
    Host *h = &nv->host;
    g_autofree uint8_t *p = NULL;
    uint32_t len;

    nv_layout(nv, 0);
    nv_prepare(nv);
    host_hello(h);
    g_assert_cmphex(nv_boot(nv, nv->meta), ==, 0);
    nv_snapshot(nv);
    g_assert_false(gpu_line(nv->g, 0));
    box_step(nv->b, 10 * MS);
    host_expect(h, HOST_NUMBER(h, EVENT_SEQUENCER));
    nv_snapshot(nv);
    host_expect(h, HOST_NUMBER(h, EVENT_INIT_DONE));
    nv_ack(nv);
    host_tree(h);
    for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
        send_echo(nv, 100 + i, i);
    }
    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    box_step(nv->b, 1000);
    nv_snapshot(nv);
    g_assert_cmpuint(host_take(h), ==, 0);
    box_step(nv->b, MS);
    for (unsigned i = 0; i < HOST_SLOTS - 1; i++) {
        if (i == 30) {
            nv_snapshot(nv);
        }
        host_expect(h, ECHO);
        check_echo(nv, 100 + i, i);
    }
    nv_ack(nv);
    p = long_list(nv, 0x77, &len);
    host_send_long(h, HOST_NUMBER(h, RPC_MEMORY), p, len, ring_and_snapshot);
    finish_long(nv, 0x77);
    objects(nv, 0x88);
    nv_free(nv);
}

#define TEST(name) qtest_add_func("/gpumbox/gsp-queue/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/gpumbox/gsp-queue/ten_thousand_r535", "gsp-r535",
                        ten_thousand);
    qtest_add_data_func("/gpumbox/gsp-queue/ten_thousand_r570", "gsp-r570",
                        ten_thousand);
    TEST(every_length_over_the_end);
    TEST(a_full_queue);
    TEST(broken_messages_are_taken_out);
    TEST(snapshots_lose_nothing);
    return g_test_run();
}
