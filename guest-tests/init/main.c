/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-guest: the only program of the guest's initrd.
 *
 * As PID 1 it brings the guest up, loads the driver, runs the tests that the
 * control device's parameters ask for, and ends the run with their verdict.
 * In a shell it runs tests, lists them, or speaks to the control device.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cs.h"
#include "ctl.h"
#include "driver.h"
#include "init.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "test.h"
#include "util.h"

#define SNAPSHOT_BEFORE_DRIVER 1
#define SNAPSHOT_DRIVER_UP 2
#define SNAPSHOT_BEFORE_PROBE 3
#define PROBE_LIMIT_MS 20000

static bool param_is(const char *name, const char *value)
{
    const char *v = ctl_param(name);

    return v && !strcmp(v, value);
}

/* How many tests will print points: whoever reads them may want a plan. */
static unsigned count_tests(const char *list)
{
    unsigned nr = 0;

    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name; t++) {
            nr += !(t->flags & TEST_BUG) && test_match(t, list);
        }
    }
    return nr;
}

static unsigned run_tests(const char *patterns, bool *stuck)
{
    char *list = strdup(patterns ? patterns : "all");
    unsigned nr = 0;

    *stuck = false;
    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name && !*stuck; t++) {
            if (test_match(t, list)) {
                test_run(t, stuck);
                nr++;
            }
        }
    }
    free(list);
    return nr;
}

static void list_tests(void)
{
    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name; t++) {
            tap_diag("%s%s: %s", t->name,
                     t->flags & (TEST_LONG | TEST_BUG) ? " (only by name)" : "",
                     t->desc);
        }
    }
}

/* The module at which the driver begins; it may be one that no test knows. */
static const char *module_of(const char *name)
{
    return driver_select(name) ? driver()->module[0] : name;
}

/*
 * The device is up when its node answers; the driver may probe late.
 * @waits: the driver is there, and waits to be given its device.
 */
static bool driver_up(const char *name, bool waits)
{
    int log = klog_open();
    bool ok;

    kmsg("begin boot");
    test_announce_run();
    if (ctl_param("put") && strstr(ctl_param("put"), "/lib/modules/")) {
        /* kernel/module/main.c: what it says of a module from elsewhere. */
        kmsg_expect("loading out-of-tree module taints kernel");
        kmsg_expect("module verification failed: signature and/or");
    }
    ok = waits ? !driver_take() : boot_modules(module_of(name), true);
    tap_prefix("boot");
    tap_ok(ok, "modules of driver %s load", name);
    if (driver_select(name)) {
        ok &= tap_ok(panthor_wait_node(true, PROBE_LIMIT_MS),
                     "%s has bound and its node is there", name);
    }
    klog_check(log, NULL);
    kmsg("end boot %s", ok ? "ok" : "not ok");
    tap_prefix("");
    return ok;
}

/*
 * Parameter put=PATH:LENGTH,PATH:LENGTH: what the host offers in one piece
 * takes the place of these files, whatever the initrd had there: firmware,
 * or a driver that was built after the snapshot.
 */
static void take_files(void)
{
    const char *list = ctl_param("put");
    uint32_t at = 0;

    while (list && *list) {
        size_t n = strcspn(list, ",");
        uint32_t len;
        char path[512];
        char *colon;
        int ret;

        snprintf(path, sizeof(path), "%.*s", (int)n, list);
        list += n + (list[n] == ',');
        colon = strrchr(path, ':');
        if (!colon) {
            tap_ok(false, "put=%s: no length", path);
            return;
        }
        *colon = 0;
        len = strtoul(colon + 1, NULL, 10);
        for (char *p = path; (p = strchr(p + 1, '/'));) {
            *p = 0;
            mkdir(path, 0755);
            *p = '/';
        }
        ret = ctl_file(path, at, len);
        if (ret) {
            tap_ok(false, "put=%s: %s", path, strerror(-ret));
        }
        at += len;
    }
}

