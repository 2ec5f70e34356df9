/* Cut ordinary lines of a log at the places that their form names, and count equal ones.
 *
 * What a form is stands in phaseout/reading/shape.py; phaseout/logs/form.py hands it over. A line that does not fit the form to the
 * letter is left to the reader's expressions, which can say everything; so this file only ever has to be right about plain lines,
 * and whatever it is in doubt about it leaves. It needs nothing but the system's library, keeps no state beside its tables, and
 * reads no byte outside of what it is given: each pointer travels with the end behind which it must not go.
 */

/* Each knows those before it. */
#include "scan_line.h"
#include "scan_hash.h"
#include "scan_table.h"
#include "scan_block.h"
#include "scan_file.h"

#define VERSION 4
#define MOST_STEPS 64
#define MOST_CUTS 30000

int32_t scan_version(void) { return VERSION; }

/* Make a table; form and span must outlive it. NULL where memory or the form's limits don't suffice. */
struct table *scan_begin(const struct form *form, const struct span *span, uint64_t seed, uint64_t most) {
    int32_t keys = 0, stamps = 0;
    for (int32_t i = 0; i < form->count; i++) {
        keys += form->steps[i].kind == KEY || form->steps[i].kind == FIXED;
        stamps += form->steps[i].kind == STAMP;
    }
    if (form->count > MOST_STEPS || keys > MOST_KEYS || stamps != 1 || span->cut_count > MOST_CUTS || span->days < 1 || span->days > 63)
        return NULL;
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

/* Count the lines of a block, which ends with a line feed.
 *
 * A line's row is `row` plus its place in the block, from 0. `*runs_used` of the runs are filled with the lines that are left; when
 * too little of `room` is free, what follows is not read. Returns how many lines were read; `*done`, the bytes read, is set.
 */
int64_t scan_block(struct table *t, const unsigned char *block, int64_t size, int64_t row, struct run *runs, int64_t room,
                   int64_t *runs_used, int64_t *done) {
    struct left left = {.runs = runs};
    int64_t lines = count_block(t, block, size, row, &left, room, done);
    *runs_used = left.count;
    return lines;
}

/* Do the same with a file's lines up to `end`, where a line ends; they begin at `s->at`, where the next call goes on. */
void scan_stretch(struct table *t, int32_t file, struct stretch *s, int64_t end, int64_t row, struct run *runs, int64_t room) {
    struct buffer buffer = {.size = end - s->at < (int64_t)BUFFER ? (size_t)(end - s->at) : BUFFER};
    s->runs = 0;
    if (!(buffer.bytes = malloc(buffer.size))) {
        s->error = ENOMEM;
        return;
    }
    count_stretch(t, file, s, end, row, runs, room, buffer);
    free(buffer.bytes);
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
        for (int i = 0; i < count; i++) {
            memcpy(hashes + i, other->keys[first + (uint32_t)i].hash, sizeof *hashes);
            ask_other(other, first + (uint32_t)i);
        }
        ask_all(t, hashes, count);
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
        if (t->keys_used - key > BATCH) ask_other(t, key + BATCH);
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
