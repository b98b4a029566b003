/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"

#include "nvch.h"

#define MS 1000000

/* A directory's entry: a table in frame buffer. */
#define PDE_VIDEO(fb) ((fb) >> 4 | 1 << 1)
#define PDE_PAGE(fb) ((fb) >> 4 | 1)

/* Where a channel has its things, in the address space and in memory. */
#define RING_VA 0x10000ull
#define PUSH_VA 0x11000ull
#define DONE_VA 0x12000ull
#define RING_ENTRIES 512
#define INSTANCE_FB 0x10000ull
#define USERD_FB 0x20000ull
#define USERD_GP_PUT 0x8c

/* dts/gpu/nvidia-gsp.dtsi: engine-ce2 */
#define COPY_INSTANCE 2
#define RUNLIST 1
#define CHID 3

#define OP_INCREMENT 1u
#define SEM_RELEASE 1

static uint64_t new_table(NvVm *vm)
{
    static const uint8_t zeros[NV_PAGE];
    uint64_t fb = vm->next;

    vm->next += NV_PAGE;
    nv_fb_write(vm->nv, fb, zeros, NV_PAGE);
    return fb;
}

static void put_entry(NvVm *vm, uint64_t fb, uint64_t entry)
{
    uint8_t raw[8];

    stq_le_p(raw, entry);
    nv_fb_write(vm->nv, fb, raw, sizeof(raw));
}

void nvm_init(NvVm *vm, Nv *nv, uint64_t fb)
{
    uint64_t pd1, pd2;

    *vm = (NvVm) { .nv = nv, .next = fb };
    vm->root = new_table(vm);
    pd2 = new_table(vm);
    pd1 = new_table(vm);
    vm->pd0 = new_table(vm);
    put_entry(vm, vm->root, PDE_VIDEO(pd2));
    put_entry(vm, pd2, PDE_VIDEO(pd1));
    put_entry(vm, pd1, PDE_VIDEO(vm->pd0));
}

/* The entry of @va in its table of 4 KiB pages, which is made if new. */
static uint64_t small_entry(NvVm *vm, uint64_t va)
{
    uint64_t n = va / NV_LARGE;

    g_assert_cmpuint(n, <, ARRAY_SIZE(vm->small));
    if (!vm->small[n]) {
        vm->small[n] = new_table(vm);
        put_entry(vm, vm->pd0 + n * 16 + 8, PDE_VIDEO(vm->small[n]));
    }
    return vm->small[n] + va / NV_PAGE % 512 * 8;
}

void nvm_set(NvVm *vm, uint64_t va, uint64_t entry)
{
    put_entry(vm, small_entry(vm, va), entry);
}

void nvm_system(NvVm *vm, uint64_t va, const uint64_t *page, unsigned nr)
{
    for (unsigned i = 0; i < nr; i++) {
        nvm_set(vm, va + (uint64_t)i * NV_PAGE, NV_PTE_SYSTEM(page[i]));
    }
}

void nvm_large(NvVm *vm, uint64_t va, uint64_t fb)
{
    put_entry(vm, vm->pd0 + va / NV_LARGE * 16, PDE_PAGE(fb));
}

static uint32_t control(NvCh *ch, uint32_t object, uint32_t cmd, uint8_t *p,
                        uint32_t len)
{
    return host_control(&ch->nv->host, 1, object, cmd, p, len);
}

