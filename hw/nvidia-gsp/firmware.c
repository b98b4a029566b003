/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NVIDIA GSP: the firmware stub, what it reaches of the GPU, and what a
 * scenario makes it do.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"

#include "../../firmware-stubs/gsp/gsp-vocabulary.h"
#include "nvidia-gsp.h"

QEMU_BUILD_BUG_ON(FW_TIME_NEVER != GPU_TIMER_NEVER);
QEMU_BUILD_BUG_ON((int)GSP_NR_TIMERS > FW_TIMERS_MAX);

/* ---- what the firmware sees of its coprocessor ---- */

static bool fw_read(void *opaque, uint64_t addr, void *buf, uint32_t len)
{
    return pci_dma_read(opaque, addr, buf, len) == MEMTX_OK;
}

static bool fw_write(void *opaque, uint64_t addr, const void *buf,
                     uint32_t len)
{
    return pci_dma_write(opaque, addr, buf, len) == MEMTX_OK;
}

static int64_t fw_now(void *opaque)
{
    return gpu_timers_now();
}

static void fw_timer(void *opaque, unsigned id, int64_t deadline)
{
    coproc_set_timer(&NVIDIA_GSP(opaque)->gsp, id, deadline);
}

static void fw_irq(void *opaque, uint32_t lines)
{
    if (lines & GSP_IRQ_MESSAGE) {
        nv_falcon_raise(opaque, NV_FALCON_GSP, R_FALCON_IRQSTAT_SWGEN0_MASK);
    }
}

static void fw_state(void *opaque, FwState state)
{
    coproc_set_state(&NVIDIA_GSP(opaque)->gsp, state);
}

static FwVerdict fw_tap(void *opaque, const FwTapEvent *event)
{
    return gpu_tap(&NVIDIA_GSP(opaque)->tap, event);
}

static void fw_error(void *opaque, const char *message)
{
    warn_report("%s: %s", NVIDIA_GSP(opaque)->tap.owner, message);
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

/* ---- what it sees of the rest of the GPU ---- */

static bool image_read(void *opaque, uint64_t off, void *buf, uint32_t len)
{
    return nv_boot_image_read(opaque, off, buf, len);
}

static bool fb_read(void *opaque, uint64_t fb, void *buf, uint32_t len)
{
    return nv_fb_read(opaque, fb, buf, len);
}

static bool fb_write(void *opaque, uint64_t fb, const void *buf, uint32_t len)
{
    return nv_fb_write(opaque, fb, buf, len);
}

/*
 * The firmware says by its mailbox that it has ended. That takes a while: its
 * last message is long read when it does.
 */
static void mailbox(void *opaque, unsigned n, uint32_t value)
{
    NvGsp *s = opaque;

    if (n == 0) {
        s->goodbye = value;
        gpu_timers_set(&s->timers, TIMER_MAILBOX, gpu_timers_now() +
                       coproc_jitter(&s->gsp, s->persona[PERSONA_NS_UNLOAD]));
    }
}

static void bar_root(void *opaque, unsigned bar, uint64_t fb)
{
    NvGsp *s = opaque;

    if (bar >= 1 && bar <= NV_BARS && fb < s->fb_size) {
        s->bar_root[bar - 1] = fb;
        s->bar_bound[bar - 1] = true;
    }
}

static void space(void *opaque, uint32_t n, bool present, uint64_t root)
{
    nv_host_space(opaque, n, present, root);
}

static void channel(void *opaque, const GspChannel *c)
{
    nv_host_channel(opaque, c);
}

static uint32_t context_save(void *opaque, uint32_t chid, uint8_t *buf)
{
    return nv_host_save(opaque, chid, buf);
}

static bool context_load(void *opaque, const GspChannel *c,
                         const uint8_t *buf, uint32_t len)
{
    return nv_host_load(opaque, c, buf, len);
}

static void hold(void *opaque, bool on)
{
    nv_host_hold(opaque, on);
}

static const GspHwOps gpu_ops = {
    .image_read = image_read,
    .fb_read = fb_read,
    .fb_write = fb_write,
    .mailbox = mailbox,
    .bar_root = bar_root,
    .space = space,
    .channel = channel,
    .context_save = context_save,
    .context_load = context_load,
    .hold = hold,
};

/* ---- life ---- */

static void on_boot(void *opaque)
{
    NvGsp *s = opaque;
    GspBoot boot = {
        .libos = s->boot.libos,
        .rsvd_start = s->boot.rsvd_start,
        .heap = s->boot.heap,
        .heap_size = s->boot.heap_size,
        .fw_heap = s->boot.fw_heap,
        .fw_heap_size = s->boot.fw_heap_size,
        .vga = s->boot.vga,
        .vga_size = s->boot.vga_size,
        .frts = s->boot.frts_start,
        .resume = s->boot.resume,
    };
    GspError err = gsp_boot(&s->fw, &boot, s->abi, s->abi_size);

    if (err != GSP_OK) {
        s->falcon[NV_FALCON_GSP].mailbox[0] = err;
    }
}

static void on_doorbell(void *opaque, unsigned n)
{
    gsp_doorbell(&NVIDIA_GSP(opaque)->fw, n);
}

static void on_timer(void *opaque, unsigned id)
{
    gsp_timer(&NVIDIA_GSP(opaque)->fw, id);
}

static void on_state(void *opaque)
{
    NvGsp *s = opaque;

    if (s->gsp.state == FW_STATE_OFF) {
        gsp_stop(&s->fw);
    }
}

static const CoprocOps coproc_ops = {
    .name = "boot",
    .boot = on_boot,
    .doorbell = on_doorbell,
    .timer = on_timer,
    .state = on_state,
};

/* Engines that take channels: their entries in the persona, in order. */
static void describe_engines(NvGsp *s)
{
    static const struct {
        GspEngineKind kind;
        uint32_t instance;
        unsigned first;
    } engines[] = {
        { GSP_ENGINE_GR, 0, PERSONA_GR_RUNLIST },
        { GSP_ENGINE_CE, 0, PERSONA_CE0_RUNLIST },
        { GSP_ENGINE_CE, 1, PERSONA_CE1_RUNLIST },
        { GSP_ENGINE_CE, 2, PERSONA_CE2_RUNLIST },
    };
    GspGpu *gpu = &s->fw.gpu;
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(engines); i++) {
        const uint64_t *p = &s->persona[engines[i].first];

        if (p[0] != UINT32_MAX) {
            gpu->engines[gpu->nr_engines++] = (GspEngine) {
                .kind = engines[i].kind,
                .instance = engines[i].instance,
                .runlist = p[0],
                .pri_base = p[1],
                .stall = GSP_NO_VECTOR,
                .nonstall = p[2],
            };
        }
    }
}

