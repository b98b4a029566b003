/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A chip or a firmware that fails while nova takes the device: one error, no
 * device, and all is well when it is bound again. Where the driver cannot put
 * the device back, a reset of the function does.
 */
#include <errno.h>
#include <string.h>

#include "ctl.h"
#include "nouveau.h"
#include "nova.h"
#include "nova-tests.h"
#include "nvchip.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define CORE "nova-core [0-9a-f:.]+: "
#define PROBE CORE "probe with driver nova-core failed"

/*
 * Bind the device, which the driver has left, under scenario @name.
 * @reset: the function is reset before.
 * @want: what the probe ends with.
 * @line: what the driver says, or NULL.
 */
static void fails(const char *name, bool reset, int want, const char *line)
{
    int log = klog_open();
    char function[128];

    dev_name(function, sizeof(function));
    tap_errno(dev_unbind(function), 0, "the driver leaves");
    tap_errno(ctl_scenario(name), 0, "scenario %s", name);
    if (reset) {
        tap_errno(nv_reset(function), 0, "the function is reset");
    }
    tap_errno(dev_bind(function), want, "the driver does not take it");
    if (line) {
        tap_ok(klog_wait(log, line, 1000), "it says: %s", line);
    }
    tap_ok(panthor_wait_node(false, 0), "there is no node");
    tap_errno(ctl_scenario(NULL), 0, "the scenario ends");
}

/* The same, and the driver has the device back without a reset. */
static void fails_once(const char *name, int want, const char *line)
{
    char function[128];

    dev_name(function, sizeof(function));
    fails(name, false, want, line);
    dev_back(function);
}

/* The driver waits for what comes late. */
static void waits(const char *name, bool reset, unsigned least_ms)
{
    char function[128];
    int64_t start;

    dev_name(function, sizeof(function));
    tap_errno(dev_unbind(function), 0, "the driver leaves");
    tap_errno(ctl_scenario(name), 0, "scenario %s", name);
    if (reset) {
        tap_errno(nv_reset(function), 0, "the function is reset");
    }
    start = now_ns();
    tap_errno(dev_bind(function), 0, "the driver takes it");
    tap_ok(now_ns() - start >= least_ms * 1000000ll,
           "and has waited for %u ms", least_ms);
    tap_ok(panthor_wait_node(true, 1000) && nova_answers(), "it works");
}

/* gpu/hal/tu102.rs: wait_gfw_boot_completion(); fsp.rs: wait_secure_boot() */
static void gfw_never(void)
{
    char function[128];

    dev_name(function, sizeof(function));
    fails("gsp-gfw-never", true, -ETIMEDOUT,
          nv_chip()->boot_by == NV_BY_FSP
          ? CORE "FSP secure boot completion error: ETIMEDOUT"
          : CORE "GFW boot did not complete");
    tap_errno(nv_reset(function), 0, "another reset");
    dev_back(function);
}

static void gfw_late(void)
{
    waits("gsp-gfw-late", true, 1000);
}

/* gsp/hal/tu102.rs: run_fwsec_frts() */
static void frts_error(void)
{
    fails_once("gsp-frts-error", -EIO,
               CORE "FWSEC-FRTS returned with error code 0x1234");
}

static void frts_idle(void)
{
    fails_once("gsp-frts-idle", -EIO,
               CORE "WPR2 region not created after running FWSEC-FRTS");
}

/* firmware/booter.rs: run(). Bus code turns its ENODEV into no error line. */
static void booter_error(void)
{
    fails_once("gsp-booter-error", -ENODEV,
               CORE "Booter-load failed with error 0x31");
}

/* falcon.rs: wait_till_halted() */
static void booter_stuck(void)
{
    fails_once("gsp-booter-stuck", -ETIMEDOUT, NULL);
}

/* fsp.rs: send_sync_fsp() */
static void fsp_silent(void)
{
    fails_once("gsp-fsp-silent", -ETIMEDOUT,
               CORE "FSP response error: ETIMEDOUT");
}

static void fsp_refused(void)
{
    fails_once("gsp-fsp-refused", -EIO,
               CORE "NVDM command Cot failed with error 0xa1");
}

/* gsp/hal/gh100.rs: wait_for_gsp_lockdown_release() */
static void fmc_error(void)
{
    fails_once("gsp-fmc-error", -EIO,
               CORE "GSP-FMC boot failed \\(mbox: 0x31\\)");
}

