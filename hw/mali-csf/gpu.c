/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: identity, power domains, reset, cache flush, clocks.
 */
#include "qemu/osdep.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/timer.h"

#include "mali-csf.h"
#include "trace.h"

/*
 * LATEST_FLUSH_ID: user space hands it back in drm_panthor_queue_submit,
 * where bits 30:24 must be 0 (panthor_sched.c: panthor_job_create()), and 0
 * means "always flush": count from 1 in 24 bits.
 */
#define FLUSH_ID_MAX 0xffffff

/* Names of a domain: its own, and on the tap when it is switched on or off. */
static const struct {
    const char *name;
    const char *on;
    const char *off;
} domain_name[DOMAIN_NR] = {
    [DOMAIN_SHADER] = { "shader", "shader-power-on", "shader-power-off" },
    [DOMAIN_TILER] = { "tiler", "tiler-power-on", "tiler-power-off" },
    [DOMAIN_L2] = { "l2", "l2-power-on", "l2-power-off" },
    [DOMAIN_BASE] = { "base", "base-power-on", "base-power-off" },
    [DOMAIN_STACK] = { "stack", "stack-power-on", "stack-power-off" },
};

uint64_t mali_gpu_timestamp(MaliCsf *s, int64_t ns)
{
    return muldiv64(ns, s->persona[PERSONA_TIMER_HZ],
                    NANOSECONDS_PER_SECOND) + s->timestamp_offset;
}

uint64_t mali_gpu_cycles(MaliCsf *s, int64_t ns)
{
    return muldiv64(ns, s->persona[PERSONA_GPU_HZ], NANOSECONDS_PER_SECOND);
}

void mali_gpu_power(MaliCsf *s, unsigned domain, uint64_t ready)
{
    MaliDomain *d = &s->domain[domain];

    if (d->ready == ready) {
        return;
    }
    trace_mali_csf_power(s->tap.owner, domain_name[domain].name, ready);
    d->ready = ready;
    d->goal = ready;
    if (mali_has_pwr(s)) {
        gpu_irq_raise(&s->pwr_int, R_PWR_INT_POWER_CHANGED_SINGLE_MASK |
                      R_PWR_INT_POWER_CHANGED_ALL_MASK);
    } else {
        gpu_irq_raise(&s->gpu_int, R_GPU_INT_POWER_CHANGED_MASK |
                      R_GPU_INT_POWER_CHANGED_ALL_MASK);
    }
    if (domain == DOMAIN_L2) {
        mali_mcu_l2_changed(s, ready != 0);
    }
}

/*
 * READY gets exactly the bits that were asked for: 7.x compares for equality
 * (panthor_gpu.c: panthor_gpu_block_power_on()).
 */
void mali_gpu_power_request(MaliCsf *s, unsigned domain, uint64_t mask,
                            bool on)
{
    MaliDomain *d = &s->domain[domain];

    mask &= mali_present(s, domain);
    if (!mask) {
        return;
    }
    d->goal = on ? d->goal | mask : d->goal & ~mask;
    if (d->goal != d->ready) {
        mali_command(s, TIMER_POWER + domain,
                     on ? domain_name[domain].on : domain_name[domain].off,
                     FW_TAP_ANY, d->goal, domain == DOMAIN_L2 ?
                     s->persona[PERSONA_NS_L2_POWER] :
                     s->persona[PERSONA_NS_DOMAIN_POWER]);
    } else {
        gpu_timers_set(&s->timers, TIMER_POWER + domain, GPU_TIMER_NEVER);
    }
}

/*
 * GPU_CONTROL: only L2 is powered by the host; shader cores and tiler are the
 * firmware's (panthor_gpu.c: panthor_gpu_l2_power_on()).
 */
static void power_request(MaliCsf *s, unsigned domain, uint64_t mask, bool on)
{
    if (domain == DOMAIN_L2) {
        mali_gpu_power_request(s, domain, mask, on);
    } else if (mask & mali_present(s, domain)) {
        qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: host powers the %s domain, "
                      "which belongs to the firmware\n",
                      domain_name[domain].name);
    }
}

void mali_gpu_flush(MaliCsf *s)
{
    s->flush_id = s->flush_id == FLUSH_ID_MAX ? 1 : s->flush_id + 1;
    mali_mmu_flush_tlbs(s);
}

