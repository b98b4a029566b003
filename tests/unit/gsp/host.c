/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "host.h"

#define PUT(h, id, p, v) HOST_PUT(h, id, p, v)
#define GET(h, id, p) HOST_GET(h, id, p)
#define SIZE(h, id) HOST_SIZE(h, id)
#define NUMBER(h, id) HOST_NUMBER(h, id)

void host_init(Host *h, const HostOps *ops, void *opaque, const void *dtb,
               size_t size)
{
    FwError err;

    h->ops = ops;
    h->opaque = opaque;
    if (!fw_layout_load(&h->layout, &gsp_layout_spec, dtb, size, "profile",
                        &err)) {
        g_error("%s", err.text);
    }
}

static void read_bus(Host *h, uint64_t addr, void *buf, uint32_t len)
{
    h->ops->read(h->opaque, addr, buf, len);
}

static void write_bus(Host *h, uint64_t addr, const void *buf, uint32_t len)
{
    h->ops->write(h->opaque, addr, buf, len);
}

uint64_t host_at(const Host *h, uint32_t off)
{
    g_assert_cmpuint(off / GSP_PAGE, <, HOST_PAGES);
    return h->page[off / GSP_PAGE] + off % GSP_PAGE;
}

uint64_t host_slot(const Host *h, uint32_t queue, uint32_t slot)
{
    return host_at(h, queue + GSP_PAGE + slot % HOST_SLOTS * GSP_PAGE);
}

/* A field, moved to the start of a word of its own. */
static FwField alone(const Host *h, unsigned field)
{
    FwField one = h->layout.field[field];

    g_assert_cmpuint(one.size, ==, 4);
    one.offset = 0;
    return one;
}

uint32_t host_word(Host *h, unsigned field, uint64_t addr)
{
    FwField one = alone(h, field);
    uint8_t buf[4];

    read_bus(h, addr + h->layout.field[field].offset, buf, sizeof(buf));
    return fw_get(&one, buf);
}

static void put_word(Host *h, unsigned field, uint64_t addr, uint32_t value)
{
    FwField one = alone(h, field);
    uint8_t buf[4] = { 0 };

    fw_put(&one, buf, value);
    write_bus(h, addr + h->layout.field[field].offset, buf, sizeof(buf));
}

static void write_table(Host *h)
{
    uint8_t table[8 * HOST_PAGES];

    for (unsigned i = 0; i < sizeof(table); i++) {
        table[i] = h->page[i / 8] >> (8 * (i % 8));
    }
    write_bus(h, h->page[0], table, sizeof(table));
}

static void write_queue(Host *h)
{
    uint8_t cmd[GSP_PAGE] = { 0 };

    PUT(h, TX_BYTES, cmd, HOST_STAT - HOST_CMD);
    PUT(h, TX_ENTRY_BYTES, cmd, GSP_PAGE);
    PUT(h, TX_ENTRIES, cmd, HOST_SLOTS);
    PUT(h, TX_FLAGS, cmd, 1);
    PUT(h, TX_RX_OFFSET, cmd, HOST_RX);
    PUT(h, TX_ENTRY_OFFSET, cmd, GSP_PAGE);
    write_bus(h, host_at(h, HOST_CMD), cmd, GSP_PAGE);
}

