/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of the stub: boot, stop, timers, migration.
 *
 * A boot reads the image through the MCU's own address space.  After a slow
 * reset the host has zeroed the shared section (panthor_fw.c:
 * panthor_reload_fw_sections()); after a fast one it holds what both sides
 * last wrote, and acknowledgements go on from there.
 */
#include <string.h>

#include "internal.h"

static const CsfPlace nowhere = { FW_TAP_ANY, FW_TAP_ANY };

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void forget(Csf *f)
{
    memset(&f->s, 0, sizeof(f->s));
    f->s.running = FW_STATE_OFF;
    f->s.retry_at = FW_TIME_NEVER;
    memset(&f->layout, 0, sizeof(f->layout));
    f->layout_ok = false;
}

void csf_init(Csf *f)
{
    forget(f);
}

void csf_stop(Csf *f)
{
    for (unsigned g = 0; g < f->s.group_num; g++) {
        for (unsigned s = 0; s < f->s.stream_num; s++) {
            if (f->s.group[g].started >> s & 1) {
                f->hw.cs->stop(f->hw.opaque, g, s);
            }
        }
    }
    csf_timers_off(f);
    forget(f);
}

static void fatal(Csf *f, const FwError *err)
{
    f->hw.fw.ops->error(f->hw.fw.opaque, err->text);
    f->s.running = FW_STATE_FATAL;
    f->hw.fw.ops->state(f->hw.fw.opaque, FW_STATE_FATAL);
}

void csf_crash(Csf *f)
{
    if (f->s.running == FW_STATE_RUNNING || f->s.running == FW_STATE_BOOTING) {
        csf_timers_off(f);
        f->s.running = FW_STATE_FATAL;
        f->hw.fw.ops->state(f->hw.fw.opaque, FW_STATE_FATAL);
    }
}

/* The profile of an image of ours, see CSF_BOOT_VA.  False: cannot boot. */
static bool read_image(Csf *f, FwError *err)
{
    uint8_t block[16];
    uint32_t va, size;

    if (!f->hw.fw.ops->read(f->hw.fw.opaque, CSF_BOOT_VA, block,
                            sizeof(block))) {
        return csf_refuse(err, "the image has nothing to execute at 0x%x",
                          CSF_BOOT_VA);
    }
    if (le32(block) != CSF_BOOT_MAGIC) {
        return true;
    }
    va = le32(block + 8);
    size = le32(block + 12);
    if (le32(block + 4) != CSF_BOOT_FORMAT) {
        return csf_refuse(err, "the image's boot block has format %u; %u "
                          "expected", le32(block + 4), CSF_BOOT_FORMAT);
    }
    if (size == 0 || size > FW_PROFILE_MAX) {
        return csf_refuse(err, "the image's profile has %u bytes; 1 to %u "
                          "expected", size, FW_PROFILE_MAX);
    }
    if (!f->hw.fw.ops->read(f->hw.fw.opaque, va, f->s.profile, size)) {
        return csf_refuse(err, "the image's profile at 0x%x, 0x%x bytes, is "
                          "not mapped", va, size);
    }
    f->s.profile_size = size;
    f->s.from_image = 1;
    return true;
}

static bool resolve(Csf *f, const char *name, FwError *err)
{
    f->layout_ok = fw_layout_load(&f->layout, &csf_layout_spec, f->s.profile,
                                  f->s.profile_size, name, err) &&
                   csf_layout_check(&f->layout, name, err) &&
                   csf_check_profile(f, err);
    return f->layout_ok;
}

static bool load_profile(Csf *f, const void *fallback, uint32_t size,
                         FwError *err)
{
    if (!read_image(f, err)) {
        return false;
    }
    if (!f->s.profile_size) {
        if (!fallback || size == 0 || size > FW_PROFILE_MAX) {
            return csf_refuse(err, "the image carries no profile and there "
                              "is none to fall back to");
        }
        memcpy(f->s.profile, fallback, size);
        f->s.profile_size = size;
    }
    return resolve(f, f->s.from_image ? "profile of the image" : "profile",
                   err);
}

