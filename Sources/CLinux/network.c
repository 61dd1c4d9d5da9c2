#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_file(const char *path, const char *text) {
    const int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    const size_t length = strlen(text);
    const int done = write(fd, text, length) == (ssize_t)length;
    const int cause = errno;
    close(fd);
    errno = cause;
    return done ? 0 : -1;
}

// Everybody is who they were: what they own outside is theirs inside.
static int map_own_ids(uid_t user, gid_t group) {
    char text[64];
    // Linux asks for that before a group may be mapped by who is not privileged.
    if (write_file("/proc/self/setgroups", "deny") < 0) return -1;
    snprintf(text, sizeof text, "%u %u 1", (unsigned)user, (unsigned)user);
    if (write_file("/proc/self/uid_map", text) < 0) return -1;
    snprintf(text, sizeof text, "%u %u 1", (unsigned)group, (unsigned)group);
    return write_file("/proc/self/gid_map", text);
}

static int bring_up_loopback(void) {
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    struct ifreq request = {0};
    strcpy(request.ifr_name, "lo");
    int done = ioctl(fd, SIOCGIFFLAGS, &request);
    request.ifr_flags |= IFF_UP;
    if (done == 0) done = ioctl(fd, SIOCSIFFLAGS, &request);
    const int cause = errno;
    close(fd);
    errno = cause;
    return done;
}

int xpm_enter_private_network(void) {
    const uid_t user = geteuid();
    const gid_t group = getegid();
    // Root needs no other users' namespace, in which it would be less than root.
    if (unshare(CLONE_NEWNET) < 0) {
        if (errno != EPERM || unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0) return -1;
        if (map_own_ids(user, group) < 0) return -1;
    }
    return bring_up_loopback();
}

int xpm_beget(void) {
    const pid_t child = fork();
    if (child == 0) {
        // The child of a child that is gone is nobody's here: who waits for children of its own never meets it.
        const pid_t grandchild = fork();
        if (grandchild != 0) _exit(grandchild < 0 ? errno : 0);
        return 1;
    }
    if (child < 0) return -1;
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return 0;
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
    return -1;
}

void xpm_name_process(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

void xpm_close_from(unsigned first) {
    if (syscall(SYS_close_range, first, ~0U, 0U) == 0) return;
    for (int number = (int)first; number < 4096; number++) close(number);
}

int xpm_connect_loopback(uint16_t port, int over_ipv6) {
    const int fd = socket(over_ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    // What is passed on was put together already.
    const int at_once = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    const struct sockaddr_in ipv4 = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 ipv6 = {
        .sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const int done = over_ipv6 ? connect(fd, (const struct sockaddr *)&ipv6, sizeof ipv6)
                               : connect(fd, (const struct sockaddr *)&ipv4, sizeof ipv4);
    if (done == 0 || errno == EINPROGRESS) return fd;
    const int cause = errno;
    close(fd);
    errno = cause;
    return -1;
}
