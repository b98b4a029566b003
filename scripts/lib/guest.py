# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest from plan to verdict: its initrd, its snapshots, its logs."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import arch as arches
import initrd
import kernel as kernels
from machine import CONTROL, Config, Machine
from qmp import QMPError
from say import Refused, cache_dir, root_dir, say
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
        # The driver's module, if it comes after the snapshot: it may be
        # another one for each run.
        self.late = None


def build_file(*names):
    return os.path.join(root_dir(), 'build', *names)


# A broken neighbour of a profile, docs/abi-tools.md: PROFILE~KIND~SEED.
MUTANT = re.compile(r'^(.+)~([a-z-]+)(?:~(\d+))?$')


def mutated(match, folder):
    """The compiled profile of a mutant's name."""
    base, kind, seed = match.groups()
    out = os.path.join(folder, f'mutant-{kind}.dtb')
    run_tool('abi/abi-mutate', compiled(base, folder), kind, '--seed',
             seed or '1', '-o', out)
    return out


def compiled(name, folder):
    """A device tree that a user named: a name of ours, a .dts or a .dtb, or
    a mutant of one."""
    ours = build_file('dts', 'gpumbox', name + '.dtb')
    if '/' not in name and os.path.exists(ours):
        return ours
    if not os.path.isfile(name) and MUTANT.match(name):
        return mutated(MUTANT.match(name), folder)
    if not os.path.isfile(name):
        raise Refused(f"there is no '{name}': neither a file nor a name "
                      f"under dts")
    if not name.endswith(('.dts', '.dtso')):
        return os.path.abspath(name)
    out = os.path.join(folder, os.path.basename(name).rsplit('.', 1)[0]
                       + '.dtb')
    done = subprocess.run(['dtc', '-q', '-I', 'dts', '-O', 'dtb', '-o', out,
                           '-i', os.path.dirname(os.path.abspath(name)),
                           '-i', os.path.join(root_dir(), 'dts', 'abi'),
                           '-i', os.path.join(root_dir(), 'dts', 'gpu'),
                           name],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        first = (done.stderr.strip().splitlines() or ['dtc failed'])[0]
        raise Refused(f'{name} does not compile: {first}')
    return out


def joined(names, folder):
    """One scenario of several: their rules in the order of the names."""
    paths = [compiled(name, folder) for name in names]
    if len(paths) == 1:
        return paths[0]
    rules = []
    for path in paths:
        done = subprocess.run(['dtc', '-q', '-I', 'dtb', '-O', 'dts', path],
                              stdout=subprocess.PIPE, text=True)
        head = os.path.basename(path).rsplit('.', 1)[0]
        rules += [f'\t{head}-{name} {{\n{body}\t}};\n' for name, body in
                  re.findall(r'^\t(\S+) \{\n(.*?)^\t\};\n', done.stdout,
                             re.M | re.S)]
    out = os.path.join(folder, 'scenarios.dts')
    with open(out, 'w') as f:
        f.write('/dts-v1/;\n/ {\n\tcompatible = "gpumbox,scenario";\n'
                '\tscenario = "several";\n\n' + ''.join(rules) + '};\n')
    return compiled(out, folder)


def varied(path, sets, out):
    """A copy of a profile with changes of the form node/property=value: a
    number, several with commas between, or words for a list of strings."""
    shutil.copy(path, out)
    for change in sets:
        where, _, value = change.partition('=')
        node, _, prop = where.rpartition('/')
        if not prop or not value:
            raise Refused(f"--set wants node/property=value, not '{change}'")
        words = value.split(',')
        try:
            kind = ['-t', 'x']
            words = ['%x' % (int(w, 0) & 0xffffffff) for w in words]
        except ValueError:
            kind = ['-t', 's']
        if subprocess.run(['fdtget', '-l', out, '/' + node],
                          stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode:
            # A node that is optional; one that nobody reads is refused later.
            subprocess.run(['fdtput', '-p', '-c', out, '/' + node],
                           stderr=subprocess.DEVNULL)
        done = subprocess.run(['fdtput', *kind, out, '/' + node, prop,
                               *words], stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Refused(f"--set {change}: there is no node '{node}'")
    return out


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


_told = {}


def told(dtb, kind, node, name):
    """What fdtget says of a property; the same question is asked once."""
    st = os.stat(dtb)
    key = (dtb, st.st_mtime_ns, st.st_size, kind, node, name)
    if key not in _told:
        _told[key] = subprocess.run(
            ['fdtget', '-t', kind, dtb, node, name], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True).stdout.strip()
    return _told[key]


def cells(dtb, node, name):
    """A property of a compiled device tree as one number, None if it has
    none."""
    words = told(dtb, 'u', node, name).split()
    value = 0
    for word in words:
        value = value << 32 | int(word)
    return value if words else None


def run_tool(name, *words):
    """A tool of ours that makes firmware; what it says is for the user."""
    done = subprocess.run([build_file('tools', name), *words],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise Refused(lines[0].removeprefix(os.path.basename(name) + ': ')
                      if lines else f'{name} failed')


class Persona:
    """What a run has to know of the GPU that it plays."""

    COMPATIBLE = 'gpumbox,mali-csf-persona'
    device = 'mali-csf'
    # Folder of its family's firmware in /lib/firmware.
    vendor = os.path.join('arm', 'mali')

    def __init__(self, name, dtb, folder, driver):
        self.name = name
        self.dtb = dtb
        self.folder = folder
        self.driver = driver
        self.abi = told(self.dtb, 's', '/', 'default-abi')
        if not self.abi:
            raise Refused(f"'{name}' is no GPU: it has no default-abi")

    def images(self, abi):
        """What goes below /lib/firmware: {name: (profile, bytes)}."""
        profile = abi or compiled(self.abi, self.folder)
        path = os.path.join(self.folder, 'mali_csffw.bin')
        run_tool('gpumbox-fwimage', '--abi', profile, '-o', path)
        return {self.image(): (profile, initrd.read(path))}

    def vendor_images(self, base, abi):
        """What a folder like /lib/firmware has for it: [(name, bytes)]."""
        found = []
        for where, dirs, files in os.walk(os.path.join(base, self.vendor)):
            dirs.sort()
            for f in sorted(files):
                path = os.path.join(where, f)
                found.append((os.path.relpath(path, base), initrd.read(path)))
        return found

    def vendor_abi(self, abi):
        """The profile for images that have none inside; None: the
        device's."""
        return abi

    def image(self):
        """panthor_fw.c: panthor_fw_load()"""
        gpu_id = cells(self.dtb, '/', 'gpu-id') or 0
        return (f'arm/mali/arch{gpu_id >> 28}.'
                f'{gpu_id >> 24 & 15}/mali_csffw.bin')

    def interface(self, abi):
        """What the driver has to find of profile @abi on this GPU: groups,
        streams, registers, scoreboards."""
        def number(name):
            return cells(abi, '/counts', name) or \
                cells(self.dtb, '/csf', name)
        return ':'.join(str(number(name)) for name in (
            'groups', 'streams', 'work-registers', 'scoreboards'))


class Nvidia(Persona):
    """A GPU with a GSP: a set of files for each firmware version."""

    COMPATIBLE = 'gpumbox,nvidia-gsp-persona'
    device = 'nvidia-gsp'
    vendor = 'nvidia'
    NOVA_ABI = 'gsp-r570'

    def __init__(self, *words):
        super().__init__(*words)
        self.chip = told(self.dtb, 's', '/', 'model').split('-')[-1]
        if self.driver == 'nova':
            self.abi = self.NOVA_ABI

    def images(self, abi):
        # As Debian's package has them; nouveau chooses, nova knows one.
        abis = [self.abi] if self.driver == 'nova' else \
            told(self.dtb, 's', '/', 'abis').split()
        found = {}
        for profile in [abi] if abi else \
                [compiled(a, self.folder) for a in abis]:
            folder = self._folder('stub', self._version(profile))
            run_tool('gpumbox-nvimage', '--abi', profile, '--version',
                     self._version(profile), '--signature',
                     self._signature(), '-o', folder,
                     *['--fetcher'] * self._fetches(), *self._fmc())
            for name, data in self._set(folder, profile):
                found[name] = (profile, data)
        return found

    def vendor_images(self, base, abi):
        """Of the versions that are there, that of the profile."""
        folder = os.path.join(base, os.path.dirname(self.image('')))
        if not os.path.isdir(folder):
            return []
        return self._set(folder, self.vendor_abi(abi))

    def vendor_abi(self, abi):
        return abi or compiled(self.abi, self.folder)

    @staticmethod
    def _version(profile):
        return told(profile, 's', '/', 'description').split()[-1]

    def _signature(self):
        """Section of the image's signature, one for each family of chips."""
        return told(self.dtb, 's', '/', 'image-signature')

    def _fetches(self):
        """A Turing: the driver brings what fetches FWSEC."""
        return cells(self.dtb, '/rom', 'fwsec-descriptor') == 2

    def _fmc(self):
        """A chip with an FSP: the form of what the FSP checks."""
        form = [cells(self.dtb, '/fsp', name)
                for name in ('key-bytes', 'signature-bytes')]
        return ['--fmc', '{}:{}'.format(*form)] if all(form) else []

    def _folder(self, *names):
        folder = os.path.join(self.folder, 'nvidia', self.chip, *names)
        os.makedirs(folder, exist_ok=True)
        return folder

    def _set(self, folder, profile):
        """The files of one version that the driver loads: nouveau's, or
        nova's, which are made of those if they are not there."""
        version = self._version(profile)
        if self.driver != 'nova':
            names = [n for n in os.listdir(folder)
                     if n.endswith(f'-{version}.bin')]
        else:
            if not os.path.exists(os.path.join(folder, 'gsp.tlv')):
                made = self._folder('nova', version)
                run_tool('gpumbox-nvimage', '--tlv', folder, '--version',
                         version, '--signature', self._signature(), '-o',
                         made)
                folder = made
            names = [n for n in os.listdir(folder)
                     if n.endswith('.tlv') or n == 'gsp.bin']
        found = [(self.image(n), initrd.read(os.path.join(folder, n)))
                 for n in sorted(names)]
        fetcher = os.path.join(folder, f'gen_bootloader-{version}.bin')
        if not os.path.exists(fetcher):
            fetcher = os.path.join(folder, '..', 'acr', 'bl.bin')
        if self.driver != 'nova' and self._fetches() and \
                os.path.exists(fetcher):
            found.append((self.image('bl.bin', 'acr'), initrd.read(fetcher)))
        return found

    def image(self, name, folder='gsp'):
        """nvkm/core/firmware.c: nvkm_firmware_get()"""
        return f'nvidia/{self.chip}/{folder}/{name}'

    def interface(self, abi):
        return None


def persona(name, folder, driver):
    """The persona that a user named, as it is for @driver."""
    dtb = compiled(name, folder)
    words = told(dtb, 's', '/', 'compatible').split()
    for kind in Persona, Nvidia:
        if kind.COMPATIBLE in words:
            return kind(name, dtb, folder, driver)
    raise Refused(f"'{name}' is no GPU: it is not compatible with "
                  f'{Persona.COMPATIBLE} or {Nvidia.COMPATIBLE}')


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
        if plan.late:
            k.replace(plan.driver, plan.late)
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
