import Glibc

/// Which mount a path is below, by its name alone: asking the file system could hang.
final class Mounts {
    private let file: OpenFile?
    private var points: [String] = []

    init() {
        let number = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC)
        file = number >= 0 ? OpenFile(number) : nil
        load()
    }

    /// Where the mount begins; `/` where nothing is known.
    func point(of path: String) -> String {
        if hasChanged { load() }
        return Self.point(of: path, points)
    }

    static func point(of path: String, _ points: [String]) -> String {
        var best = "/"
        for point in points where point.utf8.count > best.utf8.count && path.utf8.starts(with: point.utf8) {
            // `/data` is not above `/database`.
            let next = path.utf8.dropFirst(point.utf8.count).first
            if next == nil || next == UInt8(ascii: "/") { best = point }
        }
        return best
    }

    /// The fifth field of each line, in which space, tab, line feed and backslash are octal.
    static func points(_ table: [UInt8]) -> [String] {
        table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "), maxSplits: 5)
            guard fields.count > 4 else { return nil }
            return String(decoding: unescaped(fields[4]), as: UTF8.self)
        }
    }

    private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = field
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) {
                result.append(digits.reduce(0) { $0 &* 8 &+ ($1 - 48) })
                rest = rest.dropFirst(3)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// The kernel tells it by an exceptional condition.
    private var hasChanged: Bool {
        guard let file else { return false }
        var state = pollfd(fd: file.descriptor, events: Int16(POLLPRI), revents: 0)
        return poll(&state, 1, 0) > 0
    }

    private func load() {
        guard let file else { return }
        var table: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while let count = try? file.read(into: buffer, at: UInt64(table.count)), count > 0 { table += buffer[..<count] }
        points = Self.points(table)
    }
}
