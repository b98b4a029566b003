# SPDX-License-Identifier: GPL-2.0-or-later
"""One run: boot or restore a guest, stream its TAP, judge its log.  Called by
scripts/run, which has checked the options and set everything up."""

import argparse
import os
import shlex
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True

import debug                                             # noqa: E402
import inputs                                            # noqa: E402
import trace                                             # noqa: E402
from guest import Guest, Plan                            # noqa: E402
from ktap import Ktap                                    # noqa: E402
from qmp import QMPError                                 # noqa: E402
from say import Refused, cache_dir, end, say             # noqa: E402


def options(argv):
    p = argparse.ArgumentParser()
    p.add_argument('--qemu', required=True)
    p.add_argument('--kernel', required=True)
    p.add_argument('--firmware', default='stub')
    p.add_argument('--vendor', action='store_true')
    p.add_argument('--gpu', action='append')
    p.add_argument('--driver', default='panthor')
    p.add_argument('--test')
    p.add_argument('--abi')
    p.add_argument('--scenario', action='append')
    p.add_argument('--set', action='append', default=[])
    p.add_argument('--time', default='virtual')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--cpus', type=int, default=2)
    p.add_argument('--memory', default='1G')
    p.add_argument('--timeout', type=int, default=600)
    p.add_argument('--keep-log')
    p.add_argument('--trace')
    p.add_argument('--gdb')
    p.add_argument('--gdb-commands')
    p.add_argument('--inputs')
    p.add_argument('--again', default='scripts/run')
    p.add_argument('--list', action='store_true')
    p.add_argument('--ktap', action='store_true')
    p.add_argument('--shell')
    p.add_argument('--no-snapshot', action='store_true')
    p.add_argument('extra', nargs='*')
    return p.parse_args(argv)


# Options that say where to put what a run leaves, or hold it to its inputs.
BESIDE = ('--gdb', '--gdb-commands', '--inputs', '--keep-log', '--trace', '--timeout')


def again(command, made_of):
    """The command that gives this run again."""
    words, out = shlex.split(command), []
    end = words.index('--') if '--' in words else len(words)
    i = 0
    while i < end:
        if words[i] in BESIDE:
            i += 2
        else:
            if words[i] != '--wait':
                out.append(words[i])
            i += 1
    return shlex.join(out + ['--inputs', made_of] + words[end:])


def debugged(guest, o, check):
    """A run with gdb in front; what is left of it goes to its end."""
    try:
        guest.start()
        if check:
            check(guest)
    except QMPError as err:
        raise Refused(f'QEMU: {err}')
    command, environment = debug.prepare(guest, o.driver, o.gdb,
                                         o.gdb_commands)
    status = subprocess.run(command, env=environment).returncode
    if guest.machine.alive():
        # It was detached: nobody is there to go on from another stop.
        guest.machine.config.stop_at = ''
        guest.machine.set_stop()
        guest.machine.qmp.command('cont')
        return guest.finish(o.timeout)
    guest.machine.stop()
    guest.pump()
    return 1 if status else 0


def main(argv):
    o = options(argv)
    plan = Plan(qemu=o.qemu, kernel=o.kernel, driver=o.driver)
    plan.firmware = o.firmware
    plan.gpus = [g for g in o.gpu or ['mali-g610'] if g != 'none']
    plan.abi = o.abi
    plan.sets = o.set
    plan.scenario = o.scenario
    plan.time = o.time
    plan.seed = o.seed
    plan.cpus = o.cpus
    plan.memory = o.memory
    plan.extra = o.extra
    plan.timeline = bool(o.trace)
    plan.params['test'] = o.test
    if o.vendor:
        say("the vendor's image: its layout is used, its code is not executed")
    if o.list:
        plan.params.update(list='1', driver='none', test=None)
        plan.gpus = []
    if o.shell:
        plan.params['shell'] = '1'
        plan.shell = True
        plan.busybox = o.shell
        if o.time == 'virtual':
            say('a shell runs in real time: an idle guest would skip ahead')
        plan.time = 'real'
    if o.keep_log:
        try:
            os.makedirs(o.keep_log, exist_ok=True)
        except OSError as err:
            raise Refused(f'logs cannot be kept in {o.keep_log}: '
                          f'{err.strerror}')

    plan.snapshot = not (o.no_snapshot or o.list or o.shell or
                         o.time == 'real' or o.driver == 'none')
    if o.gdb:
        plan.gdb = True
        if o.gdb not in ('start', 'warning'):
            plan.stop_at = o.gdb
    out = None if o.list or o.shell or o.gdb else sys.stdout
    guest = Guest(plan, out=out)
    if o.ktap:
        guest.tap = Ktap(out)
    status = 2
    try:
        check = o.inputs and (
            lambda started: inputs.same(o.inputs, started))
        status = debugged(guest, o, check) if o.gdb else \
            guest.run(o.timeout, check)
        if o.ktap:
            guest.tap.close()
        if o.list:
            for line in guest.tap.comments:
                print(line)
        elif out and plan.time == 'virtual':
            print(f'# again: {again(o.again, inputs.name(guest))}',
                  flush=True)
    finally:
        if o.trace and guest.machine:
            trace.write(o.trace, guest.timelines())
        if o.keep_log:
            guest.keep(o.keep_log)
        elif status not in (0, 2):
            last = os.path.join(cache_dir(), 'last-failure')
            shutil.rmtree(last, ignore_errors=True)
            guest.keep(last)
            say(f'the logs are in {last}')
        guest.clean()
    return status


if __name__ == '__main__':
    end(main, 'the run', ': run scripts/setup and try again')
