/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GPU with a GSP: the PCI function, its properties and its registers.
 *
 * Which registers the drivers touch, and when, is followed from nouveau
 * (drivers/gpu/drm/nouveau, 6.12 and 7.x) and nova-core (drivers/gpu/
 * nova-core). What none of them needs reads as 0, and is counted and listed.
 */
#include "qemu/osdep.h"
#include "hw/pci/msi.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "qemu/log.h"
#include "qemu/module.h"
#include "qemu/units.h"

#include "../coproc/blob.h"
#include "../../firmware-stubs/gsp/gsp-vocabulary.h"
#include "nvidia-gsp.h"
#include "trace.h"

#define PERSONA_COMPATIBLE "gpumbox,nvidia-gsp-persona"
#define DEFAULT_PERSONA "nvidia-ga102"

#define PCI_VENDOR_NVIDIA 0x10de
#define BAR0_SIZE (16 * MiB)

/* Offsets of the capabilities, as on the real function. */
#define CAP_PM 0x60
#define CAP_MSI 0x68
#define CAP_EXPRESS 0x78

#define X_(id, path, lo, hi, opt, fb) \
    { .name = path, .min = lo, .max = hi, .optional = opt, .fallback = fb },
static const FwPersonaNeed persona_needs[PERSONA_NR] = { PERSONA(X_) };
#undef X_

static void expired(void *opaque, unsigned id)
{
    NvGsp *s = opaque;

    if (id < TIMER_FALCON + NV_FALCONS) {
        nv_falcon_expired(s, id - TIMER_FALCON);
    } else if (id >= TIMER_RUNLIST) {
        nv_host_expired(s, id - TIMER_RUNLIST);
    } else if (id == TIMER_FSP || id == TIMER_FMC) {
        nv_fsp_expired(s, id);
    } else {
        nv_firmware_expired(s, id);
    }
}

/* What a driver touches and we do not have is counted and listed. */
static void unmodelled(NvGsp *s, uint32_t off, bool write)
{
    unsigned i;

    trace_nvidia_gsp_unmodelled(s->tap.owner, write ? "write" : "read", off);
    qemu_log_mask(LOG_UNIMP, "nvidia-gsp: %s of register 0x%06x\n",
                  write ? "write" : "read", off);
    s->unmodelled_count++;
    for (i = 0; i < s->nr_unmodelled; i++) {
        if (s->unmodelled[i].offset == off) {
            break;
        }
    }
    if (i == s->nr_unmodelled) {
        if (i == NV_UNMODELLED_MAX) {
            return;
        }
        s->unmodelled[s->nr_unmodelled++] = (NvUnmodelled) { .offset = off };
    }
    if (write) {
        s->unmodelled[i].writes++;
    } else {
        s->unmodelled[i].reads++;
    }
}

uint64_t nv_ptimer(const NvGsp *s)
{
    return gpu_timers_now() + s->ptimer_offset;
}

static void set_ptimer(NvGsp *s, uint64_t value)
{
    s->ptimer_offset = value - gpu_timers_now();
}

/*
 * The event is the driver's first look at it, so that a scenario that was
 * loaded later than the reset has its say; one that holds it back holds it
 * until the next reset.
 */
bool nv_booted(NvGsp *s)
{
    FwVerdict v;

    if (s->gfw_told || gpu_timers_now() < s->gfw_at) {
        return s->gfw_told;
    }
    v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_BOOT, .name = "gfw-boot", .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY,
    });
    s->gfw_told = v.action == FW_PASS;
    s->gfw_at = v.action == FW_DELAY ? v.until : GPU_TIMER_NEVER;
    return s->gfw_told;
}

/* The first @address bits 31:8, as in the drivers' (address >> 12) << 4. */
static uint32_t wpr2_field(uint64_t address)
{
    return address >> 12 << 4;
}

/* ---- registers ---- */

