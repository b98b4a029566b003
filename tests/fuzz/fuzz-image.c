/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Firmware images from anywhere. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fwimage.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FwError err = { "" };
    FwImageEntry e;
    FwImage im;
    size_t last = 0;
    bool good = fw_image_check(data, size, "f", &err);
    int more;

    need(good || !strncmp(err.text, "f: ", 3));
    if (!fw_image_open(&im, data, size, "f", &err)) {
        need(!good);
        return 0;
    }
    while ((more = fw_image_next(&im, &e, &err)) > 0) {
        need(e.offset > last && e.offset + e.size <= size);
        need(memchr(e.name, 0, sizeof(e.name)));
        last = e.offset;
        if (good && e.type == FW_IMAGE_SECTION) {
            need(e.data_start <= e.data_end && e.data_end <= size);
        }
    }
    need(more == 0 || !good);
    return 0;
}
