# SPDX-License-Identifier: GPL-2.0-or-later
"""The part that runs inside gdb: symbols of the running kernel and of its
modules, and what the GPU has to say.  See docs/gdb.md."""

import json
import os
import re
import struct
import sys

import gdb

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import kallsyms                                          # noqa: E402

with open(os.environ['GPUMBOX_GDB']) as _f:
    PLAN = json.load(_f)
X86 = PLAN['arch'] == 'x86_64'

# Where QEMU's virt machine puts an Image (hw/arm/boot.c).
LOADED_AT = 0x40200000
STACK = 16 << 10
GPU = '/machine/peripheral/gpu0'
# What a driver says when something is wrong, and the kernel about it.
COMPLAINTS = ('_dev_err', '_dev_warn')
DISASTERS = ('__warn', 'die', 'panic')

state = {'base': None, 'modules': {}}


def monitor(command):
    return gdb.execute('monitor ' + command, to_string=True)


def physical(address):
    words = monitor(f'xp /1gx 0x{address:x}').split()
    return int(words[-1], 16)


def memory(address, length):
    return bytes(gdb.selected_inferior().read_memory(address, length))


def pointer(address):
    return struct.unpack('<Q', memory(address, 8))[0]


def base_of_arm64():
    """Where the kernel is, by the distance that it keeps of its addresses
    (arch/arm64/kernel/head.S); None as long as it has none."""
    offset = physical(LOADED_AT + PLAN['place'])
    return (offset + LOADED_AT) & (1 << 64) - 1 if offset >> 48 else None


def base_of_x86():
    """The same, by the handler of the first exception; None while that is
    another one, or a user's page tables are in force."""
    table = re.search(r'^IDT= *([0-9a-f]+)', monitor('info registers'), re.M)
    try:
        gate = memory(int(table.group(1), 16), 16)
    except gdb.MemoryError:
        return None
    low, _, _, middle, high = struct.unpack_from('<HHHHI', gate)
    base = (high << 32 | middle << 16 | low) - PLAN['place']
    # CONFIG_PHYSICAL_ALIGN, and the kernel's part of the address space.
    return base if base >> 31 == 0x1ffffffff and not base & 0x1fffff else None


def load_kernel():
    """True once the kernel runs where it will stay."""
    if state['base'] is not None:
        return True
    base = base_of_x86() if X86 else base_of_arm64()
    if base is None:
        return False
    state['base'] = base
    slide = (base - PLAN['linked']) & (1 << 64) - 1
    gdb.execute(f"add-symbol-file {PLAN['kernel']} -o 0x{slide:x}",
                to_string=True)
    print(f"kernel {PLAN['release']} at 0x{base:x}")
    return True


def modules():
    """(name, struct module) of what is loaded."""
    try:
        kind = gdb.lookup_type('struct module').pointer()
    except gdb.error:
        return
    head = state['base'] + PLAN['modules']
    link = pointer(head)
    # struct module: state, list, name.
    for _ in range(1000):
        if link == head:
            break
        module = gdb.Value(link - 8).cast(kind).dereference()
        yield module['name'].string(), module
        link = pointer(link)


def load_module(name, module):
    """The symbols that the kernel keeps of a module for itself."""
    own = module['core_kallsyms']
    count = int(own['num_symtab'])
    table = memory(int(own['symtab']), 24 * count)
    strings = int(own['strtab'])
    last = max(struct.unpack_from('<I', table, 24 * i)[0]
               for i in range(count))
    text = memory(strings, last + 256)
    found = []
    for i in range(count):
        at, info, _, shndx, value, _ = struct.unpack_from('<IBBHQQ', table,
                                                          24 * i)
        label = text[at:text.index(b'\0', at)].decode('ascii', 'replace')
        if shndx and label and value >> 48:
            found.append((value, 't' if info & 15 == 2 else 'd', label))
    base = int(module['mem'][0]['base'])
    size = int(module['mem'][0]['size'])
    end = max([value for value, _, _ in found] + [base + size]) + 8
    path = os.path.join(PLAN['folder'], name + '.syms')
    with open(path, 'wb') as f:
        f.write(kallsyms.elf([s for s in found if s[0] >= base],
                             (base, base + size), end, PLAN['machine']))
    ours = PLAN['debug'].get(name)
    if ours:
        gdb.execute(f'add-symbol-file {ours} 0x{base:x}', to_string=True)
    else:
        gdb.execute(f'add-symbol-file {path}', to_string=True)
    state['modules'][name] = base
    print(f'module {name} at 0x{base:x}')


def load_modules():
    """Of those that we want, the ones that are loaded by now."""
    if not load_kernel() or set(PLAN['wanted']) <= set(state['modules']):
        return
    try:
        for name, module in modules():
            if name in PLAN['wanted'] and name not in state['modules']:
                load_module(name, module)
    except gdb.MemoryError:
        # In user space the kernel is out of sight: at a later stop.
        pass


