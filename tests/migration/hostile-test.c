/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Migration streams that were tampered with.
 *
 *   gpumbox-hostile-test [--seed=N] [--mutations=N] [glib options]
 *
 * A saved GPU's bytes are changed and loaded. QEMU must refuse with a
 * sentence, or run on: it must then answer, keep to a bounded time, and serve
 * a driver that resets the GPU. It must never crash. Only sections of our
 * devices are changed; other devices' loading is not ours to test.
 */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "moments.h"

#define MS 1000000

/* Host seconds for one mutation. */
#define LIMIT 60

#define SECTION_FULL 4
#define SECTION_FOOTER 0x7e

static uint64_t seed_option = 1;
static unsigned mutations_option = 25;

/* What the alarm's handler says before it ends the test. */
static unsigned now_mutation;

typedef struct Section {
    size_t start;
    size_t end;
} Section;

typedef struct Stream {
    uint8_t *bytes;
    gsize size;
    Section gpu;
    Section ctl;
    Section profile;              /* the ABI profile inside the GPU's */
    GArray *busy;                 /* the GPU's bytes that are not 0, but it */
} Stream;

static uint64_t rng;

static uint64_t below(uint64_t n)
{
    rng ^= rng << 13;
    rng ^= rng >> 7;
    rng ^= rng << 17;
    return (rng >> 11) % n;
}

/* A full section: type, id, length of the name, name; ends with a footer. */
static Section find_section(const Stream *s, const char *name)
{
    size_t len = strlen(name);
    size_t i, j;

    for (i = 0; i + len + 6 < s->size; i++) {
        if (s->bytes[i] != SECTION_FULL || s->bytes[i + 5] != len ||
            memcmp(s->bytes + i + 6, name, len)) {
            continue;
        }
        for (j = i + 6 + len; j + 5 <= s->size; j++) {
            if (s->bytes[j] == SECTION_FOOTER &&
                !memcmp(s->bytes + j + 1, s->bytes + i + 1, 4)) {
                return (Section) { i, j + 5 };
            }
        }
    }
    g_assert_not_reached();
}

/* The last device tree blob (a scenario's may stand before it). */
static Section find_profile(const Stream *s)
{
    static const uint8_t magic[] = { 0xd0, 0x0d, 0xfe, 0xed };
    Section found = { s->gpu.start, s->gpu.start };
    size_t i;

    for (i = s->gpu.start; i + 8 < s->gpu.end; i++) {
        if (!memcmp(s->bytes + i, magic, sizeof(magic))) {
            found = (Section) { i, i + ldl_be_p(s->bytes + i + 4) };
        }
    }
    g_assert_cmphex(found.end, <=, s->gpu.end);
    return found;
}

static void stream_load(Stream *s, const char *path)
{
    size_t i;

    g_assert_true(g_file_get_contents(path, (char **)&s->bytes, &s->size,
                                      NULL));
    s->gpu = find_section(s, "mali-csf");
    s->ctl = find_section(s, "gpumbox-ctl");
    s->profile = find_profile(s);
    s->busy = g_array_new(FALSE, FALSE, sizeof(size_t));
    for (i = s->gpu.start; i < s->gpu.end; i++) {
        if (s->bytes[i] && (i < s->profile.start || i >= s->profile.end)) {
            g_array_append_val(s->busy, i);
        }
    }
}

static void stream_free(Stream *s)
{
    g_free(s->bytes);
    g_array_unref(s->busy);
}

static size_t inside(const Section *where)
{
    return where->start + below(where->end - where->start);
}

/*
 * Where: mostly at state that is in use, else among the GPU's first bytes
 * (tap, timers, interrupts, address spaces) or anywhere in its section, now
 * and then in the profile, which is read with care anyway, or in the control
 * page.
 */
static size_t place(const Stream *s)
{
    switch (below(16)) {
    case 0 ... 7:
        return g_array_index(s->busy, size_t, below(s->busy->len));
    case 8 ... 10:
        return s->gpu.start + below(4096);
    case 11 ... 13:
        return inside(&s->gpu);
    case 14:
        return inside(&s->profile);
    default:
        return inside(&s->ctl);
    }
}

static void poke(uint8_t *p, size_t room, unsigned bytes, uint64_t value)
{
    unsigned i;

    for (i = 0; i < bytes && i < room; i++) {
        p[i] = value >> 8 * (bytes - 1 - i);
    }
}

