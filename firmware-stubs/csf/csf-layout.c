/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "csf-layout.h"
#include "csf.h"

/* Smallest unit that the driver maps. */
#define PAGE 4096u

_Static_assert((unsigned)CSF_NR_STRUCTS <= FW_LAYOUT_STRUCTS_MAX, "structs");
_Static_assert((unsigned)CSF_NR_FIELDS <= FW_LAYOUT_FIELDS_MAX, "fields");
_Static_assert((unsigned)CSF_NR_VALUES <= FW_LAYOUT_VALUES_MAX, "values");
_Static_assert((unsigned)CSF_NR_CAPS <= FW_LAYOUT_CAPS_MAX, "capabilities");

#define X_(id, name) [CSF_S_##id] = name,
static const char *const csf_structs[] = { CSF_STRUCTS(X_) };
#undef X_

#define X_(s, id, prop, opt) \
    [CSF_F_##s##_##id] = { \
        .strct = CSF_S_##s, .name = prop, .optional = opt, \
    },
static const FwFieldNeed csf_fields[] = { CSF_FIELDS(X_) };
#undef X_

#define X_(id, path, lo, hi, opt, fall) \
    [CSF_V_##id] = { \
        .name = path, .min = lo, .max = hi, .optional = opt, \
        .fallback = fall, \
    },
static const FwValueNeed csf_values[] = { CSF_VALUES(X_) };
#undef X_

#define X_(id, name) [CSF_CAP_##id] = name,
static const char *const csf_caps[] = { CSF_CAPS(X_) };
#undef X_

const FwLayoutSpec csf_layout_spec = {
    .compatible = "gpumbox,csf-abi",
    .structs = csf_structs,
    .nr_structs = CSF_NR_STRUCTS,
    .fields = csf_fields,
    .nr_fields = CSF_NR_FIELDS,
    .values = csf_values,
    .nr_values = CSF_NR_VALUES,
    .caps = csf_caps,
    .nr_caps = CSF_NR_CAPS,
};

typedef struct Check {
    const FwLayout *layout;
    const char *file;
    FwError *err;
} Check;

static bool __attribute__((format(printf, 3, 4)))
refuse(const Check *c, unsigned value, const char *fmt, ...)
{
    const char *path = csf_values[value].name;
    int len = snprintf(c->err->text, sizeof(c->err->text), "%.120s: /%s: ",
                       c->file, path);
    va_list ap;

    va_start(ap, fmt);
    if (len < 0 || vsnprintf(c->err->text + len,
                             sizeof(c->err->text) - len, fmt, ap) < 0) {
        c->err->text[0] = '\0';
    }
    va_end(ap);
    return false;
}

static uint64_t value(const Check *c, unsigned id)
{
    return c->layout->value[id];
}

static uint32_t larger(const Check *c, unsigned a, unsigned b)
{
    uint32_t x = c->layout->struct_size[a];
    uint32_t y = c->layout->struct_size[b];

    return x > y ? x : y;
}

static bool check_caps(const Check *c)
{
    if (fw_has_cap(c->layout, CSF_CAP_GLB_HALT) &&
        !fw_has_field(c->layout, CSF_F_GLB_REQUEST_HALT)) {
        return refuse(c, CSF_V_GLB_STATE_HALT, "capability 'glb-halt' needs "
                      "field 'halt' of struct 'glb-request'");
    }
    if (fw_has_cap(c->layout, CSF_CAP_GLB_STATE) &&
        !fw_has_field(c->layout, CSF_F_GLB_REQUEST_STATE)) {
        return refuse(c, CSF_V_GLB_STATE_HALT, "capability 'glb-state' needs "
                      "field 'state' of struct 'glb-request'");
    }
    if (fw_has_cap(c->layout, CSF_CAP_ENDPOINT_REQ2) &&
        !fw_has_field(c->layout, CSF_F_CSG_INPUT_ENDPOINT_REQ2)) {
        return refuse(c, CSF_V_ENDPOINTS, "capability 'endpoint-req2' needs "
                      "field 'endpoint-req2' of struct 'csg-input'");
    }
    return true;
}

/* Control blocks: the global one, then per group its own and its streams'. */
static bool check_control(const Check *c)
{
    uint64_t streams_end = value(c, CSF_V_STREAM_OFFSET) +
        value(c, CSF_V_STREAMS) * value(c, CSF_V_STREAM_STRIDE);

    if (value(c, CSF_V_GROUP_OFFSET) <
        c->layout->struct_size[CSF_S_GLB_CONTROL]) {
        return refuse(c, CSF_V_GROUP_OFFSET,
                      "lies in the global control block");
    }
    if (value(c, CSF_V_STREAM_OFFSET) <
        c->layout->struct_size[CSF_S_CSG_CONTROL]) {
        return refuse(c, CSF_V_STREAM_OFFSET,
                      "lies in the group's control block");
    }
    if (value(c, CSF_V_STREAM_STRIDE) <
        c->layout->struct_size[CSF_S_CS_CONTROL] ||
        value(c, CSF_V_STREAM_STRIDE) % 4) {
        return refuse(c, CSF_V_STREAM_STRIDE, "0x%" PRIx64 " does not hold a "
                      "stream's control block in whole words",
                      value(c, CSF_V_STREAM_STRIDE));
    }
    if (value(c, CSF_V_GROUP_STRIDE) < streams_end ||
        value(c, CSF_V_GROUP_STRIDE) % 4) {
        return refuse(c, CSF_V_GROUP_STRIDE, "0x%" PRIx64 " does not hold the "
                      "control blocks of a group, 0x%" PRIx64 " bytes, in "
                      "whole words", value(c, CSF_V_GROUP_STRIDE),
                      streams_end);
    }
    return true;
}

