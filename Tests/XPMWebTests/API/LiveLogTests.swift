import SeededRandom
import Testing
import XPMProtocol

@testable import XPMWeb

struct LiveLogTests {
    private let run = RunIdentity(workspace: "/ws", experiment: "e", run: "r")

    private func service(_ id: Int) -> LiveLog.Key { .service(ServiceIdentity(run: run, id: "s\(id)")) }

    /// What a reader at a position is told, in order.
    private func told(_ log: LiveLog, after position: Int) -> [LiveLog.Entry] {
        var (entries, place) = ([LiveLog.Entry](), position)
        while let next = log.next(after: place) {
            entries.append(next.entry)
            place = next.position
        }
        return entries
    }

    @Test func whatChangedManyTimesIsToldOnceAsItIsAtLast() {
        var log = LiveLog()
        for _ in 0..<3 {
            log.note(service(1))
            log.note(service(2))
        }
        #expect(told(log, after: 0) == [.changed(service(1)), .changed(service(2))])
        #expect(told(log, after: 5) == [.changed(service(2))])
        #expect(told(log, after: log.end).isEmpty)
    }

    @Test func whatWasRemovedIsToldUnlessItIsThereAgain() {
        var log = LiveLog()
        log.note(service(1))
        log.note(service(2))
        log.remove(service(1))
        log.remove(service(2))
        log.note(service(2))
        #expect(told(log, after: 2) == [.removed(service(1)), .changed(service(2))])
        #expect(told(log, after: 0) == [.removed(service(1)), .changed(service(2))])
    }

    @Test func whatWasNeverThereIsNotRemoved() {
        var log = LiveLog()
        log.remove(service(1))
        #expect(log.end == 0)
    }

    @Test func aMillionChangesKeepNoMoreThanThereIs() {
        var log = LiveLog()
        for number in 0..<1_000_000 { log.note(service(number % 100)) }
        #expect(log.count <= 2 * 100 + 256)
        #expect(log.floor == 0, "nothing was removed, so that no view begins anew")
        #expect(told(log, after: 0).count == 100)
    }

    @Test func manyRemovalsRaiseTheFloor() {
        var log = LiveLog()
        for number in 0..<20_000 {
            log.note(service(number))
            log.remove(service(number))
        }
        #expect(log.count <= 2 * LiveLog.mostRemoved + 256)
        #expect(log.floor > 0)
        #expect(told(log, after: log.floor).count >= LiveLog.mostRemoved)
    }

    /// A reader that is told what is behind its position, at any time, ends with what there is.
    @Test(arguments: 0..<20) func aReaderThatReadsNowAndThenSeesWhatThereIs(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var log = LiveLog()
        var there: Set<Int> = []
        var (seen, position) = (Set<LiveLog.Key>(), 0)
        for _ in 0..<3000 {
            let number = Int.random(in: 0..<40, using: &random)
            if Bool.random(using: &random) {
                log.note(service(number))
                there.insert(number)
            } else {
                log.remove(service(number))
                there.remove(number)
            }
            guard Int.random(in: 0..<5, using: &random) == 0, let next = log.next(after: position) else { continue }
            position = next.position
            switch next.entry {
            case .changed(let key): seen.insert(key)
            case .removed(let key): seen.remove(key)
            }
        }
        while let next = log.next(after: position) {
            position = next.position
            switch next.entry {
            case .changed(let key): seen.insert(key)
            case .removed(let key): seen.remove(key)
            }
        }
        #expect(seen == Set(there.map(service)))
    }
}
