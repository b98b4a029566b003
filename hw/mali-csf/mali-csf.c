/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: the device, its properties and its register window.
 *
 * Which registers the drivers touch, and when, is followed from panthor
 * (drivers/gpu/drm/panthor, 6.12 and 7.x) and Tyr (drivers/gpu/drm/tyr).
 */
#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/module.h"

#include "../coproc/blob.h"
#include "../coproc/fdt-node.h"
#include "../../firmware-stubs/csf/csf-vocabulary.h"
#include "mali-csf.h"
#include "trace.h"

#define PERSONA_COMPATIBLE "gpumbox,mali-csf-persona"
#define DEFAULT_PERSONA "mali-g610"

#define X_(id, path, lo, hi, opt, fb) \
    { .name = path, .min = lo, .max = hi, .optional = opt, .fallback = fb },
static const FwPersonaNeed persona_needs[PERSONA_NR] = { PERSONA(X_) };
#undef X_

void mali_command(MaliCsf *s, unsigned id, const char *name, int group,
                  uint64_t arg, int64_t ns)
{
    FwVerdict v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_POWER, .name = name, .group = group,
        .stream = FW_TAP_ANY, .a = arg, .once = true,
    });
    int64_t at = gpu_timers_now() + coproc_jitter(&s->mcu, ns);

    if (v.action == FW_DROP || v.action == FW_HANG) {
        at = GPU_TIMER_NEVER;
    } else if (v.action == FW_DELAY) {
        at = MAX(at, v.until);
    }
    gpu_timers_set(&s->timers, id, at);
    s->command_name[id] = name;
}

static void expired(void *opaque, unsigned id)
{
    MaliCsf *s = opaque;

    if (s->command_name[id]) {
        gpu_command_done(&s->tap.observer, s->command_name[id],
                         id < TIMER_AS + MMU_AS_COUNT ? (int)id - TIMER_AS
                                                      : FW_TAP_ANY);
        s->command_name[id] = NULL;
    }
    if (id < TIMER_AS + MMU_AS_COUNT) {
        mali_mmu_expired(s, id - TIMER_AS);
    } else if (id == TIMER_EXEC || id == TIMER_EXEC_EVENT) {
        mali_mcu_expired(s, id);
    } else if (id == TIMER_EFFECT || id == TIMER_STORM) {
        mali_effects_expired(s, id);
    } else if (id == TIMER_MCU_STOP) {
        mali_mcu_stop(s);
    } else {
        mali_gpu_expired(s, id);
    }
}

/* Interrupt banks: the same four registers for each. */
static GpuIrqBank *bank_at(MaliCsf *s, uint32_t off, uint32_t *reg)
{
    *reg = off & 0xf;
    switch (off & ~0xf) {
    case A_GPU_INT:
        return &s->gpu_int;
    case A_JOB_INT:
        return &s->job_int;
    case A_MMU_INT:
        return &s->mmu_int;
    case A_PWR_INT:
        return mali_has_pwr(s) ? &s->pwr_int : NULL;
    default:
        return NULL;
    }
}

static uint32_t bank_read(const GpuIrqBank *bank, uint32_t reg)
{
    switch (reg) {
    case INT_RAWSTAT:
        return bank->raw;
    case INT_MASK:
        return bank->mask;
    case INT_STAT:
        return gpu_irq_status(bank);
    default:
        return 0;
    }
}

static void bank_write(GpuIrqBank *bank, uint32_t reg, uint32_t value)
{
    switch (reg) {
    case INT_RAWSTAT:
        /* Forces bits on, for tests (tyr/regs.rs: JOB_IRQ_RAWSTAT). */
        gpu_irq_raise(bank, value);
        break;
    case INT_CLEAR:
        gpu_irq_clear(bank, value);
        break;
    case INT_MASK:
        gpu_irq_set_mask(bank, value);
        break;
    default:
        break;
    }
}

