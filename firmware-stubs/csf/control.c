/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Control blocks: what the firmware tells the host about its interface, once
 * per boot (panthor_fw.c: panthor_fw_init_ifaces(), panthor_init_csg_iface(),
 * panthor_init_cs_iface()).
 *
 * An image of ours leaves them to the profile.  An image whose data already
 * holds them (capability "layout-in-image") keeps them; they are read once,
 * checked and remembered, since the host may write there later.
 */
#include <string.h>

#include "internal.h"

/* Suspend buffers are made of whole ones. */
#define PAGE 4096u

static const CsfPlace global = { FW_TAP_ANY, FW_TAP_ANY };

static bool check_requests(const Csf *f, FwError *err)
{
    for (unsigned i = 0; i < CSF_NR_FIELDS; i++) {
        const FwField *fld = &f->layout.field[i];
        unsigned strct = csf_layout_spec.fields[i].strct;

        uint32_t bytes = strct == CSF_S_EP_REQUEST ? 8 : 4;

        if (strct != CSF_S_GLB_REQUEST && strct != CSF_S_CSG_REQUEST &&
            strct != CSF_S_CS_REQUEST && strct != CSF_S_EP_REQUEST) {
            continue;
        }
        if (fld->width && (fld->offset >= bytes ||
                           fld->size > bytes - fld->offset)) {
            return csf_refuse(err, "profile %s: %s/%s is not in a %u-bit "
                              "request word", f->layout.name,
                              csf_layout_spec.structs[strct],
                              csf_layout_spec.fields[i].name, bytes * 8);
        }
    }
    return true;
}

bool csf_check_hardware(Csf *f, unsigned groups, unsigned streams,
                        unsigned regs, unsigned scoreboards, FwError *err)
{
    unsigned hw_groups = 0, hw_streams = 0, hw_regs = 0, hw_sb = 0;

    f->hw.cs->limits(f->hw.opaque, &hw_groups, &hw_streams, &hw_regs, &hw_sb);
    if (hw_groups > CSF_GROUPS_MAX) {
        hw_groups = CSF_GROUPS_MAX;
    }
    if (hw_streams > CSF_STREAMS_MAX) {
        hw_streams = CSF_STREAMS_MAX;
    }
    if (!groups || groups > hw_groups || !streams || streams > hw_streams ||
        regs > hw_regs || scoreboards > hw_sb) {
        return csf_refuse(err, "firmware %s: %u groups of %u streams, %u "
                          "registers, %u scoreboards; the GPU has %u, %u, "
                          "%u, %u", f->layout.name, groups, streams, regs,
                          scoreboards, hw_groups, hw_streams, hw_regs, hw_sb);
    }
    return true;
}

/* What the profile leaves to the GPU, or what it says. */
static void stream_features(const Csf *f, unsigned *regs, unsigned *scoreboards)
{
    unsigned groups = 0, streams = 0;

    f->hw.cs->limits(f->hw.opaque, &groups, &streams, regs, scoreboards);
    if (CSF_VALUE(f, WORK_REGS)) {
        *regs = CSF_VALUE(f, WORK_REGS);
    }
    if (CSF_VALUE(f, SCOREBOARDS)) {
        *scoreboards = CSF_VALUE(f, SCOREBOARDS);
    }
}

static uint32_t suspend_size(const Csf *f, unsigned streams)
{
    uint32_t need = csf_suspend_need(streams);

    return CSF_VALUE(f, SUSPEND_SIZE) ? CSF_VALUE(f, SUSPEND_SIZE) :
           (need + PAGE - 1) / PAGE * PAGE;
}

/* @claim, if the profile makes that one, else the truth. */
static uint32_t claimed(uint64_t claim, uint32_t truth)
{
    return claim == CSF_HONEST ? truth : claim;
}

bool csf_check_profile(Csf *f, FwError *err)
{
    uint32_t need = csf_suspend_need(CSF_VALUE(f, STREAMS));

    if (!check_requests(f, err) ||
        !csf_check_hardware(f, CSF_VALUE(f, GROUPS), CSF_VALUE(f, STREAMS),
                            CSF_VALUE(f, WORK_REGS),
                            CSF_VALUE(f, SCOREBOARDS), err)) {
        return false;
    }
    if (!fw_has_cap(&f->layout, CSF_CAP_LAYOUT_IN_IMAGE) &&
        suspend_size(f, CSF_VALUE(f, STREAMS)) < need) {
        return csf_refuse(err, "profile %s: memory/suspend-size is less than "
                          "the 0x%x bytes that a group takes",
                          f->layout.name, need);
    }
    return true;
}