/*
 * What an acknowledgement of CSG STATE means to a group that runs no more.
 * One that says "started" must not hide the next start from us; unless the
 * request says so too: then the host has not asked again.
 */
static uint32_t stale_state(Csf *f, uint32_t ack, uint32_t req)
{
    unsigned field = CSF_F_CSG_REQUEST_STATE;
    uint32_t state = csf_bits(f, field, ack);

    if ((state == CSF_VALUE(f, CSG_START) ||
         state == CSF_VALUE(f, CSG_RESUME)) &&
        ((ack ^ req) & csf_mask(f, field))) {
        return csf_with(f, field, ack, CSF_VALUE(f, CSG_TERMINATE));
    }
    return ack;
}

static void recall_group(Csf *f, unsigned g)
{
    CsfGroup *grp = &f->s.group[g];
    uint32_t req = csf_peek(f, grp->input_va, CSF_F_CSG_INPUT_REQ);
    uint32_t ack = csf_peek(f, grp->output_va, CSF_F_CSG_OUTPUT_ACK);

    grp->word.ack = stale_state(f, ack, req);
    if (grp->word.ack != ack) {
        csf_poke(f, grp->output_va, CSF_F_CSG_OUTPUT_ACK, grp->word.ack);
    }
    grp->word.seen = grp->word.ack;
    grp->state = csf_bits(f, CSF_F_CSG_REQUEST_STATE, grp->word.ack);
    grp->doorbell_ack = csf_peek(f, grp->output_va,
                                 CSF_F_CSG_OUTPUT_DOORBELL_ACK);
    grp->cs_irq_req = csf_peek(f, grp->output_va,
                               CSF_F_CSG_OUTPUT_CS_IRQ_REQ);
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        CsfStream *st = &grp->stream[s];

        st->word.ack = csf_peek(f, st->output_va, CSF_F_CS_OUTPUT_ACK);
        st->word.seen = st->word.ack;
    }
}

/* Go on from the acknowledgements that the shared section holds. */
static void recall(Csf *f)
{
    uint32_t req = csf_peek(f, f->s.input_va, CSF_F_GLB_INPUT_REQ);
    uint32_t halt = CSF_MASK(f, GLB_REQUEST_HALT);

    f->s.glb.ack = csf_peek(f, f->s.output_va, CSF_F_GLB_OUTPUT_ACK);
    f->s.doorbell_ack = csf_peek(f, f->s.output_va,
                                 CSF_F_GLB_OUTPUT_DOORBELL_ACK);
    /* Only 0 -> 1 halts (6.12 panthor_fw.c: panthor_fw_pre_reset()). */
    f->s.glb.seen = (f->s.glb.ack & ~halt) | (req & halt);
    f->s.glb.muted = req & halt;
    f->s.idle_timer = csf_peek(f, f->s.input_va, CSF_F_GLB_INPUT_IDLE_TIMER);
    f->s.core_mask = csf_peek(f, f->s.input_va,
                              CSF_F_GLB_INPUT_CORE_EN_MASK);
    for (unsigned g = 0; g < f->s.group_num; g++) {
        recall_group(f, g);
    }
}

static void boot_on(Csf *f)
{
    FwVerdict v = csf_tap(f, FW_TAP_BOOT, "boot", nowhere, f->s.from_image,
                          0);
    FwError err = { "" };

    switch (v.action) {
    case FW_DROP:
    case FW_HANG:
        return;
    case FW_DELAY:
        csf_timer_arm(f, CSF_TIMER_BOOT, v.until);
        return;
    case FW_FAULT:
        csf_refuse(&err, "the scenario made the firmware fail to boot");
        fatal(f, &err);
        return;
    default:
        break;
    }
    if (!(fw_has_cap(&f->layout, CSF_CAP_LAYOUT_IN_IMAGE) ?
          csf_adopt(f, &err) : csf_publish(f, &err))) {
        fatal(f, &err);
        return;
    }
    recall(f);
    csf_poke(f, f->s.output_va, CSF_F_GLB_OUTPUT_HALT_STATUS, 0);
    f->s.running = FW_STATE_RUNNING;
    f->hw.fw.ops->state(f->hw.fw.opaque, FW_STATE_RUNNING);
    csf_irq(f, CSF_IRQ_GLOBAL);
}

