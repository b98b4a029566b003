/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of nova's tests, and the persona's numbers.
 */
#ifndef GUEST_NOVA_TESTS_H
#define GUEST_NOVA_TESTS_H

#include "test.h"

/* dts/gpu/nvidia-gsp.dtsi, written down a second time. */
#define NOVA_VRAM (1024 * MiB)
#define NOVA_BAR1 (256 * MiB)

/* What nova-core says of the chip, and of the name that it got: patterns. */
const char *nova_chip(void);
const char *nova_name(void);

#define NOVA_UNLOADED "nova-core [0-9a-f:.]+: GSP successfully unloaded"

extern const GuestTest nova_device_tests[];
extern const GuestTest nova_gem_tests[];
extern const GuestTest nova_unload_tests[];
extern const GuestTest nova_probe_tests[];

#endif /* GUEST_NOVA_TESTS_H */
