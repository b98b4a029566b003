/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: host. Doorbells, runlists, and the channels that the firmware
 * told of; what is in a channel is executed by pbdma.c.
 *
 * A runlist runs one channel at a time, a slice each in turn, from a deadline
 * on the virtual clock; runlists run side by side. A channel whose acquire
 * finds another value is looked at again whenever a channel has written
 * memory, and by itself after a while, which grows, for what the CPU writes.
 *
 * Doorbell and USERD: nouveau, nvkm/engine/fifo/tu102.c and nvif/chanc36f.c;
 * 6.12 reads GET of USERD, 7.3 a semaphore that it has released.
 */
#include "qemu/osdep.h"
#include "hw/pci/pci_device.h"
#include "io/channel-buffer.h"
#include "migration/qemu-file.h"
#include "migration/vmstate.h"
#include "qemu/log.h"

#include "nvidia-gsp.h"
#include "trace.h"

/* Offsets in USERD: nvif/chan506f.c, chanc36f.c; cl506f.h */
#define USERD_GET 0x44
#define USERD_REFERENCE 0x48
#define USERD_TOP_GET 0x58
#define USERD_TOP_GET_HI 0x5c
#define TOP_GET_VALID (1u << 31)
#define USERD_GET_HI 0x60
#define USERD_GP_GET 0x88
#define USERD_GP_PUT 0x8c

/* Work submit token: tu102.c, tu102_chan_doorbell_handle(); a chip may have a
   bit in it that is always set: gb202.c, gb202_chan_doorbell_handle() */
#define TOKEN_CHID(t) ((t) & 0xffff)
#define TOKEN_RUNLIST(t) ((t) >> 16)

/* A slice, and how long an acquire waits before it looks again, ns. */
#define SLICE 20000
#define WAIT_MIN 1000
#define WAIT_MAX 1000000

/* Robust-channel errors of NVIDIA's nverror.h, which it calls Xid. */
#define RC_GR_CLASS 13
#define RC_MMU_FAULT 31
#define RC_PBDMA 32
#define RC_COPY_0 39

/* Reasons of MMU faults: nvkm/engine/fifo/gv100.c */
static const uint8_t fault_types[] = {
    [GMMU_INVALID] = 0x02,      /* PTE */
    [GMMU_NO_TABLE] = 0x00,     /* PDE */
    [GMMU_BUS] = 0x00,
    [GMMU_RANGE] = 0x03,        /* VA limit */
    [GMMU_READ_ONLY] = 0x06,    /* read-only */
};
#define FAULT_UNBOUND 0x04
#define FAULT_REGION 0x0d

/* The channel that a slice is for, as the bus of pbdma.c sees it. */
typedef struct Slice {
    NvGsp *s;
    NvChannel *ch;
    bool wrote;
    GspMmuFault fault;
} Slice;

/* ---- memory, as an engine sees it ---- */

static bool no_access(Slice *w, uint64_t va, uint32_t type)
{
    w->fault = (GspMmuFault) { .address = va, .type = type };
    return false;
}

/* Engines do not get at the protected region either. */
static bool allowed(NvGsp *s, const GmmuPage *page, uint32_t len)
{
    return page->pa <= s->fb_size && len <= s->fb_size - page->pa &&
           (page->pa >= s->boot.wpr2_end ||
            page->pa + len <= s->boot.wpr2_start);
}

/* Bytes that follow one another in memory; @left 0: not looked for yet. */
typedef struct Piece {
    GmmuPage page;
    uint64_t left;
    bool sparse;
} Piece;

/* The rest of the page that @va is on. */
static bool locate(Slice *w, uint64_t va, bool write, Piece *p)
{
    const NvSpace *space = &w->s->host.space[w->ch->c.space];
    GmmuStatus status;

    if (!space->present) {
        return no_access(w, va, FAULT_UNBOUND);
    }
    status = gmmu_walk(w->s->persona[PERSONA_PAGE_TABLES], nv_fb_read_entry,
                       w->s, space->root, va, write, &p->page);
    p->sparse = status == GMMU_SPARSE;
    if (status != GMMU_OK && !p->sparse) {
        return no_access(w, va, fault_types[status]);
    }
    p->left = p->sparse ? 4096 - (va & 4095) : p->page.left;
    return true;
}

