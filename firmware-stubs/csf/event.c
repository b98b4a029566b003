/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the command-stream hardware reports, brought to the host
 * (panthor_sched.c: cs_slot_process_fatal_event_locked() and its neighbours).
 */
#include <string.h>

#include "internal.h"

static CsfPlace place_of(unsigned group, unsigned stream)
{
    return (CsfPlace){ group, stream };
}

void csf_post_fault(Csf *f, unsigned group, unsigned stream, bool fatal,
                    const CsfStreamStatus *st)
{
    CsfStream *cs = &f->s.group[group].stream[stream];
    uint64_t info = fatal ? st->fatal_info : st->fault_info;
    uint64_t code = fatal ?
        st->fatal_type | (uint64_t)st->fatal_data << 8 :
        st->fault_type | (uint64_t)st->fault_data << 8;
    FwVerdict v = csf_tap(f, FW_TAP_FAULT, fatal ? "cs-fatal" : "cs-fault",
                          place_of(group, stream), code, info);
    uint8_t buf[FW_STRUCT_MAX];

    if (v.action == FW_DROP || v.action == FW_HANG) {
        return;
    }
    if (v.action == FW_REPLACE) {
        code = v.value;
    }
    if (csf_load(f, CSF_S_CS_OUTPUT, cs->output_va, buf)) {
        if (fatal) {
            fw_put(CSF_FIELD(f, CS_OUTPUT_FATAL_TYPE), buf, code & 0xff);
            fw_put(CSF_FIELD(f, CS_OUTPUT_FATAL_DATA), buf, code >> 8);
            fw_put(CSF_FIELD(f, CS_OUTPUT_FATAL_INFO), buf, info);
        } else {
            fw_put(CSF_FIELD(f, CS_OUTPUT_FAULT_TYPE), buf, code & 0xff);
            fw_put(CSF_FIELD(f, CS_OUTPUT_FAULT_DATA), buf, code >> 8);
            fw_put(CSF_FIELD(f, CS_OUTPUT_FAULT_INFO), buf, info);
        }
        csf_store(f, CSF_S_CS_OUTPUT, cs->output_va, buf,
                  place_of(group, stream));
    }
    cs->word.events |= fatal ? CSF_MASK(f, CS_REQUEST_FATAL) :
                               CSF_MASK(f, CS_REQUEST_FAULT);
}

void csf_post_oom(Csf *f, unsigned group, unsigned stream,
                  const CsfStreamStatus *st)
{
    CsfGroup *g = &f->s.group[group];
    CsfStream *cs = &g->stream[stream];
    uint8_t buf[FW_STRUCT_MAX];

    /* One question at a time: the reply answers them all. */
    if (g->oom >> stream & 1) {
        return;
    }
    if (csf_load(f, CSF_S_CS_OUTPUT, cs->output_va, buf)) {
        fw_put(CSF_FIELD(f, CS_OUTPUT_HEAP_VT_START), buf, st->heap_vt_start);
        fw_put(CSF_FIELD(f, CS_OUTPUT_HEAP_VT_END), buf, st->heap_vt_end);
        fw_put(CSF_FIELD(f, CS_OUTPUT_HEAP_FRAG_END), buf, st->heap_frag_end);
        fw_put(CSF_FIELD(f, CS_OUTPUT_HEAP_ADDRESS), buf, st->heap);
        csf_store(f, CSF_S_CS_OUTPUT, cs->output_va, buf,
                  place_of(group, stream));
    }
    cs->word.events |= CSF_MASK(f, CS_REQUEST_TILER_OOM);
}

