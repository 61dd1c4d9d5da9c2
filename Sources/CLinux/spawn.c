#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

// A FIFO without a reader would hold the child, and with it the parent of a vfork, for ever: hence O_NONBLOCK for
// the opening alone.
static int open_log(const char *path) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
    if (fd < 0) return -1;
    return fcntl(fd, F_SETFL, O_APPEND) < 0 ? -1 : fd;
}

// What sd_journal_stream_fd(3) does, for a child of vfork. A journal that takes no more must not hold it, and with it the
// parent: hence O_NONBLOCK until the header is sent.
static int open_journal(const char *socket_path, const char *header) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(socket_path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) return -1;
    shutdown(fd, SHUT_RD);
    // As much as systemd asks for, so that a burst does not hold up the program; the kernel may give less.
    const int room = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    const size_t length = strlen(header);
    const ssize_t count = send(fd, header, length, MSG_NOSIGNAL);
    if (count < 0) return -1;
    if ((size_t)count < length) {
        errno = EAGAIN;
        return -1;
    }
    return fcntl(fd, F_SETFL, 0) < 0 ? -1 : fd;
}

static int limit_resource(int resource, uint64_t wanted) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) < 0) return -1;
    const rlim_t value = wanted == UINT64_MAX ? RLIM_INFINITY : (rlim_t)wanted;
    if (value < limit.rlim_max) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max < value ? limit.rlim_max : value;
    return setrlimit(resource, &limit);
}

static void limit_as_far_as_allowed(const struct xpm_limit_pair *pair) {
    struct rlimit limit = {
        .rlim_cur = pair->soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)pair->soft,
        .rlim_max = pair->hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)pair->hard};
    struct rlimit own;
    if (setrlimit(pair->resource, &limit) == 0 || getrlimit(pair->resource, &own) < 0) return;
    if (limit.rlim_max > own.rlim_max) limit.rlim_max = own.rlim_max;
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    setrlimit(pair->resource, &limit);
}

static int write_oom_score(const char *score) {
    int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    const size_t length = strlen(score);
    const int done = write(fd, score, length) == (ssize_t)length;
    close(fd);
    return done ? 0 : -1;
}