/* What a driver touches and we do not have is counted and listed. */
static void unmodelled(MaliCsf *s, uint32_t off, bool write)
{
    unsigned i;

    if (write) {
        trace_mali_csf_write_err(s->tap.owner, off);
    } else {
        trace_mali_csf_read_err(s->tap.owner, off);
    }
    qemu_log_mask(LOG_UNIMP, "mali-csf: %s of register 0x%05x\n",
                  write ? "write" : "read", off);
    s->unmodelled_count++;
    for (i = 0; i < s->nr_unmodelled; i++) {
        if (s->unmodelled[i].offset == off) {
            break;
        }
    }
    if (i == s->nr_unmodelled) {
        if (i == MALI_UNMODELLED_MAX) {
            return;
        }
        s->unmodelled[s->nr_unmodelled++] = (MaliUnmodelled) { .offset = off };
    }
    if (write) {
        s->unmodelled[i].writes++;
    } else {
        s->unmodelled[i].reads++;
    }
}

static bool is_pwr(const MaliCsf *s, uint32_t off)
{
    return mali_has_pwr(s) && off >= PWR_CONTROL_BASE &&
           off < PWR_CONTROL_BASE + PWR_CONTROL_SIZE;
}

/*
 * A driver that let the device sleep has no business with it until it wakes it
 * up, by the interrupts' registers first (panthor_gpu.c: panthor_gpu_resume()).
 */
static void watch_sleep(MaliCsf *s, uint32_t off)
{
    uint32_t reg;

    if (s->booted && !s->domain[DOMAIN_L2].ready &&
        !(s->gpu_int.mask | s->job_int.mask | s->mmu_int.mask |
          s->pwr_int.mask) &&
        s->mcu.state == FW_STATE_OFF && !bank_at(s, off, &reg) &&
        mali_phase(s) == FW_PHASE_ASLEEP) {
        s->asleep_accesses++;
        s->asleep_last = off;
    }
}

/* The reader of the timeline knows registers by their offset. */
static void show_register(MaliCsf *s, GpuSeen what, uint32_t off,
                          uint32_t value)
{
    gpu_seen(&s->tap.observer, what, gpu_timers_now(), "register", FW_TAP_ANY,
             FW_TAP_ANY, off, value);
}

static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size)
{
    MaliCsf *s = opaque;
    uint32_t off = addr & ~3, reg, value = 0;
    GpuIrqBank *bank = bank_at(s, off, &reg);

    if (s->unplugged) {
        return UINT32_MAX;
    }
    watch_sleep(s, off);
    if (bank) {
        value = bank_read(bank, reg);
    } else if (off >= MMU_AS_BASE &&
               off < MMU_AS_BASE + MMU_AS_COUNT * MMU_AS_STRIDE) {
        if (!mali_mmu_read(s, off - MMU_AS_BASE, &value)) {
            unmodelled(s, off, false);
        }
    } else if (off >= DOORBELL_BASE) {
        value = 0;
    } else if (is_pwr(s, off)) {
        if (!mali_pwr_read(s, off, &value)) {
            unmodelled(s, off, false);
        }
    } else if (!mali_gpu_read(s, off, &value)) {
        unmodelled(s, off, false);
    }
    trace_mali_csf_read(s->tap.owner, off, value);
    if (s->tap.observer.file) {
        show_register(s, GPU_SEEN_READ, off, value);
    }
    /* A byte or half in the middle of a word: QEMU takes the lowest bits. */
    return value >> 8 * (addr & 3);
}

static void ring_doorbell(MaliCsf *s, uint32_t off, uint32_t value)
{
    unsigned n = (off - DOORBELL_BASE) / DOORBELL_STRIDE;

    /* The doorbell is the first word of its page (CSF_DOORBELL()). */
    if ((off - DOORBELL_BASE) % DOORBELL_STRIDE == 0 && value & 1) {
        coproc_ring(&s->mcu, n);
    }
}

