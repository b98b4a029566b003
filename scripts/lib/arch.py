# SPDX-License-Identifier: GPL-2.0-or-later
"""What differs between the architectures that a guest can be of."""

import os
import re
import struct

from say import cache_dir


class Arch:
    """One of them, by the name that QEMU's program has."""

    def __init__(self, name, **facts):
        self.name = name
        # As make calls it, and the first of a .config's lines.
        self.make = None
        self.kconfig = ()
        self.machine = self.cpu = self.console = self.control = None
        # More of QEMU's options for the machine.
        self.qemu = []
        # Of a built tree: the kernel, and the target of make.
        self.image = self.target = None
        # e_machine of a module.
        self.elf = None
        # What the machine's kernel must have built in.
        self.options = []
        # What the machine has in front of a PCI card.
        self.bridge = []
        # What the machine starts with, in the cache.
        self.firmware = None
        self.__dict__.update(facts)

    def __str__(self):
        return self.make

    def words(self):
        """What a replay line says of it."""
        return [] if self is ARM64 else ['--arch', self.name]

    def tool(self, name):
        return f'{self.name}-linux-gnu-{name}'

    def kvm(self):
        """This machine runs guests of it by itself."""
        return os.uname().machine == self.name and \
            os.access('/dev/kvm', os.W_OK)

    def is_image(self, head):
        """The first bytes of a file are those of a kernel."""
        if self is ARM64:
            return head[56:60] == b'ARMd' or head[4:8] == b'zimg'
        return head[0x202:0x206] == b'HdrS'

    def release(self, data):
        """What uname -r will say in a guest with this kernel, or ''."""
        if self is X86_64 and self.is_image(data):
            # Documentation/arch/x86/boot.rst: kernel_version
            at = 0x200 + struct.unpack_from('<H', data, 0x20e)[0]
            return data[at:at + 64].split()[0].decode('ascii', 'replace')
        found = re.search(rb'Linux version ([0-9][^ ]+) ', data)
        return found.group(1).decode() if found else ''

    def no_image(self):
        """Bytes that QEMU takes for a kernel, for a machine that will not
        start one."""
        out = bytearray(4096)
        if self is X86_64:
            # A sector of set-up, protocol 2.06, loaded high.
            out[0x1f1] = 1
            out[0x202:0x208] = b'HdrS\x06\x02'
            out[0x211] = 1
        return bytes(out)


ARM64 = Arch(
    'aarch64', make='arm64', kconfig=('arm64',), machine='virt',
    cpu='cortex-a57', console='ttyAMA0', control='gpumbox-ctl',
    image='arch/arm64/boot/Image', target='Image', elf=b'\xb7\0',
    options=['CONFIG_SERIAL_AMBA_PL011_CONSOLE', 'CONFIG_ARM_GIC',
             'CONFIG_OF', 'CONFIG_DEVMEM'],
    bridge=['CONFIG_PCI_HOST_GENERIC'])
X86_64 = Arch(
    'x86_64', make='x86_64', kconfig=('x86', 'x86_64'), machine='q35',
    cpu='max', console='ttyS0', control='gpumbox-ctl-pci',
    image='arch/x86/boot/bzImage', target='bzImage', elf=b'\x3e\0',
    options=['CONFIG_SERIAL_8250_CONSOLE', 'CONFIG_ACPI', 'CONFIG_PCI_MSI'],
    bridge=['CONFIG_PCIEPORTBUS'],
    # Hot-plug is the port's, as on a PC with PCI Express: where ACPI has it,
    # acpi_pcihp_device_plug_cb() leaves the link of a port down, and a driver
    # cannot reset what is behind it (drivers/pci/pci.c:
    # pci_bridge_wait_for_secondary_bus()).
    qemu=['-global', 'ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'],
    firmware=os.path.join(cache_dir(), 'bios'))


def of(qemu):
    """The architecture that a QEMU emulates, by its name."""
    name = os.path.basename(qemu).removeprefix('qemu-system-')
    return X86_64 if name == X86_64.name else ARM64
