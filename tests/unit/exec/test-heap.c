/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tiler heap: chunks as the driver lays them down, the out-of-memory
 * protocol with the host, and what comes back.
 */
#include <glib.h>

#include "asm.h"
#include "rig.h"

#define CTX HEAP                      /* heap context */
#define DESC (HEAP + 0x100)           /* tiler heap descriptor */
#define TILER (HEAP + 0x200)          /* tiler context */
#define CHUNK_VALUE(n) (CHUNK(n) | 1) /* one page each */
#define PER_CHUNK 3                   /* RUN_IDVS that fit into one */

static Rig *heap_rig(void)
{
    CsExecConfig cfg = rig_config();

    cfg.idvs_heap = (4096 - 64) / PER_CHUNK;
    return rig_new(&cfg);
}

/* A tiler context whose heap has chunks 0..@n-1, linked like the driver's. */
static void put_descriptors(Rig *r, unsigned n)
{
    rig_put64(r, TILER + 24, DESC);
    rig_put64(r, DESC, 4096ull << 32);
    rig_put64(r, DESC + 8, n ? CHUNK(0) : 0);
    for (unsigned i = 0; i < n; i++) {
        rig_put64(r, CHUNK(i), i + 1 < n ? CHUNK_VALUE(i + 1) : 0);
    }
}

static void heap_set(Rig *r, uint64_t tiler)
{
    SUBMIT(r, 0, 0, i_move48(0, CTX), i_heap_set(0), i_move48(40, tiler));
}

static void idvs(Rig *r, unsigned n)
{
    while (n--) {
        SUBMIT(r, 0, 0, i_run(6));
    }
    rig_run(r, 1000000);
}

static void without_a_heap_nothing_is_consumed(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    idvs(r, 20);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void initial_chunks_come_from_the_descriptor(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    put_descriptors(r, 2);
    heap_set(r, TILER);
    idvs(r, 2 * PER_CHUNK);
    g_assert_true(rig_status(r, 0, 0).empty);
    g_assert_cmphex(rig_get64(r, TILER + 40), ==, CHUNK_VALUE(0));
    g_assert_cmphex(rig_get64(r, TILER + 48), ==, CHUNK_VALUE(1));
    g_assert_cmphex(rig_get64(r, CHUNK(0)), ==, CHUNK_VALUE(1));
    g_assert_cmphex(rig_get64(r, CHUNK(1)), ==, 0);
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_free(r);
}

/* The driver gives a chunk only if vt_start > vt_end >= frag_end. */
static void out_of_memory_reports_the_counters(void)
{
    Rig *r = heap_rig();
    CsStreamStatus st;

    rig_start(r, 0, 0);
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_heap_op(0, 0, 1), i_heap_op(1, 0, 1),
           i_heap_op(3, 0, 1), i_heap_op(0, 0, 1), i_heap_op(0, 0, 1),
           i_heap_op(1, 0, 1), i_move32(5, 5), i_run(6), i_move32(6, 6));
    rig_run(r, 1000000);
    st = rig_status(r, 0, 0);
    g_assert_cmpuint(st.state, ==, CS_OOM);
    g_assert_cmphex(st.heap, ==, CTX);
    g_assert_cmpuint(st.heap_vt_start, ==, 3);
    g_assert_cmpuint(st.heap_vt_end, ==, 2);
    g_assert_cmpuint(st.heap_frag_end, ==, 1);
    g_assert_cmpuint(st.extract, ==, 10 * 8);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_OOM);
    g_assert_cmpuint(r->stream[0].regs[6], ==, 0);
    g_assert_cmpint(cs_exec_run(&r->x, r->now), ==, CS_TIME_NEVER);
    rig_free(r);
}

/* The counters belong to the heap: another queue's fragments count too. */
static void counters_are_shared_by_queues(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    rig_start(r, 0, 1);
    SUBMIT(r, 0, 1, i_move48(0, CTX), i_heap_set(0), i_heap_op(3, 0, 1),
           i_finish_fragment(true, 0, 2, 2, 1));
    rig_run(r, 100000);
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_heap_op(0, 0, 1));
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).heap_frag_end, ==, 2);
    g_assert_cmpuint(rig_status(r, 0, 0).heap_vt_start, ==, 1);
    rig_free(r);
}

