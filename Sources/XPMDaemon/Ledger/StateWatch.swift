import NIOCore
import XPMStore

/// Notices that the database's files were removed, replaced or emptied while nothing was to be saved: the kernel tells.
final class StateWatch {
    /// What removes a folder removes more than one file; looked at once it is done.
    private static let delay = TimeAmount.milliseconds(100)

    private let folder: String
    private let files: FileWatch
    private let loop: any EventLoop
    private let look: () -> Void
    private var tokens: [FileWatch.Token] = []
    private var scheduled: Scheduled<Void>?

    /// `look` is called when something happened to the folder's entries, or to the database's content by others or the store.
    init(folder: String, files: FileWatch, loop: any EventLoop, look: @escaping () -> Void) {
        self.folder = folder
        self.files = files
        self.loop = loop
        self.look = look
        renew()
    }

    /// Watches what has the names now. Where nothing can be watched, each commit looks all the same.
    func renew() {
        for token in tokens { token.cancel() }
        let notice = { [unowned self] in noticed() }
        tokens = [
            try? files.watch(folder, for: .entries, onChange: notice),
            try? files.watch(folder + "/xpmd.sqlite", for: .growthInTime, onChange: notice),
        ].compactMap(\.self)
    }

    func end() {
        scheduled?.cancel()
        for token in tokens { token.cancel() }
        tokens = []
    }

    private func noticed() {
        guard scheduled == nil else { return }
        scheduled = loop.assumeIsolated().scheduleTask(in: Self.delay) { [weak self] in
            self?.scheduled = nil
            self?.look()
        }
    }
}
