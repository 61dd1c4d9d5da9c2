import Glibc
import XPMKeeping

extension KeeperRequest {
    /// The request in a version of the protocol; nil where that has nothing like it.
    func spoken(in version: UInt16) -> KeeperRequest? {
        guard self.version > version else { return self }
        switch self {
        case .deliver(let attempt, let signal, .tree, _): return .signal(attempt: attempt, signal: signal)
        case .deliver(_, _, .main, _): return nil
        case .spawn(var order):
            order.extras.rotation = nil
            if version < 3 { order.extras.caller = SpawnExtras.Caller() }
            if version < 2 { order.extras = SpawnExtras() }
            return .spawn(order)
        case .adopt(var order):
            order.rotation = nil
            if version < 2 { (order.cgroup, order.notifySocket) = ("", "") }
            return .adopt(order)
        case .useCgroup, .follow, .measure, .inspect, .settle, .clearLog, .adoptedAll: return nil
        case .hello, .signal, .kill, .acknowledge, .shutdown: return self
        }
    }
}
