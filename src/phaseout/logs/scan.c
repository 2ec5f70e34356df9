/* Cut ordinary lines of a log at the places that their form names, and count equal ones.
 *
 * What a form is stands in phaseout/reading/shape.py; phaseout/logs/scan.py hands it over and takes the counts. A line that does
 * not fit the form to the letter is left to the reader's expressions, which can say everything; so this file only ever has to be
 * right about plain lines, and whatever it is in doubt about it leaves. It needs nothing but the system's library, keeps no state
 * beside its tables, and reads no byte outside of what it is given: each pointer travels with the end behind which it must not go.
 */

#include <stdlib.h>
#include <sys/mman.h>

#include "scan_line.h"

#define VERSION 1
#define MOST_STEPS 64
#define BATCH 32
#define NONE UINT32_MAX
#define UNIT 8 /* bytes; records begin at its multiples */
#define LARGE_PAGE ((size_t)1 << 21)

/* What is counted of one key in one period and chunk of days. `next` is another of the same key. */
struct tally {
    int64_t count, first, last, first_row, last_row, days;
    int32_t period, chunk;
    uint32_t next;
};

/* A distinct key: behind it stand the sizes of its columns and their texts. All that counting a line touches lies together, for
 * the table is larger than the processor's caches. */
struct record {
    uint64_t hash;
    struct tally tally; /* the latest used; others are in the table's tallies */
    uint32_t units;     /* how long it is */
    uint32_t size[];
};

struct slot {
    uint32_t mark; /* the hash's upper half */
    uint32_t at;   /* the record's place, or NONE */
};

struct table {
    struct form form;
    struct span span;
    struct clock clock;
    int32_t columns;
    int64_t column_bytes[MOST_KEYS];
    uint64_t seed;
    uint64_t most; /* bytes */
    unsigned char *records;
    struct slot *slots; /* a power of two many */
    struct tally *tallies;
    uint64_t used, room; /* bytes of records */
    uint32_t keys, slot_mask, tallies_used, tallies_room;
};

/* A line that fits, before it is counted. */
struct line {
    struct slice keys[MOST_KEYS];
    int64_t instant, row, begin;
};

int32_t scan_version(void) { return VERSION; }

/* ---- hashes ---- */

static uint64_t mixed(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t word_at(const unsigned char *at, size_t size) {
    uint64_t word = 0;
    memcpy(&word, at, size);
    return word;
}

static uint64_t hash_of(const struct table *t, const struct slice *keys) {
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15), other = UINT64_C(0xd6e8feb86659fd93);
    uint64_t hash = t->seed;
    for (int32_t i = 0; i < t->columns; i++) {
        const unsigned char *at = keys[i].at;
        size_t left = keys[i].size;
        for (; left > 16; at += 16, left -= 16)
            hash = (hash ^ mixed(word_at(at, 8) ^ t->seed, word_at(at + 8, 8) ^ odd)) * other + odd;
        uint64_t low = word_at(at, left < 8 ? left : 8), high = left > 8 ? word_at(at + 8, left - 8) : 0;
        hash = mixed(hash ^ low ^ odd, high ^ t->seed ^ keys[i].size * other);
    }
    return mixed(hash, odd);
}

/* ---- memory ---- */

