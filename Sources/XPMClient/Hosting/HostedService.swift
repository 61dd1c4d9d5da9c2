/// A service that lives in this process: xpmd has it run here, and says so to everybody.
///
///     final class Page: HostedService {
///         let id = "page"
///         let link = ServiceLink()
///         func run(_ attempt: HostedRun) async throws {
///             let server = try await Server.listen()
///             attempt.ready(url: server.url)
///             try await server.serve()        // until the task is cancelled
///         }
///     }
///
/// It ends with this process at the latest, and is known to have ended then.
public protocol HostedService: Service {
    /// Runs until it has ended or the task is cancelled, which is how it is stopped; an error is why it failed.
    ///
    /// It is RUNNING once it has said that it is ready.
    func run(_ attempt: HostedRun) async throws
}
