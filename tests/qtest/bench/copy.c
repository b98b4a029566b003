/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How fast the copy engine moves bytes, beside the host's memcpy.
 *
 *   gpumbox-copy-test --bench=N       the best of N copies, one line:
 *       copy SYSTEM VIDEO REFERENCE   (bytes a second of host CPU time)
 *   gpumbox-copy-test [glib options]
 *
 * A copy is 16 MiB in one launch of the real device through the channel's page
 * tables: out of system memory, in pages of 4 KiB that are scattered over it, into
 * frame buffer in pages of 2 MiB, as the driver moves buffers; then frame
 * buffer to frame buffer. Virtual time moves in few large steps, so what the
 * host spends is the engine's. The reference is one memcpy of as much between
 * two buffers of this program. All are CPU time on one core, of memory that
 * was touched before.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"

#include "lib/nvch.h"

#define MS 1000000
#define BYTES (16 * MiB)
#define PAGES (BYTES / NV_PAGE)

#define TABLES_FB 0x100000ull
#define FROM_FB 0x4000000ull
#define TO_FB 0x8000000ull

#define SYSTEM_VA 0x2000000ull
#define FROM_VA 0x4000000ull
#define TO_VA 0x6000000ull

typedef struct Rig {
    Nv *nv;
    NvVm vm;
    NvCh ch;
    uint64_t page[PAGES];
} Rig;

static uint64_t first_word(unsigned page)
{
    return (page + 1) * 0x9e3779b97f4a7c15ull;
}

static Rig *rig_new(void)
{
    Rig *r = g_new0(Rig, 1);

    r->nv = nv_new("gsp-r570", "");
    nv_up(r->nv);
    nvm_init(&r->vm, r->nv, TABLES_FB);
    nvch_init(&r->ch, &r->vm);
    for (unsigned i = 0; i < PAGES; i++) {
        r->page[i] = box_page(r->nv->b);
        qtest_writeq(r->nv->b->qts, r->page[i], first_word(i));
        qtest_writeq(r->nv->b->qts, r->page[i] + NV_PAGE - 8, ~first_word(i));
    }
    nvm_system(&r->vm, SYSTEM_VA, r->page, PAGES);
    for (unsigned i = 0; i < BYTES / NV_LARGE; i++) {
        nvm_large(&r->vm, FROM_VA + i * NV_LARGE, FROM_FB + i * NV_LARGE);
        nvm_large(&r->vm, TO_VA + i * NV_LARGE, TO_FB + i * NV_LARGE);
    }
    return r;
}

static void rig_free(Rig *r)
{
    nv_free(r->nv);
    g_free(r);
}

/* One copy; CPU time of QEMU from the doorbell to its end, ns. */
static int64_t one_copy(Rig *r, uint64_t to, uint64_t from)
{
    clockid_t clock;
    int64_t start;

    g_assert_cmpint(clock_getcpuclockid(qtest_pid(r->nv->b->qts), &clock),
                    ==, 0);
    nvch_copy(&r->ch, to, from, BYTES, 1, NV_LAUNCH_PLAIN);
    start = box_cpu_time(clock);
    nvch_kick(&r->ch);
    while (!nvch_is_done(&r->ch)) {
        box_step(r->nv->b, 10 * MS);
    }
    return box_cpu_time(clock) - start;
}

static void check(Rig *r, uint64_t fb)
{
    for (unsigned i = 0; i < PAGES; i++) {
        uint64_t word[2];

        nv_fb_read(r->nv, fb + i * NV_PAGE, &word[0], 8);
        nv_fb_read(r->nv, fb + (i + 1) * NV_PAGE - 8, &word[1], 8);
        g_assert_cmphex(word[0], ==, first_word(i));
        g_assert_cmphex(word[1], ==, ~first_word(i));
    }
}

static int64_t one_memcpy(uint8_t *to, const uint8_t *from)
{
    int64_t start = box_cpu_time(CLOCK_PROCESS_CPUTIME_ID);

    memcpy(to, from, BYTES);
    __asm__ volatile("" : : "r" (to) : "memory");
    return box_cpu_time(CLOCK_PROCESS_CPUTIME_ID) - start;
}

/*
 * In turn, so that each finds the caches as the others leave them. What the
 * host does meanwhile only adds: the least of each counts.
 */
static void bench(unsigned n)
{
    g_autofree uint8_t *from = g_malloc(BYTES), *to = g_malloc(BYTES);
    int64_t system, video, reference;
    Rig *r;

    memset(from, 1, BYTES);
    memset(to, 2, BYTES);
    box_one_core();
    r = rig_new();
    system = one_copy(r, FROM_VA, SYSTEM_VA);
    video = one_copy(r, TO_VA, FROM_VA);
    reference = one_memcpy(to, from);
    while (n--) {
        system = MIN(system, one_copy(r, FROM_VA, SYSTEM_VA));
        video = MIN(video, one_copy(r, TO_VA, FROM_VA));
        reference = MIN(reference, one_memcpy(to, from));
    }
    check(r, TO_FB);
    g_assert_cmpuint(to[BYTES - 1], ==, 1);
    rig_free(r);
    printf("copy %.0f %.0f %.0f\n", BYTES * 1e9 / system,
           BYTES * 1e9 / video, BYTES * 1e9 / reference);
}

static void all_of_it_is_copied(void)
{
    Rig *r = rig_new();

    one_copy(r, FROM_VA, SYSTEM_VA);
    check(r, FROM_FB);
    one_copy(r, TO_VA, FROM_VA);
    check(r, TO_FB);
    rig_free(r);
}

int main(int argc, char **argv)
{
    if (argc > 1 && g_str_has_prefix(argv[argc - 1], "--bench=")) {
        bench(MAX(1, g_ascii_strtoull(argv[argc - 1] + 8, NULL, 0)));
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/gpumbox/copy/all_of_it_is_copied", all_of_it_is_copied);
    return g_test_run();
}
