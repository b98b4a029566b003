/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "vbios.h"

#define BLOCK 512
#define IMAGE0_SIZE 0x1000
#define IMAGE1_SIZE (VBIOS_SIZE - IMAGE0_SIZE)

/* In each image. */
#define PCIR_AT 0x40
#define PCIR_SIZE 0x18
#define NPDE_AT 0x60                        /* 16-byte aligned behind PCIR */

/* In image 0. */
#define BIT_AT 0x100
#define BIT_HEADER 12
#define BIT_TOKEN 6
#define BIT_TOKENS 2
#define BIT_VERSION_AT 0x140
#define BIT_FALCON_AT 0x160

/* In image 1. */
#define TABLE_AT 0x200
#define TABLE_HEADER 4
#define TABLE_ENTRY 6
#define DESCRIPTOR_AT 0x300
#define DESCRIPTOR_V2_SIZE 0x3c
#define DESCRIPTOR_V3_SIZE 0x2c

#define APP_FWSEC_PROD 0x85
#define TARGET_GSP 7

#define MAPPER_VERSION 3
#define MAPPER_SIZE 64
#define INTERFACE_HEADER 4
#define INTERFACE_ENTRY 8
#define INTERFACE_MAPPER 4

static void put16(uint8_t *p, uint16_t v)
{
    p[0] = v;
    p[1] = v >> 8;
}

