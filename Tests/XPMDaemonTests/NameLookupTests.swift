import NIOCore
import NIOPosix
import Testing

@testable import XPMDaemon

/// Names and a name server that answers when the test says so.
@Suite struct NameLookupTests {
    private static let loop = NIOSingletons.posixEventLoopGroup.next()
    private static let found = NameAnswer.addresses([SocketAddress.literal("192.0.2.1")].compactMap(\.self))

    private let names = ScriptedNames(loop: NameLookupTests.loop)

    /// A lookup, for the loop.
    private func lookup(
        most: Int = 4, patience: Duration = .seconds(3600), files: NameLookup.Files? = nil
    ) throws -> NIOLoopBound<NameLookup> {
        try Self.loop.submit { [names] in
            let lookup = NameLookup(
                loop: Self.loop, most: most, patience: patience, files: files, resolve: names.resolve)
            return NIOLoopBound(lookup, eventLoop: Self.loop)
        }.awaited("a lookup")
    }

    /// Asks for a name, for somebody, or for one who has never asked before; what comes of it.
    private func ask(
        _ lookup: NIOLoopBound<NameLookup>, _ name: String, for asker: Int64? = nil,
        within time: Duration = .seconds(3600)
    ) throws -> EventLoopFuture<NameAnswer> {
        let answer = Self.loop.makePromise(of: NameAnswer.self)
        let asker = asker ?? Int64.random(in: 1000 ... .max)
        try Self.loop.submit { _ = lookup.value.ask(name, for: asker, within: time) { answer.succeed($0) } }
            .awaited("a question")
        return answer.futureResult
    }

    private func isUnanswered(_ answer: NameAnswer, _ part: String) -> Bool {
        if case .unanswered(let reason) = answer { reason.contains(part) } else { false }
    }

    @Test func hungNameDelaysNoOther() throws {
        defer { names.end() }
        let lookup = try lookup()
        let hung = try ask(lookup, "hung")
        names.answer("other", Self.found)
        #expect(try ask(lookup, "other").awaited("another name") == Self.found)
        names.answer("hung", .unknown("no such name"))
        #expect(try hung.awaited("the hung name") == .unknown("no such name"))
    }