static void advance(Piece *p, uint32_t n)
{
    p->page.pa += n;
    p->left -= n;
}

/* Where it is in the host, if it is frame buffer that may be reached. */
static uint8_t *video(NvGsp *s, const Piece *p, uint32_t len)
{
    return !p->sparse && p->page.aperture == GMMU_VRAM &&
           allowed(s, &p->page, len) ? s->fb + p->page.pa : NULL;
}

static bool is_system(const Piece *p)
{
    return !p->sparse && p->page.aperture != GMMU_VRAM;
}

static AddressSpace *system_memory_of(NvGsp *s)
{
    return pci_get_address_space(PCI_DEVICE(s));
}

/* Accesses and copies are in order; pieces of one are not among each other. */
static void in_order(NvGsp *s)
{
    dma_barrier(system_memory_of(s), DMA_DIRECTION_TO_DEVICE);
}

/* A part of one piece; frame buffer that may not be reached is an error. */
static bool read_piece(NvGsp *s, const Piece *p, void *buf, uint32_t len)
{
    const uint8_t *fb = video(s, p, len);

    if (fb) {
        memmove(buf, fb, len);
    } else if (p->sparse) {
        memset(buf, 0, len);
    } else {
        return is_system(p) &&
               dma_memory_read_relaxed(system_memory_of(s), p->page.pa, buf,
                                       len) == MEMTX_OK;
    }
    return true;
}

static bool write_piece(NvGsp *s, const Piece *p, const void *buf,
                        uint32_t len)
{
    if (is_system(p)) {
        return dma_memory_write_relaxed(system_memory_of(s), p->page.pa, buf,
                                        len) == MEMTX_OK;
    }
    return p->sparse || (video(s, p, len) &&
                         nv_fb_write(s, p->page.pa, buf, len));
}

/* Page by page; what lies on earlier pages is done if a later one fails. */
static bool access_va(Slice *w, uint64_t va, void *buf, uint32_t len,
                      bool write)
{
    uint8_t *p = buf;
    Piece piece;
    uint32_t n;

    in_order(w->s);
    for (; len; va += n, p += n, len -= n) {
        if (!locate(w, va, write, &piece)) {
            return false;
        }
        n = MIN(len, piece.left);
        if (write ? !write_piece(w->s, &piece, p, n)
                  : !read_piece(w->s, &piece, p, n)) {
            return no_access(w, va, FAULT_REGION);
        }
    }
    return true;
}

static bool bus_read(void *opaque, uint64_t va, void *buf, uint32_t len)
{
    return access_va(opaque, va, buf, len, false);
}

static bool bus_write(void *opaque, uint64_t va, const void *buf,
                      uint32_t len)
{
    Slice *w = opaque;

    w->wrote = true;
    return access_va(w, va, (void *)buf, len, true);
}

/* From one place to the other; only system memory twice takes a detour. */
static bool move_part(Slice *w, const Piece *to, uint64_t to_va,
                      const Piece *from, uint64_t from_va, uint32_t n)
{
    NvGsp *s = w->s;
    uint8_t *target = video(s, to, n), *source = video(s, from, n);
    uint8_t buf[PB_CHUNK];

    if (target || !source) {
        source = target ?: buf;
        if (!read_piece(s, from, source, n)) {
            return no_access(w, from_va, FAULT_REGION);
        }
    }
    if (target) {
        nv_fb_touched(s, to->page.pa, n);
        return true;
    }
    return write_piece(s, to, source, n) || no_access(w, to_va, FAULT_REGION);
}

