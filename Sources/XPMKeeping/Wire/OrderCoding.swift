import XPMLogs

extension WireWriter {
    mutating func append(_ order: SpawnOrder) {
        append(order.attempt)
        append(order.arguments) { $0.append($1) }
        append(order.environment) { $0.append($1) }
        append(order.directory)
        append(order.standardOutput)
        append(order.standardError)
        append(order.marker)
    }

    mutating func append(_ extras: SpawnExtras) {
        append(optional: extras.nice)
        append(optional: extras.oomScore)
        append(extras.resourceLimits) {
            $0.append($1.resource)
            $0.append($1.limit)
        }
        append(extras.memory)
        append(extras.tasks)
        append(extras.cpuWeight)
        append(extras.notifySocket)
        append(extras.journal)
    }

    mutating func append(_ caller: SpawnExtras.Caller) {
        append(optional: caller.umask)
        append(optional: caller.nice)
        append(optional: caller.oomScore)
        append(caller.cpus) { $0.append($1) }
        append(caller.limits) {
            $0.append($1.resource)
            $0.append($1.soft)
            $0.append($1.hard)
        }
    }

    mutating func append(_ policy: RotationPolicy) {
        append(policy.size)
        append(policy.age)
        append(policy.count)
        append(policy.rotatesAtStart)
    }

    mutating func append(_ terminal: TerminalSize?) {
        append(terminal != nil)
        guard let terminal else { return }
        append(terminal.columns)
        append(terminal.rows)
    }

    private mutating func append(optional value: Int32?) {
        append(value != nil)
        if let value { append(value) }
    }
}

extension WireReader {
    mutating func rotation() throws(KeeperWireError) -> RotationPolicy {
        RotationPolicy(size: try integer(), age: try integer(), count: try integer(), rotatesAtStart: try flag())
    }

    mutating func terminal() throws(KeeperWireError) -> TerminalSize? {
        try flag() ? TerminalSize(columns: try integer(), rows: try integer()) : nil
    }
}

extension SpawnOrder {
    init(_ reader: inout WireReader) throws(KeeperWireError) {
        self.init(
            attempt: try reader.integer(),
            arguments: try reader.list { reader throws(KeeperWireError) in try reader.text() },
            environment: try reader.list { reader throws(KeeperWireError) in try reader.text() },
            directory: try reader.text(),
            standardOutput: try reader.text(),
            standardError: try reader.text(),
            marker: try reader.text())
    }
}

extension SpawnExtras {
    init(_ reader: inout WireReader) throws(KeeperWireError) {
        self.init(
            nice: try reader.flag() ? try reader.integer() : nil,
            oomScore: try reader.flag() ? try reader.integer() : nil,
            resourceLimits: try reader.list { reader throws(KeeperWireError) in
                ResourceLimit(resource: try reader.integer(), limit: try reader.integer())
            },
            memory: try reader.integer(), tasks: try reader.integer(), cpuWeight: try reader.integer(),
            notifySocket: try reader.text(), journal: try reader.text())
    }
}

extension SpawnExtras.Caller {
    init(_ reader: inout WireReader) throws(KeeperWireError) {
        self.init()
        umask = try reader.flag() ? try reader.integer() : nil
        nice = try reader.flag() ? try reader.integer() : nil
        oomScore = try reader.flag() ? try reader.integer() : nil
        cpus = try reader.list { reader throws(KeeperWireError) in try reader.integer() }
        limits = try reader.list { reader throws(KeeperWireError) in
            Limit(resource: try reader.integer(), soft: try reader.integer(), hard: try reader.integer())
        }
    }
}

extension AdoptOrder {
    init(_ reader: inout WireReader) throws(KeeperWireError) {
        self.init(
            attempt: try reader.integer(), pid: try reader.integer(), startTime: try reader.integer(),
            marker: try reader.text())
    }
}
