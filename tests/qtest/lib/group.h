/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Groups and queues of a small driver (panthor_sched.c).
 */
#ifndef QTEST_GPUMBOX_GROUP_H
#define QTEST_GPUMBOX_GROUP_H

#include "cs.h"
#include "fw.h"

#define GROUP_QUEUES_MAX 8
#define QUEUE_RING_SIZE 4096u

/** GROUP_DATA_VA - a page of zeros for the test, in every group's space. */
#define GROUP_DATA_VA 0x10000000u

/** GROUP_CODE_VA - a page for called instructions. */
#define GROUP_CODE_VA 0x20000000u

/**
 * struct Queue - a queue
 * @ring:   VA of the ring in the group's address space.
 * @iface:  MCU VA of the input page; the output page follows.
 * @input:  MCU VA of the stream's input block.
 * @output: MCU VA of its output block.
 * @insert: bytes put into the ring.
 */
typedef struct Queue {
    uint64_t ring;
    uint64_t iface;
    uint32_t input;
    uint32_t output;
    uint64_t insert;
} Queue;

/**
 * struct Group - a group bound to a slot
 * @fw:      the firmware.
 * @slot:    slot.
 * @as:      address space of its VM.
 * @vm:      its VM.
 * @nr:      queues.
 * @input:   MCU VA of the group's input block.
 * @output:  MCU VA of the output block.
 * @suspend: MCU VA of the suspend buffer.
 */
typedef struct Group {
    Fw *fw;
    unsigned slot;
    unsigned as;
    Vm vm;
    unsigned nr;
    uint32_t input;
    uint32_t output;
    uint64_t suspend;
    Queue queue[GROUP_QUEUES_MAX];
} Group;

/** group_init() - memory of a group; its VM becomes effective as @as. */
void group_init(Group *grp, Fw *fw, unsigned slot, unsigned as, unsigned nr);

/** group_init_beside() - a group in the VM and address space of @other. */
void group_init_beside(Group *grp, Group *other, unsigned slot, unsigned nr);

/** group_bind() - choose another slot for a group that is not running. */
void group_bind(Group *grp, unsigned slot);

/** group_program() - write all inputs, request @state; no doorbell. */
void group_program(Group *grp, unsigned state);

/** group_state() - request @state and wait for it: 100 ms. */
bool group_state(Group *grp, unsigned state);

/** group_start() - program, ring, wait. */
void group_start(Group *grp);

/** group_ring() - tell the firmware to look at the group's requests. */
void group_ring(Group *grp);

/** group_ack_events() - take note of SYNC_UPDATE and IDLE, as panthor does. */
void group_ack_events(Group *grp);

/** group_status_update() - ask for fresh status words and wait for them. */
bool group_status_update(Group *grp);

/** queue_put() - instructions into the ring, padded to 64 bytes; no kick. */
void queue_put(Group *grp, unsigned q, const uint64_t *ins, unsigned n);

/** group_doorbell() - register of the group's user doorbell. */
uint32_t group_doorbell(const Group *grp);

/** queue_kick() - the group's user doorbell. */
void queue_kick(Group *grp);

/** queue_extract() - how far the ring was executed. */
uint64_t queue_extract(Group *grp, unsigned q);

/** queue_wait() - wait until the ring is empty. */
bool queue_wait(Group *grp, unsigned q, int64_t limit);

/** group_wait64() - wait for a value in the group's memory. */
bool group_wait64(Group *grp, uint64_t va, uint64_t value, int64_t limit);

#endif /* QTEST_GPUMBOX_GROUP_H */