static bool check_blocks(const Check *c)
{
    uint64_t blocks = (1 + value(c, CSF_V_GROUPS) *
                       (1 + value(c, CSF_V_STREAMS))) *
                      value(c, CSF_V_BLOCK_STRIDE);
    uint64_t control_end = value(c, CSF_V_GROUP_OFFSET) +
        value(c, CSF_V_GROUPS) * value(c, CSF_V_GROUP_STRIDE);
    uint64_t input = value(c, CSF_V_INPUT_OFFSET);
    uint64_t output = value(c, CSF_V_OUTPUT_OFFSET);
    uint32_t need = larger(c, CSF_S_CS_INPUT, CSF_S_CS_OUTPUT);

    if (larger(c, CSF_S_CSG_INPUT, CSF_S_CSG_OUTPUT) > need) {
        need = larger(c, CSF_S_CSG_INPUT, CSF_S_CSG_OUTPUT);
    }
    if (larger(c, CSF_S_GLB_INPUT, CSF_S_GLB_OUTPUT) > need) {
        need = larger(c, CSF_S_GLB_INPUT, CSF_S_GLB_OUTPUT);
    }
    if (value(c, CSF_V_BLOCK_STRIDE) < need ||
        value(c, CSF_V_BLOCK_STRIDE) % 8) {
        return refuse(c, CSF_V_BLOCK_STRIDE, "0x%" PRIx64 " does not hold the "
                      "largest block, 0x%" PRIx32 " bytes, in whole 64-bit "
                      "words", value(c, CSF_V_BLOCK_STRIDE), need);
    }
    if (control_end > input || control_end > output) {
        return refuse(c, CSF_V_GROUP_STRIDE, "control blocks end at 0x%"
                      PRIx64 ", in the input or output blocks", control_end);
    }
    if (input % 8 || input + blocks > value(c, CSF_V_SHARED_SIZE)) {
        return refuse(c, CSF_V_INPUT_OFFSET, "input blocks 0x%" PRIx64 "-0x%"
                      PRIx64 " are not in the shared section or not aligned",
                      input, input + blocks);
    }
    if (output % 8 || output + blocks > value(c, CSF_V_SHARED_SIZE)) {
        return refuse(c, CSF_V_OUTPUT_OFFSET, "output blocks 0x%" PRIx64
                      "-0x%" PRIx64 " are not in the shared section or not "
                      "aligned", output, output + blocks);
    }
    if (input < output + blocks && output < input + blocks) {
        return refuse(c, CSF_V_OUTPUT_OFFSET, "output blocks 0x%" PRIx64
                      "-0x%" PRIx64 " lie in the input blocks", output,
                      output + blocks);
    }
    return true;
}

bool csf_layout_check(const FwLayout *layout, const char *file, FwError *err)
{
    const Check c = { layout, file, err };
    uint64_t save = value(&c, CSF_V_STREAMS) * CSF_SAVE_SIZE;

    if (!check_caps(&c)) {
        return false;
    }
    if (value(&c, CSF_V_GROUPS) > CSF_GROUPS_MAX) {
        return refuse(&c, CSF_V_GROUPS, "%" PRIu64 " is more than %d",
                      value(&c, CSF_V_GROUPS), CSF_GROUPS_MAX);
    }
    if (value(&c, CSF_V_STREAMS) > CSF_STREAMS_MAX) {
        return refuse(&c, CSF_V_STREAMS, "%" PRIu64 " is more than %d",
                      value(&c, CSF_V_STREAMS), CSF_STREAMS_MAX);
    }
    if (value(&c, CSF_V_SHARED_VA) % PAGE) {
        return refuse(&c, CSF_V_SHARED_VA, "0x%" PRIx64 " is not the start of "
                      "a page", value(&c, CSF_V_SHARED_VA));
    }
    if (value(&c, CSF_V_SHARED_SIZE) % PAGE ||
        value(&c, CSF_V_SHARED_SIZE) >
        ((uint64_t)1 << 32) - value(&c, CSF_V_SHARED_VA)) {
        return refuse(&c, CSF_V_SHARED_SIZE, "0x%" PRIx64 " is not a number "
                      "of whole pages in 32 bits of address space",
                      value(&c, CSF_V_SHARED_SIZE));
    }
    if (value(&c, CSF_V_SUSPEND_SIZE) && value(&c, CSF_V_SUSPEND_SIZE) < save) {
        return refuse(&c, CSF_V_SUSPEND_SIZE, "0x%" PRIx64 " does not hold the "
                      "saved streams, 0x%" PRIx64 " bytes",
                      value(&c, CSF_V_SUSPEND_SIZE), save);
    }
    if (value(&c, CSF_V_PROTM_SUSPEND_SIZE) == 0) {
        return refuse(&c, CSF_V_PROTM_SUSPEND_SIZE, "0: drivers allocate a "
                      "buffer of this size for each group");
    }
    if (fw_has_cap(layout, CSF_CAP_LAYOUT_IN_IMAGE)) {
        return true;
    }
    return check_control(&c) && check_blocks(&c);
}
