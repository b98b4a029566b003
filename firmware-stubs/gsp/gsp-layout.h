/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the GSP stub needs of an ABI profile, by name.
 *
 * Structs, fields and values here are the vocabulary of dts/abi/gsp-*.dts.
 * "wpr-meta", "sr-meta" and "fmc-params" are for the device, which walks the
 * boot chain.
 */
#ifndef GSP_LAYOUT_H
#define GSP_LAYOUT_H

#include "fw/layout.h"

/** GSP_NONE - value of a number that a profile does not have. */
#define GSP_NONE UINT64_MAX

#define GSP_STRUCTS(X) \
    X(WPR,         "wpr-meta") \
    X(SR,          "sr-meta") \
    X(FMC,         "fmc-params") \
    X(LIBOS,       "libos-region") \
    X(ARGS,        "rm-args") \
    X(TX,          "queue-tx") \
    X(RX,          "queue-rx") \
    X(ELEMENT,     "element") \
    X(RPC,         "rpc") \
    X(SYSTEM,      "system-info") \
    X(REGISTRY,    "registry") \
    X(ENTRY,       "registry-entry") \
    X(SEQUENCER,   "sequencer") \
    X(STATIC,      "static-info") \
    X(UNLOAD,      "unload") \
    X(BAR_PDE,     "bar-pde") \
    X(ALLOC,       "rm-alloc") \
    X(CONTROL,     "rm-control") \
    X(FREE,        "rm-free") \
    X(MEMORY,      "alloc-memory") \
    X(CLIENT,      "client-alloc") \
    X(DEVICE,      "device-alloc") \
    X(SUBDEVICE,   "subdevice-alloc") \
    X(SPACE,       "space-alloc") \
    X(CHANNEL,     "channel-alloc") \
    X(COPY,        "copy-alloc") \
    X(INTR,        "interrupts") \
    X(FIFO,        "fifo-devices") \
    X(FIFO_ENTRY,  "fifo-device") \
    X(FALCONS,     "falcons") \
    X(FAULT_SIZE,  "fault-buffer") \
    X(GR_CTX,      "context-buffers") \
    X(GR_CTX_SET,  "context-buffer-set") \
    X(PROMOTE,     "promote-context") \
    X(GPC,         "gpc-info") \
    X(TPC,         "tpc-info") \
    X(COPY_PDES,   "copy-pdes") \
    X(BIND,        "channel-bind") \
    X(SCHEDULE,    "channel-schedule") \
    X(FBSR,        "fbsr-init") \
    X(REGION,      "fbsr-region") \
    X(TOGGLE,      "toggle-channels") \
    X(RC,          "rc-triggered") \
    X(OS_ERROR,    "os-error") \
    X(POST,        "post-event") \
    X(SET_ROOT,    "set-page-directory") \
    X(UNSET_ROOT,  "unset-page-directory") \
    X(MEMSYS,      "memory-config") \
    X(ZCULL,       "zcull-info") \
    X(GCX,         "gcx-ready") \
    X(DISPLAY_MEMORY, "display-memory") \
    X(DISPLAY_INFO,   "display-info") \
    X(DISPLAY_HEADS,  "display-heads") \
    X(DISPLAY_MASK,   "display-head-mask") \
    X(DISPLAY_OUTPUTS, "display-outputs")

