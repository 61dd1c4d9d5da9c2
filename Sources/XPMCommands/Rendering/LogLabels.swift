import XPMProtocol

/// What the lines of each log begin with where several services' are printed: `web    | `, all of one width.
struct LogLabels {
    private let isUnique: Bool
    private let width: Int

    init(_ services: [ServiceIdentity]) {
        let isUnique = Set(services.map(\.id)).count == services.count
        self.isUnique = isUnique
        width = services.map { DisplayWidth.of(Self.name(of: $0, isUnique)) }.max() ?? 0
    }

    func label(of service: ServiceIdentity) -> String {
        let name = Self.name(of: service, isUnique)
        return name + String(repeating: " ", count: max(0, width - DisplayWidth.of(name))) + "  | "
    }

    /// Ids will do where no two are the same.
    private static func name(of service: ServiceIdentity, _ isUnique: Bool) -> String {
        Sanitizer.line(isUnique ? service.id : service.fullName)
    }
}
