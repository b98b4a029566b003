# SPDX-License-Identifier: GPL-2.0-or-later
"""What a guest is made of, in a few digits for each part: a replay gives the
same run only with the same kernel, initrd, QEMU, image and device trees."""

import hashlib
import os

from machine import file_hash
from say import Refused, cache_dir

DIGITS = 8
WORDS = {'profile': 'ABI profile', 'kernel': 'kernel', 'initrd': 'initrd',
         'qemu': 'QEMU', 'image': 'firmware image', 'trees': 'set of device trees',
         'bios': "PC's firmware"}


def parts(guest):
    """Part to digits, of a guest that was started."""
    c = guest.machine.config
    trees = hashlib.sha256()
    for name in sorted(os.listdir(c.scenario_dir)):
        trees.update(name.encode()
                     + content(os.path.join(c.scenario_dir, name)).encode())
    for path in (c.scenario, c.abi):
        trees.update(content(path).encode())
    return {'profile': content(c.profile)[:DIGITS],
            'kernel': content(c.image)[:DIGITS],
            'initrd': content(c.initrd)[:DIGITS],
            'qemu': sources(c.qemu)[:DIGITS],
            'image': content(c.file)[:DIGITS],
            'trees': trees.hexdigest()[:DIGITS],
            'bios': bios(c.arch.firmware)}


def sources(qemu):
    """What a QEMU of ours was built from: it is another file on each machine,
    and does the same."""
    folder = os.path.dirname(qemu)
    ours = os.path.join(cache_dir(), 'qemu', 'bin')
    return os.path.basename(folder) if os.path.dirname(folder) == ours else \
        content(qemu)


def bios(folder):
    """What a PC starts with; nothing for other machines."""
    if not folder:
        return ''
    h = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        h.update(name.encode() + content(os.path.join(folder, name)).encode())
    return h.hexdigest()[:DIGITS]


def name(guest):
    return ','.join(f'{k}={v}' for k, v in parts(guest).items() if v)


def same(wanted, guest):
    """Refuse a guest that is made of something else than it was."""
    have = parts(guest)
    for word in wanted.split(','):
        part, _, digits = word.partition('=')
        if part not in WORDS or not digits:
            raise Refused(f"--inputs wants part=digits, as a replay line has "
                          f"it, not '{word}'")
        if have[part] != digits:
            raise Refused(f'this is another {WORDS[part]} '
                          f'({have[part] or "none"}) than the run had '
                          f'({digits})')


_content = {}


def content(path):
    """The hash of a file's bytes, whatever its size and age."""
    if not path:
        return ''
    mark = file_hash(path)
    if mark not in _content:
        with open(path, 'rb') as f:
            _content[mark] = hashlib.sha256(f.read()).hexdigest()
    return _content[mark]
