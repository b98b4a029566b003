/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-bench: the least that a doorbell can cost.
 *
 * A write to DOORBELL arms one timer on the virtual clock; when it expires,
 * STATUS becomes 1 and the line goes up until CLEAR is written. No firmware,
 * no tap, no translated memory: the reference beside which the cost of a
 * GPU's doorbell is measured (scripts/bench).
 */
#include "qemu/osdep.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/registerfields.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/timer.h"

#include "fdt-node.h"

#define TYPE_GPUMBOX_BENCH "gpumbox-bench"
OBJECT_DECLARE_SIMPLE_TYPE(GpumboxBench, GPUMBOX_BENCH)

#define BENCH_SIZE 0x1000

REG32(DOORBELL, 0x0)
REG32(STATUS, 0x4)
REG32(CLEAR, 0x8)

struct GpumboxBench {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    qemu_irq line;
    QEMUTimer *timer;
    uint32_t latency;                        /* property, ns */
    uint32_t status;
};

static void set_status(GpumboxBench *s, uint32_t status)
{
    s->status = status;
    qemu_set_irq(s->line, status != 0);
}

static void expired(void *opaque)
{
    set_status(opaque, 1);
}

static uint64_t bench_read(void *opaque, hwaddr addr, unsigned size)
{
    GpumboxBench *s = opaque;

    return addr == A_STATUS ? s->status : 0;
}

static void bench_write(void *opaque, hwaddr addr, uint64_t value,
                        unsigned size)
{
    GpumboxBench *s = opaque;

    switch (addr) {
    case A_DOORBELL:
        timer_mod_ns(s->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                     s->latency);
        break;
    case A_CLEAR:
        set_status(s, 0);
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "gpumbox-bench: write to 0x%"
                      HWADDR_PRIx "\n", addr);
        break;
    }
}

static const MemoryRegionOps bench_ops = {
    .read = bench_read,
    .write = bench_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static void bench_realize(DeviceState *dev, Error **errp)
{
    GpumboxBench *s = GPUMBOX_BENCH(dev);

    s->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, expired, s);
    memory_region_init_io(&s->mmio, OBJECT(dev), &bench_ops, s,
                          TYPE_GPUMBOX_BENCH, BENCH_SIZE);
    sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->mmio);
    sysbus_init_irq(SYS_BUS_DEVICE(dev), &s->line);
}

static void bench_unrealize(DeviceState *dev)
{
    GpumboxBench *s = GPUMBOX_BENCH(dev);

    timer_free(s->timer);
    s->timer = NULL;
}

static void bench_reset(Object *obj, ResetType type)
{
    GpumboxBench *s = GPUMBOX_BENCH(obj);

    timer_del(s->timer);
    set_status(s, 0);
}

static bool bench_add_fdt_node(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                               void *fdt, const char *bus_node, int irq_start,
                               Error **errp)
{
    return gpumbox_add_overlay(sbdev, pbus, fdt, bus_node, irq_start,
                               "gpumbox-bench", BENCH_SIZE, 1, errp);
}

static const VMStateDescription vmstate_bench = {
    .name = TYPE_GPUMBOX_BENCH,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_TIMER_PTR(timer, GpumboxBench),
        VMSTATE_UINT32(status, GpumboxBench),
        VMSTATE_END_OF_LIST()
    },
};

static const Property bench_properties[] = {
    /* What a GPU's persona asks for a doorbell. */
    DEFINE_PROP_UINT32("latency", GpumboxBench, latency, 2000),
};

static void bench_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    GpumboxFdtNodeClass *fc = GPUMBOX_FDT_NODE_CLASS(klass);

    dc->desc = "doorbell with one register and one timer, for measuring";
    dc->realize = bench_realize;
    dc->unrealize = bench_unrealize;
    dc->vmsd = &vmstate_bench;
    dc->user_creatable = true;
    dc->hotpluggable = false;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, bench_properties);
    rc->phases.hold = bench_reset;
    fc->add_fdt_node = bench_add_fdt_node;
}

static const TypeInfo bench_info = {
    .name = TYPE_GPUMBOX_BENCH,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(GpumboxBench),
    .class_init = bench_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_GPUMBOX_FDT_NODE },
        { }
    },
};

static void bench_register(void)
{
    type_register_static(&bench_info);
}
type_init(bench_register)
