# SPDX-License-Identifier: GPL-2.0-or-later
"""What a PC's kernel is in memory: its file has it packed, as an ELF."""

import lzma
import struct
import subprocess
import zlib

PT_LOAD = 1
# Addresses of the kernel's own text and data, not of data for each CPU.
KERNEL = 0xffffffff80000000


def payload(data):
    """Documentation/arch/x86/boot.rst: setup_sects, payload_offset,
    payload_length."""
    start = (data[0x1f1] + 1) * 512
    offset, length = struct.unpack_from('<II', data, 0x248)
    return data[start + offset:start + offset + length]


def unpacked(data):
    """The ELF; None if it is packed in a way that we do not know.  Its length
    stands behind it."""
    if data.startswith(b'\x28\xb5\x2f\xfd'):
        return subprocess.run(['zstd', '-dcq'], input=data,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL).stdout
    if data.startswith(b'\xfd7zXZ'):
        return lzma.LZMADecompressor().decompress(data)
    if data.startswith(b'\x1f\x8b'):
        return zlib.decompressobj(31).decompress(data)
    return None


def memory(data):
    """The bytes from _text on, as they are before the kernel starts; None if
    they cannot be had."""
    elf = unpacked(payload(data))
    if not elf or elf[:4] != b'\x7fELF':
        return None
    at = struct.unpack_from('<Q', elf, 32)[0]
    parts = []
    for i in range(struct.unpack_from('<H', elf, 56)[0]):
        kind, _, offset, address, _, size = struct.unpack_from(
            '<IIQQQQ', elf, at + 56 * i)
        if kind == PT_LOAD and address >= KERNEL:
            parts.append((address, elf[offset:offset + size]))
    if not parts:
        return None
    base = min(address for address, _ in parts)
    out = bytearray(max(a + len(part) for a, part in parts) - base)
    for address, part in parts:
        out[address - base:address - base + len(part)] = part
    return bytes(out)
