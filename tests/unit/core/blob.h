/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests of what reads device trees: take a good blob, change one thing.
 */
#ifndef TESTS_BLOB_H
#define TESTS_BLOB_H

#include <glib.h>

#define BLOB_MAX (128 * 1024)

/** struct Blob - a device tree that can be changed in place. */
typedef struct Blob {
    guint64 fdt[BLOB_MAX / 8];
} Blob;

/** blob_load() - @name.dtb of the build's dts folder. */
void blob_load(Blob *b, const char *name);

/**
 * blob_edit() - one change, told as text
 *
 * "/path prop = 0x1 2"   set property to cells
 * "/path prop = 'text'"  set property to a string
 * "/path prop : n"       set property to n zero bytes
 * "/path -prop"          delete property
 * "/path +name"          add node
 * "/path -"              delete node
 */
void blob_edit(Blob *b, const char *edit);

/** blob_size() - bytes of the blob in its final form. */
gsize blob_size(Blob *b);

/** assert_says() - both strings are shown if @text lacks @part. */
void assert_says(const char *text, const char *part);

#endif /* TESTS_BLOB_H */
