/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "nova.h"
#include "nvchan.h"
#include "panthor.h"
#include "tap.h"
#include "util.h"

#define SELECTED "GPUMBOX_DRIVER"

static const GuestDriver drivers[] = {
    {
        "panthor", { "panthor" }, "panthor", "panthor", false,
        DRIVER_PANTHOR, "platform", panthor_works,
        "a fresh job runs and stores afterwards",
    }, {
        "tyr", { "tyr" }, "tyr", "panthor", false, DRIVER_TYR, "platform",
        panthor_answers, "the device answers a query afterwards",
    }, {
        "nouveau", { "nouveau" }, "nouveau", "nouveau", false,
        DRIVER_NOUVEAU, "pci", nouveau_works,
        "a fresh channel stores a word afterwards",
    }, {
        "nova", { "nova_core", "nova_drm" }, "nova-core", "nova-drm", true,
        DRIVER_NOVA, "pci", nova_answers,
        "the device answers a query afterwards",
    },
};

static const GuestDriver *find(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(drivers); i++) {
        if (!strcmp(drivers[i].name, name)) {
            return &drivers[i];
        }
    }
    return NULL;
}

static void path_of(const GuestDriver *d, const char *name, char *path,
                    unsigned size)
{
    snprintf(path, size, "/sys/bus/%s/drivers/%s%s%s", d->bus, d->folder,
             *name ? "/" : "", name);
}

bool driver_select(const char *name)
{
    if (!find(name)) {
        return false;
    }
    setenv(SELECTED, name, 1);
    return true;
}

const GuestDriver *driver(void)
{
    const char *selected = getenv(SELECTED);
    char path[128];

    if (selected && find(selected)) {
        return find(selected);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(drivers); i++) {
        path_of(&drivers[i], "", path, sizeof(path));
        if (!access(path, F_OK)) {
            return &drivers[i];
        }
    }
    return &drivers[0];
}

bool driver_is(unsigned bits)
{
    return driver()->bit & bits;
}

void driver_path(const char *name, char *path, unsigned size)
{
    path_of(driver(), name, path, size);
}

void driver_health(void)
{
    const GuestDriver *d = driver();

    tap_ok(d->works(), "%s", d->health);
}
