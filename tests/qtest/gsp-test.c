/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nvidia-gsp by its registers: identity and windows, falcons, what the boot
 * chain refuses and with which number, and a boot up to the first RPC.
 */
#include "qemu/osdep.h"

#include "lib/nv.h"

#define MS 1000000

static Nv *plain(void)
{
    return nv_new("gsp-r535", "");
}

/* ---- identity, windows ---- */

static void identity_is_a_ga102(void)
{
    Nv *nv = plain();

    g_assert_cmphex(nv_config(nv, 0x00), ==, 0x220310de);
    g_assert_cmphex(nv_config(nv, 0x08), ==, 0x030200a1);
    g_assert_cmphex(gpu_read(nv->g, A_PMC_BOOT_0), ==, 0x172000a1);
    g_assert_cmphex(gpu_read(nv->g, A_PMC_BOOT_42), ==, 0x172a1000);
    g_assert_cmphex(gpu_read(nv->g, 0x1183a4), ==, NV_FB_SIZE >> 20);
    g_assert_cmpint(gpu_poll(nv->g, A_GFW_PROGRESS, 0xff, GFW_PROGRESS_DONE,
                             10 * MS), >, 0);
    g_assert_cmphex(nv_wpr2(nv), ==, 0);
    g_assert_false(nv_active(nv));
    g_assert_cmpuint(gpu_get_number(nv->g, "unmodelled-count"), ==, 0);
    g_assert_cmphex(gpu_read(nv->g, 0x2c), ==, 0);
    gpu_write(nv->g, 0x2c, 1);
    g_assert_cmpuint(gpu_get_number(nv->g, "unmodelled-count"), ==, 2);
    nv_free(nv);
}

static void bars_have_their_sizes(void)
{
    static const struct {
        unsigned reg;
        uint32_t mask;
    } bars[] = {
        { 0x10, 0xff000000 },
        { 0x14, ~(NV_BAR1_SIZE - 1) | 0xc },
        { 0x1c, ~(NV_BAR2_SIZE - 1) | 0xc },
    };
    Nv *nv = plain();

    for (unsigned i = 0; i < ARRAY_SIZE(bars); i++) {
        uint32_t old = nv_config(nv, bars[i].reg);

        nv_config_write(nv, bars[i].reg, UINT32_MAX);
        g_assert_cmphex(nv_config(nv, bars[i].reg), ==, bars[i].mask);
        nv_config_write(nv, bars[i].reg, old);
    }
    g_assert_cmphex(gpu_read(nv->g, A_PMC_BOOT_0), ==, 0x172000a1);
    nv_free(nv);
}

/* PRAMIN and, as long as nobody has bound it, BAR1 show the same memory. */
static void pramin_shows_frame_buffer(void)
{
    static const uint64_t at[] = { 0, 0x12345678, NV_FB_SIZE - 0x100000 };
    Nv *nv = plain();
    QTestState *qts = nv->b->qts;

    for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
        uint8_t out[64], in[64];

        memset(out, 0x30 + i, sizeof(out));
        nv_fb_write(nv, at[i], out, sizeof(out));
        nv_fb_read(nv, at[i], in, sizeof(in));
        g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
        if (at[i] < NV_BAR1_SIZE) {
            qtest_bufread(qts, NV_BAR1 + at[i], in, sizeof(in));
            g_assert_cmpmem(in, sizeof(in), out, sizeof(out));
        }
    }
    /* By bytes, across pages, by eight. */
    qtest_writeb(qts, NV_BAR1 + 0x2003, 0xab);
    g_assert_cmphex(qtest_readl(qts, NV_BAR1 + 0x2000), ==, 0xab000000);
    qtest_writeq(qts, NV_BAR1 + 0x2ffc, 0x1122334455667788ull);
    g_assert_cmphex(qtest_readq(qts, NV_BAR1 + 0x2ffc), ==,
                    0x1122334455667788ull);
    /* Behind its end there is nothing. */
    gpu_write(nv->g, NV_PRAMIN_BASE, NV_FB_SIZE >> 16);
    gpu_write(nv->g, PRAMIN_WINDOW, 0x1234);
    g_assert_cmphex(gpu_read(nv->g, PRAMIN_WINDOW), ==, UINT32_MAX);
    nv_free(nv);
}

