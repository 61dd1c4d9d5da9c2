import XPMHTTP

/// Whom a request is for, by its Host.
enum OriginName: Hashable {
    /// `localhost:PORT`, or a host that was named by the user.
    case dashboard
    /// `127.0.0.1:PORT` or `[::1]:PORT`: the dashboard by another name, whose cookies are others.
    case address
    /// `LABEL.localhost:PORT`.
    case service(String)
    /// Anything else, which no browser asks us for unless somebody has fooled it (DNS rebinding).
    case foreign

    /// Which hosts there are.
    struct Hosts {
        /// The port in URLs; nil where any is right, as behind a Unix socket.
        var port: UInt16?
        /// Other names of the dashboard, with their ports where they have one, as they stand in Host.
        var others: Set<String> = []
    }

    init(_ head: RequestHead, in bytes: UnsafeRawBufferPointer, _ hosts: Hosts) {
        guard let authority = head.authority else {
            self = .foreign
            return
        }
        if hosts.port.map({ $0 == authority.port ?? 80 }) ?? true {
            if authority.isHost("localhost", in: bytes) {
                self = .dashboard
                return
            }
            if let label = authority.label(below: "localhost", in: bytes) {
                self = .service(label.text(in: bytes).lowercased())
                return
            }
            if authority.isHost("127.0.0.1", in: bytes) || authority.isHost("[::1]", in: bytes) {
                self = .address
                return
            }
        }
        let name = authority.host.text(in: bytes).lowercased()
        let full = authority.port.map { "\(name):\($0)" } ?? name
        self = !hosts.others.isEmpty && hosts.others.contains(full) ? .dashboard : .foreign
    }
}
