# SPDX-License-Identifier: GPL-2.0-or-later
"""Is one bug of the gallery there?  Called by scripts/repro, which has checked
the options and set everything up."""

import argparse
import os
import shlex
import sys

sys.dont_write_bytecode = True

import arch as arches                                    # noqa: E402
import bugs                                              # noqa: E402
import kernel as kernels                                 # noqa: E402
from say import Refused, end                             # noqa: E402


def options(argv):
    p = argparse.ArgumentParser()
    p.add_argument('name', nargs='?')
    p.add_argument('--list', action='store_true')
    p.add_argument('--qemu')
    p.add_argument('--kernel')
    p.add_argument('--spec', default='debian')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--boot', type=int, default=1)
    p.add_argument('--rounds', type=int, default=1)
    p.add_argument('--cpus', type=int, default=2)
    p.add_argument('--timeout', type=int, default=120)
    p.add_argument('--keep-log')
    p.add_argument('--inputs')
    return p.parse_args(argv)


def again(o, seed, made_of):
    """The command that gives this round again."""
    words = ['scripts/repro', o.name, '--kernel', o.spec, '--seed', str(seed),
             *arches.of(o.qemu).words()]
    if o.boot != 1:
        words += ['--boot', str(o.boot)]
    if o.cpus != 2:
        words += ['--cpus', str(o.cpus)]
    return shlex.join(words + ['--inputs', made_of])


def main(argv):
    o = options(argv)
    if o.list:
        for name in bugs.names():
            print(f'{name:24} {bugs.Bug(name).title}')
        return 0
    bug = bugs.Bug(o.name)
    arch = arches.of(o.qemu)
    if arch is not arches.ARM64 and bug.driver not in kernels.PCI_DRIVERS:
        raise Refused(f'{o.name} is a bug of {bug.driver}, whose GPU is no '
                      f'PCI card: it needs --arch aarch64')
    release = kernels.kernel_path(o.kernel, arch).name
    tally = {}
    for seed in range(o.seed, o.seed + o.rounds):
        keep = o.keep_log
        if keep and o.rounds > 1:
            keep = os.path.join(keep, str(seed))
        outcome, made_of = bugs.play(
            bug, bug.plan(o.qemu, o.kernel, o.cpus, seed, o.boot), o.timeout,
            keep, o.inputs)
        tally.setdefault(outcome.verdict, []).append(outcome)
        print(f'{o.name} on {release}: {outcome.verdict}')
        for line in outcome.evidence:
            print('  ' + line)
        print(f'  again: {again(o, seed, made_of)}', flush=True)
    if o.rounds > 1:
        print(', '.join(f'{len(v)} of {o.rounds} {k}'
                        for k, v in tally.items()))
    if len(tally) > 1:
        return bugs.STATUS[bugs.UNCLEAR]
    return bugs.STATUS[next(iter(tally))]


if __name__ == '__main__':
    end(main, 'the run')
