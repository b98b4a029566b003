/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: the MCU with its firmware stub, the command-stream executor,
 * and what lies between them.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/log.h"

#include "mali-csf.h"

/* The stub and the executor do not know each other's headers. */
QEMU_BUILD_BUG_ON(CSF_SAVE_SIZE != CS_SAVE_SIZE);
QEMU_BUILD_BUG_ON((int)CSF_EVENT_EMPTY != (int)CS_EVENT_EMPTY);
QEMU_BUILD_BUG_ON((int)CSF_EVENT_PROTM != (int)CS_EVENT_PROTM);
QEMU_BUILD_BUG_ON(CSF_ENDPOINT_COMPUTE != CS_ENDPOINT_COMPUTE);
QEMU_BUILD_BUG_ON(CSF_ENDPOINT_FRAGMENT != CS_ENDPOINT_FRAGMENT);
QEMU_BUILD_BUG_ON(CSF_ENDPOINT_TILER != CS_ENDPOINT_TILER);
QEMU_BUILD_BUG_ON((int)CSF_BLOCKED_FLUSH != (int)CS_BLOCKED_FLUSH);
QEMU_BUILD_BUG_ON(FW_TIME_NEVER != CS_TIME_NEVER);
QEMU_BUILD_BUG_ON(FW_TIME_NEVER != GPU_TIMER_NEVER);

/* ---- what the firmware sees of its coprocessor ---- */

static bool fw_read(void *opaque, uint64_t va, void *buf, uint32_t len)
{
    return mali_mmu_access(opaque, MCU_AS, va, buf, len,
                           GPU_ACCESS_READ) == CS_BUS_OK;
}

static bool fw_write(void *opaque, uint64_t va, const void *buf, uint32_t len)
{
    return mali_mmu_access(opaque, MCU_AS, va, (void *)buf, len,
                           GPU_ACCESS_WRITE) == CS_BUS_OK;
}

static int64_t fw_now(void *opaque)
{
    return gpu_timers_now();
}

static void fw_timer(void *opaque, unsigned id, int64_t deadline)
{
    MaliCsf *s = opaque;

    coproc_set_timer(&s->mcu, id, deadline);
}

static void fw_irq(void *opaque, uint32_t lines)
{
    MaliCsf *s = opaque;

    gpu_irq_raise(&s->job_int, lines);
}

static void fw_state(void *opaque, FwState state)
{
    MaliCsf *s = opaque;

    coproc_set_state(&s->mcu, state);
}

static FwVerdict fw_tap(void *opaque, const FwTapEvent *event)
{
    MaliCsf *s = opaque;

    return gpu_tap(&s->tap, event);
}

static void fw_error(void *opaque, const char *message)
{
    MaliCsf *s = opaque;

    warn_report("%s: %s", s->tap.owner, message);
}

static const FwHwOps fw_ops = {
    .read = fw_read,
    .write = fw_write,
    .now = fw_now,
    .timer = fw_timer,
    .irq = fw_irq,
    .state = fw_state,
    .tap = fw_tap,
    .error = fw_error,
};

/* ---- what the firmware sees of the command-stream hardware ---- */

void mali_mcu_exec_soon(MaliCsf *s)
{
    gpu_timers_set_earlier(&s->timers, TIMER_EXEC, gpu_timers_now());
}

void mali_mcu_events(MaliCsf *s)
{
    gpu_timers_set(&s->timers, TIMER_EXEC_EVENT,
                   cs_exec_next_event(&s->exec));
}

static void cs_limits(void *opaque, unsigned *groups, unsigned *streams,
                      unsigned *regs, unsigned *scoreboards)
{
    const CsExecConfig *cfg = &((MaliCsf *)opaque)->exec.cfg;

    *groups = cfg->groups;
    *streams = cfg->streams;
    *regs = cfg->regs;
    *scoreboards = cfg->scoreboards;
}

static CsStart to_start(const CsfStreamSetup *setup)
{
    return (CsStart) {
        .as = setup->as,
        .lacks = setup->lacks,
        .ring_base = setup->ring_base,
        .ring_size = setup->ring_size,
        .extract = setup->extract,
        .insert = setup->insert,
    };
}

