/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NVIDIA GSP: what the programs of the boot chain report. */
#ifndef NVIDIA_GSP_BOOT_H
#define NVIDIA_GSP_BOOT_H

/**
 * enum NvBootError - what FWSEC, the booter and FMC report
 *
 * FWSEC's appear in its scratch registers, booter's in SEC2's mailbox 0, FMC's
 * in the GSP's. The drivers only compare them with 0; the numbers are ours.
 */
typedef enum NvBootError {
    NV_BOOT_OK,
    NV_BOOT_SIGNATURE,      /* the program is not what was signed */
    NV_BOOT_COMMAND,        /* FWSEC: no command that it knows */
    NV_BOOT_REGION,         /* FWSEC: the region is not in frame buffer */
    NV_BOOT_WPR2_SET,       /* FWSEC: there is a protected region already */
    NV_BOOT_WPR2_UNSET,     /* booter: FWSEC has not run */
    NV_BOOT_META_ADDRESS,   /* booter: metadata are not readable */
    NV_BOOT_META_MAGIC,     /* booter: magic or revision */
    NV_BOOT_META_LAYOUT,    /* booter: regions overlap or leave memory */
    NV_BOOT_META_FRTS,      /* booter: FRTS is not where FWSEC put it */
    NV_BOOT_RADIX3,         /* booter: a page of the image is not readable */
    NV_BOOT_LOADER,         /* booter: bootloader is not readable */
    NV_BOOT_IMAGE_SIGNATURE,/* booter: the image's signature is unreadable */
    NV_BOOT_RUNNING,        /* booter: the GSP runs already */
    NV_BOOT_VECTOR,         /* no code at the address of the start */
    NV_BOOT_FETCH,          /* loader: FWSEC cannot be fetched */
    NV_BOOT_SR_META,        /* booter: suspend metadata, or their size */
    NV_BOOT_SR_DATA,        /* booter: a page of the save is out of reach */
    NV_BOOT_SR_SEAL,        /* booter: what was saved is not what is there */
    NV_BOOT_FMC_ARGS,       /* FMC: boot parameters */
    NV_BOOT_ERRORS,
} NvBootError;

#endif /* NVIDIA_GSP_BOOT_H */
