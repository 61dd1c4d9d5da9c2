// What Linux offers and Swift's Glibc module lacks: functions hidden behind _GNU_SOURCE, system calls
// without a wrapper, and macros with arguments. Nothing here has logic of its own.
#ifndef XPM_CLINUX_H
#define XPM_CLINUX_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/types.h>

/// pidfd_open(2). Returns a close-on-exec descriptor, or -1 with errno.
int xpm_pidfd_open(pid_t pid);

/// pidfd_send_signal(2). Returns 0, or -1 with errno.
int xpm_pidfd_send_signal(int pidfd, int signal);

#endif
