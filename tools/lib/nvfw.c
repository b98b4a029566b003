/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nvfw.h"

/* struct nvfw_bin_hdr (include/nvfw/fw.h) */
#define BIN_MAGIC 0x10de
#define BIN_HEADER_AT 0x0c
#define BIN_DATA_AT 0x10
#define BIN_DATA_SIZE 0x14

typedef struct File {
    const uint8_t *bytes;
    size_t size;
    const char *name;
    FwError *err;
} File;

static bool __attribute__((format(printf, 2, 3)))
refuse(const File *f, const char *format, ...)
{
    char text[200];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    if (snprintf(f->err->text, sizeof(f->err->text), "%.100s: %s", f->name,
                 text) < 0) {
        f->err->text[0] = '\0';
    }
    return false;
}

static bool inside(size_t at, size_t len, size_t size)
{
    return at <= size && len <= size - at;
}

static uint32_t le32(const uint8_t *p)
{
    return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool word(const File *f, size_t at, uint32_t *value)
{
    if (!inside(at, 4, f->size)) {
        return refuse(f, "ends before offset 0x%zx", at + 4);
    }
    *value = le32(f->bytes + at);
    return true;
}

/* @n words in a row. */
static bool words(const File *f, size_t at, uint32_t *value, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (!word(f, at + 4 * i, &value[i])) {
            return false;
        }
    }
    return true;
}

static bool program(const File *f, uint32_t *header, const uint8_t **blob,
                    uint32_t *size)
{
    uint32_t h[6];

    if (!words(f, 0, h, 6)) {
        return false;
    }
    if (h[0] != BIN_MAGIC) {
        return refuse(f, "begins with 0x%x, %#x expected", h[0], BIN_MAGIC);
    }
    if (!h[BIN_DATA_SIZE / 4] ||
        !inside(h[BIN_DATA_AT / 4], h[BIN_DATA_SIZE / 4], f->size)) {
        return refuse(f, "its program of 0x%x bytes at 0x%x is not in it",
                      h[BIN_DATA_SIZE / 4], h[BIN_DATA_AT / 4]);
    }
    *header = h[BIN_HEADER_AT / 4];
    *blob = f->bytes + h[BIN_DATA_AT / 4];
    *size = h[BIN_DATA_SIZE / 4];
    return true;
}

bool nvfw_loader(NvLoader *out, const uint8_t *file, size_t size,
                 const char *name, FwError *err)
{
    enum { APP = 7, MANIFEST = 8, DATA = 10, CODE = 12, WORDS };
    const File f = { file, size, name, err };
    uint32_t desc[WORDS];
    uint32_t header;

    if (!program(&f, &header, &out->blob, &out->size) ||
        !words(&f, header, desc, WORDS)) {
        return false;
    }
    out->version = desc[APP];
    out->manifest = desc[MANIFEST];
    out->data = desc[DATA];
    out->code = desc[CODE];
    if (out->manifest >= out->size || out->data >= out->size ||
        out->code >= out->size) {
        return refuse(&f, "manifest, data or code are not in its 0x%x bytes",
                      out->size);
    }
    return true;
}

/* struct nvfw_bl_desc; the port takes whole blocks (falcon/gm200.c). */
bool nvfw_fetcher(NvFetcher *out, const uint8_t *file, size_t size,
                  const char *name, FwError *err)
{
    enum { START, CODE = 2, CODE_SIZE, WORDS };
    const File f = { file, size, name, err };
    const uint8_t *blob;
    uint32_t desc[WORDS];
    uint32_t header, len;

    if (!program(&f, &header, &blob, &len) ||
        !words(&f, header, desc, WORDS)) {
        return false;
    }
    out->start = desc[START];
    out->size = desc[CODE_SIZE];
    if (!out->size || out->size % NVFW_BLOCK || out->start > 0xffff ||
        !inside(desc[CODE], out->size, len)) {
        return refuse(&f, "code of 0x%x bytes at 0x%x, to run at block 0x%x, "
                      "is no program of its 0x%x bytes", out->size,
                      desc[CODE], out->start, len);
    }
    out->code = blob + desc[CODE];
    return true;
}

