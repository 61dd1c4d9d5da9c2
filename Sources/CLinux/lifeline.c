#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

struct lifeline {
    int writer;
    int error;
    sem_t is_held;
};

// Close all but one descriptor, which becomes 0. Called when hardly any are open, so that even without close_range(2) none is missed.
static void keep_only(int descriptor) {
    if (descriptor != 0) dup2(descriptor, 0);
    if (syscall(SYS_close_range, 1U, ~0U, 0U) == 0) return;
    for (int other = 1; other < 1024; other++) close(other);
}

static void *hold(void *argument) {
    struct lifeline *const line = argument;
    // A table of its own: from here on the end is this thread's alone.
    line->error = unshare(CLONE_FILES) == 0 ? 0 : errno;
    if (line->error == 0) keep_only(line->writer);
    const int is_held = line->error == 0;
    sem_post(&line->is_held);
    while (is_held) pause();
    return NULL;
}

int xpm_make_lifeline(void) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    struct lifeline line = {.writer = ends[1]};
    sem_init(&line.is_held, 0, 0);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 64 << 10);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    line.error = pthread_create(&thread, &attributes, hold, &line);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (line.error == 0)
        while (sem_wait(&line.is_held) < 0) {}
    pthread_attr_destroy(&attributes);
    sem_destroy(&line.is_held);
    close(ends[1]);
    if (line.error == 0) return ends[0];
    close(ends[0]);
    errno = line.error;
    return -1;
}
