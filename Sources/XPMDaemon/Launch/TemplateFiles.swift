import NIOCore
import XPMProtocol
import XPMTemplates

/// Reads templates whenever they are needed. Each folder and each file is read by itself, so one on a file system that does not answer
/// takes the others along no further than the first wait for it.
final class TemplateFiles {
    /// As they were read last.
    private(set) var shelf = TemplateShelf()
    /// Called where a folder or file has not answered in time, with why, and with nil where it has at last.
    var changed: (WireError?) -> Void = { _ in }

    private final class Folder {
        let path: String
        /// The files in it by their templates' names; nil where it has never answered.
        let files: Rereading<[String: String]?>

        init(_ path: String, _ files: Rereading<[String: String]?>) { (self.path, self.files) = (path, files) }
    }

    /// What was read of a file.
    private struct Reading: Sendable {
        var source: TemplateSource
        var found: Result<Template, WireError>?
    }

    private let folders: [Folder]
    /// By their paths.
    private var files: [String: Rereading<Reading>] = [:]
    private let loop: any EventLoop
    private let around: @Sendable (_ path: String, _ read: () -> Void) -> Void

    /// The templates of folders in rising order of precedence; `around` is called to have a file's text understood.
    init(
        folders: [String], on loop: any EventLoop,
        around: @escaping @Sendable (_ path: String, _ read: () -> Void) -> Void
    ) {
        (self.loop, self.around) = (loop, around)
        self.folders = folders.map { path in
            let files = Rereading<[String: String]?>(path, as: nil, on: loop) { _ in
                TemplateFolder.files(in: path)
            }
            return Folder(path, files)
        }
        for folder in self.folders {
            folder.files.changed = { [weak self, weak folder] in
                guard let self, let folder else { return }
                shelve()
                changed(folder.files.hangs ? Self.unresponsive(folder: folder.path) : nil)
            }
        }
    }

    /// Reads the templates of these names, or all; `then` is called when that is done, or a folder or file has not answered within
    /// `patience`.
    func renew(_ names: Set<String>? = nil, patience: TimeAmount, then: @escaping () -> Void) {
        Self.renew(folders.map(\.files), patience) { [self] in
            // One that has never been read is read with any.
            let found = found.prefix(TemplateFolder.countLimit).filter {
                names?.contains($0.name) != false || files[$0.path]?.value.found == nil
            }
            Self.renew(found.filter { !$0.folder.files.hangs }.map { file($0.name, $0.path) }, patience) { [self] in
                shelve()
                then()
            }
        }
    }

    private static func renew<Value>(_ readings: [Rereading<Value>], _ patience: TimeAmount, then: @escaping () -> Void)
    {
        var open = readings.count
        guard open > 0 else { return then() }
        for reading in readings {
            reading.renew(patience: patience) {
                open -= 1
                if open == 0 { then() }
            }
        }
    }

    private func file(_ name: String, _ path: String) -> Rereading<Reading> {
        if let known = files[path] { return known }
        var source = TemplateSource(name: name, path: path)
        source.around = around
        let file = Rereading(path, as: Reading(source: source), on: loop) { reading in
            var reading = reading
            reading.found = Result { () throws(WireError) in try reading.source.template() }
            return reading
        }
        file.changed = { [weak self, weak file] in
            guard let self, let file else { return }
            shelve()
            changed(file.hangs ? Self.unresponsive(name, path, path) : nil)
        }
        files[path] = file
        return file
    }

    /// The templates there are, by name: a later folder's file replaces an earlier one's of the same name.
    private var found: [(name: String, path: String, folder: Folder)] {
        var found: [String: (path: String, folder: Folder)] = [:]
        for folder in folders { for (name, path) in folder.files.value ?? [:] { found[name] = (path, folder) } }
        return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value.path, $0.value.folder) }
    }

    private func shelve() {
        let found = found
        let paths = Set(found.map(\.path))
        files = files.filter { path, file in paths.contains(path) || file.isReading }
        shelf.templates = [:]
        for (index, (name, path, folder)) in found.enumerated() {
            if index >= TemplateFolder.countLimit {
                let source = TemplateSource(name: name, path: path)
                shelf.templates[name] = .failure(source.unusable("there are more than \(TemplateFolder.countLimit)"))
            } else if folder.files.hangs {
                shelf.templates[name] = .failure(Self.unresponsive(name, path, folder.path))
            } else if let file = files[path], file.fault == nil, let found = file.value.found {
                shelf.templates[name] = found
            } else {
                shelf.templates[name] = .failure(Self.unresponsive(name, path, path))
            }
        }
        shelf.unread = folders.filter { $0.files.value == nil && $0.files.fault != nil }.map {
            Self.unresponsive(folder: $0.path)
        }
    }

    private static func unresponsive(_ name: String, _ path: String, _ place: String) -> WireError {
        WireError(
            .fileSystemUnresponsive,
            "cannot use template \(Name.quoted(name)) (\(path)): the file system of \(place) does not answer",
            data: ["path": .string(place), "template": .string(name)])
    }

    private static func unresponsive(folder: String) -> WireError {
        WireError(
            .fileSystemUnresponsive, "cannot read the templates in \(folder): its file system does not answer",
            data: ["path": .string(folder)])
    }
}
