/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The GSP firmware stub: what Nouveau and Nova talk to through the message
 * queues of GSP-RM.
 *
 * The device walks the boot chain as the boot ROMs and the booter do (FWSEC,
 * WPR metadata, radix3, signatures) and then hands over.  The stub reads the
 * libos and RM arguments, the page table of the queues and the queues; where
 * each field lives comes from the ABI profile (gsp-layout.h).  It never walks
 * a page table of the GPU and never executes methods.
 *
 * FwHw.ops->read and ->write take *bus addresses*: system memory as the
 * function's DMA sees it.  FwHw.ops->irq(GSP_IRQ_MESSAGE) raises the falcon's
 * SWGEN0, by which GSP-RM announces a message.
 */
#ifndef GSP_GSP_H
#define GSP_GSP_H

#include <stdbool.h>
#include <stdint.h>

#include "fw/fw.h"
#include "gsp-layout.h"

/** GSP_IRQ_MESSAGE - line of FwHwOps.irq: a message was posted (SWGEN0). */
#define GSP_IRQ_MESSAGE 1u

/** GSP_PAGE - bytes of a page of the queues. */
#define GSP_PAGE 4096u

/** GSP_PAGES_MAX - pages of shared memory that the stub maps. */
#define GSP_PAGES_MAX 512

/** GSP_ELEMENT_PAGES - pages of the longest message element (rpc.c). */
#define GSP_ELEMENT_PAGES 16

#define GSP_OBJECTS_MAX 1024
#define GSP_SPACES_MAX 128
#define GSP_CHANNELS_MAX 256
#define GSP_ENGINES_MAX 32
#define GSP_GPCS_MAX 32
#define GSP_PENDING_MAX 16
#define GSP_MEMORIES_MAX 8
#define GSP_REGIONS_MAX 4096

/** GSP_MEMORY_PAGES_MAX - pages that a memory object may list: 256 MiB. */
#define GSP_MEMORY_PAGES_MAX 65536

/** GSP_CONTEXT_MAX - bytes of a channel's state in the hardware. */
#define GSP_CONTEXT_MAX 512
#define GSP_NAME_MAX 64

/**
 * enum GspEngineKind - kinds of engines
 *
 * The numbers that an ABI gives to them are in its profile.
 */
typedef enum GspEngineKind {
    GSP_ENGINE_GR,
    GSP_ENGINE_CE,
    GSP_ENGINE_NVDEC,
    GSP_ENGINE_NVENC,
    GSP_ENGINE_NVJPG,
    GSP_ENGINE_OFA,
    GSP_ENGINE_SEC2,
    GSP_ENGINE_GSP,
    GSP_ENGINE_DISP,
    GSP_ENGINE_DISP_LOW,
    GSP_ENGINE_KINDS,
} GspEngineKind;

/** GSP_NO_RUNLIST - of an engine that takes no channels. */
#define GSP_NO_RUNLIST UINT32_MAX

/** GSP_NO_VECTOR - of an engine that has no such interrupt. */
#define GSP_NO_VECTOR UINT32_MAX

/**
 * struct GspEngine - an engine of the GPU
 * @kind:      what it is.
 * @instance:  which of its kind.
 * @runlist:   runlist that feeds it, or GSP_NO_RUNLIST.
 * @pri_base:  register offset of the runlist (RUNLIST_PRI_BASE).
 * @stall:     interrupt vector: bit (v % 32) of leaf (v / 32).
 * @nonstall:  vector of its non-stall interrupt.
 */
typedef struct GspEngine {
    GspEngineKind kind;
    uint32_t instance;
    uint32_t runlist;
    uint32_t pri_base;
    uint32_t stall;
    uint32_t nonstall;
} GspEngine;

/**
 * enum GspRole - what a class is for whose number differs between chips
 */
typedef enum GspRole {
    GSP_ROLE_CHANNEL,
    GSP_ROLE_COPY,
    GSP_ROLE_THREED,
    GSP_ROLE_COMPUTE,
    GSP_ROLE_INLINE,
    GSP_ROLE_DISPLAY_COMMON,
    GSP_ROLE_DISPLAY,
    GSP_ROLE_ALL,   /* all chips have it under one number */
} GspRole;