static uint32_t bus_move(void *opaque, uint64_t to, uint64_t from,
                         uint32_t len)
{
    Slice *w = opaque;
    Piece target = { .left = 0 }, source = { .left = 0 };
    uint32_t done = 0, n;

    /* Once here is once less for each page. */
    RCU_READ_LOCK_GUARD();
    in_order(w->s);
    w->wrote = true;
    for (; done < len; done += n) {
        if ((!source.left && !locate(w, from + done, false, &source)) ||
            (!target.left && !locate(w, to + done, true, &target))) {
            break;
        }
        n = MIN(MIN(len - done, PB_CHUNK), MIN(source.left, target.left));
        if (!move_part(w, &target, to + done, &source, from + done, n)) {
            break;
        }
        advance(&source, n);
        advance(&target, n);
    }
    return done;
}

static uint64_t bus_time(void *opaque, int64_t ahead)
{
    return nv_ptimer(((Slice *)opaque)->s) + ahead;
}

/* First engine of kind @kind, or of any, on runlist @runlist. */
static const GspEngine *engine_on(const NvGsp *s, uint32_t runlist, int kind)
{
    const GspGpu *gpu = &s->fw.gpu;
    unsigned i;

    for (i = 0; i < gpu->nr_engines; i++) {
        if (gpu->engines[i].runlist == runlist &&
            (kind == GSP_ENGINE_KINDS || gpu->engines[i].kind == kind)) {
            return &gpu->engines[i];
        }
    }
    return NULL;
}

static uint32_t runlist_of(const NvGsp *s, const NvChannel *ch)
{
    return s->fw.gpu.engines[ch->c.engine].runlist;
}

/* Host's is that of the runlist's first engine (fifo/ga100.c). */
static void bus_interrupt(void *opaque, bool copy)
{
    Slice *w = opaque;
    const GspEngine *e = engine_on(w->s, runlist_of(w->s, w->ch),
                                   copy ? GSP_ENGINE_CE : GSP_ENGINE_KINDS);

    if (e && e->nonstall != GSP_NO_VECTOR) {
        nv_intr_raise(w->s, e->nonstall, "engine");
    }
}

static const PbBus bus = {
    .read = bus_read,
    .write = bus_write,
    .move = bus_move,
    .time = bus_time,
    .interrupt = bus_interrupt,
};

/* ---- USERD: frame buffer that host keeps up to date ---- */

static bool userd_at(NvGsp *s, const NvChannel *ch, GmmuPage *page,
                     uint32_t off)
{
    *page = (GmmuPage) { .aperture = GMMU_VRAM, .pa = ch->c.userd + off };
    return ch->c.userd <= s->fb_size && allowed(s, page, 4);
}

static bool userd_read(NvGsp *s, const NvChannel *ch, uint32_t off,
                       uint32_t *value)
{
    GmmuPage page;

    if (!userd_at(s, ch, &page, off) ||
        !nv_fb_read(s, page.pa, value, 4)) {
        return false;
    }
    *value = le32_to_cpu(*value);
    return true;
}

static void userd_write(NvGsp *s, const NvChannel *ch, uint32_t off,
                        uint32_t value)
{
    uint32_t raw = cpu_to_le32(value);
    GmmuPage page;

    if (userd_at(s, ch, &page, off)) {
        nv_fb_write(s, page.pa, &raw, 4);
    }
}

static void tell(NvGsp *s, const NvChannel *ch)
{
    const PbChannel *pb = &ch->pb;

    userd_write(s, ch, USERD_GET, pb->get);
    userd_write(s, ch, USERD_GET_HI, pb->get >> 32);
    userd_write(s, ch, USERD_TOP_GET, pb->top_get);
    userd_write(s, ch, USERD_TOP_GET_HI, pb->top_get >> 32 |
                (pb->top_valid ? TOP_GET_VALID : 0));
    userd_write(s, ch, USERD_REFERENCE, pb->reference);
    userd_write(s, ch, USERD_GP_GET, pb->gp_get);
}

/* ---- runlists ---- */

static void arm(NvGsp *s, unsigned runlist, int64_t at)
{
    gpu_timers_set_earlier(&s->timers, TIMER_RUNLIST + runlist,
                           MAX(at, s->host.runlist[runlist].free_at));
}

