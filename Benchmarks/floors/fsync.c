// fsync FILE COUNT: COUNT times writes two pages over a file and waits until they are on the disk, as a small commit to a SQLite
// log does. Prints the nanoseconds of each.
#include "common.h"
#include <fcntl.h>

int main(int count, char **arguments) {
    if (count != 3) return 64;
    static char pages[8192];
    int file = open(arguments[1], O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (file < 0) die(arguments[1]);
    // Once beyond the end first: the log grows once and is written over ever after.
    long rounds = atol(arguments[2]);
    for (long index = 0; index < rounds; index++) {
        if (pwrite(file, pages, sizeof pages, index * (long)sizeof pages) < 0) die("write");
    }
    fsync(file);
    for (long index = 0; index < rounds; index++) {
        pages[0]++;
        uint64_t start = now();
        if (pwrite(file, pages, sizeof pages, index * (long)sizeof pages) < 0 || fdatasync(file) != 0) die("write");
        printf("%lu\n", now() - start);
    }
    return 0;
}
