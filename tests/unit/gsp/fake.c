/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "fake.h"

static bool bus_range(uint64_t addr, uint32_t len)
{
    return addr >= FAKE_BUS && len <= FAKE_BUS_BYTES &&
           addr - FAKE_BUS <= FAKE_BUS_BYTES - len;
}

static bool bus_read(void *opaque, uint64_t addr, void *buf, uint32_t len)
{
    Fake *k = opaque;

    if (!bus_range(addr, len)) {
        return false;
    }
    memcpy(buf, k->bus + (addr - FAKE_BUS), len);
    return true;
}

static bool bus_write(void *opaque, uint64_t addr, const void *buf,
                      uint32_t len)
{
    Fake *k = opaque;

    if (!bus_range(addr, len)) {
        return false;
    }
    memcpy(k->bus + (addr - FAKE_BUS), buf, len);
    return true;
}

static int64_t now(void *opaque)
{
    return ((Fake *)opaque)->now;
}

static void timer(void *opaque, unsigned id, int64_t deadline)
{
    g_assert_cmpuint(id, <, GSP_NR_TIMERS);
    ((Fake *)opaque)->timer[id] = deadline;
}

static void irq(void *opaque, uint32_t lines)
{
    g_assert_cmpuint(lines, ==, GSP_IRQ_MESSAGE);
    ((Fake *)opaque)->irqs++;
}

static void state(void *opaque, FwState s)
{
    ((Fake *)opaque)->state = s;
}

static FwVerdict tap(void *opaque, const FwTapEvent *event)
{
    Fake *k = opaque;
    FwVerdict pass = { .action = FW_PASS };

    g_assert_nonnull(event->name);
    k->taps[event->kind]++;
    if (event->kind == FW_TAP_FAULT) {
        k->fault = event->a;
    }
    for (unsigned i = 0; i < FAKE_RULES; i++) {
        FakeRule *r = &k->rule[i];

        if (r->times && r->kind == event->kind &&
            !strcmp(r->name, event->name)) {
            r->times--;
            return r->verdict;
        }
    }
    return pass;
}

static void error(void *opaque, const char *message)
{
    Fake *k = opaque;

    g_strlcpy(k->error, message, sizeof(k->error));
    k->errors++;
}

static bool image_read(void *opaque, uint64_t off, void *buf, uint32_t len)
{
    Fake *k = opaque;
    uint32_t head[4] = { GSP_BOOT_MAGIC, GSP_BOOT_FORMAT, 0x1000,
                         k->profile_size };

    memset(buf, 0, len);
    if (!k->in_image) {
        return off == 0;
    }
    if (off == 0 && len == sizeof(head)) {
        memcpy(buf, head, sizeof(head));
        return true;
    }
    if (off != 0x1000 || len > k->profile_size) {
        return false;
    }
    memcpy(buf, k->profile, len);
    return true;
}

/* Three pieces of frame buffer are there. */
static uint8_t *fb_at(Fake *k, uint64_t fb, uint32_t len)
{
    const struct {
        uint64_t at, bytes;
        uint8_t *host;
    } piece[] = {
        { FAKE_HEAP, FAKE_HEAP_BYTES, k->heap },
        { FAKE_FW_HEAP, FAKE_FW_HEAP_BYTES, k->fw_heap },
        { FAKE_VGA, FAKE_VGA_BYTES, k->vga },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(piece); i++) {
        if (fb >= piece[i].at && len <= piece[i].bytes &&
            fb - piece[i].at <= piece[i].bytes - len) {
            return piece[i].host + (fb - piece[i].at);
        }
    }
    return NULL;
}

void fake_power(Fake *k)
{
    memset(k->heap, 0xee, FAKE_HEAP_BYTES);
    memset(k->fw_heap, 0xee, FAKE_FW_HEAP_BYTES);
    memset(k->vga, 0xee, FAKE_VGA_BYTES);
}

static bool fb_read(void *opaque, uint64_t fb, void *buf, uint32_t len)
{
    const uint8_t *p = fb_at(opaque, fb, len);

    if (p) {
        memcpy(buf, p, len);
    }
    return p;
}

