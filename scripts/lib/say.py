# SPDX-License-Identifier: GPL-2.0-or-later
"""How the scripts speak and fail: results on stdout, talk on stderr."""

import os
import sys


class Refused(Exception):
    """Wrong use, or something that the user has to mend: exit status 2."""


def say(text):
    if os.environ.get('GPUMBOX_QUIET') != '1':
        print('gpumbox: ' + text, file=sys.stderr, flush=True)


def root_dir():
    return os.path.dirname(os.path.dirname(os.path.dirname(
        os.path.realpath(__file__))))


def cache_dir():
    base = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.path.join(base, 'gpumbox')
