# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's root: an initrd of our init, the driver's modules in plain form
and the firmware.  The same input makes the same bytes."""

import os
import stat


class Initrd:
    """An archive in cpio's newc form."""

    def __init__(self):
        self.parts = []
        self.names = set()

    def _entry(self, name, mode, data=b'', rdev=(0, 0)):
        self.names.add(name)
        field = '%08X'
        head = ['070701', field % (len(self.parts) + 1), field % mode,
                field % 0, field % 0, field % 1, field % 0,
                field % len(data), field % 0, field % 0, field % rdev[0],
                field % rdev[1], field % (len(name) + 1), field % 0]
        out = ''.join(head).encode() + name.encode() + b'\0'
        out += b'\0' * (-len(out) % 4)
        out += data
        out += b'\0' * (-len(out) % 4)
        self.parts.append(out)

    def folder(self, name):
        if not name or name in self.names:
            return
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFDIR | 0o755)

    def file(self, name, data, mode=0o644):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFREG | mode, data)

    def link(self, name, target):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def device(self, name, major, minor):
        self.folder(os.path.dirname(name))
        self._entry(name, stat.S_IFCHR | 0o600, rdev=(major, minor))

    def data(self):
        parts = list(self.parts)
        self._entry('TRAILER!!!', 0)
        out = b''.join(self.parts)
        self.parts = parts
        return out + b'\0' * (-len(out) % 512)


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def make(kernel, init, modules, firmware=(), shell=None, late=()):
    """The bytes of an initrd.

    kernel: kernel.Kernel; init: bytes of the static program that is /init;
    modules: names to load, with all that they need; firmware: pairs (name
    under /lib/firmware, bytes); shell: path of a static busybox, or None;
    late: modules that the guest is given later, when it is restored.
    """
    rd = Initrd()
    for name in ('dev', 'proc', 'sys', 'tmp', 'run', 'etc', 'bin', 'root'):
        rd.folder(name)
    rd.device('dev/console', 5, 1)
    rd.device('dev/null', 1, 3)
    rd.file('init', init, 0o755)
    lines = ''
    rd.folder('lib/modules')
    for name, elf in kernel.closure(modules):
        path = f'lib/modules/{name}.ko'
        if name not in late:
            rd.file(path, elf)
        lines += f'/{path}\n'
    rd.file('etc/modules.order', lines.encode())
    for name, data in firmware:
        rd.file('lib/firmware/' + name, data)
    if shell:
        rd.file('bin/busybox', read(shell), 0o755)
        rd.link('bin/sh', 'busybox')
    return rd.data()
