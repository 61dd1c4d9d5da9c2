import ArgumentParser
import XPMClient
import XPMProtocol

struct WebCommand: ParsableCommand, RunsByItself {
    static let configuration = CommandConfiguration(
        commandName: "web",
        abstract: "Start the web page and print a link that signs a browser in.",
        discussion: """
            The page shows the services of all experiments, and opens each of them in the browser. It is started if it does not run, \
            and from then on with xpmd, until --off. The link signs in one browser, within a minute. [web] in config.toml has the \
            settings of the page. --open uses $BROWSER, or the desktop's browser; without a screen, as over SSH, open the link yourself.

            EXAMPLES
              xpmctl web
              xpmctl web --open
              xpmctl web --status
              xpmctl web --off
              xpmctl web token add ci --scope read --expires 30d
            """,
        subcommands: [WebTokenCommand.self])

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Open the link in a browser, too.") var open = false
    @Flag(help: "Stop the page; xpmd does not start it again.") var off = false
    @Flag(help: "Show whether the page runs, and where.") var status = false

    /// Longer than its readiness takes at most.
    private static let patience = 40.0

    func validate() throws {
        if off, status { throw ValidationError("--off cannot be used with --status") }
        if open, off || status { throw ValidationError("--open cannot be used with \(off ? "--off" : "--status")") }
    }

    func run() throws {
        if status { return try WebStatusPage(output: output.output).show(connection.ask { try $0.call(WebStatus()) }) }
        if off { return try stop() }
        try start()
    }

    private func start() throws {
        let connection = try connection.connect()
        var line = ProgressLine()
        line.show("starting the web page")
        let web = try connection.call(StartWeb(waitSeconds: Self.patience))
        line.clear()
        guard web.state == .running else { throw Self.failure(web) }
        let stateFolder = try connection.call(DaemonStatus()).stateFolder
        let link = try SignInLink.make(web, stateFolder: stateFolder)
        if web.isOutdated { StandardError.line("xpmctl: \(WebStatusPage.outdated)") }
        switch output.output {
        case .json: try StandardOutput.writeJSON(Started(link: link, web: web))
        case .table: try StandardOutput.write(Sanitizer.line(link) + "\n")
        }
        let environment = ProcessEnvironment.current
        if open, let browser = Browser(environment) {
            try show(link, in: browser, stateFolder)
        } else {
            if open { StandardError.line("xpmctl: cannot open a browser: there is no screen here; use the link") }
            if let hint = Forwarding.hint(web, environment) { StandardError.line("hint: \(hint)") }
        }
    }

    /// What is printed as JSON.
    private struct Started: Encodable {
        var link: String
        var web: WebRecord
    }

    private func show(_ link: String, in browser: Browser, _ stateFolder: String) throws {
        let page = try RedirectFile.write(link, stateFolder: stateFolder)
        do throws(WireError) {
            try BrowserProcess.run(browser.command(page))
        } catch {
            StandardError.line("xpmctl: \(error.message); use the link")
        }
    }

    /// Why it does not run though it was started.
    static func failure(_ web: WebRecord) -> WireError {
        var cause = web.error ?? "it is \(web.state.rawValue)"
        if let retry = web.retry { cause += " (it is tried again at \(retry.at))" }
        return WireError(
            web.state == .starting ? .timedOut : .startFailed, "cannot start the web page: \(cause)",
            data: ["web": .bool(true)])
    }

    private func stop() throws {
        let connection = try connection.connect()
        var web = try connection.call(StopWeb())
        if web.state == .stopping {
            var line = ProgressLine()
            line.show("stopping the web page")
            _ = try connection.call(WaitService(web.service, goal: .ended))
            web = try connection.call(WebStatus())
            line.clear()
        }
        switch output.output {
        case .json: try StandardOutput.writeJSON(web)
        case .table: StandardError.line("the web page is \(web.state == .stopped ? "stopped" : web.state.rawValue)")
        }
    }
}
