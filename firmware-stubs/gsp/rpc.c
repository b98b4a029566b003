/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RPCs of the host, by function number.
 *
 * The answer is the request with what changed in it; its header's result says
 * whether the RPC as such was understood, the status in its body what the
 * resource manager thinks of it (r535/rpc.c: r535_gsp_msg_recv(); r535/ctrl.c,
 * r535/alloc.c).
 */
#include <string.h>

#include "internal.h"

/* GSP mailbox 0 after the goodbye (r535/gsp.c: r535_gsp_fini()). */
#define MAILBOX_SUSPENDED 0x80000000u

#define REGISTRY_NAME_MAX 4096

/**
 * struct Rpc - how an RPC is handled
 * @function: GSP_V_RPC_*.
 * @strct:    what its payload begins with, GSP_NR_STRUCTS: nothing.
 * @name:     on the tap.
 * @silent:   it is not answered.
 * @a, @b:    fields that the tap shows, GSP_NR_FIELDS: none.
 * @status:   field for a status, GSP_NR_FIELDS: the header's result.
 * @run:      carry it out; returns the status.
 */
typedef struct Rpc {
    unsigned function;
    unsigned strct;
    const char *name;
    bool silent;
    unsigned a, b;
    unsigned status;
    uint32_t (*run)(Gsp *g, GspCall *call);
} Rpc;

static void told(Gsp *g, unsigned what)
{
    bool complete = g->s.told == GSP_TOLD_ALL;

    g->s.told |= what;
    if (g->s.told == GSP_TOLD_ALL && !complete &&
        g->s.stage == GSP_STAGE_STARTING) {
        g->s.stage = GSP_STAGE_READY;
        if (g->gpu.sequencer) {
            gsp_event(g, GSP_EVENT_SEQUENCER, 0, 0);
        }
        gsp_event(g, GSP_EVENT_INIT_DONE, 0, 0);
    }
}

/* The first that the host says, and so the first that tells its ABI. */
static uint32_t system_info(Gsp *g, GspCall *call)
{
    FwError err;

    if (call->length != GSP_SIZE(g, SYSTEM)) {
        gsp_refuse(&err, "the driver's system information has %u bytes, that "
                   "of %s %u: it speaks another firmware's language",
                   call->length, g->layout.name, GSP_SIZE(g, SYSTEM));
        gsp_fatal(g, &err);
        return 0;
    }
    told(g, GSP_TOLD_SYSTEM);
    return 0;
}

static bool has_end(const uint8_t *p, uint32_t from, uint32_t to)
{
    uint32_t end = to - from < REGISTRY_NAME_MAX ? to
                                                 : from + REGISTRY_NAME_MAX;

    for (uint32_t i = from; i < end; i++) {
        if (!p[i]) {
            return i > from;
        }
    }
    return false;
}