/* X(struct, enumerator suffix, property, optional) */
#define GSP_FIELDS(X) \
    X(WPR, MAGIC,            "magic", 0) \
    X(WPR, REVISION,         "revision", 0) \
    X(WPR, IMAGE,            "image", 0) \
    X(WPR, IMAGE_BYTES,      "image-bytes", 0) \
    X(WPR, LOADER,           "loader", 0) \
    X(WPR, LOADER_BYTES,     "loader-bytes", 0) \
    X(WPR, LOADER_CODE,      "loader-code", 0) \
    X(WPR, LOADER_DATA,      "loader-data", 0) \
    X(WPR, LOADER_MANIFEST,  "loader-manifest", 0) \
    X(WPR, SIGNATURE,        "signature", 0) \
    X(WPR, SIGNATURE_BYTES,  "signature-bytes", 0) \
    X(WPR, RSVD_START,       "reserved-start", 0) \
    X(WPR, FREE_HEAP,        "unprotected-heap", 0) \
    X(WPR, FREE_HEAP_BYTES,  "unprotected-heap-bytes", 0) \
    X(WPR, START,            "wpr-start", 0) \
    X(WPR, HEAP,             "heap", 0) \
    X(WPR, HEAP_BYTES,       "heap-bytes", 0) \
    X(WPR, FW,               "firmware", 0) \
    X(WPR, FW_LOADER,        "firmware-loader", 0) \
    X(WPR, FRTS,             "frts", 0) \
    X(WPR, FRTS_BYTES,       "frts-bytes", 0) \
    X(WPR, END,              "wpr-end", 0) \
    X(WPR, FB_BYTES,         "fb-bytes", 0) \
    X(WPR, VGA,              "vga", 0) \
    X(WPR, VGA_BYTES,        "vga-bytes", 0) \
    X(WPR, BOOT_COUNT,       "boot-count", 0) \
    X(WPR, VERIFIED,         "verified", 0) \
    X(SR,  MAGIC,            "magic", 0) \
    X(SR,  REVISION,         "revision", 0) \
    X(SR,  DATA,             "data", 0) \
    X(SR,  DATA_BYTES,       "data-bytes", 0) \
    X(SR,  SEAL,             "seal", 0) \
    X(FMC, META,             "meta", 0) \
    X(FMC, META_BYTES,       "meta-bytes", 0) \
    X(FMC, META_PLACE,       "meta-place", 0) \
    X(FMC, FIRMWARE,         "firmware", 0) \
    X(FMC, LIBOS,            "libos", 0) \
    X(FMC, LIBOS_PLACE,      "libos-place", 0) \
    X(LIBOS, ID,             "id", 0) \
    X(LIBOS, ADDRESS,        "address", 0) \
    X(LIBOS, BYTES,          "bytes", 0) \
    X(LIBOS, KIND,           "kind", 0) \
    X(LIBOS, PLACE,          "place", 0) \
    X(ARGS, SHARED,          "shared", 0) \
    X(ARGS, PAGES,           "pages", 0) \
    X(ARGS, CMD,             "command-queue", 0) \
    X(ARGS, STAT,            "status-queue", 0) \
    X(ARGS, OLD_LEVEL,       "old-level", 0) \
    X(ARGS, IN_PM,           "in-pm", 0) \
    X(TX, VERSION,           "version", 0) \
    X(TX, BYTES,             "bytes", 0) \
    X(TX, ENTRY_BYTES,       "entry-bytes", 0) \
    X(TX, ENTRIES,           "entries", 0) \
    X(TX, WRITE,             "write", 0) \
    X(TX, FLAGS,             "flags", 0) \
    X(TX, RX_OFFSET,         "rx-offset", 0) \
    X(TX, ENTRY_OFFSET,      "entry-offset", 0) \
    X(RX, READ,              "read", 0) \
    X(ELEMENT, CHECKSUM,     "checksum", 0) \
    X(ELEMENT, SEQUENCE,     "sequence", 0) \
    X(ELEMENT, COUNT,        "count", 0) \
    X(RPC, VERSION,          "version", 0) \
    X(RPC, SIGNATURE,        "signature", 0) \
    X(RPC, LENGTH,           "length", 0) \
    X(RPC, FUNCTION,         "function", 0) \
    X(RPC, RESULT,           "result", 0) \
    X(RPC, RESULT_PRIVATE,   "result-private", 0) \
    X(RPC, SEQUENCE,         "sequence", 0) \
    X(SYSTEM, BAR0,          "bar0", 0) \
    X(SYSTEM, BAR1,          "bar1", 0) \
    X(SYSTEM, BAR2,          "bar2", 0) \
    X(REGISTRY, BYTES,       "bytes", 0) \
    X(REGISTRY, ENTRIES,     "entries", 0) \
    X(ENTRY, KEY,            "key", 0) \
    X(ENTRY, TYPE,           "type", 0) \
    X(ENTRY, DATA,           "data", 0) \
    X(ENTRY, LENGTH,         "length", 0) \
    X(SEQUENCER, BUFFER,     "buffer-words", 0) \
    X(SEQUENCER, USED,       "used-words", 0) \
    X(STATIC, GPC_MASK,      "gpc-mask", 1) \
    X(STATIC, TPC_GPC,       "tpc-gpc", 1) \
    X(STATIC, TPC_MASK,      "tpc-mask", 1) \
    X(STATIC, REGIONS,       "regions", 0) \
    X(STATIC, REGION_BASE,   "region-base", 0) \
    X(STATIC, REGION_LIMIT,  "region-limit", 0) \
    X(STATIC, REGION_RSVD,   "region-reserved", 0) \
    X(STATIC, REGION_PERF,   "region-performance", 0) \
    X(STATIC, REGION_COMP,   "region-compressed", 0) \
    X(STATIC, REGION_ISO,    "region-iso", 0) \
    X(STATIC, REGION_PROT,   "region-protected", 0) \
    X(STATIC, FB_BYTES,      "fb-bytes", 0) \
    X(STATIC, NAME,          "title", 0) \
    X(STATIC, BAR1_ROOT,     "bar1-root", 0) \
    X(STATIC, BAR2_ROOT,     "bar2-root", 0) \
    X(STATIC, CLIENT,        "client", 0) \
    X(STATIC, DEVICE,        "device", 0) \
    X(STATIC, SUBDEVICE,     "subdevice", 0) \
    X(STATIC, FREE_HEAP,     "unprotected-heap", 1) \
    X(STATIC, FRTS,          "frts", 1) \
    X(UNLOAD, IN_PM,         "in-pm", 0) \
    X(UNLOAD, LEVEL,         "level", 0) \
    X(BAR_PDE, BAR,          "bar", 0) \
    X(BAR_PDE, ENTRY,        "entry", 0) \
    X(BAR_PDE, SHIFT,        "shift", 0) \
    X(ALLOC, CLIENT,         "client", 0) \
    X(ALLOC, PARENT,         "parent", 0) \
    X(ALLOC, OBJECT,         "object", 0) \
    X(ALLOC, CLASS,          "class", 0) \
    X(ALLOC, STATUS,         "status", 0) \
    X(ALLOC, PARAMS,         "params-bytes", 0) \
    X(CONTROL, CLIENT,       "client", 0) \
    X(CONTROL, OBJECT,       "object", 0) \
    X(CONTROL, CMD,          "command", 0) \
    X(CONTROL, STATUS,       "status", 0) \
    X(CONTROL, PARAMS,       "params-bytes", 0) \
    X(FREE, CLIENT,          "client", 0) \
    X(FREE, OBJECT,          "object", 0) \
    X(FREE, STATUS,          "status", 0) \
    X(MEMORY, CLIENT,        "client", 0) \
    X(MEMORY, DEVICE,        "device", 0) \
    X(MEMORY, MEMORY,        "memory", 0) \
    X(MEMORY, CLASS,         "class", 0) \
    X(MEMORY, LENGTH,        "length", 0) \
    X(MEMORY, PAGES,         "pages", 0) \
    X(CLIENT, CLIENT,        "client", 0) \
    X(SPACE, INDEX,          "index", 0) \
    X(SPACE, FLAGS,          "flags", 0) \
    X(CHANNEL, GPFIFO,       "gpfifo", 0) \
    X(CHANNEL, ENTRIES,      "entries", 0) \
    X(CHANNEL, USERD_INDEX,  "userd-index", 0) \
    X(CHANNEL, USERD_PAGE,   "userd-page", 0) \
    X(CHANNEL, SPACE,        "space", 0) \
    X(CHANNEL, ENGINE,       "engine", 0) \
    X(CHANNEL, INST,         "instance", 0) \
    X(CHANNEL, INST_PLACE,   "instance-place", 0) \
    X(CHANNEL, USERD,        "userd", 0) \
    X(CHANNEL, USERD_PLACE,  "userd-place", 0) \
    X(COPY, ENGINE,          "engine", 0) \
    X(INTR, COUNT,           "count", 0) \
    X(INTR, ENGINE,          "engine", 0) \
    X(INTR, MASK,            "mask", 0) \
    X(INTR, STALL,           "stall", 0) \
    X(INTR, NONSTALL,        "nonstall", 0) \
    X(INTR, TREE_FIRST,      "subtree-first", 0) \
    X(INTR, TREE_LAST,       "subtree-last", 0) \
    X(FIFO, BASE,            "base", 0) \
    X(FIFO, COUNT,           "count", 0) \
    X(FIFO, MORE,            "more", 0) \
    X(FIFO, PBDMAS,          "pbdmas", 0) \
    X(FIFO_ENTRY, DATA,      "data", 0) \
    X(FIFO_ENTRY, PBDMA,     "pbdma", 0) \
    X(FIFO_ENTRY, FAULT,     "pbdma-fault", 0) \
    X(FIFO_ENTRY, PBDMAS,    "pbdmas", 0) \
    X(FIFO_ENTRY, NAME,      "title", 0) \
    X(FALCONS, COUNT,        "count", 0) \
    X(FALCONS, DESC,         "description", 0) \
    X(FALCONS, BYTES,        "context-bytes", 0) \
    X(FAULT_SIZE, BYTES,     "bytes", 0) \
    X(GR_CTX_SET, BYTES,     "bytes", 0) \
    X(GR_CTX_SET, ALIGN,     "alignment", 0) \
    X(PROMOTE, CLIENT,       "client", 0) \
    X(PROMOTE, CHANNEL,      "channel", 0) \
    X(PROMOTE, COUNT,        "count", 0) \
    X(GPC, MASK,             "mask", 0) \
    X(TPC, GPC,              "gpc", 0) \
    X(TPC, MASK,             "mask", 0) \
    X(COPY_PDES, LEVELS,     "levels", 0) \
    X(COPY_PDES, ADDRESS,    "address", 0) \
    X(COPY_PDES, PLACE,      "place", 0) \
    X(BIND, ENGINE,          "engine", 0) \
    X(SCHEDULE, ENABLE,      "enable", 0) \
    X(FBSR, CLIENT,          "client", 0) \
    X(FBSR, MEMORY,          "memory", 0) \
    X(FBSR, OWN,             "own-offset", 1) \
    X(REGION, CLIENT,        "client", 1) \
    X(REGION, MEMORY,        "memory", 1) \
    X(REGION, FROM,          "memory-offset", 1) \
    X(REGION, TO,            "save-offset", 1) \
    X(REGION, BYTES,         "bytes", 1) \
    X(TOGGLE, DISABLE,       "disable", 1) \
    X(RC, ENGINE,            "engine", 0) \
    X(RC, CHID,              "channel", 0) \
    X(RC, TYPE,              "type", 0) \
    X(RC, SCOPE,             "scope", 0) \
    X(RC, ADDRESS_LO,        "fault-address-low", 1) \
    X(RC, ADDRESS_HI,        "fault-address-high", 1) \
    X(RC, FAULT,             "fault-type", 1) \
    X(OS_ERROR, TYPE,        "type", 0) \
    X(OS_ERROR, RUNLIST,     "runlist", 0) \
    X(OS_ERROR, CHID,        "channel", 0) \
    X(OS_ERROR, TEXT,        "text", 0) \
    X(POST, CLIENT,          "client", 0) \
    X(POST, EVENT,           "event", 0) \
    X(POST, INDEX,           "index", 0) \
    X(POST, DATA,            "data", 0) \
    X(POST, STATUS,          "status", 0) \
    X(POST, BYTES,           "bytes", 0) \
    X(SET_ROOT, ADDRESS,     "address", 1) \
    X(SET_ROOT, PLACE,       "place", 1) \
    X(SET_ROOT, SPACE,       "space", 1) \
    X(UNSET_ROOT, SPACE,     "space", 1) \
    X(MEMSYS, L2_BYTES,      "l2-bytes", 1) \
    X(ZCULL, WIDTH,          "width-align", 1) \
    X(ZCULL, HEIGHT,         "height-align", 1) \
    X(ZCULL, REGIONS,        "subregions", 1) \
    X(GCX, GC6,              "gc6", 1) \
    X(GCX, OFF,              "power-off", 1) \
    X(DISPLAY_MEMORY, ADDRESS, "address", 0) \
    X(DISPLAY_MEMORY, BYTES, "bytes", 0) \
    X(DISPLAY_MEMORY, PLACE, "place", 0) \
    X(DISPLAY_INFO, WINDOWS, "windows", 0) \
    X(DISPLAY_INFO, HEADS,   "heads", 0) \
    X(DISPLAY_HEADS, COUNT,  "heads", 0) \
    X(DISPLAY_MASK, HEADS,   "heads", 0) \
    X(DISPLAY_OUTPUTS, MASK, "outputs", 0)

