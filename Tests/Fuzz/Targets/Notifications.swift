@testable import XPMDaemon

extension FuzzTarget {
    /// A datagram that a service sends to its notify socket.
    static let notifications = FuzzTarget(name: "notifications") { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        let said = Notification(text)
        for text in [said.status, said.error].compactMap(\.self) {
            try require(text.count <= 512 && !text.contains("\n"), "a text is a short line")
        }
        if let url = said.url {
            try require(WebAddress.fault(url) == nil, "only web pages are taken")
            try require(ProbeTarget(url).map { (1...65535).contains($0.port) } == true, "a page can be probed")
        }
        try require(said.mainPid.map { $0 > 1 } ?? true, "a main process is no group and not init")
        for time in [said.watchdog, said.moreTime].compactMap(\.self) { try require(time > .zero, "times go forward") }
        try require(Notification(text + "\nOTHER=1") == said, "what is not known changes nothing")
    }
}
