import Glibc
import XPMProtocol

extension Places {
    /// The places of this process's user and environment.
    public static func ofThisProcess() throws(WireError) -> Places {
        try Places(environment: ProcessEnvironment.current, user: getuid()) { FileFacts(at: $0) }
    }

    /// Refuses a runtime folder in `/tmp` that somebody else made or may write to: `untrusted` with the reason.
    ///
    /// A folder that does not exist is no fault; nothing listens in it either.
    public func checkRuntimeFolder(user: UInt32 = getuid()) throws(WireError) {
        guard isRuntimeFolderShared else { return }
        var status = stat()
        guard lstat(runtimeFolder, &status) == 0 else { return }
        let fault: String? =
            if status.st_mode & S_IFMT != S_IFDIR {
                "it is not a folder"
            } else if status.st_uid != user {
                "it belongs to user \(status.st_uid)"
            } else if status.st_mode & 0o077 != 0 {
                "others may enter it, its mode is \(String(status.st_mode & 0o777, radix: 8))"
            } else {
                nil
            }
        if let fault {
            throw WireError(
                .untrusted, "cannot trust \(runtimeFolder): \(fault)", data: ["path": .string(runtimeFolder)])
        }
    }
}