/**
 * struct GspGpu - the GPU that the firmware finds itself in
 * @name:     marketing name; at most GSP_NAME_MAX - 1 characters are told.
 * @fb_size:  bytes of frame buffer.
 * @gpcs:     number of graphics clusters in @tpcs.
 * @tpcs:     mask of texture clusters, for each graphics cluster.
 * @classes:  class of each role; the firmware knows those of other chips too
 *            and refuses them. 0: the chip has no such thing; a display has no
 *            heads.
 * @pde_levels: address bits below an entry of the BAR's root directory (47
 *            of the GP100 page table format, 56 of GH100's); another level
 *            shift of UPDATE_BAR_PDE is refused.
 * @sequencer: the chip's firmware has the host run a sequence before it is
 *            ready (Turing to Ada; nova-core waits for it).
 * @engines:  all engines that have an interrupt or a runlist.
 * @nr_engines: number of them, at most GSP_ENGINES_MAX.
 *
 * The owner fills it in before gsp_init(); it does not change.
 */
typedef struct GspGpu {
    char name[GSP_NAME_MAX];
    uint64_t fb_size;
    uint32_t gpcs;
    uint32_t tpcs[GSP_GPCS_MAX];
    uint32_t classes[GSP_ROLE_ALL];
    uint32_t pde_levels;
    bool sequencer;
    GspEngine engines[GSP_ENGINES_MAX];
    unsigned nr_engines;
} GspGpu;

/**
 * struct GspBoot - what the boot chain found out
 * @libos:      bus address of the libos arguments (GSP mailbox 0 and 1).
 * @rsvd_start: first byte of frame buffer that firmware keeps for itself:
 *              gspFwRsvdStart of the WPR metadata; all above is protected.
 * @heap:       offset in frame buffer of the heap outside of the protected
 *              region (nonWprHeapOffset): the root directories of the BARs
 *              are there, and the host writes to them.
 * @heap_size:  bytes of it.
 * @fw_heap, @fw_heap_size: the same of the heap in the protected region
 *              (gspFwHeapOffset): what outlives a suspend is there.
 * @vga, @vga_size: the workspace at the end of frame buffer.
 * @frts:       offset of the region of runtime services (frtsOffset).
 * @resume:     the boot continues a suspended firmware (SR metadata): what it
 *              had in the protected region is there again.  @libos is void,
 *              nouveau has freed them (r535/gsp.c: r535_gsp_postinit()).
 */
typedef struct GspBoot {
    uint64_t libos;
    uint64_t rsvd_start;
    uint64_t heap;
    uint64_t heap_size;
    uint64_t fw_heap;
    uint64_t fw_heap_size;
    uint64_t vga;
    uint64_t vga_size;
    uint64_t frts;
    bool resume;
} GspBoot;

/**
 * enum GspError - why a boot failed; the device shows it in SEC2's mailbox 0
 */
typedef enum GspError {
    GSP_OK = 0,
    GSP_ERROR_PROFILE = 0x40,   /* no usable profile */
    GSP_ERROR_LIBOS = 0x41,     /* libos arguments are not readable or wrong */
    GSP_ERROR_ARGS = 0x42,      /* RM arguments */
    GSP_ERROR_QUEUE = 0x43,     /* page table or headers of the queues */
    GSP_ERROR_HEAP = 0x44,      /* a heap does not hold what goes there */
    GSP_ERROR_SCENARIO = 0x45,  /* a scenario wants it */
    GSP_ERROR_IMAGE = 0x46,     /* resume: what was saved is not there */
} GspError;

/**
 * struct GspChannel - a channel, as its allocation says
 * @chid:     channel number; 0..GSP_CHANNELS_MAX - 1.
 * @engine:   index into GspGpu.engines.
 * @state:    GspChannelState.
 * @inst:     frame buffer offset of the instance block (RAMIN).
 * @userd:    frame buffer offset of USERD.
 * @gpfifo:   virtual address of the ring of GPFIFO entries.
 * @entries:  entries of that ring.
 * @space:    virtual address space: index for GspHwOps.space.
 * @client:   client that owns it.
 * @handle:   its handle.
 */
typedef struct GspChannel {
    uint32_t chid;
    uint32_t engine;
    uint32_t state;
    uint64_t inst;
    uint64_t userd;
    uint64_t gpfifo;
    uint32_t entries;
    uint32_t space;
    uint32_t client;
    uint32_t handle;
} GspChannel;

