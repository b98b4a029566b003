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


def build_file(*names):
    """What was built of this checkout."""
    return os.path.join(root_dir(), 'build', *names)


def cache_dir():
    base = os.environ.get('XDG_CACHE_HOME') or os.path.expanduser('~/.cache')
    return os.path.join(base, 'gpumbox')


def end(main, what, advice='', stopped='interrupted', status=3):
    """Run a script's main() and end with its exit status.

    What the user has to mend is one sentence, and 2; @what failed if a file
    is not named, @advice is for that case; @stopped, @status: after Ctrl-C.
    """
    try:
        sys.exit(main(sys.argv[1:]))
    except Refused as refused:
        print(f'gpumbox: {refused}', file=sys.stderr)
        sys.exit(2)
    except OSError as err:
        print(f'gpumbox: {err.filename or what}: {err.strerror}{advice}',
              file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print('gpumbox: ' + stopped, file=sys.stderr)
        sys.exit(status)
