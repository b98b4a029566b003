/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of panthor tests, one for each file.
 */
#ifndef GUEST_PANTHOR_TESTS_H
#define GUEST_PANTHOR_TESTS_H

#include "test.h"

extern const GuestTest query_tests[];
extern const GuestTest ioctl_tests[];
extern const GuestTest probe_tests[];
extern const GuestTest image_tests[];
extern const GuestTest vm_tests[];
extern const GuestTest bo_tests[];
extern const GuestTest flushid_tests[];
extern const GuestTest bind_tests[];
extern const GuestTest group_tests[];
extern const GuestTest submit_tests[];
extern const GuestTest ops_alu_tests[];
extern const GuestTest ops_mem_tests[];
extern const GuestTest ops_flow_tests[];
extern const GuestTest ops_sync_tests[];
extern const GuestTest ops_misc_tests[];
extern const GuestTest ops_arch_tests[];
extern const GuestTest waits_tests[];
extern const GuestTest sched_tests[];
extern const GuestTest heap_tests[];
extern const GuestTest fault_tests[];
extern const GuestTest pm_tests[];
extern const GuestTest reset_tests[];
extern const GuestTest lies_tests[];
extern const GuestTest prof_tests[];
extern const GuestTest multi_tests[];
extern const GuestTest workload_tests[];
extern const GuestTest matrix_tests[];

#endif /* GUEST_PANTHOR_TESTS_H */