static bool chip_read(NvGsp *s, uint32_t off, uint32_t *value)
{
    switch (off) {
    case A_PMC_BOOT_0:
        *value = s->persona[PERSONA_BOOT_0];
        return true;
    case A_PMC_BOOT_42:
        *value = s->persona[PERSONA_BOOT_42];
        return true;
    case A_PMC_BOOT_1:
    case A_STRAP:
    case A_BUS_INTR:
    case A_PTIMER_INTR:
    case A_BAR_FLUSH:
        *value = 0;
        return true;
    case A_PMC_ENABLE:
        *value = s->pmc_enable;
        return true;
    case A_PMC_DEVICE_ENABLE:
        *value = s->pmc_device_enable;
        return true;
    case A_SCRATCH_FRTS:
        *value = s->scratch_frts;
        return true;
    case A_SCRATCH_SB:
        *value = s->scratch_sb;
        return true;
    case A_BUS_INTR_EN:
        *value = s->bus_intr_en;
        return true;
    case A_PTIMER_INTR_EN:
        *value = s->ptimer_intr_en;
        return true;
    case A_PTIMER_NUMERATOR:
        *value = s->ptimer_numerator;
        return true;
    case A_PTIMER_DENOMINATOR:
        *value = s->ptimer_denominator;
        return true;
    case A_PTIMER_ALARM:
        *value = s->ptimer_alarm;
        return true;
    case A_PTIMER_TIME_LO:
    case USERMODE_PAGE + A_USERMODE_TIME_LO:
        *value = nv_ptimer(s);
        return true;
    case A_PTIMER_TIME_HI:
    case USERMODE_PAGE + A_USERMODE_TIME_HI:
        *value = nv_ptimer(s) >> 32;
        return true;
    case A_GFW_PRIVILEGE:
        *value = R_GFW_PRIVILEGE_READABLE_MASK;
        return true;
    case A_GFW_PROGRESS:
        *value = nv_booted(s) ? GFW_PROGRESS_DONE : 0;
        return true;
    case A_BOOT_STAGE_3:
        *value = nv_firmware_active(s) ? R_BOOT_STAGE_3_HANDOFF_MASK : 0;
        return true;
    case A_WPR2_LO:
        *value = wpr2_field(s->boot.wpr2_start);
        return true;
    case A_WPR2_HI:
        /* Inclusive; 0 if there is no region (nova regs.rs). */
        *value = s->boot.wpr2_end ? wpr2_field(s->boot.wpr2_end - 1) : 0;
        return true;
    case FUSE_SEC2 ... FUSE_SEC2 + FUSE_COUNT * 4 - 1:
        *value = s->persona[PERSONA_SEC2_FUSED];
        return true;
    case FUSE_NVDEC ... FUSE_NVDEC + FUSE_COUNT * 4 - 1:
    case FUSE_GSP ... FUSE_GSP + FUSE_COUNT * 4 - 1:
        *value = 0;
        return true;
    case A_MMU_INVALIDATE_PDB:
        *value = s->invalidate_pdb;
        return true;
    case A_MMU_INVALIDATE_PDB_HI:
        *value = s->invalidate_pdb_hi;
        return true;
    case A_MMU_INVALIDATE:
        *value = s->invalidate;
        return true;
    default:
        break;
    }
    return nv_placed_read(s, off, value);
}

static bool chip_write(NvGsp *s, uint32_t off, uint32_t value)
{
    switch (off) {
    case A_PMC_BOOT_1:
    case A_BUS_INTR:
    case A_PTIMER_INTR:
    case A_BAR_FLUSH:
        return true;
    case A_PMC_ENABLE:
        s->pmc_enable = value;
        return true;
    case A_PMC_DEVICE_ENABLE:
        s->pmc_device_enable = value;
        return true;
    case A_BUS_INTR_EN:
        s->bus_intr_en = value;
        return true;
    case A_PTIMER_INTR_EN:
        s->ptimer_intr_en = value;
        return true;
    case A_PTIMER_NUMERATOR:
        s->ptimer_numerator = value;
        return true;
    case A_PTIMER_DENOMINATOR:
        s->ptimer_denominator = value;
        return true;
    case A_PTIMER_ALARM:
        s->ptimer_alarm = value;
        return true;
    case A_PTIMER_TIME_LO:
        set_ptimer(s, deposit64(nv_ptimer(s), 0, 32, value));
        return true;
    case A_PTIMER_TIME_HI:
        set_ptimer(s, deposit64(nv_ptimer(s), 32, 32, value));
        return true;
    case A_MMU_INVALIDATE_PDB:
        s->invalidate_pdb = value;
        return true;
    case A_MMU_INVALIDATE_PDB_HI:
        s->invalidate_pdb_hi = value;
        return true;
    case A_MMU_INVALIDATE:
        /* Nothing is remembered, so that it is done at once. */
        s->invalidate = value & ~R_MMU_INVALIDATE_TRIGGER_MASK;
        return true;
    case USERMODE_PAGE + A_USERMODE_DOORBELL:
        nv_host_doorbell(s, value);
        return true;
    default:
        break;
    }
    return nv_placed_write(s, off, value);
}

