// screen LINES [PROGRAM ARGUMENT…]: a terminal on which PROGRAM shows what a talker says, or a mere reader of standard input. Prints for each
// of LINES lines the nanoseconds from the moment that it names, before its write(2), to this one; those of the first lines do not count.
// Then the program is ended. Fails where a line is missing or comes twice.
#include "common.h"
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

enum { BEFORE = 20 };

static pid_t program;

static int show(char **command) {
    struct winsize size = {.ws_row = 50, .ws_col = 160};
    int screen;
    program = forkpty(&screen, NULL, NULL, &size);
    if (program < 0) die("make a terminal");
    if (program == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execv(command[0], command);
        die(command[0]);
    }
    return screen;
}

static void end(void) {
    if (program <= 0) return;
    kill(program, SIGTERM);
    for (int wait = 0; wait < 200; wait++) {
        if (waitpid(program, NULL, WNOHANG) != 0) return;
        usleep(10000);
    }
    kill(program, SIGKILL);
    waitpid(program, NULL, 0);
}

int main(int count, char **arguments) {
    if (count < 2) return 64;
    long wanted = atol(arguments[1]) + BEFORE, seen = 0;
    uint64_t *times = calloc((size_t)wanted, sizeof *times), last = 0;
    int screen = count > 2 ? show(arguments + 2) : 0;
    atexit(end);
    static char text[1 << 16];
    size_t length = 0;
    while (seen < wanted) {
        ssize_t got = read(screen, text + length, sizeof text - 1 - length);
        uint64_t moment = now();
        if (got <= 0) die("read the screen");
        length += (size_t)got;
        text[length] = 0;
        char *place = text;
        for (char *ending; seen < wanted && (ending = strchr(place, '\n')); place = ending + 1) {
            *ending = 0;
            char *line = strstr(place, "line ");
            uint64_t number, said;
            if (!line || sscanf(line, "line %lu %lu", &number, &said) != 2) continue;
            if (seen > 0 && number != last + 1) {
                fprintf(stderr, "cannot go on: line %lu came after line %lu\n", number, last);
                return 1;
            }
            last = number;
            times[seen++] = moment - said;
        }
        length -= (size_t)(place - text);
        memmove(text, place, length);
        if (length == sizeof text - 1) length = 0;
    }
    for (long index = BEFORE; index < wanted; index++) printf("%lu\n", times[index]);
    return 0;
}
