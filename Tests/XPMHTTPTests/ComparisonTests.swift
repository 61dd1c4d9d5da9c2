import HTTPComparison
import SeededRandom
import Testing

@testable import XPMHTTP

/// What is accepted is what llhttp reads, too: `Tests/Fuzz` looks further.
@Suite struct ComparisonTests {
    private static let seed = SeededRandom.seed

    @Test func validStreamsAreAcceptedAndAgreedUpon() throws {
        for stream in Streams.requests {
            let comparison = try Comparison(requests: stream)
            #expect(comparison.disagreement == nil)
            if case .refused(let error) = comparison.own.stop {
                Issue.record("\(error): \(String(decoding: stream, as: UTF8.self))")
            }
        }
        for (stream, methods) in Streams.responses {
            let comparison = try Comparison(responses: stream, to: methods)
            #expect(comparison.disagreement == nil)
            if case .refused(let error) = comparison.own.stop {
                Issue.record("\(error): \(String(decoding: stream, as: UTF8.self))")
            }
        }
    }

    @Test func randomStreamsAreAgreedUpon() throws {
        var random = SeededRandom(seed: Self.seed)
        var (accepted, whole) = (0, 0)
        for count in 0..<4000 {
            let isRequest = count % 3 != 0
            let stream = random.stream(ofRequests: isRequest)
            let comparison =
                try isRequest
                ? Comparison(requests: stream)
                : Comparison(responses: stream, to: [.get, random.oneIn(3) ? .head : .get, .get, .get])
            accepted += comparison.own.messages.isEmpty ? 0 : 1
            whole += comparison.own.messages.filter { $0.isComplete }.count
            if let disagreement = comparison.disagreement {
                Issue.record(
                    "seed \(Self.seed), stream \(count): \(disagreement): \(String(decoding: stream, as: UTF8.self).debugDescription)"
                )
                return
            }
        }
        // Otherwise nothing would be compared.
        #expect(accepted > 1000 && whole > 1000)
    }
}
