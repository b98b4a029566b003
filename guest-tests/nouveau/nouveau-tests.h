/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of nouveau tests, and registers that they look at.
 */
#ifndef GUEST_NOUVEAU_TESTS_H
#define GUEST_NOUVEAU_TESTS_H

#include "test.h"

/* nouveau: engine/device/base.c, subdev/gsp/r535.c, falcon/ga102.c */
#define NV_PMC_BOOT_0 0x000000
#define NV_PRAMIN 0x700000
#define NV_PRAMIN_SIZE 0x100000
#define NV_GSP_OS 0x110080
#define NV_WPR2_LO 0x1fa824
#define NV_WPR2_HI 0x1fa828
#define NV_FRTS_ERROR 0x001438

extern const GuestTest nouveau_device_tests[];
extern const GuestTest nouveau_gem_tests[];
extern const GuestTest nouveau_chan_tests[];
extern const GuestTest nouveau_copy_tests[];
extern const GuestTest nouveau_exec_tests[];
extern const GuestTest nouveau_vm_tests[];
extern const GuestTest nouveau_falcon_tests[];
extern const GuestTest nouveau_fault_tests[];
extern const GuestTest nouveau_fsp_tests[];
extern const GuestTest nouveau_move_tests[];
extern const GuestTest nouveau_matrix_tests[];
extern const GuestTest nouveau_suspend_tests[];
extern const GuestTest nouveau_unload_tests[];
extern const GuestTest nouveau_workload_tests[];

#endif /* GUEST_NOUVEAU_TESTS_H */
