# SPDX-License-Identifier: GPL-2.0-or-later
"""Many guests, as many at once as there are CPUs."""

import os
from concurrent.futures import ThreadPoolExecutor

JOBS = max(1, min(8, os.cpu_count() or 1))


def each(play, tasks, jobs=JOBS):
    """Pairs (task, play(task)) in the order of the tasks."""
    with ThreadPoolExecutor(jobs) as pool:
        futures = [(task, pool.submit(play, task)) for task in tasks]
        try:
            for task, future in futures:
                yield task, future.result()
        except BaseException:
            for _, future in futures:
                future.cancel()
            raise
