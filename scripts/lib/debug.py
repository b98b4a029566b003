# SPDX-License-Identifier: GPL-2.0-or-later
"""gdb on a guest: what it knows of the kernel, and how it is started."""

import hashlib
import json
import os
import shutil
import subprocess

import arch as arches
import bzimage
import kallsyms
import kernel as kernels
from machine import file_hash
from say import Refused, cache_dir, say

BTF = b'\x9f\xeb\x01\x00\x18\x00\x00\x00'
# What gdb calls the architectures, and symbols without which there is no way to
# find the kernel in memory (gdb_guest.py).
GDB_NAME = {'aarch64': 'aarch64', 'x86_64': 'i386:x86-64'}
PLACE = {'aarch64': 'kimage_voffset', 'x86_64': 'asm_exc_divide_error'}
BPFTOOL = shutil.which('bpftool', path=os.environ.get('PATH', '')
                       + ':/usr/sbin:/sbin')


def cut_btf(data):
    """The kernel's own types out of its Image, None if it has none."""
    at = data.find(BTF)
    if at < 0:
        return None
    size = [int.from_bytes(data[at + i:at + i + 4], 'little')
            for i in (8, 12, 16, 20)]
    return data[at:at + 24 + max(size[0] + size[1], size[2] + size[3])]


def types(k, data, driver, folder):
    """An object file whose debug information has the types of kernel and
    driver, None if they cannot be had."""
    btf = cut_btf(data)
    module = k.modules.get(driver)
    if not btf or not BPFTOOL:
        return None
    base = os.path.join(folder, 'vmlinux.btf')
    with open(base, 'wb') as f:
        f.write(btf)
    source, what = [base], []
    if module:
        path = os.path.join(folder, driver + '.ko')
        with open(path, 'wb') as f:
            f.write(kernels.module_data(module))
        source, what = [path], ['-B', base]
    done = subprocess.run([BPFTOOL, *what, 'btf', 'dump', 'file', *source,
                           'format', 'c'], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    if done.returncode:
        return None
    header = os.path.join(folder, 'types.c')
    with open(header, 'wb') as f:
        f.write(done.stdout)
    out = os.path.join(folder, 'types.o')
    if subprocess.run([k.arch.tool('gcc'), '-g', '-c', '-w', '-std=gnu11',
                       '-fno-eliminate-unused-debug-types', header, '-o',
                       out], stderr=subprocess.DEVNULL).returncode:
        return None
    for path in (base, header):
        os.remove(path)
    return out


def symbols(k, data, vmlinux):
    """[(offset in the running kernel, type, name)], and where it was linked
    to, if that is known."""
    if not vmlinux:
        return kallsyms.symbols(data), 0
    done = subprocess.run([k.arch.tool('nm'), '-n', vmlinux], text=True,
                          stdout=subprocess.PIPE, check=True)
    rows = [line.split(None, 2) for line in done.stdout.splitlines()]
    where = [(int(r[0], 16), r[1], r[2]) for r in rows if len(r) == 3]
    linked = next((at for at, _, name in where if name == '_text'), None)
    if linked is None:
        raise Refused(f'{vmlinux} has no symbols: build the kernel again')
    return [(at - linked, kind, name) for at, kind, name in where], linked


def knowledge(image, k, driver, vmlinux):
    """The folder with what gdb is told of a kernel, made once."""
    k.load()
    mark = file_hash(image) + file_hash(k.modules.get(driver)) + \
        file_hash(kallsyms.__file__) + file_hash(bzimage.__file__) + \
        file_hash(__file__) + ('vmlinux' if vmlinux else '')
    folder = os.path.join(cache_dir(), 'gdb',
                          hashlib.sha256(mark.encode()).hexdigest()[:16])
    if os.path.exists(os.path.join(folder, 'plan')):
        return folder
    say('reading the symbols of the kernel')
    with open(image, 'rb') as f:
        data = f.read()
    if k.arch is arches.X86_64:
        data = bzimage.memory(data)
        if not data:
            raise Refused(f'{image} is packed in a way that is not known here: '
                          f'build it with CONFIG_KERNEL_ZSTD=y')
    found, linked = symbols(k, data, vmlinux)
    if not found:
        raise Refused(f'{image} has no symbols that can be read: build it '
                      f'with CONFIG_KALLSYMS_ALL=y')
    where = {name: at for at, _, name in found}
    place = PLACE[k.arch.name]
    if not {'_etext', '_end', place, 'modules'} <= set(where):
        raise Refused(f'{image} lacks symbols of data: build it with '
                      f'CONFIG_KALLSYMS_ALL=y')
    new = folder + f'.{os.getpid()}'
    os.makedirs(new)
    if not vmlinux:
        with open(os.path.join(new, 'kernel.syms'), 'wb') as f:
            f.write(kallsyms.elf(found, (0, where['_etext']), where['_end'],
                                 k.arch.elf[0]))
    made = types(k, data, driver, new)
    with open(os.path.join(new, 'plan'), 'w') as f:
        json.dump({'place': where[place], 'linked': linked,
                   'text': where['_etext'], 'modules': where['modules'],
                   'types': made and os.path.basename(made)}, f)
    try:
        os.rename(new, folder)
    except OSError:
        shutil.rmtree(new)
    return folder


def vmlinux_of(k):
    """The kernel with debug information, of a tree of one's own."""
    path = os.path.join(k.name, 'vmlinux')
    return path if k.tree and os.path.exists(path) else None


def prepare(guest, driver, where, commands):
    """Files for gdb in the guest's folder; the command that runs it."""
    c = guest.machine.config
    k = kernels.kernel_path(guest.plan.kernel, c.arch)
    modules = kernels.driver_modules(driver)
    vmlinux = vmlinux_of(k)
    known = knowledge(c.image, k, modules[0] if modules else driver, vmlinux)
    with open(os.path.join(known, 'plan')) as f:
        plan = json.load(f)
    plan.update(kernel=vmlinux or os.path.join(known, 'kernel.syms'),
                release=os.path.basename(k.name), arch=k.arch.name,
                machine=k.arch.elf[0],
                folder=guest.folder, wanted=modules,
                debug={m: k.modules[m] for m in modules
                       if vmlinux and m in k.modules})
    path = os.path.join(guest.folder, 'gdb.plan')
    with open(path, 'w') as f:
        json.dump(plan, f)
    script = os.path.join(guest.folder, 'gdb.start')
    inside = os.path.join(os.path.dirname(__file__), 'gdb_guest.py')
    lines = ['set confirm off', 'set pagination off', 'set height 0',
             'set debuginfod enabled off',
             'set architecture ' + GDB_NAME[k.arch.name],
             'handle SIGINT nopass']
    source = os.path.join(k.name, 'source')
    if vmlinux and os.path.isdir(source):
        # A kernel of scripts/kernel's has no path of this machine in it.
        lines.append('directory ' + os.path.realpath(source))
    if plan['types']:
        lines.append('file ' + os.path.join(known, plan['types']))
    lines += ['source ' + inside, 'target remote ' + c.gdb,
              'gpumbox-symbols']
    if where == 'warning':
        lines.append('gpumbox-warnings')
    if where != 'start':
        lines.append('continue')
    with open(script, 'w') as f:
        f.write('\n'.join(lines) + '\n')
    command = ['gdb-multiarch', '-q', '-nx', '-x', script]
    if commands:
        command += ['-batch', '-x', commands]
    return command, dict(os.environ, GPUMBOX_GDB=path)
