/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define PCI_DEVICES "/sys/bus/pci/devices"

ssize_t read_file(const char *path, void *buf, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t got = 0;

    if (fd < 0) {
        return -errno;
    }
    while (got < size) {
        ssize_t n = read(fd, (char *)buf + got, size - got);

        if (n < 0) {
            int err = errno;

            close(fd);
            return -err;
        }
        if (!n) {
            break;
        }
        got += n;
    }
    close(fd);
    return got;
}

ssize_t read_file_at(const char *dir, const char *name, void *buf, size_t size)
{
    char path[640];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return read_file(path, buf, size);
}

bool read_text(const char *path, char *buf, size_t size)
{
    ssize_t n = read_file(path, buf, size - 1);

    if (n < 0) {
        buf[0] = 0;
        return false;
    }
    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == 0)) {
        n--;
    }
    buf[n] = 0;
    return true;
}

int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int ret = 0;

    if (fd < 0) {
        return -errno;
    }
    if (write(fd, text, strlen(text)) < 0) {
        ret = -errno;
    }
    close(fd);
    return ret;
}

static bool is_compatible(const char *node, const char *name)
{
    char buf[512];
    ssize_t len = read_file_at(node, "compatible", buf, sizeof(buf) - 1);

    if (len <= 0) {
        return false;
    }
    buf[len] = 0;
    for (char *p = buf; p < buf + len; p += strlen(p) + 1) {
        if (!strcmp(p, name)) {
            return true;
        }
    }
    return false;
}

/*
 * Breadth first over a list of paths, so that depth is bounded by memory and
 * not by the stack.
 */
bool dt_find_compatible(const char *name, char *node, size_t size)
{
    enum { MAX_NODES = 512 };
    char **list = calloc(MAX_NODES, sizeof(*list));
    unsigned nr = 0;
    bool found = false;

    if (!list) {
        return false;
    }
    list[nr++] = strdup(DT_ROOT);
    for (unsigned i = 0; i < nr && !found; i++) {
        struct dirent *e;
        DIR *d;

        if (is_compatible(list[i], name)) {
            snprintf(node, size, "%s", list[i]);
            found = true;
            break;
        }
        d = opendir(list[i]);
        while (d && (e = readdir(d)) && nr < MAX_NODES) {
            if (e->d_type == DT_DIR && e->d_name[0] != '.') {
                if (asprintf(&list[nr], "%s/%s", list[i], e->d_name) > 0) {
                    nr++;
                }
            }
        }
        if (d) {
            closedir(d);
        }
    }
    for (unsigned i = 0; i < nr; i++) {
        free(list[i]);
    }
    free(list);
    return found;
}

static bool pci_id_is(const char *name, const char *file, const char *id)
{
    char path[320];
    char have[16];

    snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", name, file);
    return read_text(path, have, sizeof(have)) && !strcmp(have, id);
}

bool pci_find(const char *vendor, const char *device, char *name, size_t size)
{
    DIR *d = opendir(PCI_DEVICES);
    struct dirent *e;
    bool found = false;

    while (!found && d && (e = readdir(d))) {
        found = pci_id_is(e->d_name, "vendor", vendor) &&
                (!device || pci_id_is(e->d_name, "device", device));
        snprintf(name, size, "%s", e->d_name);
    }
    if (d) {
        closedir(d);
    }
    return found;
}

void *pci_map(const char *name, size_t size)
{
    char path[320];
    void *map;
    int fd;

    snprintf(path, sizeof(path), PCI_DEVICES "/%s/enable", name);
    write_text(path, "1");
    snprintf(path, sizeof(path), PCI_DEVICES "/%s/resource0", name);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        return MAP_FAILED;
    }
    map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    return map;
}

int64_t now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

void sleep_ms(unsigned ms)
{
    struct timespec ts = { ms / 1000, (ms % 1000) * 1000000l };

    while (nanosleep(&ts, &ts) < 0 && errno == EINTR) {
        continue;
    }
}

static uint64_t rng_state = 0x9e3779b97f4a7c15ull;

void rng_seed(uint32_t seed, const char *name)
{
    rng_state = 0x9e3779b97f4a7c15ull ^ seed;
    for (const char *p = name; *p; p++) {
        rng_state = (rng_state ^ (unsigned char)*p) * 0x100000001b3ull;
    }
    if (!rng_state) {
        rng_state = 1;
    }
    for (int i = 0; i < 8; i++) {
        rng_u32();
    }
}

/* xorshift64* */
uint32_t rng_u32(void)
{
    rng_state ^= rng_state >> 12;
    rng_state ^= rng_state << 25;
    rng_state ^= rng_state >> 27;
    return (rng_state * 0x2545f4914f6cdd1dull) >> 32;
}

uint64_t rng_u64(void)
{
    uint64_t hi = rng_u32();

    return hi << 32 | rng_u32();
}

static void kmsg_v(const char *head, const char *fmt, va_list ap)
{
    char text[512];
    char line[600];
    int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
    int len;

    if (fd < 0) {
        return;
    }
    vsnprintf(text, sizeof(text), fmt, ap);
    len = snprintf(line, sizeof(line), "<5>gpumbox: %s%s\n", head, text);
    if (write(fd, line, len) < 0) {
        perror("/dev/kmsg");
    }
    close(fd);
}

void kmsg(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    kmsg_v("", fmt, ap);
    va_end(ap);
}

void kmsg_expect(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    kmsg_v("expect ", fmt, ap);
    va_end(ap);
}

char *split_next(char **list)
{
    char *piece;

    while ((piece = strsep(list, ","))) {
        if (*piece) {
            return piece;
        }
    }
    return NULL;
}
