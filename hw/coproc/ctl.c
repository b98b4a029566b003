/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-ctl: how guest tests and the host talk about the run itself.
 *
 * Not part of any GPU. A page of registers through which a guest reads the
 * parameters of the run, ends it with a verdict, asks for a snapshot at a
 * point that it chooses, and loads scenarios. The parameters belong to the
 * QEMU process, not to the machine: a restored guest reads the new ones.
 */
#include "qemu/osdep.h"
#include "hw/core/cpu.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "system/cpus.h"
#include "system/runstate.h"

#include "ctl.h"
#include "tap.h"
#include "trace.h"

REG32(ID, 0x00)
REG32(VERSION, 0x04)
REG32(SNAPSHOT, 0x08)
REG32(EXIT, 0x0c)
REG32(SEED, 0x10)
REG32(GENERATION, 0x14)
REG32(PARAM_LEN, 0x18)
REG32(CMD_STATUS, 0x1c)
REG32(CMD, 0x20)
REG32(FILE_LEN, 0x24)
REG32(FILE_POS, 0x28)
REG32(FILE_DATA, 0x2c)
#define CTL_PARAM_START 0x400
#define CTL_PARAM_MAX (GPUMBOX_CTL_SIZE - CTL_PARAM_START - 1)

/* A file for the guest: firmware that is not in its initrd. */
#define CTL_FILE_MAX (16 << 20)

#define CTL_ID 0x584d4247 /* "GBMX" */

/* A name, not a path: what a guest may load is what the user laid out. */
static bool name_is_plain(const char *name)
{
    return *name && *name != '.' && !strchr(name, '/');
}

static uint32_t load_scenario(GpumboxCtl *s, const char *name)
{
    g_autofree char *path = NULL;
    Error *err = NULL;

    if (!strcmp(name, "none")) {
        gpu_tap_load_all(NULL, &error_abort);
        return 0;
    }
    if (!name_is_plain(name)) {
        return EINVAL;
    }
    if (s->scenario_dir) {
        path = g_strdup_printf("%s/%s.dtb", s->scenario_dir, name);
    }
    if (!gpu_tap_load_all(path ?: name, &err)) {
        warn_report_err(err);
        return ENOENT;
    }
    return 0;
}

static void run_command(GpumboxCtl *s)
{
    char *text = (char *)s->command;

    if (s->command_len == GPUMBOX_CTL_COMMAND_MAX) {
        s->status = E2BIG;
        s->command_len = 0;
        return;
    }
    s->command[s->command_len] = '\0';
    s->command_len = 0;
    if (g_str_has_prefix(text, "scenario ")) {
        s->status = load_scenario(s, text + strlen("scenario "));
    } else if (g_str_has_prefix(text, "log ")) {
        gpu_tap_note_all(text + strlen("log "));
        s->status = 0;
    } else if (!strcmp(text, "power-cycle")) {
        gpu_tap_power_cycle_all();
        s->status = 0;
    } else {
        s->status = ENOSYS;
    }
    trace_gpumbox_ctl_command(text, s->status);
}

/* The next four bytes of the file, zeros behind its end. */
static uint32_t file_word(GpumboxCtl *s)
{
    uint32_t value = 0;

    if (s->file_pos < s->file_len) {
        memcpy(&value, s->file + s->file_pos,
               MIN(s->file_len - s->file_pos, sizeof(value)));
        s->file_pos += sizeof(value);
    }
    return le32_to_cpu(value);
}

static uint64_t ctl_read(void *opaque, hwaddr addr, unsigned size)
{
    GpumboxCtl *s = opaque;
    size_t len = s->params ? strlen(s->params) : 0;

    if (addr >= CTL_PARAM_START) {
        uint32_t value = 0;
        size_t at = addr - CTL_PARAM_START;

        if (at < len) {
            memcpy(&value, s->params + at, MIN(len - at, sizeof(value)));
        }
        return le32_to_cpu(value);
    }
    switch (addr) {
    case A_ID:
        return CTL_ID;
    case A_VERSION:
        return 1;
    case A_SEED:
        return s->seed;
    case A_GENERATION:
        return s->generation;
    case A_PARAM_LEN:
        return len;
    case A_CMD_STATUS:
        return s->status;
    case A_FILE_LEN:
        return s->file_len;
    case A_FILE_POS:
        return s->file_pos;
    case A_FILE_DATA:
        return file_word(s);
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "gpumbox-ctl: read of 0x%" HWADDR_PRIx
                      "\n", addr);
        return 0;
    }
}

