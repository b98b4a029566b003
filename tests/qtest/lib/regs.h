/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers and firmware interface of a Mali CSF GPU as a driver knows them.
 *
 * Written down a second time on purpose, from the drivers' side (panthor's
 * panthor_regs.h and panthor_fw.h, Tyr's regs.rs): a wrong offset in the
 * device must not be repeated by its tests.
 */
#ifndef QTEST_GPUMBOX_REGS_H
#define QTEST_GPUMBOX_REGS_H

#define GPU_SIZE                0x200000

#define GPU_ID                  0x000
#define L2_FEATURES             0x004
#define CORE_FEATURES           0x008
#define TILER_FEATURES          0x00c
#define MEM_FEATURES            0x010
#define MMU_FEATURES            0x014
#define AS_PRESENT              0x018
#define CSF_ID                  0x01c
#define GPU_INT                 0x020
#define GPU_CMD                 0x030
#define GPU_STATUS              0x034
#define GPU_FAULT_STATUS        0x03c
#define GPU_FAULT_ADDR          0x040
#define L2_CONFIG               0x048
#define GPU_FEATURES            0x060
#define TIMESTAMP_OFFSET        0x088
#define CYCLE_COUNT             0x090
#define TIMESTAMP               0x098
#define THREAD_MAX_THREADS      0x0a0
#define TEXTURE_FEATURES        0x0b0
#define SHADER_PRESENT          0x100
#define TILER_PRESENT           0x110
#define L2_PRESENT              0x120
#define SHADER_READY            0x140
#define TILER_READY             0x150
#define L2_READY                0x160
#define SHADER_PWRON            0x180
#define L2_PWRON                0x1a0
#define L2_PWROFF               0x1e0
#define L2_PWRTRANS             0x220
#define REVID                   0x280
#define COHERENCY_FEATURES      0x300
#define COHERENCY_PROTOCOL      0x304
#define MCU_CONTROL             0x700
#define MCU_STATUS              0x704
/* Of architecture 14: panthor_pwr_regs.h. */
#define PWR_INT                 0x800
#define PWR_STATUS              0x820
#define PWR_COMMAND             0x828
#define PWR_CMDARG              0x830
#define PWR_L2                  0x900
#define PWR_TILER               0x940
#define PWR_SHADER              0xa00
#define PWR_PRESENT             0x00        /* of a domain */
#define PWR_READY               0x08
#define PWR_PWRTRANS            0x10
#define PWR_CMD(cmd, domain)    ((domain) << 8 | (cmd))
#define PWR_UP                  0x10
#define PWR_DOWN                0x11
#define PWR_DELEGATE            0x20
#define PWR_RETRACT             0x21
#define PWR_RESET_SOFT          0x31
#define PWR_RESET_FAST          0x32
#define PWR_INSPECT             0xf0
#define D_L2                    0
#define D_TILER                 1
#define D_SHADER                8
#define PWR_ALLOW(d)            (1ull << (d))
#define PWR_DELEGATED(d)        (1ull << (16 + (d)))
#define PWR_ALLOW_SOFT_RESET    (1ull << 33)
#define PWR_POWER_PENDING       (1ull << 41)
#define PWR_RESET_PENDING       (1ull << 42)
#define PWR_RETRACT_PENDING     (1ull << 43)
#define PWR_IRQ_SINGLE          (1u << 0)
#define PWR_IRQ_ALL             (1u << 1)
#define PWR_IRQ_DELEGATION      (1u << 2)
#define PWR_IRQ_RESET           (1u << 3)
#define PWR_IRQ_RETRACT         (1u << 4)
#define PWR_IRQ_INSPECT         (1u << 5)
#define PWR_IRQ_NOT_ALLOWED     (1u << 30)
#define PWR_IRQ_INVALID         (1u << 31)

#define JOB_INT                 0x1000
#define MMU_INT                 0x2000
#define FLUSH_ID                0x10000
#define DOORBELL(n)             (0x80000 + (n) * 0x10000)

/* Of an interrupt block. */
#define RAWSTAT                 0x0
#define CLEAR                   0x4
#define MASK                    0x8
#define STAT                    0xc

#define INT_FAULT               (1u << 0)
#define INT_RESET_COMPLETED     (1u << 8)
#define INT_POWER_CHANGED       (1u << 9)
#define INT_POWER_CHANGED_ALL   (1u << 10)
#define INT_CACHES_CLEANED      (1u << 17)
#define INT_MCU_STATUS          (1u << 19)
#define INT_GLOBAL              (1u << 31)

#define CMD_SOFT_RESET          0x101
#define CMD_HARD_RESET          0x201
#define CMD_FLUSH               0x1104      /* clean L2 and LSC */
#define CMD_FLUSH_INV           0x23304     /* and invalidate all */

#define MCU_DISABLE             0
#define MCU_ENABLE              1
#define MCU_AUTO                2

#define MCU_DISABLED            0
#define MCU_ENABLED             1
#define MCU_HALTED              2
#define MCU_FATAL               3

/* Of an address space. */
#define AS(n)                   (0x2400 + (n) * 0x40)
#define AS_TRANSTAB             0x00
#define AS_MEMATTR              0x08
#define AS_LOCKADDR             0x10
#define AS_COMMAND              0x18
#define AS_FAULTSTATUS          0x1c
#define AS_FAULTADDRESS         0x20
#define AS_STATUS               0x28
#define AS_TRANSCFG             0x30
#define AS_FAULTEXTRA           0x38

