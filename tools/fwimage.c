/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-fwimage: makes the firmware image that the driver loads, with an
 * ABI profile inside, and shows what is in any such image.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csf.h"
#include "file.h"
#include "fwimage.h"

#define EXIT_USE 2

/* Largest image looked at, bytes. */
#define IMAGE_MAX (64u << 20)

/* The profile's section follows the boot block's. */
#define CODE_SPAN FW_IMAGE_PAGE
#define PROFILE_VA (CSF_BOOT_VA + CODE_SPAN)

static void usage(FILE *to)
{
    fputs("usage: gpumbox-fwimage --abi PROFILE.dtb -o IMAGE [--info TEXT]\n"
          "       gpumbox-fwimage --list IMAGE\n"
          "       gpumbox-fwimage --check IMAGE\n"
          "\n"
          "  --abi PROFILE.dtb  make an image that carries this ABI profile\n"
          "  -o IMAGE           where to write it\n"
          "  --info TEXT        build information (default: the ABI's name)\n"
          "  --list IMAGE       print header and entries\n"
          "  --check IMAGE      would panthor and Tyr accept it?\n", to);
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static uint32_t pages(size_t size)
{
    return (size + FW_IMAGE_PAGE - 1) / FW_IMAGE_PAGE * FW_IMAGE_PAGE;
}

/* Refuse what the stub or a driver would refuse later, and less clearly. */
static bool check_profile(FwLayout *layout, const void *dtb, size_t size,
                          const char *file, FwError *err)
{
    if (!fw_layout_load(layout, &csf_layout_spec, dtb, size, file, err) ||
        !csf_layout_check(layout, file, err)) {
        return false;
    }
    if (fw_has_cap(layout, CSF_CAP_LAYOUT_IN_IMAGE)) {
        snprintf(err->text, sizeof(err->text), "%.280s: /: property "
                 "'capabilities': 'layout-in-image' is for a vendor's image, "
                 "this one has no control blocks", file);
        return false;
    }
    return true;
}

static bool make(const char *profile, const char *output, const char *info,
                 FwError *err)
{
    static FwLayout layout;
    char name[64];
    uint8_t boot[16];
    size_t size;
    size_t image_size;
    uint8_t *dtb = read_file(profile, FW_PROFILE_MAX, &size, err);
    uint8_t *image = NULL;
    bool ok = dtb && check_profile(&layout, dtb, size, profile, err);

    if (ok) {
        const FwImageSection sections[] = {
            {
                .name = "code",
                .flags = FW_IMAGE_RD | FW_IMAGE_EX | FW_IMAGE_CACHED,
                .va = CSF_BOOT_VA,
                .span = CODE_SPAN,
                .data = boot,
                .size = sizeof(boot),
            }, {
                .name = "gpumbox-abi",
                .flags = FW_IMAGE_RD | FW_IMAGE_CACHED,
                .va = PROFILE_VA,
                .span = pages(size),
                .data = dtb,
                .size = size,
            }, {
                .name = "shared",
                .flags = FW_IMAGE_RD | FW_IMAGE_WR | FW_IMAGE_SHARED |
                         FW_IMAGE_ZERO | FW_IMAGE_UNCACHED_COHERENT,
                .va = layout.value[CSF_V_SHARED_VA],
                .span = layout.value[CSF_V_SHARED_SIZE],
            },
        };

        put32(boot, CSF_BOOT_MAGIC);
        put32(boot + 4, CSF_BOOT_FORMAT);
        put32(boot + 8, PROFILE_VA);
        put32(boot + 12, size);
        snprintf(name, sizeof(name), "gpumbox %s", layout.name);
        image = fw_image_build(sections,
                               sizeof(sections) / sizeof(sections[0]),
                               info ? info : name, &image_size);
        if (!image) {
            snprintf(err->text, sizeof(err->text), "out of memory");
            ok = false;
        }
    }
    ok = ok && fw_image_check(image, image_size, profile, err) &&
         write_file(output, image, image_size, err);
    free(image);
    free(dtb);
    return ok;
}

static const char *type_name(uint8_t type)
{
    switch (type) {
    case FW_IMAGE_SECTION:
        return "section";
    case FW_IMAGE_CONFIG:
        return "config";
    case FW_IMAGE_TEST:
        return "test";
    case FW_IMAGE_TRACE_BUFFER:
        return "trace-buffer";
    case FW_IMAGE_TIMELINE:
        return "timeline";
    case FW_IMAGE_BUILD_INFO:
        return "build-info";
    default:
        return "unknown";
    }
}

static void list_section(const FwImageEntry *e)
{
    static const char *const cache[] = {
        "uncached", "cached", "uncached-coherent", "cached-coherent",
    };

    printf("  va 0x%08" PRIx32 "-0x%08" PRIx32 "  data 0x%" PRIx32 "-0x%"
           PRIx64 "  %c%c%c %s%s%s%s", e->va_start, e->va_end, e->data_start,
           e->data_end, e->flags & FW_IMAGE_RD ? 'r' : '-',
           e->flags & FW_IMAGE_WR ? 'w' : '-',
           e->flags & FW_IMAGE_EX ? 'x' : '-',
           cache[(e->flags & FW_IMAGE_CACHE_MASK) >> 3],
           e->flags & FW_IMAGE_PROT ? " protected" : "",
           e->flags & FW_IMAGE_SHARED ? " shared" : "",
           e->flags & FW_IMAGE_ZERO ? " zero" : "");
    if (e->name[0]) {
        printf("  \"%s\"", e->name);
    }
}

static void list_build_info(const FwImage *im, const FwImageEntry *e)
{
    if (e->data_end > im->size) {
        printf("  data 0x%" PRIx32 "-0x%" PRIx64 " is not in the file",
               e->data_start, e->data_end);
        return;
    }
    fputs("  \"", stdout);
    for (size_t i = e->data_start; i < e->data_end && im->data[i]; i++) {
        putchar(im->data[i] < ' ' || im->data[i] > '~' ? '?' : im->data[i]);
    }
    putchar('"');
}

static bool list(const char *file, const uint8_t *data, size_t size,
                 FwError *err)
{
    FwImageEntry e;
    FwImage im;
    int more;

    if (!fw_image_open(&im, data, size, file, err)) {
        return false;
    }
    printf("%s: format %u.%u, hash 0x%08" PRIx32 ", entries end at 0x%" PRIx32
           ", file at 0x%zx\n", file, im.major, im.minor, im.version_hash,
           im.table_end, size);
    while ((more = fw_image_next(&im, &e, err)) > 0) {
        printf("0x%04zx %-12s (%u)%s", e.offset, type_name(e.type), e.type,
               e.optional ? " optional" : "");
        if (e.type == FW_IMAGE_SECTION) {
            list_section(&e);
        } else if (e.type == FW_IMAGE_BUILD_INFO) {
            list_build_info(&im, &e);
        } else {
            printf("  %u bytes", e.size);
        }
        putchar('\n');
    }
    return more == 0;
}

static bool inspect(const char *file, bool check, FwError *err)
{
    size_t size;
    uint8_t *data = read_file(file, IMAGE_MAX, &size, err);
    bool ok;

    if (!data) {
        return false;
    }
    ok = check ? fw_image_check(data, size, file, err)
               : list(file, data, size, err);
    free(data);
    return ok;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "abi", required_argument, NULL, 'a' },
        { "output", required_argument, NULL, 'o' },
        { "info", required_argument, NULL, 'i' },
        { "list", required_argument, NULL, 'l' },
        { "check", required_argument, NULL, 'c' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    const char *abi = NULL, *output = NULL, *info = NULL;
    const char *listed = NULL, *checked = NULL;
    FwError err = { "" };
    int option;
    bool ok;

    while ((option = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (option) {
        case 'a':
            abi = optarg;
            break;
        case 'o':
            output = optarg;
            break;
        case 'i':
            info = optarg;
            break;
        case 'l':
            listed = optarg;
            break;
        case 'c':
            checked = optarg;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return EXIT_USE;
        }
    }
    if (optind != argc || !!listed + !!checked + (abi && output) != 1 ||
        !abi != !output || (info && !abi)) {
        usage(stderr);
        return EXIT_USE;
    }
    if (abi) {
        ok = make(abi, output, info, &err);
    } else {
        ok = inspect(listed ? listed : checked, checked, &err);
    }
    if (!ok) {
        fflush(stdout);
        fprintf(stderr, "gpumbox-fwimage: %s\n", err.text);
        return EXIT_USE;
    }
    return 0;
}
