# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs suites one after the other and adds up their points."""

import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True

from say import root_dir, say                            # noqa: E402

POINT = re.compile(r'^(not )?ok \d+(?: - (.*))?$')
PLAN = re.compile(r'^1\.\.(\d+)$')


def run_suite(name, logs):
    """(passed, failed, skipped) of one suite; its output goes to a log."""
    path = os.path.join(root_dir(), 'scripts', 'suites', name)
    passed = failed = skipped = points = 0
    plan = None
    last = []
    start = time.monotonic()
    print(f'# suite {name}', flush=True)
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
                    print(line, flush=True)
                elif point.group(1):
                    failed += 1
                    print(f'{line}  (suite {name})', flush=True)
                else:
                    passed += 1
            elif PLAN.match(line):
                plan = int(PLAN.match(line).group(1))
            elif line.startswith('#'):
                # Comments belong to the failed point above them.
                if last and last[0].startswith('not ok'):
                    print(line, flush=True)
                continue
            last = [line]
        status = suite.wait()
    if plan != points or status not in (0, 1) or (status and not failed):
        failed += 1
        print(f'not ok - suite {name} ended with status {status} after '
              f'{points} of {plan} points', flush=True)
    print(f'# suite {name}: {passed} passed, {failed} failed, {skipped} '
          f'skipped in {time.monotonic() - start:.0f} s', flush=True)
    return passed, failed, skipped


def main(names):
    logs = os.path.join(root_dir(), 'build', 'test-logs')
    os.makedirs(logs, exist_ok=True)
    total = [0, 0, 0]
    for name in names:
        say(f'suite {name}')
        total = [a + b for a, b in zip(total, run_suite(name, logs))]
    print('%d passed, %d failed, %d skipped' % tuple(total), flush=True)
    return 1 if total[1] else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
