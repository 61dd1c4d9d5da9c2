/// A JSON value that is being encoded: filled by an encoder's containers, then written at once.
///
/// A class, because nested containers fill it after the container around them has handed it out.
final class JSONNode {
    /// A value that is complete, or a node that holds it.
    enum Part {
        case null
        case bool(Bool)
        case integer(Int64)
        case unsigned(UInt64)
        /// A number or another text, as it is written.
        case written(String)
        case string(String)
        case node(JSONNode)
    }

    enum Content {
        /// Nothing was encoded, which JSON can only show as an empty object.
        case nothing
        case value(Part)
        case array([Part])
        case object([(key: String, value: Part)])
    }

    private(set) var content = Content.nothing

    func set(_ part: Part) { content = .value(part) }

    func becomeArray() {
        if case .array = content { return }
        content = .array([])
    }

    func becomeObject() {
        if case .object = content { return }
        content = .object([])
    }

    var count: Int {
        if case .array(let elements) = content { elements.count } else { 0 }
    }

    func append(_ part: Part) {
        guard case .array(var elements) = content else { return }
        // Let go of the only other reference, or each element would copy all those before.
        content = .nothing
        elements.append(part)
        content = .array(elements)
    }

    func insert(_ part: Part, forKey key: String) {
        guard case .object(var members) = content else { return }
        content = .nothing
        if members.isEmpty { members.reserveCapacity(8) }
        members.append((key, part))
        content = .object(members)
    }

    /// The simplest part that stands for this node.
    var part: Part {
        if case .value(let part) = content { part } else { .node(self) }
    }
}