void host_arguments(Host *h, uint64_t libos, uint64_t args, bool resume)
{
    uint8_t page[GSP_PAGE] = { 0 };
    uint8_t *region = page + SIZE(h, LIBOS);

    PUT(h, LIBOS_ID, page, 0x4c4f47524d);               /* LOGRM */
    PUT(h, LIBOS_ID, region, 0x524d41524753);           /* RMARGS */
    PUT(h, LIBOS_ADDRESS, region, args);
    PUT(h, LIBOS_BYTES, region, GSP_PAGE);
    PUT(h, LIBOS_KIND, region, NUMBER(h, LIBOS_CONTIGUOUS));
    PUT(h, LIBOS_PLACE, region, NUMBER(h, LIBOS_SYSTEM));
    write_bus(h, libos, page, sizeof(page));
    memset(page, 0, sizeof(page));
    PUT(h, ARGS_SHARED, page, h->page[0]);
    PUT(h, ARGS_PAGES, page, HOST_PAGES);
    PUT(h, ARGS_CMD, page, HOST_CMD);
    PUT(h, ARGS_STAT, page, HOST_STAT);
    PUT(h, ARGS_IN_PM, page, resume);
    write_bus(h, args, page, sizeof(page));
    if (!resume) {
        write_table(h);
        write_queue(h);
        h->seq = 0;
    }
    h->got_seq = 0;
}

/* By words, of which both halves count. */
uint32_t host_sum(const uint8_t *p, uint32_t len)
{
    uint64_t words = 0;

    for (uint32_t i = 0; i < len; i++) {
        words ^= (uint64_t)p[i] << (8 * (i % 8));
    }
    return (uint32_t)(words >> 32) ^ (uint32_t)words;
}

/* rpc.c: r535_gsp_cmdq_push() */
void host_send(Host *h, uint32_t function, const void *payload, uint32_t len)
{
    g_autofree uint8_t *m = g_malloc0(17 * GSP_PAGE);
    uint8_t *rpc = m + SIZE(h, ELEMENT);
    uint32_t total = SIZE(h, ELEMENT) + SIZE(h, RPC) + len;
    uint32_t bytes = (total + 7) & ~7u;
    uint32_t pages = (total + GSP_PAGE - 1) / GSP_PAGE;
    uint64_t cmd = host_at(h, HOST_CMD);
    uint32_t write = host_word(h, GSP_F_TX_WRITE, cmd);

    g_assert_cmpuint(pages, <=, GSP_ELEMENT_PAGES);
    PUT(h, RPC_VERSION, rpc, NUMBER(h, RPC_VERSION));
    PUT(h, RPC_SIGNATURE, rpc, NUMBER(h, RPC_SIGNATURE));
    PUT(h, RPC_LENGTH, rpc, SIZE(h, RPC) + len);
    PUT(h, RPC_FUNCTION, rpc, function);
    PUT(h, RPC_RESULT, rpc, UINT32_MAX);
    PUT(h, RPC_RESULT_PRIVATE, rpc, UINT32_MAX);
    PUT(h, RPC_SEQUENCE, rpc, h->rpc_seq++);
    PUT(h, ELEMENT_SEQUENCE, m, h->seq++);
    PUT(h, ELEMENT_COUNT, m, pages);
    if (len) {
        memcpy(rpc + SIZE(h, RPC), payload, len);
    }
    PUT(h, ELEMENT_CHECKSUM, m, host_sum(m, bytes));
    for (unsigned i = 0; i < pages; i++) {
        write_bus(h, host_slot(h, HOST_CMD, write + i), m + i * GSP_PAGE,
                  MIN(GSP_PAGE, bytes - i * GSP_PAGE));
    }
    put_word(h, GSP_F_TX_WRITE, cmd, (write + pages) % HOST_SLOTS);
}

void host_send_long(Host *h, uint32_t function, const uint8_t *payload,
                    uint32_t len, void (*between)(void *opaque))
{
    const uint32_t most = HOST_LONGEST(h);

    host_send(h, function, payload, MIN(most, len));
    for (uint32_t at = most; at < len; at += most) {
        between(h->opaque);
        host_send(h, NUMBER(h, RPC_MORE), payload + at, MIN(most, len - at));
    }
}

