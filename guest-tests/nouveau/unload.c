/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver leaves the device and takes it again: the GSP says goodbye, the
 * protected region is gone, and all of the boot chain runs anew.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "nvchan.h"
#include "nouveau-tests.h"
#include "nvchip.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

static void leave(void)
{
    volatile uint32_t *r;
    char name[128];

    dev_leave(name, sizeof(name));
    r = nv_registers(name);
    tap_eq(nv_read(r, NV_WPR2_HI), 0, "nothing is protected any more");
    tap_ok(!nv_gsp_active(r), "the GSP's core is at rest");
    dev_back(name);
    tap_ok(nv_read(r, NV_WPR2_HI), "a region is protected again");
}

/* A process that ends as it is: channels at work, buffers mapped. */
static void owner(void)
{
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, NOUVEAU_FIFO_ENGINE_CE);
    NvChan *gr = nvc_open(d, NOUVEAU_FIFO_ENGINE_GR);
    NvMem m = nvd_mem(d, NOUVEAU_GEM_DOMAIN_VRAM, 256 * KiB);

    nvc_copy(c, m.va + 128 * KiB, m.va, 128 * KiB);
    nvc_sem(c, m.va, 1, NV_SEM_RELEASE);
    nvc_sem(gr, m.va, 1, NV_SEM_ACQUIRE);
    nvc_sem(gr, m.va + 4, 2, NV_SEM_RELEASE);
    nvc_exec(gr);
    nvc_exec(c);
    _exit(nvc_finish(gr) || nv_word(&m, 1) != 2);
}

static void leave_open(void)
{
    pid_t pid = fork();
    char name[128];
    int status = -1;

    if (!pid) {
        owner();
    }
    waitpid(pid, &status, 0);
    tap_eq(status, 0, "channels have worked, and nobody has freed them");
    dev_leave(name, sizeof(name));
    dev_back(name);
}

static void rebind(void)
{
    dev_rounds(3, NULL);
}

static void rebind_50(void)
{
    dev_rounds(50, NULL);
}

const GuestTest nouveau_unload_tests[] = {
    TEST("nv-leave", "what a driver that leaves leaves", leave,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-leave-open", "a process ends with channels open, then the driver", leave_open,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-rebind", "3 unbinds and binds", rebind,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-rebind-50", "50 unbinds and binds", rebind_50,
         .drivers = DRIVER_NOUVEAU, .flags = TEST_LONG, .limit_s = 600),
    TEST_END,
};
