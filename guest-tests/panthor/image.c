/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Firmware images that are not what they should be. A test changes the one
 * that the driver loads and binds the device again. Sources of what is right:
 * panthor_fw.c: panthor_fw_load() and below, Tyr's fw/parser.rs.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "panthor.h"
#include "pm.h"
#include "tap.h"
#include "tests.h"
#include "util.h"

#define IMAGE_MAX (4 * MiB)

/* Places in the header. */
#define H_PAD 6
#define H_MAJOR 5
#define H_PAD2 12
#define H_TABLE_END 16
#define H_SIZE 20

/* Places in the entry of a section. */
#define E_TYPE 0
#define E_SIZE 1
#define E_OPTIONAL 3
#define E_FLAGS 4
#define E_VA_START 8
#define E_VA_END 12
#define E_DATA_START 16
#define E_DATA_END 20

#define TYPE_SECTION 0
#define TYPE_UNKNOWN 9
#define FLAG_UNKNOWN (1u << 8)
#define FLAG_SHARED (1u << 30)
#define SHARED_VA 0x04000000u

/**
 * struct Image - a copy to be changed
 * @data, @size:     its bytes.
 * @section, @shared: entries: the first section, and that of the interface.
 */
typedef struct Image {
    uint8_t *data;
    size_t size;
    uint8_t *section;
    uint8_t *shared;
} Image;

/**
 * struct Edit - one thing that is wrong with an image
 * @what:    for the test points.
 * @apply:   makes it so.
 * @panthor, @tyr: errors of probing, 0 if that driver takes it.
 * @line:    what the kernel log has if it is refused; NULL: nothing.
 */
typedef struct Edit {
    const char *what;
    void (*apply)(Image *im);
    int panthor;
    int tyr;
    const char *line;
} Edit;

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static void put32(uint8_t *p, uint32_t v)
{
    memcpy(p, &v, sizeof(v));
}

static void header_pad(Image *im)
{
    im->data[H_PAD] = 1;
}

static void header_pad2(Image *im)
{
    im->data[H_PAD2 + 3] = 1;
}

static void magic(Image *im)
{
    im->data[0] ^= 1;
}

static void major(Image *im)
{
    im->data[H_MAJOR] = 1;
}

static void table_outside(Image *im)
{
    put32(im->data + H_TABLE_END, im->size + 4);
}

static void table_empty(Image *im)
{
    put32(im->data + H_TABLE_END, H_SIZE);
}

static void header_short(Image *im)
{
    im->size = H_SIZE - 4;
}

static void data_outside(Image *im)
{
    put32(im->section + E_DATA_END, im->size + 1);
}

static void data_reversed(Image *im)
{
    put32(im->section + E_DATA_START, get32(im->section + E_DATA_END) + 4);
}

static void data_long(Image *im)
{
    uint32_t start = get32(im->section + E_VA_START);

    put32(im->section + E_DATA_START, 0);
    put32(im->section + E_DATA_END, 4097);
    put32(im->section + E_VA_END, start + 4096);
}

static void va_reversed(Image *im)
{
    put32(im->section + E_VA_START, 0x2000);
    put32(im->section + E_VA_END, 0x1000);
}

static void va_unaligned(Image *im)
{
    put32(im->section + E_VA_END, get32(im->section + E_VA_END) + 16);
}

static void flags_unknown(Image *im)
{
    put32(im->section + E_FLAGS, get32(im->section + E_FLAGS) | FLAG_UNKNOWN);
}

static void not_shared(Image *im)
{
    put32(im->shared + E_FLAGS, get32(im->shared + E_FLAGS) & ~FLAG_SHARED);
}

static void no_shared(Image *im)
{
    im->shared[E_TYPE] = TYPE_UNKNOWN;
    im->shared[E_OPTIONAL] |= 0x80;
}

static void entry_zero(Image *im)
{
    im->section[E_SIZE] = 0;
}

static void entry_odd(Image *im)
{
    im->section[E_SIZE] += 2;
}

static void entry_short(Image *im)
{
    im->section[E_SIZE] = 8;
    put32(im->data + H_TABLE_END, im->section + 8 - im->data);
}

