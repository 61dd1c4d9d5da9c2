import CLinux
import Glibc

/// The keeper's sockets stay where xpmd and services look for them, whatever cleans up there.
extension Keeper {
    /// Begins to watch the folders of its sockets.
    func watchPlace(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
        guard folder.hasPrefix("/") else {
            return KeeperLog.write("cannot watch the folder of \(path): it is not absolute")
        }
        let watch = FolderWatch([folder, folder + "/notify"])
        placeWatch = watch
        keepPlace()
        guard let shortage = watch.shortage else { return }
        KeeperLog.write("\(shortage.description): \(folder) is looked at every \(FolderWatch.lookAgain / 1000) s")
    }

    /// Binds anew whatever is not at its path any more.
    func keepPlace() {
        guard let placeWatch else { return }
        defer { awaitPlace(placeWatch) }
        let gone = placeWatch.drain()
        // What is mended may be swept away before it is watched.
        for _ in 0..<3 {
            placeWatch.renew()
            let isListening = listener.isAtItsPath
            let lost = notifySockets.entries(named: gone).filter { !$0.value.isAtItsPath }
            if isListening && lost.isEmpty { return }
            if !isListening { rebind() }
            for (number, entry) in lost { listenAgain(number, entry) }
        }
    }

    /// Waits for what is told, and for the next look where not everything is.
    private func awaitPlace(_ watch: FolderWatch) {
        if !isPlaceHeard, let descriptor = watch.descriptor { isPlaceHeard = poller.add(descriptor, .place) }
        placeDue = watch.shortage == nil && isPlaceHeard ? nil : Clocks.monotonic + FolderWatch.lookAgain
    }

    private func rebind() {
        // Whoever has connected already is served.
        accept()
        let before = listener.number
        guard listener.rebind() else { return }
        poller.remove(before)
        listener.closeReplaced()
        guard poller.add(listener.number, .listener) else {
            return KeeperLog.write("cannot watch the new socket: \(String(cString: strerror(errno)))")
        }
        KeeperLog.write("listening again: the socket had been removed")
    }

    private func listenAgain(_ number: UInt64, _ entry: NotifySockets.Entry) {
        hearNotifications(number)
        guard notifySockets.entries[number] != nil else { return }
        if let slash = entry.path.lastIndex(of: "/") { _ = PrivateFolder.make(String(entry.path[..<slash])) }
        let socket = xpm_notify_listen(entry.path)
        guard socket >= 0 else { return }
        poller.remove(entry.descriptor.number)
        let renewed = NotifySockets.Entry(attempt: entry.attempt, path: entry.path, descriptor: Descriptor(socket))
        notifySockets.add(number, renewed)
        if poller.add(socket, .notifications(number)) { listenOrRest(number) }
    }
}

/// A folder for sockets: the user's own and closed to others.
enum PrivateFolder {
    /// Makes it, with those above it; false where it cannot be had or is not the user's alone.
    static func make(_ path: String) -> Bool {
        for index in path.indices.dropFirst() where path[index] == "/" { mkdir(String(path[..<index]), 0o700) }
        mkdir(path, 0o700)
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid() && status.st_mode & 0o077 == 0
    }
}
