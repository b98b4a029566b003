# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs suites and adds up their points: one after the other, but for those that
keep one CPU busy, which share the machine."""

import concurrent.futures
import contextlib
import itertools
import os
import re
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True

from say import root_dir, say                            # noqa: E402

POINT = re.compile(r'^(not )?ok \d+(?: - (.*))?$')
PLAN = re.compile(r'^1\.\.(\d+)$')
# One process at a time, most of them guests in virtual time: who else runs makes
# no difference to them.
# Not here: who uses all CPUs by itself, and who looks at the host's clock.
SHARING = {'abi', 'determinism', 'endurance', 'guest', 'nova', 'snapshot',
           'trace', 'traps', 'tyr', 'vendor', 'x86'}

# They want the kernel that scripts/kernel builds when nothing else is asked of it.
OWN_KERNEL = {'tyr', 'nova', 'chips', 'kernels'}

_printing = threading.Lock()


def run_suite(name, logs):
    """(passed, failed, skipped) of one suite; its output goes to a log, and
    what is to be seen of it is printed at its end."""
    say(f'suite {name}')
    path = os.path.join(root_dir(), 'scripts', 'suites', name)
    passed = failed = skipped = points = 0
    plan = None
    last = []
    seen = [f'# suite {name}']
    start = time.monotonic()
    with open(os.path.join(logs, name + '.tap'), 'w') as log:
        suite = subprocess.Popen([path], stdout=subprocess.PIPE, text=True,
                                 errors='replace', stdin=subprocess.DEVNULL)
        for line in suite.stdout:
            log.write(line)
            line = line.rstrip('\n')
            point = POINT.match(line)
            if point:
                points += 1
                if '# SKIP' in line:
                    skipped += 1
                    seen.append(line)
                elif point.group(1):
                    failed += 1
                    seen.append(f'{line}  (suite {name})')
                else:
                    passed += 1
            elif PLAN.match(line):
                plan = int(PLAN.match(line).group(1))
            elif line.startswith('#'):
                # Comments belong to the failed point above them.
                if last and last[0].startswith('not ok'):
                    seen.append(line)
                continue
            last = [line]
        status = suite.wait()
    if plan != points or status not in (0, 1) or (status and not failed):
        failed += 1
        seen.append(f'not ok - suite {name} ended with status {status} after '
                    f'{points} of {plan} points')
    seen.append(f'# suite {name}: {passed} passed, {failed} failed, {skipped} '
                f'skipped in {time.monotonic() - start:.0f} s')
    with _printing:
        print('\n'.join(seen), flush=True)
    return passed, failed, skipped


@contextlib.contextmanager
def kernel_ahead(names):
    """A kernel of our own takes a third of what all suites take together.  It is
    built meanwhile, of what they leave of the CPUs: those that live in real time
    wait for most of theirs.  Whoever wants it waits for it, builds it again if
    that went wrong, and says why it cannot be had."""
    if not OWN_KERNEL.intersection(names) or 'GPUMBOX_TYR_KERNEL' in os.environ:
        yield
        return
    with subprocess.Popen(
            ['setpriv', '--pdeathsig', 'TERM', 'chrt', '--idle', '0',
             os.path.join(root_dir(), 'scripts', 'kernel'), 'build', '--wait'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL) as build:
        try:
            yield
        finally:
            build.terminate()


def main(names):
    logs = os.path.join(root_dir(), 'build', 'test-logs')
    os.makedirs(logs, exist_ok=True)
    total = [0, 0, 0]
    with kernel_ahead(names):
        for sharing, group in itertools.groupby(names, SHARING.__contains__):
            jobs = (os.cpu_count() or 1) if sharing else 1
            with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
                for points in pool.map(lambda n: run_suite(n, logs), group):
                    total = [a + b for a, b in zip(total, points)]
    print('%d passed, %d failed, %d skipped' % tuple(total), flush=True)
    return 1 if total[1] else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
