#include "CTLS.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// From OpenSSL's headers, which need not be there: part of the ABI of 1.1 and of 3.
#define SSL_VERIFY_PEER 1
#define SSL_ERROR_WANT_READ 2
#define SSL_ERROR_WANT_WRITE 3
#define SSL_ERROR_ZERO_RETURN 6
#define SSL_CTRL_SET_TLSEXT_HOSTNAME 55

static struct {
    const void *(*TLS_client_method)(void);
    void *(*SSL_CTX_new)(const void *);
    void (*SSL_CTX_free)(void *);
    int (*SSL_CTX_set_default_verify_paths)(void *);
    void (*SSL_CTX_set_verify)(void *, int, void *);
    void *(*SSL_new)(void *);
    void (*SSL_free)(void *);
    void (*SSL_set_bio)(void *, void *, void *);
    void (*SSL_set_connect_state)(void *);
    int (*SSL_set1_host)(void *, const char *);
    void *(*SSL_get0_param)(void *);
    int (*X509_VERIFY_PARAM_set1_ip_asc)(void *, const char *);
    long (*SSL_ctrl)(void *, int, long, void *);
    int (*SSL_do_handshake)(void *);
    int (*SSL_read)(void *, void *, int);
    int (*SSL_write)(void *, const void *, int);
    int (*SSL_get_error)(const void *, int);
    long (*SSL_get_verify_result)(const void *);
    const char *(*X509_verify_cert_error_string)(long);
    void *(*BIO_new)(const void *);
    const void *(*BIO_s_mem)(void);
    int (*BIO_read)(void *, void *, int);
    int (*BIO_write)(void *, const void *, int);
    unsigned long (*ERR_get_error)(void);
    void (*ERR_clear_error)(void);
    const char *(*ERR_reason_error_string)(unsigned long);
} ssl;

// What sessions are made from: [1] knows the authorities of the system, which take their time to read.
static void *contexts[2];
static int is_loaded;
// Holds for both, and while the library is loaded.
static pthread_mutex_t preparing = PTHREAD_MUTEX_INITIALIZER;

struct xpm_tls {
    int verifies;
    void *session;
    // Owned by the session.
    void *in, *out;
    char fault[160];
};

/// Adds the loader's own words, which name the file.
static void note(char *fault, size_t size, const char *words) {
    size_t length = strlen(fault);
    snprintf(fault + length, size - length, "%s%s", length ? "; " : "", words ? words : "unknown");
}

static int load(char *fault, size_t size) {
    const char *names[] = {"libssl.so.3", "libssl.so.1.1"};
    void *library = NULL;
    for (size_t index = 0; !library && index < sizeof names / sizeof *names; index++) {
        library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
        if (!library) note(fault, size, dlerror());
    }
    if (!library) return 0;
    fault[0] = 0;
    const struct {
        const char *name;
        void *place;
    } functions[] = {
#define FUNCTION(name) {#name, &ssl.name}
        FUNCTION(TLS_client_method), FUNCTION(SSL_CTX_new), FUNCTION(SSL_CTX_free),
        FUNCTION(SSL_CTX_set_default_verify_paths), FUNCTION(SSL_CTX_set_verify), FUNCTION(SSL_new), FUNCTION(SSL_free),
        FUNCTION(SSL_set_bio), FUNCTION(SSL_set_connect_state), FUNCTION(SSL_set1_host), FUNCTION(SSL_ctrl),
        FUNCTION(SSL_get0_param), FUNCTION(X509_VERIFY_PARAM_set1_ip_asc),
        FUNCTION(SSL_do_handshake), FUNCTION(SSL_read), FUNCTION(SSL_write), FUNCTION(SSL_get_error),
        FUNCTION(SSL_get_verify_result), FUNCTION(X509_verify_cert_error_string), FUNCTION(BIO_new), FUNCTION(BIO_s_mem),
        FUNCTION(BIO_read), FUNCTION(BIO_write), FUNCTION(ERR_get_error), FUNCTION(ERR_clear_error),
        FUNCTION(ERR_reason_error_string),
#undef FUNCTION
    };
    for (size_t index = 0; index < sizeof functions / sizeof *functions; index++) {
        void *symbol = dlsym(library, functions[index].name);
        if (!symbol) {
            note(fault, size, dlerror());
            dlclose(library);
            return 0;
        }
        *(void **)functions[index].place = symbol;
    }
    return 1;
}

