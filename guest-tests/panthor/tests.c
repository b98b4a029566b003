/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "bugs.h"
#include "nouveau-tests.h"
#include "nova-tests.h"
#include "tests.h"

const GuestTest *const test_groups[] = {
    query_tests,
    ioctl_tests,
    vm_tests,
    bo_tests,
    flushid_tests,
    bind_tests,
    group_tests,
    submit_tests,
    ops_alu_tests,
    ops_mem_tests,
    ops_flow_tests,
    ops_sync_tests,
    ops_misc_tests,
    ops_arch_tests,
    waits_tests,
    sched_tests,
    heap_tests,
    fault_tests,
    pm_tests,
    probe_tests,
    image_tests,
    reset_tests,
    lies_tests,
    prof_tests,
    multi_tests,
    workload_tests,
    matrix_tests,
    nouveau_device_tests,
    nouveau_gem_tests,
    nouveau_unload_tests,
    nouveau_matrix_tests,
    nova_device_tests,
    nova_gem_tests,
    nova_unload_tests,
    nova_probe_tests,
    bug_fault_tests,
    bug_group_tests,
    bug_gsp_tests,
    bug_pm_tests,
    bug_probe_tests,
    bug_reset_tests,
    bug_tyr_tests,
    NULL,
};
