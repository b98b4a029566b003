/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspend buffers: what the stub keeps of a group that is not on a slot.
 *
 * The buffer's contents are the firmware's own; the host only allocates it in
 * the MCU's address space (panthor_sched.c: panthor_group_create()).  But it
 * is guest memory, so everything read back is checked: the header here, the
 * streams by CsfHwOps.restore.
 */
#include <string.h>

#include "internal.h"

#define MAGIC 0x50534247u
#define FORMAT 1u

/* Words of the header, little endian. */
enum {
    H_MAGIC,
    H_FORMAT,
    H_STREAMS,  /* saved; the k-th of them is the k-th state in the buffer */
    H_OOM,      /* wait for a reply to a tiler out-of-memory */
    H_FAULT,    /* wait for the acknowledgement of a CS_FAULT */
    H_TELL,     /* have a CS_FAULT that could not be signalled yet */
    H_FATAL,    /* have a CS_FATAL that could not be signalled yet */
    H_WORDS = 16,
};

#define HEADER_SIZE (H_WORDS * 4)

static void put_header(uint8_t *p, const uint32_t *h)
{
    for (unsigned i = 0; i < H_WORDS; i++) {
        for (unsigned b = 0; b < 4; b++) {
            p[i * 4 + b] = h[i] >> (8 * b);
        }
    }
}

static void get_header(const uint8_t *p, uint32_t *h)
{
    for (unsigned i = 0; i < H_WORDS; i++) {
        h[i] = 0;
        for (unsigned b = 0; b < 4; b++) {
            h[i] |= (uint32_t)p[i * 4 + b] << (8 * b);
        }
    }
}

uint32_t csf_suspend_need(unsigned streams)
{
    return HEADER_SIZE + streams * CSF_SAVE_SIZE;
}

static unsigned count(uint32_t mask)
{
    unsigned n = 0;

    for (; mask; mask &= mask - 1) {
        n++;
    }
    return n;
}

/* MCU VA of the @k-th saved stream. */
static uint64_t state_va(uint64_t va, unsigned k)
{
    return va + csf_suspend_need(k);
}

static void describe(const Csf *f, const CsfGroup *g, uint32_t *h)
{
    h[H_MAGIC] = MAGIC;
    h[H_FORMAT] = FORMAT;
    h[H_STREAMS] = g->started;
    h[H_OOM] = g->oom;
    h[H_FAULT] = g->fault;
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        uint32_t events = g->stream[s].word.events;

        if (events & CSF_MASK(f, CS_REQUEST_TILER_OOM)) {
            h[H_OOM] |= 1u << s;
        }
        if (events & CSF_MASK(f, CS_REQUEST_FAULT)) {
            h[H_TELL] |= 1u << s;
        }
        if (events & CSF_MASK(f, CS_REQUEST_FATAL)) {
            h[H_FATAL] |= 1u << s;
        }
    }
}

void csf_group_save(Csf *f, unsigned group, const uint8_t *in)
{
    uint64_t va = fw_get(CSF_FIELD(f, CSG_INPUT_SUSPEND_BUF), in);
    CsfGroup *g = &f->s.group[group];
    uint32_t h[H_WORDS] = { 0 };
    uint8_t buf[CSF_SAVE_SIZE];
    unsigned k = 0;
    bool ok;

    for (unsigned s = 0; s < f->s.stream_num; s++) {
        if (g->started >> s & 1) {
            csf_stream_halt(f, group, s);
        }
    }
    /* The host still takes what it hears now for this group's. */
    csf_group_report(f, group);
    describe(f, g, h);
    ok = csf_suspend_need(count(g->started)) <= f->s.suspend_size;
    for (unsigned s = 0; s < f->s.stream_num && ok; s++) {
        if (g->started >> s & 1) {
            f->hw.cs->save(f->hw.opaque, group, s, buf);
            ok = f->hw.fw.ops->write(f->hw.fw.opaque, state_va(va, k++), buf,
                                     sizeof(buf));
        }
    }
    /* Without a valid header the resume fails, as it must. */
    if (!ok) {
        memset(h, 0, sizeof(h));
    }
    put_header(buf, h);
    f->hw.fw.ops->write(f->hw.fw.opaque, va, buf, HEADER_SIZE);
}

static bool load_header(Csf *f, uint64_t va, uint32_t *h)
{
    uint64_t streams = ((uint64_t)1 << f->s.stream_num) - 1;
    uint8_t buf[HEADER_SIZE];

    if (!f->hw.fw.ops->read(f->hw.fw.opaque, va, buf, sizeof(buf))) {
        return false;
    }
    get_header(buf, h);
    return h[H_MAGIC] == MAGIC && h[H_FORMAT] == FORMAT &&
           !(h[H_STREAMS] & ~streams) &&
           csf_suspend_need(count(h[H_STREAMS])) <= f->s.suspend_size;
}

/* What the stream waited for when it was suspended, it waits for again. */
static void recall(Csf *f, unsigned group, unsigned stream, const uint32_t *h)
{
    CsfStreamStatus st = { 0 };

    f->hw.cs->status(f->hw.opaque, group, stream, &st);
    if (h[H_OOM] >> stream & 1) {
        csf_post_oom(f, group, stream, &st);
    }
    if (h[H_FATAL] >> stream & 1) {
        csf_post_fault(f, group, stream, true, &st);
    }
    if (h[H_TELL] >> stream & 1) {
        csf_post_fault(f, group, stream, false, &st);
    }
    if (h[H_FAULT] >> stream & 1) {
        f->hw.cs->fault_ack(f->hw.opaque, group, stream);
    }
}

/*
 * A buffer that does not hold what we wrote ends every stream of the group
 * with a CS_FATAL, as zeros are no valid state of a stream.
 */
void csf_group_restore(Csf *f, unsigned group, const uint8_t *in)
{
    uint64_t va = fw_get(CSF_FIELD(f, CSG_INPUT_SUSPEND_BUF), in);
    CsfGroup *g = &f->s.group[group];
    uint8_t cs[FW_STRUCT_MAX];
    uint8_t buf[CSF_SAVE_SIZE];
    uint32_t h[H_WORDS];
    bool valid = load_header(f, va, h);
    unsigned k = 0;

    for (unsigned s = 0; s < f->s.stream_num && !f->s.hung; s++) {
        bool saved = valid && h[H_STREAMS] >> s & 1;
        uint64_t at = state_va(va, k);

        k += saved;
        csf_load(f, CSF_S_CS_INPUT, g->stream[s].input_va, cs);
        if (csf_bits(f, CSF_F_CS_REQUEST_STATE,
                     fw_get(CSF_FIELD(f, CS_INPUT_REQ), cs)) !=
            CSF_VALUE(f, CS_START) || (valid && !saved)) {
            continue;
        }
        if (!saved || !f->hw.fw.ops->read(f->hw.fw.opaque, at, buf,
                                          sizeof(buf))) {
            memset(buf, 0, sizeof(buf));
        }
        csf_stream_resume(f, group, s, cs, buf);
        if (saved) {
            recall(f, group, s, h);
        }
    }
}
