/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include <sched.h>
#include <sys/wait.h>
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qnum.h"
#include "qobject/qstring.h"

#include "box.h"

#define PLATFORM_BUS_BASE 0x0c000000
#define PLATFORM_BUS_IRQ 112

/*
 * Guest pages come from 64 MiB of RAM in an order that is not the order of
 * addresses: what is adjacent for the GPU is not adjacent in memory.
 */
#define PAGES_BASE 0x44000000
#define PAGES_NR 16384
#define PAGES_STEP 4099

/* A live machine's time passes as it will: when to give up, host us. */
#define LIVE_PATIENCE 20000000

static const char *environment(const char *name)
{
    const char *value = g_getenv(name);

    if (!value) {
        g_error("%s is not set: tests/qtest/run sets it", name);
    }
    return value;
}

char *box_args(unsigned gpus, const char *gpu_options, const char *extra)
{
    GString *s = g_string_new(NULL);
    unsigned i;

    g_string_printf(s, "-M virt -cpu cortex-a57 -m 256M -nodefaults -L %s",
                    environment("GPUMBOX_DATA"));
    for (i = 0; i < gpus; i++) {
        g_string_append_printf(s, " -device mali-csf,id=gpu%u%s", i,
                               gpu_options);
    }
    g_string_append_printf(s, " %s", extra);
    return g_string_free(s, FALSE);
}

static QObject *qom_get(QTestState *qts, const char *path, const char *name)
{
    QDict *r = qtest_qmp(qts, "{ 'execute': 'qom-get', 'arguments': "
                         "{ 'path': %s, 'property': %s } }", path, name);
    QObject *value;

    g_assert_true(qdict_haskey(r, "return"));
    value = qobject_ref(qdict_get(r, "return"));
    qobject_unref(r);
    return value;
}

static uint64_t qom_number(QTestState *qts, const char *path,
                           const char *name)
{
    QObject *value = qom_get(qts, path, name);
    QNum *num = qobject_to(QNum, value);
    uint64_t n;

    g_assert_nonnull(num);
    n = qnum_get_uint(num);
    qobject_unref(value);
    return n;
}

/* The interrupt controller has no name of its own: find it by its type. */
static char *find_gic(QTestState *qts)
{
    QDict *r = qtest_qmp(qts, "{ 'execute': 'qom-list', 'arguments': "
                         "{ 'path': '/machine/unattached' } }");
    QListEntry *e;
    char *path = NULL;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(r, "return"), e) {
        QDict *child = qobject_to(QDict, qlist_entry_obj(e));
        const char *type = qdict_get_str(child, "type");

        if (!strcmp(type, "child<arm_gic>") ||
            !strcmp(type, "child<arm-gicv3>")) {
            path = g_strdup_printf("/machine/unattached/%s",
                                   qdict_get_str(child, "name"));
        }
    }
    qobject_unref(r);
    g_assert_nonnull(path);
    return path;
}

static void start(Box *b, const char *more)
{
    g_autofree char *args = g_strdup_printf("%s%s", b->args, more);
    g_autofree char *gic = NULL;

    b->qts = qtest_init(args);
    if (!b->live) {
        gic = find_gic(b->qts);
        qtest_irq_intercept_in(b->qts, gic);
    }
}

static Box *new_box(unsigned gpus, const char *gpu_options, const char *extra,
                    bool live)
{
    Box *b = g_new0(Box, 1);
    unsigned i;

    g_assert_cmpuint(gpus, <=, BOX_GPUS_MAX);
    b->live = live;
    b->args = box_args(gpus, gpu_options, extra);
    b->maps = g_hash_table_new(NULL, NULL);
    b->nr = gpus;
    start(b, "");
    for (i = 0; i < gpus; i++) {
        Gpu *g = &b->gpu[i];
        g_autofree char *id = g_strdup_printf("gpu%u", i);

        g->box = b;
        snprintf(g->path, sizeof(g->path), "/machine/peripheral/%s", id);
        g->base = box_device(b, id, "mali-csf");
        g->irq = PLATFORM_BUS_IRQ + i * BOX_LINES;
    }
    return b;
}

Box *box_new(unsigned gpus, const char *gpu_options, const char *extra)
{
    return new_box(gpus, gpu_options, extra, false);
}

Box *box_new_live(unsigned gpus, const char *gpu_options, const char *extra)
{
    g_autofree char *options = g_strdup_printf(
        "-accel tcg -icount shift=3,sleep=off %s", extra);

    return new_box(gpus, gpu_options, options, true);
}

uint64_t box_device(Box *b, const char *id, const char *type)
{
    g_autofree char *region = g_strdup_printf("/machine/peripheral/%s/%s[0]",
                                              id, type);

    return PLATFORM_BUS_BASE + qom_number(b->qts, region, "addr");
}

