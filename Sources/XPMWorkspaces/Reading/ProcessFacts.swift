import XPMProtocol

/// What /proc tells of the process that runs an experiment.
struct ProcessFacts {
    var arguments: [String]
    var folder: String
    /// The program's file, behind all links.
    var program: String
    var environment: [String: String]

    static let limit = 1 << 20

    init(commandLine: [UInt8], folder: String, program: String, environment: [UInt8]) {
        arguments = Self.words(commandLine)
        self.folder = folder
        self.program = program
        let pairs = Self.words(environment).compactMap { entry in
            entry.firstIndex(of: "=").map { (String(entry[..<$0]), String(entry[entry.index(after: $0)...])) }
        }
        self.environment = Dictionary(pairs.filter { CombiningMarks.areBounded(in: $0.0) }) { first, _ in first }
    }

    private static func words(_ bytes: [UInt8]) -> [String] {
        var parts = bytes.split(separator: 0, omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The interpreters that it may have been called by, the likeliest first. The program's own file comes last: behind the
    /// links of a virtual environment stands an interpreter that knows nothing of its packages.
    var interpreters: [String] {
        var found: [String] = []
        if let name = arguments.first, !name.isEmpty {
            if name.contains("/") {
                found.append(absolute(name))
            } else {
                found += (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }
                    .map { "\($0)/\(name)" }
            }
        }
        if let virtual = environment["VIRTUAL_ENV"], virtual.hasPrefix("/") { found.append(virtual + "/bin/python") }
        return found + [program]
    }

    /// The script that it runs; nil for a module or a program that comes with a package.
    var script: String? {
        arguments.dropFirst().first { $0.hasSuffix(".py") }.map(absolute)
    }

    /// Folders of modules before the interpreter's own: the script's, then those of PYTHONPATH.
    var path: [String] {
        let own: String
        if let script, let slash = script.lastIndex(of: "/") {
            own = slash == script.startIndex ? "/" : String(script[..<slash])
        } else {
            own = folder
        }
        let others = (environment["PYTHONPATH"] ?? "").split(separator: ":").map { absolute(String($0)) }
        var known: Set<String> = []
        return ([own] + others).filter { known.insert($0).inserted }
    }

    private func absolute(_ path: String) -> String { path.hasPrefix("/") ? path : "\(folder)/\(path)" }
}