#define GSP_ENGINES(X) \
    X(GR,    "gr") \
    X(CE,    "ce") \
    X(NVDEC, "nvdec") \
    X(NVENC, "nvenc") \
    X(NVJPG, "nvjpg") \
    X(OFA,   "ofa") \
    X(SEC2,  "sec2") \
    X(GSP,   "gsp") \
    X(DISP,  "disp") \
    X(DISP_LOW, "disp-low")

/*
 * X(enumerator, path): numbers that every profile has.
 */
#define GSP_NUMBERS(X) \
    X(RPC_MEMORY,         "rpc/alloc-memory") \
    X(RPC_FREE,           "rpc/free") \
    X(RPC_UNLOAD,         "rpc/unload") \
    X(RPC_STATIC,         "rpc/static-info") \
    X(RPC_BAR_PDE,        "rpc/bar-pde") \
    X(RPC_MORE,           "rpc/continuation") \
    X(RPC_SYSTEM,         "rpc/system-info") \
    X(RPC_REGISTRY,       "rpc/registry") \
    X(RPC_CONTROL,        "rpc/rm-control") \
    X(RPC_ALLOC,          "rpc/rm-alloc") \
    X(RPC_VERSION,        "rpc/version") \
    X(RPC_SIGNATURE,      "rpc/signature") \
    X(EVENT_INIT_DONE,    "event/init-done") \
    X(EVENT_SEQUENCER,    "event/sequencer") \
    X(EVENT_POST,         "event/post-event") \
    X(EVENT_RC,           "event/rc-triggered") \
    X(EVENT_MMU_FAULT,    "event/mmu-fault-queued") \
    X(EVENT_OS_ERROR,     "event/os-error") \
    X(CTRL_INTR,          "control/interrupts") \
    X(CTRL_FIFO,          "control/fifo-devices") \
    X(CTRL_FALCONS,       "control/falcons") \
    X(CTRL_FAULT_SIZE,    "control/fault-buffer") \
    X(CTRL_GR_CTX,        "control/context-buffers") \
    X(CTRL_PROMOTE,       "control/promote-context") \
    X(CTRL_COPY_PDES,     "control/copy-pdes") \
    X(CTRL_BIND,          "control/channel-bind") \
    X(CTRL_SCHEDULE,      "control/channel-schedule") \
    X(CTRL_NOTIFY,        "control/event-notification") \
    X(CTRL_FBSR,          "control/fbsr-init") \
    X(STATUS_IN_USE,      "status/handle-in-use") \
    X(STATUS_RESOURCES,   "status/insufficient-resources") \
    X(STATUS_ARGUMENT,    "status/invalid-argument") \
    X(STATUS_CHANNEL,     "status/invalid-channel") \
    X(STATUS_CLASS,       "status/invalid-class") \
    X(STATUS_CLIENT,      "status/invalid-client") \
    X(STATUS_COMMAND,     "status/invalid-command") \
    X(STATUS_OBJECT,      "status/invalid-object") \
    X(STATUS_PARENT,      "status/invalid-parent") \
    X(STATUS_PARAMS,      "status/invalid-params") \
    X(STATUS_UNSUPPORTED, "status/not-supported") \
    X(STATUS_NOT_FOUND,   "status/object-not-found") \
    X(RESULT_FUNCTION,    "result/unknown-function") \
    X(RESULT_FORMAT,      "result/invalid-format") \
    X(LIBOS_CONTIGUOUS,   "libos/contiguous") \
    X(LIBOS_SYSTEM,       "libos/system-memory") \
    X(FIFO_DESC,          "fifo-data/description") \
    X(FIFO_TYPE,          "fifo-data/engine-type") \
    X(FIFO_RUNLIST,       "fifo-data/runlist") \
    X(FIFO_INSTANCE,      "fifo-data/instance") \
    X(FIFO_BASE,          "fifo-data/runlist-base") \
    X(FIFO_DRIVEN,        "fifo-data/host-driven") \
    X(FIFO_INDEX,         "fifo-data/runlist-engine") \
    X(PLACE_FB,           "place/channel-memory") \
    X(PLACE_PDES,         "place/copied-directory") \
    X(PLACE_ROOT,         "place/page-directory") \
    X(HANDLE_CLIENT,      "handle/client") \
    X(HANDLE_DEVICE,      "handle/device") \
    X(HANDLE_SUBDEVICE,   "handle/subdevice")

