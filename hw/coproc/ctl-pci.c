/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-ctl-pci: the control page as BAR 0 of a PCI function, for machines
 * that describe themselves by ACPI.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_device.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/module.h"

#include "ctl.h"

#define TYPE_GPUMBOX_CTL_PCI "gpumbox-ctl-pci"
OBJECT_DECLARE_SIMPLE_TYPE(GpumboxCtlPci, GPUMBOX_CTL_PCI)

/* "GB", below the vendor that QEMU has for what is nobody's. */
#define CTL_PCI_DEVICE_ID 0x4247

struct GpumboxCtlPci {
    PCIDevice parent_obj;

    GpumboxCtl ctl;
};

static void ctl_exit(PCIDevice *pci)
{
    gpumbox_ctl_unrealize(&GPUMBOX_CTL_PCI(pci)->ctl);
}

static void ctl_realize(PCIDevice *pci, Error **errp)
{
    GpumboxCtlPci *s = GPUMBOX_CTL_PCI(pci);

    if (gpumbox_ctl_realize(&s->ctl, OBJECT(pci), errp)) {
        pci_register_bar(pci, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->ctl.mmio);
    }
}

static void ctl_reset(Object *obj, ResetType type)
{
    gpumbox_ctl_reset(&GPUMBOX_CTL_PCI(obj)->ctl);
}

static const VMStateDescription vmstate_ctl = {
    .name = TYPE_GPUMBOX_CTL_PCI,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, GpumboxCtlPci),
        VMSTATE_STRUCT(ctl, GpumboxCtlPci, 1, vmstate_gpumbox_ctl,
                       GpumboxCtl),
        VMSTATE_END_OF_LIST()
    },
};

static const Property ctl_properties[] = {
    DEFINE_GPUMBOX_CTL_PROPERTIES(GpumboxCtlPci, ctl),
};

static void ctl_init(Object *obj)
{
    gpumbox_ctl_init(&GPUMBOX_CTL_PCI(obj)->ctl, obj);
}

static void ctl_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    dc->desc = "gpumbox control page";
    dc->vmsd = &vmstate_ctl;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, ctl_properties);
    pc->realize = ctl_realize;
    pc->exit = ctl_exit;
    pc->vendor_id = PCI_VENDOR_ID_QEMU;
    pc->device_id = CTL_PCI_DEVICE_ID;
    pc->class_id = PCI_CLASS_SYSTEM_OTHER;
    rc->phases.hold = ctl_reset;
}

static const TypeInfo ctl_info = {
    .name = TYPE_GPUMBOX_CTL_PCI,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(GpumboxCtlPci),
    .instance_init = ctl_init,
    .class_init = ctl_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_CONVENTIONAL_PCI_DEVICE },
        { }
    },
};

static void ctl_register(void)
{
    type_register_static(&ctl_info);
}
type_init(ctl_register)