/* The mirror of configuration space: reads it, writes but two registers. */
static uint32_t mirror_read(NvGsp *s, uint32_t off)
{
    if (off == A_PCI_ROM_SHADOW) {
        return s->rom_shadow;
    }
    return pci_default_read_config(PCI_DEVICE(s), off, 4);
}

static bool mirror_write(NvGsp *s, uint32_t off, uint32_t value)
{
    switch (off) {
    case A_PCI_ROM_SHADOW:
        s->rom_shadow = value;
        return true;
    case A_PCI_MSI_REARM:
        nv_intr_rearm(s);
        return true;
    default:
        return false;
    }
}

static uint32_t rom_read(const NvGsp *s, uint32_t off)
{
    return off < VBIOS_SIZE ? ldl_le_p(s->vbios.rom + off) : 0;
}

static bool in_mirror(const NvGsp *s, uint32_t off, uint32_t *reg)
{
    *reg = off - s->persona[PERSONA_REG_MIRROR];
    return off >= s->persona[PERSONA_REG_MIRROR] && *reg < PCI_MIRROR_SIZE;
}

static bool in_fsp(const NvGsp *s, uint32_t off)
{
    return nv_fsp_present(s) && off >= FSP_BLOCK &&
           off < FSP_BLOCK + FSP_BLOCK_SIZE;
}

static bool falcon_at(uint32_t off, unsigned *n, uint32_t *reg)
{
    if (off >= FALCON_GSP && off < FALCON_GSP + FALCON_SIZE) {
        *n = NV_FALCON_GSP;
        *reg = off - FALCON_GSP;
        return true;
    }
    if (off >= FALCON_SEC2 && off < FALCON_SEC2 + FALCON_SIZE) {
        *n = NV_FALCON_SEC2;
        *reg = off - FALCON_SEC2;
        return true;
    }
    return false;
}

static uint64_t pramin(const NvGsp *s, uint32_t off)
{
    return ((uint64_t)s->pramin_base << 16) + (off - PRAMIN_WINDOW);
}

static uint64_t mmio_read(void *opaque, hwaddr addr, unsigned size)
{
    NvGsp *s = opaque;
    uint32_t off = addr & ~3, value = 0, reg;
    unsigned n;

    if (s->unplugged) {
        return UINT32_MAX;
    }
    if (off >= PRAMIN_WINDOW && off < PRAMIN_WINDOW + PRAMIN_SIZE) {
        value = nv_fb_host_read(s, pramin(s, off), 4);
    } else if (off >= PROM_WINDOW && off < PROM_WINDOW + PROM_SIZE) {
        value = rom_read(s, off - PROM_WINDOW);
    } else if (in_mirror(s, off, &reg)) {
        value = mirror_read(s, reg);
    } else if (in_fsp(s, off)) {
        if (!nv_fsp_read(s, off - FSP_BLOCK, &value)) {
            unmodelled(s, off, false);
        }
    } else if (falcon_at(off, &n, &reg)) {
        if (!nv_falcon_read(s, n, reg, &value)) {
            unmodelled(s, off, false);
        }
    } else if (!nv_intr_read(s, off, &value) && !chip_read(s, off, &value)) {
        unmodelled(s, off, false);
    }
    trace_nvidia_gsp_read(s->tap.owner, off, value);
    /* A byte or half in the middle of a word: QEMU takes the lowest bits. */
    return value >> 8 * (addr & 3);
}

static void mmio_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    NvGsp *s = opaque;
    uint32_t off = addr & ~3, reg;
    unsigned n;

    trace_nvidia_gsp_write(s->tap.owner, addr, value);
    if (s->unplugged) {
        return;
    }
    if (off >= PRAMIN_WINDOW && off < PRAMIN_WINDOW + PRAMIN_SIZE) {
        nv_fb_host_write(s, pramin(s, addr), value, size);
    } else if (size != 4) {
        /* Nothing but memory takes less than a word. */
        unmodelled(s, off, true);
    } else if (in_mirror(s, off, &reg)) {
        if (!mirror_write(s, reg, value)) {
            unmodelled(s, off, true);
        }
    } else if (in_fsp(s, off)) {
        if (!nv_fsp_write(s, off - FSP_BLOCK, value)) {
            unmodelled(s, off, true);
        }
    } else if (falcon_at(off, &n, &reg)) {
        if (!nv_falcon_write(s, n, reg, value)) {
            unmodelled(s, off, true);
        }
    } else if (!nv_intr_write(s, off, value) && !chip_write(s, off, value)) {
        unmodelled(s, off, true);
    }
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read,
    .write = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 1, .max_access_size = 4 },
    .valid = { .min_access_size = 1, .max_access_size = 8 },
};

