/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-abi: says whether a profile or a scenario is good, and if not,
 * where and why.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csf-layout.h"
#include "csf-vocabulary.h"
#include "file.h"
#include "fw/scenario.h"
#include "gsp-layout.h"
#include "gsp-vocabulary.h"

#define EXIT_USE 2

/* Which family a profile is of; that the loader checks as well. */
static bool is_for(const void *dtb, size_t size, const char *compatible)
{
    return memmem(dtb, size, compatible, strlen(compatible) + 1);
}

static bool check_profile(const void *dtb, size_t size, const char *file,
                          FwError *err)
{
    static FwLayout layout;
    bool ok;

    if (is_for(dtb, size, gsp_layout_spec.compatible)) {
        ok = fw_layout_load(&layout, &gsp_layout_spec, dtb, size, file, err)
             && gsp_layout_check(&layout, file, err);
    } else {
        ok = fw_layout_load(&layout, &csf_layout_spec, dtb, size, file, err)
             && csf_layout_check(&layout, file, err);
    }
    if (!ok) {
        return false;
    }
    printf("%s: ABI %s is good\n", file, layout.name);
    return true;
}

static bool check_scenario(const void *dtb, size_t size, const char *file,
                           FwError *err)
{
    static FwScenario scenario;

    FwError other;

    /* A scenario does not say of which family it is: its names do. */
    if (!fw_scenario_load(&scenario, dtb, size, file, &csf_vocabulary,
                          err) &&
        !fw_scenario_load(&scenario, dtb, size, file, &gsp_vocabulary,
                          &other)) {
        return false;
    }
    printf("%s: scenario %s is good, rules: %u\n", file, scenario.name,
           scenario.nr_rules);
    return true;
}

static const struct {
    const char *name;
    bool (*check)(const void *dtb, size_t size, const char *file,
                  FwError *err);
} commands[] = {
    { "check-profile", check_profile },
    { "check-scenario", check_scenario },
};

int main(int argc, char **argv)
{
    FwError err = { "" };
    uint8_t *dtb;
    size_t size;
    bool ok;

    for (unsigned i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (argc != 3 || strcmp(argv[1], commands[i].name)) {
            continue;
        }
        dtb = read_file(argv[2], FW_PROFILE_MAX, &size, &err);
        ok = dtb && commands[i].check(dtb, size, argv[2], &err);
        free(dtb);
        if (!ok) {
            fprintf(stderr, "gpumbox-abi: %s\n", err.text);
            return EXIT_USE;
        }
        return 0;
    }
    fputs("usage: gpumbox-abi check-profile|check-scenario FILE.dtb\n",
          stderr);
    return EXIT_USE;
}
