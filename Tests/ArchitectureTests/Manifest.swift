/// The targets of Package.swift, read as text: a test has no need to run the package manager.
struct Manifest {
    struct Target {
        var name: String
        /// What it names in its dependencies: targets in quotes, products by their constants.
        var declaration: String
    }

    /// Targets whose sources are below `Sources/`, tests left out.
    var targets: [Target] = []

    init() throws {
        let text = try Repository.text("Package.swift")
        let begin = /\.(target|executableTarget|systemLibrary|testTarget)\(\s*name: "([^"]+)"/
        let matches = text.matches(of: begin)
        for (index, match) in matches.enumerated() {
            let end = index + 1 < matches.count ? matches[index + 1].range.lowerBound : text.endIndex
            let declaration = String(text[match.range.lowerBound..<end])
            if match.1 == "testTarget" || declaration.contains("path: \"") { continue }
            targets.append(Target(name: String(match.2), declaration: declaration))
        }
    }
}
