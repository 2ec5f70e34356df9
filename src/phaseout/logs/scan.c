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

#include "scan_hash.h" /* knows slices from the one before */

#define VERSION 2
#define MOST_STEPS 64
#define MOST_CUTS 30000
#define BATCH 32
#define NONE UINT32_MAX
#define UNIT 8 /* bytes; texts begin at its multiples */
#define LARGE_PAGE ((size_t)1 << 21)

/* What is counted of one key in one period and chunk of days; the key itself by 128 bits of its hash. It fills one line of the
 * processor's caches, for the table is larger than they are, and what counting a line touches is what it costs. */
struct tally {
    uint64_t hash[2];
    int64_t first, last, first_row, last_row, days;
    uint32_t count;
    int16_t period, chunk;
};

/* A tally of a key that is not the latest used; `next` is another one. */
struct other {
    struct tally tally;
    uint32_t next;
};

/* What of a key is looked at when it is new, and at the end: behind it stand the sizes of its columns and their texts. */
struct text {
    uint32_t next; /* its other tallies */
    uint32_t size[];
};

struct slot {
    uint32_t mark; /* a part of the hash */
    uint32_t key;  /* its number, or NONE */
};

struct table {
    struct form form;
    struct span span;
    struct clock clock;
    int32_t columns;
    int64_t column_bytes[MOST_KEYS];
    struct hash secret;
    uint64_t most; /* bytes */
    struct tally *keys;
    uint64_t *places; /* of the keys' texts */
    unsigned char *texts;
    struct other *others;
    struct slot *slots; /* a power of two many */
    uint64_t texts_used, texts_room;
    uint32_t keys_used, keys_room, others_used, others_room, slot_mask;
};

/* A line that fits, before it is counted. */
struct line {
    struct slice keys[MOST_KEYS];
    struct hash hash;
    int64_t instant, row, begin;
};

struct batch {
    int count;
    struct line lines[BATCH];
};

/* Where the lines begin that are left, with their places. */
struct left {
    int64_t *at, *rows, count;
};

int32_t scan_version(void) { return VERSION; }

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
    return t->texts_used + (uint64_t)t->keys_used * (sizeof *t->keys + sizeof *t->places + 2 * sizeof *t->slots) +
           (uint64_t)t->others_used * sizeof *t->others;
}

static struct text *text_at(const struct table *t, uint32_t key) { return (struct text *)(t->texts + t->places[key]); }

static const unsigned char *letters_of(const struct table *t, const struct text *text) {
    return (const unsigned char *)(text->size + t->columns);
}

static int more_slots(struct table *t) {
    if (t->slots && (uint64_t)t->keys_used * 2 <= t->slot_mask) return 1;
    uint32_t count = t->slots ? (t->slot_mask + 1) * 2 : 4096;
    struct slot *slots = count ? allocated((size_t)count * sizeof *slots) : NULL;
    if (!slots) return 0;
    memset(slots, 0xff, (size_t)count * sizeof *slots);
    for (uint32_t key = 0; key < t->keys_used; key++) {
        const uint64_t *hash = t->keys[key].hash;
        uint32_t slot = (uint32_t)hash[0] & (count - 1);
        while (slots[slot].key != NONE) slot = (slot + 1) & (count - 1);
        slots[slot] = (struct slot){(uint32_t)(hash[0] >> 32), key};
    }
    free(t->slots);
    t->slots = slots;
    t->slot_mask = count - 1;
    return 1;
}

static int more_keys(struct table *t) {
    if (t->keys_used < t->keys_room) return 1;
    uint32_t more = t->keys_room ? t->keys_room * 2 : 1024;
    uint64_t *places = more > t->keys_room ? moved(t->places, t->keys_used * sizeof *t->places, more * sizeof *t->places) : NULL;
    if (!places) return 0;
    t->places = places;
    struct tally *keys = moved(t->keys, t->keys_used * sizeof *t->keys, more * sizeof *t->keys);
    if (!keys) return 0;
    t->keys = keys;
    t->keys_room = more;
    return 1;
}

