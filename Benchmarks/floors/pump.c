// pump FILE: appends what comes on standard input to FILE, as a supervisor does that stands between a service and its log.
#include "common.h"
#include <fcntl.h>

int main(int count, char **arguments) {
    if (count != 2) return 64;
    int file = open(arguments[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) die(arguments[1]);
    static char bytes[1 << 16];
    for (ssize_t got; (got = read(0, bytes, sizeof bytes)) > 0;)
        for (ssize_t written = 0; written < got;) {
            ssize_t step = write(file, bytes + written, (size_t)(got - written));
            if (step < 0) die("write");
            written += step;
        }
    return 0;
}
