/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: staged registers, commands, locks, faults.
 *
 * The GPU makes accesses only by its firmware and its command streams, so the
 * tests that need some run a stream.
 */
#include "qemu/osdep.h"

#include "lib/group.h"

#define MS 1000000

/* Two address spaces' registers must not be one. */
static void registers_keep_what_was_written(void)
{
    static const uint32_t regs[] = {
        AS_TRANSTAB, AS_MEMATTR, AS_LOCKADDR, AS_TRANSCFG,
    };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned as, i;

    for (as = 0; as < 8; as++) {
        for (i = 0; i < ARRAY_SIZE(regs); i++) {
            gpu_write64(g, AS(as) + regs[i],
                        0x0123456700000000ull + as * 0x1000 + i);
        }
    }
    for (as = 0; as < 8; as++) {
        for (i = 0; i < ARRAY_SIZE(regs); i++) {
            g_assert_cmphex(gpu_read64(g, AS(as) + regs[i]), ==,
                            0x0123456700000000ull + as * 0x1000 + i);
        }
    }
    box_free(b);
}

/* AS_PRESENT is 0xff: what is above is not there, and says so. */
static void absent_address_spaces_are_unmodelled(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];

    gpu_write64(g, AS(8) + AS_TRANSTAB, 0x44000000);
    g_assert_cmphex(gpu_read64(g, AS(8) + AS_TRANSTAB), ==, 0);
    g_assert_cmpuint(gpu_get_number(g, "unmodelled-count"), ==, 4);
    box_free(b);
}

static void commands_take_time_and_show_it(void)
{
    static const uint32_t commands[] = {
        AS_UPDATE, AS_LOCK, AS_UNLOCK, AS_FLUSH_PT, AS_FLUSH_MEM,
    };
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    unsigned i;

    for (i = 0; i < ARRAY_SIZE(commands); i++) {
        gpu_write(g, AS(1) + AS_COMMAND, commands[i]);
        g_assert_cmphex(gpu_read(g, AS(1) + AS_STATUS), ==, 1);
        g_assert_cmphex(gpu_read(g, AS(2) + AS_STATUS), ==, 0);
        g_assert_cmpint(gpu_poll(g, AS(1) + AS_STATUS, 1, 0, 100 * MS), >, 0);
    }
    /* Completion raises nothing: 6.12 would see a spurious interrupt. */
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    gpu_write(g, AS(1) + AS_COMMAND, AS_NOP);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_STATUS), ==, 0);
    gpu_write(g, AS(1) + AS_COMMAND, 77);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_STATUS), ==, 0);
    box_free(b);
}

/* A stream that stores @value at @va and then adds 1 to the data page. */
static unsigned store_stream(uint64_t *ins, uint64_t va, uint32_t value)
{
    unsigned n = 0;

    ins[n++] = cs_move48(2, va);
    ins[n++] = cs_move32(4, value);
    ins[n++] = cs_store(4, 2, 1, 0);
    ins[n++] = cs_wait(CS_SB_ALL);
    ins[n++] = cs_move48(6, GROUP_DATA_VA + 0x800);
    ins[n++] = cs_move48(8, 1);
    ins[n++] = cs_sync_add64(6, 8);
    return n;
}

static void start_storing(Group *grp, Fw *fw, uint64_t va, uint32_t value)
{
    uint64_t ins[16];
    unsigned n = store_stream(ins, va, value);

    group_init(grp, fw, 0, 1, 1);
    queue_put(grp, 0, ins, n);
}

/* What is in the registers counts from UPDATE on, not before. */
static void update_makes_registers_effective(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;
    uint64_t ins[16];

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 1);
    /* Staged only: the stream still has its memory. */
    gpu_write64(g, AS(1) + AS_TRANSTAB, 0);
    gpu_write64(g, AS(1) + AS_TRANSCFG, TRANSCFG_UNMAPPED);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 1);
    /* Effective: the next one faults. */
    vm_command(g, 1, AS_UPDATE);
    queue_put(&grp, 0, ins, store_stream(ins, GROUP_DATA_VA, 2));
    queue_kick(&grp);
    g_assert_false(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 1);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 1u << 1);
    box_free(b);
}

