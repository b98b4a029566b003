/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two message queues in shared memory.
 *
 * Each is a ring of pages behind a header; a message is one to sixteen pages
 * in a row, round the end of the ring if need be.  A side writes the write
 * pointer of its own queue and, in the same page, the read pointer of the
 * other's (r535/gsp.c: r535_gsp_shared_init(); cmdq.rs: Msgq).
 */
#include <string.h>

#include "internal.h"

/* Messages that one entry works off before it lets others have a turn. */
#define MESSAGES_AT_ONCE 64

/* From one look at a full status queue to the next, ns. */
#define WAIT_FIRST 10000
#define WAIT_LAST 10000000

/* A message as it stands in the ring. */
typedef struct Element {
    uint32_t count;
    uint32_t sequence;
    uint32_t length;        /* of RPC header and payload */
    uint32_t avail;
} Element;

uint8_t *gsp_payload(Gsp *g)
{
    return g->message + GSP_SIZE(g, ELEMENT) + GSP_SIZE(g, RPC);
}

static uint64_t header_at(const GspRing *r)
{
    return (uint64_t)r->pages * GSP_PAGE;
}

static uint64_t entry_at(const GspRing *r, uint32_t i)
{
    return header_at(r) + r->entry + (uint64_t)(i % r->slots) * GSP_PAGE;
}

/* One field of a header struct at @off of shared memory. */
static bool peek(Gsp *g, uint64_t off, unsigned field, uint32_t *value)
{
    FwField one = g->layout.field[field];
    uint8_t buf[8];

    off += one.offset;
    one.offset = 0;
    if (!gsp_shared_read(g, off, buf, one.size)) {
        return false;
    }
    *value = fw_get(&one, buf);
    return true;
}

static bool poke(Gsp *g, uint64_t off, unsigned field, uint32_t value)
{
    FwField one = g->layout.field[field];
    uint8_t buf[8] = { 0 };

    off += one.offset;
    one.offset = 0;
    fw_put(&one, buf, value);
    return gsp_shared_write(g, off, buf, one.size);
}

/* Where the read pointer of the command queue is: ours to write. */
static uint64_t our_read_at(const Gsp *g)
{
    return header_at(&g->s.stat) + g->s.stat.rx;
}

/* Where the host keeps its read pointer of the status queue. */
static uint64_t their_read_at(const Gsp *g)
{
    return header_at(&g->s.cmd) + g->s.cmd.rx;
}

static bool check_ring(Gsp *g, const uint8_t *tx, FwError *err)
{
    uint64_t slots = GSP_GET(g, TX_ENTRIES, tx);
    uint64_t entry = GSP_GET(g, TX_ENTRY_OFFSET, tx);
    uint64_t bytes = GSP_GET(g, TX_BYTES, tx);
    uint64_t rx = GSP_GET(g, TX_RX_OFFSET, tx);
    uint64_t shared = (uint64_t)g->s.nr_pages * GSP_PAGE;

    if (GSP_GET(g, TX_ENTRY_BYTES, tx) != GSP_PAGE) {
        return gsp_refuse(err, "the command queue has entries of %u bytes; "
                          "%u expected",
                          (unsigned)GSP_GET(g, TX_ENTRY_BYTES, tx), GSP_PAGE);
    }
    if (slots < 2 || slots > GSP_PAGES_MAX || entry % GSP_PAGE || !entry ||
        entry > bytes || bytes - entry < slots * GSP_PAGE) {
        return gsp_refuse(err, "the command queue's %u entries from 0x%x do "
                          "not fit its 0x%x bytes", (unsigned)slots,
                          (unsigned)entry, (unsigned)bytes);
    }
    if (rx % 4 || rx < GSP_SIZE(g, TX) || rx + GSP_SIZE(g, RX) > GSP_PAGE) {
        return gsp_refuse(err, "the command queue's read header is at 0x%x",
                          (unsigned)rx);
    }
    if (header_at(&g->s.cmd) + bytes > shared ||
        header_at(&g->s.stat) + bytes > shared) {
        return gsp_refuse(err, "the queues end past the 0x%llx bytes of "
                          "shared memory", (unsigned long long)shared);
    }
    if (header_at(&g->s.cmd) < header_at(&g->s.stat) + bytes &&
        header_at(&g->s.stat) < header_at(&g->s.cmd) + bytes) {
        return gsp_refuse(err, "the queues overlap");
    }
    return true;
}

/*
 * The host has filled in the command queue's header; ours, of the same shape,
 * is for us to write.  After a suspend the pointers are where they were.
 */