/* Blackwell's has a vector of its own for what a head reports. */
static void describe_display(NvGsp *s)
{
    GspGpu *gpu = &s->fw.gpu;
    unsigned i;

    for (i = 0; i < 2; i++) {
        gpu->engines[gpu->nr_engines++] = (GspEngine) {
            .kind = i ? GSP_ENGINE_DISP_LOW : GSP_ENGINE_DISP,
            .runlist = GSP_NO_RUNLIST,
            .stall = s->persona[i ? PERSONA_VECTOR_DISPLAY_LOW
                                  : PERSONA_VECTOR_DISPLAY],
            .nonstall = GSP_NO_VECTOR,
        };
    }
}

static void describe_gpu(NvGsp *s)
{
    GspGpu *gpu = &s->fw.gpu;
    unsigned i;

    s->classes = (PbClasses) {
        .copy = s->persona[PERSONA_CLASS_COPY],
        .threed = s->persona[PERSONA_CLASS_THREED],
        .compute = s->persona[PERSONA_CLASS_COMPUTE],
        .inline_memory = s->persona[PERSONA_CLASS_INLINE],
    };
    pstrcpy(gpu->name, sizeof(gpu->name), s->model);
    gpu->fb_size = s->fb_size;
    gpu->gpcs = s->persona[PERSONA_GPCS];
    for (i = 0; i < gpu->gpcs; i++) {
        gpu->tpcs[i] = s->persona[PERSONA_TPCS];
    }
    gpu->classes[GSP_ROLE_CHANNEL] = s->persona[PERSONA_CLASS_CHANNEL];
    gpu->classes[GSP_ROLE_COPY] = s->classes.copy;
    gpu->classes[GSP_ROLE_THREED] = s->classes.threed;
    gpu->classes[GSP_ROLE_COMPUTE] = s->classes.compute;
    gpu->classes[GSP_ROLE_INLINE] = s->classes.inline_memory;
    gpu->classes[GSP_ROLE_DISPLAY_COMMON] =
        s->persona[PERSONA_CLASS_DISPLAY_COMMON];
    gpu->classes[GSP_ROLE_DISPLAY] = s->persona[PERSONA_CLASS_DISPLAY];
    gpu->pde_levels = s->persona[PERSONA_PDE_LEVELS];
    gpu->sequencer = s->persona[PERSONA_SEQUENCER];
    gpu->engines[0] = (GspEngine) {
        .kind = GSP_ENGINE_GSP,
        .runlist = GSP_NO_RUNLIST,
        .stall = s->persona[PERSONA_VECTOR_GSP],
        .nonstall = GSP_NO_VECTOR,
    };
    gpu->nr_engines = 1;
    describe_engines(s);
    if (s->persona[PERSONA_CLASS_DISPLAY]) {
        describe_display(s);
    }
}

