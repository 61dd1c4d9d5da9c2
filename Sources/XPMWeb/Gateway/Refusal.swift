import XPMHTTP
import XPMProtocol

/// An answer that something cannot be had: a page for people, JSON for programs.
struct Refusal {
    var status: Int
    /// For programs.
    var code: String
    /// A sentence without its full stop.
    var message: String
    /// What to do, for people.
    var advice: Markup?
    var data: [String: JSONValue] = [:]
    var fields: [(name: StaticString, value: String)] = []

    init(
        _ status: Int, _ code: String, _ message: String, advice: Markup? = nil, data: [String: JSONValue] = [:],
        fields: [(name: StaticString, value: String)] = []
    ) {
        (self.status, self.code, self.message, self.advice) = (status, code, message, advice)
        (self.data, self.fields) = (data, fields)
    }

    func answer(asPage: Bool) -> Answer { asPage ? page : json }

    private var page: Answer {
        Page(
            title: "\(status) \(AnswerHead.reason(status))",
            body: "<h1>\(AnswerHead.reason(status).description)</h1>\n<p>\(message).</p>\n\(advice ?? "")"
        ).answer(status, fields)
    }

    private var json: Answer {
        let body = Body(error: Body.Error(code: code, data: data, message: message))
        return Answer(
            status,
            [("Content-Type", "application/json"), ("Content-Security-Policy", Page.closedPolicy)] + Page.fields
                + fields,
            body: (try? Wire.encode(body)) ?? [])
    }

    private struct Body: Encodable {
        struct Error: Encodable {
            var code: String
            var data: [String: JSONValue]
            var message: String
        }

        var error: Error
    }
}
