/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Personas: which GPU is being played.
 *
 * A persona is a flattened device tree (dts/gpu/) that gives identity
 * registers, sizes, clocks and latencies by name.  The device lists the
 * numbers that it wants; loading resolves all of them once.
 */
#ifndef FW_PERSONA_H
#define FW_PERSONA_H

#include "fw/layout.h"

/**
 * FwPersonaNeed - a number that a device uses
 *
 * The same as a profile's, but FwValueNeed.name may also be a property of the
 * root ("gpu-id"), and may name one element of a list of cells
 * ("texture-features[2]").
 */
typedef FwValueNeed FwPersonaNeed;

/**
 * fw_persona_load() - read all numbers of a persona
 * @compatible: the root node's compatible string must contain this, e.g.
 *              "gpumbox,mali-csf-persona".
 * @needs:      what the device uses.  A property of the file that is not in
 *              this list is refused as misspelt.
 * @n:          elements of @needs and @values.
 * @dtb:        flattened device tree, not trusted.
 * @size:       bytes available at @dtb.
 * @file:       name for messages.
 * @values:     result, by index of @needs; valid only if true is returned.
 * @err:        set if the function returns false.
 */
bool fw_persona_load(const char *compatible, const FwPersonaNeed *needs,
                     unsigned n, const void *dtb, size_t size,
                     const char *file, uint64_t *values, FwError *err);

/**
 * fw_persona_string() - read "model", "default-abi" or "vendor-abi"
 * @compatible: see fw_persona_load().
 * @name:       property of the root; missing is an error.
 * @buf:        gets the string, NUL terminated.
 * @len:        bytes at @buf; a longer string is an error.
 */
bool fw_persona_string(const char *compatible, const char *name,
                       const void *dtb, size_t size, const char *file,
                       char *buf, size_t len, FwError *err);

#endif /* FW_PERSONA_H */
