/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a header of a Linux driver takes for granted, so that it compiles
 * outside of the kernel: give it with --cflag -include --cflag THIS.
 */
#ifndef GPUMBOX_LINUX_TYPES_H
#define GPUMBOX_LINUX_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef u64 dma_addr_t;
typedef u64 phys_addr_t;
typedef struct { int lock; } spinlock_t;

#define __iomem
#define __user
#define __rcu
#define __packed __attribute__((__packed__))
#define __aligned(n) __attribute__((__aligned__(n)))
#define __counted_by(member)

#define BIT(n) (1ul << (n))
#define BIT_ULL(n) (1ull << (n))
#define GENMASK(high, low) ((~0ul >> (63 - (high))) & (~0ul << (low)))
#define GENMASK_ULL(high, low) ((~0ull >> (63 - (high))) & (~0ull << (low)))

#endif /* GPUMBOX_LINUX_TYPES_H */
