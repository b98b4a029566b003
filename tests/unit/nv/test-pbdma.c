/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Channels: ring, headers of methods, host's methods, and what ends them. */
#include "bus.h"

#define SUBROUTINE (1u << 9)

static void test_ring(void)
{
    g_autofree Bus *b = bus_new(false);

    g_assert_cmpint(slice(b, 1000), ==, PB_IDLE);
    for (unsigned i = 0; i < 3 * ENTRIES; i++) {
        b->words = b->begin = 0;
        sem(b, DATA, i + 1, SEM_RELEASE);
        g_assert_cmpint(go(b), ==, PB_IDLE);
        g_assert_cmpuint(word_at(b, DATA), ==, i + 1);
        g_assert_cmpuint(b->c.gp_get, ==, (i + 1) % ENTRIES);
        g_assert_cmphex(b->c.get, ==, PUSH + 6 * 4);
    }
    /* A pointer that is outside ends the channel. */
    b->put = ENTRIES;
    g_assert_cmpint(slice(b, 1000), ==, PB_ERROR);
    g_assert_cmpint(b->c.error, ==, PB_ERROR_ENTRY);
    b->put = 0;
    g_assert_cmpint(slice(b, 1000), ==, PB_ERROR);
}

static void test_entries(void)
{
    g_autofree Bus *b = bus_new(false);

    sem(b, DATA, 1, SEM_RELEASE);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_true(b->c.top_valid);
    g_assert_cmphex(b->c.top_get, ==, PUSH + 24);
    /* The main buffer's pointer stays where it was in a subroutine. */
    sem(b, DATA, 2, SEM_RELEASE);
    submit(b);
    set_word(b, RING + 12, word_at(b, RING + 12) | SUBROUTINE);
    g_assert_cmpint(slice(b, 10000), ==, PB_IDLE);
    g_assert_cmphex(b->c.get, ==, PUSH + 48);
    g_assert_cmphex(b->c.top_get, ==, PUSH + 24);
    /* Entries without words: one that is nothing, one that is illegal. */
    submit(b);
    g_assert_cmpint(slice(b, 10000), ==, PB_IDLE);
    submit(b);
    set_word(b, RING + 28, 1);
    g_assert_cmpint(slice(b, 10000), ==, PB_ERROR);
    g_assert_cmpint(b->c.error, ==, PB_ERROR_ENTRY);
}

/* Word by word, with a new slice for each, all comes out the same. */
static void test_slices(void)
{
    g_autofree Bus *b = bus_new(false);
    unsigned slices = 0;
    PbStatus s;

    for (unsigned i = 0; i < 10; i++) {
        sem(b, DATA + 4 * i, i + 1, SEM_RELEASE);
    }
    submit(b);
    do {
        s = slice(b, 1);
        slices++;
        g_assert_true(pb_check(&b->c, ENTRIES));
        g_assert_cmpint(b->run.spent, <=, WORD_NS);
    } while (s == PB_BUSY);
    g_assert_cmpint(s, ==, PB_IDLE);
    g_assert_cmpuint(slices, ==, 1 + 60 + 1);
    for (unsigned i = 0; i < 10; i++) {
        g_assert_cmpuint(word_at(b, DATA + 4 * i), ==, i + 1);
    }
}

static void test_headers(void)
{
    g_autofree Bus *b = bus_new(false);

    method(b, 0, SEM_ADDR_LO, 2, (uint32_t)DATA, 0u);
    push(b, 3u << 29 | 3 << 16 | 0x64 >> 2);    /* the same method */
    push(b, 1);
    push(b, 2);
    push(b, 3);
    push(b, 4u << 29 | 1 << 16 | 0x6c >> 2);    /* release */
    push(b, 5u << 29 | 2 << 16 | 0x60 >> 2);    /* once: address, payload */
    push(b, 0);
    push(b, 4);
    push(b, 1u << 29 | 1 << 16 | 0x5c >> 2);
    push(b, DATA + 4);
    push(b, 4u << 29 | 1 << 16 | 0x6c >> 2);
    push(b, 3u << 18 | 0x5c);                   /* old, increments */
    push(b, DATA + 8);
    push(b, 0);
    push(b, 5);
    push(b, 4u << 29 | 1 << 16 | 0x6c >> 2);
    push(b, 2u << 29 | 1 << 18 | 0x64);         /* old, the same */
    push(b, 6);
    push(b, 1u << 29 | 1 << 16 | 0x5c >> 2);
    push(b, DATA + 12);
    push(b, 4u << 29 | 1 << 16 | 0x6c >> 2);
    push(b, 7u << 29);
    push(b, 6u << 29);                          /* not reached */
    g_assert_cmpint(go(b), ==, PB_IDLE);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpuint(word_at(b, DATA + 4 * i), ==, 3 + i);
    }
    push(b, 6u << 29);
    g_assert_cmpint(go(b), ==, PB_ERROR);
    g_assert_cmpint(b->c.error, ==, PB_ERROR_HEADER);
}

