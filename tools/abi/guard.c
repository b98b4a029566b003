/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guard.h"

#define EXIT_USE 2
#define SECONDS_MAX 120

int guard_run(const char *tool, int (*work)(void *opaque), void *opaque)
{
    const struct rlimit seconds = { SECONDS_MAX, SECONDS_MAX };
    const struct rlimit core = { 0, 0 };
    int status;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid < 0) {
        fprintf(stderr, "%s: no process can be started: %s\n", tool,
                strerror(errno));
        return EXIT_USE;
    }
    if (pid == 0) {
        setrlimit(RLIMIT_CPU, &seconds);
        setrlimit(RLIMIT_CORE, &core);
        signal(SIGPIPE, SIG_IGN);
        /* exit(): leak checkers look at this process too. */
        exit(work(opaque));
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            fprintf(stderr, "%s: %s\n", tool, strerror(errno));
            return EXIT_USE;
        }
    }
    if (WIFEXITED(status)) {
        return WEXITSTATUS(status);
    }
    fprintf(stderr, "%s: the debug information cannot be read: its reader "
            "ended by signal %d, so the file is damaged or hostile\n", tool,
            WTERMSIG(status));
    return EXIT_USE;
}
