# SPDX-License-Identifier: GPL-2.0-or-later
"""Profiles, personas and scenarios: found by name or compiled, read, varied,
mutated, joined."""

import os
import re
import shutil
import subprocess

from say import Refused, build_file, root_dir

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
