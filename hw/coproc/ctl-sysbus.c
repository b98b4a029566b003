/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-ctl: the control page on a platform bus, found by device tree.
 */
#include "qemu/osdep.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"

#include "ctl.h"
#include "fdt-node.h"

#define TYPE_GPUMBOX_CTL_SYSBUS "gpumbox-ctl"
OBJECT_DECLARE_SIMPLE_TYPE(GpumboxCtlSysBus, GPUMBOX_CTL_SYSBUS)

struct GpumboxCtlSysBus {
    SysBusDevice parent_obj;

    GpumboxCtl ctl;
};

static void ctl_unrealize(DeviceState *dev)
{
    gpumbox_ctl_unrealize(&GPUMBOX_CTL_SYSBUS(dev)->ctl);
}

static void ctl_realize(DeviceState *dev, Error **errp)
{
    GpumboxCtlSysBus *s = GPUMBOX_CTL_SYSBUS(dev);

    if (gpumbox_ctl_realize(&s->ctl, OBJECT(dev), errp)) {
        sysbus_init_mmio(SYS_BUS_DEVICE(dev), &s->ctl.mmio);
    }
}

static void ctl_reset(Object *obj, ResetType type)
{
    gpumbox_ctl_reset(&GPUMBOX_CTL_SYSBUS(obj)->ctl);
}

static bool ctl_add_fdt_node(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                             void *fdt, const char *bus_node, int irq_start,
                             Error **errp)
{
    return gpumbox_add_overlay(sbdev, pbus, fdt, bus_node, irq_start,
                               "gpumbox-ctl", GPUMBOX_CTL_SIZE, 0, errp);
}

static const VMStateDescription vmstate_ctl = {
    .name = TYPE_GPUMBOX_CTL_SYSBUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(ctl, GpumboxCtlSysBus, 1, vmstate_gpumbox_ctl,
                       GpumboxCtl),
        VMSTATE_END_OF_LIST()
    },
};

static const Property ctl_properties[] = {
    DEFINE_GPUMBOX_CTL_PROPERTIES(GpumboxCtlSysBus, ctl),
};

static void ctl_init(Object *obj)
{
    gpumbox_ctl_init(&GPUMBOX_CTL_SYSBUS(obj)->ctl, obj);
}

static void ctl_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    GpumboxFdtNodeClass *fc = GPUMBOX_FDT_NODE_CLASS(klass);

    dc->desc = "gpumbox control page";
    dc->realize = ctl_realize;
    dc->unrealize = ctl_unrealize;
    dc->vmsd = &vmstate_ctl;
    dc->user_creatable = true;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, ctl_properties);
    rc->phases.hold = ctl_reset;
    fc->add_fdt_node = ctl_add_fdt_node;
}

static const TypeInfo ctl_info = {
    .name = TYPE_GPUMBOX_CTL_SYSBUS,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(GpumboxCtlSysBus),
    .instance_init = ctl_init,
    .class_init = ctl_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_GPUMBOX_FDT_NODE },
        { }
    },
};

static void ctl_register(void)
{
    type_register_static(&ctl_info);
}
type_init(ctl_register)
