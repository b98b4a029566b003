/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast the executor is, beside a loop of dependent additions on the same
 * core.  Prints one "name value" pair a line:
 *
 *   adds_per_s          dependent additions in C
 *   NAME_per_s          instructions of stream NAME
 *   NAME_ratio          the quotient
 *   endless_5s_ms       host milliseconds for 5 s of an endless branch,
 *                       100 ns an instruction, 1 ms slices
 *
 * Times are CPU times, so that what else runs on the machine matters little.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "asm.h"
#include "cs-exec.h"

#define BASE 0x10000000ull
#define SIZE 0x10000u
#define CODE_VA (BASE + 0x2000)
#define DATA_VA (BASE + 0x8000)

static uint8_t memory[SIZE];

static CsBusResult bus_read(void *opaque, unsigned as, uint64_t va, void *buf,
                            uint32_t len)
{
    (void)opaque;
    (void)as;
    if (va < BASE || va - BASE > SIZE - len) {
        return CS_BUS_FAULT;
    }
    memcpy(buf, memory + (va - BASE), len);
    return CS_BUS_OK;
}

static CsBusResult bus_write(void *opaque, unsigned as, uint64_t va,
                             const void *buf, uint32_t len)
{
    (void)opaque;
    (void)as;
    if (va < BASE || va - BASE > SIZE - len) {
        return CS_BUS_FAULT;
    }
    memcpy(memory + (va - BASE), buf, len);
    return CS_BUS_OK;
}

static void bus_flush(void *opaque, uint32_t mode)
{
    (void)opaque;
    (void)mode;
}

static uint32_t bus_flush_id(void *opaque)
{
    (void)opaque;
    return 1;
}

static uint64_t bus_time(void *opaque, int64_t ns)
{
    (void)opaque;
    return (uint64_t)ns;
}

static const CsBusOps bus = {
    .read = bus_read,
    .write = bus_write,
    .flush = bus_flush,
    .flush_id = bus_flush_id,
    .timestamp = bus_time,
    .cycles = bus_time,
};

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double adds_per_second(void)
{
    const uint64_t n = 400000000;
    uint64_t v = (uint64_t)time(NULL);
    double start = cpu_seconds();

    for (uint64_t i = 0; i < n; i++) {
        v += i;
        __asm__ volatile("" : "+r"(v));
    }
    return n / (cpu_seconds() - start);
}

static void put(uint64_t va, const uint64_t *in, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        for (unsigned b = 0; b < 8; b++) {
            memory[va - BASE + i * 8 + b] = (uint8_t)(in[i] >> b * 8);
        }
    }
}

/* CPU seconds for @ns of virtual time of the stream @in; its instructions. */
static double run(const uint64_t *in, unsigned n, int64_t ns,
                  uint64_t *executed)
{
    static CsStream stream[1];
    CsExecConfig cfg = {
        .arch_major = 10, .groups = 1, .streams = 1, .regs = 96,
        .scoreboards = 8, .instr_ns = 100, .slice_ns = 1000000,
    };
    uint64_t ring[] = {
        i_move48(92, CODE_VA), i_move32(94, n * 8), i_call(92, 94),
    };
    CsStart start = { .as = 1, .ring_base = BASE, .ring_size = 4096,
                      .insert = sizeof(ring) };
    int64_t now = 0;
    double begin;
    CsExec x;

    put(BASE, ring, 3);
    put(CODE_VA, in, n);
    if (!cs_exec_init(&x, &cfg, stream, &bus, NULL) ||
        !cs_exec_start(&x, 0, 0, &start, 0)) {
        return 0;
    }
    begin = cpu_seconds();
    while (now < ns) {
        now = cs_exec_run(&x, now);
    }
    *executed = stream[0].executed;
    return cpu_seconds() - begin;
}

int main(void)
{
    const uint64_t endless[] = { i_branch(ALWAYS, 0, -1) };
    const uint64_t count[] = {
        i_add32(0, 0, 1), i_add32(2, 2, -3), i_add64(4, 4, 7),
        i_umin32(6, 0, 2), i_move32(7, 5), i_move48(8, DATA_VA),
        i_branch(ALWAYS, 0, -7),
    };
    const uint64_t memloop[] = {
        i_move48(8, DATA_VA), i_load(10, 3, 8, 0), i_add32(10, 10, 1),
        i_store(10, 3, 8, 0), i_branch(ALWAYS, 0, -4),
    };
    const struct {
        const char *name;
        const uint64_t *in;
        unsigned n;
    } streams[] = {
        { "branch", endless, 1 },
        { "simple", count, 7 },
        { "memory", memloop, 5 },
    };
    double adds = adds_per_second();
    uint64_t executed;

    printf("adds_per_s %.0f\n", adds);
    for (unsigned i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        double s = run(streams[i].in, streams[i].n, 2000000000, &executed);

        printf("%s_per_s %.0f\n", streams[i].name, executed / s);
        printf("%s_ratio %.4f\n", streams[i].name, executed / s / adds);
    }
    printf("endless_5s_ms %.0f\n",
           run(endless, 1, 5000000000ll, &executed) * 1e3);
    return 0;
}