static void entry_long(Image *im)
{
    put32(im->data + H_TABLE_END, im->section + 16 - im->data);
}

static void type_unknown(Image *im)
{
    im->section[E_TYPE] = TYPE_UNKNOWN;
}

/* The table of our images ends with an entry that is optional. */
static void type_optional(Image *im)
{
    uint8_t *p = im->data + H_SIZE;
    uint8_t *last = p;

    while (p < im->data + get32(im->data + H_TABLE_END) && p[E_SIZE]) {
        last = p;
        p += p[E_SIZE];
    }
    last[E_TYPE] = TYPE_UNKNOWN;
    last[E_OPTIONAL] |= 0x80;
}

static const Edit header_edits[] = {
    { "padding behind the version", header_pad, 0, EINVAL,
      "header padding is not zero" },
    { "padding behind the hash", header_pad2, 0, EINVAL,
      "header padding is not zero" },
    { "another magic", magic, EINVAL, EINVAL, "Invalid firmware magic" },
    { "another major version", major, EINVAL, EINVAL,
      "Unsupported firmware binary header version" },
    { "a table that ends outside", table_outside, EINVAL, EINVAL,
      "Firmware image is truncated" },
    { "half a header", header_short, EINVAL, EINVAL,
      "Firmware too small|is out of bounds" },
    { "nothing in the table", table_empty, EINVAL, EINVAL,
      "Shared interface region not found|contains no loadable sections" },
    { NULL, NULL, 0, 0, NULL },
};

static const Edit section_edits[] = {
    { "data outside of the file", data_outside, EINVAL, EINVAL,
      "Firmware corrupted, file truncated|exceeds firmware size" },
    { "data that ends before it begins", data_reversed, EINVAL, EINVAL,
      "data.end < data.start" },
    { "more data than addresses", data_long, EINVAL, EINVAL,
      "section data exceeds section size|bigger than BO" },
    { "addresses that end before they begin", va_reversed, EINVAL, EINVAL,
      "va.end < hdr.va.start|VA end precedes start" },
    { "addresses that are not whole pages", va_unaligned, EINVAL, EINVAL,
      "not page aligned" },
    /* Tyr's fw.rs: try_from_fw() says nothing. */
    { "an unknown flag", flags_unknown, EINVAL, EINVAL,
      "interface with unsupported flags|probe with driver tyr failed" },
    { "an interface that is not shared", not_shared, EINVAL, EINVAL,
      "must be shared" },
    /* Tyr does not look for one; the firmware cannot do without. */
    { "no interface at all", no_shared, EINVAL, ETIMEDOUT,
      "Shared interface region not found|MCU failed to boot, status: Fatal" },
    { NULL, NULL, 0, 0, NULL },
};

static const Edit entry_edits[] = {
    { "an entry of no bytes", entry_zero, EINVAL, EINVAL,
      "Firmware entry (too long|isn't 32 bit aligned)" },
    { "an entry of odd size", entry_odd, EINVAL, EINVAL,
      "Firmware entry (is not 32-bit|isn't 32 bit) aligned" },
    { "a section cut short", entry_short, EINVAL, EINVAL,
      "Firmware too small|is out of bounds" },
    { "an entry beyond the table", entry_long, EINVAL, EINVAL,
      "Firmware entry too long|extends beyond header region" },
    { "an unknown entry that must be known", type_unknown, EINVAL, EINVAL,
      "non-optional entry type|Failed to handle firmware entry type" },
    { "an unknown entry that need not be", type_optional, 0, 0, NULL },
    { NULL, NULL, 0, 0, NULL },
};

static void find_entries(Image *im)
{
    uint8_t *p = im->data + H_SIZE;
    uint8_t *end = im->data + get32(im->data + H_TABLE_END);

    im->section = im->shared = NULL;
    for (; p < end && p[E_SIZE]; p += p[E_SIZE]) {
        if (p[E_TYPE] == TYPE_SECTION && !im->section) {
            im->section = p;
        }
        if (p[E_TYPE] == TYPE_SECTION &&
            get32(p + E_VA_START) == SHARED_VA) {
            im->shared = p;
        }
    }
}

