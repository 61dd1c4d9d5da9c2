// connect SOCKET: connects and ends, what no client of a daemon can do without.
#include "common.h"

int main(int count, char **arguments) {
    if (count != 2) return 64;
    close(connect_to(arguments[1]));
    return 0;
}