static void chunk_from_the_host(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    put_descriptors(r, 1);
    heap_set(r, TILER);
    idvs(r, 2 * PER_CHUNK);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_put64(r, CHUNK(7), 0x1234);
    cs_exec_heap_reply(&r->x, 0, 0, CHUNK_VALUE(7), r->now);
    rig_run(r, 1000000);
    g_assert_true(rig_status(r, 0, 0).empty);
    /* Linked behind the first, the list ends with it. */
    g_assert_cmphex(rig_get64(r, CHUNK(0)), ==, CHUNK_VALUE(7));
    g_assert_cmphex(rig_get64(r, CHUNK(7)), ==, 0);
    g_assert_cmphex(rig_get64(r, TILER + 40), ==, CHUNK_VALUE(0));
    g_assert_cmphex(rig_get64(r, TILER + 48), ==, CHUNK_VALUE(7));
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_free(r);
}

static void finished_chunks_are_used_again(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    put_descriptors(r, 2);
    heap_set(r, TILER);
    idvs(r, 2 * PER_CHUNK);
    SUBMIT(r, 0, 0, i_move48(0, TILER), i_load(10, 0xf, 0, 40),
           i_finish_fragment(true, 0, 10, 12, 1), i_move48(2, 0),
           i_store(2, 3, 0, 40), i_store(2, 3, 0, 48));
    idvs(r, 2 * PER_CHUNK);
    g_assert_true(rig_status(r, 0, 0).empty);
    g_assert_cmpuint(rig_status(r, 0, 0).heap_frag_end, ==, 1);
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_free(r);
}

static void refused_memory_is_fatal(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    heap_set(r, 0);
    idvs(r, 1);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_DEAD);
    g_assert_cmphex(rig_status(r, 0, 0).fatal_type, ==, GPU_EXC_OOM);
    g_assert_cmphex(rig_events(r, 0, 0), ==, CS_EVENT_FATAL);
    rig_free(r);
}

/* Incremental rendering: the handler gives back what the pass has used. */
static void handler_frees_memory(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    put_descriptors(r, 1);
    CODE_AT(r, CODE, i_move48(60, TILER), i_load(10, 0xf, 60, 40),
            i_finish_fragment(false, 0, 10, 12, 1), i_move48(2, 0),
            i_store(2, 3, 60, 40), i_store(2, 3, 60, 48), i_add32(70, 70, 1));
    heap_set(r, TILER);
    SUBMIT(r, 0, 0, i_move48(4, CODE), i_move32(6, 7 * 8), i_handler(4, 6));
    idvs(r, PER_CHUNK + 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].regs[70], ==, 1);
    g_assert_true(rig_status(r, 0, 0).empty);
    /* It serves again for the next shortage. */
    idvs(r, PER_CHUNK);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].regs[70], ==, 2);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void handler_in_a_call(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_add32(70, 70, 1));
    CODE_AT(r, CODE + 0x100, i_run(6), i_move32(71, 1));
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_move48(4, CODE), i_move32(6, 8), i_handler(4, 6));
    rig_job(r, 0, 0, CODE + 0x100, 16, DATA);
    rig_run(r, 1000000);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    rig_run(r, 1000000);
    /* The handler ran once, found nothing; now the host may have some. */
    g_assert_cmpuint(r->stream[0].regs[70], ==, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    cs_exec_heap_reply(&r->x, 0, 0, CHUNK_VALUE(3), r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(r->stream[0].regs[71], ==, 1);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    rig_free(r);
}

static void handler_that_frees_nothing_is_fatal(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_add32(70, 70, 1));
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_move48(4, CODE), i_move32(6, 8), i_handler(4, 6));
    idvs(r, 1);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_DEAD);
    g_assert_cmpuint(r->stream[0].regs[70], ==, 1);
    rig_free(r);
}

static void fault_in_the_handler_leaves_it(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    CODE_AT(r, CODE, i_move48(8, 0x1000), i_load(10, 1, 8, 0));
    CODE_AT(r, CODE + 0x100, i_run(6));
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_move48(4, CODE), i_move32(6, 16), i_handler(4, 6));
    rig_job(r, 0, 0, CODE + 0x100, 8, DATA);
    rig_run(r, 1000000);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_FAULTED);
    cs_exec_fault_ack(&r->x, 0, 0, r->now);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_get64(r, DATA), ==, 1);
    g_assert_cmpuint(rig_get32(r, DATA + 8), ==, 1);
    rig_free(r);
}

