// writer LINES SIZE [FIFO]: writes so many lines of 100 bytes to standard output, SIZE bytes a system call, wherever that cuts them. Each
// line begins with its number. Says the nanoseconds that took, and those of processor time, on FIFO or on standard error; with a FIFO it
// then waits for a signal, like a service.
#include "common.h"
#include <fcntl.h>

enum { LINE = 100, DIGITS = 10 };

static char line[LINE];

// Counting in the text costs less than dividing does: the writer is to be no part of what is measured.
static void count_up(void) {
    for (int place = DIGITS - 1; place >= 0 && ++line[place] > '9'; place--) line[place] = '0';
}

static void write_all(const char *bytes, size_t count) {
    for (size_t written = 0; written < count;) {
        ssize_t step = write(1, bytes + written, count - written);
        if (step < 0) die("write");
        written += (size_t)step;
    }
}

static uint64_t processor_time(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    size_t size = (size_t)atol(arguments[2]), used = 0, done = 0;
    char *block = malloc(size);
    if (!block || size == 0) return 64;
    memset(line, '.', LINE);
    memset(line, '0', DIGITS);
    line[LINE - 1] = '\n';
    uint64_t start = now(), used_before = processor_time();
    for (uint64_t left = (uint64_t)atol(arguments[1]) * LINE; left > 0;) {
        size_t piece = LINE - done < size - used ? LINE - done : size - used;
        memcpy(block + used, line + done, piece);
        used += piece;
        done += piece;
        left -= piece;
        if (done == LINE) {
            count_up();
            done = 0;
        }
        if (used == size || left == 0) {
            write_all(block, used);
            used = 0;
        }
    }
    uint64_t took = now() - start, worked = processor_time() - used_before;
    int said = count > 3 ? open(arguments[3], O_WRONLY | O_CLOEXEC) : 2;
    if (said < 0) die(arguments[3]);
    dprintf(said, "%lu %lu\n", took, worked);
    while (count > 3) pause();
    return 0;
}
