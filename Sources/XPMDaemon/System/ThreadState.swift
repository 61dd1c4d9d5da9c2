import Glibc

/// What the kernel tells of one thread of this process.
struct ThreadState {
    /// Its folder in /proc; nil where there is none.
    private let folder: String?

    /// The thread that asks.
    static var ofThisThread: ThreadState {
        var name = [UInt8](repeating: 0, count: 64)
        let count = name.withUnsafeMutableBufferPointer { name in
            name.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { readlink("/proc/thread-self", $0, name.count) } ?? 0
            }
        }
        return ThreadState(folder: count > 0 ? "/proc/" + String(decoding: name.prefix(count), as: UTF8.self) : nil)
    }

    /// Whether it has a processor, or waits for nothing else (state R of proc(5)).
    var isRunnable: Bool {
        guard let folder else { return false }
        let file = open(folder + "/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = text.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        // The name, in brackets, may hold anything; behind it comes a blank, and the state.
        guard count > 0, let end = text.prefix(count).lastIndex(of: UInt8(ascii: ")")) else { return false }
        return text.prefix(count).dropFirst(end + 2).first == UInt8(ascii: "R")
    }
}