static int more_texts(struct table *t, uint64_t size) {
    if (t->texts_used + size <= t->texts_room) return 1;
    uint64_t want = (t->texts_used + size) * 2 + 65536;
    unsigned char *texts = moved(t->texts, t->texts_used, want);
    if (!texts) return 0;
    t->texts = texts;
    t->texts_room = want;
    return 1;
}

static int more_others(struct table *t) {
    if (t->others_used < t->others_room) return 1;
    uint32_t more = t->others_room ? t->others_room * 2 : 1024;
    struct other *others = more > t->others_room ? moved(t->others, t->others_used * sizeof *t->others, more * sizeof *t->others) : NULL;
    if (!others) return 0;
    t->others = others;
    t->others_room = more;
    return 1;
}

/* ---- counting ---- */

static struct tally empty(struct hash hash, int32_t period, int32_t chunk) {
    return (struct tally){.hash = {hash.low, hash.high}, .first = INT64_MAX, .last = INT64_MIN, .first_row = INT64_MAX,
                          .last_row = INT64_MIN, .period = (int16_t)period, .chunk = (int16_t)chunk};
}

/* Return a key's number, a new one where it is new, with an empty tally; NONE where the table is full. */
static uint32_t key_of(struct table *t, const struct slice *keys, struct hash hash, int32_t period, int32_t chunk) {
    if (!more_slots(t)) return NONE;
    uint32_t slot = (uint32_t)hash.low & t->slot_mask, mark = (uint32_t)(hash.low >> 32);
    for (; t->slots[slot].key != NONE; slot = (slot + 1) & t->slot_mask) {
        const uint64_t *found = t->keys[t->slots[slot].key].hash;
        if (t->slots[slot].mark == mark && found[0] == hash.low && found[1] == hash.high) return t->slots[slot].key;
    }
    uint64_t size = sizeof(struct text) + (uint64_t)t->columns * sizeof(uint32_t);
    for (int32_t i = 0; i < t->columns; i++) size += keys[i].size;
    size = (size + UNIT - 1) / UNIT * UNIT;
    if (bytes_of(t) + size > t->most || t->keys_used == NONE - 1 || !more_keys(t) || !more_texts(t, size)) return NONE;
    t->places[t->keys_used] = t->texts_used;
    struct text *text = text_at(t, t->keys_used);
    text->next = NONE;
    for (int32_t i = 0; i < t->columns; i++) text->size[i] = (uint32_t)keys[i].size;
    unsigned char *letters = (unsigned char *)(text->size + t->columns);
    for (int32_t i = 0; i < t->columns; letters += keys[i++].size) {
        if (keys[i].size) memcpy(letters, keys[i].at, keys[i].size);
        t->column_bytes[i] += (int64_t)keys[i].size;
    }
    t->texts_used += size;
    t->keys[t->keys_used] = empty(hash, period, chunk);
    t->slots[slot] = (struct slot){mark, t->keys_used};
    return t->keys_used++;
}

/* Return a key's tally of a period and chunk, a new one where there is none; it is then the key's own. NULL where the table is full. */
static struct tally *tally_of(struct table *t, uint32_t key, int32_t period, int32_t chunk) {
    struct tally *own = t->keys + key;
    if (own->period == period && own->chunk == chunk) return own;
    struct text *text = text_at(t, key);
    uint32_t at = text->next;
    while (at != NONE && (t->others[at].tally.period != period || t->others[at].tally.chunk != chunk)) at = t->others[at].next;
    if (at == NONE) {
        if (bytes_of(t) > t->most || t->others_used == NONE - 1 || !more_others(t)) return NULL;
        at = t->others_used++;
        t->others[at] = (struct other){empty((struct hash){own->hash[0], own->hash[1]}, period, chunk), text->next};
        text->next = at;
    }
    struct tally found = t->others[at].tally; /* they change places */
    t->others[at].tally = *own;
    *own = found;
    return own;
}

