/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Life of the stub: boot, stop, timers, migration.
 *
 * The libos arguments are a list of memory regions; the one called RMARGS
 * holds the arguments of the resource manager, which say where the queues are
 * (r535/gsp.c: r535_gsp_libos_init(), r535_gsp_set_rmargs()).
 */
#include <string.h>

#include "internal.h"

/* Regions that are looked at; drivers have four. */
#define REGIONS_MAX 32

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void forget(Gsp *g)
{
    memset(&g->s, 0, sizeof(g->s));
    g->s.running = FW_STATE_OFF;
    g->s.retry_at = FW_TIME_NEVER;
    memset(&g->layout, 0, sizeof(g->layout));
    g->layout_ok = false;
}

void gsp_init(Gsp *g)
{
    forget(g);
}

/* The hardware forgets channels and spaces as well. */
static void let_go(Gsp *g)
{
    for (unsigned i = 0; i < GSP_CHANNELS_MAX; i++) {
        GspChannel *c = &g->s.channel[i];

        if (c->state != GSP_CHANNEL_FREE) {
            GspChannel gone = *c;

            gone.state = GSP_CHANNEL_FREE;
            g->hw.gpu->channel(g->hw.opaque, &gone);
        }
    }
    for (unsigned i = 0; i < GSP_SPACES_MAX; i++) {
        if (g->s.space[i].present) {
            g->hw.gpu->space(g->hw.opaque, i, false, 0);
        }
    }
}

void gsp_stop(Gsp *g)
{
    if (g->s.running == FW_STATE_OFF) {
        return;
    }
    gsp_timers_off(g);
    let_go(g);
    forget(g);
}

void gsp_crash(Gsp *g)
{
    if (g->s.running == FW_STATE_RUNNING || g->s.running == FW_STATE_BOOTING) {
        gsp_timers_off(g);
        g->s.running = FW_STATE_FATAL;
        g->hw.fw.ops->state(g->hw.fw.opaque, FW_STATE_FATAL);
    }
}

/* The profile of an image of ours, see GSP_BOOT_MAGIC. */
static bool read_image(Gsp *g, FwError *err)
{
    uint8_t block[16];
    uint32_t off, size;

    if (!g->hw.gpu->image_read(g->hw.opaque, 0, block, sizeof(block))) {
        return gsp_refuse(err, "the image cannot be read");
    }
    if (le32(block) != GSP_BOOT_MAGIC) {
        return true;
    }
    off = le32(block + 8);
    size = le32(block + 12);
    if (le32(block + 4) != GSP_BOOT_FORMAT) {
        return gsp_refuse(err, "the image's boot block has format %u; %u "
                          "expected", le32(block + 4), GSP_BOOT_FORMAT);
    }
    if (size == 0 || size > FW_PROFILE_MAX) {
        return gsp_refuse(err, "the image's profile has %u bytes; 1 to %u "
                          "expected", size, FW_PROFILE_MAX);
    }
    if (!g->hw.gpu->image_read(g->hw.opaque, off, g->s.profile, size)) {
        return gsp_refuse(err, "the image's profile at 0x%x, 0x%x bytes, "
                          "cannot be read", off, size);
    }
    g->s.profile_size = size;
    g->s.from_image = 1;
    return true;
}

static bool resolve(Gsp *g, const char *name, FwError *err)
{
    g->layout_ok = fw_layout_load(&g->layout, &gsp_layout_spec, g->s.profile,
                                  g->s.profile_size, name, err) &&
                   gsp_layout_check(&g->layout, name, err);
    return g->layout_ok;
}

static bool load_profile(Gsp *g, const void *fallback, uint32_t size,
                         FwError *err)
{
    if (!read_image(g, err)) {
        return false;
    }
    if (!g->s.profile_size) {
        if (!fallback || size == 0 || size > FW_PROFILE_MAX) {
            return gsp_refuse(err, "the image carries no profile and there "
                              "is none to fall back to");
        }
        memcpy(g->s.profile, fallback, size);
        g->s.profile_size = size;
    }
    return resolve(g, g->s.from_image ? "profile of the image" : "profile",
                   err);
}

/* Region ids are up to eight characters, the first the highest. */
static uint64_t region_id(const char *name)
{
    uint64_t id = 0;

    while (*name) {
        id = id << 8 | (uint8_t)*name++;
    }
    return id;
}

