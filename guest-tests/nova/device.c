/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nova says of the device, in its log and through GETPARAM, and what the
 * boot that it has put the device through has left in registers.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nouveau.h"
#include "nouveau-tests.h"
#include "nvchip.h"
#include "nova.h"
#include "nova-tests.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define AUXILIARY "/sys/bus/auxiliary/devices"
#define NODE_LIMIT_MS 10000

/*
 * Where nova-core puts things (fb.rs: FbRanges::new(); gsp/fw.rs:
 * LibosParams::wpr_heap_size()): a megabyte for VGA at the end, one for FRTS
 * before it, bootloader and image below, and a heap that is clamped. An FSP is
 * told how much it leaves behind FRTS (fsp.rs: frts_vidmem_offset()).
 */
#define FRTS MiB
#define HEAP_MIN (88 * MiB)
#define HEAP_MAX (280 * MiB)
/* What the firmware keeps before them (fb/hal/: non_wpr_heap_size()). */
#define BEFORE_TU102 MiB
#define BEFORE_GB202 (2 * MiB + 128 * KiB)

const char *nova_chip(void)
{
    static char text[128];

    snprintf(text, sizeof(text), "NVIDIA \\(Chipset: %s, Architecture: %s, "
             "Revision: a.1\\)", nv_chip()->name, nv_chip()->arch);
    return text;
}

const char *nova_name(void)
{
    static char text[64];

    snprintf(text, sizeof(text), "GPU name: gpumbox %s$", nv_chip()->name);
    return text;
}

static void log_lines(void)
{
    tap_ok(klog_said(nova_chip()), "nova-core knows chip and revision");
    tap_ok(klog_said(nova_name()), "the firmware told it the persona's name");
    tap_ok(!klog_said("nova-core .*won't be able to unload"),
           "it can unload the firmware again");
}

static uint64_t bar1_bytes(void)
{
    char path[192], name[128];
    struct stat st = { 0 };

    dev_name(name, sizeof(name));
    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource1", name);
    return stat(path, &st) ? 0 : st.st_size;
}

static void getparam(void)
{
    int fd = nova_open();
    uint64_t value;

    tap_errno(nova_getparam(fd, NOVA_GETPARAM_VRAM_BAR_SIZE, &value), 0,
              "GETPARAM VRAM_BAR_SIZE");
    tap_eq(value, NOVA_BAR1, "BAR1 has the persona's size");
    tap_eq(value, bar1_bytes(), "and PCI says the same");
    tap_errno(nova_getparam(fd, 0, &value), -EINVAL, "parameter 0");
    tap_errno(nova_getparam(fd, 2, &value), -EINVAL, "parameter 2");
    tap_errno(nova_getparam(fd, UINT32_MAX, &value), -EINVAL,
              "parameter 0xffffffff");
    close(fd);
}

static void bad_ioctl(void)
{
    int fd = nova_open();
    struct drm_nova_getparam p = { .param = NOVA_GETPARAM_VRAM_BAR_SIZE };

    tap_errno(nv_ioctl(fd, DRM_IOWR(DRM_COMMAND_BASE + 3, p), &p), -EINVAL,
              "an ioctl that nova-drm does not have");
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOVA_GETPARAM, NULL), -EFAULT,
              "a struct that is not there");
    /* drm_ioctl.c: drm_ioctl() copies what is given, and no more. */
    tap_errno(nv_ioctl(fd, DRM_IOWR(DRM_COMMAND_BASE + DRM_NOVA_GETPARAM,
                                    uint64_t), &p), 0,
              "half of the struct");
    tap_eq(p.value, 0, "gets half of it back");
    close(fd);
}

static void registers(void)
{
    volatile uint32_t *r;
    char name[128];
    uint64_t lo, hi, end = NOVA_VRAM - nv_chip()->behind;

    dev_name(name, sizeof(name));
    r = nv_registers(name);
    tap_eq(nv_read(r, NV_PMC_BOOT_0) >> 20, nv_chip()->chipset,
           "BOOT_0 has the chip");
    if (nv_chip()->boot_by == NV_BY_BOOTER) {
        tap_eq(nv_read(r, NV_FRTS_ERROR) >> 16, 0, "FWSEC reported no error");
    }
    tap_ok(nv_gsp_active(r), "the GSP's RISC-V core is active");
    /* Bits 40:12 of an address in 31:4; the upper one is the last page's. */
    lo = (uint64_t)nv_read(r, NV_WPR2_LO) << 8;
    hi = ((uint64_t)nv_read(r, NV_WPR2_HI) << 8) + 4 * KiB;
    tap_eq(hi, end, "the protected region ends behind FRTS");
    tap_ok(lo % MiB == 0 && lo < end - FRTS - HEAP_MIN &&
           lo > end - FRTS - HEAP_MAX - 8 * MiB,
           "it begins below a heap of nova's size, at 0x%llx",
           (unsigned long long)lo);
    tap_ok(nv_read(r, nv_chip()->flush[0]) | nv_read(r, nv_chip()->flush[1]),
           "a page for flushes is registered");
}

