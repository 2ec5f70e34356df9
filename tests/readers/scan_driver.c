/* Counts the lines of files with scan.c in two tables that it then merges; compiled by test_shapes.py under gcc's sanitisers.
 * Prints how many lines there are, how many were left, and how many counted. */

#include <stdio.h>
#include SCAN
int main(int count, char **files) {
    static const struct step steps[] = {
        {SKIPPED, 0, ' ', -1, 0, 1, 0, " ", "\377"}, {SKIPPED, 0, ' ', -1, 0, 1, 0, " ", "\377"},
        {KEY, 0, ' ', -1, 0, 2, 0, " [", "\377\377"}, {STAMP, 0, -1, -1, 0, 3, 0, "] \"", "\377\377\377"},
        {KEY, 0, '"', '?', 12, 2, "ync\0" "_task=" "\0", "\" ", "\377\377"}, {FIXED, 3, -1, -1, 0, 1, 0, " ", "\377"},
        {SKIPPED, 0, ' ', -1, 0, 2, 0, " \"", "\377\377"}, {SKIPPED, 0, '"', -1, 0, 3, 0, "\" \"", "\377\377\377"},
        {KEY, 0, '"', -1, 0, 1, 0, "\"", "\377"}};
    const int64_t cuts[] = {1780000000000000, 1790000000000000}, changes[] = {1785000000000000}, offsets[] = {0, 3600000000};
    const struct form form = {steps, sizeof steps / sizeof *steps, '"', 1000};
    const struct span span = {cuts, 2, 1, changes, offsets, 1770000000000000, 1795000000000000, 63};
    struct run runs[64];
    int64_t used, done, lines = 0, counted = 0, all_left = 0, by_file = 0, left_by_file = 0;
    struct table *tables[2] = {scan_begin(&form, &span, 7, 1 << 16), scan_begin(&form, &span, 7, 1 << 16)};
    struct table *other = scan_begin(&form, &span, 7, 1 << 16);
    for (int i = 1; i < count; i++) {
        FILE *file = fopen(files[i], "rb");
        unsigned char *block = malloc(1 << 16); /* as long as what is read, so that a byte too many is seen */
        int64_t size = (int64_t)fread(block, 1, 1 << 16, file);
        struct stretch stretch = {0};
        while (stretch.at < size) {
            scan_stretch(other, fileno(file), &stretch, size, 0, runs, 64);
            for (int64_t run = 0; run < stretch.runs; run++) left_by_file += runs[run].lines;
        }
        by_file += stretch.lines;
        fclose(file);
        block = realloc(block, (size_t)size);
        for (int64_t at = 0; at < size; at += done) {
            lines += scan_block(tables[i % 2], block + at, size - at, lines, runs, 64, &used, &done);
            for (int64_t run = 0; run < used; run++) all_left += runs[run].lines;
        }
        free(block);
    }
    if (!scan_merge(tables[0], tables[1])) return 1;
    int64_t tallies = scan_tallies(tables[0]), keys = scan_keys(tables[0]);
    int64_t *counts = malloc((size_t)(9 * tallies + 1) * sizeof *counts), *offset[4];
    unsigned char *text[4];
    for (int i = 0; i < 4; i++) offset[i] = malloc((size_t)(keys + 1) * 8), text[i] = malloc((size_t)scan_column_bytes(tables[0], i) + 1);
    scan_write(tables[0], text, offset, counts);
    for (int64_t i = 0; i < tallies; i++) counted += counts[3 * tallies + i];
    for (int i = 0; i < 4; i++) free(offset[i]), free(text[i]);
    free(counts), scan_end(tables[0]), scan_end(tables[1]), scan_end(other);
    printf("%ld %ld %ld\n", (long)lines, (long)all_left, (long)counted);
    return lines != all_left + counted || by_file != lines || left_by_file > lines;
}
