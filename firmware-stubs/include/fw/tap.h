/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tap: the one place that everything crossing a mailbox passes.
 *
 * It has two sides.  "Observe" feeds the trace, the counters and the mailbox
 * log.  "Decide" asks the scenario what to do with the event.  What the trace
 * can show, a scenario can touch.
 */
#ifndef FW_TAP_H
#define FW_TAP_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum FwTapKind - kinds of event
 * @FW_TAP_BOOT:     the coprocessor boots (@a: 1 if an image with a profile).
 * @FW_TAP_HALT:     the firmware is about to report that it halted.
 * @FW_TAP_DOORBELL: a doorbell is looked at (@a: doorbell number).
 * @FW_TAP_REQUEST:  a request of the host is seen (@name; @a: value).
 * @FW_TAP_ACK:      a request is about to be acknowledged (@name; @a: value).
 * @FW_TAP_EVENT:    an unsolicited event goes to the host (@name).
 * @FW_TAP_KICK:     new work is handed to an execution unit (@a: insert,
 *                   @b: extract).
 * @FW_TAP_FAULT:    an execution unit or an address space reports a fault
 *                   (@a: exception code, @b: address or data).
 * @FW_TAP_IRQ:      interrupt lines go up (@name: block; @a: bits).
 * @FW_TAP_RESET:    the device is reset (@name: which reset).
 * @FW_TAP_POWER:    a power or hardware command is about to complete
 *                   (@name; @a: argument).
 * @FW_TAP_WRITE:    the firmware is about to write a whole struct (@name) to
 *                   memory that it shares (@a: address).
 * @FW_TAP_INSTR:    an execution unit is about to execute an instruction
 *                   (@a: the instruction, @b: its address); only shown when a
 *                   scenario has a rule about it.
 * @FW_TAP_NOTE:     a line of a guest test, for the log only.
 * @FW_TAP_KINDS:    number of kinds.
 */
typedef enum FwTapKind {
    FW_TAP_BOOT,
    FW_TAP_HALT,
    FW_TAP_DOORBELL,
    FW_TAP_REQUEST,
    FW_TAP_ACK,
    FW_TAP_EVENT,
    FW_TAP_KICK,
    FW_TAP_FAULT,
    FW_TAP_IRQ,
    FW_TAP_RESET,
    FW_TAP_POWER,
    FW_TAP_WRITE,
    FW_TAP_INSTR,
    FW_TAP_NOTE,
    FW_TAP_KINDS,
} FwTapKind;

/** FW_TAP_ANY - "no group" / "no stream" in an event, "any" in a rule. */
#define FW_TAP_ANY (-1)

/**
 * enum FwPhase - what the driver is doing, as far as the device can tell
 * @FW_PHASE_ANY:       not known; in a rule: any.
 * @FW_PHASE_PROBING:   the firmware has not run yet.
 * @FW_PHASE_RESETTING: a reset of the device is under way.
 * @FW_PHASE_WAKING:    the device has power, the firmware does not run (yet).
 * @FW_PHASE_WORKING:   the firmware runs, and has work.
 * @FW_PHASE_IDLE:      the firmware runs, and has none.
 * @FW_PHASE_ASLEEP:    the device has no power.
 * @FW_PHASES:          number of phases.
 */
typedef enum FwPhase {
    FW_PHASE_ANY,
    FW_PHASE_PROBING,
    FW_PHASE_RESETTING,
    FW_PHASE_WAKING,
    FW_PHASE_WORKING,
    FW_PHASE_IDLE,
    FW_PHASE_ASLEEP,
    FW_PHASES,
} FwPhase;

/**
 * struct FwTapEvent - one thing that crosses the mailbox
 * @kind:   what it is.
 * @name:   static string in the family's terms, e.g. "glb-ping", "csg-state";
 *          never NULL.
 * @group:  group slot or address space, FW_TAP_ANY if it has none.
 * @stream: stream slot, FW_TAP_ANY if it has none.
 * @a:      first value, see @kind.
 * @b:      second value, see @kind.
 * @once:   the one who asks takes the answer and does not ask again (a
 *          hardware command that has begun): a delay is this event's own.
 * @phase:  filled in by the device before the scenario is asked.
 */
typedef struct FwTapEvent {
    FwTapKind kind;
    const char *name;
    int group;
    int stream;
    uint64_t a;
    uint64_t b;
    bool once;
    FwPhase phase;
} FwTapEvent;

/**
 * enum FwAction - what a scenario wants done with an event
 * @FW_PASS:    go on as usual.
 * @FW_DROP:    it does not happen: a request stays unseen, an acknowledgement
 *              or interrupt is withheld, a command never completes.
 * @FW_DELAY:   it happens at FwVerdict.until; the one who asked tries again
 *              then and asks again, unless FwTapEvent.once.
 * @FW_REPLACE: it happens with FwVerdict.value in place of FwTapEvent.a.
 * @FW_FAULT:   a fault happens in its place: exception FwVerdict.value, data
 *              FwVerdict.data.
 * @FW_PRETEND: completion is reported without doing the work.
 * @FW_HANG:    the coprocessor stops answering until it is restarted.
 * @FW_REWRITE: a struct is written with FwVerdict.value in field
 *              FwVerdict.name.
 * @FW_REPEAT:  it happens twice.
 * @FW_STORM:   an interrupt comes FwVerdict.count times more, every
 *              FwVerdict.period.
 * @FW_RAISE:   beside it, FwVerdict.name happens as well.
 * @FW_CRASH:   the coprocessor ends in its fatal state.
 * @FW_RESET:   the device resets itself.
 * @FW_UNPLUG:  the device is gone: reads give ones, writes go nowhere.
 * @FW_ACTIONS: number of actions.
 *
 * The last five are the device's to carry out; to the one who asked they look
 * like FW_PASS.
 */
typedef enum FwAction {
    FW_PASS,
    FW_DROP,
    FW_DELAY,
    FW_REPLACE,
    FW_FAULT,
    FW_PRETEND,
    FW_HANG,
    FW_REWRITE,
    FW_REPEAT,
    FW_STORM,
    FW_RAISE,
    FW_CRASH,
    FW_RESET,
    FW_UNPLUG,
    FW_ACTIONS,
} FwAction;

/** fw_tap_kind_names - kinds as scenarios, logs and traces write them. */
extern const char *const fw_tap_kind_names[FW_TAP_KINDS];

/** fw_action_names - actions, likewise. */
extern const char *const fw_action_names[FW_ACTIONS];

/** fw_phase_names - phases, likewise; the first is no word. */
extern const char *const fw_phase_names[FW_PHASES];

/**
 * struct FwVerdict - answer of the tap
 * @action: what to do.
 * @until:  FW_DELAY: virtual time in ns at which to try again.
 * @value:  FW_REPLACE, FW_FAULT, FW_REWRITE, FW_RAISE: see FwAction.
 * @data:   FW_FAULT, FW_RAISE: further data of the fault.
 * @name:   FW_REWRITE, FW_RAISE; belongs to the scenario.
 * @count:  FW_STORM.
 * @period: FW_STORM, ns.
 * @group:  FW_RAISE: where; FW_TAP_ANY: where the event is.
 * @stream: likewise.
 */
typedef struct FwVerdict {
    FwAction action;
    int64_t until;
    uint64_t value;
    uint64_t data;
    const char *name;
    uint32_t count;
    uint64_t period;
    int group;
    int stream;
} FwVerdict;

#endif /* FW_TAP_H */
