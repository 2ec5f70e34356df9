/* What scan.c knows of time and of a line's form: cutting one line, and finding the period, chunk and day of an instant. */

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define MOST_KEYS 8
#define TEXT_ROOM 8
#define DAY INT64_C(86400000000)
#define SECOND INT64_C(1000000)
#define OUTSIDE (-1)
#define FIRST_YEAR 1970 /* lines of these years and those beyond are left: where no stamp can be, is said elsewhere */
#define LAST_YEAR 2199

enum kind { NOTHING, SKIPPED, KEY, FIXED, STAMP };

/* One step of a form: a field, and the text that must stand behind it, which has no line feed. */
struct step {
    int32_t kind;
    int32_t size; /* of a FIXED field, in digits */
    int32_t end;  /* the byte that ends the others: the first of the text */
    int32_t cut;  /* from here on a key is left out, unless it holds one of some texts; -1 for none */
    int32_t unless_size;
    int32_t text_size;
    const char *unless; /* those texts, one after another, each with a zero behind it */
    unsigned char text[TEXT_ROOM];
    unsigned char mask[TEXT_ROOM]; /* 255 where there is text */
};

struct form {
    const struct step *steps;
    int32_t count;
    int32_t never;   /* a byte that stands nowhere but in texts; -1 for none */
    int64_t longest; /* bytes of a line, its end included */
    const char *beyond; /* a text that no line has behind what is read of it */
    int64_t beyond_size;
};

/* How time is cut; all instants are microseconds since 1970. Zone changes and cuts ascend. */
struct span {
    const int64_t *cuts;
    int32_t cut_count;
    int32_t change_count;
    const int64_t *changes;
    const int64_t *offsets; /* one more than changes */
    int64_t since;
    int64_t until;
    int64_t days; /* of one chunk; its bits have room for 63 */
};

struct slice {
    const unsigned char *at;
    size_t size;
};

/* A line, with its end, the line feed not included; up to `limit` bytes may be read. */
struct bounds {
    const unsigned char *at, *end, *limit;
};

/* The latest stamp's day and zone, and the stretch of time that has one period, chunk and day: most lines have the same as the
 * line before. */
struct clock {
    unsigned char day_text[12], zone_text[6];
    int64_t day_start, ahead;
    int64_t low, high, bit;
    int32_t period, chunk;
};

/* ---- time ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static int two(const unsigned char *at, int *value) {
    unsigned tens = at[0] - '0', ones = at[1] - '0';
    *value = (int)(tens * 10 + ones);
    return tens < 10 && ones < 10;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, by the way of counting years from March. */
static int64_t days_from(int year, int month, int day) {
    int shifted = month <= 2 ? year - 1 : year;
    int era = shifted / 400, of_era = shifted - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int in_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    return (int64_t)era * 146097 + in_era - 719468;
}

static int month_of(const unsigned char *at) {
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int month = 0; month < 12; month++)
        if (!memcmp(at, names + month * 3, 3)) return month + 1;
    return 0;
}

/* Take `dd/Mon/yyyy:` apart. */
static int new_day(struct clock *clock, const unsigned char *at) {
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int day, century, year, month = month_of(at + 3);
    if (!two(at, &day) || at[2] != '/' || !month || at[6] != '/' || !two(at + 7, &century) || !two(at + 9, &year)) return 0;
    year += century * 100;
    int leap = month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    if (at[11] != ':' || year <= FIRST_YEAR || year >= LAST_YEAR || day < 1 || day > length[month - 1] + leap) return 0;
    clock->day_start = days_from(year, month, day) * DAY;
    memcpy(clock->day_text, at, sizeof clock->day_text);
    return 1;
}

/* Take ` +hhmm` apart. */
static int new_zone(struct clock *clock, const unsigned char *at) {
    int hours, minutes;
    if (at[0] != ' ' || (at[1] != '+' && at[1] != '-') || !two(at + 2, &hours) || !two(at + 4, &minutes)) return 0;
    if (hours > 15 || minutes > 59) return 0;
    clock->ahead = (hours * 60 + minutes) * 60 * SECOND * (at[1] == '-' ? -1 : 1);
    memcpy(clock->zone_text, at, sizeof clock->zone_text);
    return 1;
}

/* Read `dd/Mon/yyyy:hh:mm:ss +zzzz`; return what is behind it, or NULL. */
static const unsigned char *stamp(struct clock *clock, const unsigned char *at, const unsigned char *end, int64_t *instant) {
    int hour, minute, second;
    if (end - at < 26) return NULL;
    if (memcmp(at, clock->day_text, sizeof clock->day_text) && !new_day(clock, at)) return NULL;
    if (memcmp(at + 20, clock->zone_text, sizeof clock->zone_text) && !new_zone(clock, at + 20)) return NULL;
    if (!two(at + 12, &hour) || at[14] != ':' || !two(at + 15, &minute) || at[17] != ':' || !two(at + 18, &second)) return NULL;
    if (hour > 23 || minute > 59 || second > 59) return NULL;
    *instant = clock->day_start + ((hour * 60 + minute) * 60 + second) * SECOND - clock->ahead;
    return at + 26;
}