/* Its parameters' address stays in the mailboxes; the core halts. */
static void fmc_idle(void)
{
    fails_once("gsp-fmc-idle", -ETIMEDOUT, CORE "GSP lockdown release timeout");
}

/* The core does not halt, and FSP starts nothing beside it. */
static void fmc_stuck(void)
{
    char function[128];

    dev_name(function, sizeof(function));
    fails("gsp-fmc-stuck", false, -ETIMEDOUT,
          CORE "GSP lockdown release timeout");
    tap_errno(dev_bind(function), -EIO, "nor does it without the scenario");
    tap_errno(nv_reset(function), 0, "the function is reset");
    dev_back(function);
}

/* gsp/commands.rs: wait_gsp_init_done() */
static void init_never(void)
{
    fails_once("gsp-init-never", -ETIMEDOUT, NULL);
}

static void init_late(void)
{
    waits("gsp-init-late", false, 2000);
}

/* gsp/sequencer.rs: GspSequencer::run() throws INIT_DONE away. */
static void init_first(void)
{
    fails_once("gsp-init-first", -ETIMEDOUT, NULL);
}

/* gsp/cmdq.rs: wait_for_msg() */
static void checksum(void)
{
    fails_once("gsp-checksum", -EIO, CORE "GSP RPC: receive: Call .* bad "
               "checksum");
}

static void reply_long(void)
{
    fails_once("gsp-reply-long", -EIO, NULL);
}

/* A length without even the header is that of an empty payload. */
static void reply_empty(void)
{
    fails_once("gsp-reply-empty", -EIO, CORE "GSP RPC: receive: .* bad "
               "checksum");
}

static void reply_short(void)
{
    fails_once("gsp-reply-short", -EIO, CORE "GSP RPC: receive: .* bad "
               "checksum");
}

static void reply_lost(void)
{
    fails_once("gsp-reply-lost", -ETIMEDOUT, NULL);
}

/* gsp/fw.rs: MsgFunction::try_from() */
static void event_unknown(void)
{
    fails_once("gsp-event-unknown", -EINVAL, NULL);
}

/* Results of headers are not looked at (gsp/cmdq.rs: receive_msg()). */
static void event_failed(void)
{
    waits("gsp-event-failed", false, 0);
}

/* gsp/fw/commands.rs: fb_regions() takes no more than there are. */
static void regions_many(void)
{
    waits("gsp-regions-many", false, 0);
}

/*
 * gsp/boot.rs: shutdown_gsp() ends, and the unload bundle runs all the same.
 * That for an FSP has nothing to put the GSP at rest (gsp/hal/gh100.rs).
 */
static void unload_lost(void)
{
    int log = klog_open();
    char function[128];
    int64_t start;

    dev_name(function, sizeof(function));
    start = now_ns();
    tap_errno(dev_unbind(function), 0, "the driver leaves");
    tap_ok(now_ns() - start >= 5000000000ll, "after a timeout of 5 s");
    tap_ok(klog_wait(log, CORE "GSP shutdown failed: ETIMEDOUT", 1000),
           "it says so");
    tap_errno(ctl_scenario(NULL), 0, "the scenario ends");
    if (nv_chip()->boot_by == NV_BY_FSP) {
        tap_errno(nv_reset(function), 0, "the function is reset");
    }
    dev_back(function);
}

/* gsp/hal/tu102.rs: run() of the unload bundle, and run_fwsec_frts(). */
static void wpr_left(void)
{
    int log = klog_open();
    char function[128];

    dev_name(function, sizeof(function));
    tap_errno(dev_unbind(function), 0, "the driver leaves");
    tap_ok(klog_wait(log, CORE "WPR2 region still set after Booter Unloader",
                     1000), "and sees that WPR2 is still there");
    tap_errno(dev_bind(function), -EBUSY, "it does not take it back");
    tap_ok(klog_wait(log, CORE "WPR2 region already exists - GPU needs to be "
                     "reset", 1000), "and says that a reset is wanted");
    tap_errno(ctl_scenario(NULL), 0, "the scenario ends");
    tap_errno(nv_reset(function), 0, "the function is reset");
    dev_back(function);
}

#define FAILS(...) \
    .drivers = DRIVER_NOVA, .expect = EXPECT({ PROBE, true }, __VA_ARGS__)
