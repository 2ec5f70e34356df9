/* The table in which scan.c counts equal lines. */

#include <stdlib.h>
#include <sys/mman.h>

#define BATCH 32
#define NONE UINT32_MAX
#define UNIT 8 /* bytes; texts begin at its multiples */
#define FIRST_ROOM 64 /* for there may be thousands of files, each with tables of its own */
#define LARGE_PAGE ((size_t)1 << 21)

/* What is counted of one key in one period and chunk of days, with the rows of its first and its last instant, for a log need not
 * be in order; the key itself by 128 bits of its hash. It fills one line of the processor's caches, for the table is larger than they are, and what counting a line touches is what it costs. */
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
    uint32_t count = t->slots ? (t->slot_mask + 1) * 2 : FIRST_ROOM;
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
    uint32_t more = t->keys_room ? t->keys_room * 2 : FIRST_ROOM;
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
    uint64_t want = (t->texts_used + size) * 2 + FIRST_ROOM * UNIT;
    unsigned char *texts = moved(t->texts, t->texts_used, want);
    if (!texts) return 0;
    t->texts = texts;
    t->texts_room = want;
    return 1;
}

static int more_others(struct table *t) {
    if (t->others_used < t->others_room) return 1;
    uint32_t more = t->others_room ? t->others_room * 2 : FIRST_ROOM;
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
    if (more->first < to->first || (more->first == to->first && more->first_row < to->first_row))
        to->first = more->first, to->first_row = more->first_row;
    if (more->last > to->last || (more->last == to->last && more->last_row > to->last_row))
        to->last = more->last, to->last_row = more->last_row;
    return 1;
}

/* Ask the memory for a hash's slot, and when that is there for its tally: each one's place is anywhere, so that counting one line
 * after another would mostly wait. In between, other lines are cut. */
static void ask_slot(const struct table *t, const struct hash *hash) {
    if (t->slots) __builtin_prefetch(t->slots + (hash->low & t->slot_mask));
}

/* Return the key that a hash has to be, going by its slots alone; NONE where it is new. */
static uint32_t likely_key(const struct table *t, const struct hash *hash) {
    if (!t->slots) return NONE;
    uint32_t slot = (uint32_t)hash->low & t->slot_mask, mark = (uint32_t)(hash->low >> 32);
    while (t->slots[slot].key != NONE && t->slots[slot].mark != mark) slot = (slot + 1) & t->slot_mask;
    return t->slots[slot].key;
}

static void ask_tally(const struct table *t, const struct hash *hash) {
    uint32_t key = likely_key(t, hash);
    if (key != NONE) __builtin_prefetch(t->keys + key, 1);
}

/* Ask for the first of a key's other tallies. */
static void ask_other(const struct table *t, uint32_t key) {
    uint32_t next = text_at(t, key)->next;
    if (next != NONE) __builtin_prefetch(t->others + next, 1);
}

/* Ask for all that adding to some keys' tallies needs, one step of each after the other: where each step is, the one before says. */
static void ask_all(const struct table *t, const struct hash *hashes, int count) {
    uint32_t keys[BATCH];
    for (int i = 0; i < count; i++) ask_slot(t, hashes + i);
    for (int i = 0; i < count; i++) {
        keys[i] = likely_key(t, hashes + i);
        if (keys[i] == NONE) continue;
        __builtin_prefetch(t->keys + keys[i], 1);
        __builtin_prefetch(t->places + keys[i]);
    }
    for (int i = 0; i < count; i++)
        if (keys[i] != NONE) __builtin_prefetch(text_at(t, keys[i]), 1);
    for (int i = 0; i < count; i++)
        if (keys[i] != NONE) ask_other(t, keys[i]);
}
