/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GSP's falcon by hand, while no driver has it: ports to its memories, and
 * programs that it refuses. Registers: nouveau, nvkm/falcon/{base,gm200}.c.
 */
#include "nouveau-tests.h"
#include "nouveau.h"
#include "nvchip.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define GSP(off) (0x110000 + (off))
#define MAILBOX0 GSP(0x040)
#define CPUCTL GSP(0x100)
#define CPUCTL_START 2
#define CPUCTL_HALTED 0x10
#define BOOTVEC GSP(0x104)
#define IMEMC GSP(0x180)
#define IMEMD GSP(0x184)
#define IMEMT GSP(0x188)
#define DMEMC GSP(0x1c0)
#define DMEMD GSP(0x1c4)
#define WRITING 0x01000000
#define READING 0x02000000
#define ENGINE GSP(0x3c0)

#define BLOCK 256
#define CODE_AT 0x800
#define CODE_TAG 0x30

/* What a loader is given (include/nvfw/flcn.h: flcn_bl_dmem_desc_v2). */
#define LOAD_WORDS 21
#define LOAD_CONTEXT 8
#define LOAD_CODE_SIZE 12

static void reset(volatile uint32_t *r)
{
    nv_write(r, ENGINE, 1);
    nv_write(r, ENGINE, 0);
    nv_write(r, MAILBOX0, 0);
}

/* Code of one block, whatever it is. */
static void load(volatile uint32_t *r)
{
    nv_write(r, IMEMC, WRITING | CODE_AT);
    nv_write(r, IMEMT, CODE_TAG);
    for (unsigned i = 0; i < BLOCK / 4; i++) {
        nv_write(r, IMEMD, 0x1000 + i);
    }
}

/* Mailbox 0 after a start at @vector. */
static uint32_t start(volatile uint32_t *r, uint32_t vector)
{
    nv_write(r, BOOTVEC, vector);
    nv_write(r, CPUCTL, CPUCTL_START);
    for (unsigned i = 0; i < 100; i++) {
        if (nv_read(r, CPUCTL) & CPUCTL_HALTED) {
            return nv_read(r, MAILBOX0);
        }
        sleep_ms(1);
    }
    tap_ok(false, "the falcon halts");
    return 0;
}

static void ports(volatile uint32_t *r)
{
    reset(r);
    load(r);
    tap_eq(nv_read(r, IMEMC) & 0xffffff, CODE_AT + BLOCK,
           "a port counts what is written");
    nv_write(r, IMEMC, READING | CODE_AT);
    tap_eq(nv_read(r, IMEMD), 0x1000, "its first word is there");
    tap_eq(nv_read(r, IMEMD), 0x1001, "and its second");
    nv_write(r, DMEMC, WRITING | 0xfffc);
    nv_write(r, DMEMD, 0x12345678);
    nv_write(r, DMEMC, 0xfffc);
    tap_eq(nv_read(r, DMEMD), 0x12345678, "the last word of data memory");
    tap_eq(nv_read(r, DMEMD), 0x12345678,
           "a port that does not count gives it again");
}

/* A Turing's loader is not signed: what it is told has to make sense. */
static void loader(volatile uint32_t *r)
{
    static const struct {
        unsigned word;
        uint32_t value;
        const char *what;
    } bad[] = {
        { LOAD_CONTEXT, 8, "a DMA context that there is not" },
        { LOAD_CODE_SIZE, 0x20000, "more code than there is memory" },
        { LOAD_CODE_SIZE, 0x100, "a context that is not allowed" },
    };

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        reset(r);
        load(r);
        nv_write(r, DMEMC, WRITING);
        for (unsigned w = 0; w < LOAD_WORDS; w++) {
            nv_write(r, DMEMD, w == bad[i].word ? bad[i].value : 0);
        }
        tap_ok(start(r, CODE_TAG * BLOCK), "the loader refuses %s",
               bad[i].what);
    }
}

static void falcon(void)
{
    volatile uint32_t *r;
    char name[128];

    dev_leave(name, sizeof(name));
    r = nv_registers(name);
    ports(r);
    reset(r);
    tap_eq(start(r, 0), 0, "without code it halts at once");
    load(r);
    tap_ok(start(r, CODE_AT), "it does not start where no code has its tag");
    reset(r);
    load(r);
    tap_ok(start(r, CODE_TAG * BLOCK), "nor a program that nobody signed");
    if (nv_chip()->loader) {
        loader(r);
    }
    tap_eq(nv_read(r, NV_WPR2_HI), 0, "nothing got protected");
    reset(r);
    dev_back(name);
    tap_ok(nv_read(r, NV_WPR2_HI), "a driver brings it up again");
}

const GuestTest nouveau_falcon_tests[] = {
    TEST("nv-falcon", "the GSP's falcon by hand", falcon,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
