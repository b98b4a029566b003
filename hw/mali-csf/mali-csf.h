/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: what the files of this folder share. Private.
 *
 *   mali-csf.c  QOM, properties, register decode
 *   gpu.c       identity, power, reset, cache flush, clocks
 *   pwr.c       PWR_CONTROL, which has taken over power and reset in v14
 *   mmu.c       address spaces, translation, faults
 *   effects.c   what scenarios make happen
 *   mcu.c       firmware stub and executor, and what lies between them
 *   vmstate.c   migration
 */
#ifndef MALI_CSF_MALI_CSF_H
#define MALI_CSF_MALI_CSF_H

#include "hw/sysbus.h"
#include "qemu/bitops.h"
#include "qom/object.h"

#include "../../firmware-stubs/csf/csf.h"
#include "../coproc/coproc.h"
#include "../coproc/irqbank.h"
#include "../coproc/tap.h"
#include "cs-exec.h"
#include "fw/persona.h"
#include "pgtable.h"
#include "regs.h"

#define TYPE_MALI_CSF "mali-csf"
OBJECT_DECLARE_SIMPLE_TYPE(MaliCsf, MALI_CSF)

/* X(enumerator, path in dts/gpu/NAME.dts, min, max, optional, fallback) */
#define PERSONA(X) \
    X(GPU_ID, "gpu-id", 1, UINT32_MAX, 0, 0) \
    X(L2_FEATURES, "l2-features", 0, UINT32_MAX, 0, 0) \
    X(CORE_FEATURES, "core-features", 0, UINT32_MAX, 0, 0) \
    X(TILER_FEATURES, "tiler-features", 0, UINT32_MAX, 0, 0) \
    X(MEM_FEATURES, "mem-features", 0, UINT32_MAX, 0, 0) \
    X(MMU_FEATURES, "mmu-features", 0, UINT32_MAX, 0, 0) \
    X(AS_PRESENT, "as-present", 1, 0xffff, 0, 0) \
    X(CSF_ID, "csf-id", 0, UINT32_MAX, 0, 0) \
    X(GPU_FEATURES, "gpu-features", 0, UINT64_MAX, 0, 0) \
    X(THREAD_MAX_THREADS, "thread-max-threads", 0, UINT32_MAX, 0, 0) \
    X(THREAD_MAX_WG, "thread-max-workgroup-size", 0, UINT32_MAX, 0, 0) \
    X(THREAD_MAX_BARRIER, "thread-max-barrier-size", 0, UINT32_MAX, 0, 0) \
    X(THREAD_FEATURES, "thread-features", 0, UINT32_MAX, 0, 0) \
    X(TEXTURE_FEATURES0, "texture-features[0]", 0, UINT32_MAX, 0, 0) \
    X(TEXTURE_FEATURES1, "texture-features[1]", 0, UINT32_MAX, 0, 0) \
    X(TEXTURE_FEATURES2, "texture-features[2]", 0, UINT32_MAX, 0, 0) \
    X(TEXTURE_FEATURES3, "texture-features[3]", 0, UINT32_MAX, 0, 0) \
    X(SHADER_PRESENT, "shader-present", 1, UINT64_MAX, 0, 0) \
    X(TILER_PRESENT, "tiler-present", 1, UINT64_MAX, 0, 0) \
    X(L2_PRESENT, "l2-present", 1, UINT64_MAX, 0, 0) \
    X(BASE_PRESENT, "power/base-present", 0, UINT64_MAX, 1, 0) \
    X(STACK_PRESENT, "power/stack-present", 0, UINT64_MAX, 1, 0) \
    X(PWR_CONTROL, "power/pwr-control", 0, 1, 1, 0) \
    X(REVID, "revid", 0, UINT32_MAX, 0, 0) \
    X(COHERENCY_FEATURES, "coherency-features", 0, UINT32_MAX, 0, 0) \
    X(GROUPS, "csf/groups", 1, CS_GROUPS_MAX, 0, 0) \
    X(STREAMS, "csf/streams", 1, CS_STREAMS_MAX, 0, 0) \
    X(WORK_REGS, "csf/work-registers", 1, CS_REGS_MAX, 0, 0) \
    X(SCOREBOARDS, "csf/scoreboards", 1, CS_SB_MAX, 0, 0) \
    X(GPU_HZ, "clocks/gpu-hz", 1000000, 4000000000, 0, 0) \
    X(TIMER_HZ, "clocks/timer-hz", 1000000, 1000000000, 0, 0) \
    X(NS_DOORBELL, "latencies/doorbell", 0, 1000000000, 0, 0) \
    X(NS_MCU_BOOT, "latencies/mcu-boot", 0, 1000000000, 0, 0) \
    X(NS_MCU_HALT, "latencies/mcu-halt", 0, 1000000000, 0, 0) \
    X(NS_L2_POWER, "latencies/l2-power", 0, 1000000000, 0, 0) \
    X(NS_DOMAIN_POWER, "latencies/domain-power", 0, 1000000000, 1, 20000) \
    X(NS_DELEGATION, "latencies/delegation", 0, 1000000000, 1, 10000) \
    X(NS_SOFT_RESET, "latencies/soft-reset", 0, 1000000000, 0, 0) \
    X(NS_CACHE_FLUSH, "latencies/cache-flush", 0, 1000000000, 0, 0) \
    X(NS_AS_COMMAND, "latencies/as-command", 0, 1000000000, 0, 0) \
    X(NS_INSTRUCTION, "latencies/instruction", 10, 1000000, 0, 0) \
    X(NS_MEMORY, "latencies/memory", 0, 1000000, 0, 0) \
    X(NS_ENDPOINT, "latencies/endpoint", 0, 1000000000, 0, 0) \
    X(NS_SLICE, "latencies/slice", 100000, 100000000, 0, 0) \
    X(NS_JITTER, "latencies/jitter", 0, 1000000000, 0, 0) \
    X(IDVS_HEAP, "heap/idvs-bytes", 0, UINT32_MAX, 0, 0)