static bool blocks_inside(uint32_t at, uint32_t len, uint32_t size)
{
    uint64_t end = ((uint64_t)len + NVFW_BLOCK - 1) / NVFW_BLOCK * NVFW_BLOCK;

    return at + end <= ((uint64_t)size + NVFW_BLOCK - 1) / NVFW_BLOCK *
                       NVFW_BLOCK;
}

/* Signatures: where they are, how many, where one goes. */
static bool signatures(const File *f, const uint32_t *hs, NvBooter *out)
{
    enum { AT, SIZE, PATCH, PICK, META, META_SIZE, NUMBER };
    uint32_t pick, meta[3];

    if (!word(f, hs[PATCH], &out->patch) || !word(f, hs[PICK], &pick) ||
        !word(f, hs[NUMBER], &out->signatures) ||
        !words(f, hs[META], meta, 3)) {
        return false;
    }
    out->fuse = meta[0];
    out->engine = meta[1];
    out->ucode = meta[2];
    out->signature_size = hs[SIZE];
    if (!out->signatures || !hs[SIZE] || hs[SIZE] % out->signatures ||
        !inside((size_t)hs[AT] + pick, hs[SIZE], f->size)) {
        return refuse(f, "%u signatures in 0x%x bytes at 0x%zx are not in it",
                      out->signatures, hs[SIZE], (size_t)hs[AT] + pick);
    }
    out->signature = f->bytes + hs[AT] + pick;
    return true;
}

bool nvfw_booter(NvBooter *out, const uint8_t *file, size_t size,
                 const char *name, FwError *err)
{
    enum { LOAD_AT = 7, HS_WORDS = 9, LOAD_WORDS = 7 };
    const File f = { file, size, name, err };
    uint32_t hs[HS_WORDS], load[LOAD_WORDS];
    uint32_t header;

    if (!program(&f, &header, &out->blob, &out->size) ||
        !words(&f, header, hs, HS_WORDS) || !signatures(&f, hs, out) ||
        !words(&f, hs[LOAD_AT], load, LOAD_WORDS)) {
        return false;
    }
    if (!load[4]) {
        return refuse(&f, "has no program that is loaded as secure");
    }
    out->code = load[0];
    out->code_size = load[1];
    out->data = load[2];
    out->data_size = load[3];
    out->app = load[5];
    out->app_size = load[6];
    if (!blocks_inside(out->code, out->code_size, out->size) ||
        !blocks_inside(out->data, out->data_size, out->size) ||
        !blocks_inside(out->app, out->app_size, out->size)) {
        return refuse(&f, "a part of its program is not in its 0x%x bytes",
                      out->size);
    }
    if (out->patch < out->data ||
        !inside(out->patch, out->signature_size / out->signatures,
                out->size)) {
        return refuse(&f, "a signature at 0x%x is not in its data",
                      out->patch);
    }
    return true;
}

/* A copy: nothing says that a header is aligned. */
static bool section_header(const File *f, const Elf64_Ehdr *e, unsigned i,
                           Elf64_Shdr *s)
{
    uint64_t at = e->e_shoff;

    if (at > f->size || !inside(at + i * sizeof(*s), sizeof(*s), f->size)) {
        return refuse(f, "its section %u is not in it", i);
    }
    memcpy(s, f->bytes + at + i * sizeof(*s), sizeof(*s));
    return true;
}

static bool named(const File *f, const Elf64_Shdr *names, uint32_t at,
                  const char *name)
{
    size_t len = strlen(name) + 1;

    return names->sh_offset <= f->size &&
           names->sh_size <= f->size - names->sh_offset &&
           inside(at, len, names->sh_size) &&
           !memcmp(f->bytes + names->sh_offset + at, name, len);
}

