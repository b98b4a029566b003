/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "qemu/osdep.h"
#include "qemu/bswap.h"

#include "fw.h"

#define IMAGE_MAGIC 0xc3f13a6eu
#define IMAGE_TABLE 20              /* entries start behind the header */
#define IMAGE_TABLE_END 16          /* header word: where they end */
#define SECTION_WR (1u << 1)
#define SECTION_EX (1u << 2)
#define SECTION_PROT (1u << 5)

#define BOOT_WAIT_NS 1000000000
#define ACK_WAIT_NS 100000000

uint32_t fw_read(Fw *fw, uint64_t va)
{
    return vm_read32(&fw->vm, va);
}

void fw_write(Fw *fw, uint64_t va, uint32_t value)
{
    vm_write32(&fw->vm, va, value);
}

void fw_update(Fw *fw, uint64_t va, uint32_t mask, uint32_t value)
{
    fw_write(fw, va, (fw_read(fw, va) & ~mask) | (value & mask));
}

void fw_toggle(Fw *fw, uint64_t req, uint64_t ack, uint32_t bits)
{
    fw_update(fw, req, bits, ~fw_read(fw, ack));
}

typedef struct Wait {
    Fw *fw;
    uint64_t va;
    uint32_t mask;
    uint32_t value;
} Wait;

static bool wait_done(void *opaque)
{
    Wait *w = opaque;

    return (fw_read(w->fw, w->va) & w->mask) == w->value;
}

bool fw_wait(Fw *fw, uint64_t va, uint32_t mask, uint32_t value,
             int64_t limit)
{
    Wait w = { fw, va, mask, value };

    return box_until(fw->gpu->box, limit, wait_done, &w) >= 0;
}

static void load_section(Fw *fw, const uint8_t *image, size_t size,
                         const uint8_t *entry)
{
    uint32_t flags = ldl_le_p(entry + 4);
    uint32_t va = ldl_le_p(entry + 8);
    uint32_t va_end = ldl_le_p(entry + 12);
    uint32_t data = ldl_le_p(entry + 16);
    uint32_t data_end = ldl_le_p(entry + 20);

    if ((flags & SECTION_PROT) || va == va_end) {
        return;
    }
    g_assert_cmphex(data, <=, data_end);
    g_assert_cmphex(data_end, <=, size);
    g_assert_cmphex(data_end - data, <=, va_end - va);
    vm_map(&fw->vm, va, va_end - va, (flags & SECTION_WR ? VM_WRITE : 0) |
           (flags & SECTION_EX ? VM_EXEC : 0));
    if (data != data_end) {
        vm_write(&fw->vm, va, image + data, data_end - data);
    }
}

void fw_load_bytes(Fw *fw, Gpu *g, const uint8_t *image, size_t size)
{
    uint32_t at, end;

    memset(fw, 0, sizeof(*fw));
    fw->gpu = g;
    g_assert_cmpuint(size, >, IMAGE_TABLE);
    g_assert_cmphex((uint32_t)ldl_le_p(image), ==, IMAGE_MAGIC);
    end = ldl_le_p(image + IMAGE_TABLE_END);
    g_assert_cmphex(end, <=, size);

    gpu_power_on(g);
    vm_init(&fw->vm, g);
    for (at = IMAGE_TABLE; at < end; at += image[at + 1]) {
        g_assert_cmpuint(image[at + 1], >=, 4);
        if (image[at] == 0) {
            load_section(fw, image, size, image + at);
        }
    }
    vm_enable(&fw->vm, 0);
}

void fw_load(Fw *fw, Gpu *g)
{
    size_t size;
    g_autofree char *image = box_file("GPUMBOX_IMAGE", &size);

    fw_load_bytes(fw, g, (uint8_t *)image, size);
}

void fw_start(Fw *fw)
{
    gpu_write(fw->gpu, JOB_INT + CLEAR, ~0u);
    gpu_write(fw->gpu, JOB_INT + MASK, ~0u);
    gpu_write(fw->gpu, MCU_CONTROL, MCU_AUTO);
}

bool fw_wait_boot(Fw *fw)
{
    if (gpu_poll(fw->gpu, JOB_INT + STAT, INT_GLOBAL, INT_GLOBAL,
                 BOOT_WAIT_NS) < 0) {
        return false;
    }
    gpu_write(fw->gpu, JOB_INT + CLEAR, INT_GLOBAL);
    fw->input = fw_read(fw, SHARED_VA + GLB_INPUT_VA);
    fw->output = fw_read(fw, SHARED_VA + GLB_OUTPUT_VA);
    return true;
}

void fw_enable(Fw *fw)
{
    fw_write(fw, fw->input + GLB_CORE_MASK, 0x50005);
    fw_write(fw, fw->input + GLB_CORE_MASK + 4, 0);
    fw_write(fw, fw->input + GLB_PROGRESS_TIMER, 2560000);
    /* 10 ms and 0.8 ms in units of 1024 ticks of 62.5 MHz. */
    fw_write(fw, fw->input + GLB_POWEROFF_TIMER, 611);
    fw_write(fw, fw->input + GLB_IDLE_TIMER, 49);
    fw_write(fw, fw->input + GLB_IRQ_MASK, REQ_ALLOC_EN | REQ_PING |
             REQ_PROGRESS_TIMER | REQ_POWEROFF_TIMER | REQ_IDLE_EN |
             REQ_IDLE);
    fw_update(fw, fw->input + GLB_REQ, REQ_IDLE_EN, REQ_IDLE_EN);
    fw_toggle(fw, fw->input + GLB_REQ, fw->output + GLB_ACK,
              REQ_ALLOC_EN | REQ_POWEROFF_TIMER | REQ_PROGRESS_TIMER);
    fw_ring(fw);
}

void fw_boot(Fw *fw)
{
    fw_start(fw);
    g_assert_true(fw_wait_boot(fw));
    fw_enable(fw);
}

void fw_up(Fw *fw, Gpu *g)
{
    fw_load(fw, g);
    fw_boot(fw);
}

void fw_ring(Fw *fw)
{
    gpu_write(fw->gpu, DOORBELL(0), 1);
}

bool fw_ping(Fw *fw)
{
    uint32_t want;

    fw_toggle(fw, fw->input + GLB_REQ, fw->output + GLB_ACK, REQ_PING);
    want = fw_read(fw, fw->input + GLB_REQ) & REQ_PING;
    fw_ring(fw);
    return fw_wait(fw, fw->output + GLB_ACK, REQ_PING, want, ACK_WAIT_NS);
}

void fw_request_halt(Fw *fw)
{
    fw_update(fw, fw->input + GLB_REQ, REQ_HALT, REQ_HALT);
    fw_ring(fw);
}