static void verdict(int tap_fd, bool ok)
{
    tap_plan();
    tap_diag("gpumbox: verdict %s", ok ? "pass" : "fail");
    kmsg("verdict %s", ok ? "pass" : "fail");
    boot_settle(tap_fd);
    ctl_exit(!ok);
    boot_power_off();
}

/* The parameters may be those of another process after a snapshot. */
static const char *wanted_driver(void)
{
    static char name[32];
    const char *given = ctl_param("driver");

    snprintf(name, sizeof(name), "%s", given && *given ? given : "panthor");
    driver_select(name);
    return name;
}

static void init(void)
{
    const char *name;
    bool waits = false;
    bool stuck = false;
    bool up = true;
    unsigned nr = 0;
    int fd;

    boot_mounts();
    if (!ctl_open()) {
        printf("gpumbox-init: no usable control device (\"gpumbox,ctl\" in "
               "the device tree, 1234:4247 on PCI); powering off\n");
        fflush(stdout);
        boot_power_off();
    }
    fd = boot_tap_open();
    tap_start(fd);
    name = wanted_driver();

    if (!boot_modules(module_of(name), false)) {
        tap_ok(false, "modules before the driver load");
    }
    if (param_is("snapshot", "before-driver")) {
        kmsg("snapshot before-driver");
        boot_settle(fd);
        ctl_snapshot(SNAPSHOT_BEFORE_DRIVER);
        name = wanted_driver();
    }
    if (param_is("snapshot", "before-probe")) {
        driver_autoprobe(false);
        boot_modules(module_of(name), true);
        driver_autoprobe(true);
        waits = true;
        kmsg("snapshot before-probe");
        boot_settle(fd);
        ctl_snapshot(SNAPSHOT_BEFORE_PROBE);
    }
    take_files();
    /* Otherwise the test loads it. */
    if (strcmp(name, "none") && !param_is("probe", "test")) {
        up = driver_up(name, waits);
    }
    if (up && param_is("snapshot", "driver-up")) {
        kmsg("snapshot driver-up");
        boot_settle(fd);
        ctl_snapshot(SNAPSHOT_DRIVER_UP);
    }
    kmsg("generation %u seed %u", ctl_generation(), ctl_seed());

    if (ctl_param("list")) {
        list_tests();
    }
    if (ctl_param_u("shell", 0)) {
        shell();
    } else if (up && strcmp(name, "none") && !ctl_param("list")) {
        tap_diag("gpumbox: tests %u", count_tests(ctl_param("test")));
        nr = run_tests(ctl_param("test"), &stuck);
        if (!nr) {
            tap_ok(false, "a test matches %s", ctl_param("test"));
        }
    }
    verdict(fd, !tap_failed());
}

/* What a person types in the guest's shell. */
static int command(int argc, char **argv)
{
    bool stuck;

    tap_start(1);
    if (argc == 2 && !strcmp(argv[1], "--list")) {
        list_tests();
        return 0;
    }
    if (argc == 3 && !strcmp(argv[1], "ctl")) {
        int ret = ctl_open() ? ctl_command("%s", argv[2]) : -ENODEV;

        if (ret) {
            fprintf(stderr, "gpumbox-guest: %s: %s\n", argv[2], strerror(-ret));
        }
        return ret ? 2 : 0;
    }
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: gpumbox-guest PATTERN,...   run tests\n"
                        "       gpumbox-guest --list        list them\n"
                        "       gpumbox-guest ctl COMMAND   to the control "
                        "device, as: ctl 'scenario ping-loss'\n");
        return 2;
    }
    ctl_open();
    if (!run_tests(argv[1], &stuck)) {
        fprintf(stderr, "gpumbox-guest: no test matches %s\n", argv[1]);
        return 2;
    }
    tap_plan();
    return tap_failed() ? 1 : 0;
}

int main(int argc, char **argv)
{
    const char *bad = cs_selftest();

    signal(SIGPIPE, SIG_IGN);
    if (bad) {
        fprintf(stderr, "gpumbox-guest: %s is not encoded as the kernel does\n",
                bad);
    }
    if (getpid() == 1) {
        init();
    }
    return bad ? 2 : command(argc, argv);
}
