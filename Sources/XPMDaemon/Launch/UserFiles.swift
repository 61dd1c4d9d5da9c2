import Logging
import NIOCore
import Synchronization
import XPMProtocol
import XPMTemplates

/// What users write for xpmd: templates and settings. They are read whenever they are needed, by workers: they may be on a file system
/// that does not answer, which keeps nobody but those who need them waiting.
final class UserFiles {
    /// How long a file or folder may take until its file system counts as one that does not answer.
    var patience = TimeAmount.seconds(5)
    /// Called when something has answered at last, or the settings are others than they were.
    var answered: () -> Void = {}

    private let templateFiles: TemplateFiles
    private let settingsFile: Rereading<SettingsReading>
    private let path: String
    private let homeFolder: Rereading<[String]>
    private let bootUnit: Rereading<Bool?>

    private struct SettingsReading: Sendable {
        var file: SettingsFile
        var found: Result<Settings, WireError>
    }

    init(
        templates: [String], settings: String, environment: [String: String] = [:], recovery: Recovery,
        loop: any EventLoop, logger: Logger
    ) {
        path = settings
        let home = environment["HOME"]
        bootUnit = Rereading(BootStart(environment: environment).ownUnits, as: nil, on: loop) { _ in
            BootStart(environment: environment).isArranged
        }
        homeFolder = Rereading(home ?? "", as: HomeFolder.written(home), on: loop) { _ in HomeFolder.paths(home) }
        let around = Self.around(recovery)
        templateFiles = TemplateFiles(folders: templates, on: loop) { path, read in
            around(.template(path), path, read)
        }
        var file = SettingsFile(settings)
        file.around = { path, read in around(.settings(path), path, read) }
        let reading = SettingsReading(file: file, found: .success(Settings()))
        settingsFile = Rereading(settings, as: reading, on: loop) { reading in
            var reading = reading
            reading.found = Result { () throws(WireError) in try reading.file.settings() }
            return reading
        }
        // What hangs may outlive whoever wanted it.
        homeFolder.changed = { [weak self] in
            if let self, !homeFolder.hangs { answered() }
        }
        templateFiles.changed = { [weak self] fault in
            guard let self else { return }
            if let fault { logger.warning("\(fault.message)") } else { answered() }
        }
        settingsFile.changed = { [weak self] in
            guard let self else { return }
            guard settingsFile.hangs else { return answered() }
            logger.warning("\(self.settings.fault?.message ?? ""); the defaults are used")
        }
    }

    /// Has each file in hand while its text is understood, and none beside it, so that what a start crashes over is known; and
    /// understands nothing that starts have crashed over.
    private static func around(
        _ recovery: Recovery
    ) -> @Sendable (_ item: RecoveryItem, _ path: String, _ read: () -> Void) -> Void {
        let turn = Turn()
        return { item, path, read in
            guard recovery.mayTake(item, RecoveryItem.print(ofFile: path)) else { return }
            turn.mutex.withLock { _ in recovery.take(item, read) }
        }
    }

    private final class Turn: Sendable { let mutex = Mutex(()) }

    /// The templates as they were read last.
    var templates: TemplateShelf { templateFiles.shelf }

    /// The settings as they were read last.
    var settings: KnownSettings {
        guard let fault = settingsFile.fault else { return KnownSettings(path: path, found: settingsFile.value.found) }
        let cause = fault == .noThread ? "\(fault)" : "its file system does not answer"
        return KnownSettings(
            path: path,
            found: .failure(
                WireError(
                    .fileSystemUnresponsive, "cannot read the settings in \(path): \(cause)",
                    data: ["path": .string(path)])))
    }

    /// Reads all; `then` is called when that is done, or has not been done in time.
    func renew(then: @escaping () -> Void) {
        var open = 3
        func one() {
            open -= 1
            if open == 0 { then() }
        }
        renewTemplates(then: one)
        renewSettings(then: one)
        homeFolder.renew(patience: patience, then: one)
    }

    /// The paths of the home folder, with and without symbolic links, as it was when all was read.
    var homes: [String] { homeFolder.value }

    /// Reads the templates of these names, or all.
    func renewTemplates(_ names: Set<String>? = nil, then: @escaping () -> Void) {
        templateFiles.renew(names, patience: patience, then: then)
    }

    /// Reads the settings; `then` is called when that is done, has not been done in time, or `time` is over.
    func renewSettings(within time: TimeAmount? = nil, then: @escaping () -> Void = {}) {
        settingsFile.renew(patience: patience, within: time, then: then)
    }

    /// Whether the settings are being read just now.
    var isReadingSettings: Bool { settingsFile.isReading }

    /// Whether something starts xpmd at boot; nil where that cannot be told, or not within `time`.
    func startsAtBoot(within time: TimeAmount, then: @escaping (Bool?) -> Void) {
        guard !bootUnit.isReading else { return then(bootUnit.value) }
        bootUnit.renew(patience: patience, within: time) { [bootUnit] in then(bootUnit.value) }
    }
}

/// The settings as they were read last.
struct KnownSettings {
    let path: String
    let found: Result<Settings, WireError>

    /// What is set; nothing where the file cannot be used.
    var settings: Settings { (try? found.get()) ?? Settings() }

    /// Why the file cannot be used just now.
    var fault: WireError? { if case .failure(let fault) = found { fault } else { nil } }
}
