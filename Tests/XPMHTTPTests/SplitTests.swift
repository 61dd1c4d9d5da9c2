import HTTPComparison
import SeededRandom
import Testing

@testable import XPMHTTP

/// However the bytes come, they mean the same, and cost the same.
@Suite struct SplitTests {
    private static let seed = SeededRandom.seed

    @Test func everySplitOfValidStreamsGivesTheSame() {
        for stream in Streams.requests {
            let whole = OwnReading(requests: [stream[...]])
            for place in stream.indices {
                #expect(OwnReading(requests: [stream[..<place], stream[place...]]) == whole)
            }
            #expect(OwnReading(requests: stream.indices.map { stream[$0...$0] }) == whole)
        }
        for (stream, methods) in Streams.responses {
            let whole = OwnReading(responses: [stream[...]], to: methods)
            for place in stream.indices {
                #expect(OwnReading(responses: [stream[..<place], stream[place...]], to: methods) == whole)
            }
            #expect(OwnReading(responses: stream.indices.map { stream[$0...$0] }, to: methods) == whole)
        }
    }

    @Test func randomStreamsInRandomPiecesGiveTheSame() {
        var random = SeededRandom(seed: Self.seed)
        let limits = HeadLimits(head: 300, fields: 8, target: 40, fieldName: 24, method: 8)
        let bodyLimits = BodyLimits(extensions: 16, trailers: 60, trailerFields: 2)
        for count in 0..<3000 {
            let stream = random.stream(ofRequests: count % 3 != 0)
            let pieces = random.pieces(of: stream)
            let methods: [Method] = [.get, .head, .post, .get]
            let agree =
                count % 3 != 0
                ? OwnReading(requests: [stream[...]], limits: limits, bodyLimits: bodyLimits)
                    == OwnReading(requests: pieces, limits: limits, bodyLimits: bodyLimits)
                : OwnReading(responses: [stream[...]], to: methods, limits: limits, bodyLimits: bodyLimits)
                    == OwnReading(responses: pieces, to: methods, limits: limits, bodyLimits: bodyLimits)
            guard agree else {
                Issue.record(
                    "seed \(Self.seed), stream \(count): \(String(decoding: stream, as: UTF8.self).debugDescription)")
                return
            }
        }
    }

    @Test func bytesThatComeOneByOneAreLookedAtOnce() throws {
        let fields = (0..<60).map { "X-Field-\($0): \(String(repeating: "v", count: 100))" }
        let target = "/" + String(repeating: "t", count: 4000)
        let request = Array(
            (["GET \(target) HTTP/1.1", "Host: a"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
        let response = Array((["HTTP/1.1 200 \(target)"] + fields + ["", ""]).joined(separator: "\r\n").utf8)
        var requests = RequestParser()
        var responses = ResponseParser()
        for end in 1...max(request.count, response.count) {
            if end <= request.count { _ = try request[..<end].withUnsafeBytes { try requests.parse($0) } }
            if end <= response.count { _ = try response[..<end].withUnsafeBytes { try responses.parse($0) } }
        }
        #expect(requests.head.section.fields.count == 61 && responses.head.section.fields.count == 60)
        // One for each byte, and one for each call.
        #expect(requests.work <= 2 * request.count)
        #expect(responses.work <= 2 * response.count)
    }
}
