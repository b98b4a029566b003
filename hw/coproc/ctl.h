/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page of the control device, on whatever bus it is: gpumbox-ctl on a
 * platform bus, gpumbox-ctl-pci where there is none.
 */
#ifndef HW_COPROC_CTL_H
#define HW_COPROC_CTL_H

#include "exec/memory.h"
#include "hw/qdev-properties.h"

#define GPUMBOX_CTL_SIZE 0x1000
#define GPUMBOX_CTL_COMMAND_MAX 256

/**
 * struct GpumboxCtl - the page and what stands behind it
 * @mmio: the page, GPUMBOX_CTL_SIZE bytes, for the bus to map.
 * @params: what the guest is told about this run; as all properties, of this
 *          process and not of the machine.
 * @scenario_dir: folder of the scenarios that the guest may load.
 * @file_name: a file for the guest.
 * @seed: of this run.
 * @generation: how often the machine has been restored.
 * @file: content of @file_name.
 * @file_len: its length in bytes.
 * @file_pos: where the guest reads it, in bytes.
 * @snapshot_tag: what the guest gave its last request for a snapshot.
 * @status: errno value of the last command.
 * @command_len: bytes of @command that the guest has written so far.
 * @command: a command that has not come to its end.
 */
typedef struct GpumboxCtl {
    MemoryRegion mmio;

    /* properties, of this process */
    char *params;
    char *scenario_dir;
    char *file_name;
    uint32_t seed;
    uint32_t generation;
    char *file;
    gsize file_len;

    /* state */
    uint32_t file_pos;
    uint32_t snapshot_tag;
    uint32_t status;
    uint32_t command_len;
    uint8_t command[GPUMBOX_CTL_COMMAND_MAX];
} GpumboxCtl;

/* The properties of a device @_state that has a GpumboxCtl in @_field. */
#define DEFINE_GPUMBOX_CTL_PROPERTIES(_state, _field) \
    DEFINE_PROP_STRING("params", _state, _field.params), \
    DEFINE_PROP_STRING("scenario-dir", _state, _field.scenario_dir), \
    DEFINE_PROP_STRING("file", _state, _field.file_name), \
    DEFINE_PROP_UINT32("seed", _state, _field.seed, 0), \
    DEFINE_PROP_UINT32("generation", _state, _field.generation, 0)

extern const VMStateDescription vmstate_gpumbox_ctl;

/** gpumbox_ctl_init() - add the properties that a monitor reads to @owner */
void gpumbox_ctl_init(GpumboxCtl *s, Object *owner);

/**
 * gpumbox_ctl_realize() - check the properties and make the page
 * Returns false, with @errp set, if the user gave what cannot be.
 */
bool gpumbox_ctl_realize(GpumboxCtl *s, Object *owner, Error **errp);
void gpumbox_ctl_unrealize(GpumboxCtl *s);
void gpumbox_ctl_reset(GpumboxCtl *s);

#endif /* HW_COPROC_CTL_H */
