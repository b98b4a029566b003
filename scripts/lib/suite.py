# SPDX-License-Identifier: GPL-2.0-or-later
"""What the suites share: test points, the guests they start, a busy host."""

import filecmp
import os
import subprocess
import sys

sys.dont_write_bytecode = True

import bugs                                              # noqa: E402
from guest import Guest, Plan                            # noqa: E402
from say import build_file, root_dir                     # noqa: E402,F401

QUICK = os.environ.get('GPUMBOX_QUICK') == '1'
LONG = os.environ.get('GPUMBOX_LONG') == '1'
KERNELS = ['debian'] if QUICK else ['debian', 'debian:backports']


class Suite:
    """TAP points of one suite."""

    def __init__(self):
        self.points = 0
        self.failed = 0

    def ok(self, good, text, comments=()):
        self.points += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.points} - {text}")
        if not good:
            for comment in comments:
                self.say(comment)
        sys.stdout.flush()
        return good

    def skip(self, text, why):
        self.points += 1
        print(f'ok {self.points} - {text} # SKIP {why}', flush=True)

    @staticmethod
    def say(text):
        for line in str(text).splitlines() or ['']:
            print('# ' + line, flush=True)

    def done(self):
        print(f'1..{self.points}', flush=True)
        return 1 if self.failed else 0


def setup(*arguments):
    """What scripts/setup prints for these arguments."""
    done = subprocess.run([os.path.join(root_dir(), 'scripts', 'setup'),
                           '--wait', *arguments], stdout=subprocess.PIPE,
                          text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout.strip()


def script(name, *arguments, **more):
    """Run one of the scripts, with nothing to read; what it printed."""
    return subprocess.run([os.path.join(root_dir(), 'scripts', name),
                           *arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, errors='replace', **more)


_paths = {}


def path_of(*arguments):
    if arguments not in _paths:
        _paths[arguments] = setup(*arguments)
    return _paths[arguments]


def built(variable, *options):
    """(folder of a kernel of scripts/kernel's, why there is none); the
    environment's @variable may name another, or none."""
    tool = os.path.join(root_dir(), 'scripts', 'kernel')
    given = os.environ.get(variable)
    if given is not None:
        return given, f'{variable} is empty'
    if not os.access(tool, os.X_OK):
        return None, 'scripts/kernel is not there'
    done = subprocess.run([tool, 'build', '--wait', *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    last = (done.stderr.strip().splitlines() or ['it says nothing'])[-1]
    if done.returncode == 2:
        return None, last.removeprefix('gpumbox: ')
    if done.returncode:
        sys.exit(f'scripts/kernel build: {last}')
    return done.stdout.strip(), ''


def plan(kernel='debian', test=None, cpus=2, seed=1, arch='aarch64', **more):
    """A cold guest with the given test; more: attributes of the plan."""
    words = [] if arch == 'aarch64' else ['--arch', arch]
    p = Plan(qemu=path_of(*words, '--print-qemu'),
             kernel=path_of(*words, '--kernel', kernel, '--print-kernel'))
    p.params['test'] = test
    p.cpus, p.seed = cpus, seed
    for name, value in more.items():
        setattr(p, name, value)
    p.params['driver'] = p.driver
    return p


# What plan() takes for a guest of the other family.
NVIDIA = {'driver': 'nouveau', 'gpus': ['nvidia-ga102']}


def run(p, keep=None, timeout=900):
    """Run a plan: (exit status, Guest); the logs land in keep."""
    guest = Guest(p)
    try:
        status = guest.run(timeout)
        if keep:
            guest.keep(keep)
    finally:
        guest.clean()
    return status, guest


def passes(suite, what, p, least, keep=None, timeout=900):
    """Run a plan: no test of it fails, and there were so many points; the
    Guest."""
    status, guest = run(p, keep, timeout)
    suite.ok(status == 0 and not guest.tap.failures,
             f'{what}: no test fails',
             [f'status {status}'] + guest.tap.failures + guest.log.tail[-10:])
    suite.ok(guest.tap.passed >= least, f'{what}: at least {least} points',
             [guest.tap.passed])
    return guest


def watched(suite, folder, driver, test, *words):
    """scripts/watch builds a driver in its tree, loads it and tests; the tree's
    own notes of its modules stay."""
    def notes():
        out = {}
        for name in {'modules.order', 'Module.symvers'} & set(
                os.listdir(folder)):
            with open(os.path.join(folder, name), 'rb') as f:
                out[name] = f.read()
        return out

    before = notes()
    done = script('watch', folder, '--wait', '--driver', driver, '--once',
                  '--test', test, *words)
    suite.ok(done.returncode == 0 and 'gpumbox: pass: ' in done.stderr,
             f'{driver}: watched in its tree', done.stderr.splitlines()[-9:])
    suite.ok(notes() == before, f'{driver}: and the tree knows its modules')


def play_bugs(suite, driver, folder):
    """The gallery's entries of a driver that only our own kernels have."""
    for bug in map(bugs.Bug, bugs.names()):
        if bug.driver == driver:
            outcome = bugs.play(bug, bug.plan(path_of('--print-qemu'),
                                              folder))[0]
            want = next(iter(bug.expect.values()))
            suite.ok(outcome.verdict == want, f'{bug.name}: {want}',
                     outcome.evidence)


def same_logs(one, two):
    """Comments on what differs between two runs' logs; empty if nothing."""
    out = []
    for name in sorted(set(os.listdir(one)) | set(os.listdir(two))):
        if not name.startswith(('console', 'mailbox', 'tap')):
            continue
        a, b = os.path.join(one, name), os.path.join(two, name)
        if not (os.path.exists(a) and os.path.exists(b)):
            out.append(f'{name}: only one run has it')
        elif not filecmp.cmp(a, b, shallow=False):
            with open(a, errors='replace') as f, \
                    open(b, errors='replace') as g:
                for n, (x, y) in enumerate(zip(f, g), 1):
                    if x != y:
                        out += [f'{name}, line {n}:', '< ' + x.rstrip(),
                                '> ' + y.rstrip()]
                        break
                else:
                    out.append(f'{name}: one log is longer')
    return out


class Load:
    """A host that has something else to do, now and then: who keeps a CPU busy
    without an end is scheduled more evenly, and in the way of other suites."""

    LOOP = ('import random, time\n'
            'chance = random.Random({})\n'
            'while True:\n'
            '    end = time.monotonic() + chance.uniform(0, 0.02)\n'
            '    while time.monotonic() < end: pass\n'
            '    time.sleep(chance.uniform(0, 0.02))\n')

    def __init__(self, count):
        self.count = count
        self.loops = []

    def __enter__(self):
        for n in range(self.count):
            self.loops.append(subprocess.Popen(
                [sys.executable, '-c', self.LOOP.format(n)]))

    def __exit__(self, *_):
        for loop in self.loops:
            loop.kill()
            loop.wait()
