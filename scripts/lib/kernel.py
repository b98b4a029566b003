# SPDX-License-Identifier: GPL-2.0-or-later
"""Guest kernels: where the Image and the modules are, in what order modules
load, and what a kernel lacks."""

import hashlib
import lzma
import os
import re
import subprocess

from arch import ARM64
from say import Refused, cache_dir

# What a kernel of one's own must have, beside the driver and the machine.
NEEDED_OPTIONS = [
    'CONFIG_BLK_DEV_INITRD', 'CONFIG_BINFMT_ELF', 'CONFIG_DEVTMPFS',
    'CONFIG_PRINTK', 'CONFIG_PROC_FS', 'CONFIG_SYSFS', 'CONFIG_FW_LOADER',
    'CONFIG_PM', 'CONFIG_SHMEM', 'CONFIG_TMPFS',
]

DRIVER_OPTION = {'panthor': 'CONFIG_DRM_PANTHOR', 'tyr': 'CONFIG_DRM_TYR',
                 'nouveau': 'CONFIG_DRM_NOUVEAU',
                 'nova_core': 'CONFIG_NOVA_CORE',
                 'nova_drm': 'CONFIG_DRM_NOVA'}

# What a driver does not come up without, whatever its Kconfig asks for: the
# GPU's supply, Panthor's governor.
DRIVER_NEEDS = {'panthor': ['CONFIG_REGULATOR_FIXED_VOLTAGE',
                            'CONFIG_DEVFREQ_GOV_SIMPLE_ONDEMAND'],
                'tyr': ['CONFIG_REGULATOR_FIXED_VOLTAGE']}
# Such a kernel takes no module of a tree (kernel/module/signing.c:
# module_sig_check()).
SIGNED_ONLY = 'CONFIG_MODULE_SIG_FORCE'
# panthor_hw.c: overload_shader_present() takes a kernel without it for an
# error; it came with 7.x.
SHADER_FUSES = 'CONFIG_NVMEM'
# Drivers whose modules are not called as they are, in loading order.
DRIVER_MODULES = {'nova': ['nova_core', 'nova_drm']}
# Those whose device is behind a PCI bridge.
PCI_DRIVERS = 'nouveau', 'nova'


def driver_modules(driver):
    """The modules of a driver, in loading order."""
    return DRIVER_MODULES.get(driver, [] if driver == 'none' else [driver])


def module_name(path):
    base = os.path.basename(path)
    return re.sub(r'\.(ko|o)(\.(xz|zst|gz))?$', '', base).replace('-', '_')


def module_data(path):
    """The plain ELF of a module, however it is stored."""
    with open(path, 'rb') as f:
        data = f.read()
    if path.endswith('.xz'):
        return lzma.decompress(data)
    for end, tool in (('.zst', 'zstd'), ('.gz', 'gzip')):
        if path.endswith(end):
            return subprocess.run([tool, '-dc'], input=data, check=True,
                                  stdout=subprocess.PIPE).stdout
    return data


# scripts/sign-file.c: a signature, 12 bytes of which the last four are its
# length, and this.
SIGNED = b'~Module signature appended~\n'


def unsigned(data):
    """A module without its signature, as strip leaves it.  To check nouveau's
    and those below it, by SHA-256 in C, is half of what a guest executes from
    power on to its first test (kernel/module/signing.c: mod_verify_sig()); the
    kernel takes them without, says so once and sets taint E."""
    if not data.endswith(SIGNED):
        return data
    end = len(data) - len(SIGNED)
    length = int.from_bytes(data[end - 4:end], 'big')
    return data[:end - 12 - length]


def check_elf(path, arch):
    """Refuse a module of another architecture."""
    with open(path, 'rb') as f:
        head = f.read(20)
    if not (head[:4] == b'\x7fELF' and head[18:20] == arch.elf):
        raise Refused(f'{path} is no {arch} module: build it with '
                      f'ARCH={arch}')


