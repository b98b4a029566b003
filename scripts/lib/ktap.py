# SPDX-License-Identifier: GPL-2.0-or-later
"""The guest's TAP as the kernel's own tests write theirs: KTAP version 1, one
subtest for each guest test (Documentation/dev-tools/ktap.rst)."""

import re

from verdict import Tap

# What stands before a comment if it is a test's.
NAME = re.compile(r'^([a-z0-9][a-z0-9-]*): (.*)$')


class Ktap(Tap):
    """Prints each test when it has ended, its comments before the point that
    they are about."""

    def __init__(self, out):
        super().__init__(out)
        self.name = None
        # Of the test under way: [bad, why it was skipped, text, comments].
        self.group = []
        # Comments of a test that has no point yet.
        self.ahead = []
        # Lines that wait for the plan, None once it is out.
        self.early = []
        self.groups = 0

    def _print(self, line):
        point = self.POINT.match(line)
        if point:
            self._add(bool(point.group(1)), point.group(3) or '')
        elif line.startswith('#'):
            self._comment(line[1:].strip())

    def _line(self, line):
        super()._line(line)
        if self.early is not None and self.announced is not None:
            # What came before the tests is one, what the host says another.
            self._plan(self.groups + (self.name is not None)
                       + self.announced + 1)

    def _add(self, bad, text):
        text, skip, why = text.partition(' # SKIP')
        name, _, what = text.partition(': ')
        if name != self.name:
            self._end_group()
            self.name = name
        self.group.append([bad, (why.strip() or 'skipped') if skip else None,
                           what or name, self.ahead])
        self.ahead = []

    def _comment(self, text):
        match = NAME.match(text)
        if match and match.group(1) == self.name and self.group:
            self.group[-1][3].append(match.group(2))
        elif match or not self.group:
            self.ahead.append(match.group(2) if match else text)
        else:
            self.group[-1][3].append(text)

    def _end_group(self):
        if self.name is None:
            return
        self.groups += 1
        lines = ['KTAP version 1', '# Subtest: ' + self.name,
                 f'1..{len(self.group)}']
        for number, (bad, skip, text, comments) in enumerate(self.group, 1):
            lines += ['# ' + c for c in comments]
            lines.append(self._result(bad, number, text, skip))
        skips = [skip for _, skip, _, _ in self.group]
        for line in lines:
            self._write('  ' + line)
        self._write(self._result(any(bad for bad, *_ in self.group),
                                 self.groups, self.name,
                                 skips[0] if all(skips) else None))
        self.name, self.group = None, []

    @staticmethod
    def _result(bad, number, text, skip):
        return (f"{'not ok' if bad else 'ok'} {number} {text}"
                + (f' # SKIP {skip}' if skip else ''))

    def _plan(self, number):
        early, self.early = self.early, None
        for line in ['KTAP version 1', f'1..{number}'] + early:
            self._write(line)

    def _write(self, line):
        if self.early is None:
            super()._print(line)
        else:
            self.early.append(line)

    def close(self):
        """The run has ended, whether it came to its verdict or not."""
        self._end_group()
        if self.early is not None:
            self._plan(self.groups)
        for comment in self.ahead:
            self._write('# ' + comment)
        self.ahead = []
