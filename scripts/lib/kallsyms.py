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
                return at, tokens, start + 2 * TOKENS
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


def places(data, after, names):
    """Where symbols are, from the start of the Image on."""
    for at in (after, up(after)):
        offsets = struct.unpack_from(f'<{len(names)}i', data, at)
        if at + offsets[0] == 0:
            # Since 6.16 each is relative to its own place.
            return [at + 4 * i + o for i, o in enumerate(offsets)]
    after = up(after)
    base = struct.unpack_from('<Q', data, up(after + 4 * len(names)))[0]
    if base >> 48 != 0xffff:
        return None
    # On x86-64 before 6.15 what is positive is data of each CPU
    # (CONFIG_KALLSYMS_ABSOLUTE_PERCPU).
    absolute = min(offsets) < 0
    where = [base - 1 - o if o < 0 else o if absolute else base + o
             for o in offsets]
    start = next(w for w, name in zip(where, names) if name[1:] == b'_text')
    return [w - start for w in where]


def symbols(data):
    """[(offset in the running Image, type, name)] of an Image as it is in
    memory, None if it has no kallsyms, or in a form that we do not know."""
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
    where = names and places(data, after, names)
    return where and [(w, chr(n[0]), n[1:].decode('ascii', 'replace'))
                      for w, n in zip(where, names)]


# Aliases of what has a better name, and marks of the assembler.
NOT_A_NAME = ('__pi_', '__efistub_', '$', '.L', '__kstrtab', '__ksymtab')


def elf(symbols, code, end, machine):
    """An ELF file that has nothing but symbols: (address, type, name); code:
    pair of addresses that instructions are between, end: of everything;
    machine: its number."""
    kept = sorted(s for s in symbols if not s[2].startswith(NOT_A_NAME)
                  and code[0] <= s[0] < end)
    strings, table = bytearray(b'\0'), bytearray(24)
    size, later = [], end
    for i in range(len(kept) - 1, -1, -1):
        if i + 1 < len(kept) and kept[i + 1][0] > kept[i][0]:
            later = kept[i + 1][0]
        size.append(later - kept[i][0])
    for (address, kind, name), length in zip(kept, reversed(size)):
        function = kind in 'tTwW'
        table += struct.pack('<IBBHQQ', len(strings),
                             1 << 4 | (2 if function else 1), 0,
                             1 if address < code[1] else 2, address, length)
        strings += name.encode() + b'\0'
    names = b'\0.text\0.symtab\0.strtab\0.shstrtab\0.data\0'
    at_strings = 64 + len(table)
    at_names = at_strings + len(strings)
    at_sections = up(at_names + len(names))
    sections = [
        (0,) * 10,
        (1, 8, 6, code[0], 0, code[1] - code[0], 0, 0, 4, 0),
        (33, 8, 3, code[1], 0, end - code[1], 0, 0, 8, 0),
        (7, 2, 0, 0, 64, len(table), 4, 1, 8, 24),
        (15, 3, 0, 0, at_strings, len(strings), 0, 0, 1, 0),
        (23, 3, 0, 0, at_names, len(names), 0, 0, 1, 0),
    ]
    out = bytearray(b'\x7fELF\2\1\1' + bytes(9))
    out += struct.pack('<HHIQQQIHHHHHH', 2, machine, 1, 0, 0, at_sections,
                       0, 64, 0, 0, 64, len(sections), 5)
    out += table + strings + names
    out += bytes(at_sections - len(out))
    for s in sections:
        out += struct.pack('<IIQQQQIIQQ', *s)
    return bytes(out)
