#!/usr/bin/env python3
"""hang-fs.py FOLDER [--reading]

A file system over FOLDER that answers nothing, in a mount namespace of its own. It prints its pid, by which others get into
that namespace; when its standard input ends, it ends, and whatever hangs gets an error. What hangs can be killed like on NFS, unless
it is `--reading`: then it has taken the requests, and the kernel lets nobody go who waits for an answer. Only as root.
"""

import ctypes
import os
import select
import struct
import sys

CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
FUSE_INIT = 26

libc = ctypes.CDLL(None, use_errno=True)


def must(result, what):
    if result != 0:
        sys.exit(f"hang-fs.py: cannot {what}: {os.strerror(ctypes.get_errno())}")


def mount(folder):
    """The kernel's end of the file system, which is mounted once it has been told of the protocol's version."""
    must(libc.unshare(CLONE_NEWNS), "make a mount namespace")
    must(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "make it private")
    try:
        kernel = os.open("/dev/fuse", os.O_RDWR)
    except OSError as error:
        sys.exit(f"hang-fs.py: cannot open /dev/fuse: {error.strerror}")
    options = f"fd={kernel},rootmode=40000,user_id=0,group_id=0,allow_other"
    must(libc.mount(b"hang", os.fsencode(folder), b"fuse", 0, options.encode()), "mount")
    request = os.read(kernel, 1 << 17)
    # struct fuse_in_header, then struct fuse_out_header and struct fuse_init_out of version 7.23.
    _, operation, unique = struct.unpack_from("<IIQ", request)
    assert operation == FUSE_INIT, operation
    answer = struct.pack("<IIIIHHII36x", 7, 23, 0, 0, 12, 9, 1 << 16, 1)
    os.write(kernel, struct.pack("<IiQ", 16 + len(answer), 0, unique) + answer)
    return kernel


def main():
    kernel, is_reading = mount(sys.argv[1]), "--reading" in sys.argv[2:]
    print(os.getpid(), flush=True)
    while sys.stdin not in select.select([sys.stdin] + [kernel] * is_reading, [], [])[0]:
        os.read(kernel, 1 << 17)


if __name__ == "__main__":
    main()
