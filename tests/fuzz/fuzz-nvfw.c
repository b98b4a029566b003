/* SPDX-License-Identifier: GPL-2.0-or-later */
/* NVIDIA's firmware files from anywhere: what is found lies in the file. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nvfw.h"

static void need(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool inside(const uint8_t *data, size_t size, const uint8_t *p,
                   size_t len)
{
    return p >= data && len && len <= size &&
           (size_t)(p - data) <= size - len;
}

static void refused(const FwError *err)
{
    need(!strncmp(err->text, "f: ", 3));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FwError err = { "" };
    const uint8_t *p;
    NvLoader l;
    NvFetcher t;
    NvBooter b;
    NvFmc m;
    size_t len;

    if (nvfw_loader(&l, data, size, "f", &err)) {
        need(inside(data, size, l.blob, l.size));
        need(l.code < l.size && l.data < l.size && l.manifest < l.size);
    } else {
        refused(&err);
    }
    if (nvfw_fetcher(&t, data, size, "f", &err)) {
        need(inside(data, size, t.code, t.size));
        need(t.start <= 0xffff && t.size % NVFW_BLOCK == 0);
    } else {
        refused(&err);
    }
    if (nvfw_booter(&b, data, size, "f", &err)) {
        need(inside(data, size, b.blob, b.size));
        need(inside(data, size, b.signature, b.signature_size));
        need(b.signatures && b.patch >= b.data && b.patch < b.size);
        need(b.code <= b.size + NVFW_BLOCK && b.app <= b.size + NVFW_BLOCK);
    } else {
        refused(&err);
    }
    if (nvfw_fmc(&m, data, size, "f", &err)) {
        need(inside(data, size, m.image, m.size));
        need(inside(data, size, m.hash, NVFW_FMC_HASH));
        need(inside(data, size, m.key, m.form.key) &&
             m.form.key <= NVFW_FMC_KEY_MAX);
        need(inside(data, size, m.signature, m.form.signature) &&
             m.form.signature <= NVFW_FMC_SIGNATURE_MAX);
    } else {
        refused(&err);
    }
    if (nvfw_section(&p, &len, ".fwimage", data, size, "f", &err)) {
        need(inside(data, size, p, len));
    } else {
        refused(&err);
    }
    return 0;
}
