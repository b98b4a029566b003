/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The CSF stub against a host that writes anything anywhere: contents of
 * shared memory, doorbells, timers, hardware events, restarts with another or
 * a varied profile, migration and a scenario, in any order.
 *
 * An input is a sequence of operations: a byte that selects one and its
 * operands, little endian; short operands read as zeros.  CSF_DTBS is the
 * folder of the compiled profiles.
 */
#include <string.h>

#include "../unit/csf/fake.h"
#include "fuzz.h"

#define OPS_MAX 400

/* What a driver would touch: requests of blocks that the stub reads. */
static void write_field(Fake *k, Input *in)
{
    unsigned field = take(in, 1) % CSF_NR_FIELDS;
    unsigned g = take(in, 1) % FAKE_GROUPS;
    unsigned s = take(in, 1) % FAKE_STREAMS;
    uint64_t value = take(in, 8);

    switch (csf_layout_spec.fields[field].strct) {
    case CSF_S_GLB_INPUT:
        fake_put(k, k->glb_in, field, value);
        break;
    case CSF_S_CSG_INPUT:
        fake_put(k, k->csg_in[g], field, value);
        break;
    case CSF_S_CS_INPUT:
        fake_put(k, k->cs_in[g][s], field, value);
        break;
    case CSF_S_CS_OUTPUT:
        fake_put(k, k->cs_out[g][s], field, value);
        break;
    case CSF_S_RING_INPUT:
        fake_put(k, FAKE_RING_IN(g, s), field, value);
        break;
    default:
        break;
    }
}

static void write_bytes(Fake *k, Input *in)
{
    FakeSection *sec = &k->section[take(in, 1) % G_N_ELEMENTS(k->section)];
    uint32_t at = take(in, 3) % (sec->size - 8);
    uint64_t value = take(in, 8);

    memcpy(sec->data + at, &value, sizeof(value));
}

static void set_status(Fake *k, Input *in)
{
    FakeStream *st = &k->stream[take(in, 1) % FAKE_GROUPS]
                               [take(in, 1) % FAKE_STREAMS];

    st->status.empty = take(in, 1) & 1;
    st->status.blocked = take(in, 1) % (CSF_BLOCKED_FLUSH + 1);
    st->status.scoreboards = take(in, 2);
    st->status.extract = take(in, 8);
    st->status.heap = take(in, 8);
    st->refuse = take(in, 1) & 1;
}

static void set_rule(Fake *k, Input *in)
{
    static const struct {
        FwTapKind kind;
        const char *name;
    } at[] = {
        { FW_TAP_BOOT, "boot" },
        { FW_TAP_HALT, "glb-halt" },
        { FW_TAP_REQUEST, "glb-ping" },
        { FW_TAP_REQUEST, "csg-state" },
        { FW_TAP_REQUEST, "cs-state" },
        { FW_TAP_REQUEST, "cs-tiler-oom" },
        { FW_TAP_ACK, "csg-state" },
        { FW_TAP_ACK, "csg-status-update" },
        { FW_TAP_ACK, "cs-state" },
        { FW_TAP_EVENT, "csg-idle" },
        { FW_TAP_EVENT, "csg-sync-update" },
        { FW_TAP_EVENT, "cs-tiler-oom" },
        { FW_TAP_EVENT, "cs-fault" },
        { FW_TAP_KICK, "cs-kick" },
        { FW_TAP_FAULT, "cs-fault" },
    };
    FakeRule *r = &k->rule[take(in, 1) % FAKE_RULES];
    unsigned i = take(in, 1) % G_N_ELEMENTS(at);

    *r = (FakeRule){
        .kind = at[i].kind,
        .name = at[i].name,
        .group = FW_TAP_ANY,
        .times = take(in, 1) % 4,
        .verdict = {
            .action = take(in, 1) % FW_ACTIONS,
            .until = k->now + take(in, 4),
            .value = take(in, 5),
            .data = take(in, 2),
        },
    };
}

/* Whatever happened, the state is one that another process accepts. */
static void migrate(Fake *k)
{
    FwError err = { "" };

    if (!csf_post_load(&k->fw, &err)) {
        g_error("own state refused: %s", err.text);
    }
}

