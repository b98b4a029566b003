/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: address spaces.
 *
 * Registers are staged; UPDATE makes them effective. LOCK makes accesses in a
 * range wait, UNLOCK and the FLUSH commands let them go on: 7.x changes page
 * tables under such a lock (panthor_mmu.c: panthor_vm_lock_region()), 6.12
 * and Tyr only ever unlock with FLUSH_PT or FLUSH_MEM.
 */
#include "qemu/osdep.h"
#include "exec/memory.h"
#include "qemu/log.h"
#include "system/dma.h"

#include "mali-csf.h"
#include "trace.h"

#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)

/* panthor_mmu.c asks for at least 32 KiB and uses 63 for "everything". */
#define LOCK_BITS_MIN 15

/* AS_FAULTSTATUS.SOURCE: who made the access. Ours to choose. */
#define SOURCE_MCU 1
#define SOURCE_CS 2

/*
 * RAM and nothing else. Were registers within reach, ours too, a command
 * stream could reset the GPU while it is being executed.
 */
static const MemTxAttrs only_memory = { .memory = 1 };

static void flush_tlb(MaliAs *as)
{
    memset(as->tlb, 0, sizeof(as->tlb));
}

void mali_mmu_flush_tlbs(MaliCsf *s)
{
    unsigned i;

    for (i = 0; i < MMU_AS_COUNT; i++) {
        flush_tlb(&s->as[i]);
    }
}

static void update(MaliCsf *s, MaliAs *as)
{
    unsigned ina = FIELD_EX64(as->transcfg, AS_TRANSCFG_LO, INA_BITS);

    as->mode = FIELD_EX64(as->transcfg, AS_TRANSCFG_LO, MODE);
    as->root = as->transtab;
    as->va_bits = ina < 55 ? 55 - ina : 0;
    if (as->mode == AS_MODE_AARCH64_4K &&
        (as->va_bits < 25 || as->va_bits > 48)) {
        qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: AS_TRANSCFG asks for %u VA "
                      "bits\n", as->va_bits);
        as->mode = AS_MODE_UNMAPPED;
    } else if (as->mode == AS_MODE_AARCH64_64K) {
        qemu_log_mask(LOG_UNIMP, "mali-csf: 64K granule\n");
        as->mode = AS_MODE_UNMAPPED;
    }
    /*
     * After a fault the drivers switch the space off (panthor_mmu.c:
     * panthor_mmu_as_disable()) and hear no more of it; what still runs in it
     * fails without another interrupt, which 7.x would blame on the next user.
     */
    if (as->mode != AS_MODE_UNMAPPED) {
        as->faulted = false;
    }
}

static void lock(MaliAs *as)
{
    unsigned bits = FIELD_EX64(as->lockaddr, AS_LOCKADDR_LO, SIZE) + 1;

    as->locked = true;
    if (bits >= 64) {
        as->lock_start = 0;
        as->lock_last = UINT64_MAX;
        return;
    }
    bits = MAX(bits, LOCK_BITS_MIN);
    as->lock_start = as->lockaddr & ~MAKE_64BIT_MASK(0, bits);
    as->lock_last = as->lock_start + MAKE_64BIT_MASK(0, bits);
}

void mali_mmu_expired(MaliCsf *s, unsigned i)
{
    MaliAs *as = &s->as[i];
    uint32_t command = as->command;

    as->command = AS_COMMAND_NOP;
    switch (command) {
    case AS_COMMAND_UPDATE:
        update(s, as);
        break;
    case AS_COMMAND_LOCK:
        lock(as);
        if (i == MCU_AS) {
            coproc_hold(&s->mcu, true);
        }
        return;
    case AS_COMMAND_UNLOCK:
    case AS_COMMAND_FLUSH_PT:
    case AS_COMMAND_FLUSH_MEM:
        as->locked = false;
        if (i == MCU_AS) {
            coproc_hold(&s->mcu, false);
        }
        break;
    default:
        return;
    }
    flush_tlb(as);
    /* Streams that stalled on the lock, or waited for the space, go on. */
    mali_mcu_exec_soon(s);
}