/* panthor_fw.h: CSF_IFACE_VERSION(). */
static uint32_t version(const Csf *f)
{
    return CSF_VALUE(f, VERSION_MAJOR) << 24 |
           CSF_VALUE(f, VERSION_MINOR) << 16 | CSF_VALUE(f, VERSION_PATCH);
}

static uint64_t group_control(const Csf *f, unsigned g, uint64_t stride)
{
    return CSF_VALUE(f, SHARED_VA) + CSF_VALUE(f, GROUP_OFFSET) + g * stride;
}

static void cs_features(const Csf *f, uint8_t *buf)
{
    unsigned regs = 1, scoreboards = 0;

    stream_features(f, &regs, &scoreboards);
    fw_put(CSF_FIELD(f, CS_CONTROL_WORK_REGS), buf, regs - 1);
    fw_put(CSF_FIELD(f, CS_CONTROL_SCOREBOARDS), buf,
           claimed(CSF_VALUE(f, CLAIM_SCOREBOARDS), scoreboards));
    fw_put(CSF_FIELD(f, CS_CONTROL_ENDPOINTS), buf, CSF_VALUE(f, ENDPOINTS));
}

static void place(const Csf *f, unsigned n, uint32_t *input, uint32_t *output)
{
    uint64_t at = CSF_VALUE(f, SHARED_VA) + n * CSF_VALUE(f, BLOCK_STRIDE);

    *input = at + CSF_VALUE(f, INPUT_OFFSET);
    *output = at + CSF_VALUE(f, OUTPUT_OFFSET);
}

static bool publish_group(Csf *f, unsigned g)
{
    uint64_t va = group_control(f, g, CSF_VALUE(f, GROUP_STRIDE));
    unsigned block = 1 + g * (1 + f->s.stream_num);
    CsfGroup *grp = &f->s.group[g];
    uint8_t buf[FW_STRUCT_MAX] = { 0 };

    place(f, block, &grp->input_va, &grp->output_va);
    fw_put(CSF_FIELD(f, CSG_CONTROL_FEATURES), buf,
           CSF_VALUE(f, CSG_FEATURES));
    fw_put(CSF_FIELD(f, CSG_CONTROL_INPUT_VA), buf, grp->input_va);
    fw_put(CSF_FIELD(f, CSG_CONTROL_OUTPUT_VA), buf, grp->output_va);
    fw_put(CSF_FIELD(f, CSG_CONTROL_SUSPEND_SIZE), buf,
           claimed(CSF_VALUE(f, CLAIM_SUSPEND), f->s.suspend_size));
    fw_put(CSF_FIELD(f, CSG_CONTROL_PROTM_SUSPEND_SIZE), buf,
           CSF_VALUE(f, PROTM_SUSPEND_SIZE));
    fw_put(CSF_FIELD(f, CSG_CONTROL_STREAM_NUM), buf,
           claimed(CSF_VALUE(f, CLAIM_STREAMS), f->s.stream_num));
    fw_put(CSF_FIELD(f, CSG_CONTROL_STREAM_STRIDE), buf,
           claimed(CSF_VALUE(f, CLAIM_STREAM_STRIDE),
                   CSF_VALUE(f, STREAM_STRIDE)));
    if (!csf_store(f, CSF_S_CSG_CONTROL, va, buf,
                   (CsfPlace){ g, FW_TAP_ANY })) {
        return false;
    }
    va += CSF_VALUE(f, STREAM_OFFSET);
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        CsfStream *st = &grp->stream[s];

        memset(buf, 0, f->layout.struct_size[CSF_S_CS_CONTROL]);
        place(f, block + 1 + s, &st->input_va, &st->output_va);
        cs_features(f, buf);
        fw_put(CSF_FIELD(f, CS_CONTROL_INPUT_VA), buf, st->input_va);
        fw_put(CSF_FIELD(f, CS_CONTROL_OUTPUT_VA), buf, st->output_va);
        if (!csf_store(f, CSF_S_CS_CONTROL, va, buf, (CsfPlace){ g, s })) {
            return false;
        }
        va += CSF_VALUE(f, STREAM_STRIDE);
    }
    return true;
}