/* A migration stream that somebody made up. */
static void corrupt(Fake *k, Input *in)
{
    bool group = take(in, 1) & 1;
    size_t base = group ? offsetof(CsfState, group) : 0;
    size_t range = group ? 2 * sizeof(CsfGroup) : offsetof(CsfState, profile);
    size_t at = base + take(in, 4) % (range - 8);
    uint64_t value = take(in, 8);
    FwError err;

    memcpy((uint8_t *)&k->fw.s + at, &value, sizeof(value));
    k->lax = true;
    if (csf_post_load(&k->fw, &err)) {
        csf_doorbell(&k->fw, 0);
        csf_doorbell(&k->fw, 1);
        csf_event(&k->fw);
        fake_run(k, 20 * FAKE_MS);
        csf_stop(&k->fw);
    } else {
        csf_init(&k->fw);
    }
    memset(k->stream, 0, sizeof(k->stream));
    k->lax = false;
}

/* Another image, with a stock profile, or with what the image itself says. */
static void exchange(Fake *k, unsigned i)
{
    static const char *const names[] = {
        "csf-1.1", "csf-2.0", "csf-3.0", "csf-4.0", "csf-4.1", "csf-1.5",
    };
    static uint8_t *dtb[G_N_ELEMENTS(names)];
    static uint32_t size[G_N_ELEMENTS(names)];

    i %= G_N_ELEMENTS(names);
    if (!dtb[i]) {
        fake_stock(k, names[i]);
        dtb[i] = g_memdup2(k->profile, k->profile_size);
        size[i] = k->profile_size;
    }
    fake_profile(k, dtb[i], size[i]);
}

/* A number of the profile is another one, as by --set or by a mutation. */
static void vary(Fake *k, Input *in)
{
    const FwValueNeed *v =
        &csf_layout_spec.values[take(in, 1) % csf_layout_spec.nr_values];
    g_auto(GStrv) path = g_strsplit(v->name, "/", 2);
    uint32_t value = take(in, 4);

    /* Not more than the hardware behind it has. */
    if (!strcmp(v->name, "counts/groups")) {
        value %= FAKE_GROUPS + 1;
    } else if (!strcmp(v->name, "counts/streams")) {
        value %= FAKE_STREAMS + 1;
    }
    fake_number(k, path[0], path[1], value);
}

static void step(Fake *k, Input *in)
{
    unsigned op = take(in, 1);
    unsigned g, s;

    switch (op % 16) {
    case 0:
        csf_doorbell(&k->fw, take(in, 1) % 10);
        break;
    case 1:
        ring_groups(k, take(in, 4));
        break;
    case 2:
        fake_run(k, take(in, 4));
        break;
    case 3:
        g = take(in, 1) % FAKE_GROUPS;
        s = take(in, 1) % FAKE_STREAMS;
        fake_event(k, g, s, take(in, 2));
        break;
    case 4:
    case 5:
        write_field(k, in);
        break;
    case 6:
        write_bytes(k, in);
        break;
    case 7:
        start_group(k, take(in, 1) % FAKE_GROUPS,
                    take(in, 1) % FAKE_STREAMS + 1);
        break;
    case 8:
        g = take(in, 1) % FAKE_GROUPS;
        request_state(k, g, take(in, 1) & 7);
        break;
    case 9:
        take_irq(k, take(in, 1) % FAKE_GROUPS);
        ring(k);
        break;
    case 10:
        set_status(k, in);
        break;
    case 11:
        set_rule(k, in);
        break;
    case 12:
        g = take(in, 1);
        if (!(g & 3)) {
            break;
        }
        if (g & 1 && g & 2) {
            exchange(k, g >> 2);
        } else if (g & 2) {
            vary(k, in);
        }
        csf_stop(&k->fw);
        csf_boot(&k->fw, k->profile, k->profile_size);
        break;
    case 13:
        g = take(in, 1) % FAKE_GROUPS;
        s = take(in, 1) % FAKE_STREAMS;
        submit(k, g, s, take(in, 3));
        csf_doorbell(&k->fw, g + 1);
        break;
    case 14:
        glb_toggle(k, take(in, 4));
        ring(k);
        break;
    default:
        if (op & 0x80) {
            corrupt(k, in);
        } else {
            migrate(k);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Fake *up, *k;
    Input in = { data, size };

    if (!up) {
        g_setenv("GPUMBOX_DTBS", CSF_DTBS, FALSE);
        up = fake_up();
        k = fake_new();
    }
    fake_assign(k, up);
    for (unsigned i = 0; i < OPS_MAX && in.left; i++) {
        step(k, &in);
        g_string_truncate(k->log, 0);
    }
    /* Not always: it resolves the profile, which takes longer than the rest. */
    if (size % 16 == 0) {
        migrate(k);
    }
    csf_stop(&k->fw);
    return 0;
}
