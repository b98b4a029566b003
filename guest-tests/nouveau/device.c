/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nouveau says of the device, and what the device's registers say of the
 * boot that nouveau has put it through.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nouveau.h"
#include "nouveau-tests.h"
#include "nvchip.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

/* dts/gpu/nvidia-gsp.dtsi, written down a second time. */
#define VRAM (1024 * MiB)
#define BAR1 (256 * MiB)

static uint64_t param(int fd, uint64_t id, const char *name)
{
    uint64_t value = 0;

    tap_errno(nv_getparam(fd, id, &value), 0, "GETPARAM %s", name);
    return value;
}

static void getparam(void)
{
    int fd = nv_open();
    uint64_t t0, t1, fb, value;

    tap_eq(param(fd, NOUVEAU_GETPARAM_PCI_VENDOR, "PCI_VENDOR"), 0x10de,
           "vendor");
    tap_eq(param(fd, NOUVEAU_GETPARAM_PCI_DEVICE, "PCI_DEVICE"),
           nv_chip()->device, "device");
    tap_eq(param(fd, NOUVEAU_GETPARAM_BUS_TYPE, "BUS_TYPE"), 2,
           "on PCI Express");
    tap_eq(param(fd, NOUVEAU_GETPARAM_CHIPSET_ID, "CHIPSET_ID"),
           nv_chip()->chipset, "it is a %s", nv_chip()->name);
    fb = param(fd, NOUVEAU_GETPARAM_FB_SIZE, "FB_SIZE");
    tap_ok(fb > VRAM / 2 && fb <= VRAM,
           "%llu MiB of the 1024 that there are",
           (unsigned long long)(fb / MiB));
    tap_eq(param(fd, NOUVEAU_GETPARAM_VRAM_BAR_SIZE, "VRAM_BAR_SIZE"), BAR1,
           "BAR1 has 256 MiB");
    tap_eq(param(fd, NOUVEAU_GETPARAM_HAS_BO_USAGE, "HAS_BO_USAGE"), 1,
           "buffers tell their use");
    t0 = param(fd, NOUVEAU_GETPARAM_PTIMER_TIME, "PTIMER_TIME");
    sleep_ms(50);
    t1 = param(fd, NOUVEAU_GETPARAM_PTIMER_TIME, "PTIMER_TIME");
    tap_ok(t1 - t0 >= 50000000 && t1 - t0 < 500000000,
           "the chip's clock counts the 50 ms of a sleep as %llu ns",
           (unsigned long long)(t1 - t0));
    tap_errno(nv_getparam(fd, 9999, &value), -EINVAL,
              "a parameter that does not exist");
    close(fd);
}

static void registers(void)
{
    volatile uint32_t *r;
    char name[128];
    uint32_t lo, hi, in;

    dev_name(name, sizeof(name));
    r = nv_registers(name);
    tap_eq(nv_read(r, NV_PMC_BOOT_0) >> 20, nv_chip()->chipset,
           "BOOT_0 has the chip");
    if (nv_chip()->boot_by == NV_BY_BOOTER) {
        tap_eq(nv_read(r, NV_FRTS_ERROR) >> 16, 0, "FWSEC reported no error");
    }
    tap_ok(nv_gsp_active(r), "the GSP's RISC-V core is active");
    lo = nv_read(r, NV_WPR2_LO);
    hi = nv_read(r, NV_WPR2_HI);
    tap_ok(lo && hi > lo && (uint64_t)hi << 8 < VRAM,
           "a region is protected: 0x%llx to 0x%llx",
           (unsigned long long)lo << 8, (unsigned long long)hi << 8);

    /* Through the window it cannot be read, and below it can. */
    in = nv_read(r, nv_chip()->window);
    nv_write(r, nv_chip()->window, lo >> 8);
    tap_eq(nv_read(r, NV_PRAMIN), UINT32_MAX,
           "its first word cannot be read through PRAMIN");
    nv_write(r, NV_PRAMIN, 0x12345678);
    nv_write(r, nv_chip()->window, in);
    tap_eq(nv_read(r, nv_chip()->window), in, "the window is back");
}

/* The line of /proc/interrupts that nouveau has; its count over all CPUs. */
static unsigned long interrupts(bool *msi)
{
    unsigned long sum = 0;
    char line[512];
    FILE *f = fopen("/proc/interrupts", "re");

    *msi = false;
    while (f && fgets(line, sizeof(line), f)) {
        char *p = strchr(line, ':');

        if (!p || !strstr(line, "nvkm")) {
            continue;
        }
        *msi = strstr(line, "MSI");
        for (p++;; ) {
            char *end;
            unsigned long n = strtoul(p, &end, 10);

            if (end == p) {
                break;
            }
            sum += n;
            p = end;
        }
    }
    if (f) {
        fclose(f);
    }
    return sum;
}

static void msi(void)
{
    bool is_msi;
    unsigned long n = interrupts(&is_msi);

    tap_ok(is_msi, "nouveau's interrupt is an MSI");
    tap_ok(n > 0, "%lu of them came", n);
    tap_ok(n < 10000, "and it is no storm");
}

const GuestTest nouveau_device_tests[] = {
    TEST("nv-getparam", "what GETPARAM says of the device", getparam,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-registers", "what the boot has left in registers", registers,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-msi", "messages of the firmware come by MSI", msi,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