static bool find_args(Gsp *g, uint64_t *args, FwError *err)
{
    uint64_t want = region_id("RMARGS");
    uint8_t r[FW_STRUCT_MAX];

    for (unsigned i = 0; i < REGIONS_MAX; i++) {
        if (!gsp_load(g, GSP_S_LIBOS, g->s.libos + i * GSP_SIZE(g, LIBOS),
                      r)) {
            return gsp_refuse(err, "the libos arguments at 0x%llx cannot be "
                              "read", (unsigned long long)g->s.libos);
        }
        if (!GSP_GET(g, LIBOS_ID, r)) {
            break;
        }
        if (GSP_GET(g, LIBOS_ID, r) != want) {
            continue;
        }
        if (GSP_GET(g, LIBOS_KIND, r) != GSP_VALUE(g, LIBOS_CONTIGUOUS) ||
            GSP_GET(g, LIBOS_PLACE, r) != GSP_VALUE(g, LIBOS_SYSTEM) ||
            GSP_GET(g, LIBOS_BYTES, r) < GSP_SIZE(g, ARGS)) {
            return gsp_refuse(err, "the RM arguments are not in one piece of "
                              "system memory");
        }
        *args = GSP_GET(g, LIBOS_ADDRESS, r);
        return true;
    }
    return gsp_refuse(err, "the libos arguments name no RMARGS");
}

/* The table of all pages stands at the start of the memory it describes. */
static bool read_pages(Gsp *g, uint64_t shared, uint64_t n, FwError *err)
{
    uint8_t pte[8 * GSP_PAGES_MAX];

    if (n < 2 || n > GSP_PAGES_MAX || shared % GSP_PAGE) {
        return gsp_refuse(err, "shared memory at 0x%llx has %llu pages; 2 to "
                          "%u expected", (unsigned long long)shared,
                          (unsigned long long)n, GSP_PAGES_MAX);
    }
    if (!g->hw.fw.ops->read(g->hw.fw.opaque, shared, pte, 8 * n)) {
        return gsp_refuse(err, "the page table at 0x%llx cannot be read",
                          (unsigned long long)shared);
    }
    for (unsigned i = 0; i < n; i++) {
        g->s.page[i] = le32(pte + 8 * i) |
                       (uint64_t)le32(pte + 8 * i + 4) << 32;
        if (g->s.page[i] % GSP_PAGE) {
            return gsp_refuse(err, "page %u of shared memory is at 0x%llx, "
                              "no page's start", i,
                              (unsigned long long)g->s.page[i]);
        }
    }
    if (g->s.page[0] != shared) {
        return gsp_refuse(err, "the page table does not begin with its own "
                          "page");
    }
    g->s.nr_pages = n;
    return true;
}

static bool place_queue(Gsp *g, GspRing *r, uint64_t off, FwError *err)
{
    if (!off || off % GSP_PAGE || off / GSP_PAGE >= g->s.nr_pages) {
        return gsp_refuse(err, "a queue at 0x%llx is not in shared memory",
                          (unsigned long long)off);
    }
    r->pages = off / GSP_PAGE;
    return true;
}

static GspError open_queues(Gsp *g, FwError *err)
{
    uint8_t args[FW_STRUCT_MAX];

    if (!g->s.resumed && !find_args(g, &g->s.args, err)) {
        return GSP_ERROR_LIBOS;
    }
    if (!gsp_load(g, GSP_S_ARGS, g->s.args, args)) {
        gsp_refuse(err, "the RM arguments at 0x%llx cannot be read",
                   (unsigned long long)g->s.args);
        return GSP_ERROR_ARGS;
    }
    if (g->s.resumed != (GSP_GET(g, ARGS_IN_PM, args) != 0)) {
        gsp_refuse(err, "the RM arguments are for a %s, the boot is not",
                   g->s.resumed ? "cold boot" : "resume");
        return GSP_ERROR_ARGS;
    }
    if (!read_pages(g, GSP_GET(g, ARGS_SHARED, args),
                    GSP_GET(g, ARGS_PAGES, args), err) ||
        !place_queue(g, &g->s.cmd, GSP_GET(g, ARGS_CMD, args), err) ||
        !place_queue(g, &g->s.stat, GSP_GET(g, ARGS_STAT, args), err) ||
        !gsp_queue_open(g, g->s.resumed, err)) {
        return GSP_ERROR_QUEUE;
    }
    return GSP_OK;
}

