import FoundationEssentials
import Testing
import XPMProtocol
import XPMSupervision

@testable import XPMDaemon

@Suite struct StatePageTests {
    /// The table of states in protocol/README.md is what the machine does.
    @Test func successorsOfEachStateAreThoseOfTheSpecification() throws {
        var successors: [ServiceState: Set<ServiceState>] = [:]
        let live = AttemptID(rawValue: 7)
        let waiting: [Phase] = [
            .retrying(failure: .ended(.code(1)), residue: live), .retrying(failure: nil, residue: nil),
            .starting(live, .queued), .stopping(live, .held, next: nil, failure: nil),
            .stopping(live, .leaving, next: nil, failure: nil),
        ]
        for phase in RuntimeTests.saved.map(\.0) + waiting {
            // Saved by no history of this release.
            if case .idle(nil, _?) = phase { continue }
            for (event, mode) in Self.events.flatMap({ event in RestartRules.Mode.allCases.map { (event, $0) } }) {
                var machine = ServiceMachine(phase: phase, awaitsReadiness: true)
                machine.rules.mode = mode
                _ = machine.handle(event)
                let (before, after) = (ServiceState(phase), ServiceState(machine.phase))
                if before != after { successors[before, default: []].insert(after) }
            }
        }
        #expect(successors == (try specified()))
    }

    private static let events: [MachineEvent] =
        [
            .start(AttemptID(rawValue: 9)), .stop, .restart(AttemptID(rawValue: 9)), .retry(AttemptID(rawValue: 9)),
            .rebooted,
        ]
        + [AttemptID(rawValue: 7), AttemptID(rawValue: 8)].flatMap { id -> [MachineEvent] in
            [
                .spawned(id), .notSpawned(id, "no"), .ready(id), .exited(id, .code(0)), .exited(id, .code(1)),
                .emptied(id), .timeUp(.readiness, id), .timeUp(.grace, id), .timeUp(.kill, id),
                .unblocked(id), .blocked(id, "no"), .released(id), .leaving(id), .failed(id, .silent),
            ]
        }

    private func specified() throws -> [ServiceState: Set<ServiceState>] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
            .joined(separator: "/")
        let page = try String(contentsOfFile: "\(root)/protocol/README.md", encoding: .utf8)
        var table: [ServiceState: Set<ServiceState>] = [:]
        for line in page.split(separator: "\n") {
            let cells = line.split(separator: "|")
            guard cells.count == 3, let state = names(in: cells[0]).first else { continue }
            table[state] = Set(names(in: cells[2]))
        }
        return table
    }

    private func names(in cell: Substring) -> [ServiceState] {
        cell.matches(of: /`([A-Z]+)`/).compactMap { ServiceState(rawValue: String($0.1)) }
    }
}
