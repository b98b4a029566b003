/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bench for the executor: flat address spaces with faults and stalls where
 * a test wants them, and the ring handling of a small firmware.
 */
#ifndef TESTS_EXEC_RIG_H
#define TESTS_EXEC_RIG_H

#include "cs-exec.h"

#define RIG_SPACES 2
#define RIG_BASE 0x800000000000ull    /* bit 47 set, like kernel addresses */
#define RIG_SIZE 0x40000u
#define RIG_PAGES (RIG_SIZE / 4096)

/* Where tests put things. */
#define RING(n) (RIG_BASE + (n) * 0x2000ull)
#define RING_SIZE 0x1000u
#define CODE (RIG_BASE + 0x10000)
#define DATA (RIG_BASE + 0x20000)
#define HEAP (RIG_BASE + 0x28000)
#define CHUNK(n) (RIG_BASE + 0x30000 + (n) * 0x1000ull)

/* What the bus says about a page; PAGE_STALL_ONCE lets the next try pass. */
enum PageMode {
    PAGE_OK,
    PAGE_FAULT,
    PAGE_READONLY,
    PAGE_STALL,
    PAGE_STALL_ONCE,
};

typedef struct Rig {
    CsExec x;
    CsStream stream[4 * 8];
    uint8_t mem[RIG_SPACES][RIG_SIZE];
    uint8_t mode[RIG_SPACES][RIG_PAGES];
    uint64_t insert[4 * 8];
    uint32_t seen[4 * 8];
    unsigned reads, writes, flushes;
    uint32_t flush_mode;
    uint32_t flush_id;
    int64_t now;
} Rig;

CsExecConfig rig_config(void);
Rig *rig_new(const CsExecConfig *cfg);
void rig_free(Rig *r);

/* Memory of address space 1, which all streams use unless told otherwise. */
void rig_put64(Rig *r, uint64_t va, uint64_t v);
uint64_t rig_get64(Rig *r, uint64_t va);
uint32_t rig_get32(Rig *r, uint64_t va);
void rig_mode(Rig *r, uint64_t va, enum PageMode mode);
void rig_code(Rig *r, uint64_t va, const uint64_t *in, unsigned n);

/* Start stream (@g, @s) with an empty ring at RING(g * 4 + s). */
CsStream *rig_start(Rig *r, unsigned g, unsigned s);
/* Append to its ring, without and with a kick. */
void rig_append(Rig *r, unsigned g, unsigned s, const uint64_t *in,
                unsigned n);
void rig_submit(Rig *r, unsigned g, unsigned s, const uint64_t *in,
                unsigned n);
/* Append the kernel's sequence for one job. */
void rig_job(Rig *r, unsigned g, unsigned s, uint64_t stream_va,
             uint32_t stream_size, uint64_t syncobj);

/* Call the executor whenever it wants to be, until @ns from now. */
void rig_run(Rig *r, int64_t ns);
/* Events of one stream that are due now and were not returned before. */
uint32_t rig_events(Rig *r, unsigned g, unsigned s);
CsStreamStatus rig_status(Rig *r, unsigned g, unsigned s);

#define SUBMIT(r, g, s, ...) do { \
        const uint64_t in_[] = { __VA_ARGS__ }; \
        rig_submit(r, g, s, in_, sizeof(in_) / sizeof(in_[0])); \
    } while (0)

#define APPEND(r, g, s, ...) do { \
        const uint64_t in_[] = { __VA_ARGS__ }; \
        rig_append(r, g, s, in_, sizeof(in_) / sizeof(in_[0])); \
    } while (0)

/* Put code at @va. */
#define CODE_AT(r, va, ...) do { \
        const uint64_t in_[] = { __VA_ARGS__ }; \
        rig_code(r, va, in_, sizeof(in_) / sizeof(in_[0])); \
    } while (0)

#endif /* TESTS_EXEC_RIG_H */