/*
 * Nothing after this store shall run, on any CPU: the main loop stops or ends
 * the machine when the host lets it, and a guest that went on until then
 * would do so for a time that the host chooses.
 */
static void stop_cpus(void)
{
    CPUState *cpu;

    CPU_FOREACH(cpu) {
        cpu->stop = true;
        qemu_cpu_kick(cpu);
    }
    cpu_stop_current();
}

static void ctl_write(void *opaque, hwaddr addr, uint64_t value,
                      unsigned size)
{
    GpumboxCtl *s = opaque;

    switch (addr) {
    case A_SNAPSHOT:
        s->snapshot_tag = value;
        trace_gpumbox_ctl_snapshot(value);
        qemu_system_vmstop_request_prepare();
        qemu_system_vmstop_request(RUN_STATE_PAUSED);
        stop_cpus();
        break;
    case A_EXIT:
        trace_gpumbox_ctl_exit(value);
        qemu_system_shutdown_request_with_code(
            SHUTDOWN_CAUSE_GUEST_SHUTDOWN, value & 0xff);
        stop_cpus();
        break;
    case A_FILE_POS:
        s->file_pos = value;
        break;
    case A_CMD:
        if ((value & 0xff) == '\n') {
            run_command(s);
        } else if (s->command_len < GPUMBOX_CTL_COMMAND_MAX) {
            s->command[s->command_len++] = value;
        }
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "gpumbox-ctl: write to 0x%"
                      HWADDR_PRIx "\n", addr);
        break;
    }
}

static const MemoryRegionOps ctl_ops = {
    .read = ctl_read,
    .write = ctl_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .impl = { .min_access_size = 4, .max_access_size = 4 },
    .valid = { .min_access_size = 4, .max_access_size = 4 },
};

static bool read_file(GpumboxCtl *s, Error **errp)
{
    g_autoptr(GError) err = NULL;

    if (!s->file_name) {
        return true;
    }
    if (!g_file_get_contents(s->file_name, &s->file, &s->file_len, &err)) {
        error_setg(errp, "file: %s", err->message);
        return false;
    }
    if (s->file_len > CTL_FILE_MAX) {
        error_setg(errp, "file: longer than %d bytes", CTL_FILE_MAX);
        return false;
    }
    return true;
}

void gpumbox_ctl_unrealize(GpumboxCtl *s)
{
    g_free(s->file);
    s->file = NULL;
}

bool gpumbox_ctl_realize(GpumboxCtl *s, Object *owner, Error **errp)
{
    if (s->params && strlen(s->params) > CTL_PARAM_MAX) {
        error_setg(errp, "params: longer than %d bytes", CTL_PARAM_MAX);
        return false;
    }
    if (!read_file(s, errp)) {
        return false;
    }
    memory_region_init_io(&s->mmio, owner, &ctl_ops, s, "gpumbox-ctl",
                          GPUMBOX_CTL_SIZE);
    return true;
}

void gpumbox_ctl_reset(GpumboxCtl *s)
{
    s->status = 0;
    s->command_len = 0;
    s->file_pos = 0;
}

static bool command_is_sane(void *opaque, int version_id)
{
    return ((GpumboxCtl *)opaque)->command_len <= GPUMBOX_CTL_COMMAND_MAX;
}

const VMStateDescription vmstate_gpumbox_ctl = {
    .name = "gpumbox-ctl-page",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(snapshot_tag, GpumboxCtl),
        VMSTATE_UINT32(status, GpumboxCtl),
        VMSTATE_UINT32(command_len, GpumboxCtl),
        VMSTATE_VALIDATE("command length", command_is_sane),
        VMSTATE_UINT8_ARRAY(command, GpumboxCtl, GPUMBOX_CTL_COMMAND_MAX),
        VMSTATE_UINT32(file_pos, GpumboxCtl),
        VMSTATE_END_OF_LIST()
    },
};

void gpumbox_ctl_init(GpumboxCtl *s, Object *owner)
{
    object_property_add_uint32_ptr(owner, "snapshot-tag", &s->snapshot_tag,
                                   OBJ_PROP_FLAG_READ);
}
