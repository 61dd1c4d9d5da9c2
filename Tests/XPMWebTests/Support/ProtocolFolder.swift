import Glibc

/// `protocol/` of this repository.
enum ProtocolFolder {
    static let path: String = {
        let parts = #filePath.split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/protocol"
    }()

    /// The methods that have a schema.
    static func methods() throws -> Set<String> {
        let names = try names(in: "\(path)/schema").map { $0.dropLast(5) }
        return Set(names.filter { $0.contains(".") || $0 == "hello" }.map(String.init))
    }

    /// The text of a file, by its path from there.
    static func text(of name: String) -> String? {
        guard let file = fopen("\(path)/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func names(in folder: String) throws -> [String] {
        guard let folder = opendir(folder) else { throw LoopEnded() }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasSuffix(".json") { names.append(name) }
        }
        return names
    }
}