def stripped(path, arch):
    """A module of a build tree without its DWARF, which may be a hundred
    times as much as the rest.  What was stripped before is kept."""
    check_elf(path, arch)
    st = os.stat(path)
    mark = repr((path, st.st_size, st.st_mtime_ns, st.st_ino))
    base = os.path.join(cache_dir(), 'stripped')
    name = os.path.join(base, hashlib.sha256(mark.encode()).hexdigest()[:20])
    try:
        with open(name, 'rb') as f:
            os.utime(name)
            return f.read()
    except FileNotFoundError:
        pass
    os.makedirs(base, exist_ok=True)
    new = f'{name}.{os.getpid()}'
    strip = arch.tool('strip')
    done = subprocess.run([strip, '--strip-debug', '-o', new, path],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Refused(f'{path} is no module that can be loaded: '
                      + (done.stderr.strip().splitlines() or [strip])[0])
    os.rename(new, name)
    with open(name, 'rb') as f:
        return f.read()


def module_info(data, key):
    """The values of one key in a module's .modinfo."""
    found = re.findall(rb'(?:^|\0)' + key.encode() + rb'=([^\0]*)\0', data)
    return [v.decode('ascii', 'replace') for v in found]


class Kernel:
    """A kernel Image, the modules that belong to it and their names."""

    def __init__(self, image, name, arch):
        self.image = image
        self.name = name
        self.arch = arch
        self.modules = {}
        self.builtin = set()
        self.config = None
        self.config_path = None
        # A build tree: its modules carry DWARF, and change.
        self.tree = False
        # Modules that were built for this kernel elsewhere.
        self.own = set()
        self._release = None
        # The folder of scripts/setup's that it is in: such a one never
        # changes, and is read only when something is asked of it.
        self.folder = None

    def load(self):
        if self.folder and not self.modules:
            folder = os.path.join(self.folder, 'modules')
            self.scan(folder)
            self.read_builtin(os.path.join(folder, 'modules.builtin'))

    def replace(self, name, path):
        """Take another module for the one that the kernel came with."""
        self.load()
        if name in self.builtin:
            raise Refused(f'{name} is built into {self.name}: a module of '
                          f'that name cannot be loaded, make it one with '
                          f'{DRIVER_OPTION.get(name, name)}=m')
        self.modules[name] = path
        self.own.add(name)

    def scan(self, folder):
        for where, _, files in os.walk(folder, followlinks=False):
            for f in files:
                if re.search(r'\.ko(\.(xz|zst|gz))?$', f):
                    self.modules[module_name(f)] = os.path.join(where, f)

    def read_builtin(self, path):
        if os.path.exists(path):
            with open(path) as f:
                self.builtin |= {module_name(line.strip()) for line in f}

    def read_config(self, path):
        if os.path.exists(path):
            self.config_path = path
            with open(path) as f:
                self.config = dict(
                    line.strip().split('=', 1) for line in f
                    if line.startswith('CONFIG_') and '=' in line)

    def check(self, driver):
        """Refuse a kernel that cannot run the driver, naming what to set."""
        self.load()
        for module in driver_modules(driver):
            if module not in self.modules and module not in self.builtin and \
                    (self.config is not None or self.modules):
                self.no_driver(module)
        if driver != 'none' and not self.modules and not self.builtin:
            # An Image and nothing else: the driver is inside, or nowhere.
            with open(self.image, 'rb') as f:
                if self.arch is ARM64 and driver.encode() not in f.read():
                    raise Refused(f'the kernel {self.name} has no driver '
                                  f'{driver} inside, and its modules are not '
                                  f'beside it: give its build tree')
        if self.config is None:
            return
        if self.tree and self.config.get(SIGNED_ONLY) == 'y' and \
                not self.builtin.issuperset(driver_modules(driver)):
            raise Refused(f'{SIGNED_ONLY}=y in {self.config_path}: make signs '
                          f'modules when it installs them, and this kernel '
                          f'loads no others; unset it and build the kernel '
                          f'again')
        missing = [o for o in NEEDED_OPTIONS + self.arch.options
                   if self.config.get(o) != 'y']
        missing += [o for o in self.driver_needs(driver)
                    if o not in self.config]
        if missing:
            raise Refused(f'{", ".join(missing)} '
                          + ('is' if len(missing) == 1 else 'are')
                          + f' not set in {self.config_path}: set to y and '
                          f'build the kernel again')

    def driver_needs(self, driver):
        needs = list(DRIVER_NEEDS.get(driver, []))
        if driver in PCI_DRIVERS:
            needs += self.arch.bridge
        if driver == 'panthor' and re.match(r'[7-9]\.|\d\d', self.release()):
            needs.append(SHADER_FUSES)
        return needs

    def no_driver(self, driver):
        """There is none; say what to do about it."""
        option = DRIVER_OPTION.get(driver, driver)
        value = (self.config or {}).get(option)
        if value:
            raise Refused(f'{option}={value} in {self.config_path} and there '
                          f'is no {driver}.ko: build the modules, too')
        if self.config_path:
            raise Refused(f'{option} is not set in {self.config_path}: set it '
                          f'to m and build the kernel again, or take another '
                          f'--driver')
        raise Refused(f'the kernel {self.name} has no driver {driver}: set '
                      f'{option}=m and build it again, or take another kernel')

    def fits(self, path, data):
        """Refuse a module that this kernel would not load."""
        magic = module_info(data, 'vermagic')
        release = self.release()
        if magic and release and magic[0].split()[0] != release:
            raise Refused(f'{path} was built for the kernel '
                          f'{magic[0].split()[0]} and this one is {release}: '
                          f'build Image and modules from the same tree')

    def release(self):
        """What uname -r will say; empty if the Image does not tell."""
        if self.folder:
            return self.name
        if self._release is None:
            with open(self.image, 'rb') as f:
                self._release = self.arch.release(f.read())
        return self._release

    def data(self, name):
        """The ELF of a module as the guest gets it."""
        path = self.modules[name]
        if not self.tree and name not in self.own:
            return unsigned(module_data(path))
        data = stripped(path, self.arch)
        self.fits(path, data)
        return data

    def closure(self, names):
        """Modules in the order in which they load: [(name, ELF bytes)]."""
        self.load()
        order, seen = [], set()
        stack = [(n, False) for n in reversed(names)]
        loaded = {}
        while stack:
            name, ready = stack.pop()
            name = name.replace('-', '_')
            if ready:
                order.append((name, loaded[name]))
                continue
            if name in seen or name in self.builtin:
                continue
            seen.add(name)
            path = self.modules.get(name)
            if path is None:
                continue
            loaded[name] = self.data(name)
            wanted = []
            for dep in module_info(loaded[name], 'depends'):
                wanted += [d for d in dep.split(',') if d]
            for soft in module_info(loaded[name], 'softdep'):
                match = re.search(r'pre:([^:]*?)(?:\bpost:|$)', soft)
                if match:
                    wanted += match.group(1).split()
            stack.append((name, True))
            stack += [(d, False) for d in reversed(wanted)]
        return order


def cached_kernel(folder, arch):
    """A kernel that scripts/setup put into the cache."""
    with open(os.path.join(folder, 'release')) as f:
        kernel = Kernel(os.path.join(folder, 'Image'), f.read().strip(),
                        arch)
    kernel.folder = folder
    return kernel


def other_architecture(folder, arch):
    """What a tree is configured for, if that is not @arch."""
    try:
        with open(os.path.join(folder, '.config')) as f:
            found = re.search(r'^# Linux/(\S+) \S+ Kernel Configuration',
                              f.read(4096), re.M)
    except FileNotFoundError:
        return None
    other = found and found.group(1) not in arch.kconfig
    return found.group(1) if other else None


def kernel_tree(folder, arch):
    """A kernel build tree: Image, modules.order, modules.builtin, .config."""
    image = os.path.join(folder, arch.image)
    other = other_architecture(folder, arch)
    if other:
        raise Refused(f'{folder} is a kernel tree for {other}: configure and '
                      f'build it with ARCH={arch}')
    if not os.path.exists(image):
        if os.path.exists(os.path.join(folder, 'Kconfig')) or \
                os.path.exists(os.path.join(folder, '.config')):
            raise Refused(f'{folder} has no {arch.image}: build it '
                          f'with "make ARCH={arch} {arch.target} modules"')
        raise Refused(f'{folder} is no built {arch} kernel tree: '
                      f'{arch.image} is missing')
    kernel = Kernel(image, folder, arch)
    kernel.tree = True
    order = os.path.join(folder, 'modules.order')
    if os.path.exists(order):
        with open(order) as f:
            for line in f:
                path = os.path.join(folder, line.strip())
                path = re.sub(r'\.o$', '.ko', path)
                if os.path.exists(path):
                    kernel.modules[module_name(path)] = path
    else:
        # "make FOLDER/NAME.ko" takes the file away.
        kernel.scan(folder)
    kernel.read_builtin(os.path.join(folder, 'modules.builtin'))
    kernel.read_config(os.path.join(folder, '.config'))
    return kernel


def kernel_path(path, arch=ARM64):
    """What the user named: a build tree, or an Image."""
    path = os.path.abspath(path)
    if os.path.isdir(path):
        if os.path.exists(os.path.join(path, 'release')):
            return cached_kernel(path, arch)
        return kernel_tree(path, arch)
    if not os.path.isfile(path):
        raise Refused(f'there is no kernel at {path}')
    tail = '/' + arch.image
    if path.endswith(tail):
        return kernel_tree(path[:-len(tail)], arch)
    with open(path, 'rb') as f:
        if not arch.is_image(f.read(1024)):
            raise Refused(f'{path} is no {arch} kernel Image')
    kernel = Kernel(path, path, arch)
    if kernel.release():
        for base in ('/lib/modules', '/usr/lib/modules'):
            folder = os.path.join(base, kernel.release())
            if os.path.isdir(folder):
                kernel.scan(folder)
                kernel.read_builtin(os.path.join(folder, 'modules.builtin'))
                break
    return kernel
