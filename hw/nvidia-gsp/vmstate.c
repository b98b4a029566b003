/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NVIDIA GSP: migration. A stream is input: what it says is checked. */
#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "migration/vmstate.h"

#include "../../firmware-stubs/gsp/gsp-vocabulary.h"
#include "nvidia-gsp.h"

static const VMStateDescription vmstate_falcon = {
    .name = "nvidia-gsp/falcon",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(mailbox, NvFalcon, 2),
        VMSTATE_UINT32(irqstat, NvFalcon),
        VMSTATE_UINT32(irqmask, NvFalcon),
        VMSTATE_UINT32(itfen, NvFalcon),
        VMSTATE_UINT32(os, NvFalcon),
        VMSTATE_UINT32(rm, NvFalcon),
        VMSTATE_UINT32(cpuctl, NvFalcon),
        VMSTATE_UINT32(bootvec, NvFalcon),
        VMSTATE_UINT32(dmactl, NvFalcon),
        VMSTATE_UINT32(trf_base, NvFalcon),
        VMSTATE_UINT32(trf_base1, NvFalcon),
        VMSTATE_UINT32(trf_moffs, NvFalcon),
        VMSTATE_UINT32(trf_fboffs, NvFalcon),
        VMSTATE_UINT32(trf_cmd, NvFalcon),
        VMSTATE_UINT32(imemc, NvFalcon),
        VMSTATE_UINT32(imemt, NvFalcon),
        VMSTATE_UINT32(dmemc, NvFalcon),
        VMSTATE_UINT32(engine, NvFalcon),
        VMSTATE_UINT32_ARRAY(transcfg, NvFalcon, 8),
        VMSTATE_UINT32(fbif_ctl, NvFalcon),
        VMSTATE_UINT32(mod_sel, NvFalcon),
        VMSTATE_UINT32(ucode_id, NvFalcon),
        VMSTATE_UINT32(engine_id, NvFalcon),
        VMSTATE_UINT32(paraaddr, NvFalcon),
        VMSTATE_UINT32(bcr_ctrl, NvFalcon),
        VMSTATE_BOOL(started, NvFalcon),
        VMSTATE_BOOL(loaded, NvFalcon),
        VMSTATE_UINT16_ARRAY(imem_tag, NvFalcon, NV_IMEM_BLOCKS),
        VMSTATE_UINT8_ARRAY(imem_flags, NvFalcon, NV_IMEM_BLOCKS),
        VMSTATE_UINT8_ARRAY(imem, NvFalcon, NV_FALCON_MEMORY),
        VMSTATE_UINT8_ARRAY(dmem, NvFalcon, NV_FALCON_MEMORY),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_boot = {
    .name = "nvidia-gsp/boot",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(stage, NvBoot),
        VMSTATE_UINT64(wpr2_start, NvBoot),
        VMSTATE_UINT64(wpr2_end, NvBoot),
        VMSTATE_UINT64(frts_start, NvBoot),
        VMSTATE_UINT64(frts_size, NvBoot),
        VMSTATE_UINT64(radix3, NvBoot),
        VMSTATE_UINT64(image, NvBoot),
        VMSTATE_UINT64(image_size, NvBoot),
        VMSTATE_UINT64(copied, NvBoot),
        VMSTATE_UINT64(rsvd_start, NvBoot),
        VMSTATE_UINT64(heap, NvBoot),
        VMSTATE_UINT64(heap_size, NvBoot),
        VMSTATE_UINT64(loader, NvBoot),
        VMSTATE_UINT64(loader_size, NvBoot),
        VMSTATE_UINT64(loader_fb, NvBoot),
        VMSTATE_UINT64(libos, NvBoot),
        VMSTATE_UINT64(fw_heap, NvBoot),
        VMSTATE_UINT64(fw_heap_size, NvBoot),
        VMSTATE_UINT64(vga, NvBoot),
        VMSTATE_UINT64(vga_size, NvBoot),
        VMSTATE_BOOL(resume, NvBoot),
        VMSTATE_UINT64(saved, NvBoot),
        VMSTATE_UINT64(saved_size, NvBoot),
        VMSTATE_UINT64(sr_meta, NvBoot),
        VMSTATE_UINT8_ARRAY(digest, NvBoot, NV_DIGEST),
        VMSTATE_UINT8_ARRAY(seal, NvBoot, NV_DIGEST),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_fsp = {
    .name = "nvidia-gsp/fsp",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(emem_control, NvFsp),
        VMSTATE_UINT32_ARRAY(queue, NvFsp, 2),
        VMSTATE_UINT32_ARRAY(answers, NvFsp, 2),
        VMSTATE_UINT8_ARRAY(emem, NvFsp, MCTP_MAX),
        VMSTATE_UINT8(fmc, NvFsp),
        VMSTATE_UINT64(args, NvFsp),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_intr = {
    .name = "nvidia-gsp/intr",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(leaf, NvIntr, INTR_LEAVES),
        VMSTATE_UINT32_ARRAY(enable, NvIntr, INTR_LEAVES),
        VMSTATE_UINT32(top_enable, NvIntr),
        VMSTATE_BOOL(msi_armed, NvIntr),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_unmodelled = {
    .name = "nvidia-gsp/unmodelled",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(offset, NvUnmodelled),
        VMSTATE_UINT32(reads, NvUnmodelled),
        VMSTATE_UINT32(writes, NvUnmodelled),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_effect = {
    .name = "nvidia-gsp/effect",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(action, NvEffect),
        VMSTATE_UINT8(raise, NvEffect),
        VMSTATE_UINT64(value, NvEffect),
        VMSTATE_UINT64(data, NvEffect),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_ring = {
    .name = "nvidia-gsp/ring",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(pages, GspRing),
        VMSTATE_UINT32(slots, GspRing),
        VMSTATE_UINT32(entry, GspRing),
        VMSTATE_UINT32(rx, GspRing),
        VMSTATE_UINT32(ptr, GspRing),
        VMSTATE_UINT32(seq, GspRing),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_pending = {
    .name = "nvidia-gsp/pending",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(event, GspPending),
        VMSTATE_UINT64(a, GspPending),
        VMSTATE_UINT64(b, GspPending),
        VMSTATE_UINT64(address, GspPending),
        VMSTATE_UINT32(type, GspPending),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_object = {
    .name = "nvidia-gsp/object",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(client, GspObject),
        VMSTATE_UINT32(handle, GspObject),
        VMSTATE_UINT32(parent, GspObject),
        VMSTATE_UINT32(up, GspObject),
        VMSTATE_UINT32(class, GspObject),
        VMSTATE_UINT32(kind, GspObject),
        VMSTATE_UINT32(slot, GspObject),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_space = {
    .name = "nvidia-gsp/space",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(used, GspSpace),
        VMSTATE_UINT8(present, GspSpace),
        VMSTATE_UINT64(root, GspSpace),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_memory = {
    .name = "nvidia-gsp/memory",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(used, GspMemory),
        VMSTATE_UINT32(pages, GspMemory),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_channel = {
    .name = "nvidia-gsp/channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(chid, GspChannel),
        VMSTATE_UINT32(engine, GspChannel),
        VMSTATE_UINT32(state, GspChannel),
        VMSTATE_UINT64(inst, GspChannel),
        VMSTATE_UINT64(userd, GspChannel),
        VMSTATE_UINT64(gpfifo, GspChannel),
        VMSTATE_UINT32(entries, GspChannel),
        VMSTATE_UINT32(space, GspChannel),
        VMSTATE_UINT32(client, GspChannel),
        VMSTATE_UINT32(handle, GspChannel),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_host_space = {
    .name = "nvidia-gsp/host-space",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_BOOL(present, NvSpace),
        VMSTATE_UINT64(root, NvSpace),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_runlist = {
    .name = "nvidia-gsp/runlist",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(next, NvRunlist),
        VMSTATE_INT64(free_at, NvRunlist),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_copy = {
    .name = "nvidia-gsp/copy",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(in, NvCopy),
        VMSTATE_UINT64(out, NvCopy),
        VMSTATE_UINT32(pitch_in, NvCopy),
        VMSTATE_UINT32(pitch_out, NvCopy),
        VMSTATE_UINT32(length, NvCopy),
        VMSTATE_UINT32(count, NvCopy),
        VMSTATE_UINT64(semaphore, NvCopy),
        VMSTATE_UINT32(payload, NvCopy),
        VMSTATE_UINT32_ARRAY(remap_const, NvCopy, 2),
        VMSTATE_UINT32(remap, NvCopy),
        VMSTATE_UINT32(launch, NvCopy),
        VMSTATE_BOOL(pretend, NvCopy),
        VMSTATE_BOOL(active, NvCopy),
        VMSTATE_UINT32(line, NvCopy),
        VMSTATE_UINT32(at, NvCopy),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_pb = {
    .name = "nvidia-gsp/pb",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(gp_get, PbChannel),
        VMSTATE_UINT64(get, PbChannel),
        VMSTATE_UINT32(left, PbChannel),
        VMSTATE_BOOL(main, PbChannel),
        VMSTATE_UINT64(top_get, PbChannel),
        VMSTATE_BOOL(top_valid, PbChannel),
        VMSTATE_UINT8(subchannel, PbChannel),
        VMSTATE_UINT8(repeat, PbChannel),
        VMSTATE_UINT32(method, PbChannel),
        VMSTATE_UINT32(words, PbChannel),
        VMSTATE_BOOL(skip, PbChannel),
        VMSTATE_UINT16(mask, PbChannel),
        VMSTATE_UINT32_ARRAY(old, PbChannel, 3),
        VMSTATE_UINT64(address, PbChannel),
        VMSTATE_UINT64(payload, PbChannel),
        VMSTATE_UINT32(reference, PbChannel),
        VMSTATE_UINT16_ARRAY(class, PbChannel, PB_SUBCHANNELS),
        VMSTATE_BOOL(threed, PbChannel),
        VMSTATE_UINT8(error, PbChannel),
        VMSTATE_UINT32(error_data, PbChannel),
        VMSTATE_STRUCT(copy, PbChannel, 1, vmstate_copy, NvCopy),
        VMSTATE_END_OF_LIST()
    },
};

const VMStateDescription vmstate_nv_channel = {
    .name = "nvidia-gsp/host-channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(c, NvChannel, 1, vmstate_channel, GspChannel),
        VMSTATE_STRUCT(pb, NvChannel, 1, vmstate_pb, PbChannel),
        VMSTATE_BOOL(ready, NvChannel),
        VMSTATE_BOOL(rung, NvChannel),
        VMSTATE_BOOL(waits, NvChannel),
        VMSTATE_BOOL(dead, NvChannel),
        VMSTATE_INT64(look_at, NvChannel),
        VMSTATE_INT64(wait, NvChannel),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_host = {
    .name = "nvidia-gsp/host",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_ARRAY(runlist, NvHost, NV_RUNLISTS, 1,
                             vmstate_runlist, NvRunlist),
        VMSTATE_STRUCT_ARRAY(space, NvHost, GSP_SPACES_MAX, 1,
                             vmstate_host_space, NvSpace),
        VMSTATE_STRUCT_ARRAY(chan, NvHost, GSP_CHANNELS_MAX, 1,
                             vmstate_nv_channel, NvChannel),
        VMSTATE_UINT64(dead, NvHost),
        VMSTATE_BOOL(held, NvHost),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_fw = {
    .name = "nvidia-gsp/fw",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(running, GspState),
        VMSTATE_UINT8(hung, GspState),
        VMSTATE_UINT8(from_image, GspState),
        VMSTATE_UINT8(stage, GspState),
        VMSTATE_UINT8(resumed, GspState),
        VMSTATE_UINT8(told, GspState),
        VMSTATE_UINT8(asked, GspState),
        VMSTATE_UINT8(held, GspState),
        VMSTATE_UINT8(synced, GspState),
        VMSTATE_UINT64(libos, GspState),
        VMSTATE_UINT64(rsvd_start, GspState),
        VMSTATE_UINT64(heap, GspState),
        VMSTATE_UINT64(heap_size, GspState),
        VMSTATE_UINT64(fw_heap, GspState),
        VMSTATE_UINT64(fw_heap_size, GspState),
        VMSTATE_UINT64(vga, GspState),
        VMSTATE_UINT64(vga_size, GspState),
        VMSTATE_UINT64(frts, GspState),
        VMSTATE_UINT64(args, GspState),
        VMSTATE_UINT64_ARRAY(bar_pde, GspState, 2),
        VMSTATE_UINT32(nr_pages, GspState),
        VMSTATE_UINT64_ARRAY(page, GspState, GSP_PAGES_MAX),
        VMSTATE_STRUCT(cmd, GspState, 1, vmstate_ring, GspRing),
        VMSTATE_STRUCT(stat, GspState, 1, vmstate_ring, GspRing),
        VMSTATE_UINT32(more_left, GspState),
        VMSTATE_UINT32(more_function, GspState),
        VMSTATE_UINT32(more_sequence, GspState),
        VMSTATE_UINT32(more_head, GspState),
        VMSTATE_UINT8_ARRAY(more, GspState, FW_STRUCT_MAX),
        VMSTATE_INT64(retry_at, GspState),
        VMSTATE_INT64(wait, GspState),
        VMSTATE_UINT32(nr_pending, GspState),
        VMSTATE_STRUCT_ARRAY(pending, GspState, GSP_PENDING_MAX, 1,
                             vmstate_pending, GspPending),
        VMSTATE_UINT64(nr_posted, GspState),
        VMSTATE_STRUCT_ARRAY(object, GspState, GSP_OBJECTS_MAX, 1,
                             vmstate_object, GspObject),
        VMSTATE_STRUCT_ARRAY(space, GspState, GSP_SPACES_MAX, 1,
                             vmstate_space, GspSpace),
        VMSTATE_STRUCT_ARRAY(channel, GspState, GSP_CHANNELS_MAX, 1,
                             vmstate_channel, GspChannel),
        VMSTATE_STRUCT_ARRAY(memory, GspState, GSP_MEMORIES_MAX, 1,
                             vmstate_memory, GspMemory),
        VMSTATE_UINT32(save_pages, GspState),
        VMSTATE_UINT32(nr_regions, GspState),
        VMSTATE_UINT32(save_at, GspState),
        VMSTATE_UINT64(save_off, GspState),
        VMSTATE_UINT32(profile_size, GspState),
        VMSTATE_UINT8_ARRAY(profile, GspState, FW_PROFILE_MAX),
        VMSTATE_END_OF_LIST()
    },
};

static bool effects_are_sane(const NvGsp *s)
{
    unsigned names = 0;
    unsigned i;

    while (gsp_vocabulary.raise[names]) {
        names++;
    }
    for (i = 0; i < NV_EFFECTS_MAX; i++) {
        if (s->effect[i].raise >= names) {
            return false;
        }
    }
    return true;
}

static int post_load(void *opaque, int version_id)
{
    NvGsp *s = opaque;

    if (s->nr_unmodelled > NV_UNMODELLED_MAX ||
        s->pramin_base > PRAMIN_BASE_MASK || !effects_are_sane(s) ||
        !nv_falcon_check(s) || !nv_boot_check(s) || !nv_fsp_check(s) ||
        !nv_fb_check(s) || !nv_firmware_check(s) || !nv_host_check(s)) {
        return -EINVAL;
    }
    return 0;
}

const VMStateDescription vmstate_nvidia_gsp = {
    .name = TYPE_NVIDIA_GSP,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, NvGsp),
        VMSTATE_STRUCT(tap, NvGsp, 1, vmstate_gpu_tap, GpuTap),
        VMSTATE_STRUCT(timers, NvGsp, 1, vmstate_gpu_timers, GpuTimers),
        VMSTATE_STRUCT_ARRAY(falcon, NvGsp, NV_FALCONS, 1, vmstate_falcon,
                             NvFalcon),
        VMSTATE_STRUCT(boot, NvGsp, 1, vmstate_boot, NvBoot),
        VMSTATE_STRUCT(fsp, NvGsp, 1, vmstate_fsp, NvFsp),
        VMSTATE_STRUCT(intr, NvGsp, 1, vmstate_intr, NvIntr),
        VMSTATE_STRUCT(host, NvGsp, 1, vmstate_host, NvHost),
        VMSTATE_INT64(gfw_at, NvGsp),
        VMSTATE_BOOL(gfw_told, NvGsp),
        VMSTATE_INT64(ptimer_offset, NvGsp),
        VMSTATE_UINT32(goodbye, NvGsp),
        VMSTATE_UINT32(pramin_base, NvGsp),
        VMSTATE_UINT32(flush_page, NvGsp),
        VMSTATE_UINT32(flush_page_hi, NvGsp),
        VMSTATE_UINT32(scratch_frts, NvGsp),
        VMSTATE_UINT32(scratch_sb, NvGsp),
        VMSTATE_UINT32(pmc_enable, NvGsp),
        VMSTATE_UINT32(pmc_device_enable, NvGsp),
        VMSTATE_UINT32(ptimer_intr_en, NvGsp),
        VMSTATE_UINT32(ptimer_numerator, NvGsp),
        VMSTATE_UINT32(ptimer_denominator, NvGsp),
        VMSTATE_UINT32(ptimer_alarm, NvGsp),
        VMSTATE_UINT32(bus_intr_en, NvGsp),
        VMSTATE_UINT32(rom_shadow, NvGsp),
        VMSTATE_UINT32(invalidate_pdb, NvGsp),
        VMSTATE_UINT32(invalidate_pdb_hi, NvGsp),
        VMSTATE_UINT32(invalidate, NvGsp),
        VMSTATE_UINT64_ARRAY(bar_root, NvGsp, NV_BARS),
        VMSTATE_BOOL_ARRAY(bar_bound, NvGsp, NV_BARS),
        VMSTATE_UINT64(bar_faults, NvGsp),
        VMSTATE_UINT64(wpr_denied, NvGsp),
        VMSTATE_UINT64(unmodelled_count, NvGsp),
        VMSTATE_UINT32(nr_unmodelled, NvGsp),
        VMSTATE_STRUCT_ARRAY(unmodelled, NvGsp, NV_UNMODELLED_MAX, 1,
                             vmstate_unmodelled, NvUnmodelled),
        VMSTATE_BOOL(unplugged, NvGsp),
        VMSTATE_UINT32(nr_effects, NvGsp),
        VMSTATE_STRUCT_ARRAY(effect, NvGsp, NV_EFFECTS_MAX, 1,
                             vmstate_effect, NvEffect),
        VMSTATE_STRUCT(gsp, NvGsp, 1, vmstate_coproc, Coproc),
        VMSTATE_STRUCT(fw.s, NvGsp, 1, vmstate_fw, GspState),
        VMSTATE_END_OF_LIST()
    },
};
