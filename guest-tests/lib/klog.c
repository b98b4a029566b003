/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"
#include "tap.h"
#include "util.h"

#define LEVEL_WARNING 4
#define EXPECT_MARK "gpumbox: expect "
#define MAX_EXPECT 64
#define MAX_SHOWN 12

/* What a kernel says when its host is slow; nothing of it is the driver's. */
#define SLOW_HOST "^hrtimer: interrupt took|^clocksource: |" \
                  "^workqueue: .* hogged CPU|^sched: RT throttling"

typedef struct Expect {
    regex_t re;
    const char *text;
    bool optional;
    bool seen;
} Expect;

/* A record: its level, facility and text with real line breaks. */
typedef struct Record {
    unsigned level;
    unsigned facility;
    char text[2048];
} Record;

static void record_parse(Record *r, char *raw)
{
    char *text = strchr(raw, ';');
    unsigned pri = strtoul(raw, NULL, 10);
    char *out = r->text;
    char *end = r->text + sizeof(r->text) - 1;

    r->level = pri & 7;
    r->facility = pri >> 3;
    if (!text) {
        r->text[0] = 0;
        return;
    }
    for (text++; *text && *text != '\n' && out < end; text++) {
        if (!strncmp(text, "\\x0a", 4)) {
            *out++ = '\n';
            text += 3;
        } else {
            *out++ = *text;
        }
    }
    *out = 0;
}

/* 1: a record, 0: none now, -1: the reader is unusable. */
static int record_next(int fd, Record *r)
{
    char raw[8192];

    for (;;) {
        ssize_t n = read(fd, raw, sizeof(raw) - 1);

        if (n > 0) {
            raw[n] = 0;
            record_parse(r, raw);
            return 1;
        }
        if (n < 0 && (errno == EPIPE || errno == EINTR)) {
            /* EPIPE: records were overwritten, go on with the oldest. */
            continue;
        }
        return n < 0 && errno == EAGAIN ? 0 : -1;
    }
}

int klog_open(void)
{
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0) {
        lseek(fd, 0, SEEK_END);
    }
    return fd;
}

static bool any_line(const char *text, const regex_t *re)
{
    char copy[sizeof(((Record *)0)->text)];
    char *rest = copy;
    char *line;

    snprintf(copy, sizeof(copy), "%s", text);
    while ((line = strsep(&rest, "\n"))) {
        if (!regexec(re, line, 0, NULL, 0)) {
            return true;
        }
    }
    return false;
}

static void expect_add(Expect *e, unsigned *nr, const char *text,
                       bool optional)
{
    if (*nr == MAX_EXPECT) {
        return;
    }
    for (unsigned i = 0; i < *nr; i++) {
        if (!strcmp(e[i].text, text)) {
            return;
        }
    }
    if (regcomp(&e[*nr].re, text, REG_EXTENDED | REG_NOSUB)) {
        tap_ok(false, "announced expression compiles: %s", text);
        return;
    }
    e[*nr].text = strdup(text);
    e[*nr].optional = optional;
    e[*nr].seen = false;
    (*nr)++;
}

/* A record that was announced; marks every expression that it matches. */
static bool expected(Expect *e, unsigned nr, const Record *r)
{
    bool hit = false;

    for (unsigned i = 0; i < nr; i++) {
        if (any_line(r->text, &e[i].re)) {
            e[i].seen = true;
            hit = true;
        }
    }
    return hit;
}

void klog_check(int fd, const KlogExpect *declared)
{
    static Expect e[MAX_EXPECT];
    static Record r;
    unsigned nr = 0;
    unsigned bad = 0;

    expect_add(e, &nr, SLOW_HOST, true);
    for (const KlogExpect *d = declared; d && d->regex; d++) {
        expect_add(e, &nr, d->regex, d->optional);
    }
    while (fd >= 0 && record_next(fd, &r) == 1) {
        if (r.facility) {
            if (!strncmp(r.text, EXPECT_MARK, strlen(EXPECT_MARK))) {
                expect_add(e, &nr, r.text + strlen(EXPECT_MARK), true);
            }
            continue;
        }
        if (!expected(e, nr, &r) && r.level <= LEVEL_WARNING) {
            if (bad++ < MAX_SHOWN) {
                tap_diag("kernel: %s", r.text);
            }
        }
    }
    tap_ok(fd >= 0 && !bad, "kernel log holds no line that was not announced");
    for (unsigned i = 0; i < nr; i++) {
        if (!e[i].optional) {
            tap_ok(e[i].seen, "kernel said: %s", e[i].text);
        }
        regfree(&e[i].re);
        free((char *)e[i].text);
    }
    if (fd >= 0) {
        close(fd);
    }
}

bool klog_wait(int fd, const char *regex, unsigned limit_ms)
{
    static Record r;
    int64_t until = now_ns() + limit_ms * 1000000ll;
    bool hit = false;
    regex_t re;

    if (regcomp(&re, regex, REG_EXTENDED | REG_NOSUB)) {
        return false;
    }
    while (!hit) {
        int got = record_next(fd, &r);

        if (got < 0 || (!got && now_ns() >= until)) {
            break;
        }
        if (!got) {
            sleep_ms(10);
            continue;
        }
        hit = !r.facility && any_line(r.text, &re);
    }
    regfree(&re);
    return hit;
}

bool klog_said(const char *regex)
{
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool hit = fd >= 0 && klog_wait(fd, regex, 0);

    if (fd >= 0) {
        close(fd);
    }
    return hit;
}

void klog_dump(unsigned lines)
{
    int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    Record *ring = calloc(lines, sizeof(*ring));
    unsigned nr = 0;

    if (fd >= 0 && ring) {
        while (record_next(fd, &ring[nr % lines]) == 1) {
            nr++;
        }
        for (unsigned i = nr > lines ? nr - lines : 0; i < nr; i++) {
            tap_diag("kernel: %s", ring[i % lines].text);
        }
    }
    free(ring);
    if (fd >= 0) {
        close(fd);
    }
}