static bool cs_start(void *opaque, unsigned group, unsigned stream,
                     const CsfStreamSetup *setup)
{
    MaliCsf *s = opaque;
    CsStart start = to_start(setup);
    bool ok = cs_exec_start(&s->exec, group, stream, &start,
                            gpu_timers_now());

    mali_mcu_exec_soon(s);
    mali_mcu_events(s);
    return ok;
}

static bool cs_restore(void *opaque, unsigned group, unsigned stream,
                       const uint8_t *save, const CsfStreamSetup *setup)
{
    MaliCsf *s = opaque;
    CsStart start = to_start(setup);
    bool ok = cs_exec_restore(&s->exec, group, stream, save, &start,
                              gpu_timers_now());

    mali_mcu_exec_soon(s);
    mali_mcu_events(s);
    return ok;
}

static void cs_stop(void *opaque, unsigned group, unsigned stream)
{
    cs_exec_stop(&((MaliCsf *)opaque)->exec, group, stream);
}

static void cs_save(void *opaque, unsigned group, unsigned stream,
                    uint8_t *save)
{
    cs_exec_save(&((MaliCsf *)opaque)->exec, group, stream, save);
}

static void cs_kick(void *opaque, unsigned group, unsigned stream,
                    uint64_t insert)
{
    MaliCsf *s = opaque;

    cs_exec_kick(&s->exec, group, stream, insert, gpu_timers_now());
    mali_mcu_exec_soon(s);
    mali_mcu_events(s);
}

static void cs_pretend(void *opaque, unsigned group, unsigned stream, bool on)
{
    cs_exec_set_pretend(&((MaliCsf *)opaque)->exec, group, stream, on);
}

static void cs_status(void *opaque, unsigned group, unsigned stream,
                      CsfStreamStatus *status)
{
    MaliCsf *s = opaque;
    CsStreamStatus st;

    cs_exec_status(&s->exec, group, stream, gpu_timers_now(), &st);
    *status = (CsfStreamStatus) {
        .empty = st.empty,
        .blocked = (CsfBlocked)st.blocked,
        .scoreboards = st.scoreboards,
        .cmd_ptr = st.cmd_ptr,
        .extract = st.extract,
        .wait_sb = st.wait_sb,
        .sync_64 = st.sync_64,
        .sync_cond = st.sync_cond,
        .sync_va = st.sync_va,
        .sync_value = st.sync_value,
        .resources = st.resources,
        .fault_type = st.fault_type,
        .fault_data = st.fault_data,
        .fault_info = st.fault_info,
        .fatal_type = st.fatal_type,
        .fatal_data = st.fatal_data,
        .fatal_info = st.fatal_info,
        .heap = st.heap,
        .heap_vt_start = st.heap_vt_start,
        .heap_vt_end = st.heap_vt_end,
        .heap_frag_end = st.heap_frag_end,
    };
}

static void cs_fault(void *opaque, unsigned group, unsigned stream,
                     bool fatal, uint32_t type, uint32_t data, uint64_t info)
{
    MaliCsf *s = opaque;

    cs_exec_fault(&s->exec, group, stream, fatal, type, data, info,
                  gpu_timers_now());
    mali_mcu_events(s);
}

static void cs_fault_ack(void *opaque, unsigned group, unsigned stream)
{
    MaliCsf *s = opaque;

    cs_exec_fault_ack(&s->exec, group, stream, gpu_timers_now());
    mali_mcu_exec_soon(s);
}

static void cs_heap_reply(void *opaque, unsigned group, unsigned stream,
                          uint64_t chunk)
{
    MaliCsf *s = opaque;

    cs_exec_heap_reply(&s->exec, group, stream, chunk, gpu_timers_now());
    mali_mcu_exec_soon(s);
    mali_mcu_events(s);
}

static uint32_t cs_take_event(void *opaque, unsigned *group, unsigned *stream)
{
    MaliCsf *s = opaque;

    return cs_exec_take_event(&s->exec, gpu_timers_now(), group, stream);
}

/*
 * The firmware owns shader cores and tiler (GLB_ALLOC_EN, GLB_PWROFF), where
 * there is PWR_CONTROL only as long as the host has delegated them.
 */
static void cs_cores(void *opaque, uint64_t mask)
{
    MaliCsf *s = opaque;

    if (mali_pwr_is_mcus(s, DOMAIN_SHADER)) {
        mali_gpu_power(s, DOMAIN_SHADER,
                       mask & mali_present(s, DOMAIN_SHADER));
    }
    if (mali_pwr_is_mcus(s, DOMAIN_TILER)) {
        mali_gpu_power(s, DOMAIN_TILER,
                       mask ? mali_present(s, DOMAIN_TILER) : 0);
    }
}