static void test_masks(void)
{
    g_autofree Bus *b = bus_new(false);

    push(b, 1u << 16 | 2u << 4);
    sem(b, DATA, 1, SEM_RELEASE);
    /* An error that is not for us is none. */
    method(b, 0, 0x04, 1, 0u);
    push(b, 2u << 16 | 1u << 4);
    push(b, 3u << 16);
    sem(b, DATA + 4, 2, SEM_RELEASE);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, DATA), ==, 0);
    g_assert_cmpuint(word_at(b, DATA + 4), ==, 2);
}

/* Where the word stands does not matter: in a header, or in the middle. */
static void test_acquire(void)
{
    g_autofree Bus *b = bus_new(false);
    uint64_t get;

    sem(b, DATA, 5, 3);                         /* greater or equal */
    sem(b, DATA + 4, 1, SEM_RELEASE);
    submit(b);
    g_assert_cmpint(slice(b, 100000), ==, PB_BLOCKED);
    get = b->c.get;
    g_assert_cmpint(slice(b, 100000), ==, PB_BLOCKED);
    g_assert_cmphex(b->c.get, ==, get);
    g_assert_cmpuint(word_at(b, DATA + 4), ==, 0);
    set_word(b, DATA, 4);
    g_assert_cmpint(slice(b, 100000), ==, PB_BLOCKED);
    set_word(b, DATA, 6);
    g_assert_cmpint(slice(b, 100000), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, DATA + 4), ==, 1);

    method(b, 0, SEM_ADDR_LO, 3, (uint32_t)DATA + 8, 0u, 9u);
    push(b, 4u << 29 | 0 << 16 | 0x6c >> 2);
    sem(b, DATA + 12, 1, SEM_RELEASE);
    submit(b);
    g_assert_cmpint(slice(b, 100000), ==, PB_BLOCKED);
    set_word(b, DATA + 8, 9);
    g_assert_cmpint(slice(b, 100000), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, DATA + 12), ==, 1);
}

static void test_old_semaphores(void)
{
    g_autofree Bus *b = bus_new(false);

    set_word(b, DATA + 4, 7);
    set_word(b, DATA + 20, 7);
    method(b, 0, 0x10, 4, 0u, (uint32_t)DATA, 11u, 2u | 1u << 24);
    method(b, 0, 0x10, 5, 0u, (uint32_t)DATA + 16, 12u, 2u, 0u);
    method(b, 0, 0x10, 4, 0u, (uint32_t)DATA, 11u, 1u);
    method(b, 0, 0x10, 4, 0u, (uint32_t)DATA, 3u, 4u);
    method(b, 0, 0x10, 4, 0u, (uint32_t)DATA, 8u, 8u);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, DATA), ==, 11);
    g_assert_cmpuint(word_at(b, DATA + 4), ==, 7);
    g_assert_cmpuint(word_at(b, DATA + 16), ==, 12);
    g_assert_cmpuint(word_at(b, DATA + 20), ==, 0);
    g_assert_cmpuint(word_at(b, DATA + 24), >, NOW);
    g_assert_cmpuint(b->interrupts[0], ==, 1);
    method(b, 0, 0x10, 4, 0u, (uint32_t)DATA, 0x7fffffffu, 4u);
    g_assert_cmpint(go(b), ==, PB_BLOCKED);
}

