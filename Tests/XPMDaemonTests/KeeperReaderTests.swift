import NIOCore
import NIOEmbedded
import Testing
import XPMControl
import XPMKeeping

@testable import XPMDaemon

/// How much of what a keeper says is done before it is somebody else's turn, counted and never timed.
@Suite struct KeeperReaderTests {
    private let loop = EmbeddedEventLoop()
    private let rotation: Rotation
    private let channel: EmbeddedChannel
    private let heard = Heard()
    private let reads = ReadCount()

    private final class Heard {
        var texts: [String] = []
        var hasEnded = false
        var callback: (Int) -> Void = { _ in }
    }

    /// Counts how often the channel is let read.
    private final class ReadCount: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var count = 0

        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    init() throws {
        rotation = Rotation(loop: loop)
        channel = EmbeddedChannel(handlers: [], loop: loop)
        let heard = heard
        let reader = KeeperReader(
            rotation: rotation,
            received: { message in
                guard case .notified(_, _, let text) = message else { return }
                #expect(!heard.hasEnded)
                heard.texts.append(text)
                heard.callback(heard.texts.count)
            }, ended: { heard.hasEnded = true })
        try channel.pipeline.syncOperations.addHandlers([reads, reader])
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/keeper"), promise: nil)
    }

    private func say(_ count: Int) throws {
        let said = (0..<count).flatMap { KeeperMessage.notified(attempt: 1, pid: 2, text: "STATUS=\($0)").encode() }
        try channel.writeInbound(ByteBuffer(bytes: said))
    }

    @Test func whoAsksWaitsForASliceOfAFlood() throws {
        var before: Int?
        try say(5_000)
        rotation.add { [heard] in
            before = heard.texts.count
            return false
        }
        loop.advanceTime(by: .seconds(1))
        #expect(try #require(before) <= 3 * KeeperReader.sliceLimit)
        #expect(heard.texts == (0..<5_000).map { "STATUS=\($0)" })
    }

    @Test func nothingMoreIsReadWhileItIsBehind() throws {
        let count = reads.count
        try say(5_000)
        channel.read()
        #expect(reads.count == count && heard.texts.count < 5_000)
        loop.advanceTime(by: .seconds(1))
        #expect(reads.count == count + 1 && heard.texts.count == 5_000)
    }

    @Test func allThatWasSaidIsHeardBeforeTheEnd() throws {
        try say(1_000)
        #expect(heard.texts.count < 1_000)
        channel.pipeline.fireChannelInactive()
        #expect(heard.hasEnded && heard.texts.count == 1_000)
        loop.advanceTime(by: .seconds(1))
        #expect(heard.texts.count == 1_000)
    }

    /// Whether it is found out in the first slice or a later one.
    @Test(arguments: [3, 100]) func nothingIsHeardBehindAnEndThatAnAnswerHasFoundOut(place: Int) throws {
        heard.callback = { [channel] count in if count == place { channel.pipeline.fireChannelInactive() } }
        try say(1_000)
        loop.advanceTime(by: .seconds(1))
        #expect(heard.hasEnded && heard.texts.count == place)
    }
}
