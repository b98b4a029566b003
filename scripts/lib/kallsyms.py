# SPDX-License-Identifier: GPL-2.0-or-later
"""Symbols of a kernel that nobody kept debug information of: its Image has
them for its own use (kernel/kallsyms.c), and gdb takes them as an ELF file."""

import re
import struct

# Of the tables' order, which scripts/kallsyms.c of the kernel decides: names,
# markers, tokens, token index, and since 6.4 offsets and their base.
DIGITS = b''.join(bytes([c, 0]) for c in range(ord('0'), ord('9') + 1))
TOKENS = 256
MARK = 256                      # names from one marker to the next
ALIGN = 8

EM_AARCH64 = 183
SHN_ABS = 0xfff1


def up(n, to=ALIGN):
    return (n + to - 1) // to * to


def u32s(data, at, count):
    return struct.unpack_from(f'<{count}I', data, at)


def find_tokens(data):
    """(offset of the table, its strings, offset of what follows)."""
    for found in re.finditer(re.escape(DIGITS), data):
        # The digits stand for themselves, at their places in the table.
        at = found.start()
        for _ in range(ord('0')):
            at = data.rfind(b'\0', 0, at - 1) + 1
        at_end, tokens = at, []
        for _ in range(TOKENS):
            end = data.index(b'\0', at_end)
            tokens.append(data[at_end:end])
            at_end = end + 1
        index = up(at_end)
        want, place = [], 0
        for t in tokens:
            want.append(place)
            place += len(t) + 1
        for start in (index, up(at_end, 4), up(at_end, 2)):
            if list(struct.unpack_from(f'<{TOKENS}H', data, start)) == want:
                return at, tokens, up(start + 2 * TOKENS)
    return None


def names_of(data, at, count, tokens):
    """The names from an offset on, and where they end."""
    out = []
    for _ in range(count):
        size = data[at]
        at += 1
        if size & 0x80:
            size = size & 0x7f | data[at] << 7
            at += 1
        if not size or at + size > len(data):
            return None, at
        out.append(b''.join(tokens[b] for b in data[at:at + size]))
        at += size
    return out, at


def markers_before(data, table):
    """Offset and values of the markers that end where the tokens begin."""
    at = table
    while at > table - ALIGN and data[at - 4:at] == b'\0\0\0\0':
        at -= 4
    values = []
    while True:
        value = u32s(data, at - 4, 1)[0]
        if values and value >= values[-1]:
            return None
        values.append(value)
        at -= 4
        if value == 0:
            return at, values[::-1]


def names_before(data, start, last, count_of):
    """Names that end where their markers start; the last marker is given."""
    least, most, tokens = count_of
    for at in range((start - last - MARK * 200) & ~3, start - last, 4):
        count = u32s(data, at, 1)[0]
        if least <= count <= most:
            for first in {at + 4, up(at + 4)}:
                names, end = names_of(data, first, count, tokens)
                if names and start - ALIGN < end <= start:
                    return names
    return None


def places(data, after, count):
    """Where symbols are, from the start of the Image on."""
    offsets = struct.unpack_from(f'<{count}i', data, after)
    if after + offsets[0] == 0:
        # Since 6.16 each is relative to its own place.
        return [after + 4 * i + o for i, o in enumerate(offsets)]
    base = struct.unpack_from('<Q', data, up(after + 4 * count))[0]
    if base >> 48 != 0xffff:
        return None
    where = [base + o if o >= 0 else base - 1 - o for o in offsets]
    return [w - where[0] for w in where]


def symbols(data):
    """[(offset in the running Image, type, name)] of an arm64 Image, None if
    it has no kallsyms, or in a form that we do not know."""
    found = find_tokens(data)
    if not found:
        return None
    table, tokens, after = found
    marks = markers_before(data, table)
    if not marks:
        return None
    start, values = marks
    names = names_before(data, start, values[-1], (
        (len(values) - 1) * MARK + 1, len(values) * MARK, tokens))
    where = names and places(data, after, len(names))
    return where and [(w, chr(n[0]), n[1:].decode('ascii', 'replace'))
                      for w, n in zip(where, names)]


def elf(symbols, text, size):
    """An ELF file that has nothing but symbols: (address, type, name); text,
    size: where code is."""
    strings, table = bytearray(b'\0'), bytearray(24)
    ordered = sorted(symbols)
    for i, (address, kind, name) in enumerate(ordered):
        code = kind in 'tTwW'
        length = 0
        for later, _, _ in ordered[i + 1:i + 64]:
            if later > address:
                length = later - address
                break
        inside = text <= address < text + size
        info = (1 if kind in 'TDBRVW' else 0) << 4 | (2 if code else 1)
        table += struct.pack('<IBBHQQ', len(strings), info, 0,
                             1 if inside else SHN_ABS, address, length)
        strings += name.encode() + b'\0'
    local = 1
    names = b'\0.text\0.symtab\0.strtab\0.shstrtab\0'
    head = 64
    at_table = head
    at_strings = at_table + len(table)
    at_names = at_strings + len(strings)
    at_sections = up(at_names + len(names))
    sections = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (1, 8, 6, text, 0, size, 0, 0, 4, 0),
        (7, 2, 0, 0, at_table, len(table), 3, local, 8, 24),
        (15, 3, 0, 0, at_strings, len(strings), 0, 0, 1, 0),
        (23, 3, 0, 0, at_names, len(names), 0, 0, 1, 0),
    ]
    out = bytearray(b'\x7fELF\2\1\1' + bytes(9))
    out += struct.pack('<HHIQQQIHHHHHH', 2, EM_AARCH64, 1, 0, 0, at_sections,
                       0, 64, 0, 0, 64, len(sections), 4)
    out += table + strings + names
    out += bytes(at_sections - len(out))
    for s in sections:
        out += struct.pack('<IIQQQQIIQQ', *s)
    return bytes(out)
