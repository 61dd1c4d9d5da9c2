// TLS of a client, by the OpenSSL of the system, which is loaded when it is first needed: nothing of it is linked, and where
// no https page is probed it costs nothing. All calls but `xpm_tls_prepare` come from one thread.
#ifndef XPM_CTLS_H
#define XPM_CTLS_H

#include <stddef.h>

struct xpm_tls;

/// Loads OpenSSL 1.1 or 3, and with `verifies` the authorities that the system knows: 1, or 0 with the loader's words in `fault`, which
/// name the files. It may read for a while, on any thread; what was prepared stays so, until a certificate is refused.
int xpm_tls_prepare(int verifies, char *fault, size_t size);

/// A client of `host`, prepared for; with `verifies` the certificate must be that host's and of a known authority. NULL if it cannot be
/// made.
struct xpm_tls *xpm_tls_open(const char *host, int verifies);
void xpm_tls_close(struct xpm_tls *tls);

/// Takes in what came from the other end. Returns how much, or -1.
int xpm_tls_feed(struct xpm_tls *tls, const void *bytes, int count);
/// What is to be sent to the other end. Returns how much, 0 for nothing.
int xpm_tls_drain(struct xpm_tls *tls, void *bytes, int capacity);

/// What a step came to, beside the bytes of a read: it has to be fed first, the other end has ended, or it failed.
enum { XPM_TLS_WANTS = 0, XPM_TLS_ENDED = -1, XPM_TLS_FAILED = -2 };

/// Returns 1 once the connection is secured, or one of the above.
int xpm_tls_handshake(struct xpm_tls *tls);
/// Returns how many bytes were read, or one of the above.
int xpm_tls_read(struct xpm_tls *tls, void *bytes, int capacity);
/// Returns how many bytes were written, or one of the above.
int xpm_tls_write(struct xpm_tls *tls, const void *bytes, int count);

/// Why the last step failed, a phrase.
const char *xpm_tls_fault(const struct xpm_tls *tls);

#endif
