/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gpumbox-nvimage: makes the set of files that nouveau loads for the GSP, with
 * an ABI profile inside; and makes nova-core's set of nouveau's, ours or the
 * vendor's.
 *
 * Containers: nouveau, nvkm/subdev/gsp/r535.c (7.3: rm/r535/gsp.c) for the ELF
 * file and the bootloader, ga102.c for booter, fwsec.c for what fetches FWSEC,
 * gh100.c for FMC, include/nvfw/{fw,hs}.h for the headers; nova-core, for the
 * tags, firmware/{gsp,riscv,booter,fsp}.rs and firmware/fwsec/bootloader.rs.
 * Code and data are filler: the device compares, copies and checks them, and
 * never executes any.
 */
#include <elf.h>
#include <getopt.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "gsp.h"
#include "nvfw.h"
#include "tlv.h"

#define EXIT_USE 2

/* The vendor's image has 64 MB. */
#define SET_FILE_MAX (256u << 20)

#define BIN_MAGIC 0x10de
#define BIN_HEADER 0x18
#define SIGNATURE 384
#define IMAGE_SIGNATURE 4096
#define BLOCK 256u
#define IMAGE_PAGE 4096u

/* The image: a boot block on its own page, then the profile. */
#define PROFILE_AT IMAGE_PAGE

static void put32(uint8_t *p, uint32_t v)
{
    for (unsigned i = 0; i < 4; i++) {
        p[i] = v >> (8 * i);
    }
}

static size_t up(size_t size, size_t to)
{
    return (size + to - 1) / to * to;
}

static void fill(uint8_t *p, size_t size, uint32_t seed)
{
    for (size_t i = 0; i < size; i++) {
        seed = seed * 1664525 + 1013904223;
        p[i] = seed >> 24 | 1;
    }
}

static bool save(const char *folder, const char *name, const char *version,
                 const uint8_t *bytes, size_t size, FwError *err)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s-%s.bin", folder, name, version);
    return write_file(path, bytes, size, err);
}

/* struct nvfw_bin_hdr */
static void bin_header(uint8_t *p, size_t size, uint32_t header,
                       uint32_t data, uint32_t data_size)
{
    put32(p + 0x00, BIN_MAGIC);
    put32(p + 0x04, 1);
    put32(p + 0x08, size);
    put32(p + 0x0c, header);
    put32(p + 0x10, data);
    put32(p + 0x14, data_size);
}

/* RM_RISCV_UCODE_DESC: of its fields the driver uses four. */
static bool make_bootloader(const char *folder, const char *version,
                            FwError *err)
{
    enum { DESC = BIN_HEADER, DATA = 0x100, CODE = 0x1000, SIZE = 0x2000 };
    static uint8_t b[DATA + SIZE];

    memset(b, 0, sizeof(b));
    bin_header(b, sizeof(b), DESC, DATA, SIZE);
    put32(b + DESC + 0x00, 5);
    put32(b + DESC + 0x1c, 0);          /* appVersion */
    put32(b + DESC + 0x20, 0);          /* manifestOffset */
    put32(b + DESC + 0x24, 0x800);
    put32(b + DESC + 0x28, 0x800);      /* monitorDataOffset */
    put32(b + DESC + 0x2c, 0x800);
    put32(b + DESC + 0x30, CODE);       /* monitorCodeOffset */
    put32(b + DESC + 0x34, SIZE - CODE);
    fill(b + DATA, SIZE, 3);
    return save(folder, "bootloader", version, b, sizeof(b), err);
}

/* struct nvfw_bl_desc; it runs where it is loaded: at the end of 64 KiB. */
static bool make_fetcher(const char *folder, const char *version, FwError *err)
{
    enum { DESC = BIN_HEADER, DATA = 0x40, SIZE = 0x300 };
    static uint8_t b[DATA + SIZE];

    memset(b, 0, sizeof(b));
    bin_header(b, sizeof(b), DESC, DATA, SIZE);
    put32(b + DESC + 0x00, (0x10000 - SIZE) / BLOCK);
    put32(b + DESC + 0x0c, SIZE);
    fill(b + DATA, SIZE, 5);
    return save(folder, "gen_bootloader", version, b, sizeof(b), err);
}

