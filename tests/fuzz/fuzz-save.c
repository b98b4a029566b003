/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspend buffers that the guest has tampered with.
 *
 * The input is laid over a good buffer, from a position on, and the checksum
 * is set right, so that what is fuzzed is the validation behind it.  What is
 * accepted must pass the check, come out of two saves the same, and run.
 */
#include <stdlib.h>
#include <string.h>

#include "cs-exec.h"
#include "fuzz.h"

#define BASE 0x10000000ull
#define SIZE 0x3000u

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

static void promise(bool kept)
{
    if (!kept) {
        abort();
    }
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

/* The format's checksum: FNV-1a over what follows the header. */
static void fix_checksum(uint8_t *buf)
{
    uint32_t h = 2166136261u, used = get32(buf + 8);

    for (uint32_t i = 16; i < used && i < CS_SAVE_SIZE; i++) {
        h = (h ^ buf[i]) * 16777619u;
    }
    for (unsigned i = 0; i < 4; i++) {
        buf[12 + i] = (uint8_t)(h >> i * 8);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static CsStream stream[2];
    CsExecConfig cfg = {
        .arch_major = 10, .groups = 2, .streams = 1, .regs = 96,
        .scoreboards = 8, .instr_ns = 100, .slice_ns = 100000,
        .endpoint_ns = 1000, .idvs_heap = 100,
    };
    CsStart start = { .as = 1, .ring_base = BASE, .ring_size = 4096,
                      .insert = 64 };
    uint8_t buf[CS_SAVE_SIZE], again[CS_SAVE_SIZE];
    int64_t now = 1000;
    size_t at;
    CsExec x;

    if (size < 2) {
        return 0;
    }
    memset(memory, 0, sizeof(memory));
    promise(cs_exec_init(&x, &cfg, stream, &bus, NULL));
    promise(cs_exec_start(&x, 0, 0, &start, now));
    cs_exec_stop(&x, 0, 0);
    cs_exec_save(&x, 0, 0, buf);

    at = (data[0] | data[1] << 8) % CS_SAVE_SIZE;
    data += 2;
    size -= 2;
    if (size > CS_SAVE_SIZE - at) {
        size = CS_SAVE_SIZE - at;
    }
    memcpy(buf + at, data, size);
    fix_checksum(buf);

    if (!cs_exec_restore(&x, 1, 0, buf, &start, now)) {
        return 0;
    }
    promise(cs_exec_check(&x));
    /* What was accepted is kept whole from then on. */
    cs_exec_save(&x, 1, 0, buf);
    promise(cs_exec_restore(&x, 1, 0, buf, &start, now));
    cs_exec_save(&x, 1, 0, again);
    promise(!memcmp(buf, again, CS_SAVE_SIZE));
    for (unsigned i = 0; i < 20 && now != CS_TIME_NEVER; i++) {
        int64_t next = cs_exec_run(&x, now);

        promise(next > now);
        promise(cs_exec_check(&x));
        cs_exec_fault_ack(&x, 1, 0, now);
        cs_exec_heap_reply(&x, 1, 0, 0, now);
        now = next;
    }
    return 0;
}