def code_of_ours():
    """Where the instructions of the modules are that we want: ranges."""
    try:
        return [range(int(m['mem'][0]['base']),
                      int(m['mem'][0]['base']) + int(m['mem'][0]['size']))
                for name, m in modules() if name in PLAN['wanted']]
    except gdb.MemoryError:
        return []


def within(address, ranges):
    return any(address in r for r in ranges)


class Symbols(gdb.Command):
    """gpumbox-symbols: those of the kernel and of the driver, if loaded."""

    def __init__(self):
        super().__init__('gpumbox-symbols', gdb.COMMAND_FILES)

    def invoke(self, _argument, _from_tty):
        load_modules()
        if state['base'] is None:
            print('the kernel does not run yet: try again at a later stop')


class Mailbox(gdb.Command):
    """gpumbox-mailbox: the words between driver and firmware, by name."""

    def __init__(self):
        super().__init__('gpumbox-mailbox', gdb.COMMAND_DATA)

    def invoke(self, _argument, _from_tty):
        text = monitor(f'qom-get {GPU} mailbox').strip()
        print(json.loads(text) if text.startswith('"') else text)


def behind_call(address):
    """Does an instruction that calls end there?"""
    try:
        code = memory(address - 7, 7)
    except gdb.MemoryError:
        return False
    # e8: to an offset. ff /2: to what a register or a place in memory holds.
    return code[2] == 0xe8 or any(
        code[7 - n] == 0xff and code[8 - n] >> 3 & 7 == 2
        for n in (2, 3, 4, 6, 7))


def left_on_stack(frame):
    """Likely callers of a frame of an x86-64 kernel, which has no frame
    records: what looks like a place to return to."""
    out = [int(frame.read_register('rip')) & (1 << 64) - 1]
    stack = int(frame.read_register('rsp')) & (1 << 64) - 1
    if stack >> 56 != 0xff or state['base'] is None:
        return out
    # A stack is 16 KiB, and aligned to that (THREAD_SIZE).
    words = memory(stack, (STACK - stack % STACK) & ~7)
    code = [range(state['base'], state['base'] + PLAN['text']),
            *code_of_ours()]
    for (word,) in struct.iter_unpack('<Q', words):
        if within(word, code) and behind_call(word):
            out.append(word)
    return out[:32]


def called_from(frame):
    """Addresses of the callers of a frame, by the kernel's frame records:
    gdb's own guess at them ends where code has no debug information."""
    def register(name):
        return int(frame.read_register(name)) & (1 << 64) - 1

    record, out = register('x29'), [register('pc')]
    while record >> 48 == 0xffff and len(out) < 32:
        try:
            before, caller = struct.unpack('<QQ', memory(record, 16))
        except gdb.error:
            break
        if not caller:
            break
        # Without the signature that some CPUs put into it.
        out.append(caller | 0xffff << 48)
        if before <= record:
            break
        record = before
    return out


class Backtrace(gdb.Command):
    """gpumbox-bt: who called whom, on the CPU that is selected."""

    def __init__(self):
        super().__init__('gpumbox-bt', gdb.COMMAND_STACK)

    def invoke(self, _argument, _from_tty):
        callers = left_on_stack if X86 else called_from
        for i, pc in enumerate(callers(gdb.newest_frame())):
            name = gdb.execute(f'info symbol 0x{pc:x}', to_string=True)
            print(f'#{i:<2} 0x{pc:x} {name.split(" in section")[0].strip()}')


class StopAt(gdb.Command):
    """gpumbox-stop-at WORDS: stop at an event, as on=ack event=csg-state, or
    where a scenario does something: decision; without words: nowhere."""

    def __init__(self):
        super().__init__('gpumbox-stop-at', gdb.COMMAND_BREAKPOINTS)

    def invoke(self, argument, _from_tty):
        said = monitor(f'qom-set {GPU} stop-at "{argument}"').strip()
        if said:
            print(said)


class Complaint(gdb.Breakpoint):
    """The driver says that something is wrong."""

    def stop(self):
        frame = gdb.selected_frame()
        where = int(frame.read_register('rsp' if X86 else 'x30'))
        where &= (1 << 64) - 1
        return within(pointer(where) if X86 else where, code_of_ours())


class Warnings(gdb.Command):
    """gpumbox-warnings: stop where the driver or the kernel complains."""

    def __init__(self):
        super().__init__('gpumbox-warnings', gdb.COMMAND_BREAKPOINTS)

    def invoke(self, _argument, _from_tty):
        if not load_kernel():
            print('the kernel does not run yet, and cannot complain: '
                  'gpumbox-warnings again at a later stop')
            return
        for name in DISASTERS:
            gdb.execute(f'break *{name}', to_string=True)
        for name in COMPLAINTS:
            Complaint('*' + name)


def stopped(event):
    """Say at which event of the GPU the machine stands."""
    load_modules()
    if not isinstance(event, gdb.SignalEvent) or \
            event.stop_signal != 'SIGINT':
        return
    text = monitor(f'qom-get {GPU} stopped').strip().strip('"')
    if text:
        print(f'stopped at: {text}')


Symbols()
Mailbox()
Backtrace()
StopAt()
Warnings()
gdb.events.stop.connect(stopped)
