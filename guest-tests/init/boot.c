/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define DRIVER_MODULES "GPUMBOX_DRIVER_MODULES"
#define MODULES_ORDER "/etc/modules.order"

static void mount_one(const char *type, const char *where)
{
    mkdir(where, 0755);
    if (mount(type, where, type, 0, NULL) && errno != EBUSY) {
        fprintf(stderr, "gpumbox-init: mounting %s at %s: %s\n", type, where,
                strerror(errno));
    }
}

/* Without a /dev/console in the archive the kernel gives us no descriptors. */
static void console_open(void)
{
    int fd;

    if (fcntl(2, F_GETFD) >= 0) {
        return;
    }
    fd = open("/dev/console", O_RDWR);
    while (fd >= 0 && fd < 2) {
        fd = dup(fd);
    }
}

void boot_mounts(void)
{
    mkdir("/dev", 0755);
    if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) && errno != EBUSY) {
        boot_power_off();
    }
    console_open();
    mount_one("proc", "/proc");
    mount_one("sysfs", "/sys");
    mount_one("tmpfs", "/tmp");
    mount_one("debugfs", "/sys/kernel/debug");
    mount_one("tracefs", "/sys/kernel/tracing");
    write_text("/proc/sys/kernel/printk_devkmsg", "on");
}

void boot_settle(int fd)
{
    if (fd >= 0) {
        tcdrain(fd);
    }
    sync();
    /* The console may be written by a kernel thread of its own. */
    sleep_ms(50);
    tcdrain(1);
}

void boot_power_off(void)
{
    boot_settle(-1);
    reboot(RB_POWER_OFF);
    for (;;) {
        pause();
    }
}

/* A serial line that is there: the kernel also has names for absent ones. */
static bool is_line(const char *name)
{
    char path[280];
    char type[16];

    if (!strncmp(name, "ttyAMA", 6)) {
        return true;
    }
    snprintf(path, sizeof(path), "/sys/class/tty/%s/type", name);
    return !strncmp(name, "ttyS", 4) && read_text(path, type, sizeof(type)) &&
           strcmp(type, "0");
}

int boot_tap_open(void)
{
    char active[128] = "";
    struct termios t;
    struct dirent *e;
    char tty[280] = "";
    DIR *d;
    int fd;

    read_text("/sys/class/tty/console/active", active, sizeof(active));
    d = opendir("/sys/class/tty");
    while (d && (e = readdir(d))) {
        if (is_line(e->d_name) && !strstr(active, e->d_name)) {
            snprintf(tty, sizeof(tty), "/dev/%s", e->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
    if (!tty[0]) {
        return dup(1);
    }
    fd = open(tty, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) {
        perror(tty);
        return dup(1);
    }
    if (!tcgetattr(fd, &t)) {
        cfmakeraw(&t);
        cfsetspeed(&t, B115200);
        tcsetattr(fd, TCSANOW, &t);
    }
    return fd;
}

/* Does @line load module @name, whose file name may have dashes for it. */
static bool line_is(const char *line, const char *name)
{
    char path[512];
    char *base;

    snprintf(path, sizeof(path), "%.*s", (int)strcspn(line, " "), line);
    base = strrchr(path, '/');
    base = base ? base + 1 : path;
    *strchrnul(base, '.') = 0;
    return !strcmp(base, name);
}

/* For whoever loads the driver later: its lines, one below the other. */
static void remember(const char *line)
{
    const char *before = getenv(DRIVER_MODULES);
    char lines[2048];

    snprintf(lines, sizeof(lines), "%s%s\n", before ? before : "", line);
    setenv(DRIVER_MODULES, lines, 1);
}

bool boot_modules(const char *driver, bool from_driver)
{
    FILE *f = fopen(MODULES_ORDER, "re");
    bool reached = false;
    bool ok = true;
    char line[1024];

    if (!f) {
        return true;
    }
    unsetenv(DRIVER_MODULES);
    while (fgets(line, sizeof(line), f)) {
        int ret;

        line[strcspn(line, "\n")] = 0;
        if (!line[0] || line[0] == '#') {
            continue;
        }
        reached |= line_is(line, driver);
        if (reached) {
            remember(line);
        }
        if (reached != from_driver) {
            continue;
        }
        ret = module_insert(line);
        if (ret) {
            tap_diag("loading %s: %s", line, strerror(-ret));
            ok = false;
        }
    }
    fclose(f);
    return ok;
}
