/* Cutting the lines of a block and counting them; what is left is told as runs of lines. */

#define LONGEST_RUN ((int64_t)1 << 20) /* bytes, but for a single line */

/* A line that fits, before it is counted. */
struct line {
    struct slice keys[MOST_KEYS];
    struct hash hash;
    int64_t instant, place, begin, size;
};

struct batch {
    int count;
    struct line lines[BATCH];
};

/* Lines one behind the other that are left: where they begin, their bytes, the place of the first, and how many there are. */
struct run {
    int64_t at, size, place, lines;
};

/* The runs of a block; what is added to where its lines begin and to their places, and to their places for what is counted. */
struct left {
    struct run *runs;
    int64_t count, at, place;
};

static void leave(struct left *left, const struct line *line) {
    int64_t at = left->at + line->begin, place = left->place + line->place;
    struct run *last = left->count ? left->runs + left->count - 1 : NULL;
    if (last && last->at + last->size == at && last->place + last->lines == place && last->size + line->size <= LONGEST_RUN)
        last->size += line->size, last->lines++;
    else
        left->runs[left->count++] = (struct run){at, line->size, place, 1};
}

static int counted(struct table *t, const struct line *line, int64_t row) {
    struct clock *clock = &t->clock;
    if (line->instant < clock->low || line->instant >= clock->high) new_stretch(clock, &t->span, line->instant);
    if (clock->chunk != (int16_t)clock->chunk) return 0;
    uint32_t key = key_of(t, line->keys, line->hash, clock->period, clock->chunk);
    struct tally *tally = key == NONE ? NULL : tally_of(t, key, clock->period, clock->chunk);
    return tally && add(tally, &(struct tally){.first = line->instant, .last = line->instant, .first_row = row,
                                               .last_row = row, .days = clock->bit, .count = 1});
}

static int is_plain(const unsigned char *at, const unsigned char *end) {
    unsigned char all = 0;
    for (; at < end; at++) all |= *at;
    return all < 128;
}

/* Cut the next lines of a block; return where they end. */
static const unsigned char *cut(struct table *t, const unsigned char *block, const unsigned char *at, const unsigned char *end,
                                int plain, int64_t *lines, struct batch *batch, struct left *left) {
    batch->count = 0;
    for (int i = 0; i < BATCH && at < end; i++, ++*lines) {
        const unsigned char *feed = memchr(at, '\n', (size_t)(end - at));
        if (!feed) feed = end - 1; /* never, for a block ends with one */
        struct line *line = batch->lines + batch->count;
        line->place = *lines, line->begin = at - block, line->size = feed + 1 - at;
        if ((plain || is_plain(at, feed)) && line->size <= t->form.longest &&
            fits(&t->form, &t->clock, (struct bounds){at, feed, end}, line->keys, &line->instant)) {
            line->hash = hash_of(line->keys, t->columns, &t->secret);
            ask_slot(t, &line->hash);
            batch->count++;
        } else leave(left, line);
        at = feed + 1;
    }
    return at;
}

/* Count lines that were cut; `row` is added to their places. */
static void count(struct table *t, const struct batch *batch, int64_t row, struct left *left) {
    for (const struct line *line = batch->lines; line < batch->lines + batch->count; line++)
        if (!counted(t, line, row + left->place + line->place)) leave(left, line);
}

/* Count the lines of a block, which ends with a line feed; when too little of the room for runs is free, what follows is not
 * read. Returns how many lines were read; `*done`, the bytes read, is set. */
static int64_t count_block(struct table *t, const unsigned char *block, int64_t size, int64_t row, struct left *left, int64_t room,
                           int64_t *done) {
    const unsigned char *at = block, *end = block + size;
    struct batch batches[2], *now = batches, *before = batches + 1;
    int plain = is_plain(block, end);
    int64_t lines = 0;
    before->count = 0;
    while (at < end && left->count + 2 * BATCH <= room) {
        at = cut(t, block, at, end, plain, &lines, now, left);
        count(t, before, row, left);
        for (int i = 0; i < now->count; i++) ask_tally(t, &now->lines[i].hash);
        struct batch *last = before;
        before = now, now = last;
    }
    count(t, before, row, left);
    *done = at - block;
    return lines;
}
