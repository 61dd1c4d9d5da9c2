// talker MILLISECONDS [both]: writes a line to standard output now and then, and one to standard error, too, with `both`: some time between
// nothing and twice MILLISECONDS after the one before. A line is "line NUMBER MOMENT", the moment before its write(2) by the monotonic clock.
#include "common.h"

static void say(int output, uint64_t number) {
    char line[64];
    int length = snprintf(line, sizeof line, "line %lu %lu\n", number, now());
    if (write(output, line, (size_t)length) != length) die("write a line");
}

int main(int count, char **arguments) {
    if (count < 2) return 64;
    uint64_t range = (uint64_t)atol(arguments[1]) * 2000;
    srand48(getpid());
    for (uint64_t number = 0;; number++) {
        uint64_t pause = (uint64_t)(drand48() * (double)range);
        struct timespec time = {.tv_sec = (time_t)(pause / 1000000), .tv_nsec = (long)(pause % 1000000 * 1000)};
        nanosleep(&time, NULL);
        say(1, number);
        if (count > 2) say(2, number);
    }
}
