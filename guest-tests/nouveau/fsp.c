/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FSP by hand, with no driver: messages that are wrong, and chains of trust
 * whose links are. The right one is what drivers send.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nouveau.h"
#include "nouveau-tests.h"
#include "nvchip.h"
#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "util.h"

#define NODE_LIMIT_MS 10000
#define PAGE 4096u
#define ANSWER_LIMIT_MS 100

/* nova-core falcon/fsp.rs; nouveau nvkm/subdev/fsp/gh100.c */
#define FSP_EMEMC 0x8f2ac0
#define FSP_EMEMD 0x8f2ac4
#define FSP_QUEUE_HEAD 0x8f2c00
#define FSP_QUEUE_TAIL 0x8f2c04
#define FSP_MSGQ_HEAD 0x8f2c80
#define FSP_MSGQ_TAIL 0x8f2c84
#define WRITING (1u << 24)
#define READING (1u << 25)
#define GSP_MAILBOX0 0x110040
#define GSP_HWCFG2 0x1100f4
#define LOCKDOWN (1u << 13)

#define SINGLE 0xc0000000u
#define COT 0x1410de7eu
#define ANSWER 0x1510de7eu
#define COT_BYTES 868u

/* kern_fsp_retval.h */
#define INVALID_STATE 0x9e
#define NOT_SUPPORTED 0xa0
#define INVALID_DATA 0xa1
#define NO_ANSWER UINT32_MAX

/* hw/nvidia-gsp/nvidia-gsp.h: NvBootError */
#define META_MAGIC 7
#define META_LAYOUT 8
#define META_FRTS 9
#define FMC_ARGS 19

/* Of an FMC that is FMC_MAGIC, 1, PAGE, and zeros: SHA-384. */
#define FMC_MAGIC 0x434d4247u
static const uint8_t fmc_hash[48] = {
    0x0a, 0x5a, 0xe3, 0x80, 0xee, 0x9c, 0x0f, 0xa1, 0x1a, 0x1c, 0xcd, 0xd4,
    0xbe, 0x8c, 0xb5, 0xb1, 0x87, 0xdd, 0x5b, 0xca, 0xf7, 0xbe, 0xca, 0x86,
    0x83, 0x8b, 0x14, 0x63, 0x79, 0x22, 0xd2, 0x18, 0x17, 0x2d, 0xdd, 0xa5,
    0x5d, 0x0a, 0x44, 0x3b, 0x32, 0xa3, 0xe5, 0x5a, 0x27, 0xb6, 0x67, 0x9e,
};

/* A message: nouveau's nvdm_payload_cot behind two headers. */
typedef struct __attribute__((packed)) Cot {
    uint32_t mctp;
    uint32_t nvdm;
    uint16_t version;
    uint16_t size;
    uint64_t fmc;
    uint64_t frts_system;
    uint32_t frts_system_size;
    uint64_t frts;
    uint32_t frts_size;
    uint8_t hash[48];
    uint8_t key[384];
    uint8_t signature[384];
    uint64_t args;
} Cot;

_Static_assert(sizeof(Cot) == COT_BYTES, "message");

/* Memory that the function can reach: a page, and where the bus has it. */
typedef struct Dma {
    uint8_t *p;
    uint64_t bus;
} Dma;

static Dma dma_page(void)
{
    uint64_t entry = 0;
    Dma d = {
        .p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0),
    };
    int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

    if (d.p == MAP_FAILED) {
        tap_die("a page");
    }
    memset(d.p, 0, PAGE);
    if (pread(fd, &entry, 8, (uintptr_t)d.p / PAGE * 8) != 8 ||
        !(entry >> 63)) {
        tap_die("a page's address");
    }
    close(fd);
    d.bus = (entry & ((1ull << 55) - 1)) * PAGE;
    return d;
}

/* A driver that leaves takes the right to be a master with it. */
static void be_master(const char *function)
{
    char path[192];
    uint16_t command = 0;
    int fd;

    snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", function);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (pread(fd, &command, 2, 4) != 2) {
        tap_die("configuration space");
    }
    command |= 1 << 2;
    if (pwrite(fd, &command, 2, 4) != 2) {
        tap_die("bus master");
    }
    close(fd);
}

