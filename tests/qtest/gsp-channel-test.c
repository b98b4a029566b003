/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A copy engine's channel of a GSP: bytes go where the page tables say, over
 * pages of every kind, and a fault is told with the address at which it was.
 */
#include "qemu/osdep.h"

#include "lib/nvch.h"

#define US 1000
#define MS 1000000

#define TABLES_FB 0x100000ull
#define VIDEO_FB 0x4000000ull

#define FROM_VA 0x2000000ull
#define TO_VA 0x4000000ull
#define LARGE_VA 0x6000000ull
#define PAGES 24

/* Reasons of MMU faults (nvkm/engine/fifo/gv100.c), robust-channel error. */
#define FAULT_PTE 0x02
#define FAULT_READ_ONLY 0x06
#define FAULT_REGION 0x0d
#define RC_MMU_FAULT 31

typedef struct Rig {
    Nv *nv;
    NvVm vm;
    NvCh ch;
    uint64_t from[PAGES];
    uint64_t to[PAGES];
    uint8_t bytes[PAGES * NV_PAGE];
} Rig;

/* Of a copy of @len bytes at offset @to from offset @from. */
static void expect(Rig *r, uint32_t to, uint32_t from, uint32_t len)
{
    uint8_t page[NV_PAGE];

    for (unsigned i = 0; i < PAGES; i++) {
        qtest_bufread(r->nv->b->qts, r->to[i], page, NV_PAGE);
        for (unsigned b = 0; b < NV_PAGE; b++) {
            uint32_t at = i * NV_PAGE + b;
            uint8_t want = at >= to && at - to < len
                           ? r->bytes[at - to + from] : 0xee;

            if (page[b] != want) {
                g_error("byte 0x%x of the destination is 0x%x, not 0x%x", at,
                        page[b], want);
            }
        }
    }
}

static void blank(Rig *r)
{
    for (unsigned i = 0; i < PAGES; i++) {
        qtest_memset(r->nv->b->qts, r->to[i], 0xee, NV_PAGE);
    }
}

/* System memory in 4 KiB pages, and a page of 2 MiB of frame buffer. */
static Rig *rig_new(void)
{
    Rig *r = g_new0(Rig, 1);
    uint32_t seed = 7;

    r->nv = nv_new("gsp-r570", "");
    nv_up(r->nv);
    nvm_init(&r->vm, r->nv, TABLES_FB);
    nvch_init(&r->ch, &r->vm);
    for (unsigned i = 0; i < sizeof(r->bytes); i++) {
        seed = seed * 1664525 + 1013904223;
        r->bytes[i] = seed >> 24;
    }
    for (unsigned i = 0; i < PAGES; i++) {
        r->from[i] = box_page(r->nv->b);
        r->to[i] = box_page(r->nv->b);
        qtest_bufwrite(r->nv->b->qts, r->from[i], r->bytes + i * NV_PAGE,
                       NV_PAGE);
    }
    nvm_system(&r->vm, FROM_VA, r->from, PAGES);
    nvm_system(&r->vm, TO_VA, r->to, PAGES);
    nvm_large(&r->vm, LARGE_VA, VIDEO_FB);
    blank(r);
    return r;
}

static void rig_free(Rig *r)
{
    nv_free(r->nv);
    g_free(r);
}

static void copies_over_pages(void)
{
    static const struct {
        uint32_t to, from, len;
    } all[] = {
        { 0, 0, PAGES * NV_PAGE },
        { 0, 0, 1 },
        { NV_PAGE - 1, 1, 2 },
        { 5, NV_PAGE - 3, 4 * NV_PAGE },
        { 3 * NV_PAGE - 7, 2 * NV_PAGE + 9, 17 * NV_PAGE + 3 },
    };
    Rig *r = rig_new();

    for (unsigned i = 0; i < ARRAY_SIZE(all); i++) {
        blank(r);
        nvch_copy(&r->ch, TO_VA + all[i].to, FROM_VA + all[i].from,
                  all[i].len, 1, NV_LAUNCH_PLAIN);
        nvch_run(&r->ch);
        expect(r, all[i].to, all[i].from, all[i].len);
        /* By way of frame buffer. */
        blank(r);
        nvch_copy(&r->ch, LARGE_VA + 77, FROM_VA + all[i].from, all[i].len, 1,
                  NV_LAUNCH_PLAIN);
        nvch_copy(&r->ch, TO_VA + all[i].to, LARGE_VA + 77, all[i].len, 1,
                  NV_LAUNCH_PLAIN);
        nvch_run(&r->ch);
        expect(r, all[i].to, all[i].from, all[i].len);
    }
    rig_free(r);
}

