import Glibc

/// The programs under test.
enum Binaries {
    static let logger = folder + "/xpm-logger"
    static let writer = folder + "/log-writer"

    /// XPM_TEST_BIN, or the build folder that the tests themselves run from.
    private static let folder: String = {
        if let folder = getenv("XPM_TEST_BIN") { return String(cString: folder) }
        guard let bundle = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(bundle) }
        let path = String(cString: bundle)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }()
}
