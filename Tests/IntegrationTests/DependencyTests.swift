import Glibc
import Testing
import XPMProtocol

/// Dependencies that end, requests that meet each other, and restarts, with the real programs.
struct DependencyTests {
    /// Which of the two processes is seen first is chance; what comes of it is not.
    @Test func requirementThatEndsAtOnceIsNoCoinToss() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("work")
            #expect(try xpmd.ctl("add", "prep", "--", "true", folder: folder).code == 0)
            #expect(
                try xpmd.ctl("add", "srv", "--requires", "prep", "--", "sleep", "1000", folder: folder).code == 0)
            #expect(
                try xpmd.ctl("add", "job", "--requires-completed", "prep", "--", "sleep", "1000", folder: folder).code
                    == 0)
            for _ in 0..<6 {
                for name in ["srv", "job"] {
                    let started = try xpmd.ctl("start", name, folder: folder)
                    #expect(started.code == 0, "\(started.errors)")
                    #expect(try xpmd.ctl("stop", name, folder: folder).code == 0)
                }
            }
        }
    }

    @Test func completionThatFailsIsExitCode5() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("work")
            _ = try xpmd.ctl("add", "prep", "--", "false", folder: folder)
            _ = try xpmd.ctl("add", "srv", "--requires-completed", "prep", "--", "sleep", "1000", folder: folder)
            _ = try xpmd.ctl("add", "free", "--wants", "prep", "--", "sleep", "1000", folder: folder)
            for _ in 0..<4 {
                let started = try xpmd.ctl("start", "srv", folder: folder)
                #expect(
                    started.code == 5 && started.errors.contains("depends on 'prep' to finish successfully"),
                    "\(started.errors)")
                #expect(try xpmd.ctl("start", "free", folder: folder).code == 0)
                _ = try xpmd.ctl("stop", "free", folder: folder)
            }
        }
    }

    @Test func stopThatIsOvertakenByAStartReturnsAndSaysSo() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let go = try Tidings("go", of: xpmd)
            try xpmd.addScript(
                "db", "trap 'read line <\(go.path); exit 0' TERM; while :; do sleep 1000 & wait; done",
                to: xpmd.open("lab"))
            try xpmd.start("db")
            let tape = try EventTape(xpmd.socket)
            let stopping = try xpmd.startCtl(["stop", "db"])
            try tape.await("db", .stopping)
            try xpmd.begin("db")
            let stopped = try xpmd.finish(stopping)
            #expect(stopped.code == 8)
            #expect(stopped.errors.contains("was started again"), "\(stopped.errors)")
            try go.letGo()
            #expect(try xpmd.wait("db", for: .running).state == .running)
        }
    }

    @Test func restartOfWhatIsRequiredTakesItsDependentsAlongInOrder() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            let order = xpmd.scratch.path + "/order"
            func script(_ name: String) -> String {
                "trap 'echo -\(name) >>\(order); exit 0' TERM; echo +\(name) >>\(order); while :; do sleep 1000 & wait; done"
            }
            try xpmd.addScript("db", script("db"), to: run) { $0.readiness = Readiness(delaySeconds: 0.2) }
            try xpmd.addScript("api", script("api"), to: run) {
                $0.requires = ["db"]
                $0.readiness = Readiness(delaySeconds: 0.2)
            }
            try xpmd.start("api")
            #expect(try xpmd.ctl("restart", "db", "api").code == 0)
            #expect(try xpmd.wait("api", for: .running).state == .running)
            #expect(text(of: order) == "+db\n+api\n-api\n-db\n+db\n+api\n")
        }
    }

    @Test func serviceWhoseCommandIsGoneIsNotEnded() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let folder = xpmd.scratch.folder("work")
            let program = try xpmd.scratch.file("work/server", "#!/bin/sh\nexec sleep 1000\n", mode: 0o700)
            _ = try xpmd.ctl("add", "server", "--", program, folder: folder)
            #expect(try xpmd.ctl("start", "server", folder: folder).code == 0)
            let pid = try xpmd.service("server").pid
            unlink(program)
            let restarted = try xpmd.ctl("restart", "server", folder: folder)
            #expect(restarted.code == 5, "\(restarted.errors)")
            let record = try xpmd.service("server")
            #expect(record.state == .running && record.pid == pid && record.error == nil)
        }
    }
}
