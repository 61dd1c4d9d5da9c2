#define _GNU_SOURCE
#include "CLinux.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int xpm_resource_limits(pid_t pid, int resource, uint64_t *soft, uint64_t *hard) {
    struct rlimit limit;
    if (prlimit(pid, resource, NULL, &limit) < 0) return -1;
    *soft = limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit.rlim_cur;
    *hard = limit.rlim_max == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit.rlim_max;
    return 0;
}

// What the kernel gives process 1 (INIT_RLIMITS); the rest is as high as its hard limit.
static rlim_t usual_soft_limit(int resource, rlim_t hard) {
    const rlim_t usual = resource == RLIMIT_STACK    ? 8 << 20
                         : resource == RLIMIT_CORE   ? 0
                         : resource == RLIMIT_NOFILE ? 1024
                                                     : hard;
    return usual < hard ? usual : hard;
}

void xpm_begin_clean(void) {
    for (int resource = 0; resource < RLIM_NLIMITS; resource++) {
        struct rlimit limit;
        // A real-time process is none of ours, and what raises priorities is for the user to give.
        if (resource == RLIMIT_NICE || resource == RLIMIT_RTPRIO || getrlimit(resource, &limit) < 0) continue;
        const rlim_t usual = usual_soft_limit(resource, limit.rlim_max);
        // Many services take many files: a higher limit is kept.
        if (resource == RLIMIT_NOFILE && usual < limit.rlim_cur) continue;
        limit.rlim_cur = usual;
        setrlimit(resource, &limit);
    }
    const struct sched_param none = {0};
    sched_setscheduler(0, SCHED_OTHER, &none);
    setpriority(PRIO_PROCESS, 0, 0);
    // IOPRIO_WHO_PROCESS, IOPRIO_CLASS_NONE: by the priority.
    syscall(SYS_ioprio_set, 1, 0, 0);
    unsigned char cpus[1024];
    memset(cpus, 0xff, sizeof cpus);
    // The kernel leaves out those that there are not, and those that a cpuset takes away.
    syscall(SYS_sched_setaffinity, 0, sizeof cpus, cpus);
    int score = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (score >= 0) {
        char text[16] = {0};
        // One below 0 is a protection that somebody with the right to it has given.
        if (read(score, text, sizeof text - 1) > 0 && text[0] != '-') (void)!pwrite(score, "0", 1, 0);
        close(score);
    }
    umask(022);
    (void)!chdir("/");
}
