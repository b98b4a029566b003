/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names that scenarios for a GPU behind GSP-RM may use.
 */
#ifndef GSP_VOCABULARY_H
#define GSP_VOCABULARY_H

#include "fw/scenario.h"

/** gsp_vocabulary - for fw_scenario_load(). */
extern const FwVocabulary gsp_vocabulary;

#endif /* GSP_VOCABULARY_H */
