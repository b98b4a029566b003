/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

typedef struct TapShared {
    atomic_uint count;
    atomic_uint failed;
} TapShared;

static TapShared *shared;
static int tap_fd = 1;
static char prefix[64];

void tap_start(int fd)
{
    tap_fd = fd;
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        perror("mmap");
        exit(1);
    }
}

void tap_prefix(const char *name)
{
    snprintf(prefix, sizeof(prefix), "%s", name);
}

static void tap_write(const char *buf, size_t len)
{
    while (len) {
        ssize_t n = write(tap_fd, buf, len);

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return;
        }
        buf += n;
        len -= n;
    }
}

/* One line; control characters and '#' would change its meaning. */
static void tap_line(const char *head, const char *tail, const char *fmt,
                     va_list ap)
{
    char text[512];
    char line[768];
    int len;

    vsnprintf(text, sizeof(text), fmt, ap);
    for (char *p = text; *p; p++) {
        if (*p == '\n' || *p == '\r' || *p == '#') {
            *p = ' ';
        }
    }
    len = snprintf(line, sizeof(line), "%s%s%s%s%s\n", head,
                   prefix[0] ? prefix : "", prefix[0] ? ": " : "", text,
                   tail);
    if (len >= (int)sizeof(line)) {
        len = sizeof(line) - 1;
        line[len - 1] = '\n';
    }
    tap_write(line, len);
}

static void tap_point(bool ok, const char *tail, const char *fmt, va_list ap)
{
    char head[32];
    unsigned nr = atomic_fetch_add(&shared->count, 1) + 1;

    if (!ok) {
        atomic_fetch_add(&shared->failed, 1);
    }
    snprintf(head, sizeof(head), "%s %u - ", ok ? "ok" : "not ok", nr);
    tap_line(head, tail, fmt, ap);
}

bool tap_ok(bool ok, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tap_point(ok, "", fmt, ap);
    va_end(ap);
    return ok;
}

bool tap_eq(uint64_t got, uint64_t want, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tap_point(got == want, "", fmt, ap);
    va_end(ap);
    if (got != want) {
        tap_diag("got 0x%llx, want 0x%llx", (unsigned long long)got,
                 (unsigned long long)want);
    }
    return got == want;
}

bool tap_errno(int ret, int want, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tap_point(ret == want, "", fmt, ap);
    va_end(ap);
    if (ret != want) {
        tap_diag("got %d (%s), want %d (%s)", ret,
                 ret < 0 ? strerror(-ret) : "no error", want,
                 want < 0 ? strerror(-want) : "no error");
    }
    return ret == want;
}

void tap_skip(const char *reason, const char *fmt, ...)
{
    char tail[128];
    va_list ap;

    snprintf(tail, sizeof(tail), " # SKIP %s", reason);
    va_start(ap, fmt);
    tap_point(true, tail, fmt, ap);
    va_end(ap);
}

void tap_diag(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tap_line("# ", "", fmt, ap);
    va_end(ap);
}

void tap_die(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    tap_point(false, "", fmt, ap);
    va_end(ap);
    _exit(1);
}

unsigned tap_count(void)
{
    return atomic_load(&shared->count);
}

unsigned tap_failed(void)
{
    return atomic_load(&shared->failed);
}

void tap_plan(void)
{
    char line[32];
    int len = snprintf(line, sizeof(line), "1..%u\n", tap_count());

    tap_write(line, len);
}

void tap_drain(void)
{
    tcdrain(tap_fd);
}
