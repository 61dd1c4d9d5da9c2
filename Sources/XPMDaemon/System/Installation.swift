import Glibc

/// Where the other files of this installation are, found from the place of the executable.
enum Installation {
    /// The folder of the running executable.
    static var executableFolder: String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "/usr/local/bin"
    }

    /// The keeper beside this executable.
    static var keeper: String { executableFolder + "/xpm-keeper" }

    /// The web page's program beside this executable.
    static var web: String { executableFolder + "/xpm-web" }

    /// The shipped templates.
    static var templates: String? { share("templates") }

    /// The folder that has the Python package `xpmd`, which makes services again; nil where it is not installed.
    static var python: String? { share("python/xpmd").map { String($0.dropLast("/xpmd".count)) } }

    /// A folder in the nearest `share/xpmd` of an enclosing folder, which is the prefix of an installation and the
    /// checkout of a build.
    private static func share(_ name: String) -> String? {
        var folder = executableFolder[...]
        while let slash = folder.lastIndex(of: "/") {
            folder = folder[..<slash]
            let candidate = "\(folder)/share/xpmd/\(name)"
            if CommandLookup.isFolder(candidate) { return candidate }
        }
        return nil
    }
}
