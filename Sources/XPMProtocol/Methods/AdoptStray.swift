/// Makes a stray an ordinary service, RUNNING with the same process. Acknowledged means durable.
///
/// A service of that id which has no process keeps its definition and takes the process over; otherwise one is added whose
/// definition is read from the process.
public struct AdoptStray: Method {
    public static let name = "stray.adopt"

    /// The stray's number.
    public var stray: UInt64
    public var workspace: String
    public var experiment: String
    /// An open run.
    public var run: String
    /// The service's id within the run.
    public var id: String
    /// One line for people.
    public var description: String?

    /// Adopts `stray` as the service `identity`.
    public init(_ stray: UInt64, as identity: ServiceIdentity, description: String? = nil) {
        self.stray = stray
        workspace = identity.run.workspace
        experiment = identity.run.experiment
        run = identity.run.run
        id = identity.id
        self.description = description
    }

    public typealias Reply = ServiceRecord
}
