/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What costs a channel: addresses without a translation, streams that are
 * none, methods that no engine has. The firmware tells, the driver takes the
 * channel away, and its fences end with an error (nouveau_chan.c:
 * nouveau_channel_killed()).
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "klog.h"
#include "nouveau-tests.h"
#include "nvchan.h"
#include "nvchip.h"
#include "tap.h"
#include "util.h"

#define GART NOUVEAU_GEM_DOMAIN_GART
#define CE NOUVEAU_FIFO_ENGINE_CE
#define GR NOUVEAU_FIFO_ENGINE_GR

typedef struct Rig {
    NvDev *d;
    NvChan *c, *other;
    NvMem m;
    int log;
    unsigned code;
} Rig;

/*
 * 6.12: "rc: engn:...", 7.3 with r570: "rc engn:...". 6.12 rings the doorbell
 * for each push buffer, so that the channel may be gone before its job has
 * got a fence.
 */
static Rig rig(uint32_t engine, unsigned code)
{
    Rig r = { .d = nvd_open(), .log = klog_open(), .code = code };

    r.c = nvc_open(r.d, engine);
    r.other = nvc_open(r.d, engine);
    r.m = nvd_mem(r.d, GART, NV_DATA_PAGE);
    kmsg_expect("gsp: rc:? engn:0000000[19b] chid:%d .*type:%u scope",
                r.c->id, code);
    kmsg_expect("errored - disabling channel");
    kmsg_expect("channel %d killed!", r.c->id);
    kmsg_expect("error fencing pushbuf: -19");
    return r;
}

/* What the firmware has told; r570 tells the address of an MMU fault. */
static bool told(Rig *r, uint64_t va)
{
    char line[160];

    snprintf(line, sizeof(line), "gsp: rc:? engn:0000000[19b] chid:%d .*"
             "type:%u scope:[0-9]+ part:[0-9]+($| fault_addr:%016llx)",
             r->c->id, r->code, (unsigned long long)va);
    return klog_wait(r->log, line, 1000);
}

/* The channel is dead, the one beside it is not. */
static void verdict(Rig *r, uint64_t va, const char *what)
{
    uint32_t v = rng_u32() | 1;

    nvc_sem(r->c, r->m.va, 1, NV_SEM_RELEASE);
    tap_errno(nvc_run(r->c), -ENODEV, "%s: the job ends with an error", what);
    tap_eq(nv_word(&r->m, 0), 0, "%s: nothing behind it is done", what);
    tap_ok(told(r, va), "%s: the firmware has told of error %u", what,
           r->code);
    nvc_word(r->c, 0);
    tap_errno(nvc_exec(r->c), -ENODEV, "%s: the channel takes no more", what);
    nvc_sem(r->other, r->m.va + 4, v, NV_SEM_RELEASE);
    tap_errno(nvc_run(r->other), 0, "%s: another channel works", what);
    tap_eq(nv_word(&r->m, 1), v, "%s: and stores", what);
    nvc_close(r->c);
    nvc_close(r->other);
    nvd_mem_free(r->d, &r->m);
    nvd_close(r->d);
    close(r->log);
}

static void expect_mmu(void)
{
    kmsg_expect("gsp: mmu fault queued");
}

static void mmu(void)
{
    Rig r = rig(CE, 31);
    uint64_t va = nvd_va(r.d, NV_DATA_PAGE);

    expect_mmu();
    nvc_sem(r.c, va, 1, NV_SEM_RELEASE);
    verdict(&r, va, "a store to nowhere");
    r = rig(CE, 31);
    va = nvd_va(r.d, NV_DATA_PAGE);
    nvc_copy(r.c, r.m.va + 64, va + 64, 64);
    verdict(&r, va + 64, "a copy from nowhere");
    r = rig(GR, 31);
    r.c->push.va += 64 * KiB;
    va = r.c->push.va;
    nvc_word(r.c, 0);
    nvc_exec(r.c);
    r.c->push.va -= 64 * KiB;
    verdict(&r, va, "a push buffer nowhere");
}