static void post(volatile uint32_t *r, const void *message, uint32_t bytes)
{
    nv_write(r, FSP_EMEMC, WRITING);
    for (uint32_t at = 0; at < bytes; at += 4) {
        uint32_t word;

        memcpy(&word, (const uint8_t *)message + at, 4);
        nv_write(r, FSP_EMEMD, word);
    }
    nv_write(r, FSP_QUEUE_TAIL, bytes - 4);
    nv_write(r, FSP_QUEUE_HEAD, 0);
}

/* The error of the answer, whose form is looked at as well. */
static uint32_t answer(volatile uint32_t *r, uint8_t type)
{
    int64_t end = now_ns() + ANSWER_LIMIT_MS * 1000000ll;
    uint32_t a[5];

    while (nv_read(r, FSP_MSGQ_HEAD) == nv_read(r, FSP_MSGQ_TAIL)) {
        if (now_ns() > end) {
            return NO_ANSWER;
        }
    }
    nv_write(r, FSP_EMEMC, READING);
    for (unsigned i = 0; i < 5; i++) {
        a[i] = nv_read(r, FSP_EMEMD);
    }
    if (nv_read(r, FSP_MSGQ_TAIL) - nv_read(r, FSP_MSGQ_HEAD) != 16 ||
        nv_read(r, FSP_QUEUE_HEAD) != nv_read(r, FSP_QUEUE_TAIL) ||
        a[0] != SINGLE || a[1] != ANSWER || a[3] != type) {
        return NO_ANSWER;
    }
    nv_write(r, FSP_MSGQ_TAIL, 0);
    nv_write(r, FSP_MSGQ_HEAD, 0);
    return a[4];
}

static uint32_t ask(volatile uint32_t *r, const Cot *cot)
{
    post(r, cot, sizeof(*cot));
    return answer(r, cot->nvdm >> 24);
}

static Cot good_cot(const Dma *fmc, const Dma *args)
{
    const uint32_t header[3] = { FMC_MAGIC, 1, PAGE };
    Cot c = {
        .mctp = SINGLE, .nvdm = COT, .version = 2, .size = COT_BYTES - 8,
        .fmc = fmc->bus, .frts = 28 * MiB, .frts_size = MiB,
        .args = args->bus,
    };

    memcpy(fmc->p, header, sizeof(header));
    memcpy(c.hash, fmc_hash, sizeof(c.hash));
    memset(c.key, 4, 97);
    memset(c.signature, 1, 96);
    return c;
}

static void messages(volatile uint32_t *r, const Cot *good)
{
    Cot c = *good;

    c.mctp = SINGLE | 1;
    tap_eq(ask(r, &c), INVALID_DATA, "MCTP of another version");
    c.mctp = 0x80000000;
    tap_eq(ask(r, &c), NOT_SUPPORTED, "a message of several packets");
    c = *good;
    c.nvdm = 0x1410dd7e;
    tap_eq(ask(r, &c), INVALID_DATA, "another vendor");
    c.nvdm = 0x1310de7e;
    tap_eq(ask(r, &c), NOT_SUPPORTED, "another type");
    c = *good;
    c.version = 1;
    tap_eq(ask(r, &c), NOT_SUPPORTED, "a Hopper's chain of trust");
    c = *good;
    c.key[97] = 1;
    tap_eq(ask(r, &c), INVALID_DATA, "a key that is too long");
    post(r, good, COT_BYTES - 4);
    tap_eq(answer(r, COT >> 24), INVALID_DATA, "a message that is too short");
    nv_write(r, FSP_QUEUE_TAIL, 2048);
    nv_write(r, FSP_QUEUE_HEAD, 4);
    tap_eq(answer(r, 0), INVALID_DATA, "one that is not in its memory");
    nv_write(r, FSP_EMEMC, WRITING | 0xfffc);
    nv_write(r, FSP_EMEMD, 1);
    nv_write(r, FSP_EMEMC, READING | 0xfffc);
    tap_eq(nv_read(r, FSP_EMEMD), 0, "there is nothing behind the memory");
}

