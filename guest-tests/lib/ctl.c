/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl.h"
#include "util.h"

#define CTL_ID          0x00
#define CTL_VERSION     0x04
#define CTL_SNAPSHOT    0x08
#define CTL_EXIT        0x0c
#define CTL_SEED        0x10
#define CTL_GENERATION  0x14
#define CTL_PARAM_LEN   0x18
#define CTL_CMD_STATUS  0x1c
#define CTL_CMD         0x20
#define CTL_FILE_LEN    0x24
#define CTL_FILE_POS    0x28
#define CTL_FILE_DATA   0x2c
#define CTL_PARAM       0x400
#define CTL_SIZE        0x1000
#define CTL_ID_VALUE    0x584d4247u
/* hw/coproc/ctl-pci.c */
#define CTL_PCI_VENDOR  "0x1234"
#define CTL_PCI_DEVICE  "0x4247"

/* Tags of checkpoints; init has those below. */
#define CHECKPOINT_TAG 0x1000u

static volatile uint32_t *regs;
static char params[CTL_SIZE - CTL_PARAM];

static uint32_t ctl_rd(unsigned off)
{
    return regs[off / 4];
}

static void ctl_wr(unsigned off, uint32_t value)
{
    regs[off / 4] = value;
}

/* Big-endian cells of a device-tree property. */
static uint64_t cells(const uint8_t *p, unsigned nr)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < nr * 4; i++) {
        v = v << 8 | p[i];
    }
    return v;
}

static uint32_t prop_u32(const char *node, const char *name, uint32_t def)
{
    uint8_t buf[4];

    if (read_file_at(node, name, buf, sizeof(buf)) != sizeof(buf)) {
        return def;
    }
    return cells(buf, 1);
}

/*
 * The address on the system bus of the first reg entry of @node, whose
 * parents are given by its path. Returns false if a bus on the way has no
 * translation.
 */
static bool dt_address(const char *node, uint64_t *address)
{
    char path[512];
    char bus[512];
    uint8_t buf[512];
    uint64_t addr;
    ssize_t len;

    snprintf(path, sizeof(path), "%s", node);
    snprintf(bus, sizeof(bus), "%s", node);
    *strrchr(bus, '/') = 0;
    len = read_file_at(path, "reg", buf, sizeof(buf));
    if (len < 4 * (ssize_t)prop_u32(bus, "#address-cells", 2)) {
        return false;
    }
    addr = cells(buf, prop_u32(bus, "#address-cells", 2));

    while (strcmp(bus, DT_ROOT)) {
        unsigned ac = prop_u32(bus, "#address-cells", 2);
        unsigned sc = prop_u32(bus, "#size-cells", 1);
        char up[512];
        unsigned pac;
        bool found = false;

        snprintf(up, sizeof(up), "%s", bus);
        *strrchr(up, '/') = 0;
        pac = prop_u32(up, "#address-cells", 2);
        len = read_file_at(bus, "ranges", buf, sizeof(buf));
        if (len < 0) {
            return false;
        }
        if (len == 0) {
            found = true;
        }
        for (size_t o = 0; !found && o + 4 * (ac + pac + sc) <= (size_t)len;
             o += 4 * (ac + pac + sc)) {
            uint64_t child = cells(buf + o, ac);
            uint64_t parent = cells(buf + o + 4 * ac, pac);
            uint64_t size = cells(buf + o + 4 * (ac + pac), sc);

            if (addr >= child && addr - child < size) {
                addr = addr - child + parent;
                found = true;
            }
        }
        if (!found) {
            return false;
        }
        snprintf(bus, sizeof(bus), "%s", up);
    }
    *address = addr;
    return true;
}

/* On a platform bus it is a node, and its page comes through /dev/mem. */
static void *map_node(const char *node)
{
    uint64_t addr;
    void *map;
    int fd;

    if (!dt_address(node, &addr)) {
        fprintf(stderr, "gpumbox: %s: no address on the system bus\n", node);
        return NULL;
    }
    fd = open("/dev/mem", O_RDWR | O_SYNC | O_CLOEXEC);
    if (fd < 0) {
        perror("gpumbox: /dev/mem");
        return NULL;
    }
    map = mmap(NULL, CTL_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, addr);
    close(fd);
    return map;
}

