/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_LAYOUT_H
#define TESTS_LAYOUT_H

#include <stdint.h>

struct point {
    uint16_t x;
    uint16_t y;
};

typedef struct {
    uint32_t size;
    uint8_t name[5];
} anonymous_t;

struct message {
    uint32_t type;
    const volatile uint64_t address;
    struct point at;
    struct point corners[4];
    uint8_t grid[2][3];
    struct {
        uint32_t inner;
        struct {
            uint8_t deep;
        };
    } nested;
    union {
        uint32_t as_word;
        struct point as_point;
        struct {
            uint8_t kind;
            uint8_t rest[3];
        } as_bytes;
    } body;
    anonymous_t hidden;
    uint32_t count;
    struct point tail[];
};

struct log {
    uint16_t length;
    uint8_t text[];
};

struct row {
    uint32_t id;
    uint16_t cells[2];
};

struct mixed {
    uint32_t low : 3;
    uint32_t middle : 9;
    uint32_t : 4;
    uint32_t high : 16;
    uint8_t flag : 1;
    uint64_t big : 40;
    struct row rows[3];
    void *pointer;
    _Bool yes;
    struct {
        uint8_t odd;
        uint32_t astray;
    } __attribute__((packed)) tight;
    unsigned __int128 huge;
};

union word {
    uint32_t whole;
    uint16_t half[2];
};

enum mood {
    MOOD_BAD = -1,
    MOOD_FAIR,
    MOOD_GOOD = 0x10000,
};

enum wide {
    WIDE_LOW = 1,
    WIDE_HIGH = 0x123456789abcll,
};

#define LAYOUT_VERSION 3
#define LAYOUT_BIT(n) (1u << (n))
#define LAYOUT_GO LAYOUT_BIT(4)
#define LAYOUT_MODE_MASK (LAYOUT_BIT(0) | LAYOUT_BIT(1))
#define LAYOUT_HIGH (1ull << 40)
#define LAYOUT_TEXT "not a number"
#define LAYOUT_NOTHING
#define LAYOUT_UNKNOWN NO_SUCH_NAME
#define LAYOUT_OPEN (1 +
#define LAYOUT_COUNT(x) (((x) & 0xff00) >> 8)
#define LAYOUT_SET(x) (((x) << 8) & 0xff00)

#endif /* TESTS_LAYOUT_H */