/* The same for those that a profile may do without: GSP_NONE then. */
#define GSP_OPTIONAL_NUMBERS(X) \
    X(EVENT_LIBOS_PRINT,  "event/libos-print") \
    X(EVENT_NOCAT,        "event/nocat-record") \
    X(EVENT_LOCKDOWN,     "event/lockdown-notice") \
    X(CTRL_GPC,           "control/gpc-info") \
    X(CTRL_TPC,           "control/tpc-info") \
    X(CTRL_MEMSYS,        "control/memory-config") \
    X(CTRL_SET_ROOT,      "control/set-page-directory") \
    X(CTRL_UNSET_ROOT,    "control/unset-page-directory") \
    X(CTRL_ZCULL,         "control/zcull-info") \
    X(CTRL_SCRUBBER,      "control/scrubber") \
    X(CTRL_GCX,           "control/gcx-ready") \
    X(CTRL_FBSR_REGION,   "control/fbsr-region") \
    X(CTRL_TOGGLE,        "control/toggle-channels") \
    X(CTRL_COMPBIT,       "control/compbit-store") \
    X(CTRL_RAW_COMP,      "control/raw-compression") \
    X(CTRL_DISPLAY_MEMORY,   "control/display-memory") \
    X(CTRL_DISPLAY_INFO,     "control/display-info") \
    X(CTRL_DISPLAY_LIGHT,    "control/display-brightness") \
    X(CTRL_DISPLAY_MANUAL,   "control/display-manual") \
    X(CTRL_DISPLAY_HEADS,    "control/display-heads") \
    X(CTRL_DISPLAY_MASK,     "control/display-head-mask") \
    X(CTRL_DISPLAY_OUTPUTS,  "control/display-outputs")