static void take(Csf *f, unsigned group, unsigned stream, uint32_t events)
{
    CsfGroup *g = &f->s.group[group];
    CsfStreamStatus st = { 0 };

    f->hw.cs->status(f->hw.opaque, group, stream, &st);
    csf_stream_refresh(f, group, stream, &st);
    csf_stream_show(f, group, stream, &st);
    if (events & CSF_EVENT_FAULT) {
        csf_post_fault(f, group, stream, false, &st);
    }
    if (events & CSF_EVENT_FATAL) {
        csf_post_fault(f, group, stream, true, &st);
    }
    if (events & CSF_EVENT_OOM) {
        csf_post_oom(f, group, stream, &st);
    }
    if (events & CSF_EVENT_PROTM) {
        g->stream[stream].word.events |=
            CSF_MASK(f, CS_REQUEST_PROTM_PENDING);
    }
    if (events & CSF_EVENT_SYNC) {
        g->word.events |= CSF_MASK(f, CSG_REQUEST_SYNC_UPDATE);
    }
    if (events & CSF_EVENT_PROGRESS) {
        g->word.events |= CSF_MASK(f, CSG_REQUEST_PROGRESS_TIMER);
    }
}

void csf_take_events(Csf *f)
{
    unsigned budget = 2 * CSF_GROUPS_MAX * CSF_STREAMS_MAX;
    unsigned group, stream;
    uint32_t events;

    while (budget-- &&
           (events = f->hw.cs->take_event(f->hw.opaque, &group, &stream))) {
        /* A firmware that is deaf, or a stream just stopped: nobody cares. */
        if (csf_alive(f) && group < f->s.group_num &&
            stream < f->s.stream_num &&
            f->s.group[group].started >> stream & 1) {
            take(f, group, stream, events);
            f->touched |= 1u << group;
        }
    }
}

void csf_tell(Csf *f)
{
    for (unsigned g = 0; g < f->s.group_num && csf_alive(f); g++) {
        if (f->touched >> g & 1) {
            csf_group_evaluate(f, g);
            csf_group_report(f, g);
        }
    }
    f->touched = 0;
    csf_load_update(f);
}

void csf_event(Csf *f)
{
    csf_take_events(f);
    csf_tell(f);
}

/* Events by the name that the tap knows them by. */
static unsigned group_event(const char *name)
{
    return !strcmp(name, "csg-sync-update") ? CSF_F_CSG_REQUEST_SYNC_UPDATE :
           !strcmp(name, "csg-idle") ? CSF_F_CSG_REQUEST_IDLE :
           !strcmp(name, "csg-progress-timer") ?
           CSF_F_CSG_REQUEST_PROGRESS_TIMER : CSF_NR_FIELDS;
}

static unsigned stream_event(const char *name)
{
    return !strcmp(name, "cs-tiler-oom") ? CSF_F_CS_REQUEST_TILER_OOM :
           !strcmp(name, "cs-protm-pending") ?
           CSF_F_CS_REQUEST_PROTM_PENDING : CSF_NR_FIELDS;
}

void csf_raise(Csf *f, const char *name, unsigned group, unsigned stream,
               uint64_t value, uint64_t data)
{
    unsigned field = group_event(name);

    if (!csf_alive(f) || group >= f->s.group_num ||
        stream >= f->s.stream_num) {
        return;
    }
    if (!strcmp(name, "cs-fault") || !strcmp(name, "cs-fatal")) {
        f->hw.cs->fault(f->hw.opaque, group, stream,
                        !strcmp(name, "cs-fatal") || csf_fault_is_fatal(value),
                        value & 0xff, value >> 8 & 0xffffff, data);
        return;
    }
    if (!strcmp(name, "glb-idle")) {
        f->s.glb.events |= CSF_MASK(f, GLB_REQUEST_IDLE);
        csf_global_signal(f);
        return;
    }
    if (field != CSF_NR_FIELDS) {
        f->s.group[group].word.events |= csf_mask(f, field);
    } else {
        field = stream_event(name);
        if (field == CSF_NR_FIELDS) {
            return;
        }
        f->s.group[group].stream[stream].word.events |= csf_mask(f, field);
    }
    csf_group_report(f, group);
}
