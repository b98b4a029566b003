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
    DRIVER_NOVA = 1 << 3,
    DRIVER_MALI = DRIVER_PANTHOR | DRIVER_TYR,
    DRIVER_NVIDIA = DRIVER_NOUVEAU | DRIVER_NOVA,
} DriverBit;

/** DRIVER_MODULES_MAX - modules that one driver has. */
#define DRIVER_MODULES_MAX 2

/**
 * struct GuestDriver - a driver that tests know
 * @name:   what it is called.
 * @module: its modules in the order in which they load.
 * @folder: its folder below /sys/bus/BUS/drivers.
 * @node:   what its DRM devices say that they are.
 * @card:   they have no render node, only a primary one.
 * @bit:    DriverBit.
 * @bus:    where its devices are; a DRM device's own may be below one.
 * @works:  the device does what the driver can have it do; ends the process
 *          with a failed point where that is set up in vain.
 * @health: what @works looked at, for a test point.
 */
typedef struct GuestDriver {
    const char *name;
    const char *module[DRIVER_MODULES_MAX];
    const char *folder;
    const char *node;
    bool card;
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
