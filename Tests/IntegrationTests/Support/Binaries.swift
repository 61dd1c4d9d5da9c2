import Glibc

/// The programs under test: in XPM_TEST_BIN, or in the build folder that the tests themselves run from.
enum Binaries {
    static let xpmd = folder + "/xpmd"
    static let xpmctl = folder + "/xpmctl"
    static let web = folder + "/xpm-web"
    static let example = folder + "/example-experiment"

    /// An xpmd that ends where it is told to, from the build folder of the tests.
    static let crashingXpmd = own + "/xpmd-crash-child"

    /// What stands for xpm-web, from the build folder of the tests.
    static let webStub = own + "/web-stub"

    /// The folder of the programs under test.
    static let folder = getenv("XPM_TEST_BIN").map { String(cString: $0) } ?? own

    private static let own: String = {
        guard let bundle = realpath("/proc/self/exe", nil) else { return "." }
        defer { free(bundle) }
        let path = String(cString: bundle)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }()

    /// The top of the checkout, told by where this file is.
    static let checkout: String = {
        let path = "\(#filePath)"
        return path.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/\($1)" }
    }()
}
