// stops COUNT ROUNDS PROGRAM ARGUMENT…: starts COUNT processes, each in a session of its own, sends SIGTERM to all of them and waits for
// all; prints the nanoseconds from the first signal to the last end, ROUNDS times.
#include "common.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

int main(int count, char **arguments) {
    if (count < 4) return 64;
    long processes = atol(arguments[1]);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    pid_t *pids = calloc((size_t)processes, sizeof *pids);
    for (long rounds = atol(arguments[2]); rounds > 0; rounds--) {
        for (long index = 0; index < processes; index++) {
            errno = posix_spawn(&pids[index], arguments[3], NULL, &attributes, arguments + 3, environ);
            if (errno != 0) die("spawn");
        }
        uint64_t start = now();
        for (long index = 0; index < processes; index++) kill(pids[index], SIGTERM);
        for (long index = 0; index < processes; index++) waitpid(pids[index], NULL, 0);
        printf("%lu\n", now() - start);
    }
    return 0;
}
