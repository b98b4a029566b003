/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the bare-metal programs share: the table, and one interrupt's way. */
#define TABLE           0x43f00000
#define GICD            0x08000000
#define GICC            0x08010000

/* Interrupt w9 may end WFI; leaves 1 in w12, and changes x11 to x15. */
        .macro  gic_on
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
        .endm
