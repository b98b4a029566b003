/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Suspend and resume: what the firmware keeps while the GPU has no power.
 *
 * The host describes system memory by a list of pages and names what of the
 * frame buffer is to be saved there (r535/fbsr.c: fbsr_init(), fbsr_send();
 * r570/fbsr.c: r570_fbsr_init()); the firmware adds what is its own outside of
 * the protected region. With the goodbye it copies all that, and writes what it
 * knows to its heap in the protected region, which booter saves afterwards.
 * Nothing is kept in the stub: the GPU loses everything (enum FwState OFF), and
 * a resume begins with what booter has put back.
 */
#include <string.h>

#include "internal.h"

/*
 * The heap: what it knows, a long RPC's payload while it comes in, lists of
 * pages, the list and the table of the save at hand. A list's entry is a page's
 * bus address / GSP_PAGE, eight bytes.
 */
#define HEAP_IMAGE 0x000000u
#define HEAP_STAGE 0x100000u
#define HEAP_LISTS 0x200000u
#define HEAP_SAVE_LIST (HEAP_LISTS + GSP_MEMORIES_MAX * LIST_BYTES)
#define HEAP_REGIONS (HEAP_SAVE_LIST + LIST_BYTES)
#define HEAP_BYTES (HEAP_REGIONS + GSP_REGIONS_MAX * ENTRY_BYTES)

#define LIST_BYTES (GSP_MEMORY_PAGES_MAX * 8u)
#define ENTRY_BYTES 24u
#define STAGE_BYTES (HEAP_LISTS - HEAP_STAGE)

_Static_assert(STAGE_BYTES >= LIST_BYTES + FW_STRUCT_MAX, "an RPC fits");

#define IMAGE_MAGIC 0x52535047u     /* "GPSR" */
#define IMAGE_FORMAT 1u

/* Pages that are copied in one go, and the time that it takes, ns. */
#define STEP_PAGES 256
#define STEP_NS 100000

/* A piece of frame buffer, and where in the save it goes. */
typedef struct Region {
    uint64_t fb;
    uint64_t to;
    uint64_t bytes;
} Region;

bool gsp_heap_ok(const Gsp *g)
{
    return g->s.fw_heap_size >= HEAP_BYTES &&
           g->s.fw_heap <= g->gpu.fb_size &&
           g->s.fw_heap_size <= g->gpu.fb_size - g->s.fw_heap;
}

static bool heap_read(Gsp *g, uint64_t off, void *buf, uint32_t len)
{
    return g->hw.gpu->fb_read(g->hw.opaque, g->s.fw_heap + off, buf, len);
}

static bool heap_write(Gsp *g, uint64_t off, const void *buf, uint32_t len)
{
    return g->hw.gpu->fb_write(g->hw.opaque, g->s.fw_heap + off, buf, len);
}

static bool heap_copy(Gsp *g, uint64_t to, uint64_t from, uint64_t len)
{
    uint8_t buf[GSP_PAGE];
    uint32_t n;

    for (; len; to += n, from += n, len -= n) {
        n = len < sizeof(buf) ? len : sizeof(buf);
        if (!heap_read(g, from, buf, n) || !heap_write(g, to, buf, n)) {
            return false;
        }
    }
    return true;
}

static uint64_t le64(const uint8_t *p)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++) {
        value |= (uint64_t)p[i] << (8 * i);
    }
    return value;
}

static void put64(uint8_t *p, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) {
        p[i] = value >> (8 * i);
    }
}

/* ---- lists of pages ---- */

void gsp_stage(Gsp *g, uint64_t off, const uint8_t *bytes, uint32_t len)
{
    if (off <= STAGE_BYTES && len <= STAGE_BYTES - off) {
        heap_write(g, HEAP_STAGE + off, bytes, len);
    }
}

static uint64_t list_at(uint32_t n)
{
    return HEAP_LISTS + (uint64_t)n * LIST_BYTES;
}

/* The list stands behind the struct (struct pte_desc). */
uint32_t gsp_memory_list(Gsp *g, const GspObject *o, uint64_t pages)
{
    if (pages > GSP_MEMORY_PAGES_MAX ||
        !heap_copy(g, list_at(o->slot), HEAP_STAGE + GSP_SIZE(g, MEMORY),
                   pages * 8)) {
        return GSP_VALUE(g, STATUS_RESOURCES);
    }
    g->s.memory[o->slot].pages = pages;
    return 0;
}

