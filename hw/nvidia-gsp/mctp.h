/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the FSP, the processor that boots all others since Hopper: an
 * MCTP packet with a vendor defined message, NVDM, in it. Knows neither QEMU
 * nor the rest of the device: unit tests and fuzzers link it as it is.
 *
 * Headers and payloads: nouveau, nvkm/subdev/fsp/gh100.c; nova-core, mctp.rs
 * and fsp.rs. Codes of errors: kern_fsp_retval.h of NVIDIA's open kernel
 * modules.
 */
#ifndef NVIDIA_GSP_MCTP_H
#define NVIDIA_GSP_MCTP_H

#include <stdbool.h>
#include <stdint.h>

/** MCTP_MAX - bytes of the longest message: a channel of FSP's memory. */
#define MCTP_MAX 1024

/** MCTP_ANSWER - bytes of an answer. */
#define MCTP_ANSWER 20

/** NVDM_COT - type of a message: chain of trust. */
#define NVDM_COT 0x14

/* Bytes in a chain of trust: SHA-384, and room for RSA-3072. */
#define FSP_HASH 48
#define FSP_KEY 384
#define FSP_SIGNATURE 384

/** enum FspError - what an answer says; drivers only compare it with 0. */
typedef enum FspError {
    FSP_OK = 0,
    FSP_INVALID_STATE = 0x9e,
    FSP_NOT_SUPPORTED = 0xa0,
    FSP_INVALID_DATA = 0xa1,
} FspError;

/**
 * struct FspRules - what differs between chips
 * @version:   of the chain of trust's payload.
 * @key:       bytes of a public key, at most FSP_KEY.
 * @signature: bytes of a signature, at most FSP_SIGNATURE.
 */
typedef struct FspRules {
    uint16_t version;
    uint16_t key;
    uint16_t signature;
} FspRules;

/**
 * struct FspCot - a chain of trust
 * @fmc:       bus address of FMC, the first program on the GSP.
 * @hash:      SHA-384 of it.
 * @args:      bus address of its boot parameters.
 * @frts:      bytes of frame buffer behind FRTS.
 * @frts_size: bytes of FRTS.
 */
typedef struct FspCot {
    uint64_t fmc;
    uint8_t hash[FSP_HASH];
    uint64_t args;
    uint64_t frts;
    uint32_t frts_size;
} FspCot;

/**
 * mctp_parse() - take a message apart
 * @buf:   its bytes.
 * @len:   how many; at most MCTP_MAX.
 * @rules: what the chip wants.
 * @type:  type of the message; 0 if it is too short to have one.
 * @cot:   result, if FSP_OK is returned.
 *
 * A message is one packet without an address, its type is NVDM_COT. Of key and
 * signature only the form is looked at: they have the chip's length, not all of
 * their bytes are 0, and the room behind them is.
 */
FspError mctp_parse(const uint8_t *buf, uint32_t len, const FspRules *rules,
                    uint8_t *type, FspCot *cot);

/** mctp_answer() - to a message of @type; @buf has MCTP_ANSWER bytes. */
void mctp_answer(uint8_t *buf, uint8_t type, uint32_t error);

#endif /* NVIDIA_GSP_MCTP_H */
