// pages: a backend that answers with 1 KiB, or with 100 MiB for /large, or echoes behind an upgrade. Prints its port.
#include "common.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>

enum { SMALL = 1024, LARGE = 100 << 20, PIECE = 1 << 18 };

struct peer {
    int descriptor, is_upgraded;
    size_t left;
};

static char piece[PIECE], small[2048];
static size_t small_length;

// Sends what is left of a large answer, as far as there is room.
static void go_on(struct peer *peer) {
    while (peer->left > 0) {
        ssize_t sent = send(peer->descriptor, piece, peer->left < PIECE ? peer->left : PIECE, MSG_NOSIGNAL);
        if (sent < 0) return;
        peer->left -= (size_t)sent;
    }
}

static void answer(struct peer *peer, char *bytes, ssize_t count) {
    if (peer->is_upgraded) {
        // A frame of a client, with a mask of zeros, becomes one of a server without.
        if (count < 6) return;
        size_t length = (size_t)bytes[1] & 0x7F;
        bytes[5] = (char)length;
        bytes[4] = bytes[0];
        send_all(peer->descriptor, bytes + 4, length + 2);
    } else if (memmem(bytes, (size_t)count, "\r\nUpgrade: ", 11)) {
        const char *head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        peer->is_upgraded = 1;
        send_all(peer->descriptor, head, strlen(head));
    } else if (memmem(bytes, (size_t)count, "/large ", 7)) {
        char head[128];
        int length = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", LARGE);
        send_all(peer->descriptor, head, (size_t)length);
        peer->left = LARGE;
        go_on(peer);
    } else {
        send_all(peer->descriptor, small, small_length);
    }
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0) die("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    small_length = (size_t)sprintf(
        small, "HTTP/1.1 200 OK\r\nServer: pages\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", SMALL);
    memset(small + small_length, 'x', SMALL);
    small_length += SMALL;
    memset(piece, 'y', PIECE);
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[64];
        int happened = epoll_wait(poller, events, 64, -1);
        for (int index = 0; index < happened; index++) {
            struct peer *peer = events[index].data.ptr;
            if (!peer) {
                peer = calloc(1, sizeof *peer);
                peer->descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
                int one = 1;
                setsockopt(peer->descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                event = (struct epoll_event){.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = peer};
                epoll_ctl(poller, EPOLL_CTL_ADD, peer->descriptor, &event);
                continue;
            }
            if (events[index].events & EPOLLOUT) go_on(peer);
            if (!(events[index].events & EPOLLIN)) continue;
            char bytes[16384];
            ssize_t count = recv(peer->descriptor, bytes, sizeof bytes, 0);
            if (count == 0 || (count < 0 && errno != EAGAIN)) {
                close(peer->descriptor);
                free(peer);
            } else if (count > 0) {
                answer(peer, bytes, count);
            }
        }
    }
}
