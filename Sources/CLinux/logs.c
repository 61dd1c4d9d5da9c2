#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

int64_t xpm_birth_of(int file) {
    struct statx status;
    if (statx(file, "", AT_EMPTY_PATH, STATX_BTIME, &status) < 0) return -1;
    if (!(status.stx_mask & STATX_BTIME)) return 0;
    int64_t microseconds;
    // A file system may keep any year.
    if (__builtin_mul_overflow(status.stx_btime.tv_sec, INT64_C(1000000), &microseconds)) return 0;
    return __builtin_add_overflow(microseconds, status.stx_btime.tv_nsec / 1000, &microseconds) ? 0 : microseconds;
}

int xpm_rename_new(int folder, const char *from, const char *to) {
    if (renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return 0;
    if (errno != EINVAL && errno != ENOSYS) return -1;
    if (linkat(folder, from, folder, to, 0) < 0) return -1;
    return unlinkat(folder, from, 0);
}

int64_t xpm_nanoseconds(clockid_t clock) {
    struct timespec now = {0};
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int xpm_pipe(int *reader, int *writer) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    *reader = ends[0];
    *writer = ends[1];
    return 0;
}

int xpm_readable_bytes(int descriptor) {
    int count = 0;
    return ioctl(descriptor, FIONREAD, &count) < 0 ? -1 : count;
}

int xpm_pipe_capacity(int descriptor) { return fcntl(descriptor, F_GETPIPE_SZ); }

long xpm_tee(int from, int to, unsigned long count) { return tee(from, to, count, SPLICE_F_NONBLOCK); }

unsigned long xpm_count_lines(const void *bytes, unsigned long count) {
    const char *at = bytes, *const end = at + count;
    unsigned long lines = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) lines++, at++;
    return lines;
}

unsigned long xpm_after_line(const void *bytes, unsigned long count) {
    const char *const at = memchr(bytes, '\n', count);
    return at ? (unsigned long)(at - (const char *)bytes) + 1 : 0;
}

unsigned long xpm_after_last_line(const void *bytes, unsigned long count) {
    const char *const at = memrchr(bytes, '\n', count);
    return at ? (unsigned long)(at - (const char *)bytes) + 1 : 0;
}

int xpm_send_packet(int socket, const void *bytes, unsigned long count, int descriptor) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    }
    return sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

long xpm_receive_packet(int socket, void *buffer, unsigned long size, int *descriptor) {
    // Room for as many descriptors as a message may carry, so that none gets lost open.
    union {
        char bytes[CMSG_SPACE(253 * sizeof(int))];
        struct cmsghdr align;
    } control;
    struct iovec part = {.iov_base = buffer, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *descriptor = -1;
    const ssize_t length = recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC | MSG_TRUNC);
    if (length < 0) return -1;
    // Without room for it in the table, or the system's memory, a descriptor gets lost on its way.
    if (message.msg_flags & MSG_CTRUNC) *descriptor = -2;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        for (size_t at = 0; at + sizeof(int) <= header->cmsg_len - CMSG_LEN(0); at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(header) + at, sizeof fd);
            if (*descriptor < 0)
                *descriptor = fd;
            else
                close(fd);
        }
    }
    if ((unsigned long)length > size) {
        if (*descriptor >= 0) close(*descriptor);
        *descriptor = -1;
        errno = EMSGSIZE;
        return -1;
    }
    return length;
}

int xpm_terminal_of(int master) {
    // By the master itself: no name that leads to another mount of devpts.
    return ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

// Nobody types, and the log is to have what was written: no echo, no carriage return before each line feed.
static int set_up_terminal(int terminal, uint16_t columns, uint16_t rows) {
    struct termios mode;
    if (tcgetattr(terminal, &mode) < 0) return -1;
    mode.c_oflag &= ~(tcflag_t)OPOST;
    mode.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL | ECHOCTL | ECHOKE);
    mode.c_iflag |= IUTF8;
    const struct winsize size = {.ws_row = rows, .ws_col = columns};
    return tcsetattr(terminal, TCSANOW, &mode) < 0 ? -1 : ioctl(terminal, TIOCSWINSZ, &size);
}

int xpm_open_terminal(int *terminal, uint16_t columns, uint16_t rows) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) return -1;
    *terminal = unlockpt(master) == 0 ? xpm_terminal_of(master) : -1;
    if (*terminal >= 0 && set_up_terminal(*terminal, columns, rows) == 0) return master;
    const int error = errno;
    if (*terminal >= 0) close(*terminal);
    close(master);
    errno = error;
    return -1;
}

int xpm_number_of_master(int master) {
    unsigned number;
    return ioctl(master, TIOCGPTN, &number) < 0 ? -1 : (int)number;
}

int xpm_number_of_terminal(dev_t device) {
    const unsigned first = 136, last = 143, each = 256;
    if (major(device) < first || major(device) > last) return -1;
    return (int)((major(device) - first) * each + minor(device));
}

int xpm_take_descriptor(pid_t pid, int descriptor) {
    const int process = xpm_pidfd_open(pid);
    if (process < 0) return -1;
    const int taken = (int)syscall(SYS_pidfd_getfd, process, descriptor, 0);
    const int error = errno;
    close(process);
    errno = error;
    return taken;
}

// The linker's: where the program's text begins and ends.
extern const char __executable_start[], etext[];

void xpm_trim_memory(void) {
    malloc_trim(0);
    const uintptr_t page = 4096;
    const uintptr_t start = ((uintptr_t)__executable_start + page - 1) & ~(page - 1), end = (uintptr_t)etext & ~(page - 1);
    // Nobody writes to it, so every page is as the file has it.
    if (end > start) madvise((void *)start, end - start, MADV_DONTNEED);
}