static int enter_cgroup(int folder) {
    int fd = openat(folder, "cgroup.procs", O_WRONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    // 0 is who writes.
    const int done = write(fd, "0", 1) == 1;
    close(fd);
    return done;
}

static int place(int fd, int target) {
    if (fd == target) return fcntl(fd, F_SETFD, 0);
    return dup2(fd, target) < 0 ? -1 : 0;
}

// Where a child has its terminal's master: beyond the usual soft limit, up to which some programs close all numbers.
#define XPM_MASTER_NUMBER 1030
// Where that is beyond the hard limit.
#define XPM_LOW_MASTER_NUMBER 100

static int keep_master(int master) {
    // Yama lets no process take it that is no ancestor. Without Yama the kernel does not know this.
    prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
    const int kept = fcntl(master, F_DUPFD, XPM_MASTER_NUMBER);
    return kept >= 0 ? kept : fcntl(master, F_DUPFD, XPM_LOW_MASTER_NUMBER);
}

// Refused by kernels before 5.9, where close-on-exec of all descriptors has to do.
static void close_others(unsigned first, int kept) {
    if (kept < 0) {
        syscall(SYS_close_range, first, ~0U, 0U);
    } else {
        syscall(SYS_close_range, first, (unsigned)kept - 1, 0U);
        syscall(SYS_close_range, (unsigned)kept + 1, ~0U, 0U);
    }
}

// Runs in the child on the parent's memory: async-signal-safe calls only, and nothing of the parent's is written
// except `failure`.
__attribute__((noinline)) static void become(
    const struct xpm_spawn_order *order, int is_in_cgroup, struct xpm_spawn_failure *failure) {
    failure->stage = XPM_SPAWN_RESOURCES;
    if (setsid() < 0) return;
    int listener = -1;
    if (order->listener >= 0) {
        // Out of the way of the low numbers, which are filled below.
        listener = fcntl(order->listener, F_DUPFD_CLOEXEC, 10);
        if (listener < 0) return;
    }
    int master = -1;
    if (order->master >= 0 && (master = keep_master(order->master)) < 0) return;
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (input < 0) return;

    failure->stage = XPM_SPAWN_LOG;
    int output, error;
    if (order->journal_output) {
        output = open_journal(order->journal_socket, order->journal_output);
        if (output < 0) return;
        error = open_journal(order->journal_socket, order->journal_error);
    } else if (order->output_end >= 0 && order->error_end >= 0) {
        output = order->output_end;
        error = order->error_end;
    } else {
        output = open_log(order->output);
        if (output < 0) return;
        error = strcmp(order->output, order->error) == 0 ? output : open_log(order->error);
    }
    if (error < 0) return;

    failure->stage = XPM_SPAWN_RESOURCES;
    // The order matters only for a caller without 0, 1 or 2: each number is free or already copied when it is filled.
    int shared = error == output;
    if (place(input, 0) < 0 || place(output, 1) < 0 || place(shared ? 1 : error, 2) < 0) return;
    if (listener >= 0 && place(listener, 3) < 0) return;
    close_others(listener >= 0 ? 4U : 3U, master);

    if (order->mask != (mode_t)-1) umask(order->mask);

    failure->stage = XPM_SPAWN_FOLDER;
    if (chdir(order->directory) < 0) return;

    failure->stage = XPM_SPAWN_RESOURCES;
    struct rlimit limit;
    if (order->open_files > 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = order->open_files < limit.rlim_max ? order->open_files : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return;
    }
    for (int index = 0; index < order->foreign_limit_count; index++) {
        limit_as_far_as_allowed(&order->foreign_limits[index]);
    }
    if (order->cpus_size > 0) syscall(SYS_sched_setaffinity, 0, order->cpus_size, order->cpus);
    if (order->has_foreign_nice) setpriority(PRIO_PROCESS, 0, order->foreign_nice);
    if (order->foreign_oom_score) write_oom_score(order->foreign_oom_score);
    for (int index = 0; index < order->limit_count; index++) {
        if (limit_resource(order->limits[index].resource, order->limits[index].limit) < 0) return;
    }
    if (order->data > 0 && !(is_in_cgroup && order->cgroup_counts_memory)) limit_resource(RLIMIT_DATA, order->data);
    if (order->has_nice && setpriority(PRIO_PROCESS, 0, order->nice) < 0) return;
    if (order->oom_score && write_oom_score(order->oom_score) < 0) return;
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

// Of linux/sched.h, which older systems have without the last field.
struct clone_order {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
#define XPM_CLONE_INTO_CGROUP 0x200000000ULL

// Like fork, born in a cgroup: to move a process there afterwards costs milliseconds and comes too late for what it starts.
// Its memory is a copy, so `failure` has to be shared.
static pid_t fork_into(int cgroup) {
    struct clone_order order = {
        .flags = CLONE_VFORK | XPM_CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)cgroup};
    return (pid_t)syscall(SYS_clone3, &order, sizeof order);
}

static struct xpm_spawn_failure *shared_failure(void) {
    static struct xpm_spawn_failure *shared;
    if (!shared) {
        void *page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page != MAP_FAILED) shared = page;
    }
    return shared;
}

static pid_t spawn_into(const struct xpm_spawn_order *order, struct xpm_spawn_failure *failure) {
    struct xpm_spawn_failure *shared = shared_failure();
    if (!shared) return -1;
    shared->error = 0;
    const pid_t pid = fork_into(order->cgroup);
    if (pid == 0) {
        become(order, 1, shared);
        shared->error = errno;
        _exit(127);
    }
    if (pid > 0) *failure = *shared;
    return pid;
}

static pid_t spawn_beside(
    const struct xpm_spawn_order *order, volatile int *is_in_cgroup, struct xpm_spawn_failure *failure) {
    const pid_t pid = vfork();
    if (pid == 0) {
        *is_in_cgroup = order->cgroup >= 0 && enter_cgroup(order->cgroup);
        become(order, *is_in_cgroup, failure);
        failure->error = errno;
        _exit(127);
    }
    return pid;
}

pid_t xpm_spawn(const struct xpm_spawn_order *order, int *is_in_cgroup, struct xpm_spawn_failure *failure) {
    // A handler that ran in the child would run on the parent's memory.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failure->error = 0;
    pid_t pid = -1;
    int is_short = 0;
    *is_in_cgroup = 0;
    if (order->cgroup >= 0) {
        pid = spawn_into(order, failure);
        *is_in_cgroup = pid > 0;
        is_short = pid < 0 && (errno == EAGAIN || errno == ENOMEM);
    }
    // Kernels before 5.7 have no way into a cgroup, filters of system calls hide it, and a cgroup may refuse: that is no
    // reason to do without the process.
    if (pid < 0 && !is_short) pid = spawn_beside(order, is_in_cgroup, failure);
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
