# SPDX-License-Identifier: GPL-2.0-or-later
"""A mailbox log in the form that Perfetto and Chrome's tracing open.

Times are microseconds of virtual time.  A request and its acknowledgement
are one slice, everything else is an instant of its track."""

import json

from report import LINE

# Tracks in the order of the page; those of groups and streams come between.
FIRST = {'notes': 1, 'boot and halt': 2, 'power': 3, 'interrupts': 4,
         'global': 5}
GROUPS, SPACES = 100, 5000
STREAMS_A_GROUP = 64

# How Perfetto's importer is told that something is not as it should be.
BAD = 'terrible'

TRACK = {'note': 'notes', 'boot': 'boot and halt', 'halt': 'boot and halt',
         'reset': 'power', 'power': 'power', 'irq': 'interrupts',
         'doorbell': 'global'}


def track(kind, name, group, stream):
    """(number, name) of the track that an event belongs to."""
    if name.startswith('as-') or (kind == 'fault' and name == 'mmu'):
        return SPACES + group, f'address space {group}'
    if group >= 0 and stream >= 0:
        return (GROUPS + group * STREAMS_A_GROUP + 1 + stream,
                f'group {group}, stream {stream}')
    if group >= 0:
        return GROUPS + group * STREAMS_A_GROUP, f'group {group}'
    name = TRACK.get(kind, 'global')
    return FIRST[name], name


def convert(lines, process=1, title='GPU'):
    """Trace events of a mailbox log."""
    out, tracks, waiting = [], {}, {}
    last = 0.0

    def close(key, end, how):
        start, number, args = waiting.pop(key)
        args['answer'] = how
        event = {'ph': 'X', 'pid': process, 'tid': number, 'ts': start,
                 'dur': max(end - start, 0.001), 'name': key[0],
                 'cat': 'request', 'args': args}
        if how != 'acknowledged':
            event['cname'] = BAD
            event['name'] += ': ' + how
        out.append(event)

    for line in lines:
        m = LINE.match(line)
        if not m:
            continue
        ts = int(m.group(1)) / 1000
        kind, name = m.group(2), m.group(3)
        group, stream = int(m.group(4)), int(m.group(5))
        did = m.group(8)
        number, where = track(kind, name, group, stream)
        tracks[number] = where
        args = {'a': m.group(6), 'b': m.group(7)}
        if did:
            args['scenario'] = did
        last = max(last, ts)
        key = (name, group, stream)
        if kind == 'request' and not did:
            if key in waiting:
                close(key, ts, 'asked again')
            waiting[key] = (ts, number, args)
            continue
        if kind == 'ack' and key in waiting and \
                (not did or did.startswith(('drop', 'replace'))):
            if did:
                waiting[key][2]['scenario'] = did
            close(key, ts, did or 'acknowledged')
            continue
        if kind == 'halt' and key in waiting and not did:
            # The MCU's state is the answer.
            close(key, ts, 'acknowledged')
        event = {'ph': 'i', 's': 't', 'pid': process, 'tid': number, 'ts': ts,
                 'name': f'{kind} {name}' + (f' -> {did}' if did else ''),
                 'cat': kind, 'args': args}
        if did or kind == 'fault':
            event['cname'] = BAD
        out.append(event)
    for key in list(waiting):
        close(key, last, 'never answered')
    head = [{'ph': 'M', 'pid': process, 'name': 'process_name',
             'args': {'name': title}}]
    for number, where in sorted(tracks.items()):
        head += [{'ph': 'M', 'pid': process, 'tid': number,
                  'name': 'thread_name', 'args': {'name': where}},
                 {'ph': 'M', 'pid': process, 'tid': number,
                  'name': 'thread_sort_index', 'args': {'sort_index': number}}]
    return head + sorted(out, key=lambda e: e['ts'])


def write(path, logs):
    """logs: pairs (title, path of a mailbox log)."""
    events = []
    for i, (title, log) in enumerate(logs, 1):
        with open(log, errors='replace') as f:
            events += convert(f, i, title)
    with open(path, 'w') as f:
        json.dump({'traceEvents': events, 'displayTimeUnit': 'ns'}, f)
        f.write('\n')
