/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A channel as host sees it: its ring of GPFIFO entries, the push buffers
 * that they name, and the methods in these. Methods below 0x100 are host's,
 * the others are the engine's that SET_OBJECT bound to the subchannel. Knows
 * neither QEMU nor the rest of the device: unit tests and fuzzers link it as
 * it is.
 *
 * Source: nouveau, nvif/chan506f.c and chanc36f.c (entries, USERD),
 * include/nvhw/class/cl906f.h (headers of methods, SEMAPHOREA to D) and
 * clc36f.h (SEM_*, MEM_OP_*).
 */
#ifndef NVIDIA_GSP_PBDMA_H
#define NVIDIA_GSP_PBDMA_H

#include "copy.h"

#define PB_SUBCHANNELS 8

/** PB_CHUNK - most bytes that one access of PbBus touches. */
#define PB_CHUNK 4096

/**
 * struct PbBus - what a channel needs of the GPU around it
 * @read:      copy @len bytes, 1 to PB_CHUNK, at virtual address @va; false:
 *             no translation, and the owner has noted which.
 * @write:     the reverse.
 * @move:      copy @len bytes from @from to @to, in pieces of PB_CHUNK bytes
 *             at most, the lowest first. Gives the bytes that it has copied:
 *             less than @len if there was no translation, as above.
 * @time:      the chip's clock, ns, @ahead ns from now.
 * @interrupt: a non-stalling interrupt, of the copy engine if @copy, else
 *             of host.
 */
typedef struct PbBus {
    bool (*read)(void *opaque, uint64_t va, void *buf, uint32_t len);
    bool (*write)(void *opaque, uint64_t va, const void *buf, uint32_t len);
    uint32_t (*move)(void *opaque, uint64_t to, uint64_t from, uint32_t len);
    uint64_t (*time)(void *opaque, int64_t ahead);
    void (*interrupt)(void *opaque, bool copy);
} PbBus;

/**
 * struct PbClasses - what the chip calls its engines' classes (nvif/class.h)
 * @copy:    the copy engine's, see copy.h.
 * @threed, @compute, @inline_memory: those of graphics that differ between
 *           chips.
 */
typedef struct PbClasses {
    uint16_t copy;
    uint16_t threed;
    uint16_t compute;
    uint16_t inline_memory;
} PbClasses;

/**
 * struct PbRun - one slice
 * @bus:       the GPU, @opaque its argument.
 * @classes:   the chip's.
 * @word_ns:   cost of a word of a push buffer, and of a line of a copy; >= 1.
 * @mib_ns:    cost of copying 1 MiB.
 * @limit:     ns after which the slice ends.
 * @spent:     ns that it has taken.
 */
typedef struct PbRun {
    const PbBus *bus;
    const PbClasses *classes;
    void *opaque;
    uint32_t word_ns;
    uint32_t mib_ns;
    int64_t limit;
    int64_t spent;
} PbRun;

/** enum PbStatus - why a slice ended */
typedef enum PbStatus {
    PB_BUSY,        /* its time is used up */
    PB_IDLE,        /* everything up to GP_PUT is done */
    PB_BLOCKED,     /* an acquire found another value */
    PB_FAULT,       /* an address had no translation: the channel is dead */
    PB_ERROR,       /* PbChannel.error: the channel is dead */
} PbStatus;

/** enum PbError - what is wrong with a stream */
typedef enum PbError {
    PB_ERROR_NONE,
    PB_ERROR_ENTRY,     /* GPFIFO entry, or GP_PUT outside of the ring */
    PB_ERROR_HEADER,    /* reserved operation of a method header */
    PB_ERROR_METHOD,    /* host has no such method */
    PB_ERROR_SEMAPHORE, /* operation or alignment of a semaphore */
    PB_ERROR_CLASS,     /* no such class, or none bound to the subchannel */
    PB_ERROR_ENGINE,    /* the engine has no such method */
    PB_ERROR_COPY,      /* the copy engine refuses */
    PB_ERRORS,
} PbError;

/** pb_error_names - for logs. */
extern const char *const pb_error_names[PB_ERRORS];

/** enum PbRepeat - where the words behind a header go; PbChannel.repeat */
typedef enum PbRepeat {
    PB_INCREMENT,       /* each to the next method */
    PB_SAME,            /* all to one */
    PB_ONCE,            /* the first to one, all others to the next */
    PB_REPEATS,
} PbRepeat;

/**
 * struct PbChannel - state of a channel in host
 * @gp_get:     GPFIFO entry to be taken next.
 * @get:        address of the next word.
 * @left:       words left in the segment.
 * @main:       the segment belongs to the main push buffer.
 * @top_get:    as @get, of the last main segment.
 * @top_valid:  there was one.
 * @subchannel, @method, @repeat: where the next word goes; @method in bytes.
 * @words:      words that still belong to the header.
 * @skip:       they are for another subdevice.
 * @mask:       subdevices that stored masks name.
 * @old:        SEMAPHOREA to C.
 * @address:    SEM_ADDR.
 * @payload:    SEM_PAYLOAD.
 * @reference:  SET_REFERENCE.
 * @class:      class bound to each subchannel; 0: none.
 * @threed:     the channel's runlist has a graphics engine.
 * @error:      PbError; the channel is dead if it is one.
 * @error_data: word or method that was wrong.
 * @copy:       the copy engine's context.
 */
typedef struct PbChannel {
    uint32_t gp_get;
    uint64_t get;
    uint32_t left;
    bool main;
    uint64_t top_get;
    bool top_valid;
    uint8_t subchannel;
    uint8_t repeat;
    uint32_t method;
    uint32_t words;
    bool skip;
    uint16_t mask;
    uint32_t old[3];
    uint64_t address;
    uint64_t payload;
    uint32_t reference;
    uint16_t class[PB_SUBCHANNELS];
    bool threed;
    uint8_t error;
    uint32_t error_data;
    NvCopy copy;
} PbChannel;

/** pb_init() - a new channel; @threed: its runlist has a graphics engine. */
void pb_init(PbChannel *c, bool threed);

/**
 * pb_run() - execute a slice
 * @gpfifo:  virtual address of the ring.
 * @entries: entries of it, at least 1.
 * @gp_put:  entry that is not there yet.
 * @run:     cost and limits; at least one word is executed if there is one.
 */
PbStatus pb_run(PbChannel *c, uint64_t gpfifo, uint32_t entries,
                uint32_t gp_put, PbRun *run);

/** pb_check() - is a state that came with a migration stream sane? */
bool pb_check(const PbChannel *c, uint32_t entries);

#endif /* NVIDIA_GSP_PBDMA_H */