/*
 * A command written while another is under way is lost, and registers
 * written meanwhile do not change the one under way... once it has ended.
 */
static void command_while_busy_is_ignored(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 1);
    gpu_write64(g, AS(1) + AS_LOCKADDR, GROUP_DATA_VA | 14);
    gpu_write(g, AS(1) + AS_COMMAND, AS_FLUSH_PT);
    gpu_write(g, AS(1) + AS_COMMAND, AS_LOCK);
    g_assert_cmpint(gpu_poll(g, AS(1) + AS_STATUS, 1, 0, 100 * MS), >, 0);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 1);
    box_free(b);
}

static void lock_page(Gpu *g, unsigned as, uint64_t va)
{
    gpu_write64(g, AS(as) + AS_LOCKADDR, va | 14);
    vm_command(g, as, AS_LOCK);
}

/* Accesses to a locked range wait; they do not fault and are not lost. */
static void locked_access_stalls(uint32_t release)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    lock_page(g, 1, GROUP_DATA_VA);
    group_start(&grp);
    g_assert_false(queue_wait(&grp, 0, 50 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 0);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    vm_command(g, 1, release);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 7);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    box_free(b);
}

static void lock_stalls_and_unlock_resumes(void)
{
    locked_access_stalls(AS_UNLOCK);
}

/* 6.12 and Tyr never write UNLOCK: the flushes imply it. */
static void flush_pt_unlocks(void)
{
    locked_access_stalls(AS_FLUSH_PT);
}

static void flush_mem_unlocks(void)
{
    locked_access_stalls(AS_FLUSH_MEM);
}

static void lock_leaves_other_ranges_alone(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    lock_page(g, 1, GROUP_DATA_VA + 0x10000);
    lock_page(g, 2, GROUP_DATA_VA);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 7);
    box_free(b);
}

/* 7.3 widens a lock by locking again (panthor_vm_lock_region()). */
static void second_lock_replaces_the_first(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    lock_page(g, 1, GROUP_DATA_VA + 0x100000);
    gpu_write64(g, AS(1) + AS_LOCKADDR, 63);
    vm_command(g, 1, AS_LOCK);
    group_start(&grp);
    g_assert_false(queue_wait(&grp, 0, 50 * MS));
    vm_command(g, 1, AS_UNLOCK);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    box_free(b);
}

/* Page tables may change under a lock: nobody sees the gap. */
static void remap_under_a_lock_is_atomic(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint64_t page;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    lock_page(g, 1, GROUP_DATA_VA);
    page = vm_pa(&grp.vm, GROUP_DATA_VA);
    vm_unmap(&grp.vm, GROUP_DATA_VA, VM_PAGE);
    group_start(&grp);
    box_step(b, 5 * MS);
    vm_map(&grp.vm, GROUP_DATA_VA, VM_PAGE, VM_WRITE);
    g_assert_cmphex(vm_pa(&grp.vm, GROUP_DATA_VA), !=, page);
    gpu_write(g, GPU_CMD, CMD_FLUSH_INV);
    box_step(b, MS);
    vm_command(g, 1, AS_UNLOCK);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_DATA_VA), ==, 7);
    g_assert_cmpuint(qtest_readl(b->qts, page), ==, 0);
    box_free(b);
}

/* What the GPU remembers of page tables goes with a flush, not before. */
static void unmapped_page_faults_after_flush(uint32_t command)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint64_t ins[16];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    vm_unmap(&grp.vm, GROUP_DATA_VA, VM_PAGE);
    vm_command(g, 1, command);
    queue_put(&grp, 0, ins, store_stream(ins, GROUP_DATA_VA, 9));
    queue_kick(&grp);
    g_assert_false(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 1u << 1);
    box_free(b);
}

static void unmapped_page_faults_after_flush_pt(void)
{
    unmapped_page_faults_after_flush(AS_FLUSH_PT);
}

static void unmapped_page_faults_after_unlock(void)
{
    unmapped_page_faults_after_flush(AS_UNLOCK);
}