static bool fb_write(void *opaque, uint64_t fb, const void *buf, uint32_t len)
{
    uint8_t *p = fb_at(opaque, fb, len);

    if (p) {
        memcpy(p, buf, len);
    }
    return p;
}

static void mailbox(void *opaque, unsigned n, uint32_t value)
{
    g_assert_cmpuint(n, <, 2);
    ((Fake *)opaque)->mailbox[n] = value;
}

static void bar_root(void *opaque, unsigned bar, uint64_t fb)
{
    g_assert_cmpuint(bar, >=, 1);
    g_assert_cmpuint(bar, <=, 2);
    ((Fake *)opaque)->root[bar] = fb;
}

static void space(void *opaque, uint32_t index, bool present, uint64_t root)
{
    Fake *k = opaque;

    g_assert_cmpuint(index, <, GSP_SPACES_MAX);
    k->spaces += present ? 1 : -1;
    k->space_root = root;
}

static void channel(void *opaque, const GspChannel *c)
{
    Fake *k = opaque;

    g_assert_cmpuint(c->chid, <, GSP_CHANNELS_MAX);
    g_assert_cmpuint(c->state, <, GSP_CHANNEL_STATES);
    g_assert_cmpuint(c->engine, <, k->fw.gpu.nr_engines);
    k->channel = *c;
    k->channels++;
}

/* A context is what nobody else would make up. */
static uint32_t context_save(void *opaque, uint32_t chid, uint8_t *buf)
{
    g_assert_true(((Fake *)opaque)->held);
    memset(buf, chid ^ 0x5a, 100);
    return 100;
}

static bool context_load(void *opaque, const GspChannel *c,
                         const uint8_t *buf, uint32_t len)
{
    Fake *k = opaque;

    g_assert_true(k->held);
    g_assert_cmpuint(c->chid, <, GSP_CHANNELS_MAX);
    g_assert_cmpuint(len, <=, GSP_CONTEXT_MAX);
    k->contexts++;
    return len == 100 && buf[0] == (c->chid ^ 0x5a) && buf[99] == buf[0];
}

static void hold(void *opaque, bool on)
{
    ((Fake *)opaque)->held = on;
}

static const FwHwOps fw_ops = {
    .read = bus_read, .write = bus_write, .now = now, .timer = timer,
    .irq = irq, .state = state, .tap = tap, .error = error,
};

static const GspHwOps gpu_ops = {
    .image_read = image_read, .fb_read = fb_read, .fb_write = fb_write,
    .mailbox = mailbox, .bar_root = bar_root, .space = space,
    .channel = channel, .context_save = context_save,
    .context_load = context_load, .hold = hold,
};

static void add_engine(GspGpu *gpu, GspEngineKind kind, unsigned instance,
                       uint32_t runlist, uint32_t stall, uint32_t nonstall)
{
    gpu->engines[gpu->nr_engines++] = (GspEngine) {
        kind, instance, runlist, 0x2000 + runlist * 0x400, stall, nonstall,
    };
}

/* Pages lie backwards, so that one who ignores the table is found out. */
static uint64_t page_at(unsigned i)
{
    return FAKE_SHARED + (i ? HOST_PAGES - i : 0) * GSP_PAGE;
}

void fake_ring(Fake *k)
{
    gsp_doorbell(&k->fw, 0);
}

static void ring(void *opaque)
{
    Fake *k = opaque;
    unsigned before = k->irqs;

    fake_ring(k);
    g_assert_cmpuint(k->irqs, >, before);
}

static void host_read(void *opaque, uint64_t addr, void *buf, uint32_t len)
{
    g_assert_true(bus_read(opaque, addr, buf, len));
}

static void host_write(void *opaque, uint64_t addr, const void *buf,
                       uint32_t len)
{
    g_assert_true(bus_write(opaque, addr, buf, len));
}

static const HostOps host_ops = {
    .read = host_read, .write = host_write, .ring = ring,
};