int64_t box_cpu_time(clockid_t clock)
{
    struct timespec t;

    g_assert_cmpint(clock_gettime(clock, &t), ==, 0);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

void box_one_core(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(sched_getcpu(), &set);
    g_assert_cmpint(sched_setaffinity(0, sizeof(set), &set), ==, 0);
}

void box_wait_end(Box *b)
{
    pid_t pid = qtest_pid(b->qts);
    siginfo_t info = { .si_pid = 0 };

    for (;;) {
        g_assert_cmpint(waitid(P_PID, pid, &info,
                               WEXITED | WNOHANG | WNOWAIT), ==, 0);
        if (info.si_pid == pid) {
            return;
        }
        g_usleep(1000);
    }
}

void box_free(Box *b)
{
    qtest_quit(b->qts);
    g_hash_table_unref(b->maps);
    g_free(b->args);
    g_free(b);
}

/* Wait for the end of a migration; NULL or what went wrong. */
static char *migration_result(QTestState *qts)
{
    for (;;) {
        QDict *r = qtest_qmp_assert_success_ref(qts, "{ 'execute': "
                                                "'query-migrate' }");
        const char *status = qdict_get_try_str(r, "status");
        const char *why = qdict_get_try_str(r, "error-desc");
        bool good = status && !strcmp(status, "completed");
        bool bad = status && !strcmp(status, "failed");
        char *text = bad ? g_strdup(why ?: "") : NULL;

        qobject_unref(r);
        if (good || bad) {
            return text;
        }
        g_usleep(1000);
    }
}

void box_save(Box *b, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);
    char *error;

    qtest_qmp_assert_success(b->qts, "{ 'execute': 'migrate', 'arguments': "
                             "{ 'uri': %s } }", uri);
    error = migration_result(b->qts);
    g_assert_cmpstr(error, ==, NULL);
}

char *box_load(Box *b, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);
    char *error;

    qtest_quit(b->qts);
    start(b, " -incoming defer");
    /* Under qtest the virtual clock is the test's, not the machine's. */
    if (b->now) {
        qtest_clock_set(b->qts, b->now);
    }
    qtest_qmp_assert_success(b->qts, "{ 'execute': 'migrate-incoming', "
                             "'arguments': { 'uri': %s, 'exit-on-error': "
                             "false } }", uri);
    error = migration_result(b->qts);
    while (!error) {
        QDict *r = qtest_qmp_assert_success_ref(b->qts, "{ 'execute': "
                                                "'query-status' }");
        bool running = qdict_get_bool(r, "running");

        qobject_unref(r);
        if (running) {
            break;
        }
        g_usleep(1000);
    }
    return error;
}

char *box_refused(const char *gpu_options, const char *extra)
{
    g_autofree char *args = box_args(1, gpu_options, extra);
    g_autofree char *line = NULL;
    g_auto(GStrv) argv = NULL;
    g_autoptr(GError) err = NULL;
    char *text = NULL;
    int status;

    /* One that is not refused would wait for us for ever. */
    line = g_strdup_printf("timeout 60 %s %s -display none -accel qtest -S",
                           environment("QTEST_QEMU_BINARY"), args);
    g_assert_true(g_shell_parse_argv(line, NULL, &argv, &err));
    g_assert_true(g_spawn_sync(NULL, argv, NULL, G_SPAWN_SEARCH_PATH |
                               G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
                               &text, &status, &err));
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 1) {
        g_error("QEMU ended with wait status 0x%x: %s", status, text);
    }
    return text;
}

uint64_t box_page_at(unsigned n)
{
    return PAGES_BASE + (uint64_t)(n * PAGES_STEP % PAGES_NR) * 4096;
}

uint64_t box_page(Box *b)
{
    uint64_t pa = box_page_at(b->pages);

    g_assert_cmpuint(b->pages, <, PAGES_NR);
    b->pages++;
    /* A GPU that runs wild may have been there before. */
    qtest_memset(b->qts, pa, 0, 4096);
    return pa;
}

int64_t box_step(Box *b, int64_t ns)
{
    if (b->live) {
        g_usleep(MAX(ns / 1000, 1));
        b->now += ns;
        return b->now;
    }
    b->now = qtest_clock_step(b->qts, ns);
    return b->now;
}

int64_t box_until(Box *b, int64_t limit, bool (*done)(void *opaque),
                  void *opaque)
{
    int64_t start = b->now;
    int64_t patience = g_get_monotonic_time() + LIVE_PATIENCE;
    int64_t pace = MAX(limit / 256, 100);

    while (!done(opaque)) {
        if (b->live ? g_get_monotonic_time() > patience :
            b->now - start >= limit) {
            return -1;
        }
        box_step(b, b->live ? pace : MIN(pace, start + limit - b->now));
    }
    /* A live machine may have been done before the first look. */
    return b->live ? MAX(b->now - start, 1) : b->now - start;
}

