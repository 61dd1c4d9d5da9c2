import SeededRandom
import Testing
import XPMClient
import XPMProtocol

@testable import XPMWeb

@Suite struct SessionTests {
    let scratch = ScratchFolder()
    var folder: WebFolder { WebFolder("sessions", in: scratch.path) }

    private func make(at moment: Timestamp = .now) throws -> Sessions {
        _ = try WebAccess(stateFolder: scratch.path).makeCode()
        return try Sessions(folder: folder, at: moment)
    }

    @Test func aRestartSignsNobodyOut() throws {
        let before = try make()
        let dashboard = Digest.sha256(try before.begin())
        let service = Digest.sha256(try #require(try before.derive(from: dashboard, for: "lab")))
        let after = try make()
        #expect(after.isValid(dashboard, at: nil))
        #expect(after.isValid(service, at: "lab"))
    }

    @Test func aSessionCountsAtItsOwnOriginAlone() throws {
        let sessions = try make()
        let dashboard = Digest.sha256(try sessions.begin())
        let service = Digest.sha256(try #require(try sessions.derive(from: dashboard, for: "lab")))
        #expect(!sessions.isValid(dashboard, at: "lab"))
        #expect(!sessions.isValid(service, at: nil))
        #expect(!sessions.isValid(service, at: "other"))
        // Nothing can be made of a service's session.
        #expect(try sessions.derive(from: service, for: "other") == nil)
    }

    @Test func signingOutEndsTheSessionsAtServicesToo() throws {
        let sessions = try make()
        let (dashboard, other) = (Digest.sha256(try sessions.begin()), Digest.sha256(try sessions.begin()))
        let service = Digest.sha256(try #require(try sessions.derive(from: dashboard, for: "lab")))
        sessions.end(sessions.root(of: service))
        #expect(!sessions.isValid(dashboard, at: nil) && !sessions.isValid(service, at: "lab"))
        #expect(sessions.isValid(other, at: nil))
        #expect(scratch.names(in: "web/sessions") == [other.hexadecimal])
    }

    @Test func sessionsExpireAndTheirFilesGo() throws {
        let sessions = try make()
        let digest = Digest.sha256(try sessions.begin())
        _ = try sessions.derive(from: digest, for: "lab")
        let later = Timestamp(milliseconds: Timestamp.now.milliseconds + Sessions.lifetime + 1)
        #expect(!sessions.isValid(digest, at: nil, later))
        #expect(scratch.names(in: "web/sessions").isEmpty)
        _ = try sessions.begin()
        #expect(try make(at: later).count == 0)
        #expect(scratch.names(in: "web/sessions").isEmpty)
    }

    @Test func theOldestMakeWay() throws {
        let sessions = try make()
        var digests: [Digest] = []
        for number in 0..<Sessions.most + 2 {
            digests.append(
                .sha256(try sessions.begin(at: Timestamp(milliseconds: Timestamp.now.milliseconds + Int64(number)))))
        }
        #expect(sessions.count == Sessions.most)
        #expect(
            digests.map { sessions.isValid($0, at: nil) } == [false, false]
                + Array(repeating: true, count: Sessions.most))
    }

    @Test func whatIsBrokenIsLeftAlone() throws {
        _ = try make()
        try folder.write(Array("{".utf8), for: .sha256("x"), isDurable: false)
        #expect(try make().count == 0)
        #expect(scratch.names(in: "web/sessions") == [Digest.sha256("x").hexadecimal])
    }

    /// A walk: whatever is done, those that should count do, and the files are those of memory.
    @Test func memoryAndFilesAgree() throws {
        var random = SeededRandom(seed: SeededRandom.seed)
        var sessions = try make()
        var roots: [Digest] = []
        var children: [Digest: [String: Digest]] = [:]
        for _ in 0..<400 {
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where roots.count < 8: roots.append(.sha256(try sessions.begin()))
            case 1, 2:
                guard let root = roots.randomElement(using: &random) else { continue }
                let label = "l\(Int.random(in: 0..<5, using: &random))"
                children[root, default: [:]][label] = .sha256(try #require(try sessions.derive(from: root, for: label)))
            case 3 where random.oneIn(3):
                guard let place = roots.indices.randomElement(using: &random) else { continue }
                let root = roots.remove(at: place)
                sessions.end(root)
                children[root] = nil
            case 4: sessions = try make()
            default: break
            }
            let expected = roots.map(\.hexadecimal) + children.values.flatMap { $0.values.map(\.hexadecimal) }
            #expect(scratch.names(in: "web/sessions") == expected.sorted(), "seed \(SeededRandom.seed)")
            #expect(sessions.count == expected.count, "seed \(SeededRandom.seed)")
        }
    }

    @Test func aCodeToAServiceCountsOnceAndThereAlone() {
        var codes = OriginCodes()
        let session = Digest.sha256("s")
        let (one, two, three) = (
            codes.make(for: "lab", session: session), codes.make(for: "lab", session: session),
            codes.make(for: "lab", session: session)
        )
        #expect(codes.redeem(one, at: "lab") == session)
        #expect(codes.redeem(one, at: "lab") == nil)
        #expect(codes.redeem(two, at: "other") == nil)
        #expect(codes.redeem(two, at: "lab") == nil)
        #expect(codes.redeem(three, at: "lab", Timestamp(milliseconds: Timestamp.now.milliseconds + 30_001)) == nil)
    }
}