/* panthor_mmu.c: panthor_mmu_irq_handler() reads these in this order. */
static void translation_fault_is_reported(void)
{
    const uint64_t bad = 0x30000120;
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t status;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    gpu_write(g, MMU_INT + MASK, ~0u);
    start_storing(&grp, &fw, bad, 7);
    group_start(&grp);
    g_assert_false(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(gpu_read(g, MMU_INT + STAT), ==, 1u << 1);
    g_assert_true(gpu_line(g, BOX_LINE_MMU));
    status = gpu_read(g, AS(1) + AS_FAULTSTATUS);
    /* GROUP_DATA_VA and GROUP_CODE_VA share its level-1 table, no more. */
    g_assert_cmphex(status & 0xff, ==, EXC_TRANSLATION(2));
    g_assert_cmphex(status >> 8 & 3, ==, ACCESS_WRITE);
    g_assert_cmphex(gpu_read64(g, AS(1) + AS_FAULTADDRESS), ==, bad);
    g_assert_cmphex(gpu_read(g, AS(0) + AS_FAULTSTATUS), ==, 0);
    /* The firmware lives on and says what became of the stream. */
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void read_only_page_refuses_a_store(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t status;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_CODE_VA + 0x10, 7);
    group_start(&grp);
    g_assert_false(queue_wait(&grp, 0, 10 * MS));
    status = gpu_read(g, AS(1) + AS_FAULTSTATUS);
    g_assert_cmphex(status & 0xff, ==, EXC_PERMISSION(3));
    g_assert_cmphex(status >> 8 & 3, ==, ACCESS_WRITE);
    g_assert_cmpuint(vm_read32(&grp.vm, GROUP_CODE_VA + 0x10), ==, 0);
    box_free(b);
}

/* 6.12 clears before it reads, 7.3 after: the registers stay. */
static void fault_registers_survive_clear(void)
{
    const uint64_t bad = 0x30000120;
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint32_t status;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    gpu_write(g, MMU_INT + MASK, ~0u);
    start_storing(&grp, &fw, bad, 7);
    group_start(&grp);
    box_step(b, 10 * MS);
    status = gpu_read(g, AS(1) + AS_FAULTSTATUS);
    g_assert_cmphex(status, !=, 0);
    gpu_write(g, MMU_INT + CLEAR, 1u << 1);
    g_assert_false(gpu_line(g, BOX_LINE_MMU));
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_FAULTSTATUS), ==, status);
    g_assert_cmphex(gpu_read64(g, AS(1) + AS_FAULTADDRESS), ==, bad);
    /* One fault, one interrupt: a bit that comes back storms the driver. */
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 0);
    vm_disable(g, 1);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_FAULTSTATUS), ==, status);
    box_free(b);
}

/* 2 MiB blocks are what the drivers use for large buffers. */
static void block_mappings_translate(void)
{
    const uint64_t va = 0x40000000, pa = 0x4a200000;
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    uint64_t block;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, va + 0x123450, 0x5a5a);
    /* The level-2 descriptor is the parent of any page in the range. */
    vm_map(&grp.vm, va, VM_PAGE, VM_WRITE);
    block = grp.vm.root;
    block = qtest_readq(b->qts, block) & 0xfffffffff000ull;
    block = qtest_readq(b->qts, block + (va >> 30 & 511) * 8) &
            0xfffffffff000ull;
    qtest_writeq(b->qts, block + (va >> 21 & 511) * 8,
                 pa | 1 | 1 << 2 | 1 << 6 | 2 << 8 | 1 << 10);
    vm_command(g, 1, AS_FLUSH_PT);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(qtest_readl(b->qts, pa + 0x123450), ==, 0x5a5a);
    box_free(b);
}

/* Kernel objects are at 2^47 and above, never sign-extended. */
static void high_addresses_are_not_sign_extended(void)
{
    const uint64_t va = 0x812345678000ull;
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, va + 0x10, 0xabcd);
    vm_map(&grp.vm, va, VM_PAGE, VM_WRITE);
    vm_command(g, 1, AS_FLUSH_PT);
    group_start(&grp);
    g_assert_true(queue_wait(&grp, 0, 10 * MS));
    g_assert_cmphex(vm_read32(&grp.vm, va + 0x10), ==, 0xabcd);
    box_free(b);
}

