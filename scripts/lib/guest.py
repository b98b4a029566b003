# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest from plan to verdict: its initrd, its snapshots, its logs."""

import hashlib
import os
import shutil
import sys
import tempfile
import threading
import time

import arch as arches
import initrd
import kernel as kernels
from machine import CONTROL, Config, Machine
from persona import Nvidia, persona
from qmp import QMPError
from say import Refused, build_file, cache_dir, say
from trees import compiled, joined, varied
from verdict import KernelLog, Tap

SNAPSHOT_TIMEOUT = 180
KEEP_SNAPSHOTS = 60
# The driver is loaded but has no device yet in 'before-probe'; 'probed' goes
# on from there, with an image of its own, to what 'driver-up' is.
TAGS = {'before-driver': 1, 'driver-up': 2, 'before-probe': 3, 'probed': 2}


class Plan:
    """What the caller wants of a guest."""

    def __init__(self, qemu, kernel, driver='panthor'):
        self.qemu = qemu
        self.kernel = kernel
        self.driver = driver
        self.firmware = 'stub'
        self.gpus = ['mali-g610']
        self.abi = None
        # Changes to the profile: "node/property=value".
        self.sets = []
        # A name, a file, or a list of them.
        self.scenario = None
        self.time = 'virtual'
        # In virtual time an instruction takes 2**shift ns.
        self.shift = 3
        self.seed = 1
        self.cpus = 2
        self.memory = '1G'
        self.extra = []
        self.params = {'driver': driver}
        self.snapshot = False
        self.shell = False
        self.busybox = None
        # Where a standing snapshot is taken; None: as the scenario needs it.
        self.point = None
        # Scenarios beside ours that the guest may load: name to file.
        self.scenarios = {}
        # Stop the machine at an event, see "stop-at" in docs/scenarios.md.
        self.stop_at = None
        # A debugger lets the machine start.
        self.gdb = False
        # Note what a timeline needs.
        self.timeline = False
        # Another timing of a restored guest; None: the snapshot's goes on.
        self.reseed = None
        # The driver's modules that come after the snapshot, by name: they may
        # be others for each run.
        self.late = None


def forget_old(base):
    """Remove what killed runs have left and what nobody used for a day."""
    for entry in os.scandir(base):
        try:
            if time.time() - entry.stat().st_mtime < 86400:
                continue
            if entry.is_dir():
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.remove(entry.path)
        except FileNotFoundError:
            pass


def prepend(before, path):
    """Put the content of file @before in front of that of file @path."""
    data = initrd.read(before) + initrd.read(path)
    with open(path, 'wb') as f:
        f.write(data)


# Whoever finds a snapshot missing makes it, and others wait for it.
_making = threading.Lock()
# Keys of those that the driver does not get to.
_unreached = set()


