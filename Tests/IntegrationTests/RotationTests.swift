import Glibc
import Testing
import XPMProtocol

/// Logs that are rotated under a service that writes as fast as it can.
struct RotationTests {
    @Test func everyLineIsInOneFileOnce() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            let count = 1_000_000
            // Stays until it is let go, so that the last look finds it alive.
            try xpmd.addScript("writer", "seq 1 \(count); echo end >\(go.path); exec sleep 1000", to: xpmd.open("lab"))
            {
                $0.log = LogPolicy(maximumBytes: 256 << 10, keep: 1000)
            }
            try xpmd.start("writer")
            #expect(try go.line() == "end")
            let path = try #require(try xpmd.service("writer").stdout)
            try xpmd.crash()
            try xpmd.launch()
            try xpmd.stop("writer")
            let slash = try #require(path.lastIndex(of: "/"))
            let (folder, name) = (String(path[..<slash]), String(path[path.index(after: slash)...]))
            let stream = try #require(opendir(folder))
            defer { closedir(stream) }
            var pieces: [Int] = []
            while let entry = readdir(stream) {
                let file = withUnsafeBytes(of: &entry.pointee.d_name) {
                    String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
                }
                if file.hasPrefix(name + "."), let number = Int(file.dropFirst(name.count + 1)) {
                    pieces.append(number)
                }
            }
            #expect(!pieces.isEmpty)
            let whole = pieces.sorted().map { text(of: "\(path).\($0)") }.joined() + text(of: path)
            // What was torn off a line at the beginning of a file is blank there, or a hole.
            let numbers = whole.split(whereSeparator: { $0 == "\n" || $0 == " " || $0 == "\0" }).compactMap { Int($0) }
            #expect(numbers.count == count && numbers == Array(1...count))
        }
    }
}
