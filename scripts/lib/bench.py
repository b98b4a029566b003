# SPDX-License-Identifier: GPL-2.0-or-later
"""The figures that scripts/bench prints.

Each is a function that measures one round and returns (value, reference) in
the same unit; rounds alternate between the two, so that what the host does
meanwhile touches both.  The bar says which ratio holds.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True

import watch                                             # noqa: E402
from machine import Machine                              # noqa: E402
from matrix import scenarios                             # noqa: E402
from say import Refused, cache_dir, end, root_dir, say   # noqa: E402
from suite import NVIDIA, Guest, path_of, plan, run      # noqa: E402

SUBMIT = 'submit-single'
TIMEOUT_TEST = 'endless-wait'

QUERY = 'query-gpu-info'
# What a person waits for a driver to be built, in seconds.
REBUILD = 30

FIGURES = []


class Missing(Exception):
    """What a figure needs is not there."""


def figure(name, bar, most=True):
    def add(function):
        FIGURES.append((name, bar, most, function))
        return function
    return add


def timed(p):
    """Seconds of the host from the plan to the verdict."""
    start = time.monotonic()
    status, guest = run(p)
    took = time.monotonic() - start
    if status:
        raise Refused(f'a measured run ended with status {status}: '
                      + '; '.join(guest.tap.failures[:3]))
    return took


def qemu_time(p):
    """Seconds of the host from QEMU's start to the verdict."""
    status, guest = run(p)
    if status:
        raise Refused(f'a measured run ended with status {status}: '
                      + '; '.join(guest.tap.failures[:3]))
    return guest.ended - guest.machine.started


def bare():
    """The same guest without the GPU."""
    p = plan(gpus=[], driver='none')
    p.params['driver'] = 'none'
    return p


@figure('cold boot to verdict, one submit test', 1.5)
def cold():
    return (timed(plan(test=SUBMIT)), timed(bare()))


def first_answer(p):
    """QEMU's start to the first word of a restored guest, in seconds."""
    guest = Guest(p)
    try:
        config = guest.config()
        folder = guest.snapshot(config, 'driver-up')
        if folder is None:
            raise Refused('no snapshot could be made')
        config.generation = 1
        guest.machine = m = Machine(config, os.path.join(guest.folder, 'logs'))
        start = time.monotonic()
        m.start(os.path.join(folder, 'state'))
        while not os.path.getsize(m.console) and m.alive():
            time.sleep(0.001)
        return time.monotonic() - start
    finally:
        guest.clean()


@figure('restored with the driver up, to the first answer', 1.3)
def restored():
    return (first_answer(plan(test=SUBMIT)),
            first_answer(bare()))


@figure('one submit test from the snapshot, to verdict', 0.2)
def from_snapshot():
    return (qemu_time(plan(test=SUBMIT, snapshot=True)),
            timed(plan(test=SUBMIT)))


@figure("a test that waits for the job timeout, from the snapshot", 2.0)
def waiting():
    return (qemu_time(plan(test=TIMEOUT_TEST, snapshot=True)),
            qemu_time(plan(test=SUBMIT, snapshot=True)))


def idle_guest(p):
    """A guest that waits in its shell for input that never comes."""
    p.params['shell'] = '1'
    p.busybox = path_of('--print-shell')
    p.time = 'real'
    guest = Guest(p)
    guest.start()
    m = guest.machine
    end = time.monotonic() + 120
    seen = ''
    while 'gpumbox# ' not in seen:
        if not m.alive() or time.monotonic() > end:
            guest.clean()
            raise Refused('the guest did not come to its shell')
        time.sleep(0.2)
        seen += m.read(m.console)
    return guest


def cpu_seconds(guest):
    """Host CPU seconds of all threads so far."""
    base = f'/proc/{guest.machine.process.pid}/task'
    total = 0
    for task in os.listdir(base):
        with open(f'{base}/{task}/schedstat') as f:
            total += int(f.read().split()[0])
    return total / 1e9