static bool entry(Gsp *g, uint64_t list, uint64_t page, uint64_t *addr)
{
    uint8_t raw[8];

    if (!heap_read(g, list + page * 8, raw, sizeof(raw))) {
        return false;
    }
    *addr = le64(raw) * GSP_PAGE;
    return true;
}

/* ---- what is to be saved ---- */

static bool region(Gsp *g, uint32_t n, Region *r)
{
    uint8_t raw[ENTRY_BYTES];

    if (!heap_read(g, HEAP_REGIONS + n * ENTRY_BYTES, raw, sizeof(raw))) {
        return false;
    }
    *r = (Region) { le64(raw), le64(raw + 8), le64(raw + 16) };
    return true;
}

static uint32_t add_region(Gsp *g, uint64_t fb, uint64_t to, uint64_t bytes)
{
    uint64_t room = (uint64_t)g->s.save_pages * GSP_PAGE;
    uint8_t raw[ENTRY_BYTES];

    if (!bytes) {
        return 0;
    }
    if (fb % GSP_PAGE || to % GSP_PAGE || bytes % GSP_PAGE ||
        to > room || bytes > room - to || fb > g->gpu.fb_size ||
        bytes > g->gpu.fb_size - fb) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    put64(raw, fb);
    put64(raw + 8, to);
    put64(raw + 16, bytes);
    if (g->s.nr_regions == GSP_REGIONS_MAX ||
        !heap_write(g, HEAP_REGIONS + g->s.nr_regions * ENTRY_BYTES, raw,
                    sizeof(raw))) {
        return GSP_VALUE(g, STATUS_RESOURCES);
    }
    g->s.nr_regions++;
    return 0;
}

/*
 * What is the firmware's own outside of the protected region: where the host
 * sends regions it sends the heap as well, and says where the rest goes.
 */
static uint32_t add_own(Gsp *g, const uint8_t *params)
{
    uint64_t to = 0;
    uint32_t status = 0;

    if (fw_has_field(&g->layout, GSP_F_FBSR_OWN)) {
        to = GSP_GET(g, FBSR_OWN, params);
    } else {
        status = add_region(g, g->s.heap, 0, g->s.heap_size);
        to = g->s.heap_size;
    }
    return status ? status : add_region(g, g->s.vga, to, g->s.vga_size);
}

uint32_t gsp_save_init(Gsp *g, GspObject *o, uint8_t *params)
{
    GspObject *m = gsp_object(g, GSP_GET(g, FBSR_CLIENT, params),
                              GSP_GET(g, FBSR_MEMORY, params));
    uint32_t pages;

    (void)o;
    if (!m || m->kind != GSP_CLASS_MEMORY_SYSTEM) {
        return GSP_VALUE(g, STATUS_OBJECT);
    }
    pages = g->s.memory[m->slot].pages;
    if (!heap_copy(g, HEAP_SAVE_LIST, list_at(m->slot),
                   (uint64_t)pages * 8)) {
        return GSP_VALUE(g, STATUS_RESOURCES);
    }
    g->s.save_pages = pages;
    g->s.nr_regions = 0;
    return add_own(g, params);
}

/* Frame buffer comes in one piece, however it is described. */
static bool one_piece(Gsp *g, const GspObject *m, uint64_t first, uint64_t n,
                      uint64_t *fb)
{
    uint64_t list = list_at(m->slot);
    uint64_t addr;

    if (!n || !entry(g, list, first, fb)) {
        return false;
    }
    for (uint64_t i = 1; i < n; i++) {
        if (!entry(g, list, first + i, &addr) || addr != *fb + i * GSP_PAGE) {
            return false;
        }
    }
    return true;
}

