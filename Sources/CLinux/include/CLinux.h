// What Linux offers and Swift's Glibc module lacks: functions hidden behind _GNU_SOURCE, system calls
// without a wrapper, and a child's way from vfork to execve, which must not run Swift code.
// _GNU_SOURCE is defined in the C files only: here it would give glibc's types another shape than the Glibc module has.
#ifndef XPM_CLINUX_H
#define XPM_CLINUX_H

#include <malloc.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>

#include "xpm_logs.h"

/// pidfd_open(2). Returns a close-on-exec descriptor, or -1 with errno.
int xpm_pidfd_open(pid_t pid);

/// pidfd_send_signal(2). Returns 0, or -1 with errno.
int xpm_pidfd_send_signal(int pidfd, int signal);

/// PIDFD_GET_INFO with PIDFD_INFO_EXIT, in Linux since 6.15. Returns 1 and the status in wait(2)'s form once the
/// process was reaped by its parent, 0 if that is not known (yet), or -1 with errno.
int xpm_pidfd_exit_status(int pidfd, int *status);

/// Opens /dev/null as each of the descriptors 0 to 2 that is closed: what is opened later must not pass for input, output or errors.
void xpm_open_standard(void);

/// clock_gettime(2), in microseconds: CLOCK_BOOTTIME counts from the boot, suspended time included; CLOCK_MONOTONIC does not.
int64_t xpm_microseconds(clockid_t clock);

/// Waits on a condition that goes by CLOCK_MONOTONIC, for so many seconds at most. Returns 0, or ETIMEDOUT.
int xpm_await(pthread_cond_t *condition, pthread_mutex_t *mutex, int seconds);
int xpm_await_nanoseconds(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds);

/// close_range(2) with CLOSE_RANGE_UNSHARE: the calling thread has descriptors of its own from now on, and of those that there are only
/// 0 to 2. Returns 0, or -1 with errno where the kernel is too old: then it goes on sharing all.
int xpm_own_descriptors(void);

/// accept4(2) with SOCK_CLOEXEC and SOCK_NONBLOCK. Returns a descriptor, or -1 with errno.
int xpm_accept(int listener);

/// The effective user at the other end of a connected Unix socket, by SO_PEERCRED. Returns 0, or -1 with errno.
int xpm_peer_user(int socket, uid_t *user);

/// The process that listens at, or has made, the other end of a connected Unix socket, by SO_PEERCRED; -1 with errno.
pid_t xpm_peer_process(int socket);

/// Makes the calling process, which has one thread, leave its network for a new one, in which nothing is but loopback, and that is up. One
/// that may not do that gets a user namespace of its own for it, in which its user and group are the same. Returns 0, or -1 with errno.
int xpm_enter_private_network(void);

/// Makes a process that is a child of nobody here. Returns 1 in it, 0 in the caller, or -1 with errno.
int xpm_beget(void);

/// Begins to connect to a port of this machine, at 127.0.0.1 or at ::1. Returns a close-on-exec descriptor that does not block, or -1 with errno.
int xpm_connect_loopback(uint16_t port, int over_ipv6);

/// PR_SET_NAME: at most 15 bytes are taken.
void xpm_name_process(const char *name);

/// Closes this descriptor and all above it.
void xpm_close_from(unsigned first);

/// PR_SET_CHILD_SUBREAPER. Returns 0, or -1 with errno.
int xpm_become_subreaper(void);

/// Who owns what a path leads to, by stat(2), and whether it is a folder. Returns whether this process may write to it, 1 or
/// 0, or -1 with errno.
int xpm_file_facts(const char *path, uid_t *owner, int *is_folder);

/// One limit of setrlimit(2), soft and hard.
struct xpm_resource_limit {
    int resource;
    uint64_t limit;
};

/// fallocate(2) with FALLOC_FL_COLLAPSE_RANGE: takes the first `length` bytes out of a file. Returns 0, or -1 with errno.
int xpm_collapse_head(int file, off_t length);

/// Whether the file's file system knows FALLOC_FL_COLLAPSE_RANGE: 1 or 0. Asks for a range behind the end, which those
/// that know it refuse as invalid, and the others as unsupported.
int xpm_can_collapse(int file);

/// fallocate(2) with FALLOC_FL_PUNCH_HOLE and FALLOC_FL_KEEP_SIZE: gives back the room of a range, which then reads as
/// zeros. Returns 0, or -1 with errno.
int xpm_punch_hole(int file, off_t start, off_t length);

