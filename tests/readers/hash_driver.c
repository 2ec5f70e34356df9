/* Hashes keys that differ in little; compiled by test_shapes.py. Prints how many there are, how many halves of hashes two of them
 * share, and between which shares of a thousand flips each bit of a hash changes when one bit of a key does. */

#include <stdio.h>
#include SCAN

#define KEYS 1500000
#define FLIPS 20000

static uint64_t low[KEYS], high[KEYS];

static int order(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static int shared(uint64_t *halves, int count) {
    int found = 0;
    qsort(halves, (size_t)count, sizeof *halves, order);
    for (int i = 1; i < count; i++) found += halves[i] == halves[i - 1];
    return found;
}

int main(void) {
    const struct hash secret = secret_of(7);
    static unsigned char zeros[1000];
    char text[64];
    int count = 0, changed[128] = {0}, least = FLIPS, most = 0;
    for (int i = 0; i < 1400000; i++) { /* numbers, in one column or in two, cut anywhere */
        size_t size = (size_t)snprintf(text, sizeof text, "%.*s%d", i % 29, "POST /Microsoft-Server-Active", i / 29);
        size_t first = (size_t)i % (size + 1);
        struct slice keys[2] = {{(unsigned char *)text, first}, {(unsigned char *)text + first, size - first}};
        struct hash hash = hash_of(keys, 2, &secret);
        low[count] = hash.low, high[count++] = hash.high;
    }
    for (size_t size = 0; size < 1000; size++) /* nothing but zeros, of which a part stands in another column */
        for (size_t first = 0; first <= size && first < 50; first++) {
            struct slice keys[2] = {{zeros, first}, {zeros, size - first}};
            struct hash hash = hash_of(keys, 2, &secret);
            low[count] = hash.low, high[count++] = hash.high;
        }
    for (int i = 0; i < FLIPS; i++) {
        unsigned char key[40];
        for (size_t at = 0; at < sizeof key; at++) key[at] = (unsigned char)(hash_of(&(struct slice){(unsigned char *)&i, 4}, 1, &secret).low >> at % 8);
        struct slice keys = {key, 1 + (size_t)i % sizeof key};
        struct hash one = hash_of(&keys, 1, &secret);
        key[(size_t)i / sizeof key % keys.size] ^= (unsigned char)(1 << i % 8);
        struct hash other = hash_of(&keys, 1, &secret);
        for (int bit = 0; bit < 64; bit++) {
            changed[bit] += (one.low ^ other.low) >> bit & 1;
            changed[bit + 64] += (one.high ^ other.high) >> bit & 1;
        }
    }
    for (int bit = 0; bit < 128; bit++) {
        if (changed[bit] < least) least = changed[bit];
        if (changed[bit] > most) most = changed[bit];
    }
    printf("%d %d %d %d\n", count, shared(low, count) + shared(high, count), least * 1000 / FLIPS, most * 1000 / FLIPS);
    return 0;
}
