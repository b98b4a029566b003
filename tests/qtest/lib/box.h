/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine with GPUs and no CPU that runs: the tests play the driver through
 * QEMU's libqtest, and time stands still unless they move it.
 *
 * Environment: QTEST_QEMU_BINARY (libqtest's), GPUMBOX_DATA (a folder with
 * gpumbox/NAME.dtb, QEMU's -L), GPUMBOX_IMAGE (the firmware container that a
 * guest would load).
 */
#ifndef QTEST_GPUMBOX_BOX_H
#define QTEST_GPUMBOX_BOX_H

#include "libqtest.h"
#include "regs.h"

#define BOX_GPUS_MAX 2

/* Order of a GPU's lines on the platform bus: interrupt-names of dts/guest. */
enum { BOX_LINE_JOB, BOX_LINE_MMU, BOX_LINE_GPU, BOX_LINES };

typedef struct Box Box;

/**
 * struct Gpu - one GPU of the machine
 * @box:  the machine.
 * @path: QOM path.
 * @base: guest physical address of its registers.
 * @irq:  number of its first line at the interrupt controller.
 */
typedef struct Gpu {
    Box *box;
    char path[64];
    uint64_t base;
    unsigned irq;
} Gpu;

/**
 * struct Box - a machine
 * @qts:   libqtest's handle.
 * @args:  QEMU's options.
 * @gpu:   its GPUs.
 * @nr:    number of them.
 * @pages: guest pages handed out.
 * @now:   virtual time, ns.
 * @live:  a CPU runs and time passes by itself.
 * @maps:  what vm.c mapped, so that it need not believe guest memory.
 */
struct Box {
    QTestState *qts;
    char *args;
    Gpu gpu[BOX_GPUS_MAX];
    unsigned nr;
    unsigned pages;
    int64_t now;
    bool live;
    GHashTable *maps;
};

/** box_args() - QEMU's options for a machine with @gpus GPUs; g_free(). */
char *box_args(unsigned gpus, const char *gpu_options, const char *extra);

/**
 * box_new() - start a machine
 * @gpus:        how many Malis; nv.h has another GPU.
 * @gpu_options: appended to each "-device mali-csf,id=gpuN", may be "".
 * @extra:       further QEMU options, may be "".
 */
Box *box_new(unsigned gpus, const char *gpu_options, const char *extra);

/**
 * box_new_live() - start a machine whose CPU runs, under TCG with icount
 *
 * Waiting then takes the host's time, and interrupt lines reach the guest
 * instead of gpu_line().
 */
Box *box_new_live(unsigned gpus, const char *gpu_options, const char *extra);

/** box_device() - guest physical address of a platform device's registers. */
uint64_t box_device(Box *b, const char *id, const char *type);

/** box_cpu_time() - CPU time that the process behind @clock has had, ns. */
int64_t box_cpu_time(clockid_t clock);

/** box_one_core() - this program and its QEMU stay on one core from here on. */
void box_one_core(void);

/**
 * box_wait_end() - wait until QEMU ends by itself
 * It stays a zombie, and its clock readable, until qtest_wait_qemu().
 */
void box_wait_end(Box *b);
void box_free(Box *b);

/** box_save() - migrate to the file @path; the machine then stands still. */
void box_save(Box *b, const char *path);

/**
 * box_load() - end the QEMU of @b and go on in a new one with the state that
 * stands in @path; libqtest's idea of lines that are up is lost.
 * Returns NULL, or the sentence with which QEMU refused (g_free()); it is
 * then of no use but for box_free().
 */
char *box_load(Box *b, const char *path);

/** box_refused() - QEMU's stderr when it ends with status 1; fails if not. */
char *box_refused(const char *gpu_options, const char *extra);

/** box_page() - physical address of a fresh page of zeros. */
uint64_t box_page(Box *b);

/** box_page_at() - where the page is that was handed out as number @n. */
uint64_t box_page_at(unsigned n);

/** box_step() - let @ns (at least 1) of virtual time pass; the new time. */
int64_t box_step(Box *b, int64_t ns);

/**
 * box_until() - step until @done says so
 * Returns the virtual ns that it took, or -1 if not within @limit ns. Looks
 * at 256 moments at most.
 */
int64_t box_until(Box *b, int64_t limit, bool (*done)(void *opaque),
                  void *opaque);

uint32_t gpu_read(Gpu *g, uint32_t reg);
uint64_t gpu_read64(Gpu *g, uint32_t reg);
void gpu_write(Gpu *g, uint32_t reg, uint32_t value);
void gpu_write64(Gpu *g, uint32_t reg, uint64_t value);

/**
 * gpu_poll() - step until (register & @mask) == @value
 * Returns the virtual ns that it took, or -1 after @limit ns.
 */
int64_t gpu_poll(Gpu *g, uint32_t reg, uint32_t mask, uint32_t value,
                 int64_t limit);

/** gpu_line() - level of an interrupt line, at the interrupt controller. */
bool gpu_line(Gpu *g, unsigned line);

char *gpu_get_string(Gpu *g, const char *property);
uint64_t gpu_get_number(Gpu *g, const char *property);
void gpu_set_scenario(Gpu *g, const char *name);

/** gpu_power_on() - switch L2 on, as the drivers do before anything else. */
void gpu_power_on(Gpu *g);

/** gpu_soft_reset() - and wait until it has happened. */
void gpu_soft_reset(Gpu *g);

/** box_file() - the bytes of a file named by environment variable @var. */
char *box_file(const char *var, size_t *size);

#endif /* QTEST_GPUMBOX_BOX_H */