#define BOOTER(...) .boot_by = NV_BY_BOOTER, FAILS(__VA_ARGS__)
#define FSP(...) .boot_by = NV_BY_FSP, FAILS(__VA_ARGS__)
#define SHUTDOWN                                                             \
    { CORE "GSP shutdown failed: ", true },                                  \
    { CORE "failed to unload GSP", true }

const GuestTest nova_probe_tests[] = {
    TEST("nova-gfw-never", "a chip that does not boot", gfw_never,
         FAILS({ CORE "(GFW boot did not|FSP secure boot) complet", false })),
    TEST("nova-gfw-late", "a chip that is slow", gfw_late,
         .drivers = DRIVER_NOVA),
    TEST("nova-frts-error", "FWSEC fails", frts_error,
         BOOTER({ CORE "FWSEC-FRTS returned", false })),
    TEST("nova-frts-idle", "FWSEC does nothing", frts_idle,
         BOOTER({ CORE "WPR2 region not created", false })),
    TEST("nova-booter-error", "booter fails", booter_error,
         BOOTER({ CORE "Booter-load failed", false })),
    TEST("nova-booter-stuck", "booter does not halt", booter_stuck,
         BOOTER({ CORE "probe", false })),
    TEST("nova-fsp-silent", "an FSP that does not answer", fsp_silent,
         FSP({ CORE "FSP response error", false })),
    TEST("nova-fsp-refused", "an FSP that refuses the chain of trust",
         fsp_refused, FSP({ CORE "NVDM command Cot failed", false })),
    TEST("nova-fmc-error", "FMC fails", fmc_error,
         FSP({ CORE "GSP-FMC boot failed", false })),
    TEST("nova-fmc-idle", "FMC does nothing", fmc_idle,
         FSP({ CORE "GSP lockdown release timeout", false })),
    TEST("nova-fmc-stuck", "FMC does not come to its end", fmc_stuck,
         FSP({ CORE "GSP lockdown release timeout", false },
             { CORE "NVDM command Cot failed", false },
             { CORE "GSP falcon failed to halt", true })),
    TEST("nova-init-never", "no INIT_DONE", init_never, FAILS(SHUTDOWN)),
    TEST("nova-init-late", "a late INIT_DONE", init_late,
         .drivers = DRIVER_NOVA),
    TEST("nova-init-first", "INIT_DONE before the sequencer", init_first,
         BOOTER(SHUTDOWN)),
    TEST("nova-checksum", "an answer with a wrong checksum", checksum,
         FAILS({ CORE "GSP RPC: receive: ", false }, SHUTDOWN)),
    TEST("nova-reply-long", "an answer that cannot be so long", reply_long,
         FAILS({ CORE "GSP RPC: receive: ", true }, SHUTDOWN)),
    TEST("nova-reply-short", "an answer that ends in the middle", reply_short,
         FAILS({ CORE "GSP RPC: receive: ", true }, SHUTDOWN)),
    TEST("nova-reply-empty", "an answer without bytes", reply_empty,
         FAILS({ CORE "GSP RPC: receive: ", true }, SHUTDOWN)),
    TEST("nova-reply-lost", "no answer", reply_lost, FAILS(SHUTDOWN)),
    TEST("nova-event-unknown", "an event of another firmware", event_unknown,
         FAILS(SHUTDOWN)),
    TEST("nova-event-failed", "an event with a result", event_failed,
         .drivers = DRIVER_NOVA),
    TEST("nova-regions-many", "more regions than there are", regions_many,
         .drivers = DRIVER_NOVA),
    TEST("nova-unload-lost", "no answer to the goodbye", unload_lost,
         .drivers = DRIVER_NOVA, .scenario = "gsp-unload-lost",
         .expect = EXPECT({ CORE "GSP shutdown failed: ", false },
                          { CORE "GSP falcon failed to halt", true },
                          { CORE "Unload bundle failed", true },
                          { CORE "failed to unload GSP", true })),
    TEST("nova-wpr-left", "WPR2 is left behind", wpr_left,
         .drivers = DRIVER_NOVA, .boot_by = NV_BY_BOOTER, .scenario = "gsp-wpr-left",
         .expect = EXPECT({ CORE "WPR2 region still set", false },
                          { CORE "WPR2 region already exists", false },
                          { CORE "Booter Unloader failed", true },
                          { CORE "Unload bundle failed", true },
                          { CORE "failed to unload GSP", true },
                          { PROBE, true })),
    TEST_END,
};
