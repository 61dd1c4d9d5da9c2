// visits requests PORT CONNECTIONS COUNT: nanoseconds for so many requests, one at a time on each connection.
// visits large PORT: nanoseconds for /large. visits echo PORT COUNT: for so many frames of a WebSocket, one at a time.
// visits idle PORT COUNT: opens connections with one request each, prints "ready", and keeps them until its input ends.
#include "common.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

static const char *request =
    "GET /small HTTP/1.1\r\nHost: board.localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0\r\n"
    "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n"
    "Accept-Encoding: gzip, deflate\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n\r\n";

static int open_to(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) die("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct timeval limit = {.tv_sec = 120};
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return descriptor;
}

struct answer {
    int descriptor;
    size_t got, length;
    char head[4096];
};

// Reads once: 1 when the answer is whole.
static int take(struct answer *answer) {
    static char rest[1 << 18];
    int has_head = answer->length > 0;
    ssize_t count = has_head ? recv(answer->descriptor, rest, sizeof rest, 0)
                             : recv(answer->descriptor, answer->head + answer->got, sizeof answer->head - 1 - answer->got, 0);
    if (count <= 0) die("receive");
    answer->got += (size_t)count;
    if (!has_head) {
        answer->head[answer->got] = 0;
        char *end = strstr(answer->head, "\r\n\r\n");
        if (!end) return 0;
        if (strncmp(answer->head, "HTTP/1.1 200", 12) != 0) {
            fprintf(stderr, "%s\n", answer->head);
            exit(1);
        }
        char *length = strcasestr(answer->head, "content-length: ");
        if (!length) {
            fprintf(stderr, "an answer without length\n");
            exit(1);
        }
        answer->length = (size_t)(end + 4 - answer->head) + (size_t)atol(length + 16);
    }
    return answer->got >= answer->length;
}

static void ask(struct answer *answer, const char *text) {
    answer->got = answer->length = 0;
    send_all(answer->descriptor, text, strlen(text));
}

static void requests(int port, int connections, long count) {
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct answer *answers = calloc((size_t)connections, sizeof *answers);
    for (int index = 0; index < connections; index++) {
        answers[index].descriptor = open_to(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &answers[index]};
        epoll_ctl(poller, EPOLL_CTL_ADD, answers[index].descriptor, &event);
    }
    uint64_t begin = now();
    long sent = 0, done = 0;
    for (int index = 0; index < connections && sent < count; index++, sent++) ask(&answers[index], request);
    while (done < count) {
        struct epoll_event events[64];
        int happened = epoll_wait(poller, events, 64, 120000);
        if (happened <= 0) die("wait for an answer");
        for (int index = 0; index < happened; index++) {
            struct answer *answer = events[index].data.ptr;
            if (!take(answer)) continue;
            done++;
            if (sent < count) {
                sent++;
                ask(answer, request);
            }
        }
    }
    printf("%llu\n", (unsigned long long)(now() - begin));
}

int main(int count, char **arguments) {
    if (count < 3) return 64;
    int port = atoi(arguments[2]);
    if (!strcmp(arguments[1], "requests")) {
        requests(port, atoi(arguments[3]), atol(arguments[4]));
    } else if (!strcmp(arguments[1], "large")) {
        struct answer answer = {.descriptor = open_to(port)};
        uint64_t begin = now();
        ask(&answer, "GET /large HTTP/1.1\r\nHost: board.localhost\r\n\r\n");
        while (!take(&answer)) continue;
        printf("%llu\n", (unsigned long long)(now() - begin));
    } else if (!strcmp(arguments[1], "echo")) {
        int descriptor = open_to(port);
        const char *upgrade = "GET /ws HTTP/1.1\r\nHost: board.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
        char bytes[4096] = {0};
        send_all(descriptor, upgrade, strlen(upgrade));
        for (size_t got = 0; !strstr(bytes, "\r\n\r\n");) {
            ssize_t more = recv(descriptor, bytes + got, sizeof bytes - 1 - got, 0);
            if (more <= 0) die("receive");
            got += (size_t)more;
        }
        if (strncmp(bytes, "HTTP/1.1 101", 12) != 0) return 1;
        char frame[106] = {(char)0x82, (char)(0x80 | 100)};
        uint64_t begin = now();
        for (long left = atol(arguments[3]); left > 0; left--) {
            send_all(descriptor, frame, sizeof frame);
            for (size_t got = 0; got < 102;) {
                ssize_t more = recv(descriptor, bytes, sizeof bytes, 0);
                if (more <= 0) die("receive");
                got += (size_t)more;
            }
        }
        printf("%llu\n", (unsigned long long)(now() - begin));
    } else {
        for (long left = atol(arguments[3]); left > 0; left--) {
            struct answer answer = {.descriptor = open_to(port)};
            ask(&answer, request);
            while (!take(&answer)) continue;
        }
        puts("ready");
        fflush(stdout);
        while (getchar() != EOF) continue;
    }
    return 0;
}