bool nv_firmware_init(NvGsp *s, Error **errp)
{
    CoprocLatency latency = {
        .boot = s->persona[PERSONA_NS_BOOT],
        .doorbell = s->persona[PERSONA_NS_DOORBELL],
        .halt = s->persona[PERSONA_NS_HALT],
        .jitter = s->seed ? s->persona[PERSONA_NS_JITTER] : 0,
    };

    coproc_init(&s->gsp, &coproc_ops, s, &s->tap, &latency, s->seed);
    s->fw.hw = (GspHw) {
        .fw = { .ops = &fw_ops, .opaque = s },
        .gpu = &gpu_ops,
        .opaque = s,
    };
    describe_gpu(s);
    gsp_init(&s->fw);
    return true;
}

void nv_firmware_fini(NvGsp *s)
{
    coproc_fini(&s->gsp);
}

void nv_firmware_start(NvGsp *s)
{
    coproc_start(&s->gsp);
}

void nv_firmware_stop(NvGsp *s)
{
    coproc_stop(&s->gsp);
    gpu_timers_set(&s->timers, TIMER_MAILBOX, GPU_TIMER_NEVER);
    memset(s->bar_bound, 0, sizeof(s->bar_bound));
    nv_host_reset(s);
}

void nv_firmware_reset(NvGsp *s)
{
    nv_firmware_stop(s);
    gsp_stop(&s->fw);
    s->nr_effects = 0;
}

bool nv_firmware_active(const NvGsp *s)
{
    return s->gsp.state != FW_STATE_OFF && s->gsp.state != FW_STATE_FATAL;
}

void nv_firmware_doorbell(NvGsp *s, unsigned n)
{
    coproc_ring(&s->gsp, n);
}

bool nv_firmware_check(NvGsp *s)
{
    FwError err = { 0 };

    if (s->nr_effects > NV_EFFECTS_MAX) {
        return false;
    }
    if (!gsp_post_load(&s->fw, &err)) {
        error_report("%s", err.text);
        return false;
    }
    return true;
}

/* ---- scenarios ---- */

FwPhase nv_phase(void *opaque)
{
    NvGsp *s = opaque;

    switch (s->gsp.state) {
    case FW_STATE_BOOTING:
        return FW_PHASE_WAKING;
    case FW_STATE_RUNNING:
        return s->fw.s.stage == GSP_STAGE_READY ? FW_PHASE_WORKING
                                                : FW_PHASE_WAKING;
    default:
        return FW_PHASE_PROBING;
    }
}

static uint8_t raise_index(const char *name)
{
    uint8_t i = 0;

    /* Names that are none do not pass the vocabulary. */
    while (gsp_vocabulary.raise[i + 1] &&
           strcmp(gsp_vocabulary.raise[i], name)) {
        i++;
    }
    return i;
}

/* In the middle of things: only noted. */
void nv_effect(void *opaque, const FwTapEvent *event, const FwVerdict *v)
{
    NvGsp *s = opaque;

    if (s->nr_effects == NV_EFFECTS_MAX) {
        return;
    }
    s->effect[s->nr_effects++] = (NvEffect) {
        .action = v->action,
        .raise = v->action == FW_RAISE ? raise_index(v->name) : 0,
        .value = v->value,
        .data = v->data,
    };
    gpu_timers_set_earlier(&s->timers, TIMER_EFFECT, gpu_timers_now());
}

static void effects(NvGsp *s)
{
    NvEffect todo[NV_EFFECTS_MAX];
    uint32_t n = s->nr_effects, i;

    memcpy(todo, s->effect, sizeof(todo));
    s->nr_effects = 0;
    for (i = 0; i < n; i++) {
        switch (todo[i].action) {
        case FW_RAISE:
            gsp_raise(&s->fw, gsp_vocabulary.raise[todo[i].raise],
                      todo[i].value, todo[i].data);
            break;
        case FW_CRASH:
            gsp_crash(&s->fw);
            break;
        case FW_RESET:
            device_cold_reset(DEVICE(s));
            break;
        case FW_UNPLUG:
            s->unplugged = true;
            break;
        default:
            break;
        }
    }
}

void nv_firmware_expired(NvGsp *s, unsigned id)
{
    if (id == TIMER_EFFECT) {
        effects(s);
    } else if (id == TIMER_MAILBOX) {
        s->falcon[NV_FALCON_GSP].mailbox[0] = s->goodbye;
        /* Where no booter comes it cleans up by itself, and its core halts. */
        if (nv_fsp_present(s)) {
            nv_boot_unload(s);
        }
    }
}
