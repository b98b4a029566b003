/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The groups of panthor tests, one for each file.
 */
#ifndef GUEST_PANTHOR_TESTS_H
#define GUEST_PANTHOR_TESTS_H

#include "test.h"

extern const GuestTest query_tests[];
extern const GuestTest submit_tests[];

#endif /* GUEST_PANTHOR_TESTS_H */
