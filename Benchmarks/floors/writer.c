// writer LINES [FIFO]: writes so many lines of 100 bytes to standard output, a system call each, that begin with their number. Says the
// nanoseconds that took on FIFO, or on standard error, and then waits for a signal if it has a FIFO, like a service.
#include "common.h"
#include <fcntl.h>

int main(int count, char **arguments) {
    if (count < 2) return 64;
    long lines = atol(arguments[1]);
    char line[101];
    memset(line, '.', sizeof line);
    line[99] = '\n';
    uint64_t start = now();
    for (long index = 0; index < lines; index++) {
        long number = index;
        for (int place = 9; place >= 0; place--, number /= 10) line[place] = (char)('0' + number % 10);
        for (size_t written = 0; written < 100;) {
            ssize_t step = write(1, line + written, 100 - written);
            if (step < 0) die("write a line");
            written += (size_t)step;
        }
    }
    uint64_t took = now() - start;
    int said = count > 2 ? open(arguments[2], O_WRONLY | O_CLOEXEC) : 2;
    if (said < 0) die(arguments[2]);
    dprintf(said, "%lu\n", took);
    while (count > 2) pause();
    return 0;
}
