/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_ABI_GUARD_H
#define TOOLS_ABI_GUARD_H

/**
 * guard_run() - do a tool's work where it can die alone
 * @tool: name for messages.
 * @work: the work; its result is the exit status.
 *
 * Debug information is read by libraries that were not made for hostile
 * files.  The work runs in a process of its own, with an end to the time that
 * it may take; if it dies, that is one sentence and exit status 2.
 */
int guard_run(const char *tool, int (*work)(void *opaque), void *opaque);

#endif /* TOOLS_ABI_GUARD_H */