/** enum GspChannelState - life of a channel slot */
typedef enum GspChannelState {
    GSP_CHANNEL_FREE,
    GSP_CHANNEL_NEW,        /* allocated */
    GSP_CHANNEL_BOUND,      /* bound to its engine */
    GSP_CHANNEL_SCHEDULED,  /* runs when its doorbell rings */
    GSP_CHANNEL_STATES,
} GspChannelState;

/**
 * struct GspHwOps - the rest of the GPU
 * @image_read: copy @len bytes from offset @off of the firmware image; false
 *              if they are not there.
 * @fb_read:    the same from frame buffer.
 * @fb_write:   write to frame buffer; false if it has no such bytes.
 * @mailbox:    set falcon mailbox @n of the GSP.
 * @bar_root:   root page directory of BAR @bar (1 or 2) is at @fb.
 * @space:      root page directory of virtual address space @space is at
 *              @root; @present false: it has none any more.
 * @channel:    a channel was allocated, bound, scheduled (or taken off), or
 *              freed: GspChannel.state tells.
 * @context_save: take channel @chid off its engine, its state to @buf of
 *              GSP_CONTEXT_MAX bytes; returns how many they are.
 * @context_load: the reverse, for a channel that is told later; false: that
 *              is no state of a channel.
 * @hold:       channels do not run, or do again.
 */
typedef struct GspHwOps {
    bool (*image_read)(void *opaque, uint64_t off, void *buf, uint32_t len);
    bool (*fb_read)(void *opaque, uint64_t fb, void *buf, uint32_t len);
    bool (*fb_write)(void *opaque, uint64_t fb, const void *buf,
                     uint32_t len);
    void (*mailbox)(void *opaque, unsigned n, uint32_t value);
    void (*bar_root)(void *opaque, unsigned bar, uint64_t fb);
    void (*space)(void *opaque, uint32_t space, bool present, uint64_t root);
    void (*channel)(void *opaque, const GspChannel *channel);
    uint32_t (*context_save)(void *opaque, uint32_t chid, uint8_t *buf);
    bool (*context_load)(void *opaque, const GspChannel *channel,
                         const uint8_t *buf, uint32_t len);
    void (*hold)(void *opaque, bool hold);
} GspHwOps;

/**
 * struct GspHw - everything a GSP stub can reach
 * @fw:     the coprocessor.
 * @gpu:    the rest of the GPU.
 * @opaque: passed to @gpu operations.
 */
typedef struct GspHw {
    FwHw fw;
    const GspHwOps *gpu;
    void *opaque;
} GspHw;

/**
 * struct GspObject - a node of the resource manager's tree
 * @client: handle of the client it belongs to; 0: the slot is free.
 * @handle: its own handle.
 * @parent: its parent's handle; a client is its own parent.
 * @up:     its parent's slot in GspState.object; a client's own.
 * @class:  RM class number.
 * @kind:   what the profile says of the class (enum GspClass).
 * @slot:   index into GspState.space, .channel or .memory of such an object.
 */
typedef struct GspObject {
    uint32_t client;
    uint32_t handle;
    uint32_t parent;
    uint32_t up;
    uint32_t class;
    uint32_t kind;
    uint32_t slot;
} GspObject;

/** struct GspSpace - a virtual address space; @root counts if @present. */
typedef struct GspSpace {
    uint8_t used;
    uint8_t present;
    uint64_t root;
} GspSpace;

/** struct GspMemory - a list of pages; @pages of it are in the heap. */
typedef struct GspMemory {
    uint8_t used;
    uint32_t pages;
} GspMemory;

/**
 * struct GspRing - one message queue, as its header says
 * @pages:  index of its first page in GspState.page.
 * @slots:  entries.
 * @entry:  byte offset of the first entry.
 * @rx:     byte offset of the read pointer of the *other* queue in this one.
 * @ptr:    command queue: next entry to read; status queue: next to write.
 * @seq:    next sequence number.
 */
typedef struct GspRing {
    uint32_t pages;
    uint32_t slots;
    uint32_t entry;
    uint32_t rx;
    uint32_t ptr;
    uint32_t seq;
} GspRing;

