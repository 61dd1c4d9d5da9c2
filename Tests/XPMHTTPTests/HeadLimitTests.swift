import Testing

@testable import XPMHTTP

@Suite struct HeadLimitTests {
    private static let limits = HeadLimits(head: 100, fields: 3, target: 20, fieldName: 8, method: 7)

    private static func request(target: Int = 1, fields: Int = 1, name: Int = 1, padding: Int = 0) -> [UInt8] {
        let names = (1..<fields).map { _ in "\(String(repeating: "n", count: name)): v" }
        let target = "/" + String(repeating: "t", count: target - 1)
        return Array(
            (["GET \(target) HTTP/1.1", "Host: a" + String(repeating: "a", count: padding)] + names + ["", ""])
                .joined(separator: "\r\n").utf8)
    }

    @Test func whatIsWithinIsTakenAndOneMoreIsNot() {
        let bare = Self.request().count
        for (within, beyond, error) in [
            (Self.request(target: 20), Self.request(target: 21), MessageError.targetTooLong),
            (Self.request(fields: 3), Self.request(fields: 4), .tooManyFields),
            (Self.request(fields: 2, name: 8), Self.request(fields: 2, name: 9), .fieldNameTooLong),
            (Self.request(padding: 100 - bare), Self.request(padding: 101 - bare), .headTooLarge),
            (head("OPTIONS / HTTP/1.1", "Host: a"), head("OPTIONSX / HTTP/1.1", "Host: a"), .methodTooLong),
        ] {
            #expect(refusal(request: within, limits: Self.limits) == nil)
            #expect(refusal(request: beyond, limits: Self.limits) == error)
        }
    }

    @Test func whatFollowsTheHeadDoesNotCount() {
        let bytes = Self.request() + [UInt8](repeating: 0, count: 1000)
        #expect(refusal(request: bytes, limits: Self.limits) == nil)
    }

    @Test func whatNeverEndsIsRefusedOnceItIsTooLarge() {
        for (bytes, error) in [
            ("GET /" + String(repeating: "x", count: 20), MessageError.targetTooLong),
            ("GET / HTTP/1.1\r\nHost: " + String(repeating: "x", count: 100), .headTooLarge),
            (String(repeating: "X", count: 8), .methodTooLong),
            ("GET / HTTP/1.1\r\n" + String(repeating: "x", count: 9), .fieldNameTooLong),
        ] {
            #expect(refusal(request: Array(bytes.utf8), limits: Self.limits) == error)
        }
    }

    @Test func largeTargetsAre414AndLargeHeads431() {
        #expect(MessageError.targetTooLong.status == 414)
        #expect(MessageError.headTooLarge.status == 431 && MessageError.tooManyFields.status == 431)
        // A target that the limit of the head cuts is too long, too.
        let bytes = Array(("GET /" + String(repeating: "x", count: 100)).utf8)
        #expect(refusal(request: bytes, limits: HeadLimits(head: 50, target: 1000)) == .targetTooLong)
    }
}
