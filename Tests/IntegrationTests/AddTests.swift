import Testing
import XPMProtocol

/// What `add` and `remove` take, and when.
struct AddTests {
    @Test func sameDefinitionAgainChangesNothing() throws {
        try withInstance { xpmd in
            let first = try xpmd.ctl("add", "sleeper", "--", "sleep", "1000")
            #expect(first.code == 0 && first.errors.contains("added"))
            let before = try xpmd.status().lastEvent
            let again = try xpmd.ctl("add", "sleeper", "--", "sleep", "1000")
            #expect(again.code == 0 && again.errors.contains("already exists"))
            #expect(try xpmd.status().lastEvent == before)
        }
    }

    @Test func otherDefinitionIsAConflictWhileItRuns() throws {
        try withInstance { xpmd in
            try #require(try xpmd.ctl("add", "sleeper", "--start", "--", "sleep", "1000").code == 0)
            #expect(try xpmd.ctl("add", "sleeper", "--", "sleep", "2000").code == 8)
            #expect(try xpmd.ctl("remove", "sleeper").code == 8)
            #expect(try xpmd.ctl("stop", "sleeper").code == 0)
            #expect(try xpmd.ctl("add", "sleeper", "--", "sleep", "2000").code == 0)
            let definition = try xpmd.call(GetService(ServiceReference(id: "sleeper"))).definition
            #expect(definition.run == .command(["sleep", "2000"]))
        }
    }

    @Test func additionSurvivesACrashRightBehindItsReply() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            for number in 0..<10 {
                let run = try xpmd.open("lab")
                try xpmd.add("s\(number)", ["true"], to: run)
                try xpmd.crash()
                try xpmd.launch()
                #expect(try xpmd.list().count == number + 1)
            }
        }
    }

    @Test func stopAndStartSurviveACrashRightBehindTheirReplies() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            for _ in 0..<5 {
                try xpmd.call(StartService(ServiceReference(id: "sleeper")))
                try xpmd.crash()
                try xpmd.launch()
                let running = try xpmd.wait("sleeper", for: .running)
                #expect(running.wanted && Processes.isAlive(running.pid ?? 0))
                try xpmd.call(StopService(ServiceReference(id: "sleeper")))
                try xpmd.crash()
                try xpmd.launch()
                let stopped = try xpmd.wait("sleeper", for: .ended)
                #expect(stopped.state == .stopped && !stopped.wanted, "\(stopped)")
                #expect(!Processes.isAlive(running.pid ?? 0))
            }
        }
    }

    @Test func closedRunTakesNothingNewAndStartsWhatItHas() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("lab")
            try xpmd.add("sleeper", ["sleep", "1000"], to: run)
            try xpmd.call(CloseExperiment(run))
            let refusal = #expect(throws: WireError.self) { try xpmd.add("late", ["true"], to: run) }
            #expect(refusal?.code == .conflict)
            #expect(try xpmd.start("sleeper").state == .running)
        }
    }
}
