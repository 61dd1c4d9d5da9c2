import Glibc

/// What execve(2) means by its errors, where its own words leave one guessing.
enum ExecFault {
    static func text(_ code: Int32) -> String {
        switch code {
        case ENOENT: "the file, its interpreter or its dynamic loader does not exist"
        case ENOEXEC: "it is not a program of this machine, or a script without a '#!' line"
        case EACCES: "it may not be executed, or lies on a file system that is mounted noexec"
        case E2BIG: "its arguments and environment are too long"
        case ETXTBSY: "it is open for writing"
        case ELIBBAD, ENOTDIR, ELOOP: "its interpreter cannot be run (\(String(cString: strerror(code))))"
        default: String(cString: strerror(code))
        }
    }
}
