import ScriptedDaemon
import Testing
import XPMProtocol

@testable import XPMClient
@testable import XPMCommands

struct WebRenderingTests {
    private let now = Timestamp(milliseconds: Samples.moment.milliseconds + 250_000)

    private func web(_ state: ServiceState, _ change: (inout WebRecord) -> Void = { _ in }) -> WebRecord {
        var web = WebRecord(
            state: state, listen: "localhost",
            service: ServiceReference(id: "web", experiment: "xpmd", run: "web", workspace: "/s"))
        change(&web)
        return web
    }

    private var running: WebRecord {
        web(.running) { ($0.since, $0.url, $0.port, $0.pid) = (Samples.moment, "http://localhost:8642/", 8642, 4711) }
    }

    @Test func pageSaysWhereItRuns() {
        #expect(
            WebStatusPage.text(running, now: now) == """
                state       RUNNING, for 4m
                url         http://localhost:8642/
                listens on  localhost:8642
                pid         4711

                """)
    }

    @Test func pageSaysWhyItDoesNotAndWhatComes() {
        let text = WebStatusPage.text(
            web(.error) {
                $0.error = "cannot listen on port 8642: python3 (process 4242) has it"
                $0.retry = RetryReport(
                    at: Timestamp(milliseconds: now.milliseconds + 4000), number: 5, limit: nil)
            }, now: now)
        #expect(
            text == """
                state       ERROR
                listens on  localhost
                error       cannot listen on port 8642: python3 (process 4242) has it
                retry       retrying in 4 s, attempt 5

                """)
        #expect(WebStatusPage.text(web(.stopped), now: now).hasSuffix("`xpmctl web` starts it\n"))
    }

    @Test func anotherProgramThanTheInstalledOneIsTold() {
        var web = running
        web.isOutdated = true
        #expect(WebStatusPage.text(web, now: now).contains("another xpm-web is installed"))
        #expect(WebStatusPage.line(web).hasPrefix("RUNNING, http://localhost:8642/, another xpm-web is installed"))
        #expect(WebStatusPage.line(running) == "RUNNING, http://localhost:8642/")
    }

    @Test func failureSaysTheCauseAndWhenItIsTriedAgain() {
        let failed = web(.error) {
            $0.error = "exited with code 1 before it was ready"
            $0.retry = RetryReport(at: Samples.moment, number: 1, limit: nil)
        }
        #expect(
            WebCommand.failure(failed).message
                == "cannot start the web page: exited with code 1 before it was ready (it is tried again at \(Samples.moment))"
        )
        #expect(WebCommand.failure(web(.starting)).code == .timedOut)
    }

    @Test func browserIsTheUsersChoiceOrTheDesktops() {
        #expect(Browser(["BROWSER": "firefox --new-tab:w3m"])?.command("u") == ["firefox", "--new-tab", "u"])
        #expect(Browser(["BROWSER": "open-it -u %s -x"])?.command("u") == ["open-it", "-u", "u", "-x"])
        #expect(Browser(["DISPLAY": ":0"])?.command("u") == ["xdg-open", "u"])
        #expect(Browser(["WAYLAND_DISPLAY": "wayland-0", "BROWSER": ""])?.command("u") == ["xdg-open", "u"])
        #expect(Browser(["DISPLAY": "", "SSH_CONNECTION": "1 2 3 22"]) == nil)
    }

    @Test func remoteCallerIsToldHowToForwardThePort() {
        let ssh = ["SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22", "USER": "ada"]
        #expect(Forwarding.command(8642, ssh) == "ssh -N -L 8642:localhost:8642 ada@10.0.0.2")
        let other = ["SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 2222"]
        #expect(Forwarding.command(8642, other) == "ssh -N -L 8642:localhost:8642 -p 2222 10.0.0.2")
        #expect(Forwarding.command(8642, [:]) == nil && Forwarding.hint(running, [:]) == nil)
        let socket = web(.running) { $0.listen = "/s/web.sock" }
        #expect(Forwarding.hint(socket, [:])?.contains("/s/web.sock") == true)
    }

    @Test func redirectEscapesTheLink() {
        let page = RedirectFile.page("http://localhost:1/sign-in#code=a&to=/\"<")
        #expect(page.contains("url=http://localhost:1/sign-in#code=a&amp;to=/&quot;&lt;\""))
    }

    @Test func addressOfAServiceIsItsOwnOriginOrAPlaceBelowThePage() {
        let service = ServiceIdentity(run: Samples.run, id: "monitoring/wandb")
        let label = OriginLabel(service)
        #expect(ServiceAddress(port: 8642, pathMode: false).url(of: service) == "http://\(label).localhost:8642/")
        #expect(
            ServiceAddress(port: 8642, pathMode: true).url(of: service)
                == "http://localhost:8642/services/monitoring/wandb/")
        #expect(ServiceAddress(port: nil, pathMode: false).url(of: service) == "http://\(label).localhost/")
    }

    @Test func tokensAreListedWithoutSecrets() {
        let tokens = [
            WebToken(id: "0a1b2c3d4e5f", name: "ci", scope: .read, createdAt: Samples.moment, expiresAt: nil),
            WebToken(
                id: "ffffffffffff", name: "notebook", scope: .all, createdAt: Samples.moment,
                expiresAt: Timestamp(milliseconds: now.milliseconds + 7_200_000)),
            WebToken(
                id: "aaaaaaaaaaaa", name: "old", scope: .control, createdAt: Samples.moment, expiresAt: Samples.moment),
        ]
        #expect(
            WebTokenTable.text(tokens, now: now, style: .plain) == """
                ID            NAME      SCOPE    AGE  EXPIRES
                0a1b2c3d4e5f  ci        read     4m   never
                ffffffffffff  notebook  all      4m   in 2h
                aaaaaaaaaaaa  old       control  4m   expired

                """)
    }
}
