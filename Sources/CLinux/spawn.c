#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// A FIFO without a reader would hold the child, and with it the parent of a vfork, for ever: hence O_NONBLOCK for
// the opening alone.
static int open_log(const char *path) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0) return -1;
    return fcntl(fd, F_SETFL, O_APPEND) < 0 ? -1 : fd;
}

static int place(int fd, int target) {
    if (fd == target) return fcntl(fd, F_SETFD, 0);
    return dup2(fd, target) < 0 ? -1 : 0;
}

// Runs in the child on the parent's memory: async-signal-safe calls only, and nothing of the parent's is written
// except `failure`.
__attribute__((noinline)) static void become(const struct xpm_spawn_order *order, struct xpm_spawn_failure *failure) {
    failure->stage = XPM_SPAWN_RESOURCES;
    if (setsid() < 0) return;
    int listener = -1;
    if (order->listener >= 0) {
        // Out of the way of the low numbers, which are filled below.
        listener = fcntl(order->listener, F_DUPFD_CLOEXEC, 10);
        if (listener < 0) return;
    }
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0) return;

    failure->stage = XPM_SPAWN_LOG;
    int output = open_log(order->output);
    if (output < 0) return;
    int error = strcmp(order->output, order->error) == 0 ? output : open_log(order->error);
    if (error < 0) return;

    failure->stage = XPM_SPAWN_RESOURCES;
    // The order matters only for a caller without 0, 1 or 2: each number is free or already copied when it is filled.
    int shared = error == output;
    if (place(input, 0) < 0 || place(output, 1) < 0 || place(shared ? 1 : error, 2) < 0) return;
    if (listener >= 0 && place(listener, 3) < 0) return;
    // Refused by kernels before 5.9, where close-on-exec of all descriptors has to do.
    syscall(SYS_close_range, listener >= 0 ? 4U : 3U, ~0U, 0U);

    if (order->mask != (mode_t)-1) umask(order->mask);

    failure->stage = XPM_SPAWN_FOLDER;
    if (chdir(order->directory) < 0) return;

    failure->stage = XPM_SPAWN_RESOURCES;
    struct rlimit limit;
    if (order->open_files > 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = order->open_files < limit.rlim_max ? order->open_files : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    }
    // glibc's own call leaves out its internal signals 32 and 33, which a careless ancestor may have had ignored. Zeroes
    // are SIG_DFL with an empty mask in the kernel's struct on 64-bit machines.
    const uint64_t by_default[4] = {0};
    for (int number = 1; number <= 64; number++) {
        syscall(SYS_rt_sigaction, number, by_default, NULL, sizeof(uint64_t));
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);

    failure->stage = XPM_SPAWN_EXEC;
    execve(order->arguments[0], order->arguments, order->environment);
}

pid_t xpm_spawn(const struct xpm_spawn_order *order, struct xpm_spawn_failure *failure) {
    // A handler that ran in the child would run on the parent's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure->error = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        become(order, failure);
        failure->error = errno;
        _exit(127);
    }
    if (pid < 0) {
        failure->stage = XPM_SPAWN_RESOURCES;
        failure->error = errno;
    } else if (failure->error != 0) {
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {}
        pid = -1;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pid;
}