void nvch_init(NvCh *ch, NvVm *vm)
{
    Nv *nv = vm->nv;
    Host *h = &nv->host;
    uint32_t engine = HOST_NUMBER(h, 2080_CE) + COPY_INSTANCE;
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    *ch = (NvCh) {
        .nv = nv, .vm = vm, .chid = CHID, .done = box_page(nv->b),
        .push = box_page(nv->b), .ring = box_page(nv->b),
    };
    nvm_set(vm, RING_VA, NV_PTE_SYSTEM(ch->ring));
    nvm_set(vm, PUSH_VA, NV_PTE_SYSTEM(ch->push));
    nvm_set(vm, DONE_VA, NV_PTE_SYSTEM(ch->done));
    host_tree(h);
    HOST_PUT(h, COPY_PDES_LEVELS, p, 1);
    HOST_PUT(h, COPY_PDES_ADDRESS, p, vm->root);
    HOST_PUT(h, COPY_PDES_PLACE, p, HOST_NUMBER(h, PLACE_PDES));
    g_assert_cmphex(control(ch, 4, HOST_NUMBER(h, CTRL_COPY_PDES), p,
                            HOST_SIZE(h, COPY_PDES)), ==, 0);
    g_assert_cmphex(host_channel(h, &(HostChannel) {
        .handle = 0x10, .chid = CHID, .engine = engine, .space = 4,
        .gpfifo = RING_VA, .entries = RING_ENTRIES, .inst = INSTANCE_FB,
        .userd = USERD_FB,
    }), ==, 0);
    memset(p, 0, sizeof(p));
    HOST_PUT(h, BIND_ENGINE, p, engine);
    g_assert_cmphex(control(ch, 0x10, HOST_NUMBER(h, CTRL_BIND), p,
                            HOST_SIZE(h, BIND)), ==, 0);
    memset(p, 0, sizeof(p));
    HOST_PUT(h, SCHEDULE_ENABLE, p, 1);
    g_assert_cmphex(control(ch, 0x10, HOST_NUMBER(h, CTRL_SCHEDULE), p,
                            HOST_SIZE(h, SCHEDULE)), ==, 0);
    nvch_method(ch, NV_SUB_COPY, NV_SET_OBJECT, 1,
                HOST_NUMBER(h, CLASS_COPY_AMPERE));
}

static void word(NvCh *ch, uint32_t value)
{
    g_assert_cmpuint(ch->words, <, NV_PAGE / 4);
    qtest_writel(ch->nv->b->qts, ch->push + ch->words++ * 4, value);
}

void nvch_method(NvCh *ch, unsigned sub, uint32_t method, unsigned n, ...)
{
    va_list ap;

    word(ch, OP_INCREMENT << 29 | n << 16 | sub << 13 | method >> 2);
    va_start(ap, n);
    while (n--) {
        word(ch, va_arg(ap, uint32_t));
    }
    va_end(ap);
}

void nvch_copy(NvCh *ch, uint64_t to, uint64_t from, uint32_t bytes,
               uint32_t lines, uint32_t launch)
{
    nvch_method(ch, NV_SUB_COPY, NV_COPY_OFFSET_IN, 8,
                (uint32_t)(from >> 32), (uint32_t)from, (uint32_t)(to >> 32),
                (uint32_t)to, bytes, bytes, bytes, lines);
    nvch_method(ch, NV_SUB_COPY, NV_COPY_LAUNCH, 1, launch);
}

void nvch_kick(NvCh *ch)
{
    QTestState *qts = ch->nv->b->qts;
    uint32_t put;

    ch->count++;
    nvch_method(ch, 0, NV_SEM_ADDR_LO, 5, (uint32_t)DONE_VA, 0, ch->count, 0,
                SEM_RELEASE);
    qtest_writeq(qts, ch->ring + ch->put * 8,
                 PUSH_VA | (uint64_t)ch->words << 42);
    ch->put = (ch->put + 1) % RING_ENTRIES;
    ch->words = 0;
    put = ch->put;
    nv_fb_write(ch->nv, USERD_FB + USERD_GP_PUT, &put, 4);
    gpu_write(ch->nv->g, USERMODE_PAGE + A_USERMODE_DOORBELL,
              RUNLIST << 16 | ch->chid);
}

bool nvch_is_done(NvCh *ch)
{
    return qtest_readl(ch->nv->b->qts, ch->done) == ch->count;
}

static bool is_done(void *opaque)
{
    return nvch_is_done(opaque);
}

void nvch_run(NvCh *ch)
{
    nvch_kick(ch);
    g_assert_cmpint(box_until(ch->nv->b, 1000 * MS, is_done, ch), >=, 0);
}