#define X_(id, path, min, max, opt, fallback) PERSONA_##id,
enum { PERSONA(X_) PERSONA_NR };
#undef X_

/* Power domains: first those of GPU_CONTROL in the order of its registers. */
enum {
    DOMAIN_SHADER,
    DOMAIN_TILER,
    DOMAIN_L2,
    DOMAIN_GPU_CONTROL_NR,
    DOMAIN_BASE = DOMAIN_GPU_CONTROL_NR,
    DOMAIN_STACK,
    DOMAIN_NR
};

/* Interrupt lines, in the order of "interrupt-names" in dts/guest. */
enum { LINE_JOB, LINE_MMU, LINE_GPU, LINE_NR };

/* Numbers in MaliCsf.timers. */
enum {
    TIMER_AS,                                /* .. + MMU_AS_COUNT - 1 */
    TIMER_POWER = TIMER_AS + MMU_AS_COUNT,   /* .. + DOMAIN_NR - 1 */
    TIMER_DELEGATION = TIMER_POWER + DOMAIN_NR,
    TIMER_SOFT_RESET,
    TIMER_CACHE_FLUSH,
    TIMER_EXEC,
    TIMER_EXEC_EVENT,
    TIMER_EFFECT,
    TIMER_STORM,
    TIMER_MCU_STOP,
};

/** MCU_AS - address space of the MCU (panthor_mmu.c: the FW VM gets AS 0). */
#define MCU_AS 0

/** struct MaliTlbEntry - a translation the GPU remembers; not migrated. */
typedef struct MaliTlbEntry {
    uint64_t tag;                            /* VA page | 1, 0: empty */
    uint64_t pa;
    uint8_t access;
} MaliTlbEntry;

#define MALI_TLB_ENTRIES 64

/**
 * struct MaliAs - an address space
 * @transtab..@lockaddr: registers as written.
 * @fault_status, @fault_address: latched by the first fault since it was on.
 * @root, @mode, @va_bits: what the last UPDATE made effective.
 * @command:   command under way, AS_COMMAND_NOP if none.
 * @faulted:   no access is served until UPDATE switches it on again.
 * @locked:    accesses to [@lock_start, @lock_last] stall.
 */
typedef struct MaliAs {
    uint64_t transtab;
    uint64_t memattr;
    uint64_t lockaddr;
    uint64_t transcfg;
    uint32_t fault_status;
    uint64_t fault_address;
    uint64_t root;
    uint8_t mode;
    uint8_t va_bits;
    uint32_t command;
    bool faulted;
    bool locked;
    uint64_t lock_start;
    uint64_t lock_last;
    MaliTlbEntry tlb[MALI_TLB_ENTRIES];
} MaliAs;

