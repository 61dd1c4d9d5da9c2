import Testing
import XPMProtocol

@testable import XPMCommands

struct HintsTests {
    @Test func everyExitCodeIsDocumented() {
        let documented = Set(ExitCodes.meanings.map(\.code))
        for code in ErrorCode.allCases { #expect(documented.contains(code.exitCode), "\(code)") }
        #expect(documented.count == ExitCodes.meanings.count)
    }

    @Test func candidatesAreListedBeforeTheHint() {
        let error = WireError(
            .ambiguous, "cannot tell which 'tb' is meant: it fits 2 services",
            data: ["candidates": ["a@r:tb", ["name": "b@r:tb", "workspace": "/ws"]]])
        #expect(
            Failure.text(error) == """
                xpmctl: cannot tell which 'tb' is meant: it fits 2 services
                  a@r:tb
                  b@r:tb
                hint: use one of the full names above

                """)
    }

    @Test func foreignTextIsMadeSafe() {
        #expect(Failure.text(WireError(.internalError, "cannot\u{1b}[2J")) == "xpmctl: cannot\\u{1b}[2J\n")
    }
}
