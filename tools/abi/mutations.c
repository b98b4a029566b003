/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <libfdt.h>
#include <stdarg.h>
#include <string.h>

#include "csf-layout.h"
#include "mutations.h"
#include "profile.h"
#include "say.h"

/* Choices of a kind before it says that it does not fit the profile. */
#define TRIES_MAX 64

/* A mutation at work: the blob, and what chance says. */
typedef struct Work {
    const AbiProfile *profile;
    void *fdt;
    int size;
    uint64_t random;
    GString *sentence;
} Work;

/* splitmix64 (public domain, S. Vigna). */
static uint64_t chance(Work *w)
{
    uint64_t z = w->random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint64_t below(Work *w, uint64_t n)
{
    return n ? chance(w) % n : 0;
}

static bool __attribute__((format(printf, 2, 3)))
done(Work *w, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    g_string_vprintf(w->sentence, fmt, ap);
    va_end(ap);
    return true;
}

/* The node of a path; the last part is made if it is not there. */
static int node_at(Work *w, const char *path)
{
    int node = fdt_path_offset(w->fdt, path);

    return node != -FDT_ERR_NOTFOUND ? node
           : fdt_add_subnode(w->fdt, 0, strrchr(path, '/') + 1);
}

static bool set_cells(Work *w, const char *path, const char *name,
                      const uint32_t *cells, unsigned n)
{
    int node = node_at(w, path);

    if (node < 0 || fdt_setprop(w->fdt, node, name, NULL, 0)) {
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        if (fdt_appendprop_u32(w->fdt, node, name, cells[i])) {
            return false;
        }
    }
    return true;
}

static bool set_number(Work *w, const char *node, const char *name,
                       uint32_t value)
{
    g_autofree char *path = g_strconcat("/", node, NULL);

    return set_cells(w, path, name, &value, 1);
}

static bool set_place(Work *w, const AbiStruct *s, const char *name,
                      const FwField *f)
{
    g_autofree char *path = g_strconcat("/structs/", s->name, NULL);
    const uint32_t cells[] = {
        f->offset, f->size, f->lsb, f->width, f->count, f->stride,
    };
    uint32_t end = f->offset + f->size;

    if (f->count == 1 && end > s->size &&
        !set_cells(w, path, "size", &end, 1)) {
        return false;
    }
    return set_cells(w, path, name, cells, f->count > 1 ? 6 : 4);
}

typedef bool (*Fits)(const AbiStruct *s, const AbiField *f);

/* One of the fields that fit, each with the same chance. */
static const AbiField *pick_field(Work *w, Fits fits, const AbiStruct **strct)
{
    const AbiField *found = NULL;
    uint64_t n = 0;

    for (unsigned i = 0; i < w->profile->structs->len; i++) {
        const AbiStruct *s = w->profile->structs->pdata[i];

        for (unsigned k = 0; k < s->fields->len; k++) {
            const AbiField *f = s->fields->pdata[k];

            if (f->place.count == 1 && fits(s, f) && below(w, ++n) == 0) {
                found = f;
                *strct = s;
            }
        }
    }
    return found;
}

/* The words that hold requests are described once, as structs of bits. */
static bool is_request(const AbiStruct *s, const AbiField *f)
{
    return g_str_has_suffix(s->name, "-request");
}

static bool is_plain(const AbiStruct *s, const AbiField *f)
{
    return !is_request(s, f);
}

static bool is_whole(const AbiStruct *s, const AbiField *f, unsigned bytes)
{
    return is_plain(s, f) && f->place.size == bytes &&
           f->place.width == bytes * 8;
}

static bool is_long(const AbiStruct *s, const AbiField *f)
{
    return is_whole(s, f, 8);
}

static bool can_be_long(const AbiStruct *s, const AbiField *f)
{
    return is_whole(s, f, 4) && f->place.offset % 8 == 0;
}

static bool move_field(Work *w, int by)
{
    const AbiStruct *s;
    const AbiField *f = pick_field(w, is_plain, &s);
    FwField place;

    if (!f) {
        return false;
    }
    place = f->place;
    by *= place.size > 4 ? place.size : 4;
    if (by < 0 && place.offset < (unsigned)-by) {
        return false;
    }
    place.offset += by;
    return set_place(w, s, f->name, &place) &&
           done(w, "%s/%s is at 0x%02x instead of 0x%02x", s->name, f->name,
                place.offset, f->place.offset);
}

static bool field_up(Work *w)
{
    return move_field(w, 1);
}

static bool field_down(Work *w)
{
    return move_field(w, -1);
}

static bool resize_field(Work *w, Fits fits, unsigned bytes)
{
    const AbiStruct *s;
    const AbiField *f = pick_field(w, fits, &s);
    FwField place;

    if (!f) {
        return false;
    }
    place = f->place;
    place.size = bytes;
    place.width = bytes * 8;
    return set_place(w, s, f->name, &place) &&
           done(w, "%s/%s is %u bytes wide instead of %u", s->name, f->name,
                bytes, f->place.size);
}

static bool field_narrow(Work *w)
{
    return resize_field(w, is_long, 4);
}

static bool field_wide(Work *w)
{
    return resize_field(w, can_be_long, 8);
}

static bool fields_swapped(Work *w)
{
    const AbiStruct *s;
    const AbiField *a = pick_field(w, is_plain, &s);
    const AbiField *b = a ? s->fields->pdata[below(w, s->fields->len)] : NULL;

    if (!a || a->place.size != b->place.size || b->place.count != 1 ||
        a->place.offset == b->place.offset) {
        return false;
    }
    return set_place(w, s, a->name, &b->place) &&
           set_place(w, s, b->name, &a->place) &&
           done(w, "%s/%s and %s are in each other's place", s->name, a->name,
                b->name);
}

static bool request_bit(Work *w)
{
    const AbiStruct *s;
    const AbiField *f = pick_field(w, is_request, &s);
    FwField place;

    if (!f) {
        return false;
    }
    place = f->place;
    place.lsb += place.lsb + place.width < place.size * 8 ? 1 : -1;
    return set_place(w, s, f->name, &place) &&
           done(w, "%s/%s is bit %u instead of %u", s->name, f->name,
                place.lsb, f->place.lsb);
}

static bool state_numbers(Work *w)
{
    static const char *const nodes[] = {
        "csg-state", "cs-state", "blocked-reason",
    };
    const char *node = nodes[below(w, G_N_ELEMENTS(nodes))];
    const AbiNumber *a = NULL;
    const AbiNumber *b = NULL;
    uint64_t n = 0;

    /* Two of the node's numbers. */
    for (unsigned i = 0; i < w->profile->numbers->len; i++) {
        const AbiNumber *c = w->profile->numbers->pdata[i];

        if (strcmp(c->node, node)) {
            continue;
        }
        n++;
        if (!a || below(w, n) == 0) {
            b = a;
            a = c;
        } else if (!b || below(w, n - 1) == 0) {
            b = c;
        }
    }
    return b && a->value != b->value &&
           set_number(w, node, a->name, b->value) &&
           set_number(w, node, b->name, a->value) &&
           done(w, "%s/%s is %u and %s is %u, the other way round", node,
                a->name, (unsigned)b->value, b->name, (unsigned)a->value);
}

static uint64_t number(const Work *w, const char *node, const char *name)
{
    const AbiNumber *n = abi_find_number(w->profile, node, name);

    return n ? n->value : 0;
}

/* Blocks that stand in the image speak for themselves. */
static bool claim(Work *w, const char *name, uint32_t value, const char *what)
{
    return fdt_stringlist_search(w->fdt, 0, "capabilities",
                                 "layout-in-image") < 0 &&
           set_number(w, "claims", name, value) &&
           done(w, "the firmware says that %s is 0x%x", what, value);
}

/* Beyond what is there, beyond what drivers take, beyond all reason. */
static uint32_t too_many(Work *w, uint64_t truth)
{
    const uint32_t values[] = {
        truth + 1, 31, 32, 33, 64, 255, 65536, INT32_MAX, UINT32_MAX,
    };

    return values[below(w, G_N_ELEMENTS(values))];
}

static bool groups_many(Work *w)
{
    uint32_t n = too_many(w, number(w, "counts", "groups"));

    return n > number(w, "counts", "groups") &&
           claim(w, "groups", n, "the number of groups");
}

static bool streams_many(Work *w)
{
    uint32_t n = too_many(w, number(w, "counts", "streams"));

    return n > number(w, "counts", "streams") &&
           claim(w, "streams", n, "the number of a group's streams");
}

static bool groups_few(Work *w)
{
    return claim(w, "groups", below(w, 3), "the number of groups");
}

static bool streams_few(Work *w)
{
    return claim(w, "streams", below(w, 8),
                 "the number of a group's streams");
}

/*
 * A stride that in 32 bits takes the n-th block back to the first one's place,
 * or near it, or one that goes backwards.
 */
static uint32_t wrapping_stride(Work *w, uint64_t count)
{
    uint64_t n = 2 + below(w, count > 1 ? count - 1 : 1);
    uint64_t stride = (((uint64_t)1 << 32) + n - 1) / n;

    if (below(w, 2)) {
        return -4 * (1 + below(w, 64));
    }
    return (stride + 3) & ~(uint64_t)3;
}

static bool group_stride(Work *w)
{
    return claim(w, "group-control-stride",
                 wrapping_stride(w, number(w, "counts", "groups")),
                 "the stride of its groups");
}

static bool stream_stride(Work *w)
{
    return claim(w, "stream-control-stride",
                 wrapping_stride(w, number(w, "counts", "streams")),
                 "the stride of its streams");
}

static bool stride_zero(Work *w)
{
    return below(w, 2) ? claim(w, "group-control-stride", 0,
                               "the stride of its groups")
                       : claim(w, "stream-control-stride", 0,
                               "the stride of its streams");
}

static bool version_new(Work *w)
{
    uint32_t major = number(w, "version", "major") + 1 + below(w, 250);

    return major <= 255 && set_number(w, "version", "major", major) &&
           done(w, "the firmware's interface is %u.%u", major,
                (unsigned)number(w, "version", "minor"));
}

static bool version_zero(Work *w)
{
    return set_number(w, "version", "major", 0) &&
           set_number(w, "version", "minor", 0) &&
           set_number(w, "version", "patch", 0) &&
           done(w, "the firmware's interface is 0.0.0, as before it booted");
}

static bool feature_bare(Work *w)
{
    uint32_t bit = (uint32_t)1 << below(w, 32);
    uint32_t have = number(w, "features", "global");

    return !(have & bit) && set_number(w, "features", "global", have | bit) &&
           done(w, "the firmware has feature 0x%x and nothing behind it",
                bit);
}

static bool instrumentation_bare(Work *w)
{
    uint32_t value = chance(w);

    return set_number(w, "features", "instrumentation", value) &&
           done(w, "the firmware's instrumentation is 0x%x, without buffers",
                value);
}

static bool group_feature_bare(Work *w)
{
    uint32_t bit = (uint32_t)1 << below(w, 32);
    uint32_t have = number(w, "features", "group");

    return !(have & bit) && set_number(w, "features", "group", have | bit) &&
           done(w, "groups have feature 0x%x and nothing behind it", bit);
}

static bool endpoints_lost(Work *w)
{
    uint32_t have = number(w, "features", "endpoints");
    uint32_t rest = below(w, 7) & have;

    return rest != have && set_number(w, "features", "endpoints", rest) &&
           done(w, "streams run on endpoints 0x%x instead of 0x%x", rest,
                have);
}

/* A profile that does not say how many there are leaves it to the GPU. */
static bool fewer(Work *w, const char *count, uint32_t usual)
{
    uint32_t have = number(w, "counts", count);
    uint32_t n;

    have = have ? have : usual;
    n = have > 1 ? 1 + below(w, have - 1) : 0;
    return n && set_number(w, "counts", count, n) &&
           done(w, "streams have %u %s instead of %u", n, count, have);
}

static bool registers_few(Work *w)
{
    return fewer(w, "work-registers", 96);
}

static bool scoreboards_few(Work *w)
{
    return fewer(w, "scoreboards", 8);
}

static bool suspend_size(Work *w)
{
    static const uint32_t sizes[] = {
        0, 1, 0x40, 0x7ffff000, 0xfffff000, UINT32_MAX,
    };

    return claim(w, "suspend-size", sizes[below(w, G_N_ELEMENTS(sizes))],
                 "the size of a group's suspend buffer");
}

static bool blocks_outside(Work *w)
{
    uint32_t start = number(w, "memory", "shared-va");
    uint32_t size = number(w, "memory", "shared-size");
    const uint32_t places[] = {
        0, start - 4, start + size, start + size - 4, UINT32_MAX - 3,
    };
    uint32_t va = places[below(w, G_N_ELEMENTS(places))];

    return below(w, 2)
           ? claim(w, "global-input-va", va,
                   "the address of the global input block")
           : claim(w, "global-output-va", va,
                   "the address of the global output block");
}

static bool blocks_overlap(Work *w)
{
    uint32_t va = number(w, "memory", "shared-va") +
                  number(w, "memory", "input-offset");

    return claim(w, "global-output-va", va,
                 "the address of its output block, like the input block's,");
}

static bool halt_lost(Work *w)
{
    int len;
    const char *caps = fdt_getprop(w->fdt, 0, "capabilities", &len);
    g_autoptr(GByteArray) rest = g_byte_array_new();
    bool lost = false;

    for (int i = 0; caps && i < len; i += strlen(caps + i) + 1) {
        if (!strcmp(caps + i, "glb-halt") || !strcmp(caps + i, "glb-state")) {
            lost = true;
        } else {
            g_byte_array_append(rest, (const guint8 *)caps + i,
                                strlen(caps + i) + 1);
        }
    }
    return lost &&
           (rest->len ? !fdt_setprop(w->fdt, 0, "capabilities", rest->data,
                                     rest->len)
                      : !fdt_delprop(w->fdt, 0, "capabilities")) &&
           done(w, "the firmware never halts");
}

static const struct {
    const char *name;
    const char *about;
    bool (*run)(Work *w);
} kinds[] = {
    { "field-up", "a field stands one word further", field_up },
    { "field-down", "a field stands one word earlier", field_down },
    { "field-narrow", "a 64-bit field has 32 bits", field_narrow },
    { "field-wide", "a 32-bit field has 64 bits", field_wide },
    { "fields-swapped", "two fields are in each other's place",
      fields_swapped },
    { "request-bit", "a bit of a request word is another one", request_bit },
    { "state-numbers", "two states have each other's number",
      state_numbers },
    { "groups-many", "more groups than there are", groups_many },
    { "groups-few", "fewer groups than a driver needs", groups_few },
    { "streams-many", "more streams than there are", streams_many },
    { "streams-few", "fewer streams than a driver needs", streams_few },
    { "group-stride-wraps", "a stride that leaves 32 bits", group_stride },
    { "stream-stride-wraps", "a stride that leaves 32 bits", stream_stride },
    { "stride-zero", "all blocks in one place", stride_zero },
    { "version-new", "an interface of the future", version_new },
    { "version-zero", "an interface that has not booted", version_zero },
    { "feature-bare", "a global feature without its data", feature_bare },
    { "instrumentation-bare", "instrumentation without its buffers",
      instrumentation_bare },
    { "group-feature-bare", "a group's feature without its data",
      group_feature_bare },
    { "endpoints-lost", "endpoints that streams cannot use",
      endpoints_lost },
    { "registers-few", "fewer registers than streams use", registers_few },
    { "scoreboards-few", "fewer scoreboards than streams use",
      scoreboards_few },
    { "suspend-size", "a suspend buffer of a wrong size", suspend_size },
    { "blocks-outside", "a block outside the shared section",
      blocks_outside },
    { "blocks-overlap", "two blocks in one place", blocks_overlap },
    { "halt-lost", "firmware that does not halt", halt_lost },
};

static int find_kind(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!strcmp(kinds[i].name, name)) {
            return i;
        }
    }
    return -1;
}