/* Whatever guest memory holds as heap state, it does no more than fault. */
static void wild_heap_state(void)
{
    static const uint64_t wild[] = { 0, 1, ~0ull, 1ull << 63, 0x1001,
                                     0x7ffffffffffff001ull };

    for (unsigned i = 0; i < 6; i++) {
        for (unsigned k = 0; k < 6; k++) {
            Rig *r = heap_rig();

            rig_start(r, 0, 0);
            rig_put64(r, CTX, wild[i]);
            rig_put64(r, CTX + 8, wild[k]);
            put_descriptors(r, 1);
            rig_put64(r, TILER + 48, wild[i]);
            rig_put64(r, TILER + 40, wild[k]);
            rig_put64(r, DESC + 8, wild[k]);
            heap_set(r, TILER);
            idvs(r, 4);
            cs_exec_heap_reply(&r->x, 0, 0, wild[i], r->now);
            rig_run(r, 1000000);
            rig_free(r);
        }
    }
}

/* Bytes are counted: a chunk serves exactly what it has behind its header. */
static void chunk_is_used_to_its_end(void)
{
    for (int over = 0; over < 2; over++) {
        CsExecConfig cfg = rig_config();
        Rig *r;

        cfg.idvs_heap = (4096 - 64) / 2 + over;
        r = rig_new(&cfg);
        rig_start(r, 0, 0);
        put_descriptors(r, 1);
        heap_set(r, TILER);
        idvs(r, 2);
        g_assert_cmpuint(rig_status(r, 0, 0).state, ==,
                         over ? CS_OOM : CS_RUNNING);
        rig_free(r);
    }
}

/* More than a chunk holds at once: take all of it rather than never end. */
static void request_bigger_than_a_chunk(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.idvs_heap = 10000;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    put_descriptors(r, 2);
    heap_set(r, TILER);
    idvs(r, 2);
    g_assert_true(rig_status(r, 0, 0).empty);
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_free(r);
}

static void only_idvs_consumes(void)
{
    static const unsigned op[] = { 4, 5, 7, 8, 9, 44 };
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    heap_set(r, 0);
    for (unsigned i = 0; i < 6; i++) {
        SUBMIT(r, 0, 0, i_run(op[i]));
    }
    rig_run(r, 1000000);
    g_assert_true(rig_status(r, 0, 0).empty);
    rig_free(r);
}

static void idvs2_consumes_from_v12(void)
{
    CsExecConfig cfg = rig_config();
    Rig *r;

    cfg.arch_major = 12;
    cfg.regs = 128;
    cfg.idvs_heap = 64;
    r = rig_new(&cfg);
    rig_start(r, 0, 0);
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_run(12));
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    rig_free(r);
}

/* A handler that cannot be called is no handler. */
static void handlers_that_cannot_run(void)
{
    static const struct {
        uint64_t va;
        uint32_t len;
    } bad[] = { { CODE + 4, 8 }, { CODE, 12 }, { CODE, 0 } };

    for (unsigned i = 0; i < 3; i++) {
        Rig *r = heap_rig();

        rig_start(r, 0, 0);
        heap_set(r, 0);
        SUBMIT(r, 0, 0, i_move48(4, bad[i].va), i_move32(6, bad[i].len),
               i_handler(4, 6));
        idvs(r, 1);
        cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
        g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_DEAD);
        rig_free(r);
    }
}

static void handler_needs_a_level(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    for (unsigned i = 0; i < 8; i++) {
        CODE_AT(r, CODE + i * 64, i_move48(92, CODE + (i + 1) * 64),
                i_move32(94, 24), i < 7 ? i_call(92, 94) : i_run(6));
    }
    heap_set(r, 0);
    SUBMIT(r, 0, 0, i_move48(4, CODE), i_move32(6, 8), i_handler(4, 6));
    rig_job(r, 0, 0, CODE, 24, DATA);
    rig_run(r, 1000000);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_OOM);
    cs_exec_heap_reply(&r->x, 0, 0, 0, r->now);
    g_assert_cmphex(rig_status(r, 0, 0).fatal_type, ==, GPU_EXC_OOM);
    rig_free(r);
}

static void heap_instructions_without_a_heap(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_heap_op(0, 0, 1), i_finish_fragment(true, 0, 2, 2, 1),
           i_move32(5, 5));
    rig_run(r, 10000);
    g_assert_cmpuint(r->stream[0].regs[5], ==, 5);
    g_assert_cmpuint(r->writes, ==, 0);
    rig_free(r);
}