static void power_is_lost_in_d3(void)
{
    Nv *nv = plain();
    uint32_t word = 0x600dcafe;

    nv_fb_write(nv, 0x1000, &word, 4);
    gpu_write(nv->g, NV_SEC2(MAILBOX0), 77);
    nv_power_cycle(nv);
    nv_fb_read(nv, 0x1000, &word, 4);
    g_assert_cmphex(word, ==, 0);
    g_assert_cmphex(gpu_read(nv->g, NV_SEC2(MAILBOX0)), ==, 0);
    g_assert_cmphex(gpu_read(nv->g, A_PMC_BOOT_0), ==, 0x172000a1);
    nv_free(nv);
}

/* ---- falcons ---- */

static uint32_t data_word(Nv *nv, uint32_t base, uint32_t at)
{
    gpu_write(nv->g, base + A_FALCON_DMEMC, at);
    return gpu_read(nv->g, base + A_FALCON_DMEMD);
}

static void a_falcon_is_loaded_by_dma(void)
{
    static const uint32_t bases[] = { FALCON_GSP, FALCON_SEC2 };
    Nv *nv = plain();

    for (unsigned i = 0; i < ARRAY_SIZE(bases); i++) {
        NvProgram p = { .code_size = 1024, .data_size = 2048 };

        for (unsigned n = 0; n < 1024; n += 4) {
            stl_le_p(p.code + n, 0xc0de0000 + n);
            stl_le_p(p.data + n, 0xda7a0000 + n);
        }
        nv_load(nv, bases[i], &p);
        gpu_write(nv->g, bases[i] + A_FALCON_IMEMC, 1u << 25 | 0x200);
        g_assert_cmphex(gpu_read(nv->g, bases[i] + A_FALCON_IMEMD), ==,
                        0xc0de0200);
        g_assert_cmphex(gpu_read(nv->g, bases[i] + A_FALCON_IMEMD), ==,
                        0xc0de0204);
        g_assert_cmphex(data_word(nv, bases[i], 0x3fc), ==, 0xda7a03fc);
        /* Its reset forgets it. */
        gpu_write(nv->g, bases[i] + A_FALCON_ENGINE, 1);
        gpu_write(nv->g, bases[i] + A_FALCON_ENGINE, 0);
        g_assert_cmphex(data_word(nv, bases[i], 0x3fc), ==, 0);
    }
    nv_free(nv);
}

/* What cannot be transferred leaves memory as it is. */
static void bad_transfers_do_nothing(void)
{
    const uint32_t base = FALCON_SEC2;
    NvProgram p = { .code_size = 256, .data_size = 256 };
    Nv *nv = plain();

    memset(p.data, 0x11, sizeof(p.data));
    nv_load(nv, base, &p);
    nv_transfer(nv, base, 0x10000 - 128, 256, 0);
    g_assert_cmphex(data_word(nv, base, 0x10000 - 4), ==, 0);
    nv_transfer(nv, base, 0xffffff00, 256, 0);
    nv_transfer(nv, base, 0x400, 256, R_FALCON_DMATRFCMD_WRITE_MASK);
    g_assert_cmphex(data_word(nv, base, 0x400), ==, 0);
    gpu_write(nv->g, base + A_FALCON_DMATRFBASE1, 0x1ff);
    nv_transfer(nv, base, 0x400, 256, 0);
    g_assert_cmphex(data_word(nv, base, 0x400), ==, 0);
    gpu_write(nv->g, base + A_FALCON_DMATRFBASE1, 0);
    gpu_write(nv->g, base + A_FALCON_FBIF_CTL, 0);
    nv_transfer(nv, base, 0x400, 256, 0);
    g_assert_cmphex(data_word(nv, base, 0x400), ==, 0);
    gpu_write(nv->g, base + A_FALCON_FBIF_CTL,
              R_FALCON_FBIF_CTL_ALLOW_PHYSICAL_MASK);
    nv_transfer(nv, base, 0x400, 256, 0);
    g_assert_cmphex(data_word(nv, base, 0x400), ==, 0x11111111);
    nv_free(nv);
}

