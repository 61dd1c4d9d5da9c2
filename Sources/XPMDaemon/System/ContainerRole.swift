import Glibc

/// Whether the end of this process ends every other one: then the services cannot be left to the keeper.
enum ContainerRole {
    /// Programs that are process 1 for one other program's sake, and end with it.
    private static let inits: Set<String> = ["tini", "docker-init", "dumb-init", "catatonit", "podman-init"]

    /// It is process 1 of its pid namespace, or the program that a container's init was started for.
    static var endsAll: Bool {
        if getpid() == 1 { return true }
        guard getppid() == 1, let name = text("/proc/1/comm")?.dropLast(), inits.contains(String(name)) else {
            return false
        }
        // The oldest child; those that were orphaned come behind.
        return text("/proc/1/task/1/children")?.split(separator: " ").first.flatMap { Int32($0) } == getpid()
    }

    private static func text(_ path: String) -> String? { CgroupHierarchy.text(of: path) }
}
