/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the CSF stub share.  See docs/csf-stub.md.
 */
#ifndef CSF_INTERNAL_H
#define CSF_INTERNAL_H

#include "csf.h"

/* Global interrupt of the job block; group n has bit n. */
#define CSF_IRQ_GLOBAL (1u << 31)

/* Exception of a firmware that cannot go on (panthor_device.h:
 * DRM_PANTHOR_EXCEPTION_CSF_FW_INTERNAL_ERROR). */
#define CSF_EXC_FW_INTERNAL_ERROR 0x68

#define CSF_FIELD(f, id) (&(f)->layout.field[CSF_F_##id])
#define CSF_VALUE(f, id) ((f)->layout.value[CSF_V_##id])
#define CSF_MASK(f, id) csf_mask(f, CSF_F_##id)

/** struct CsfName - a field of a request word and its name on the tap. */
typedef struct CsfName {
    unsigned field;
    const char *name;
} CsfName;

/** struct CsfPlace - whose request word it is; FW_TAP_ANY where it has none. */
typedef struct CsfPlace {
    int group;
    int stream;
} CsfPlace;

/* mem.c: shared memory, tap, timers */

/** csf_load() - copy struct @strct at MCU VA @va to @buf, zeros if refused. */
bool csf_load(Csf *f, unsigned strct, uint64_t va, uint8_t *buf);

/**
 * csf_store() - the reverse, past the tap
 * @place: whose struct it is.
 */
bool csf_store(Csf *f, unsigned strct, uint64_t va, const uint8_t *buf,
               CsfPlace place);

/** csf_peek() - one field of the struct at @va, 0 if refused. */
uint64_t csf_peek(Csf *f, uint64_t va, unsigned field);

/** csf_poke() - write one field of the struct at @va. */
bool csf_poke(Csf *f, uint64_t va, unsigned field, uint64_t value);

/** csf_mask() - bits of a request-word field. */
uint32_t csf_mask(const Csf *f, unsigned field);

/** csf_bits() - value of a field of request word @word. */
uint32_t csf_bits(const Csf *f, unsigned field, uint32_t word);

/** csf_with() - @word with a field of it set to @value. */
uint32_t csf_with(const Csf *f, unsigned field, uint32_t word,
                  uint32_t value);

/**
 * csf_tap() - show an event to the tap
 *
 * Takes care of what is the same everywhere: FW_DELAY arms the retry timer,
 * FW_HANG makes the stub deaf.
 */
FwVerdict csf_tap(Csf *f, FwTapKind kind, const char *name, CsfPlace place,
                  uint64_t a, uint64_t b);

/** csf_alive() - does the stub take requests? */
static inline bool csf_alive(const Csf *f)
{
    return f->s.running == FW_STATE_RUNNING && !f->s.hung;
}

