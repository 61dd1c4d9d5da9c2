import Testing
import XPMProtocol

@testable import XPMDaemon

@Suite struct RegistryTests {
    /// In the order of adding, so that the later run of an experiment is the newer one.
    private static let added = [
        ("train@r1:board", "/ws"), ("train@r1:only-old", "/ws"), ("train@r2:board", "/ws"), ("train@r2:mon", "/ws"),
        ("train@r2:mon/wandb", "/ws"), ("eval@r9:board", "/ws"), ("train@r1:board", "/ws2"), ("train@r3:lab", "/ws2"),
        ("train@r1:board", "/ws/inner"), ("solo@r1:notes", "/other"),
    ]

    private func registry() throws -> Registry {
        var samples = Samples()
        for (name, workspace) in Self.added { try samples.add(name, in: workspace) }
        return samples.registry
    }

    @Test(
        arguments: [
            ("notes", nil, "solo@r1:notes", "/other"), ("solo:notes", nil, "solo@r1:notes", "/other"),
            ("solo@r1:notes", nil, "solo@r1:notes", "/other"), ("wandb", nil, "", ""),
            ("mon/wandb", nil, "train@r2:mon/wandb", "/ws"), ("eval:board", nil, "eval@r9:board", "/ws"),
            // The newest run that has such a service, not the newest run.
            ("only-old", nil, "train@r1:only-old", "/ws"), ("lab", nil, "train@r3:lab", "/ws2"),
            ("train:board", "/ws", "train@r2:board", "/ws"), ("train@r1:board", "/ws", "train@r1:board", "/ws"),
            ("train:board", "/ws/sub/folder", "train@r2:board", "/ws"),
            // By component: /ws2 is not inside /ws, and /ws/innermost is not inside /ws/inner.
            ("board", "/ws2", "train@r1:board", "/ws2"), ("board", "/ws2/x", "train@r1:board", "/ws2"),
            ("board", "/ws/inner", "train@r1:board", "/ws/inner"),
            ("board", "/ws/inner/x/y", "train@r1:board", "/ws/inner"),
            ("train:board", "/ws/innermost", "train@r2:board", "/ws"),
            // A name that fits one service needs no folder around the caller.
            ("notes", "/elsewhere", "solo@r1:notes", "/other"),
        ] as [(String, String?, String, String)])
    func nameMeansOneService(name: String, near: String?, fullName: String, workspace: String) throws {
        let reference = try ServiceReference(parsing: name, near: near)
        guard !fullName.isEmpty else {
            let error = #expect(throws: WireError.self) { try registry().resolve(reference) }
            #expect(error?.code == .notFound)
            return
        }
        let entry = try registry().resolve(reference)
        #expect(entry.identity.fullName == fullName)
        #expect(entry.identity.run.workspace == workspace)
    }

    /// What a name means to one who says `here`; nothing where only other folders have such a service.
    @Test(
        arguments: [
            ("board", "/ws/inner/x", "/ws/inner"), ("lab", "/ws2/src", "/ws2"), ("notes", "/ws", nil),
            ("notes", "/other", "/other"), ("solo:notes", "/ws", "/other"), ("lab", "/", nil),
            // Below a home folder lie other projects; it has a service of its own for one who is in it.
            ("dot", "/home/ada", "/home/ada"), ("dot", "/home/ada/project", nil), ("all", "/home/ada", nil),
            ("all", "/home", "/home"), ("all", "/home/eve/project", nil), ("e:dot", "/home/ada/project", "/home/ada"),
        ] as [(String, String, String?)])
    func servicesOfOtherFoldersAreNotMeantByAShortName(name: String, folder: String, workspace: String?) throws {
        var samples = Samples()
        for (name, workspace) in Self.added + [("e@r:dot", "/home/ada"), ("e@r:all", "/home")] {
            try samples.add(name, in: workspace)
        }
        var registry = samples.registry
        registry.homes = ["/home/ada"]
        let reference = try ServiceReference(parsing: name, near: folder, here: true)
        guard let workspace else {
            let error = #expect(throws: WireError.self) { try registry.resolve(reference) }
            #expect(error?.code == .notFound && error?.data["candidates"] != nil)
            return
        }
        #expect(try registry.resolve(reference).identity.run.workspace == workspace)
    }

