/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <string.h>
#include <unistd.h>

#include "fromdwarf.h"
#include "object.h"
#include "say.h"

/* Most types that one import may hold, most entries that are looked at. */
#define TYPES_MAX 200000
#define ENTRIES_MAX 50000000
#define DEPTH_MAX 64
#define DIMENSIONS_MAX 8

typedef struct Pending {
    Dwarf_Die die;
    CtType *type;
} Pending;

typedef struct Level {
    Dwarf_Die die;
    const char *prefix;     /* of the names at this level */
} Level;

typedef struct Reader {
    CtDb *db;
    GHashTable *by_die;     /* Dwarf_Die.addr -> CtType */
    GArray *todo;           /* Pending */
    GHashTable *named;      /* name -> GPtrArray of CtType, to find equals */
    CtWant want;
    void *opaque;
    uint64_t entries;
    unsigned address_size;
    const char *file;
    FwError *err;
} Reader;

static bool get_number(Dwarf_Die *die, unsigned name, uint64_t *value)
{
    Dwarf_Attribute attr;
    Dwarf_Sword s;
    Dwarf_Word u;

    if (!dwarf_attr(die, name, &attr)) {
        return false;
    }
    switch (dwarf_whatform(&attr)) {
    case DW_FORM_sdata:
    case DW_FORM_implicit_const:
        if (dwarf_formsdata(&attr, &s)) {
            return false;
        }
        *value = s;
        return true;
    default:
        if (dwarf_formudata(&attr, &u)) {
            return false;
        }
        *value = u;
        return true;
    }
}

static bool is_declaration(Dwarf_Die *die)
{
    Dwarf_Attribute attr;
    bool flag = false;

    return dwarf_attr(die, DW_AT_declaration, &attr) &&
           !dwarf_formflag(&attr, &flag) && flag;
}

static CtKind kind_of(Dwarf_Die *die)
{
    switch (dwarf_tag(die)) {
    case DW_TAG_base_type:
    case DW_TAG_pointer_type:
    case DW_TAG_reference_type:
    case DW_TAG_rvalue_reference_type:
        return CT_SCALAR;
    case DW_TAG_enumeration_type:
        return is_declaration(die) ? CT_OPAQUE : CT_ENUM;
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
        return is_declaration(die) ? CT_OPAQUE : CT_STRUCT;
    case DW_TAG_union_type:
        return is_declaration(die) ? CT_OPAQUE : CT_UNION;
    case DW_TAG_array_type:
        return CT_ARRAY;
    case DW_TAG_typedef:
    case DW_TAG_const_type:
    case DW_TAG_volatile_type:
    case DW_TAG_restrict_type:
    case DW_TAG_atomic_type:
        return CT_ALIAS;
    default:
        return CT_OPAQUE;
    }
}

/* The CtType of an entry; one that is new is filled later. */
static CtType *type_of(Reader *r, Dwarf_Die *die)
{
    CtType *t = g_hash_table_lookup(r->by_die, die->addr);
    uint64_t size = 0;
    Pending p;

    if (t) {
        return t;
    }
    if (!get_number(die, DW_AT_byte_size, &size) &&
        kind_of(die) == CT_SCALAR) {
        size = r->address_size;
    }
    t = ct_add(r->db, kind_of(die), dwarf_diename(die), size);
    if (t->kind == CT_ARRAY || t->kind == CT_ALIAS || t->kind == CT_OPAQUE) {
        t->size = 0;
    }
    g_hash_table_insert(r->by_die, die->addr, t);
    p.die = *die;
    p.type = t;
    g_array_append_val(r->todo, p);
    return t;
}

/* What an entry's DW_AT_type names; NULL is void. */
static CtType *type_at(Reader *r, Dwarf_Die *die)
{
    Dwarf_Attribute attr;
    Dwarf_Die type;

    if (!dwarf_attr(die, DW_AT_type, &attr) ||
        !dwarf_formref_die(&attr, &type)) {
        return NULL;
    }
    return type_of(r, &type);
}