/* Find the stretch of time around an instant in which period, chunk and day are one. */
static void new_stretch(struct clock *clock, const struct span *s, int64_t at) {
    int32_t cut = 0, change = 0;
    clock->low = INT64_MIN, clock->high = INT64_MAX;
    while (cut < s->cut_count && s->cuts[cut] <= at) clock->low = s->cuts[cut++];
    if (cut < s->cut_count) clock->high = s->cuts[cut];
    clock->period = cut;
    while (change < s->change_count && s->changes[change] <= at) change++;
    if (change && s->changes[change - 1] > clock->low) clock->low = s->changes[change - 1];
    if (change < s->change_count && s->changes[change] < clock->high) clock->high = s->changes[change];
    int64_t ahead = s->offsets[change], day = floor_div(at + ahead, DAY);
    if (day * DAY - ahead > clock->low) clock->low = day * DAY - ahead;
    if ((day + 1) * DAY - ahead < clock->high) clock->high = (day + 1) * DAY - ahead;
    clock->chunk = (int32_t)floor_div(day, s->days);
    clock->bit = INT64_C(1) << (day - (int64_t)clock->chunk * s->days);
    if (at < s->since) {
        clock->period = OUTSIDE;
        if (s->since < clock->high) clock->high = s->since;
    } else if (s->since > clock->low) clock->low = s->since;
    if (at >= s->until) {
        clock->period = OUTSIDE;
        if (s->until > clock->low) clock->low = s->until;
    } else if (s->until < clock->high) clock->high = s->until;
}

/* ---- the form ---- */

/* Whether one of the texts, each with a zero behind it, stands in a slice. */
static int holds_any(struct slice in, const char *texts, int32_t size) {
    for (const char *text = texts; text < texts + size; text += strlen(text) + 1) {
        size_t length = strlen(text);
        const unsigned char *at = in.at, *end = in.at + in.size;
        while ((size_t)(end - at) >= length && (at = memchr(at, text[0], (size_t)(end - at) - length + 1))) {
            if (!memcmp(at, text, length)) return 1;
            at++;
        }
    }
    return 0;
}

/* Mark each of the next bytes that is a certain one: the lowest mark is right, what stands above it may not be. */
#if defined(__SSE2__) && !defined(WITHOUT_SSE2)
#define STRIDE 16
#define BITS_A_BYTE 1
static uint64_t marked(const unsigned char *at, int byte) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)at);
    return (uint64_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8((char)byte)));
}
#elif __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define STRIDE 8
#define BITS_A_BYTE 8
static uint64_t marked(const unsigned char *at, int byte) {
    uint64_t word;
    memcpy(&word, at, 8);
    word ^= UINT64_C(0x0101010101010101) * (unsigned char)byte;
    return (word - UINT64_C(0x0101010101010101)) & ~word & UINT64_C(0x8080808080808080);
}
#else
#define STRIDE 1
#define BITS_A_BYTE 1
static uint64_t marked(const unsigned char *at, int byte) { return *at == byte; }
#endif

/* Return where a field ends; NULL when it does not, or when what never may stand in it does. */
static const unsigned char *field(struct bounds in, int last, int never) {
    for (; in.at < in.end && in.limit - in.at >= STRIDE; in.at += STRIDE) {
        uint64_t ends = marked(in.at, last), bad = marked(in.at, never);
        if (!(ends | bad)) continue;
        if (!ends || (bad && last != never && (bad & -bad) < (ends & -ends))) return NULL;
        const unsigned char *at = in.at + __builtin_ctzll(ends) / BITS_A_BYTE;
        return at < in.end ? at : NULL;
    }
    for (; in.at < in.end && *in.at != last; in.at++)
        if (*in.at == never) return NULL;
    return in.at < in.end ? in.at : NULL;
}

static int stands_at(const struct step *step, struct bounds in) {
    if (in.limit - in.at >= TEXT_ROOM) {
        uint64_t found, text, mask;
        memcpy(&found, in.at, sizeof found), memcpy(&text, step->text, sizeof text), memcpy(&mask, step->mask, sizeof mask);
        return !((found ^ text) & mask);
    }
    if (in.limit - in.at < step->text_size) return 0;
    for (int32_t i = 0; i < step->text_size; i++)
        if (in.at[i] != step->text[i]) return 0;
    return 1;
}

/* Return a key, cut where its step says so. */
static struct slice key(const struct step *step, const unsigned char *from, const unsigned char *to) {
    struct slice whole = {from, (size_t)(to - from)};
    const unsigned char *cut = step->cut < 0 ? NULL : memchr(from, step->cut, whole.size);
    return cut && !holds_any(whole, step->unless, step->unless_size) ? (struct slice){from, (size_t)(cut - from)} : whole;
}

/* Take one line apart; say whether it fits. */
static int fits(const struct form *form, struct clock *clock, struct bounds in, struct slice *keys, int64_t *instant) {
    for (const struct step *step = form->steps; step < form->steps + form->count; step++) {
        const unsigned char *from = in.at;
        if (step->kind == SKIPPED || step->kind == KEY) {
            if (!(in.at = field(in, step->end, form->never))) return 0;
            if (step->kind == KEY) *keys++ = key(step, from, in.at);
        } else if (step->kind == FIXED) {
            if (in.end - in.at < step->size) return 0;
            for (; in.at < from + step->size; in.at++)
                if (*in.at < '0' || *in.at > '9') return 0;
            *keys++ = (struct slice){from, (size_t)step->size};
        } else if (step->kind == STAMP && !(in.at = stamp(clock, in.at, in.end, instant))) return 0;
        if (!stands_at(step, in)) return 0;
        in.at += step->text_size;
    }
    if (form->beyond_size && in.end - in.at >= form->beyond_size && !memcmp(in.at, form->beyond, (size_t)form->beyond_size)) return 0;
    return form->never < 0 || in.at == in.end || !memchr(in.at, form->never, (size_t)(in.end - in.at));
}
