/// Finds the descendants of processes.
enum ProcessTree {
    /// The roots and all below them, parents first. Reads only as much of /proc as the tree is large.
    static func below(_ roots: [Int32]) -> [ProcessStat] {
        var tree: [ProcessStat] = []
        var seen: Set<Int32> = []
        var pending: [(pid: Int32, parent: Int32?)] = roots.map { ($0, nil) }
        while let (pid, parent) = pending.popLast() {
            guard seen.insert(pid).inserted, let stat = ProcessFiles.stat(of: pid) else { continue }
            // A number read from a list may mean another process by now; a parent does not change into this one.
            if let parent, stat.parent != parent { continue }
            guard let children = ProcessFiles.children(of: pid) else {
                return closure(of: Set(roots), in: ProcessFiles.all())
            }
            tree.append(stat)
            pending += children.map { ($0, pid) }
        }
        return tree
    }

    /// A process and its ancestors, as many as a tree may sensibly have.
    static func lineage(of process: ProcessStat) -> [Int32] {
        var line = [process.pid]
        var next = process
        while line.count < 64, next.parent > 1, let parent = ProcessFiles.stat(of: next.parent) {
            line.append(parent.pid)
            next = parent
        }
        return line
    }

    /// The same from a list of all processes.
    static func closure(of roots: Set<Int32>, in processes: [ProcessStat]) -> [ProcessStat] {
        let children = Dictionary(grouping: processes, by: \.parent)
        var tree = processes.filter { roots.contains($0.pid) }
        var seen = Set(tree.map(\.pid))
        var next = 0
        while next < tree.count {
            let below = children[tree[next].pid] ?? []
            tree += below.filter { seen.insert($0.pid).inserted }
            next += 1
        }
        return tree
    }
}
