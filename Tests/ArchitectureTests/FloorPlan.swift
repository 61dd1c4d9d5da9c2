/// The table under `## Floor plan` of ARCHITECTURE.md.
struct FloorPlan {
    struct Row {
        var target: String
        var mayImport: Set<String>
    }

    var rows: [Row]

    /// Fails with a sentence where the page, its heading or its table is missing.
    init() throws {
        guard Repository.exists("ARCHITECTURE.md") else { throw Missing(what: "ARCHITECTURE.md") }
        let lines = try Repository.lines("ARCHITECTURE.md")
        guard let heading = lines.firstIndex(of: "## Floor plan") else {
            throw Missing(what: "the heading '## Floor plan'")
        }
        let section = lines[(heading + 1)...].prefix { !$0.hasPrefix("## ") }
        let cells = section.filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmed }
        }
        guard cells.first?.prefix(3) == ["target", "purpose", "may import"] else {
            throw Missing(what: "the table '| target | purpose | may import |'")
        }
        rows = cells.dropFirst(2).filter { $0.count >= 3 }.map { row in
            Row(
                target: row[0].filter { $0 != "`" },
                mayImport: Set(row[2].split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }))
        }
    }

    struct Missing: Error, CustomStringConvertible {
        var what: String
        var description: String {
            "cannot compare the floor plan with the code: \(what) is missing from ARCHITECTURE.md"
        }
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
