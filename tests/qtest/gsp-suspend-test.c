/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A GSP sleeps and wakes: what comes back, and each save that booter refuses
 * to make or to put back, with the number that it says.
 */
#include "qemu/osdep.h"

#include "lib/nv.h"

#define US 1000
#define MS 1000000

/* A piece of frame buffer that the driver has saved, in pages. */
#define PIECE 0x1000000ull
#define PIECE_PAGES 16

/* What the save has room for: that, and the firmware's VGA workspace. */
#define SAVE_PAGES (PIECE_PAGES + 256)

static void list_pages(Nv *nv, uint32_t handle, uint32_t class,
                       const uint64_t *page, unsigned n)
{
    Host *h = &nv->host;
    uint32_t head = HOST_SIZE(h, MEMORY);
    g_autofree uint8_t *p = g_malloc0(head + 8 * n);

    HOST_PUT(h, MEMORY_CLIENT, p, 1);
    HOST_PUT(h, MEMORY_DEVICE, p, 2);
    HOST_PUT(h, MEMORY_MEMORY, p, handle);
    HOST_PUT(h, MEMORY_CLASS, p, class);
    HOST_PUT(h, MEMORY_PAGES, p, n);
    HOST_PUT(h, MEMORY_LENGTH, p, n * GSP_PAGE);
    for (unsigned i = 0; i < n; i++) {
        stq_le_p(p + head + 8 * i, page[i] / GSP_PAGE);
    }
    host_call(h, HOST_NUMBER(h, RPC_MEMORY), p, head + 8 * n);
    g_assert_cmphex(h->reply_result, ==, 0);
}

static uint32_t internal(Nv *nv, uint32_t cmd, uint8_t *p, uint32_t len)
{
    Host *h = &nv->host;

    return host_control(h, HOST_NUMBER(h, HANDLE_CLIENT),
                        HOST_NUMBER(h, HANDLE_SUBDEVICE), cmd, p, len);
}

/* r535/fbsr.c: fbsr_init(), fbsr_send() */
static void have_a_piece_saved(Nv *nv)
{
    Host *h = &nv->host;
    uint8_t p[FW_STRUCT_MAX] = { 0 };
    uint64_t save[SAVE_PAGES], piece[PIECE_PAGES];

    for (unsigned i = 0; i < SAVE_PAGES; i++) {
        save[i] = box_page(nv->b);
    }
    for (unsigned i = 0; i < PIECE_PAGES; i++) {
        piece[i] = PIECE + i * GSP_PAGE;
    }
    list_pages(nv, 0x20, HOST_NUMBER(h, CLASS_MEMORY_SYSTEM), save,
               SAVE_PAGES);
    list_pages(nv, 0x21, HOST_NUMBER(h, CLASS_MEMORY_FB), piece,
               PIECE_PAGES);
    HOST_PUT(h, FBSR_CLIENT, p, 1);
    HOST_PUT(h, FBSR_MEMORY, p, 0x20);
    HOST_PUT(h, FBSR_OWN, p, PIECE_PAGES * GSP_PAGE);
    g_assert_cmphex(internal(nv, HOST_NUMBER(h, CTRL_FBSR), p,
                             HOST_SIZE(h, FBSR)), ==, 0);
    memset(p, 0, sizeof(p));
    HOST_PUT(h, REGION_CLIENT, p, 1);
    HOST_PUT(h, REGION_MEMORY, p, 0x21);
    HOST_PUT(h, REGION_BYTES, p, PIECE_PAGES * GSP_PAGE);
    g_assert_cmphex(internal(nv, HOST_NUMBER(h, CTRL_FBSR_REGION), p,
                             HOST_SIZE(h, REGION)), ==, 0);
}

static void pattern(uint8_t *page, unsigned n)
{
    memset(page, 'a' + n, GSP_PAGE);
}

/* A driver with a tree of objects and something in frame buffer. */
static Nv *up(void)
{
    Nv *nv = nv_new("gsp-r535", "");
    uint8_t page[GSP_PAGE];

    nv_up(nv);
    nv_save_to(nv);
    host_tree(&nv->host);
    for (unsigned i = 0; i < PIECE_PAGES; i++) {
        pattern(page, i);
        nv_fb_write(nv, PIECE + i * GSP_PAGE, page, sizeof(page));
    }
    have_a_piece_saved(nv);
    return nv;
}

