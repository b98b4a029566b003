# SPDX-License-Identifier: GPL-2.0-or-later
"""The gallery: what a bug of tests/bugs is made of, how it is played and what
is made of what happened."""

import os
import re
import tomllib

import inputs
from guest import Guest, Plan
from say import Refused, root_dir
from verdict import STAMP

REPRODUCED, ABSENT, UNCLEAR = 'reproduced', 'not there', 'cannot tell'
STATUS = {REPRODUCED: 0, ABSENT: 1, UNCLEAR: 3}

KEYS = {'title': str, 'point': str, 'test': str, 'abi': str, 'set': list,
        'scenario': str, 'log': list, 'expect': dict, 'driver': str,
        'affected': str, 'gpu': str}
# The GPU that a driver is for.
GPUS = {'panthor': 'mali-g610', 'tyr': 'mali-g610',
        'nouveau': 'nvidia-ga102', 'nova': 'nvidia-ga102'}
# Drivers that stock kernels have; others want a kernel of one's own.
STOCK = ('panthor', 'nouveau')
POINTS = ('before-probe', 'driver-up')

# The guest's own sentence, see guest-tests/lib/bug.h.
SAID = re.compile(r'^bug (seen|absent|unclear|test)\b:? ?(.*)$')


def folder_of(name=''):
    return os.path.join(root_dir(), 'tests', 'bugs', name)


def names():
    return sorted(e for e in os.listdir(folder_of())
                  if os.path.exists(os.path.join(folder_of(e), 'bug.toml')))


class Bug:
    """One entry of the gallery."""

    def __init__(self, name):
        self.name = name
        self.folder = folder_of(name)
        path = os.path.join(self.folder, 'bug.toml')
        try:
            with open(path, 'rb') as f:
                entry = tomllib.load(f)
        except FileNotFoundError:
            raise Refused(f"there is no bug '{name}': scripts/repro --list "
                          f"lists them")
        except tomllib.TOMLDecodeError as err:
            raise Refused(f'{path}: {err}')
        for key, value in entry.items():
            if not isinstance(value, KEYS.get(key, ())):
                raise Refused(f"{path}: '{key}' is unknown, or of a wrong "
                              f"type")
        self.title = entry.get('title')
        self.point = entry.get('point', 'driver-up')
        if not self.title or self.point not in POINTS:
            raise Refused(f"{path}: wants a 'title', and as 'point' one of "
                          + ', '.join(POINTS))
        self.test = entry.get('test', 'bug-' + name)
        self.driver = entry.get('driver', 'panthor')
        # A kernel that has it, if those of the suites have it no more.
        self.affected = entry.get('affected')
        if self.driver not in GPUS:
            raise Refused(f"{path}: wants as 'driver' one of "
                          + ', '.join(GPUS))
        self.gpu = self._file(entry.get('gpu', GPUS[self.driver]))
        self.abi = self._file(entry.get('abi'))
        self.scenario = self._file(entry.get('scenario'))
        self.sets = entry.get('set', [])
        self.log = [re.compile(r) for r in entry.get('log', [])]
        self.expect = entry.get('expect', {})

    def _file(self, name):
        """A file beside the entry, or a name of ours."""
        path = os.path.join(self.folder, name) if name else None
        return path if path and os.path.exists(path) else name

    def scenarios(self):
        return {f[:-4]: os.path.join(self.folder, f)
                for f in sorted(os.listdir(self.folder))
                if f.endswith('.dts') and f not in (
                    os.path.basename(self.abi or ''),
                    os.path.basename(self.gpu))}

    def plan(self, qemu, kernel, cpus=2, seed=1, boot=1):
        """seed: the GPU's timing; boot: the kernel's random numbers."""
        p = Plan(qemu=qemu, kernel=kernel, driver=self.driver)
        p.gpus, p.cpus = [self.gpu], cpus
        p.seed, p.reseed = boot, seed
        p.point, p.snapshot = self.point, True
        p.abi, p.scenario, p.sets = self.abi, self.scenario, self.sets
        p.scenarios = self.scenarios()
        p.params['test'] = self.test
        if self.point == 'before-probe':
            p.params['probe'] = 'test'
        return p

    def expected(self, release):
        """What the entry says of a kernel; None if it does not know it."""
        for prefix, verdict in self.expect.items():
            if release.startswith(prefix):
                return verdict
        return None


class Outcome:
    """What a bug's run came to."""

    def __init__(self, verdict, evidence):
        self.verdict = verdict
        self.evidence = evidence

    def status(self):
        return STATUS[self.verdict]


def judge(bug, guest, hung=False, died=None):
    """From what the guest said and what its kernel did."""
    found = []
    for pattern in bug.log:
        for line in guest.log.all:
            if pattern.search(STAMP.sub('', line)):
                found.append(line)
                break
    said = {}
    for comment in guest.tap.comments:
        match = SAID.match(comment)
        if match:
            said[match.group(1)] = match.group(2)
    words = [t for t in said.values() if t]
    if bug.log and len(found) == len(bug.log):
        said.pop('absent', None)
        return Outcome(REPRODUCED, [t for t in said.values() if t][:1] + found)
    if 'seen' in said:
        return Outcome(REPRODUCED, words[:1] + found)
    if 'absent' in said and not found and not guest.log.fatal:
        return Outcome(ABSENT, words[:1])
    why = words + found
    if died:
        why.append(f'QEMU died: {died}')
    if hung:
        why.append('the guest did not end in time')
    why += guest.log.fatal[:3]
    if not why:
        why.append('the guest ended without saying what it saw')
    return Outcome(UNCLEAR, why + guest.log.tail[-5:])


def play(bug, plan, timeout=120, keep=None, wanted=None):
    """One round: (Outcome, what the guest was made of).

    wanted: what it must be made of, as in a replay line."""
    guest = Guest(plan)
    try:
        hung, died = guest.attempt(timeout, wanted and (
            lambda started: inputs.same(wanted, started)))
        outcome = judge(bug, guest, hung, died)
        made_of = inputs.name(guest)
        if keep:
            guest.keep(keep)
    finally:
        guest.clean()
    return outcome, made_of
