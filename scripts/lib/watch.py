# SPDX-License-Identifier: GPL-2.0-or-later
"""From a saved file to a verdict: build the driver's modules, restore the
guest as it was before a driver was loaded, load the new ones, test.  Called
by scripts/watch, which has checked the options and set everything up."""

import argparse
import contextlib
import hashlib
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import arch as arches                                    # noqa: E402
import kernel as kernels                                 # noqa: E402
from guest import Guest, Plan, forget_old                # noqa: E402
from say import Refused, cache_dir, end, root_dir, say   # noqa: E402

POLL = 0.2
# An editor may write a file in several steps.
SETTLE = 0.05
NOT_BUILT = 125
# What make leaves beside the sources, and what editors do.
MADE = re.compile(r'^\.|~$|\.(o|ko|a|mod|mod\.c|rmeta|so|dwo|order|symvers)$'
                  r'|^(modules\.order|Module\.symvers|4913)$')
ERROR = re.compile(r'\b(error|ERROR)(\[E\d+\])?:|^make.*\*\*\* |undefined')
# Lines shown of what a compiler says.
SHOWN = 40
# Modules of which one is made with what the other leaves in the tree, by a
# Makefile that knows no M= (drivers/gpu/Makefile), and where below it their
# sources are; in older trees each has a Makefile there.
IN_TREE = {'nova_core': 'nova-core', 'nova_drm': 'drm/nova'}


def sources(folder):
    """Paths of the files that a module is made from, relative to it."""
    for where, dirs, files in os.walk(folder):
        dirs[:] = sorted(d for d in dirs if not MADE.search(d))
        for name in sorted(files):
            if not MADE.search(name):
                yield os.path.relpath(os.path.join(where, name), folder)


@contextlib.contextmanager
def kept(folder, names):
    """Leave files as they are: make for some modules writes into them of these
    alone, or takes them away."""
    before = {}
    for name in names:
        path = os.path.join(folder, name)
        if os.path.exists(path):
            with open(path, 'rb') as f:
                before[path] = f.read()
    try:
        yield
    finally:
        for path, data in before.items():
            with open(path + '~', 'wb') as f:
                f.write(data)
            os.rename(path + '~', path)


def mirror(source, build):
    """Make @build a folder of links to the sources: a module can be built
    there without a trace in the tree."""
    wanted = set(sources(source))
    for where, _, files in os.walk(build):
        for name in files:
            path = os.path.join(where, name)
            if os.path.islink(path) and \
                    os.path.relpath(path, build) not in wanted:
                os.unlink(path)
    for name in wanted:
        path = os.path.join(build, name)
        if not os.path.islink(path):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.symlink(os.path.join(source, name), path)


def below(folder, inside):
    """A folder within another, if it is there."""
    path = os.path.join(folder, inside)
    return os.path.normpath(path if os.path.isdir(path) else folder)


class Driver:
    """What is watched: a driver's sources, and how its modules are built."""

    def __init__(self, o):
        self.o = o
        self.tree = kernels.kernel_path(o.kernel, arches.of(o.qemu))
        self.names = kernels.driver_modules(o.driver)
        self.in_tree = self.names[0] in IN_TREE
        self.links = None
        self.targets = ['modules']
        if o.module:
            self.build = os.path.realpath(o.module)
            self.sources = [self.build]
            return
        self.tree.load()
        for name in self.names:
            if name not in self.tree.modules:
                self.tree.no_driver(name)
        path = self.tree.modules[self.names[0]]
        top = self.tree.name
        self.build = os.path.dirname(path)
        inside = os.path.relpath(self.build, top)
        # With O= the sources are elsewhere.
        link = os.path.join(top, 'source')
        source = os.path.join(os.path.realpath(link), inside) \
            if os.path.exists(link) else self.build
        if self.in_tree:
            self.targets = [os.path.relpath(self.tree.modules[n], top)
                            for n in self.names]
            self.sources = [below(os.path.join(
                source, os.path.relpath(os.path.dirname(t), inside)),
                IN_TREE[n]) for n, t in zip(self.names, self.targets)]
            return
        self.sources = [source]
        if not o.make:
            base = os.path.join(cache_dir(), 'watch')
            os.makedirs(base, exist_ok=True)
            forget_old(base)
            self.links = os.path.join(
                base, hashlib.sha256(path.encode()).hexdigest()[:12])
            self.build = os.path.join(self.links, os.path.basename(source))

    def stamps(self):
        """What changes when a file is saved, or the kernel is built anew."""
        out = {}
        for path in [os.path.join(folder, n) for folder in self.sources
                     for n in sources(folder)] + [self.tree.image]:
            try:
                st = os.stat(path)
                out[path] = (st.st_mtime_ns, st.st_size)
            except FileNotFoundError:
                pass
        return out

    def command(self):
        if self.o.make:
            return ['bash', '-c', self.o.make]
        return [os.path.join(root_dir(), 'scripts', 'kernel'), 'make',
                self.o.spec, *([] if self.in_tree else ['M=' + self.build]),
                *self.targets]

    def make(self):
        """Build; False, with what the compiler says, if that fails."""
        if self.links:
            os.makedirs(self.build, exist_ok=True)
            os.utime(self.links)
            mirror(self.sources[0], self.build)
        if not self.in_tree or self.o.make:
            return self.run_make()
        with kept(self.tree.name, ('modules.order', 'Module.symvers')):
            return self.run_make()

    def run_make(self):
        lines = []
        make = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True,
                                errors='replace')
        for line in make.stdout:
            line = line.rstrip('\n')
            if line.startswith('gpumbox: '):
                print(line, file=sys.stderr, flush=True)
            elif self.links:
                lines.append(line.replace(self.build, self.sources[0]))
            else:
                lines.append(line)
        if not make.wait():
            return True
        first = next((i for i, line in enumerate(lines)
                      if ERROR.search(line)), max(0, len(lines) - SHOWN))
        said = [line for line in lines[first:]
                if not line.startswith('make')] or lines[first:]
        for line in said[:SHOWN]:
            print('  ' + line, file=sys.stderr)
        say(f'{self.places()} cannot be built: mend what make says above')
        return False

    def places(self):
        return ' and '.join(self.sources)

    def files(self):
        """The modules that were built, by name."""
        return {name: self.file(name) for name in self.names}

    def file(self, module):
        if self.in_tree:
            return self.tree.modules[module]
        for where, _, files in os.walk(self.build):
            for name in files:
                if name.endswith('.ko') and \
                        kernels.module_name(name) == module:
                    return os.path.join(where, name)
        raise Refused(f'make has left no {module}.ko in {self.build}: '
                      f'its Makefile wants obj-m += {module}.o')