uint32_t gpu_read(Gpu *g, uint32_t reg)
{
    return qtest_readl(g->box->qts, g->base + reg);
}

uint64_t gpu_read64(Gpu *g, uint32_t reg)
{
    uint64_t low = gpu_read(g, reg);

    return low | (uint64_t)gpu_read(g, reg + 4) << 32;
}

void gpu_write(Gpu *g, uint32_t reg, uint32_t value)
{
    qtest_writel(g->box->qts, g->base + reg, value);
}

/* Low word first (panthor_device.h: gpu_write64()). */
void gpu_write64(Gpu *g, uint32_t reg, uint64_t value)
{
    gpu_write(g, reg, value);
    gpu_write(g, reg + 4, value >> 32);
}

typedef struct Poll {
    Gpu *g;
    uint32_t reg;
    uint32_t mask;
    uint32_t value;
} Poll;

static bool poll_done(void *opaque)
{
    Poll *p = opaque;

    return (gpu_read(p->g, p->reg) & p->mask) == p->value;
}

int64_t gpu_poll(Gpu *g, uint32_t reg, uint32_t mask, uint32_t value,
                 int64_t limit)
{
    Poll p = { g, reg, mask, value };

    return box_until(g->box, limit, poll_done, &p);
}

bool gpu_line(Gpu *g, unsigned line)
{
    return qtest_get_irq(g->box->qts, g->irq + line);
}

char *gpu_get_string(Gpu *g, const char *property)
{
    QObject *value = qom_get(g->box->qts, g->path, property);
    char *text = g_strdup(qstring_get_str(qobject_to(QString, value)));

    qobject_unref(value);
    return text;
}

uint64_t gpu_get_number(Gpu *g, const char *property)
{
    return qom_number(g->box->qts, g->path, property);
}

void gpu_set_scenario(Gpu *g, const char *name)
{
    qtest_qmp_assert_success(g->box->qts, "{ 'execute': 'qom-set', "
                             "'arguments': { 'path': %s, 'property': "
                             "'scenario', 'value': %s } }", g->path, name);
}

/* Architecture 14 has its own block for power and reset. */
static bool has_pwr(Gpu *g)
{
    return gpu_read(g, GPU_ID) >> 28 >= 14;
}

static void pwr_delegate(Gpu *g, unsigned domain)
{
    if (gpu_read64(g, PWR_STATUS) & PWR_DELEGATED(domain)) {
        return;
    }
    gpu_write(g, PWR_COMMAND, PWR_CMD(PWR_DELEGATE, domain));
    g_assert_cmpint(gpu_poll(g, PWR_STATUS, PWR_DELEGATED(domain),
                             PWR_DELEGATED(domain), 20000000), >=, 0);
}

void gpu_power_on(Gpu *g)
{
    if (has_pwr(g)) {
        uint32_t l2 = gpu_read(g, PWR_L2 + PWR_PRESENT);

        gpu_write64(g, PWR_CMDARG, l2);
        gpu_write(g, PWR_COMMAND, PWR_CMD(PWR_UP, D_L2));
        g_assert_cmpint(gpu_poll(g, PWR_L2 + PWR_READY, ~0u, l2, 20000000),
                        >=, 0);
        pwr_delegate(g, D_SHADER);
        pwr_delegate(g, D_TILER);
        return;
    }
    gpu_write(g, L2_PWRON, 1);
    g_assert_cmpint(gpu_poll(g, L2_READY, ~0u, 1, 20000000), >=, 0);
}

void gpu_soft_reset(Gpu *g)
{
    bool pwr = has_pwr(g);
    uint32_t bank = pwr ? PWR_INT : GPU_INT;
    uint32_t done = pwr ? PWR_IRQ_RESET : INT_RESET_COMPLETED;

    gpu_write(g, bank + CLEAR, done);
    gpu_write(g, pwr ? PWR_COMMAND : GPU_CMD,
              pwr ? PWR_RESET_SOFT : CMD_SOFT_RESET);
    g_assert_cmpint(gpu_poll(g, bank + RAWSTAT, done, done, 100000000), >, 0);
}

char *box_file(const char *var, size_t *size)
{
    const char *path = environment(var);
    g_autoptr(GError) err = NULL;
    char *bytes;

    if (!g_file_get_contents(path, &bytes, size, &err)) {
        g_error("%s", err->message);
    }
    return bytes;
}
