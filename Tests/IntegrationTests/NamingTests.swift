import Testing
import XPMProtocol

/// Which service a name means, told by xpmctl's exit codes.
struct NamingTests {
    @Test func nameInTwoExperimentsIsAmbiguous() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            for experiment in ["alpha", "beta"] {
                try xpmd.add("tensorboard", ["sleep", "1000"], to: xpmd.open(experiment))
            }
            let outcome = try xpmd.ctl("start", "tensorboard")
            #expect(outcome.code == 4 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("alpha@r1:tensorboard"))
            #expect(outcome.errors.contains("beta@r1:tensorboard"))
            #expect(try xpmd.list().allSatisfy { $0.state == .stopped })
            #expect(try xpmd.ctl("start", "beta:tensorboard").code == 0)
            #expect(try xpmd.service("beta:tensorboard").state == .running)
            #expect(try xpmd.service("alpha:tensorboard").state == .stopped)
        }
    }

    @Test func experimentOfTheCallersFolderIsPreferred() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            let (here, there) = (xpmd.scratch.folder("here/src"), xpmd.scratch.folder("here2"))
            try xpmd.add("viewer", ["sleep", "1000"], to: xpmd.open("one", in: xpmd.scratch.path + "/here"))
            try xpmd.add("viewer", ["sleep", "1000"], to: xpmd.open("two", in: there))
            #expect(try xpmd.ctl("status", "viewer", "-o", "json", folder: here).output.contains("\"one@r1:viewer\""))
            #expect(try xpmd.ctl("status", "viewer", "-o", "json", folder: there).output.contains("\"two@r1:viewer\""))
            #expect(try xpmd.ctl("status", "viewer").code == 4)
        }
    }

    /// A template that needs nothing, and a folder with a service of it.
    private func withProject(_ body: (Instance, _ other: String) throws -> Void) throws {
        try withInstance { xpmd in
            xpmd.scratch.folder("config/templates")
            try xpmd.scratch.file("config/templates/notebook.toml", "command = ['sleep', '1000']")
            try #require(try xpmd.ctl("start", "notebook", folder: xpmd.scratch.folder("a")).code == 0)
            try body(xpmd, xpmd.scratch.folder("b/src"))
        }
    }

    @Test func aNameStartsTheTemplateHereWhateverAnotherFolderHas() throws {
        try withProject { (xpmd: Instance, other: String) throws in
            let outcome = try xpmd.ctl("start", "notebook", folder: other)
            #expect(outcome.code == 0 && outcome.errors.contains("src@default:notebook"), "\(outcome.errors)")
            #expect(try xpmd.list().map(\.identity.fullName) == ["a@default:notebook", "src@default:notebook"])
            #expect(try xpmd.ctl("stop", "notebook", folder: other).code == 0)
            #expect(try xpmd.list().map(\.state) == [.running, .stopped])
        }
    }

    @Test(arguments: ["stop", "restart", "remove", "url", "wait"])
    func whatChangesAServiceLeavesThoseOfOtherFolders(verb: String) throws {
        try withProject { (xpmd: Instance, other: String) throws in
            let outcome = try xpmd.ctl(verb, "notebook", folder: other)
            #expect(outcome.code == 3 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("hint: for that one, use `xpmctl \(verb) a@default:notebook`"))
            #expect(try xpmd.list().map(\.state) == [.running])
        }
    }

    @Test(arguments: ["status", "logs", "why"])
    func whatIsOnlyLookedAtIsFoundElsewhereWithANote(verb: String) throws {
        try withProject { (xpmd: Instance, other: String) throws in
            let note = "note: this folder has no such service; this is a@default:notebook in \(xpmd.scratch.path)/a\n"
            #expect(try xpmd.ctl(verb, "notebook", folder: other).errors == note)
            #expect(try xpmd.ctl(verb, "a:notebook", folder: other).errors.isEmpty)
            #expect(try xpmd.ctl(verb, "notebook", folder: xpmd.scratch.path + "/a").errors.isEmpty)
        }
    }

    @Test(arguments: ["status", "logs", "why", "wait", "restart", "start", "stop", "remove"])
    func aWorkspaceNamesTheServiceFromAnywhere(verb: String) throws {
        try withProject { (xpmd: Instance, other: String) throws in
            if verb == "remove" { try xpmd.stop("notebook") }
            let folder = xpmd.scratch.path + "/a/."
            let outcome = try xpmd.ctl(verb, "notebook", "--workspace", folder, folder: other)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try xpmd.ctl("stop", "notebook", "--workspace", other, folder: xpmd.scratch.path + "/a").code == 3)
        }
    }

    @Test func aTemplateIsStartedInTheWorkspaceThatIsNamed() throws {
        try withProject { (xpmd: Instance, other: String) throws in
            let outcome = try xpmd.ctl("start", "notebook", "--workspace", other, folder: xpmd.scratch.path + "/a")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(try xpmd.list().map(\.identity.run.workspace) == [xpmd.scratch.path + "/a", other])
        }
    }

    @Test func listNamesServicesAsTheyAreTypedHere() throws {
        try withProject { (xpmd: Instance, other: String) throws in
            let (elsewhere, here) = (
                try xpmd.ctl("list", folder: other), try xpmd.ctl("list", folder: xpmd.scratch.path + "/a")
            )
            #expect(elsewhere.output.contains("\na:notebook ") && here.output.contains("\nnotebook "))
        }
    }

    @Test func newestRunIsMeant() throws {
        try withInstance { xpmd in
            try xpmd.launch()
            for run in ["b", "a"] { try xpmd.add("viewer", ["sleep", "1000"], to: xpmd.open("lab", run: run)) }
            try #require(try xpmd.ctl("start", "viewer").code == 0)
            #expect(try xpmd.service("lab@a:viewer").state == .running)
            #expect(try xpmd.service("lab@b:viewer").state == .stopped)
            // One of a past run is started beside it.
            try #require(try xpmd.ctl("start", "lab@b:viewer").code == 0)
            #expect(try xpmd.list().map(\.state) == [.running, .running])
        }
    }

    @Test(arguments: ["stop", "start", "status", "logs", "why", "url", "remove", "wait", "restart"])
    func unknownServiceIsNotFound(verb: String) throws {
        try withInstance { xpmd in
            let outcome = try xpmd.ctl(verb, "nothing")
            #expect(outcome.code == 3 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("cannot find") && outcome.errors.contains("nothing"), "\(outcome.errors)")
        }
    }

    @Test(arguments: ["", "a:b:c", "a@b@c:d", "a/b/c", "..", "bell\u{7}", " x", "a\u{202e}b"])
    func badNameIsRefused(name: String) throws {
        try withInstance { xpmd in
            try xpmd.launch()
            #expect(try xpmd.ctl("start", "--", name).code == 10)
            #expect(try xpmd.ctl("add", name, "--", "true").code == 10)
            #expect(try xpmd.list().isEmpty)
        }
    }

    @Test func listIsAnArrayWithTheDocumentedKeys() throws {
        try withInstance { xpmd in
            #expect(try xpmd.ctl("list", "--output", "json").output == "[]\n")
            try xpmd.add("sleeper", ["sleep", "1000"], to: xpmd.open("lab"))
            let listed = try xpmd.ctl("list", "--output", "json")
            let services = try Wire.decode([[String: JSONValue]].self, from: listed.output.utf8)
            let keys: Set = [
                "workspace", "experiment", "run", "id", "state", "url", "pid", "exit", "error", "since", "attempt",
            ]
            #expect(services.count == 1 && services.allSatisfy { keys.isSubset(of: $0.keys) })
            #expect(services.first?["state"] == "STOPPED" && services.first?["pid"] == .null)
            #expect(listed.errors.isEmpty)
        }
    }
}
