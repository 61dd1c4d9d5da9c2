import XPMHTTP
import XPMProtocol

/// The query of a request, and what stands for it in fields.
struct APIQuery {
    private var values: [String: String] = [:]

    /// What an exchange asks for; `invalidParameters` where it is no text, or says something twice.
    init(_ exchange: Exchange) throws(WireError) {
        guard let range = exchange.head.target?.query else { return }
        var pairs: [(String?, String?)] = []
        exchange.bytes.withUnsafeBytes { bytes in
            for pair in QueryPairs(range.bytes(in: bytes)) {
                pairs.append(
                    (
                        PercentDecoding.text(pair.name, plusIsSpace: true),
                        pair.value.map { PercentDecoding.text($0, plusIsSpace: true) } ?? ""
                    ))
            }
        }
        for case (let name?, let value?) in pairs {
            guard values.updateValue(value, forKey: name) == nil else {
                throw Self.fault(name, "it is given twice")
            }
        }
        guard values.count == pairs.count else { throw Self.fault("?", "its encoding is not valid") }
    }

    /// A value, nil where there is none.
    subscript(_ name: String) -> String? { values[name] }

    /// Whether a switch is on: `1` or `true`.
    func isOn(_ name: String) throws(WireError) -> Bool {
        switch values[name] {
        case nil, "0", "false": return false
        case "1", "true": return true
        case _?: throw Self.fault(name, "it is 0 or 1")
        }
    }

    /// A position in the log of events.
    static func position(_ name: String, _ text: String) throws(WireError) -> Int64 {
        guard let number = Int64(text), number >= 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw fault(name, "it is a whole number, not negative")
        }
        return number
    }

    static func fault(_ name: String, _ cause: String) -> WireError {
        WireError(
            .invalidParameters, "cannot take the parameter \(Name.quoted(name)): \(cause)",
            data: ["parameter": .string(name)])
    }
}

extension Exchange {
    /// The value of a field whose name is in lower case.
    func field(_ name: StaticString) -> String? {
        let range = bytes.withUnsafeBytes { head.section.first(name, in: $0) }
        return range.map { text($0) }
    }

    /// Where a client goes on after a loss, by which browsers connect again.
    var lastEventID: String? { field("last-event-id").flatMap { $0.isEmpty ? nil : $0 } }
}
