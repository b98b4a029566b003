# SPDX-License-Identifier: GPL-2.0-or-later
"""The matrix: what becomes of each kernel with each firmware under each
scenario.  Called by scripts/matrix, which has set everything up."""

import argparse
import os
import re
import shlex
import sys
import time

sys.dont_write_bytecode = True

import arch as arches                                    # noqa: E402
import inputs                                            # noqa: E402
import kernel as kernels                                 # noqa: E402
import pool                                              # noqa: E402
import report                                            # noqa: E402
import mutants                                           # noqa: E402
from guest import Guest, Plan                            # noqa: E402
from say import Refused, build_file, end, root_dir, say  # noqa: E402
from trees import cells, told                            # noqa: E402
from verdict import STAMP                                # noqa: E402

WORKS, REFUSED, RECOVERED, MISBEHAVED = (
    'works', 'refused', 'recovered', 'misbehaved')
VERDICTS = (WORKS, REFUSED, RECOVERED, MISBEHAVED)
NO_SCENARIO = 'none'
# Of a guest: a second one is a quarter more to execute, most of it the
# scheduler's, and shows what needs two threads at once.
CPUS = 1
# Drivers that wait in a loop for what never comes (panthor's polls of 100 ms
# and more, with the CPU) execute a quarter of what they would on the usual CPU
# of 125 million instructions a second; all else costs a cell the same.
SHIFT = 5
# Of a kernel that checks its memory or its locks this one would be busy with
# timer ticks alone.
SLOW = ('CONFIG_KASAN', 'CONFIG_PROVE_LOCKING')

# The guest's own sentence, see guest-tests/{panthor,nouveau}/matrix.c.
SAID = re.compile(r'^cell (works|refused|recovered|misbehaved): (.*)$')
# What a driver must not do, whatever its hardware does to it.
WARN = re.compile(r'WARNING: |UBSAN: |refcount_t: |KASAN: |KCSAN: ')


# The driver that takes each family's GPUs, its test, and how the family's
# profiles begin; its scenarios are those that begin so, or not with another's.
FAMILIES = {'nvidia': ('nouveau', 'cell-gsp', 'gsp-'),
            'mali': ('panthor', 'cell', 'csf-')}


def family(gpu):
    return FAMILIES[gpu.split('-')[0]]


def named(folder):
    """Names of device trees in dts/FOLDER."""
    where = os.path.join(root_dir(), 'dts', folder)
    return sorted(f[:-4] for f in os.listdir(where) if f.endswith('.dts'))


def served(gpu):
    """Profiles that an image of ours can carry for a GPU."""
    return [n for n in named('abi')
            if n.startswith(family(gpu)[2]) and 'layout-in-image' not in told(
                build_file('dts', 'gpumbox', n + '.dtb'), 's', '/',
                'capabilities')]


# Events of what boots a GSP: an FSP, or FWSEC and booter.
BY_FSP = re.compile(r'event = "(fsp-message|fmc)"')
BY_BOOTER = re.compile(r'event = "(fwsec-|booter-|sequencer")')


def other_boot(scenario, gpu):
    """Is it about what boots the GSP of other GPUs?"""
    fsp = cells(build_file('dts', 'gpumbox', gpu + '.dtb'), '/fsp',
                'chain-of-trust')
    path = os.path.join(root_dir(), 'dts', 'scenario', scenario + '.dts')
    with open(path) as f:
        return (BY_BOOTER if fsp else BY_FSP).search(f.read())


def scenarios(gpu):
    """Those that are about events of this GPU."""
    prefix = family(gpu)[2]
    return [n for n in named('scenario')
            if n.startswith('gsp-') == (prefix == 'gsp-')
            and not other_boot(n, gpu)]


def stage_of(scenario):
    """From when a scenario is in force: 'probe' or 'up'; 'sleep' is 'up', and
    the system sleeps."""
    path = build_file('dts', 'gpumbox', scenario + '.dtb')
    if not os.path.exists(path):
        with open(scenario, errors='replace') as f:
            found = re.search(r'^\s*stage\s*=\s*"(\w+)"', f.read(), re.M)
        return found.group(1) if found else 'up'
    return told(path, 's', '/', 'stage') or 'up'


