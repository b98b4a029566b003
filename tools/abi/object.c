/* SPDX-License-Identifier: GPL-2.0-or-later */
#define _GNU_SOURCE
#include <elf.h>
#include <lzma.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "file.h"
#include "object.h"
#include "say.h"

/* What the unpacker may use beside its output. */
#define UNPACK_MEMORY (256u * 1024 * 1024)

static const uint8_t xz_magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
static const uint8_t gz_magic[] = { 0x1f, 0x8b };
static const uint8_t zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

static bool begins(GBytes *b, const void *magic, size_t len)
{
    gsize size;
    const void *data = g_bytes_get_data(b, &size);

    return size >= len && !memcmp(data, magic, len);
}

static const char *lzma_says(lzma_ret ret)
{
    switch (ret) {
    case LZMA_MEM_ERROR:
    case LZMA_MEMLIMIT_ERROR:
        return "wants too much memory";
    case LZMA_FORMAT_ERROR:
    case LZMA_OPTIONS_ERROR:
        return "of a form that is not known";
    default:
        return "damaged or cut off";
    }
}

static GBytes *unpack_xz(GBytes *packed, size_t max, const char *file,
                         FwError *err)
{
    lzma_stream xz = LZMA_STREAM_INIT;
    g_autoptr(GByteArray) out = g_byte_array_new();
    gsize size;
    const void *data = g_bytes_get_data(packed, &size);
    lzma_ret ret = lzma_stream_decoder(&xz, UNPACK_MEMORY, LZMA_CONCATENATED);

    xz.next_in = data;
    xz.avail_in = size;
    while (ret == LZMA_OK) {
        guint8 chunk[65536];

        xz.next_out = chunk;
        xz.avail_out = sizeof(chunk);
        ret = lzma_code(&xz, LZMA_FINISH);
        if (out->len + (sizeof(chunk) - xz.avail_out) > max) {
            lzma_end(&xz);
            abi_fail(err, file, "unpacks to more than %zu bytes", max);
            return NULL;
        }
        g_byte_array_append(out, chunk, sizeof(chunk) - xz.avail_out);
    }
    lzma_end(&xz);
    if (ret != LZMA_STREAM_END) {
        abi_fail(err, file, "packed with xz, but %s", lzma_says(ret));
        return NULL;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

GBytes *object_unpack(GBytes *packed, size_t max, const char *file,
                      FwError *err)
{
    if (begins(packed, xz_magic, sizeof(xz_magic))) {
        return unpack_xz(packed, max, file, err);
    }
    if (begins(packed, gz_magic, sizeof(gz_magic)) ||
        begins(packed, zstd_magic, sizeof(zstd_magic))) {
        abi_fail(err, file, "packed with something other than xz: unpack it "
                 "and give that file");
        return NULL;
    }
    return g_bytes_ref(packed);
}

GBytes *object_read(const char *path, FwError *err)
{
    g_autoptr(GBytes) packed = NULL;
    size_t size;
    uint8_t *data = read_file(path, OBJECT_MAX, &size, err);

    if (!data) {
        return NULL;
    }
    packed = g_bytes_new_with_free_func(data, size, free, data);
    return object_unpack(packed, OBJECT_MAX, path, err);
}

bool object_is_elf(GBytes *object)
{
    static const uint8_t ident[] = {
        ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
    };

    return begins(object, ident, sizeof(ident)) &&
           g_bytes_get_size(object) >= sizeof(Elf64_Ehdr);
}

/* Section @index of a table that may be anywhere and of any length. */
static bool section_header(GBytes *object, const Elf64_Ehdr *eh,
                           unsigned index, Elf64_Shdr *sh)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(object, &size);
    uint64_t at = (uint64_t)index * sizeof(*sh);

    if (eh->e_shoff > size || at > size - eh->e_shoff ||
        size - eh->e_shoff - at < sizeof(*sh)) {
        return false;
    }
    memcpy(sh, data + eh->e_shoff + at, sizeof(*sh));
    return sh->sh_type == SHT_NOBITS ||
           (sh->sh_offset <= size && sh->sh_size <= size - sh->sh_offset);
}

GBytes *object_section(GBytes *object, const char *name)
{
    const uint8_t *data = g_bytes_get_data(object, NULL);
    Elf64_Shdr names, sh;
    Elf64_Ehdr eh;

    if (!object_is_elf(object)) {
        return NULL;
    }
    memcpy(&eh, data, sizeof(eh));
    if (eh.e_shentsize != sizeof(sh) ||
        !section_header(object, &eh, eh.e_shstrndx, &names) ||
        names.sh_type == SHT_NOBITS) {
        return NULL;
    }
    for (unsigned i = 0; i < eh.e_shnum; i++) {
        size_t len = strlen(name) + 1;

        if (section_header(object, &eh, i, &sh) &&
            sh.sh_type != SHT_NOBITS && sh.sh_name < names.sh_size &&
            names.sh_size - sh.sh_name >= len &&
            !memcmp(data + names.sh_offset + sh.sh_name, name, len)) {
            return g_bytes_new_from_bytes(object, sh.sh_offset, sh.sh_size);
        }
    }
    return NULL;
}

bool object_write(int fd, const void *data, size_t size)
{
    const char *p = data;

    while (size) {
        ssize_t n = write(fd, p, size);

        if (n <= 0) {
            return false;
        }
        p += n;
        size -= n;
    }
    return true;
}

int object_file(GBytes *object)
{
    gsize size;
    const void *data = g_bytes_get_data(object, &size);
    int fd = memfd_create("object", MFD_CLOEXEC);

    if (fd >= 0 && !object_write(fd, data, size)) {
        close(fd);
        return -1;
    }
    return fd;
}
