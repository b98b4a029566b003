/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system sleeps, or the GPU alone, and loses all it had: frame buffer,
 * registers, firmware. What the driver had made is there again afterwards,
 * because GSP-RM saved it and booter put it back.
 */
#include <string.h>
#include <unistd.h>

#include "nouveau-tests.h"
#include "nvchan.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define BYTES (256 * KiB)
#define WORDS (unsigned)(BYTES / 4)
#define ROUNDS 20
#define IDLE_MS 20000
#define NODE_LIMIT_MS 10000

/* What is there before the sleep and has to work after it. */
typedef struct Before {
    NvDev *dev;
    NvChan *chan;
    NvMem vram;
    NvMem gart;
    uint32_t seed;
} Before;

static uint32_t word(uint32_t seed, unsigned i)
{
    return (seed + i) * 2654435761u;
}

/* Frame buffer with a pattern, put there by the copy engine. */
static void before(Before *b)
{
    b->dev = nvd_open();
    b->chan = nvc_open(b->dev, NOUVEAU_FIFO_ENGINE_CE);
    b->vram = nvd_mem(b->dev, NOUVEAU_GEM_DOMAIN_VRAM, BYTES);
    b->gart = nvd_mem(b->dev, NOUVEAU_GEM_DOMAIN_GART, BYTES);
    b->seed = rng_u32();
    for (unsigned i = 0; i < WORDS; i++) {
        nv_put(&b->gart, i, word(b->seed, i));
    }
    nvc_copy(b->chan, b->vram.va, b->gart.va, BYTES);
    tap_errno(nvc_run(b->chan), 0, "a pattern goes to frame buffer");
}

/* The same channel takes the pattern out again. */
static bool intact(Before *b)
{
    unsigned good = 0;
    int ret;

    memset(b->gart.bo.map, 0, BYTES);
    nvc_copy(b->chan, b->gart.va, b->vram.va, BYTES);
    ret = nvc_run(b->chan);
    while (good < WORDS && nv_word(&b->gart, good) == word(b->seed, good)) {
        good++;
    }
    if (ret || good < WORDS) {
        tap_diag("EXEC: %d; %u of %u words are right", ret, good, WORDS);
    }
    return !ret && good == WORDS;
}

static void after(Before *b)
{
    tap_ok(intact(b), "the channel of before copies out what it had put in");
    tap_ok(nouveau_works(), "a new channel works");
    nvc_close(b->chan);
    nvd_mem_free(b->dev, &b->vram);
    nvd_mem_free(b->dev, &b->gart);
    nvd_close(b->dev);
}

static void system_sleep(unsigned rounds)
{
    Before b;
    unsigned good = 0;

    if (access("/sys/power/pm_test", W_OK)) {
        tap_skip("no /sys/power/pm_test (CONFIG_PM_DEBUG)",
                 "the kernel can rehearse a sleep");
        return;
    }
    tap_ok(pm_rehearse(), "the kernel can rehearse a sleep");
    before(&b);
    while (good < rounds && !pm_suspend() && intact(&b)) {
        good++;
    }
    tap_eq(good, rounds, "sleeps after which the channel goes on");
    after(&b);
}

static void once(void)
{
    system_sleep(1);
}

static void rounds(void)
{
    system_sleep(ROUNDS);
}

/* Without pm_status(), which opens the node, and so wakes the GPU. */
static bool idle(const char *status)
{
    int64_t until = now_ns() + IDLE_MS * 1000000ll;
    char text[64];

    while (!read_text(status, text, sizeof(text)) ||
           strcmp(text, "suspended")) {
        if (now_ns() >= until) {
            return false;
        }
        sleep_ms(20);
    }
    return true;
}

/* No one uses it for a while, and a new process does; then again. */
static void runtime_sleep(unsigned n)
{
    Before b;
    unsigned slept = 0, good = 0;
    char status[128];

    panthor_sysfs("power/runtime_status", status, sizeof(status));
    before(&b);
    for (; slept < n && idle(status); slept++) {
        if (!intact(&b)) {
            break;
        }
        good++;
    }
    tap_eq(slept, n, "times the GPU went to sleep with a channel open");
    tap_eq(good, n, "times it woke for the channel");
    after(&b);
}

/* The driver does that only for laptops, or when told to. */
static void with_runtime_pm(unsigned n)
{
    char path[128];

    tap_errno(module_unload(), 0, "the module is unloaded");
    tap_errno(module_load_with("runpm=1"), 0, "and loaded, with runpm=1");
    tap_ok(panthor_wait_node(true, NODE_LIMIT_MS), "its node is there");
    panthor_sysfs("power/autosuspend_delay_ms", path, sizeof(path));
    tap_errno(write_text(path, "50"), 0, "it may sleep after 50 ms");
    tap_errno(pm_control("auto"), 0, "it may sleep");
    runtime_sleep(n);
    tap_errno(module_unload(), 0, "the module is unloaded");
    tap_errno(module_load(), 0, "and loaded as it was");
    tap_ok(panthor_wait_node(true, NODE_LIMIT_MS), "its node is there");
}

static void runtime(void)
{
    with_runtime_pm(2);
}

static void runtime_rounds(void)
{
    with_runtime_pm(ROUNDS);
}

const GuestTest nouveau_suspend_tests[] = {
    TEST("nv-suspend", "the system sleeps and wakes", once,
         .drivers = DRIVER_NOUVEAU, .boot_by = NV_BY_BOOTER),
    TEST("nv-suspend-20", "20 times", rounds,
         .drivers = DRIVER_NOUVEAU, .boot_by = NV_BY_BOOTER,
         .flags = TEST_LONG, .limit_s = 600),
    TEST("nv-runtime", "the GPU sleeps while nobody uses it", runtime,
         .drivers = DRIVER_NOUVEAU, .boot_by = NV_BY_BOOTER),
    TEST("nv-runtime-20", "20 times", runtime_rounds,
         .drivers = DRIVER_NOUVEAU, .boot_by = NV_BY_BOOTER,
         .flags = TEST_LONG, .limit_s = 600),
    TEST_END,
};