bool gsp_queue_open(Gsp *g, bool resume, FwError *err)
{
    GspRing *cmd = &g->s.cmd;
    GspRing *stat = &g->s.stat;
    uint8_t tx[FW_STRUCT_MAX];
    uint32_t read = 0, write = 0;

    if (!gsp_shared_read(g, header_at(cmd), tx, GSP_SIZE(g, TX))) {
        return gsp_refuse(err, "the command queue cannot be read");
    }
    if (!check_ring(g, tx, err)) {
        return false;
    }
    cmd->slots = stat->slots = GSP_GET(g, TX_ENTRIES, tx);
    cmd->entry = stat->entry = GSP_GET(g, TX_ENTRY_OFFSET, tx);
    cmd->rx = GSP_GET(g, TX_RX_OFFSET, tx);
    stat->rx = GSP_SIZE(g, TX);
    if (resume &&
        (!peek(g, our_read_at(g), GSP_F_RX_READ, &read) ||
         !peek(g, header_at(stat), GSP_F_TX_WRITE, &write) ||
         read >= cmd->slots || write >= stat->slots)) {
        return gsp_refuse(err, "the status queue does not hold what it held "
                          "before the suspend");
    }
    cmd->ptr = read;
    stat->ptr = write;
    GSP_PUT(g, TX_VERSION, tx, 0);
    GSP_PUT(g, TX_WRITE, tx, write);
    GSP_PUT(g, TX_FLAGS, tx, 1);
    GSP_PUT(g, TX_RX_OFFSET, tx, stat->rx);
    if (!gsp_show(g, GSP_S_TX, tx, 0)) {
        return true;
    }
    return (gsp_shared_write(g, header_at(stat), tx, GSP_SIZE(g, TX)) &&
            poke(g, our_read_at(g), GSP_F_RX_READ, read)) ||
           gsp_refuse(err, "the status queue cannot be written");
}

/* Entries of the status queue that the host has read. */
static uint32_t room(Gsp *g)
{
    const GspRing *r = &g->s.stat;
    uint32_t read;

    if (!peek(g, their_read_at(g), GSP_F_RX_READ, &read)) {
        gsp_fault(g, GSP_FAULT_MEMORY, their_read_at(g));
        return 0;
    }
    if (read >= r->slots) {
        gsp_fault(g, GSP_FAULT_POINTER, read);
        return 0;
    }
    return (read + r->slots - r->ptr - 1) % r->slots;
}

static uint32_t pages_of(const Gsp *g, uint32_t rpc_length)
{
    uint64_t bytes = (uint64_t)GSP_SIZE(g, ELEMENT) + rpc_length;

    return (bytes + GSP_PAGE - 1) / GSP_PAGE;
}

bool gsp_queue_fits(Gsp *g, uint32_t length)
{
    if (room(g) >= pages_of(g, GSP_SIZE(g, RPC) + length)) {
        g->s.wait = 0;
        return true;
    }
    if (gsp_alive(g)) {
        g->s.wait = !g->s.wait ? WAIT_FIRST
                    : g->s.wait < WAIT_LAST ? g->s.wait * 2 : WAIT_LAST;
        gsp_retry(g, g->hw.fw.ops->now(g->hw.fw.opaque) + g->s.wait);
    }
    return false;
}

static uint32_t checksum(const uint8_t *p, uint32_t len)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < len; i++) {
        sum ^= (uint64_t)p[i] << (8 * (i % 8));
    }
    return (uint32_t)(sum >> 32) ^ (uint32_t)sum;
}

static uint32_t whole_words(uint32_t len)
{
    return (len + 7) & ~7u;
}