/* Pages that follow one another in memory, then one that does not. */
static void pages_in_one_piece_and_not(void)
{
    Rig *r = rig_new();
    uint64_t piece[PAGES];

    for (unsigned i = 0; i < PAGES; i++) {
        piece[i] = 0x42800000 + (i == 13 ? 100 : i) * NV_PAGE;
        qtest_bufwrite(r->nv->b->qts, piece[i], r->bytes + i * NV_PAGE,
                       NV_PAGE);
    }
    nvm_system(&r->vm, FROM_VA, piece, PAGES);
    nvch_copy(&r->ch, TO_VA, FROM_VA, PAGES * NV_PAGE, 1, NV_LAUNCH_PLAIN);
    nvch_run(&r->ch);
    expect(r, 0, 0, PAGES * NV_PAGE);
    rig_free(r);
}

/* An entry that has changed counts for the next launch. */
static void an_entry_that_changes(void)
{
    Rig *r = rig_new();

    for (unsigned i = 0; i < 2; i++) {
        nvch_copy(&r->ch, TO_VA, FROM_VA, NV_PAGE, 1, NV_LAUNCH_PLAIN);
        nvch_run(&r->ch);
        expect(r, 0, i * NV_PAGE, NV_PAGE);
        nvm_set(&r->vm, FROM_VA, NV_PTE_SYSTEM(r->from[1]));
        gpu_write(r->nv->g, A_MMU_INVALIDATE_PDB, r->vm.root >> 12 << 4);
        gpu_write(r->nv->g, A_MMU_INVALIDATE, 0x80000001);
        g_assert_cmphex(gpu_read(r->nv->g, A_MMU_INVALIDATE) >> 31, ==, 0);
    }
    rig_free(r);
}

static void sparse_pages_are_zeros(void)
{
    Rig *r = rig_new();

    nvm_set(&r->vm, FROM_VA + 2 * NV_PAGE, 1 << 3);
    nvm_set(&r->vm, TO_VA + 4 * NV_PAGE, 1 << 3);
    memset(r->bytes + 2 * NV_PAGE, 0, NV_PAGE);
    nvch_copy(&r->ch, TO_VA, FROM_VA, PAGES * NV_PAGE, 1, NV_LAUNCH_PLAIN);
    nvch_run(&r->ch);
    memset(r->bytes + 4 * NV_PAGE, 0xee, NV_PAGE);
    expect(r, 0, 0, PAGES * NV_PAGE);
    rig_free(r);
}

static void check_fault(Rig *r, uint64_t va, unsigned reason)
{
    Host *h = &r->nv->host;

    box_step(r->nv->b, 10 * MS);
    g_assert_false(nvch_is_done(&r->ch));
    nv_ack(r->nv);
    host_expect(h, HOST_NUMBER(h, EVENT_MMU_FAULT));
    host_expect(h, HOST_NUMBER(h, EVENT_RC));
    g_assert_cmpuint(HOST_GET(h, RC_CHID, h->reply), ==, r->ch.chid);
    g_assert_cmpuint(HOST_GET(h, RC_TYPE, h->reply), ==, RC_MMU_FAULT);
    g_assert_cmphex(HOST_GET(h, RC_ADDRESS_LO, h->reply) |
                    HOST_GET(h, RC_ADDRESS_HI, h->reply) << 32, ==, va);
    g_assert_cmphex(HOST_GET(h, RC_FAULT, h->reply), ==, reason);
    g_assert_cmpuint(gpu_get_number(r->nv->g, "channel-errors"), ==, 1);
}