/* Bytes from the start of the aggregate, as old compilers put it too. */
static bool member_location(Dwarf_Die *die, uint64_t *bytes)
{
    Dwarf_Attribute attr;
    Dwarf_Op *op;
    size_t n;

    if (get_number(die, DW_AT_data_member_location, bytes)) {
        return true;
    }
    if (!dwarf_attr(die, DW_AT_data_member_location, &attr)) {
        *bytes = 0;
        return true;
    }
    if (dwarf_getlocation(&attr, &op, &n) || n != 1 ||
        op->atom != DW_OP_plus_uconst) {
        return false;
    }
    *bytes = op->number;
    return true;
}

static void add_member(Reader *r, CtType *c, Dwarf_Die *die, uint64_t *tag)
{
    CtType *type = type_at(r, die);
    uint64_t bits = 0, bit = 0, bytes, offset, size;
    CtMember *m;

    if (!type || !member_location(die, &bytes) || bytes > UINT32_MAX) {
        return;
    }
    bit = bytes * 8;
    if (get_number(die, DW_AT_bit_size, &bits)) {
        if (get_number(die, DW_AT_data_bit_offset, &offset)) {
            bit += offset;
        } else if (get_number(die, DW_AT_bit_offset, &offset)) {
            /* Counted from the other end, as on a big-endian machine. */
            if (!get_number(die, DW_AT_byte_size, &size)) {
                size = ct_size(type);
            }
            bit += size * 8 - offset - bits;
        }
        if (bits > 64 || bit > (uint64_t)UINT32_MAX * 8) {
            return;
        }
    }
    m = ct_member(r->db, c, dwarf_diename(die), type, bit, bits);
    if (tag) {
        m->has_tag = true;
        m->tag = *tag;
    }
}

/* The next entry; what a damaged file says about siblings may go in circles. */
static bool next_sibling(Reader *r, Dwarf_Die *die)
{
    Dwarf_Die next;

    if (++r->entries > ENTRIES_MAX || dwarf_siblingof(die, &next) ||
        next.cu != die->cu || next.addr <= die->addr) {
        return false;
    }
    *die = next;
    return true;
}

/*
 * A Rust enum: one union for all variants, and a selector unless the variants
 * are told apart by what cannot be in another's place.
 */
static void add_variants(Reader *r, CtType *c, Dwarf_Die *part)
{
    CtType *u = ct_add(r->db, CT_UNION, NULL, c->size);
    Dwarf_Attribute attr;
    Dwarf_Die die;

    if (dwarf_attr(part, DW_AT_discr, &attr) &&
        dwarf_formref_die(&attr, &die)) {
        const char *name = dwarf_diename(&die);
        CtType *type = type_at(r, &die);
        uint64_t bytes;

        if (type && member_location(&die, &bytes) && bytes <= UINT32_MAX) {
            u->selector = ct_string(r->db, name ? name : "variant");
            ct_member(r->db, c, u->selector, type, bytes * 8, 0);
        }
    }
    if (!dwarf_child(part, &die)) {
        do {
            Dwarf_Die member;
            uint64_t tag;
            bool has_tag;

            if (dwarf_tag(&die) != DW_TAG_variant) {
                continue;
            }
            has_tag = get_number(&die, DW_AT_discr_value, &tag);
            if (dwarf_child(&die, &member)) {
                continue;
            }
            do {
                if (dwarf_tag(&member) == DW_TAG_member) {
                    add_member(r, u, &member, has_tag ? &tag : NULL);
                }
            } while (next_sibling(r, &member));
        } while (next_sibling(r, &die));
    }
    ct_member(r->db, c, "", u, 0, 0);
}

static void fill_aggregate(Reader *r, CtType *c, Dwarf_Die *die)
{
    Dwarf_Die child;

    if (dwarf_child(die, &child)) {
        return;
    }
    do {
        switch (dwarf_tag(&child)) {
        case DW_TAG_member:
        case DW_TAG_inheritance:
            add_member(r, c, &child, NULL);
            break;
        case DW_TAG_variant_part:
            add_variants(r, c, &child);
            break;
        default:
            break;
        }
    } while (next_sibling(r, &child));
}

static void fill_enum(Reader *r, CtType *c, Dwarf_Die *die)
{
    Dwarf_Die child;

    if (dwarf_child(die, &child)) {
        return;
    }
    do {
        uint64_t value;

        if (dwarf_tag(&child) == DW_TAG_enumerator &&
            get_number(&child, DW_AT_const_value, &value)) {
            ct_value(r->db, c, dwarf_diename(&child), value);
        }
    } while (next_sibling(r, &child));
}