/** csf_refuse() - put a sentence to @err; returns false. */
bool csf_refuse(FwError *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void csf_irq(Csf *f, uint32_t lines);
void csf_timer_arm(Csf *f, unsigned id, int64_t deadline);
void csf_timers_off(Csf *f);

/** csf_timeout_ns() - length of a time as the host writes it to a timer. */
int64_t csf_timeout_ns(const Csf *f, uint32_t word);

/** csf_cycles_ns() - length of a progress timer value. */
int64_t csf_cycles_ns(const Csf *f, uint32_t value);

/** csf_after() - @now + @ns without overflow. */
int64_t csf_after(int64_t now, int64_t ns);

/* request.c: request words */

/**
 * csf_requested() - is there something to do for a request field?
 * @w:    word.
 * @n:    field and name.
 * @req:  the host's request word.
 * @done: what was last carried out of it, as a request word.
 * @detail: second value for the tap.
 *
 * Announces a new request to the tap.
 */
bool csf_requested(Csf *f, CsfWord *w, const CsfName *n, CsfPlace place,
                   uint32_t req, uint32_t done, uint64_t detail);

/**
 * csf_acknowledge() - copy a field of @req to the acknowledge word @w->ack
 *
 * If the tap agrees.  The caller writes the word out.
 */
void csf_acknowledge(Csf *f, CsfWord *w, const CsfName *n, CsfPlace place,
                     uint32_t req);

/** csf_copy() - copy level fields that need no work and are no requests. */
void csf_copy(const Csf *f, CsfWord *w, const unsigned *fields, unsigned n,
              uint32_t req);

/**
 * csf_signal() - toggle the acknowledge bits of pending events
 *
 * Only of those whose last toggle was acknowledged: a second one would undo
 * the first.  Returns the bits that were toggled.
 */
uint32_t csf_signal(Csf *f, CsfWord *w, const CsfName *n, unsigned nr,
                    CsfPlace place, uint32_t req);

/* control.c: control blocks */

/** csf_check_profile() - can this hardware run the profile in f->layout? */
bool csf_check_profile(Csf *f, FwError *err);

/** csf_check_hardware() - does this hardware have so much of everything? */
bool csf_check_hardware(Csf *f, unsigned groups, unsigned streams,
                        unsigned regs, unsigned scoreboards, FwError *err);

/** csf_publish() - write the control blocks from the profile. */
bool csf_publish(Csf *f, FwError *err);

/** csf_adopt() - take the control blocks that the image's data holds. */
bool csf_adopt(Csf *f, FwError *err);

/* global.c */
void csf_global_scan(Csf *f, bool all);

/** csf_global_signal() - signal pending global events. */
void csf_global_signal(Csf *f);

/* group.c */

/** csf_group_scan() - look at everything that the host wants of a group. */
void csf_group_scan(Csf *f, unsigned group, bool all);

/** csf_group_wants() - cheap: is there anything to look at? */
bool csf_group_wants(Csf *f, unsigned group);

/** csf_group_lacks() - kinds of endpoints that a group asked none of. */
uint8_t csf_group_lacks(const Csf *f, unsigned group);

/** csf_group_report() - signal pending events of a group and its streams. */
void csf_group_report(Csf *f, unsigned group);

/** csf_group_status() - write the status words of a group. */
void csf_group_status(Csf *f, unsigned group);

/* stream.c */

/** csf_stream_resume() - continue a stream from @save (CSF_SAVE_SIZE). */
void csf_stream_resume(Csf *f, unsigned group, unsigned stream,
                       const uint8_t *in, const uint8_t *save);

/**
 * csf_stream_scan() - requests, replies, events and (@ring) new work
 * @with_group: the group has just started; its own answer tells of it.
 * Returns true if CS_IRQ_REQ is to be toggled for the stream.
 */
bool csf_stream_scan(Csf *f, unsigned group, unsigned stream, bool ring,
                     bool with_group);

/** csf_stream_ring() - take the insert of a stream and kick it. */
void csf_stream_ring(Csf *f, unsigned group, unsigned stream);

/**
 * csf_stream_halt() - stop a stream, show where it stands
 *
 * Takes the events that this makes due; the slot stays marked as started, so
 * that they are not lost.
 */
void csf_stream_halt(Csf *f, unsigned group, unsigned stream);

/** csf_stream_vacate() - nothing runs in the slot any more. */
void csf_stream_vacate(Csf *f, unsigned group, unsigned stream);

/** csf_stream_status() - write what @st says to the stream's output blocks. */
void csf_stream_status(Csf *f, unsigned group, unsigned stream,
                       const CsfStreamStatus *st);

/** csf_stream_show() - write extract and active to the ring's output page. */
void csf_stream_show(Csf *f, unsigned group, unsigned stream,
                     const CsfStreamStatus *st);

/** csf_stream_refresh() - does the stream count as idle now? */
void csf_stream_refresh(Csf *f, unsigned group, unsigned stream,
                        const CsfStreamStatus *st);

/** csf_stream_fail() - end a stream with a CS_FATAL of the firmware's own. */
void csf_stream_fail(Csf *f, unsigned group, unsigned stream);

/** csf_stream_report() - signal pending events; true as csf_stream_scan(). */
bool csf_stream_report(Csf *f, unsigned group, unsigned stream);

/* suspend.c */

/** csf_group_save() - stop the streams of a group, write them to its buffer. */
void csf_group_save(Csf *f, unsigned group, const uint8_t *in);

/** csf_group_restore() - start the streams of a group from there. */
void csf_group_restore(Csf *f, unsigned group, const uint8_t *in);

/** csf_suspend_need() - bytes of a suspend buffer for @streams streams. */
uint32_t csf_suspend_need(unsigned streams);

/* event.c: what the hardware reports */

/** csf_take_events() - take what is due, queue the host's events. */
void csf_take_events(Csf *f);

/** csf_tell() - let the host know what csf_take_events() found. */
void csf_tell(Csf *f);

/** csf_post_fault() - fill the fault words of a stream, queue the event. */
void csf_post_fault(Csf *f, unsigned group, unsigned stream, bool fatal,
                    const CsfStreamStatus *st);

/** csf_post_oom() - fill the heap words of a stream, queue the event. */
void csf_post_oom(Csf *f, unsigned group, unsigned stream,
                  const CsfStreamStatus *st);

/* idle.c */

/** csf_group_evaluate() - is the group idle?  Queues CSG_IDLE if it became. */
void csf_group_evaluate(Csf *f, unsigned group);

/** csf_load_update() - after groups changed: global idle, cores, timers. */
void csf_load_update(Csf *f);

/** csf_idle_arm() - GLB_IDLE in idle_timer from now, if all is idle. */
void csf_idle_arm(Csf *f);

/** csf_cores_off() - the cores lose their power. */
void csf_cores_off(Csf *f);

void csf_idle_expired(Csf *f);
void csf_poweroff_expired(Csf *f);

#endif /* CSF_INTERNAL_H */