static void mmio_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    MaliCsf *s = opaque;
    uint32_t off = addr, reg;
    GpuIrqBank *bank = bank_at(s, off, &reg);

    trace_mali_csf_write(s->tap.owner, off, value);
    if (s->tap.observer.file) {
        show_register(s, GPU_SEEN_WRITE, off, value);
    }
    if (s->unplugged) {
        return;
    }
    watch_sleep(s, off);
    if (bank) {
        bank_write(bank, reg, value);
    } else if (off >= MMU_AS_BASE &&
               off < MMU_AS_BASE + MMU_AS_COUNT * MMU_AS_STRIDE) {
        if (!mali_mmu_write(s, off - MMU_AS_BASE, value)) {
            unmodelled(s, off, true);
        }
    } else if (off >= DOORBELL_BASE) {
        ring_doorbell(s, off, value);
    } else if (is_pwr(s, off)) {
        if (!mali_pwr_write(s, off, value)) {
            unmodelled(s, off, true);
        }
    } else if (!mali_gpu_write(s, off, value)) {
        unmodelled(s, off, true);
    }
}

/*
 * The drivers access registers as words. The flush-id page is also mapped by
 * user space, which may read it in any size: QEMU makes words of these.
 */
static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
    .valid = { .min_access_size = 1, .max_access_size = 8 },
};

static bool load_persona(MaliCsf *s, Error **errp)
{
    g_autofree char *path = NULL;
    g_autofree uint8_t *bytes = NULL;
    char abi[64];
    FwError err = { 0 };
    size_t size;

    bytes = gpu_blob_load(s->persona_name ?: DEFAULT_PERSONA, ".dtb", &size,
                          &path, errp);
    if (!bytes) {
        return false;
    }
    if (!fw_persona_load(PERSONA_COMPATIBLE, persona_needs, PERSONA_NR, bytes,
                         size, path, s->persona, &err) ||
        !fw_persona_string(PERSONA_COMPATIBLE, "vendor-abi", bytes, size,
                           path, abi, sizeof(abi), &err)) {
        error_setg(errp, "%s", err.text);
        return false;
    }
    if (!s->abi_name) {
        s->abi_name = g_strdup(abi);
    }
    return true;
}

/* The profile for images that carry none: refuse a bad one right here. */
static bool load_abi(MaliCsf *s, Error **errp)
{
    g_autofree FwLayout *layout = g_new(FwLayout, 1);
    g_autofree char *path = NULL;
    FwError err = { 0 };
    size_t size;

    s->abi = gpu_blob_load(s->abi_name, ".dtb", &size, &path, errp);
    if (!s->abi) {
        return false;
    }
    s->abi_size = size;
    if (!fw_layout_load(layout, &csf_layout_spec, s->abi, size, path, &err)) {
        error_setg(errp, "%s", err.text);
        return false;
    }
    return true;
}

static FwPhase tap_phase(void *opaque)
{
    return mali_phase(opaque);
}

static void forget(MaliCsf *s)
{
    gpu_timers_clear(&s->timers);
    mali_mcu_reset(s);
    mali_mmu_reset(s);
    mali_gpu_cold_reset(s);
    gpu_irq_reset(&s->gpu_int);
    gpu_irq_reset(&s->job_int);
    gpu_irq_reset(&s->mmu_int);
    gpu_irq_reset(&s->pwr_int);
}

/*
 * What a power domain does when its last user leaves (the driver core's
 * drivers/base/power/common.c: dev_pm_domain_detach()). QEMU's virt machine
 * has none for its platform bus, so a guest that plays one says when.
 */
static void power_cycle(void *opaque)
{
    MaliCsf *s = opaque;

    gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_RESET, .name = "power", .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY,
    });
    forget(s);
}

static const GpuTapOps tap_ops = {
    .vocabulary = &csf_vocabulary,
    .phase = tap_phase,
    .effect = mali_effect,
    .power_cycle = power_cycle,
};

static void mali_csf_realize(DeviceState *dev, Error **errp)
{
    MaliCsf *s = MALI_CSF(dev);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);
    unsigned i;

    s->dma = &address_space_memory;
    if (!load_persona(s, errp) || !load_abi(s, errp) ||
        !gpu_tap_init(&s->tap, dev->id ?: TYPE_MALI_CSF, &tap_ops, s,
                      s->log_name, s->timeline_name, s->scenario_name, errp) ||
        !mali_mcu_init(s, errp)) {
        return;
    }
    gpu_timers_init(&s->timers, expired, s);

    memory_region_init_io(&s->mmio, OBJECT(dev), &mmio_ops, s, TYPE_MALI_CSF,
                          MALI_CSF_MMIO_SIZE);
    sysbus_init_mmio(sbd, &s->mmio);
    for (i = 0; i < LINE_NR; i++) {
        sysbus_init_irq(sbd, &s->line[i]);
    }
}

