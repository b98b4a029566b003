# SPDX-License-Identifier: GPL-2.0-or-later
"""The difference report: the same guest tests on several drivers of one
kernel, side by side.  Called by scripts/matrix --drivers, which has set
everything up."""

import argparse
import json
import os
import shlex
import sys
import time

sys.dont_write_bytecode = True

import inputs                                            # noqa: E402
import kernel as kernels                                 # noqa: E402
import pool                                              # noqa: E402
from guest import Guest, Plan                            # noqa: E402
from say import Refused, end                             # noqa: E402

SCHEMA = 'gpumbox-drivers'
VERSION = 1
# The driver whose tests they are.
FIRST = 'panthor'
NONE = '-'
LOST = 'lost'
# What stands before a point that is no test's.
NO_TEST = ('boot', 'kernel-log')


class Column:
    """One driver, and what its tests came to."""

    def __init__(self, driver):
        self.driver = driver
        self.tests = {}
        self.ended = ''
        self.made_of = ''

    def same(self, wanted, guest):
        """Refuse a guest that is made of something else; the drivers' initrds
        have their names in --inputs."""
        own, words = f'initrd.{self.driver}=', []
        for word in wanted.split(','):
            if word.startswith(own):
                words.append('initrd=' + word[len(own):])
            elif not word.startswith('initrd.'):
                words.append(word)
        inputs.same(','.join(words), guest)

    def play(self, o):
        p = Plan(qemu=o.qemu, kernel=o.folder, driver=self.driver)
        p.gpus, p.seed = [o.gpu], o.seed
        p.snapshot, p.point = True, 'driver-up'
        p.params['test'] = o.test
        if self.driver != FIRST:
            p.params['foreign'] = '1'
        guest = Guest(p)
        try:
            hung, died = guest.attempt(o.timeout, o.inputs and (
                lambda started: self.same(o.inputs, started)))
            self.made_of = inputs.name(guest).replace(
                'initrd=', f'initrd.{self.driver}=')
            self.tests = {n: t for n, t in guest.tap.tests.items()
                          if n not in NO_TEST}
            if died:
                self.ended = f'QEMU died: {died}'
            elif guest.log.fatal:
                self.ended = 'oops: ' + guest.log.fatal[0]
            elif hung or not guest.tap.sound():
                self.ended = 'the guest did not come to an end'
            if o.keep_log:
                guest.keep(os.path.join(o.keep_log, self.driver))
        finally:
            guest.clean()
        return self

    def verdict(self, name):
        if name in self.tests:
            return self.tests[name].verdict()
        return LOST if self.ended else NONE

    def reason(self, name):
        return self.tests[name].reason if name in self.tests else ''


def names(columns):
    """Tests in the order in which the first driver ran them; those that it
    did not run stand behind."""
    out = []
    for c in columns:
        out += [n for n in c.tests if n not in out]
    return out


def differ(columns, name):
    return len({c.verdict(name) for c in columns}) > 1


def counts(columns, tests):
    """{(verdict of each driver): number}"""
    out = {}
    for name in tests:
        key = tuple(c.verdict(name) for c in columns)
        out[key] = out.get(key, 0) + 1
    return out


def again(columns, o):
    """The command that gives this again."""
    parts = dict.fromkeys(w for c in columns for w in c.made_of.split(',')
                          if w)
    return shlex.join(['scripts/matrix', '--drivers',
                       ','.join(c.driver for c in columns),
                       '--kernel', o.spec, '--gpu', o.gpu, '--test', o.test,
                       '--seed', str(o.seed), '--inputs', ','.join(parts)])


def table(columns, tests, release, seconds):
    width = max([len(n) for n in tests] + [4])
    print(f'{release}: ' + ', '.join(c.driver for c in columns))
    print(' ' * width + ''.join(f'  {c.driver:8}' for c in columns))
    for name in tests:
        why = [f'{c.driver}: {c.reason(name)}' for c in columns
               if c.reason(name) and c.verdict(name) in ('fail', 'skip')]
        print(f'{name:{width}}' + ''.join(f'  {c.verdict(name):8}'
                                          for c in columns)
              + ('  ' + '; '.join(why) if why else ''))
    for key, n in sorted(counts(columns, tests).items(),
                         key=lambda item: -item[1]):
        print(f'{n:5}  ' + ', '.join(f'{c.driver} {v}'
                                     for c, v in zip(columns, key)))
    for c in columns:
        if c.ended:
            print(f'{c.driver}: {c.ended}')
    print(f'{len(tests)} tests in {seconds:.1f} s: '
          f'{sum(differ(columns, n) for n in tests)} differ', flush=True)


def tap(columns, tests):
    """A point for each test of each driver but the first: it fails where the
    first driver passes and this one does not."""
    number = 0
    for c in columns[1:]:
        for name in tests:
            number += 1
            first, own = columns[0].verdict(name), c.verdict(name)
            bad = first == 'pass' and own != 'pass'
            print(f"{'not ok' if bad else 'ok'} {number} - {c.driver}: "
                  f"{name}: {own}, {columns[0].driver}: {first}")
            if c.reason(name):
                print('# ' + c.reason(name))
    print(f'1..{number}')


def plain(columns, tests, o, release, seconds):
    return {
        'schema': SCHEMA, 'version': VERSION,
        'kernel': o.spec, 'release': release, 'gpu': o.gpu, 'seed': o.seed,
        'seconds': round(seconds, 3),
        'drivers': {c.driver: {'ended': c.ended or None} for c in columns},
        'tests': [{'name': n, **{c.driver: {
            'verdict': c.verdict(n), 'reason': c.reason(n) or None}
            for c in columns}} for n in tests],
        'again': again(columns, o),
    }


def options(argv):
    p = argparse.ArgumentParser()
    p.add_argument('--qemu', required=True)
    p.add_argument('--kernel', required=True)
    p.add_argument('--gpu', required=True)
    p.add_argument('--drivers', required=True)
    p.add_argument('--test', default='all')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--jobs', type=int, default=pool.JOBS)
    p.add_argument('--timeout', type=int, default=900)
    p.add_argument('--tap', action='store_true')
    p.add_argument('--json')
    p.add_argument('--keep-log')
    p.add_argument('--inputs')
    o = p.parse_args(argv)
    o.spec, o.folder = o.kernel.split('=', 1)
    return o


def main(argv):
    o = options(argv)
    k = kernels.kernel_path(o.folder)
    columns = [Column(d) for d in o.drivers.split(',')]
    for c in columns:
        k.check(c.driver)
    start = time.monotonic()
    for _ in pool.each(lambda c: c.play(o), columns, o.jobs):
        pass
    seconds = time.monotonic() - start
    tests = names(columns)
    if not tests:
        raise Refused(f"no test matches '{o.test}'" if not any(
            c.ended for c in columns) else columns[0].ended)
    if o.tap:
        tap(columns, tests)
    else:
        table(columns, tests, os.path.basename(k.name), seconds)
        print('again: ' + again(columns, o), flush=True)
    if o.json:
        with open(o.json, 'w') as f:
            json.dump(plain(columns, tests, o, os.path.basename(k.name),
                            seconds), f, indent=1)
            f.write('\n')
    return 1 if any(c.ended for c in columns) else 0


if __name__ == '__main__':
    end(main, 'the report')
