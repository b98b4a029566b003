# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/abi: finds the module, its kernel and the map, and calls the tool.
Called by scripts/abi, which has fetched the kernels and built the tools."""

import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from kernel import kernel_path, module_name              # noqa: E402
from say import Refused, build_file, end, root_dir       # noqa: E402
from trees import compiled                               # noqa: E402

MAPS = os.path.join(root_dir(), 'tools', 'maps')
DEFAULT_MAP = os.path.join(MAPS, 'panthor.map')

# Options of the tools that have a value.
VALUED = {'import': ('--elf', '--header', '--cc', '--cflag', '--struct',
                     '--enum', '--define', '--union', '--tail', '--name',
                     '--base', '--variant', '--output', '-o'),
          'check': ('--elf', '--header', '--cc', '--cflag'),
          'mutate': ('--seed', '--output', '-o')}
# Options of ours.
OURS = ('--kernel', '--module', '--map')


class Options:
    """The command line: what is ours, what is the tool's, what is neither."""

    def __init__(self, command, argv):
        self.command = command
        self.ours = {name: [] for name in OURS}
        self.given = set()
        self.rest = []
        self.words = []
        self.no_map = False
        argv = list(argv)
        while argv:
            word = argv.pop(0)
            name, equals, value = word.partition('=')
            if name == '--no-map':
                self.no_map = True
            elif name in OURS or name in VALUED[command]:
                if not equals:
                    if not argv:
                        raise Refused(f'{name} wants a value (scripts/abi '
                                      f'{command} --help)')
                    value = argv.pop(0)
                self.take(name, value)
            elif word.startswith('-'):
                self.given.add(name)
                self.rest.append(word)
            else:
                self.words.append(word)

    def take(self, name, value):
        self.given.add(name)
        if name in OURS:
            self.ours[name].append(value)
        else:
            self.rest += [name, value]

    def one(self, name):
        if len(self.ours[name]) > 1:
            raise Refused(f'{name} is given more than once')
        return self.ours[name][0] if self.ours[name] else None


def map_of(o):
    """The map that relates names: a file, a name of ours, or none."""
    if o.no_map or o.command == 'mutate':
        return None
    named = o.one('--map')
    if named is None:
        raw = {'--struct', '--enum', '--define'} & o.given
        return None if raw else DEFAULT_MAP
    if '/' not in named and os.path.exists(os.path.join(MAPS,
                                                        named + '.map')):
        return os.path.join(MAPS, named + '.map')
    return named


def module_in_map(path):
    """The driver that a map is for, None if it does not say."""
    if not os.path.isfile(path):
        return None
    with open(path, errors='replace') as f:
        for line in f:
            words = line.split()
            if len(words) == 2 and words[0] == 'module':
                return words[1]
    return None


def map_for(o, profile):
    """The map of a profile's family, if none is named."""
    if o.no_map or o.one('--map') or not map_of(o):
        return map_of(o)
    with open(profile, 'rb') as f:
        blob = f.read()
    for name in sorted(os.listdir(MAPS)):
        path = os.path.join(MAPS, name)
        if not name.endswith('.map'):
            continue
        with open(path, errors='replace') as f:
            for line in f:
                words = line.split()
                if words[:1] == ['compatible'] and \
                        words[1].encode() + b'\0' in blob:
                    return path
    return DEFAULT_MAP


def is_file_name(module):
    return '/' in module or module_name(module) != module.replace('-', '_')


def driver_options(o, kernel, map_path):
    """Where the driver's layout comes from, for one kernel or for none."""
    module = o.one('--module')
    if module and is_file_name(module):
        out = ['--module', module]
        if kernel:
            out += ['--kernel-image', kernel_path(kernel).image]
        return out
    if not kernel:
        if module:
            raise Refused(f"--module {module} names a module of a kernel: "
                          f"give the --kernel, or the module's path")
        return []
    k = kernel_path(kernel)
    k.load()
    # What is wrong with a map is for the tool to say.
    module = module or module_in_map(map_path or DEFAULT_MAP) or \
        module_in_map(DEFAULT_MAP)
    name = module.replace('-', '_')
    label = f'{module} of {os.path.basename(k.name)}'
    if name in k.modules:
        return ['--module', k.modules[name], '--kernel-image', k.image,
                '--label', label]
    if name in k.builtin:
        return ['--module', k.image, '--label', label]
    raise Refused(f'the kernel {k.name} has no module {module}')


def header_options(o):
    """Headers of a Linux driver compile outside of the kernel with this."""
    if '--header' not in o.given:
        return []
    out = ['--cflag', '-include', '--cflag',
           os.path.join(MAPS, 'linux-types.h')]
    if '--cc' not in o.given:
        out += ['--cc', 'aarch64-linux-gnu-gcc']
    return out


def call(tool, arguments):
    """Run a tool; its sentences become ours."""
    done = subprocess.run([build_file('tools', 'abi', tool), *arguments],
                          stderr=subprocess.PIPE, text=True,
                          errors='replace')
    prefix = tool + ': '
    for line in done.stderr.splitlines():
        if line.startswith(prefix):
            line = 'gpumbox: ' + line[len(prefix):]
        print(line, file=sys.stderr)
    return done.returncode if done.returncode >= 0 else 2


def run_import(o):
    if o.words:
        raise Refused(f"'{o.words[0]}' is no option (scripts/abi import "
                      f"--help)")
    path = map_of(o)
    source = driver_options(o, o.one('--kernel'), path)
    if path:
        source += ['--map', path]
    return call('abi-import', source + header_options(o) + o.rest)


def run_check(o):
    if len(o.words) != 1:
        raise Refused('check wants one profile: a name under dts/abi, a .dts '
                      'or a .dtb')
    kernels = o.ours['--kernel'] or [None]
    if len(kernels) > 1 and {'--json', '--tap'} & o.given:
        raise Refused('--json and --tap are for one kernel at a time')
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        profile = compiled(o.words[0], folder)
        path = map_for(o, profile)
        for kernel in kernels:
            source = driver_options(o, kernel, path)
            if path:
                source += ['--map', path]
            status = max(status, call('abi-check', source + header_options(o)
                                      + o.rest + [profile]))
    return status


def run_mutate(o):
    if not o.words:
        raise Refused('mutate wants a profile: a name under dts/abi, a .dts '
                      'or a .dtb')
    for name in ('--kernel', '--module', '--map'):
        if o.ours[name]:
            raise Refused(f'mutate breaks a profile and takes no {name}')
    with tempfile.TemporaryDirectory() as folder:
        profile = compiled(o.words[0], folder)
        return call('abi-mutate', [profile, *o.words[1:], *o.rest])


def main(argv):
    commands = {'import': run_import, 'check': run_check,
                'mutate': run_mutate}
    return commands[argv[0]](Options(argv[0], argv[1:]))


if __name__ == '__main__':
    end(main, 'the tool', status=130)
