/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/module.h>

#include "ctl.h"
#include "driver.h"
#include "klog.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define NODE_LIMIT_MS 10000

bool pm_status(const char *status)
{
    char path[128];
    char text[64];

    panthor_sysfs("power/runtime_status", path, sizeof(path));
    return read_text(path, text, sizeof(text)) && !strcmp(text, status);
}

bool pm_wait(const char *status, unsigned limit_ms)
{
    int64_t until = now_ns() + limit_ms * 1000000ll;

    while (!pm_status(status)) {
        if (now_ns() >= until) {
            return false;
        }
        sleep_ms(5);
    }
    return true;
}

int pm_control(const char *how)
{
    char path[128];

    panthor_sysfs("power/control", path, sizeof(path));
    return write_text(path, how);
}

bool pm_rehearse(void)
{
    return !write_text("/sys/power/pm_test", "devices") &&
           !write_text("/sys/module/suspend/parameters/pm_test_delay", "0");
}

int pm_suspend(void)
{
    return write_text("/sys/power/state", "mem");
}

/* Is device @path one of the driver's bus? */
static bool on_bus(const char *path)
{
    char link[600];
    char subsystem[512];

    snprintf(link, sizeof(link), "%s/subsystem", path);
    return realpath(link, subsystem) &&
           !strcmp(strrchr(subsystem, '/') + 1, driver()->bus);
}

void dev_name(char *name, unsigned size)
{
    char path[128];
    char target[512];

    panthor_sysfs("", path, sizeof(path));
    path[strlen(path) - 1] = 0;
    if (!realpath(path, target)) {
        tap_die("the render node's device is in sysfs: %s", strerror(errno));
    }
    while (!on_bus(target)) {
        *strrchr(target, '/') = 0;
        if (!target[0]) {
            tap_die("the render node's device is on bus %s", driver()->bus);
        }
    }
    snprintf(name, size, "%s", strrchr(target, '/') + 1);
}

int dev_unbind(const char *name)
{
    char path[128];

    driver_path("unbind", path, sizeof(path));
    return write_text(path, name);
}

int dev_bind(const char *name)
{
    char path[128];

    driver_path("bind", path, sizeof(path));
    return write_text(path, name);
}

void dev_rest(void)
{
    if (driver_is(DRIVER_TYR)) {
        ctl_command("power-cycle");
    }
}

void dev_back(const char *name)
{
    dev_rest();
    if (tap_errno(dev_bind(name), 0, "the driver takes the device") &&
        tap_ok(panthor_wait_node(true, NODE_LIMIT_MS), "its node is there")) {
        tap_ok(driver()->works(), "it works");
    }
}

void dev_leave(char *name, unsigned size)
{
    dev_name(name, size);
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    tap_ok(panthor_wait_node(false, NODE_LIMIT_MS), "its node is gone");
}

void dev_rounds(unsigned n, const char *says)
{
    unsigned good = 0;
    char name[128];
    int log = klog_open();

    dev_name(name, sizeof(name));
    for (unsigned i = 0; i < n; i++) {
        if (dev_unbind(name) || (says && !klog_wait(log, says, 1000)) ||
            dev_bind(name) || !panthor_wait_node(true, NODE_LIMIT_MS) ||
            !driver()->works()) {
            break;
        }
        good++;
    }
    tap_eq(good, n, "times the driver left and came back");
    close(log);
}

static bool ends_with(const char *s, const char *end)
{
    size_t n = strlen(s);
    size_t m = strlen(end);

    return n >= m && !strcmp(s + n - m, end);
}

int module_insert(const char *line)
{
    char path[512];
    const char *args = strchr(line, ' ');
    size_t n = args ? (size_t)(args - line) : strlen(line);
    int flags = 0;
    int ret = 0;
    int fd;

    snprintf(path, sizeof(path), "%.*s", (int)n, line);
    if (ends_with(path, ".xz") || ends_with(path, ".zst") ||
        ends_with(path, ".gz")) {
        flags = MODULE_INIT_COMPRESSED_FILE;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (syscall(SYS_finit_module, fd, args ? args + 1 : "", flags) &&
        errno != EEXIST) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

int module_unload(void)
{
    const char *const *module = driver()->module;

    for (unsigned i = DRIVER_MODULES_MAX; i--;) {
        if (module[i] && syscall(SYS_delete_module, module[i], O_NONBLOCK) &&
            errno != ENOENT) {
            return -errno;
        }
    }
    return 0;
}

int module_load_with(const char *args)
{
    const char *lines = getenv("GPUMBOX_DRIVER_MODULES");
    char copy[2048];
    char last[2048];
    char *rest = copy;
    char *line;
    int ret = lines ? 0 : -ENOENT;

    snprintf(copy, sizeof(copy), "%s", lines ? lines : "");
    while (!ret && (line = strsep(&rest, "\n")) && *line) {
        bool own = !rest || !*rest;

        snprintf(last, sizeof(last), "%s%s%s", line, own && *args ? " " : "",
                 own ? args : "");
        ret = module_insert(last);
    }
    return ret;
}

int module_load(void)
{
    return module_load_with("");
}

int driver_autoprobe(bool on)
{
    char path[128];

    snprintf(path, sizeof(path), "/sys/bus/%s/drivers_autoprobe",
             driver()->bus);
    return write_text(path, on ? "1" : "0");
}

int driver_take(void)
{
    DIR *d;
    struct dirent *e;
    char path[128];

    driver_path("", path, sizeof(path));
    if (access(path, F_OK)) {
        return module_load();
    }
    snprintf(path, sizeof(path), "/sys/bus/%s/devices", driver()->bus);
    d = opendir(path);
    while (d && (e = readdir(d))) {
        /* Devices that are not the driver's are refused. */
        if (e->d_name[0] != '.') {
            dev_bind(e->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
    return 0;
}
