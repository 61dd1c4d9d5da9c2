import Glibc
import XPMClient

/// What services use of graphics cards, by nvidia-smi where it is installed.
enum GraphicsMemory {
    /// Where nvidia-smi is; nil where the driver is not installed, which is looked for once.
    static let program: String? = {
        let folders = (ProcessEnvironment.current["PATH"] ?? "").split(separator: ":")
        return folders.map { "\($0)/nvidia-smi" }.first { access($0, X_OK) == 0 }
    }()

    /// The bytes that the processes below `root` use. On a thread that may block.
    static func bytes(below root: Int32) -> Int64? {
        guard let program, var pipe = try? Pipe() else { return nil }
        let spawn = Spawn(
            path: program,
            arguments: ["nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits"],
            environment: ProcessEnvironment.current, descriptors: [(pipe.writing, 1)],
            files: [("/dev/null", O_RDONLY, 0), ("/dev/null", O_WRONLY, 2)])
        guard case .success(let process) = spawn.run() else { return nil }
        pipe.closeWriting()
        var output: [UInt8] = []
        while case let chunk = pipe.next(), !chunk.isEmpty, output.count < 1 << 20 { output += chunk }
        guard Spawn.wait(for: process) == 0 else { return nil }
        return sum(String(decoding: output, as: UTF8.self)) { isBelow($0, root) }
    }

    /// Adds up lines of `pid, MiB` of processes that count.
    static func sum(_ table: String, counts: (Int32) -> Bool) -> Int64 {
        table.split(separator: "\n").reduce(0) { sum, line in
            let fields = line.split(separator: ",").map { $0.filter { $0 != " " } }
            guard fields.count == 2, let pid = Int32(fields[0]), let mebibytes = Int64(fields[1]),
                (0..<1 << 30).contains(mebibytes), counts(pid)
            else { return sum }
            return sum + mebibytes << 20
        }
    }

    private static func isBelow(_ pid: Int32, _ root: Int32) -> Bool {
        var pid = pid
        for _ in 0..<64 where pid > 1 {
            if pid == root { return true }
            guard let parent = parent(of: pid) else { return false }
            pid = parent
        }
        return false
    }

    private static func parent(of pid: Int32) -> Int32? {
        let file = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(file, &bytes, bytes.count)
        guard count > 0, let name = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = String(decoding: bytes[(name + 1)..<count], as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int32(fields[1]) : nil
    }
}