/* What was mapped, and is no more. */
static void unmapped(void)
{
    Rig r = rig(CE, 31);
    NvMem gone = nvd_mem(r.d, GART, NV_DATA_PAGE);

    expect_mmu();
    nvc_sem(r.c, gone.va, 3, NV_SEM_RELEASE);
    tap_errno(nvc_run(r.c), 0, "a store to a buffer");
    tap_eq(nv_word(&gone, 0), 3, "it is there");
    tap_errno(nvd_unmap(r.d, gone.va, NV_DATA_PAGE), 0, "it is unmapped");
    nvc_sem(r.c, gone.va, 4, NV_SEM_RELEASE);
    verdict(&r, gone.va, "a store to it");
}

static void streams(void)
{
    Rig r = rig(CE, 32);

    nvc_word(r.c, 6u << 29);
    verdict(&r, 0, "a reserved header");
    r = rig(CE, 32);
    nvc_imm(r.c, NV_SUB_HOST, 0x04, 0);
    verdict(&r, 0, "a method that host does not have");
    r = rig(CE, 32);
    nvc_sem(r.c, r.m.va + 2, 1, NV_SEM_RELEASE);
    verdict(&r, 0, "a semaphore at an odd address");
    r = rig(CE, 32);
    nvc_imm(r.c, NV_SUB_COPY, NV_SET_OBJECT, 0x1234);
    verdict(&r, 0, "a class that the chip does not have");
    r = rig(CE, 32);
    nvc_imm(r.c, NV_SUB_COPY, NV_COPY_LAUNCH, 0);
    verdict(&r, 0, "a method of a subchannel without a class");
}

static void engines(void)
{
    Rig r = rig(CE, 41);

    nvc_copy_lines(r.c, r.m.va, 0, r.m.va + 64, 0, 64, 1);
    nvc_mthd(r.c, NV_SUB_COPY, NV_COPY_LAUNCH, 1,
             NV_LAUNCH_MOVE | NV_LAUNCH_PITCH | NV_LAUNCH_PHYSICAL);
    verdict(&r, 0, "a copy to a physical address");
    r = rig(CE, 41);
    nvc_mthd(r.c, NV_SUB_COPY, NV_SET_OBJECT, 1, nv_chip()->copy);
    nvc_imm(r.c, NV_SUB_COPY, 0xffc, 0);
    verdict(&r, 0, "a method that the copy engine does not have");
    r = rig(GR, 13);
    nvc_mthd(r.c, 0, NV_SET_OBJECT, 1, nv_chip()->threed);
    nvc_imm(r.c, 0, 0x100, 0);
    verdict(&r, 0, "a method of graphics, which is not modelled");
}

/* The driver gives a job that hangs 10 s (nouveau_sched.c). */
static void hang(void)
{
    NvDev *d = nvd_open();
    NvChan *c = nvc_open(d, CE), *other = nvc_open(d, CE);
    NvMem m = nvd_mem(d, GART, NV_DATA_PAGE);

    kmsg_expect("job timeout, channel %d killed!", c->id);
    nvc_sem(c, m.va, 1, NV_SEM_ACQUIRE);
    nvc_sem(c, m.va + 4, 1, NV_SEM_RELEASE);
    tap_errno(nvc_run(c), -ECANCELED, "a job that waits in vain");
    nvc_sem(other, m.va + 8, 7, NV_SEM_RELEASE);
    tap_errno(nvc_run(other), 0, "another channel of its runlist works");
    tap_eq(nv_word(&m, 2), 7, "and stores");
    tap_eq(nv_word(&m, 1), 0, "the first has not");
    nvc_close(c);
    nvc_close(other);
    nvd_mem_free(d, &m);
    nvd_close(d);
}

const GuestTest nouveau_fault_tests[] = {
    TEST("nv-fault", "addresses without a translation", mmu,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-fault-unmapped", "a buffer that was unmapped", unmapped,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-fault-stream", "push buffers that are none", streams,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-fault-engine", "methods that no engine has", engines,
         .drivers = DRIVER_NOUVEAU),
    TEST("nv-hang", "a job that never ends", hang,
         .drivers = DRIVER_NOUVEAU),
    TEST_END,
};
