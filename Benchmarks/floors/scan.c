// scan FOLDER ROUNDS: opens and reads whole every status.json below FOLDER/experiments, as often as told, and understands
// nothing of it. Prints the nanoseconds and the files of each round.
#include "common.h"
#include <dirent.h>
#include <fcntl.h>

static long files;

static void read_whole(int folder, const char *run) {
    static char bytes[1 << 20];
    char path[512];
    snprintf(path, sizeof path, "%s/status.json", run);
    int file = openat(folder, path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    while (read(file, bytes, sizeof bytes) > 0) {}
    close(file);
    files++;
}

int main(int count, char **arguments) {
    if (count != 3) return 64;
    char path[4096];
    snprintf(path, sizeof path, "%s/experiments", arguments[1]);
    for (long round = atol(arguments[2]); round > 0; round--) {
        uint64_t start = now();
        files = 0;
        DIR *experiments = opendir(path);
        if (!experiments) die(path);
        struct dirent *experiment, *run;
        while ((experiment = readdir(experiments))) {
            if (experiment->d_name[0] == '.') continue;
            DIR *runs = fdopendir(openat(dirfd(experiments), experiment->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            if (!runs) continue;
            while ((run = readdir(runs))) {
                if (run->d_type == DT_DIR && run->d_name[0] != '.') read_whole(dirfd(runs), run->d_name);
            }
            closedir(runs);
        }
        closedir(experiments);
        printf("%lu %ld\n", now() - start, files);
    }
    return 0;
}
