# SPDX-License-Identifier: GPL-2.0-or-later
"""One guest: QEMU's command line, its log files, its end."""

import hashlib
import os
import select
import signal
import socket
import subprocess
import time

import arch as arches
from qmp import QMP, QMPError
from say import Refused

# Where QMP finds our devices; GPU n is GPU + str(n).
CONTROL = '/machine/peripheral/ctl'
GPU = '/machine/peripheral/gpu'

# The kernel's crypto tests itself (crypto/testmgr.c: alg_test()) in threads
# that are still at it when the driver is up, and computes RSA with private
# keys there: 120 million instructions, seven times what a cell of the matrix
# takes altogether.  Security modules and the accounting of stalls are in the
# way of every system call and every switch, and of no interest here.
APPEND = ('console={} panic=-1 net.ifnames=0 cryptomgr.notests=1 lsm= '
          'psi=0')


class Config:
    """What a guest is made of.  All of it but the parameters, the logs, the
    scenario and the generation is part of a snapshot's key."""

    def __init__(self, qemu, image, initrd):
        self.qemu = qemu
        self.arch = arches.of(qemu)
        self.image = image
        self.initrd = initrd
        self.cpus = 2
        self.memory = '1G'
        self.time = 'virtual'
        self.shift = 3
        self.seed = 1
        self.gpus = ['mali-g610']
        # Of each of them, QEMU's device.
        self.devices = ['mali-csf']
        self.abi = None
        # The profile that our image carries, whichever way it comes in.
        self.profile = None
        self.scenario = None
        self.scenario_dir = None
        self.data_dir = None
        self.append = APPEND.format(self.arch.console)
        self.params = {}
        self.extra = []
        self.control = True
        self.shell = False
        self.generation = 0
        self.reseed = None
        # What a timeline is made of is written as well.
        self.timeline = False
        self.stop_at = None
        # Socket for gdb, which then lets the machine start.
        self.gdb = None
        # Firmware that a guest takes in place of its initrd's.
        self.file = None

    def accelerator(self):
        if self.time == 'virtual':
            return ['-accel', 'tcg', '-icount', f'shift={self.shift},sleep=off',
                    '-rtc', 'base=2026-01-01,clock=vm']
        if self.arch.kvm():
            return ['-accel', 'kvm', '-rtc', 'base=2026-01-01']
        return ['-accel', 'tcg,thread=multi', '-rtc', 'base=2026-01-01']

    def machine(self):
        kvm = 'kvm' in self.accelerator()
        cpu = 'host' if kvm else self.arch.cpu
        gic = ',gic-version=host' if kvm and self.arch is arches.ARM64 else ''
        out = ['-M', self.arch.machine + gic, *self.arch.qemu, '-cpu', cpu,
               '-smp', str(self.cpus), '-m', self.memory, '-nodefaults',
               '-no-user-config', '-display', 'none', '-no-reboot',
               '-seed', str(self.seed)]
        out += self.accelerator()
        if self.data_dir:
            out += ['-L', self.data_dir]
        if self.arch.firmware:
            out += ['-L', self.arch.firmware]
        return out

    def data_folders(self):
        """Where QEMU finds what it reads by name."""
        out = [os.path.join(self.data_dir, 'gpumbox')] if self.data_dir else []
        return out + ([self.arch.firmware] if self.arch.firmware else [])

    def boot(self):
        out = ['-kernel', self.image]
        if self.initrd:
            out += ['-initrd', self.initrd]
        return out + ['-append', self.append]

    def key(self, point):
        """Names a snapshot by all that it was made from."""
        h = hashlib.sha256()
        for path in (self.qemu, self.image, self.initrd):
            h.update(file_hash(path).encode())
        parts = self.machine() + self.boot() + self.extra
        parts += [file_hash(g) if '/' in g else g for g in self.gpus]
        skip = {self.qemu, self.image, self.initrd, self.data_dir}
        parts = [p for p in parts if p not in skip]
        parts += [point, str(self.abi), str(self.control),
                  str(self.params.get('driver'))]
        if point == 'probed':
            parts += [self.params['put'], file_hash(self.file)]
        for name in [self.abi] if self.abi else []:
            if os.path.exists(name):
                parts.append(file_hash(name))
        for folder in self.data_folders():
            for name in sorted(os.listdir(folder)):
                parts.append(name + file_hash(os.path.join(folder, name)))
        h.update('\0'.join(parts).encode())
        return h.hexdigest()[:20]


_hashes = {}


def file_hash(path):
    """The content of a file; big ones by size and time as well, once."""
    if not path:
        return ''
    st = os.stat(path)
    mark = (path, st.st_size, st.st_mtime_ns, st.st_ino)
    if mark not in _hashes:
        if st.st_size > 16 << 20:
            _hashes[mark] = repr(mark)
        else:
            with open(path, 'rb') as f:
                _hashes[mark] = hashlib.sha256(f.read()).hexdigest()
    return _hashes[mark]


def quote(text):
    """A value inside an option list of QEMU's."""
    return text.replace(',', ',,')


