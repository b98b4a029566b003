/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Submits a job, waits until its fence is signalled, and so on, over groups
 * in turn; then ends QEMU with status 0.
 *
 * Bare metal at address 0 (QEMU's -bios), on -M virt with a GICv2. What to
 * submit comes from a table in RAM that bench/submit.c writes, its first word
 * last. The ring holds the same job all over, so a submit is a new insert and
 * the doorbell. Each interrupt is handled as panthor does: clear, acknowledge
 * the events of the groups that have some, look at the fence.
 */
#include "gic.h"

/* Of a group's entry in the table. */
#define G_INSERT        0
#define G_DOORBELL      8
#define G_FENCE         16
#define G_REQ           24

        .text
        .globl  _start
_start:
        ldr     x0, =TABLE
1:      ldr     x20, [x0]               /* control page */
        cbz     x20, 1b
        ldp     x2, x3, [x0, #8]        /* JOB status, JOB clear */
        ldp     w9, w10, [x0, #24]      /* interrupt, jobs */
        ldp     w21, w22, [x0, #32]     /* groups, bytes of a job */
        add     x23, x0, #64            /* their entries */

        gic_on

        mov     w24, #0                 /* group */
2:      cbz     w10, 5f
        lsl     x25, x24, #6
        add     x25, x23, x25
        ldp     x4, x5, [x25, #G_INSERT]
        ldr     x6, [x25, #G_FENCE]
        ldr     x26, [x6]               /* fence before the job */
        ldr     x27, [x4]
        add     x27, x27, x22
        str     x27, [x4]
        str     w12, [x5]

3:      wfi
        ldr     w13, [x2]
        str     w13, [x3]
        and     w13, w13, #0x7fffffff   /* the global interface has nothing */
4:      cbz     w13, 7f
        rbit    w14, w13
        clz     w14, w14                /* a group with events */
        sub     w15, w13, #1
        and     w13, w13, w15
        add     x14, x23, x14, lsl #6
        ldp     x7, x8, [x14, #G_REQ]
        ldr     w15, [x8]
        str     w15, [x7]
        b       4b
7:      ldr     x13, [x6]
        cmp     x13, x26
        b.eq    3b

        add     w24, w24, #1
        cmp     w24, w21
        csel    w24, wzr, w24, eq
        sub     w10, w10, #1
        b       2b

5:      str     wzr, [x20, #0xc]
6:      wfi
        b       6b