static void check_awake(Nv *nv)
{
    Host *h = &nv->host;
    uint8_t want[GSP_PAGE], page[GSP_PAGE];

    nv_wait(nv);
    host_expect(h, HOST_NUMBER(h, EVENT_INIT_DONE));
    g_assert_true(nv_active(nv));
    g_assert_cmphex(gpu_read(nv->g, A_WPR2_LO), ==, nv->wpr >> 8);
    for (unsigned i = 0; i < PIECE_PAGES; i++) {
        pattern(want, i);
        nv_fb_read(nv, PIECE + i * GSP_PAGE, page, sizeof(page));
        g_assert_cmpmem(page, GSP_PAGE, want, GSP_PAGE);
    }
    /* Its objects are there, and their handles taken. */
    g_assert_cmphex(host_alloc(h, 1, 2, 3, HOST_NUMBER(h, CLASS_EVENT), NULL,
                               0), ==, HOST_NUMBER(h, STATUS_IN_USE));
    g_assert_cmphex(host_alloc(h, 1, 3, 9, HOST_NUMBER(h, CLASS_EVENT), NULL,
                               0), ==, 0);
    g_assert_cmphex(host_release(h, 1, 9), ==, 0);
}

static void check_asleep(Nv *nv)
{
    g_assert_cmphex(nv_wpr2(nv), ==, 0);
    g_assert_false(nv_active(nv));
}

static void sleep_and_lose_power(Nv *nv)
{
    uint32_t word;

    nv_goodbye(nv, true);
    g_assert_cmphex(nv_suspend(nv), ==, 0);
    check_asleep(nv);
    nv_power_cycle(nv);
    nv_fb_read(nv, PIECE, &word, 4);
    g_assert_cmphex(word, ==, 0);
}

static void sleeps_and_wakes(void)
{
    Nv *nv = up();

    for (unsigned i = 0; i < 3; i++) {
        sleep_and_lose_power(nv);
        g_assert_cmphex(nv_resume(nv), ==, 0);
        check_awake(nv);
    }
    nv_free(nv);
}

/* Without a loss of power all is there anyway, but for the region. */
static void wakes_without_a_loss_of_power(void)
{
    Nv *nv = up();

    nv_goodbye(nv, true);
    g_assert_cmphex(nv_suspend(nv), ==, 0);
    check_asleep(nv);
    g_assert_cmphex(nv_resume(nv), ==, 0);
    check_awake(nv);
    nv_free(nv);
}

/* Metadata that are not right; then those that are. */
static void booter_refuses_to_save(void)
{
    Nv *nv = up();
    const struct {
        unsigned field;
        uint64_t value, good;
        uint32_t error;
    } bad[] = {
        /* Not suspend metadata at all: those of a boot, and one that runs. */
        { GSP_F_SR_MAGIC, 0x1234, NV_SR_MAGIC, NV_BOOT_RUNNING },
        { GSP_F_SR_REVISION, 1, NV_SR_REVISION, NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, 0, nv->wpr_size, NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, nv->wpr_size - 8, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, nv->wpr_size - GSP_PAGE, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, nv->wpr_size + GSP_PAGE, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, UINT64_MAX & ~0xfffull, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA, NV_NOWHERE, nv->saved.root, NV_BOOT_SR_DATA },
    };
    uint64_t level1 = qtest_readq(nv->b->qts, nv->saved.root);
    uint64_t level2 = qtest_readq(nv->b->qts, level1 + 8);

    nv_goodbye(nv, true);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        nv_poke(nv, nv->sr, bad[i].field, bad[i].value);
        g_assert_cmphex(nv_suspend(nv), ==, bad[i].error);
        g_assert_cmphex(nv_wpr2(nv), !=, 0);
        nv_poke(nv, nv->sr, bad[i].field, bad[i].good);
    }
    /* A page in the middle that is not there. */
    qtest_writeq(nv->b->qts, level2, NV_NOWHERE);
    g_assert_cmphex(nv_suspend(nv), ==, NV_BOOT_SR_DATA);
    g_assert_cmphex(nv_wpr2(nv), !=, 0);
    qtest_writeq(nv->b->qts, level2, nv->saved.page[512]);
    g_assert_cmphex(nv_suspend(nv), ==, 0);
    nv_power_cycle(nv);
    g_assert_cmphex(nv_resume(nv), ==, 0);
    check_awake(nv);
    nv_free(nv);
}