/* Allocate; large pieces in large pages where the system has them, since looking up small ones would take much of the time. */
static void *allocated(size_t size) {
    if (size < LARGE_PAGE) return malloc(size);
    void *made = aligned_alloc(LARGE_PAGE, (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE);
#ifdef MADV_HUGEPAGE
    if (made) madvise(made, size, MADV_HUGEPAGE);
#endif
    return made;
}

/* Return a copy with more room and let go of the old one; NULL where memory doesn't suffice, and the old one stays. */
static void *moved(void *old, size_t used, size_t size) {
    void *made = allocated(size);
    if (!made) return NULL;
    if (used) memcpy(made, old, used);
    free(old);
    return made;
}

static uint64_t bytes_of(const struct table *t) {
    return t->used + (uint64_t)t->keys * 2 * sizeof *t->slots + (uint64_t)t->tallies_used * sizeof *t->tallies;
}

static struct record *record_at(const struct table *t, uint32_t at) { return (struct record *)(t->records + (uint64_t)at * UNIT); }

static const unsigned char *text_of(const struct table *t, const struct record *record) {
    return (const unsigned char *)(record->size + t->columns);
}

static int more_slots(struct table *t) {
    if (t->slots && (uint64_t)t->keys * 2 <= t->slot_mask) return 1;
    uint32_t count = t->slots ? (t->slot_mask + 1) * 2 : 4096;
    struct slot *slots = count ? allocated((size_t)count * sizeof *slots) : NULL;
    if (!slots) return 0;
    memset(slots, 0xff, (size_t)count * sizeof *slots);
    for (uint64_t at = 0; at < t->used;) {
        const struct record *record = (const struct record *)(t->records + at);
        uint32_t slot = (uint32_t)record->hash & (count - 1);
        while (slots[slot].at != NONE) slot = (slot + 1) & (count - 1);
        slots[slot] = (struct slot){(uint32_t)(record->hash >> 32), (uint32_t)(at / UNIT)};
        at += (uint64_t)record->units * UNIT;
    }
    free(t->slots);
    t->slots = slots;
    t->slot_mask = count - 1;
    return 1;
}

static int more_records(struct table *t, uint64_t size) {
    if (t->used + size <= t->room) return 1;
    uint64_t want = (t->used + size) * 2 + 65536;
    void *grown = moved(t->records, t->used, want);
    if (!grown) return 0;
    t->records = grown;
    t->room = want;
    return 1;
}

static int more_tallies(struct table *t) {
    if (t->tallies_used < t->tallies_room) return 1;
    uint32_t more = t->tallies_room ? t->tallies_room * 2 : 1024;
    void *grown = more > t->tallies_room ? moved(t->tallies, (size_t)t->tallies_used * sizeof *t->tallies, (size_t)more * sizeof *t->tallies) : NULL;
    if (!grown) return 0;
    t->tallies = grown;
    t->tallies_room = more;
    return 1;
}

/* ---- counting ---- */

static const struct tally EMPTY = {.first = INT64_MAX, .last = INT64_MIN, .first_row = INT64_MAX, .last_row = INT64_MIN, .next = NONE};

static int same(const struct table *t, const struct record *record, const struct slice *keys) {
    const unsigned char *text = text_of(t, record);
    for (int32_t i = 0; i < t->columns; text += record->size[i++])
        if (record->size[i] != keys[i].size || memcmp(text, keys[i].at, keys[i].size)) return 0;
    return 1;
}

/* Return a key's record, a new one where it is new, with an empty tally; NULL where the table is full. */
static struct record *record_of(struct table *t, const struct slice *keys, uint64_t hash) {
    if (!more_slots(t)) return NULL;
    uint32_t slot = (uint32_t)hash & t->slot_mask;
    for (; t->slots[slot].at != NONE; slot = (slot + 1) & t->slot_mask) {
        struct record *record = record_at(t, t->slots[slot].at);
        if (t->slots[slot].mark == (uint32_t)(hash >> 32) && record->hash == hash && same(t, record, keys)) return record;
    }
    uint64_t size = sizeof(struct record) + (uint64_t)t->columns * sizeof(uint32_t);
    for (int32_t i = 0; i < t->columns; i++) size += keys[i].size;
    size = (size + UNIT - 1) / UNIT * UNIT;
    if (bytes_of(t) + size > t->most || (t->used + size) / UNIT >= NONE || !more_records(t, size)) return NULL;
    uint32_t at = (uint32_t)(t->used / UNIT);
    struct record *record = record_at(t, at);
    record->hash = hash;
    record->tally = EMPTY;
    record->units = (uint32_t)(size / UNIT);
    for (int32_t i = 0; i < t->columns; i++) record->size[i] = (uint32_t)keys[i].size;
    unsigned char *text = (unsigned char *)(record->size + t->columns);
    for (int32_t i = 0; i < t->columns; text += keys[i++].size) {
        if (keys[i].size) memcpy(text, keys[i].at, keys[i].size);
        t->column_bytes[i] += (int64_t)keys[i].size;
    }
    t->slots[slot] = (struct slot){(uint32_t)(hash >> 32), at};
    t->used += size;
    t->keys++;
    return record;
}

/* Return a record's tally of a period and chunk, a new one where there is none; it is then the record's own. */
static struct tally *tally_of(struct table *t, struct record *record, int32_t period, int32_t chunk) {
    struct tally *own = &record->tally;
    if (own->period == period && own->chunk == chunk) return own;
    if (own->count) {
        uint32_t at = own->next;
        while (at != NONE && (t->tallies[at].period != period || t->tallies[at].chunk != chunk)) at = t->tallies[at].next;
        if (at != NONE) { /* they change places; each keeps what it stands before */
            struct tally found = t->tallies[at];
            uint32_t own_next = own->next;
            t->tallies[at] = *own;
            t->tallies[at].next = found.next;
            *own = found;
            own->next = own_next;
            return own;
        }
        if (bytes_of(t) > t->most || t->tallies_used == NONE - 1 || !more_tallies(t)) return NULL;
        t->tallies[t->tallies_used] = *own;
        *own = EMPTY;
        own->next = t->tallies_used++;
    }
    own->period = period;
    own->chunk = chunk;
    return own;
}

static void add(struct tally *to, const struct tally *more) {
    to->count += more->count;
    to->days |= more->days;
    if (more->first < to->first) to->first = more->first;
    if (more->last > to->last) to->last = more->last;
    if (more->first_row < to->first_row) to->first_row = more->first_row;
    if (more->last_row > to->last_row) to->last_row = more->last_row;
}

static int counted(struct table *t, const struct line *line, uint64_t hash) {
    struct clock *clock = &t->clock;
    if (line->instant < clock->low || line->instant >= clock->high) new_stretch(clock, &t->span, line->instant);
    struct record *record = record_of(t, line->keys, hash);
    struct tally *tally = record ? tally_of(t, record, clock->period, clock->chunk) : NULL;
    if (!tally) return 0;
    add(tally, &(struct tally){.count = 1, .first = line->instant, .last = line->instant, .first_row = line->row,
                               .last_row = line->row, .days = clock->bit});
    return 1;
}

/* Ask the memory for what some hashes' records hold: each one's place in the table is anywhere, so that counting one line after
 * another would mostly wait. */
static void ask_memory(const struct table *t, const uint64_t *hashes, int count) {
    if (!t->slots) return;
    for (int i = 0; i < count; i++) __builtin_prefetch(t->slots + (hashes[i] & t->slot_mask));
    for (int i = 0; i < count; i++) {
        uint32_t at = t->slots[hashes[i] & t->slot_mask].at;
        if (at == NONE) continue;
        const unsigned char *record = t->records + (uint64_t)at * UNIT;
        for (int part = 0; part < 4; part++) __builtin_prefetch(record + 64 * part, 1);
    }
}

static int is_plain(const unsigned char *at, const unsigned char *end) {
    unsigned char all = 0;
    for (; at < end; at++) all |= *at;
    return all < 128;
}

/* ---- what Python calls ---- */

/* Make a table; form and span must outlive it. NULL where memory or the form's limits don't suffice. */
struct table *scan_begin(const struct form *form, const struct span *span, uint64_t seed, uint64_t most) {
    int32_t keys = 0, stamps = 0;
    for (int32_t i = 0; i < form->count; i++) {
        keys += form->steps[i].kind == KEY || form->steps[i].kind == FIXED;
        stamps += form->steps[i].kind == STAMP;
    }
    if (form->count > MOST_STEPS || keys > MOST_KEYS || stamps != 1) return NULL;
    struct table *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->form = *form, t->span = *span, t->columns = keys, t->seed = seed, t->most = most;
    t->clock.low = INT64_MAX, t->clock.high = INT64_MIN;
    return t;
}

void scan_end(struct table *t) {
    if (!t) return;
    free(t->records), free(t->tallies), free(t->slots), free(t);
}

/* Count the lines of a block, which ends with a line feed.
 *
 * `plain` says that no byte of it is above 127. A line's row is `row` plus its place in the block, from 0. Where the lines begin
 * that are left stands in `left`, with their places in `left_rows`, in any order; when too few of `left_room` are free, what
 * follows is not read. Returns how many lines were read; `*left_count` and `*done`, the bytes read, are set.
 */
int64_t scan_block(struct table *t, const unsigned char *block, int64_t size, int32_t plain, int64_t row, int64_t *left,
                   int64_t *left_rows, int64_t left_room, int64_t *left_count, int64_t *done) {
    const unsigned char *at = block, *end = block + size;
    int64_t lines = 0;
    *left_count = 0;
    while (at < end && *left_count + BATCH <= left_room) {
        struct line fitting[BATCH];
        uint64_t hashes[BATCH];
        int count = 0;
        for (int i = 0; i < BATCH && at < end; i++, lines++) {
            const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
            if (!feed) feed = end - 1; /* never, for a block ends with one */
            struct line *line = fitting + count;
            line->row = row + lines;
            line->begin = at - block;
            if ((plain || is_plain(at, feed)) && feed + 1 - at <= t->form.longest &&
                fits(&t->form, &t->clock, at, feed, line->keys, &line->instant)) {
                hashes[count++] = hash_of(t, line->keys);
            } else {
                left[*left_count] = line->begin;
                left_rows[(*left_count)++] = lines;
            }
            at = feed + 1;
        }
        ask_memory(t, hashes, count);
        for (int i = 0; i < count; i++)
            if (!counted(t, fitting + i, hashes[i])) {
                left[*left_count] = fitting[i].begin;
                left_rows[(*left_count)++] = fitting[i].row - row;
            }
    }
    *done = at - block;
    return lines;
}

static int merged(struct table *t, const struct table *other, const struct record *from) {
    const unsigned char *text = text_of(other, from);
    struct slice keys[MOST_KEYS];
    for (int32_t i = 0; i < t->columns; text += from->size[i++]) keys[i] = (struct slice){text, from->size[i]};
    struct record *to = record_of(t, keys, from->hash);
    for (const struct tally *each = &from->tally; to; each = other->tallies + each->next) {
        struct tally *sum = tally_of(t, to, each->period, each->chunk);
        if (!sum) return 0;
        add(sum, each);
        if (each->next == NONE) return 1;
    }
    return 0;
}

/* Add the counts of another table, made with the same form, span and seed; 0 where memory doesn't suffice. */
int32_t scan_merge(struct table *t, const struct table *other) {
    t->most = UINT64_MAX;
    for (uint64_t at = 0; at < other->used;) {
        const struct record *batch[BATCH];
        uint64_t hashes[BATCH];
        int count = 0;
        for (; count < BATCH && at < other->used; count++) {
            batch[count] = (const struct record *)(other->records + at);
            hashes[count] = batch[count]->hash;
            at += (uint64_t)batch[count]->units * UNIT;
        }
        ask_memory(t, hashes, count);
        for (int i = 0; i < count; i++)
            if (!merged(t, other, batch[i])) return 0;
    }
    return 1;
}

int64_t scan_keys(const struct table *t) { return t->keys; }

int64_t scan_tallies(const struct table *t) { return (int64_t)t->keys + t->tallies_used; }

int64_t scan_column_bytes(const struct table *t, int32_t column) { return t->column_bytes[column]; }

/* Write all that was counted.
 *
 * Of each column of the keys its texts one after another to `texts`, and to `offsets` where each begins, with the end behind the
 * last. To `counts` nine columns one after another: key, period, chunk, count, first, last, first row, last row, days.
 */
void scan_write(const struct table *t, unsigned char **texts, int64_t **offsets, int64_t *counts) {
    int64_t rows = scan_tallies(t), row = 0, key = 0, filled[MOST_KEYS] = {0};
    for (uint64_t at = 0; at < t->used; key++) {
        const struct record *record = (const struct record *)(t->records + at);
        const unsigned char *text = text_of(t, record);
        for (int32_t i = 0; i < t->columns; text += record->size[i++]) {
            offsets[i][key] = filled[i];
            if (record->size[i]) memcpy(texts[i] + filled[i], text, record->size[i]);
            filled[i] += record->size[i];
        }
        const struct tally *each = &record->tally;
        for (;; each = t->tallies + each->next) {
            const int64_t values[] = {key, each->period, each->chunk, each->count, each->first, each->last,
                                      each->first_row, each->last_row, each->days};
            for (size_t column = 0; column < sizeof values / sizeof *values; column++)
                counts[(int64_t)column * rows + row] = values[column];
            row++;
            if (each->next == NONE) break;
        }
        at += (uint64_t)record->units * UNIT;
    }
    for (int32_t i = 0; i < t->columns; i++) offsets[i][key] = filled[i];
}
