import XPMClient
import XPMProtocol

/// How a page is opened on the screen of whoever types the command.
struct Browser: Equatable {
    /// A command; `%s` in its words is the page, or the page comes last.
    var words: [String]

    /// The user's choice, or that of the desktop; nil where there is no screen.
    init?(_ environment: [String: String]) {
        let chosen = environment["BROWSER"]?.split(separator: ":").first
        if let words = chosen?.split(separator: " ").map(String.init), !words.isEmpty {
            self.words = words
        } else if ["DISPLAY", "WAYLAND_DISPLAY"].contains(where: { environment[$0]?.isEmpty == false }) {
            words = ["xdg-open"]
        } else {
            return nil
        }
    }

    /// The command that opens `page`.
    func command(_ page: String) -> [String] {
        words.contains { $0.contains("%s") } ? words.map { $0.replacing("%s", with: page) } : words + [page]
    }
}

/// A file that leads a browser to a sign-in link: every user of a machine sees arguments of commands, and a link signs in whoever is first.
enum RedirectFile {
    private static let name = "open.html"

    /// Writes it, for its user alone; returns its URL.
    static func write(_ link: String, stateFolder: String) throws(WireError) -> String {
        let folder = WebFolder("open", in: stateFolder)
        try folder.make()
        try folder.write(Array(page(link).utf8), to: name, isDurable: false)
        return "file://" + WebAccess.escaped("\(folder.path)/\(name)")
    }

    static func page(_ link: String) -> String {
        let link = link.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
        return """
            <!doctype html>
            <meta charset="utf-8">
            <meta name="referrer" content="no-referrer">
            <meta http-equiv="refresh" content="0; url=\(link)">
            <title>xpmd</title>
            <p><a href="\(link)">Open the web page</a></p>

            """
    }
}
