/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control device: how a guest takes its parameters, ends the run, asks
 * for a snapshot and switches fault scenarios.
 *
 * One 4 KiB page of little-endian 32-bit registers, found through the device
 * tree (compatible "gpumbox,ctl") and reached through /dev/mem, or BAR 0 of a
 * PCI function.
 */
#ifndef GUEST_CTL_H
#define GUEST_CTL_H

#include <stdbool.h>
#include <stdint.h>

/** ctl_open() - find and map the device; false if there is none. */
bool ctl_open(void);

/** ctl_present() - ctl_open() found one. */
bool ctl_present(void);

/** ctl_seed() - the run's seed, 0 without a device. */
uint32_t ctl_seed(void);

/** ctl_generation() - 0 in the process that booted, else the restoring one. */
uint32_t ctl_generation(void);

/**
 * ctl_snapshot() - stop the machine here
 * @tag: what the host reads to know which point this is.
 *
 * Comes back when the machine goes on, in this or another process of the
 * host, with parameters read anew.
 */
void ctl_snapshot(uint32_t tag);

/** ctl_checkpoint() - likewise, if parameter snap-at=N,... has number @n. */
void ctl_checkpoint(unsigned n);

/** ctl_exit() - end the run with @status; does not come back with a device. */
void ctl_exit(uint8_t status);

/** ctl_read_params() - take the parameters of the process that runs us. */
void ctl_read_params(void);

/**
 * ctl_param() - the value of parameter @name
 *
 * Returns "" for a name without value and NULL if it was not given. The text
 * stays for the next few calls only.
 */
const char *ctl_param(const char *name);

/** ctl_real_time() - the guest's time is the host's: it may be late. */
bool ctl_real_time(void);

/** ctl_param_u() - a number, or @def if not given or not a number. */
unsigned ctl_param_u(const char *name, unsigned def);

/**
 * ctl_file() - copy a part of the file that the process which runs us offers
 * @path: where it goes, in place of what is there.
 * @at: where the part begins, in bytes.
 * @len: how long it is, in bytes.
 *
 * Returns 0 or a negative errno value.
 */
int ctl_file(const char *path, uint32_t at, uint32_t len);

/**
 * ctl_command() - run a text command
 *
 * Returns 0 or a negative errno value.
 */
int ctl_command(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** ctl_scenario() - load scenario @name into every GPU, NULL: none. */
int ctl_scenario(const char *name);

#endif /* GUEST_CTL_H */