/* struct nvfw_hs_header_v2, nvfw_hs_load_header_v2; engine 1 is SEC2. */
static bool make_booter(const char *folder, const char *name,
                        const char *version, uint32_t seed, FwError *err)
{
    enum {
        HS = BIN_HEADER, SIG = 0x40, LOC = SIG + SIGNATURE, PICK = LOC + 4,
        META = PICK + 4, NUM = META + 12, LOAD = NUM + 4, DATA = 0x200,
        CODE = 0x400, APP = 0x100, MEM = 0x400, PATCH = 0x100,
        SIZE = CODE + MEM
    };
    static uint8_t b[DATA + SIZE];

    _Static_assert(LOAD + 28 <= DATA, "headers overlap the program");
    memset(b, 0, sizeof(b));
    bin_header(b, sizeof(b), HS, DATA, SIZE);
    put32(b + HS + 0x00, SIG);
    put32(b + HS + 0x04, SIGNATURE);
    put32(b + HS + 0x08, LOC);
    put32(b + HS + 0x0c, PICK);
    put32(b + HS + 0x10, META);
    put32(b + HS + 0x14, 12);
    put32(b + HS + 0x18, NUM);
    put32(b + HS + 0x1c, LOAD);
    put32(b + HS + 0x20, 28);
    fill(b + SIG, SIGNATURE, seed);
    put32(b + LOC, CODE + PATCH);
    put32(b + PICK, 0);
    put32(b + META + 0, 1);             /* fuse version */
    put32(b + META + 4, 1);             /* engine */
    put32(b + META + 8, 3);             /* ucode */
    put32(b + NUM, 1);
    put32(b + LOAD + 0x00, 0);
    put32(b + LOAD + 0x04, APP);
    put32(b + LOAD + 0x08, CODE);
    put32(b + LOAD + 0x0c, MEM);
    put32(b + LOAD + 0x10, 1);
    put32(b + LOAD + 0x14, APP);
    put32(b + LOAD + 0x18, CODE - APP);
    fill(b + DATA, SIZE, seed + 1);
    return save(folder, name, version, b, sizeof(b), err);
}

static uint32_t crc32(const uint8_t *p, size_t size)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < size; i++) {
        crc ^= p[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
        }
    }
    return ~crc;
}

/* How the file's sections begin and end is checked, and their CRC. */
static void fmc_section(uint8_t *file, unsigned i, uint32_t name, uint32_t at,
                        uint32_t size)
{
    Elf32_Shdr *s = (Elf32_Shdr *)(file + sizeof(Elf32_Ehdr)) + i;

    *s = (Elf32_Shdr) {
        .sh_name = name,
        .sh_type = i == NVFW_FMC_NAMES ? SHT_STRTAB : SHT_PROGBITS,
        .sh_flags = i == NVFW_FMC_NAMES ? SHF_STRINGS : NVFW_FMC_FLAGS,
        .sh_offset = at,
        .sh_size = size,
        .sh_info = crc32(file + at, size),
    };
}

/* The first program on a GSP that an FSP boots. */
static bool make_fmc(const char *folder, const char *version,
                     const NvForm *form, FwError *err)
{
    static const char names[] = "\0.shstrtab\0hash\0publickey\0signature\0"
                                "image";
    enum {
        NAMES = sizeof(Elf32_Ehdr) + NVFW_FMC_SECTIONS * sizeof(Elf32_Shdr),
        HASH = NAMES + sizeof(names), KEY = HASH + NVFW_FMC_HASH,
        SIGN = KEY + NVFW_FMC_KEY_MAX, IMAGE = SIGN + NVFW_FMC_SIGNATURE_MAX,
        SIZE = 0x2000
    };
    static uint8_t b[IMAGE + SIZE];
    gsize len = NVFW_FMC_HASH;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA384);

    memset(b, 0, sizeof(b));
    nvfw_fmc_header(b);
    memcpy(b + NAMES, names, sizeof(names));
    fill(b + KEY, form->key, 17);
    b[KEY] = 4;                         /* a point, both coordinates */
    fill(b + SIGN, form->signature, 19);
    put32(b + IMAGE + 0x00, GSP_FMC_MAGIC);
    put32(b + IMAGE + 0x04, GSP_FMC_FORMAT);
    put32(b + IMAGE + 0x08, SIZE);
    fill(b + IMAGE + 0x10, SIZE - 0x10, 23);
    g_checksum_update(sum, b + IMAGE, SIZE);
    g_checksum_get_digest(sum, b + HASH, &len);
    g_checksum_free(sum);
    fmc_section(b, NVFW_FMC_NAMES, 1, NAMES, sizeof(names));
    fmc_section(b, 2, 11, HASH, NVFW_FMC_HASH);
    fmc_section(b, 3, 16, KEY, form->key);
    fmc_section(b, 4, 26, SIGN, form->signature);
    fmc_section(b, 5, 36, IMAGE, SIZE);
    return save(folder, "fmc", version, b, sizeof(b), err);
}