/* ---- FWSEC ---- */

static uint32_t fwsec(Nv *nv, const NvProgram *p, uint32_t *scratch)
{
    uint32_t mailbox;

    nv_load(nv, FALCON_GSP, p);
    mailbox = nv_run(nv, FALCON_GSP, 0);
    *scratch = gpu_read(nv->g, A_SCRATCH_FRTS) >> 16;
    return mailbox;
}

static void fwsec_refuses(void)
{
    static const struct {
        uint32_t command;
        uint64_t start, size;
        bool spoil;
        uint32_t mailbox, scratch;
    } bad[] = {
        { VBIOS_COMMAND_FRTS, 0x3fe00000, 0x100000, true,
          NV_BOOT_SIGNATURE, 0 },
        { 0x16, 0x3fe00000, 0x100000, false, 0, NV_BOOT_COMMAND },
        { VBIOS_COMMAND_FRTS, NV_FB_SIZE, 0x100000, false, 0,
          NV_BOOT_REGION },
        { VBIOS_COMMAND_FRTS, NV_FB_SIZE - 0x100000, 0x120000, false, 0,
          NV_BOOT_REGION },
        { VBIOS_COMMAND_FRTS, 0x3fe01000, 0x100000, false, 0,
          NV_BOOT_REGION },
        { VBIOS_COMMAND_FRTS, 0x3fe00000, 0, false, 0, NV_BOOT_REGION },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        Nv *nv = plain();
        uint32_t scratch;
        NvProgram p;

        nv_fwsec(nv, &p, bad[i].command);
        nv_fwsec_region(&p, bad[i].start, bad[i].size);
        p.code[p.code_size / 2] ^= bad[i].spoil;
        g_assert_cmphex(fwsec(nv, &p, &scratch), ==, bad[i].mailbox);
        g_assert_cmphex(scratch, ==, bad[i].scratch);
        g_assert_cmphex(nv_wpr2(nv), ==, 0);
        nv_frts(nv);
        g_assert_cmphex(nv_wpr2(nv), !=, 0);
        nv_free(nv);
    }
}

static void fwsec_protects_once(void)
{
    Nv *nv = plain();
    uint32_t word = 0, scratch;
    NvProgram p;

    nv_frts(nv);
    g_assert_cmphex(gpu_read(nv->g, A_WPR2_LO), ==, 0x3fe00000 >> 8);
    g_assert_cmphex(nv_wpr2(nv), ==, 0x3feff000 >> 8);
    /* The host is kept out of it. */
    nv_fb_write(nv, 0x3fe00000, &word, 4);
    nv_fb_read(nv, 0x3fe00000, &word, 4);
    g_assert_cmphex(word, ==, UINT32_MAX);
    g_assert_cmpuint(gpu_get_number(nv->g, "protected-accesses"), ==, 2);
    nv_fwsec(nv, &p, VBIOS_COMMAND_FRTS);
    nv_fwsec_region(&p, 0x3fc00000, 0x100000);
    g_assert_cmphex(fwsec(nv, &p, &scratch), ==, 0);
    g_assert_cmphex(scratch, ==, NV_BOOT_WPR2_SET);
    g_assert_cmphex(gpu_read(nv->g, A_WPR2_LO), ==, 0x3fe00000 >> 8);
    nv_free(nv);
}

/* ---- booter ---- */

