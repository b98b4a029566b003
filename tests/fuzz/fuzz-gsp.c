/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GSP stub against a host that writes anything anywhere: messages right
 * and wrong, arguments, doorbells, timers, restarts, migration and a
 * scenario, in any order.
 *
 * An input is a sequence of operations: a byte that selects one and its
 * operands, little endian; short operands read as zeros.  GSP_DTBS is the
 * folder of the compiled profiles.
 */
#include <string.h>

#include "../unit/gsp/fake.h"
#include "fuzz.h"

#define OPS_MAX 300

static uint32_t number(Fake *k, unsigned i)
{
    return k->host.layout.value[i % GSP_NR_VALUES];
}

/* Any RPC with a payload of any length, some of it filled in. */
static void send_any(Fake *k, Input *in)
{
    uint32_t function = number(k, take(in, 1));
    uint32_t len = take(in, 2) % 65457;
    unsigned fill = take(in, 1);
    g_autofree uint8_t *p = g_malloc0(len + 1);

    for (unsigned i = 0; i < fill && i < len; i++) {
        p[i] = take(in, 1);
    }
    fake_send(k, function, p, len);
}

static void send_alloc(Fake *k, Input *in)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };
    uint32_t head = SIZE(k, ALLOC);
    uint32_t len = take(in, 2) % 1024;
    unsigned chid = take(in, 1);

    PUT(k, ALLOC_CLIENT, p, take(in, 1) % 4);
    PUT(k, ALLOC_PARENT, p, take(in, 1) % 8);
    PUT(k, ALLOC_OBJECT, p, take(in, 1) % 8);
    PUT(k, ALLOC_CLASS, p, number(k, GSP_V_CLASS_ROOT +
                                     take(in, 1) % GSP_NR_CLASSES));
    PUT(k, ALLOC_PARAMS, p, take(in, 1) & 1 ? take(in, 4) : len);
    PUT(k, CHANNEL_ENTRIES, p + head, 8);
    PUT(k, CHANNEL_USERD_INDEX, p + head, chid);
    PUT(k, CHANNEL_USERD_PAGE, p + head, take(in, 1));
    PUT(k, CHANNEL_SPACE, p + head, take(in, 1) % 8);
    PUT(k, CHANNEL_ENGINE, p + head, take(in, 1));
    PUT(k, CHANNEL_INST_PLACE, p + head, 2);
    PUT(k, CHANNEL_USERD_PLACE, p + head, 2);
    fake_send(k, NUMBER(k, RPC_ALLOC), p, head + len);
}

static void send_control(Fake *k, Input *in)
{
    uint8_t p[2 * FW_STRUCT_MAX] = { 0 };
    uint32_t head = SIZE(k, CONTROL);
    uint32_t len = take(in, 2) % FW_STRUCT_MAX;
    bool own = take(in, 1) & 1;

    PUT(k, CONTROL_CLIENT, p, own ? NUMBER(k, HANDLE_CLIENT)
                                  : take(in, 1) % 4);
    PUT(k, CONTROL_OBJECT, p, own ? NUMBER(k, HANDLE_SUBDEVICE)
                                  : take(in, 1) % 8);
    PUT(k, CONTROL_CMD, p, number(k, take(in, 1)));
    PUT(k, CONTROL_PARAMS, p, take(in, 1) & 1 ? take(in, 4) : len);
    for (unsigned i = 0; i < 8; i++) {
        p[head + take(in, 1)] = take(in, 1);
    }
    fake_send(k, NUMBER(k, RPC_CONTROL), p, head + len);
}

static void break_last(Fake *k, Input *in)
{
    uint8_t *p = fake_last(k);
    unsigned field = take(in, 1) % GSP_NR_FIELDS;
    unsigned strct = gsp_layout_spec.fields[field].strct;
    uint64_t value = take(in, 4);
    bool seal = take(in, 1) & 1;

    if (strct == GSP_S_ELEMENT) {
        fake_put(k, field, p, value);
    } else if (strct == GSP_S_RPC) {
        fake_put(k, field, p + SIZE(k, ELEMENT), value);
    }
    if (seal) {
        fake_seal(k);
    }
}

static void write_bytes(Fake *k, Input *in)
{
    uint32_t at = take(in, 3) % (FAKE_BUS_BYTES - 8);
    uint64_t value = take(in, 8);

    memcpy(k->bus + at, &value, 1 + take(in, 1) % 8);
}

/* The host reads on, whatever there is. */
static void read_on(Fake *k, unsigned n)
{
    uint8_t *cmd = fake_queue(k);
    uint32_t read = GET(k, RX_READ, cmd + HOST_RX);

    PUT(k, RX_READ, cmd + HOST_RX, (read + n) % HOST_SLOTS);
}

