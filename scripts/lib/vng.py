# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's command line, made by somebody else, with a GPU added to it."""

import hashlib
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True

import initrd                                            # noqa: E402
from guest import forget_old                             # noqa: E402
from machine import quote                                # noqa: E402
from persona import Nvidia, persona                      # noqa: E402
from say import Refused, build_file, cache_dir, root_dir  # noqa: E402
from trees import compiled                               # noqa: E402


def split(words):
    """(the GPU, QEMU's words); QEMU has no option --gpu."""
    if '--gpu' not in words:
        return 'mali-g610', words
    at = words.index('--gpu')
    if at + 1 == len(words):
        raise Refused('--gpu wants a name (scripts/qemu --help tells more)')
    return words[at + 1], words[:at] + words[at + 2:]


def share(files, base):
    """A folder with these files, {path: (bytes, mode)}; one that was made
    before, if it is of the same things."""
    h = hashlib.sha256()
    for path, (data, mode) in sorted(files.items()):
        h.update(f'{path} {mode} {len(data)}\0'.encode() + data)
    folder = os.path.join(base, h.hexdigest()[:20])
    if not os.path.exists(folder):
        new = tempfile.mkdtemp(prefix='.new-', dir=base)
        os.chmod(new, 0o755)
        for path, (data, mode) in files.items():
            path = os.path.join(new, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'wb') as f:
                f.write(data)
            os.chmod(path, mode)
        try:
            os.rename(new, folder)
        except OSError:
            # Another run was faster with the same one.
            shutil.rmtree(new)
    os.utime(folder)
    return folder


def devices(gpu):
    """The GPU, the control device and the guest's folder."""
    base = os.path.join(cache_dir(), 'shares')
    os.makedirs(base, exist_ok=True)
    forget_old(base)
    with tempfile.TemporaryDirectory() as work:
        p = persona(gpu, work, None)
        interface = p.interface(compiled(p.abi, work))
        files = {'firmware/' + name: (data, 0o644)
                 for name, (_, data) in p.images(None).items()}
    for name, path in (
            ('gpumbox-guest', build_file('guest-tests',
                                         'gpumbox-guest-aarch64')),
            ('run', os.path.join(root_dir(), 'guest-tests', 'run'))):
        files[name] = (initrd.read(path), 0o755)
    params = f'time=real gpu={gpu}'
    if interface:
        params += f' csif={interface}'
    out = ['-L', build_file('dts'), '-device',
           f'gpumbox-ctl,id=ctl,params={params},scenario-dir='
           + quote(build_file('dts', 'gpumbox'))]
    device = f'{p.device},id=gpu0,persona={quote(gpu)}'
    if isinstance(p, Nvidia):
        out += ['-device', 'pcie-root-port,id=gpuport']
        device += ',bus=gpuport'
    return out + ['-device', device, '-fsdev', 'local,id=gpumbox,readonly=on,'
                  'security_model=none,path=' + quote(share(files, base)),
                  '-device', 'virtio-9p-device,fsdev=gpumbox,'
                  'mount_tag=gpumbox']


def main(qemu, *words):
    try:
        gpu, words = split(list(words))
        # What only asks QEMU for something has no machine.
        more = devices(gpu) if '-kernel' in words else []
    except Refused as refused:
        print(f'gpumbox: {refused}', file=sys.stderr)
        return 2
    os.execv(qemu, [qemu, *words, *more])


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