static void refused(Nv *nv, uint32_t error)
{
    g_assert_cmphex(nv_resume(nv), ==, error);
    check_asleep(nv);
    box_step(nv->b, 100 * MS);
    g_assert_false(gpu_line(nv->g, 0));
}

/* What no one but booter writes is changed; then it is as it was. */
static void spoilt(Nv *nv, uint64_t addr, uint64_t by, uint32_t error)
{
    uint64_t was = qtest_readq(nv->b->qts, addr);

    qtest_writeq(nv->b->qts, addr, was ^ by);
    refused(nv, error);
    qtest_writeq(nv->b->qts, addr, was);
}

static void booter_refuses_to_put_back(void)
{
    Nv *nv = up();
    const FwField *f = nv->host.layout.field;
    const struct {
        unsigned field;
        uint64_t value, good;
        uint32_t error;
    } bad[] = {
        /* Metadata of a boot are for a region that FWSEC has made. */
        { GSP_F_SR_MAGIC, 0x1234, NV_SR_MAGIC, NV_BOOT_WPR2_UNSET },
        { GSP_F_SR_REVISION, 3, NV_SR_REVISION, NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, nv->wpr_size - GSP_PAGE, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA_BYTES, nv->wpr_size + GSP_PAGE, nv->wpr_size,
          NV_BOOT_SR_META },
        { GSP_F_SR_DATA, NV_NOWHERE, nv->saved.root, NV_BOOT_SR_DATA },
    };
    uint64_t first = nv->saved.page[0], last, level1, level2;

    sleep_and_lose_power(nv);
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        nv_poke(nv, nv->sr, bad[i].field, bad[i].value);
        refused(nv, bad[i].error);
        nv_poke(nv, nv->sr, bad[i].field, bad[i].good);
    }
    level1 = qtest_readq(nv->b->qts, nv->saved.root);
    level2 = qtest_readq(nv->b->qts, level1 + 8);
    spoilt(nv, level2, nv->saved.page[512] ^ NV_NOWHERE, NV_BOOT_SR_DATA);
    /* Two pages change places. */
    spoilt(nv, level2, nv->saved.page[512] ^ nv->saved.page[0],
           NV_BOOT_SR_SEAL);
    last = nv->saved.page[nv->saved.nr - 1];
    spoilt(nv, nv->sr + f[GSP_F_SR_SEAL].offset, 1, NV_BOOT_SR_SEAL);
    spoilt(nv, first + GSP_PAGE - 8, 1, NV_BOOT_SR_SEAL);
    spoilt(nv, nv->saved.page[nv->saved.nr / 2] + 8, 1ull << 63,
           NV_BOOT_SR_SEAL);
    spoilt(nv, last + GSP_PAGE - 8, 1ull << 63, NV_BOOT_SR_SEAL);
    spoilt(nv, first + f[GSP_F_WPR_MAGIC].offset, 1, NV_BOOT_META_MAGIC);
    spoilt(nv, first + f[GSP_F_WPR_VGA].offset, NV_FB_SIZE,
           NV_BOOT_META_LAYOUT);
    spoilt(nv, first + f[GSP_F_WPR_START].offset, 0x20000, NV_BOOT_SR_META);
    /* FWSEC has made a region: there is one to be kept. */
    nv_frts(nv);
    g_assert_cmphex(nv_resume(nv), ==, NV_BOOT_WPR2_SET);
    g_assert_cmphex(nv_unload(nv), ==, 0);
    g_assert_cmphex(nv_resume(nv), ==, 0);
    check_awake(nv);
    nv_free(nv);
}

/* Booter is content, and the firmware is not. */
static void the_firmware_refuses_to_resume(void)
{
    Nv *nv = up();

    sleep_and_lose_power(nv);
    g_assert_cmphex(nv_wpr2(nv), ==, 0);
    host_arguments(&nv->host, nv->libos, nv->args, true);
    nv_poke(nv, nv->args, GSP_F_ARGS_IN_PM, 0);
    g_assert_cmphex(nv_boot(nv, nv->sr), ==, 0);
    box_step(nv->b, 100 * MS);
    g_assert_cmphex(gpu_read(nv->g, NV_GSP(MAILBOX0)), ==, GSP_ERROR_ARGS);
    g_assert_false(nv_active(nv));
    nv_free(nv);
}

