import ArgumentParser
import XPMProtocol

extension WebPolicy.Prefix: ExpressibleByArgument {}
extension NetworkChoice: ExpressibleByArgument {}

/// How its page is reached through xpm-web, and when nobody uses it.
struct WebOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What the service gets of the path prefix /services/ID: keep, strip, or none if its page is at the root (default: keep).",
            valueName: "keep|strip|none"))
    var webPrefix: WebPolicy.Prefix?
    @Option(
        help: ArgumentHelp("Stop it after this time without traffic (default: never).", valueName: "span"),
        transform: { try Span.seconds($0) })
    var idle: Double?
    @Option(
        help: ArgumentHelp(
            "Its network: host, or private, where only you reach its port, by the web page (default: host).",
            valueName: "host|private"))
    var network: NetworkChoice?
}
