/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bugs of nouveau and of nova, which both believe a GSP's firmware.
 */
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "bug.h"
#include "bugs.h"
#include "ctl.h"
#include "nova.h"
#include "nvchan.h"
#include "panthor.h"
#include "pm.h"
#include "util.h"

/* Long enough for a message, an interrupt and a worker. */
#define SETTLE_MS 500

/* Take the device with what the firmware does under scenario @name. */
static bool probes_under(const char *name)
{
    bug_need(!ctl_scenario(name), "scenario");
    return bug_probes();
}

/*
 * The scenario's event happens now, with the driver idle: its worker too, which
 * the interrupt of the last answer has sent for (r535_gsp_intr()).
 */
static void event(const char *name)
{
    bug_need(driver()->works(), "the device works");
    sleep_ms(SETTLE_MS);
    bug_need(!ctl_scenario(name), "scenario");
    bug_need(!ctl_command("log now"), "a note for the scenario");
    sleep_ms(SETTLE_MS);
}

static int take(void *opaque)
{
    (void)opaque;
    return !!driver_take();
}

/* A driver that waits for the rest of it does so for minutes. */
static void reply_long(void)
{
    int ret;

    bug_need(!ctl_scenario("gsp-reply-long"), "scenario");
    ret = bug_patiently(take, NULL, 3000);
    bug_need(ret != -2, "the driver dies while it probes");
    bug_need(ret == -1 || !panthor_wait_node(true, 1000), "the driver takes "
             "an answer that is longer than a message can be");
    bug_absent("an answer that is longer than a message can be: the driver "
               "%s", ret == -1 ? "waits for the rest" : "refuses it");
}

static void reply_empty(void)
{
    int ret;

    bug_need(!ctl_scenario("gsp-reply-empty"), "scenario");
    ret = bug_patiently(take, NULL, 3000);
    bug_need(ret >= 0, "the driver %s while it probes",
             ret == -1 ? "hangs" : "dies");
    bug_absent("an answer of length 0 is refused");
}

static void event_failed(void)
{
    if (!probes_under("gsp-event-failed")) {
        bug_seen("an event with a result comes in between, and the driver "
                 "takes that for the result of what it had asked");
    }
    bug_absent("an event with a result does nothing to an RPC");
}

static void regions_many(void)
{
    if (probes_under("gsp-regions-many")) {
        bug_seen("4294967295 regions of frame buffer are accepted");
    }
    bug_absent("4294967295 regions of frame buffer are refused");
}

/*
 * What lies behind the message differs from kernel to kernel, and most is
 * carried out without a word: with this level, nvkm_trace() names each command.
 */
static void sequencer_empty(void)
{
    bug_need(!ctl_scenario("sequencer-empty"), "scenario");
    bug_need(!module_unload() && !module_load_with("debug=gsp=trace"),
             "the driver can be loaded anew");
    bug_absent("a sequence that is longer than its message ends with it");
}

static void length_zero(void)
{
    event("length-zero");
    bug_absent("a message without a header is thrown away");
}

/* Both are there when the worker begins: the firmware posts them in a row. */
static void event_behind(void)
{
    int log = klog_open();

    event("event-behind");
    if (klog_wait(log, "nouveau .*error 13 of channel", 1000)) {
        bug_absent("what stands behind an event with a result is read");
    }
    bug_need(!ctl_command("log more"), "a note for the scenario");
    bug_need(klog_wait(log, "nouveau .*error 13 of channel", 1000),
             "the report that stood in the queue never comes");
    bug_seen("the report of an error stood in the queue for more than a "
             "second, until another message came");
}

/*
 * The work runs on the CPU that takes the interrupt, the first: whoever leaves
 * there before all else lets it wait. What dies holds a lock that all others
 * spin for: it is to be the end.
 */
static void goodbye_fast(void)
{
    struct sched_param first = { .sched_priority = 50 };
    cpu_set_t cpu;
    char name[128];

    CPU_ZERO(&cpu);
    CPU_SET(0, &cpu);
    bug_need(!sched_setaffinity(0, sizeof(cpu), &cpu) &&
             !sched_setscheduler(0, SCHED_FIFO, &first), "the first CPU");
    bug_need(!write_text("/proc/sys/kernel/panic_on_oops", "1"), "sysctl");
    dev_name(name, sizeof(name));
    for (unsigned i = 0; i < 5; i++) {
        bug_need(!dev_unbind(name), "the driver leaves");
        sleep_ms(SETTLE_MS);
        bug_need(!dev_bind(name) && panthor_wait_node(true, 10000),
                 "the driver comes back");
    }
    bug_absent("a firmware that leaves at once is left five times");
}

static void getparam_wide(void)
{
    int fd = nova_open();
    uint64_t value;

    bug_need(nova_getparam(fd, 2, &value), "parameter 2 is none");
    if (!nova_getparam(fd, 1ull << 32 | NOVA_GETPARAM_VRAM_BAR_SIZE,
                       &value)) {
        bug_seen("parameter 0x100000001 is answered as if it were 1: 0x%llx",
                 (unsigned long long)value);
    }
    bug_absent("parameter 0x100000001 is refused");
}