#define GSP_CLASSES(X) \
    X(ROOT,            "root") \
    X(DEVICE,          "device") \
    X(SUBDEVICE,       "subdevice") \
    X(SPACE,           "space") \
    X(EVENT,           "event") \
    X(MEMORY_SYSTEM,   "memory-system") \
    X(MEMORY_FB,       "memory-fb") \
    X(CHANNEL_TURING,  "channel-turing") \
    X(CHANNEL_AMPERE,  "channel-ampere") \
    X(CHANNEL_BLACKWELL, "channel-blackwell") \
    X(COPY_TURING,     "copy-turing") \
    X(COPY_AMPERE,     "copy-ampere") \
    X(COPY_BLACKWELL,  "copy-blackwell") \
    X(THREED_TURING,   "threed-turing") \
    X(THREED_AMPERE,   "threed-ampere") \
    X(THREED_ADA,      "threed-ada") \
    X(THREED_BLACKWELL, "threed-blackwell") \
    X(COMPUTE_TURING,  "compute-turing") \
    X(COMPUTE_AMPERE,  "compute-ampere") \
    X(COMPUTE_ADA,     "compute-ada") \
    X(COMPUTE_BLACKWELL, "compute-blackwell") \
    X(TWOD,            "twod") \
    X(INLINE,          "inline") \
    X(INLINE_BLACKWELL, "inline-blackwell") \
    X(DISPLAY_COMMON,     "display-common") \
    X(DISPLAY_BLACKWELL,  "display-blackwell")