/* Sections are looked up by name; nothing else of the ELF file is read. */
static bool make_gsp(const char *folder, const char *version,
                     const char *section, const uint8_t *profile, size_t size,
                     FwError *err)
{
    char names[128];
    size_t image = up(PROFILE_AT + size, IMAGE_PAGE);
    size_t at_signature = 1 + sizeof(".fwimage");
    size_t at_names = at_signature + strlen(section) + 1;
    size_t names_size = at_names + sizeof(".shstrtab");
    size_t image_at = IMAGE_PAGE;
    size_t names_at = image_at + image + IMAGE_SIGNATURE;
    size_t headers_at = up(names_at + names_size, 8);
    size_t total = headers_at + 4 * sizeof(Elf64_Shdr);
    uint8_t *b = calloc(1, total);
    Elf64_Ehdr *e = (Elf64_Ehdr *)b;
    Elf64_Shdr *s;
    bool ok;

    if (!b || names_size > sizeof(names)) {
        snprintf(err->text, sizeof(err->text), "no memory");
        free(b);
        return false;
    }
    memset(names, 0, sizeof(names));
    strcpy(names + 1, ".fwimage");
    strcpy(names + at_signature, section);
    strcpy(names + at_names, ".shstrtab");

    memcpy(e->e_ident, ELFMAG, SELFMAG);
    e->e_ident[EI_CLASS] = ELFCLASS64;
    e->e_ident[EI_DATA] = ELFDATA2LSB;
    e->e_ident[EI_VERSION] = EV_CURRENT;
    e->e_type = ET_EXEC;
    e->e_machine = EM_RISCV;
    e->e_version = EV_CURRENT;
    e->e_shoff = headers_at;
    e->e_ehsize = sizeof(*e);
    e->e_shentsize = sizeof(*s);
    e->e_shnum = 4;
    e->e_shstrndx = 3;

    put32(b + image_at, GSP_BOOT_MAGIC);
    put32(b + image_at + 4, GSP_BOOT_FORMAT);
    put32(b + image_at + 8, PROFILE_AT);
    put32(b + image_at + 12, size);
    memcpy(b + image_at + PROFILE_AT, profile, size);
    fill(b + image_at + image, IMAGE_SIGNATURE, 7);
    memcpy(b + names_at, names, names_size);

    s = (Elf64_Shdr *)(b + headers_at);
    s[1] = (Elf64_Shdr) { .sh_name = 1, .sh_type = SHT_PROGBITS,
                          .sh_offset = image_at, .sh_size = image };
    s[2] = (Elf64_Shdr) { .sh_name = at_signature, .sh_type = SHT_PROGBITS,
                          .sh_offset = image_at + image,
                          .sh_size = IMAGE_SIGNATURE };
    s[3] = (Elf64_Shdr) { .sh_name = at_names, .sh_type = SHT_STRTAB,
                          .sh_offset = names_at, .sh_size = names_size };
    ok = save(folder, "gsp", version, b, total, err);
    free(b);
    return ok;
}

/* ---- nova-core's set ---- */

