/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structs of every shape that a profile can express, and some that it cannot.
 * Compiled with debug information; layout.h is what abi-import reads directly.
 */
#include "layout.h"

struct message message;
struct log log_entry;
struct mixed mixed;
union word word;
enum mood mood;
enum wide wide;

/* Two structs of one name, of two sizes. */
int first(void *p);
int first(void *p)
{
    struct twin {
        unsigned a;
        unsigned b;
    } *t = p;

    return t->a + t->b;
}

int second(void *p);
int second(void *p)
{
    struct twin {
        unsigned char a;
        unsigned long long b;
        unsigned short c[3];
    } *t = p;

    return t->a + t->b + t->c[0];
}
