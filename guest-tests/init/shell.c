/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A command loop for looking around: the initrd holds no other program.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "init.h"
#include "test.h"
#include "util.h"

static void cmd_help(const char *arg);

static void cmd_list(const char *arg)
{
    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name; t++) {
            if (!*arg || test_match(t, arg)) {
                printf("%-24s %s\n", t->name, t->desc);
            }
        }
    }
}

static void cmd_run(const char *arg)
{
    bool stuck = false;

    for (const GuestTest *const *g = test_groups; *g; g++) {
        for (const GuestTest *t = *g; t->name && !stuck; t++) {
            if (*arg && test_match(t, arg)) {
                printf("%s: %s\n", t->name,
                       test_run(t, &stuck) ? "ok" : "not ok");
            }
        }
    }
}

static void cmd_cat(const char *arg)
{
    char buf[4096];
    FILE *f = fopen(arg, "re");
    size_t n;

    if (!f) {
        printf("%s: %s\n", arg, strerror(errno));
        return;
    }
    while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
        fwrite(buf, 1, n, stdout);
    }
    fclose(f);
}

static void cmd_ls(const char *arg)
{
    struct dirent **list;
    int nr = scandir(*arg ? arg : "/", &list, NULL, alphasort);

    if (nr < 0) {
        printf("%s: %s\n", arg, strerror(errno));
        return;
    }
    for (int i = 0; i < nr; i++) {
        printf("%s%s\n", list[i]->d_name, list[i]->d_type == DT_DIR ? "/" : "");
        free(list[i]);
    }
    free(list);
}

static void cmd_write(const char *arg)
{
    const char *space = strchr(arg, ' ');
    char path[512];
    int ret;

    if (!space) {
        printf("write FILE TEXT\n");
        return;
    }
    snprintf(path, sizeof(path), "%.*s", (int)(space - arg), arg);
    ret = write_text(path, space + 1);
    if (ret) {
        printf("%s: %s\n", path, strerror(-ret));
    }
}

static void cmd_dmesg(const char *arg)
{
    enum { READ_ALL = 3 };
    static char buf[1 << 18];
    int n = klogctl(READ_ALL, buf, sizeof(buf));

    (void)arg;
    if (n > 0) {
        fwrite(buf, 1, n, stdout);
    }
}

static void cmd_ctl(const char *arg)
{
    int ret = ctl_command("%s", arg);

    printf("%s\n", ret ? strerror(-ret) : "ok");
}

static const struct {
    const char *name;
    const char *help;
    void (*run)(const char *arg);
} commands[] = {
    { "help", "this list", cmd_help },
    { "list", "[PATTERN,...]  tests", cmd_list },
    { "run", "PATTERN,...  run tests", cmd_run },
    { "cat", "FILE", cmd_cat },
    { "ls", "[DIR]", cmd_ls },
    { "write", "FILE TEXT", cmd_write },
    { "dmesg", "the kernel log", cmd_dmesg },
    { "ctl", "COMMAND  to the control device, as: ctl scenario NAME",
      cmd_ctl },
    { "poweroff", "end", NULL },
};

static void cmd_help(const char *arg)
{
    (void)arg;
    for (unsigned i = 0; i < ARRAY_SIZE(commands); i++) {
        printf("%-10s%s\n", commands[i].name, commands[i].help);
    }
}

void shell(void)
{
    char line[512];

    printf("gpumbox shell; 'help' lists the commands\n");
    for (;;) {
        char *arg;
        unsigned i;

        printf("gpumbox> ");
        fflush(stdout);
        if (!fgets(line, sizeof(line), stdin)) {
            return;
        }
        line[strcspn(line, "\r\n")] = 0;
        arg = line + strcspn(line, " ");
        if (*arg) {
            *arg++ = 0;
        }
        if (!line[0]) {
            continue;
        }
        for (i = 0; i < ARRAY_SIZE(commands); i++) {
            if (!strcmp(line, commands[i].name)) {
                break;
            }
        }
        if (i == ARRAY_SIZE(commands)) {
            printf("%s: no such command\n", line);
        } else if (!commands[i].run) {
            return;
        } else {
            commands[i].run(arg);
        }
        fflush(stdout);
    }
}
