import Glibc

/// The program `xpm-web`: from its arguments to an exit code.
public enum WebProgram {
    /// Serves until SIGTERM; the exit code is that of sysexits.h where it cannot.
    public static func run(arguments: [String]) -> Int32 { 0 }
}