/* Each dimension is an array of the next one. */
static void fill_array(Reader *r, CtType *c, Dwarf_Die *die)
{
    CtType *element = type_at(r, die);
    unsigned n = 0;
    Dwarf_Die child;

    c->target = element;
    if (dwarf_child(die, &child)) {
        return;
    }
    do {
        uint64_t count = 0;
        uint64_t last;

        if (dwarf_tag(&child) != DW_TAG_subrange_type) {
            continue;
        }
        if (++n > DIMENSIONS_MAX) {
            c->target = NULL;
            return;
        }
        if (!get_number(&child, DW_AT_count, &count) &&
            get_number(&child, DW_AT_upper_bound, &last)) {
            count = last + 1;
        }
        if (n > 1) {
            c->target = ct_add(r->db, CT_ARRAY, NULL, 0);
            c = c->target;
        }
        c->count = count;
        c->target = element;
    } while (next_sibling(r, &child));
}

static bool fill_all(Reader *r)
{
    while (r->todo->len) {
        Pending p = g_array_index(r->todo, Pending, r->todo->len - 1);

        if (r->db->types->len > TYPES_MAX) {
            return abi_fail(r->err, r->file, "more than %u types are asked "
                            "for: name fewer structs", TYPES_MAX);
        }
        g_array_set_size(r->todo, r->todo->len - 1);
        switch (p.type->kind) {
        case CT_STRUCT:
        case CT_UNION:
            fill_aggregate(r, p.type, &p.die);
            break;
        case CT_ENUM:
            fill_enum(r, p.type, &p.die);
            break;
        case CT_ARRAY:
            fill_array(r, p.type, &p.die);
            break;
        case CT_ALIAS:
            p.type->target = type_at(r, &p.die);
            break;
        default:
            break;
        }
    }
    return true;
}

/* The same definition in another unit is no other struct. */
static bool take_name(Reader *r, const char *name, Dwarf_Die *die)
{
    CtType *t = type_of(r, die);
    const CtType *strct;
    GPtrArray *same;

    if (!fill_all(r)) {
        return false;
    }
    strct = ct_strip(t);
    if (strct->kind != CT_STRUCT && strct->kind != CT_UNION &&
        strct->kind != CT_ENUM) {
        return true;
    }
    same = g_hash_table_lookup(r->named, name);
    if (!same) {
        same = g_ptr_array_new();
        g_hash_table_insert(r->named, g_strdup(name), same);
    }
    for (unsigned i = 0; i < same->len; i++) {
        if (ct_equal(same->pdata[i], t)) {
            return true;
        }
    }
    g_ptr_array_add(same, t);
    ct_name(r->db, name, t, true);
    return true;
}

static const char *qualified(Reader *r, const char *prefix, const char *name)
{
    g_autofree char *whole = NULL;

    if (!*prefix) {
        return ct_string(r->db, name);
    }
    whole = g_strconcat(prefix, "::", name, NULL);
    return ct_string(r->db, whole);
}

static bool visit(Reader *r, Level *l, GArray *stack)
{
    const char *name = dwarf_diename(&l->die);
    Level inner = { .prefix = l->prefix };

    switch (dwarf_tag(&l->die)) {
    case DW_TAG_structure_type:
    case DW_TAG_class_type:
    case DW_TAG_union_type:
    case DW_TAG_enumeration_type:
    case DW_TAG_typedef:
        if (name && *name) {
            const char *whole = qualified(r, l->prefix, name);

            if (r->want(r->opaque, whole) && !is_declaration(&l->die) &&
                !take_name(r, whole, &l->die)) {
                return false;
            }
            inner.prefix = whole;
        }
        break;
    case DW_TAG_namespace:
    case DW_TAG_module:
        if (name && *name) {
            inner.prefix = qualified(r, l->prefix, name);
        }
        break;
    case DW_TAG_compile_unit:
    case DW_TAG_partial_unit:
    case DW_TAG_type_unit:
    case DW_TAG_subprogram:
    case DW_TAG_lexical_block:
        break;
    default:
        return true;
    }
    if (stack->len < DEPTH_MAX && !dwarf_child(&l->die, &inner.die)) {
        g_array_append_val(stack, inner);
    }
    return true;
}