/*
 * gpu.rs: the driver says what it may use, which is what the firmware's static
 * info leaves: all that lies before the firmware's own.
 */
static void memory(void)
{
    bool fsp = nv_chip()->boot_by == NV_BY_FSP;
    volatile uint32_t *r;
    char name[128], line[96];
    uint64_t end;

    dev_name(name, sizeof(name));
    r = nv_registers(name);
    end = ((uint64_t)nv_read(r, NV_WPR2_LO) << 8) -
          (fsp ? BEFORE_GB202 : BEFORE_TU102);
    if (!klog_said("Usable FB regions:")) {
        tap_skip("the kernel has no CONFIG_RUST_DEBUG_ASSERTIONS",
                 "usable memory");
        return;
    }
    snprintf(line, sizeof(line), "  - 0x0\\.\\.0x%llx$",
             (unsigned long long)end);
    tap_ok(klog_said(line), "one region, to 0x%llx", (unsigned long long)end);
    tap_ok(!klog_said("  - 0x[1-9a-f].*\\.\\.0x"), "and no other");
    snprintf(line, sizeof(line), "Total usable VRAM: %llu MiB",
             (unsigned long long)(end / MiB));
    tap_ok(klog_said(line), "which is %llu MiB",
           (unsigned long long)(end / MiB));
}

/* Name of the device that nova-core has made for nova-drm. */
static bool find_child(char *name, unsigned size)
{
    DIR *d = opendir(AUXILIARY);
    struct dirent *e;
    bool found = false;

    while (!found && d && (e = readdir(d))) {
        found = strstr(e->d_name, "nova-drm");
        snprintf(name, size, "%s", e->d_name);
    }
    if (d) {
        closedir(d);
    }
    return found;
}

/* The upper half is a driver of its own, for a device that the lower made. */
static void auxiliary(void)
{
    volatile uint32_t *r;
    char name[256], link[512], folder[512], path[600], function[128];

    dev_name(function, sizeof(function));
    r = nv_registers(function);
    if (!tap_ok(find_child(name, sizeof(name)),
                "nova-core has made an auxiliary device")) {
        return;
    }
    snprintf(link, sizeof(link), AUXILIARY "/%s/driver", name);
    if (!tap_ok(realpath(link, folder), "%s has a driver", name)) {
        return;
    }
    snprintf(path, sizeof(path), "%s/unbind", folder);
    tap_errno(write_text(path, name), 0, "nova-drm leaves it");
    tap_ok(panthor_wait_node(false, NODE_LIMIT_MS), "its node is gone");
    tap_ok(nv_gsp_active(r), "nova-core stays: the firmware runs on");
    snprintf(path, sizeof(path), "%s/bind", folder);
    tap_errno(write_text(path, name), 0, "nova-drm comes back");
    tap_ok(panthor_wait_node(true, NODE_LIMIT_MS) && nova_answers(),
           "its node is there and works");
}

const GuestTest nova_device_tests[] = {
    TEST("nova-log", "what the kernel log has of the probe", log_lines,
         .drivers = DRIVER_NOVA),
    TEST("nova-getparam", "what GETPARAM says of the device", getparam,
         .drivers = DRIVER_NOVA),
    TEST("nova-ioctl-bad", "ioctls that are none", bad_ioctl,
         .drivers = DRIVER_NOVA),
    TEST("nova-registers", "what the boot has left in registers", registers,
         .drivers = DRIVER_NOVA),
    TEST("nova-memory", "what the driver may use of VRAM", memory,
         .drivers = DRIVER_NOVA),
    TEST("nova-auxiliary", "nova-drm leaves and comes back", auxiliary,
         .drivers = DRIVER_NOVA),
    TEST_END,
};
