# SPDX-License-Identifier: GPL-2.0-or-later
"""What a GPU has shown, in the form that Perfetto and Chrome's tracing open
(the JSON of Chrome's trace events).

Times are microseconds of virtual time.  Tracks hold slices that do not
overlap; what does gets a track beside it.  Flows tie a doorbell to the
firmware's look at it, a request to its acknowledgement, work to the stream
that executes it, an event to the interrupt that tells of it."""

import json
import os
import re

from report import LINE
from say import root_dir

# Sections of the page in their order; each is a process of its own.
SECTIONS = ('notes', 'registers', 'firmware', 'executor', 'interrupts',
            'power', 'faults')
SECTION = {name: i for i, name in enumerate(SECTIONS, 1)}

# How a viewer is told that something is not as it should be.
BAD = 'terrible'
# A slice that stands for a moment, us.
MOMENT = 0.001

DOORBELLS, DOORBELL = 0x80000, 0x10000
SPACES, SPACE, NR_SPACES = 0x2400, 0x40, 16
BLOCKS = {0x20: 'gpu', 0x800: 'pwr', 0x1000: 'job', 0x2000: 'mmu'}
BANK = ('RAWSTAT', 'CLEAR', 'MASK', 'STAT')


def register_names():
    """Names by offset, and those within an address space's block."""
    path = os.path.join(root_dir(), 'hw', 'mali-csf', 'regs.h')
    with open(path) as f:
        found = re.findall(r'^REG32\((\w+), (0x[0-9a-f]+)\)', f.read(), re.M)
    ours, spaces = {}, {}
    for name, off in found:
        inside = name.startswith('AS_') and name != 'AS_PRESENT'
        (spaces if inside else ours)[int(off, 16)] = name.removesuffix('_LO')
    return ours, spaces


class Registers:
    """A register's track and name."""

    def __init__(self):
        self.ours, self.spaces = register_names()

    def place(self, off):
        if off >= DOORBELLS:
            return 'doorbells', f'doorbell {(off - DOORBELLS) // DOORBELL}'
        if SPACES <= off < SPACES + NR_SPACES * SPACE:
            n, off = divmod(off - SPACES, SPACE)
            return f'address space {n}', self.name(self.spaces, off)
        block = BLOCKS.get(off & ~0xf)
        if block:
            return f'{block} interrupt', \
                f'{block.upper()}_INT_{BANK[off >> 2 & 3]}'
        if 0x800 <= off < 0xc00:
            return 'power control', self.name(self.ours, off)
        return 'GPU control', self.name(self.ours, off)

    @staticmethod
    def name(names, off):
        if off in names:
            return names[off]
        if off - 4 in names:
            return names[off - 4] + ' (high)'
        return f'0x{off:05x}'