static bool in_set(const char *set, const char *name, const char *version)
{
    char path[4096];

    snprintf(path, sizeof(path), "%s/%s-%s.bin", set, name, version);
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

static uint8_t *from_set(const char *set, const char *name,
                         const char *version, char *path, size_t room,
                         size_t *size, FwError *err)
{
    snprintf(path, room, "%s/%s-%s.bin", set, name, version);
    return read_file(path, SET_FILE_MAX, size, err);
}

static bool save_tlv(Tlv *t, const char *folder, const char *name,
                     FwError *err)
{
    char path[4096];
    bool ok = false;

    snprintf(path, sizeof(path), "%s/%s.tlv", folder, name);
    if (t->failed) {
        snprintf(err->text, sizeof(err->text), "no memory");
    } else {
        ok = write_file(path, t->bytes, t->size, err);
    }
    free(t->bytes);
    return ok;
}

static bool convert_gsp(const char *set, const char *version,
                        const char *section, const char *folder, FwError *err)
{
    const uint8_t *image, *signature;
    size_t size, image_size, signature_size;
    char path[4096], to[4096];
    uint8_t *file = from_set(set, "gsp", version, path, sizeof(path), &size,
                             err);
    bool ok = false;
    Tlv t;

    if (file &&
        nvfw_section(&image, &image_size, ".fwimage", file, size, path,
                     err) &&
        nvfw_section(&signature, &signature_size, section, file, size, path,
                     err)) {
        snprintf(to, sizeof(to), "%s/gsp.bin", folder);
        tlv_start(&t, version);
        tlv_u32(&t, "SIZE", image_size);
        tlv_text(&t, "FILE", "gsp.bin");
        tlv_bytes(&t, "SIGN", signature, signature_size);
        ok = save_tlv(&t, folder, "gsp", err) &&
             write_file(to, image, image_size, err);
    }
    free(file);
    return ok;
}

static bool convert_bootloader(const char *set, const char *version,
                               const char *folder, FwError *err)
{
    char path[4096];
    size_t size;
    uint8_t *file = from_set(set, "bootloader", version, path, sizeof(path),
                             &size, err);
    NvLoader b;
    bool ok = false;
    Tlv t;

    if (file && nvfw_loader(&b, file, size, path, err)) {
        tlv_start(&t, version);
        tlv_u32(&t, "CDOF", b.code);
        tlv_u32(&t, "DAOF", b.data);
        tlv_u32(&t, "MFOF", b.manifest);
        tlv_u32(&t, "APPV", b.version);
        tlv_bytes(&t, "BLOB", b.blob, b.size);
        ok = save_tlv(&t, folder, "gsp_bootloader", err);
    }
    free(file);
    return ok;
}

static bool convert_fmc(const char *set, const char *version,
                        const char *folder, FwError *err)
{
    char path[4096];
    size_t size;
    uint8_t *file = from_set(set, "fmc", version, path, sizeof(path), &size,
                             err);
    bool ok = false;
    NvFmc m;
    Tlv t;

    if (file && nvfw_fmc(&m, file, size, path, err)) {
        tlv_start(&t, version);
        tlv_bytes(&t, "HASH", m.hash, NVFW_FMC_HASH);
        tlv_bytes(&t, "PKEY", m.key, m.form.key);
        tlv_bytes(&t, "SIGN", m.signature, m.form.signature);
        tlv_bytes(&t, "BLOB", m.image, m.size);
        ok = save_tlv(&t, folder, "fmc", err);
    }
    free(file);
    return ok;
}

/* Only some chips' sets have it. */
static bool convert_fetcher(const char *set, const char *version,
                            const char *folder, FwError *err)
{
    char path[4096];
    size_t size;
    uint8_t *file = from_set(set, "gen_bootloader", version, path,
                             sizeof(path), &size, err);
    bool ok = false;
    NvFetcher b;
    Tlv t;

    if (file && nvfw_fetcher(&b, file, size, path, err)) {
        tlv_start(&t, version);
        tlv_u32(&t, "CDSZ", b.size);
        tlv_u32(&t, "STRT", b.start);
        tlv_bytes(&t, "BLOB", b.code, b.size);
        ok = save_tlv(&t, folder, "gen_bootloader", err);
    }
    free(file);
    return ok;
}

static bool convert_booter(const char *set, const char *name,
                           const char *version, const char *folder,
                           FwError *err)
{
    char path[4096];
    size_t size;
    uint8_t *file = from_set(set, name, version, path, sizeof(path), &size,
                             err);
    NvBooter b;
    bool ok = false;
    Tlv t;

    if (file && nvfw_booter(&b, file, size, path, err)) {
        tlv_start(&t, version);
        tlv_u32(&t, "DAOF", b.data);
        tlv_u32(&t, "DASZ", b.data_size);
        tlv_u32(&t, "CDOF", b.code);
        tlv_u32(&t, "CDSZ", b.code_size);
        tlv_u32(&t, "PLOC", b.patch);
        tlv_u32(&t, "FUSE", b.fuse);
        tlv_u32(&t, "ENID", b.engine);
        tlv_u32(&t, "UCID", b.ucode);
        tlv_u32(&t, "A0CO", b.app);
        tlv_u32(&t, "A0CS", b.app_size);
        tlv_u32(&t, "NSIG", b.signatures);
        tlv_bytes(&t, "SIGN", b.signature, b.signature_size);
        tlv_bytes(&t, "BLOB", b.blob, b.size);
        ok = save_tlv(&t, folder, name, err);
    }
    free(file);
    return ok;
}

static void usage(FILE *to)
{
    fputs("usage: gpumbox-nvimage --abi PROFILE.dtb --version V -o FOLDER\n"
          "                       [--signature SECTION] [--fetcher]\n"
          "                       [--fmc KEY:SIGNATURE]\n"
          "       gpumbox-nvimage --tlv SET --version V -o FOLDER\n"
          "                       [--signature SECTION]\n"
          "\n"
          "Writes FOLDER/{gsp,bootloader,booter_load,booter_unload}-V.bin, or\n"
          "makes of those in folder SET what nova-core loads:\n"
          "FOLDER/{gsp,gsp_bootloader,booter_load,booter_unload}.tlv and\n"
          "gsp.bin; with --fetcher, or if it is there, gen_bootloader too.\n"
          "With --fmc, or if it is there, fmc in place of booter_*.\n"
          "\n"
          "  --abi PROFILE.dtb    ABI profile that the image carries\n"
          "  --tlv SET            our files, or the vendor's\n"
          "  --version V          as the driver asks for it: 535.113.01,\n"
          "                       570.144\n"
          "  -o FOLDER            an existing folder\n"
          "  --signature SECTION  chip's (default .fwsignature_ga10x)\n"
          "  --fetcher            for a Turing: what fetches FWSEC\n"
          "  --fmc KEY:SIGNATURE  for a chip with an FSP: bytes of FMC's public\n"
          "                       key and of its signature, 97:96\n", to);
}

static bool make_set(const char *abi, const char *version,
                     const char *section, bool fetcher, const NvForm *fmc,
                     const char *folder, FwError *err)
{
    static FwLayout layout;
    size_t size;
    uint8_t *profile = read_file(abi, FW_PROFILE_MAX, &size, err);
    bool ok = profile &&
              fw_layout_load(&layout, &gsp_layout_spec, profile, size, abi,
                             err) &&
              gsp_layout_check(&layout, abi, err) &&
              make_bootloader(folder, version, err) &&
              (!fetcher || make_fetcher(folder, version, err)) &&
              (fmc->key ? make_fmc(folder, version, fmc, err)
                        : make_booter(folder, "booter_load", version, 11,
                                      err) &&
                          make_booter(folder, "booter_unload", version, 13,
                                      err)) &&
              make_gsp(folder, version, section, profile, size, err);

    free(profile);
    return ok;
}

static bool convert_set(const char *set, const char *version,
                        const char *section, const char *folder, FwError *err)
{
    return convert_bootloader(set, version, folder, err) &&
           (!in_set(set, "gen_bootloader", version) ||
            convert_fetcher(set, version, folder, err)) &&
           (in_set(set, "fmc", version)
            ? convert_fmc(set, version, folder, err)
            : convert_booter(set, "booter_load", version, folder, err) &&
              convert_booter(set, "booter_unload", version, folder, err)) &&
           convert_gsp(set, version, section, folder, err);
}

static bool parse_form(const char *text, NvForm *form)
{
    char end;

    return sscanf(text, "%u:%u%c", &form->key, &form->signature, &end) == 2 &&
           form->key && form->key <= NVFW_FMC_KEY_MAX &&
           form->signature && form->signature <= NVFW_FMC_SIGNATURE_MAX;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "abi", required_argument, NULL, 'a' },
        { "tlv", required_argument, NULL, 't' },
        { "version", required_argument, NULL, 'v' },
        { "signature", required_argument, NULL, 's' },
        { "fetcher", no_argument, NULL, 'f' },
        { "fmc", required_argument, NULL, 'm' },
        { "help", no_argument, NULL, 'h' },
        { 0 }
    };
    const char *abi = NULL, *set = NULL, *version = NULL, *folder = NULL;
    const char *section = ".fwsignature_ga10x";
    NvForm fmc = { 0 };
    bool fetcher = false;
    FwError err = { { 0 } };
    int c;

    while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
        switch (c) {
        case 'a':
            abi = optarg;
            break;
        case 't':
            set = optarg;
            break;
        case 'v':
            version = optarg;
            break;
        case 's':
            section = optarg;
            break;
        case 'f':
            fetcher = true;
            break;
        case 'm':
            if (!parse_form(optarg, &fmc)) {
                usage(stderr);
                return EXIT_USE;
            }
            break;
        case 'o':
            folder = optarg;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return EXIT_USE;
        }
    }
    if (!abi == !set || !version || !folder || optind != argc) {
        usage(stderr);
        return EXIT_USE;
    }
    if (!(abi ? make_set(abi, version, section, fetcher, &fmc, folder, &err)
              : convert_set(set, version, section, folder, &err))) {
        fprintf(stderr, "gpumbox-nvimage: %s\n", err.text);
        return 1;
    }
    return 0;
}
