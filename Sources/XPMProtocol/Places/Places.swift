/// Where the socket and the folders of one xpmd instance are. A pure function of an environment and a user, shared by daemon and clients.
public struct Places: Hashable, Sendable {
    /// The folder of the socket, 0700; gone after a reboot.
    public var runtimeFolder: String
    /// The control socket.
    public var socket: String
    /// Whether the runtime folder lies in `/tmp`, where anybody could have made it: it must be checked before it is trusted.
    public var isRuntimeFolderShared: Bool
    /// Whether one of the `XPMD_` variables points away from the user's ordinary instance.
    public var isOverridden: Bool

    /// Why XDG_RUNTIME_DIR is not used, for people; nil where it is, or is not set.
    public var warning: String?

    private let environment: [String: String]
    private let user: UInt32

    /// The places of `user`'s instance. Throws `invalidParameters` where an `XPMD_` variable is no absolute path.
    ///
    /// With `facts`, which tells what is at a path, an XDG_RUNTIME_DIR that is not there, another user's or not to be written
    /// to is as good as none, as it is below cron, Slurm, `docker exec` and `su`.
    public init(
        environment: [String: String], user: UInt32, facts: ((String) -> FileFacts?)? = nil
    ) throws(WireError) {
        self.environment = environment
        self.user = user
        let names = ["XPMD_RUNTIME_DIR", "XPMD_STATE_DIR", "XPMD_CONFIG_DIR", "XPMD_CACHE_DIR", "XPMD_SOCKET"]
        var overrides: [String: String] = [:]
        for name in names {
            guard let path = environment[name], !path.isEmpty else { continue }
            guard path.hasPrefix("/") else {
                throw WireError(
                    .invalidParameters, "cannot use \(name)=\(Name.quoted(path)): it is not an absolute path",
                    data: ["variable": .string(name)])
            }
            overrides[name] = path
        }
        isOverridden = !overrides.isEmpty
        isRuntimeFolderShared = false
        if let folder = overrides["XPMD_RUNTIME_DIR"] {
            runtimeFolder = folder
        } else {
            runtimeFolder = "/tmp/xpmd-\(user)"
            isRuntimeFolderShared = true
            if let base = Self.absolute(environment["XDG_RUNTIME_DIR"]) {
                if let fault = facts.flatMap({ Self.fault(of: $0(base), user: user) }) {
                    warning = "XDG_RUNTIME_DIR=\(base) is not used: \(fault); using \(runtimeFolder)"
                } else {
                    runtimeFolder = base + "/xpmd"
                    isRuntimeFolderShared = false
                }
            }
        }
        socket = overrides["XPMD_SOCKET"] ?? runtimeFolder + "/xpmd.sock"
    }

    /// The durable state: definitions, desired states, events, logs. Throws `folderNotFound` where nothing says where homes are.
    public var stateFolder: String {
        get throws(WireError) { try folder("XPMD_STATE_DIR", base: "XDG_STATE_HOME", inHome: ".local/state") }
    }

    /// The runtime folder of a user who has none; nil where a variable names another one, or the socket.
    public var sharedRuntimeFolder: String? {
        let isChosen = environment["XPMD_RUNTIME_DIR"]?.isEmpty == false
        return isChosen || isSocketChosen || isRuntimeFolderShared ? nil : "/tmp/xpmd-\(user)"
    }

    /// Whether the control socket was named by itself.
    public var isSocketChosen: Bool { environment["XPMD_SOCKET"]?.isEmpty == false }

    /// Whether the state folder was named by itself, and does not follow from a home.
    var isStateFolderChosen: Bool { environment["XPMD_STATE_DIR"]?.isEmpty == false }

    /// `config.toml` and `templates/`. Throws as `stateFolder`.
    public var configFolder: String {
        get throws(WireError) { try folder("XPMD_CONFIG_DIR", base: "XDG_CONFIG_HOME", inHome: ".config") }
    }

    /// What can be made again. Throws as `stateFolder`.
    public var cacheFolder: String {
        get throws(WireError) { try folder("XPMD_CACHE_DIR", base: "XDG_CACHE_HOME", inHome: ".cache") }
    }

    private func folder(_ override: String, base: String, inHome: String) throws(WireError) -> String {
        if let path = environment[override], !path.isEmpty { return path }
        if let path = Self.absolute(environment[base]) { return path + "/xpmd" }
        // The user database is not asked: a fully static program cannot load the libraries that do it.
        guard let home = Self.absolute(environment["HOME"]) else {
            throw WireError(
                .folderNotFound, "cannot tell where xpmd's folders are: set \(override), \(base) or HOME"
            )
        }
        return "\(home)/\(inHome)/xpmd"
    }

    private static func fault(of base: FileFacts?, user: UInt32) -> String? {
        guard let base else { return "it does not exist" }
        if !base.isFolder { return "it is not a folder" }
        if base.owner != user { return "it belongs to user \(base.owner == 0 ? "root" : String(base.owner))" }
        return base.isWritable ? nil : "it is not writable"
    }

    /// The XDG specification: relative paths are invalid and to be ignored.
    private static func absolute(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/") else { return nil }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }
}
