/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver under test. Panthor and Tyr serve one uAPI under one DRM name;
 * what differs between them is asked here.
 */
#ifndef GUEST_DRIVER_H
#define GUEST_DRIVER_H

#include <stdbool.h>

/** enum DriverBit - drivers that a test serves, see GuestTest.drivers */
typedef enum DriverBit {
    DRIVER_PANTHOR = 1 << 0,
    DRIVER_TYR = 1 << 1,
    DRIVER_NOUVEAU = 1 << 2,
    DRIVER_MALI = DRIVER_PANTHOR | DRIVER_TYR,
} DriverBit;

/**
 * struct GuestDriver - a driver that tests know
 * @name:   of its module and of its folder below /sys/bus/BUS/drivers.
 * @node:   what its DRM devices say that they are.
 * @bit:    DriverBit.
 * @bus:    where its devices are.
 * @works:  the device does what the driver can have it do; ends the process
 *          with a failed point where that is set up in vain.
 * @health: what @works looked at, for a test point.
 */
typedef struct GuestDriver {
    const char *name;
    const char *node;
    unsigned bit;
    const char *bus;
    bool (*works)(void);
    const char *health;
} GuestDriver;

/** driver_select() - by name; false if no test knows it. */
bool driver_select(const char *name);

/**
 * driver() - the one under test
 *
 * What init selected, in its children too; in a shell the one whose module is
 * loaded; Panthor if there is none.
 */
const GuestDriver *driver(void);

/** driver_is() - is it one of @bits? */
bool driver_is(unsigned bits);

/** driver_path() - @name in its folder in sysfs. */
void driver_path(const char *name, char *path, unsigned size);

/** driver_health() - a test body: the device works. */
void driver_health(void);

#endif /* GUEST_DRIVER_H */