void gsp_queue_post(Gsp *g, uint32_t function, uint32_t sequence,
                    uint32_t result, uint32_t length)
{
    GspRing *r = &g->s.stat;
    uint8_t *element = g->message;
    uint8_t *rpc = g->message + GSP_SIZE(g, ELEMENT);
    uint32_t total = GSP_SIZE(g, ELEMENT) + GSP_SIZE(g, RPC) + length;
    uint32_t bytes = whole_words(total);
    uint32_t pages = pages_of(g, GSP_SIZE(g, RPC) + length);

    memset(g->message, 0, GSP_SIZE(g, ELEMENT) + GSP_SIZE(g, RPC));
    memset(g->message + total, 0, bytes - total);
    GSP_PUT(g, RPC_VERSION, rpc, GSP_VALUE(g, RPC_VERSION));
    GSP_PUT(g, RPC_SIGNATURE, rpc, GSP_VALUE(g, RPC_SIGNATURE));
    GSP_PUT(g, RPC_LENGTH, rpc, GSP_SIZE(g, RPC) + length);
    GSP_PUT(g, RPC_FUNCTION, rpc, function);
    GSP_PUT(g, RPC_RESULT, rpc, result);
    GSP_PUT(g, RPC_RESULT_PRIVATE, rpc, result);
    GSP_PUT(g, RPC_SEQUENCE, rpc, sequence);
    GSP_PUT(g, ELEMENT_SEQUENCE, element, r->seq++);
    GSP_PUT(g, ELEMENT_COUNT, element, pages);
    if (!gsp_show(g, GSP_S_RPC, rpc, function)) {
        return;
    }
    GSP_PUT(g, ELEMENT_CHECKSUM, element, checksum(g->message, bytes));
    if (!gsp_show(g, GSP_S_ELEMENT, element, function)) {
        return;
    }
    for (uint32_t i = 0; i < pages; i++) {
        uint32_t at = i * GSP_PAGE;
        uint32_t n = bytes - at < GSP_PAGE ? bytes - at : GSP_PAGE;

        if (!gsp_shared_write(g, entry_at(r, r->ptr + i), g->message + at,
                              n)) {
            gsp_fault(g, GSP_FAULT_MEMORY, entry_at(r, r->ptr + i));
            return;
        }
    }
    r->ptr = (r->ptr + pages) % r->slots;
    g->s.nr_posted++;
    if (!poke(g, header_at(r), GSP_F_TX_WRITE, r->ptr)) {
        gsp_fault(g, GSP_FAULT_MEMORY, header_at(r));
        return;
    }
    g->hw.fw.ops->irq(g->hw.fw.opaque, GSP_IRQ_MESSAGE);
}

static void consume(Gsp *g, uint32_t pages)
{
    GspRing *r = &g->s.cmd;

    r->ptr = (r->ptr + pages) % r->slots;
    g->s.asked = 0;
    if (!poke(g, our_read_at(g), GSP_F_RX_READ, r->ptr)) {
        gsp_fault(g, GSP_FAULT_MEMORY, our_read_at(g));
    }
}

/* Is there a message?  Reads its headers to Gsp.message. */
static bool look(Gsp *g, Element *e)
{
    const GspRing *r = &g->s.cmd;
    const uint8_t *rpc = g->message + GSP_SIZE(g, ELEMENT);
    uint32_t write;

    if (!peek(g, header_at(r), GSP_F_TX_WRITE, &write)) {
        gsp_fault(g, GSP_FAULT_MEMORY, header_at(r));
        return false;
    }
    if (write >= r->slots) {
        gsp_fault(g, GSP_FAULT_POINTER, write);
        return false;
    }
    e->avail = (write + r->slots - r->ptr) % r->slots;
    if (!e->avail) {
        return false;
    }
    if (!gsp_shared_read(g, entry_at(r, r->ptr), g->message, GSP_PAGE)) {
        gsp_fault(g, GSP_FAULT_MEMORY, entry_at(r, r->ptr));
        return false;
    }
    e->count = GSP_GET(g, ELEMENT_COUNT, g->message);
    e->sequence = GSP_GET(g, ELEMENT_SEQUENCE, g->message);
    e->length = GSP_GET(g, RPC_LENGTH, rpc);
    return true;
}

/* Its further pages; what is behind its end reads as zeros. */
static bool read_rest(Gsp *g, const Element *e)
{
    const GspRing *r = &g->s.cmd;
    uint32_t end = GSP_SIZE(g, ELEMENT) + e->length;

    for (uint32_t i = 1; i < e->count; i++) {
        if (!gsp_shared_read(g, entry_at(r, r->ptr + i),
                             g->message + i * GSP_PAGE, GSP_PAGE)) {
            gsp_fault(g, GSP_FAULT_MEMORY, entry_at(r, r->ptr + i));
            return false;
        }
    }
    memset(g->message + end, 0, sizeof(g->message) - end);
    return true;
}

/*
 * What GSP-RM does with a message that is not in order: a broken one is
 * taken out of the queue and not answered; of one that repeats an old number
 * as well; one that skips numbers is believed.
 */
static bool in_order(Gsp *g, const Element *e)
{
    const uint8_t *rpc = g->message + GSP_SIZE(g, ELEMENT);

    if (checksum(g->message, whole_words(GSP_SIZE(g, ELEMENT) + e->length))) {
        gsp_fault(g, GSP_FAULT_CHECKSUM, e->sequence);
        return false;
    }
    if (GSP_GET(g, RPC_VERSION, rpc) != GSP_VALUE(g, RPC_VERSION) ||
        GSP_GET(g, RPC_SIGNATURE, rpc) != GSP_VALUE(g, RPC_SIGNATURE)) {
        gsp_fault(g, GSP_FAULT_SIGNATURE, GSP_GET(g, RPC_SIGNATURE, rpc));
        return false;
    }
    if (g->s.synced && e->sequence != g->s.cmd.seq) {
        gsp_fault(g, GSP_FAULT_SEQUENCE, e->sequence);
        if (e->sequence - g->s.cmd.seq >= UINT32_MAX / 2) {
            return false;
        }
    }
    return true;
}

