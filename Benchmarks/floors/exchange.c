// exchange SOCKET FRAMES COUNT PATTERN [PATTERN]: sends all frames of the file FRAMES as fast as they are taken, and reads at the same
// time until COUNT payloads have held the text PATTERN, or both. Prints the nanoseconds that took; an error reply ends it.
#include "common.h"
#include <fcntl.h>
#include <poll.h>

int main(int count, char **arguments) {
    if (count != 5 && count != 6) return 64;
    size_t size, length, sent = 0;
    char *frames = contents(arguments[2], &size);
    long wanted = atol(arguments[3]);
    struct reader reader = reader_of(connect_to(arguments[1]));
    fcntl(reader.descriptor, F_SETFL, O_NONBLOCK);
    uint64_t start = now();
    while (wanted > 0) {
        struct pollfd wait = {.fd = reader.descriptor, .events = POLLIN | (sent < size ? POLLOUT : 0)};
        if (poll(&wait, 1, 120000) <= 0) {
            fprintf(stderr, "cannot wait longer: %ld payloads with %s are missing\n", wanted, arguments[4]);
            return 1;
        }
        if (wait.revents & POLLOUT) {
            ssize_t step = send(reader.descriptor, frames + sent, size - sent, MSG_NOSIGNAL);
            if (step < 0 && errno != EAGAIN) die("send");
            if (step > 0) sent += (size_t)step;
        }
        if (!(wait.revents & ~POLLOUT)) continue;
        if (fill(&reader, MSG_DONTWAIT) == 0) {
            fprintf(stderr, "cannot go on: the connection ended\n");
            return 1;
        }
        char *payload;
        while ((payload = frame_at_hand(&reader, &length))) {
            if (strncmp(payload, "{\"error\":", 9) == 0) {
                fprintf(stderr, "cannot go on: %.500s\n", payload);
                return 1;
            }
            if (strstr(payload, arguments[4]) && (count == 5 || strstr(payload, arguments[5]))) wanted--;
        }
    }
    printf("%lu\n", now() - start);
    return 0;
}
