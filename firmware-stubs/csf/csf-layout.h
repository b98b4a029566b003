/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the CSF stub needs of an ABI profile, by name.
 *
 * Structs, fields and values here are the vocabulary of dts/abi/csf-*.dts.
 * The three "*-request" structs describe the bits of the request words once;
 * request and acknowledge words share them.  "endpoint-request" is the same
 * for a group's endpoints, in as many as 64 bits.
 */
#ifndef CSF_LAYOUT_H
#define CSF_LAYOUT_H

#include "fw/layout.h"

/** CSF_HONEST - of a claim: none is made. */
#define CSF_HONEST UINT64_MAX

#define CSF_STRUCTS(X) \
    X(GLB_CONTROL,      "glb-control") \
    X(GLB_INPUT,        "glb-input") \
    X(GLB_OUTPUT,       "glb-output") \
    X(CSG_CONTROL,      "csg-control") \
    X(CSG_INPUT,        "csg-input") \
    X(CSG_OUTPUT,       "csg-output") \
    X(CS_CONTROL,       "cs-control") \
    X(CS_INPUT,         "cs-input") \
    X(CS_OUTPUT,        "cs-output") \
    X(RING_INPUT,       "ring-input") \
    X(RING_OUTPUT,      "ring-output") \
    X(GLB_REQUEST,      "glb-request") \
    X(CSG_REQUEST,      "csg-request") \
    X(CS_REQUEST,       "cs-request") \
    X(EP_REQUEST,       "endpoint-request")

