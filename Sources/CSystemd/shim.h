#ifndef CSYSTEMD_SHIM_H
#define CSYSTEMD_SHIM_H

// Swift has no __FILE__ and __LINE__ for C macros to expand: every entry would be said to come from this header.
// With the locations off, sd_journal_sendv is the plain function, and a caller adds CODE_FILE and CODE_LINE itself.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

/// Appends what StartTransientUnit wants to know of a scope that takes over one process. Returns a negative errno or not.
/// Here because Swift calls no variadic function. Further settings are for drop-ins, `xpmd-keeper-.scope.d/*.conf`.
static inline int xpm_append_scope(
    sd_bus_message *message, const char *name, const char *description, uint32_t pid, const char *before,
    uint64_t stop_microseconds) {
    return sd_bus_message_append(
        message, "ssa(sv)a(sa(sv))", name, "fail", 7,
        "Description", "s", description,
        "PIDs", "au", 1, pid,
        // What is below the scope's cgroup is left to the process, with all controllers that there are.
        "Delegate", "b", 1,
        "Before", "as", 1, before,
        "TimeoutStopUSec", "t", stop_microseconds,
        // Each service has limits of its own; a limit for all of them together would be met by whoever comes last.
        "TasksMax", "t", UINT64_MAX,
        // A scope that failed is not kept to be looked at: its name may come again.
        "CollectMode", "s", "inactive-or-failed",
        0);
}

#endif
