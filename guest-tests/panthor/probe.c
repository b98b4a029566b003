/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hardware that fails while a driver takes it or leaves it: one clean error,
 * no device, and all is well when it is bound again.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "ctl.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define NODE_LIMIT_MS 10000

#define LINE(text) { text, false }
#define MAYBE(text) { text, true }

/* drivers/base/dd.c: really_probe() */
#define REFUSED LINE("probe with driver (panthor|tyr) failed with error")

static void bound_anew(const char *name)
{
    tap_errno(ctl_scenario(NULL), 0, "the hardware is well again");
    dev_back(name);
}

/* Probing under @scenario fails with @error. */
static void refused(const char *scenario, int error)
{
    char name[128];

    dev_name(name, sizeof(name));
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    dev_rest();
    tap_errno(ctl_scenario(scenario), 0, "scenario %s", scenario);
    tap_errno(dev_bind(name), -error, "the driver does not take the device");
    tap_eq(panthor_count(), 0, "there is no node");
    dev_rest();
    tap_errno(dev_bind(name), -error, "nor the second time");
    bound_anew(name);
}

static void probe_boot_never(void)
{
    refused("boot-never-probe", ETIMEDOUT);
}

static void probe_boot_fatal(void)
{
    refused("boot-fatal", ETIMEDOUT);
}

/* panthor_fw.c: panthor_fw_start() waits 1 s, fw.rs: boot() 100 ms. */
static void probe_boot_slow(void)
{
    refused("boot-slow", ETIMEDOUT);
}

static void probe_boot_silent(void)
{
    refused("boot-silent", ETIMEDOUT);
}

static void probe_reset_stuck(void)
{
    refused("reset-stuck", ETIMEDOUT);
}

static void probe_l2_stuck(void)
{
    refused("l2-stuck-probe", ETIMEDOUT);
}

static void probe_as_stuck(void)
{
    refused("as-active-stuck", ETIMEDOUT);
}

/* Leaving the device under @scenario; coming back afterwards. */
static void left(const char *scenario)
{
    char name[128];

    dev_name(name, sizeof(name));
    tap_errno(ctl_scenario(scenario), 0, "scenario %s", scenario);
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    tap_ok(panthor_wait_node(false, NODE_LIMIT_MS), "its node is gone");
    bound_anew(name);
}

static void leave_stop_stuck(void)
{
    left("stop-stuck");
}

const GuestTest probe_tests[] = {
    TEST("probe-boot-never", "an MCU that never boots", probe_boot_never,
         .drivers = DRIVER_MALI,
         .expect = EXPECT(LINE("MCU failed to boot, status: Disabled|"
                               "Failed to boot MCU \\(status=disabled\\)"),
                          REFUSED)),
    TEST("probe-boot-fatal", "an MCU that ends in its fatal state",
         probe_boot_fatal, .drivers = DRIVER_MALI,
         .expect = EXPECT(LINE("MCU failed to boot, status: Fatal|"
                               "Failed to boot MCU \\(status=fatal\\)"),
                          REFUSED)),
    TEST("probe-boot-slow", "an MCU that boots after 0.5 s", probe_boot_slow,
         .drivers = DRIVER_TYR,
         .expect = EXPECT(LINE("MCU failed to boot, status: Disabled"),
                          REFUSED)),
    TEST("probe-boot-silent", "an MCU that boots without saying so",
         probe_boot_silent, .drivers = DRIVER_MALI,
         .expect = EXPECT(LINE("MCU failed to boot, status: Enabled|"
                               "Failed to boot MCU \\(status=enabled\\)"),
                          REFUSED)),
    TEST("probe-reset-stuck", "a soft reset that never completes",
         probe_reset_stuck, .drivers = DRIVER_TYR,
         .expect = EXPECT(LINE("GPU reset failed"), REFUSED)),
    TEST("probe-l2-stuck", "an L2 cache that stays off", probe_l2_stuck,
         .drivers = DRIVER_TYR,
         .expect = EXPECT(LINE("Failed to power on the GPU"), REFUSED)),
    TEST("probe-as-stuck", "an address space that is never ready",
         probe_as_stuck, .drivers = DRIVER_TYR,
         .expect = EXPECT(LINE("Failed to activate VM: (ETIMEDOUT|"
                               "Error\\(110\\))"), REFUSED)),
    TEST("leave-stop-stuck", "an MCU that does not stop", leave_stop_stuck,
         .drivers = DRIVER_TYR,
         .expect = EXPECT(LINE("MCU failed to stop, status: Enabled"))),
    TEST_END,
};