/* One field of the WPR metadata that is not as it should be. */
static const struct {
    unsigned field;
    uint64_t value;
    uint32_t error;
} bad_meta[] = {
    { GSP_F_WPR_MAGIC, 0x1234, NV_BOOT_META_MAGIC },
    { GSP_F_WPR_REVISION, 2, NV_BOOT_META_MAGIC },
    { GSP_F_WPR_FB_BYTES, NV_FB_SIZE / 2, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_IMAGE_BYTES, 0, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_IMAGE_BYTES, 1ull << 40, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_LOADER_BYTES, 0, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_START, 0x3f001000, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_HEAP, 0x3fe00000, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_HEAP_BYTES, UINT64_MAX, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_FW, 0x1000, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_FW_LOADER, NV_FB_SIZE, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_END, 0x3fe00000, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_VGA_BYTES, 0x200000, NV_BOOT_META_LAYOUT },
    { GSP_F_WPR_FRTS_BYTES, 0x20000, NV_BOOT_META_FRTS },
    { GSP_F_WPR_SIGNATURE, NV_NOWHERE, NV_BOOT_IMAGE_SIGNATURE },
    { GSP_F_WPR_SIGNATURE_BYTES, 0, NV_BOOT_IMAGE_SIGNATURE },
    { GSP_F_WPR_IMAGE, NV_NOWHERE, NV_BOOT_RADIX3 },
    { GSP_F_WPR_LOADER, NV_NOWHERE, NV_BOOT_LOADER },
};

static void booter_refuses_metadata(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bad_meta); i++) {
        Nv *nv = plain();

        nv_layout(nv, 0);
        nv_poke(nv, nv->meta, bad_meta[i].field, bad_meta[i].value);
        nv_prepare(nv);
        g_assert_cmphex(nv_boot(nv, nv->meta), ==, bad_meta[i].error);
        g_assert_false(nv_active(nv));
        nv_free(nv);
    }
}

/* Every level of the image's table, and its last page. */
static void booter_refuses_an_image_that_it_cannot_reach(void)
{
    for (unsigned level = 0; level < 3; level++) {
        Nv *nv = plain();
        uint64_t at;

        nv_layout(nv, 0x300000);
        at = nv->fw.root;
        for (unsigned i = 0; i < level; i++) {
            at = qtest_readq(nv->b->qts, at);
        }
        qtest_writeq(nv->b->qts, at, level == 1 ? 0x123 : NV_NOWHERE);
        nv_prepare(nv);
        g_assert_cmphex(nv_boot(nv, nv->meta), ==, NV_BOOT_RADIX3);
        g_assert_false(nv_active(nv));
        nv_free(nv);
    }
}

static void booter_refuses_what_comes_at_the_wrong_time(void)
{
    Nv *nv = plain();
    NvProgram p;

    nv_layout(nv, 0);
    host_arguments(&nv->host, nv->libos, nv->args, false);
    g_assert_cmphex(nv_boot(nv, nv->meta), ==, NV_BOOT_WPR2_UNSET);
    nv_frts(nv);
    g_assert_cmphex(nv_boot(nv, NV_NOWHERE), ==, NV_BOOT_META_ADDRESS);
    nv_booter(&p);
    memset(p.data, 0, sizeof(p.data));
    nv_load(nv, FALCON_SEC2, &p);
    g_assert_cmphex(nv_run(nv, FALCON_SEC2, nv->meta), ==,
                    NV_BOOT_SIGNATURE);
    nv_booter(&p);
    nv_load(nv, FALCON_SEC2, &p);
    gpu_write(nv->g, NV_SEC2(BOOTVEC), 0x8000);
    g_assert_cmphex(nv_run(nv, FALCON_SEC2, nv->meta), ==, NV_BOOT_VECTOR);
    g_assert_cmphex(nv_boot(nv, nv->meta), ==, 0);
    g_assert_cmphex(nv_boot(nv, nv->meta), ==, NV_BOOT_RUNNING);
    g_assert_cmphex(nv_unload(nv), ==, 0);
    g_assert_cmphex(nv_wpr2(nv), ==, 0);
    g_assert_false(nv_active(nv));
    nv_free(nv);
}

