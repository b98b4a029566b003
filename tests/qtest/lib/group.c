/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "group.h"

/* Kernel objects live at and above 2^47 (panthor_mmu.c). */
#define RING_VA(id, q) (0x800000000000ull + (id) * 0x1000000ull + \
                        (q) * 0x100000ull)

/* Between the image's sections and 4 GiB, a range for each group. */
#define IFACE_VA(id, q) (0x06000000ull + (id) * 0x100000ull + (q) * 0x2000ull)
#define SUSPEND_VA(id) (0x06080000ull + (id) * 0x100000ull)

/* Groups with a VM of their own are numbered by it, the others behind. */
#define BESIDE 16

#define ACK_WAIT_NS 100000000

void group_bind(Group *grp, unsigned slot)
{
    Fw *fw = grp->fw;
    uint32_t control = SHARED_VA + GROUP_CONTROL +
                       slot * fw_read(fw, SHARED_VA + GLB_GROUP_STRIDE);
    uint32_t stride = fw_read(fw, control + CSG_STREAM_STRIDE);
    unsigned i;

    grp->slot = slot;
    grp->input = fw_read(fw, control + CSG_INPUT_VA);
    grp->output = fw_read(fw, control + CSG_OUTPUT_VA);
    for (i = 0; i < grp->nr; i++) {
        uint32_t stream = control + STREAM_CONTROL + i * stride;

        grp->queue[i].input = fw_read(fw, stream + CS_INPUT_VA);
        grp->queue[i].output = fw_read(fw, stream + CS_OUTPUT_VA);
    }
}

/* What a group has in the MCU's address space and in its own. */
static void make_objects(Group *grp, unsigned id)
{
    Fw *fw = grp->fw;
    uint32_t control = SHARED_VA + GROUP_CONTROL;
    uint32_t size = fw_read(fw, control + CSG_SUSPEND_SIZE);
    unsigned i;

    g_assert_cmpuint(grp->nr, <=, GROUP_QUEUES_MAX);
    g_assert_cmphex(size, >, 0);
    grp->suspend = SUSPEND_VA(id);
    vm_map(&fw->vm, grp->suspend, ROUND_UP(size, VM_PAGE), VM_WRITE);
    for (i = 0; i < grp->nr; i++) {
        Queue *q = &grp->queue[i];

        q->ring = RING_VA(id, i);
        q->iface = IFACE_VA(id, i);
        vm_map(&grp->vm, q->ring, QUEUE_RING_SIZE, VM_WRITE);
        vm_map(&fw->vm, q->iface, 2 * VM_PAGE, VM_WRITE);
    }
}

void group_init(Group *grp, Fw *fw, unsigned slot, unsigned as, unsigned nr)
{
    *grp = (Group) { .fw = fw, .as = as, .nr = nr };
    vm_init(&grp->vm, fw->gpu);
    vm_map(&grp->vm, GROUP_DATA_VA, VM_PAGE, VM_WRITE);
    vm_map(&grp->vm, GROUP_CODE_VA, VM_PAGE, VM_EXEC);
    make_objects(grp, as);
    vm_enable(&grp->vm, as);
    group_bind(grp, slot);
}

void group_init_beside(Group *grp, Group *other, unsigned slot, unsigned nr)
{
    *grp = (Group) {
        .fw = other->fw, .as = other->as, .vm = other->vm, .nr = nr,
    };
    make_objects(grp, BESIDE + slot);
    vm_command(grp->fw->gpu, grp->as, AS_FLUSH_PT);
    group_bind(grp, slot);
}

/*
 * The window has room for 16 and a few; panthor has no more slots than that.
 * Groups in higher slots share doorbells: a ring is for all who wait for it.
 */
static unsigned doorbell_id(const Group *grp)
{
    return grp->slot % 16 + 1;
}

uint32_t group_doorbell(const Group *grp)
{
    return DOORBELL(doorbell_id(grp));
}

static void write64(Fw *fw, uint64_t va, uint64_t value)
{
    fw_write(fw, va, value);
    fw_write(fw, va + 4, value >> 32);
}

static void program_queue(Group *grp, unsigned i)
{
    Fw *fw = grp->fw;
    Queue *q = &grp->queue[i];

    vm_write64(&fw->vm, q->iface + RING_EXTRACT_INIT, queue_extract(grp, i));
    vm_write64(&fw->vm, q->iface + RING_INSERT, q->insert);
    write64(fw, q->input + CS_RING_BASE, q->ring);
    fw_write(fw, q->input + CS_RING_SIZE, QUEUE_RING_SIZE);
    write64(fw, q->input + CS_RING_INPUT, q->iface);
    write64(fw, q->input + CS_RING_OUTPUT, q->iface + VM_PAGE);
    fw_write(fw, q->input + CS_CONFIG, 1 | doorbell_id(grp) << 8);
    fw_write(fw, q->input + CS_IRQ_MASK, ~0u);
    fw_update(fw, q->input + CS_REQ,
              CS_STATE | CS_IDLE_SYNC_WAIT | CS_IDLE_EMPTY,
              CS_START | CS_IDLE_SYNC_WAIT | CS_IDLE_EMPTY);
}

