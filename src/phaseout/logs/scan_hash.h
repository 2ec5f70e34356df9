/* The hash by which scan.c tells keys apart: 128 bits, in two lanes that read the same words with secrets of their own.
 *
 * Keys are told apart by it alone: with secret lanes, a billion of them have two alike with a chance of some 10 to the power of -20.
 * A column's size and one go in before its bytes, so that neither an empty column nor where two of them meet is lost.
 */

struct hash {
    uint64_t low, high;
};

static uint64_t eight(const unsigned char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static uint64_t four(const unsigned char *at) {
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Both halves of a product of 128 bits, one upon the other. */
static uint64_t folded(uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static void stir(struct hash *hash, const struct hash *secret, uint64_t a, uint64_t b) {
    hash->low = folded(a ^ secret->low, b ^ hash->low);
    hash->high = folded(a ^ secret->high, b ^ hash->high);
}

/* Make both lanes' secrets of a seed. */
static struct hash secret_of(uint64_t seed) {
    uint64_t low = folded(seed ^ UINT64_C(0x9e3779b97f4a7c15), UINT64_C(0xd6e8feb86659fd93));
    return (struct hash){low, folded(low ^ ~seed, UINT64_C(0xff51afd7ed558ccd))};
}

static struct hash hash_of(const struct slice *keys, int32_t columns, const struct hash *secret) {
    struct hash hash = {secret->high, ~secret->low};
    for (int32_t i = 0; i < columns; i++) {
        const unsigned char *at = keys[i].at, *last = at + keys[i].size;
        size_t size = keys[i].size;
        hash.low += (size + 1) * UINT64_C(0xd6e8feb86659fd93), hash.high += (size + 1) * UINT64_C(0xc4ceb9fe1a85ec53);
        if (size >= 16) { /* the last words may have been read in part before: the size tells how much */
            for (; last - at > 16; at += 16) stir(&hash, secret, eight(at), eight(at + 8));
            stir(&hash, secret, eight(last - 16), eight(last - 8));
        } else if (size >= 8) stir(&hash, secret, eight(at), eight(last - 8));
        else if (size >= 4) stir(&hash, secret, four(at), four(last - 4));
        else if (size) stir(&hash, secret, (uint64_t)at[0] << 16 | (uint64_t)at[size / 2] << 8 | last[-1], 0);
    }
    struct hash mixed = hash;
    stir(&mixed, secret, hash.high, UINT64_C(0x9e3779b97f4a7c15));
    return (struct hash){mixed.low ^ hash.low, mixed.high ^ hash.high};
}