    @Test func aWorkspaceInTheReferenceIsMeantWhereverOneIs() throws {
        let reference = ServiceReference(id: "notes", workspace: "/other", near: "/ws", here: true)
        #expect(try registry().resolve(reference).identity.run.workspace == "/other")
    }

    @Test(arguments: [
        (ServiceReference(id: "absent"), "'absent'"),
        (ServiceReference(id: "board", experiment: "none"), "'none:board'"),
        (ServiceReference(id: "board", experiment: "eval", run: "r1"), "'eval@r1:board'"),
        (ServiceReference(id: "notes", workspace: "/oth"), "'notes'"),
        (ServiceReference(id: "notes", workspace: "/other/deep"), "'notes'"),
    ])
    func unknownNameIsRefused(reference: ServiceReference, quoted: String) {
        let error = #expect(throws: WireError.self) { try registry().resolve(reference) }
        #expect(error?.code == .notFound)
        #expect(error?.message == "cannot find a service \(quoted)")
        #expect(error?.data["name"] == .string(reference.description))
    }

    @Test(
        arguments: [
            // Older runs of one experiment in one workspace are no candidates.
            (
                "board", nil,
                ["/ws train@r2:board", "/ws eval@r9:board", "/ws2 train@r1:board", "/ws/inner train@r1:board"]
            ),
            ("board", "/ws", ["/ws train@r2:board", "/ws eval@r9:board"]),
            (
                "board", "/elsewhere",
                ["/ws train@r2:board", "/ws eval@r9:board", "/ws2 train@r1:board", "/ws/inner train@r1:board"]
            ),
            ("train@r1:board", nil, ["/ws train@r1:board", "/ws2 train@r1:board", "/ws/inner train@r1:board"]),
        ] as [(String, String?, [String])])
    func ambiguousNameIsRefusedWithItsCandidates(name: String, near: String?, expected: [String]) throws {
        let reference = try ServiceReference(parsing: name, near: near)
        let error = #expect(throws: WireError.self) { try registry().resolve(reference) }
        #expect(error?.code == .ambiguous)
        guard case .array(let candidates) = error?.data["candidates"] else {
            Issue.record("no candidates")
            return
        }
        let names = candidates.compactMap { candidate -> String? in
            guard case .object(let fields) = candidate, case .string(let workspace) = fields["workspace"],
                case .string(let name) = fields["name"]
            else { return nil }
            return "\(workspace) \(name)"
        }
        #expect(names.sorted() == expected.sorted())
    }

    @Test func candidatesOfOneNameAreToldApartByTheirWorkspaces() throws {
        let error = #expect(throws: WireError.self) {
            try registry().resolve(try ServiceReference(parsing: "train@r1:board"))
        }
        #expect(error?.message.contains("train@r1:board in /ws, ") == true, "\(error?.message ?? "")")
    }

    @Test func workspaceInTheReferenceDecides() throws {
        let entry = try registry().resolve(ServiceReference(id: "board", workspace: "/ws2"))
        #expect(entry.identity.run.workspace == "/ws2")
    }

    @Test func removedServiceLeavesItsNameToTheOlderRun() throws {
        var samples = Samples()
        let older = try samples.add("train@r1:board")
        let newer = try samples.add("train@r2:board")
        samples.remove(newer)
        #expect(try samples.registry.resolve(ServiceReference(id: "board")) === older)
        #expect(newer.experiment.services.isEmpty)
    }

    /// As a removal that could not be saved is taken back.
    @Test(arguments: [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
    func servicesThatAreTakenBackAreWhereTheyWere(order: [Int]) throws {
        var samples = Samples()
        let before = try samples.add("board")
        var composite = [try samples.add("mon", run: .composite)]
        for part in ["mon/a", "mon/b", "mon/c"] { composite.append(try samples.add(part)) }
        let after = try samples.add("lab")
        for index in order { samples.remove(composite[index]) }
        for index in order { samples.insert(composite[index]) }
        let expected = ([before] + composite + [after]).map(\.key)
        #expect(samples.registry.services.map(\.key) == expected)
        #expect(before.experiment.services.map(\.key) == expected)
        #expect(composite[0].subServices.map(\.key) == composite[1...].map(\.key))
        #expect(composite[1...].allSatisfy { $0.parent === composite[0] })
    }
}
