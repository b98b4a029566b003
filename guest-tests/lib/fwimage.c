/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "fwimage.h"
#include "util.h"

#define FOLDER "/lib/firmware/arm/mali"

/* panthor_fw.c: struct panthor_fw_binary_hdr, CSF_FW_BINARY_ENTRY_* */
#define MAGIC 0xc3f13a6eu
#define HEADER_WORDS 5
#define W_TABLE_SIZE 4
#define ENTRY_TYPE(e) ((e) & 0xff)
#define ENTRY_SIZE(e) ((e) >> 8 & 0xff)
#define ENTRY_SECTION 0
#define SECTION_PROTECTED (1u << 5)

/* The table of entries stands at the beginning; more is not looked at. */
#define MAX_WORDS 4096

static bool has_protected(const char *path)
{
    static uint32_t w[MAX_WORDS];
    ssize_t len = read_file(path, w, sizeof(w));
    uint32_t at = HEADER_WORDS;
    uint32_t end;

    if (len < HEADER_WORDS * 4 || w[0] != MAGIC) {
        return false;
    }
    end = (w[W_TABLE_SIZE] < len ? w[W_TABLE_SIZE] : len) / 4;
    while (at + 1 < end && ENTRY_SIZE(w[at]) >= 4) {
        if (ENTRY_TYPE(w[at]) == ENTRY_SECTION &&
            w[at + 1] & SECTION_PROTECTED) {
            return true;
        }
        at += ENTRY_SIZE(w[at]) / 4;
    }
    return false;
}

bool fwimage_has_protected(void)
{
    DIR *d = opendir(FOLDER);
    bool found = false;
    struct dirent *e;

    while (d && !found && (e = readdir(d))) {
        char path[512];

        snprintf(path, sizeof(path), FOLDER "/%s/mali_csffw.bin", e->d_name);
        found = has_protected(path);
    }
    if (d) {
        closedir(d);
    }
    return found;
}
