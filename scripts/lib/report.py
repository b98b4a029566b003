# SPDX-License-Identifier: GPL-2.0-or-later
"""A matrix in its forms: table, TAP, JSON, JUnit XML, one HTML page."""

import html
import json
import os
import re
from xml.sax.saxutils import escape, quoteattr

SCHEMA = 'gpumbox-matrix'
VERSION = 1
MARKS = {'works': '.', 'refused': '-', 'recovered': 'o', 'misbehaved': 'X'}

# Of a cell's mailbox, what a page shows at most.
EVENTS_MAX = 300
# Of its kernel log likewise.
LINES_MAX = 120

LINE = re.compile(r'^(\d+) (\S+) (.*?) (-?\d+)\.(-?\d+) (0x[0-9a-f]+) '
                  r'(0x[0-9a-f]+)(?: -> (.*))?$')


def events(path):
    """[microseconds, kind, name, place, value, what the scenario did]: all
    that a scenario decided and the first of everything else."""
    out, rest = [], []
    try:
        with open(path, errors='replace') as f:
            for line in f:
                m = LINE.match(line)
                if not m:
                    continue
                place = '' if m.group(4) == '-1' else m.group(4) + (
                    '' if m.group(5) == '-1' else '.' + m.group(5))
                event = [int(m.group(1)) // 1000, m.group(2), m.group(3),
                         place, m.group(6), m.group(8) or '']
                if event[5]:
                    out.append(event)
                elif len(rest) < EVENTS_MAX:
                    rest.append(event)
    except FileNotFoundError:
        pass
    out = out[:EVENTS_MAX]
    return sorted(out + rest[:EVENTS_MAX - len(out)], key=lambda e: e[0])


def short(cell):
    return [os.path.basename(cell.abi), os.path.basename(cell.scenario)]


def rows(cells):
    """Columns, and for each scenario its cells in their order."""
    columns, table = [], {}
    for c in cells:
        if c.column() not in columns:
            columns.append(c.column())
        table.setdefault(c.row(), {})[c.column()] = c
    return columns, table


def count(cells):
    return {v: sum(c.verdict == v for c in cells) for v in MARKS}


def table(cells, seconds):
    columns, body = rows(cells)
    for i, (spec, gpu, abi) in enumerate(columns, 1):
        print(f'{i:3} {spec} {gpu} {os.path.basename(abi)}')
    width = max(len(row) for row in body)
    print(' ' * width + ' ' + ''.join(f'{i:3}'
                                      for i in range(1, len(columns) + 1)))
    for row, line in body.items():
        print(f'{row:{width}} '
              + ''.join('  ' + (MARKS[line[c].verdict] if c in line else ' ')
                        for c in columns))
    print('  '.join(f'{mark} {v}' for v, mark in MARKS.items()))
    for abi, mutation in {c.abi: c.mutation for c in cells
                          if c.mutation}.items():
        print(f'{os.path.basename(abi)}: {mutation}')
    for c in cells:
        if c.verdict == 'misbehaved':
            print(f'{c.name()}: {c.reason}\n  again: {c.replay()}')
    total = ', '.join(f'{n} {v}' for v, n in count(cells).items())
    print(f'{len(cells)} cells in {seconds:.1f} s, '
          f'{len(cells) / max(seconds, 0.001):.1f} a second: {total}',
          flush=True)


def tap_point(number, c):
    bad = c.verdict == 'misbehaved'
    print(f"{'not ok' if bad else 'ok'} {number} - {c.name()}: {c.verdict}"
          .replace('#', ' '))
    print(f'# {c.reason}\n# again: {c.replay()}', flush=True)


def plain(cells, seconds):
    return {
        'schema': SCHEMA, 'version': VERSION,
        'seconds': round(seconds, 3),
        'verdicts': count(cells),
        'cells': [{'kernel': c.spec, 'release': c.release, 'gpu': c.gpu,
                   'abi': c.abi, 'mutation': c.mutation,
                   'scenario': c.scenario, 'seed': c.seed, 'boot': c.boot,
                   'verdict': c.verdict, 'reason': c.reason,
                   'acted': any(e[5] for e in c.events),
                   'inputs': c.inputs, 'replay': c.replay(),
                   'seconds': round(c.seconds, 3)} for c in cells]}


def json_file(path, cells, seconds):
    with open(path, 'w') as f:
        json.dump(plain(cells, seconds), f, indent=1)
        f.write('\n')


def xml_text(text):
    """Control characters, which XML cannot hold, as blanks."""
    return escape(re.sub(r'[\x00-\x08\x0b-\x1f\x7f]', ' ', text))


def junit_file(path, cells, seconds):
    bad = count(cells)['misbehaved']
    with open(path, 'w') as f:
        f.write('<?xml version="1.0" encoding="UTF-8"?>\n')
        f.write(f'<testsuites><testsuite name="gpumbox matrix" '
                f'tests="{len(cells)}" failures="{bad}" errors="0" '
                f'skipped="0" time="{seconds:.3f}">\n')
        for c in cells:
            group = quoteattr('.'.join([c.spec, c.gpu, short(c)[0]]))
            f.write(f' <testcase classname={group} '
                    f'name={quoteattr(short(c)[1])} time="{c.seconds:.3f}">')
            if c.verdict == 'misbehaved':
                why = quoteattr(xml_text(c.reason))
                f.write(f'<failure message={why}>'
                        + xml_text(c.replay() + '\n'
                                   + '\n'.join(c.log[-LINES_MAX:]))
                        + '</failure>')
            else:
                f.write('<system-out>' + xml_text(f'{c.verdict}: {c.reason}\n'
                                                  f'{c.replay()}')
                        + '</system-out>')
            f.write('</testcase>\n')
        f.write('</testsuite></testsuites>\n')


def trimmed(lines):
    if len(lines) <= LINES_MAX:
        return lines
    return (lines[:LINES_MAX // 2]
            + [f'... {len(lines) - LINES_MAX} lines left out ...']
            + lines[-LINES_MAX // 2:])


def html_file(path, cells, seconds):
    with open(os.path.join(os.path.dirname(__file__), 'matrix.html')) as f:
        page = f.read()
    data = plain(cells, seconds)
    for out, c in zip(data['cells'], cells):
        out['log'] = '\n'.join(trimmed(c.log))
        out['events'] = c.events
    # "</" would end the element that holds it.
    text = json.dumps(data, separators=(',', ':')).replace('</', '<\\/')
    total = ', '.join(f'{n} {v}' for v, n in count(cells).items())
    with open(path, 'w') as f:
        f.write(page.replace('@TITLE@', html.escape(
            f'gpumbox matrix: {len(cells)} cells, {total}'))
            .replace('@DATA@', text))
