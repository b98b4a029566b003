/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The copy engine: what is moved, what it takes, and what is refused. */
#include "bus.h"

#define MOVE 2u
#define SEM_1 (1u << 3)
#define SEM_4 (2u << 3)
#define INTERRUPT (2u << 5)
#define PITCH (3u << 7)
#define LINES (1u << 9)
#define REMAP (1u << 10)

#define FROM DATA
#define TO (DATA + 0x8000)

static void lines(Bus *b, uint64_t to, uint32_t to_pitch, uint64_t from,
                  uint32_t from_pitch, uint32_t length, uint32_t count)
{
    method(b, COPY_SUB, 0x00, 1, (uint32_t)bus_classes.copy);
    method(b, COPY_SUB, 0x400, 8, (uint32_t)(from >> 32), (uint32_t)from,
           (uint32_t)(to >> 32), (uint32_t)to, from_pitch, to_pitch, length,
           count);
}

static void launch(Bus *b, uint32_t how)
{
    method(b, COPY_SUB, 0x300, 1, how);
}

static Bus *with_data(void)
{
    Bus *b = bus_new(false);

    for (unsigned i = 0; i < 0x8000; i++) {
        b->mem[FROM - BASE + i] = g_test_rand_int();
    }
    return b;
}

static const uint8_t *at(Bus *b, uint64_t va)
{
    return b->mem + (va - BASE);
}

static void test_plain(void)
{
    g_autofree Bus *b = with_data();

    lines(b, TO + 3, 0, FROM + 1, 0, 0x5001, 1);
    launch(b, MOVE | PITCH);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_cmpmem(at(b, TO + 3), 0x5001, at(b, FROM + 1), 0x5001);
    g_assert_cmpuint(*at(b, TO + 2) | *at(b, TO + 3 + 0x5001), ==, 0);
}

static void test_lines(void)
{
    g_autofree Bus *b = with_data();

    lines(b, TO + 9 * 64, (uint32_t)-64, FROM, 48, 33, 10);
    launch(b, MOVE | PITCH | LINES);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    for (unsigned i = 0; i < 10; i++) {
        g_assert_cmpmem(at(b, TO + (9 - i) * 64), 33, at(b, FROM + i * 48),
                        33);
        g_assert_cmpuint(*at(b, TO + i * 64 + 33), ==, 0);
    }
    /* No lines, or lines of no length. */
    lines(b, HOLE, 0, HOLE, 0, 33, 0);
    launch(b, MOVE | PITCH | LINES);
    lines(b, HOLE, 0, HOLE, 0, 0, 10);
    launch(b, MOVE | PITCH | LINES);
    g_assert_cmpint(go(b), ==, PB_IDLE);
}

static void test_remap(void)
{
    g_autofree Bus *b = with_data();

    lines(b, TO, 0, HOLE, 0, 1001, 1);
    method(b, COPY_SUB, 0x700, 3, 0x11223344u, 0x55667788u,
           4u | 5u << 4 | 3u << 16 | 1u << 24);
    launch(b, MOVE | PITCH | REMAP);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_cmphex(word_at(b, TO + 1000 * 8), ==, 0x11223344);
    g_assert_cmphex(word_at(b, TO + 1000 * 8 + 4), ==, 0x55667788);
    g_assert_cmphex(word_at(b, TO + 1001 * 8), ==, 0);
    /* Bytes: two of the source in the other order, one that is kept. */
    memset(b->mem + (TO - BASE), 0xee, 64);
    lines(b, TO, 0, FROM, 0, 5, 1);
    method(b, COPY_SUB, 0x708, 1,
           1u | 6u << 4 | 0u << 8 | 0u << 16 | 1u << 20 | 2u << 24);
    launch(b, MOVE | PITCH | REMAP);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    for (unsigned i = 0; i < 5; i++) {
        g_assert_cmpuint(at(b, TO)[3 * i], ==, at(b, FROM)[2 * i + 1]);
        g_assert_cmpuint(at(b, TO)[3 * i + 1], ==, 0xee);
        g_assert_cmpuint(at(b, TO)[3 * i + 2], ==, at(b, FROM)[2 * i]);
    }
    g_assert_cmpuint(at(b, TO)[15], ==, 0xee);
}

