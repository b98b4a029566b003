/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stddef.h>

#include "tests.h"

const GuestTest *const test_groups[] = {
    query_tests,
    submit_tests,
    NULL,
};
