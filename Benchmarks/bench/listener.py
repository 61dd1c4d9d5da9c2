"""An event listener of supervisord: writes to the FIFO that it is given when a program has ended or runs, and its pid."""

import sys
import time


def main():
    """One line an event, `STATE PID NANOSECONDS` of the monotonic clock."""
    with open(sys.argv[1], "w", buffering=1) as told:
        while True:
            sys.stdout.write("READY\n")
            sys.stdout.flush()
            header = dict(word.split(":") for word in sys.stdin.readline().split())
            moment = time.monotonic_ns()
            payload = dict(word.split(":") for word in sys.stdin.read(int(header["len"])).split())
            told.write(f"{header['eventname'].rpartition('_')[2]} {payload['pid']} {moment}\n")
            sys.stdout.write("RESULT 2\nOK")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
