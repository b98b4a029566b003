/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspend buffers that the guest has tampered with.
 *
 * The input is laid over a good buffer, from a position on, and the checksum
 * is set right, so that what is fuzzed is the validation behind it.  What is
 * accepted must pass the check, come out of two saves the same, and run.
 */
#include <string.h>

#include "fuzz.h"
#include "rig.h"

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
    static Rig *r;
    CsStart start = { .as = 1, .ring_base = RING(0), .ring_size = RING_SIZE,
                      .insert = 64 };
    uint8_t buf[CS_SAVE_SIZE], again[CS_SAVE_SIZE];
    int64_t now = 1000;
    size_t at;
    CsExec *x;

    if (size < 2) {
        return 0;
    }
    if (!r) {
        r = rig_new(NULL);
    }
    x = &r->x;
    cs_exec_reset(x);
    memset(r->mem, 0, sizeof(r->mem));
    promise(cs_exec_start(x, 0, 0, &start, now));
    cs_exec_stop(x, 0, 0);
    cs_exec_save(x, 0, 0, buf);

    at = (data[0] | data[1] << 8) % CS_SAVE_SIZE;
    data += 2;
    size -= 2;
    if (size > CS_SAVE_SIZE - at) {
        size = CS_SAVE_SIZE - at;
    }
    memcpy(buf + at, data, size);
    fix_checksum(buf);

    if (!cs_exec_restore(x, 1, 0, buf, &start, now)) {
        return 0;
    }
    promise(cs_exec_check(x));
    /* What was accepted is kept whole from then on. */
    cs_exec_save(x, 1, 0, buf);
    promise(cs_exec_restore(x, 1, 0, buf, &start, now));
    cs_exec_save(x, 1, 0, again);
    promise(!memcmp(buf, again, CS_SAVE_SIZE));
    for (unsigned i = 0; i < 20 && now != CS_TIME_NEVER; i++) {
        int64_t next = cs_exec_run(x, now);

        promise(next > now);
        promise(cs_exec_check(x));
        cs_exec_fault_ack(x, 1, 0, now);
        cs_exec_heap_reply(x, 1, 0, 0, now);
        now = next;
    }
    return 0;
}
