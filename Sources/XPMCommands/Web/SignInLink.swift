import XPMClient
import XPMProtocol

/// The link by which a browser is signed in to the web page, once.
enum SignInLink {
    /// A new one for a page that runs, of the xpmd that has this state folder.
    static func make(_ web: WebRecord, stateFolder: String) throws(WireError) -> String {
        let code = try WebAccess(stateFolder: stateFolder).makeCode()
        guard let port = web.port.flatMap({ UInt16(exactly: $0) }) else {
            // Behind a socket: who forwards it knows the address.
            return "http://localhost/sign-in#code=\(code)"
        }
        return WebAccess.link(port: port, code: code)
    }
}