void mali_gpu_reset_request(MaliCsf *s, uint32_t kind, uint32_t cmd)
{
    const char *name = kind == GPU_CMD_RESET_SOFT ? "soft-reset" :
                       kind == GPU_CMD_RESET_HARD ? "hard-reset" :
                       "fast-reset";

    s->reset_kind = kind;
    gpu_timers_set(&s->timers, TIMER_CACHE_FLUSH, GPU_TIMER_NEVER);
    mali_command(s, TIMER_SOFT_RESET, name, FW_TAP_ANY, cmd,
                 s->persona[PERSONA_NS_SOFT_RESET]);
}

static void gpu_command(MaliCsf *s, uint32_t cmd)
{
    uint32_t payload = FIELD_EX32(cmd, GPU_CMD, PAYLOAD);

    trace_mali_csf_gpu_command(s->tap.owner, cmd);
    switch (FIELD_EX32(cmd, GPU_CMD, TYPE)) {
    case GPU_CMD_RESET:
        /* PWR_CONTROL has taken this over where there is one. */
        if (mali_has_pwr(s) || (payload != GPU_CMD_RESET_SOFT &&
                                payload != GPU_CMD_RESET_HARD)) {
            break;
        }
        mali_gpu_reset_request(s, payload, cmd);
        return;
    case GPU_CMD_FLUSH_CACHES:
        mali_command(s, TIMER_CACHE_FLUSH, "cache-flush", FW_TAP_ANY, cmd,
                     s->persona[PERSONA_NS_CACHE_FLUSH]);
        return;
    case GPU_CMD_CLEAR_FAULT:
        s->gpu_fault_status = 0;
        s->gpu_fault_address = 0;
        return;
    default:
        break;
    }
    trace_mali_csf_gpu_command_err(s->tap.owner, cmd);
    qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: unknown GPU command 0x%x\n",
                  cmd);
}

/*
 * Soft reset: the MCU stops, all groups are gone, power is down, no address
 * space is set up; memory stays. GPU_INT_MASK and PWR_INT_MASK survive,
 * because the drivers wait for RESET_COMPLETED through them
 * (panthor_gpu_soft_reset(), panthor_pwr_reset()).
 */
static void reset_completed(MaliCsf *s)
{
    unsigned i;

    gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_RESET, .group = FW_TAP_ANY, .stream = FW_TAP_ANY,
        .name = s->reset_kind == GPU_CMD_RESET_SOFT ? "soft" :
                s->reset_kind == GPU_CMD_RESET_HARD ? "hard" : "fast",
    });
    mali_mcu_reset(s);
    gpu_timers_clear(&s->timers);
    mali_mmu_reset(s);
    for (i = 0; i < DOMAIN_NR; i++) {
        s->domain[i].goal = 0;
        s->domain[i].ready = 0;
    }
    gpu_irq_reset(&s->job_int);
    gpu_irq_reset(&s->mmu_int);
    if (s->reset_kind == GPU_CMD_RESET_HARD) {
        gpu_irq_reset(&s->gpu_int);
    }
    if (mali_has_pwr(s)) {
        mali_pwr_reset(s);
        gpu_irq_raise(&s->pwr_int, R_PWR_INT_RESET_COMPLETED_MASK);
    } else {
        gpu_irq_raise(&s->gpu_int, R_GPU_INT_RESET_COMPLETED_MASK);
    }
}

void mali_gpu_reset(MaliCsf *s)
{
    s->reset_kind = GPU_CMD_RESET_SOFT;
    reset_completed(s);
}

void mali_gpu_expired(MaliCsf *s, unsigned id)
{
    if (id >= TIMER_POWER && id < TIMER_POWER + DOMAIN_NR) {
        id -= TIMER_POWER;
        mali_gpu_power(s, id, s->domain[id].goal);
        return;
    }
    switch (id) {
    case TIMER_DELEGATION:
        mali_pwr_delegation_done(s);
        break;
    case TIMER_SOFT_RESET:
        reset_completed(s);
        break;
    case TIMER_CACHE_FLUSH:
        mali_gpu_flush(s);
        gpu_irq_raise(&s->gpu_int, R_GPU_INT_CLEAN_CACHES_COMPLETED_MASK);
        break;
    default:
        break;
    }
}