/* A page-table pointer into nowhere is a fault, not a crash. */
static void page_table_outside_of_memory_faults(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 7);
    gpu_write64(g, AS(1) + AS_TRANSTAB, 0xf000000000ull);
    vm_command(g, 1, AS_UPDATE);
    group_start(&grp);
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read(g, MMU_INT + RAWSTAT), ==, 1u << 1);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_FAULTSTATUS) & 0xff, !=, 0);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

/*
 * A GPU on a system bus reaches memory. Were its own registers memory to it,
 * a stream could stop the MCU while the MCU is in the middle of a step.
 */
static void registers_are_no_memory_to_a_stream(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    const uint64_t va = 0x30000000;
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, va + GPU_CMD, CMD_SOFT_RESET);
    vm_map_page(&grp.vm, va, g->base, VM_WRITE);
    vm_command(g, 1, AS_FLUSH_PT);
    gpu_write(g, GPU_INT + CLEAR, ~0u);
    group_start(&grp);
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read(g, GPU_INT + RAWSTAT) & INT_RESET_COMPLETED, ==,
                    0);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_FAULTSTATUS) & 0xff, ==,
                    EXC_GPU_BUS_FAULT);
    g_assert_true(fw_ping(&fw));
    box_free(b);
}

static void registers_are_no_page_table(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 1);
    gpu_write64(g, AS(1) + AS_TRANSTAB, g->base + 0x3000);
    vm_command(g, 1, AS_UPDATE);
    group_start(&grp);
    box_step(b, 10 * MS);
    g_assert_cmphex(gpu_read(g, AS(1) + AS_FAULTSTATUS) & 0xff, ==,
                    EXC_GPU_BUS_FAULT);
    g_assert_cmpuint(gpu_get_number(g, "unmodelled-count"), ==, 0);
    box_free(b);
}

/* The MCU writes where its tables say; its own switch is not there. */
static void registers_are_no_memory_to_the_mcu(void)
{
    Box *b = box_new(1, "", "");
    Gpu *g = &b->gpu[0];
    Fw fw;
    Group grp;

    fw_up(&fw, g);
    start_storing(&grp, &fw, GROUP_DATA_VA, 1);
    /* Its ring's output page: extract is written over MCU_CONTROL. */
    group_program(&grp, CSG_START);
    vm_map_page(&fw.vm, grp.queue[0].iface + VM_PAGE, g->base, VM_WRITE);
    vm_command(g, 0, AS_FLUSH_PT);
    fw_write(&fw, grp.queue[0].input + CS_RING_OUTPUT,
             (grp.queue[0].iface + VM_PAGE) | 0x700);
    group_ring(&grp);
    box_step(b, 50 * MS);
    g_assert_cmphex(gpu_read(g, MCU_STATUS), !=, MCU_DISABLED);
    box_free(b);
}

#define TEST(name) qtest_add_func("/gpumbox/mmu/" #name, name)

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    TEST(registers_keep_what_was_written);
    TEST(absent_address_spaces_are_unmodelled);
    TEST(commands_take_time_and_show_it);
    TEST(update_makes_registers_effective);
    TEST(command_while_busy_is_ignored);
    TEST(lock_stalls_and_unlock_resumes);
    TEST(flush_pt_unlocks);
    TEST(flush_mem_unlocks);
    TEST(lock_leaves_other_ranges_alone);
    TEST(second_lock_replaces_the_first);
    TEST(remap_under_a_lock_is_atomic);
    TEST(unmapped_page_faults_after_flush_pt);
    TEST(unmapped_page_faults_after_unlock);
    TEST(translation_fault_is_reported);
    TEST(read_only_page_refuses_a_store);
    TEST(fault_registers_survive_clear);
    TEST(block_mappings_translate);
    TEST(high_addresses_are_not_sign_extended);
    TEST(page_table_outside_of_memory_faults);
    TEST(registers_are_no_memory_to_a_stream);
    TEST(registers_are_no_page_table);
    TEST(registers_are_no_memory_to_the_mcu);
    return g_test_run();
}