    @Test func whoAsksForTheSameNameSharesTheLookup() throws {
        defer { names.end() }
        let lookup = try lookup()
        let answers = try (0..<3).map { _ in try ask(lookup, "shared") }
        #expect(try names.asked.wait(for: 1) == ["shared"])
        names.answer("shared", Self.found)
        for answer in answers { #expect(try answer.awaited("the name") == Self.found) }
        #expect(names.asked.entries == ["shared"])
        // What was found is not kept: an address may change.
        #expect(try ask(lookup, "shared").awaited("the name") == Self.found)
        #expect(names.asked.entries == ["shared", "shared"])
    }

    @Test func whoHasWaitedLongEnoughIsToldAndALateAnswerIsForTheOthers() throws {
        defer { names.end() }
        let lookup = try lookup()
        let patient = try ask(lookup, "late")
        let hasty = try ask(lookup, "late", within: .milliseconds(1))
        #expect(isUnanswered(try hasty.awaited("a deadline"), "no address of 'late' within 0.001 s"))
        names.answer("late", Self.found)
        #expect(try patient.awaited("the late answer") == Self.found)
        #expect(names.asked.entries == ["late"])
    }

    @Test func nobodyWaitsLongerThanItsPatience() throws {
        defer { names.end() }
        let answer = try ask(lookup(patience: .milliseconds(1)), "hung")
        #expect(isUnanswered(try answer.awaited("the end of its patience"), "the name server does not answer"))
    }

    @Test func furtherNamesWaitForAThread() throws {
        defer { names.end() }
        let lookup = try lookup(most: 2)
        let answers = try (0..<6).map { try ask(lookup, "n\($0)") }
        _ = try names.asked.wait(for: 2)
        for number in 0..<6 { names.answer("n\(number)", Self.found) }
        for answer in answers { #expect(try answer.awaited("a name") == Self.found) }
        #expect(names.asked.entries.count == 6 && names.most <= 2)
    }

    @Test func whereAllHangFurtherNamesFailAtOnceAndOccupyNothing() throws {
        defer { names.end() }
        // Whatever is looked up takes too long.
        let lookup = try lookup(most: 3, patience: .zero)
        for number in 0..<3 { _ = try ask(lookup, "hung\(number)") }
        _ = try names.asked.wait(for: 3)
        for number in 0..<100 {
            let answer = try ask(lookup, "further\(number)").awaited("a refusal")
            #expect(isUnanswered(answer, "was not looked up, 3 others hang"))
        }
        #expect(names.asked.entries.count == 3 && names.most == 3)
        // One that ends makes room.
        names.answer("hung0", Self.found)
        names.answer("next", Self.found)
        var next = try ask(lookup, "next").awaited("an answer")
        while isUnanswered(next, "others hang") { next = try ask(lookup, "next").awaited("an answer") }
        #expect(try names.asked.wait(for: 4).last == "next")
    }

    @Test func nameThatNobodyWaitsForIsNotLookedUp() throws {
        defer { names.end() }
        let lookup = try lookup(most: 1)
        let first = try ask(lookup, "first")
        try Self.loop.submit {
            let question = lookup.value.ask("left", for: 1, within: .seconds(3600)) { _ in
                Issue.record("told after all")
            }
            question.cancel()
        }.awaited("a question")
        let last = try ask(lookup, "last")
        for name in ["first", "left", "last"] { names.answer(name, Self.found) }
        #expect(try first.awaited("a name") == Self.found)
        #expect(try last.awaited("a name") == Self.found)
        #expect(names.asked.entries == ["first", "last"])
    }

    @Test func queueIsBounded() throws {
        defer { names.end() }
        let lookup = try lookup(most: 1)
        _ = try ask(lookup, "hung")
        let answers = try (0...256).map { try ask(lookup, "n\($0)") }
        #expect(isUnanswered(try #require(answers.last).awaited("a refusal"), "was not looked up"))
        for number in 0..<256 { names.answer("n\(number)", Self.found) }
        names.answer("hung", Self.found)
        for answer in answers.dropLast() { #expect(try answer.awaited("a name") == Self.found) }
    }

    @Test func lateAnswerIsForNobodyBehindTheEnd() throws {
        let lookup = try lookup()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let own = group.next()
        let closed = try own.submit { [names] in
            let lookup = NameLookup(loop: own, resolve: names.resolve)
            _ = lookup.ask("hung", for: 1, within: .seconds(3600)) { _ in Issue.record("told after all") }
            lookup.close()
            return NIOLoopBound(lookup, eventLoop: own)
        }.awaited("a lookup")
        _ = try names.asked.wait(for: 1)
        try group.syncShutdownGracefully()
        names.answer("hung", Self.found)
        names.answer("other", Self.found)
        #expect(try ask(lookup, "other").awaited("another name") == Self.found)
        withExtendedLifetime(closed) {}
    }

    // MARK: Who is in whose way

    @Test func whatTheFilesKnowIsAnsweredWhileAllHang() throws {
        defer { names.end() }
        let lookup = try lookup(files: { $0 == "myhost" ? Self.found : nil })
        for number in 0..<4 { _ = try ask(lookup, "hung\(number)") }
        _ = try names.asked.wait(for: 4)
        #expect(try ask(lookup, "myhost").awaited("a name of the files") == Self.found)
        #expect(!names.asked.entries.contains("myhost"))
    }

    @Test func oneWhoAsksForManyHasHalfOfThem() throws {
        defer { names.end() }
        let lookup = try lookup()
        let many = try (0..<10).map { try ask(lookup, "hung\($0)", for: 1) }
        for name in ["a", "b", "c"] {
            names.answer(name, Self.found)
            #expect(try ask(lookup, name, for: 2).awaited("another's name") == Self.found)
        }
        // Threads may begin in any order.
        _ = try names.asked.wait(for: 5)
        #expect(names.asked.entries.count { $0.hasPrefix("hung") } == 2)
        for number in 0..<10 { names.answer("hung\(number)", Self.found) }
        for answer in many { #expect(try answer.awaited("one of many") == Self.found) }
    }

    @Test func whoseOwnHangIsToldAtOnceAndOthersGoOn() throws {
        defer { names.end() }
        let lookup = try lookup(patience: .zero)
        for number in 0..<2 { _ = try ask(lookup, "hung\(number)", for: 1) }
        _ = try names.asked.wait(for: 2)
        #expect(isUnanswered(try ask(lookup, "more", for: 1).awaited("a refusal"), "2 others hang"))
        names.answer("fine", Self.found)
        _ = try ask(lookup, "fine", for: 2)
        #expect(try names.asked.wait(for: 3).last == "fine")
    }

    @Test func lastPlaceIsNotForThoseWhoseNamesHang() throws {
        defer { names.end() }
        let lookup = try lookup(patience: .zero)
        for asker in Int64(1)...3 { _ = try ask(lookup, "hung\(asker)", for: asker) }
        _ = try names.asked.wait(for: 3)
        for asker in Int64(1)...3 {
            let answer = try ask(lookup, "more\(asker)", for: asker).awaited("a refusal")
            #expect(isUnanswered(answer, "3 others hang"))
        }
        // Also once it has ended: whoever is slow stays so until an answer comes in time.
        names.answer("hung1", Self.found)
        while try Self.loop.submit({ lookup.value.running.count }).awaited("a look") == 3 {}
        _ = try ask(lookup, "hung4", for: 4)
        _ = try names.asked.wait(for: 4)
        #expect(isUnanswered(try ask(lookup, "again", for: 1).awaited("a refusal"), "3 others hang"))
        _ = try ask(lookup, "new", for: 5)
        #expect(try names.asked.wait(for: 5).last == "new")
    }

    // MARK: What needs no lookup

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1"), ("127.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("fe80::1%lo", "fe80::1"), ("[fe80::1%lo]", "fe80::1"),
    ])
    func addressIsReadAsTheSystemReadsIt(host: String, address: String) throws {
        guard case .places(let places) = ProbeHost(host) else {
            Issue.record("\(host) is no address")
            return
        }
        #expect(places.count == 1 && places.first?.addresses.count == 1)
        #expect(places.first?.addresses.first?.ipAddress?.hasPrefix(address) == true)
    }

    @Test(arguments: [nil, "localhost", "LocalHost", "localhost.", "tensorboard.localhost"])
    func localHostIsBothLoopbackAddresses(host: String?) {
        guard case .places(let places) = ProbeHost(host) else {
            Issue.record("it is not known")
            return
        }
        #expect(places.map { $0.addresses.first?.ipAddress } == ["127.0.0.1", "::1"])
    }

    @Test(arguments: ["fe80::1%nosuch", "::g", "[127.0.0.1]", "[::1", "1::2::3"])
    func whatLooksLikeAnAddressIsNoName(host: String) {
        guard case .nowhere = ProbeHost(host) else {
            Issue.record("\(host) leads somewhere")
            return
        }
    }

    @Test(arguments: ["db", "db.example", "localhost.example", "256.0.0.1.example"])
    func anythingElseIsAName(host: String) {
        guard case .name(host) = ProbeHost(host) else {
            Issue.record("\(host) is no name")
            return
        }
    }
}