/* The code that the firmware gives to what went wrong. */
static uint32_t rc_code(const NvGsp *s, const NvChannel *ch, PbStatus status)
{
    const GspEngine *e;

    if (status == PB_FAULT) {
        return RC_MMU_FAULT;
    }
    switch (ch->pb.error) {
    case PB_ERROR_ENGINE:
        return RC_GR_CLASS;
    case PB_ERROR_COPY:
        e = engine_on(s, runlist_of(s, ch), GSP_ENGINE_CE);
        return RC_COPY_0 + (e ? e->instance : 0);
    default:
        return RC_PBDMA;
    }
}

/* The channel is done with; the firmware tells the host. */
static void die(NvGsp *s, NvChannel *ch, PbStatus status,
                const GspMmuFault *fault)
{
    uint32_t code = rc_code(s, ch, status);

    ch->dead = true;
    s->host.dead++;
    if (status == PB_FAULT) {
        gpu_tap(&s->tap, &(FwTapEvent) {
            .kind = FW_TAP_FAULT, .name = "mmu", .group = ch->c.chid,
            .stream = FW_TAP_ANY, .a = fault->type, .b = fault->address,
        });
    }
    trace_nvidia_gsp_channel_dead(s->tap.owner, ch->c.chid, code,
                                  pb_error_names[ch->pb.error],
                                  ch->pb.error_data, fault->address,
                                  fault->type);
    qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: channel %u: error %u, %s "
                  "0x%x, address 0x%" PRIx64 " type %u\n", ch->c.chid, code,
                  pb_error_names[ch->pb.error], ch->pb.error_data,
                  fault->address, fault->type);
    gsp_channel_fault(&s->fw, ch->c.chid, code,
                      status == PB_FAULT ? fault : NULL);
}

/* What waits for memory looks at it again. */
static void wake_waiting(NvGsp *s, int64_t at)
{
    unsigned i;

    for (i = 0; i < GSP_CHANNELS_MAX; i++) {
        NvChannel *ch = &s->host.chan[i];

        if (ch->waits && ch->wait && !ch->dead && at < ch->look_at) {
            ch->look_at = at;
            arm(s, runlist_of(s, ch), at);
        }
    }
}

/* A scenario has its say; false: nothing comes of it, or not now. */
static bool shown(NvGsp *s, NvChannel *ch, FwTapKind kind, uint64_t a,
                  uint64_t b)
{
    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = kind, .name = "channel", .group = ch->c.chid,
        .stream = FW_TAP_ANY, .a = a, .b = b, .once = true,
    });

    switch (v.action) {
    case FW_DROP:
        return false;
    case FW_DELAY:
        ch->waits = true;
        ch->look_at = v.until;
        return false;
    case FW_HANG:
        ch->dead = true;
        return false;
    case FW_FAULT:
        ch->dead = true;
        gsp_channel_fault(&s->fw, ch->c.chid, v.value, NULL);
        return false;
    default:
        ch->pb.copy.pretend = v.action == FW_PRETEND;
        return true;
    }
}

/* The doorbell is looked at, and the work that it is for. */
static bool heard(NvGsp *s, NvChannel *ch, uint32_t put)
{
    return shown(s, ch, FW_TAP_DOORBELL, ch->c.chid, 0) &&
           (put == ch->pb.gp_get ||
            shown(s, ch, FW_TAP_KICK, put, ch->pb.gp_get));
}

