/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware image that the driver loads, as far as its warnings go.
 */
#ifndef GUEST_FWIMAGE_H
#define GUEST_FWIMAGE_H

#include <stdbool.h>

/**
 * fwimage_has_protected() - a section for protected mode is in an image
 *
 * Looks at every arm/mali/arch*.*'s mali_csffw.bin below /lib/firmware. The
 * driver leaves such sections out with a warning (panthor_fw.c:
 * panthor_fw_load_section_entry()); the vendor's images have one.
 */
bool fwimage_has_protected(void);

#endif /* GUEST_FWIMAGE_H */