/** struct MaliDomain - a power domain. */
typedef struct MaliDomain {
    uint64_t ready;
    uint64_t goal;                           /* where PWRTRANS leads */
} MaliDomain;

/** MALI_UNMODELLED_MAX - distinct unmodelled registers that are listed. */
#define MALI_UNMODELLED_MAX 32

/** struct MaliUnmodelled - accesses to a register that is not modelled. */
typedef struct MaliUnmodelled {
    uint32_t offset;
    uint32_t reads;
    uint32_t writes;
} MaliUnmodelled;

/** MALI_EFFECTS_MAX - effects that wait for their turn; more are lost. */
#define MALI_EFFECTS_MAX 16

/**
 * struct MaliEffect - something that a scenario makes happen
 * @action: FwAction.
 * @raise:  FW_RAISE: index into csf_raise_names.
 * @group:  group or address space.
 */
typedef struct MaliEffect {
    uint8_t action;
    uint8_t raise;
    uint8_t group;
    uint8_t stream;
    uint64_t value;
    uint64_t data;
} MaliEffect;

struct MaliCsf {
    SysBusDevice parent_obj;

    MemoryRegion mmio;
    qemu_irq line[LINE_NR];

    /* properties */
    char *persona_name;
    char *abi_name;
    char *scenario_name;
    char *log_name;
    char *timeline_name;
    uint64_t seed;

    /* fixed after realize */
    uint64_t persona[PERSONA_NR];
    uint8_t *abi;                            /* fallback profile */
    uint32_t abi_size;
    AddressSpace *dma;

    /* state */
    GpuTap tap;
    GpuTimers timers;
    const char *command_name[GPU_TIMERS_MAX]; /* under way, for watchers */
    GpuIrqBank gpu_int;
    GpuIrqBank job_int;
    GpuIrqBank mmu_int;
    GpuIrqBank pwr_int;
    MaliDomain domain[DOMAIN_NR];
    MaliAs as[MMU_AS_COUNT];
    uint32_t mcu_control;
    bool mcu_wanted;                         /* start when L2 comes up */
    uint32_t gpu_fault_status;
    uint64_t gpu_fault_address;
    uint32_t l2_config;
    uint32_t asn_hash[3];
    uint64_t pwr_cmdarg;
    uint32_t pwr_delegated;                  /* a bit for each PWR_DOMAIN_* */
    uint32_t pwr_pending;                    /* PWR_DELEGATE, _RETRACT or 0 */
    uint32_t pwr_pending_domain;             /* PWR_DOMAIN_* */
    uint32_t pwr_key;
    uint32_t pwr_override[2];
    uint64_t timestamp_offset;
    uint32_t coherency_protocol;
    uint32_t reset_kind;
    uint32_t flush_id;
    uint64_t unmodelled_count;
    uint32_t nr_unmodelled;
    MaliUnmodelled unmodelled[MALI_UNMODELLED_MAX];
    uint64_t asleep_accesses;                /* of registers, see watch_sleep() */
    uint32_t asleep_last;                    /* the register */
    bool booted;                             /* the firmware has run */
    bool unplugged;                          /* nothing answers any more */
    uint32_t nr_effects;
    MaliEffect effect[MALI_EFFECTS_MAX];
    uint32_t storm_left;
    uint32_t storm_bits;
    uint8_t storm_bank;                      /* index as MaliEffect.raise */
    uint64_t storm_period;                   /* ns */

    Coproc mcu;
    Csf fw;
    CsExec exec;
    CsStream *streams;
    uint32_t nr_streams;
};

extern const VMStateDescription vmstate_mali_csf;

/*
 * mali_command() - let a hardware command complete at @id after @ns, unless
 * the tap delays it or withholds its completion.
 */
void mali_command(MaliCsf *s, unsigned id, const char *name, int group,
                  uint64_t arg, int64_t ns);

/* mali_has_pwr() - is there a PWR_CONTROL block? */
static inline bool mali_has_pwr(const MaliCsf *s)
{
    return s->persona[PERSONA_PWR_CONTROL];
}

/* mali_present() - what a power domain (DOMAIN_*) consists of. */
static inline uint64_t mali_present(const MaliCsf *s, unsigned domain)
{
    return s->persona[PERSONA_SHADER_PRESENT + domain];
}

