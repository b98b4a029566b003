/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host's side: what panthor writes and reads, in its order. */
#include <string.h>

#include "fake.h"

uint64_t fake_get(Fake *k, uint64_t va, unsigned field)
{
    unsigned strct = csf_layout_spec.fields[field].strct;

    return fw_get(&k->layout.field[field],
                  fake_mem(k, va, k->layout.struct_size[strct]));
}

void fake_put(Fake *k, uint64_t va, unsigned field, uint64_t value)
{
    unsigned strct = csf_layout_spec.fields[field].strct;

    fw_put(&k->layout.field[field],
           fake_mem(k, va, k->layout.struct_size[strct]), value);
}

uint32_t fake_bit(const Fake *k, unsigned field)
{
    return fw_field_mask(&k->layout.field[field]);
}

uint32_t fake_state(const Fake *k, unsigned field, unsigned value)
{
    return value << k->layout.field[field].lsb;
}

uint32_t glb_req(Fake *k)
{
    return GET(k, k->glb_in, GLB_INPUT_REQ);
}

uint32_t glb_ack(Fake *k)
{
    return GET(k, k->glb_out, GLB_OUTPUT_ACK);
}

uint32_t csg_req(Fake *k, unsigned g)
{
    return GET(k, k->csg_in[g], CSG_INPUT_REQ);
}

uint32_t csg_ack(Fake *k, unsigned g)
{
    return GET(k, k->csg_out[g], CSG_OUTPUT_ACK);
}

uint32_t cs_req(Fake *k, unsigned g, unsigned s)
{
    return GET(k, k->cs_in[g][s], CS_INPUT_REQ);
}

uint32_t cs_ack(Fake *k, unsigned g, unsigned s)
{
    return GET(k, k->cs_out[g][s], CS_OUTPUT_ACK);
}

void glb_update(Fake *k, uint32_t value, uint32_t mask)
{
    PUT(k, k->glb_in, GLB_INPUT_REQ, (glb_req(k) & ~mask) | (value & mask));
}

void glb_toggle(Fake *k, uint32_t mask)
{
    glb_update(k, ~glb_ack(k), mask);
}

void csg_update(Fake *k, unsigned g, uint32_t value, uint32_t mask)
{
    PUT(k, k->csg_in[g], CSG_INPUT_REQ,
        (csg_req(k, g) & ~mask) | (value & mask));
}

void csg_toggle(Fake *k, unsigned g, uint32_t mask)
{
    csg_update(k, g, ~csg_ack(k, g), mask);
}

void cs_update(Fake *k, unsigned g, unsigned s, uint32_t value, uint32_t mask)
{
    PUT(k, k->cs_in[g][s], CS_INPUT_REQ,
        (cs_req(k, g, s) & ~mask) | (value & mask));
}

void ring(Fake *k)
{
    csf_doorbell(&k->fw, 0);
}

void ring_groups(Fake *k, uint32_t groups)
{
    uint32_t ack = GET(k, k->glb_out, GLB_OUTPUT_DOORBELL_ACK);
    uint32_t req = GET(k, k->glb_in, GLB_INPUT_DOORBELL_REQ);

    PUT(k, k->glb_in, GLB_INPUT_DOORBELL_REQ,
        (req & ~groups) | (~ack & groups));
    ring(k);
}

static void ring_streams(Fake *k, unsigned g, uint32_t streams)
{
    uint32_t ack = GET(k, k->csg_out[g], CSG_OUTPUT_DOORBELL_ACK);
    uint32_t req = GET(k, k->csg_in[g], CSG_INPUT_DOORBELL_REQ);

    PUT(k, k->csg_in[g], CSG_INPUT_DOORBELL_REQ,
        (req & ~streams) | (~ack & streams));
}

void submit(Fake *k, unsigned g, unsigned s, uint64_t insert)
{
    PUT(k, FAKE_RING_IN(g, s), RING_INPUT_INSERT, insert);
}