/* X(struct, enumerator suffix, property, optional) */
#define CSF_FIELDS(X) \
    X(GLB_CONTROL, VERSION,            "version", 0) \
    X(GLB_CONTROL, FEATURES,           "features", 0) \
    X(GLB_CONTROL, INPUT_VA,           "input-va", 0) \
    X(GLB_CONTROL, OUTPUT_VA,          "output-va", 0) \
    X(GLB_CONTROL, GROUP_NUM,          "group-num", 0) \
    X(GLB_CONTROL, GROUP_STRIDE,       "group-stride", 0) \
    X(GLB_CONTROL, PERFCNT_SIZE,       "perfcnt-size", 0) \
    X(GLB_CONTROL, INSTR_FEATURES,     "instr-features", 1) \
    X(GLB_INPUT,   REQ,                "req", 0) \
    X(GLB_INPUT,   ACK_IRQ_MASK,       "ack-irq-mask", 0) \
    X(GLB_INPUT,   DOORBELL_REQ,       "doorbell-req", 0) \
    X(GLB_INPUT,   PROGRESS_TIMER,     "progress-timer", 0) \
    X(GLB_INPUT,   POWEROFF_TIMER,     "poweroff-timer", 0) \
    X(GLB_INPUT,   CORE_EN_MASK,       "core-en-mask", 0) \
    X(GLB_INPUT,   IDLE_TIMER,         "idle-timer", 0) \
    X(GLB_OUTPUT,  ACK,                "ack", 0) \
    X(GLB_OUTPUT,  DOORBELL_ACK,       "doorbell-ack", 0) \
    X(GLB_OUTPUT,  HALT_STATUS,        "halt-status", 0) \
    X(CSG_CONTROL, FEATURES,           "features", 0) \
    X(CSG_CONTROL, INPUT_VA,           "input-va", 0) \
    X(CSG_CONTROL, OUTPUT_VA,          "output-va", 0) \
    X(CSG_CONTROL, SUSPEND_SIZE,       "suspend-size", 0) \
    X(CSG_CONTROL, PROTM_SUSPEND_SIZE, "protm-suspend-size", 0) \
    X(CSG_CONTROL, STREAM_NUM,         "stream-num", 0) \
    X(CSG_CONTROL, STREAM_STRIDE,      "stream-stride", 0) \
    X(CSG_INPUT,   REQ,                "req", 0) \
    X(CSG_INPUT,   ACK_IRQ_MASK,       "ack-irq-mask", 0) \
    X(CSG_INPUT,   DOORBELL_REQ,       "doorbell-req", 0) \
    X(CSG_INPUT,   CS_IRQ_ACK,         "cs-irq-ack", 0) \
    X(CSG_INPUT,   ALLOW_COMPUTE,      "allow-compute", 0) \
    X(CSG_INPUT,   ALLOW_FRAGMENT,     "allow-fragment", 0) \
    X(CSG_INPUT,   ALLOW_OTHER,        "allow-other", 0) \
    X(CSG_INPUT,   ENDPOINT_REQ,       "endpoint-req", 0) \
    X(CSG_INPUT,   ENDPOINT_REQ2,      "endpoint-req2", 1) \
    X(CSG_INPUT,   SUSPEND_BUF,        "suspend-buf", 0) \
    X(CSG_INPUT,   CONFIG,             "config", 0) \
    X(CSG_OUTPUT,  ACK,                "ack", 0) \
    X(CSG_OUTPUT,  DOORBELL_ACK,       "doorbell-ack", 0) \
    X(CSG_OUTPUT,  CS_IRQ_REQ,         "cs-irq-req", 0) \
    X(CSG_OUTPUT,  STATUS_EP_CURRENT,  "status-endpoint-current", 0) \
    X(CSG_OUTPUT,  STATUS_EP_REQ,      "status-endpoint-req", 0) \
    X(CSG_OUTPUT,  STATUS_IDLE,        "status-state-idle", 0) \
    X(CSG_OUTPUT,  RESOURCE_DEP,       "resource-dep", 0) \
    X(CS_CONTROL,  WORK_REGS,          "features-work-regs", 0) \
    X(CS_CONTROL,  SCOREBOARDS,        "features-scoreboards", 0) \
    X(CS_CONTROL,  ENDPOINTS,          "features-endpoints", 0) \
    X(CS_CONTROL,  INPUT_VA,           "input-va", 0) \
    X(CS_CONTROL,  OUTPUT_VA,          "output-va", 0) \
    X(CS_INPUT,    REQ,                "req", 0) \
    X(CS_INPUT,    PRIORITY,           "config-priority", 0) \
    X(CS_INPUT,    DOORBELL,           "config-doorbell", 0) \
    X(CS_INPUT,    ACK_IRQ_MASK,       "ack-irq-mask", 0) \
    X(CS_INPUT,    RINGBUF_BASE,       "ringbuf-base", 0) \
    X(CS_INPUT,    RINGBUF_SIZE,       "ringbuf-size", 0) \
    X(CS_INPUT,    HEAP_START,         "heap-start", 0) \
    X(CS_INPUT,    HEAP_END,           "heap-end", 0) \
    X(CS_INPUT,    RINGBUF_INPUT,      "ringbuf-input", 0) \
    X(CS_INPUT,    RINGBUF_OUTPUT,     "ringbuf-output", 0) \
    X(CS_OUTPUT,   ACK,                "ack", 0) \
    X(CS_OUTPUT,   CMD_PTR,            "status-cmd-ptr", 0) \
    X(CS_OUTPUT,   WAIT_SB_MASK,       "status-wait-sb-mask", 0) \
    X(CS_OUTPUT,   WAIT_SB_SRC,        "status-wait-sb-src", 0) \
    X(CS_OUTPUT,   WAIT_SYNC_COND,     "status-wait-sync-cond", 0) \
    X(CS_OUTPUT,   WAIT_PROGRESS,      "status-wait-progress", 0) \
    X(CS_OUTPUT,   WAIT_PROTM,         "status-wait-protm", 0) \
    X(CS_OUTPUT,   WAIT_SYNC_64,       "status-wait-sync-64", 0) \
    X(CS_OUTPUT,   WAIT_SYNC,          "status-wait-sync", 0) \
    X(CS_OUTPUT,   REQ_RESOURCE,       "status-req-resource", 0) \
    X(CS_OUTPUT,   WAIT_SYNC_PTR,      "status-wait-sync-ptr", 0) \
    X(CS_OUTPUT,   WAIT_SYNC_VALUE,    "status-wait-sync-value", 0) \
    X(CS_OUTPUT,   WAIT_SYNC_VALUE_HI, "status-wait-sync-value-hi", 0) \
    X(CS_OUTPUT,   SCOREBOARDS,        "status-scoreboards", 0) \
    X(CS_OUTPUT,   BLOCKED_REASON,     "status-blocked-reason", 0) \
    X(CS_OUTPUT,   FAULT_TYPE,         "fault-type", 0) \
    X(CS_OUTPUT,   FAULT_DATA,         "fault-data", 0) \
    X(CS_OUTPUT,   FATAL_TYPE,         "fatal-type", 0) \
    X(CS_OUTPUT,   FATAL_DATA,         "fatal-data", 0) \
    X(CS_OUTPUT,   FAULT_INFO,         "fault-info", 0) \
    X(CS_OUTPUT,   FATAL_INFO,         "fatal-info", 0) \
    X(CS_OUTPUT,   HEAP_VT_START,      "heap-vt-start", 0) \
    X(CS_OUTPUT,   HEAP_VT_END,        "heap-vt-end", 0) \
    X(CS_OUTPUT,   HEAP_FRAG_END,      "heap-frag-end", 0) \
    X(CS_OUTPUT,   HEAP_ADDRESS,       "heap-address", 0) \
    X(RING_INPUT,  INSERT,             "insert", 0) \
    X(RING_INPUT,  EXTRACT_INIT,       "extract-init", 0) \
    X(RING_OUTPUT, EXTRACT,            "extract", 0) \
    X(RING_OUTPUT, ACTIVE,             "active", 0) \
    X(GLB_REQUEST, HALT,               "halt", 1) \
    X(GLB_REQUEST, CFG_PROGRESS_TIMER, "cfg-progress-timer", 0) \
    X(GLB_REQUEST, CFG_ALLOC_EN,       "cfg-alloc-en", 0) \
    X(GLB_REQUEST, CFG_POWEROFF_TIMER, "cfg-poweroff-timer", 0) \
    X(GLB_REQUEST, PROTM_ENTER,        "protm-enter", 0) \
    X(GLB_REQUEST, PERFCNT_EN,         "perfcnt-en", 0) \
    X(GLB_REQUEST, PERFCNT_SAMPLE,     "perfcnt-sample", 0) \
    X(GLB_REQUEST, COUNTER_EN,         "counter-en", 0) \
    X(GLB_REQUEST, PING,               "ping", 0) \
    X(GLB_REQUEST, FWCFG_UPDATE,       "fwcfg-update", 0) \
    X(GLB_REQUEST, IDLE_EN,            "idle-en", 0) \
    X(GLB_REQUEST, STATE,              "state", 1) \
    X(GLB_REQUEST, IDLE,               "idle", 0) \
    X(CSG_REQUEST, STATE,              "state", 0) \
    X(CSG_REQUEST, ENDPOINT_CONFIG,    "endpoint-config", 0) \
    X(CSG_REQUEST, STATUS_UPDATE,      "status-update", 0) \
    X(CSG_REQUEST, SYNC_UPDATE,        "sync-update", 0) \
    X(CSG_REQUEST, IDLE,               "idle", 0) \
    X(CSG_REQUEST, PROGRESS_TIMER,     "progress-timer", 0) \
    X(CS_REQUEST,  STATE,              "state", 0) \
    X(CS_REQUEST,  EXTRACT_EVENT,      "extract-event", 1) \
    X(CS_REQUEST,  IDLE_SYNC_WAIT,     "idle-sync-wait", 0) \
    X(CS_REQUEST,  IDLE_PROTM_PENDING, "idle-protm-pending", 0) \
    X(CS_REQUEST,  IDLE_EMPTY,         "idle-empty", 0) \
    X(CS_REQUEST,  IDLE_RESOURCE_REQ,  "idle-resource-req", 0) \
    X(CS_REQUEST,  TILER_OOM,          "tiler-oom", 0) \
    X(CS_REQUEST,  PROTM_PENDING,      "protm-pending", 0) \
    X(CS_REQUEST,  FATAL,              "fatal", 0) \
    X(CS_REQUEST,  FAULT,              "fault", 0) \
    X(EP_REQUEST,  COMPUTE,            "compute", 0) \
    X(EP_REQUEST,  FRAGMENT,           "fragment", 0) \
    X(EP_REQUEST,  TILER,              "tiler", 0) \
    X(EP_REQUEST,  PRIORITY,           "priority", 0)

