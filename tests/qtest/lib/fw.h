/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware side of a small driver: load the container, boot the MCU,
 * talk to the global interface (panthor_fw.c).
 */
#ifndef QTEST_GPUMBOX_FW_H
#define QTEST_GPUMBOX_FW_H

#include "vm.h"

/**
 * struct Fw - a loaded firmware
 * @gpu:    the GPU.
 * @vm:     the MCU's address space, effective as AS 0.
 * @input:  MCU VA of the global input block, after fw_boot().
 * @output: MCU VA of the global output block.
 */
typedef struct Fw {
    Gpu *gpu;
    Vm vm;
    uint32_t input;
    uint32_t output;
} Fw;

/** fw_load() - power, address space 0, sections of $GPUMBOX_IMAGE in it. */
void fw_load(Fw *fw, Gpu *g);

/**
 * fw_load_bytes() - like fw_load() with another container
 *
 * Sections as panthor_fw.c: panthor_fw_load_section_entry() maps them.
 */
void fw_load_bytes(Fw *fw, Gpu *g, const uint8_t *image, size_t size);

/** fw_start() - MCU_CONTROL and interrupt mask, without waiting. */
void fw_start(Fw *fw);

/**
 * fw_wait_boot() - wait for JOB interrupt 31, acknowledge it, find the blocks
 * Returns false if it does not come within a second of virtual time.
 */
bool fw_wait_boot(Fw *fw);

/** fw_boot() - fw_start() and fw_wait_boot(), and enable the interface. */
void fw_boot(Fw *fw);

/** fw_enable() - what panthor_fw.c: panthor_fw_init_global_iface() writes. */
void fw_enable(Fw *fw);

/** fw_up() - fw_load() and fw_boot(). */
void fw_up(Fw *fw, Gpu *g);

uint32_t fw_read(Fw *fw, uint64_t va);
void fw_write(Fw *fw, uint64_t va, uint32_t value);

/** fw_toggle() - request word @req gets bits @bits unlike in word @ack. */
void fw_toggle(Fw *fw, uint64_t req, uint64_t ack, uint32_t bits);

/** fw_update() - replace bits @mask of the word at @va. */
void fw_update(Fw *fw, uint64_t va, uint32_t mask, uint32_t value);

/** fw_wait() - wait until (*@va & @mask) == @value; false after @limit ns. */
bool fw_wait(Fw *fw, uint64_t va, uint32_t mask, uint32_t value,
             int64_t limit);

/** fw_ring() - the global doorbell. */
void fw_ring(Fw *fw);

/** fw_ping() - does the firmware answer a ping within 100 ms? */
bool fw_ping(Fw *fw);

/** fw_request_halt() - ask for a halt; the caller waits for MCU_STATUS. */
void fw_request_halt(Fw *fw);

#endif /* QTEST_GPUMBOX_FW_H */
