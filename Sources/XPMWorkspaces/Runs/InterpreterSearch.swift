import Glibc
import XPMProtocol

/// Finds what a run's services are made again with.
enum InterpreterSearch {
    /// So many jobs of a run are looked at.
    private static let jobLimit = 16

    /// What a live process runs in; nil where that cannot be told.
    static func ofProcess(_ pid: Int32) -> Interpreter? {
        guard let folder = try? Folder("/proc/\(pid)"),
            let line = try? PlainFile("cmdline", in: folder).bytes(limit: ProcessFacts.limit), !line.isEmpty
        else { return nil }
        let facts = ProcessFacts(
            commandLine: line, folder: folder.target(of: "cwd") ?? "/", program: folder.target(of: "exe") ?? "",
            environment: (try? PlainFile("environ", in: folder).bytes(limit: ProcessFacts.limit)) ?? [])
        let python = facts.interpreters.first { candidate in
            guard candidate.hasPrefix("/"), access(candidate, X_OK) == 0 else { return false }
            // Another user's process shows no program; then its own word has to do.
            return facts.program.isEmpty || (try? resolved(candidate)) == facts.program
        }
        guard let python = python.flatMap(normalized) else { return nil }
        return Interpreter(
            python: python, source: .process, path: facts.path.compactMap(normalized),
            main: facts.script.flatMap(normalized))
    }

    /// What the jobs and objects of a run that has ended tell; nil where they tell nothing.
    static func ofRun(_ run: Folder, workspace: String) -> Interpreter? {
        let script = jobScript(of: run, workspace: workspace)
        var interpreter = Interpreter(python: script?.python, source: .job, path: script?.path ?? [])
        let objects = (try? PlainFile("objects.jsonl", in: run).bytes(limit: ModuleFile.limit)) ?? []
        for line in objects.split(separator: UInt8(ascii: "\n")) {
            guard let module = ModuleFile(line) else { continue }
            if interpreter.main == nil { interpreter.main = module.script }
            if let folder = module.folder, !interpreter.path.contains(folder) { interpreter.path.append(folder) }
        }
        if let script = interpreter.main, let slash = script.lastIndex(of: "/"), slash > script.startIndex {
            let folder = String(script[..<slash])
            if !interpreter.path.contains(folder) { interpreter.path.insert(folder, at: 0) }
        }
        return interpreter.python == nil && interpreter.path.isEmpty ? nil : interpreter
    }

    private static func jobScript(of run: Folder, workspace: String) -> JobScript? {
        guard let jobs = try? Folder("jobs", in: run) else { return nil }
        var left = jobLimit
        for task in (try? jobs.entries()) ?? [] where task.kind == .folder {
            guard let task = try? Folder(task.name, in: jobs) else { continue }
            for link in (try? task.entries()) ?? [] where link.kind == .link {
                left -= 1
                guard left > 0 else { return nil }
                // A link may lead to the workspace's jobs and to nowhere else.
                guard let path = try? resolved("/proc/self/fd/\(task.descriptor)/\(link.name)"),
                    WorkspacePath.depth(of: path, below: workspace + "/jobs") != nil, let job = try? Folder(path)
                else { continue }
                for file in (try? job.entries()) ?? [] where file.kind == .file && file.name.hasSuffix(".py") {
                    let bytes = try? PlainFile(file.name, in: job).bytes(limit: JobScript.limit)
                    if let script = bytes.flatMap(JobScript.init) { return script }
                }
            }
        }
        return nil
    }

    /// The path without symbolic links; fails where it leads nowhere, or to a name that is not UTF-8.
    static func resolved(_ path: String) throws(FileFault) -> String {
        guard let text = realpath(path, nil) else { throw .last }
        defer { free(text) }
        guard let resolved = String(validatingCString: text) else { throw FileFault(code: EILSEQ) }
        return resolved
    }

    private static func normalized(_ path: String) -> String? { try? WorkspacePath.normalized(path) }
}
