/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

static void set_error(FwError *err, const char *path, const char *what)
{
    if (snprintf(err->text, sizeof(err->text), "%.280s: %s", path, what) < 0) {
        err->text[0] = '\0';
    }
}

uint8_t *read_file(const char *path, size_t max, size_t *size, FwError *err)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t room = 0;
    size_t len = 0;

    if (!f) {
        set_error(err, path, strerror(errno));
        return NULL;
    }
    for (;;) {
        size_t want = room ? room * 2 : 65536;
        uint8_t *grown = len == room ? realloc(data, want + 1) : data;
        size_t got;

        if (!grown) {
            set_error(err, path, "out of memory");
            break;
        }
        data = grown;
        room = len == room ? want : room;
        got = fread(data + len, 1, room - len, f);
        len += got;
        if (len > max) {
            set_error(err, path, "too large");
            break;
        }
        if (got == 0) {
            if (ferror(f)) {
                set_error(err, path, strerror(errno));
                break;
            }
            fclose(f);
            data[len] = 0;
            *size = len;
            return data;
        }
    }
    free(data);
    fclose(f);
    return NULL;
}

bool write_file(const char *path, const void *data, size_t size, FwError *err)
{
    char tmp[4096];
    FILE *f;
    bool ok;

    if (snprintf(tmp, sizeof(tmp), "%s.%ld.tmp", path, (long)getpid()) >=
        (int)sizeof(tmp)) {
        set_error(err, path, "name too long");
        return false;
    }
    f = fopen(tmp, "wb");
    if (!f) {
        set_error(err, path, strerror(errno));
        return false;
    }
    ok = fwrite(data, 1, size, f) == size;
    ok = fclose(f) == 0 && ok;
    ok = ok && rename(tmp, path) == 0;
    if (!ok) {
        set_error(err, path, strerror(errno));
        unlink(tmp);
    }
    return ok;
}
