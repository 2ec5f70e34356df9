/* Counting the lines of a part of a file. */

#include <errno.h>
#include <unistd.h>

#define BUFFER ((size_t)1 << 18) /* bytes at most; what is read is cut while it is still near the processor */

struct buffer {
    unsigned char *bytes;
    size_t size;
};

/* How far a part is counted. */
struct stretch {
    int64_t at;    /* where in the file the next line begins */
    int64_t lines; /* read so far */
    int64_t runs;  /* that the latest call left */
    int64_t error; /* of the system, or 0 */
};

/* Read some bytes of a file; 0 at its end, and when the system says that it can't be read. */
static size_t bytes_at(int file, unsigned char *to, size_t size, int64_t at, struct stretch *s) {
    ssize_t got;
    do got = pread(file, to, size, at);
    while (got < 0 && errno == EINTR);
    if (got < 0) s->error = errno;
    return got > 0 ? (size_t)got : 0;
}

/* Return how many bytes of a text lie before the end of its last whole line. */
static size_t whole_lines(const unsigned char *text, size_t size) {
    while (size && text[size - 1] != '\n') size--;
    return size;
}

/* Return the size of a line that is longer than the buffer, of which the buffer's size is known to be of it. */
static int64_t size_of_long(int file, struct buffer buffer, int64_t end, struct stretch *s) {
    int64_t size = (int64_t)buffer.size, got;
    for (; s->at + size < end; size += got) {
        int64_t rest = end - s->at - size;
        got = (int64_t)bytes_at(file, buffer.bytes, rest < (int64_t)buffer.size ? (size_t)rest : buffer.size, s->at + size, s);
        if (!got) break;
        const unsigned char *feed = memchr(buffer.bytes, '\n', (size_t)got);
        if (feed) return size + (feed + 1 - buffer.bytes);
    }
    return size;
}

/* Count on until the end of the part, until something can't be read, or until too little of the room for runs is free. */
static void count_stretch(struct table *t, int file, struct stretch *s, int64_t end, int64_t row, struct run *runs, int64_t room,
                          struct buffer buffer) {
    struct left left = {.runs = runs};
    size_t kept = 0;
    while (s->at + (int64_t)kept < end && left.count + 2 * BATCH <= room) {
        int64_t rest = end - s->at - (int64_t)kept, free_ = (int64_t)(buffer.size - kept), done;
        size_t got = bytes_at(file, buffer.bytes + kept, (size_t)(rest < free_ ? rest : free_), s->at + (int64_t)kept, s);
        if (!got) break; /* it has become shorter since */
        kept += got;
        size_t whole = whole_lines(buffer.bytes, kept);
        left.at = s->at, left.place = s->lines;
        if (whole) {
            s->lines += count_block(t, buffer.bytes, (int64_t)whole, row, &left, room, &done);
            s->at += done;
            kept = done < (int64_t)whole ? 0 : kept - whole;
            memmove(buffer.bytes, buffer.bytes + whole, kept);
        } else if (kept == buffer.size && s->at + (int64_t)kept < end) {
            struct line line = {.size = size_of_long(file, buffer, end, s)};
            leave(&left, &line);
            s->lines++, s->at += line.size, kept = 0;
        }
    }
    s->runs = left.count;
    if (left.count + 2 * BATCH > room || s->error) return;
    if (kept) { /* a last line without its line feed */
        left.at = s->at, left.place = s->lines++;
        leave(&left, &(struct line){.size = (int64_t)kept});
        s->runs = left.count;
    }
    s->at = end;
}