@figure('CPU seconds of an idle guest over 30 s, real time', 1.02)
def idle():
    """Both side by side, so that they have the same host."""
    guests = []
    try:
        for p in (plan(), bare()):
            guests.append(idle_guest(p))
        # Boot leaves work for later.
        time.sleep(15)
        before = [cpu_seconds(g) for g in guests]
        time.sleep(30)
        return tuple(cpu_seconds(g) - b for g, b in zip(guests, before))
    finally:
        for guest in guests:
            guest.clean()


def register_bench(name, amount):
    """Numbers of the line that a program of tests/qtest prints: it drives
    the device by itself and says in its source what it measures."""
    done = subprocess.run([os.path.join(root_dir(), 'tests/qtest/run'), name,
                           f'--bench={amount}'], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        words = line.split()
        if words and words[0] == name:
            return [float(w) for w in words[1:]]
    raise Refused(f'the bench {name} ended with status {done.returncode}: '
                  + (done.stderr.splitlines() or [''])[-1])


@figure('doorbell round trip, us of CPU', 2.0)
def doorbell():
    ping, _, reference = register_bench('doorbell', 20000)
    return (ping / 1000, reference / 1000)


@figure('RPC round trip of a GSP, us of CPU', 3.0)
def rpc():
    _, call, reference = register_bench('doorbell', 20000)
    return (call / 1000, reference / 1000)


@figure('copy engine, 16 MiB, GB a second', 0.5, most=False)
def copy():
    engine, _, memcpy = register_bench('copy', 16)
    return (engine / 1e9, memcpy / 1e9)


@figure('stream instructions a second, millions', 1 / 30, most=False)
def instructions():
    stream, adds = register_bench('instructions', 10000000)
    return (stream / 1e6, adds / 1e6)


def submit(runs, jobs=10000):
    """us of a job, in two runs of tests/qtest/bench/submit.c."""
    return tuple(ns / 1000 for ns in
                 register_bench('submit', f'{jobs},{runs}'))


@figure('submit to fence, 8 groups, us of CPU', 1.2)
def submit_8():
    return submit('eight,one')


@figure('submit to fence, 31 groups, us of CPU', 1.2)
def submit_31():
    return submit('all,one')


@figure('submit to fence with the tap, us of CPU', 1.02)
def tap():
    return submit('tap', 200000)


@figure('submit to fence with a timeline, us of CPU', 1.2)
def trace():
    return submit('traced,eight')


@figure('cells of the matrix a second', 2.0, most=False)
def cells():
    """One cell a second for the reference.  In a profile of one cell four
    fifths are QEMU's, which translates what the guest executes and executes
    it, and a fifth the host's kernel's, which gives the guest its memory."""
    words = [os.path.join(root_dir(), 'scripts', 'matrix'), '--wait',
             '--kernel', 'debian', '--abi', 'csf-1.1']
    words += [w for name in scenarios('mali-g610')[::3]
              for w in ('--scenario', name)]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'cells')
        done = subprocess.run(words + ['--json', path],
                              stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 1):
            raise Refused(f'the matrix ended with status {done.returncode}')
        with open(path) as f:
            data = json.load(f)
    return (len(data['cells']) / data['seconds'], 1.0)


@figure('import of every type of nouveau, seconds', 1.0)
def import_module():
    """The reference is a second: what a person is willing to wait."""
    folder = path_of('--kernel', 'debian', '--print-kernel')
    module = os.path.join(folder, 'modules/kernel/drivers/gpu/drm/nouveau',
                          'nouveau.ko.xz')
    start = time.monotonic()
    done = subprocess.run(
        [os.path.join(root_dir(), 'build/tools/abi/abi-import'), '--module',
         module, '--kernel-image', os.path.join(folder, 'Image'),
         '--struct', '*', '--enum', '*'], stdout=subprocess.DEVNULL)
    if done.returncode:
        raise Refused(f'an import ended with status {done.returncode}')
    return (time.monotonic() - start, 1.0)


