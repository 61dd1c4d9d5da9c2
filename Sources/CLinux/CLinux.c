#define _GNU_SOURCE
#include "CLinux.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int xpm_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int xpm_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

// linux/pidfd.h of the build machine is mostly older than the kernels that know this; the layout is the 64-byte
// first version of struct pidfd_info.
struct pidfd_info_v0 {
    uint64_t mask, cgroup;
    uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    int32_t exit_code;
};
_Static_assert(sizeof(struct pidfd_info_v0) == 64, "the size is part of the ioctl's number");

int xpm_pidfd_exit_status(int pidfd, int *status) {
    const uint64_t info_exit = 1 << 3;
    struct pidfd_info_v0 info = {.mask = info_exit};
    if (ioctl(pidfd, _IOWR(0xFF, 11, struct pidfd_info_v0), &info) < 0) return -1;
    if (!(info.mask & info_exit)) return 0;
    *status = info.exit_code;
    return 1;
}

int xpm_collapse_head(int file, off_t length) { return fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0, length); }

int xpm_punch_hole(int file, off_t start, off_t length) {
    return fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start, length);
}

int xpm_can_collapse(int file) {
    const off_t beyond_any_end = (off_t)1 << 40;
    return fallocate(file, FALLOC_FL_COLLAPSE_RANGE, beyond_any_end, beyond_any_end) == 0 || errno == EINVAL;
}

int64_t xpm_microseconds(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int xpm_await(pthread_cond_t *condition, pthread_mutex_t *mutex, int seconds) {
    return xpm_await_nanoseconds(condition, mutex, (int64_t)seconds * 1000000000);
}

int xpm_await_nanoseconds(pthread_cond_t *condition, pthread_mutex_t *mutex, int64_t nanoseconds) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    const int64_t part = end.tv_nsec + (nanoseconds > 0 ? nanoseconds : 0);
    end.tv_sec += part / 1000000000;
    end.tv_nsec = part % 1000000000;
    return pthread_cond_timedwait(condition, mutex, &end);
}

int xpm_own_descriptors(void) {
    const unsigned unshare = 1U << 1;
    return (int)syscall(SYS_close_range, 3U, ~0U, unshare);
}

void xpm_open_standard(void) {
    // The lowest number that is free is the one that is given.
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) return;
}

int xpm_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int xpm_peer_user(int socket, uid_t *user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
    *user = peer.uid;
    return 0;
}

pid_t xpm_peer_process(int socket) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ? -1 : peer.pid;
}

int xpm_file_facts(const char *path, uid_t *owner, int *is_folder) {
    struct stat status;
    if (stat(path, &status) < 0) return -1;
    *owner = status.st_uid;
    *is_folder = S_ISDIR(status.st_mode);
    return access(path, W_OK) == 0;
}

int xpm_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int xpm_notify_listen(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    const int on = 1;
    unlink(path);
    // On Linux the file takes its mode from the socket: private from its birth, and sticky, which keeps cleaners away.
    if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 || fchmod(fd, 01600) < 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        const int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

long xpm_notify_receive(int socket, char *buffer, unsigned long size, pid_t *pid, uid_t *uid) {
    // Room for as many descriptors as a message may carry, so that none gets lost open.
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(253 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    const ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
    if (length < 0) return -1;
    int known = 0;
    for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level != SOL_SOCKET) continue;
        if (part->cmsg_type == SCM_CREDENTIALS) {
            struct ucred sender;
            memcpy(&sender, CMSG_DATA(part), sizeof sender);
            *pid = sender.pid;
            *uid = sender.uid;
            known = 1;
        } else if (part->cmsg_type == SCM_RIGHTS) {
            for (size_t at = 0; at + sizeof(int) <= part->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
                int fd;
                memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
                close(fd);
            }
        }
    }
    if (!known || (unsigned long)length > size) {
        errno = EMSGSIZE;
        return -1;
    }
    return length;
}

pid_t xpm_reap(int *status, uint64_t *microseconds, uint64_t *memory) {
    struct rusage usage;
    const pid_t pid = wait4(-1, status, WNOHANG, &usage);
    if (pid <= 0) return pid;
    *microseconds = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000u +
                    (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
    *memory = (uint64_t)usage.ru_maxrss * 1024u;
    return pid;
}

int64_t xpm_birth_time(int folder, const char *name) {
    struct statx status;
    if (statx(folder, name, AT_SYMLINK_NOFOLLOW, STATX_BTIME, &status) < 0) return -1;
    if (!(status.stx_mask & STATX_BTIME)) return 0;
    int64_t nanoseconds;
    // A file system may keep any year.
    if (__builtin_mul_overflow(status.stx_btime.tv_sec, INT64_C(1000000000), &nanoseconds)) return 0;
    return __builtin_add_overflow(nanoseconds, status.stx_btime.tv_nsec, &nanoseconds) ? 0 : nanoseconds;
}

int xpm_try_bind(const char *address, unsigned short port) {
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    const int is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    if (!is_six && inet_pton(AF_INET, address, &four.sin_addr) != 1) return EINVAL;
    const int descriptor = socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return errno;
    const int on = 1;
    // As servers do: connections that have ended are in nobody's way.
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_six) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    const int result = is_six ? bind(descriptor, (struct sockaddr *)&six, sizeof six)
                              : bind(descriptor, (struct sockaddr *)&four, sizeof four);
    const int failure = result == 0 ? 0 : errno;
    close(descriptor);
    return failure;
}
