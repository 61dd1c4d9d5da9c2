// What the floors share: a clock, a socket, and frames of a 4-byte big-endian length and that many bytes.
#pragma once
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static inline void die(const char *what) {
    fprintf(stderr, "cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

// The monotonic clock is one for all processes, so that times of two of them can be subtracted.
static inline uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline struct sockaddr_un address_of(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(address.sun_path, path);
    return address;
}

static inline int connect_to(const char *path) {
    struct sockaddr_un address = address_of(path);
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    // A server that never answers is an error and not a benchmark that never ends.
    struct timeval limit = {.tv_sec = 120};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return descriptor;
}

static inline void send_all(int descriptor, const void *bytes, size_t count) {
    for (size_t sent = 0; sent < count;) {
        ssize_t step = send(descriptor, (const char *)bytes + sent, count - sent, MSG_NOSIGNAL);
        if (step < 0) die("send");
        sent += (size_t)step;
    }
}

// Bytes as they come, cut into frames.
struct reader {
    int descriptor;
    char *bytes;
    size_t start, end, capacity;
};

static inline struct reader reader_of(int descriptor) {
    struct reader reader = {.descriptor = descriptor, .capacity = 1 << 16};
    reader.bytes = malloc(reader.capacity);
    return reader;
}

// The next payload that is there already, terminated by a zero byte until the next call; NULL where more must come first.
static inline char *frame_at_hand(struct reader *reader, size_t *length) {
    static char *terminated;
    static char saved;
    if (terminated) *terminated = saved;
    terminated = NULL;
    uint32_t header;
    if (reader->end - reader->start < sizeof header) return NULL;
    memcpy(&header, reader->bytes + reader->start, sizeof header);
    *length = ntohl(header);
    if (reader->end - reader->start < sizeof header + *length) return NULL;
    char *payload = reader->bytes + reader->start + sizeof header;
    reader->start += sizeof header + *length;
    terminated = payload + *length;
    saved = *terminated;
    *terminated = 0;
    return payload;
}

// Reads what there is, at least one byte; 0 at the end of the stream.
static inline int fill(struct reader *reader, int flags) {
    if (reader->start == reader->end) reader->start = reader->end = 0;
    if (reader->end + 1 >= reader->capacity) {
        memmove(reader->bytes, reader->bytes + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->start = 0;
        if (reader->end + 1 >= reader->capacity / 2) reader->bytes = realloc(reader->bytes, reader->capacity *= 2);
    }
    ssize_t count = recv(reader->descriptor, reader->bytes + reader->end, reader->capacity - reader->end - 1, flags);
    if (count < 0 && errno == EAGAIN && (flags & MSG_DONTWAIT)) return -1;
    if (count < 0) die("receive");
    reader->end += (size_t)count;
    return count > 0;
}

static inline char *next_frame(struct reader *reader, size_t *length) {
    char *payload;
    while (!(payload = frame_at_hand(reader, length))) {
        if (!fill(reader, 0)) {
            errno = ECONNRESET;
            die("receive");
        }
    }
    return payload;
}

// A whole file, with its size.
static inline char *contents(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size + 1);
    if (fread(bytes, 1, *size, file) != *size) die(path);
    fclose(file);
    return bytes;
}
