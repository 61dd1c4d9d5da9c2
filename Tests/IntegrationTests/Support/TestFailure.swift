import Glibc

/// What stands in the way of a test, in a sentence.
struct TestFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// A failed system call.
    init(cannot action: String, errno code: CInt = errno) {
        description = "cannot \(action): \(String(cString: strerror(code)))"
    }
}

/// How long a test waits for anything before it fails. Nothing takes a tenth of it unless something is wrong, or the
/// machine is very busy.
let patience = Duration.seconds(300)