static void *make_context(int verifies) {
    void *context = ssl.SSL_CTX_new(ssl.TLS_client_method());
    if (context && verifies) {
        ssl.SSL_CTX_set_default_verify_paths(context);
        ssl.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    }
    return context;
}

int xpm_tls_prepare(int verifies, char *fault, size_t size) {
    fault[0] = 0;
    pthread_mutex_lock(&preparing);
    if (!is_loaded) is_loaded = load(fault, size);
    if (is_loaded && !contexts[verifies]) contexts[verifies] = make_context(verifies);
    const int is_ready = contexts[verifies] != NULL;
    if (is_loaded && !is_ready) note(fault, size, "it has no memory");
    pthread_mutex_unlock(&preparing);
    return is_ready;
}

/// An authority may have been added meanwhile: the next session is made from what there is then.
static void forget_authorities(void) {
    pthread_mutex_lock(&preparing);
    if (contexts[1]) ssl.SSL_CTX_free(contexts[1]);
    contexts[1] = NULL;
    pthread_mutex_unlock(&preparing);
}

static void *make_session(int verifies) {
    pthread_mutex_lock(&preparing);
    // It holds the context as long as it needs it.
    void *session = contexts[verifies] ? ssl.SSL_new(contexts[verifies]) : NULL;
    pthread_mutex_unlock(&preparing);
    return session;
}

static int is_address(const char *host) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/// Has the certificate checked for `host`: 1, or 0 where that cannot be.
static int expect(void *session, const char *host) {
    if (!is_address(host)) return ssl.SSL_set1_host(session, host);
    // 1.1 would look for an address among the names.
    return ssl.X509_VERIFY_PARAM_set1_ip_asc(ssl.SSL_get0_param(session), host);
}

struct xpm_tls *xpm_tls_open(const char *host, int verifies) {
    struct xpm_tls *tls = calloc(1, sizeof *tls);
    if (!tls) return NULL;
    tls->verifies = verifies;
    tls->session = make_session(verifies);
    if (!tls->session) goto failed;
    void *in = ssl.BIO_new(ssl.BIO_s_mem()), *out = ssl.BIO_new(ssl.BIO_s_mem());
    if (!in || !out) goto failed;
    ssl.SSL_set_bio(tls->session, in, out);
    tls->in = in;
    tls->out = out;
    ssl.SSL_set_connect_state(tls->session);
    // RFC 6066: an address is no server name.
    if (!is_address(host)) ssl.SSL_ctrl(tls->session, SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, (void *)host);
    if (verifies && expect(tls->session, host) != 1) goto failed;
    return tls;
failed:
    xpm_tls_close(tls);
    return NULL;
}

void xpm_tls_close(struct xpm_tls *tls) {
    if (tls->session) ssl.SSL_free(tls->session);
    free(tls);
}

int xpm_tls_feed(struct xpm_tls *tls, const void *bytes, int count) { return ssl.BIO_write(tls->in, bytes, count); }

int xpm_tls_drain(struct xpm_tls *tls, void *bytes, int capacity) {
    int count = ssl.BIO_read(tls->out, bytes, capacity);
    return count > 0 ? count : 0;
}

static int outcome(struct xpm_tls *tls, int result) {
    if (result > 0) return result;
    switch (ssl.SSL_get_error(tls->session, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: return XPM_TLS_WANTS;
    case SSL_ERROR_ZERO_RETURN: return XPM_TLS_ENDED;
    default: break;
    }
    long verdict = tls->verifies ? ssl.SSL_get_verify_result(tls->session) : 0;
    if (verdict) forget_authorities();
    const char *reason =
        verdict ? ssl.X509_verify_cert_error_string(verdict) : ssl.ERR_reason_error_string(ssl.ERR_get_error());
    snprintf(tls->fault, sizeof tls->fault, "%s", reason ? reason : "the connection ended");
    return XPM_TLS_FAILED;
}

int xpm_tls_handshake(struct xpm_tls *tls) {
    ssl.ERR_clear_error();
    return outcome(tls, ssl.SSL_do_handshake(tls->session));
}

int xpm_tls_read(struct xpm_tls *tls, void *bytes, int capacity) {
    ssl.ERR_clear_error();
    return outcome(tls, ssl.SSL_read(tls->session, bytes, capacity));
}

int xpm_tls_write(struct xpm_tls *tls, const void *bytes, int count) {
    ssl.ERR_clear_error();
    return outcome(tls, ssl.SSL_write(tls->session, bytes, count));
}

const char *xpm_tls_fault(const struct xpm_tls *tls) { return tls->fault; }