/*
 * X(enumerator, path, min, max, optional, fallback)
 *
 * Registers and scoreboards of 0 are those that the GPU has, a suspend size of
 * 0 is what the streams take.  The claims are what the control blocks say in
 * place of the truth; CSF_HONEST claims nothing.
 */
#define CSF_VALUES(X) \
    X(VERSION_MAJOR,      "version/major", 0, 255, 0, 0) \
    X(VERSION_MINOR,      "version/minor", 0, 255, 0, 0) \
    X(VERSION_PATCH,      "version/patch", 0, 65535, 0, 0) \
    X(FEATURES,           "features/global", 0, UINT32_MAX, 1, 0) \
    X(INSTR_FEATURES,     "features/instrumentation", 0, UINT32_MAX, 1, 0) \
    X(CSG_FEATURES,       "features/group", 0, UINT32_MAX, 1, 0) \
    X(ENDPOINTS,          "features/endpoints", 0, 7, 1, 7) \
    X(GROUPS,             "counts/groups", 1, 64, 0, 0) \
    X(STREAMS,            "counts/streams", 1, 64, 0, 0) \
    X(WORK_REGS,          "counts/work-registers", 0, 256, 1, 0) \
    X(SCOREBOARDS,        "counts/scoreboards", 0, 16, 1, 0) \
    X(CLAIM_GROUPS,       "claims/groups", 0, UINT32_MAX, 1, CSF_HONEST) \
    X(CLAIM_GROUP_STRIDE, "claims/group-control-stride", 0, UINT32_MAX, 1, \
      CSF_HONEST) \
    X(CLAIM_STREAMS,      "claims/streams", 0, UINT32_MAX, 1, CSF_HONEST) \
    X(CLAIM_STREAM_STRIDE, "claims/stream-control-stride", 0, UINT32_MAX, 1, \
      CSF_HONEST) \
    X(CLAIM_SUSPEND,      "claims/suspend-size", 0, UINT32_MAX, 1, \
      CSF_HONEST) \
    X(CLAIM_GLB_INPUT,    "claims/global-input-va", 0, UINT32_MAX, 1, \
      CSF_HONEST) \
    X(CLAIM_GLB_OUTPUT,   "claims/global-output-va", 0, UINT32_MAX, 1, \
      CSF_HONEST) \
    X(CLAIM_SCOREBOARDS,  "claims/scoreboards", 0, 255, 1, CSF_HONEST) \
    X(SHARED_VA,          "memory/shared-va", 0, UINT32_MAX, 0, 0) \
    X(SHARED_SIZE,        "memory/shared-size", 4096, 0x4000000, 0, 0) \
    X(GROUP_OFFSET,       "memory/group-control-offset", 0, UINT32_MAX, 0, 0) \
    X(GROUP_STRIDE,       "memory/group-control-stride", 0, UINT32_MAX, 0, 0) \
    X(STREAM_OFFSET,      "memory/stream-control-offset", 0, UINT32_MAX, 0, 0) \
    X(STREAM_STRIDE,      "memory/stream-control-stride", 0, UINT32_MAX, 0, 0) \
    X(INPUT_OFFSET,       "memory/input-offset", 0, UINT32_MAX, 0, 0) \
    X(OUTPUT_OFFSET,      "memory/output-offset", 0, UINT32_MAX, 0, 0) \
    X(BLOCK_STRIDE,       "memory/block-stride", 0, UINT32_MAX, 0, 0) \
    X(SUSPEND_SIZE,       "memory/suspend-size", 0, UINT32_MAX, 1, 0) \
    X(PROTM_SUSPEND_SIZE, "memory/protm-suspend-size", 0, UINT32_MAX, 0, 0) \
    X(GLB_STATE_ACTIVE,   "glb-state/active", 0, 7, 1, 0) \
    X(GLB_STATE_HALT,     "glb-state/halt", 0, 7, 1, 1) \
    X(CSG_TERMINATE,      "csg-state/terminate", 0, 7, 0, 0) \
    X(CSG_START,          "csg-state/start", 0, 7, 0, 0) \
    X(CSG_SUSPEND,        "csg-state/suspend", 0, 7, 0, 0) \
    X(CSG_RESUME,         "csg-state/resume", 0, 7, 0, 0) \
    X(CS_STOP,            "cs-state/stop", 0, 7, 0, 0) \
    X(CS_START,           "cs-state/start", 0, 7, 0, 0) \
    X(BLOCKED_NONE,       "blocked-reason/none", 0, 15, 0, 0) \
    X(BLOCKED_SB,         "blocked-reason/scoreboard", 0, 15, 0, 0) \
    X(BLOCKED_PROGRESS,   "blocked-reason/progress", 0, 15, 0, 0) \
    X(BLOCKED_SYNC,       "blocked-reason/sync", 0, 15, 0, 0) \
    X(BLOCKED_DEFERRED,   "blocked-reason/deferred", 0, 15, 0, 0) \
    X(BLOCKED_RESOURCE,   "blocked-reason/resource", 0, 15, 0, 0) \
    X(BLOCKED_FLUSH,      "blocked-reason/flush", 0, 15, 0, 0) \
    X(WAIT_SB_SRC_WAIT,   "wait-source/wait", 0, 15, 0, 0) \
    X(TIMER_SHIFT,        "timers/shift", 0, 31, 0, 0) \
    X(TIMER_GPU_CYCLES,   "timers/gpu-cycles-bit", 0, 31, 0, 0)