/**
 * struct GspPending - an event that waits for room in the status queue
 * @event: GspEvent.
 * @a, @b: what it is about, see gsp_raise().
 * @address, @type: of an MMU fault.
 */
typedef struct GspPending {
    uint32_t event;
    uint64_t a;
    uint64_t b;
    uint64_t address;
    uint32_t type;
} GspPending;

/**
 * struct GspMmuFault - an address that has no translation
 * @address: virtual address.
 * @type:    reason, as the MMU numbers it (NV_PFAULT_FAULT_TYPE).
 */
typedef struct GspMmuFault {
    uint64_t address;
    uint32_t type;
} GspMmuFault;

/** enum GspTimer - FwHwOps.timer ids that the stub uses. */
enum GspTimer {
    GSP_TIMER_QUEUE,    /* look at the queues again */
    GSP_TIMER_BOOT,     /* a boot that takes longer: resume, scenario */
    GSP_NR_TIMERS,
};

/** enum GspStage - how far the firmware is */
typedef enum GspStage {
    GSP_STAGE_OFF,
    GSP_STAGE_STARTING, /* waits for system information and registry */
    GSP_STAGE_READY,    /* INIT_DONE is posted */
    GSP_STAGE_UNLOADED, /* said goodbye */
    GSP_STAGES,
} GspStage;

/**
 * struct GspState - all state of the stub; migrated field by field
 * @running:      FwState.
 * @hung:         a scenario's FW_HANG: deaf until the next boot.
 * @from_image:   the profile in use came from the image.
 * @stage:        GspStage.
 * @resumed:      GspBoot.resume of this boot.
 * @told:         bit 0: system information, bit 1: registry were received.
 * @asked:        the message at the command queue's read pointer was shown to
 *                the tap, and its answer is held back.
 * @held:         the host has all channels held back.
 * @synced:       a message was received, so GspRing.seq of @cmd is known.
 * @libos:        GspBoot.libos.
 * @rsvd_start:   GspBoot.rsvd_start.
 * @heap:         GspBoot.heap.
 * @heap_size:    GspBoot.heap_size.
 * @fw_heap, @fw_heap_size, @vga, @vga_size, @frts: likewise.
 * @args:         bus address of the RM arguments.
 * @bar_pde:      frame buffer offset of the BARs' root directories.
 * @nr_pages:     entries of @page.
 * @page:         bus addresses of the shared memory's pages.
 * @cmd:          command queue.
 * @stat:         status queue.
 * @more_left:    payload bytes of a long message that are still to come.
 * @more_function: its function.
 * @more_sequence: its sequence number.
 * @more_head:    bytes in @more.
 * @more:         the first of them.
 * @retry_at:     deadline of GSP_TIMER_QUEUE.
 * @wait:         ns between two looks at a full status queue.
 * @nr_pending:   entries of @pending.
 * @pending:      events to be posted, oldest first.
 * @nr_posted:    messages posted since the boot.
 * @object:       resource manager's objects.
 * @space:        virtual address spaces.
 * @channel:      channels by number.
 * @memory:       lists of pages.
 * @save_pages:   pages of system memory for the save at hand.
 * @nr_regions:   pieces of frame buffer that it is of.
 * @save_at, @save_off: the piece, and the byte of it, that is copied next.
 * @profile_size: bytes of @profile in use.
 * @profile:      the ABI profile; the layout is rebuilt from it.
 */
typedef struct GspState {
    uint8_t running;
    uint8_t hung;
    uint8_t from_image;
    uint8_t stage;
    uint8_t resumed;
    uint8_t told;
    uint8_t asked;
    uint8_t held;
    uint8_t synced;
    uint64_t libos;
    uint64_t rsvd_start;
    uint64_t heap;
    uint64_t heap_size;
    uint64_t fw_heap;
    uint64_t fw_heap_size;
    uint64_t vga;
    uint64_t vga_size;
    uint64_t frts;
    uint64_t args;
    uint64_t bar_pde[2];
    uint32_t nr_pages;
    uint64_t page[GSP_PAGES_MAX];
    GspRing cmd;
    GspRing stat;
    uint32_t more_left;
    uint32_t more_function;
    uint32_t more_sequence;
    uint32_t more_head;
    uint8_t more[FW_STRUCT_MAX];
    int64_t retry_at;
    int64_t wait;
    uint32_t nr_pending;
    GspPending pending[GSP_PENDING_MAX];
    uint64_t nr_posted;
    GspObject object[GSP_OBJECTS_MAX];
    GspSpace space[GSP_SPACES_MAX];
    GspChannel channel[GSP_CHANNELS_MAX];
    GspMemory memory[GSP_MEMORIES_MAX];
    uint32_t save_pages;
    uint32_t nr_regions;
    uint32_t save_at;
    uint64_t save_off;
    uint32_t profile_size;
    uint8_t profile[FW_PROFILE_MAX];
} GspState;

