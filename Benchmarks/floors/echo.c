// echo SOCKET SIZE: answers each frame by one with SIZE bytes, with epoll and without looking at what was asked.
#include "common.h"
#include <sys/epoll.h>

int main(int count, char **arguments) {
    if (count != 3) return 64;
    struct sockaddr_un address = address_of(arguments[1]);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 16) != 0) die("listen");
    size_t size = (size_t)atol(arguments[2]);
    // Room for the answers to all the frames that one reading can bring; few of them ask for much.
    size_t room = size < 4096 ? 4096 : 1;
    char *replies = malloc(room * (size + 4));
    memset(replies, ' ', room * (size + 4));
    for (size_t index = 0; index < room; index++) {
        uint32_t header = htonl((uint32_t)size);
        memcpy(replies + index * (size + 4), &header, sizeof header);
    }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct epoll_event events[16];
        int happened = epoll_wait(poller, events, 16, -1);
        for (int index = 0; index < happened; index++) {
            struct reader *reader = events[index].data.ptr;
            if (!reader) {
                reader = malloc(sizeof *reader);
                *reader = reader_of(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
                event = (struct epoll_event){.events = EPOLLIN, .data.ptr = reader};
                epoll_ctl(poller, EPOLL_CTL_ADD, reader->descriptor, &event);
                continue;
            }
            if (fill(reader, 0) == 0) {
                close(reader->descriptor);
                free(reader->bytes);
                free(reader);
                continue;
            }
            size_t length, answers = 0;
            while (answers < room && frame_at_hand(reader, &length)) answers++;
            send_all(reader->descriptor, replies, answers * (size + 4));
        }
    }
}