bool ctl_open(void)
{
    char where[512];

    if (dt_find_compatible("gpumbox,ctl", where, sizeof(where))) {
        regs = map_node(where);
    } else if (pci_find(CTL_PCI_VENDOR, CTL_PCI_DEVICE, where,
                        sizeof(where))) {
        regs = pci_map(where, CTL_SIZE);
    }
    if (regs == MAP_FAILED) {
        perror("gpumbox: mapping the control device");
        regs = NULL;
    }
    if (regs && ctl_rd(CTL_ID) != CTL_ID_VALUE) {
        fprintf(stderr, "gpumbox: %s has a wrong ID 0x%x\n", where,
                ctl_rd(CTL_ID));
        regs = NULL;
    }
    ctl_read_params();
    return regs;
}

bool ctl_present(void)
{
    return regs;
}

uint32_t ctl_seed(void)
{
    return regs ? ctl_rd(CTL_SEED) : 0;
}

uint32_t ctl_generation(void)
{
    return regs ? ctl_rd(CTL_GENERATION) : 0;
}

/* The list is read anew: a restored guest has the restorer's parameters. */
void ctl_checkpoint(unsigned n)
{
    const char *list = ctl_param("snap-at");
    char copy[512];
    char *rest = copy;
    char *piece;

    snprintf(copy, sizeof(copy), "%s", list ? list : "");
    while ((piece = split_next(&rest))) {
        if (strtoul(piece, NULL, 0) == n) {
            kmsg("snapshot at checkpoint %u", n);
            ctl_snapshot(CHECKPOINT_TAG + n);
            return;
        }
    }
}

void ctl_snapshot(uint32_t tag)
{
    if (!regs) {
        return;
    }
    ctl_wr(CTL_SNAPSHOT, tag);
    /* A read cannot pass the write: what follows runs after the stop. */
    (void)ctl_rd(CTL_ID);
    ctl_read_params();
}

void ctl_exit(uint8_t status)
{
    if (regs) {
        ctl_wr(CTL_EXIT, status);
        for (;;) {
            pause();
        }
    }
}

void ctl_read_params(void)
{
    uint32_t len;

    if (!regs) {
        return;
    }
    len = ctl_rd(CTL_PARAM_LEN);
    if (len > sizeof(params) - 1) {
        len = sizeof(params) - 1;
    }
    for (uint32_t i = 0; i < sizeof(params); i += 4) {
        uint32_t word = i < len ? ctl_rd(CTL_PARAM + i) : 0;

        memcpy(params + i, &word, 4);
    }
    params[len] = 0;
}

const char *ctl_param(const char *name)
{
    static char value[8][CTL_SIZE - CTL_PARAM];
    static unsigned next;
    size_t n = strlen(name);

    for (const char *p = params; *p;) {
        size_t len;

        p += strspn(p, " \t\n");
        len = strcspn(p, " \t\n");
        if (len >= n && !memcmp(p, name, n) && (len == n || p[n] == '=')) {
            char *v = value[next++ % 8];
            size_t skip = len == n ? n : n + 1;

            snprintf(v, sizeof(value[0]), "%.*s", (int)(len - skip), p + skip);
            return v;
        }
        p += len;
    }
    return NULL;
}

unsigned ctl_param_u(const char *name, unsigned def)
{
    const char *v = ctl_param(name);
    char *end;
    unsigned long n;

    if (!v || !*v) {
        return def;
    }
    n = strtoul(v, &end, 0);
    return *end ? def : n;
}

bool ctl_real_time(void)
{
    const char *time = ctl_param("time");

    return time && !strcmp(time, "real");
}

int ctl_command(const char *fmt, ...)
{
    char text[256];
    va_list ap;

    if (!regs) {
        return -ENODEV;
    }
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    for (const char *p = text; *p; p++) {
        ctl_wr(CTL_CMD, (unsigned char)*p);
    }
    ctl_wr(CTL_CMD, '\n');
    return -(int)ctl_rd(CTL_CMD_STATUS);
}

int ctl_scenario(const char *name)
{
    return ctl_command("scenario %s", name ? name : "none");
}

int ctl_file(const char *path, uint32_t at, uint32_t len)
{
    uint32_t have = regs ? ctl_rd(CTL_FILE_LEN) : 0;
    uint32_t word;
    FILE *f;

    if (at > have || len > have - at) {
        return -ENOENT;
    }
    unlink(path);
    f = fopen(path, "we");
    if (!f) {
        return -errno;
    }
    ctl_wr(CTL_FILE_POS, at);
    for (uint32_t done = 0; done < len; done += 4) {
        word = ctl_rd(CTL_FILE_DATA);
        fwrite(&word, 1, len - done < 4 ? len - done : 4, f);
    }
    return fclose(f) ? -errno : 0;
}