/* Bytes of the long RPC at hand that have come. */
static uint64_t gathered(Gsp *g)
{
    const GspCall head = {
        .function = g->s.more_function, .payload = g->s.more,
        .length = g->s.more_head,
    };

    return gsp_rpc_total(g, &head) - g->s.more_left;
}

/*
 * A long RPC: the first element has its function and as much as fits, others
 * the rest (rpc.c: r535_gsp_rpc_push()).  The stub keeps the head, and in its
 * heap what is longer.  True: @call is whole.
 */
static bool gather(Gsp *g, GspCall *call)
{
    GspState *s = &g->s;
    uint64_t total;
    uint32_t len;

    if (call->function == GSP_VALUE(g, RPC_MORE)) {
        if (!s->more_left || !call->length) {
            gsp_fault(g, GSP_FAULT_MORE, s->more_left);
            return false;
        }
        len = call->length < s->more_left ? call->length : s->more_left;
        gsp_stage(g, gathered(g), call->payload, len);
        s->more_left -= len;
        if (s->more_left) {
            return false;
        }
        memcpy(call->payload, s->more, s->more_head);
        call->function = s->more_function;
        call->sequence = s->more_sequence;
        call->length = s->more_head;
        call->gathered = true;
        return true;
    }
    if (s->more_left) {
        gsp_fault(g, GSP_FAULT_MORE, s->more_left);
        s->more_left = 0;
    }
    total = gsp_rpc_total(g, call);
    if (total <= call->length) {
        return true;
    }
    if (total - call->length > UINT32_MAX ||
        pages_of(g, GSP_SIZE(g, RPC) + call->length) < GSP_ELEMENT_PAGES) {
        return true;
    }
    s->more_left = total - call->length;
    s->more_function = call->function;
    s->more_sequence = call->sequence;
    s->more_head = call->length < sizeof(s->more) ? call->length
                                                  : sizeof(s->more);
    memcpy(s->more, call->payload, s->more_head);
    gsp_stage(g, 0, call->payload, call->length);
    return false;
}

/* Work off one message.  False: there is none, or it has to wait. */
static bool take(Gsp *g)
{
    const uint8_t *rpc = g->message + GSP_SIZE(g, ELEMENT);
    uint32_t max = g->s.cmd.slots - 1;
    uint32_t left = g->s.more_left;
    Element e;
    GspCall call = { 0 };

    if (!look(g, &e)) {
        return false;
    }
    if (!e.count || e.count > GSP_ELEMENT_PAGES || e.count > max) {
        gsp_fault(g, GSP_FAULT_COUNT, e.count);
        consume(g, 1);
        return true;
    }
    if (e.count > e.avail) {
        return false;       /* the host is still writing it */
    }
    if (e.length < GSP_SIZE(g, RPC) ||
        e.length > e.count * GSP_PAGE - GSP_SIZE(g, ELEMENT)) {
        gsp_fault(g, GSP_FAULT_LENGTH, e.length);
        consume(g, e.count);
        return true;
    }
    if (!read_rest(g, &e)) {
        return false;
    }
    if (!in_order(g, &e)) {
        consume(g, e.count);
        return true;
    }
    call.function = GSP_GET(g, RPC_FUNCTION, rpc);
    call.sequence = GSP_GET(g, RPC_SEQUENCE, rpc);
    call.payload = gsp_payload(g);
    call.length = e.length - GSP_SIZE(g, RPC);
    if (!gsp_queue_fits(g, call.length)) {
        return false;
    }
    if (gather(g, &call) && !gsp_rpc_call(g, &call)) {
        /* A long one has been gathered for good only when it was called. */
        if (call.gathered) {
            g->s.more_left = left;
        }
        return false;
    }
    g->s.synced = 1;
    g->s.cmd.seq = e.sequence + 1;
    if (g->s.running == FW_STATE_RUNNING) {
        consume(g, e.count);
    }
    return true;
}

void gsp_queue_run(Gsp *g)
{
    for (unsigned n = 0; gsp_alive(g); n++) {
        gsp_events_flush(g);
        if (!gsp_alive(g) || g->s.nr_pending) {
            return;         /* events wait for room: a retry is armed */
        }
        if (n == MESSAGES_AT_ONCE) {
            gsp_retry(g, g->hw.fw.ops->now(g->hw.fw.opaque) + 1000);
            return;
        }
        if (!take(g)) {
            return;
        }
    }
}