/* ---- the firmware ---- */

enum { IN_ARGS, IN_REGION, IN_QUEUE };

/* What booter does not look at, and the stub does (docs/gsp-stub.md). */
static const struct {
    unsigned field;
    uint64_t value;
    unsigned where;
    GspError error;
} bad_arguments[] = {
    { GSP_F_LIBOS_ID, 0x1234, IN_REGION, GSP_ERROR_LIBOS },
    { GSP_F_LIBOS_PLACE, 2, IN_REGION, GSP_ERROR_LIBOS },
    { GSP_F_LIBOS_ADDRESS, NV_NOWHERE, IN_REGION, GSP_ERROR_ARGS },
    { GSP_F_ARGS_IN_PM, 1, IN_ARGS, GSP_ERROR_ARGS },
    { GSP_F_ARGS_SHARED, NV_NOWHERE, IN_ARGS, GSP_ERROR_QUEUE },
    { GSP_F_ARGS_PAGES, 0, IN_ARGS, GSP_ERROR_QUEUE },
    { GSP_F_ARGS_STAT, 0x2000, IN_ARGS, GSP_ERROR_QUEUE },
    { GSP_F_TX_ENTRY_BYTES, 512, IN_QUEUE, GSP_ERROR_QUEUE },
    { GSP_F_TX_ENTRIES, UINT32_MAX, IN_QUEUE, GSP_ERROR_QUEUE },
};

static void the_firmware_refuses_arguments(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(bad_arguments); i++) {
        Nv *nv = plain();
        uint64_t at[] = {
            [IN_ARGS] = nv->args,
            [IN_REGION] = nv->libos + HOST_SIZE(&nv->host, LIBOS),
            [IN_QUEUE] = host_at(&nv->host, HOST_CMD),
        };

        nv_layout(nv, 0);
        nv_prepare(nv);
        nv_poke(nv, at[bad_arguments[i].where], bad_arguments[i].field,
                bad_arguments[i].value);
        g_assert_cmphex(nv_boot(nv, nv->meta), ==, 0);
        box_step(nv->b, 10 * MS);
        g_assert_cmphex(gpu_read(nv->g, NV_GSP(MAILBOX0)), ==,
                        bad_arguments[i].error);
        g_assert_false(nv_active(nv));
        g_assert_false(gpu_line(nv->g, 0));
        /* And after a farewell to that one it boots with good ones. */
        g_assert_cmphex(nv_unload(nv), ==, 0);
        nv_up(nv);
        nv_free(nv);
    }
}

static void static_info(Nv *nv)
{
    Host *h = &nv->host;
    uint8_t p[FW_STRUCT_MAX] = { 0 };

    host_call(h, HOST_NUMBER(h, RPC_STATIC), p, HOST_SIZE(h, STATIC));
    g_assert_cmphex(h->reply_result, ==, 0);
    g_assert_cmphex(HOST_GET(h, STATIC_FB_BYTES, h->reply), ==, NV_FB_SIZE);
    g_assert_cmphex(HOST_GET(h, STATIC_CLIENT, h->reply), ==,
                    HOST_NUMBER(h, HANDLE_CLIENT));
}

static void boots_with(const void *abi)
{
    Nv *nv = nv_new(abi, "");
    uint8_t word[4];

    nv_up(nv);
    g_assert_true(nv_active(nv));
    g_assert_cmphex(gpu_read(nv->g, A_WPR2_LO), ==, nv->wpr >> 8);
    nv_fb_read(nv, nv->wpr, word, sizeof(word));
    g_assert_cmphex((uint32_t)ldl_le_p(word), ==, UINT32_MAX);
    static_info(nv);
    host_tree(&nv->host);
    g_assert_cmphex(host_release(&nv->host, 1, 1), ==, 0);
    nv_free(nv);
}