class Round:
    """One way from sources to a verdict."""

    def __init__(self, driver, saved=None):
        self.driver = driver
        self.saved = saved or time.time()
        self.make = self.total = 0.0
        self.status = NOT_BUILT
        self.guest = None

    def plan(self):
        o = self.driver.o
        p = Plan(qemu=o.qemu, kernel=o.kernel, driver=o.driver)
        p.late = self.driver.files()
        p.snapshot, p.point = True, 'before-driver'
        p.gpus, p.seed, p.cpus = [o.gpu], o.seed, o.cpus
        p.scenario = o.scenario
        p.params['test'] = o.test
        return p

    def play(self, out=None):
        start = time.time()
        built = self.driver.make()
        self.make = time.time() - start
        if not built:
            return self.status
        self.guest = Guest(self.plan(), out=out)
        try:
            self.status = self.guest.run(self.driver.o.timeout)
            if self.driver.o.keep_log:
                self.guest.keep(self.driver.o.keep_log)
        finally:
            self.guest.clean()
        self.total = time.time() - self.saved
        return self.status

    def bar(self):
        """What the whole may take: make, half as much again, two seconds."""
        return 1.5 * self.make + 2

    def words(self):
        tap = self.guest.tap
        word = {0: 'pass', 1: 'fail'}.get(self.status, 'the guest broke down')
        return (f'{word}: {tap.passed} passed, {tap.failed} failed, '
                f'{tap.skipped} skipped; {self.total:.1f} s after the file '
                f'was saved, make alone {self.make:.1f} s '
                f'(bar {self.bar():.1f} s)')


def last_save(old, new):
    """When the newest of the files that differ was saved."""
    changed = [m for path, (m, _) in new.items() if old.get(path) != (m, _)]
    return max(changed) / 1e9 if changed else time.time()


def wait_for_save(driver, before):
    """Wait until files differ from what they were, and stay as they are."""
    while True:
        time.sleep(POLL)
        now = driver.stamps()
        if now == before:
            continue
        while True:
            time.sleep(SETTLE)
            later = driver.stamps()
            if later == now:
                return min(time.time(), last_save(before, now))
            now = later


def options(argv):
    p = argparse.ArgumentParser()
    p.add_argument('--qemu', required=True)
    p.add_argument('--kernel', required=True)
    p.add_argument('--spec', required=True)
    p.add_argument('--gpu', required=True)
    p.add_argument('--driver', required=True)
    p.add_argument('--module')
    p.add_argument('--make')
    p.add_argument('--test')
    p.add_argument('--scenario', action='append')
    p.add_argument('--seed', type=int, default=1)
    p.add_argument('--cpus', type=int, default=2)
    p.add_argument('--timeout', type=int, default=600)
    p.add_argument('--keep-log')
    p.add_argument('--once', action='store_true')
    return p.parse_args(argv)


def main(argv):
    driver = Driver(options(argv))
    if driver.o.once:
        r = Round(driver)
        status = r.play(sys.stdout)
        if r.guest:
            say(r.words())
        return status
    say(f'watching {driver.places()}: save a file there; Ctrl-C ends')
    saved = None
    while True:
        before = driver.stamps()
        r = Round(driver, saved)
        try:
            r.play(sys.stdout)
            if r.guest:
                say(r.words())
        except Refused as refused:
            print(f'gpumbox: {refused}', file=sys.stderr)
        saved = wait_for_save(driver, before)


if __name__ == '__main__':
    end(main, 'the run', stopped='ended', status=0)