static void command(MaliCsf *s, unsigned i, uint32_t cmd)
{
    static const char *const name[] = {
        [AS_COMMAND_UPDATE] = "as-update",
        [AS_COMMAND_LOCK] = "as-lock",
        [AS_COMMAND_UNLOCK] = "as-unlock",
        [AS_COMMAND_FLUSH_PT] = "as-flush-pt",
        [AS_COMMAND_FLUSH_MEM] = "as-flush-mem",
    };
    MaliAs *as = &s->as[i];

    trace_mali_csf_as_command(s->tap.owner, i, cmd, as->lockaddr);
    if (cmd == AS_COMMAND_NOP) {
        return;
    }
    if (cmd > AS_COMMAND_FLUSH_MEM || as->command != AS_COMMAND_NOP) {
        trace_mali_csf_as_command_err(s->tap.owner, i, cmd, as->command);
        qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: AS %u command %u while %u "
                      "is under way\n", i, cmd, as->command);
        return;
    }
    as->command = cmd;
    mali_command(s, TIMER_AS + i, name[cmd], i, as->lockaddr,
                 s->persona[PERSONA_NS_AS_COMMAND]);
}

static MaliAs *as_at(MaliCsf *s, uint32_t off, uint32_t *reg, unsigned *i)
{
    *i = off / MMU_AS_STRIDE;
    *reg = off % MMU_AS_STRIDE;
    return s->persona[PERSONA_AS_PRESENT] >> *i & 1 ? &s->as[*i] : NULL;
}

bool mali_mmu_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    unsigned i;
    uint32_t reg;
    MaliAs *as = as_at(s, off, &reg, &i);
    uint64_t wide;

    if (!as) {
        return false;
    }
    switch (reg & ~4) {
    case A_AS_TRANSTAB_LO:
        wide = as->transtab;
        break;
    case A_AS_MEMATTR_LO:
        wide = as->memattr;
        break;
    case A_AS_LOCKADDR_LO:
        wide = as->lockaddr;
        break;
    case A_AS_COMMAND:
        wide = (uint64_t)as->fault_status << 32;
        break;
    case A_AS_FAULTADDRESS_LO:
        wide = as->fault_address;
        break;
    case A_AS_STATUS:
        wide = FIELD_DP64(0, AS_STATUS, ACTIVE,
                          as->command != AS_COMMAND_NOP);
        break;
    case A_AS_TRANSCFG_LO:
        wide = as->transcfg;
        break;
    case A_AS_FAULTEXTRA_LO:
        wide = 0;
        break;
    default:
        return false;
    }
    *value = reg & 4 ? wide >> 32 : wide;
    return true;
}

bool mali_mmu_write(MaliCsf *s, uint32_t off, uint32_t value)
{
    unsigned i;
    uint32_t reg;
    MaliAs *as = as_at(s, off, &reg, &i);
    uint64_t *wide;

    if (!as) {
        return false;
    }
    switch (reg & ~4) {
    case A_AS_TRANSTAB_LO:
        wide = &as->transtab;
        break;
    case A_AS_MEMATTR_LO:
        wide = &as->memattr;
        break;
    case A_AS_LOCKADDR_LO:
        wide = &as->lockaddr;
        break;
    case A_AS_TRANSCFG_LO:
        wide = &as->transcfg;
        break;
    case A_AS_COMMAND:
        if (reg == A_AS_COMMAND) {
            command(s, i, value);
        }
        return true;
    default:
        return false;
    }
    *wide = reg & 4 ? deposit64(*wide, 32, 32, value)
                    : deposit64(*wide, 0, 32, value);
    return true;
}

static bool read_pte(void *opaque, uint64_t pa, uint64_t *pte)
{
    MaliCsf *s = opaque;

    if (dma_memory_read(s->dma, pa, pte, sizeof(*pte),
                        only_memory) != MEMTX_OK) {
        return false;
    }
    *pte = le64_to_cpu(*pte);
    return true;
}

static unsigned access_type(unsigned access)
{
    if (access & GPU_ACCESS_WRITE) {
        return AS_ACCESS_WRITE;
    }
    return access & GPU_ACCESS_EXEC ? AS_ACCESS_EXECUTE : AS_ACCESS_READ;
}

/* The first fault is kept until the space is set up anew. */
static void latch(MaliCsf *s, unsigned i, uint64_t va, uint8_t exception,
                  unsigned type)
{
    MaliAs *as = &s->as[i];
    uint32_t status = 0;
    FwVerdict v;

    if (as->faulted) {
        return;
    }
    v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_FAULT, .name = "mmu", .group = i,
        .stream = FW_TAP_ANY, .a = exception, .b = va, .once = true,
    });
    if (v.action == FW_DROP) {
        return;                              /* fails, and nobody is told */
    } else if (v.action == FW_REPLACE) {
        exception = v.value;
    }
    status = FIELD_DP32(status, AS_FAULTSTATUS, EXCEPTION, exception);
    status = FIELD_DP32(status, AS_FAULTSTATUS, ACCESS, type);
    status = FIELD_DP32(status, AS_FAULTSTATUS, SOURCE,
                        i ? SOURCE_CS : SOURCE_MCU);
    as->faulted = true;
    as->fault_status = status;
    as->fault_address = va;
    trace_mali_csf_as_fault(s->tap.owner, i, status, va);
    gpu_irq_raise(&s->mmu_int, 1u << i);
}