bool nvfw_section(const uint8_t **out, size_t *len, const char *section,
                  const uint8_t *file, size_t size, const char *name,
                  FwError *err)
{
    const File f = { file, size, name, err };
    Elf64_Shdr names, s;
    Elf64_Ehdr e;

    if (size < sizeof(e)) {
        return refuse(&f, "has %zu bytes, no ELF file", size);
    }
    memcpy(&e, file, sizeof(e));
    if (memcmp(e.e_ident, ELFMAG, SELFMAG) ||
        e.e_ident[EI_CLASS] != ELFCLASS64 ||
        e.e_ident[EI_DATA] != ELFDATA2LSB || e.e_shentsize != sizeof(s)) {
        return refuse(&f, "is no ELF file of 64 bits");
    }
    if (!section_header(&f, &e, e.e_shstrndx, &names)) {
        return false;
    }
    for (unsigned i = 0; i < e.e_shnum; i++) {
        if (!section_header(&f, &e, i, &s)) {
            return false;
        }
        if (!named(&f, &names, s.sh_name, section)) {
            continue;
        }
        if (!s.sh_size || s.sh_offset > size || s.sh_size > size - s.sh_offset) {
            return refuse(&f, "its section '%s' is not in it", section);
        }
        *out = file + s.sh_offset;
        *len = s.sh_size;
        return true;
    }
    return refuse(&f, "has no section '%s'", section);
}

/* gh100.c: elf_header[]. Of the header nothing may be otherwise. */
void nvfw_fmc_header(uint8_t *file)
{
    Elf32_Ehdr e = {
        .e_version = EV_CURRENT,
        .e_shoff = sizeof(Elf32_Ehdr),
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = NVFW_FMC_SECTIONS,
        .e_shstrndx = NVFW_FMC_NAMES,
    };

    memcpy(e.e_ident, ELFMAG, SELFMAG);
    e.e_ident[EI_CLASS] = ELFCLASS32;
    e.e_ident[EI_DATA] = ELFDATA2LSB;
    e.e_ident[EI_VERSION] = EV_CURRENT;
    memcpy(file, &e, sizeof(e));
}

/* gh100.c: elf_section(), and what elf_validate_sections() wants of it. */
static bool fmc_part(const File *f, const char *section, const uint8_t **out,
                     uint32_t *len)
{
    const size_t first = sizeof(Elf32_Ehdr);
    const size_t begin = first + NVFW_FMC_SECTIONS * sizeof(Elf32_Shdr);
    Elf32_Shdr names, s;

    memcpy(&names, f->bytes + first + NVFW_FMC_NAMES * sizeof(s), sizeof(s));
    if (names.sh_type != SHT_STRTAB || names.sh_flags != SHF_STRINGS ||
        names.sh_offset < begin ||
        !inside(names.sh_offset, names.sh_size, f->size)) {
        return refuse(f, "the names of its sections are not in it");
    }
    for (unsigned i = NVFW_FMC_NAMES + 1; i < NVFW_FMC_SECTIONS; i++) {
        memcpy(&s, f->bytes + first + i * sizeof(s), sizeof(s));
        if (!inside(s.sh_name, strlen(section) + 1, names.sh_size) ||
            memcmp(f->bytes + names.sh_offset + s.sh_name, section,
                   strlen(section) + 1)) {
            continue;
        }
        if (s.sh_type != SHT_PROGBITS || s.sh_flags != NVFW_FMC_FLAGS ||
            s.sh_offset < begin || !s.sh_size ||
            !inside(s.sh_offset, s.sh_size, f->size)) {
            return refuse(f, "section '%s' is not as the driver wants it",
                          section);
        }
        *out = f->bytes + s.sh_offset;
        *len = s.sh_size;
        return true;
    }
    return refuse(f, "has no section '%s'", section);
}

bool nvfw_fmc(NvFmc *out, const uint8_t *file, size_t size, const char *name,
              FwError *err)
{
    const File f = { file, size, name, err };
    uint8_t header[sizeof(Elf32_Ehdr)];
    uint32_t hash;

    nvfw_fmc_header(header);
    if (!inside(sizeof(header), NVFW_FMC_SECTIONS * sizeof(Elf32_Shdr),
                size) ||
        memcmp(file, header, sizeof(header))) {
        return refuse(&f, "does not begin as an FMC does");
    }
    if (!fmc_part(&f, "hash", &out->hash, &hash) ||
        !fmc_part(&f, "publickey", &out->key, &out->form.key) ||
        !fmc_part(&f, "signature", &out->signature, &out->form.signature) ||
        !fmc_part(&f, "image", &out->image, &out->size)) {
        return false;
    }
    if (hash != NVFW_FMC_HASH || out->form.key > NVFW_FMC_KEY_MAX ||
        out->form.signature > NVFW_FMC_SIGNATURE_MAX) {
        return refuse(&f, "digest, key or signature have a wrong length");
    }
    return true;
}