class Machine:
    """A QEMU process and the files it writes, in a folder of its own."""

    def __init__(self, config, folder):
        self.config = config
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.console = os.path.join(folder, 'console.log')
        self.tap = os.path.join(folder, 'tap.log')
        self.mailbox = os.path.join(folder, 'mailbox.log')
        self.stderr = os.path.join(folder, 'qemu.log')
        self.process = None
        self.qmp = None
        self._offset = {}

    def arguments(self, monitor, incoming=False):
        c = self.config
        out = [c.qemu] + c.machine()
        out += self.nothing_to_boot() if incoming else c.boot()
        if c.shell:
            out += ['-chardev', 'stdio,id=console,signal=off,logfile='
                    + quote(self.console), '-serial', 'chardev:console']
        else:
            out += ['-serial', 'file:' + self.console]
        out += ['-serial', 'file:' + self.tap]
        out += ['-chardev', f'socket,id=qmp,fd={monitor}',
                '-mon', 'chardev=qmp,mode=control']
        if c.control:
            params = ' '.join(f'{k}={v}' for k, v in c.params.items()
                              if v is not None)
            control = c.arch.control + ',id=ctl,params=' + quote(params)
            seed = c.seed if c.reseed is None else c.reseed
            control += f',seed={seed},generation={c.generation}'
            if c.scenario_dir:
                control += ',scenario-dir=' + quote(c.scenario_dir)
            if c.file:
                control += ',file=' + quote(c.file)
            out += ['-device', control]
        for i, persona in enumerate(c.gpus):
            log = self.mailbox if i == 0 else f'{self.mailbox}.{i}'
            gpu = f'{c.devices[i]},id=gpu{i},persona={quote(persona)}'
            if c.devices[i] == 'nvidia-gsp':
                out += ['-device', f'pcie-root-port,id=port{i},chassis={i + 1}']
                gpu += f',bus=port{i}'
            gpu += f',seed={c.seed + i}'
            gpu += ',mailbox-log=' + quote(log)
            if c.timeline:
                gpu += ',timeline=' + quote(self.timeline(i))
            if c.abi:
                gpu += ',abi=' + quote(c.abi)
            # A snapshot carries the scenario that it was made with.
            if c.scenario and not incoming:
                gpu += ',scenario=' + quote(c.scenario)
            out += ['-device', gpu]
        if c.gdb:
            out += ['-gdb', f'unix:{quote(c.gdb)},server=on,wait=off']
        if c.gdb and not incoming:
            out += ['-S']
        if incoming:
            out += ['-incoming', 'defer']
        return out + c.extra

    def nothing_to_boot(self):
        """A snapshot's memory holds the kernel already; to read it again
        would be a fifth of what a short restored run costs."""
        path = os.path.join(self.folder, 'no-kernel')
        with open(path, 'wb') as f:
            f.write(self.config.arch.no_image())
        return ['-kernel', path, '-append', self.config.append]

    def timeline(self, i):
        """What GPU i leaves for a timeline."""
        return os.path.join(self.folder, f'timeline.{i}')

    def start(self, snapshot=None):
        """Start from cold, or from a snapshot's file."""
        for path in (self.console, self.tap):
            open(path, 'w').close()
        self.sock, theirs = socket.socketpair()
        arguments = self.arguments(theirs.fileno(), snapshot is not None)
        with open(os.path.join(self.folder, 'command'), 'w') as f:
            f.write('\n'.join(arguments) + '\n')
        err = open(self.stderr, 'wb')
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            arguments, stderr=err,
            stdin=None if self.config.shell else subprocess.DEVNULL,
            stdout=None if self.config.shell else err,
            pass_fds=[theirs.fileno()])
        err.close()
        theirs.close()
        if snapshot:
            self.monitor().restore(snapshot)
            if self.config.scenario:
                self.load_scenario(self.config.scenario)
            for i in range(len(self.config.gpus)):
                if self.config.reseed is not None:
                    self.qmp.command('qom-set', path=GPU + str(i),
                                     property='jitter-seed',
                                     value=self.config.reseed + i)
            self.set_stop()
            if not self.config.gdb:
                self.qmp.command('cont')
        elif self.config.stop_at or self.config.gdb:
            self.monitor()
            self.set_stop()

    def set_stop(self):
        """Where a debugger wants this machine to stop."""
        for i in range(len(self.config.gpus)):
            if self.config.stop_at is not None:
                self.qmp.command('qom-set', path=GPU + str(i),
                                 property='stop-at',
                                 value=self.config.stop_at)

    def load_scenario(self, path):
        """Give all GPUs another scenario."""
        for i in range(len(self.config.gpus)):
            try:
                self.qmp.command('qom-set', path=GPU + str(i),
                                 property='scenario', value=path)
            except QMPError as err:
                raise Refused(str(err).removeprefix('qom-set: '))

    def monitor(self):
        if self.qmp is None:
            self.qmp = QMP(self.sock)
        return self.qmp

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def wait_end(self, seconds):
        """Wait until QEMU ends, and no longer than that."""
        fd = os.pidfd_open(self.process.pid)
        try:
            select.select([fd], [], [], seconds)
        finally:
            os.close(fd)

    def read(self, path):
        """What was added to a log since the last time."""
        offset = self._offset.get(path, 0)
        try:
            with open(path, 'rb') as f:
                f.seek(offset)
                data = f.read()
        except FileNotFoundError:
            return ''
        # Whole characters only.
        while data and data[-1] & 0x80:
            data = data[:-1]
        self._offset[path] = offset + len(data)
        return data.decode('utf-8', 'replace')

    def last_words(self):
        try:
            with open(self.stderr, errors='replace') as f:
                return [line for line in f.read().splitlines() if line][-5:]
        except FileNotFoundError:
            return []

    def wait_stop(self, timeout):
        """Wait until the guest asks for a snapshot; False if it ended."""
        try:
            end = time.monotonic() + timeout
            while time.monotonic() < end:
                if self.monitor().event(['STOP'], 0.5):
                    return True
                if not self.alive():
                    return False
        except QMPError:
            pass
        return False

    def stop(self):
        """End this QEMU, and nothing else."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self.process is not None:
            self.process.wait()
        self.sock.close()
        self.qmp = None