bool csf_publish(Csf *f, FwError *err)
{
    uint8_t buf[FW_STRUCT_MAX] = { 0 };
    bool ok = true;

    f->s.group_num = CSF_VALUE(f, GROUPS);
    f->s.stream_num = CSF_VALUE(f, STREAMS);
    f->s.suspend_size = suspend_size(f, f->s.stream_num);
    place(f, 0, &f->s.input_va, &f->s.output_va);
    fw_put(CSF_FIELD(f, GLB_CONTROL_VERSION), buf, version(f));
    fw_put(CSF_FIELD(f, GLB_CONTROL_FEATURES), buf, CSF_VALUE(f, FEATURES));
    fw_put(CSF_FIELD(f, GLB_CONTROL_INSTR_FEATURES), buf,
           CSF_VALUE(f, INSTR_FEATURES));
    fw_put(CSF_FIELD(f, GLB_CONTROL_INPUT_VA), buf,
           claimed(CSF_VALUE(f, CLAIM_GLB_INPUT), f->s.input_va));
    fw_put(CSF_FIELD(f, GLB_CONTROL_OUTPUT_VA), buf,
           claimed(CSF_VALUE(f, CLAIM_GLB_OUTPUT), f->s.output_va));
    fw_put(CSF_FIELD(f, GLB_CONTROL_GROUP_NUM), buf,
           claimed(CSF_VALUE(f, CLAIM_GROUPS), f->s.group_num));
    fw_put(CSF_FIELD(f, GLB_CONTROL_GROUP_STRIDE), buf,
           claimed(CSF_VALUE(f, CLAIM_GROUP_STRIDE),
                   CSF_VALUE(f, GROUP_STRIDE)));
    for (unsigned g = 0; g < f->s.group_num && ok; g++) {
        ok = publish_group(f, g);
    }
    if (!ok || !csf_store(f, CSF_S_GLB_CONTROL, CSF_VALUE(f, SHARED_VA),
                          buf, global)) {
        return csf_refuse(err, "the shared section at 0x%llx is not mapped "
                          "or not writable",
                          (unsigned long long)CSF_VALUE(f, SHARED_VA));
    }
    return true;
}

/* Does a block that the image's data names lie inside the shared section? */
static bool inside(Csf *f, const char *what, unsigned g, uint64_t va,
                   unsigned strct, FwError *err)
{
    uint64_t start = CSF_VALUE(f, SHARED_VA);
    uint64_t end = start + CSF_VALUE(f, SHARED_SIZE);

    if (va >= start && va < end &&
        f->layout.struct_size[strct] <= end - va) {
        return true;
    }
    return csf_refuse(err, "the image's data puts the %s block of group %u "
                      "at 0x%llx, outside its shared section", what, g,
                      (unsigned long long)va);
}

/* Copy a control block of the image. */
static bool take(Csf *f, const char *what, unsigned g, uint64_t va,
                 unsigned strct, uint8_t *buf, FwError *err)
{
    if (!inside(f, what, g, va, strct, err)) {
        return false;
    }
    return csf_load(f, strct, va, buf) ||
           csf_refuse(err, "the %s block of group %u at 0x%llx is not mapped",
                      what, g, (unsigned long long)va);
}

/* Write it back, with what the image left out. */
static bool give(Csf *f, const char *what, unsigned g, uint64_t va,
                 unsigned strct, const uint8_t *buf, FwError *err)
{
    return csf_store(f, strct, va, buf, (CsfPlace){ g, FW_TAP_ANY }) ||
           csf_refuse(err, "the %s block of group %u at 0x%llx is not "
                      "writable", what, g, (unsigned long long)va);
}

/* Fill a word that the image left at 0, for its own code to fill. */
static void fill(const Csf *f, unsigned field, uint8_t *buf, uint64_t value)
{
    const FwField *fld = &f->layout.field[field];

    if (!fw_get(fld, buf)) {
        fw_put(fld, buf, value);
    }
}

static bool adopt_stream(Csf *f, unsigned g, unsigned s, uint64_t va,
                         FwError *err)
{
    CsfStream *st = &f->s.group[g].stream[s];
    uint8_t buf[FW_STRUCT_MAX];

    if (!take(f, "stream control", g, va, CSF_S_CS_CONTROL, buf, err)) {
        return false;
    }
    st->input_va = fw_get(CSF_FIELD(f, CS_CONTROL_INPUT_VA), buf);
    st->output_va = fw_get(CSF_FIELD(f, CS_CONTROL_OUTPUT_VA), buf);
    if (!fw_get(CSF_FIELD(f, CS_CONTROL_WORK_REGS), buf) &&
        !fw_get(CSF_FIELD(f, CS_CONTROL_SCOREBOARDS), buf) &&
        !fw_get(CSF_FIELD(f, CS_CONTROL_ENDPOINTS), buf)) {
        cs_features(f, buf);
    }
    return inside(f, "stream input", g, st->input_va, CSF_S_CS_INPUT, err) &&
           inside(f, "stream output", g, st->output_va, CSF_S_CS_OUTPUT,
                  err) &&
           give(f, "stream control", g, va, CSF_S_CS_CONTROL, buf, err);
}

