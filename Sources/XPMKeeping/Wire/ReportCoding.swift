extension WireWriter {
    mutating func append(_ report: AttemptReport) {
        append(report.attempt)
        append(report.pid)
        append(report.startTime)
        switch report.phase {
        case .running:
            append(UInt8(0))
        case .exited(let status, let milliseconds, let emptied):
            append(UInt8(1))
            append(status)
            append(milliseconds)
            append(emptied)
        }
    }

    mutating func append(_ status: ExitStatus) {
        switch status {
        case .code(let code):
            append(UInt8(0))
            append(code)
        case .signal(let signal, let core):
            append(UInt8(1))
            append(signal)
            append(core)
        case .unknown:
            append(UInt8(2))
        }
    }
}

extension WireWriter {
    mutating func append(_ usage: AttemptUsage) {
        append(usage.attempt)
        append(usage.processes)
        append(usage.memory)
        append(usage.microseconds)
    }

    mutating func append(_ process: ProcessReport) {
        append(process.pid)
        append(process.state)
        append(process.name)
        append(process.waitChannel)
    }
}

extension WireReader {
    mutating func usage() throws(KeeperWireError) -> AttemptUsage {
        AttemptUsage(
            attempt: try integer(), processes: try integer(), memory: try integer(), microseconds: try integer())
    }

    mutating func process() throws(KeeperWireError) -> ProcessReport {
        ProcessReport(pid: try integer(), state: try integer(), name: try text(), waitChannel: try text())
    }

    mutating func report() throws(KeeperWireError) -> AttemptReport {
        AttemptReport(attempt: try integer(), pid: try integer(), startTime: try integer(), phase: try phase())
    }

    mutating func exitStatus() throws(KeeperWireError) -> ExitStatus {
        switch try integer(UInt8.self) {
        case 0: return .code(try integer())
        case 1: return .signal(try integer(), core: try flag())
        case 2: return .unknown
        case let tag: throw .unknownTag(tag, of: "exit status")
        }
    }

    mutating func stage() throws(KeeperWireError) -> SpawnFailureStage {
        let tag = try integer(UInt8.self)
        guard let stage = SpawnFailureStage(rawValue: tag) else { throw .unknownTag(tag, of: "stage") }
        return stage
    }

    private mutating func phase() throws(KeeperWireError) -> AttemptReport.Phase {
        switch try integer(UInt8.self) {
        case 0: return .running
        case 1: return .exited(try exitStatus(), atMilliseconds: try integer(), emptied: try flag())
        case let tag: throw .unknownTag(tag, of: "phase")
        }
    }
}
