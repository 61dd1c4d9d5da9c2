// guard PROGRAM ARGUMENT…: starts a program and starts it again whenever it ends, as fast as that can be done: vfork, execve, and a
// wait on its pidfd. SIGTERM ends both.
#include "common.h"
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static volatile pid_t child;

static void end(int signal) {
    (void)signal;
    if (child > 0) kill(child, SIGKILL);
    _exit(0);
}

int main(int count, char **arguments) {
    if (count < 2) return 64;
    signal(SIGTERM, end);
    for (;;) {
        pid_t pid = vfork();
        if (pid == 0) {
            execv(arguments[1], arguments + 1);
            _exit(127);
        }
        if (pid < 0) die("fork");
        child = pid;
        int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
        if (descriptor < 0) die("open a pidfd");
        struct pollfd ended = {.fd = descriptor, .events = POLLIN};
        while (poll(&ended, 1, -1) < 0 && errno == EINTR) continue;
        waitpid(pid, NULL, 0);
        close(descriptor);
    }
}