/* Add to a tally; 0 where it can count no further. */
static int add(struct tally *to, const struct tally *more) {
    if (to->count > UINT32_MAX - more->count) return 0;
    to->count += more->count;
    to->days |= more->days;
    if (more->first < to->first) to->first = more->first;
    if (more->last > to->last) to->last = more->last;
    if (more->first_row < to->first_row) to->first_row = more->first_row;
    if (more->last_row > to->last_row) to->last_row = more->last_row;
    return 1;
}

static int counted(struct table *t, const struct line *line) {
    struct clock *clock = &t->clock;
    if (line->instant < clock->low || line->instant >= clock->high) new_stretch(clock, &t->span, line->instant);
    if (clock->chunk != (int16_t)clock->chunk) return 0;
    uint32_t key = key_of(t, line->keys, line->hash, clock->period, clock->chunk);
    struct tally *tally = key == NONE ? NULL : tally_of(t, key, clock->period, clock->chunk);
    return tally && add(tally, &(struct tally){.first = line->instant, .last = line->instant, .first_row = line->row,
                                               .last_row = line->row, .days = clock->bit, .count = 1});
}

/* Ask the memory for a hash's slot, and when that is there for its tally: each one's place is anywhere, so that counting one line
 * after another would mostly wait. In between, other lines are cut. */
static void ask_slot(const struct table *t, const struct hash *hash) {
    if (t->slots) __builtin_prefetch(t->slots + (hash->low & t->slot_mask));
}

static void ask_tally(const struct table *t, const struct hash *hash) {
    if (!t->slots) return;
    uint32_t key = t->slots[hash->low & t->slot_mask].key;
    if (key != NONE) __builtin_prefetch(t->keys + key, 1);
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
    if (form->count > MOST_STEPS || keys > MOST_KEYS || stamps != 1 || span->cut_count > MOST_CUTS) return NULL;
    struct table *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->form = *form, t->span = *span, t->columns = keys, t->secret = secret_of(seed), t->most = most;
    t->clock.low = INT64_MAX, t->clock.high = INT64_MIN;
    return t;
}

void scan_end(struct table *t) {
    if (!t) return;
    free(t->keys), free(t->places), free(t->texts), free(t->others), free(t->slots), free(t);
}

/* Cut the next lines of a block; return where they end. */
static const unsigned char *cut(struct table *t, const unsigned char *at, const unsigned char *end, int plain,
                                const unsigned char *block, int64_t *lines, struct batch *batch, struct left *left) {
    batch->count = 0;
    for (int i = 0; i < BATCH && at < end; i++, ++*lines) {
        const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
        if (!feed) feed = end - 1; /* never, for a block ends with one */
        struct line *line = batch->lines + batch->count;
        line->row = *lines, line->begin = at - block;
        if ((plain || is_plain(at, feed)) && feed + 1 - at <= t->form.longest &&
            fits(&t->form, &t->clock, (struct bounds){at, feed, end}, line->keys, &line->instant)) {
            line->hash = hash_of(line->keys, t->columns, &t->secret);
            ask_slot(t, &line->hash);
            batch->count++;
        } else {
            left->at[left->count] = line->begin;
            left->rows[left->count++] = line->row;
        }
        at = feed + 1;
    }
    return at;
}

/* Count lines that were cut. */
static void count(struct table *t, struct batch *batch, int64_t row, struct left *left) {
    for (struct line *line = batch->lines; line < batch->lines + batch->count; line++) {
        int64_t place = line->row;
        line->row += row;
        if (counted(t, line)) continue;
        left->at[left->count] = line->begin;
        left->rows[left->count++] = place;
    }
}

/* Count the lines of a block, which ends with a line feed.
 *
 * `plain` says that no byte of it is above 127. A line's row is `row` plus its place in the block, from 0. Where the lines begin
 * that are left stands in `left`, with their places in `left_rows`, in any order; when too few of `left_room` are free, what
 * follows is not read. Returns how many lines were read; `*left_count` and `*done`, the bytes read, are set.
 */