/* The device's own profile then. */
static void boots_an_image_without_a_profile(void)
{
    Nv *nv = nv_new("gsp-r570", "");

    nv_layout(nv, 0);
    nv_image_write(nv, &nv->fw, 0, "none", 4);
    nv_up(nv);
    static_info(nv);
    nv_free(nv);
}

/* Whose profile is at its end, in the second table of pages. */
static void boots_a_large_image(void)
{
    Nv *nv = plain();

    nv_layout(nv, 0x300000);
    nv_up(nv);
    static_info(nv);
    nv_free(nv);
}

static void a_reply_takes_the_latency_of_the_doorbell(void)
{
    Nv *nv = plain();
    Host *h = &nv->host;
    uint8_t text[24] = "a text that comes back";

    nv_up(nv);
    host_send(h, 0x7777, text, sizeof(text));
    box_step(nv->b, 100 * MS);
    g_assert_cmpuint(host_take(h), ==, 0);
    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    box_step(nv->b, 1999);
    g_assert_false(gpu_line(nv->g, 0));
    g_assert_cmpuint(host_take(h), ==, 0);
    box_step(nv->b, 1);
    g_assert_true(gpu_line(nv->g, 0));
    g_assert_cmphex(gpu_read(nv->g, A_INTR_TOP), ==,
                    1u << NV_VECTOR / 64);
    g_assert_cmphex(gpu_read(nv->g, NV_GSP(IRQSTAT)), ==,
                    R_FALCON_IRQSTAT_SWGEN0_MASK);
    host_expect(h, 0x7777);
    g_assert_cmphex(h->reply_result, ==, HOST_NUMBER(h, RESULT_FUNCTION));
    g_assert_cmpmem(h->reply, h->reply_length, text, sizeof(text));
    nv_ack(nv);
    g_assert_false(gpu_line(nv->g, 0));
    /* A doorbell for nothing brings nothing. */
    gpu_write(nv->g, NV_GSP(QUEUE_HEAD), 0);
    box_step(nv->b, 100 * MS);
    g_assert_false(gpu_line(nv->g, 0));
    g_assert_cmpuint(host_take(h), ==, 0);
    nv_free(nv);
}

static void unloads_and_boots_again(void)
{
    Nv *nv = plain();

    for (unsigned i = 0; i < 3; i++) {
        nv_up(nv);
        nv_goodbye(nv, false);
        g_assert_cmphex(nv_unload(nv), ==, 0);
        g_assert_cmphex(nv_wpr2(nv), ==, 0);
        g_assert_false(nv_active(nv));
    }
    nv_free(nv);
}

#define TEST(name) qtest_add_func("/gpumbox/gsp/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(identity_is_a_ga102);
    TEST(bars_have_their_sizes);
    TEST(pramin_shows_frame_buffer);
    TEST(power_is_lost_in_d3);
    TEST(a_falcon_is_loaded_by_dma);
    TEST(bad_transfers_do_nothing);
    TEST(fwsec_refuses);
    TEST(fwsec_protects_once);
    TEST(booter_refuses_metadata);
    TEST(booter_refuses_an_image_that_it_cannot_reach);
    TEST(booter_refuses_what_comes_at_the_wrong_time);
    TEST(the_firmware_refuses_arguments);
    qtest_add_data_func("/gpumbox/gsp/boots_with_r535", "gsp-r535",
                        boots_with);
    qtest_add_data_func("/gpumbox/gsp/boots_with_r570", "gsp-r570",
                        boots_with);
    TEST(boots_an_image_without_a_profile);
    TEST(boots_a_large_image);
    TEST(a_reply_takes_the_latency_of_the_doorbell);
    TEST(unloads_and_boots_again);
    return g_test_run();
}