/* cs_slot_prog_locked() */
static void program_stream(Fake *k, unsigned g, unsigned s)
{
    uint32_t in = k->cs_in[g][s];
    uint32_t level = BIT_OF(k, CS_REQUEST_IDLE_SYNC_WAIT) |
                     BIT_OF(k, CS_REQUEST_IDLE_EMPTY);
    uint32_t mask = BIT_OF(k, CS_REQUEST_STATE);

    PUT(k, FAKE_RING_IN(g, s), RING_INPUT_EXTRACT_INIT,
        GET(k, FAKE_RING_OUT(g, s), RING_OUTPUT_EXTRACT));
    PUT(k, in, CS_INPUT_RINGBUF_BASE, 0x800000000000ull + s * 0x10000);
    PUT(k, in, CS_INPUT_RINGBUF_SIZE, 0x10000);
    PUT(k, in, CS_INPUT_RINGBUF_INPUT, FAKE_RING_IN(g, s));
    PUT(k, in, CS_INPUT_RINGBUF_OUTPUT, FAKE_RING_OUT(g, s));
    PUT(k, in, CS_INPUT_PRIORITY, 1);
    PUT(k, in, CS_INPUT_DOORBELL, g + 1);
    PUT(k, in, CS_INPUT_ACK_IRQ_MASK, UINT32_MAX);
    cs_update(k, g, s,
              level | fake_state(k, CSF_F_CS_REQUEST_STATE,
                                 k->layout.value[CSF_V_CS_START]),
              level | mask);
}

void program(Fake *k, unsigned g, unsigned streams, unsigned buf)
{
    uint32_t in = k->csg_in[g];

    for (unsigned s = 0; s < streams; s++) {
        program_stream(k, g, s);
    }
    PUT(k, in, CSG_INPUT_ALLOW_COMPUTE, 0xf);
    PUT(k, in, CSG_INPUT_ENDPOINT_REQ, 0xf0010404);
    PUT(k, in, CSG_INPUT_CONFIG, g + 1);
    PUT(k, in, CSG_INPUT_SUSPEND_BUF, FAKE_SUSPEND_VA(buf));
    PUT(k, in, CSG_INPUT_ACK_IRQ_MASK, UINT32_MAX);
    ring_streams(k, g, (1u << streams) - 1);
}

void request_state(Fake *k, unsigned g, unsigned value)
{
    csg_update(k, g, fake_state(k, CSF_F_CSG_REQUEST_STATE, value),
               BIT_OF(k, CSG_REQUEST_STATE));
    ring_groups(k, 1u << g);
}

void start_group(Fake *k, unsigned g, unsigned streams)
{
    program(k, g, streams, g);
    csg_toggle(k, g, BIT_OF(k, CSG_REQUEST_ENDPOINT_CONFIG));
    request_state(k, g, k->layout.value[CSF_V_CSG_START]);
}

/* cs_slot_process_irq_locked() */
static bool take_stream_irq(Fake *k, unsigned g, unsigned s)
{
    uint32_t ack = cs_ack(k, g, s);
    uint32_t events = cs_req(k, g, s) ^ ack;

    cs_update(k, g, s, ack,
              BIT_OF(k, CS_REQUEST_FATAL) | BIT_OF(k, CS_REQUEST_FAULT));
    return events & (BIT_OF(k, CS_REQUEST_FAULT) |
                     BIT_OF(k, CS_REQUEST_TILER_OOM));
}

void take_irq(Fake *k, unsigned g)
{
    uint32_t ack = csg_ack(k, g);
    uint32_t irq_req = GET(k, k->csg_out[g], CSG_OUTPUT_CS_IRQ_REQ);
    uint32_t irqs = irq_req ^ GET(k, k->csg_in[g], CSG_INPUT_CS_IRQ_ACK);
    uint32_t again = 0;

    PUT(k, k->csg_in[g], CSG_INPUT_CS_IRQ_ACK, irq_req);
    csg_update(k, g, ack,
               BIT_OF(k, CSG_REQUEST_SYNC_UPDATE) |
               BIT_OF(k, CSG_REQUEST_IDLE) |
               BIT_OF(k, CSG_REQUEST_PROGRESS_TIMER));
    for (unsigned s = 0; s < FAKE_STREAMS; s++) {
        if (irqs >> s & 1 && take_stream_irq(k, g, s)) {
            again |= 1u << s;
        }
    }
    if (again) {
        ring_streams(k, g, again);
    }
}

