#ifndef CSYSTEMD_SHIM_H
#define CSYSTEMD_SHIM_H

// Swift has no __FILE__ and __LINE__ for C macros to expand: every entry would be said to come from this header.
// With the locations off, sd_journal_sendv is the plain function, and a caller adds CODE_FILE and CODE_LINE itself.
#define SD_JOURNAL_SUPPRESS_LOCATION

#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>

#endif
