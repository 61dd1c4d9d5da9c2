import Glibc
import Testing
import XPMProtocol

/// What `service.prune` removes, and what it never touches.
struct PruneTests {
    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test func endedRunsGoWithTheirLogsAndEverythingElseStays() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (ended, going) = (try xpmd.open("e", run: "ended"), try xpmd.open("e", run: "open"))
            for run in [ended, going] {
                try xpmd.addScript("done", "echo said", to: run)
                try xpmd.addScript("runs", "exec sleep 1000", to: run)
                _ = try xpmd.start("e@\(run.run):runs")
                try xpmd.begin("e@\(run.run):done")
                _ = try xpmd.wait("e@\(run.run):done", for: .ended)
            }
            try xpmd.call(CloseExperiment(ended))
            let log = try #require(try xpmd.service("e@ended:done").stdout)
            let stranger = log + ".notes"
            close(open(stranger, O_WRONLY | O_CREAT, 0o600))

            let dry = try xpmd.call(PruneServices(dryRun: true))
            #expect(dry.services.map(\.name) == ["e@ended:done"])
            #expect(dry.logs.contains { $0.path == log && $0.bytes > 0 } && !dry.logs.contains { $0.path == stranger })
            #expect(try xpmd.list().count == 4 && exists(log))

            let pruned = try xpmd.call(PruneServices(asOf: dry.asOf))
            #expect(pruned.services == dry.services && pruned.logs == dry.logs)
            #expect(
                try xpmd.list().map(\.identity.fullName).sorted() == ["e@ended:runs", "e@open:done", "e@open:runs"])
            #expect(!exists(log) && exists(stranger))
            for kept in try xpmd.list() { #expect(exists(try #require(kept.stdout))) }
            #expect(try xpmd.call(PruneServices(dryRun: true)).logs.isEmpty)
        }
    }

    @Test func logsOfRemovedServicesAreFoundAndWhatIsYoungStays() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "r")
            try xpmd.addScript("gone", "echo said", to: run)
            try xpmd.begin("gone")
            let log = try #require(try xpmd.wait("gone", for: .ended).stdout)
            let removed = try xpmd.ctl("remove", "e:gone")
            #expect(removed.code == 0 && removed.errors.contains("its logs are kept: \(log)"), "\(removed)")
            #expect(exists(log))
            #expect(try xpmd.call(PruneServices(olderThanSeconds: 3600)).logs.isEmpty)
            #expect(try xpmd.call(PruneServices(workspace: xpmd.workspace)).logs.isEmpty)
            #expect(exists(log))
            #expect(try xpmd.call(PruneServices()).logs.map(\.path).contains(log))
            #expect(!exists(log))
        }
    }

    @Test func removalDeletesItsOwnLogsAloneAndSaysWhich() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "r")
            let train = xpmd.workspace + "/train.log"
            try xpmd.addScript("gone", "echo said; echo also >&2", to: run) { $0.log = LogPolicy(stdout: train) }
            try xpmd.addScript("gone2", "echo said", to: run)
            for id in ["gone", "gone2"] {
                try xpmd.begin(id)
                _ = try xpmd.wait(id, for: .ended)
            }
            let (log, other) = (
                try #require(try xpmd.service("gone").stderr), try #require(try xpmd.service("gone2").stdout)
            )
            let rotated = log + ".1"
            close(open(rotated, O_WRONLY | O_CREAT, 0o600))
            let removed = try xpmd.ctl("remove", "--logs", "e:gone")
            #expect(removed.code == 0, "\(removed)")
            #expect(removed.errors.contains(log) && removed.errors.contains(rotated), "\(removed)")
            #expect(removed.errors.contains("its logs are kept: \(train)"), "\(removed)")
            #expect(!exists(log) && !exists(rotated) && exists(train) && exists(other))
            let record = try xpmd.call(RemoveService(ServiceReference(id: "gone2"), logs: true))
            #expect(record.deletedLogs?.contains { $0.path == other } == true)
            // The folders of the run are empty now.
            #expect(!exists(xpmd.state + "/logs/e") && exists(xpmd.state + "/logs"))
        }
    }

    @Test func nothingIsRemovedWhereALogCannotBeDeletedAndNoLinkIsFollowed() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "r")
            try xpmd.addScript("kept", "echo said", to: run)
            try xpmd.begin("kept")
            let log = try #require(try xpmd.wait("kept", for: .ended).stdout)
            let (folder, elsewhere) = (xpmd.state + "/logs/e", xpmd.scratch.path + "/elsewhere")
            rename(folder, elsewhere)
            symlink(elsewhere, folder)
            let refused = try xpmd.ctl("remove", "--logs", "e:kept")
            #expect(refused.code == 9 && refused.errors.contains("cannot be deleted"), "\(refused)")
            #expect(exists(log))
            #expect(try xpmd.list().map(\.identity.id) == ["kept"])
            // It is a service like any other.
            try xpmd.begin("kept")
            _ = try xpmd.wait("kept", for: .ended)
            unlink(folder)
            rename(elsewhere, folder)
            #expect(try xpmd.ctl("remove", "--logs", "e:kept").code == 0)
            #expect(try !exists(log) && xpmd.list().isEmpty)
        }
    }

    @Test func aServiceThatWasStartedAfterTheDryRunStays() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "r")
            try xpmd.addScript("again", "echo said", to: run)
            try xpmd.call(CloseExperiment(run))
            let dry = try xpmd.call(PruneServices(dryRun: true))
            #expect(dry.services.count == 1)
            try xpmd.begin("again")
            _ = try xpmd.wait("again", for: .ended)
            #expect(try xpmd.call(PruneServices(asOf: dry.asOf)).services.isEmpty)
            #expect(try xpmd.list().count == 1)
        }
    }

    @Test func theCommandShowsFirstAndRemovesOnlyWithAWord() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let run = try xpmd.open("e", run: "r")
            try xpmd.addScript("old", "echo said", to: run)
            try xpmd.begin("old")
            let log = try #require(try xpmd.wait("old", for: .ended).stdout)
            try xpmd.call(CloseExperiment(run))
            let shown = try xpmd.ctl("prune", "--dry-run")
            #expect(shown.code == 0 && shown.output.contains("e@r:old") && shown.output.contains(log))
            #expect(shown.errors.hasPrefix("would remove 1 service and "))
            #expect(try xpmd.ctl("prune").code == 64)
            #expect(exists(log))
            let done = try xpmd.ctl("prune", "--yes")
            #expect(done.code == 0 && done.errors.hasPrefix("removed 1 service and ") && !exists(log))
            #expect(try xpmd.ctl("prune", "--yes").errors == "nothing to remove\n")
        }
    }
}
