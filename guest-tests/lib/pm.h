/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime power management of the GPU, binding and modules, through sysfs.
 */
#ifndef GUEST_PM_H
#define GUEST_PM_H

#include <stdbool.h>

/** pm_status() - is power/runtime_status @status. */
bool pm_status(const char *status);

/** pm_wait() - wait until it is, at most @limit_ms of guest time. */
bool pm_wait(const char *status, unsigned limit_ms);

/** pm_control() - "on" keeps the device up, "auto" lets it sleep. */
int pm_control(const char *how);

/**
 * pm_rehearse() - can the kernel rehearse a sleep of the system?
 *
 * It then suspends and resumes all devices, and needs no clock to wake it
 * (/sys/power/pm_test, CONFIG_PM_DEBUG). A real sleep would have no end.
 */
bool pm_rehearse(void);

/** pm_suspend() - do it, after pm_rehearse(); 0 or a negative errno value. */
int pm_suspend(void);

/** dev_name() - the platform device's name; while the driver is bound. */
void dev_name(char *name, unsigned size);

/** dev_unbind(), dev_bind() - take the driver from the device and back. */
int dev_unbind(const char *name);
int dev_bind(const char *name);

/**
 * dev_rest() - what a platform does with a GPU that no driver has
 *
 * A power domain is switched off when the driver leaves, and the GPU forgets
 * all (drivers/base/power/common.c: dev_pm_domain_detach()). QEMU's virt
 * machine has no such domain. Tyr needs it: driver.rs: issue_soft_reset() is
 * content with the RESET_COMPLETED of an earlier reset.
 */
void dev_rest(void);

/**
 * module_insert() - load a module; 0 or -errno
 * @line: absolute path, then arguments if there are any. It may be
 *        compressed; one that is loaded already is no error.
 */
int module_insert(const char *line);

/** dev_back() - bind the device, with test points that it is back and works. */
void dev_back(const char *name);

/**
 * dev_leave() - take the driver from its device, with test points
 * @name: the device's name then, @size bytes.
 */
void dev_leave(char *name, unsigned size);

/**
 * dev_rounds() - a test point: the driver leaves and comes back @n times
 * @says: pattern of what it logs each time that it leaves, or NULL.
 */
void dev_rounds(unsigned n, const char *says);

/** module_unload(), module_load() - all of the driver's; 0 or -errno. */
int module_unload(void);
int module_load(void);

/** module_load_with() - likewise, the driver's own with @args. */
int module_load_with(const char *args);

/**
 * driver_autoprobe() - shall a driver that is loaded take its devices?
 */
int driver_autoprobe(bool on);

/**
 * driver_take() - let the driver take its device
 *
 * Loads the module, or binds the device if the module is loaded. Returns 0
 * also if the driver does not want it.
 */
int driver_take(void);

#endif /* GUEST_PM_H */
