// first FIFO: a service that writes its pid and the monotonic clock's nanoseconds to FIFO as the first thing it does, and waits.
#include "common.h"
#include <fcntl.h>

int main(int count, char **arguments) {
    uint64_t began = now();
    if (count != 2) return 64;
    int fifo = open(arguments[1], O_WRONLY | O_CLOEXEC);
    if (fifo < 0) die(arguments[1]);
    dprintf(fifo, "%d %lu\n", getpid(), began);
    for (;;) pause();
}
