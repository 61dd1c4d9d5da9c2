import Testing
import XPMProtocol

@Suite struct ServiceReferenceTests {
    @Test(arguments: [
        ("tensorboard", ServiceReference(id: "tensorboard")),
        ("monitoring/wandb", ServiceReference(id: "monitoring/wandb")),
        ("e:tb", ServiceReference(id: "tb", experiment: "e")),
        ("e:m/w", ServiceReference(id: "m/w", experiment: "e")),
        ("e@r:tb", ServiceReference(id: "tb", experiment: "e", run: "r")),
        (
            "my experiment@20261122_101500.1:größe/ü",
            ServiceReference(id: "größe/ü", experiment: "my experiment", run: "20261122_101500.1")
        ),
    ]) func textIsReadAndWritten(text: String, reference: ServiceReference) throws {
        #expect(try ServiceReference(parsing: text) == reference)
        #expect(reference.description == text)
    }

    @Test(arguments: [
        "", ":", "/", "@", "a/", "/a", "a//b", "a/b/c", "a:", ":a", "a:b:c", "e@:a", "@r:a", "e@r@s:a", "e@r", "a@b",
        "e/f:a", "e@r/s:a",
        ".", "e:.", "a/..", " a", "e :a", "a\n",
    ]) func badTextIsRefused(text: String) throws {
        let refusal = try #require(throws: WireError.self) { try ServiceReference(parsing: text) }
        #expect(refusal.code == .invalidName)
        #expect(refusal.message.hasPrefix("cannot "))
    }

    @Test func referenceToAnIdentityMeansNothingElse() {
        let identity = ServiceIdentity(run: RunIdentity(workspace: "/w", experiment: "e", run: "r"), id: "a/b")
        let reference = ServiceReference(identity)
        #expect(reference.matches(identity))
        for other in [
            ServiceIdentity(run: RunIdentity(workspace: "/w2", experiment: "e", run: "r"), id: "a/b"),
            ServiceIdentity(run: RunIdentity(workspace: "/w", experiment: "e2", run: "r"), id: "a/b"),
            ServiceIdentity(run: RunIdentity(workspace: "/w", experiment: "e", run: "r2"), id: "a/b"),
            ServiceIdentity(run: RunIdentity(workspace: "/w", experiment: "e", run: "r"), id: "a"),
        ] {
            #expect(!reference.matches(other), "\(other)")
        }
    }

    @Test func missingPartsMatchEverything() {
        let identity = ServiceIdentity(run: RunIdentity(workspace: "/w", experiment: "e", run: "r"), id: "a")
        #expect(ServiceReference(id: "a").matches(identity))
        #expect(ServiceReference(id: "a", experiment: "e").matches(identity))
        #expect(ServiceReference(id: "a", run: "r").matches(identity))
        #expect(ServiceReference(id: "a", workspace: "/w", near: "/elsewhere").matches(identity))
        #expect(!ServiceReference(id: "A").matches(identity))
        #expect(!ServiceReference(id: "w").matches(ServiceIdentity(run: identity.run, id: "a/w")))
    }

    @Test func partsOfAnObjectWinOverItsId() throws {
        let json = #"{"id":"x@y:a","experiment":"e","near":"/n/../m","workspace":"/w//v/"}"#
        let reference = try Wire.decode(ServiceReference.self, from: json.utf8)
        #expect(reference == ServiceReference(id: "a", experiment: "e", run: "y", workspace: "/w/v", near: "/m"))
    }

    @Test func subServiceKnowsItsParent() {
        let run = RunIdentity(workspace: "/w", experiment: "e", run: "r")
        #expect(ServiceIdentity(run: run, id: "a/b").parent == "a")
        #expect(ServiceIdentity(run: run, id: "a").parent == nil)
        #expect(ServiceIdentity(run: run, id: "a/b").fullName == "e@r:a/b")
    }
}
