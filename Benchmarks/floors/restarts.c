// restarts FIFO COUNT PAUSE: COUNT times ends the program `first` that said it has begun by SIGKILL, PAUSE milliseconds after it did.
// Prints for each the nanoseconds from the signal to the first instruction of its replacement.
#include "common.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>

static void next(int fifo, pid_t *pid, uint64_t *began) {
    char line[64] = "";
    for (size_t length = 0; length == 0 || line[length - 1] != '\n'; length++) {
        struct pollfd wait = {.fd = fifo, .events = POLLIN};
        if (length == sizeof line - 1 || poll(&wait, 1, 30000) <= 0 || read(fifo, line + length, 1) != 1) {
            fprintf(stderr, "cannot wait longer: nothing was started again\n");
            exit(1);
        }
    }
    if (sscanf(line, "%d %lu", pid, began) != 2) die("read what has begun");
}

int main(int count, char **arguments) {
    if (count != 4) return 64;
    // Read and write: opening a FIFO only to read waits for whoever writes.
    int fifo = open(arguments[1], O_RDWR | O_CLOEXEC);
    if (fifo < 0) die(arguments[1]);
    pid_t pid;
    uint64_t began;
    next(fifo, &pid, &began);
    for (long rounds = atol(arguments[2]); rounds > 0; rounds--) {
        usleep((useconds_t)atol(arguments[3]) * 1000);
        uint64_t killed = now();
        if (kill(pid, SIGKILL) != 0) die("end a process");
        next(fifo, &pid, &began);
        printf("%lu\n", began - killed);
    }
    return 0;
}
