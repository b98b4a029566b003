/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings a doorbell, waits for its interrupt, clears it, and so on; then ends
 * QEMU with status 0 if every request was acknowledged. A request is a bit of
 * a word that is toggled, or a message in a ring of pages, each with the next
 * sequence number, and its answer one in another ring.
 *
 * Bare metal at address 0 (QEMU's -bios), on -M virt with a GICv2. What to
 * ring comes from a table in RAM that bench/doorbell.c writes, its first word
 * last: the program waits for it. The interrupt is not taken: it ends WFI,
 * and its cause is cleared.
 */
#include "gic.h"

        .text
        .globl  _start
_start:
        ldr     x0, =TABLE
1:      ldr     x20, [x0]               /* control page */
        cbz     x20, 1b
        ldp     x2, x3, [x0, #8]        /* doorbell, status */
        ldp     x4, x5, [x0, #24]       /* clear, value to write there */
        ldp     x6, x7, [x0, #40]       /* request word, bit to toggle */
        ldr     x8, [x0, #56]           /* acknowledge word */
        ldp     w9, w10, [x0, #64]      /* interrupt, rounds */
        ldp     x18, x19, [x0, #72]     /* another to clear, its value */
        ldp     x21, x22, [x0, #88]     /* ring, its write pointer */
        ldp     x23, x24, [x0, #104]    /* ring of answers, read pointer */
        ldp     w16, w17, [x0, #120]    /* in a message: sequence, checksum */
        ldp     w25, w26, [x0, #128]    /* pages of a ring, sequence */
        ldp     w27, w28, [x0, #136]    /* next page of each */
        ldr     w29, [x0, #144]         /* sequence of the next answer */
        gic_on
        cbnz    x21, 4f

        ldr     w16, [x6]
1:      cbz     w10, 3f
        eor     w16, w16, w7
        str     w16, [x6]
        str     w12, [x2]
2:      wfi
        ldr     w13, [x3]
        cbz     w13, 2b
        str     w5, [x4]
        sub     w10, w10, #1
        b       1b

3:      ldr     w13, [x8]
        eor     w13, w13, w16
        tst     w13, w7
        cset    w13, ne
        b       end

4:      cbz     w10, 6f
        add     x11, x21, x27, lsl #12
        ldr     w13, [x11, x16]         /* all words of it, one by one, */
        ldr     w14, [x11, x17]         /* are 0 if xored */
        eor     w14, w14, w13
        eor     w14, w14, w26
        str     w26, [x11, x16]
        str     w14, [x11, x17]
        add     w26, w26, #1
        add     w27, w27, #1
        cmp     w27, w25
        csel    w27, wzr, w27, eq
        str     w27, [x22]
        str     w12, [x2]
5:      wfi
        ldr     w13, [x3]
        cbz     w13, 5b
        str     w5, [x4]
        str     w19, [x18]
        add     x11, x23, x28, lsl #12
        ldr     w13, [x11, x16]
        eor     w13, w13, w29
        cbnz    w13, end
        add     w29, w29, #1
        add     w28, w28, #1
        cmp     w28, w25
        csel    w28, wzr, w28, eq
        str     w28, [x24]
        sub     w10, w10, #1
        b       4b
6:      mov     w13, #0

end:    str     w13, [x20, #0xc]
7:      wfi
        b       7b