class Timeline:
    """The trace events of one GPU."""

    def __init__(self, number, title):
        self.base = (number - 1) * 100
        self.title = title
        self.slices = []
        self.flows = []
        self.registers = Registers()
        self.waiting = {}
        self.commands = {}
        self.lines = {}
        self.rung = {}
        self.kicked = {}
        self.told = None
        self.last = 0.0

    # What the lines say.  A slice is [section, track, start, end, name,
    # category, arguments, bad].

    def slice(self, section, track, start, end, name, cat, args, bad=False):
        made = [section, track, start, max(end, start + MOMENT), name, cat,
                args, bad]
        self.slices.append(made)
        return made

    def flow(self, name, one, two):
        """From the start of a slice to that of another."""
        if two[2] >= one[2]:
            self.flows.append((name, one, two))

    def where(self, group, stream):
        if group < 0:
            return 'global'
        return f'group {group}' + (f', stream {stream}' if stream >= 0 else '')

    def answered(self, key, ts, how, answer=None):
        start, track, args = self.waiting.pop(key)
        args['answer'] = how
        bad = how != 'acknowledged'
        asked = self.slice('firmware', track + ': requests', start, ts,
                           key[0] + (': ' + how if bad else ''), 'request',
                           args, bad)
        if answer:
            self.flow('acknowledged', asked, answer)

    def request(self, ts, name, group, stream, args, did, track):
        key = (name, group, stream)
        if did:
            self.slice('firmware', track, ts, ts, f'request {name} -> {did}',
                       'request', args, True)
            return
        if key in self.waiting:
            self.answered(key, ts, 'asked again')
        self.waiting[key] = (ts, track, args)

    def ack(self, ts, name, group, stream, args, did, track, kind):
        key = (name, group, stream)
        made = self.slice('firmware', track, ts, ts, f'{kind} {name}'
                          + (f' -> {did}' if did else ''), kind, args,
                          bool(did))
        if key in self.waiting and (not did or
                                    did.startswith(('drop', 'replace'))):
            self.answered(key, ts, did or 'acknowledged', made)
        if not did:
            self.told = made

    def tapped(self, ts, kind, name, group, stream, a, b, did):
        args = {'a': hex(a), 'b': hex(b)}
        if did:
            args['scenario'] = did
        track = self.where(group, stream)
        label = f'{kind} {name}' + (f' -> {did}' if did else '')
        if kind == 'request':
            self.request(ts, name, group, stream, args, did, track)
        elif kind in ('ack', 'halt'):
            self.ack(ts, name, group, stream, args, did, track, kind)
        elif kind == 'doorbell':
            made = self.slice('firmware', 'global', ts, ts, label, kind, args,
                              bool(did))
            if a in self.rung:
                self.flow('rung', self.rung.pop(a), made)
        elif kind == 'kick':
            made = self.slice('firmware', track, ts, ts, label, kind, args,
                              bool(did))
            if not did:
                self.kicked[group, stream] = made
        elif kind == 'fault':
            track = f'address space {group}' if name == 'mmu' else track
            self.slice('faults', track, ts, ts, label, kind, args, True)
        elif kind == 'irq':
            made = self.slice('interrupts', name + ': raised', ts, ts, label,
                              kind, args, bool(did))
            if name == 'job' and self.told:
                self.flow('told', self.told, made)
                self.told = None
        elif kind == 'power':
            track = f'address space {group}' if group >= 0 else 'commands'
            if did:
                self.slice('power', track, ts, ts, label, kind, args, True)
            if not did or not did.startswith(('drop', 'hang')):
                self.commands[name, group] = (ts, track, args)
        elif kind == 'reset':
            self.slice('power', 'commands', ts, ts, label, kind, args, True)
        elif kind == 'note':
            self.slice('notes', 'tests', ts, ts, name, kind, args)
        else:
            made = self.slice('firmware', track, ts, ts, label, kind, args,
                              bool(did))
            if kind == 'event' and not did:
                self.told = made

    def seen(self, ts, kind, name, group, stream, a, b):
        track = self.where(group, stream)
        if kind in ('read', 'wrote'):
            place, register = self.registers.place(a)
            arrow = '<-' if kind == 'wrote' else '->'
            made = self.slice('registers', place, ts, ts,
                              f'{register} {arrow} 0x{b:x}', kind,
                              {'offset': hex(a), 'value': hex(b)})
            if kind == 'wrote' and place == 'doorbells':
                self.rung[(a - DOORBELLS) // DOORBELL] = made
        elif kind == 'line':
            if name in self.lines:
                start, args = self.lines.pop(name)
                self.slice('interrupts', name, start, ts, args['bits'],
                           'line', args)
            if a:
                self.lines[name] = (ts, {'bits': hex(a), 'raw': hex(b)})
        elif kind == 'done':
            if (name, group) in self.commands:
                start, track, args = self.commands.pop((name, group))
                self.slice('power', track, start, ts, name, 'power', args)
        elif kind == 'ran':
            made = self.slice('executor', track, a / 1000, ts,
                              'runs' if name == 'time' else f'until {name}',
                              'stream', {'instructions': b, 'then': name},
                              name in ('fault', 'fatal'))
            if b and (group, stream) in self.kicked:
                self.flow('executes', self.kicked.pop((group, stream)), made)
        elif kind == 'busy':
            hangs = ts * 1000 > 1 << 62
            self.slice('executor', f'{track}: endpoints', a / 1000,
                       self.last if hangs else ts, name, 'endpoint',
                       {'scoreboard': b}, hangs)

    def line(self, text):
        m = LINE.match(text)
        if not m:
            return
        ts = int(m.group(1)) / 1000
        kind, name = m.group(2), m.group(3)
        group, stream = int(m.group(4)), int(m.group(5))
        a, b = int(m.group(6), 16), int(m.group(7), 16)
        if kind not in ('busy', 'ran'):
            self.last = max(self.last, ts)
        if kind in ('read', 'wrote', 'line', 'done', 'ran', 'busy'):
            self.seen(ts, kind, name, group, stream, a, b)
        else:
            self.tapped(ts, kind, name, group, stream, a, b, m.group(8))

    # What becomes of it.

    def end(self):
        for key in list(self.waiting):
            self.answered(key, self.last, 'never answered')
        for name, (start, args) in self.lines.items():
            self.slice('interrupts', name, start, self.last, args['bits'],
                       'line', args)
        for (name, _), (start, track, args) in self.commands.items():
            self.slice('power', track, start, self.last,
                       f'{name}: never ends', 'power', args, True)

    def lanes(self):
        """Give each slice a track on which it does not overlap: (section,
        name) to number, and the slices in their order."""
        free, numbers, out = {}, {}, []
        for s in sorted(self.slices, key=lambda s: (s[2], -s[3])):
            ends = free.setdefault((s[0], s[1]), [])
            lane = next((i for i, e in enumerate(ends) if e <= s[2]),
                        len(ends))
            ends[lane:lane + 1] = [s[3]]
            name = s[1] + (f' ({lane + 1})' if lane else '')
            numbers.setdefault((s[0], name), 0)
            out.append((s, (s[0], name)))
        for i, key in enumerate(sorted(numbers, key=lambda k: (
                SECTION[k[0]], natural(k[1]))), 1):
            numbers[key] = i
        return numbers, out

    def events(self, flow_id):
        """All trace events; flows are numbered from flow_id on."""
        self.end()
        numbers, placed = self.lanes()
        out, at = [], {}
        for s, key in placed:
            pid, tid = self.base + SECTION[s[0]], numbers[key]
            at[id(s)] = (pid, tid, s[2])
            event = {'ph': 'X', 'pid': pid, 'tid': tid, 'ts': s[2],
                     'dur': round(s[3] - s[2], 3), 'name': s[4], 'cat': s[5],
                     'args': s[6]}
            if s[7]:
                event['cname'] = BAD
            out.append(event)
        for i, (name, one, two) in enumerate(self.flows, flow_id):
            for phase, s in (('s', one), ('f', two)):
                pid, tid, ts = at[id(s)]
                event = {'ph': phase, 'id': i, 'pid': pid, 'tid': tid,
                         'ts': ts, 'name': name, 'cat': 'flow'}
                if phase == 'f':
                    event['bp'] = 'e'
                out.append(event)
        # At one time a slice comes before the flows that bind to it.
        out.sort(key=lambda e: (e['ts'], e['ph'] != 'X'))
        head = []
        for name, i in SECTION.items():
            pid = self.base + i
            head += [{'ph': 'M', 'pid': pid, 'name': 'process_name',
                      'args': {'name': f'{self.title}: {name}'}},
                     {'ph': 'M', 'pid': pid, 'name': 'process_sort_index',
                      'args': {'sort_index': pid}}]
        for (section, name), tid in numbers.items():
            pid = self.base + SECTION[section]
            head += [{'ph': 'M', 'pid': pid, 'tid': tid,
                      'name': 'thread_name', 'args': {'name': name}},
                     {'ph': 'M', 'pid': pid, 'tid': tid,
                      'name': 'thread_sort_index',
                      'args': {'sort_index': tid}}]
        return head + out, flow_id + len(self.flows)


def natural(text):
    return [int(w) if w.isdigit() else w for w in re.split(r'(\d+)', text)]


def convert(lines, process=1, title='GPU', flow_id=1):
    """Trace events of what a GPU has shown, and the next number of a flow."""
    timeline = Timeline(process, title)
    for line in lines:
        timeline.line(line)
    return timeline.events(flow_id)


def write(path, logs):
    """logs: pairs (title, path of what a GPU has shown)."""
    events, flow_id = [], 1
    for i, (title, log) in enumerate(logs, 1):
        with open(log, errors='replace') as f:
            more, flow_id = convert(f, i, title, flow_id)
            events += more
    with open(path, 'w') as f:
        json.dump({'traceEvents': events, 'displayTimeUnit': 'ns'}, f)
        f.write('\n')