/* r535/gsp.c: build_registry(): numbers are 1, others have data behind. */
static uint32_t registry(Gsp *g, GspCall *call)
{
    uint32_t bytes = GSP_GET(g, REGISTRY_BYTES, call->payload);
    uint32_t n = GSP_GET(g, REGISTRY_ENTRIES, call->payload);
    uint32_t first = GSP_SIZE(g, REGISTRY);
    uint32_t size = GSP_SIZE(g, ENTRY);

    if (bytes < first || bytes > call->length || n > (bytes - first) / size) {
        gsp_fault(g, GSP_FAULT_REGISTRY, bytes);
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    for (uint32_t i = 0; i < n; i++) {
        const uint8_t *e = call->payload + first + i * size;
        uint64_t name = GSP_GET(g, ENTRY_KEY, e);
        uint64_t data = GSP_GET(g, ENTRY_DATA, e);
        uint64_t len = GSP_GET(g, ENTRY_LENGTH, e);

        if (name < first || name >= bytes ||
            !has_end(call->payload, name, bytes) ||
            (GSP_GET(g, ENTRY_TYPE, e) != 1 && data + len > bytes)) {
            gsp_fault(g, GSP_FAULT_REGISTRY, i);
            return GSP_VALUE(g, STATUS_ARGUMENT);
        }
    }
    told(g, GSP_TOLD_REGISTRY);
    return 0;
}

static uint32_t static_info(Gsp *g, GspCall *call)
{
    gsp_static_info(g, call->payload);
    return 0;
}

/*
 * The BARs' root directories are the firmware's; the host asks for an entry
 * in that of BAR2 (r535/bar.c: r535_bar_bar2_update_pde()).
 */
static uint32_t bar_pde(Gsp *g, GspCall *call)
{
    uint64_t bar = GSP_GET(g, BAR_PDE_BAR, call->payload);
    uint64_t entry = GSP_GET(g, BAR_PDE_ENTRY, call->payload);
    uint8_t buf[8];

    if (bar > 1 ||
        GSP_GET(g, BAR_PDE_SHIFT, call->payload) != g->gpu.pde_levels) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    for (unsigned i = 0; i < sizeof(buf); i++) {
        buf[i] = entry >> (8 * i);
    }
    return g->hw.gpu->fb_write(g->hw.opaque, g->s.bar_pde[bar], buf,
                               sizeof(buf)) ? 0
                                            : GSP_VALUE(g, STATUS_ARGUMENT);
}

/* The answer is a header alone: nova-core complains of anything behind it
 * (gsp/commands.rs: UnloadingGuestDriverReply). */
static uint32_t unload(Gsp *g, GspCall *call)
{
    g->s.stage = GSP_STAGE_UNLOADED;
    call->length = 0;
    return 0;
}

/* Before that it saves what is to outlive a suspend. */
static bool unload_ready(Gsp *g, const GspCall *call)
{
    if (!GSP_GET(g, UNLOAD_IN_PM, call->payload) || gsp_suspend_step(g)) {
        return true;
    }
    gsp_retry(g, gsp_step_end(g));
    return false;
}

static uint32_t rm_alloc(Gsp *g, GspCall *call)
{
    uint8_t *p = call->payload;
    uint32_t head = GSP_SIZE(g, ALLOC);
    uint64_t params = GSP_GET(g, ALLOC_PARAMS, p);
    uint32_t handle = GSP_GET(g, ALLOC_OBJECT, p);
    uint32_t status;

    if (params > call->length - head) {
        return GSP_VALUE(g, STATUS_PARAMS);
    }
    status = gsp_object_alloc(g, GSP_GET(g, ALLOC_CLIENT, p),
                              GSP_GET(g, ALLOC_PARENT, p), &handle,
                              GSP_GET(g, ALLOC_CLASS, p), p + head, params);
    GSP_PUT(g, ALLOC_OBJECT, p, handle);
    return status;
}

static uint32_t rm_control(Gsp *g, GspCall *call)
{
    uint8_t *p = call->payload;
    uint32_t head = GSP_SIZE(g, CONTROL);
    uint64_t params = GSP_GET(g, CONTROL_PARAMS, p);

    if (params > call->length - head) {
        return GSP_VALUE(g, STATUS_PARAMS);
    }
    return gsp_control(g, GSP_GET(g, CONTROL_CLIENT, p),
                       GSP_GET(g, CONTROL_OBJECT, p),
                       GSP_GET(g, CONTROL_CMD, p), p + head, params);
}

static uint32_t rm_free(Gsp *g, GspCall *call)
{
    return gsp_object_free(g, GSP_GET(g, FREE_CLIENT, call->payload),
                           GSP_GET(g, FREE_OBJECT, call->payload));
}

/* A list of pages, which stands in the heap already if the RPC is long. */
static uint32_t alloc_memory(Gsp *g, GspCall *call)
{
    const uint8_t *p = call->payload;
    uint64_t pages = GSP_GET(g, MEMORY_PAGES, p);
    uint64_t length = GSP_GET(g, MEMORY_LENGTH, p);
    uint32_t client = GSP_GET(g, MEMORY_CLIENT, p);
    uint32_t handle = GSP_GET(g, MEMORY_MEMORY, p);
    uint32_t status;

    /* The driver rounds down (fbsr.c: r535_fbsr_memlist()). */
    if (!pages || (length / GSP_PAGE != pages &&
                   (length + GSP_PAGE - 1) / GSP_PAGE != pages)) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    status = gsp_object_alloc(g, client, GSP_GET(g, MEMORY_DEVICE, p), &handle,
                              GSP_GET(g, MEMORY_CLASS, p), NULL, 0);
    if (status) {
        return status;
    }
    if (!call->gathered) {
        if (gsp_rpc_total(g, call) > call->length) {
            status = GSP_VALUE(g, STATUS_ARGUMENT);
        } else {
            gsp_stage(g, 0, p, call->length);
        }
    }
    if (!status) {
        status = gsp_memory_list(g, gsp_object(g, client, handle), pages);
    }
    if (status) {
        gsp_object_free(g, client, handle);
    }
    return status;
}

#define NO_FIELD GSP_NR_FIELDS
#define RPC(f, s, n, silent_, a_, b_, status_, run_) \
    { GSP_V_RPC_##f, s, n, silent_, a_, b_, status_, run_ }

static const Rpc rpcs[] = {
    RPC(SYSTEM, GSP_NR_STRUCTS, "system-info", true, NO_FIELD, NO_FIELD,
        NO_FIELD, system_info),
    RPC(REGISTRY, GSP_S_REGISTRY, "registry", true,
        GSP_F_REGISTRY_ENTRIES, NO_FIELD, NO_FIELD, registry),
    RPC(STATIC, GSP_S_STATIC, "static-info", false, NO_FIELD, NO_FIELD,
        NO_FIELD, static_info),
    RPC(BAR_PDE, GSP_S_BAR_PDE, "bar-pde", false, GSP_F_BAR_PDE_BAR,
        GSP_F_BAR_PDE_ENTRY, NO_FIELD, bar_pde),
    RPC(UNLOAD, GSP_S_UNLOAD, "unload", false, GSP_F_UNLOAD_IN_PM,
        GSP_F_UNLOAD_LEVEL, NO_FIELD, unload),
    RPC(ALLOC, GSP_S_ALLOC, "rm-alloc", false, GSP_F_ALLOC_CLASS,
        GSP_F_ALLOC_OBJECT, GSP_F_ALLOC_STATUS, rm_alloc),
    RPC(CONTROL, GSP_S_CONTROL, "rm-control", false, GSP_F_CONTROL_CMD,
        GSP_F_CONTROL_OBJECT, GSP_F_CONTROL_STATUS, rm_control),
    RPC(FREE, GSP_S_FREE, "rm-free", false, GSP_F_FREE_OBJECT,
        GSP_F_FREE_CLIENT, GSP_F_FREE_STATUS, rm_free),
    RPC(MEMORY, GSP_S_MEMORY, "alloc-memory", false, GSP_F_MEMORY_MEMORY,
        GSP_F_MEMORY_LENGTH, NO_FIELD, alloc_memory),
};

static const Rpc unknown = {
    .strct = GSP_NR_STRUCTS, .name = "unknown", .a = NO_FIELD, .b = NO_FIELD,
    .status = NO_FIELD,
};

static const Rpc *find(const Gsp *g, uint32_t function)
{
    for (unsigned i = 0; i < sizeof(rpcs) / sizeof(rpcs[0]); i++) {
        if (g->layout.value[rpcs[i].function] == function) {
            return &rpcs[i];
        }
    }
    return &unknown;
}

static bool long_enough(const Gsp *g, const Rpc *rpc, const GspCall *call)
{
    return rpc->strct == GSP_NR_STRUCTS ||
           call->length >= g->layout.struct_size[rpc->strct];
}

uint64_t gsp_rpc_total(Gsp *g, const GspCall *call)
{
    const Rpc *rpc = find(g, call->function);
    uint64_t total = call->length;

    if (!long_enough(g, rpc, call)) {
        return total;
    }
    if (rpc->strct == GSP_S_MEMORY) {
        total = GSP_SIZE(g, MEMORY) +
                8 * GSP_GET(g, MEMORY_PAGES, call->payload);
    } else if (rpc->strct == GSP_S_ALLOC) {
        total = GSP_SIZE(g, ALLOC) + GSP_GET(g, ALLOC_PARAMS, call->payload);
    } else if (rpc->strct == GSP_S_CONTROL) {
        total = GSP_SIZE(g, CONTROL) +
                GSP_GET(g, CONTROL_PARAMS, call->payload);
    } else if (rpc->strct == GSP_S_REGISTRY) {
        total = GSP_GET(g, REGISTRY_BYTES, call->payload);
    }
    return total > call->length ? total : call->length;
}

static uint64_t shown(const Gsp *g, unsigned field, const uint8_t *payload)
{
    return field == NO_FIELD ? 0 : fw_get(&g->layout.field[field], payload);
}

/* Carry it out, or what a scenario wants in its place; answer with what came
 * of it: the status of the object, or else the RPC's result. */
static void run(Gsp *g, const Rpc *rpc, GspCall *call, const FwVerdict *v)
{
    uint32_t status;

    if (v->action == FW_REPLACE) {
        status = v->value;
    } else if (rpc == &unknown) {
        status = GSP_VALUE(g, RESULT_FUNCTION);
    } else if (!long_enough(g, rpc, call)) {
        status = GSP_VALUE(g, RESULT_FORMAT);
    } else {
        status = rpc->run(g, call);
    }
    if (rpc->status != NO_FIELD && long_enough(g, rpc, call)) {
        fw_put(&g->layout.field[rpc->status], call->payload, status);
    } else {
        call->result = status;
    }
}

static bool withheld(FwAction action)
{
    return action == FW_DELAY || action == FW_HANG;
}

bool gsp_rpc_call(Gsp *g, GspCall *call)
{
    const Rpc *rpc = find(g, call->function);
    bool whole = long_enough(g, rpc, call);
    uint64_t a = rpc == &unknown ? call->function
                 : whole ? shown(g, rpc->a, call->payload) : 0;
    uint64_t b = whole ? shown(g, rpc->b, call->payload) : call->length;
    FwVerdict v = { .action = FW_PASS };

    if (!g->s.asked) {
        v = gsp_tap(g, FW_TAP_REQUEST, rpc->name, a, b);
        if (withheld(v.action)) {
            return false;
        }
        if (v.action == FW_DROP) {
            return true;
        }
        g->s.asked = 1;
    }
    v.action = FW_PASS;
    if (rpc->run == unload && whole && !unload_ready(g, call)) {
        return false;
    }
    if (!rpc->silent) {
        v = gsp_tap(g, FW_TAP_ACK, rpc->name, a, b);
        if (withheld(v.action)) {
            return false;
        }
    }
    run(g, rpc, call, &v);
    if (rpc->silent || v.action == FW_DROP ||
        g->s.running != FW_STATE_RUNNING) {
        return true;
    }
    gsp_queue_post(g, call->function, call->sequence, call->result,
                   call->length);
    if (rpc->run == unload && g->s.stage == GSP_STAGE_UNLOADED) {
        g->hw.gpu->mailbox(g->hw.opaque, 0, MAILBOX_SUSPENDED);
    }
    return true;
}