/* The BARs' root directories, empty, outside of the protected region. */
static bool make_roots(Gsp *g, FwError *err)
{
    static const uint8_t zeros[GSP_PAGE];
    uint64_t base = (g->s.heap + GSP_PAGE - 1) & ~(uint64_t)(GSP_PAGE - 1);

    if (g->s.heap_size < 3 * GSP_PAGE || g->s.heap > g->gpu.fb_size ||
        g->s.heap_size > g->gpu.fb_size - g->s.heap || !g->s.rsvd_start ||
        g->s.rsvd_start >= g->gpu.fb_size) {
        return gsp_refuse(err, "the heap of 0x%llx bytes at 0x%llx does not "
                          "hold the page tables",
                          (unsigned long long)g->s.heap_size,
                          (unsigned long long)g->s.heap);
    }
    if (!gsp_heap_ok(g)) {
        return gsp_refuse(err, "the heap of 0x%llx bytes at 0x%llx in the "
                          "protected region is too small",
                          (unsigned long long)g->s.fw_heap_size,
                          (unsigned long long)g->s.fw_heap);
    }
    for (unsigned i = 0; i < 2; i++) {
        g->s.bar_pde[i] = base + i * GSP_PAGE;
        if (!g->s.resumed &&
            !g->hw.gpu->fb_write(g->hw.opaque, g->s.bar_pde[i], zeros,
                                 GSP_PAGE)) {
            return gsp_refuse(err, "frame buffer at 0x%llx cannot be written",
                              (unsigned long long)g->s.bar_pde[i]);
        }
        g->hw.gpu->bar_root(g->hw.opaque, i + 1, g->s.bar_pde[i]);
    }
    return true;
}

/* What was there before the suspend is there again, frame buffer first. */
static void bring_back(Gsp *g)
{
    for (unsigned i = 0; i < GSP_SPACES_MAX; i++) {
        if (g->s.space[i].present) {
            g->hw.gpu->space(g->hw.opaque, i, true, g->s.space[i].root);
        }
    }
    for (unsigned i = 0; i < GSP_CHANNELS_MAX; i++) {
        if (g->s.channel[i].state != GSP_CHANNEL_FREE) {
            g->hw.gpu->channel(g->hw.opaque, &g->s.channel[i]);
        }
    }
    g->hw.gpu->hold(g->hw.opaque, g->s.held);
}

static void prepare(Gsp *g, const GspBoot *boot)
{
    GspState *s = &g->s;

    forget(g);
    s->running = FW_STATE_BOOTING;
    s->stage = GSP_STAGE_STARTING;
    s->resumed = boot->resume;
    s->libos = boot->libos;
    s->rsvd_start = boot->rsvd_start;
    s->heap = boot->heap;
    s->heap_size = boot->heap_size;
    s->fw_heap = boot->fw_heap;
    s->fw_heap_size = boot->fw_heap_size;
    s->vga = boot->vga;
    s->vga_size = boot->vga_size;
    s->frts = boot->frts;
    s->synced = !boot->resume;
}

static void run_on(Gsp *g)
{
    if (g->s.resumed) {
        if (!gsp_resume_step(g)) {
            gsp_timer_arm(g, GSP_TIMER_BOOT, gsp_step_end(g));
            return;
        }
        bring_back(g);
    }
    g->s.running = FW_STATE_RUNNING;
    g->hw.fw.ops->state(g->hw.fw.opaque, FW_STATE_RUNNING);
    if (g->s.resumed) {
        g->s.stage = GSP_STAGE_READY;
        gsp_event(g, GSP_EVENT_INIT_DONE, 0, 0);
    }
    gsp_queue_run(g);
}

static GspError start(Gsp *g, FwError *err)
{
    GspError error;
    FwVerdict v;

    if (g->s.resumed) {
        g->hw.gpu->hold(g->hw.opaque, true);
        if (!gsp_image_load(g, err)) {
            return GSP_ERROR_IMAGE;
        }
    } else {
        gsp_objects_reset(g);
    }
    error = open_queues(g, err);
    if (error) {
        return error;
    }
    if (!make_roots(g, err)) {
        return GSP_ERROR_HEAP;
    }
    v = gsp_tap(g, FW_TAP_BOOT, "boot", g->s.from_image, 0);
    if (v.action == FW_FAULT) {
        gsp_refuse(err, "the scenario made the firmware fail to boot");
        return GSP_ERROR_SCENARIO;
    }
    if (v.action == FW_DROP) {
        g->s.hung = 1;
    }
    if (v.action == FW_DELAY) {
        gsp_timer_arm(g, GSP_TIMER_BOOT, v.until);
    } else {
        run_on(g);
    }
    return GSP_OK;
}

GspError gsp_boot(Gsp *g, const GspBoot *boot, const void *fallback,
                  uint32_t fallback_size)
{
    FwError err = { "" };
    GspError error;

    gsp_stop(g);
    prepare(g, boot);
    error = load_profile(g, fallback, fallback_size, &err)
            ? start(g, &err) : GSP_ERROR_PROFILE;
    if (error) {
        gsp_fatal(g, &err);
    }
    return error;
}

