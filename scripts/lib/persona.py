# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run has to know of the GPU that it plays, and the firmware that its
driver asks for."""

import os

import initrd
from say import Refused
from trees import cells, compiled, run_tool, told


class Persona:
    """What a run has to know of the GPU that it plays."""

    COMPATIBLE = 'gpumbox,mali-csf-persona'
    device = 'mali-csf'
    # Folder of its family's firmware in /lib/firmware.
    vendor = os.path.join('arm', 'mali')

    def __init__(self, name, dtb, folder, driver):
        self.name = name
        self.dtb = dtb
        self.folder = folder
        self.driver = driver
        self.abi = told(self.dtb, 's', '/', 'default-abi')
        if not self.abi:
            raise Refused(f"'{name}' is no GPU: it has no default-abi")

    def images(self, abi):
        """What goes below /lib/firmware: {name: (profile, bytes)}."""
        profile = abi or compiled(self.abi, self.folder)
        path = os.path.join(self.folder, 'mali_csffw.bin')
        run_tool('gpumbox-fwimage', '--abi', profile, '-o', path)
        return {self.image(): (profile, initrd.read(path))}

    def vendor_images(self, base, abi):
        """What a folder like /lib/firmware has for it: [(name, bytes)]."""
        found = []
        for where, dirs, files in os.walk(os.path.join(base, self.vendor)):
            dirs.sort()
            for f in sorted(files):
                path = os.path.join(where, f)
                found.append((os.path.relpath(path, base), initrd.read(path)))
        return found

    def vendor_abi(self, abi):
        """The profile for images that have none inside; None: the
        device's."""
        return abi

    def image(self):
        """panthor_fw.c: panthor_fw_load()"""
        gpu_id = cells(self.dtb, '/', 'gpu-id') or 0
        return (f'arm/mali/arch{gpu_id >> 28}.'
                f'{gpu_id >> 24 & 15}/mali_csffw.bin')

    def interface(self, abi):
        """What the driver has to find of profile @abi on this GPU: groups,
        streams, registers, scoreboards."""
        def number(name):
            return cells(abi, '/counts', name) or \
                cells(self.dtb, '/csf', name)
        return ':'.join(str(number(name)) for name in (
            'groups', 'streams', 'work-registers', 'scoreboards'))


class Nvidia(Persona):
    """A GPU with a GSP: a set of files for each firmware version."""

    COMPATIBLE = 'gpumbox,nvidia-gsp-persona'
    device = 'nvidia-gsp'
    vendor = 'nvidia'
    NOVA_ABI = 'gsp-r570'

    def __init__(self, *words):
        super().__init__(*words)
        self.chip = told(self.dtb, 's', '/', 'model').split('-')[-1]
        if self.driver == 'nova':
            self.abi = self.NOVA_ABI

    def images(self, abi):
        # As Debian's package has them; nouveau chooses, nova knows one.
        abis = [self.abi] if self.driver == 'nova' else \
            told(self.dtb, 's', '/', 'abis').split()
        found = {}
        for profile in [abi] if abi else \
                [compiled(a, self.folder) for a in abis]:
            folder = self._folder('stub', self._version(profile))
            run_tool('gpumbox-nvimage', '--abi', profile, '--version',
                     self._version(profile), '--signature',
                     self._signature(), '-o', folder,
                     *['--fetcher'] * self._fetches(), *self._fmc())
            for name, data in self._set(folder, profile):
                found[name] = (profile, data)
        return found

    def vendor_images(self, base, abi):
        """Of the versions that are there, that of the profile."""
        folder = os.path.join(base, os.path.dirname(self.image('')))
        if not os.path.isdir(folder):
            return []
        return self._set(folder, self.vendor_abi(abi))

    def vendor_abi(self, abi):
        return abi or compiled(self.abi, self.folder)

    @staticmethod
    def _version(profile):
        return told(profile, 's', '/', 'description').split()[-1]

    def _signature(self):
        """Section of the image's signature, one for each family of chips."""
        return told(self.dtb, 's', '/', 'image-signature')

    def _fetches(self):
        """A Turing: the driver brings what fetches FWSEC."""
        return cells(self.dtb, '/rom', 'fwsec-descriptor') == 2

    def _fmc(self):
        """A chip with an FSP: the form of what the FSP checks."""
        form = [cells(self.dtb, '/fsp', name)
                for name in ('key-bytes', 'signature-bytes')]
        return ['--fmc', '{}:{}'.format(*form)] if all(form) else []

    def _folder(self, *names):
        folder = os.path.join(self.folder, 'nvidia', self.chip, *names)
        os.makedirs(folder, exist_ok=True)
        return folder

    def _set(self, folder, profile):
        """The files of one version that the driver loads: nouveau's, or
        nova's, which are made of those if they are not there."""
        version = self._version(profile)
        if self.driver != 'nova':
            names = [n for n in os.listdir(folder)
                     if n.endswith(f'-{version}.bin')]
        else:
            if not os.path.exists(os.path.join(folder, 'gsp.tlv')):
                made = self._folder('nova', version)
                run_tool('gpumbox-nvimage', '--tlv', folder, '--version',
                         version, '--signature', self._signature(), '-o',
                         made)
                folder = made
            names = [n for n in os.listdir(folder)
                     if n.endswith('.tlv') or n == 'gsp.bin']
        found = [(self.image(n), initrd.read(os.path.join(folder, n)))
                 for n in sorted(names)]
        fetcher = os.path.join(folder, f'gen_bootloader-{version}.bin')
        if not os.path.exists(fetcher):
            fetcher = os.path.join(folder, '..', 'acr', 'bl.bin')
        if self.driver != 'nova' and self._fetches() and \
                os.path.exists(fetcher):
            found.append((self.image('bl.bin', 'acr'), initrd.read(fetcher)))
        return found

    def image(self, name, folder='gsp'):
        """nvkm/core/firmware.c: nvkm_firmware_get()"""
        return f'nvidia/{self.chip}/{folder}/{name}'

    def interface(self, abi):
        return None


def persona(name, folder, driver):
    """The persona that a user named, as it is for @driver."""
    dtb = compiled(name, folder)
    words = told(dtb, 's', '/', 'compatible').split()
    for kind in Persona, Nvidia:
        if kind.COMPATIBLE in words:
            return kind(name, dtb, folder, driver)
    raise Refused(f"'{name}' is no GPU: it is not compatible with "
                  f'{Persona.COMPATIBLE} or {Nvidia.COMPATIBLE}')