class Cell:
    """One cell: what it is, and, once played, what it came to."""

    def __init__(self, spec, folder, k, gpu, abi, scenario, o):
        self.spec, self.folder, self.release = spec, folder, k.name
        self.config = k.config or {}
        self.driver = o.driver
        self.arch = k.arch
        self.gpu, self.abi, self.scenario = gpu, abi, scenario
        self.seed, self.boot, self.cpus = o.seed, o.boot, o.cpus
        # Of a mutant, what is wrong with it.
        self.mutation = ''
        self.verdict = self.reason = None
        self.inputs = ''
        self.log, self.events = [], []
        self.seconds = 0.0

    def name(self):
        return ' '.join([self.spec, self.gpu, os.path.basename(self.abi),
                         os.path.basename(self.scenario)]
                        + ([self.driver] if self.driver else []))

    def column(self):
        return self.spec, self.gpu, mutants.parts(self.abi)[0]

    def row(self):
        scenario = os.path.basename(self.scenario)
        kind = mutants.parts(self.abi)[1]
        if kind:
            return kind if scenario == NO_SCENARIO else f'{kind} {scenario}'
        return scenario

    def replay(self):
        words = ['scripts/matrix', '--kernel', self.spec, '--gpu', self.gpu,
                 '--abi', self.abi, '--scenario', self.scenario, '--seed',
                 str(self.seed), *self.arch.words()]
        if self.boot != 1:
            words += ['--boot', str(self.boot)]
        if self.driver:
            words += ['--driver', self.driver]
        if self.cpus != CPUS:
            words += ['--cpus', str(self.cpus)]
        if self.inputs:
            words += ['--inputs', self.inputs]
        return shlex.join(words)

    def plan(self, qemu):
        driver, test, _ = family(self.gpu)
        p = Plan(qemu=qemu, kernel=self.folder,
                 driver=self.driver or driver)
        p.gpus, p.cpus = [self.gpu], self.cpus
        p.seed, p.reseed = self.boot, self.seed
        if not any(o in self.config for o in SLOW):
            p.shift = SHIFT
        # One image is handed to a restored guest, a set of files is in its
        # initrd from the start.
        p.snapshot, p.point = True, 'probed' if test == 'cell' else \
            'before-probe'
        # Always a file of its own: cells differ in nothing else.
        p.abi = self.abi
        if mutants.parts(self.abi)[1]:
            # Too many for a snapshot of each.
            p.point = 'before-probe'
        p.params['test'] = test
        p.params['probe'] = 'test'
        if self.scenario != NO_SCENARIO:
            name = os.path.basename(self.scenario)
            if name.endswith('.dts'):
                name = name[:-4]
                p.scenarios = {name: self.scenario}
            p.params['cell-scenario'] = name
            p.params['cell-stage'] = stage_of(self.scenario)
            if p.params['cell-stage'] == 'probe':
                p.point = 'before-probe'
        return p

    def judge(self, guest, hung, died):
        said = None
        for comment in guest.tap.comments:
            said = SAID.match(comment) or said
        warned = [line for line in guest.log.all
                  if WARN.search(STAMP.sub('', line))]
        if died:
            return MISBEHAVED, f'QEMU died: {died}'
        if guest.log.fatal:
            return MISBEHAVED, 'oops: ' + STAMP.sub('', guest.log.fatal[0])
        if said and said.group(1) == MISBEHAVED:
            return said.groups()
        if warned:
            return MISBEHAVED, STAMP.sub('', warned[0])
        if hung or not said:
            return MISBEHAVED, 'hang: the guest does not come to an end'
        return said.groups()

    def play(self, qemu, timeout, keep=None, wanted=None):
        start = time.monotonic()
        guest = Guest(self.plan(qemu))
        try:
            hung, died = guest.attempt(timeout, wanted and (
                lambda started: inputs.same(wanted, started)))
            self.verdict, self.reason = self.judge(guest, hung, died)
            self.inputs = inputs.name(guest)
            self.mutation = mutants.sentence(self.abi,
                                             guest.machine.config.profile)
            self.log = guest.log.own()
            self.events = report.events(guest.machine.mailbox)
            if keep:
                guest.keep(os.path.join(keep, '-'.join(
                    self.name().replace('/', '_').replace(':', '_').split())))
        finally:
            guest.clean()
        self.seconds = time.monotonic() - start


def options(argv):
    p = argparse.ArgumentParser()
    p.add_argument('--qemu', required=True)
    p.add_argument('--kernel', action='append', required=True)
    p.add_argument('--gpu', action='append', required=True)
    p.add_argument('--abi', action='append')
    p.add_argument('--mutants')
    p.add_argument('--scenario', action='append')
    p.add_argument('--driver')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--boot', type=int, default=1)
    p.add_argument('--cpus', type=int, default=CPUS)
    p.add_argument('--jobs', type=int, default=pool.JOBS)
    p.add_argument('--timeout', type=int, default=60)
    p.add_argument('--tap', action='store_true')
    p.add_argument('--json')
    p.add_argument('--junit')
    p.add_argument('--html')
    p.add_argument('--keep-log')
    p.add_argument('--inputs')
    return p.parse_args(argv)


def check(folder, what, name):
    if not os.path.isfile(name) and name not in named(folder):
        raise Refused(f"there is no {what} '{name}': neither a file nor one "
                      f"of " + ', '.join(named(folder)))


def profiles(o, gpu):
    abis = o.abi or served(gpu)
    if o.mutants:
        return [m for a in abis for m in mutants.chosen(a, o.mutants)]
    return abis


def usual(o, gpu):
    """Scenarios if none was named."""
    return [NO_SCENARIO] + ([] if o.mutants else scenarios(gpu))


def asked(o):
    for name in o.abi or []:
        check('abi', 'profile', mutants.parts(name)[0])
    for name in o.scenario or []:
        if name != NO_SCENARIO:
            check('scenario', 'scenario', name)
    out = []
    for word in o.kernel:
        spec, folder = word.split('=', 1)
        k = kernels.kernel_path(folder, arches.of(o.qemu))
        if o.driver:
            k.check(o.driver)
        out += [Cell(spec, folder, k, gpu, abi, scenario, o)
                for gpu in o.gpu for abi in profiles(o, gpu)
                for scenario in o.scenario or usual(o, gpu)]
    return out


def main(argv):
    o = options(argv)
    todo = asked(o)
    start = time.monotonic()
    done = 0

    def play(cell):
        cell.play(o.qemu, o.timeout, o.keep_log, o.inputs)
        return cell

    for cell, _ in pool.each(play, todo, o.jobs):
        done += 1
        if o.tap:
            report.tap_point(done, cell)
        elif done % 20 == 0:
            say(f'{done} of {len(todo)} cells in '
                f'{time.monotonic() - start:.0f} s')
    seconds = time.monotonic() - start
    if o.tap:
        print(f'1..{len(todo)}')
    else:
        report.table(todo, seconds)
    for path, write in ((o.json, report.json_file),
                        (o.junit, report.junit_file),
                        (o.html, report.html_file)):
        if path:
            write(path, todo, seconds)
    return 1 if any(c.verdict == MISBEHAVED for c in todo) else 0


if __name__ == '__main__':
    end(main, 'the matrix')
