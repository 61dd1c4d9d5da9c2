extension KeeperMessage {
    /// The message as one frame.
    public func encode() -> [UInt8] {
        switch self {
        case .welcome(let version, let pid, let instance, let bootID):
            return frame(129) {
                $0.append(version)
                $0.append(pid)
                $0.append(instance)
                $0.append(bootID)
            }
        case .snapshot(let reports):
            return frame(130) { $0.append(reports) { $0.append($1) } }
        case .spawned(let attempt, let pid, let startTime):
            return frame(131) {
                $0.append(attempt)
                $0.append(pid)
                $0.append(startTime)
            }
        case .spawnFailed(let attempt, let stage, let errno):
            return frame(132) {
                $0.append(attempt)
                $0.append(stage.rawValue)
                $0.append(errno)
            }
        case .exited(let attempt, let status, let milliseconds):
            return frame(133) {
                $0.append(attempt)
                $0.append(status)
                $0.append(milliseconds)
            }
        case .emptied(let attempt): return frame(134) { $0.append(attempt) }
        case .refused(let reason): return frame(135) { $0.append(reason) }
        case .cgroup(let folder, let controllers, let reason):
            return frame(137) {
                $0.append(folder)
                $0.append(controllers) { $0.append($1) }
                $0.append(reason)
            }
        case .usage(let usages):
            return frame(138) { $0.append(usages) { $0.append($1) } }
        case .processes(let attempt, let processes):
            return frame(139) {
                $0.append(attempt)
                $0.append(processes) { $0.append($1) }
            }
        case .notified(let attempt, let pid, let text):
            return frame(140) {
                $0.append(attempt)
                $0.append(pid)
                $0.append(text)
            }
        case .spent(let attempt, let cost):
            return frame(141) {
                $0.append(attempt)
                $0.append(cost.microseconds)
                $0.append(cost.memory)
                $0.append(cost.outOfMemory)
            }
        case .settled(let attempt): return frame(142) { $0.append(attempt) }
        case .cleared(let path, let problem):
            return frame(143) {
                $0.append(path)
                $0.append(problem)
            }
        case .logged(let attempt, let path, let text):
            return frame(144) {
                $0.append(attempt)
                $0.append(path)
                $0.append(text)
            }
        case .logger(let fault): return frame(145) { $0.append(fault) }
        case .incompatible(let minimum, let maximum):
            return frame(136) {
                $0.append(minimum)
                $0.append(maximum)
            }
        }
    }

    /// Reads the body of a frame.
    public static func decode(_ body: ArraySlice<UInt8>) throws(KeeperWireError) -> KeeperMessage {
        var reader = WireReader(body)
        let message = try read(&reader)
        try reader.finish()
        return message
    }

    private static func read(_ reader: inout WireReader) throws(KeeperWireError) -> KeeperMessage {
        switch try reader.integer(UInt8.self) {
        case 129:
            return .welcome(
                version: try reader.integer(), pid: try reader.integer(), instance: try reader.integer(),
                bootID: try reader.text())
        case 130:
            return .snapshot(try reader.list { reader throws(KeeperWireError) in try reader.report() })
        case 131:
            return .spawned(attempt: try reader.integer(), pid: try reader.integer(), startTime: try reader.integer())
        case 132:
            return .spawnFailed(
                attempt: try reader.integer(), stage: try reader.stage(), errno: try reader.integer())
        case 133:
            return .exited(
                attempt: try reader.integer(), try reader.exitStatus(), atMilliseconds: try reader.integer())
        case 134: return .emptied(attempt: try reader.integer())
        case 135: return .refused(reason: try reader.text())
        case 136: return .incompatible(minimum: try reader.integer(), maximum: try reader.integer())
        case 137:
            return .cgroup(
                folder: try reader.text(),
                controllers: try reader.list { reader throws(KeeperWireError) in try reader.text() },
                reason: try reader.text())
        case 138: return .usage(try reader.list { reader throws(KeeperWireError) in try reader.usage() })
        case 139:
            return .processes(
                attempt: try reader.integer(),
                try reader.list { reader throws(KeeperWireError) in try reader.process() })
        case 140:
            return .notified(attempt: try reader.integer(), pid: try reader.integer(), text: try reader.text())
        case 141:
            return .spent(
                attempt: try reader.integer(),
                AttemptCost(
                    microseconds: try reader.integer(), memory: try reader.integer(), outOfMemory: try reader.flag()))
        case 142: return .settled(attempt: try reader.integer())
        case 143: return .cleared(path: try reader.text(), problem: try reader.text())
        case 144:
            return .logged(attempt: try reader.integer(), path: try reader.text(), text: try reader.text())
        case 145: return .logger(fault: try reader.text())
        case let type: throw .unknownTag(type, of: "message")
        }
    }

    private func frame(_ type: UInt8, _ fill: (inout WireWriter) -> Void) -> [UInt8] {
        var writer = WireWriter(type: type)
        fill(&writer)
        return writer.finished()
    }
}