/* The first group says what all of them have. */
static bool adopt_counts(Csf *f, unsigned g, const uint8_t *buf, FwError *err)
{
    uint32_t streams = fw_get(CSF_FIELD(f, CSG_CONTROL_STREAM_NUM), buf);
    uint32_t suspend = fw_get(CSF_FIELD(f, CSG_CONTROL_SUSPEND_SIZE), buf);

    if (g == 0) {
        if (!csf_check_hardware(f, f->s.group_num, streams, 0, 0, err)) {
            return false;
        }
        f->s.stream_num = streams;
        f->s.suspend_size = suspend;
        if (suspend < csf_suspend_need(streams)) {
            return csf_refuse(err, "the image's data gives a group 0x%x bytes "
                              "to suspend; %u streams take 0x%x", suspend,
                              streams, csf_suspend_need(streams));
        }
    }
    if (streams != f->s.stream_num || suspend != f->s.suspend_size) {
        return csf_refuse(err, "the image's data gives group %u %u streams "
                          "and 0x%x bytes to suspend, group 0 %u and 0x%x", g,
                          streams, suspend, f->s.stream_num,
                          f->s.suspend_size);
    }
    return true;
}

static bool adopt_group(Csf *f, unsigned g, uint64_t stride, FwError *err)
{
    uint64_t va = group_control(f, g, stride);
    CsfGroup *grp = &f->s.group[g];
    uint8_t buf[FW_STRUCT_MAX];

    if (!take(f, "group control", g, va, CSF_S_CSG_CONTROL, buf, err)) {
        return false;
    }
    fill(f, CSF_F_CSG_CONTROL_FEATURES, buf, CSF_VALUE(f, CSG_FEATURES));
    fill(f, CSF_F_CSG_CONTROL_SUSPEND_SIZE, buf,
         suspend_size(f, fw_get(CSF_FIELD(f, CSG_CONTROL_STREAM_NUM), buf)));
    fill(f, CSF_F_CSG_CONTROL_PROTM_SUSPEND_SIZE, buf,
         CSF_VALUE(f, PROTM_SUSPEND_SIZE));
    if (!adopt_counts(f, g, buf, err)) {
        return false;
    }
    grp->input_va = fw_get(CSF_FIELD(f, CSG_CONTROL_INPUT_VA), buf);
    grp->output_va = fw_get(CSF_FIELD(f, CSG_CONTROL_OUTPUT_VA), buf);
    if (!inside(f, "group input", g, grp->input_va, CSF_S_CSG_INPUT, err) ||
        !inside(f, "group output", g, grp->output_va, CSF_S_CSG_OUTPUT,
                err) ||
        !give(f, "group control", g, va, CSF_S_CSG_CONTROL, buf, err)) {
        return false;
    }
    stride = fw_get(CSF_FIELD(f, CSG_CONTROL_STREAM_STRIDE), buf);
    va += CSF_VALUE(f, STREAM_OFFSET);
    for (unsigned s = 0; s < f->s.stream_num; s++) {
        if (!adopt_stream(f, g, s, va + s * stride, err)) {
            return false;
        }
    }
    return true;
}

bool csf_adopt(Csf *f, FwError *err)
{
    uint64_t va = CSF_VALUE(f, SHARED_VA);
    uint8_t buf[FW_STRUCT_MAX];
    uint64_t groups, stride;

    if (!take(f, "global control", 0, va, CSF_S_GLB_CONTROL, buf, err)) {
        return false;
    }
    groups = fw_get(CSF_FIELD(f, GLB_CONTROL_GROUP_NUM), buf);
    stride = fw_get(CSF_FIELD(f, GLB_CONTROL_GROUP_STRIDE), buf);
    if (!csf_check_hardware(f, groups, 1, 0, 0, err)) {
        return false;
    }
    f->s.group_num = groups;
    f->s.input_va = fw_get(CSF_FIELD(f, GLB_CONTROL_INPUT_VA), buf);
    f->s.output_va = fw_get(CSF_FIELD(f, GLB_CONTROL_OUTPUT_VA), buf);
    fill(f, CSF_F_GLB_CONTROL_VERSION, buf, version(f));
    fill(f, CSF_F_GLB_CONTROL_FEATURES, buf, CSF_VALUE(f, FEATURES));
    fill(f, CSF_F_GLB_CONTROL_INSTR_FEATURES, buf,
         CSF_VALUE(f, INSTR_FEATURES));
    if (!inside(f, "global input", 0, f->s.input_va, CSF_S_GLB_INPUT, err) ||
        !inside(f, "global output", 0, f->s.output_va, CSF_S_GLB_OUTPUT,
                err)) {
        return false;
    }
    for (unsigned g = 0; g < f->s.group_num; g++) {
        if (!adopt_group(f, g, stride, err)) {
            return false;
        }
    }
    return give(f, "global control", 0, va, CSF_S_GLB_CONTROL, buf, err);
}