/* ---- life ---- */

static bool load_persona(NvGsp *s, Error **errp)
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
        !fw_persona_string(PERSONA_COMPATIBLE, "description", bytes, size,
                           path, s->model, sizeof(s->model), &err) ||
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

/* The profile for images that carry none, and for the boot chain. */
static bool load_abi(NvGsp *s, Error **errp)
{
    g_autofree char *path = NULL;
    FwError err = { 0 };
    size_t size;

    s->abi = gpu_blob_load(s->abi_name, ".dtb", &size, &path, errp);
    if (!s->abi) {
        return false;
    }
    s->abi_size = size;
    if (!fw_layout_load(&s->meta, &gsp_layout_spec, s->abi, size, path,
                        &err)) {
        error_setg(errp, "%s", err.text);
        return false;
    }
    if (nv_fsp_present(s) && !s->meta.struct_size[GSP_S_FMC]) {
        error_setg(errp, "%s: no struct 'fmc-params', and the GPU boots by an "
                   "FSP", path);
        return false;
    }
    return true;
}

static const GpuTapOps tap_ops = {
    .vocabulary = &gsp_vocabulary,
    .phase = nv_phase,
    .effect = nv_effect,
};

static void make_rom(NvGsp *s)
{
    VbiosSetup setup = {
        .vendor = PCI_VENDOR_NVIDIA,
        .device = s->persona[PERSONA_PCI_DEVICE],
        .class = s->persona[PERSONA_PCI_CLASS],
        .descriptor = s->persona[PERSONA_ROM_FWSEC],
        .version[4] = s->persona[PERSONA_ROM_VERSION_LO],
    };

    stl_be_p(setup.version, s->persona[PERSONA_ROM_VERSION_HI]);
    if (setup.descriptor) {
        vbios_make(&s->vbios, &setup);
    }
}

