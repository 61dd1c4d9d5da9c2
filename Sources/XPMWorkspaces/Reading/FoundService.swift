import XPMProtocol

/// A service as experimaestro's files tell of it.
public struct FoundService: Hashable, Sendable {
    /// A part of a composite service.
    public struct Part: Hashable, Sendable {
        /// The part's own id, without the composite's.
        public var id: String
        public var description: String
    }

    public var id: String
    public var description: String
    /// `module.Name`.
    public var className: String
    /// The constructor's arguments, as the protocol has them.
    public var stateDict: StateDictionary
    /// What it is made of, where it is not itself alone.
    public var parts: [Part] = []
    /// Whether it can be started itself, and not only its parts.
    public var isStartable = true

    /// An entry has no more bytes than the daemon takes in a request that adds a service.
    static let entryLimit = 1 << 20
    /// The most services of a run.
    static let countLimit = 1000
    /// A state has fewer levels than the 128 of JSON that is read: a record on disk and a reply are around it, and must be
    /// read, too.
    static let depthLimit = 120
    private static let descriptionLimit = 1000

    /// Where the service writes its own files, if it says so.
    public var logFolder: String? {
        guard case .object(let value)? = stateDict["log_directory"], let path = value["__path__"]?.text,
            path.hasPrefix("/"), !path.utf8.contains(0)
        else { return nil }
        return path
    }
}

extension FoundService {
    /// Reads an entry of status.json's `services` or a ServiceAddedEvent, whose key for the class is another.
    init(id: String, _ entry: JSONMembers, size: Int, classKey: StaticString) throws(Omission) {
        do throws(WireError) { try Name.validate(id, of: "a service") } catch { throw Omission(error.message) }
        guard let className = entry.text(classKey), !className.isEmpty, className.utf8.count <= 1024 else {
            throw Omission("cannot list the service \(Name.quoted(id)): it has no class")
        }
        self.id = id
        self.className = className
        description = Self.line(entry.text("description"))
        if size > Self.entryLimit {
            stateDict = Self.unserializable("its state has more than \(Self.entryLimit) bytes")
        } else if let dictionary = entry["state_dict"].flatMap({ try? StateDictionary(reading: $0) }) {
            stateDict =
                JSONValue.object(dictionary.members).isNested(deeperThan: Self.depthLimit)
                ? Self.unserializable("its state is nested deeper than \(Self.depthLimit) levels") : dictionary
        } else {
            // The class may well need what could not be read.
            stateDict = Self.unserializable("its state_dict is not JSON as others could read it")
        }
        guard let slice = entry["subservices"], case .array(let list)? = JSONMembers.value(slice) else { return }
        for case .object(let part) in list.prefix(Self.countLimit) {
            guard let name = part["service_id"]?.text else { continue }
            if name == id { continue }
            do throws(WireError) { try Name.validate(name, of: "a sub-service") } catch { continue }
            guard !parts.contains(where: { $0.id == name }) else { continue }
            parts.append(Part(id: name, description: Self.line(part["description"]?.text)))
        }
        isStartable =
            parts.isEmpty
            || list.contains { if case .object(let part) = $0 { part["service_id"]?.text == id } else { false } }
    }

    private static func unserializable(_ reason: String) -> StateDictionary {
        ["__unserializable__": true, "__reason__": .string(reason)]
    }

    private static func line(_ text: String?) -> String {
        String((text ?? "").unicodeScalars.prefix(descriptionLimit).map { $0 == "\n" ? " " : Character($0) })
    }
}

extension JSONValue {
    /// Whether it has objects and arrays in each other beyond so many levels, itself the first.
    fileprivate func isNested(deeperThan levels: Int) -> Bool {
        switch self {
        case .object(let members): levels == 0 || members.values.contains { $0.isNested(deeperThan: levels - 1) }
        case .array(let values): levels == 0 || values.contains { $0.isNested(deeperThan: levels - 1) }
        case .null, .bool, .integer, .number, .string: false
        }
    }
}

/// Something that is not listed, and why: a sentence.
struct Omission: Error, Hashable {
    var reason: String

    init(_ reason: String) { self.reason = reason }
}