/* What lies in front of it is copied, and nothing behind it. */
static void a_fault_has_its_address(void)
{
    static const struct {
        uint64_t va, entry;
        uint32_t at;
        unsigned reason;
    } bad[] = {
        { FROM_VA, 0, 13, FAULT_PTE },
        { FROM_VA, 0, 0, FAULT_PTE },
        { FROM_VA, NV_PTE_SYSTEM(NV_NOWHERE), 5, FAULT_REGION },
        { TO_VA, 0, 13, FAULT_PTE },
        { TO_VA, NV_PTE_SYSTEM(0x44000000ull) | NV_PTE_READ_ONLY, 7,
          FAULT_READ_ONLY },
        { TO_VA, NV_PTE_SYSTEM(NV_NOWHERE), 23, FAULT_REGION },
        { TO_VA, NV_PTE_VIDEO(NV_FB_SIZE), 9, FAULT_REGION },
        { FROM_VA, NV_PTE_VIDEO(0x3fe00000ull), 9, FAULT_REGION },
        { TO_VA, NV_PTE_VIDEO(0x3fe00000ull), 9, FAULT_REGION },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        Rig *r = rig_new();
        uint64_t va = bad[i].va + bad[i].at * NV_PAGE;

        nvm_set(&r->vm, va, bad[i].entry);
        nvch_copy(&r->ch, TO_VA, FROM_VA, PAGES * NV_PAGE, 1,
                  NV_LAUNCH_PLAIN);
        nvch_kick(&r->ch);
        check_fault(r, va, bad[i].reason);
        expect(r, 0, 0, bad[i].at * NV_PAGE);
        rig_free(r);
    }
}

/* The second line, from the middle of a page on. */
static void a_fault_of_another_line(void)
{
    Rig *r = rig_new();
    uint32_t len = 5 * NV_PAGE + 100;

    nvm_set(&r->vm, FROM_VA + 7 * NV_PAGE, 0);
    nvch_copy(&r->ch, TO_VA, FROM_VA, len, 3,
              NV_LAUNCH_PLAIN | NV_LAUNCH_LINES);
    nvch_kick(&r->ch);
    check_fault(r, FROM_VA + 7 * NV_PAGE, FAULT_PTE);
    rig_free(r);
}

/* Time stands in the middle of a copy of 1.5 MiB and a machine ends. */
static void a_snapshot_in_the_middle(void)
{
    Rig *r = rig_new();
    uint8_t page[2][NV_PAGE];
    const uint32_t len = 0x180000;

    nvm_large(&r->vm, LARGE_VA + NV_LARGE, VIDEO_FB + NV_LARGE);
    for (unsigned i = 0; i < len / NV_PAGE; i++) {
        memset(page[0], i, NV_PAGE);
        nv_fb_write(r->nv, VIDEO_FB + i * NV_PAGE, page[0], NV_PAGE);
    }
    nvch_copy(&r->ch, LARGE_VA + NV_LARGE, LARGE_VA, len, 1, NV_LAUNCH_PLAIN);
    nvch_kick(&r->ch);
    box_step(r->nv->b, 30 * US);
    nv_snapshot(r->nv);
    g_assert_false(nvch_is_done(&r->ch));
    box_step(r->nv->b, MS);
    g_assert_true(nvch_is_done(&r->ch));
    for (unsigned i = 0; i < len / NV_PAGE; i++) {
        memset(page[0], i, NV_PAGE);
        nv_fb_read(r->nv, VIDEO_FB + NV_LARGE + i * NV_PAGE, page[1],
                   NV_PAGE);
        g_assert_cmpmem(page[0], NV_PAGE, page[1], NV_PAGE);
    }
    rig_free(r);
}

#define TEST(name) qtest_add_func("/gpumbox/gsp-channel/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(copies_over_pages);
    TEST(pages_in_one_piece_and_not);
    TEST(an_entry_that_changes);
    TEST(sparse_pages_are_zeros);
    TEST(a_fault_has_its_address);
    TEST(a_fault_of_another_line);
    TEST(a_snapshot_in_the_middle);
    return g_test_run();
}