static bool init_function(NvGsp *s, Error **errp)
{
    PCIDevice *pci = PCI_DEVICE(s);
    uint8_t *conf = pci->config;
    const uint8_t prefetchable = PCI_BASE_ADDRESS_MEM_TYPE_64 |
                                 PCI_BASE_ADDRESS_MEM_PREFETCH;

    pci_config_set_device_id(conf, s->persona[PERSONA_PCI_DEVICE]);
    pci_set_word(conf + PCI_SUBSYSTEM_VENDOR_ID,
                 s->persona[PERSONA_PCI_SUBVENDOR]);
    pci_set_word(conf + PCI_SUBSYSTEM_ID, s->persona[PERSONA_PCI_SUBSYSTEM]);
    pci_config_set_revision(conf, s->persona[PERSONA_PCI_REVISION]);
    pci_config_set_prog_interface(conf, s->persona[PERSONA_PCI_CLASS]);
    pci_config_set_class(conf, s->persona[PERSONA_PCI_CLASS] >> 8);
    pci_config_set_interrupt_pin(conf, 1);

    if (pci_pm_init(pci, CAP_PM, errp) < 0 ||
        msi_init(pci, CAP_MSI, 1, true, false, errp) < 0) {
        return false;
    }
    /* Configuration outlives D3, nothing else does; see "power". */
    pci_set_word(conf + CAP_PM + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET);
    pci_set_word(pci->wmask + CAP_PM + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
    if (pcie_endpoint_cap_init(pci, CAP_EXPRESS) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return false;
    }
    memory_region_init_io(&s->bar0, OBJECT(s), &mmio_ops, s, TYPE_NVIDIA_GSP,
                          BAR0_SIZE);
    pci_register_bar(pci, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->bar0);
    pci_register_bar(pci, 1, prefetchable, &s->window[0]);
    pci_register_bar(pci, 3, prefetchable, &s->window[1]);
    return true;
}

static void nvidia_gsp_realize(PCIDevice *pci, Error **errp)
{
    NvGsp *s = NVIDIA_GSP(pci);

    if (!load_persona(s, errp) || !load_abi(s, errp) ||
        !nv_fb_init(s, errp) || !init_function(s, errp) ||
        !gpu_tap_init(&s->tap, DEVICE(s)->id ?: TYPE_NVIDIA_GSP, &tap_ops, s,
                      s->log_name, s->timeline_name, s->scenario_name, errp) ||
        !nv_firmware_init(s, errp)) {
        return;
    }
    make_rom(s);
    gpu_timers_init(&s->timers, expired, s);
}

static void reset_registers(NvGsp *s)
{
    s->gfw_at = gpu_timers_now() + s->persona[PERSONA_NS_GFW];
    s->gfw_told = false;
    s->ptimer_offset = 0;
    s->pramin_base = 0;
    s->flush_page = 0;
    s->flush_page_hi = 0;
    s->scratch_frts = 0;
    s->scratch_sb = 0;
    s->pmc_enable = UINT32_MAX;
    s->pmc_device_enable = UINT32_MAX;
    s->ptimer_intr_en = 0;
    s->ptimer_numerator = 1;
    s->ptimer_denominator = 1;
    s->ptimer_alarm = 0;
    s->bus_intr_en = 0;
    s->rom_shadow = 0;
    s->invalidate_pdb = 0;
    s->invalidate_pdb_hi = 0;
    s->invalidate = 0;
    memset(s->bar_root, 0, sizeof(s->bar_root));
    memset(s->bar_bound, 0, sizeof(s->bar_bound));
}

static void nvidia_gsp_reset_hold(Object *obj, ResetType type)
{
    NvGsp *s = NVIDIA_GSP(obj);

    gpu_timers_clear(&s->timers);
    nv_firmware_reset(s);
    nv_fsp_reset(s);
    nv_falcon_reset(s);
    nv_boot_reset(s);
    reset_registers(s);
    nv_intr_reset(s);
}

/* ---- power ---- */

static bool asleep(const PCIDevice *pci)
{
    return (pci_get_word(pci->config + CAP_PM + PCI_PM_CTRL) &
            PCI_PM_CTRL_STATE_MASK) == 3;
}

/*
 * In D3 the platform may take the power away, and a driver has to expect it;
 * here it does so at once. Configuration space alone is kept. On the way back
 * the chip starts as after a reset. A scenario that drops the event leaves
 * everything as it is.
 */
static void nvidia_gsp_config_write(PCIDevice *pci, uint32_t addr,
                                    uint32_t value, int len)
{
    NvGsp *s = NVIDIA_GSP(pci);
    bool was = asleep(pci);
    FwVerdict v;

    pci_default_write_config(pci, addr, value, len);
    if (was == asleep(pci)) {
        return;
    }
    v = gpu_tap(&s->tap, &(FwTapEvent) {
        .kind = FW_TAP_POWER, .name = "d3", .group = FW_TAP_ANY,
        .stream = FW_TAP_ANY, .a = !was,
    });
    if (v.action == FW_DROP) {
        return;
    }
    nvidia_gsp_reset_hold(OBJECT(s), RESET_TYPE_COLD);
    if (!was) {
        nv_fb_lose(s);
    }
}

static void nvidia_gsp_exit(PCIDevice *pci)
{
    NvGsp *s = NVIDIA_GSP(pci);

    gpu_timers_fini(&s->timers);
    nv_firmware_fini(s);
    gpu_tap_fini(&s->tap);
    msi_uninit(pci);
    pcie_cap_exit(pci);
    g_free(s->abi);
    s->abi = NULL;
}

/* ---- properties ---- */

static char *get_scenario(Object *obj, Error **errp)
{
    NvGsp *s = NVIDIA_GSP(obj);

    return g_strdup(s->tap.owner ? s->tap.scenario.name
                                 : s->scenario_name ?: "");
}

/* Before realize it names what to load, afterwards it loads: qom-set. */
static void set_scenario(Object *obj, const char *value, Error **errp)
{
    NvGsp *s = NVIDIA_GSP(obj);

    if (s->tap.owner) {
        gpu_tap_load(&s->tap, *value ? value : NULL, errp);
        return;
    }
    g_free(s->scenario_name);
    s->scenario_name = *value ? g_strdup(value) : NULL;
}

/* "action=raise raise=rc-triggered value=3": it happens now. */
static void set_inject(Object *obj, const char *value, Error **errp)
{
    gpu_tap_inject(&NVIDIA_GSP(obj)->tap, value, errp);
}

static char *get_stop_at(Object *obj, Error **errp)
{
    return g_strdup(NVIDIA_GSP(obj)->tap.observer.words ?: "");
}

/* "on=ack event=csg-state group=1" or "decision", "" for nowhere. */
static void set_stop_at(Object *obj, const char *value, Error **errp)
{
    NvGsp *s = NVIDIA_GSP(obj);

    if (!s->tap.owner) {
        error_setg(errp, "stop-at is for a device that is there");
        return;
    }
    gpu_tap_stop_at(&s->tap, value, errp);
}

static char *get_stopped(Object *obj, Error **errp)
{
    return g_strdup(NVIDIA_GSP(obj)->tap.observer.stopped ?: "");
}

static void append_line(void *opaque, const char *line)
{
    g_string_append_printf(opaque, "%s\n", line);
}

static char *get_mailbox(Object *obj, Error **errp)
{
    GString *text = g_string_new(NULL);

    gsp_describe(&NVIDIA_GSP(obj)->fw, append_line, text);
    return g_string_free(text, FALSE);
}

/* "0x00048: 1 reads, 2 writes; ..." */
static char *get_unmodelled(Object *obj, Error **errp)
{
    NvGsp *s = NVIDIA_GSP(obj);
    GString *text = g_string_new(NULL);
    unsigned i;

    for (i = 0; i < s->nr_unmodelled; i++) {
        g_string_append_printf(text, "%s0x%06x: %u reads, %u writes",
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
    uint32_t state = NVIDIA_GSP(obj)->gsp.state;

    visit_type_uint32(v, name, &state, errp);
}

/* Another timing from here on, for a machine that was restored. */
static void set_jitter_seed(Object *obj, Visitor *v, const char *name,
                            void *opaque, Error **errp)
{
    uint64_t seed;

    if (visit_type_uint64(v, name, &seed, errp)) {
        coproc_reseed(&NVIDIA_GSP(obj)->gsp, seed);
    }
}

static const Property nvidia_gsp_properties[] = {
    DEFINE_PROP_STRING("persona", NvGsp, persona_name),
    DEFINE_PROP_STRING("abi", NvGsp, abi_name),
    DEFINE_PROP_STRING("mailbox-log", NvGsp, log_name),
    DEFINE_PROP_STRING("timeline", NvGsp, timeline_name),
    /* 0: every latency is exactly the persona's. */
    DEFINE_PROP_UINT64("seed", NvGsp, seed, 0),
    DEFINE_PROP_TAP(NvGsp, tap),
};

static void nvidia_gsp_init(Object *obj)
{
    NvGsp *s = NVIDIA_GSP(obj);

    object_property_add_str(obj, "scenario", get_scenario, set_scenario);
    object_property_add_str(obj, "inject", NULL, set_inject);
    object_property_add_str(obj, "stop-at", get_stop_at, set_stop_at);
    object_property_add_str(obj, "stopped", get_stopped, NULL);
    object_property_add_str(obj, "mailbox", get_mailbox, NULL);
    object_property_add_str(obj, "unmodelled", get_unmodelled, NULL);
    object_property_add_uint64_ptr(obj, "unmodelled-count",
                                   &s->unmodelled_count, OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "bar-faults", &s->bar_faults,
                                   OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "channel-errors", &s->host.dead,
                                   OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "protected-accesses", &s->wpr_denied,
                                   OBJ_PROP_FLAG_READ);
    object_property_add_uint64_ptr(obj, "scenario-decisions", &s->tap.decided,
                                   OBJ_PROP_FLAG_READ);
    object_property_add(obj, "fw-state", "uint32", get_fw_state, NULL, NULL,
                        NULL);
    object_property_add(obj, "jitter-seed", "uint64", NULL, set_jitter_seed,
                        NULL, NULL);
}

static void nvidia_gsp_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);
    ResettableClass *rc = RESETTABLE_CLASS(klass);

    pc->realize = nvidia_gsp_realize;
    pc->exit = nvidia_gsp_exit;
    pc->config_write = nvidia_gsp_config_write;
    pc->vendor_id = PCI_VENDOR_NVIDIA;
    rc->phases.hold = nvidia_gsp_reset_hold;
    dc->vmsd = &vmstate_nvidia_gsp;
    dc->desc = "NVIDIA GPU with GSP firmware";
    device_class_set_props(dc, nvidia_gsp_properties);
    set_bit(DEVICE_CATEGORY_DISPLAY, dc->categories);
}

static const TypeInfo nvidia_gsp_info = {
    .name = TYPE_NVIDIA_GSP,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(NvGsp),
    .instance_init = nvidia_gsp_init,
    .class_init = nvidia_gsp_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { }
    },
};

static void nvidia_gsp_register_types(void)
{
    type_register_static(&nvidia_gsp_info);
}

type_init(nvidia_gsp_register_types)
