/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs of Tyr.
 */
#include <dirent.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "panthor.h"
#include "pm.h"
#include "util.h"

#define CLOCKS "/sys/kernel/debug/clk"

/* The GPU keeps its power between the two drivers, as without a domain. */
static void tyr_reset_stale(void)
{
    char name[128];
    int ret;

    dev_name(name, sizeof(name));
    bug_need(!dev_unbind(name), "the driver leaves");
    ret = dev_bind(name);
    if (ret) {
        bug_seen("a GPU that was reset before and kept its power is not "
                 "taken: %s", strerror(-ret));
    }
    bug_absent("a GPU that was reset before is reset again");
}

/* What user space of another version of the uAPI passes. */
static void tyr_query_size(void)
{
    enum { OLD = offsetof(struct drm_panthor_gpu_info, gpu_features) };
    unsigned char buf[sizeof(struct drm_panthor_gpu_info) + 16];
    Px *p = px_open();
    uint32_t size = OLD;
    int ret = px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, buf, &size);

    if (ret) {
        bug_seen("gpu_info of %d bytes, as before gpu_features: %s", OLD,
                 strerror(-ret));
    }
    memset(buf, 0xa5, sizeof(buf));
    size = sizeof(buf);
    ret = px_query(p, DRM_PANTHOR_DEV_QUERY_GPU_INFO, buf, &size);
    if (ret || buf[sizeof(buf) - 1]) {
        bug_seen("gpu_info in %zu bytes: what the driver does not know is "
                 "not zero", sizeof(buf));
    }
    bug_absent("gpu_info comes in the size that was asked for");
}

/* The sum of what is enabled of all clocks; -1 if nobody says. */
static int clocks_enabled(void)
{
    DIR *d = opendir(CLOCKS);
    struct dirent *e;
    int sum = -1;

    while (d && (e = readdir(d))) {
        char path[512];
        char text[32];
        int n;

        snprintf(path, sizeof(path), CLOCKS "/%s/clk_enable_count",
                 e->d_name);
        if (e->d_name[0] != '.' && read_text(path, text, sizeof(text)) &&
            sscanf(text, "%d", &n) == 1) {
            sum = (sum < 0 ? 0 : sum) + n;
        }
    }
    if (d) {
        closedir(d);
    }
    return sum;
}

static void tyr_clock_leak(void)
{
    char name[128];
    int before;
    int after;

    dev_name(name, sizeof(name));
    bug_need(!dev_unbind(name), "the driver leaves");
    before = clocks_enabled();
    bug_need(before >= 0, "no clock tells its count in " CLOCKS);
    dev_rest();
    bug_need(!ctl_scenario("boot-never-probe"), "scenario");
    bug_need(dev_bind(name), "the driver takes a GPU whose MCU is dead");
    after = clocks_enabled();
    if (after > before) {
        bug_seen("clocks are enabled %d times after a probe that failed, "
                 "%d times before", after, before);
    }
    bug_absent("a probe that fails leaves the clocks as they were");
}

/* A DRM device that is not freed keeps its number. */
static void tyr_evict_stuck(void)
{
    char before[64];
    char after[64];
    char name[128];

    bug_need(panthor_node(before, sizeof(before)), "a node");
    dev_name(name, sizeof(name));
    bug_need(!ctl_scenario("as-active-stuck"), "scenario");
    bug_need(!dev_unbind(name), "the driver leaves");
    bug_need(!ctl_scenario(NULL), "the MMU works again");
    sleep_ms(500);
    dev_rest();
    bug_need(!dev_bind(name), "the driver comes back");
    bug_need(panthor_wait_node(true, 10000) &&
             panthor_node(after, sizeof(after)), "with its node");
    if (strcmp(before, after)) {
        bug_seen("unbound from an MMU that did not answer, nobody has it open, "
                 "and it is still there: %s comes behind %s", after, before);
    }
    bug_absent("the driver leaves a GPU whose MMU does not answer");
}

const GuestTest bug_tyr_tests[] = {
    BUG("tyr-reset-stale", "RESET_COMPLETED of before", tyr_reset_stale,
        .drivers = DRIVER_TYR),
    BUG("tyr-query-size", "DEV_QUERY of another size", tyr_query_size,
        .drivers = DRIVER_TYR),
    BUG("tyr-clock-leak", "clocks after a failed probe", tyr_clock_leak,
        .drivers = DRIVER_TYR),
    BUG("tyr-evict-stuck", "unbinding with a stuck MMU", tyr_evict_stuck,
        .drivers = DRIVER_TYR),
    TEST_END,
};
