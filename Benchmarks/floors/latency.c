// latency SOCKET PREPARE START COUNT: COUNT times starts a service by the frame in START, then ends its process by SIGKILL. Prints for
// each the nanoseconds from the request to the event RUNNING and from the signal to the event ERROR. The frames in PREPARE
// greet and subscribe.
#include "common.h"
#include <signal.h>

static char *event_of(struct reader *reader, const char *state) {
    size_t length;
    for (;;) {
        char *payload = next_frame(reader, &length);
        if (strncmp(payload, "{\"error\":", 9) == 0) {
            fprintf(stderr, "cannot go on: %.500s\n", payload);
            exit(1);
        }
        if (strstr(payload, "\"method\":\"event\"") && strstr(payload, state)) return payload;
    }
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    size_t prepare_size, start_size;
    char *prepare = contents(arguments[2], &prepare_size), *start = contents(arguments[3], &start_size);
    struct reader reader = reader_of(connect_to(arguments[1]));
    send_all(reader.descriptor, prepare, prepare_size);
    for (long rounds = atol(arguments[4]); rounds > 0; rounds--) {
        uint64_t asked = now();
        send_all(reader.descriptor, start, start_size);
        char *pid = strstr(event_of(&reader, "\"state\":\"RUNNING\""), "\"pid\":");
        uint64_t running = now();
        if (!pid) {
            fprintf(stderr, "cannot end a process without a pid\n");
            return 1;
        }
        pid_t process = (pid_t)atol(pid + 6);
        // The event of its end must not come in the shadow of work that the start has left behind.
        usleep(20000);
        uint64_t ended = now();
        kill(process, SIGKILL);
        event_of(&reader, "\"state\":\"ERROR\"");
        printf("%lu %lu\n", running - asked, now() - ended);
        usleep(20000);
    }
    return 0;
}
