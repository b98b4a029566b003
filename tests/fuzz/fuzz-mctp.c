/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages to the FSP from anywhere, and what is answered to them. */
#include <string.h>

#include "fuzz.h"
#include "mctp.h"

#define COT_BYTES 868

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const FspRules rules = { .version = 2, .key = 97, .signature = 96 };
    uint32_t len = size < MCTP_MAX ? size : MCTP_MAX;
    uint8_t *message = calloc(1, len ? len : 1);
    uint8_t answer[MCTP_ANSWER], type;
    FspError error;
    FspCot cot;

    if (len) {
        memcpy(message, data, len);
    }
    error = mctp_parse(message, len, &rules, &type, &cot);
    promise(error == FSP_OK || error == FSP_NOT_SUPPORTED ||
            error == FSP_INVALID_DATA);
    promise(type == (len < 8 ? 0 : message[7]));
    if (error == FSP_OK) {
        promise(len == COT_BYTES && type == NVDM_COT);
        promise(!memcmp(cot.hash, message + 44, FSP_HASH));
    }
    mctp_answer(answer, type, error);
    promise(answer[12] == type && answer[16] == error);
    free(message);
    return 0;
}
