/* The hash by which scan.c tells keys apart. */

static uint64_t word_at(const unsigned char *at, size_t size) {
    uint64_t word = 0;
    memcpy(&word, at, size);
    return word;
}

struct hash {
    uint64_t low, high;
};

/* Stir two words into a hash by a product of 128 bits, of which each half goes into one half of the hash. */
static void stir(struct hash *hash, uint64_t a, uint64_t b) {
    unsigned __int128 product = (unsigned __int128)a * b;
    hash->low = (hash->low ^ (uint64_t)product) * UINT64_C(0xd6e8feb86659fd93) + UINT64_C(0x9e3779b97f4a7c15);
    hash->high = ((hash->high ^ (uint64_t)(product >> 64)) + (hash->low >> 32)) * UINT64_C(0xff51afd7ed558ccd);
}

/* Keys are told apart by this alone: with a secret seed, a billion of them have two alike with a chance of 10 to the power of -20. */
static struct hash hash_of(const struct slice *keys, int32_t columns, uint64_t seed) {
    const uint64_t odd = seed * UINT64_C(0xc4ceb9fe1a85ec53) | 1;
    struct hash hash = {seed, ~seed};
    for (int32_t i = 0; i < columns; i++) {
        const unsigned char *at = keys[i].at;
        size_t left = keys[i].size;
        for (; left > 16; at += 16, left -= 16) stir(&hash, word_at(at, 8) ^ seed, word_at(at + 8, 8) ^ odd);
        uint64_t low = word_at(at, left < 8 ? left : 8), high = left > 8 ? word_at(at + 8, left - 8) : 0;
        stir(&hash, low ^ seed, high ^ odd);
        stir(&hash, hash.low ^ keys[i].size, odd);
    }
    stir(&hash, hash.high ^ odd, hash.low ^ seed);
    stir(&hash, hash.high ^ seed, hash.low ^ odd);
    return hash;
}