Fake *fake_new(const char *abi)
{
    Fake *k = g_new0(Fake, 1);
    GspGpu *gpu = &k->fw.gpu;
    const char *folder = g_getenv("GPUMBOX_DTBS");
    g_autofree char *path = NULL;
    gsize size;

#ifdef GSP_DTBS
    folder = GSP_DTBS;
#endif
    path = g_strdup_printf("%s/%s.dtb", folder ? folder : ".", abi);
    if (!g_file_get_contents(path, (char **)&k->profile, &size, NULL)) {
        g_error("%s is not there", path);
    }
    k->profile_size = size;
    k->fw_heap = g_malloc0(FAKE_FW_HEAP_BYTES);
    k->in_image = true;
    host_init(&k->host, &host_ops, k, k->profile, size);
    for (unsigned i = 0; i < HOST_PAGES; i++) {
        k->host.page[i] = page_at(i);
    }
    k->fw.hw.fw = (FwHw) { &fw_ops, k };
    k->fw.hw.gpu = &gpu_ops;
    k->fw.hw.opaque = k;
    g_strlcpy(gpu->name, "Test GPU", sizeof(gpu->name));
    gpu->fb_size = FAKE_FB_BYTES;
    gpu->gpcs = 2;
    gpu->tpcs[0] = 0x3f;
    gpu->tpcs[1] = 0x1f;
    gpu->classes[GSP_ROLE_CHANNEL] = NUMBER(k, CLASS_CHANNEL_AMPERE);
    gpu->classes[GSP_ROLE_COPY] = NUMBER(k, CLASS_COPY_AMPERE);
    gpu->classes[GSP_ROLE_THREED] = NUMBER(k, CLASS_THREED_AMPERE);
    gpu->classes[GSP_ROLE_COMPUTE] = NUMBER(k, CLASS_COMPUTE_AMPERE);
    gpu->classes[GSP_ROLE_INLINE] = NUMBER(k, CLASS_INLINE);
    gpu->pde_levels = 47;
    gpu->sequencer = true;
    add_engine(gpu, GSP_ENGINE_GSP, 0, GSP_NO_RUNLIST, FAKE_VECTOR,
               GSP_NO_VECTOR);
    add_engine(gpu, GSP_ENGINE_GR, 0, 0, 64, 0);
    add_engine(gpu, GSP_ENGINE_CE, 0, 0, 65, 1);
    add_engine(gpu, GSP_ENGINE_CE, 2, 1, 66, 2);
    for (unsigned i = 0; i < FW_TIMERS_MAX; i++) {
        k->timer[i] = FW_TIME_NEVER;
    }
    gsp_init(&k->fw);
    fake_arguments(k, false);
    return k;
}

void fake_free(Fake *k)
{
    g_free(k->profile);
    g_free(k->fw_heap);
    g_free(k);
}

uint8_t *fake_bus(Fake *k, uint64_t addr)
{
    return k->bus + (addr - FAKE_BUS);
}

uint8_t *fake_queue(Fake *k)
{
    return fake_bus(k, host_at(&k->host, HOST_CMD));
}

void fake_put(Fake *k, unsigned field, uint8_t *p, uint64_t value)
{
    fw_put(&k->host.layout.field[field], p, value);
}

void fake_arguments(Fake *k, bool resume)
{
    if (!resume) {
        memset(fake_bus(k, FAKE_SHARED), 0, HOST_PAGES * GSP_PAGE);
    }
    host_arguments(&k->host, FAKE_LIBOS, FAKE_ARGS, resume);
}

GspError fake_start(Fake *k, bool resume)
{
    const GspBoot boot = {
        .libos = FAKE_LIBOS, .rsvd_start = FAKE_RSVD, .heap = FAKE_HEAP,
        .heap_size = FAKE_HEAP_BYTES, .fw_heap = FAKE_FW_HEAP,
        .fw_heap_size = FAKE_FW_HEAP_BYTES, .vga = FAKE_VGA,
        .vga_size = FAKE_VGA_BYTES, .resume = resume,
    };

    return gsp_boot(&k->fw, &boot, k->in_image ? NULL : k->profile,
                    k->in_image ? 0 : k->profile_size);
}

void fake_up(Fake *k)
{
    host_hello(&k->host);
    g_assert_cmpint(fake_start(k, false), ==, GSP_OK);
    fake_expect(k, NUMBER(k, EVENT_SEQUENCER));
    fake_expect(k, NUMBER(k, EVENT_INIT_DONE));
    g_assert_cmpuint(fake_take(k), ==, 0);
}

