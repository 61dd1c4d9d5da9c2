import FoundationEssentials
import XPMProtocol

/// The files of `protocol/`, found from where this file stood when it was compiled.
enum ProtocolFolder {
    /// The repository's root.
    static let root: String = {
        var components = #filePath.split(separator: "/")
        components.removeLast("Tests/XPMProtocolTests/Support/ProtocolFolder.swift".split(separator: "/").count)
        return "/" + components.joined(separator: "/")
    }()

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: "\(root)/\(path)")))
    }

    static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// The names of the files in a folder, sorted.
    static func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)").sorted()
    }

    /// The rows of the README's table whose first column is headed `heading`, cells stripped of back quotes.
    static func table(headed heading: String) throws -> [[String]] {
        let rows = try text("protocol/README.md").split(separator: "\n", omittingEmptySubsequences: false)
            .drop { !$0.hasPrefix("| \(heading) |") }
            .prefix { $0.hasPrefix("|") }
            .dropFirst(2)
        return rows.map { row in
            row.split(separator: "|").map { cell in
                String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()).replacing("`", with: "")
            }
        }
    }
}