/* A save that does not come to its end is none. */
static void power_fails_during_the_save(void)
{
    Nv *nv = up();

    nv_goodbye(nv, true);
    nv_start_booter(nv, nv->sr);
    box_step(nv->b, 500 * US);
    g_assert_cmphex(nv_wpr2(nv), !=, 0);
    nv_power_cycle(nv);
    refused(nv, NV_BOOT_SR_SEAL);
    nv_free(nv);
}

/* A booter that is reset half-way has done nothing. */
static void booter_is_reset_half_way(void)
{
    Nv *nv = up();

    nv_goodbye(nv, true);
    nv_start_booter(nv, nv->sr);
    box_step(nv->b, 500 * US);
    gpu_write(nv->g, NV_SEC2(ENGINE), 1);
    gpu_write(nv->g, NV_SEC2(ENGINE), 0);
    box_step(nv->b, 100 * MS);
    g_assert_cmphex(nv_wpr2(nv), !=, 0);
    g_assert_cmphex(nv_suspend(nv), ==, 0);
    nv_power_cycle(nv);
    nv_start_booter(nv, nv->sr);
    box_step(nv->b, 500 * US);
    gpu_write(nv->g, NV_SEC2(ENGINE), 1);
    gpu_write(nv->g, NV_SEC2(ENGINE), 0);
    box_step(nv->b, 100 * MS);
    check_asleep(nv);
    g_assert_cmphex(nv_resume(nv), ==, 0);
    check_awake(nv);
    nv_free(nv);
}

/* While the firmware saves, while booter does, and on the way back. */
static void snapshots_on_the_way(void)
{
    Nv *nv = up();
    Host *h = &nv->host;
    uint8_t bye[FW_STRUCT_MAX] = { 0 };

    HOST_PUT(h, UNLOAD_IN_PM, bye, 1);
    HOST_PUT(h, UNLOAD_LEVEL, bye, 3);
    host_send(h, HOST_NUMBER(h, RPC_UNLOAD), bye, HOST_SIZE(h, UNLOAD));
    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    box_step(nv->b, 50 * US);
    g_assert_cmpuint(host_take(h), ==, 0);
    nv_snapshot(nv);
    g_assert_cmpuint(host_take(h), ==, 0);
    box_step(nv->b, MS);
    host_expect(h, HOST_NUMBER(h, RPC_UNLOAD));
    nv_ack(nv);
    box_step(nv->b, 50 * MS);
    nv_start_booter(nv, nv->sr);
    for (unsigned i = 0; i < 3; i++) {
        box_step(nv->b, 170 * US);
        nv_snapshot(nv);
    }
    g_assert_cmphex(nv_wpr2(nv), !=, 0);
    g_assert_cmphex(nv_halted(nv, FALCON_SEC2), ==, 0);
    nv_snapshot(nv);
    nv_power_cycle(nv);
    nv_snapshot(nv);
    host_arguments(h, nv->libos, nv->args, true);
    gpu_write(nv->g, NV_GSP(MAILBOX0), nv->libos);
    gpu_write(nv->g, NV_GSP(MAILBOX1), nv->libos >> 32);
    nv_interrupt_on(nv);
    nv_start_booter(nv, nv->sr);
    for (unsigned i = 0; i < 3; i++) {
        box_step(nv->b, 170 * US);
        nv_snapshot(nv);
    }
    g_assert_false(nv_active(nv));
    while (!(gpu_read(nv->g, NV_SEC2(CPUCTL)) &
             R_FALCON_CPUCTL_HALTED_MASK)) {
        box_step(nv->b, 10 * US);
    }
    g_assert_cmphex(gpu_read(nv->g, NV_SEC2(MAILBOX0)), ==, 0);
    /* Boot takes 2 ms, then frame buffer comes back, 1 MiB in 0.1 ms. */
    box_step(nv->b, 2050 * US);
    nv_snapshot(nv);
    g_assert_cmpuint(host_take(h), ==, 0);
    check_awake(nv);
    nv_free(nv);
}

#define TEST(name) qtest_add_func("/gpumbox/gsp-suspend/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(sleeps_and_wakes);
    TEST(wakes_without_a_loss_of_power);
    TEST(booter_refuses_to_save);
    TEST(booter_refuses_to_put_back);
    TEST(the_firmware_refuses_to_resume);
    TEST(power_fails_during_the_save);
    TEST(booter_is_reset_half_way);
    TEST(snapshots_on_the_way);
    return g_test_run();
}