static void pad_ignored(void)
{
    int fd = nova_open();
    struct drm_nova_gem_create c = { .pad = 0xffffffff, .size = 4096 };
    int ret = nv_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE, &c);

    if (!ret) {
        bug_seen("GEM_CREATE with 0xffffffff in its padding succeeds");
    }
    bug_absent("GEM_CREATE with something in its padding: %s",
               strerror(-ret));
}

static void result_ignored(void)
{
    if (probes_under("gsp-reply-failed")) {
        bug_seen("GET_GSP_STATIC_INFO failed, and the driver goes on with an "
                 "answer that nobody filled in");
    }
    bug_absent("GET_GSP_STATIC_INFO failed, and so does the probe");
}

static void queue_stuck(void)
{
    int log;
    char name[128];

    dev_name(name, sizeof(name));
    event("event-unknown");
    log = klog_open();
    bug_need(!dev_unbind(name), "the driver leaves");
    if (klog_wait(log, "nova-core .*GSP shutdown failed", 1000)) {
        bug_seen("an event that it does not know is never taken out of the "
                 "queue: it cannot hear the firmware's goodbye");
    }
    bug_absent("an event that it does not know is skipped");
}

/* Somebody has a channel at work and a buffer open, and goes on to use them. */
static int owner(void *opaque)
{
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, NOUVEAU_FIFO_ENGINE_CE);
    NvMem m = nvd_mem(d, NOUVEAU_GEM_DOMAIN_VRAM, 64 * KiB);

    nvc_sem(c, m.va, 1, NV_SEM_RELEASE);
    if (nvc_run(c) || nv_word(&m, 0) != 1 || dev_unbind(opaque)) {
        return 1;
    }
    nv_put(&m, 0, 2);
    nvc_exec(c);
    nvd_mem_free(d, &m);
    nvd_close(d);
    return 0;
}

static void unbind_open(void)
{
    char name[128];
    int ret;

    dev_name(name, sizeof(name));
    ret = bug_patiently(owner, name, 30000);
    bug_need(ret <= 0, "a channel works, and the driver leaves");
    if (ret) {
        bug_seen("a process that has a channel and a buffer when the driver "
                 "leaves %s", ret == -1 ? "hangs" : "dies");
    }
    bug_absent("a process keeps a channel and a buffer while the driver "
               "leaves: it gets errors, and that is all");
}

/* A buffer in VRAM at an address that is a multiple of its size; a word. */
static int store_in(NvDev *d, NvChan *c, uint64_t size)
{
    uint64_t va = (nvd_va(d, 2 * size) + size - 1) / size * size;
    NvBo bo;

    bug_need(!nv_bo_new(d->px.fd, NOUVEAU_GEM_DOMAIN_VRAM, size, &bo) &&
             !nvd_map(d, bo.handle, va, size), "%llu MiB",
             (unsigned long long)(size / MiB));
    nvc_sem(c, va, 1, NV_SEM_RELEASE);
    return nvc_run(c);
}

static void huge_page(void)
{
    NvDev *d;
    NvChan *c;

    if (!bug_probes()) {
        bug_absent("the driver does not know the chip");
    }
    d = nvd_open();
    c = nvc_open(d, NOUVEAU_FIFO_ENGINE_CE);
    bug_need(!store_in(d, c, 256 * MiB), "256 MiB can be written to");
    if (store_in(d, c, 512 * MiB)) {
        bug_seen("512 MiB are mapped without an error, and the first word "
                 "that is written there is the end of the channel");
    }
    bug_absent("512 MiB can be written to");
}

const GuestTest bug_gsp_tests[] = {
    BUG("nv-reply-long", "an answer longer than a message", reply_long,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-reply-empty", "an answer of length 0", reply_empty,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-event-failed", "an event with a result", event_failed,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-regions-many", "more regions than there are", regions_many,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-sequencer-empty", "a sequence without commands", sequencer_empty,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-length-zero", "a message without length", length_zero,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-event-behind", "an event behind one with a result", event_behind,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-goodbye-fast", "a firmware that leaves at once", goodbye_fast,
        .drivers = DRIVER_NOUVEAU),
    BUG("nv-unbind-open", "unbinding under an open channel", unbind_open,
        .drivers = DRIVER_NOUVEAU),
    BUG("nova-getparam-wide", "a parameter of 64 bits", getparam_wide,
        .drivers = DRIVER_NOVA),
    BUG("nova-pad-ignored", "padding that is not zero", pad_ignored,
        .drivers = DRIVER_NOVA),
    BUG("nova-result-ignored", "an answer that is an error", result_ignored,
        .drivers = DRIVER_NOVA),
    BUG("nova-queue-stuck", "an event that nobody knows", queue_stuck,
        .drivers = DRIVER_NOVA),
    BUG("nv-huge-page", "a buffer as large as the largest page", huge_page,
        .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