/* panthor_fw_init_ifaces() and its callees */
static void learn(Fake *k)
{
    uint64_t glb = k->layout.value[CSF_V_SHARED_VA];
    uint64_t stride = GET(k, glb, GLB_CONTROL_GROUP_STRIDE);

    k->glb_in = GET(k, glb, GLB_CONTROL_INPUT_VA);
    k->glb_out = GET(k, glb, GLB_CONTROL_OUTPUT_VA);
    g_assert_cmpuint(GET(k, glb, GLB_CONTROL_GROUP_NUM), <=, FAKE_GROUPS);
    for (unsigned g = 0; g < GET(k, glb, GLB_CONTROL_GROUP_NUM); g++) {
        uint64_t csg = glb + 0x1000 + g * stride;
        uint64_t step = GET(k, csg, CSG_CONTROL_STREAM_STRIDE);

        k->csg_in[g] = GET(k, csg, CSG_CONTROL_INPUT_VA);
        k->csg_out[g] = GET(k, csg, CSG_CONTROL_OUTPUT_VA);
        g_assert_cmpuint(GET(k, csg, CSG_CONTROL_STREAM_NUM), <=,
                         FAKE_STREAMS);
        for (unsigned s = 0; s < GET(k, csg, CSG_CONTROL_STREAM_NUM); s++) {
            k->cs_in[g][s] = GET(k, csg + 0x40 + s * step,
                                 CS_CONTROL_INPUT_VA);
            k->cs_out[g][s] = GET(k, csg + 0x40 + s * step,
                                  CS_CONTROL_OUTPUT_VA);
        }
    }
}

void fake_boot(Fake *k)
{
    FwError err;

    if (!fw_layout_load(&k->layout, &csf_layout_spec, k->profile,
                        k->profile_size, "test", &err)) {
        g_error("%s", err.text);
    }
    csf_boot(&k->fw, k->profile, k->profile_size);
    if (k->state != FW_STATE_RUNNING) {
        g_error("boot: %s", k->error);
    }
    learn(k);
}

/* panthor_fw_init_global_iface(); the timers are 10 ms, 800 us, 5 s. */
void fake_ready(Fake *k)
{
    uint32_t level = BIT_OF(k, GLB_REQUEST_IDLE_EN) |
                     BIT_OF(k, GLB_REQUEST_COUNTER_EN);
    uint32_t cfg = BIT_OF(k, GLB_REQUEST_CFG_ALLOC_EN) |
                   BIT_OF(k, GLB_REQUEST_CFG_POWEROFF_TIMER) |
                   BIT_OF(k, GLB_REQUEST_CFG_PROGRESS_TIMER);

    PUT(k, k->glb_in, GLB_INPUT_CORE_EN_MASK, 0x50005);
    PUT(k, k->glb_in, GLB_INPUT_POWEROFF_TIMER, 611);
    PUT(k, k->glb_in, GLB_INPUT_PROGRESS_TIMER, 2560000);
    PUT(k, k->glb_in, GLB_INPUT_IDLE_TIMER, 49);
    PUT(k, k->glb_in, GLB_INPUT_ACK_IRQ_MASK,
        cfg | BIT_OF(k, GLB_REQUEST_PING) | BIT_OF(k, GLB_REQUEST_IDLE_EN) |
        BIT_OF(k, GLB_REQUEST_IDLE) | BIT_OF(k, GLB_REQUEST_STATE));
    glb_update(k, level, level);
    glb_toggle(k, cfg);
    ring(k);
}

Fake *fake_up(void)
{
    Fake *k = fake_new();

    fake_boot(k);
    fake_ready(k);
    fake_irqs(k);
    return k;
}
