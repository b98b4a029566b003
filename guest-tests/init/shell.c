/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A shell on the console, for looking around: busybox, which `scripts/run
 * --shell` puts into the initrd.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init.h"
#include "util.h"

#define BUSYBOX "/bin/busybox"

static int run_busybox(char *const argv[])
{
    pid_t pid = fork();
    int status = -1;

    if (!pid) {
        execv(BUSYBOX, argv);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

/* /dev/console cannot be a controlling terminal, the line behind it can. */
static void own_terminal(void)
{
    char active[128] = "";
    char path[160];
    char *name;
    int fd;

    setsid();
    read_text("/sys/class/tty/console/active", active, sizeof(active));
    active[strcspn(active, "\n")] = 0;
    name = strrchr(active, ' ');
    snprintf(path, sizeof(path), "/dev/%s", name ? name + 1 : active);
    fd = open(path, O_RDWR);
    if (fd < 0) {
        return;
    }
    ioctl(fd, TIOCSCTTY, 0);
    for (int i = 0; i < 3; i++) {
        dup2(fd, i);
    }
    close(fd);
}

void shell(void)
{
    char *const install[] = { "busybox", "--install", "-s", "/bin", NULL };
    char *const login[] = { "sh", NULL };
    pid_t pid;

    if (access(BUSYBOX, X_OK)) {
        printf("there is no shell in this initrd\n");
        return;
    }
    run_busybox(install);
    if (symlink("/init", "/bin/gpumbox-guest")) {
        perror("/bin/gpumbox-guest");
    }
    pid = fork();
    if (!pid) {
        own_terminal();
        setenv("PATH", "/bin", 1);
        setenv("HOME", "/root", 1);
        setenv("TERM", "vt100", 1);
        setenv("PS1", "gpumbox# ", 1);
        printf("driver loaded; 'gpumbox-guest --help' tells how to run tests, "
               "'exit' ends\n");
        fflush(stdout);
        if (!chdir("/root")) {
            execv(BUSYBOX, login);
        }
        _exit(127);
    }
    /* PID 1 reaps whatever the shell leaves behind. */
    while (pid > 0) {
        pid_t done = wait(NULL);

        if (done == pid || (done < 0 && errno != EINTR)) {
            break;
        }
    }
}
