// spawn COUNT BURSTS PROGRAM ARGUMENT…: posix_spawns COUNT processes, each into a session of its own and with output to a file, as
// a supervisor does; prints the nanoseconds of each call, or with BURSTS > 0 those of all COUNT together. Ends them all.
#include "common.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

int main(int count, char **arguments) {
    if (count < 4) return 64;
    long processes = atol(arguments[1]), bursts = atol(arguments[2]);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY | O_APPEND, 0);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t *pids = calloc((size_t)processes, sizeof *pids);
    uint64_t *times = calloc((size_t)processes, sizeof *times);
    for (long round = 0; round < (bursts > 0 ? bursts : 1); round++) {
        uint64_t begin = now();
        for (long index = 0; index < processes; index++) {
            uint64_t start = now();
            errno = posix_spawn(&pids[index], arguments[3], &actions, &attributes, arguments + 3, environ);
            if (errno != 0) die("spawn");
            times[index] = now() - start;
        }
        uint64_t whole = now() - begin;
        for (long index = 0; index < processes; index++) kill(pids[index], SIGKILL);
        for (long index = 0; index < processes; index++) waitpid(pids[index], NULL, 0);
        if (bursts > 0) printf("%lu\n", whole);
    }
    for (long index = 0; bursts == 0 && index < processes; index++) printf("%lu\n", times[index]);
    return 0;
}