void group_program(Group *grp, unsigned state)
{
    Fw *fw = grp->fw;
    uint32_t streams = (1u << grp->nr) - 1;
    unsigned i;

    for (i = 0; i < grp->nr; i++) {
        program_queue(grp, i);
    }
    write64(fw, grp->input + CSG_ALLOW_COMPUTE, 0x50005);
    write64(fw, grp->input + CSG_ALLOW_FRAGMENT, 0x50005);
    fw_write(fw, grp->input + CSG_ALLOW_OTHER, 1);
    fw_write(fw, grp->input + CSG_ENDPOINT_REQ, 4 | 4 << 8 | 1 << 16);
    fw_write(fw, grp->input + CSG_CONFIG, grp->as);
    write64(fw, grp->input + CSG_SUSPEND_BUF, grp->suspend);
    fw_write(fw, grp->input + CSG_IRQ_MASK, ~0u);
    fw_toggle(fw, grp->input + CSG_DOORBELL_REQ,
              grp->output + CSG_DOORBELL_ACK, streams);
    fw_update(fw, grp->input + CSG_REQ, CSG_STATE, state);
    fw_toggle(fw, grp->input + CSG_REQ, grp->output + CSG_ACK,
              CSG_ENDPOINT_CONFIG);
}

void group_ring(Group *grp)
{
    Fw *fw = grp->fw;

    fw_toggle(fw, fw->input + GLB_DOORBELL_REQ,
              fw->output + GLB_DOORBELL_ACK, 1u << grp->slot);
    fw_ring(fw);
}

bool group_state(Group *grp, unsigned state)
{
    if (state == CSG_START || state == CSG_RESUME) {
        group_program(grp, state);
    } else {
        fw_update(grp->fw, grp->input + CSG_REQ, CSG_STATE, state);
    }
    group_ring(grp);
    return fw_wait(grp->fw, grp->output + CSG_ACK, CSG_STATE, state,
                   ACK_WAIT_NS);
}

void group_start(Group *grp)
{
    g_assert_true(group_state(grp, CSG_START));
}

void group_ack_events(Group *grp)
{
    fw_update(grp->fw, grp->input + CSG_REQ, CSG_SYNC_UPDATE | CSG_IDLE,
              fw_read(grp->fw, grp->output + CSG_ACK));
}

bool group_status_update(Group *grp)
{
    uint32_t want;

    fw_toggle(grp->fw, grp->input + CSG_REQ, grp->output + CSG_ACK,
              CSG_STATUS_UPDATE);
    want = fw_read(grp->fw, grp->input + CSG_REQ) & CSG_STATUS_UPDATE;
    group_ring(grp);
    return fw_wait(grp->fw, grp->output + CSG_ACK, CSG_STATUS_UPDATE, want,
                   ACK_WAIT_NS);
}

static void put_one(Group *grp, Queue *q, uint64_t word)
{
    vm_write64(&grp->vm, q->ring + q->insert % QUEUE_RING_SIZE, word);
    q->insert += sizeof(word);
}

void queue_put(Group *grp, unsigned q, const uint64_t *ins, unsigned n)
{
    Queue *queue = &grp->queue[q];
    unsigned i;

    for (i = 0; i < n; i++) {
        put_one(grp, queue, ins[i]);
    }
    while (queue->insert % 64) {
        put_one(grp, queue, cs_nop());
    }
    vm_write64(&grp->fw->vm, queue->iface + RING_INSERT, queue->insert);
}

void queue_kick(Group *grp)
{
    gpu_write(grp->fw->gpu, group_doorbell(grp), 1);
}

uint64_t queue_extract(Group *grp, unsigned q)
{
    return vm_read64(&grp->fw->vm,
                     grp->queue[q].iface + VM_PAGE + RING_EXTRACT);
}

bool queue_wait(Group *grp, unsigned q, int64_t limit)
{
    return fw_wait(grp->fw, grp->queue[q].iface + VM_PAGE + RING_EXTRACT, ~0u,
                   grp->queue[q].insert, limit);
}

typedef struct Wait64 {
    Group *grp;
    uint64_t va;
    uint64_t value;
} Wait64;

static bool wait64_done(void *opaque)
{
    Wait64 *w = opaque;

    return vm_read64(&w->grp->vm, w->va) == w->value;
}

bool group_wait64(Group *grp, uint64_t va, uint64_t value, int64_t limit)
{
    Wait64 w = { grp, va, value };

    return box_until(grp->fw->gpu->box, limit, wait64_done, &w) >= 0;
}