void fake_rule(Fake *k, FwTapKind kind, const char *name, unsigned times,
               FwVerdict verdict)
{
    for (unsigned i = 0; i < FAKE_RULES; i++) {
        if (!k->rule[i].times) {
            k->rule[i] = (FakeRule) { kind, name, times, verdict };
            return;
        }
    }
    g_assert_not_reached();
}

void fake_elapse(Fake *k, int64_t ns)
{
    int64_t end = k->now + ns;

    for (unsigned shots = 0; shots < 10000; shots++) {
        unsigned first = 0;

        for (unsigned i = 1; i < GSP_NR_TIMERS; i++) {
            first = k->timer[i] < k->timer[first] ? i : first;
        }
        if (k->timer[first] > end) {
            k->now = end;
            return;
        }
        k->now = MAX(k->now, k->timer[first]);
        k->timer[first] = FW_TIME_NEVER;
        gsp_timer(&k->fw, first);
    }
    g_assert_not_reached();
}

static uint8_t *slot_at(Fake *k, uint32_t slot)
{
    return fake_bus(k, host_slot(&k->host, HOST_CMD, slot));
}

static uint32_t last_slot(Fake *k)
{
    uint32_t write = GET(k, TX_WRITE, fake_queue(k));

    for (uint32_t n = 1; n <= GSP_ELEMENT_PAGES; n++) {
        uint32_t slot = (write + HOST_SLOTS - n) % HOST_SLOTS;
        uint8_t *p = slot_at(k, slot);

        if (GET(k, ELEMENT_SEQUENCE, p) == k->host.seq - 1 &&
            GET(k, RPC_SIGNATURE, p + SIZE(k, ELEMENT)) ==
            NUMBER(k, RPC_SIGNATURE)) {
            return slot;
        }
    }
    return (write + HOST_SLOTS - 1) % HOST_SLOTS;
}

uint8_t *fake_last(Fake *k)
{
    return slot_at(k, last_slot(k));
}

void fake_seal(Fake *k)
{
    static uint8_t m[GSP_ELEMENT_PAGES * GSP_PAGE];
    uint32_t slot = last_slot(k);
    uint8_t *p = slot_at(k, slot);
    uint32_t len = SIZE(k, ELEMENT) + GET(k, RPC_LENGTH, p + SIZE(k, ELEMENT));

    PUT(k, ELEMENT_CHECKSUM, p, 0);
    for (unsigned i = 0; i < GSP_ELEMENT_PAGES; i++) {
        memcpy(m + i * GSP_PAGE, slot_at(k, slot + i), GSP_PAGE);
    }
    PUT(k, ELEMENT_CHECKSUM, p,
        host_sum(m, (MIN(len, sizeof(m)) + 7) & ~7u));
}

void fake_send(Fake *k, uint32_t function, const void *payload, uint32_t len)
{
    host_send(&k->host, function, payload, len);
}

uint32_t fake_take(Fake *k)
{
    return host_take(&k->host);
}

void fake_expect(Fake *k, uint32_t function)
{
    host_expect(&k->host, function);
}

void fake_call(Fake *k, uint32_t function, const void *payload, uint32_t len)
{
    host_call(&k->host, function, payload, len);
}

uint32_t fake_alloc(Fake *k, uint32_t client, uint32_t parent,
                    uint32_t handle, uint32_t class, const void *params,
                    uint32_t len)
{
    return host_alloc(&k->host, client, parent, handle, class, params, len);
}

uint32_t fake_control(Fake *k, uint32_t client, uint32_t object,
                      uint32_t cmd, void *params, uint32_t len)
{
    return host_control(&k->host, client, object, cmd, params, len);
}

uint32_t fake_release(Fake *k, uint32_t client, uint32_t handle)
{
    return host_release(&k->host, client, handle);
}

void fake_tree(Fake *k)
{
    host_tree(&k->host);
}

uint32_t fake_channel(Fake *k, uint32_t handle, uint32_t chid,
                      uint32_t engine, uint32_t space)
{
    return host_channel(&k->host, &(HostChannel) {
        .handle = handle, .chid = chid, .engine = engine, .space = space,
        .gpfifo = 0x200000, .entries = 512, .inst = 0x100000,
        .userd = 0x101000,
    });
}
