/// A line of a run's objects.jsonl: which file the class of a configuration came from, and so where its module is found.
struct ModuleFile {
    var module: String
    var file: String

    /// So much of objects.jsonl is looked at; each class is in it many times.
    static let limit = 64 << 10

    init?(_ line: ArraySlice<UInt8>) {
        guard let members = JSONMembers(line), let module = members.text("module"), let file = members.text("file"),
            file.hasPrefix("/"), !file.utf8.contains(0)
        else { return nil }
        (self.module, self.file) = (module, file)
    }

    /// The folder that `import MODULE` looks into; nil where that is the interpreter's own.
    var folder: String? {
        var rest = file.split(separator: "/", omittingEmptySubsequences: false)[...]
        guard let last = rest.popLast(), module != "__main__",
            !rest.contains("site-packages"), !rest.contains("dist-packages")
        else { return nil }
        var names = module.split(separator: ".")[...]
        if last != "__init__.py" {
            guard last.hasSuffix(".py"), names.popLast() == last.dropLast(3) else { return nil }
        }
        while let name = names.popLast() {
            guard rest.popLast() == name else { return nil }
        }
        let folder = rest.joined(separator: "/")
        return folder.isEmpty ? "/" : folder
    }

    /// The script, where the class is of the one that was run.
    var script: String? { module == "__main__" ? file : nil }
}