/* Bank lines are wired after realize, when the platform bus has mapped us. */
static void wire_banks(MaliCsf *s)
{
    const struct {
        GpuIrqBank *bank;
        unsigned line;
        const char *name;
    } banks[] = {
        { &s->gpu_int, LINE_GPU, "gpu" },
        { &s->job_int, LINE_JOB, "job" },
        { &s->mmu_int, LINE_MMU, "mmu" },
        { &s->pwr_int, LINE_GPU, "pwr" },
    };
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(banks); i++) {
        banks[i].bank->line = s->line[banks[i].line];
        banks[i].bank->tap = &s->tap;
        banks[i].bank->name = banks[i].name;
    }
    /* panthor_pwr.c: panthor_pwr_init() shares the line "gpu". */
    s->gpu_int.peer = &s->pwr_int;
    s->pwr_int.peer = &s->gpu_int;
}

static void mali_csf_reset_hold(Object *obj, ResetType type)
{
    MaliCsf *s = MALI_CSF(obj);

    wire_banks(s);
    forget(s);
    s->unmodelled_count = 0;
    s->nr_unmodelled = 0;
    mali_effects_reset(s);
}

static void mali_csf_unrealize(DeviceState *dev)
{
    MaliCsf *s = MALI_CSF(dev);

    gpu_timers_fini(&s->timers);
    mali_mcu_fini(s);
    gpu_tap_fini(&s->tap);
    g_free(s->abi);
    s->abi = NULL;
}

static char *get_scenario(Object *obj, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);

    return g_strdup(s->tap.owner ? s->tap.scenario.name
                                 : s->scenario_name ?: "");
}

/* Before realize it names what to load, afterwards it loads: qom-set. */
static void set_scenario(Object *obj, const char *value, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);

    if (s->tap.owner) {
        gpu_tap_load(&s->tap, *value ? value : NULL, errp);
        return;
    }
    g_free(s->scenario_name);
    s->scenario_name = *value ? g_strdup(value) : NULL;
}

/* "action=raise raise=csg-idle to-group=1": it happens now. */
static void set_inject(Object *obj, const char *value, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);

    gpu_tap_inject(&s->tap, value, errp);
}

static char *get_stop_at(Object *obj, Error **errp)
{
    return g_strdup(MALI_CSF(obj)->tap.observer.words ?: "");
}

/* "on=ack event=csg-state group=1" or "decision", "" for nowhere. */
static void set_stop_at(Object *obj, const char *value, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);

    if (!s->tap.owner) {
        error_setg(errp, "stop-at is for a device that is there");
        return;
    }
    gpu_tap_stop_at(&s->tap, value, errp);
}

static char *get_stopped(Object *obj, Error **errp)
{
    return g_strdup(MALI_CSF(obj)->tap.observer.stopped ?: "");
}

static void append_line(void *opaque, const char *line)
{
    g_string_append_printf(opaque, "%s\n", line);
}

/* Every word of the firmware's interface, by name. */
static char *get_mailbox(Object *obj, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);
    GString *text = g_string_new(NULL);

    csf_describe(&s->fw, append_line, text);
    return g_string_free(text, FALSE);
}

/* "0x00048: 1 reads, 2 writes; ..." */
static char *get_unmodelled(Object *obj, Error **errp)
{
    MaliCsf *s = MALI_CSF(obj);
    GString *text = g_string_new(NULL);
    unsigned i;

    for (i = 0; i < s->nr_unmodelled; i++) {
        g_string_append_printf(text, "%s0x%05x: %u reads, %u writes",
                               i ? "; " : "", s->unmodelled[i].offset,
                               s->unmodelled[i].reads,
                               s->unmodelled[i].writes);
    }
    return g_string_free(text, FALSE);
}