static void cs_endpoints(void *opaque, unsigned group, uint8_t lacks)
{
    MaliCsf *s = opaque;

    cs_exec_set_endpoints(&s->exec, group, lacks, gpu_timers_now());
    mali_mcu_exec_soon(s);
}

static void cs_progress_timeout(void *opaque, int64_t ns)
{
    cs_exec_set_progress_timeout(&((MaliCsf *)opaque)->exec, ns);
}

static const CsfHwOps cs_ops = {
    .limits = cs_limits,
    .start = cs_start,
    .restore = cs_restore,
    .stop = cs_stop,
    .save = cs_save,
    .kick = cs_kick,
    .pretend = cs_pretend,
    .status = cs_status,
    .fault = cs_fault,
    .fault_ack = cs_fault_ack,
    .heap_reply = cs_heap_reply,
    .take_event = cs_take_event,
    .cores = cs_cores,
    .endpoints = cs_endpoints,
    .progress_timeout = cs_progress_timeout,
};

/* ---- what the executor sees of the GPU ---- */

static CsBusResult bus_read(void *opaque, unsigned as, uint64_t va, void *buf,
                            uint32_t len)
{
    return mali_mmu_access(opaque, as, va, buf, len, GPU_ACCESS_READ);
}

static CsBusResult bus_write(void *opaque, unsigned as, uint64_t va,
                             const void *buf, uint32_t len)
{
    return mali_mmu_access(opaque, as, va, (void *)buf, len,
                           GPU_ACCESS_WRITE);
}

static void bus_flush(void *opaque, uint32_t mode)
{
    mali_gpu_flush(opaque);
}

static uint32_t bus_flush_id(void *opaque)
{
    return ((MaliCsf *)opaque)->flush_id;
}

static uint64_t bus_timestamp(void *opaque, int64_t ns)
{
    return mali_gpu_timestamp(opaque, ns);
}

static uint64_t bus_cycles(void *opaque, int64_t ns)
{
    return mali_gpu_cycles(opaque, ns);
}

static CsWatch bus_instruction(void *opaque, unsigned group, unsigned stream,
                               uint64_t in, uint64_t va)
{
    MaliCsf *s = opaque;
    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_INSTR, .name = "instruction", .group = group,
        .stream = stream, .a = in, .b = va, .once = true,
    });

    return (CsWatch) {
        .skip = v.action == FW_DROP,
        .fault = v.action == FW_FAULT,
        .fatal = v.action == FW_FAULT && csf_fault_is_fatal(v.value),
        .type = v.value & 0xff,
        .data = v.value >> 8 & 0xffffff,
        .info = v.data,
    };
}

static const char *why_not(const CsStream *st)
{
    static const char *const blocked[] = {
        [CS_BLOCKED_NONE] = "time",
        [CS_BLOCKED_SB] = "scoreboard",
        [CS_BLOCKED_PROGRESS] = "progress",
        [CS_BLOCKED_SYNC] = "sync",
        [CS_BLOCKED_DEFERRED] = "deferred",
        [CS_BLOCKED_RESOURCE] = "resource",
        [CS_BLOCKED_FLUSH] = "flush",
    };

    switch (st->state) {
    case CS_OFF:
        return "off";
    case CS_FAULTED:
        return "fault";
    case CS_DEAD:
        return "fatal";
    case CS_OOM:
        return "memory";
    default:
        return st->blocked == CS_BLOCKED_NONE && st->wake == CS_TIME_NEVER ?
               "empty" : blocked[st->blocked];
    }
}

static void bus_ran(void *opaque, unsigned group, unsigned stream,
                    int64_t from, uint64_t count)
{
    MaliCsf *s = opaque;
    const CsStream *st = &s->streams[group * s->exec.cfg.streams + stream];

    gpu_seen(&s->tap.observer, GPU_SEEN_RAN, st->clock, why_not(st), group,
             stream, from, count);
}

static void bus_busy(void *opaque, unsigned group, unsigned stream,
                     const char *what, unsigned sb, int64_t from, int64_t to)
{
    gpu_seen(&((MaliCsf *)opaque)->tap.observer, GPU_SEEN_BUSY, to, what,
             group, stream, from, sb);
}

