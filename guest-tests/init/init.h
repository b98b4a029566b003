/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of the guest's PID 1.
 */
#ifndef GUEST_INIT_H
#define GUEST_INIT_H

#include <stdbool.h>

/** boot_mounts() - proc, sysfs, devtmpfs, debugfs, tracefs, a tmpfs. */
void boot_mounts(void);

/** boot_power_off() - flush the log and switch the machine off. */
void boot_power_off(void) __attribute__((noreturn));

/** boot_settle() - let the console and the TAP line @fd drain. */
void boot_settle(int fd);

/**
 * boot_tap_open() - the serial line that is not the console, raw
 *
 * Returns the console if there is no second line.
 */
int boot_tap_open(void);

/**
 * boot_modules() - load modules in the order of /etc/modules.order
 * @driver: the first module (without .ko) of the driver.
 * @from_driver: false: those before the driver's line; true: the rest.
 *
 * One absolute path per line; what follows a blank are arguments.
 */
bool boot_modules(const char *driver, bool from_driver);

/** shell() - busybox on the console; comes back when the shell ends. */
void shell(void);

#endif /* GUEST_INIT_H */
