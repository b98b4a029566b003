/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-tree nodes for devices that are plugged into virt's platform bus.
 *
 * QEMU keeps a static table of device types that can describe themselves to
 * the guest (hw/core/sysbus-fdt.c); a device that implements this interface
 * does so without standing in that table.
 */
#ifndef HW_COPROC_FDT_NODE_H
#define HW_COPROC_FDT_NODE_H

#include "hw/platform-bus.h"
#include "hw/sysbus.h"
#include "qom/object.h"

#define TYPE_GPUMBOX_FDT_NODE "gpumbox-fdt-node"
typedef struct GpumboxFdtNodeClass GpumboxFdtNodeClass;
DECLARE_CLASS_CHECKERS(GpumboxFdtNodeClass, GPUMBOX_FDT_NODE,
                       TYPE_GPUMBOX_FDT_NODE)

/**
 * struct GpumboxFdtNodeClass - a device that adds its own node
 * @parent_class: parent.
 * @add_fdt_node: add the node of @sbdev below @bus_node to @fdt. @pbus tells
 *                where the device was mapped; @irq_start is the first SPI of
 *                the bus. Called once, while the machine is being completed;
 *                an error is the user's (a broken overlay) and ends QEMU with
 *                a message.
 */
struct GpumboxFdtNodeClass {
    InterfaceClass parent_class;

    bool (*add_fdt_node)(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                         void *fdt, const char *bus_node, int irq_start,
                         Error **errp);
};

/**
 * gpumbox_add_overlay() - apply a device-tree overlay for a device
 *
 * @overlay: name of a compiled overlay, looked up like gpu_blob_load() does.
 *           It has one fragment, targeting the platform bus; its device node
 *           is called "device" and every other node of it is a helper (a
 *           clock, a regulator). All are made unique by the device's address.
 * @mmio_size: size to put into "reg".
 * @nr_irqs: lines of @sbdev, in the order of the node's "interrupt-names".
 *
 * Fills in the fragment's "target-path" and the node's "reg" and
 * "interrupts", the rest comes from the overlay.
 */
bool gpumbox_add_overlay(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                         void *fdt, const char *bus_node, int irq_start,
                         const char *overlay, uint32_t mmio_size,
                         unsigned nr_irqs, Error **errp);

#endif /* HW_COPROC_FDT_NODE_H */