static void save(const char *path, const void *data, size_t size)
{
    FILE *f = fopen(path, "we");

    if (!f || fwrite(data, 1, size, f) != size || fclose(f)) {
        tap_die("%s is written", path);
    }
}

/* The driver is away. True if the image came to what it should. */
static void try_image(const Edit *edit, const char *name, const Image *good,
                      const char *path)
{
    int want = driver_is(DRIVER_TYR) ? edit->tyr : edit->panthor;
    int log = klog_open();
    Image im = *good;

    im.data = malloc(good->size);
    memcpy(im.data, good->data, good->size);
    find_entries(&im);
    edit->apply(&im);
    save(path, im.data, im.size);
    dev_rest();
    tap_errno(dev_bind(name), -want, "%s: %s", edit->what,
              want ? "refused" : "no matter");
    if (want && edit->line) {
        tap_ok(klog_wait(log, edit->line, 0), "%s: the log says: %s",
               edit->what, edit->line);
    }
    if (!want) {
        tap_ok(driver()->works(), "%s: the device works", edit->what);
        tap_errno(dev_unbind(name), 0, "the driver leaves");
    }
    close(log);
    free(im.data);
}

static void try_images(const Edit *edits)
{
    Px *p = px_open();
    Image good = { .data = malloc(IMAGE_MAX) };
    char path[128];
    char name[128];
    ssize_t len;

    snprintf(path, sizeof(path), "/lib/firmware/arm/mali/arch%u.%u/"
             "mali_csffw.bin", p->gpu.gpu_id >> 28, p->gpu.gpu_id >> 24 & 15);
    px_close(p);
    dev_name(name, sizeof(name));
    len = read_file(path, good.data, IMAGE_MAX);
    good.size = len > 0 ? len : 0;
    if (good.size > H_SIZE) {
        find_entries(&good);
    }
    if (!good.section || !good.shared) {
        tap_die("%s has a section and an interface", path);
    }
    kmsg_expect("probe with driver (panthor|tyr) failed with error");
    kmsg_expect("Invalid firmware file: -22");
    for (const Edit *edit = edits; edit->what; edit++) {
        if (edit->line) {
            kmsg_expect("%s", edit->line);
        }
    }
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    for (const Edit *edit = edits; edit->what; edit++) {
        try_image(edit, name, &good, path);
    }
    save(path, good.data, good.size);
    dev_back(name);
    free(good.data);
}

static void image_header(void)
{
    try_images(header_edits);
}

static void image_section(void)
{
    try_images(section_edits);
}

static void image_entry(void)
{
    try_images(entry_edits);
}

/* panthor_fw.c: panthor_fw_load() says so, Tyr's fw.rs: request() does not. */
static void image_missing(void)
{
    Px *p = px_open();
    char path[128];
    char away[136];
    char name[128];

    snprintf(path, sizeof(path), "/lib/firmware/arm/mali/arch%u.%u/"
             "mali_csffw.bin", p->gpu.gpu_id >> 28, p->gpu.gpu_id >> 24 & 15);
    snprintf(away, sizeof(away), "%s.away", path);
    px_close(p);
    dev_name(name, sizeof(name));
    tap_errno(dev_unbind(name), 0, "the driver leaves");
    dev_rest();
    tap_ok(!rename(path, away), "the image is gone");
    tap_errno(dev_bind(name), -ENOENT, "the driver misses it");
    tap_ok(!rename(away, path), "the image is back");
    dev_back(name);
}

const GuestTest image_tests[] = {
    TEST("image-header", "images with a bad header", image_header,
         .drivers = DRIVER_MALI),
    TEST("image-section", "images with a bad section", image_section,
         .drivers = DRIVER_MALI),
    TEST("image-entry", "images with a bad table", image_entry,
         .drivers = DRIVER_MALI),
    TEST("image-missing", "no image", image_missing, .drivers = DRIVER_MALI,
         .expect = EXPECT({ "Direct firmware load for .* failed with error -2",
                            false },
                          { "Failed to load firmware image", true },
                          { "firmware: failed to load", true },
                          { "probe with driver (panthor|tyr) failed with "
                            "error -2", false })),
    TEST_END,
};
