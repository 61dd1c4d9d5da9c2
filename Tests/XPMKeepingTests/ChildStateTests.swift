import Glibc
import Testing

@testable import XPMKeeping

/// What a service starts with, read from /proc while it sleeps.
struct ChildStateTests {
    @Test func childHasStandardDescriptorsOnly() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            // A second connection and other services are descriptors that might leak.
            let other = try keeper.connect()
            _ = try client.spawn(keeper.sleeper(1))
            let pid = try client.spawn(keeper.sleeper(2)).pid
            // The loader may just be opening the program's libraries.
            let descriptors = try list("/proc/\(pid)/fd").filter { number in
                guard let target = realpath("/proc/\(pid)/fd/\(number)", nil) else {
                    return access("/proc/\(pid)/fd/\(number)", F_OK) == 0
                }
                defer { free(target) }
                let file = String(cString: target)
                return !["/usr/lib", "/lib", "/etc/ld.so"].contains { file.hasPrefix($0) }
            }
            #expect(descriptors.sorted() == ["0", "1", "2"])
            #expect(try link("/proc/\(pid)/fd/0") == "/dev/null")
            #expect(try link("/proc/\(pid)/fd/2") == keeper.folder.path + "/log")
            withExtendedLifetime(other) {}
        }
    }

    @Test func childHasDefaultSignalsAndItsOwnSession() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let pid = try client.spawn(keeper.sleeper(1)).pid
            let status = String(decoding: ProcessFiles.contents(of: "/proc/\(pid)/status") ?? [], as: UTF8.self)
            for field in ["SigBlk", "SigIgn", "SigCgt", "SigPnd"] {
                #expect(status.contains("\n\(field):\t0000000000000000\n"), "\(field)")
            }
            let stat = try #require(ProcessFiles.stat(of: pid))
            #expect(stat.session == pid)
            #expect(stat.group == pid)
            #expect(stat.parent == keeper.keeper)
        }
    }

    @Test func childGetsLimitAndMaskThatTheKeeperWasGiven() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            let pid = try client.spawn(keeper.sleeper(1)).pid
            #expect(
                try line("Max open files", of: "/proc/\(pid)/limits") == line("Max open files", of: "/proc/self/limits")
            )
            #expect(try line("Umask", of: "/proc/\(pid)/status") == line("Umask", of: "/proc/self/status"))
        }
    }

    @Test func keeperLeavesTerminalSignalsUnheard() throws {
        try withKeeper { keeper in
            let client = try keeper.greet().client
            for signal in [SIGHUP, SIGINT, SIGTERM] { kill(keeper.keeper, signal) }
            #expect(try client.greet().isEmpty)
        }
    }

    private func line(_ start: String, of path: String) throws -> Substring {
        let text = String(decoding: ProcessFiles.contents(of: path) ?? [], as: UTF8.self)
        return try #require(text.split(separator: "\n").first { $0.hasPrefix(start) })
    }

    private func link(_ path: String) throws -> String {
        let target = try #require(realpath(path, nil))
        defer { free(target) }
        return String(cString: target)
    }

    private func list(_ path: String) throws -> [String] {
        let stream = try #require(opendir(path))
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) { names.append(entry.name) }
        return names.filter { $0 != "." && $0 != ".." }
    }
}