static void mutate(const Stream *s, uint8_t *bytes)
{
    unsigned n = 1 + below(4);

    while (n--) {
        size_t at = place(s);
        size_t room = s->size - at;

        switch (below(6)) {
        case 0:
            bytes[at] ^= 1u << below(8);
            break;
        case 1:
            bytes[at] = below(256);
            break;
        case 2:
            poke(bytes + at, room, 4, below(2) ? ~0ull : below(64));
            break;
        case 3:
            poke(bytes + at, room, 8, below(2) ? INT64_MAX : 1ull << 63);
            break;
        case 4:
            poke(bytes + at, room, 8, ~0ull);
            break;
        default:
            poke(bytes + at, room, 1 << below(4), 0);
            break;
        }
    }
}

static void too_slow(int signal)
{
    char text[128];
    int n = snprintf(text, sizeof(text), "# seed %" PRIu64 ", mutation %u: "
                     "no answer for %d s\n", seed_option, now_mutation,
                     LIMIT);

    if (write(STDERR_FILENO, text, n) < 0) {
        _exit(3);
    }
    abort();
}

/* Whatever state it is in: it answers, and after a reset it works. */
static void must_be_alive(World *w)
{
    const uint64_t ins[] = {
        cs_move32(4, 0x600d), cs_move48(2, GROUP_DATA_VA),
        cs_store(4, 2, 1, 0),
    };
    uint32_t reg;
    unsigned i;
    Group grp;

    for (reg = 0; reg < 0x3000; reg += 4) {
        gpu_read(w->g, reg);
    }
    for (i = 0; i < 20; i++) {
        gpu_write(w->g, DOORBELL(i), 1);
        box_step(w->b, 1 + 100000 * i);
    }
    box_step(w->b, 50 * MS);
    gpu_set_scenario(w->g, "");
    gpu_write(w->g, GPU_INT + CLEAR, ~0u);
    gpu_write(w->g, GPU_CMD, CMD_SOFT_RESET);
    g_assert_cmpint(gpu_poll(w->g, GPU_INT + RAWSTAT, INT_RESET_COMPLETED,
                             INT_RESET_COMPLETED, 100 * MS), >, 0);
    fw_up(&w->fw, w->g);
    g_assert_true(fw_ping(&w->fw));
    group_init(&grp, &w->fw, 0, 1, 1);
    queue_put(&grp, 0, ins, ARRAY_SIZE(ins));
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0x600d);
}

static void tampered_streams_are_refused_or_run(const void *data)
{
    const Moment *m = data;
    g_autofree char *dir = g_dir_make_tmp("gpumbox-XXXXXX", NULL);
    g_autofree char *path = g_strdup_printf("%s/state", dir);
    unsigned refused = 0;
    World *w = world_new(m);
    World at = *w;
    Box box = *w->b;
    Stream s;

    box_save(w->b, path);
    stream_load(&s, path);
    rng = seed_option * 0x9e3779b97f4a7c15ull | 1;
    signal(SIGALRM, too_slow);
    for (now_mutation = 0; now_mutation < mutations_option; now_mutation++) {
        g_autofree uint8_t *bytes = g_memdup2(s.bytes, s.size);
        g_autofree char *error = NULL;
        g_autoptr(GError) err = NULL;
        QTestState *qts = w->b->qts;

        alarm(LIMIT);
        g_test_message("mutation %u", now_mutation);
        if (now_mutation) {
            mutate(&s, bytes);
        }
        g_assert_true(g_file_set_contents(path, (char *)bytes, s.size, &err));
        /* What the driver knew when the machine was saved. */
        *w->b = box;
        w->b->qts = qts;
        w->fw = at.fw;
        error = box_load(w->b, path);
        if (error) {
            g_assert_cmpstr(error, !=, "");
            g_test_message("refused: %s", error);
            refused++;
        } else {
            must_be_alive(w);
        }
        /* Untouched bytes load, or the rest would mean nothing. */
        g_assert_true(now_mutation || !error);
    }
    alarm(0);
    g_test_message("%u of %u refused", refused, mutations_option);
    stream_free(&s);
    world_free(w);
    unlink(path);
    rmdir(dir);
}

int main(int argc, char **argv)
{
    static const char *const names[] = {
        "streams_are_running",
        "scenario_delays_an_acknowledgement",
        "as_command_is_under_way",
        "group_is_suspended",
    };
    unsigned i, n = 1;

    for (i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--seed=")) {
            seed_option = g_ascii_strtoull(argv[i] + 7, NULL, 0);
        } else if (g_str_has_prefix(argv[i], "--mutations=")) {
            mutations_option = g_ascii_strtoull(argv[i] + 12, NULL, 0);
        } else {
            argv[n++] = argv[i];
        }
    }
    argv[n] = NULL;
    argc = n;
    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        g_autofree char *name = g_strdup_printf("/gpumbox/hostile/%s",
                                                names[i]);

        qtest_add_data_func(name, moment_by_name(names[i]),
                            tampered_streams_are_refused_or_run);
    }
    return g_test_run();
}
