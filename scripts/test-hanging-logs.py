#!/usr/bin/env python3
"""test-hanging-logs.py LOGGER WRITER: logs on file systems that do not answer cost their own lines only, and block nobody.

Only as root: one file system is frozen (fsfreeze, an ext4 on a loop device) while its log is written, another one (hang-fs.py, FUSE) answers
nothing from the beginning. Both are in mount namespaces of their own.
"""
import array, os, re, select, shutil, socket, struct, subprocess, sys, tempfile, time

logger_program, writer_program = map(os.path.abspath, sys.argv[1:3])
if os.geteuid() != 0:
    sys.exit(print("SKIPPED: only root can freeze a file system") or 0)
here = os.path.dirname(os.path.abspath(__file__))
folder = tempfile.mkdtemp(prefix="hang-test-")
log_folders = {name: os.path.join(folder, name) for name in ("well", "frozen", "dead")}
for path in log_folders.values():
    os.mkdir(path)


def text(string):
    data = string.encode()
    return struct.pack("<I", len(data)) + data


class Logger:
    def __init__(self, namespace):
        state = os.path.join(folder, "state")
        os.makedirs(state, 0o700, exist_ok=True)
        self.process = subprocess.Popen(
            ["nsenter", "-t", str(namespace), "-m", logger_program, state], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.connect(state + "/logger.sock")
        self.heard = []

    def take(self, stream, path, writer=None):
        if writer is None:
            reader, writer = os.pipe()
        else:
            reader = os.open(f"/proc/self/fd/{writer}", os.O_RDONLY | os.O_NONBLOCK)
        order = struct.pack("<BQQqQQIB", 1, stream, 1, 0, 0, 0, 1, 0) + text(path)
        self.socket.sendmsg([order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [reader]))])
        os.close(reader)
        self.next(lambda m: m[0] == 129 and m[1:9] == struct.pack("<Q", stream))
        return writer

    def next(self, fits, seconds=30):
        end = time.monotonic() + seconds
        while True:
            for message in self.heard:
                if fits(message):
                    self.heard.remove(message)
                    return message
            assert select.select([self.socket], [], [], max(end - time.monotonic(), 0))[0], f"nothing came; {self.heard}"
            self.heard.append(self.socket.recv(1 << 16))

    def settle(self, stream, seconds=30):
        begin = time.monotonic()
        while time.monotonic() < begin + seconds:
            self.socket.send(struct.pack("<BQ", 3, stream))
            answer = self.next(lambda m: m[0] == 135 and m[1:9] == struct.pack("<Q", stream), seconds)
            if answer[9]:
                return time.monotonic() - begin
        sys.exit(f"stream {stream} did not settle")


def numbered(first, count, output):
    return subprocess.Popen([writer_program, "numbered", str(first), str(count)], stdout=output)


def main():
    dead = subprocess.Popen(
        ["python3", here + "/hang-fs.py", log_folders["dead"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    namespace = int(dead.stdout.readline())
    image = folder + "/image"
    subprocess.run(["truncate", "-s", "64M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    inside = ["nsenter", "-t", str(namespace), "-m"]
    subprocess.run(inside + ["mount", "-o", "loop", image, log_folders["frozen"]], check=True)
    logger = Logger(namespace)
    try:
        well = logger.take(1, log_folders["well"] + "/log")
        frozen = logger.take(2, log_folders["frozen"] + "/log")
        os.write(frozen, b"first\n")
        logger.settle(2)
        subprocess.run(inside + ["fsfreeze", "-f", log_folders["frozen"]], check=True)
        never = logger.take(3, log_folders["dead"] + "/log")
        writers = {2: numbered(0, 20000, frozen), 3: numbered(0, 20000, never)}
        begin = time.monotonic()
        longest = 0
        while any(writer.poll() is None for writer in writers.values()):
            os.write(well, b"well\n")
            longest = max(longest, logger.settle(1))
            assert time.monotonic() < begin + 60, "a service is blocked"
        print(f"services of hanging logs wrote 20000 lines each in {time.monotonic() - begin:.1f} s;"
              f" a healthy log settled in {longest * 1000:.1f} ms at most")
        # Killed, it can't end before the file system answers; another one goes on with all the others.
        killed = logger.process
        killed.kill()
        logger = Logger(namespace)
        logger.take(11, log_folders["well"] + "/log", well)
        os.write(well, b"well\n")
        print(f"the killed logger is {'still there' if killed.poll() is None else 'gone'};"
              f" a healthy log settled in {logger.settle(11) * 1000:.1f} ms by the next one")
        logger.take(12, log_folders["frozen"] + "/log", frozen)
        subprocess.run(inside + ["fsfreeze", "-u", log_folders["frozen"]], check=True)
        killed.wait()
        dropped = struct.unpack("<Q", logger.next(lambda m: m[0] == 133 and m[1] == 12)[9:17])[0]
        logger.settle(12)
        with open(f"/proc/{namespace}/root{log_folders['frozen']}/log") as file:
            lines = file.read().split("\n")
        notes = [line for line in lines if line.startswith("[xpmd: ")]
        print("frozen log:", len(lines), "lines;", notes)
        numbers = [int(line.split()[0]) for line in lines if re.match(r"\d+( \.*)?$", line)]
        assert numbers == sorted(set(numbers)) and numbers[-1] == 19999, "lines are doubled or out of order"
        assert len(numbers) + dropped == 20000, (len(numbers), dropped)
        logger.take(13, log_folders["dead"] + "/log", never)
        dead.stdin.close()
        fault = logger.next(lambda m: m[0] == 132 and m[1] == 13)
        print("dead log:", fault[13:].decode())
        print("hanging logs: 5 claims held")
    finally:
        logger.process.kill()
        logger.process.wait()
        subprocess.run(inside + ["fsfreeze", "-u", log_folders["frozen"]], stderr=subprocess.DEVNULL)
        subprocess.run(inside + ["umount", log_folders["frozen"]])
        if not dead.stdin.closed:
            dead.stdin.close()
        dead.wait()
        shutil.rmtree(folder)


main()