/* A half of a 64-bit register, as bit 2 of the offset says. */
static inline uint32_t mali_half(uint64_t value, uint32_t off)
{
    return off & 4 ? value >> 32 : value;
}

static inline void mali_set_half(uint64_t *value, uint32_t off, uint32_t word)
{
    *value = off & 4 ? deposit64(*value, 32, 32, word)
                     : deposit64(*value, 0, 32, word);
}

/* gpu.c: registers below 0x1000 and the flush-id page; true if modelled. */
bool mali_gpu_read(MaliCsf *s, uint32_t off, uint32_t *value);
bool mali_gpu_write(MaliCsf *s, uint32_t off, uint32_t value);
void mali_gpu_expired(MaliCsf *s, unsigned id);
void mali_gpu_power(MaliCsf *s, unsigned domain, uint64_t ready);
/* Switch @mask of a domain on or off, after the time that it takes. */
void mali_gpu_power_request(MaliCsf *s, unsigned domain, uint64_t mask,
                            bool on);
/* @kind: GPU_CMD_RESET_* or RESET_FAST, @cmd: the command word. */
void mali_gpu_reset_request(MaliCsf *s, uint32_t kind, uint32_t cmd);
void mali_gpu_flush(MaliCsf *s);
uint64_t mali_gpu_timestamp(MaliCsf *s, int64_t ns);
uint64_t mali_gpu_cycles(MaliCsf *s, int64_t ns);
void mali_gpu_cold_reset(MaliCsf *s);

/* pwr.c: registers from 0x820; true if modelled. */
bool mali_pwr_read(MaliCsf *s, uint32_t off, uint32_t *value);
bool mali_pwr_write(MaliCsf *s, uint32_t off, uint32_t value);
void mali_pwr_delegation_done(MaliCsf *s);
/* mali_pwr_is_mcus() - may the firmware switch a domain (DOMAIN_*)? */
bool mali_pwr_is_mcus(const MaliCsf *s, unsigned domain);
void mali_pwr_reset(MaliCsf *s);
bool mali_pwr_check(const MaliCsf *s);

/* mmu.c: registers from 0x2400; true if modelled. */
bool mali_mmu_read(MaliCsf *s, uint32_t off, uint32_t *value);
bool mali_mmu_write(MaliCsf *s, uint32_t off, uint32_t value);
void mali_mmu_expired(MaliCsf *s, unsigned as);
void mali_mmu_reset(MaliCsf *s);
void mali_mmu_flush_tlbs(MaliCsf *s);
bool mali_mmu_check(MaliCsf *s);

/**
 * mali_mmu_access() - copy between @buf and @len bytes at @va of an address
 * space, by order of the MCU or of a command stream
 *
 * The first byte that has no translation or no permission latches the fault
 * and raises the interrupt; bytes before it may have been copied.
 */
CsBusResult mali_mmu_access(MaliCsf *s, unsigned as, uint64_t va, void *buf,
                            uint32_t len, unsigned access);

/**
 * mali_mmu_fault() - an address space faults at @va, for whatever reason
 * @exception: AS_FAULTSTATUS.EXCEPTION_TYPE in bits 7:0, ACCESS_TYPE in 9:8.
 */
void mali_mmu_fault(MaliCsf *s, unsigned as, uint64_t va, uint32_t exception);

/* gpu.c: the GPU resets itself. */
void mali_gpu_reset(MaliCsf *s);

/* effects.c */
FwPhase mali_phase(MaliCsf *s);
void mali_effect(void *opaque, const FwTapEvent *event, const FwVerdict *v);
void mali_effects_expired(MaliCsf *s, unsigned id);
void mali_effects_reset(MaliCsf *s);
bool mali_effects_check(MaliCsf *s);

/* mcu.c */
bool mali_mcu_init(MaliCsf *s, Error **errp);
void mali_mcu_fini(MaliCsf *s);
void mali_mcu_control(MaliCsf *s, uint32_t value);
uint32_t mali_mcu_status(MaliCsf *s);
void mali_mcu_l2_changed(MaliCsf *s, bool up);
void mali_mcu_reset(MaliCsf *s);
void mali_mcu_stop(MaliCsf *s);
void mali_mcu_exec_soon(MaliCsf *s);
void mali_mcu_events(MaliCsf *s);
void mali_mcu_expired(MaliCsf *s, unsigned id);
bool mali_mcu_check(MaliCsf *s);

#endif /* MALI_CSF_MALI_CSF_H */