static void run_channel(NvGsp *s, NvChannel *ch, unsigned runlist)
{
    int64_t now = gpu_timers_now();
    Slice w = { .s = s, .ch = ch };
    PbRun run = {
        .bus = &bus,
        .classes = &s->classes,
        .opaque = &w,
        .word_ns = s->persona[PERSONA_NS_WORD],
        .mib_ns = s->persona[PERSONA_NS_MIB],
        .limit = SLICE,
    };
    PbStatus status = PB_FAULT;
    uint32_t put = 0;
    bool found = userd_read(s, ch, USERD_GP_PUT, &put);
    bool at_work = ch->ready || (ch->waits && ch->wait);
    bool rung = ch->rung;

    ch->ready = false;
    ch->rung = false;
    ch->waits = false;
    if (rung && found && !heard(s, ch, put) && (!at_work || ch->dead)) {
        return;
    }
    if (found) {
        status = pb_run(&ch->pb, ch->c.gpfifo, ch->c.entries, put, &run);
        tell(s, ch);
    } else {
        no_access(&w, ch->c.userd, FAULT_REGION);
    }
    s->host.runlist[runlist].free_at = now + run.spent;
    trace_nvidia_gsp_slice(s->tap.owner, runlist, ch->c.chid, status,
                           run.spent);
    switch (status) {
    case PB_BUSY:
        ch->ready = true;
        break;
    case PB_BLOCKED:
        ch->waits = true;
        ch->wait = MIN(MAX(ch->wait * 2, WAIT_MIN), WAIT_MAX);
        ch->look_at = now + run.spent + ch->wait;
        break;
    case PB_FAULT:
    case PB_ERROR:
        die(s, ch, status, &w.fault);
        break;
    default:
        break;
    }
    if (status != PB_BLOCKED) {
        ch->wait = 0;
    }
    if (w.wrote) {
        wake_waiting(s, now + run.spent);
    }
}

static bool on_runlist(const NvGsp *s, const NvChannel *ch, unsigned runlist)
{
    return ch->c.state == GSP_CHANNEL_SCHEDULED && !ch->dead &&
           runlist_of(s, ch) == runlist;
}

/* A channel that can run now, in turn; or until when there is none. */
static NvChannel *choose(NvGsp *s, unsigned runlist, int64_t *at)
{
    int64_t now = gpu_timers_now();
    uint32_t first = s->host.runlist[runlist].next;
    unsigned i;

    *at = GPU_TIMER_NEVER;
    for (i = 0; i < GSP_CHANNELS_MAX; i++) {
        NvChannel *ch = &s->host.chan[(first + i) % GSP_CHANNELS_MAX];

        if (!on_runlist(s, ch, runlist)) {
            continue;
        }
        if (ch->ready || ch->rung || (ch->waits && ch->look_at <= now)) {
            return ch;
        }
        if (ch->waits) {
            *at = MIN(*at, ch->look_at);
        }
    }
    return NULL;
}

void nv_host_expired(NvGsp *s, unsigned runlist)
{
    NvChannel *ch;
    int64_t at;

    if (s->host.held) {
        return;
    }
    if (gpu_timers_now() >= s->host.runlist[runlist].free_at) {
        ch = choose(s, runlist, &at);
        if (ch) {
            s->host.runlist[runlist].next = ch->c.chid + 1;
            run_channel(s, ch, runlist);
        }
    }
    ch = choose(s, runlist, &at);
    if (ch) {
        arm(s, runlist, s->host.runlist[runlist].free_at);
    } else if (at != GPU_TIMER_NEVER) {
        arm(s, runlist, at);
    }
}

void nv_host_doorbell(NvGsp *s, uint32_t token)
{
    uint32_t bare = token ^ s->persona[PERSONA_TOKEN];
    uint32_t chid = TOKEN_CHID(bare);
    NvChannel *ch = &s->host.chan[chid % GSP_CHANNELS_MAX];

    trace_nvidia_gsp_doorbell(s->tap.owner, token);
    if (chid >= GSP_CHANNELS_MAX || TOKEN_RUNLIST(bare) >= NV_RUNLISTS ||
        !on_runlist(s, ch, TOKEN_RUNLIST(bare))) {
        qemu_log_mask(LOG_GUEST_ERROR, "nvidia-gsp: doorbell for token 0x%x: "
                      "no channel that is scheduled\n", token);
        return;
    }
    ch->rung = true;
    if (s->host.held) {
        return;
    }
    arm(s, TOKEN_RUNLIST(bare), gpu_timers_now() +
        coproc_jitter(&s->gsp, s->persona[PERSONA_NS_DOORBELL]));
}

/* ---- suspend ---- */

