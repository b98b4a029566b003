/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "mctp.h"

/* gh100.c: MCTP_HEADER_*. A single packet has nothing but these two. */
#define MCTP_SOM 0x80000000u
#define MCTP_EOM 0x40000000u
#define MCTP_SINGLE (MCTP_SOM | MCTP_EOM)

/* gh100.c: MCTP_MSG_HEADER_*: bits 7:0 of a PCI vendor, 23:8 is which. */
#define NVDM_VENDOR 0x10de7eu
#define NVDM_MASK 0xffffffu
#define NVDM_TYPE(word) ((word) >> 24)
#define NVDM_ANSWER 0x15u

#define HEADERS 8

/* nvdm_payload_cot, packed: offsets behind the headers. */
enum {
    COT_VERSION = 0x00,
    COT_SIZE = 0x02,
    COT_FMC = 0x04,
    COT_FRTS_SYSTEM = 0x0c,
    COT_FRTS_SYSTEM_SIZE = 0x14,
    COT_FRTS = 0x18,
    COT_FRTS_SIZE = 0x20,
    COT_HASH = 0x24,
    COT_KEY = COT_HASH + FSP_HASH,
    COT_SIGNATURE = COT_KEY + FSP_KEY,
    COT_ARGS = COT_SIGNATURE + FSP_SIGNATURE,
    COT_BYTES = COT_ARGS + 8,
};

_Static_assert(COT_BYTES == 860, "chain of trust");
_Static_assert(HEADERS + COT_BYTES <= MCTP_MAX, "chain of trust");

static uint16_t le16(const uint8_t *p)
{
    return p[0] | p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static uint64_t le64(const uint8_t *p)
{
    return le32(p) | (uint64_t)le32(p + 4) << 32;
}

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static bool zero(const uint8_t *p, uint32_t len)
{
    while (len && !*p) {
        p++;
        len--;
    }
    return !len;
}

/* Something of @len bytes in room for @room. */
static bool filled(const uint8_t *p, uint32_t len, uint32_t room)
{
    return !zero(p, len) && zero(p + len, room - len);
}

static FspError parse_cot(const uint8_t *p, uint32_t len,
                          const FspRules *rules, FspCot *cot)
{
    if (len != COT_BYTES || le16(p + COT_SIZE) != COT_BYTES) {
        return FSP_INVALID_DATA;
    }
    if (le16(p + COT_VERSION) != rules->version) {
        return FSP_NOT_SUPPORTED;
    }
    /* For systems whose GPU has no memory of its own. */
    if (le64(p + COT_FRTS_SYSTEM) || le32(p + COT_FRTS_SYSTEM_SIZE)) {
        return FSP_NOT_SUPPORTED;
    }
    if (!filled(p + COT_KEY, rules->key, FSP_KEY) ||
        !filled(p + COT_SIGNATURE, rules->signature, FSP_SIGNATURE)) {
        return FSP_INVALID_DATA;
    }
    cot->fmc = le64(p + COT_FMC);
    memcpy(cot->hash, p + COT_HASH, FSP_HASH);
    cot->args = le64(p + COT_ARGS);
    cot->frts = le64(p + COT_FRTS);
    cot->frts_size = le32(p + COT_FRTS_SIZE);
    return FSP_OK;
}

FspError mctp_parse(const uint8_t *buf, uint32_t len, const FspRules *rules,
                    uint8_t *type, FspCot *cot)
{
    uint32_t mctp, nvdm;

    *type = 0;
    if (len < HEADERS) {
        return FSP_INVALID_DATA;
    }
    mctp = le32(buf);
    nvdm = le32(buf + 4);
    *type = NVDM_TYPE(nvdm);
    if ((mctp & MCTP_SINGLE) != MCTP_SINGLE) {
        return FSP_NOT_SUPPORTED;
    }
    if (mctp != MCTP_SINGLE || (nvdm & NVDM_MASK) != NVDM_VENDOR) {
        return FSP_INVALID_DATA;
    }
    if (*type != NVDM_COT) {
        return FSP_NOT_SUPPORTED;
    }
    return parse_cot(buf + HEADERS, len - HEADERS, rules, cot);
}

void mctp_answer(uint8_t *buf, uint8_t type, uint32_t error)
{
    put32(buf, MCTP_SINGLE);
    put32(buf + 4, NVDM_ANSWER << 24 | NVDM_VENDOR);
    put32(buf + 8, 0);          /* of which task it is the answer */
    put32(buf + 12, type);
    put32(buf + 16, error);
}
