/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the GSP stub share.  See docs/gsp-stub.md.
 */
#ifndef GSP_INTERNAL_H
#define GSP_INTERNAL_H

#include "gsp.h"

#define GSP_VALUE(g, id) ((g)->layout.value[GSP_V_##id])
#define GSP_SIZE(g, id) ((g)->layout.struct_size[GSP_S_##id])
#define GSP_FIELD(g, id) (&(g)->layout.field[GSP_F_##id])
#define GSP_GET(g, id, buf) fw_get(GSP_FIELD(g, id), buf)
#define GSP_PUT(g, id, buf, v) fw_put(GSP_FIELD(g, id), buf, v)

/** GSP_CHANNEL_KINDS - channels of all chips, a bit of each (GspClass). */
#define GSP_CHANNEL_KINDS \
    (1u << GSP_CLASS_CHANNEL_TURING | 1u << GSP_CLASS_CHANNEL_AMPERE | \
     1u << GSP_CLASS_CHANNEL_BLACKWELL)

static inline bool gsp_is_channel(unsigned kind)
{
    return GSP_CHANNEL_KINDS >> kind & 1;
}

/** GSP_TOLD_ALL - GspState.told when the firmware can initialise. */
#define GSP_TOLD_SYSTEM 1u
#define GSP_TOLD_REGISTRY 2u
#define GSP_TOLD_ALL 3u

/**
 * enum GspFault - what is wrong with a message or queue, for the tap
 * (FwTapEvent.a of FW_TAP_FAULT "queue")
 */
typedef enum GspFault {
    GSP_FAULT_POINTER = 1,  /* the other side's pointer is outside the ring */
    GSP_FAULT_COUNT,        /* element count of 0 or more than allowed */
    GSP_FAULT_LENGTH,       /* RPC length that its elements do not hold */
    GSP_FAULT_CHECKSUM,
    GSP_FAULT_SEQUENCE,
    GSP_FAULT_SIGNATURE,    /* RPC version or signature */
    GSP_FAULT_MORE,         /* continuation without, or missing after, a head */
    GSP_FAULT_MEMORY,       /* shared memory cannot be reached */
    GSP_FAULT_OVERFLOW,     /* more events than the firmware keeps */
    GSP_FAULT_REGISTRY,     /* the registry is malformed */
} GspFault;

/**
 * struct GspCall - a message at hand
 * @function: RPC function.
 * @sequence: as the host numbers its RPCs.
 * @payload:  first byte behind the RPC header, in Gsp.message.
 * @length:   bytes of payload.
 * @gathered: it came in several elements: @payload is its head, all of it
 *            went through gsp_stage().
 * @result:   what the answer's header says; 0: fine.
 */
typedef struct GspCall {
    uint32_t function;
    uint32_t sequence;
    uint8_t *payload;
    uint32_t length;
    uint32_t result;
    bool gathered;
} GspCall;

/* mem.c: memory, tap, timers */
bool gsp_shared_read(Gsp *g, uint64_t off, void *buf, uint32_t len);
bool gsp_shared_write(Gsp *g, uint64_t off, const void *buf, uint32_t len);

/** gsp_load() - copy struct @strct at bus address @addr. */
bool gsp_load(Gsp *g, unsigned strct, uint64_t addr, uint8_t *buf);

/**
 * gsp_show() - let a scenario change a struct that is about to be written
 * @a: what it is about.
 * False: it wants the struct left out.
 */
bool gsp_show(Gsp *g, unsigned strct, uint8_t *buf, uint64_t a);

FwVerdict gsp_tap(Gsp *g, FwTapKind kind, const char *name, uint64_t a,
                  uint64_t b);
void gsp_fault(Gsp *g, GspFault fault, uint64_t data);
void gsp_timer_arm(Gsp *g, unsigned id, int64_t deadline);
void gsp_timers_off(Gsp *g);