/* FwState of the coprocessor. */
static void get_fw_state(Object *obj, Visitor *v, const char *name,
                         void *opaque, Error **errp)
{
    uint32_t state = MALI_CSF(obj)->mcu.state;

    visit_type_uint32(v, name, &state, errp);
}

/* What the streams that are on slots now have executed since they started. */
static void get_instructions(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    const CsExec *x = &MALI_CSF(obj)->exec;
    uint64_t count = 0;
    unsigned i;

    for (i = 0; i < x->cfg.groups * x->cfg.streams; i++) {
        count += x->stream[i].executed;
    }
    visit_type_uint64(v, name, &count, errp);
}

/* Another timing from here on, for a machine that was restored. */
static void set_jitter_seed(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    uint64_t seed;

    if (visit_type_uint64(v, name, &seed, errp)) {
        coproc_reseed(&MALI_CSF(obj)->mcu, seed);
    }
}

static bool mali_csf_add_fdt_node(SysBusDevice *sbdev, PlatformBusDevice *pbus,
                                  void *fdt, const char *bus_node,
                                  int irq_start, Error **errp)
{
    return gpumbox_add_overlay(sbdev, pbus, fdt, bus_node, irq_start,
                               "mali-csf", MALI_CSF_MMIO_SIZE, LINE_NR, errp);
}

static const Property mali_csf_properties[] = {
    DEFINE_PROP_STRING("persona", MaliCsf, persona_name),
    DEFINE_PROP_STRING("abi", MaliCsf, abi_name),
    DEFINE_PROP_STRING("mailbox-log", MaliCsf, log_name),
    DEFINE_PROP_STRING("timeline", MaliCsf, timeline_name),
    /* 0: every latency is exactly the persona's. */
    DEFINE_PROP_UINT64("seed", MaliCsf, seed, 0),
    DEFINE_PROP_TAP(MaliCsf, tap),
};

static void mali_csf_init(Object *obj)
{
    MaliCsf *s = MALI_CSF(obj);

    object_property_add_str(obj, "scenario", get_scenario, set_scenario);
    object_property_add_str(obj, "inject", NULL, set_inject);
    object_property_add_str(obj, "stop-at", get_stop_at, set_stop_at);
    object_property_add_str(obj, "stopped", get_stopped, NULL);
    object_property_add_str(obj, "mailbox", get_mailbox, NULL);
    object_property_add_str(obj, "unmodelled", get_unmodelled, NULL);
    object_property_add_uint64_ptr(obj, "unmodelled-count",
                                   &s->unmodelled_count, OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "asleep-accesses",
                                   &s->asleep_accesses, OBJ_PROP_FLAG_READ);
    object_property_add_uint32_ptr(obj, "asleep-last", &s->asleep_last,
                                   OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "scenario-decisions", &s->tap.decided,
                                   OBJ_PROP_FLAG_READ);
    object_property_add(obj, "instructions", "uint64", get_instructions, NULL,
                        NULL, NULL);
    object_property_add(obj, "mcu-state", "uint32", get_fw_state, NULL, NULL,
                        NULL);
    object_property_add(obj, "jitter-seed", "uint64", NULL, set_jitter_seed,
                        NULL, NULL);
}

static void mali_csf_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);
    GpumboxFdtNodeClass *fc = GPUMBOX_FDT_NODE_CLASS(klass);

    dc->desc = "Mali GPU with a command-stream frontend";
    dc->realize = mali_csf_realize;
    dc->unrealize = mali_csf_unrealize;
    dc->vmsd = &vmstate_mali_csf;
    dc->user_creatable = true;
    dc->hotpluggable = false;
    set_bit(DEVICE_CATEGORY_DISPLAY, dc->categories);
    device_class_set_props(dc, mali_csf_properties);
    rc->phases.hold = mali_csf_reset_hold;
    fc->add_fdt_node = mali_csf_add_fdt_node;
}

static const TypeInfo mali_csf_info = {
    .name = TYPE_MALI_CSF,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(MaliCsf),
    .instance_init = mali_csf_init,
    .class_init = mali_csf_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_GPUMBOX_FDT_NODE },
        { }
    },
};

static void mali_csf_register(void)
{
    type_register_static(&mali_csf_info);
}
type_init(mali_csf_register)
