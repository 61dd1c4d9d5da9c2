import XPMProtocol

/// The command line of `xpm-web`.
struct WebArguments: Hashable {
    enum Request: Hashable { case serve, help, version }

    var request = Request.serve
    /// `localhost`, or the absolute path of a Unix socket.
    var listen = "localhost"
    /// Nil for the one that is kept.
    var port: UInt16?
    var pathMode = false
    /// Other hosts that it answers to as the dashboard's, `hub.example.org`.
    var hosts: Set<String> = []

    static let usage = """
        usage: xpm-web [--listen localhost|SOCKET] [--port PORT] [--path-mode] [--host HOST[:PORT]]...

        The web page of xpmd: a dashboard, and a proxy to the pages of services.
        xpmd starts it: use `xpmctl web`.

          --listen ADDRESS  localhost (default), or the absolute path of a Unix socket
          --port PORT       the port to listen on (default: the one it had before; at first a free one from 8470)
          --path-mode       serve services below the dashboard's own address
          --host HOST       another host name that browsers reach it by, with --path-mode
          --version         show the version and exit
          --help            show this text and exit

        """

    /// Reads arguments without the program's name; throws what is wrong, a clause.
    init(_ arguments: [String]) throws(Fault) {
        var rest = arguments[...]
        while let word = rest.popFirst() {
            let (name, attached) = Self.split(word)
            func value() throws(Fault) -> String {
                guard let value = attached ?? rest.popFirst() else { throw Fault("\(name) needs a value") }
                return value
            }
            switch name {
            case "--help", "-h": request = .help
            case "--version": request = .version
            case "--path-mode": pathMode = true
            case "--listen":
                listen = try value()
                guard listen == "localhost" || listen.hasPrefix("/") else {
                    throw Fault(
                        "--listen takes localhost or the absolute path of a Unix socket, not \(Name.quoted(listen))")
                }
            case "--port":
                let text = try value()
                guard let number = UInt16(text), number > 0 else {
                    throw Fault("--port takes 1 to 65535, not \(Name.quoted(text))")
                }
                port = number
            case "--host":
                let host = try value().lowercased()
                guard !host.isEmpty, host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x2F }) else {
                    throw Fault("--host takes a host name, not \(Name.quoted(host))")
                }
                hosts.insert(host)
            default: throw Fault("there is no option \(Name.quoted(word))")
            }
        }
        if listen.hasPrefix("/"), port != nil { throw Fault("a Unix socket has no port") }
        if !hosts.isEmpty, !pathMode {
            throw Fault("--host needs --path-mode: services have no origins at other hosts")
        }
    }

    struct Fault: Error, Hashable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    private static func split(_ word: String) -> (name: String, value: String?) {
        guard word.hasPrefix("--"), let equals = word.firstIndex(of: "=") else { return (word, nil) }
        return (String(word[..<equals]), String(word[word.index(after: equals)...]))
    }
}