static void fault(MaliCsf *s, unsigned i, uint64_t va, uint8_t exception,
                  unsigned access)
{
    latch(s, i, va, exception, access_type(access));
}

void mali_mmu_fault(MaliCsf *s, unsigned as, uint64_t va, uint32_t exception)
{
    if (as < MMU_AS_COUNT && s->persona[PERSONA_AS_PRESENT] >> as & 1) {
        latch(s, as, va, exception & 0xff, exception >> 8 & 3);
    }
}

/* Translate one page; false: fault latched. */
static bool translate(MaliCsf *s, unsigned i, uint64_t va, unsigned access,
                      uint64_t *pa)
{
    MaliAs *as = &s->as[i];
    uint64_t page = va >> PAGE_BITS;
    MaliTlbEntry *e = &as->tlb[page % MALI_TLB_ENTRIES];
    GpuTranslation t = { .exception = GPU_EXC_TRANSLATION_FAULT_0 };
    GpuPageTable pt = {
        .root = as->root,
        .va_bits = as->va_bits,
        .pa_bits = FIELD_EX64(s->persona[PERSONA_MMU_FEATURES], MMU_FEATURES,
                              PA_BITS),
    };

    if (e->tag == (page << 1 | 1) && (e->access & access) == access) {
        *pa = e->pa | (va & (PAGE_SIZE - 1));
        return true;
    }
    if (as->mode == AS_MODE_IDENTITY) {
        *pa = va;
        return true;
    }
    if (as->mode == AS_MODE_AARCH64_4K) {
        t = gpu_pgtable_walk(&pt, read_pte, s, va, access);
    }
    if (t.exception != GPU_EXC_OK) {
        fault(s, i, va, t.exception, access);
        return false;
    }
    *e = (MaliTlbEntry) {
        .tag = page << 1 | 1,
        .pa = t.pa & ~(uint64_t)(PAGE_SIZE - 1),
        .access = t.access,
    };
    *pa = t.pa;
    return true;
}

CsBusResult mali_mmu_access(MaliCsf *s, unsigned i, uint64_t va, void *buf,
                            uint32_t len, unsigned access)
{
    MaliAs *as = &s->as[i % MMU_AS_COUNT];
    uint8_t *p = buf;

    if (i >= MMU_AS_COUNT || !(s->persona[PERSONA_AS_PRESENT] >> i & 1)) {
        return CS_BUS_FAULT;
    }
    if (as->faulted) {
        return CS_BUS_FAULT;
    }
    /* The MCU is held while its space is locked: it never gets here then. */
    if (i != MCU_AS && len && as->locked && va <= as->lock_last &&
        va + (len - 1) >= as->lock_start) {
        return CS_BUS_STALL;
    }
    while (len) {
        uint32_t chunk = MIN(len, PAGE_SIZE - (va & (PAGE_SIZE - 1)));
        MemTxResult r;
        uint64_t pa;

        if (!translate(s, i, va, access, &pa)) {
            return CS_BUS_FAULT;
        }
        if (access & GPU_ACCESS_WRITE) {
            r = dma_memory_write(s->dma, pa, p, chunk, only_memory);
        } else {
            r = dma_memory_read(s->dma, pa, p, chunk, only_memory);
        }
        if (r != MEMTX_OK) {
            fault(s, i, va, GPU_EXC_GPU_BUS_FAULT, access);
            return CS_BUS_FAULT;
        }
        va += chunk;
        p += chunk;
        len -= chunk;
    }
    return CS_BUS_OK;
}

void mali_mmu_reset(MaliCsf *s)
{
    unsigned i;

    memset(s->as, 0, sizeof(s->as));
    coproc_hold(&s->mcu, false);
    for (i = 0; i < MMU_AS_COUNT; i++) {
        s->as[i].mode = AS_MODE_UNMAPPED;
    }
}

bool mali_mmu_check(MaliCsf *s)
{
    unsigned i;

    for (i = 0; i < MMU_AS_COUNT; i++) {
        const MaliAs *as = &s->as[i];

        if (as->command > AS_COMMAND_FLUSH_MEM || as->va_bits > 55 ||
            (as->mode == AS_MODE_AARCH64_4K &&
             (as->va_bits < 25 || as->va_bits > 48))) {
            return false;
        }
    }
    mali_mmu_flush_tlbs(s);
    return true;
}
