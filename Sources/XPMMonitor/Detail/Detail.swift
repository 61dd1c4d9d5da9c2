import XPMClient
import XPMProtocol

/// What is known of the service that is highlighted, beside its record.
struct Detail: Hashable, Sendable {
    var service: ServiceIdentity
    /// Measurements, the newest last.
    var samples: [Sample] = []
    var facts: DetailFacts?

    /// One measurement.
    struct Sample: Hashable, Sendable {
        /// Milliseconds of a clock that only goes forward.
        var at: Int64
        var memory: Int64?
        var cpuSeconds: Double?
        /// Processors in use since the measurement before, in per cent of one.
        var cpuPercent: Double?
    }

    /// Older ones are forgotten.
    static let mostSamples = 60

    mutating func take(_ new: DetailFacts, at: Int64) {
        facts = new
        guard let usage = new.usage else {
            samples = []
            return
        }
        var sample = Sample(at: at, memory: usage.memoryBytes, cpuSeconds: usage.cpuSeconds)
        if let last = samples.last, let before = last.cpuSeconds, let now = usage.cpuSeconds, at > last.at,
            now >= before
        {
            sample.cpuPercent = (now - before) * 100_000 / Double(at - last.at)
        }
        samples.append(sample)
        if samples.count > Self.mostSamples { samples.removeFirst() }
    }
}

/// What xpmd says of a service when it is asked.
struct DetailFacts: Hashable, Sendable {
    var usage: UsageReport?
    /// Bytes of memory on graphics cards, where their driver tells.
    var gpuBytes: Int64?
    /// How it is run, a line each.
    var definition: [String] = []
    /// Its last changes, the newest last.
    var transitions: [String] = []
    /// The last lines of its log.
    var tail: [String] = []
    /// Why nothing is known.
    var fault: String?
}

/// Numbers as a row of bars, the newest on the right.
enum Graph {
    static func text(_ values: [Double], columns: Int, isUnicode: Bool) -> String {
        let levels = isUnicode ? ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] : [".", ":", "-", "=", "+", "*", "#", "@"]
        let shown = values.suffix(max(0, columns))
        guard let most = shown.max(), most > 0 else { return String(repeating: levels[0], count: shown.count) }
        return shown.map { levels[min(7, max(0, Int($0 / most * 7.999)))] }.joined()
    }
}

/// Bytes for people.
enum ByteCount {
    static func text(_ bytes: Int64) -> String {
        var (value, unit) = (Double(max(0, bytes)), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        guard unit > 0, value < 100 else { return "\(Int(value)) \(units[unit])" }
        let tenths = Int(value * 10)
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