class Guest:
    """One guest and everything it leaves, in a folder of its own."""

    def __init__(self, plan, out=None):
        base = os.path.join(cache_dir(), 'runs')
        os.makedirs(base, exist_ok=True)
        forget_old(base)
        self.folder = tempfile.mkdtemp(dir=base)
        self.plan = plan
        self.tap = Tap(out)
        self.log = KernelLog()
        self.machine = None
        self.restored = None
        self.ended = None

    # What the guest is made of

    def firmware(self, personas, abi):
        """Pairs (name under /lib/firmware, content)."""
        if self.plan.firmware == 'stub':
            packed = {}
            for p in personas:
                for name, (profile, data) in self._packed(p, abi).items():
                    if packed.setdefault(name, (profile, data))[0] != profile:
                        raise Refused(f'these GPUs load the same image, '
                                      f'{name}, and want different ABIs: '
                                      f'choose one with --abi')
            return [(name, data) for name, (_, data) in sorted(packed.items())]
        base = os.path.abspath(self.plan.firmware)
        found = {}
        for p in personas:
            files = p.vendor_images(base, abi)
            if not files:
                raise Refused(f'there is no firmware for {p.name} in '
                              f'{base}/{p.vendor}')
            found.update(files)
        return sorted(found.items())

    def _packed(self, persona, abi):
        try:
            return persona.images(abi)
        except Refused as err:
            raise Refused(str(err).replace(
                os.path.join(self.folder, 'varied.dtb'),
                'the profile with --set'))

    def _initrd(self, k, modules, firmware):
        """The path of the guest's initrd; one that was made before, if it
        is of the same things."""
        init = initrd.read(build_file('guest-tests',
                                      'gpumbox-guest-' + k.arch.name))
        if k.folder is None or self.plan.late:
            k.check(self.plan.driver)
            path = os.path.join(self.folder, 'initrd')
            with open(path, 'wb') as f:
                f.write(initrd.make(
                    k, init, modules, firmware, self.plan.busybox,
                    kernels.driver_modules(self.plan.driver)
                    if self.plan.late else ()))
            return path
        h = hashlib.sha256(init)
        for module in initrd, kernels:
            with open(module.__file__, 'rb') as f:
                h.update(f.read())
        for word in [k.folder, *modules, str(self.plan.busybox)]:
            h.update(word.encode() + b'\0')
        for name, data in firmware:
            h.update(name.encode() + b'\0' + data)
        base = os.path.join(cache_dir(), 'initrds')
        path = os.path.join(base, h.hexdigest()[:20])
        if not os.path.exists(path):
            k.check(self.plan.driver)
            os.makedirs(base, exist_ok=True)
            forget_old(base)
            new = os.path.join(self.folder, 'initrd')
            with open(new, 'wb') as f:
                f.write(initrd.make(k, init, modules, firmware,
                                    self.plan.busybox))
            os.rename(new, path)
        os.utime(path)
        return path

    def point(self):
        """A scenario has its say when the driver probes, too."""
        return self.plan.point or ('before-driver' if self.plan.scenario
                                   else 'driver-up')

    def profile(self, personas):
        """The ABI profile that was asked for, None if it is the usual."""
        plan = self.plan
        if not personas or not plan.abi and not plan.sets:
            return None
        path = compiled(plan.abi or personas[0].abi, self.folder)
        if plan.sets:
            path = varied(path, plan.sets,
                          os.path.join(self.folder, 'varied.dtb'))
        return path

    def _scenario_dir(self):
        """Where the guest finds scenarios by name."""
        ours = build_file('dts', 'gpumbox')
        if not self.plan.scenarios:
            return ours
        folder = os.path.join(self.folder, 'scenarios')
        os.makedirs(folder)
        for name in os.listdir(ours):
            if name.endswith('.dtb'):
                os.symlink(os.path.join(ours, name),
                           os.path.join(folder, name))
        for name, path in self.plan.scenarios.items():
            shutil.copy(compiled(path, self.folder),
                        os.path.join(folder, name + '.dtb'))
        return folder

    def config(self):
        plan = self.plan
        k = kernels.kernel_path(plan.kernel, arches.of(plan.qemu))
        for name, path in (plan.late or {}).items():
            k.replace(name, path)
        # Panthor asks for its governor by name when it probes, and nothing in
        # the guest answers request_module().
        modules = ['fixed', 'governor_simpleondemand']
        modules += kernels.driver_modules(plan.driver)
        personas = [persona(name, self.folder, plan.driver)
                    for name in plan.gpus]
        abi = self.profile(personas)
        # One image is handed to a restored guest, a set of files is not.
        late = abi and plan.snapshot and plan.firmware == 'stub' and \
            not any(isinstance(p, Nvidia) for p in personas) and \
            self.point() != 'driver-up'
        firmware = self.firmware(personas, None if late else abi) \
            if personas else []
        c = Config(plan.qemu, k.image, self._initrd(k, modules, firmware))
        c.cpus, c.memory = plan.cpus, plan.memory
        c.time, c.shift, c.seed = plan.time, plan.shift, plan.seed
        c.gpus = [p.dtb if '/' in p.name else p.name for p in personas]
        c.devices = [p.device for p in personas]
        # Our image has its profile inside.
        c.abi = personas[0].vendor_abi(abi) \
            if personas and plan.firmware != 'stub' else None
        if plan.scenario:
            names = plan.scenario
            c.scenario = joined([names] if isinstance(names, str) else names,
                                self.folder)
        c.data_dir = build_file('dts')
        c.scenario_dir = self._scenario_dir()
        c.reseed = plan.reseed
        c.timeline = plan.timeline
        c.stop_at = plan.stop_at
        c.gdb = os.path.join(self.folder, 'gdb') if plan.gdb else None
        c.params = dict(plan.params)
        if personas:
            c.params['gpu'] = personas[0].name
        if personas and plan.firmware == 'stub':
            c.profile = abi or compiled(personas[0].abi, self.folder)
            c.params['csif'] = personas[0].interface(c.profile)
        if plan.time == 'real':
            c.params['time'] = 'real'
        files = []
        if late:
            name = firmware[0][0]
            files.append(('/lib/firmware/' + name,
                          self._packed(personas[0], abi)[name][1]))
        if plan.late:
            files += [(f'/lib/modules/{name}.ko', k.data(name))
                      for name in kernels.driver_modules(plan.driver)]
        self.put(c, files)
        c.extra = list(plan.extra)
        c.shell = plan.shell
        return c

    def put(self, config, files):
        """Files for the guest when it wakes: pairs (path, content)."""
        if not files:
            return
        config.file = os.path.join(self.folder, 'files')
        with open(config.file, 'wb') as f:
            for _, data in files:
                f.write(data)
        config.params['put'] = ','.join(f'{path}:{len(data)}'
                                        for path, data in files)

    # Standing snapshots

    def snapshot(self, config, point):
        """The folder of a standing snapshot, made if it is not there.

        None if the guest does not get as far as that point: a cold boot will
        show why.
        """
        base = os.path.join(cache_dir(), 'snapshots')
        os.makedirs(base, exist_ok=True)
        key = config.key(point)
        folder = os.path.join(base, key)
        if os.path.exists(os.path.join(folder, 'state')):
            os.utime(folder)
            return folder
        if key in _unreached:
            return None
        before = None
        if point == 'probed':
            before = self.snapshot(config, 'before-probe')
        _unreached.add(key)
        say(f"making the standing snapshot '{point}'")
        new = tempfile.mkdtemp(prefix='.new-', dir=base)
        own = (config.params, config.scenario, config.reseed, config.timeline,
               config.stop_at, config.gdb)
        config.params = {'driver': own[0].get('driver'),
                         'snapshot': 'driver-up' if before else point}
        if before:
            config.params['put'] = own[0]['put']
        config.scenario = config.reseed = None
        config.stop_at = config.gdb = None
        config.timeline = False
        machine = Machine(config, new)
        try:
            machine.start(before and os.path.join(before, 'state'))
            if not machine.wait_stop(SNAPSHOT_TIMEOUT):
                return None
            tag = machine.qmp.command(
                'qom-get', path=CONTROL, property='snapshot-tag')
            if tag != TAGS[point]:
                return None
            for name in ('console.log', 'tap.log') if before else ():
                prepend(os.path.join(before, name), os.path.join(new, name))
            machine.qmp.save(os.path.join(new, 'state'))
            machine.stop()
            try:
                os.rename(new, folder)
            except OSError:
                # Another run was faster with the same one.
                if not os.path.exists(os.path.join(folder, 'state')):
                    raise
            _unreached.discard(key)
        except (QMPError, OSError):
            return None
        finally:
            machine.stop()
            (config.params, config.scenario, config.reseed,
             config.timeline, config.stop_at, config.gdb) = own
            shutil.rmtree(new, ignore_errors=True)
        old = sorted((e for e in os.scandir(base)
                      if not e.name.startswith('.')),
                     key=lambda e: -e.stat().st_mtime)
        for entry in old[KEEP_SNAPSHOTS:]:
            shutil.rmtree(entry.path, ignore_errors=True)
        return folder

    # A run

    def start(self):
        """Start the guest, from the standing snapshot if the plan says so."""
        config = self.config()
        folder = None
        if self.plan.snapshot:
            with _making:
                folder = self.snapshot(config, self.point())
                if not folder and self.point() == 'probed':
                    folder = self.snapshot(config, 'before-probe')
        self.machine = Machine(config, os.path.join(self.folder, 'logs'))
        if folder:
            self.restored = folder
            config.generation = 1
            self.hear(folder)
            self.machine.start(os.path.join(folder, 'state'))
        else:
            self.machine.start()

    def hear(self, folder):
        """Judge what was said on the way to a snapshot as well."""
        for name, feed in (('console.log', self.log.feed),
                           ('tap.log', self.tap.feed)):
            with open(os.path.join(folder, name), errors='replace') as f:
                feed(f.read())
        self.log.heard = len(self.log.all)

    def pump(self):
        m = self.machine
        self.log.feed(m.read(m.console))
        self.tap.feed(m.read(m.tap))

    def run(self, timeout, check=None):
        """Run to the end; the exit status of the run.

        check: called with the started guest."""
        try:
            self.start()
            if check:
                check(self)
        except QMPError as err:
            return self._died(str(err))
        return self.finish(timeout)

    def finish(self, timeout):
        """Watch a started guest to its end; the exit status of the run."""
        return self._judge(self.watch(timeout), timeout)

    def attempt(self, timeout, check=None):
        """Run for what can be seen: (hung, why QEMU died or None).

        check: called with the started guest."""
        try:
            self.start()
            if check:
                check(self)
            # Nobody follows what it says.
            return self.watch(timeout, poll=1), None
        except QMPError as err:
            self.machine.stop()
            self.pump()
            return False, str(err)

    def watch(self, timeout, poll=0.05):
        """Watch a started guest to its end; True if it did not come."""
        m = self.machine
        end = time.monotonic() + timeout
        shell = m.config.shell
        hung = False
        while m.alive():
            self.pump()
            if not shell and time.monotonic() > end:
                hung = True
                break
            m.wait_end(poll)
        self.ended = time.monotonic()
        m.stop()
        self.pump()
        self.log.end()
        self.tap.end()
        return hung

    def _died(self, why):
        self.machine.stop()
        self.pump()
        words = self.machine.last_words()
        if self.log.lines == 0 and words:
            raise Refused(self._plain(words[0]))
        self._show(f'QEMU died: {why}')
        return 3

    def _plain(self, line):
        """A line of QEMU's, without the name of the program."""
        return line.replace(os.path.basename(self.plan.qemu), 'QEMU')

    def _show(self, text):
        print(f'gpumbox: {text}', file=sys.stderr)
        for line in self.machine.last_words():
            print(f'gpumbox: QEMU: {line}', file=sys.stderr)
        if self.log.tail:
            print('gpumbox: the last lines of the kernel log:',
                  file=sys.stderr)
        for line in self.log.tail[-40:]:
            print('  ' + line, file=sys.stderr)
        sys.stderr.flush()

    def _judge(self, hung, timeout):
        status = self.machine.process.returncode
        if self.machine.config.shell:
            return 0 if status in (0, 1) else 3
        if hung:
            self._show(f'the guest did not end within {timeout} s')
            return 3
        if not self.tap.sound():
            if self.log.lines == 0:
                words = self.machine.last_words()
                if status == 1 and words:
                    raise Refused(self._plain(words[0]))
            self._show(f'the guest ended without a verdict '
                       f'(QEMU ended with status {status})')
            return 3
        bad = self.log.fatal + self.log.warnings
        if not self.plan.params.get('list'):
            self.tap.add(not bad, 'kernel-log: nothing that no test announced',
                         bad[:20])
            self.tap.finish()
        if self.log.fatal:
            self._show('the guest oopsed: ' + self.log.fatal[0])
            return 3
        if status not in (0, 1):
            self._show(f'QEMU ended with status {status}')
            return 3
        if self.tap.plan != self.tap.points and \
                self.tap.plan != self.tap.points - 1:
            self._show(f'the guest planned {self.tap.plan} test points and '
                       f'{self.tap.points} came')
            return 3
        if self.tap.failed or self.tap.verdict != 'pass' or status:
            return 1
        return 0

    def keep(self, folder):
        """Copy the logs out of the cache."""
        if self.machine is None:
            return
        os.makedirs(folder, exist_ok=True)
        if self.restored:
            shutil.copy(os.path.join(self.restored, 'console.log'),
                        os.path.join(folder, 'console-before-snapshot.log'))
        for name in os.listdir(self.machine.folder):
            shutil.copy(os.path.join(self.machine.folder, name),
                        os.path.join(folder, name))

    def timelines(self):
        """Pairs (GPU, path of what its timeline is made of)."""
        found = []
        for i, name in enumerate(self.plan.gpus):
            path = self.machine.timeline(i)
            if os.path.exists(path):
                found.append((f'{name} {i}', path))
        return found

    def clean(self):
        if self.machine:
            self.machine.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
