// What Linux offers and Swift's Glibc module lacks: functions hidden behind _GNU_SOURCE, system calls
// without a wrapper, and a child's way from vfork to execve, which must not run Swift code.
// _GNU_SOURCE is defined in the C files only: here it would give glibc's types another shape than the Glibc module has.
#ifndef XPM_CLINUX_H
#define XPM_CLINUX_H

#include <malloc.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// pidfd_open(2). Returns a close-on-exec descriptor, or -1 with errno.
int xpm_pidfd_open(pid_t pid);

/// pidfd_send_signal(2). Returns 0, or -1 with errno.
int xpm_pidfd_send_signal(int pidfd, int signal);

/// PIDFD_GET_INFO with PIDFD_INFO_EXIT, in Linux since 6.15. Returns 1 and the status in wait(2)'s form once the
/// process was reaped by its parent, 0 if that is not known (yet), or -1 with errno.
int xpm_pidfd_exit_status(int pidfd, int *status);

/// accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK. Returns a descriptor, or -1 with errno.
int xpm_accept(int listener);

/// The effective user at the other end of a connected Unix socket, by SO_PEERCRED. Returns 0, or -1 with errno.
int xpm_peer_user(int socket, uid_t *user);

/// PR_SET_CHILD_SUBREAPER. Returns 0, or -1 with errno.
int xpm_become_subreaper(void);

/// What a child still has to do between vfork and execve. Strings are not copied; the call returns after execve.
struct xpm_spawn_order {
    char *const *arguments;
    char *const *environment;
    const char *directory;
    const char *output;
    /// The same text as `output` makes both share one open file description.
    const char *error;
    /// Becomes descriptor 3 of the child; -1 for none. All others above are closed.
    int listener;
    /// Soft limit of open files, 0 for the caller's.
    uint64_t open_files;
    /// File mode mask, (mode_t)-1 for the caller's.
    mode_t mask;
};

enum xpm_spawn_stage { XPM_SPAWN_RESOURCES, XPM_SPAWN_LOG, XPM_SPAWN_FOLDER, XPM_SPAWN_EXEC };

struct xpm_spawn_failure {
    enum xpm_spawn_stage stage;
    int error;
};

/// Starts a program as the leader of a new session, with default signal dispositions and an empty mask, standard
/// input from /dev/null and its output appended to files of mode 0600. Returns the pid once the program runs, or -1
/// with `failure` filled in and no process left.
pid_t xpm_spawn(const struct xpm_spawn_order *order, struct xpm_spawn_failure *failure);

#endif