/* X(enumerator, name) */
#define CSF_CAPS(X) \
    X(GLB_HALT,       "glb-halt") \
    X(GLB_STATE,      "glb-state") \
    X(ENDPOINT_REQ2,  "endpoint-req2") \
    X(LAYOUT_IN_IMAGE, "layout-in-image")

#define X_(id, name) CSF_S_##id,
enum CsfStruct { CSF_STRUCTS(X_) CSF_NR_STRUCTS };
#undef X_
#define X_(s, id, name, opt) CSF_F_##s##_##id,
enum CsfField { CSF_FIELDS(X_) CSF_NR_FIELDS };
#undef X_
#define X_(id, path, min, max, opt, fallback) CSF_V_##id,
enum CsfValue { CSF_VALUES(X_) CSF_NR_VALUES };
#undef X_
#define X_(id, name) CSF_CAP_##id,
enum CsfCap { CSF_CAPS(X_) CSF_NR_CAPS };
#undef X_

/** csf_layout_spec - what a profile must hold for this stub to run it. */
extern const FwLayoutSpec csf_layout_spec;

/**
 * csf_layout_check() - do the numbers of a resolved profile fit together?
 * @layout: result of fw_layout_load().
 * @file:   name for messages.
 * @err:    set if the function returns false.
 *
 * Blocks must lie in the shared section and apart from each other, and a
 * capability's fields must be there.  With "layout-in-image" the blocks are
 * not the profile's, and only the rest is checked.
 */
bool csf_layout_check(const FwLayout *layout, const char *file, FwError *err);

#endif /* CSF_LAYOUT_H */