void csf_boot(Csf *f, const void *fallback, uint32_t fallback_size)
{
    FwError err = { "" };

    csf_stop(f);
    f->s.running = FW_STATE_BOOTING;
    if (load_profile(f, fallback, fallback_size, &err)) {
        boot_on(f);
    } else {
        fatal(f, &err);
    }
}

void csf_doorbell(Csf *f, unsigned n)
{
    if (!csf_alive(f)) {
        return;
    }
    if (n == 0) {
        csf_global_scan(f, false);
        return;
    }
    for (unsigned g = 0; g < f->s.group_num; g++) {
        CsfGroup *grp = &f->s.group[g];
        bool rung = false;

        for (unsigned s = 0; grp->started >> s && csf_alive(f); s++) {
            if (grp->started >> s & 1 && grp->stream[s].doorbell == n) {
                csf_stream_ring(f, g, s);
                rung = true;
            }
        }
        if (rung) {
            csf_group_evaluate(f, g);
        }
    }
    csf_load_update(f);
}

void csf_timer(Csf *f, unsigned id)
{
    if (id == CSF_TIMER_BOOT) {
        if (f->s.running == FW_STATE_BOOTING && f->layout_ok && !f->s.hung) {
            boot_on(f);
        }
        return;
    }
    if (!csf_alive(f)) {
        return;
    }
    switch (id) {
    case CSF_TIMER_RETRY:
        f->s.retry_at = FW_TIME_NEVER;
        csf_global_scan(f, true);
        break;
    case CSF_TIMER_IDLE:
        csf_idle_expired(f);
        break;
    case CSF_TIMER_POWEROFF:
        csf_poweroff_expired(f);
        break;
    default:
        break;
    }
}

static bool check_group(const Csf *f, const CsfGroup *grp)
{
    uint64_t streams = ((uint64_t)1 << f->s.stream_num) - 1;

    return !(grp->started & ~streams) && !(grp->quiet & ~grp->started) &&
           !(grp->oom & ~grp->started) && !(grp->fault & ~grp->started) &&
           !(grp->kick & ~grp->started) && grp->active <= 1 &&
           grp->idle <= grp->active && (grp->active || !grp->started);
}

bool csf_post_load(Csf *f, FwError *err)
{
    CsfState *s = &f->s;

    f->layout_ok = false;
    err->text[0] = 0;
    if (s->running > FW_STATE_FATAL || s->hung > 1 || s->from_image > 1 ||
        s->load > CSF_LOAD_BUSY || s->idle_sent > 1 || s->powered > 1 ||
        s->group_num > CSF_GROUPS_MAX || s->stream_num > CSF_STREAMS_MAX ||
        s->profile_size > FW_PROFILE_MAX) {
        return csf_refuse(err, "firmware: a field is out of range");
    }
    for (unsigned g = 0; g < CSF_GROUPS_MAX; g++) {
        if (!check_group(f, &s->group[g]) ||
            (g >= s->group_num && s->group[g].active)) {
            return csf_refuse(err, "firmware: a group slot is inconsistent");
        }
    }
    if (s->group_num &&
        !csf_check_hardware(f, s->group_num, s->stream_num, 0, 0, err)) {
        return false;
    }
    if (s->profile_size) {
        resolve(f, "profile in the migration stream", err);
    }
    if ((s->running == FW_STATE_RUNNING || s->running == FW_STATE_HALTED) &&
        (!f->layout_ok || !s->group_num || !s->stream_num)) {
        return err->text[0] ? false :
               csf_refuse(err, "firmware: it runs without a usable profile");
    }
    return true;
}
