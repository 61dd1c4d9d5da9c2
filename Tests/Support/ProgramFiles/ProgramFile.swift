import Glibc

/// Writes a program, in a process of its own.
///
/// A file that somebody has open for writing cannot be executed (ETXTBSY), and every child that another thread of the tests starts has what
/// this process had open, until it executes its own program. So no test may have a program open itself.
///
/// - Returns: 0, or the error number of what failed.
public func writeProgram(_ path: String, _ text: String, mode: UInt32) -> Int32 {
    var template = Array("/tmp/xpmt-program-XXXXXX".utf8CString)
    // A child that has this one is no harm: nobody executes it.
    let file = mkstemp(&template)
    guard file >= 0 else { return errno }
    defer { close(file) }
    unlink(&template)
    let bytes = Array(text.utf8)
    guard write(file, bytes, bytes.count) == bytes.count, lseek(file, 0, SEEK_SET) == 0 else { return errno }

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, file, 0)
    let arguments = ["install", "-m", String(mode, radix: 8), "/dev/stdin", path]
    let words = arguments.map { strdup($0) } + [nil]
    let environment = [strdup("PATH=/usr/bin:/bin"), nil]
    defer { for word in words + environment { free(word) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/usr/bin/install", &actions, nil, words, environment)
    guard failure == 0 else { return failure }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
        guard errno == EINTR else { return errno }
    }
    return status == 0 ? 0 : EIO
}
