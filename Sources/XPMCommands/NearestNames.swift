import XPMClient
import XPMProtocol

/// What may have been meant by a name that no service has.
enum NearestNames {
    /// Runs `body`; where it finds no service of a name, the error tells which services have nearly that name.
    static func suggesting<Value>(_ connection: Connection, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as WireError { throw added(to: error, on: connection) }
    }

    /// `error`, and where it is that a service is not found, the nearest names in `data.similar`, in the form that was typed; of
    /// templates too, where those may be meant.
    static func added(to error: WireError, on connection: Connection?, templates: Bool = false) -> WireError {
        guard let connection, error.code == .notFound, case .string(let name)? = error.data["name"],
            error.data["candidates"] == nil, let catalogue = try? Catalogue.read(connection)
        else { return error }
        var names = catalogue.services.map { $0.identity }.filter { $0.parent == nil || name.contains("/") }.map {
            !name.contains(":")
                ? catalogue.names.name(of: $0)
                : name.contains("@") ? $0.fullName : "\($0.run.experiment):\($0.id)"
        }
        if templates { names += (try? connection.call(ListTemplates()).templates.map(\.name)) ?? [] }
        return adding(Suggestion.close(to: name, in: names), to: error)
    }

    /// `error`, and where it is that there is no such template, or no such parameter of it, the nearest names in `data.similar`.
    static func added(to error: WireError, among templates: [TemplateRecord]) -> WireError {
        let close: [String]
        switch (error.code, error.data["template"]?.text, error.data["parameter"]?.text) {
        case (.unknownTemplate, let name?, _): close = Suggestion.close(to: name, in: templates.map(\.name))
        case (.templateParameter, let name?, let parameter?):
            let known = templates.first { $0.name == name }?.parameters.map(\.name) ?? []
            // One that there is has been given a value that is refused.
            close = known.contains(parameter) ? [] : Suggestion.close(to: parameter, in: known)
        default: close = []
        }
        return adding(close, to: error)
    }

    private static func adding(_ close: [String], to error: WireError) -> WireError {
        guard !close.isEmpty else { return error }
        var data = error.data
        data["similar"] = .array(close.map { .string($0) })
        return WireError(error.code, error.message, data: data)
    }

    /// The names that an error has been given.
    static func named(by error: WireError) -> [String] {
        guard case .array(let values)? = error.data["similar"] else { return [] }
        return values.compactMap(\.text)
    }
}