const char *mutation_name(unsigned i)
{
    return i < G_N_ELEMENTS(kinds) ? kinds[i].name : NULL;
}

const char *mutation_about(const char *name)
{
    int kind = find_kind(name);

    return kind < 0 ? NULL : kinds[kind].about;
}

static uint64_t name_hash(const char *name)
{
    uint64_t h = 0xcbf29ce484222325;

    for (; *name; name++) {
        h = (h ^ (uint8_t)*name) * 0x100000001b3;
    }
    return h;
}

/* What it is called and what it is, in the blob itself. */
static bool sign(Work *w, const char *name, uint64_t seed)
{
    size_t room = sizeof(((FwLayout *)0)->name) - 1;
    size_t len = strlen(name) + 1;
    g_autofree char *abi = g_strdup_printf("%.*s+%s",
                                           (int)(len < room ? room - len : 0),
                                           w->profile->abi, name);
    g_autofree char *text = g_strdup_printf("%s, but %s (seed %" PRIu64 ")",
                                            w->profile->abi,
                                            w->sentence->str, seed);

    return !fdt_setprop_string(w->fdt, 0, "abi", abi) &&
           !fdt_setprop_string(w->fdt, 0, "description", text);
}

static bool loads(Work *w)
{
    FwLayout *layout = g_new(FwLayout, 1);
    FwError err;
    bool ok;

    ok = !fdt_pack(w->fdt) &&
         fw_layout_load(layout, &csf_layout_spec, w->fdt,
                        fdt_totalsize(w->fdt), "", &err) &&
         csf_layout_check(layout, "", &err);
    g_free(layout);
    return ok;
}