static void set_rule(Fake *k, Input *in)
{
    static const struct {
        FwTapKind kind;
        const char *name;
    } at[] = {
        { FW_TAP_BOOT, "boot" },
        { FW_TAP_REQUEST, "rm-alloc" },
        { FW_TAP_REQUEST, "rm-control" },
        { FW_TAP_REQUEST, "system-info" },
        { FW_TAP_ACK, "rm-alloc" },
        { FW_TAP_ACK, "rm-control" },
        { FW_TAP_ACK, "alloc-memory" },
        { FW_TAP_ACK, "unload" },
        { FW_TAP_EVENT, "init-done" },
        { FW_TAP_EVENT, "rc-triggered" },
        { FW_TAP_WRITE, "rpc" },
        { FW_TAP_WRITE, "element" },
        { FW_TAP_WRITE, "static-info" },
        { FW_TAP_WRITE, "queue-tx" },
        { FW_TAP_FAULT, "queue" },
    };
    FakeRule *r = &k->rule[take(in, 1) % FAKE_RULES];
    unsigned i = take(in, 1) % G_N_ELEMENTS(at);

    *r = (FakeRule) {
        .kind = at[i].kind,
        .name = at[i].name,
        .times = take(in, 1) % 4,
        .verdict = {
            .action = take(in, 1) % FW_ACTIONS,
            .until = k->now + take(in, 4),
            .value = take(in, 5),
            .name = gsp_layout_spec.fields[take(in, 1) %
                                           GSP_NR_FIELDS].name,
        },
    };
}

static void boot(Fake *k, Input *in)
{
    bool resume = take(in, 1) & 1;
    unsigned hello = take(in, 1);
    uint8_t system[FW_STRUCT_MAX] = { 0 };
    uint8_t registry[8] = { 8 };

    fake_arguments(k, resume);
    if (hello & 1) {
        fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
        fake_send(k, NUMBER(k, RPC_REGISTRY), registry, sizeof(registry));
    }
    if (hello & 2) {
        write_bytes(k, in);
    }
    if (hello & 4) {
        uint8_t bye[FW_STRUCT_MAX] = { 0 };

        PUT(k, UNLOAD_IN_PM, bye, 1);
        fake_send(k, NUMBER(k, RPC_UNLOAD), bye, SIZE(k, UNLOAD));
        fake_ring(k);
        fake_elapse(k, 1000000);
        gsp_stop(&k->fw);
    }
    if (hello & 8) {
        k->fw_heap[take(in, 2)] = take(in, 1);
    }
    fake_start(k, resume);
}

static void spoil_arguments(Fake *k, Input *in)
{
    unsigned field = take(in, 1) % GSP_NR_FIELDS;
    uint64_t value = take(in, 8);

    switch (gsp_layout_spec.fields[field].strct) {
    case GSP_S_ARGS:
        fake_put(k, field, fake_bus(k, FAKE_ARGS), value);
        break;
    case GSP_S_LIBOS:
        fake_put(k, field, fake_bus(k, FAKE_LIBOS) + SIZE(k, LIBOS), value);
        break;
    case GSP_S_TX:
        fake_put(k, field, fake_queue(k), value);
        break;
    default:
        return;
    }
    fake_start(k, take(in, 1) & 1);
}

/* Whatever happened, the state is one that another process accepts. */
static void migrate(Fake *k)
{
    FwError err = { "" };

    if (!gsp_post_load(&k->fw, &err)) {
        g_error("own state refused: %s", err.text);
    }
}

/* A migration stream that somebody made up. */
static void corrupt(Fake *k, Input *in)
{
    size_t range = offsetof(GspState, profile);
    size_t at = take(in, 4) % (range - 8);
    uint64_t value = take(in, 8);
    FwError err;

    memcpy((uint8_t *)&k->fw.s + at, &value, sizeof(value));
    if (gsp_post_load(&k->fw, &err)) {
        fake_ring(k);
        gsp_raise(&k->fw, "rc-triggered", value, 1);
        fake_elapse(k, 1000000);
        gsp_stop(&k->fw);
    }
    gsp_init(&k->fw);
    for (unsigned i = 0; i < FW_TIMERS_MAX; i++) {
        k->timer[i] = FW_TIME_NEVER;
    }
}

static void step(Fake *k, Input *in)
{
    unsigned op = take(in, 1);

    switch (op % 16) {
    case 0:
    case 1:
        fake_ring(k);
        break;
    case 2:
        fake_elapse(k, take(in, 3));
        break;
    case 3:
        send_any(k, in);
        break;
    case 4:
    case 5:
        send_alloc(k, in);
        break;
    case 6:
    case 7:
        send_control(k, in);
        break;
    case 8:
        break_last(k, in);
        break;
    case 9:
        write_bytes(k, in);
        break;
    case 10:
        read_on(k, take(in, 1));
        break;
    case 11:
        gsp_raise(&k->fw, "rc-triggered", take(in, 2), take(in, 1));
        gsp_channel_fault(&k->fw, take(in, 2), take(in, 1), NULL);
        gsp_channel_fault(&k->fw, take(in, 2), 31,
                          &(GspMmuFault) { .address = take(in, 2),
                                           .type = take(in, 1) });
        break;
    case 12:
        set_rule(k, in);
        break;
    case 13:
        boot(k, in);
        break;
    case 14:
        spoil_arguments(k, in);
        break;
    default:
        if (op & 0x80) {
            corrupt(k, in);
        } else if (op & 0x40) {
            gsp_stop(&k->fw);
        } else {
            migrate(k);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = { "gsp-r535", "gsp-r570" };
    Input in = { data, size };
    Fake *k = fake_new(names[take(&in, 1) % G_N_ELEMENTS(names)]);

    fake_up(k);
    for (unsigned i = 0; i < OPS_MAX && in.left; i++) {
        step(k, &in);
    }
    migrate(k);
    gsp_stop(&k->fw);
    fake_free(k);
    return 0;
}
