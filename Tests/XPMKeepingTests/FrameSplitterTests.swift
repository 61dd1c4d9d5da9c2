import Testing

@testable import XPMKeeping

struct FrameSplitterTests {
    private let stream = Samples.messages.flatMap { $0.encode() }

    private func messages(_ splitter: inout FrameSplitter) throws -> [KeeperMessage] {
        var found: [KeeperMessage] = []
        while let body = try splitter.next() { found.append(try KeeperMessage.decode(body)) }
        return found
    }

    @Test func streamMayBeSplitAnywhere() throws {
        for split in 0...stream.count {
            var splitter = FrameSplitter()
            splitter.append(stream[..<split])
            let first = try messages(&splitter)
            splitter.append(stream[split...])
            let second = try messages(&splitter)
            #expect(first + second == Samples.messages, "split at \(split)")
        }
    }

    @Test func streamMayComeByteByByte() throws {
        var splitter = FrameSplitter()
        var found: [KeeperMessage] = []
        for byte in stream {
            splitter.append(CollectionOfOne(byte))
            found += try messages(&splitter)
        }
        #expect(found == Samples.messages)
    }

    @Test func lengthBeyondTheLimitIsRefusedAtOnce() {
        var splitter = FrameSplitter()
        splitter.append([1, 0, 0, 1])
        #expect(throws: KeeperWireError.invalidLength((1 << 24) + 1)) { try splitter.next() }
    }

    @Test func emptyBodyIsRefused() {
        var splitter = FrameSplitter()
        splitter.append([0, 0, 0, 0])
        #expect(throws: KeeperWireError.invalidLength(0)) { try splitter.next() }
    }

    @Test func largestBodyIsTaken() throws {
        let length = KeeperProtocol.maximumBodyLength
        var splitter = FrameSplitter()
        splitter.append([0, 0, 0, 1])
        splitter.append([UInt8](repeating: 7, count: length - 1))
        #expect(try splitter.next() == nil)
        splitter.append([7])
        #expect(try splitter.next()?.count == length)
    }
}
