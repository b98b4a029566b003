/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nova-drm's buffers: made, told, given back. The driver of 7.3 gives user
 * space no way to map one (gem.rs has no mmap, and GEM_INFO no offset).
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "nouveau.h"
#include "nova.h"
#include "nova-tests.h"
#include "tap.h"
#include "util.h"

#define PAGE 4096ull
#define MANY 500

static void sizes(void)
{
    static const uint64_t size[] = {
        1, PAGE - 1, PAGE, PAGE + 1, MiB, MiB + 5, 64 * MiB, 8 * GiB,
    };
    int fd = nova_open();
    uint32_t handle[ARRAY_SIZE(size)] = { 0 };
    uint64_t told;

    for (unsigned i = 0; i < ARRAY_SIZE(size); i++) {
        tap_errno(nova_gem_create(fd, size[i], &handle[i]), 0,
                  "a buffer of %llu bytes", (unsigned long long)size[i]);
        tap_errno(nova_gem_size(fd, handle[i], &told), 0, "GEM_INFO");
        tap_eq(told, (size[i] + PAGE - 1) / PAGE * PAGE, "in whole pages");
    }
    for (unsigned i = 0; i < ARRAY_SIZE(size); i++) {
        for (unsigned k = 0; k < i; k++) {
            if (handle[i] == handle[k]) {
                tap_ok(false, "buffers %u and %u have different handles", k,
                       i);
            }
        }
        tap_errno(nova_gem_close(fd, handle[i]), 0, "close %u", i);
        tap_errno(nova_gem_size(fd, handle[i], &told), -ENOENT,
                  "and nobody knows it any more");
    }
    close(fd);
}

static void bad(void)
{
    int fd = nova_open();
    uint32_t handle = 0;
    uint64_t told;

    tap_errno(nova_gem_create(fd, 0, &handle), -EINVAL, "no bytes");
    /* page.rs: page_align() */
    tap_errno(nova_gem_create(fd, UINT64_MAX, &handle), -EINVAL,
              "more than can be rounded up");
    tap_errno(nova_gem_create(fd, UINT64_MAX - PAGE + 2, &handle), -EINVAL,
              "one byte more than the last page");
    /* shmem.c: __shmem_file_setup() */
    tap_errno(nova_gem_create(fd, 1ull << 63, &handle), -EINVAL,
              "more than a file can have");
    tap_eq(handle, 0, "none of them has a handle");
    tap_errno(nova_gem_size(fd, 0, &told), -ENOENT, "GEM_INFO of handle 0");
    tap_errno(nova_gem_size(fd, 0x7fff, &told), -ENOENT,
              "GEM_INFO of no buffer");
    tap_errno(nova_gem_close(fd, 0x7fff), -EINVAL, "close no buffer");
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOVA_GEM_CREATE, NULL), -EFAULT,
              "GEM_CREATE without its struct");
    tap_errno(nv_ioctl(fd, DRM_IOCTL_NOVA_GEM_INFO, NULL), -EFAULT,
              "GEM_INFO without its struct");
    close(fd);
}

static void files(void)
{
    int one = nova_open();
    int two = nova_open();
    uint32_t handle, other;
    uint64_t told;

    tap_errno(nova_gem_create(one, PAGE, &handle), 0, "a buffer");
    tap_errno(nova_gem_size(two, handle, &told), -ENOENT,
              "another file does not know it");
    tap_errno(nova_gem_create(two, 2 * PAGE, &other), 0, "one there");
    tap_errno(nova_gem_size(two, other, &told), 0, "is known there");
    tap_eq(told, 2 * PAGE, "with its own size");
    close(two);
    tap_errno(nova_gem_size(one, handle, &told), 0,
              "the first outlives the other file");
    tap_eq(told, PAGE, "with its size");
    close(one);
}

/* There is no offset that leads to a buffer, and so no page to be had. */
static void unmapped(void)
{
    int fd = nova_open();
    struct drm_prime_handle prime = { .flags = DRM_CLOEXEC | DRM_RDWR };
    uint32_t handle;
    unsigned refused = 0;

    tap_errno(nova_gem_create(fd, PAGE, &handle), 0, "a buffer");
    for (uint64_t at = 0; at <= 1ull << 40; at = at ? at << 1 : PAGE) {
        void *map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                         at);

        refused += map == MAP_FAILED && errno == EINVAL;
    }
    tap_eq(refused, 30, "offsets of the node that are refused");
    prime.handle = handle;
    if (!nv_ioctl(fd, DRM_IOCTL_PRIME_HANDLE_TO_FD, &prime)) {
        tap_ok(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, prime.fd, 0) ==
               MAP_FAILED, "nor can it be mapped as a dma-buf");
        close(prime.fd);
    }
    tap_errno(nova_gem_close(fd, handle), 0, "close it");
    close(fd);
}

/* Handles are given out again, and nothing is left behind. */
static void many(void)
{
    int fd = nova_open();
    uint32_t handle[MANY];
    unsigned good = 0;
    uint32_t highest = 0;

    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < MANY; i++) {
            good += !nova_gem_create(fd, (i + 1) * PAGE, &handle[i]);
            highest = handle[i] > highest ? handle[i] : highest;
        }
        for (unsigned i = 0; i < MANY; i++) {
            uint64_t told = 0;

            good += !nova_gem_size(fd, handle[i], &told) &&
                    told == (i + 1) * PAGE;
            good += !nova_gem_close(fd, handle[i]);
        }
    }
    tap_eq(good, 2 * 3 * MANY, "times a buffer is made, told and given back");
    tap_ok(highest <= MANY, "no more than %u handles, %u is the highest",
           MANY, highest);
    close(fd);
}

const GuestTest nova_gem_tests[] = {
    TEST("nova-gem-sizes", "buffers and what is told of them", sizes,
         .drivers = DRIVER_NOVA),
    TEST("nova-gem-bad", "bad arguments", bad, .drivers = DRIVER_NOVA),
    TEST("nova-gem-files", "a buffer is of one file", files,
         .drivers = DRIVER_NOVA),
    TEST("nova-gem-unmapped", "a buffer cannot be mapped", unmapped,
         .drivers = DRIVER_NOVA),
    TEST("nova-gem-many", "many buffers", many, .drivers = DRIVER_NOVA),
    TEST_END,
};