/* Sizes of the buffers of a graphics context, bytes. */
#define GSP_CONTEXT_BUFFERS(X) \
    X(MAIN,         "main") \
    X(PATCH,        "patch") \
    X(BUNDLE,       "bundle") \
    X(PAGEPOOL,     "pagepool") \
    X(ATTRIBUTE,    "attribute") \
    X(RTV,          "rtv") \
    X(FECS_EVENT,   "fecs-event") \
    X(PRIV_ACCESS,  "priv-access") \
    X(ZCULL,        "zcull")

#define X_(id, name) GSP_S_##id,
enum GspStruct { GSP_STRUCTS(X_) GSP_NR_STRUCTS };
#undef X_
#define X_(s, id, name, opt) GSP_F_##s##_##id,
enum GspField { GSP_FIELDS(X_) GSP_NR_FIELDS };
#undef X_

/*
 * Of each kind of engine (GspEngineKind): its first RM_ENGINE_TYPE, its first
 * NV2080_ENGINE_TYPE and its first MC_ENGINE_IDX.
 */
#define X_(id, name) GSP_V_##id,
#define E_(id, name) GSP_V_RM_##id, GSP_V_2080_##id, GSP_V_MC_##id,
#define C_(id, name) GSP_V_CLASS_##id,
#define B_(id, name) GSP_V_CTX_##id, GSP_V_CTX_##id##_BYTES,
enum GspValue {
    GSP_NUMBERS(X_)
    GSP_OPTIONAL_NUMBERS(X_)
    GSP_CLASSES(C_)
    GSP_ENGINES(E_)
    GSP_CONTEXT_BUFFERS(B_)
    GSP_NR_VALUES
};
#undef X_
#undef E_
#undef C_
#undef B_

#define C_(id, name) GSP_CLASS_##id,
/** enum GspClass - what a class is, see GspObject.kind. */
enum GspClass { GSP_CLASSES(C_) GSP_NR_CLASSES };
#undef C_

/** gsp_layout_spec - what a profile must hold for this stub to run it. */
extern const FwLayoutSpec gsp_layout_spec;

/**
 * gsp_layout_check() - do the numbers of a resolved profile fit together?
 * @layout: result of fw_layout_load().
 * @file:   name for messages.
 * @err:    set if the function returns false.
 */
bool gsp_layout_check(const FwLayout *layout, const char *file, FwError *err);

#endif /* GSP_LAYOUT_H */
