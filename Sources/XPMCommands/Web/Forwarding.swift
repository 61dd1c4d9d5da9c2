import XPMProtocol

/// How a browser on another machine gets to the web page: by a port that ssh forwards.
enum Forwarding {
    /// The command for the machine that the caller has come from; nil where ssh was not the way.
    static func command(_ port: Int?, _ environment: [String: String]) -> String? {
        guard let port, let words = environment["SSH_CONNECTION"]?.split(separator: " "), words.count == 4 else {
            return nil
        }
        let (host, sshPort) = (words[2], words[3])
        let user = environment["USER"].map { "\($0)@" } ?? ""
        let way = sshPort == "22" ? "" : "-p \(sshPort) "
        return "ssh -N -L \(port):localhost:\(port) \(way)\(ShellWord.quoted("\(user)\(host)"))"
    }

    /// What is said of it on standard error.
    static func hint(_ web: WebRecord, _ environment: [String: String]) -> String? {
        guard web.port != nil else {
            return "it listens on \(web.listen): put the address that forwards to it in place of http://localhost"
        }
        return command(web.port, environment).map {
            "for a browser on the machine that you came from, forward the port there: `\($0)`"
        }
    }
}
