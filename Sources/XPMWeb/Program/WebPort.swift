import Glibc
import XPMClient
import XPMProtocol

/// The port of xpm-web: chosen once and kept, for URLs of services and cookies go by it.
struct WebPort {
    /// Where a free one is looked for.
    private static let (first, tries) = (UInt16(8470), UInt16(200))

    let folder: WebFolder
    /// What the command line says.
    var asked: UInt16?

    /// The one that was kept; nil for none.
    var kept: UInt16? {
        folder.read(name: "port").flatMap { UInt16(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
            .flatMap { $0 > 0 ? $0 : nil }
    }

    /// Why it cannot listen.
    enum Fault: Error {
        /// Somebody else has the port.
        case held(UInt16, PortHolder?)
        case system(SystemError)
    }

    /// Listens on the port, at both of this machine's own addresses: at one alone somebody else could have the other.
    func listen(_ engine: Engine) throws(Fault) -> UInt16 {
        guard let port = asked ?? kept else {
            for port in Self.first..<Self.first + Self.tries where try bind(port, engine) { return port }
            throw .held(Self.first, PortHolder(port: Self.first))
        }
        guard try bind(port, engine) else { throw .held(port, PortHolder(port: port)) }
        return port
    }

    /// Notes it for the next time, and for xpmctl.
    func keep(_ port: UInt16) throws(WireError) {
        if port != kept { try folder.write(Array("\(port)\n".utf8), to: "port", isDurable: true) }
    }

    /// False where somebody has it.
    private func bind(_ port: UInt16, _ engine: Engine) throws(Fault) -> Bool {
        do throws(SystemError) {
            _ = try engine.listen(at: .ipv4(port: port))
        } catch {
            guard error.code == EADDRINUSE else { throw .system(error) }
            return false
        }
        do throws(SystemError) {
            _ = try engine.listen(at: .ipv6(port: port))
        } catch {
            switch error.code {
            case EADDRINUSE:
                engine.close()
                return false
            // A machine without IPv6.
            case EADDRNOTAVAIL, EAFNOSUPPORT: break
            default: throw .system(error)
            }
        }
        return true
    }
}
