# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run amounts to: the guest's TAP and its kernel log, judged."""

import re

# Lines after which the guest cannot be trusted any more: exit status 3.
FATAL = re.compile(
    r'Kernel panic|Internal error: |Oops[: ]|BUG: |kernel BUG at|'
    r'Unable to handle kernel|self-detected stall|detected stalls on|'
    r'blocked for more than \d+ seconds|KASAN: |unhandled exception')

# Lines that make a run fail if no test announced them.
WARNING = re.compile(
    r'WARNING: |UBSAN: |refcount_t: |KCSAN: |KMSAN: |UAF|'
    r'(?i:(?:panthor|tyr|nouveau|nova-core|nova-drm)\b.*(?:error|warn|\bfailed\b))')

# The guest's own marks, and lines that only quote.
MARK = re.compile(r'gpumbox: (begin|expect|end) ?(.*)$')
STAMP = re.compile(r'^(?:\[ *\d+\.\d+\](?:\[[^\]]*\])? )?')

CLASSES = {'[:digit:]': '0-9', '[:xdigit:]': '0-9a-fA-F',
           '[:space:]': r'\s', '[:alpha:]': 'a-zA-Z',
           '[:alnum:]': '0-9a-zA-Z'}


def posix_regex(text):
    """A POSIX extended expression as Python understands it."""
    for name, chars in CLASSES.items():
        text = text.replace(name, chars)
    try:
        return re.compile(text)
    except re.error:
        return re.compile(re.escape(text))


class KernelLog:
    """Reads the console line by line and keeps what must not be there."""

    def __init__(self):
        self.lines = 0
        self.all = []
        self.heard = 0
        self.tail = []
        self.test = None
        self.expected = []
        self.fatal = []
        self.warnings = []
        self.rest = ''

    def feed(self, text):
        text = self.rest + text
        *lines, self.rest = text.split('\n')
        for line in lines:
            self._line(line.rstrip('\r'))

    def end(self):
        if self.rest:
            self._line(self.rest)
            self.rest = ''

    def own(self):
        """The lines of this run, without what a snapshot had said before."""
        return self.all[self.heard:]

    def _line(self, line):
        self.lines += 1
        self.all.append(line)
        self.tail = self.tail[-59:] + [line]
        mark = MARK.search(line)
        if mark:
            what, arg = mark.groups()
            if what == 'begin':
                self.test, self.expected = arg, []
            elif what == 'expect':
                self.expected.append(posix_regex(arg))
            else:
                self.test, self.expected = None, []
            return
        text = STAMP.sub('', line)
        if text.startswith('gpumbox: ') or \
                any(e.search(text) for e in self.expected):
            return
        where = f' (in test {self.test})' if self.test else ''
        if FATAL.search(text):
            self.fatal.append(line + where)
        elif WARNING.search(text):
            self.warnings.append(line + where)


class Points:
    """The points of one guest test."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        # Of the first that failed, or of a skipped one.
        self.reason = ''

    def verdict(self):
        if self.failed:
            return 'fail'
        return 'pass' if self.passed or not self.skipped else 'skip'


class Tap:
    """Reads the guest's TAP; the plan is kept back so that the host can add
    its own point about the kernel log."""

    POINT = re.compile(r'^(not )?ok (\d+)(?: - (.*))?$')
    PLAN = re.compile(r'^1\.\.(\d+)')
    VERDICT = re.compile(r'^# gpumbox: verdict (pass|fail)$')
    TESTS = re.compile(r'^# gpumbox: tests (\d+)$')

    def __init__(self, out=None):
        self.out = out
        self.points = 0
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []
        self.plan = None
        self.verdict = None
        # Tests that are to come, when the guest has said so.
        self.announced = None
        self.rest = ''
        self.comments = []
        # By name, in the order in which they came.
        self.tests = {}

    def feed(self, text):
        text = self.rest + text
        *lines, self.rest = text.split('\n')
        for line in lines:
            self._line(line.rstrip('\r'))

    def end(self):
        if self.rest:
            self._line(self.rest)
            self.rest = ''

    def _print(self, line):
        if self.out:
            print(line, file=self.out, flush=True)

    def _line(self, line):
        verdict = self.VERDICT.match(line)
        plan = self.PLAN.match(line)
        point = self.POINT.match(line)
        tests = self.TESTS.match(line)
        if tests:
            self.announced = int(tests.group(1))
            return
        if verdict:
            self.verdict = verdict.group(1)
            return
        if plan:
            self.plan = int(plan.group(1))
            return
        if point:
            self._count(bool(point.group(1)), point.group(3) or '')
        elif line.startswith('#'):
            self.comments.append(line[1:].strip())
        self._print(line)

    def _count(self, bad, text):
        self.points += 1
        name, _, what = text.partition(': ')
        test = self.tests.setdefault(name, Points())
        if '# SKIP' in text:
            self.skipped += 1
            test.skipped += 1
            test.reason = test.reason or text.split('# SKIP', 1)[1].strip()
        elif bad:
            self.failed += 1
            self.failures.append(text)
            test.reason = what if not test.failed else test.reason
            test.failed += 1
        else:
            self.passed += 1
            test.passed += 1

    def add(self, good, text, comments=()):
        """A point of the host's own."""
        self._count(not good, text)
        self._print(f"{'ok' if good else 'not ok'} {self.points} - {text}")
        for comment in comments:
            self._print('# ' + comment)

    def finish(self):
        self._print(f'1..{self.points}')

    def sound(self):
        """All of the guest's points have come."""
        return self.verdict is not None and self.plan is not None
