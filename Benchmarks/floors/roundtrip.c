// roundtrip SOCKET HELLO REQUEST COUNT WINDOW: sends the frame in the file HELLO once and the one in REQUEST COUNT times,
// WINDOW of them before the first answer is awaited. With a window of 1 prints each round trip's nanoseconds, else the whole's.
#include "common.h"

int main(int count, char **arguments) {
    if (count != 6) return 64;
    size_t hello_size, size, length;
    char *hello = contents(arguments[2], &hello_size), *request = contents(arguments[3], &size);
    long rounds = atol(arguments[4]), window = atol(arguments[5]);
    struct reader reader = reader_of(connect_to(arguments[1]));
    send_all(reader.descriptor, hello, hello_size);
    next_frame(&reader, &length);
    if (window == 1) {
        uint64_t *times = calloc((size_t)rounds, sizeof *times);
        for (long index = 0; index < rounds; index++) {
            uint64_t start = now();
            send_all(reader.descriptor, request, size);
            next_frame(&reader, &length);
            times[index] = now() - start;
        }
        for (long index = 0; index < rounds; index++) printf("%lu\n", times[index]);
        return 0;
    }
    char *batch = malloc(size * (size_t)window);
    for (long index = 0; index < window; index++) memcpy(batch + index * (long)size, request, size);
    uint64_t start = now();
    long sent = 0, received = 0;
    while (received < rounds) {
        long room = window - (sent - received);
        long more = room < rounds - sent ? room : rounds - sent;
        if (more > 0) send_all(reader.descriptor, batch, (size_t)more * size);
        sent += more;
        next_frame(&reader, &length);
        received++;
        while (frame_at_hand(&reader, &length)) received++;
    }
    printf("%lu\n", now() - start);
    return 0;
}
