/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small helpers: files, the device tree, time, numbers that differ per run,
 * marks in the kernel log.
 */
#ifndef GUEST_UTIL_H
#define GUEST_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define DT_ROOT "/proc/device-tree"

#define KiB 1024ull
#define MiB (1024ull * KiB)
#define GiB (1024ull * MiB)

/** read_file() - up to @size bytes; the length, or a negative errno value. */
ssize_t read_file(const char *path, void *buf, size_t size);

/** read_file_at() - read_file() of @dir/@name. */
ssize_t read_file_at(const char *dir, const char *name, void *buf,
                     size_t size);

/** read_text() - a text file without its last newline, NUL terminated. */
bool read_text(const char *path, char *buf, size_t size);

/** write_text() - 0 or a negative errno value of open or write. */
int write_text(const char *path, const char *text);

/**
 * dt_find_compatible() - first node whose compatible property holds @name
 * @node: gets its path below DT_ROOT, that prefix included.
 */
bool dt_find_compatible(const char *name, char *node, size_t size);

/**
 * pci_find() - first PCI function with this ID
 * @vendor: as sysfs has it, "0x10de".
 * @device: likewise, or NULL for any.
 * @name: gets its name below /sys/bus/pci/devices.
 */
bool pci_find(const char *vendor, const char *device, char *name, size_t size);

/** pci_map() - enable a function, map its BAR 0; MAP_FAILED and errno if not */
void *pci_map(const char *name, size_t size);

/** now_ns() - CLOCK_MONOTONIC in ns: the guest's own, virtual time. */
int64_t now_ns(void);

/** sleep_ms() - sleep in guest time. */
void sleep_ms(unsigned ms);

/** rng_seed() - start the sequence of rng_u32() for the test @name. */
void rng_seed(uint32_t seed, const char *name);

/** rng_u32() - next number; differs with seed and test, not with time. */
uint32_t rng_u32(void);

/** rng_u64() - two of them. */
uint64_t rng_u64(void);

/** kmsg() - one line into the kernel log, after "gpumbox: ". */
void kmsg(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * kmsg_expect() - announce a kernel line that is provoked on purpose
 * @regex: POSIX extended regular expression for one line.
 *
 * In force until the end of the running test.
 */
void kmsg_expect(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** split_next() - next piece of a comma-separated list, NULL at its end. */
char *split_next(char **list);

#endif /* GUEST_UTIL_H */