void host_hello(Host *h)
{
    uint8_t system[FW_STRUCT_MAX] = { 0 };
    uint8_t registry[64] = { 0 };
    uint8_t *entry = registry + SIZE(h, REGISTRY);
    uint32_t name = SIZE(h, REGISTRY) + SIZE(h, ENTRY);

    host_send(h, NUMBER(h, RPC_SYSTEM), system, SIZE(h, SYSTEM));
    strcpy((char *)registry + name, "RMDevidCheckIgnore");
    PUT(h, REGISTRY_BYTES, registry, name + 19);
    PUT(h, REGISTRY_ENTRIES, registry, 1);
    PUT(h, ENTRY_KEY, entry, name);
    PUT(h, ENTRY_TYPE, entry, 1);
    PUT(h, ENTRY_DATA, entry, 1);
    PUT(h, ENTRY_LENGTH, entry, 4);
    host_send(h, NUMBER(h, RPC_REGISTRY), registry, name + 19);
}

/* cmdq.rs: receive_msg(), and rpc.c: r535_gsp_msgq_recv_one_elem() */
uint32_t host_take(Host *h)
{
    g_autofree uint8_t *m = g_malloc(GSP_ELEMENT_PAGES * GSP_PAGE);
    uint8_t *rpc = m + SIZE(h, ELEMENT);
    uint64_t rx = host_at(h, HOST_CMD) + HOST_RX;
    uint32_t write = host_word(h, GSP_F_TX_WRITE, host_at(h, HOST_STAT));
    uint32_t read = host_word(h, GSP_F_RX_READ, rx);
    uint32_t pages, length, bytes;

    if (write == read) {
        return 0;
    }
    read_bus(h, host_slot(h, HOST_STAT, read), m, GSP_PAGE);
    length = GET(h, RPC_LENGTH, rpc);
    pages = GET(h, ELEMENT_COUNT, m);
    bytes = (SIZE(h, ELEMENT) + length + 7) & ~7u;
    g_assert_cmpuint(GET(h, RPC_SIGNATURE, rpc), ==,
                     NUMBER(h, RPC_SIGNATURE));
    g_assert_cmpuint(length, >=, SIZE(h, RPC));
    g_assert_cmpuint(length, <=, HOST_REPLY_MAX - SIZE(h, ELEMENT));
    g_assert_cmpuint(pages, ==,
                     (SIZE(h, ELEMENT) + length + GSP_PAGE - 1) / GSP_PAGE);
    g_assert_cmpuint(pages, <=, (write + HOST_SLOTS - read) % HOST_SLOTS);
    g_assert_cmpuint(GET(h, ELEMENT_SEQUENCE, m), ==, h->got_seq);
    for (unsigned i = 1; i < pages; i++) {
        read_bus(h, host_slot(h, HOST_STAT, read + i), m + i * GSP_PAGE,
                 MIN(GSP_PAGE, bytes - i * GSP_PAGE));
    }
    g_assert_cmpuint(host_sum(m, bytes), ==, 0);
    h->got_seq++;
    h->reply_length = length - SIZE(h, RPC);
    h->reply_result = GET(h, RPC_RESULT, rpc);
    h->reply_seq = GET(h, RPC_SEQUENCE, rpc);
    memcpy(h->reply, rpc + SIZE(h, RPC), h->reply_length);
    put_word(h, GSP_F_RX_READ, rx, (read + pages) % HOST_SLOTS);
    return GET(h, RPC_FUNCTION, rpc);
}

void host_expect(Host *h, uint32_t function)
{
    g_assert_cmphex(host_take(h), ==, function);
}

void host_call(Host *h, uint32_t function, const void *payload, uint32_t len)
{
    uint32_t seq = h->rpc_seq;

    host_send(h, function, payload, len);
    h->ops->ring(h->opaque);
    host_expect(h, function);
    g_assert_cmpuint(h->reply_length, ==, len);
    g_assert_cmpuint(h->reply_seq, ==, seq);
}