void mali_gpu_cold_reset(MaliCsf *s)
{
    memset(s->domain, 0, sizeof(s->domain));
    s->mcu_control = MCU_CONTROL_DISABLE;
    s->gpu_fault_status = 0;
    s->gpu_fault_address = 0;
    s->l2_config = 0;
    memset(s->asn_hash, 0, sizeof(s->asn_hash));
    s->pwr_cmdarg = 0;
    mali_pwr_reset(s);
    s->pwr_key = 0;
    memset(s->pwr_override, 0, sizeof(s->pwr_override));
    s->timestamp_offset = 0;
    s->coherency_protocol = 31;              /* none */
    s->reset_kind = 0;
    s->flush_id = 1;
}

static bool power_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    unsigned domain = off % DOMAIN_BLOCK / DOMAIN_STRIDE;
    const MaliDomain *d = &s->domain[domain];

    if (domain >= DOMAIN_GPU_CONTROL_NR || off % DOMAIN_STRIDE >= 8 ||
        mali_has_pwr(s)) {
        return false;
    }
    switch (off - off % DOMAIN_BLOCK) {
    case A_PRESENT_LO:
        *value = mali_half(mali_present(s, domain), off);
        return true;
    case A_READY_LO:
    case A_PWRACTIVE_LO:
        *value = mali_half(d->ready, off);
        return true;
    case A_PWRTRANS_LO:
        *value = mali_half(d->ready ^ d->goal, off);
        return true;
    default:
        return false;
    }
}

static bool power_write(MaliCsf *s, uint32_t off, uint32_t value)
{
    unsigned domain = off % DOMAIN_BLOCK / DOMAIN_STRIDE;
    uint64_t mask = off & 4 ? (uint64_t)value << 32 : value;
    uint32_t block = off - off % DOMAIN_BLOCK;

    if (domain >= DOMAIN_GPU_CONTROL_NR || off % DOMAIN_STRIDE >= 8 ||
        mali_has_pwr(s) ||
        (block != A_PWRON_LO && block != A_PWROFF_LO)) {
        return false;
    }
    power_request(s, domain, mask, block == A_PWRON_LO);
    return true;
}

/* Registers that just show a number of the persona. */
static bool identity_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    static const struct {
        uint16_t off;
        uint8_t index;
    } map[] = {
        { A_GPU_ID, PERSONA_GPU_ID },
        { A_L2_FEATURES, PERSONA_L2_FEATURES },
        { A_CORE_FEATURES, PERSONA_CORE_FEATURES },
        { A_TILER_FEATURES, PERSONA_TILER_FEATURES },
        { A_MEM_FEATURES, PERSONA_MEM_FEATURES },
        { A_MMU_FEATURES, PERSONA_MMU_FEATURES },
        { A_AS_PRESENT, PERSONA_AS_PRESENT },
        { A_CSF_ID, PERSONA_CSF_ID },
        { A_GPU_FEATURES_LO, PERSONA_GPU_FEATURES },
        { A_THREAD_MAX_THREADS, PERSONA_THREAD_MAX_THREADS },
        { A_THREAD_MAX_WORKGROUP_SIZE, PERSONA_THREAD_MAX_WG },
        { A_THREAD_MAX_BARRIER_SIZE, PERSONA_THREAD_MAX_BARRIER },
        { A_THREAD_FEATURES, PERSONA_THREAD_FEATURES },
        { A_TEXTURE_FEATURES0, PERSONA_TEXTURE_FEATURES0 },
        { A_TEXTURE_FEATURES0 + 4, PERSONA_TEXTURE_FEATURES1 },
        { A_TEXTURE_FEATURES0 + 8, PERSONA_TEXTURE_FEATURES2 },
        { A_TEXTURE_FEATURES0 + 12, PERSONA_TEXTURE_FEATURES3 },
        { A_REVID, PERSONA_REVID },
        { A_COHERENCY_FEATURES, PERSONA_COHERENCY_FEATURES },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(map); i++) {
        if (map[i].off == off) {
            *value = s->persona[map[i].index];
            return true;
        }
    }
    if (off == A_GPU_FEATURES_LO + 4) {
        *value = s->persona[PERSONA_GPU_FEATURES] >> 32;
        return true;
    }
    return false;
}

