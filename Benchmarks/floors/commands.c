// commands ROUNDS PROGRAM ARGUMENT… [-- PROGRAM ARGUMENT…]…: runs each command in turn, ROUNDS times, and waits for its end. Prints
// a line a round: the nanoseconds of each, in order. A command that fails ends it. Two rounds before the first do not count.
#include "common.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

int main(int count, char **arguments) {
    if (count < 3) return 64;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    char **commands[16];
    int total = 0;
    commands[total++] = arguments + 2;
    for (int index = 2; index < count; index++) {
        if (strcmp(arguments[index], "--") != 0) continue;
        arguments[index] = NULL;
        if (total == 16) return 64;
        commands[total++] = arguments + index + 1;
    }
    for (long round = -2, rounds = atol(arguments[1]); round < rounds; round++) {
        for (int index = 0; index < total; index++) {
            pid_t pid;
            int status;
            uint64_t start = now();
            errno = posix_spawn(&pid, commands[index][0], &actions, NULL, commands[index], environ);
            if (errno != 0) die(commands[index][0]);
            waitpid(pid, &status, 0);
            uint64_t time = now() - start;
            if (status != 0) {
                fprintf(stderr, "cannot go on: %s ended with status %d\n", commands[index][0], status);
                return 1;
            }
            if (round >= 0) printf("%lu%c", time, index + 1 < total ? ' ' : '\n');
        }
    }
    return 0;
}
