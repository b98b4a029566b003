/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: PWR_CONTROL, the block of architecture 14 through which the
 * host powers domains, gives them to the firmware and takes them back, and
 * resets the GPU (7.3 panthor_pwr.c). GPU_CONTROL has lost its power
 * registers and its reset command there.
 *
 * A domain belongs to the host, which then has its ALLOW bit, or is delegated
 * to the firmware. The driver relies on: a delegated domain stays so while L2
 * is off (panthor_pwr_l2_power_on()), and is the host's again after a reset.
 *
 * Ours to choose, as no driver tries: L2 cannot be switched off while tiler or
 * shader cores have power, and these cannot be switched on without L2; a
 * command that is not allowed does nothing but raise its interrupt.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"

#include "mali-csf.h"
#include "trace.h"

static const struct {
    uint8_t number;                          /* in PWR_COMMAND, PWR_STATUS */
    uint8_t domain;                          /* in MaliCsf.domain */
    uint16_t base;                           /* of its registers */
} domains[] = {
    { PWR_DOMAIN_L2, DOMAIN_L2, PWR_L2_BASE },
    { PWR_DOMAIN_TILER, DOMAIN_TILER, PWR_TILER_BASE },
    { PWR_DOMAIN_SHADER, DOMAIN_SHADER, PWR_SHADER_BASE },
    { PWR_DOMAIN_BASE, DOMAIN_BASE, PWR_BASE_BASE },
    { PWR_DOMAIN_STACK, DOMAIN_STACK, PWR_STACK_BASE },
};

static bool reset_pending(const MaliCsf *s)
{
    return gpu_timers_armed(&s->timers, TIMER_SOFT_RESET);
}

static bool delegated(const MaliCsf *s, unsigned number)
{
    return s->pwr_delegated >> number & 1;
}

/* May the host command this domain now? */
static bool allowed(const MaliCsf *s, unsigned number)
{
    return !reset_pending(s) && !delegated(s, number) &&
           !(s->pwr_pending && s->pwr_pending_domain == number);
}

bool mali_pwr_is_mcus(const MaliCsf *s, unsigned domain)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(domains); i++) {
        if (domains[i].domain == domain) {
            return !mali_has_pwr(s) || delegated(s, domains[i].number);
        }
    }
    return false;
}

void mali_pwr_reset(MaliCsf *s)
{
    s->pwr_delegated = 0;
    s->pwr_pending = 0;
    s->pwr_pending_domain = 0;
}

bool mali_pwr_check(const MaliCsf *s)
{
    uint32_t can_be = 0;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(domains) && mali_has_pwr(s); i++) {
        can_be |= 1u << domains[i].number;
    }
    can_be &= ~(1u << PWR_DOMAIN_L2);
    return !(s->pwr_delegated & ~can_be) &&
           (s->pwr_pending == 0 || s->pwr_pending == PWR_DELEGATE ||
            s->pwr_pending == PWR_RETRACT) &&
           s->pwr_pending_domain <= PWR_DOMAIN_STACK &&
           (!s->pwr_pending || can_be >> s->pwr_pending_domain & 1);
}

static uint64_t status(const MaliCsf *s)
{
    uint64_t value = 0;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(domains); i++) {
        const MaliDomain *d = &s->domain[domains[i].domain];
        unsigned number = domains[i].number;

        if (!mali_present(s, domains[i].domain)) {
            continue;
        }
        if (delegated(s, number)) {
            value |= 1ull << (R_PWR_STATUS_LO_DELEGATED_SHIFT + number);
        } else if (allowed(s, number)) {
            value |= 1ull << (R_PWR_STATUS_LO_ALLOW_SHIFT + number);
        }
        if (d->ready != d->goal) {
            value |= R_PWR_STATUS_LO_POWER_PENDING_MASK;
        }
    }
    if (reset_pending(s)) {
        value |= R_PWR_STATUS_LO_RESET_PENDING_MASK;
    } else {
        value |= R_PWR_STATUS_LO_ALLOW_SOFT_RESET_MASK |
                 R_PWR_STATUS_LO_ALLOW_FAST_RESET_MASK;
    }
    if (s->pwr_pending == PWR_RETRACT) {
        value |= R_PWR_STATUS_LO_RETRACT_PENDING_MASK;
    }
    return value;
}

static void refuse(MaliCsf *s, uint32_t cmd, uint32_t irq, const char *why)
{
    trace_mali_csf_pwr_command_err(s->tap.owner, cmd, why);
    qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: PWR_COMMAND 0x%x: %s\n", cmd,
                  why);
    gpu_irq_raise(&s->pwr_int, irq);
}

static void invalid(MaliCsf *s, uint32_t cmd)
{
    refuse(s, cmd, R_PWR_INT_COMMAND_INVALID_MASK, "there is no such command");
}

static void not_allowed(MaliCsf *s, uint32_t cmd, const char *why)
{
    refuse(s, cmd, R_PWR_INT_COMMAND_NOT_ALLOWED_MASK, why);
}

static bool is_dependent(unsigned domain)
{
    return domain == DOMAIN_TILER || domain == DOMAIN_SHADER;
}

static void power(MaliCsf *s, uint32_t cmd, unsigned number, unsigned domain)
{
    bool on = FIELD_EX32(cmd, PWR_COMMAND, COMMAND) == PWR_POWER_UP;

    if (!allowed(s, number)) {
        not_allowed(s, cmd, "the domain is not the host's");
    } else if (on && is_dependent(domain) && !s->domain[DOMAIN_L2].ready) {
        not_allowed(s, cmd, "L2 has no power");
    } else if (!on && domain == DOMAIN_L2 &&
               (s->domain[DOMAIN_TILER].ready ||
                s->domain[DOMAIN_SHADER].ready)) {
        not_allowed(s, cmd, "tiler or shader cores have power");
    } else {
        mali_gpu_power_request(s, domain, s->pwr_cmdarg, on);
    }
}

