/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Types out of DWARF: objects, modules and programs of C, C++ or Rust that
 * were compiled with debug information.
 *
 * libdw is given the file as it is.  What it does with a damaged one is
 * outside of our hands, so tools call this inside guard_run().
 */
#ifndef TOOLS_ABI_FROMDWARF_H
#define TOOLS_ABI_FROMDWARF_H

#include "ctype.h"

/**
 * dwarf_types() - read the types that a caller wants
 * @object: an ELF file; relocated if it wants to be.
 * @file:   name for messages.
 *
 * Names of types in namespaces are written "outer::inner".  A struct that
 * several units define alike is read once.
 */
bool dwarf_types(CtDb *db, GBytes *object, const char *file, CtWant want,
                 void *opaque, FwError *err);

#endif /* TOOLS_ABI_FROMDWARF_H */
