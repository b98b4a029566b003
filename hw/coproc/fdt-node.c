/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device-tree nodes for devices on virt's platform bus: overlays applied by
 * libfdt, so that what the guest sees stands in dts/guest/ and not in C.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/module.h"
#include <libfdt.h>

#include "blob.h"
#include "fdt-node.h"

/* hw/arm/fdt.h belongs to the Arm machines; these are the GIC binding's. */
#define GIC_SPI 0
#define GIC_LEVEL_HIGH 4

#define OVERLAY_SLACK 4096
#define OVERLAY_IRQS_MAX 8

/* Give every child of the fragment's contents a name with the address. */
static int rename_children(void *ovl, int contents, uint64_t addr)
{
    int node, ret;

    fdt_for_each_subnode(node, ovl, contents) {
        const char *old = fdt_get_name(ovl, node, NULL);
        g_autofree char *name = NULL;

        if (!old) {
            return -FDT_ERR_BADSTRUCTURE;
        }
        if (!strcmp(old, "device")) {
            name = g_strdup_printf("gpumbox@%" PRIx64, addr);
        } else {
            name = g_strdup_printf("%s-%" PRIx64, old, addr);
        }
        /* Keep the local fixups, which name nodes by path, in step. */
        {
            g_autofree char *path =
                g_strdup_printf("/__local_fixups__/fragment@0/__overlay__/%s",
                                old);
            int fixup = fdt_path_offset(ovl, path);

            if (fixup >= 0) {
                ret = fdt_set_name(ovl, fixup, name);
                if (ret < 0) {
                    return ret;
                }
            }
        }
        /* The fixups stand behind the fragment: node is still valid. */
        ret = fdt_set_name(ovl, node, name);
        if (ret < 0) {
            return ret;
        }
    }
    return 0;
}

static int fill_in_device(void *ovl, SysBusDevice *sbdev,
                          PlatformBusDevice *pbus, const char *bus_node,
                          int irq_start, uint32_t mmio_size, unsigned nr_irqs)
{
    uint64_t addr = platform_bus_get_mmio_addr(pbus, sbdev, 0);
    uint32_t reg[2] = { cpu_to_be32(addr), cpu_to_be32(mmio_size) };
    uint32_t irqs[OVERLAY_IRQS_MAX * 3];
    int node, ret;
    unsigned i;

    node = fdt_path_offset(ovl, "/fragment@0");
    if (node < 0) {
        return node;
    }
    ret = fdt_setprop_string(ovl, node, "target-path", bus_node);
    if (ret < 0) {
        return ret;
    }
    node = fdt_path_offset(ovl, "/fragment@0/__overlay__/device");
    if (node < 0) {
        return node;
    }
    ret = fdt_setprop(ovl, node, "reg", reg, sizeof(reg));
    if (ret < 0) {
        return ret;
    }
    for (i = 0; i < nr_irqs; i++) {
        int irq = platform_bus_get_irqn(pbus, sbdev, i) + irq_start;

        irqs[3 * i] = cpu_to_be32(GIC_SPI);
        irqs[3 * i + 1] = cpu_to_be32(irq);
        irqs[3 * i + 2] = cpu_to_be32(GIC_LEVEL_HIGH);
    }
    if (nr_irqs) {
        ret = fdt_setprop(ovl, node, "interrupts", irqs,
                          nr_irqs * 3 * sizeof(uint32_t));
        if (ret < 0) {
            return ret;
        }
    }
    node = fdt_path_offset(ovl, "/fragment@0/__overlay__");
    return node < 0 ? node : rename_children(ovl, node, addr);
}

bool gpumbox_add_overlay(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                         void *fdt, const char *bus_node, int irq_start,
                         const char *overlay, uint32_t mmio_size,
                         unsigned nr_irqs, Error **errp)
{
    g_autofree char *path = NULL;
    g_autofree void *blob = NULL;
    g_autofree void *ovl = NULL;
    size_t size;
    int ret;

    assert(nr_irqs <= OVERLAY_IRQS_MAX);
    blob = gpu_blob_load(overlay, ".dtbo", &size, &path, errp);
    if (!blob) {
        return false;
    }
    ovl = g_malloc(size + OVERLAY_SLACK);
    ret = fdt_open_into(blob, ovl, size + OVERLAY_SLACK);
    if (ret == 0) {
        ret = fill_in_device(ovl, sbdev, pbus, bus_node, irq_start, mmio_size,
                             nr_irqs);
    }
    if (ret == 0) {
        ret = fdt_overlay_apply(fdt, ovl);
    }
    if (ret < 0) {
        error_setg(errp, "%s: cannot add the device-tree node: %s", path,
                   fdt_strerror(ret));
        return false;
    }
    return true;
}

static const TypeInfo gpumbox_fdt_node_info = {
    .name = TYPE_GPUMBOX_FDT_NODE,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(GpumboxFdtNodeClass),
};

static void gpumbox_fdt_node_register(void)
{
    type_register_static(&gpumbox_fdt_node_info);
}
type_init(gpumbox_fdt_node_register)