void gsp_doorbell(Gsp *g, unsigned n)
{
    if (n == 0 && gsp_alive(g)) {
        gsp_queue_run(g);
    }
}

void gsp_timer(Gsp *g, unsigned id)
{
    if (id == GSP_TIMER_BOOT) {
        if (g->s.running == FW_STATE_BOOTING && g->layout_ok) {
            run_on(g);
        }
    } else if (id == GSP_TIMER_QUEUE) {
        g->s.retry_at = FW_TIME_NEVER;
        gsp_queue_run(g);
    }
}

static bool check_ring(const GspState *s, const GspRing *r)
{
    uint64_t end = (uint64_t)r->pages + r->entry / GSP_PAGE + r->slots;

    return r->slots >= 2 && r->slots <= GSP_PAGES_MAX &&
           r->entry % GSP_PAGE == 0 && end <= s->nr_pages &&
           r->ptr < r->slots && r->rx < GSP_PAGE;
}

static bool check_object(const Gsp *g, const GspObject *o)
{
    const GspState *s = &g->s;

    if (!o->client) {
        return true;
    }
    if (o->kind >= GSP_NR_CLASSES || o->up >= GSP_OBJECTS_MAX ||
        !s->object[o->up].client) {
        return false;
    }
    switch (o->kind) {
    case GSP_CLASS_SPACE:
        return o->slot < GSP_SPACES_MAX;
    case GSP_CLASS_MEMORY_SYSTEM:
    case GSP_CLASS_MEMORY_FB:
        return o->slot < GSP_MEMORIES_MAX;
    case GSP_CLASS_CHANNEL_TURING:
    case GSP_CLASS_CHANNEL_AMPERE:
    case GSP_CLASS_CHANNEL_BLACKWELL:
        return o->slot < GSP_CHANNELS_MAX &&
               s->channel[o->slot].state != GSP_CHANNEL_FREE;
    default:
        return true;
    }
}

bool gsp_lists_ok(const Gsp *g)
{
    const GspState *s = &g->s;

    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        if (!check_object(g, &s->object[i])) {
            return false;
        }
    }
    for (unsigned i = 0; i < GSP_CHANNELS_MAX; i++) {
        const GspChannel *c = &s->channel[i];

        if (c->state >= GSP_CHANNEL_STATES ||
            (c->state != GSP_CHANNEL_FREE &&
             (c->chid != i || c->engine >= g->gpu.nr_engines ||
              c->space >= GSP_SPACES_MAX))) {
            return false;
        }
    }
    for (unsigned i = 0; i < GSP_SPACES_MAX; i++) {
        if (s->space[i].used > 1 || s->space[i].present > s->space[i].used) {
            return false;
        }
    }
    for (unsigned i = 0; i < s->nr_pending; i++) {
        if (s->pending[i].event >= GSP_NR_EVENTS) {
            return false;
        }
    }
    return true;
}

bool gsp_post_load(Gsp *g, FwError *err)
{
    GspState *s = &g->s;

    g->layout_ok = false;
    err->text[0] = 0;
    if (s->running > FW_STATE_FATAL || s->hung > 1 || s->from_image > 1 ||
        s->stage >= GSP_STAGES || s->resumed > 1 ||
        s->told > GSP_TOLD_ALL || s->asked > 1 || !gsp_save_check(s) ||
        s->synced > 1 || s->nr_pages > GSP_PAGES_MAX || s->wait < 0 ||
        s->more_head > sizeof(s->more) || s->nr_pending > GSP_PENDING_MAX ||
        s->profile_size > FW_PROFILE_MAX) {
        return gsp_refuse(err, "firmware: a field is out of range");
    }
    if (!gsp_lists_ok(g)) {
        return gsp_refuse(err, "firmware: an object, channel or event is "
                          "inconsistent");
    }
    if (s->profile_size) {
        resolve(g, "profile in the migration stream", err);
    }
    if (s->running == FW_STATE_RUNNING || s->running == FW_STATE_BOOTING) {
        if (!g->layout_ok) {
            return err->text[0] ? false :
                   gsp_refuse(err, "firmware: it runs without a usable "
                              "profile");
        }
        if (!check_ring(s, &s->cmd) || !check_ring(s, &s->stat) ||
            !gsp_heap_ok(g)) {
            return gsp_refuse(err, "firmware: a queue or its heap is "
                              "inconsistent");
        }
    }
    return true;
}
