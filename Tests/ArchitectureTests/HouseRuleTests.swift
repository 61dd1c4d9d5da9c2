import Testing

@Suite struct HouseRuleTests {
    /// Files that may import the whole of Foundation, each with its reason.
    private static let wholeFoundation: [String: String] = [:]
    private static let lineLimit = 400

    @Test func nobodyImportsTheWholeOfFoundation() throws {
        for file in try ["Sources", "Tests", "Examples"].flatMap({ try Repository.files(in: $0) }) {
            guard try Repository.imports(file).contains("Foundation") else { continue }
            #expect(Self.wholeFoundation[file] != nil, "\(file) imports Foundation; FoundationEssentials is enough")
        }
    }

    @Test func sourceFilesStaySmall() throws {
        for file in try Repository.files(in: "Sources") {
            let count = try Repository.lines(file).count - 1
            #expect(count <= Self.lineLimit, "\(file) has \(count) lines")
        }
    }

    @Test func testsWaitForEventsAndNeverForTime() throws {
        let pause = /\b(?:Task\.sleep|u?sleep|nanosleep|clock_nanosleep)\(/
        for file in try Repository.files(in: "Tests") {
            // The one deadline that makes a wait for an event end, should the event never come.
            if file == "Tests/Support/ScriptedDaemon/Within.swift" { continue }
            for (index, line) in try Repository.lines(file).enumerated() where line.contains(pause) {
                #expect(line.contains("let pause = "), "\(file):\(index + 1) waits for time")
            }
        }
    }

    @Test func everyTestFolderIsATarget() throws {
        let manifest = try Repository.text("Package.swift")
        for folder in try Repository.names(in: "Tests") where folder.hasSuffix("Tests") {
            let isTarget = manifest.contains("\"\(folder)\"")
            #expect(isTarget, "Tests/\(folder) belongs to no target")
        }
    }
}
