import XPMProtocol

/// Where in a page's JSON values stand: names of members, `*` for all elements of an array or members of an object.
struct ActivityField: Hashable {
    let names: [String]

    init(_ text: some StringProtocol) {
        names = text.split(separator: ".", omittingEmptySubsequences: false)
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
    }

    var isEmpty: Bool { names.contains("") }
}

/// What a service said of its activity.
enum ActivityAnswer: Hashable {
    case busy
    /// It is not, and was last active then, as far as it says.
    case idle(since: Timestamp?)
    /// It cannot be understood, for this reason, a clause.
    case unclear(String)

    /// The most values that are looked at.
    private static let valueLimit = 10_000

    /// Reads the page that an activity probe got.
    init(_ body: [UInt8], _ fields: [ActivityField]) {
        guard let root = try? Wire.decode(JSONValue.self, from: body) else {
            self = .unclear("its answer is not JSON")
            return
        }
        var latest: Timestamp?
        for field in fields {
            var values = [root]
            for name in field.names {
                var next: [JSONValue] = []
                for value in values {
                    guard let below = Self.values(name, of: value) else {
                        self = .unclear("its answer has no \(Name.quoted(name))")
                        return
                    }
                    next += below
                }
                guard next.count <= Self.valueLimit else {
                    self = .unclear("its answer has more than \(Self.valueLimit) values")
                    return
                }
                values = next
            }
            for value in values {
                switch value {
                case .bool(true), .string("busy"):
                    self = .busy
                    return
                case .integer(let number) where number > 0:
                    self = .busy
                    return
                case .number(let number) where number > 0:
                    self = .busy
                    return
                case .string(let text):
                    if let moment = Timestamp(parsing: text) { latest = max(latest ?? moment, moment) }
                case .null, .bool, .integer, .number, .array, .object: break
                }
            }
        }
        self = .idle(since: latest)
    }

    private static func values(_ name: String, of value: JSONValue) -> [JSONValue]? {
        switch value {
        case .array(let elements): name == "*" ? elements : nil
        case .object(let members): name == "*" ? Array(members.values) : members[name].map { [$0] }
        case .null, .bool, .integer, .number, .string: nil
        }
    }
}
