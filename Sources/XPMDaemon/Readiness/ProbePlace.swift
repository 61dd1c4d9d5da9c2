import NIOCore
import NIOPosix

/// Where a probe connects to: one address, or all those of a name, of which the first that accepts is taken.
struct ProbePlace: Sendable {
    var host: String
    var addresses: [SocketAddress]

    /// `bootstrap` is one on `loop`.
    func connect(_ bootstrap: ClientBootstrap, port: Int, on loop: any EventLoop) -> EventLoopFuture<any Channel> {
        bootstrap.resolver(KnownAddresses(addresses: addresses, loop: loop)).connect(host: host, port: port)
    }
}

/// Where the host of a probe leads.
enum ProbeHost {
    /// Places to try one after the other.
    case places([ProbePlace])
    /// A name to look up.
    case name(String)
    /// Neither an address nor a name; a phrase.
    case nowhere(String)

    /// No host means this machine. What is an address is never looked up, nor what looks like one.
    init(_ host: String?) {
        if let host, !LocalHost.isName(host) {
            if let address = SocketAddress.literal(host) {
                self = .places([ProbePlace(host: host, addresses: [address])])
            } else if host.contains(where: { ":%[]".contains($0) }) {
                self = .nowhere("'\(host)' is not an address that this machine can use")
            } else {
                self = .name(host)
            }
        } else {
            self = .places(
                LocalHost.addresses.compactMap { text in
                    SocketAddress.literal(text).map { ProbePlace(host: text, addresses: [$0]) }
                })
        }
    }
}

/// Addresses that are known already, for NIO to try as it tries those that it has looked up itself.
private struct KnownAddresses: Resolver {
    var addresses: [SocketAddress]
    var loop: any EventLoop

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { all(.inet, port) }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { all(.inet6, port) }

    func cancelQueries() {}

    private func all(_ family: NIOBSDSocket.ProtocolFamily, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
        let matching = addresses.filter { $0.protocol == family }.map { address in
            var address = address
            address.port = port
            return address
        }
        return loop.makeSucceededFuture(matching)
    }
}
