// The files of the dashboard, compiled in: their sources are in Sources/XPMWeb/Dashboard/assets.
#ifndef XPM_CDASHBOARD_H
#define XPM_CDASHBOARD_H

#include <stddef.h>

struct xpm_asset {
    /// Its path on the dashboard's origin, and its type.
    const char *path;
    const char *type;
    const unsigned char *bytes;
    size_t length;
};

/// The file at this place, from 0 on, or NULL behind the last one.
const struct xpm_asset *xpm_dashboard_asset(size_t place);

#endif