Mutant *mutate(GBytes *dtb, const char *name, uint64_t seed, const char *file,
               FwError *err)
{
    g_autoptr(AbiProfile) profile = NULL;
    g_autoptr(GString) sentence = g_string_new(NULL);
    Work w = { .random = seed ^ name_hash(name), .sentence = sentence };
    int kind = find_kind(name);
    Mutant *m = NULL;
    gsize size;
    const void *data = g_bytes_get_data(dtb, &size);

    if (kind < 0) {
        abi_fail(err, name, "no such mutation (--list lists them)");
        return NULL;
    }
    profile = abi_profile_read(data, size, file, err);
    if (!profile) {
        return NULL;
    }
    w.profile = profile;
    w.size = size + MUTATION_SLACK;
    w.fdt = g_malloc0(w.size);
    for (unsigned i = 0; i < TRIES_MAX && !m; i++) {
        if (fdt_open_into(data, w.fdt, w.size) || !kinds[kind].run(&w) ||
            !sign(&w, name, seed) || !loads(&w)) {
            continue;
        }
        m = g_new0(Mutant, 1);
        m->dtb = g_bytes_new(w.fdt, fdt_totalsize(w.fdt));
        m->sentence = g_strdup(sentence->str);
    }
    g_free(w.fdt);
    if (!m) {
        abi_fail(err, file, "has nothing that %s could break", name);
    }
    return m;
}

void mutant_free(Mutant *m)
{
    if (m) {
        g_bytes_unref(m->dtb);
        g_free(m->sentence);
        g_free(m);
    }
}
