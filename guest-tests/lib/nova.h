/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nova-drm's uAPI, as thin as it can be. What its registers and its PCI
 * function look like is nouveau.h's: it is the same device.
 *
 * Functions that return int give 0 or a negative errno value.
 */
#ifndef GUEST_NOVA_H
#define GUEST_NOVA_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/drm.h>
#include <drm/nova_drm.h>

/** nova_open() - the node; ends the test if there is none. */
int nova_open(void);

/** nova_getparam() - NOVA_GETPARAM_*. */
int nova_getparam(int fd, uint64_t param, uint64_t *value);

/** nova_gem_create() - a buffer of @size bytes. */
int nova_gem_create(int fd, uint64_t size, uint32_t *handle);

/** nova_gem_size() - what GEM_INFO says of it. */
int nova_gem_size(int fd, uint32_t handle, uint64_t *size);

/** nova_gem_close() - give the handle back. */
int nova_gem_close(int fd, uint32_t handle);

/** nova_answers() - it says how large BAR1 is. */
bool nova_answers(void);

#endif /* GUEST_NOVA_H */