#define AS_NOP                  0
#define AS_UPDATE               1
#define AS_LOCK                 2
#define AS_UNLOCK               3
#define AS_FLUSH_PT             4
#define AS_FLUSH_MEM            5

#define TRANSCFG_UNMAPPED       1
#define TRANSCFG_IDENTITY       2
/* AARCH64_4K, 48 VA bits, page tables write-back, outer shareable. */
#define TRANSCFG_4K             (6ull | 7 << 6 | 2ull << 24 | 2ull << 28)

#define ACCESS_READ             2
#define ACCESS_WRITE            3

/* Exception codes. */
#define EXC_CS_CONFIG_FAULT     0x40
#define EXC_CS_BUS_FAULT        0x48
#define EXC_CS_INSTR_INVALID    0x49
#define EXC_CALL_OVERFLOW       0x4a
#define EXC_GPU_BUS_FAULT       0x80
#define EXC_TRANSLATION(level)  (0xc0 + (level))
#define EXC_PERMISSION(level)   (0xc8 + (level))

/* Firmware interface 1.x; VAs are the MCU's. */
#define SHARED_VA               0x04000000u
#define GROUP_CONTROL           0x1000u
#define STREAM_CONTROL          0x40u

#define GLB_VERSION             0x00
#define GLB_INPUT_VA            0x08
#define GLB_OUTPUT_VA           0x0c
#define GLB_GROUP_NUM           0x10
#define GLB_GROUP_STRIDE        0x14
#define GLB_REQ                 0x00        /* input block */
#define GLB_IRQ_MASK            0x04
#define GLB_DOORBELL_REQ        0x08
#define GLB_PROGRESS_TIMER      0x10
#define GLB_POWEROFF_TIMER      0x14
#define GLB_CORE_MASK           0x18
#define GLB_IDLE_TIMER          0x80
#define GLB_ACK                 0x00        /* output block */
#define GLB_DOORBELL_ACK        0x08
#define GLB_HALT_STATUS         0x10

#define REQ_HALT                (1u << 0)
#define REQ_PROGRESS_TIMER      (1u << 1)
#define REQ_ALLOC_EN            (1u << 2)
#define REQ_POWEROFF_TIMER      (1u << 3)
#define REQ_PING                (1u << 8)
#define REQ_IDLE_EN             (1u << 10)
#define REQ_IDLE                (1u << 26)

#define CSG_FEATURES            0x00        /* control block */
#define CSG_INPUT_VA            0x04
#define CSG_OUTPUT_VA           0x08
#define CSG_SUSPEND_SIZE        0x0c
#define CSG_PROTM_SIZE          0x10
#define CSG_STREAM_NUM          0x14
#define CSG_STREAM_STRIDE       0x18
#define CSG_REQ                 0x00        /* input block */
#define CSG_IRQ_MASK            0x04
#define CSG_DOORBELL_REQ        0x08
#define CSG_CS_IRQ_ACK          0x0c
#define CSG_ALLOW_COMPUTE       0x20
#define CSG_ALLOW_FRAGMENT      0x28
#define CSG_ALLOW_OTHER         0x30
#define CSG_ENDPOINT_REQ        0x34
#define CSG_SUSPEND_BUF         0x40
#define CSG_PROTM_BUF           0x48
#define CSG_CONFIG              0x50
#define CSG_ACK                 0x00        /* output block */
#define CSG_DOORBELL_ACK        0x08
#define CSG_CS_IRQ_REQ          0x0c
#define CSG_STATUS_STATE        0x18

#define CSG_STATE               0x7u
#define CSG_TERMINATE           0
#define CSG_START               1
#define CSG_SUSPEND             2
#define CSG_RESUME              3
#define CSG_ENDPOINT_CONFIG     (1u << 4)
#define CSG_STATUS_UPDATE       (1u << 5)
#define CSG_SYNC_UPDATE         (1u << 28)
#define CSG_IDLE                (1u << 29)

#define CS_FEATURES             0x00        /* control block */
#define CS_INPUT_VA             0x04
#define CS_OUTPUT_VA            0x08
#define CS_REQ                  0x00        /* input block */
#define CS_CONFIG               0x04
#define CS_IRQ_MASK             0x0c
#define CS_RING_BASE            0x10
#define CS_RING_SIZE            0x18
#define CS_RING_INPUT           0x30
#define CS_RING_OUTPUT          0x38
#define CS_ACK                  0x00        /* output block */
#define CS_STATUS_WAIT          0x48
#define CS_STATUS_WAIT_PTR      0x50
#define CS_STATUS_WAIT_VALUE    0x58
#define CS_STATUS_SCOREBOARDS   0x5c
#define CS_STATUS_BLOCKED       0x60
#define CS_FAULT                0x80
#define CS_FATAL                0x84
#define CS_FAULT_INFO           0x88
#define CS_FATAL_INFO           0x90

#define CS_STATE                0x7u
#define CS_START                1
#define CS_IDLE_SYNC_WAIT       (1u << 8)
#define CS_IDLE_EMPTY           (1u << 10)
#define CS_REQ_FATAL            (1u << 30)
#define CS_REQ_FAULT            (1u << 31)

#define RING_INSERT             0x00        /* ring's input page */
#define RING_EXTRACT_INIT       0x08
#define RING_EXTRACT            0x00        /* ring's output page */
#define RING_ACTIVE             0x08

#endif /* QTEST_GPUMBOX_REGS_H */
