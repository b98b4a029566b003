/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bug.h"
#include "ctl.h"
#include "job.h"
#include "tap.h"
#include "util.h"

/* The console may be written by a kernel thread of its own. */
#define CONSOLE_MS 100

#define ALIVE_LIMIT_MS 30000

static void __attribute__((noreturn)) end(const char *kind, const char *what,
                                          const char *fmt, va_list ap)
{
    char text[400];

    vsnprintf(text, sizeof(text), fmt, ap);
    tap_prefix("");
    tap_diag("%s %s: %s", kind, what, text);
    tap_drain();
    sleep_ms(CONSOLE_MS);
    ctl_exit(0);
    _exit(0);
}

void bug_seen(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end("bug", "seen", fmt, ap);
}

void bug_absent(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end("bug", "absent", fmt, ap);
}

void bug_unclear(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end("bug", "unclear", fmt, ap);
}

void cell_end(const char *verdict, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    end("cell", verdict, fmt, ap);
}

int bug_patiently(int (*fn)(void *opaque), void *opaque, unsigned limit_ms)
{
    int64_t until = now_ns() + limit_ms * 1000000ll;
    sigset_t set;
    sigset_t old;
    int status;
    pid_t pid;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &old);
    pid = fork();
    bug_need(pid >= 0, "fork");
    if (!pid) {
        sigprocmask(SIG_SETMASK, &old, NULL);
        _exit(fn(opaque));
    }
    while (waitpid(pid, &status, WNOHANG) != pid) {
        int64_t left = until - now_ns();
        struct timespec ts = { left / 1000000000, left % 1000000000 };

        if (left <= 0) {
            kill(pid, SIGKILL);
            status = -1;
            break;
        }
        sigtimedwait(&set, NULL, &ts);
    }
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (status == -1) {
        return -1;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -2;
}

static int alive(void *opaque)
{
    Px *probe = calloc(1, sizeof(*probe));
    uint32_t value = rng_u32();
    Exec *e;

    (void)opaque;
    if (!probe || px_try_open(probe)) {
        return 1;
    }
    e = exec_open();
    cs_put32(&e->cs, exec_va(e, 16), value);
    return exec_run(e) || exec_word(e, 16) != value;
}

bool bug_alive(void)
{
    return bug_patiently(alive, NULL, ALIVE_LIMIT_MS) == 0;
}