/* The entries of a unit, in the order of the file. */
static bool walk_unit(Reader *r, Dwarf_Die *unit)
{
    g_autoptr(GArray) stack = g_array_new(FALSE, FALSE, sizeof(Level));
    Level l = { .die = *unit, .prefix = "" };

    if (!visit(r, &l, stack)) {
        return false;
    }
    while (stack->len) {
        unsigned top = stack->len - 1;

        l = g_array_index(stack, Level, top);
        if (next_sibling(r, &g_array_index(stack, Level, top).die)) {
            if (!visit(r, &l, stack)) {
                return false;
            }
            continue;
        }
        g_array_set_size(stack, top);
        if (!visit(r, &l, stack)) {
            return false;
        }
    }
    return true;
}

static bool walk(Reader *r, Dwarf *dw)
{
    Dwarf_CU *cu = NULL;
    Dwarf_Die die;
    uint8_t size;

    while (!dwarf_get_units(dw, cu, &cu, NULL, NULL, &die, NULL)) {
        if (!die.addr || !die.cu) {
            continue;
        }
        r->address_size = 8;
        if (dwarf_diecu(&die, &(Dwarf_Die) { 0 }, &size, NULL) &&
            (size == 4 || size == 8)) {
            r->address_size = size;
        }
        if (!walk_unit(r, &die)) {
            return false;
        }
    }
    return true;
}

/* What the file itself does not hold is not looked for elsewhere. */
static int no_debuginfo(Dwfl_Module *mod, void **userdata, const char *name,
                        Dwarf_Addr base, const char *file, const char *link,
                        GElf_Word crc, char **found)
{
    return -1;
}

static int no_elf(Dwfl_Module *mod, void **userdata, const char *name,
                  Dwarf_Addr base, char **file, Elf **elf)
{
    return -1;
}

static const Dwfl_Callbacks callbacks = {
    .find_elf = no_elf,
    .find_debuginfo = no_debuginfo,
    .section_address = dwfl_offline_section_address,
};

typedef struct Modules {
    Reader *r;
    bool any;
    bool ok;
} Modules;

static int walk_module(Dwfl_Module *mod, void **userdata, const char *name,
                       Dwarf_Addr base, void *opaque)
{
    Modules *m = opaque;
    Dwarf_Addr bias;
    Dwarf *dw = dwfl_module_getdwarf(mod, &bias);

    if (!dw) {
        return DWARF_CB_OK;
    }
    m->any = true;
    m->ok = walk(m->r, dw);
    return m->ok ? DWARF_CB_OK : DWARF_CB_ABORT;
}

static bool read_dwarf(Reader *r, Dwfl *dwfl, int fd)
{
    Modules m = { .r = r, .ok = true };

    if (!dwfl_report_offline(dwfl, r->file, r->file, fd)) {
        const char *why = dwfl_errmsg(-1);

        close(fd);
        return abi_fail(r->err, r->file, "is not an object that can be read "
                        "(%s)", why ? why : "libdw does not say why");
    }
    dwfl_report_end(dwfl, NULL, NULL);
    dwfl_getmodules(dwfl, walk_module, &m, 0);
    if (!m.any) {
        return abi_fail(r->err, r->file, "holds no DWARF: it was compiled "
                        "without -g, or stripped");
    }
    return m.ok;
}

bool dwarf_types(CtDb *db, GBytes *object, const char *file, CtWant want,
                 void *opaque, FwError *err)
{
    Reader r = {
        .db = db, .want = want, .opaque = opaque, .address_size = 8,
        .file = file, .err = err,
    };
    int fd = object_file(object);
    Dwfl *dwfl = dwfl_begin(&callbacks);
    bool ok;

    r.by_die = g_hash_table_new(g_direct_hash, g_direct_equal);
    r.todo = g_array_new(FALSE, FALSE, sizeof(Pending));
    r.named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                    (GDestroyNotify)g_ptr_array_unref);
    if (fd < 0 || !dwfl) {
        ok = abi_fail(err, file, "out of memory");
        if (fd >= 0) {
            close(fd);
        }
    } else {
        ok = read_dwarf(&r, dwfl, fd);
    }
    if (dwfl) {
        dwfl_end(dwfl);
    }
    g_hash_table_destroy(r.by_die);
    g_hash_table_destroy(r.named);
    g_array_free(r.todo, TRUE);
    return ok;
}
