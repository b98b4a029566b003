# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken neighbours of ABI profiles, as the matrix plays them: their names are
PROFILE~KIND~SEED, and build/tools/abi/abi-mutate makes them."""

import fnmatch
import os
import re
import subprocess
import tempfile

from say import Refused, build_file
from trees import MUTANT, compiled, told


def parts(abi):
    """(profile, KIND~SEED) of a mutant's name, (abi, '') of another."""
    match = None if os.path.isfile(abi) else MUTANT.match(abi)
    if not match:
        return abi, ''
    return match.group(1), f"{match.group(2)}~{match.group(3) or 1}"


def sentence(abi, profile):
    """What is wrong with a mutant that was compiled, '' if it is none."""
    if not parts(abi)[1]:
        return ''
    text = told(profile, 's', '/', 'description')
    return re.sub(r'^.*?, but (.*) \(seed \d+\)$', r'\1', text)


def listed(abi, seed):
    """{kind: what it does to the profile with that seed}"""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [build_file('tools', 'abi', 'abi-mutate'),
             compiled(abi, folder), '--list', '--seed', str(seed)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Refused(done.stderr.strip().removeprefix('abi-mutate: '))
    return dict(line.split('\t', 1) for line in done.stdout.splitlines())


def chosen(abi, what):
    """Names of a profile's mutants: a number of each kind, no two alike, or
    those of the kinds that @what lists."""
    out, seen = [], set()
    if what.isdigit():
        for seed in range(1, int(what) + 1):
            for kind, text in listed(abi, seed).items():
                if (kind, text) not in seen:
                    seen.add((kind, text))
                    out.append(f'{abi}~{kind}~{seed}')
        return out
    for word in what.split(','):
        pattern, _, seed = word.partition('~')
        if seed and not seed.isdigit():
            raise Refused(f"'{word}': a mutation's seed is a number")
        found = fnmatch.filter(listed(abi, seed or 1), pattern)
        if not found:
            raise Refused(f"{abi} has nothing that '{pattern}' could break: "
                          f"scripts/abi mutate {abi} --list lists what there "
                          f"is")
        out += [f'{abi}~{kind}~{seed or 1}' for kind in found]
    return list(dict.fromkeys(out))