uint32_t gsp_save_region(Gsp *g, GspObject *o, uint8_t *params)
{
    GspObject *m = gsp_object(g, GSP_GET(g, REGION_CLIENT, params),
                              GSP_GET(g, REGION_MEMORY, params));
    uint64_t from = GSP_GET(g, REGION_FROM, params);
    uint64_t bytes = GSP_GET(g, REGION_BYTES, params);
    uint64_t room, fb;

    (void)o;
    if (!m || m->kind != GSP_CLASS_MEMORY_FB) {
        return GSP_VALUE(g, STATUS_OBJECT);
    }
    room = (uint64_t)g->s.memory[m->slot].pages * GSP_PAGE;
    if (from % GSP_PAGE || from > room || bytes > room - from ||
        !one_piece(g, m, from / GSP_PAGE, bytes / GSP_PAGE, &fb)) {
        return GSP_VALUE(g, STATUS_ARGUMENT);
    }
    return add_region(g, fb, GSP_GET(g, REGION_TO, params), bytes);
}

static bool copy_page(Gsp *g, const Region *r, uint64_t off, bool restore)
{
    const FwHw *fw = &g->hw.fw;
    uint8_t page[GSP_PAGE];
    uint64_t addr;

    if (!entry(g, HEAP_SAVE_LIST, (r->to + off) / GSP_PAGE, &addr)) {
        return false;
    }
    return restore ? fw->ops->read(fw->opaque, addr, page, GSP_PAGE) &&
                     g->hw.gpu->fb_write(g->hw.opaque, r->fb + off, page,
                                         GSP_PAGE)
                   : g->hw.gpu->fb_read(g->hw.opaque, r->fb + off, page,
                                        GSP_PAGE) &&
                     fw->ops->write(fw->opaque, addr, page, GSP_PAGE);
}

/* True: all is copied. What cannot be reached is lost, and told. */
static bool copy_step(Gsp *g, bool restore)
{
    GspState *s = &g->s;
    Region r;

    for (unsigned n = 0; n < STEP_PAGES; n++) {
        if (s->save_at >= s->nr_regions) {
            return true;
        }
        if (!region(g, s->save_at, &r) || s->save_off >= r.bytes) {
            s->save_at++;
            s->save_off = 0;
            continue;
        }
        if (!copy_page(g, &r, s->save_off, restore)) {
            gsp_fault(g, GSP_FAULT_MEMORY, r.fb + s->save_off);
        }
        s->save_off += GSP_PAGE;
    }
    return false;
}

int64_t gsp_step_end(const Gsp *g)
{
    return g->hw.fw.ops->now(g->hw.fw.opaque) + STEP_NS;
}

/* ---- what the firmware knows ---- */

/* Bytes of the image, in their order; one place each for both ways. */
typedef struct Image {
    Gsp *g;
    uint64_t at;
    bool load;
    bool ok;
} Image;

static void bytes(Image *m, void *p, uint32_t len)
{
    if (!m->ok || m->at + len > HEAP_STAGE) {
        m->ok = false;
        return;
    }
    m->ok = m->load ? heap_read(m->g, m->at, p, len)
                    : heap_write(m->g, m->at, p, len);
    m->at += len;
}

static void num64(Image *m, uint64_t *value)
{
    uint8_t raw[8];

    put64(raw, *value);
    bytes(m, raw, sizeof(raw));
    if (m->load && m->ok) {
        *value = le64(raw);
    }
}

static void num32(Image *m, uint32_t *value)
{
    uint64_t wide = *value;

    num64(m, &wide);
    m->ok = m->ok && wide <= UINT32_MAX;
    *value = wide;
}

static void num8(Image *m, uint8_t *value)
{
    uint64_t wide = *value;

    num64(m, &wide);
    m->ok = m->ok && wide <= UINT8_MAX;
    *value = wide;
}

static void object(Image *m, GspObject *o)
{
    num32(m, &o->client);
    if (!o->client) {
        return;
    }
    num32(m, &o->handle);
    num32(m, &o->parent);
    num32(m, &o->up);
    num32(m, &o->class);
    num32(m, &o->kind);
    num32(m, &o->slot);
}

