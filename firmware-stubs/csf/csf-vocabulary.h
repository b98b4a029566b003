/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that scenarios for a CSF GPU may use: docs/scenarios.md lists them.
 */
#ifndef CSF_VOCABULARY_H
#define CSF_VOCABULARY_H

#include "fw/scenario.h"

/** csf_vocabulary - for fw_scenario_load(). */
extern const FwVocabulary csf_vocabulary;

/**
 * csf_raise_names - what can be raised
 *
 * Events of the firmware (csf_raise()), a fault of an address space or of the
 * GPU, a number for LATEST_FLUSH_ID, bits of an interrupt block.
 */
#define CSF_NR_RAISE 15
extern const char *const csf_raise_names[CSF_NR_RAISE + 1];

#endif /* CSF_VOCABULARY_H */