uint32_t host_alloc(Host *h, uint32_t client, uint32_t parent,
                    uint32_t handle, uint32_t class, const void *params,
                    uint32_t len)
{
    uint8_t buf[FW_STRUCT_MAX * 2] = { 0 };
    uint32_t head = SIZE(h, ALLOC);

    PUT(h, ALLOC_CLIENT, buf, client);
    PUT(h, ALLOC_PARENT, buf, parent);
    PUT(h, ALLOC_OBJECT, buf, handle);
    PUT(h, ALLOC_CLASS, buf, class);
    PUT(h, ALLOC_PARAMS, buf, len);
    if (params) {
        memcpy(buf + head, params, len);
    }
    host_call(h, NUMBER(h, RPC_ALLOC), buf, head + len);
    g_assert_cmpuint(h->reply_result, ==, 0);
    return GET(h, ALLOC_STATUS, h->reply);
}

uint32_t host_control(Host *h, uint32_t client, uint32_t object,
                      uint32_t cmd, void *params, uint32_t len)
{
    uint8_t buf[FW_STRUCT_MAX * 2] = { 0 };
    uint32_t head = SIZE(h, CONTROL);

    PUT(h, CONTROL_CLIENT, buf, client);
    PUT(h, CONTROL_OBJECT, buf, object);
    PUT(h, CONTROL_CMD, buf, cmd);
    PUT(h, CONTROL_PARAMS, buf, len);
    memcpy(buf + head, params, len);
    host_call(h, NUMBER(h, RPC_CONTROL), buf, head + len);
    g_assert_cmpuint(h->reply_result, ==, 0);
    memcpy(params, h->reply + head, len);
    return GET(h, CONTROL_STATUS, h->reply);
}

uint32_t host_release(Host *h, uint32_t client, uint32_t handle)
{
    uint8_t buf[FW_STRUCT_MAX] = { 0 };

    PUT(h, FREE_CLIENT, buf, client);
    PUT(h, FREE_OBJECT, buf, handle);
    host_call(h, NUMBER(h, RPC_FREE), buf, SIZE(h, FREE));
    return GET(h, FREE_STATUS, h->reply);
}

void host_tree(Host *h)
{
    uint8_t zeros[FW_STRUCT_MAX] = { 0 };

    g_assert_cmphex(host_alloc(h, 1, 1, 1, NUMBER(h, CLASS_ROOT), zeros,
                               SIZE(h, CLIENT)), ==, 0);
    g_assert_cmphex(host_alloc(h, 1, 1, 2, NUMBER(h, CLASS_DEVICE), zeros,
                               SIZE(h, DEVICE)), ==, 0);
    g_assert_cmphex(host_alloc(h, 1, 2, 3, NUMBER(h, CLASS_SUBDEVICE), zeros,
                               SIZE(h, SUBDEVICE)), ==, 0);
    g_assert_cmphex(host_alloc(h, 1, 2, 4, NUMBER(h, CLASS_SPACE), zeros,
                               SIZE(h, SPACE)), ==, 0);
}

uint32_t host_channel(Host *h, const HostChannel *c)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    PUT(h, CHANNEL_GPFIFO, p, c->gpfifo);
    PUT(h, CHANNEL_ENTRIES, p, c->entries);
    PUT(h, CHANNEL_USERD_INDEX, p, c->chid % 8);
    PUT(h, CHANNEL_USERD_PAGE, p, c->chid / 8);
    PUT(h, CHANNEL_SPACE, p, c->space);
    PUT(h, CHANNEL_ENGINE, p, c->engine);
    PUT(h, CHANNEL_INST, p, c->inst);
    PUT(h, CHANNEL_INST_PLACE, p, NUMBER(h, PLACE_FB));
    PUT(h, CHANNEL_USERD, p, c->userd);
    PUT(h, CHANNEL_USERD_PLACE, p, NUMBER(h, PLACE_FB));
    return host_alloc(h, 1, 2, c->handle, NUMBER(h, CLASS_CHANNEL_AMPERE), p,
                      SIZE(h, CHANNEL));
}