int64_t scan_block(struct table *t, const unsigned char *block, int64_t size, int32_t plain, int64_t row, int64_t *left_at,
                   int64_t *left_rows, int64_t left_room, int64_t *left_count, int64_t *done) {
    const unsigned char *at = block, *end = block + size;
    struct batch batches[2], *now = batches, *before = batches + 1;
    struct left left = {left_at, left_rows, 0};
    int64_t lines = 0;
    before->count = 0;
    while (at < end && left.count + 2 * BATCH <= left_room) {
        at = cut(t, at, end, plain, block, &lines, now, &left);
        count(t, before, row, &left);
        for (int i = 0; i < now->count; i++) ask_tally(t, &now->lines[i].hash);
        struct batch *last = before;
        before = now, now = last;
    }
    count(t, before, row, &left);
    *left_count = left.count;
    *done = at - block;
    return lines;
}

/* Add another table's tally to a key; 0 where memory doesn't suffice. */
static int merged(struct table *t, const struct slice *keys, const struct tally *from) {
    uint32_t key = key_of(t, keys, (struct hash){from->hash[0], from->hash[1]}, from->period, from->chunk);
    struct tally *to = key == NONE ? NULL : tally_of(t, key, from->period, from->chunk);
    return to && add(to, from);
}

/* Add the counts of another table, made with the same form, span and seed; 0 where memory doesn't suffice. */
int32_t scan_merge(struct table *t, const struct table *other) {
    t->most = UINT64_MAX;
    for (uint32_t first = 0; first < other->keys_used; first += BATCH) {
        int count = other->keys_used - first < BATCH ? (int)(other->keys_used - first) : BATCH;
        struct hash hashes[BATCH];
        for (int i = 0; i < count; i++) memcpy(hashes + i, other->keys[first + (uint32_t)i].hash, sizeof *hashes);
        for (int i = 0; i < count; i++) ask_slot(t, hashes + i);
        for (int i = 0; i < count; i++) ask_tally(t, hashes + i);
        for (uint32_t key = first; key < first + (uint32_t)count; key++) {
            const struct text *text = text_at(other, key);
            const unsigned char *letters = letters_of(other, text);
            struct slice keys[MOST_KEYS];
            for (int32_t i = 0; i < t->columns; letters += text->size[i++]) keys[i] = (struct slice){letters, text->size[i]};
            if (!merged(t, keys, other->keys + key)) return 0;
            for (uint32_t at = text->next; at != NONE; at = other->others[at].next)
                if (!merged(t, keys, &other->others[at].tally)) return 0;
        }
    }
    return 1;
}

int64_t scan_keys(const struct table *t) { return t->keys_used; }

int64_t scan_tallies(const struct table *t) { return (int64_t)t->keys_used + t->others_used; }

int64_t scan_column_bytes(const struct table *t, int32_t column) { return t->column_bytes[column]; }

static void write_tally(const struct tally *from, int64_t key, int64_t *out, int64_t rows) {
    const int64_t values[] = {key, from->period, from->chunk, from->count, from->first, from->last,
                              from->first_row, from->last_row, from->days};
    for (size_t column = 0; column < sizeof values / sizeof *values; column++) out[(int64_t)column * rows] = values[column];
}

/* Write all that was counted.
 *
 * Of each column of the keys its texts one after another to `texts`, and to `offsets` where each begins, with the end behind the
 * last. To `counts` nine columns one after another: key, period, chunk, count, first, last, first row, last row, days.
 */
void scan_write(const struct table *t, unsigned char **texts, int64_t **offsets, int64_t *counts) {
    int64_t rows = scan_tallies(t), filled[MOST_KEYS] = {0};
    for (uint32_t key = 0; key < t->keys_used; key++) {
        const struct text *text = text_at(t, key);
        const unsigned char *letters = letters_of(t, text);
        for (int32_t i = 0; i < t->columns; letters += text->size[i++]) {
            offsets[i][key] = filled[i];
            if (text->size[i]) memcpy(texts[i] + filled[i], letters, text->size[i]);
            filled[i] += text->size[i];
        }
        write_tally(t->keys + key, key, counts++, rows);
        for (uint32_t at = text->next; at != NONE; at = t->others[at].next) write_tally(&t->others[at].tally, key, counts++, rows);
    }
    for (int32_t i = 0; i < t->columns; i++) offsets[i][t->keys_used] = filled[i];
}