/* Faults of each access on the way to a chunk. */
static void faults_on_the_way(void)
{
    for (unsigned i = 0; i < 4; i++) {
        Rig *r = heap_rig();

        rig_start(r, 0, 0);
        put_descriptors(r, 1);
        switch (i) {
        case 0:                       /* tiler context */
            heap_set(r, 0x4000);
            break;
        case 1:                       /* descriptor */
            rig_put64(r, TILER + 24, 0x5000);
            heap_set(r, TILER);
            break;
        case 2:                       /* chunk */
            rig_put64(r, DESC + 8, 0x6000);
            heap_set(r, TILER);
            break;
        default:                      /* heap context */
            SUBMIT(r, 0, 0, i_move48(0, 0x7000), i_heap_set(0),
                   i_heap_op(0, 0, 1));
            break;
        }
        idvs(r, 1);
        g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_FAULTED);
        g_assert_cmphex(rig_status(r, 0, 0).fault_info >> 12, ==, 4 + i);
        cs_exec_fault_ack(&r->x, 0, 0, r->now);
        rig_run(r, 10000);
        g_assert_true(rig_status(r, 0, 0).empty);
        rig_free(r);
    }
}

static void misaligned_heap_context(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    SUBMIT(r, 0, 0, i_move48(0, CTX + 8), i_heap_set(0));
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_FAULTED);
    g_assert_cmphex(rig_status(r, 0, 0).fault_info, ==, CTX + 8);
    rig_free(r);
}

/* Nothing of an allocation happens when one of its writes cannot. */
static void allocation_is_whole(void)
{
    Rig *r = heap_rig();

    rig_start(r, 0, 0);
    put_descriptors(r, 1);
    rig_mode(r, CHUNK(0), PAGE_READONLY);
    heap_set(r, TILER);
    idvs(r, 1);
    g_assert_cmpuint(rig_status(r, 0, 0).state, ==, CS_FAULTED);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmphex(rig_get64(r, CTX + i * 8), ==, 0);
    }
    g_assert_cmphex(rig_get64(r, TILER + 40), ==, 0);
    rig_free(r);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/exec/heap/without-a-heap-nothing-is-consumed",
                    without_a_heap_nothing_is_consumed);
    g_test_add_func("/exec/heap/initial-chunks-come-from-the-descriptor",
                    initial_chunks_come_from_the_descriptor);
    g_test_add_func("/exec/heap/out-of-memory-reports-the-counters",
                    out_of_memory_reports_the_counters);
    g_test_add_func("/exec/heap/counters-are-shared-by-queues",
                    counters_are_shared_by_queues);
    g_test_add_func("/exec/heap/chunk-from-the-host", chunk_from_the_host);
    g_test_add_func("/exec/heap/finished-chunks-are-used-again",
                    finished_chunks_are_used_again);
    g_test_add_func("/exec/heap/refused-memory-is-fatal",
                    refused_memory_is_fatal);
    g_test_add_func("/exec/heap/handler-frees-memory", handler_frees_memory);
    g_test_add_func("/exec/heap/handler-in-a-call", handler_in_a_call);
    g_test_add_func("/exec/heap/handler-that-frees-nothing-is-fatal",
                    handler_that_frees_nothing_is_fatal);
    g_test_add_func("/exec/heap/fault-in-the-handler-leaves-it",
                    fault_in_the_handler_leaves_it);
    g_test_add_func("/exec/heap/wild-heap-state", wild_heap_state);
    g_test_add_func("/exec/heap/chunk-is-used-to-its-end",
                    chunk_is_used_to_its_end);
    g_test_add_func("/exec/heap/request-bigger-than-a-chunk",
                    request_bigger_than_a_chunk);
    g_test_add_func("/exec/heap/only-idvs-consumes", only_idvs_consumes);
    g_test_add_func("/exec/heap/idvs2-consumes-from-v12",
                    idvs2_consumes_from_v12);
    g_test_add_func("/exec/heap/handlers-that-cannot-run",
                    handlers_that_cannot_run);
    g_test_add_func("/exec/heap/handler-needs-a-level", handler_needs_a_level);
    g_test_add_func("/exec/heap/heap-instructions-without-a-heap",
                    heap_instructions_without_a_heap);
    g_test_add_func("/exec/heap/faults-on-the-way", faults_on_the_way);
    g_test_add_func("/exec/heap/misaligned-heap-context",
                    misaligned_heap_context);
    g_test_add_func("/exec/heap/allocation-is-whole", allocation_is_whole);
    return g_test_run();
}
