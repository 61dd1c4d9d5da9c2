import Testing
import XPMProtocol

@testable import XPMCommands

struct TemplateArgumentsTests {
    private let template = TemplateRecord(
        name: "tb", description: "", path: "/t",
        parameters: [
            .init(name: "logdir", kind: .path, description: "", required: true),
            .init(name: "port", kind: .integer, description: "", required: false),
            .init(name: "reload_interval", kind: .integer, description: "", required: false),
            .init(name: "reload", kind: .boolean, description: "", required: false),
        ])

    private func values(_ words: [String], declared: Bool = true) throws -> [String: JSONValue] {
        try TemplateArguments(words).values(for: declared ? template : nil)
    }

    @Test func whatIsBehindTheDashesIsTheCommands() throws {
        let arguments = try TemplateArguments(
            ["tb", "--logdir", "runs", "--", "--logdir", "x", "--"], assigned: ["name=a=b"])
        #expect(arguments.names == ["tb"] && arguments.parameters == ["logdir": "runs", "name": "a=b"])
        #expect(arguments.arguments == ["--logdir", "x", "--"])
        // Where nothing is before the dashes they only say that no option follows.
        #expect(try TemplateArguments(["--", "-odd", "b"]).names == ["-odd", "b"])
        for assignment in ["name", "=x", "logdir=a"] {
            #expect(throws: WireError.self) {
                try TemplateArguments(["tb", "--logdir", "b"], assigned: [assignment]).values(for: nil)
            }
        }
    }

    @Test func namesComeBeforeParameters() throws {
        let arguments = try TemplateArguments(["tb", "--logdir", "runs", "--port=0", "--reload"])
        #expect(arguments.names == ["tb"])
        #expect(arguments.parameters == ["logdir": "runs", "port": "0", "reload": nil])
        #expect(try TemplateArguments(["a", "b"]).names == ["a", "b"])
    }

    @Test func valuesHaveTheKindsOfTheTemplate() throws {
        #expect(
            try values(["tb", "--logdir", "/runs", "--port", "6006", "--reload"]) == [
                "logdir": "/runs", "port": 6006, "reload": true,
            ])
        #expect(try values(["tb", "--reload=no", "--logdir="]) == ["reload": false, "logdir": ""])
    }

    @Test func dashesMayStandForUnderscores() throws {
        #expect(try values(["tb", "--reload-interval", "5"]) == ["reload_interval": 5])
        #expect { try values(["tb", "--reload-interval=5", "--reload_interval=6"]) } throws: {
            "\($0)" == "cannot use --reload_interval twice"
        }
    }

    @Test func whatTheTemplateDoesNotDeclareIsLeftToTheDaemon() throws {
        #expect(try values(["tb", "--colour", "red", "--loud"]) == ["colour": "red", "loud": true])
        #expect(try values(["tb", "--port", "6006"], declared: false) == ["port": "6006"])
    }

    @Test(arguments: [
        (["tb", "--port", "many"], "cannot use --port: it takes a whole number, not 'many'"),
        (["tb", "--reload=perhaps"], "cannot use --reload: it takes true or false, not 'perhaps'"),
        (["tb", "--logdir"], "cannot use --logdir: it needs a value"),
        (["tb", "--port", "1", "--port", "2"], "cannot use --port twice"),
        (
            ["tb", "--logdir", "runs", "more"],
            "cannot read 'more': write a template's parameters as --NAME VALUE or --NAME=VALUE"
        ),
        (["tb", "-p", "1"], "cannot read '-p': write a template's parameters as --NAME VALUE or --NAME=VALUE"),
    ])
    func whatCannotBeMeantIsRefused(words: [String], message: String) {
        #expect { try values(words) } throws: { ($0 as? WireError)?.code == .templateParameter && "\($0)" == message }
    }

    @Test(arguments: [
        ("/home/ada/project", "project"), ("/", "workspace"), ("/w/a:b@c", "a_b_c"), ("/w/ padded ", "padded"),
        ("/w/\u{7}bell", "_bell"),
    ])
    func experimentsAreNamedAfterTheirFolder(folder: String, name: String) throws {
        #expect(ImplicitExperiment.name(for: folder) == name)
        try Name.validate(ImplicitExperiment.name(for: folder), of: "an experiment")
    }

    @Test func longFolderNamesAreCutBetweenCharacters() throws {
        let name = ImplicitExperiment.name(for: "/w/" + String(repeating: "é", count: 100))
        #expect(name == String(repeating: "é", count: 64))
    }
}