static void test_errors(void)
{
    static const struct {
        uint32_t addr, data;
        PbError error;
    } all[] = {
        { 0x04, 0, PB_ERROR_METHOD },
        { 0x54, 0, PB_ERROR_METHOD },
        { 0xfc, 0, PB_ERROR_METHOD },
        { 0x34, 0, PB_ERROR_METHOD },
        { 0x00, 0x1234, PB_ERROR_CLASS },
        { 0x00, 0xc797, PB_ERROR_CLASS },   /* no graphics here */
        { 0x00, 0xc5b5, PB_ERROR_CLASS },   /* another chip's */
        { 0x300, 0, PB_ERROR_CLASS },
        { 0x6c, 7, PB_ERROR_SEMAPHORE },
        { 0x6c, 6 | 9u << 27, PB_ERROR_SEMAPHORE },
        { 0x1c, 3, PB_ERROR_SEMAPHORE },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(all); i++) {
        g_autofree Bus *b = bus_new(false);

        method(b, 0, SEM_ADDR_LO, 1, (uint32_t)DATA);
        method(b, 0, 0x10, 2, 0u, (uint32_t)DATA);
        method(b, 0, all[i].addr, 1, all[i].data);
        sem(b, DATA + 64, 1, SEM_RELEASE);
        g_assert_cmpint(go(b), ==, PB_ERROR);
        g_assert_cmpint(b->c.error, ==, all[i].error);
        g_assert_cmpint(slice(b, 1000), ==, PB_ERROR);
        g_assert_cmpuint(word_at(b, DATA + 64), ==, 0);
    }
}

static void test_graphics(void)
{
    g_autofree Bus *b = bus_new(true);

    method(b, 0, 0x00, 1, 0xc797u);
    method(b, 1, 0x00, 1, 0xc7c0u);
    method(b, 4, 0x00, 1, (uint32_t)bus_classes.copy);
    method(b, 4, 0x100, 1, 0u);
    g_assert_cmpint(go(b), ==, PB_IDLE);
    method(b, 1, 0x100, 1, 0u);
    g_assert_cmpint(go(b), ==, PB_ERROR);
    g_assert_cmpint(b->c.error, ==, PB_ERROR_ENGINE);
}

static void test_faults(void)
{
    g_autofree Bus *a = bus_new(false);
    g_autofree Bus *b = bus_new(false);
    g_autofree Bus *c = bus_new(false);

    sem(a, HOLE, 1, SEM_RELEASE);
    g_assert_cmpint(go(a), ==, PB_FAULT);
    sem(b, HOLE, 1, 0);
    g_assert_cmpint(go(b), ==, PB_FAULT);
    submit(c);
    set_word(c, RING, HOLE);
    set_word(c, RING + 4, 4 << 10);
    g_assert_cmpint(slice(c, 1000), ==, PB_FAULT);
}

/* However much there is, a slice ends. */
static void test_bound(void)
{
    g_autofree Bus *b = bus_new(false);

    for (unsigned i = 0; i < 1000; i++) {
        push(b, 0);
    }
    submit(b);
    g_assert_cmpint(slice(b, 100 * WORD_NS), ==, PB_BUSY);
    g_assert_cmpuint(b->c.left, ==, 1000 - 99);
    /* The words were fetched in few pieces. */
    g_assert_cmpuint(b->reads, <=, 6);
    /* A yield ends it early. */
    g_assert_cmpint(slice(b, INT64_MAX), ==, PB_IDLE);
    method(b, 0, 0x80, 1, 0u);
    sem(b, DATA, 1, SEM_RELEASE);
    submit(b);
    g_assert_cmpint(slice(b, 10000), ==, PB_BUSY);
    g_assert_cmpuint(word_at(b, DATA), ==, 0);
    g_assert_cmpint(slice(b, 10000), ==, PB_IDLE);
    g_assert_cmpuint(word_at(b, DATA), ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/nv/pbdma/ring", test_ring);
    g_test_add_func("/nv/pbdma/entries", test_entries);
    g_test_add_func("/nv/pbdma/slices", test_slices);
    g_test_add_func("/nv/pbdma/headers", test_headers);
    g_test_add_func("/nv/pbdma/masks", test_masks);
    g_test_add_func("/nv/pbdma/acquire", test_acquire);
    g_test_add_func("/nv/pbdma/old-semaphores", test_old_semaphores);
    g_test_add_func("/nv/pbdma/errors", test_errors);
    g_test_add_func("/nv/pbdma/graphics", test_graphics);
    g_test_add_func("/nv/pbdma/faults", test_faults);
    g_test_add_func("/nv/pbdma/bound", test_bound);
    return g_test_run();
}