/* The semaphore comes when all is moved, however short the slices are. */
static void test_slices(void)
{
    g_autofree Bus *b = with_data();
    PbStatus s;

    lines(b, TO, 0, FROM, 0, 0x7000, 1);
    method(b, COPY_SUB, 0x240, 3, 0u, (uint32_t)(PUSH + 0x1000), 77u);
    launch(b, MOVE | PITCH | SEM_1 | INTERRUPT);
    submit(b);
    while ((s = slice(b, 1)) == PB_BUSY) {
        g_assert_true(pb_check(&b->c, ENTRIES));
        if (word_at(b, PUSH + 0x1000)) {
            g_assert_cmpmem(at(b, TO), 0x7000, at(b, FROM), 0x7000);
        }
    }
    g_assert_cmpint(s, ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, PUSH + 0x1000), ==, 77);
    g_assert_cmpuint(b->interrupts[1], ==, 1);
    g_assert_cmpuint(b->interrupts[0], ==, 0);
}

/* A device that lies: all is as it should be, but for what was to move. */
static void test_pretend(void)
{
    g_autofree Bus *b = with_data();

    b->c.copy.pretend = true;
    lines(b, TO, 0, FROM, 0, 64, 1);
    method(b, COPY_SUB, 0x240, 3, 0u, (uint32_t)(PUSH + 0x1000), 77u);
    launch(b, MOVE | PITCH | SEM_1);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, PUSH + 0x1000), ==, 77);
    g_assert_cmpuint(word_at(b, TO), ==, 0);
}

/* 1 MiB takes MIB_NS. */
static void test_cost(void)
{
    g_autofree Bus *b = with_data();
    int64_t one;

    g_assert_cmpint(slice(b, INT64_MAX), ==, PB_IDLE);
    lines(b, TO, 0, FROM, 0, 4096, 4);
    launch(b, MOVE | PITCH | LINES);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    one = b->run.spent;
    g_assert_cmpint(one, >=, 4 * 4096 * (int64_t)MIB_NS / 1048576);
    g_assert_cmpint(one, <, 4 * 4096 * (int64_t)MIB_NS / 1048576 +
                    WORD_NS * 32);
}

static void test_refused(void)
{
    static const uint32_t bad[] = {
        3 | PITCH,                      /* transfer type */
        MOVE,                           /* block-linear */
        MOVE | PITCH | 1u << 12,        /* physical source */
        MOVE | PITCH | 1u << 13,        /* physical destination */
        MOVE | PITCH | 3u << 3,         /* semaphore type */
        MOVE | PITCH | 1u << 5,         /* blocking interrupt */
        MOVE | PITCH | 1u << 19,        /* reduction */
        MOVE | PITCH | REMAP,           /* of a component that is not there */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autofree Bus *b = with_data();

        lines(b, TO, 0, FROM, 0, 64, 1);
        method(b, COPY_SUB, 0x708, 1, 3u);
        launch(b, bad[i]);
        g_assert_cmpint(go(b), ==, PB_ERROR);
        g_assert_cmpint(b->c.error, ==, PB_ERROR_COPY);
        g_assert_cmpuint(b->writes, ==, 0);
    }
}

static void test_faults(void)
{
    g_autofree Bus *a = with_data();
    g_autofree Bus *b = with_data();
    g_autofree Bus *c = with_data();

    lines(a, TO, 0, HOLE - 16, 0, 32, 1);
    launch(a, MOVE | PITCH);
    g_assert_cmpint(go(a), ==, PB_FAULT);
    lines(b, HOLE - 16, 0, FROM, 0, 32, 1);
    launch(b, MOVE | PITCH);
    g_assert_cmpint(go(b), ==, PB_FAULT);
    method(c, COPY_SUB, 0x00, 1, (uint32_t)bus_classes.copy);
    method(c, COPY_SUB, 0x240, 3, 0x1ffffu, 0u, 1u);
    launch(c, SEM_4);
    g_assert_cmpint(go(c), ==, PB_FAULT);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nv/copy/plain", test_plain);
    g_test_add_func("/nv/copy/lines", test_lines);
    g_test_add_func("/nv/copy/remap", test_remap);
    g_test_add_func("/nv/copy/slices", test_slices);
    g_test_add_func("/nv/copy/pretend", test_pretend);
    g_test_add_func("/nv/copy/cost", test_cost);
    g_test_add_func("/nv/copy/refused", test_refused);
    g_test_add_func("/nv/copy/faults", test_faults);
    return g_test_run();
}