static const CsBusOps bus_ops = {
    .read = bus_read,
    .write = bus_write,
    .flush = bus_flush,
    .flush_id = bus_flush_id,
    .timestamp = bus_timestamp,
    .cycles = bus_cycles,
    .instruction = bus_instruction,
    .ran = bus_ran,
    .busy = bus_busy,
};

/* ---- life of the MCU ---- */

static void mcu_boot(void *opaque)
{
    MaliCsf *s = opaque;

    csf_boot(&s->fw, s->abi, s->abi_size);
}

static void mcu_doorbell(void *opaque, unsigned n)
{
    MaliCsf *s = opaque;

    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_DOORBELL, .name = n ? "user" : "global",
        .group = FW_TAP_ANY, .stream = FW_TAP_ANY, .a = n,
    });

    if (v.action == FW_DELAY) {
        coproc_ring_at(&s->mcu, n, v.until);
    } else if (v.action != FW_DROP) {
        csf_doorbell(&s->fw, n);
        if (v.action == FW_REPEAT) {
            csf_doorbell(&s->fw, n);
        }
    }
}

static void mcu_timer(void *opaque, unsigned id)
{
    MaliCsf *s = opaque;

    csf_timer(&s->fw, id);
}

static void mcu_state(void *opaque)
{
    MaliCsf *s = opaque;

    s->booted |= s->mcu.state == FW_STATE_RUNNING;
    gpu_irq_raise(&s->gpu_int, R_GPU_INT_MCU_STATUS_CHANGED_MASK);
}

static const CoprocOps mcu_ops = {
    .name = "mcu-boot",
    .boot = mcu_boot,
    .doorbell = mcu_doorbell,
    .timer = mcu_timer,
    .state = mcu_state,
};

/*
 * The MCU stops and every stream with it; shader cores lose their power.
 * With PWR_CONTROL they keep it unless the firmware has switched them off
 * itself, until the host takes the domains back (panthor_pwr.c:
 * panthor_pwr_l2_power_off()).
 */
void mali_mcu_stop(MaliCsf *s)
{
    coproc_stop(&s->mcu);
    csf_stop(&s->fw);
    cs_exec_reset(&s->exec);
    gpu_timers_set(&s->timers, TIMER_EXEC, GPU_TIMER_NEVER);
    gpu_timers_set(&s->timers, TIMER_EXEC_EVENT, GPU_TIMER_NEVER);
    if (!mali_has_pwr(s)) {
        cs_cores(s, 0);
    }
}

/*
 * DISABLE stops the MCU at once, unless a scenario has it otherwise. The
 * drivers poll MCU_STATUS for it (panthor_fw.c: panthor_fw_stop(), Tyr's
 * fw.rs: Firmware::stop()).
 */
static void stop_requested(MaliCsf *s)
{
    FwVerdict v = { .action = FW_PASS };
    bool runs = s->mcu.state != FW_STATE_OFF;

    s->mcu_wanted = false;
    if (runs) {
        v = gpu_tap(&s->tap, &(FwTapEvent) {
            .kind = FW_TAP_POWER, .name = "mcu-stop", .group = FW_TAP_ANY,
            .stream = FW_TAP_ANY, .once = true,
        });
    }
    if (v.action == FW_DELAY) {
        gpu_timers_set(&s->timers, TIMER_MCU_STOP, v.until);
        s->command_name[TIMER_MCU_STOP] = "mcu-stop";
    } else if (v.action != FW_DROP && v.action != FW_HANG) {
        mali_mcu_stop(s);
        if (runs) {
            gpu_command_done(&s->tap.observer, "mcu-stop", FW_TAP_ANY);
        }
    }
}

/*
 * AUTO and ENABLE start a stopped MCU once L2 has power; 7.x's retry after a
 * failed resume writes AUTO again without DISABLE, after an L2 cycle
 * (panthor_device.c: panthor_device_resume_hw_components()).
 */
void mali_mcu_control(MaliCsf *s, uint32_t value)
{
    switch (value) {
    case MCU_CONTROL_DISABLE:
        stop_requested(s);
        break;
    case MCU_CONTROL_ENABLE:
    case MCU_CONTROL_AUTO:
        gpu_timers_set(&s->timers, TIMER_MCU_STOP, GPU_TIMER_NEVER);
        s->command_name[TIMER_MCU_STOP] = NULL;
        if (s->domain[DOMAIN_L2].ready) {
            coproc_start(&s->mcu);
        } else {
            s->mcu_wanted = true;
        }
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "mali-csf: MCU_CONTROL %u\n", value);
        return;
    }
    s->mcu_control = value;
}