/** gsp_retry() - look at the queues again at @deadline, or earlier. */
void gsp_retry(Gsp *g, int64_t deadline);
bool gsp_refuse(FwError *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** gsp_fatal() - the firmware stops for good, with a sentence. */
void gsp_fatal(Gsp *g, const FwError *err);

static inline bool gsp_alive(const Gsp *g)
{
    return g->s.running == FW_STATE_RUNNING && !g->s.hung && g->layout_ok;
}

/* queue.c */
bool gsp_queue_open(Gsp *g, bool resume, FwError *err);
void gsp_queue_run(Gsp *g);
uint8_t *gsp_payload(Gsp *g);

/** gsp_queue_fits() - is there room for a message of @length payload? */
bool gsp_queue_fits(Gsp *g, uint32_t length);

/** gsp_queue_post() - send what gsp_payload() holds; it must fit. */
void gsp_queue_post(Gsp *g, uint32_t function, uint32_t sequence,
                    uint32_t result, uint32_t length);

/* suspend.c: what is kept while there is no power */

/** gsp_heap_ok() - does the heap in the protected region hold it all? */
bool gsp_heap_ok(const Gsp *g);

/** gsp_stage() - bytes from @off on of a payload that comes in pieces. */
void gsp_stage(Gsp *g, uint64_t off, const uint8_t *bytes, uint32_t len);

/** gsp_memory_list() - the staged list of @pages becomes memory object @o's. */
uint32_t gsp_memory_list(Gsp *g, const GspObject *o, uint64_t pages);

/* Controls: where frame buffer is to be saved, and a piece of it. */
uint32_t gsp_save_init(Gsp *g, GspObject *o, uint8_t *params);
uint32_t gsp_save_region(Gsp *g, GspObject *o, uint8_t *params);

/** gsp_suspend_step() - go on with the save; true: all is saved. */
bool gsp_suspend_step(Gsp *g);

/** gsp_resume_step() - the reverse, for frame buffer. */
bool gsp_resume_step(Gsp *g);

/** gsp_step_end() - when the next step is due. */
int64_t gsp_step_end(const Gsp *g);

/** gsp_image_load() - take over what the firmware knew; false: nothing is. */
bool gsp_image_load(Gsp *g, FwError *err);
bool gsp_save_check(const GspState *s);

/* boot.c: do objects, spaces, channels and events refer to what is there? */
bool gsp_lists_ok(const Gsp *g);

/* rpc.c */

/** gsp_rpc_total() - payload that @call announces, at least its length. */
uint64_t gsp_rpc_total(Gsp *g, const GspCall *call);

/** gsp_rpc_call() - false: not now, ask again. */
bool gsp_rpc_call(Gsp *g, GspCall *call);

/* info.c */
void gsp_static_info(Gsp *g, uint8_t *buf);

/** gsp_info() - fill in an answer that only tells about the GPU. */
void gsp_info(Gsp *g, unsigned strct, uint8_t *buf);

/* object.c */
void gsp_objects_reset(Gsp *g);
GspObject *gsp_object(Gsp *g, uint32_t client, uint32_t handle);
/** gsp_object_alloc() - @name: its handle; 0: any, and gets it then. */
uint32_t gsp_object_alloc(Gsp *g, uint32_t client, uint32_t parent,
                          uint32_t *name, uint32_t class,
                          const uint8_t *params, uint32_t len);
uint32_t gsp_object_free(Gsp *g, uint32_t client, uint32_t handle);

/** gsp_engine_of() - index of an engine by NV2080_ENGINE_TYPE, or -1. */
int gsp_engine_of(const Gsp *g, uint32_t type);

/* control.c */
uint32_t gsp_control(Gsp *g, uint32_t client, uint32_t object, uint32_t cmd,
                     uint8_t *params, uint32_t len);

/* event.c */
typedef enum GspEvent {
    GSP_EVENT_INIT_DONE,
    GSP_EVENT_SEQUENCER,
    GSP_EVENT_POST,
    GSP_EVENT_RC,
    GSP_EVENT_MMU_FAULT,
    GSP_EVENT_OS_ERROR,
    GSP_EVENT_LIBOS_PRINT,
    GSP_EVENT_NOCAT,
    GSP_EVENT_LOCKDOWN,
    GSP_NR_EVENTS,
} GspEvent;

extern const char *const gsp_event_names[GSP_NR_EVENTS + 1];
void gsp_event(Gsp *g, GspEvent event, uint64_t a, uint64_t b);

/** gsp_events_flush() - post what waits, as far as there is room. */
void gsp_events_flush(Gsp *g);

#endif /* GSP_INTERNAL_H */