static uint32_t gpu_status(MaliCsf *s)
{
    uint32_t status = 0;

    if (gpu_timers_armed(&s->timers, TIMER_CACHE_FLUSH) ||
        gpu_timers_armed(&s->timers, TIMER_SOFT_RESET)) {
        status |= R_GPU_STATUS_ACTIVE_MASK;
    }
    if (s->mmu_int.raw & MAKE_64BIT_MASK(0, MMU_AS_COUNT)) {
        status |= R_GPU_STATUS_PAGE_FAULT_MASK;
    }
    return status;
}

bool mali_gpu_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    if (identity_read(s, off, value)) {
        return true;
    }
    if (off >= A_PRESENT_LO && off < A_REVID) {
        return power_read(s, off, value);
    }
    switch (off) {
    case A_GPU_CMD:
        *value = 0;
        break;
    case A_GPU_STATUS:
        *value = gpu_status(s);
        break;
    case A_GPU_FAULT_STATUS:
        *value = s->gpu_fault_status;
        break;
    case A_GPU_FAULT_ADDR_LO:
    case A_GPU_FAULT_ADDR_LO + 4:
        *value = mali_half(s->gpu_fault_address, off);
        break;
    case A_L2_CONFIG:
        *value = s->l2_config;
        break;
    case A_PWR_KEY:
        *value = s->pwr_key;
        break;
    case A_PWR_OVERRIDE0:
    case A_PWR_OVERRIDE1:
        *value = s->pwr_override[(off - A_PWR_OVERRIDE0) / 4];
        break;
    case A_TIMESTAMP_OFFSET_LO:
    case A_TIMESTAMP_OFFSET_LO + 4:
        *value = mali_half(s->timestamp_offset, off);
        break;
    case A_CYCLE_COUNT_LO:
    case A_CYCLE_COUNT_LO + 4:
        *value = mali_half(mali_gpu_cycles(s, gpu_timers_now()), off);
        break;
    case A_TIMESTAMP_LO:
    case A_TIMESTAMP_LO + 4:
        *value = mali_half(mali_gpu_timestamp(s, gpu_timers_now()), off);
        break;
    case A_ASN_HASH0:
    case A_ASN_HASH0 + 4:
    case A_ASN_HASH0 + 8:
        *value = s->asn_hash[(off - A_ASN_HASH0) / 4];
        break;
    case A_COHERENCY_PROTOCOL:
        *value = s->coherency_protocol;
        break;
    case A_MCU_CONTROL:
        *value = s->mcu_control;
        break;
    case A_MCU_STATUS:
        *value = mali_mcu_status(s);
        break;
    case A_LATEST_FLUSH_ID:
        *value = s->flush_id;
        break;
    default:
        if (off > A_LATEST_FLUSH_ID &&
            off < A_LATEST_FLUSH_ID + FLUSH_ID_PAGE_SIZE) {
            *value = 0;
            break;
        }
        return false;
    }
    return true;
}

bool mali_gpu_write(MaliCsf *s, uint32_t off, uint32_t value)
{
    uint32_t ignored;

    if (off >= A_PRESENT_LO && off < A_REVID) {
        return power_write(s, off, value);
    }
    switch (off) {
    case A_GPU_CMD:
        gpu_command(s, value);
        break;
    case A_L2_CONFIG:
        s->l2_config = value;
        break;
    case A_PWR_KEY:
        s->pwr_key = value;
        break;
    case A_PWR_OVERRIDE0:
    case A_PWR_OVERRIDE1:
        s->pwr_override[(off - A_PWR_OVERRIDE0) / 4] = value;
        break;
    case A_TIMESTAMP_OFFSET_LO:
    case A_TIMESTAMP_OFFSET_LO + 4:
        mali_set_half(&s->timestamp_offset, off, value);
        break;
    case A_ASN_HASH0:
    case A_ASN_HASH0 + 4:
    case A_ASN_HASH0 + 8:
        s->asn_hash[(off - A_ASN_HASH0) / 4] = value;
        break;
    case A_COHERENCY_PROTOCOL:
        s->coherency_protocol = value;
        break;
    case A_MCU_CONTROL:
        mali_mcu_control(s, value);
        break;
    case A_LATEST_FLUSH_ID:
        break;
    default:
        if (identity_read(s, off, &ignored)) {
            qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: write to read-only "
                          "register 0x%x\n", off);
            return true;
        }
        return false;
    }
    return true;
}
