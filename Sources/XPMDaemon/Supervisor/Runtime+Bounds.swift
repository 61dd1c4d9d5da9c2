import XPMProtocol

/// A record may say anything: somebody may have edited it, or a disk have lost bits of it. What it counts and measures is taken
/// as far as xpmd could ever have written it.
extension Runtime {
    /// No count, offset or number of a change ever comes near it, and none that goes on from it overflows.
    static let largestCount: Int64 = 1 << 60

    private static let largestGrace = 1e9

    /// The same within these bounds.
    var bounded: Runtime {
        var runtime = self
        func bound(_ number: inout Int?) { number = number.map { min(max(0, $0), Int(Int32.max)) } }
        bound(&runtime.restarts)
        bound(&runtime.starts)
        bound(&runtime.restartCount)
        bound(&runtime.leftovers)
        runtime.graceSeconds = graceSeconds.map { min(max(0, $0), Self.largestGrace) }
        if let granted = deadline?.granted { runtime.deadline?.granted = min(max(0, granted), Self.largestCount) }
        runtime.stdoutStart = min(max(0, stdoutStart), Self.largestCount)
        runtime.stderrStart = min(max(0, stderrStart), Self.largestCount)
        if let allotment, let port = allotment.port, !(1...65535).contains(port) {
            runtime.allotment?.port = nil
        }
        runtime.allotment?.ports = allotment?.ports?.filter { (1...65535).contains($0.value) }
        // No process has such a number, and it is not to be signalled as if one had.
        if let pid, pid < 1 { (runtime.pid, runtime.startTime) = (nil, nil) }
        return runtime
    }
}
