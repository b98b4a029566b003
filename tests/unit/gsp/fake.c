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

Fake *fake_new(const char *abi)
{
    Fake *k = g_new0(Fake, 1);
    GspGpu *gpu = &k->fw.gpu;
    const char *folder = g_getenv("GPUMBOX_DTBS");
    g_autofree char *path = NULL;
    gsize size;
    FwError err;

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
    if (!fw_layout_load(&k->layout, &gsp_layout_spec, k->profile, size, path,
                        &err)) {
        g_error("%s", err.text);
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

void fake_put(Fake *k, unsigned field, uint8_t *p, uint64_t value)
{
    fw_put(&k->layout.field[field], p, value);
}

uint64_t fake_get(Fake *k, unsigned field, const uint8_t *p)
{
    return fw_get(&k->layout.field[field], p);
}

/* Pages lie backwards, so that one who ignores the table is found out. */
static uint64_t page_at(unsigned i)
{
    return FAKE_SHARED + (i ? FAKE_PAGES - i : 0) * GSP_PAGE;
}

static uint8_t *shared(Fake *k, uint32_t off)
{
    return fake_bus(k, page_at(off / GSP_PAGE)) + off % GSP_PAGE;
}

void fake_arguments(Fake *k, bool resume)
{
    uint8_t *libos = fake_bus(k, FAKE_LIBOS);
    uint8_t *args = fake_bus(k, FAKE_ARGS);
    uint8_t *cmd = shared(k, FAKE_CMD);
    uint8_t *region = libos + SIZE(k, LIBOS);

    memset(libos, 0, GSP_PAGE);
    memset(args, 0, GSP_PAGE);
    PUT(k, LIBOS_ID, libos, 0x4c4f47524d);              /* LOGRM */
    PUT(k, LIBOS_ID, region, 0x524d41524753);           /* RMARGS */
    PUT(k, LIBOS_ADDRESS, region, FAKE_ARGS);
    PUT(k, LIBOS_BYTES, region, GSP_PAGE);
    PUT(k, LIBOS_KIND, region, 1);
    PUT(k, LIBOS_PLACE, region, 1);
    PUT(k, ARGS_SHARED, args, FAKE_SHARED);
    PUT(k, ARGS_PAGES, args, FAKE_PAGES);
    PUT(k, ARGS_CMD, args, FAKE_CMD);
    PUT(k, ARGS_STAT, args, FAKE_STAT);
    PUT(k, ARGS_IN_PM, args, resume);
    if (resume) {
        return;
    }
    memset(fake_bus(k, FAKE_SHARED), 0, FAKE_PAGES * GSP_PAGE);
    for (unsigned i = 0; i < FAKE_PAGES; i++) {
        uint64_t at = page_at(i);

        for (unsigned b = 0; b < 8; b++) {
            fake_bus(k, FAKE_SHARED)[8 * i + b] = at >> (8 * b);
        }
    }
    PUT(k, TX_BYTES, cmd, 0x40000);
    PUT(k, TX_ENTRY_BYTES, cmd, GSP_PAGE);
    PUT(k, TX_ENTRIES, cmd, FAKE_SLOTS);
    PUT(k, TX_FLAGS, cmd, 1);
    PUT(k, TX_RX_OFFSET, cmd, 0x20);
    PUT(k, TX_ENTRY_OFFSET, cmd, GSP_PAGE);
    k->seq = k->got_seq = 0;
}

GspError fake_start(Fake *k, bool resume)
{
    const GspBoot boot = {
        .libos = FAKE_LIBOS, .rsvd_start = FAKE_RSVD, .heap = FAKE_HEAP,
        .heap_size = FAKE_HEAP_BYTES, .fw_heap = FAKE_FW_HEAP,
        .fw_heap_size = FAKE_FW_HEAP_BYTES, .vga = FAKE_VGA,
        .vga_size = FAKE_VGA_BYTES, .resume = resume,
    };

    if (resume) {
        k->got_seq = 0;
    }
    return gsp_boot(&k->fw, &boot, k->in_image ? NULL : k->profile,
                    k->in_image ? 0 : k->profile_size);
}

static void say_hello(Fake *k)
{
    uint8_t system[FW_STRUCT_MAX] = { 0 };
    uint8_t registry[64] = { 0 };
    uint8_t *entry = registry + SIZE(k, REGISTRY);
    uint32_t name = SIZE(k, REGISTRY) + SIZE(k, ENTRY);

    fake_send(k, NUMBER(k, RPC_SYSTEM), system, SIZE(k, SYSTEM));
    strcpy((char *)registry + name, "RMDevidCheckIgnore");
    PUT(k, REGISTRY_BYTES, registry, name + 19);
    PUT(k, REGISTRY_ENTRIES, registry, 1);
    PUT(k, ENTRY_KEY, entry, name);
    PUT(k, ENTRY_TYPE, entry, 1);
    PUT(k, ENTRY_DATA, entry, 1);
    PUT(k, ENTRY_LENGTH, entry, 4);
    fake_send(k, NUMBER(k, RPC_REGISTRY), registry, name + 19);
}

void fake_up(Fake *k)
{
    say_hello(k);
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

static uint32_t sum(Fake *k, uint32_t base, uint32_t slot, uint32_t len)
{
    uint64_t words = 0;

    for (uint32_t i = 0; i < len; i++) {
        uint32_t page = (slot + i / GSP_PAGE) % FAKE_SLOTS;
        uint8_t *p = shared(k, base + GSP_PAGE + page * GSP_PAGE);

        words ^= (uint64_t)p[i % GSP_PAGE] << (8 * (i % 8));
    }
    return (uint32_t)(words >> 32) ^ (uint32_t)words;
}

static uint32_t last_slot(Fake *k)
{
    uint32_t write = GET(k, TX_WRITE, shared(k, FAKE_CMD));

    for (uint32_t n = 1; n <= GSP_ELEMENT_PAGES; n++) {
        uint32_t slot = (write + FAKE_SLOTS - n) % FAKE_SLOTS;
        uint8_t *p = shared(k, FAKE_CMD + GSP_PAGE + slot * GSP_PAGE);

        if (GET(k, ELEMENT_SEQUENCE, p) == k->seq - 1 &&
            GET(k, RPC_SIGNATURE, p + SIZE(k, ELEMENT)) ==
            NUMBER(k, RPC_SIGNATURE)) {
            return slot;
        }
    }
    return (write + FAKE_SLOTS - 1) % FAKE_SLOTS;
}

uint8_t *fake_last(Fake *k)
{
    return shared(k, FAKE_CMD + GSP_PAGE + last_slot(k) * GSP_PAGE);
}

void fake_seal(Fake *k)
{
    uint8_t *p = fake_last(k);
    uint32_t len = SIZE(k, ELEMENT) + GET(k, RPC_LENGTH, p + SIZE(k, ELEMENT));

    len = MIN(len, GSP_ELEMENT_PAGES * GSP_PAGE);
    PUT(k, ELEMENT_CHECKSUM, p, 0);
    PUT(k, ELEMENT_CHECKSUM, p,
        sum(k, FAKE_CMD, last_slot(k), (len + 7) & ~7u));
}

/* rpc.c: r535_gsp_cmdq_push() */
void fake_send(Fake *k, uint32_t function, const void *payload, uint32_t len)
{
    g_autofree uint8_t *m = g_malloc0(17 * GSP_PAGE);
    uint8_t *rpc = m + SIZE(k, ELEMENT);
    uint32_t total = SIZE(k, ELEMENT) + SIZE(k, RPC) + len;
    uint32_t pages = (total + GSP_PAGE - 1) / GSP_PAGE;
    uint32_t write = GET(k, TX_WRITE, shared(k, FAKE_CMD));

    g_assert_cmpuint(pages, <=, 16);
    PUT(k, RPC_VERSION, rpc, NUMBER(k, RPC_VERSION));
    PUT(k, RPC_SIGNATURE, rpc, NUMBER(k, RPC_SIGNATURE));
    PUT(k, RPC_LENGTH, rpc, SIZE(k, RPC) + len);
    PUT(k, RPC_FUNCTION, rpc, function);
    PUT(k, RPC_RESULT, rpc, UINT32_MAX);
    PUT(k, RPC_RESULT_PRIVATE, rpc, UINT32_MAX);
    PUT(k, RPC_SEQUENCE, rpc, k->rpc_seq++);
    PUT(k, ELEMENT_SEQUENCE, m, k->seq++);
    PUT(k, ELEMENT_COUNT, m, pages);
    if (len) {
        memcpy(rpc + SIZE(k, RPC), payload, len);
    }
    for (unsigned i = 0; i < pages; i++) {
        memcpy(shared(k, FAKE_CMD + GSP_PAGE +
                         (write + i) % FAKE_SLOTS * GSP_PAGE),
               m + i * GSP_PAGE, GSP_PAGE);
    }
    PUT(k, TX_WRITE, shared(k, FAKE_CMD), (write + pages) % FAKE_SLOTS);
    fake_seal(k);
}

void fake_ring(Fake *k)
{
    gsp_doorbell(&k->fw, 0);
}

/* cmdq.rs: receive_msg(), and rpc.c: r535_gsp_msgq_recv_one_elem() */
uint32_t fake_take(Fake *k)
{
    uint8_t *cmd = shared(k, FAKE_CMD);
    uint32_t write = GET(k, TX_WRITE, shared(k, FAKE_STAT));
    uint32_t read = GET(k, RX_READ, cmd + 0x20);
    uint8_t *p, *rpc;
    uint32_t pages, length, head;

    if (write == read) {
        return 0;
    }
    p = shared(k, FAKE_STAT + GSP_PAGE + read * GSP_PAGE);
    rpc = p + SIZE(k, ELEMENT);
    length = GET(k, RPC_LENGTH, rpc);
    pages = GET(k, ELEMENT_COUNT, p);
    head = SIZE(k, ELEMENT) + SIZE(k, RPC);
    g_assert_cmpuint(GET(k, RPC_SIGNATURE, rpc), ==,
                     NUMBER(k, RPC_SIGNATURE));
    g_assert_cmpuint(length, >=, SIZE(k, RPC));
    g_assert_cmpuint(pages, ==,
                     (SIZE(k, ELEMENT) + length + GSP_PAGE - 1) / GSP_PAGE);
    g_assert_cmpuint(pages, <=, (write + FAKE_SLOTS - read) % FAKE_SLOTS);
    g_assert_cmpuint(GET(k, ELEMENT_SEQUENCE, p), ==, k->got_seq++);
    g_assert_cmpuint(sum(k, FAKE_STAT, read,
                         (SIZE(k, ELEMENT) + length + 7) & ~7u), ==, 0);
    k->reply_length = length - SIZE(k, RPC);
    k->reply_result = GET(k, RPC_RESULT, rpc);
    for (uint32_t i = 0; i < k->reply_length; i++) {
        uint32_t at = head + i;
        uint32_t slot = (read + at / GSP_PAGE) % FAKE_SLOTS;

        k->reply[i] = *shared(k, FAKE_STAT + GSP_PAGE + slot * GSP_PAGE +
                                 at % GSP_PAGE);
    }
    PUT(k, RX_READ, cmd + 0x20, (read + pages) % FAKE_SLOTS);
    return GET(k, RPC_FUNCTION, rpc);
}

void fake_expect(Fake *k, uint32_t function)
{
    g_assert_cmphex(fake_take(k), ==, function);
}

void fake_call(Fake *k, uint32_t function, const void *payload, uint32_t len)
{
    unsigned before = k->irqs;

    fake_send(k, function, payload, len);
    fake_ring(k);
    fake_expect(k, function);
    g_assert_cmpuint(k->irqs, >, before);
    g_assert_cmpuint(k->reply_length, ==, len);
}

uint32_t fake_alloc(Fake *k, uint32_t client, uint32_t parent,
                    uint32_t handle, uint32_t class, const void *params,
                    uint32_t len)
{
    uint8_t buf[FW_STRUCT_MAX * 2] = { 0 };
    uint32_t head = SIZE(k, ALLOC);

    PUT(k, ALLOC_CLIENT, buf, client);
    PUT(k, ALLOC_PARENT, buf, parent);
    PUT(k, ALLOC_OBJECT, buf, handle);
    PUT(k, ALLOC_CLASS, buf, class);
    PUT(k, ALLOC_PARAMS, buf, len);
    if (params) {
        memcpy(buf + head, params, len);
    }
    fake_call(k, NUMBER(k, RPC_ALLOC), buf, head + len);
    g_assert_cmpuint(k->reply_result, ==, 0);
    return GET(k, ALLOC_STATUS, k->reply);
}

uint32_t fake_control(Fake *k, uint32_t client, uint32_t object,
                      uint32_t cmd, void *params, uint32_t len)
{
    uint8_t buf[FW_STRUCT_MAX * 2] = { 0 };
    uint32_t head = SIZE(k, CONTROL);

    PUT(k, CONTROL_CLIENT, buf, client);
    PUT(k, CONTROL_OBJECT, buf, object);
    PUT(k, CONTROL_CMD, buf, cmd);
    PUT(k, CONTROL_PARAMS, buf, len);
    memcpy(buf + head, params, len);
    fake_call(k, NUMBER(k, RPC_CONTROL), buf, head + len);
    g_assert_cmpuint(k->reply_result, ==, 0);
    memcpy(params, k->reply + head, len);
    return GET(k, CONTROL_STATUS, k->reply);
}

uint32_t fake_release(Fake *k, uint32_t client, uint32_t handle)
{
    uint8_t buf[FW_STRUCT_MAX] = { 0 };

    PUT(k, FREE_CLIENT, buf, client);
    PUT(k, FREE_OBJECT, buf, handle);
    fake_call(k, NUMBER(k, RPC_FREE), buf, SIZE(k, FREE));
    return GET(k, FREE_STATUS, k->reply);
}

void fake_tree(Fake *k)
{
    uint8_t zeros[FW_STRUCT_MAX] = { 0 };

    g_assert_cmphex(fake_alloc(k, 1, 1, 1, NUMBER(k, CLASS_ROOT), zeros,
                               SIZE(k, CLIENT)), ==, 0);
    g_assert_cmphex(fake_alloc(k, 1, 1, 2, NUMBER(k, CLASS_DEVICE), zeros,
                               SIZE(k, DEVICE)), ==, 0);
    g_assert_cmphex(fake_alloc(k, 1, 2, 3, NUMBER(k, CLASS_SUBDEVICE), zeros,
                               SIZE(k, SUBDEVICE)), ==, 0);
    g_assert_cmphex(fake_alloc(k, 1, 2, 4, NUMBER(k, CLASS_SPACE), zeros,
                               SIZE(k, SPACE)), ==, 0);
}

uint32_t fake_channel(Fake *k, uint32_t handle, uint32_t chid,
                      uint32_t engine, uint32_t space)
{
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    PUT(k, CHANNEL_GPFIFO, p, 0x200000);
    PUT(k, CHANNEL_ENTRIES, p, 512);
    PUT(k, CHANNEL_USERD_INDEX, p, chid % 8);
    PUT(k, CHANNEL_USERD_PAGE, p, chid / 8);
    PUT(k, CHANNEL_SPACE, p, space);
    PUT(k, CHANNEL_ENGINE, p, engine);
    PUT(k, CHANNEL_INST, p, 0x100000);
    PUT(k, CHANNEL_INST_PLACE, p, 2);
    PUT(k, CHANNEL_USERD, p, 0x101000);
    PUT(k, CHANNEL_USERD_PLACE, p, 2);
    return fake_alloc(k, 1, 2, handle, NUMBER(k, CLASS_CHANNEL_AMPERE), p,
                      SIZE(k, CHANNEL));
}
