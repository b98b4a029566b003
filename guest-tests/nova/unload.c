/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nova leaves the device and takes it again: the firmware says goodbye, FWSEC
 * and booter put everything back, or the firmware itself does, and all of the
 * boot chain runs anew.
 */
#include <errno.h>
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

#define NODE_LIMIT_MS 10000

static void leave(void)
{
    int log = klog_open();
    volatile uint32_t *r;
    char name[128];

    dev_leave(name, sizeof(name));
    tap_ok(klog_wait(log, NOVA_UNLOADED, 1000),
           "it says that the firmware has left");
    r = nv_registers(name);
    tap_eq(nv_read(r, NV_WPR2_HI), 0, "nothing is protected any more");
    tap_ok(!nv_gsp_active(r), "the GSP's core is at rest");
    tap_eq(nv_read(r, nv_chip()->flush[0]), 0, "no page for flushes any more");
    dev_back(name);
    tap_ok(klog_wait(log, nova_name(), 1000), "it asks for the name again");
    tap_ok(nv_read(r, NV_WPR2_HI), "a region is protected again");
    close(log);
}

/* A file of before: its calls end, and the device goes when it is closed. */
static void leave_open(void)
{
    int fd = nova_open();
    uint32_t handle, later;
    char name[128];
    uint64_t value;

    dev_name(name, sizeof(name));
    tap_errno(nova_gem_create(fd, 4096, &handle), 0, "a buffer");
    tap_errno(dev_unbind(name), 0, "the driver leaves with a file open");
    tap_errno(nova_getparam(fd, NOVA_GETPARAM_VRAM_BAR_SIZE, &value), -ENODEV,
              "GETPARAM");
    tap_errno(nova_gem_create(fd, 4096, &later), -ENODEV, "GEM_CREATE");
    tap_errno(nova_gem_size(fd, handle, &value), -ENODEV, "GEM_INFO");
    tap_ok(panthor_wait_node(false, NODE_LIMIT_MS), "its node is gone");
    dev_back(name);
    tap_errno(nova_getparam(fd, NOVA_GETPARAM_VRAM_BAR_SIZE, &value), -ENODEV,
              "the file is still the old device's");
    close(fd);
    tap_ok(nova_answers(), "the new one works when it is closed");
}

static void rebind(void)
{
    dev_rounds(3, NOVA_UNLOADED);
}

static void rebind_50(void)
{
    dev_rounds(50, NOVA_UNLOADED);
}

const GuestTest nova_unload_tests[] = {
    TEST("nova-leave", "what a driver that leaves leaves", leave,
         .drivers = DRIVER_NOVA),
    TEST("nova-leave-open", "it leaves while a file is open", leave_open,
         .drivers = DRIVER_NOVA),
    TEST("nova-rebind", "3 unbinds and binds", rebind,
         .drivers = DRIVER_NOVA),
    TEST("nova-rebind-50", "50 unbinds and binds", rebind_50,
         .drivers = DRIVER_NOVA, .flags = TEST_LONG, .limit_s = 600),
    TEST_END,
};
