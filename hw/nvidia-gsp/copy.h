/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The copy engine, TURING_DMA_COPY_A to AMPERE_DMA_COPY_B: lines of bytes or
 * of remapped elements from one virtual address to another, then a semaphore
 * and an interrupt. Knows neither QEMU nor the rest of the device.
 *
 * Methods: nouveau, include/nvhw/class/cla0b5.h, of which these classes have
 * kept addresses and fields; semaphores: NVIDIA's clc7b5.h. Copies between
 * block-linear images, physical addresses, semaphore reductions and blocking
 * interrupts are refused.
 */
#ifndef NVIDIA_GSP_COPY_H
#define NVIDIA_GSP_COPY_H

#include <stdbool.h>
#include <stdint.h>

struct PbRun;

/**
 * struct NvCopy - a copy engine's context: registers, and the copy at hand
 * @in, @out:     virtual addresses of source and destination.
 * @pitch_in, @pitch_out: bytes from one line to the next, signed.
 * @length:       bytes of a line, elements of it if they are remapped.
 * @count:        lines.
 * @semaphore:    address of the semaphore, @payload what is written to it.
 * @remap_const:  constants A and B.
 * @remap:        SET_REMAP_COMPONENTS.
 * @launch:       LAUNCH_DMA of the copy at hand.
 * @pretend:      copies are reported as done and move nothing; a scenario.
 * @active:       a copy is at hand; the rest says how far it is.
 * @line:         the line at hand.
 * @at:           bytes, or elements, of it that are done.
 */
typedef struct NvCopy {
    uint64_t in;
    uint64_t out;
    uint32_t pitch_in;
    uint32_t pitch_out;
    uint32_t length;
    uint32_t count;
    uint64_t semaphore;
    uint32_t payload;
    uint32_t remap_const[2];
    uint32_t remap;
    uint32_t launch;
    bool pretend;
    bool active;
    uint32_t line;
    uint32_t at;
} NvCopy;

/** enum NvCopyResult - what came of a method or a step */
typedef enum NvCopyResult {
    COPY_DONE,
    COPY_MORE,      /* the copy is not done, or its time is used up */
    COPY_FAULT,     /* an address had no translation */
    COPY_REFUSED,   /* no such method, or not with these values */
} NvCopyResult;

/** copy_method() - method @addr, in bytes, with @data. */
NvCopyResult copy_method(NvCopy *c, uint32_t addr, uint32_t data);

/** copy_run() - go on with the copy at hand for as long as @run allows. */
NvCopyResult copy_run(NvCopy *c, struct PbRun *run);

#endif /* NVIDIA_GSP_COPY_H */