static void put32(uint8_t *p, uint32_t v)
{
    put16(p, v);
    put16(p + 2, v >> 16);
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Signature, PCI data structure and NVIDIA's extension of it. */
static void make_image(uint8_t *image, const VbiosSetup *setup, uint32_t size,
                       uint8_t type, bool last)
{
    uint8_t *pcir = image + PCIR_AT;
    uint8_t *npde = image + NPDE_AT;

    image[0] = 0x55;
    image[1] = 0xaa;
    image[2] = size / BLOCK;
    put16(image + 0x18, PCIR_AT);

    memcpy(pcir, "PCIR", 4);
    put16(pcir + 0x04, setup->vendor);
    put16(pcir + 0x06, setup->device);
    put16(pcir + 0x0a, PCIR_SIZE);
    pcir[0x0c] = 3;
    pcir[0x0d] = setup->class;
    pcir[0x0e] = setup->class >> 8;
    pcir[0x0f] = setup->class >> 16;
    put16(pcir + 0x10, size / BLOCK);
    pcir[0x14] = type;
    pcir[0x15] = last ? 0x80 : 0;

    memcpy(npde, "NPDE", 4);
    put16(npde + 0x04, 0x0101);
    put16(npde + 0x06, 0x0c);
    put16(npde + 0x08, size / BLOCK);
    npde[0x0a] = last ? 0x80 : 0;
}

/* All bytes of an image sum up to 0; nothing reads its last byte. */
static void checksum(uint8_t *image, uint32_t size)
{
    uint8_t sum = 0;
    uint32_t i;

    image[size - 1] = 0;
    for (i = 0; i < size; i++) {
        sum += image[i];
    }
    image[size - 1] = -sum;
}

static void make_bit(uint8_t *image, const VbiosSetup *setup)
{
    uint8_t *bit = image + BIT_AT;
    uint8_t *token = bit + BIT_HEADER;
    uint8_t sum = 0;
    unsigned i;

    memcpy(bit, "\xff\xb8" "BIT", 6);
    put16(bit + 6, 0x0100);
    bit[8] = BIT_HEADER;
    bit[9] = BIT_TOKEN;
    bit[10] = BIT_TOKENS;
    for (i = 0; i < BIT_HEADER; i++) {
        sum += bit[i];
    }
    bit[11] = -sum;

    token[0] = 'i';
    token[1] = 2;
    put16(token + 2, 5);
    put16(token + 4, BIT_VERSION_AT);
    for (i = 0; i < 4; i++) {
        image[BIT_VERSION_AT + i] = setup->version[3 - i];
    }
    image[BIT_VERSION_AT + 4] = setup->version[4];

    token += BIT_TOKEN;
    token[0] = 'p';
    token[1] = 2;
    put16(token + 2, 4);
    put16(token + 4, BIT_FALCON_AT);
    put32(image + BIT_FALCON_AT, IMAGE0_SIZE + TABLE_AT);
}

/* Bytes that nothing executes, but that are compared. */
static void fill(uint8_t *p, uint32_t size, uint32_t seed)
{
    uint32_t i;

    for (i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = seed >> 24 | 1;
    }
}

static void make_dmem(uint8_t *dmem)
{
    uint8_t *mapper = dmem + VBIOS_DMEM_MAPPER;
    uint8_t *entry = dmem + VBIOS_DMEM_INTERFACE + INTERFACE_HEADER;

    dmem[VBIOS_DMEM_INTERFACE] = 1;
    dmem[VBIOS_DMEM_INTERFACE + 1] = INTERFACE_HEADER;
    dmem[VBIOS_DMEM_INTERFACE + 2] = INTERFACE_ENTRY;
    dmem[VBIOS_DMEM_INTERFACE + 3] = 1;
    put32(entry, INTERFACE_MAPPER);
    put32(entry + 4, VBIOS_DMEM_MAPPER);

    memcpy(mapper, "DMAP", 4);
    put16(mapper + 4, MAPPER_VERSION);
    put16(mapper + 6, MAPPER_SIZE);
    put32(mapper + 8, VBIOS_DMEM_COMMAND);
    put32(mapper + 12, VBIOS_DMEM_COMMAND_SIZE);
    put32(mapper + 52, 1u << VBIOS_COMMAND_FRTS | 1u << VBIOS_COMMAND_SB);
}

/* Offsets and sizes count from the end of the descriptor. */
static uint32_t make_v2(uint8_t *d)
{
    put32(d + 0x00, DESCRIPTOR_V2_SIZE << 16 | 2 << 8 | 1);
    put32(d + 0x04, VBIOS_IMEM + VBIOS_DMEM);
    put32(d + 0x08, VBIOS_IMEM + VBIOS_DMEM);
    put32(d + 0x10, VBIOS_DMEM_INTERFACE);
    put32(d + 0x18, VBIOS_IMEM);
    put32(d + 0x20, VBIOS_IMEM_SECURE);
    put32(d + 0x24, VBIOS_IMEM - VBIOS_IMEM_SECURE);
    put32(d + 0x28, VBIOS_IMEM);
    put32(d + 0x30, VBIOS_DMEM);
    return DESCRIPTOR_V2_SIZE;
}

static uint32_t make_v3(uint8_t *d)
{
    put32(d + 0x00, (DESCRIPTOR_V3_SIZE + VBIOS_SIGNATURE) << 16 | 3 << 8 | 1);
    put32(d + 0x04, VBIOS_SIGNATURE + VBIOS_IMEM + VBIOS_DMEM);
    put32(d + 0x08, VBIOS_DMEM_SIGNATURE);
    put32(d + 0x0c, VBIOS_DMEM_INTERFACE);
    put32(d + 0x10, 0);
    put32(d + 0x14, VBIOS_IMEM);
    put32(d + 0x18, 0);
    put32(d + 0x1c, 0);
    put32(d + 0x20, VBIOS_DMEM);
    put16(d + 0x24, VBIOS_ENGINE_MASK);
    d[0x26] = VBIOS_UCODE_ID;
    d[0x27] = 1;
    put16(d + 0x28, 1);
    return DESCRIPTOR_V3_SIZE;
}

static void make_fwsec(Vbios *v, uint8_t *image, unsigned version)
{
    uint8_t *table = image + TABLE_AT;
    uint8_t *entry = table + TABLE_HEADER;
    uint32_t at = IMAGE0_SIZE + DESCRIPTOR_AT;

    table[0] = 1;
    table[1] = TABLE_HEADER;
    table[2] = TABLE_ENTRY;
    table[3] = 1;
    entry[0] = APP_FWSEC_PROD;
    entry[1] = TARGET_GSP;
    put32(entry + 2, at);

    if (version == 2) {
        at += make_v2(image + DESCRIPTOR_AT);
    } else {
        at += make_v3(image + DESCRIPTOR_AT);
        v->signature = at;
        fill(v->rom + at, VBIOS_SIGNATURE, 1);
        at += VBIOS_SIGNATURE;
    }
    v->imem = at;
    v->dmem = v->imem + VBIOS_IMEM;
    fill(v->rom + v->imem, VBIOS_IMEM, 2);
    make_dmem(v->rom + v->dmem);
}

void vbios_make(Vbios *v, const VbiosSetup *setup)
{
    memset(v, 0, sizeof(*v));
    make_image(v->rom, setup, IMAGE0_SIZE, 0x00, false);
    make_bit(v->rom, setup);
    checksum(v->rom, IMAGE0_SIZE);
    make_image(v->rom + IMAGE0_SIZE, setup, IMAGE1_SIZE, 0xe0, true);
    make_fwsec(v, v->rom + IMAGE0_SIZE, setup->descriptor);
    checksum(v->rom + IMAGE0_SIZE, IMAGE1_SIZE);
}

bool vbios_command(const uint8_t *dmem, VbiosCommand *cmd)
{
    const uint8_t *mapper = dmem + VBIOS_DMEM_MAPPER;
    const uint8_t *in = dmem + VBIOS_DMEM_COMMAND;
    const uint8_t *region = in + 24;

    if (memcmp(mapper, "DMAP", 4) || get32(mapper + 8) != VBIOS_DMEM_COMMAND) {
        return false;
    }
    cmd->command = get32(mapper + 44);
    cmd->start = 0;
    cmd->size = 0;
    if (get32(in) != 1 || get32(in + 4) != 24) {
        return false;
    }
    switch (cmd->command) {
    case VBIOS_COMMAND_SB:
        return true;
    case VBIOS_COMMAND_FRTS:
        if (get32(region) != 1 || get32(region + 4) != 20 ||
            get32(region + 16) != 2) {
            return false;
        }
        cmd->start = (uint64_t)get32(region + 8) << 12;
        cmd->size = (uint64_t)get32(region + 12) << 12;
        return true;
    default:
        return false;
    }
}

static uint64_t get64(const uint8_t *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* In whole blocks of code memory, and no further than it goes. */
static bool is_code(uint32_t at, uint32_t size)
{
    return at % 256 == 0 && size % 256 == 0 && at < VBIOS_LOAD_MAX &&
           size <= VBIOS_LOAD_MAX - at;
}

bool vbios_load(const uint8_t *dmem, VbiosLoad *l)
{
    uint32_t ctx = get32(dmem + 32);

    *l = (VbiosLoad) {
        .ctx = ctx & 7,
        .code = get64(dmem + 36),
        .open = get32(dmem + 44),
        .open_size = get32(dmem + 48),
        .secure = get32(dmem + 52),
        .secure_size = get32(dmem + 56),
        .data = get64(dmem + 64),
        .data_size = get32(dmem + 72),
    };
    return ctx < 8 && is_code(l->open, l->open_size) &&
           is_code(l->secure, l->secure_size) &&
           l->data_size <= VBIOS_LOAD_MAX;
}