uint32_t mali_mcu_status(MaliCsf *s)
{
    switch (s->mcu.state) {
    case FW_STATE_RUNNING:
        return MCU_STATUS_ENABLED;
    case FW_STATE_HALTED:
        return MCU_STATUS_HALT;
    case FW_STATE_FATAL:
        return MCU_STATUS_FATAL;
    default:
        return MCU_STATUS_DISABLED;
    }
}

void mali_mcu_l2_changed(MaliCsf *s, bool up)
{
    if (!up) {
        s->mcu_wanted = false;
        mali_mcu_stop(s);
    } else if (s->mcu_wanted) {
        s->mcu_wanted = false;
        coproc_start(&s->mcu);
    }
}

void mali_mcu_reset(MaliCsf *s)
{
    s->mcu_wanted = false;
    s->mcu_control = MCU_CONTROL_DISABLE;
    mali_mcu_stop(s);
}

void mali_mcu_expired(MaliCsf *s, unsigned id)
{
    int64_t now = gpu_timers_now();

    if (id == TIMER_EXEC) {
        int64_t next;

        s->exec.watched = s->tap.scenario.kinds >> FW_TAP_INSTR & 1;
        s->exec.traced = s->tap.observer.file;
        next = cs_exec_run(&s->exec, now);

        gpu_timers_set_earlier(&s->timers, TIMER_EXEC, next);
    } else if (s->mcu.held) {
        return;                              /* mali_mcu_exec_soon() follows */
    } else {
        csf_event(&s->fw);
    }
    mali_mcu_events(s);
}

bool mali_mcu_init(MaliCsf *s, Error **errp)
{
    const uint64_t *p = s->persona;
    const CoprocLatency latency = {
        .boot = p[PERSONA_NS_MCU_BOOT],
        .doorbell = p[PERSONA_NS_DOORBELL],
        .halt = p[PERSONA_NS_MCU_HALT],
        .jitter = s->seed ? p[PERSONA_NS_JITTER] : 0,
    };
    const CsExecConfig cfg = {
        .arch_major = p[PERSONA_GPU_ID] >> 28,
        .groups = p[PERSONA_GROUPS],
        .streams = p[PERSONA_STREAMS],
        .regs = p[PERSONA_WORK_REGS],
        .scoreboards = p[PERSONA_SCOREBOARDS],
        .instr_ns = p[PERSONA_NS_INSTRUCTION],
        .mem_ns = p[PERSONA_NS_MEMORY],
        .endpoint_ns = p[PERSONA_NS_ENDPOINT],
        .flush_ns = p[PERSONA_NS_CACHE_FLUSH],
        .slice_ns = p[PERSONA_NS_SLICE],
        .idvs_heap = p[PERSONA_IDVS_HEAP],
    };

    s->nr_streams = cfg.groups * cfg.streams;
    s->streams = g_new0(CsStream, s->nr_streams);
    if (!cs_exec_init(&s->exec, &cfg, s->streams, &bus_ops, s)) {
        error_setg(errp, "persona: the executor refuses /csf or /latencies");
        return false;
    }
    coproc_init(&s->mcu, &mcu_ops, s, &s->tap, &latency, s->seed);
    s->fw.hw = (CsfHw) {
        .fw = { .ops = &fw_ops, .opaque = s },
        .cs = &cs_ops,
        .opaque = s,
        .timer_hz = p[PERSONA_TIMER_HZ],
        .gpu_hz = p[PERSONA_GPU_HZ],
    };
    csf_init(&s->fw);
    return true;
}

void mali_mcu_fini(MaliCsf *s)
{
    coproc_fini(&s->mcu);
    g_free(s->streams);
    s->streams = NULL;
}

bool mali_mcu_check(MaliCsf *s)
{
    FwError err = { 0 };

    if (!csf_post_load(&s->fw, &err)) {
        error_report("%s: %s", s->tap.owner, err.text);
        return false;
    }
    if (!cs_exec_check(&s->exec)) {
        error_report("%s: the state of a command stream is not valid",
                     s->tap.owner);
        return false;
    }
    return true;
}
