/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Request words: how the host asks and the firmware answers and tells.
 *
 * A request is pending while it differs from the acknowledgement; an event is
 * pending while the acknowledgement differs from the request.  Both sides
 * write only their own word (panthor_fw.h: panthor_fw_toggle_reqs()).
 */
#include "internal.h"

bool csf_requested(Csf *f, CsfWord *w, const CsfName *n, CsfPlace place,
                   uint32_t req, uint32_t done, uint64_t detail)
{
    uint32_t mask = csf_mask(f, n->field);
    FwVerdict v;

    if (f->s.hung || !mask) {
        return false;
    }
    if (((req ^ w->seen) & mask)) {
        v = csf_tap(f, FW_TAP_REQUEST, n->name, place,
                    csf_bits(f, n->field, req), detail);
        if (v.action == FW_DELAY || v.action == FW_HANG) {
            return false;
        }
        w->seen = (w->seen & ~mask) | (req & mask);
        w->muted &= ~mask;
        if (v.action == FW_DROP) {
            w->muted |= mask;
        }
    }
    return !(w->muted & mask) &&
           (((req ^ w->ack) & mask) || ((req ^ done) & mask));
}

void csf_acknowledge(Csf *f, CsfWord *w, const CsfName *n, CsfPlace place,
                     uint32_t req)
{
    uint32_t mask = csf_mask(f, n->field);
    FwVerdict v;

    if (f->s.hung) {
        return;
    }
    v = csf_tap(f, FW_TAP_ACK, n->name, place, csf_bits(f, n->field, req), 0);
    switch (v.action) {
    case FW_DELAY:
    case FW_HANG:
        return;
    case FW_DROP:
        w->muted |= mask;
        return;
    case FW_REPLACE:
        w->muted |= mask;
        w->ack = csf_with(f, n->field, w->ack, v.value);
        return;
    default:
        w->ack = (w->ack & ~mask) | (req & mask);
        return;
    }
}

void csf_copy(const Csf *f, CsfWord *w, const unsigned *fields, unsigned n,
              uint32_t req)
{
    uint32_t mask = 0;

    for (unsigned i = 0; i < n; i++) {
        mask |= csf_mask(f, fields[i]);
    }
    w->ack = (w->ack & ~mask) | (req & mask);
}

uint32_t csf_signal(Csf *f, CsfWord *w, const CsfName *n, unsigned nr,
                    CsfPlace place, uint32_t req)
{
    uint32_t toggled = 0;

    for (unsigned i = 0; i < nr && !f->s.hung; i++) {
        uint32_t mask = csf_mask(f, n[i].field);
        FwVerdict v;

        if (!(w->events & mask) || ((req ^ w->ack) & mask)) {
            continue;
        }
        v = csf_tap(f, FW_TAP_EVENT, n[i].name, place, 0, 0);
        if (v.action == FW_DELAY || v.action == FW_HANG) {
            continue;
        }
        /* A repeated one comes again when this one is answered. */
        if (v.action != FW_REPEAT) {
            w->events &= ~mask;
        }
        if (v.action != FW_DROP) {
            toggled |= mask;
        }
    }
    w->ack ^= toggled;
    return toggled;
}
