import Glibc
import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

@Suite struct PortTests {
    let scratch = ScratchFolder()
    let loop: EventLoop
    let folder: WebFolder

    init() throws {
        loop = try EventLoop()
        folder = WebFolder("", in: scratch.path)
        try folder.make()
    }

    private func engine() -> Engine { Engine(on: loop) { _ in } }

    @Test func aPortIsChosenOnceAndKept() throws {
        let first = engine()
        let port = try WebPort(folder: folder).listen(first)
        #expect(port >= 8470)
        try WebPort(folder: folder).keep(port)
        #expect(WebAccess(stateFolder: scratch.path).port == port)
        first.close()
        let second = engine()
        #expect(try WebPort(folder: folder).listen(second) == port)
        second.close()
    }

    @Test(arguments: [false, true]) func whoHasItAtOneAddressIsNamed(isIPv6: Bool) throws {
        let other = engine()
        guard let held = try? other.listen(at: isIPv6 ? .ipv6(port: 0) : .ipv4(port: 0)) else {
            // A machine without IPv6.
            return
        }
        let port: UInt16 =
            switch held {
            case .ipv4(let port), .ipv6(let port): port
            case .unix: 0
            }
        let mine = engine()
        do {
            _ = try WebPort(folder: folder, asked: port).listen(mine)
            Issue.record("it listens on a port that is held")
        } catch .held(let told, let holder) {
            #expect(told == port)
            #expect(holder?.process?.pid == getpid())
            #expect(holder?.description.contains("(process \(getpid())) has it") == true)
        } catch { Issue.record("\(error)") }
        // Nothing of it stays behind at the other address.
        #expect(throws: Never.self) { _ = try engine().listen(at: isIPv6 ? .ipv4(port: port) : .ipv6(port: port)) }
        other.close()
    }

    @Test(arguments: ["", "0", "x", "99999", "-1"]) func aBrokenNoteCountsAsNone(text: String) throws {
        try folder.write(Array(text.utf8), to: "port", isDurable: false)
        #expect(WebPort(folder: folder).kept == nil)
    }

    @Test func oneStateFolderHasOneXpmWeb() throws {
        #expect(try InstanceLock.take(in: folder.path))
        #expect(try !InstanceLock.take(in: folder.path))
    }
}
