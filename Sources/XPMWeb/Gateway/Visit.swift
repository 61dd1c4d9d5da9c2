import XPMHTTP
import XPMProtocol

extension Gateway {
    /// What the head of a request says, and whose page it asks.
    struct Visit {
        let exchange: Exchange
        let facts: RequestFacts
        /// Without the query, as it came.
        let path: String

        /// The port by which a browser has come.
        var port: UInt16? { exchange.head.authority?.port }

        var query: String? { exchange.head.target?.query.map(exchange.text) }

        func answer(_ refusal: Refusal) { exchange.answer(refusal.answer(asPage: facts.isNavigation)) }

        func answer(_ page: Page, _ status: Int) { exchange.answer(page.answer(status)) }

        /// Sends a browser on; the place has no control characters.
        func redirect(_ status: Int, _ place: String, _ more: [(name: StaticString, value: String)] = []) {
            exchange.answer(
                Answer(
                    status,
                    [("Location", place), ("Content-Security-Policy", Page.closedPolicy)] + Page.fields + more))
        }

        /// An answer without content.
        func done(_ status: Int = 204, _ more: [(name: StaticString, value: String)] = []) {
            exchange.answer(Answer(status, [("Content-Security-Policy", Page.closedPolicy)] + Page.fields + more))
        }
    }
}

extension Gateway.Visit {
    var pathAndQuery: ByteRange { exchange.head.target?.pathAndQuery ?? .none }
}

extension Gateway.Visit {
    /// A parameter of the query, decoded; nil where there is none.
    func parameter(_ name: String) -> String? {
        guard let range = exchange.head.target?.query else { return nil }
        return exchange.bytes.withUnsafeBytes { bytes in
            for pair in QueryPairs(range.bytes(in: bytes)) where pair.name.elementsEqual(name.utf8) {
                return pair.value.flatMap { PercentDecoding.text($0) }
            }
            return nil
        }
    }
}
