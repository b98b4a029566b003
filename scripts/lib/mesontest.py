# SPDX-License-Identifier: GPL-2.0-or-later
"""The results of `meson test` as test points."""

import json
import os
import subprocess

from say import root_dir


def configure(folder, options, environment=None):
    """Make or bring up to date a build folder of the checkout."""
    env = dict(os.environ, **(environment or {}))
    steps = []
    if not os.path.exists(os.path.join(folder, 'build.ninja')):
        steps.append(['meson', 'setup', folder, root_dir(), *options])
    steps.append(['ninja', '-C', folder])
    for step in steps:
        done = subprocess.run(step, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            return done.stdout.splitlines()[-30:]
    return None


def run(suite, folder, options, environment=None):
    """Run the tests of a build folder; one point for each."""
    log = os.path.join(folder, 'meson-logs', 'testlog.json')
    if os.path.exists(log):
        os.remove(log)
    subprocess.run(['meson', 'test', '-C', folder, '--no-rebuild',
                    '--print-errorlogs', *options],
                   env=dict(os.environ, **(environment or {})),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not os.path.exists(log):
        return 0
    count = 0
    with open(log) as f:
        for line in f:
            test = json.loads(line)
            count += 1
            name = test['name'].split(' / ')[-1]
            if test['result'] == 'SKIP':
                suite.skip(name, 'the test says so')
                continue
            text = (test.get('stdout') or '') + (test.get('stderr') or '')
            suite.ok(test['result'] in ('OK', 'EXPECTEDFAIL'), name,
                     [test['result']] + text.splitlines()[-25:])
    return count
