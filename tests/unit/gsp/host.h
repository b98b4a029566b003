/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host that talks to GSP-RM as nouveau and nova-core do: its arguments, its
 * queues, RPCs and what comes back. Where the two drivers differ it is strict
 * as nova-core is: it checks the checksum and the order of what it receives.
 *
 * It knows memory by bus address and a doorbell (HostOps), so that the same
 * one talks to the stub in a unit test and to the device in a register test.
 */
#ifndef GSP_HOST_H
#define GSP_HOST_H

#include <glib.h>

#include "gsp.h"

#define HOST_PAGES 129
#define HOST_CMD 0x1000u          /* offsets in shared memory */
#define HOST_STAT 0x41000u
#define HOST_SLOTS 63
#define HOST_RX 0x20              /* read pointer, in a queue's first page */
#define HOST_REPLY_MAX 65536

/** HOST_LONGEST(h) - most payload of one message. */
#define HOST_LONGEST(h) (GSP_ELEMENT_PAGES * GSP_PAGE - \
                         HOST_SIZE(h, ELEMENT) - HOST_SIZE(h, RPC))

/**
 * struct HostOps - the GPU and its memory
 * @read, @write: copy from and to bus address @addr.
 * @ring: ring the doorbell and wait until the firmware says something.
 */
typedef struct HostOps {
    void (*read)(void *opaque, uint64_t addr, void *buf, uint32_t len);
    void (*write)(void *opaque, uint64_t addr, const void *buf, uint32_t len);
    void (*ring)(void *opaque);
} HostOps;

/**
 * struct Host - the host
 * @layout:  its own, of the profile that the firmware has.
 * @page:    bus addresses of the pages of shared memory.
 * @seq, @rpc_seq: of its next message.
 * @got_seq: next expected of the firmware's.
 * @reply, @reply_length: payload of the last message taken.
 * @reply_result, @reply_seq: what its header says.
 */
typedef struct Host {
    const HostOps *ops;
    void *opaque;
    FwLayout layout;
    uint64_t page[HOST_PAGES];
    uint32_t seq, rpc_seq;
    uint32_t got_seq;
    uint8_t reply[HOST_REPLY_MAX];
    uint32_t reply_length;
    uint32_t reply_result;
    uint32_t reply_seq;
} Host;

#define HOST_PUT(h, id, p, v) fw_put(&(h)->layout.field[GSP_F_##id], p, v)
#define HOST_GET(h, id, p) fw_get(&(h)->layout.field[GSP_F_##id], p)
#define HOST_SIZE(h, id) ((h)->layout.struct_size[GSP_S_##id])
#define HOST_NUMBER(h, id) ((uint32_t)(h)->layout.value[GSP_V_##id])

/** host_init() - a host that speaks profile @dtb. */
void host_init(Host *h, const HostOps *ops, void *opaque, const void *dtb,
               size_t size);

/**
 * host_arguments() - write libos and RM arguments, page table, queues
 * @libos, @args: a page each.
 * @resume: the queues stay as they are.
 */
void host_arguments(Host *h, uint64_t libos, uint64_t args, bool resume);

/** host_at() - bus address of offset @off of shared memory. */
uint64_t host_at(const Host *h, uint32_t off);

/** host_slot() - the same of entry @slot of the queue at @queue. */
uint64_t host_slot(const Host *h, uint32_t queue, uint32_t slot);

/** host_word() - a field of four bytes of the struct at @addr. */
uint32_t host_word(Host *h, unsigned field, uint64_t addr);

/** host_sum() - checksum of @len bytes. */
uint32_t host_sum(const uint8_t *p, uint32_t len);

/** host_send() - put an RPC into the queue; the doorbell is another thing. */
void host_send(Host *h, uint32_t function, const void *payload, uint32_t len);

/** host_hello() - what nouveau says before there is a GSP. */
void host_hello(Host *h);

/** host_take() - next message of the firmware; its function, 0: none. */
uint32_t host_take(Host *h);

/** host_expect() - the next message is this one. */
void host_expect(Host *h, uint32_t function);

/** host_call() - an RPC and its answer in Host.reply. */
void host_call(Host *h, uint32_t function, const void *payload, uint32_t len);

/**
 * host_send_long() - an RPC of any length, in several messages
 * Rings after each but the last, which is not answered before.
 */
void host_send_long(Host *h, uint32_t function, const uint8_t *payload,
                    uint32_t len, void (*between)(void *opaque));

/** host_alloc(), host_control(), host_release() - RM calls; their status. */
uint32_t host_alloc(Host *h, uint32_t client, uint32_t parent,
                    uint32_t handle, uint32_t class, const void *params,
                    uint32_t len);
uint32_t host_control(Host *h, uint32_t client, uint32_t object,
                      uint32_t cmd, void *params, uint32_t len);
uint32_t host_release(Host *h, uint32_t client, uint32_t handle);

/** host_tree() - a client 1 with device 2, subdevice 3 and space 4. */
void host_tree(Host *h);

/**
 * struct HostChannel - what an allocation of a channel says
 * @engine: NV2080_ENGINE_TYPE_*.
 * @space:  handle of its address space.
 */
typedef struct HostChannel {
    uint32_t handle;
    uint32_t chid;
    uint32_t engine;
    uint32_t space;
    uint64_t gpfifo;
    uint32_t entries;
    uint64_t inst;
    uint64_t userd;
} HostChannel;

/** host_channel() - allocate one in client 1, device 2; the status. */
uint32_t host_channel(Host *h, const HostChannel *c);

#endif /* GSP_HOST_H */
