/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mali CSF GPU: migration.
 *
 * A stream of migration is input like any other: what indexes an array or
 * chooses a branch is checked before the device runs on (post_load). Not
 * migrated: what follows from properties (persona, latencies), what is rebuilt
 * (layout table, scenario rules), and what hardware may forget (TLBs).
 */
#include "qemu/osdep.h"
#include "migration/vmstate.h"

#include "mali-csf.h"

static const VMStateDescription vmstate_as = {
    .name = "mali-csf/as",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(transtab, MaliAs),
        VMSTATE_UINT64(memattr, MaliAs),
        VMSTATE_UINT64(lockaddr, MaliAs),
        VMSTATE_UINT64(transcfg, MaliAs),
        VMSTATE_UINT32(fault_status, MaliAs),
        VMSTATE_UINT64(fault_address, MaliAs),
        VMSTATE_UINT64(root, MaliAs),
        VMSTATE_UINT8(mode, MaliAs),
        VMSTATE_UINT8(va_bits, MaliAs),
        VMSTATE_UINT32(command, MaliAs),
        VMSTATE_BOOL(faulted, MaliAs),
        VMSTATE_BOOL(locked, MaliAs),
        VMSTATE_UINT64(lock_start, MaliAs),
        VMSTATE_UINT64(lock_last, MaliAs),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_domain = {
    .name = "mali-csf/domain",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(ready, MaliDomain),
        VMSTATE_UINT64(goal, MaliDomain),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_unmodelled = {
    .name = "mali-csf/unmodelled",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(offset, MaliUnmodelled),
        VMSTATE_UINT32(reads, MaliUnmodelled),
        VMSTATE_UINT32(writes, MaliUnmodelled),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_cs_frame = {
    .name = "mali-csf/cs-frame",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(pc, CsFrame),
        VMSTATE_UINT64(end, CsFrame),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_cs_deferred = {
    .name = "mali-csf/cs-deferred",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(instr, CsDeferred),
        VMSTATE_UINT64(addr, CsDeferred),
        VMSTATE_UINT64(data, CsDeferred),
        VMSTATE_UINT64(heap, CsDeferred),
        VMSTATE_INT64(ready, CsDeferred),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_cs_stream = {
    .name = "mali-csf/cs-stream",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(state, CsStream),
        VMSTATE_UINT8(stopped, CsStream),
        VMSTATE_UINT8(blocked, CsStream),
        VMSTATE_UINT8(idle, CsStream),
        VMSTATE_UINT8(as, CsStream),
        VMSTATE_UINT8(depth, CsStream),
        VMSTATE_UINT8(pretend, CsStream),
        VMSTATE_UINT8(hang, CsStream),
        VMSTATE_UINT8(in_handler, CsStream),
        VMSTATE_UINT8(handler_done, CsStream),
        VMSTATE_UINT8(in_error, CsStream),
        VMSTATE_UINT8(sb_endpoint, CsStream),
        VMSTATE_UINT8(sb_other, CsStream),
        VMSTATE_UINT8(sb_deferred, CsStream),
        VMSTATE_UINT8(sync_cond, CsStream),
        VMSTATE_UINT8(sync_64, CsStream),
        VMSTATE_UINT8(sync_reject, CsStream),
        VMSTATE_UINT8(progress_queue, CsStream),
        VMSTATE_UINT8(deferred_count, CsStream),
        VMSTATE_UINT8(lacks, CsStream),
        VMSTATE_UINT16(sb_mask_stream, CsStream),
        VMSTATE_UINT16(sb_mask_wait, CsStream),
        VMSTATE_UINT16(wait_sb, CsStream),
        VMSTATE_UINT32(ring_size, CsStream),
        VMSTATE_UINT64(ring_base, CsStream),
        VMSTATE_UINT64(extract, CsStream),
        VMSTATE_UINT64(insert, CsStream),
        VMSTATE_STRUCT_ARRAY(frame, CsStream, CS_CALL_DEPTH_MAX, 1,
                             vmstate_cs_frame, CsFrame),
        VMSTATE_UINT32_ARRAY(regs, CsStream, CS_REGS_MAX),
        VMSTATE_INT64(clock, CsStream),
        VMSTATE_INT64(wake, CsStream),
        VMSTATE_INT64(met, CsStream),
        VMSTATE_INT64_ARRAY(sb_done, CsStream, CS_SB_MAX),
        VMSTATE_STRUCT_ARRAY(deferred, CsStream, CS_DEFERRED_MAX, 1,
                             vmstate_cs_deferred, CsDeferred),
        VMSTATE_UINT32(resources, CsStream),
        VMSTATE_UINT64(sync_va, CsStream),
        VMSTATE_UINT64(sync_value, CsStream),
        VMSTATE_UINT64(progress_value, CsStream),
        VMSTATE_UINT64(progress, CsStream),
        VMSTATE_UINT64(heap, CsStream),
        VMSTATE_UINT32(heap_vt_start, CsStream),
        VMSTATE_UINT32(heap_vt_end, CsStream),
        VMSTATE_UINT32(heap_frag_end, CsStream),
        VMSTATE_UINT64(heap_chunk, CsStream),
        VMSTATE_UINT64(handler_va, CsStream),
        VMSTATE_UINT32(handler_len, CsStream),
        VMSTATE_UINT32(events, CsStream),
        VMSTATE_INT64_ARRAY(event_time, CsStream, CS_EVENT_COUNT),
        VMSTATE_UINT32(fault_type, CsStream),
        VMSTATE_UINT32(fault_data, CsStream),
        VMSTATE_UINT64(fault_info, CsStream),
        VMSTATE_UINT32(fatal_type, CsStream),
        VMSTATE_UINT32(fatal_data, CsStream),
        VMSTATE_UINT64(fatal_info, CsStream),
        VMSTATE_UINT64(executed, CsStream),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_cs_sync_write = {
    .name = "mali-csf/cs-sync-write",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(va, CsSyncWrite),
        VMSTATE_INT64(time, CsSyncWrite),
        VMSTATE_UINT8(as, CsSyncWrite),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_exec = {
    .name = "mali-csf/exec",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_INT64(progress_timeout, CsExec),
        VMSTATE_STRUCT_ARRAY(recent, CsExec, CS_SYNC_RECENT, 1,
                             vmstate_cs_sync_write, CsSyncWrite),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_csf_word = {
    .name = "mali-csf/fw-word",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(ack, CsfWord),
        VMSTATE_UINT32(seen, CsfWord),
        VMSTATE_UINT32(muted, CsfWord),
        VMSTATE_UINT32(events, CsfWord),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_csf_stream = {
    .name = "mali-csf/fw-stream",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(word, CsfStream, 1, vmstate_csf_word, CsfWord),
        VMSTATE_UINT32(input_va, CsfStream),
        VMSTATE_UINT32(output_va, CsfStream),
        VMSTATE_UINT64(ring_input, CsfStream),
        VMSTATE_UINT64(ring_output, CsfStream),
        VMSTATE_UINT64(insert, CsfStream),
        VMSTATE_UINT8(doorbell, CsfStream),
        VMSTATE_UINT8(shown, CsfStream),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_csf_group = {
    .name = "mali-csf/fw-group",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(word, CsfGroup, 1, vmstate_csf_word, CsfWord),
        VMSTATE_UINT32(input_va, CsfGroup),
        VMSTATE_UINT32(output_va, CsfGroup),
        VMSTATE_UINT32(cs_irq_req, CsfGroup),
        VMSTATE_UINT32(doorbell_ack, CsfGroup),
        VMSTATE_UINT32(started, CsfGroup),
        VMSTATE_UINT32(quiet, CsfGroup),
        VMSTATE_UINT32(oom, CsfGroup),
        VMSTATE_UINT32(fault, CsfGroup),
        VMSTATE_UINT32(kick, CsfGroup),
        VMSTATE_UINT64(endpoint_req, CsfGroup),
        VMSTATE_UINT8(state, CsfGroup),
        VMSTATE_UINT8(as, CsfGroup),
        VMSTATE_UINT8(active, CsfGroup),
        VMSTATE_UINT8(idle, CsfGroup),
        VMSTATE_STRUCT_ARRAY(stream, CsfGroup, CSF_STREAMS_MAX, 1,
                             vmstate_csf_stream, CsfStream),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_fw = {
    .name = "mali-csf/fw",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(running, CsfState),
        VMSTATE_UINT8(hung, CsfState),
        VMSTATE_UINT8(from_image, CsfState),
        VMSTATE_UINT8(load, CsfState),
        VMSTATE_UINT8(idle_sent, CsfState),
        VMSTATE_UINT8(powered, CsfState),
        VMSTATE_STRUCT(glb, CsfState, 1, vmstate_csf_word, CsfWord),
        VMSTATE_UINT32(input_va, CsfState),
        VMSTATE_UINT32(output_va, CsfState),
        VMSTATE_UINT32(doorbell_ack, CsfState),
        VMSTATE_UINT32(suspend_size, CsfState),
        VMSTATE_UINT32(group_num, CsfState),
        VMSTATE_UINT32(stream_num, CsfState),
        VMSTATE_UINT32(poweroff_timer, CsfState),
        VMSTATE_UINT32(idle_timer, CsfState),
        VMSTATE_UINT64(core_mask, CsfState),
        VMSTATE_INT64(retry_at, CsfState),
        VMSTATE_UINT32(profile_size, CsfState),
        VMSTATE_UINT8_ARRAY(profile, CsfState, FW_PROFILE_MAX),
        VMSTATE_STRUCT_ARRAY(group, CsfState, CSF_GROUPS_MAX, 1,
                             vmstate_csf_group, CsfGroup),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_effect = {
    .name = "mali-csf/effect",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(action, MaliEffect),
        VMSTATE_UINT8(raise, MaliEffect),
        VMSTATE_UINT8(group, MaliEffect),
        VMSTATE_UINT8(stream, MaliEffect),
        VMSTATE_UINT64(value, MaliEffect),
        VMSTATE_UINT64(data, MaliEffect),
        VMSTATE_END_OF_LIST()
    },
};

static int post_load(void *opaque, int version_id)
{
    MaliCsf *s = opaque;
    unsigned i;

    if (s->nr_unmodelled > MALI_UNMODELLED_MAX ||
        s->mcu_control > MCU_CONTROL_AUTO || !mali_effects_check(s)) {
        return -EINVAL;
    }
    for (i = 0; i < DOMAIN_NR; i++) {
        if ((s->domain[i].ready | s->domain[i].goal) & ~mali_present(s, i)) {
            return -EINVAL;
        }
    }
    return mali_pwr_check(s) && mali_mmu_check(s) && mali_mcu_check(s)
           ? 0 : -EINVAL;
}

const VMStateDescription vmstate_mali_csf = {
    .name = TYPE_MALI_CSF,
    .version_id = 1,
    .minimum_version_id = 1,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(tap, MaliCsf, 1, vmstate_gpu_tap, GpuTap),
        VMSTATE_STRUCT(timers, MaliCsf, 1, vmstate_gpu_timers, GpuTimers),
        VMSTATE_STRUCT(gpu_int, MaliCsf, 1, vmstate_gpu_irq_bank, GpuIrqBank),
        VMSTATE_STRUCT(job_int, MaliCsf, 1, vmstate_gpu_irq_bank, GpuIrqBank),
        VMSTATE_STRUCT(mmu_int, MaliCsf, 1, vmstate_gpu_irq_bank, GpuIrqBank),
        VMSTATE_STRUCT(pwr_int, MaliCsf, 1, vmstate_gpu_irq_bank, GpuIrqBank),
        VMSTATE_STRUCT_ARRAY(domain, MaliCsf, DOMAIN_NR, 1, vmstate_domain,
                             MaliDomain),
        VMSTATE_STRUCT_ARRAY(as, MaliCsf, MMU_AS_COUNT, 1, vmstate_as, MaliAs),
        VMSTATE_UINT32(mcu_control, MaliCsf),
        VMSTATE_BOOL(mcu_wanted, MaliCsf),
        VMSTATE_UINT32(gpu_fault_status, MaliCsf),
        VMSTATE_UINT64(gpu_fault_address, MaliCsf),
        VMSTATE_UINT32(l2_config, MaliCsf),
        VMSTATE_UINT32_ARRAY(asn_hash, MaliCsf, 3),
        VMSTATE_UINT64(pwr_cmdarg, MaliCsf),
        VMSTATE_UINT32(pwr_delegated, MaliCsf),
        VMSTATE_UINT32(pwr_pending, MaliCsf),
        VMSTATE_UINT32(pwr_pending_domain, MaliCsf),
        VMSTATE_UINT32(pwr_key, MaliCsf),
        VMSTATE_UINT32_ARRAY(pwr_override, MaliCsf, 2),
        VMSTATE_UINT64(timestamp_offset, MaliCsf),
        VMSTATE_UINT32(coherency_protocol, MaliCsf),
        VMSTATE_UINT32(reset_kind, MaliCsf),
        VMSTATE_UINT32(flush_id, MaliCsf),
        VMSTATE_UINT64(unmodelled_count, MaliCsf),
        VMSTATE_UINT32(nr_unmodelled, MaliCsf),
        VMSTATE_STRUCT_ARRAY(unmodelled, MaliCsf, MALI_UNMODELLED_MAX, 1,
                             vmstate_unmodelled, MaliUnmodelled),
        VMSTATE_UINT64(asleep_accesses, MaliCsf),
        VMSTATE_UINT32(asleep_last, MaliCsf),
        VMSTATE_BOOL(booted, MaliCsf),
        VMSTATE_BOOL(unplugged, MaliCsf),
        VMSTATE_UINT32(nr_effects, MaliCsf),
        VMSTATE_STRUCT_ARRAY(effect, MaliCsf, MALI_EFFECTS_MAX, 1,
                             vmstate_effect, MaliEffect),
        VMSTATE_UINT32(storm_left, MaliCsf),
        VMSTATE_UINT32(storm_bits, MaliCsf),
        VMSTATE_UINT8(storm_bank, MaliCsf),
        VMSTATE_UINT64(storm_period, MaliCsf),
        VMSTATE_STRUCT(mcu, MaliCsf, 1, vmstate_coproc, Coproc),
        VMSTATE_STRUCT(exec, MaliCsf, 1, vmstate_exec, CsExec),
        VMSTATE_UINT32_EQUAL(nr_streams, MaliCsf, "command streams differ"),
        VMSTATE_STRUCT_VARRAY_POINTER_UINT32(streams, MaliCsf, nr_streams,
                                             vmstate_cs_stream, CsStream),
        VMSTATE_STRUCT(fw.s, MaliCsf, 1, vmstate_fw, CsfState),
        VMSTATE_END_OF_LIST()
    },
};