/**
 * struct Gsp - a GSP stub
 * @hw:     set by the owner before gsp_init().
 * @gpu:    set by the owner before gsp_init().
 * @s:      state.
 * @layout: resolved profile; rebuilt by gsp_post_load().
 * @layout_ok: it is valid.
 * @message: the element at hand; nothing between two entries.
 */
typedef struct Gsp {
    GspHw hw;
    GspGpu gpu;
    GspState s;
    FwLayout layout;
    bool layout_ok;
    uint8_t message[GSP_ELEMENT_PAGES * GSP_PAGE];
} Gsp;

/** gsp_init() - stub off, no profile. */
void gsp_init(Gsp *g);

/**
 * gsp_boot() - the GSP's RISC-V core starts executing
 * @boot:          what the boot chain found out.
 * @fallback:      profile for images that carry none (a vendor's).
 * @fallback_size: bytes.
 *
 * Takes the profile from the image or the fallback, maps the queues, and
 * works off what the command queue holds already.  FW_STATE_RUNNING is
 * reported when GSP_OK is returned; else FW_STATE_FATAL, a sentence through
 * FwHwOps.error, and the return value is what the booter reports.
 */
GspError gsp_boot(Gsp *g, const GspBoot *boot, const void *fallback,
                  uint32_t fallback_size);

/** gsp_stop() - the GSP was reset or halted: forget everything volatile. */
void gsp_stop(Gsp *g);

/** gsp_doorbell() - queue head register @n was written (0: 0x110c00). */
void gsp_doorbell(Gsp *g, unsigned n);

/** gsp_timer() - timer @id (enum GspTimer) of FwHwOps.timer expired. */
void gsp_timer(Gsp *g, unsigned id);

/** gsp_crash() - the firmware ends in its fatal state. */
void gsp_crash(Gsp *g);

/**
 * gsp_channel_fault() - an engine gave up a channel
 * @chid: which.
 * @code: robust-channel error, as RC_TRIGGERED tells it (exceptType).
 * @mmu:  the MMU fault that it was, or NULL.
 */
void gsp_channel_fault(Gsp *g, uint32_t chid, uint32_t code,
                       const GspMmuFault *mmu);

/**
 * gsp_raise() - let the firmware report an event that did not happen
 * @name: as the tap calls it (gsp_raise_names).
 * @a:    first value, e.g. the channel of "rc-triggered".
 * @b:    second value, e.g. its error.
 */
void gsp_raise(Gsp *g, const char *name, uint64_t a, uint64_t b);

/**
 * gsp_describe() - queues, objects and channels, for a person
 * @line: called with a line, without line end.
 */
void gsp_describe(Gsp *g, void (*line)(void *opaque, const char *line),
                  void *opaque);

/**
 * gsp_post_load() - check state that came with a migration stream and
 * rebuild the layout; false: refuse the stream (@err says why).
 */
bool gsp_post_load(Gsp *g, FwError *err);

/*
 * Where an image of ours keeps its profile: at offset 0 of the image stands a
 * boot block of four little-endian words: GSP_BOOT_MAGIC, format 1, offset
 * and size of the profile.
 */
#define GSP_BOOT_MAGIC 0x58424d47u    /* "GMBX" */
#define GSP_BOOT_FORMAT 1u

/*
 * What an FMC of ours begins with: four little-endian words, GSP_FMC_MAGIC,
 * format 1, bytes of all of it, and 0.
 */
#define GSP_FMC_MAGIC 0x434d4247u     /* "GBMC" */
#define GSP_FMC_FORMAT 1u

#endif /* GSP_GSP_H */