/// Both limits of setrlimit(2) apart.
struct xpm_limit_pair {
    int resource;
    uint64_t soft, hard;
};

/// prlimit(2) of a process, 0 for the caller: UINT64_MAX for none. Returns 0, or -1 with errno.
int xpm_resource_limits(pid_t pid, int resource, uint64_t *soft, uint64_t *hard);

/// Gives this process what a login would have given it, as far as it may, whatever its starter had: priority, scheduling,
/// processors, OOM score, soft limits, file mode mask 022 and the folder `/`.
void xpm_begin_clean(void);

/// What a child still has to do between vfork and execve. Strings are not copied; the call returns after execve.
struct xpm_spawn_order {
    char *const *arguments;
    char *const *environment;
    const char *directory;
    const char *output;
    /// The same text as `output` makes both share one open file description.
    const char *error;
    /// What standard output and error are in place of the files, open already; the same number for both makes them one, -1 for the files.
    int output_end;
    int error_end;
    /// The master of the terminal that both are, -1 for none. The child keeps it open for itself, at a number beyond the usual limit: then no
    /// death of others takes the terminal away, and whoever comes after them gets the master from it (`xpm_take_descriptor`).
    int master;
    /// Becomes descriptor 3 of the child; -1 for none. All others above are closed.
    int listener;
    /// Soft limit of open files, 0 for the caller's.
    uint64_t open_files;
    /// File mode mask, (mode_t)-1 for the caller's.
    mode_t mask;
    /// The folder of the cgroup that the child is born in, or moved to where that can't be; -1 for the caller's.
    int cgroup;
    /// A limit of memory is set on that cgroup.
    int cgroup_counts_memory;
    /// Limits, for each process by itself; a limit above the hard one is lowered to that.
    const struct xpm_resource_limit *limits;
    int limit_count;
    /// RLIMIT_DATA, unless the child is in a cgroup that counts; 0 for the caller's; one that is refused is let be.
    uint64_t data;
    /// What the child would have had of somebody else, each set as far as that may be, before what is above: limits,
    /// processors (those of the mask's bits, none for a size of 0), priority, OOM score (NULL for the caller's).
    const struct xpm_limit_pair *foreign_limits;
    int foreign_limit_count;
    const uint8_t *cpus;
    unsigned long cpus_size;
    int has_foreign_nice;
    int foreign_nice;
    const char *foreign_oom_score;
    int has_nice;
    int nice;
    /// What is written to /proc/self/oom_score_adj; NULL for the caller's.
    const char *oom_score;
    /// Header lines by which standard output and error become streams of the journal, NULL for the log files.
    const char *journal_output;
    const char *journal_error;
    /// The journal's socket.
    const char *journal_socket;
};

enum xpm_spawn_stage { XPM_SPAWN_RESOURCES, XPM_SPAWN_LOG, XPM_SPAWN_FOLDER, XPM_SPAWN_EXEC };

struct xpm_spawn_failure {
    enum xpm_spawn_stage stage;
    int error;
};

/// Starts a program as the leader of a new session, with default signal dispositions and an empty mask, standard
/// input from /dev/null and its output appended to files of mode 0600 or sent to the journal. Returns the pid once the
/// program runs, with `is_in_cgroup` telling whether it got into the order's cgroup, or -1 with `failure` filled in and no
/// process left.
pid_t xpm_spawn(const struct xpm_spawn_order *order, int *is_in_cgroup, struct xpm_spawn_failure *failure);

// Binds a TCP socket of its own to a numeric IPv4 or IPv6 address, as servers do, and closes it: 0 where that is possible, else the error.
int xpm_try_bind(const char *address, unsigned short port);

/// A datagram socket at `path` (mode 0600, nobody else's) that tells who sends. Returns a descriptor that neither blocks
/// nor is inherited, or -1 with errno.
int xpm_notify_listen(const char *path);

/// Takes one datagram; descriptors that come with it are closed. Returns its length, with the sender filled in, or -1 with
/// errno; EMSGSIZE for one that does not fit or tells no sender.
long xpm_notify_receive(int socket, char *buffer, unsigned long size, pid_t *pid, uid_t *uid);

/// wait4(2) for any child, without waiting. Processor time in microseconds and the largest resident set in bytes are those
/// of the child and of the children that it has waited for.
pid_t xpm_reap(int *status, uint64_t *microseconds, uint64_t *memory);

/// When something in an open folder was made, by statx(2), in nanoseconds since 1970; links are not followed. 0 where the file
/// system does not know, -1 with errno.
int64_t xpm_birth_time(int folder, const char *name);

#endif