static void delegate(MaliCsf *s, uint32_t cmd, unsigned number,
                     unsigned domain)
{
    bool back = FIELD_EX32(cmd, PWR_COMMAND, COMMAND) == PWR_RETRACT;

    if (number == PWR_DOMAIN_L2 || !mali_present(s, domain)) {
        not_allowed(s, cmd, "the domain cannot be delegated");
    } else if (reset_pending(s) || s->pwr_pending ||
               delegated(s, number) != back ||
               s->domain[domain].ready != s->domain[domain].goal) {
        not_allowed(s, cmd, "the domain is not in a state for it");
    } else {
        s->pwr_pending = back ? PWR_RETRACT : PWR_DELEGATE;
        s->pwr_pending_domain = number;
        mali_command(s, TIMER_DELEGATION, back ? "retract" : "delegate",
                     FW_TAP_ANY, number, s->persona[PERSONA_NS_DELEGATION]);
    }
}

void mali_pwr_delegation_done(MaliCsf *s)
{
    uint32_t bit = 1u << s->pwr_pending_domain;
    uint32_t irq = R_PWR_INT_DELEGATION_CHANGED_MASK;

    if (s->pwr_pending == PWR_RETRACT) {
        s->pwr_delegated &= ~bit;
        irq |= R_PWR_INT_RETRACT_COMPLETED_MASK;
    } else if (s->pwr_pending == PWR_DELEGATE) {
        s->pwr_delegated |= bit;
    }
    s->pwr_pending = 0;
    gpu_irq_raise(&s->pwr_int, irq);
}

static void domain_command(MaliCsf *s, uint32_t cmd)
{
    unsigned number = FIELD_EX32(cmd, PWR_COMMAND, DOMAIN);
    unsigned sub = FIELD_EX32(cmd, PWR_COMMAND, SUBDOMAIN);
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(domains); i++) {
        if (domains[i].number == number) {
            break;
        }
    }
    /* panthor_pwr.c: get_domain_subdomain() */
    if (i == ARRAY_SIZE(domains) ||
        (sub && (sub != PWR_SUBDOMAIN_RTU || number != PWR_DOMAIN_SHADER ||
                 !(s->persona[PERSONA_GPU_FEATURES] &
                   GPU_FEATURES_RAY_TRAVERSAL)))) {
        invalid(s, cmd);
        return;
    }
    switch (FIELD_EX32(cmd, PWR_COMMAND, COMMAND)) {
    case PWR_POWER_UP:
    case PWR_POWER_DOWN:
        power(s, cmd, number, domains[i].domain);
        break;
    default:
        delegate(s, cmd, number, domains[i].domain);
        break;
    }
}

static void command(MaliCsf *s, uint32_t cmd)
{
    uint32_t what = FIELD_EX32(cmd, PWR_COMMAND, COMMAND);

    trace_mali_csf_pwr_command(s->tap.owner, cmd, s->pwr_cmdarg);
    switch (what) {
    case PWR_POWER_UP:
    case PWR_POWER_DOWN:
    case PWR_DELEGATE:
    case PWR_RETRACT:
        domain_command(s, cmd);
        break;
    case PWR_RESET_SOFT:
    case PWR_RESET_FAST:
        if (reset_pending(s)) {
            not_allowed(s, cmd, "a reset is under way");
            break;
        }
        mali_gpu_reset_request(s, what == PWR_RESET_SOFT ? GPU_CMD_RESET_SOFT
                                                         : RESET_FAST, cmd);
        break;
    case PWR_INSPECT:
        gpu_irq_raise(&s->pwr_int, R_PWR_INT_INSPECT_COMPLETED_MASK);
        break;
    default:
        invalid(s, cmd);
        break;
    }
}

static bool domain_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(domains); i++) {
        const MaliDomain *d = &s->domain[domains[i].domain];
        uint32_t at = off - domains[i].base;

        if (off < domains[i].base || at >= PWR_DOMAIN_SIZE) {
            continue;
        }
        switch (at / 8) {
        case 0:
            *value = mali_half(mali_present(s, domains[i].domain), off);
            break;
        case 2:
            *value = mali_half(d->ready ^ d->goal, off);
            break;
        default:                             /* READY, PWRACTIVE */
            *value = mali_half(d->ready, off);
            break;
        }
        return true;
    }
    return false;
}

bool mali_pwr_read(MaliCsf *s, uint32_t off, uint32_t *value)
{
    switch (off) {
    case A_PWR_STATUS_LO:
    case A_PWR_STATUS_LO + 4:
        *value = mali_half(status(s), off);
        return true;
    case A_PWR_COMMAND:
        *value = 0;
        return true;
    case A_PWR_CMDARG_LO:
    case A_PWR_CMDARG_LO + 4:
        *value = mali_half(s->pwr_cmdarg, off);
        return true;
    default:
        return domain_read(s, off, value);
    }
}

bool mali_pwr_write(MaliCsf *s, uint32_t off, uint32_t value)
{
    uint32_t ignored;

    switch (off) {
    case A_PWR_COMMAND:
        command(s, value);
        return true;
    case A_PWR_CMDARG_LO:
    case A_PWR_CMDARG_LO + 4:
        mali_set_half(&s->pwr_cmdarg, off, value);
        return true;
    default:
        if (mali_pwr_read(s, off, &ignored)) {
            qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: write to read-only "
                          "register 0x%x\n", off);
            return true;
        }
        return false;
    }
}