static bool channel_is_sane(const NvGsp *s, const NvChannel *ch, unsigned i)
{
    return ch->c.state < GSP_CHANNEL_STATES && ch->c.chid == i &&
           ch->c.engine < s->fw.gpu.nr_engines &&
           runlist_of(s, ch) < NV_RUNLISTS &&
           ch->c.space < GSP_SPACES_MAX && ch->c.entries &&
           ch->wait >= 0 && ch->wait <= WAIT_MAX &&
           pb_check(&ch->pb, ch->c.entries);
}

/* What it holds is what a migration stream would hold of the channel. */
uint32_t nv_host_save(NvGsp *s, uint32_t chid, uint8_t *buf)
{
    QIOChannelBuffer *ioc = qio_channel_buffer_new(GSP_CONTEXT_MAX);
    QEMUFile *f = qemu_file_new_output(QIO_CHANNEL(ioc));
    uint32_t len = 0;

    if (!vmstate_save_state(f, &vmstate_nv_channel, &s->host.chan[chid],
                            NULL) &&
        !qemu_fflush(f) && ioc->usage <= GSP_CONTEXT_MAX) {
        len = ioc->usage;
        memcpy(buf, ioc->data, len);
    }
    qemu_fclose(f);
    object_unref(OBJECT(ioc));
    return len;
}

/* It does not run before the firmware tells of it. */
bool nv_host_load(NvGsp *s, const GspChannel *c, const uint8_t *buf,
                  uint32_t len)
{
    QIOChannelBuffer *ioc = qio_channel_buffer_new(len);
    QEMUFile *f;
    NvChannel ch = { 0 };
    bool ok;

    memcpy(ioc->data, buf, len);
    ioc->usage = len;
    f = qemu_file_new_input(QIO_CHANNEL(ioc));
    ok = !vmstate_load_state(f, &vmstate_nv_channel, &ch, 1);
    qemu_fclose(f);
    object_unref(OBJECT(ioc));
    ch.c = *c;
    if (!ok || !channel_is_sane(s, &ch, c->chid)) {
        return false;
    }
    s->host.chan[c->chid] = ch;
    return true;
}

void nv_host_hold(NvGsp *s, bool hold)
{
    unsigned i;

    s->host.held = hold;
    for (i = 0; i < NV_RUNLISTS && !hold; i++) {
        arm(s, i, gpu_timers_now());
    }
}

/* ---- what the firmware says ---- */

void nv_host_space(NvGsp *s, uint32_t n, bool present, uint64_t root)
{
    s->host.space[n] = (NvSpace) { .present = present, .root = root };
}

void nv_host_channel(NvGsp *s, const GspChannel *c)
{
    NvChannel *ch = &s->host.chan[c->chid];

    if (c->state == GSP_CHANNEL_FREE) {
        memset(ch, 0, sizeof(*ch));
        return;
    }
    if (ch->c.state == GSP_CHANNEL_FREE) {
        pb_init(&ch->pb, engine_on(s, s->fw.gpu.engines[c->engine].runlist,
                                   GSP_ENGINE_GR));
    }
    ch->c = *c;
    /* It may have been put on the list again with work to do. */
    if (c->state == GSP_CHANNEL_SCHEDULED && !ch->dead) {
        ch->ready = true;
        arm(s, runlist_of(s, ch), gpu_timers_now());
    }
}

void nv_host_reset(NvGsp *s)
{
    unsigned i;

    memset(&s->host, 0, sizeof(s->host));
    for (i = 0; i < NV_RUNLISTS; i++) {
        gpu_timers_set(&s->timers, TIMER_RUNLIST + i, GPU_TIMER_NEVER);
    }
}

bool nv_host_check(const NvGsp *s)
{
    const NvHost *h = &s->host;
    unsigned i;

    for (i = 0; i < GSP_CHANNELS_MAX; i++) {
        if (h->chan[i].c.state != GSP_CHANNEL_FREE &&
            !channel_is_sane(s, &h->chan[i], i)) {
            return false;
        }
    }
    for (i = 0; i < NV_RUNLISTS; i++) {
        if (h->runlist[i].next > GSP_CHANNELS_MAX) {
            return false;
        }
    }
    return true;
}
