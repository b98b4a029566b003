/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stands in where the cross compiler's kernel headers are older than the DRM
 * headers, whose drm_mode.h includes this file. Nothing of it is used here.
 */
