"""Work that is done by an ordinary user, for the kernel gives root more than it gives others."""

import json
import os
import pwd

USER = "nobody"


def by(scratch, work):
    """What `work` returns for a folder of its own, and who did it: in a process of an ordinary user's, where this one is root's."""
    folder = os.path.join(scratch, "ordinary")
    os.mkdir(folder)
    if os.geteuid() != 0:
        return work(folder), "an ordinary user"
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    os.chmod(scratch, 0o711)
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        become(user, folder, work, writing)
    os.close(writing)
    with os.fdopen(reading) as said:
        answer = said.read()
    _, status = os.waitpid(pid, 0)
    if status != 0 or not answer:
        raise SystemExit(f"cannot go on: what {USER} was to do failed")
    return json.loads(answer), f"the user {USER}"


def become(user, folder, work, writing):
    """Never returns."""
    try:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.environ |= {"HOME": folder, "USER": USER, "LOGNAME": USER}
        os.chdir(folder)
        result = json.dumps(work(folder)).encode()
        os.write(writing, result)
        os._exit(0)
    except BaseException:
        import traceback

        traceback.print_exc()
    os._exit(1)