def small_kernel():
    """The folder of the kernel that "scripts/kernel build" makes, without
    options."""
    base = os.path.join(cache_dir(), 'kernel-build')
    names = sorted(os.listdir(base)) if os.path.isdir(base) else []
    for name in reversed(names):
        folder = os.path.join(base, name)
        if re.fullmatch(r'debian-[\d.]+', name) and \
                os.path.exists(os.path.join(folder, '.gpumbox-done')):
            return folder
    raise Missing('there is no built kernel: run scripts/kernel build')


def with_tyr(p):
    p.kernel = small_kernel()
    if p.gpus:
        p.driver = p.params['driver'] = 'tyr'
    return p


@figure('small kernel, command to verdict of Tyr', 1.5)
def tyr():
    return (timed(with_tyr(plan(test=QUERY))), timed(with_tyr(bare())))


def tyr_source(folder):
    return os.path.join(os.path.realpath(os.path.join(folder, 'source')),
                        'drivers/gpu/drm/tyr/driver.rs')


@figure('nouveau on a GA102, command to verdict', 1.6)
def nouveau():
    return (timed(plan(test='nv-copy', **NVIDIA)), timed(bare()))


@figure('rebuild after a file of Tyr was touched, in 30 s', 1.0)
def rebuild():
    folder = small_kernel()
    with open(os.path.join(folder, '.gpumbox-source')) as f:
        source = f.read().strip()
    os.utime(tyr_source(folder))
    start = time.monotonic()
    done = subprocess.run(
        [os.path.join(root_dir(), 'scripts/kernel'), 'build', '--wait',
         '--source', source, '--name', os.path.basename(folder)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Refused('the kernel is not built: ' + done.stderr[-300:])
    return (time.monotonic() - start, REBUILD)


@figure('watch, saved file of Tyr to verdict less 2 s, to make', 1.5)
def watched():
    folder = small_kernel()
    os.environ['GPUMBOX_WAIT'] = '1'
    module = watch.Module(watch.options([
        '--qemu', path_of('--print-qemu'), '--kernel', folder, '--spec',
        folder, '--gpu', 'mali-g610', '--driver', 'tyr', '--test', QUERY]))
    # The first one makes the snapshot.
    for _ in range(2):
        os.utime(tyr_source(folder))
        r = watch.Round(module)
        if r.play():
            raise Refused(f'a watched run ended with status {r.status}')
    return (r.total - 2, r.make)


def main(argv):
    p = argparse.ArgumentParser()
    p.add_argument('--json', action='store_true')
    p.add_argument('--rounds', type=int, default=7)
    p.add_argument('--list', action='store_true')
    p.add_argument('figures', nargs='*')
    o = p.parse_args(argv)
    if o.list:
        for name, *_ in FIGURES:
            print(name)
        return 0
    wrong = [w for w in o.figures if not any(w in f[0] for f in FIGURES)]
    if wrong:
        raise Refused(f"there is no figure '{wrong[0]}' (scripts/bench "
                      f"--list lists them)")
    all_hold = True
    if not o.json:
        print(f'{"figure":52} {"value":>9} {"reference":>9} {"ratio":>7} '
              f'{"bar":>6}')
    for name, bar, most, function in FIGURES:
        if o.figures and not any(w in name for w in o.figures):
            continue
        say(name)
        try:
            pairs = [function() for _ in range(o.rounds)]
        except Missing as missing:
            say(f'  not measured: {missing}')
            continue
        value = statistics.median(v for v, _ in pairs)
        reference = statistics.median(r for _, r in pairs)
        ratio = value / reference
        holds = ratio <= bar if most else ratio >= bar
        all_hold &= holds
        if o.json:
            print(json.dumps({'name': name, 'value': round(value, 6),
                              'reference': round(reference, 6),
                              'ratio': round(ratio, 4), 'bar': bar,
                              'holds': holds}), flush=True)
        else:
            print(f'{name:52} {value:9.3f} {reference:9.3f} {ratio:7.3f} '
                  f'{"<=" if most else ">="}{bar:5g}'
                  f'{"" if holds else "  does not hold"}', flush=True)
    return 0 if all_hold else 1


if __name__ == '__main__':
    end(main, 'the bench')
