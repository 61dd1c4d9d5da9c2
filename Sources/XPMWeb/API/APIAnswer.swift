import XPMHTTP
import XPMProtocol

/// Answers of the API: JSON that no browser takes for anything else, and that nobody keeps.
enum APIAnswer {
    /// What all of them have.
    static let fields: [(name: StaticString, value: String)] = [
        ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ]

    static func bytes(_ bytes: [UInt8], status: Int = 200) -> Answer {
        Answer(status, [("Content-Type", "application/json")] + fields, body: bytes)
    }

    static func json(_ value: some Encodable) -> Answer {
        bytes((try? Wire.encode(value)) ?? Array("{}".utf8))
    }

    static func text(_ type: String, _ text: String) -> Answer {
        Answer(200, [("Content-Type", type)] + fields, body: Array(text.utf8))
    }

    static func refusal(_ error: WireError) -> Answer {
        refusal(error.code.status, code: error.code.rawValue, error.message, data: error.data)
    }

    /// One that the protocol has no code for.
    static func refusal(
        _ status: Int, code: String, _ message: String, data: [String: JSONValue] = [:],
        _ more: [(name: StaticString, value: String)] = []
    ) -> Answer {
        let body = Refusal(error: .init(code: code, data: data, message: message))
        var answer = bytes((try? Wire.encode(body)) ?? Array("{}".utf8), status: status)
        if status == 503 || status == 429 { answer.head.fields.append(("Retry-After", "1")) }
        answer.head.fields += more
        return answer
    }

    /// The head of an event stream.
    static var stream: AnswerHead {
        AnswerHead(
            status: 200,
            // Proxies between, nginx for one, keep no event back then.
            fields: [("Content-Type", "text/event-stream"), ("X-Accel-Buffering", "no")] + fields)
    }

    private struct Refusal: Encodable {
        struct Body: Encodable {
            var code: String
            var data: [String: JSONValue]
            var message: String
        }
        var error: Body
    }
}