static void channel(Image *m, GspChannel *c, uint32_t chid)
{
    GspHw *hw = &m->g->hw;
    uint8_t context[GSP_CONTEXT_MAX] = { 0 };
    uint32_t len = 0;

    num32(m, &c->state);
    if (!m->ok || c->state == GSP_CHANNEL_FREE) {
        return;
    }
    num32(m, &c->chid);
    num32(m, &c->engine);
    num64(m, &c->inst);
    num64(m, &c->userd);
    num64(m, &c->gpfifo);
    num32(m, &c->entries);
    num32(m, &c->space);
    num32(m, &c->client);
    num32(m, &c->handle);
    if (!m->load) {
        len = hw->gpu->context_save(hw->opaque, chid, context);
    }
    num32(m, &len);
    if (len > sizeof(context)) {
        m->ok = false;
        return;
    }
    bytes(m, context, len);
    m->ok = m->ok && c->chid == chid && c->state < GSP_CHANNEL_STATES &&
            c->engine < m->g->gpu.nr_engines && c->space < GSP_SPACES_MAX &&
            c->entries &&
            (!m->load ||
             hw->gpu->context_load(hw->opaque, c, context, len));
}

/* What is not here is of this boot alone. */
static bool image(Gsp *g, bool load)
{
    GspState *s = &g->s;
    Image m = { .g = g, .at = HEAP_IMAGE, .load = load, .ok = true };
    uint32_t magic = IMAGE_MAGIC, format = IMAGE_FORMAT;

    num32(&m, &magic);
    num32(&m, &format);
    if (!m.ok || magic != IMAGE_MAGIC || format != IMAGE_FORMAT) {
        return false;
    }
    num8(&m, &s->told);
    num8(&m, &s->held);
    num64(&m, &s->args);
    for (unsigned i = 0; i < GSP_OBJECTS_MAX; i++) {
        object(&m, &s->object[i]);
    }
    for (unsigned i = 0; i < GSP_SPACES_MAX; i++) {
        num8(&m, &s->space[i].used);
        num8(&m, &s->space[i].present);
        num64(&m, &s->space[i].root);
    }
    for (unsigned i = 0; i < GSP_MEMORIES_MAX; i++) {
        num8(&m, &s->memory[i].used);
        num32(&m, &s->memory[i].pages);
    }
    num32(&m, &s->save_pages);
    num32(&m, &s->nr_regions);
    for (unsigned i = 0; i < GSP_CHANNELS_MAX; i++) {
        channel(&m, &s->channel[i], i);
    }
    return m.ok;
}

bool gsp_image_load(Gsp *g, FwError *err)
{
    if (!image(g, true) || g->s.told != GSP_TOLD_ALL ||
        !gsp_lists_ok(g) || !gsp_save_check(&g->s)) {
        memset(g->s.object, 0, sizeof(g->s.object));
        memset(g->s.space, 0, sizeof(g->s.space));
        memset(g->s.channel, 0, sizeof(g->s.channel));
        memset(g->s.memory, 0, sizeof(g->s.memory));
        g->s.told = 0;
        g->s.held = 0;
        g->s.save_pages = 0;
        g->s.nr_regions = 0;
        return gsp_refuse(err, "the heap does not hold what the firmware "
                          "knew before the suspend");
    }
    return true;
}

bool gsp_suspend_step(Gsp *g)
{
    g->hw.gpu->hold(g->hw.opaque, true);
    if (!copy_step(g, false)) {
        return false;
    }
    g->s.save_at = 0;
    g->s.save_off = 0;
    if (!image(g, false)) {
        gsp_fault(g, GSP_FAULT_MEMORY, g->s.fw_heap);
    }
    return true;
}

/* A scenario may have the firmware say that it has, and not do it. */
bool gsp_resume_step(Gsp *g)
{
    bool begin = !g->s.save_at && !g->s.save_off;
    bool all = (begin && gsp_tap(g, FW_TAP_BOOT, "restore", g->s.nr_regions,
                                 g->s.save_pages).action == FW_DROP) ||
               copy_step(g, true);

    if (!all) {
        return false;
    }
    g->s.save_at = 0;
    g->s.save_off = 0;
    return true;
}

bool gsp_save_check(const GspState *s)
{
    for (unsigned i = 0; i < GSP_MEMORIES_MAX; i++) {
        if (s->memory[i].used > 1 ||
            s->memory[i].pages > GSP_MEMORY_PAGES_MAX) {
            return false;
        }
    }
    return s->held <= 1 && s->save_pages <= GSP_MEMORY_PAGES_MAX &&
           s->nr_regions <= GSP_REGIONS_MAX && s->save_off % GSP_PAGE == 0;
}
