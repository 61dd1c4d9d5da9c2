#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
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

int xpm_accept(int listener) { return accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int xpm_peer_user(int socket, uid_t *user) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return -1;
    *user = peer.uid;
    return 0;
}

int xpm_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
