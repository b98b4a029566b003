/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings a doorbell, waits for its interrupt, clears it, and so on; then ends
 * QEMU with status 0 if the last request was acknowledged.
 *
 * Bare metal at address 0 (QEMU's -bios), on -M virt with a GICv2. What to
 * ring comes from a table in RAM that bench/doorbell.c writes, its first word
 * last: the program waits for it. The interrupt is not taken: it ends WFI,
 * and its cause is cleared.
 */
#define TABLE           0x43f00000
#define GICD            0x08000000
#define GICC            0x08010000

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

        ldr     x11, =GICD
        mov     w12, #1
        str     w12, [x11]
        lsr     w13, w9, #5
        and     w14, w9, #31
        lsl     w14, w12, w14
        add     x15, x11, x13, lsl #2
        str     w14, [x15, #0x100]      /* enable */
        add     x15, x11, x9
        strb    w12, [x15, #0x800]      /* to CPU 0 */
        ldr     x11, =GICC
        mov     w14, #0xff
        str     w14, [x11, #4]
        str     w12, [x11]

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
        str     w13, [x20, #0xc]
4:      wfi
        b       4b