static void links(volatile uint32_t *r, const Cot *good, const Dma *fmc)
{
    Cot c = *good;

    c.hash[0] ^= 1;
    tap_eq(ask(r, &c), INVALID_DATA, "the digest of another FMC");
    c = *good;
    fmc->p[PAGE - 1] = 1;
    tap_eq(ask(r, &c), INVALID_DATA, "another FMC than that of the digest");
    fmc->p[PAGE - 1] = 0;
    c.fmc = 0xffffffff000;
    tap_eq(ask(r, &c), INVALID_DATA, "no FMC");
    c = *good;
    c.frts = 1024 * MiB;
    tap_eq(ask(r, &c), INVALID_DATA, "no room for FRTS");
    tap_eq(nv_read(r, NV_WPR2_HI), 0, "nothing got protected");
}

/*
 * FMC starts, and ends with an error in the mailbox. True if the GSP's
 * registers were seen while they were not the host's: this CPU may be away for
 * as long as that lasts.
 */
static bool fmc_ends(volatile uint32_t *r, const Cot *c, uint32_t want,
                     const char *what)
{
    bool hidden;
    int64_t end;

    tap_eq(ask(r, c), 0, "the chain of trust is taken");
    hidden = (nv_read(r, GSP_MAILBOX0) & ~0xffu) == 0xbadf4100;
    end = now_ns() + ANSWER_LIMIT_MS * 1000000ll;
    while ((nv_read(r, GSP_MAILBOX0) & ~0xffu) == 0xbadf4100 &&
           now_ns() < end) {
    }
    while (nv_read(r, GSP_HWCFG2) & LOCKDOWN && now_ns() < end) {
    }
    tap_eq(nv_read(r, GSP_MAILBOX0), want, "FMC says %u: %s", want, what);
    tap_ok(!nv_gsp_active(r), "and halts");
    tap_eq(nv_read(r, NV_WPR2_HI), 0, "nothing got protected");
    return hidden;
}

static void put(const Dma *d, unsigned at, uint64_t value, unsigned bytes)
{
    memcpy(d->p + at, &value, bytes);
}

/* GSP_FMC_BOOT_PARAMS and GspFwWprMeta of r570 (nvrm/gsp.h) */
static void parameters(volatile uint32_t *r, const Cot *good, const Dma *args)
{
    const Dma meta = dma_page();
    unsigned hidden = 0;

    hidden += fmc_ends(r, good, FMC_ARGS, "its parameters are not right");
    put(args, 0x08, 1, 4);
    put(args, 0x0c, 0x100, 4);
    put(args, 0x10, meta.bus, 8);
    put(args, 0x24, 1, 1);
    put(args, 0x28, 2, 4);
    put(args, 0x30, meta.bus, 8);
    hidden += fmc_ends(r, good, META_FRTS, "the metadata want another FRTS");
    put(&meta, 0xa0, MiB, 8);
    hidden += fmc_ends(r, good, META_MAGIC, "they are none");
    put(&meta, 0x00, 0xdc3aae21371a60b3, 8);
    put(&meta, 0x08, 1, 8);
    put(&meta, 0x18, 1, 8);
    put(&meta, 0x28, 1, 8);
    put(&meta, 0x80, 1024 * MiB, 8);
    hidden += fmc_ends(r, good, META_LAYOUT, "a heap as large as frame buffer");
    tap_ok(hidden, "the GSP's registers are not the host's meanwhile");
    tap_eq(ask(r, good), 0, "one is taken");
    tap_eq(ask(r, good), INVALID_STATE, "a second one beside it is not");
}

static void fsp(void)
{
    volatile uint32_t *r;
    char name[128];
    Dma fmc = dma_page(), args = dma_page();
    Cot good = good_cot(&fmc, &args);

    dev_name(name, sizeof(name));
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    tap_ok(panthor_wait_node(false, NODE_LIMIT_MS), "its node is gone");
    r = nv_registers(name);
    be_master(name);
    messages(r, &good);
    links(r, &good, &fmc);
    parameters(r, &good, &args);
    sleep_ms(ANSWER_LIMIT_MS);
    dev_back(name);
    tap_ok(nv_read(r, NV_WPR2_HI), "a driver brings it up again");
}

const GuestTest nouveau_fsp_tests[] = {
    TEST("nv-fsp", "the FSP by hand", fsp,
         .drivers = DRIVER_NVIDIA, .boot_by = NV_BY_FSP),
    TEST_END,
};
