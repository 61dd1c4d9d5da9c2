import XPMProtocol

/// What to do about a command that cannot be run: of a service, or xpmd's own program.
enum ProgramHint {
    /// `typed` is the verb of the command line, `name` the service as it is typed.
    static func text(_ error: WireError, _ typed: String, _ name: String) -> String? {
        // Without one it is xpmd that is reloaded.
        guard let command = error.data["command"]?.text else {
            return "install xpmd again, then run `xpmctl daemon reexec`; until then the old one keeps running"
        }
        guard error.code == .commandNotExecutable else {
            if error.data["fault"]?.text == "no_interpreter" {
                return "set `interpreter` in [python] of xpmd's config.toml, for all services without one of their own"
            }
            // A path is looked up nowhere.
            guard !command.contains("/") else { return nil }
            return typed == "add"
                ? "repeat it in a shell that finds the command, or give the command's full path"
                : "run `xpmctl start \(name) --update` in a shell that finds the command"
        }
        let file = error.data["path"]?.text.map(ShellWord.quoted) ?? "FILE"
        return switch error.data["fault"]?.text {
        case "folder", "data": nil
        case "line_ends": "remove the Windows line endings: `sed -i 's/\\r$//' \(file)`"
        case "byte_order_mark": "remove the byte order mark: `sed -i '1s/^\\xef\\xbb\\xbf//' \(file)`"
        case "interpreter": "install the interpreter, or change the first line of the file"
        case "loader": "install the C library it was built for, or a build for this system"
        case "architecture": "install a build for this machine"
        case "system": "install a build for Linux"
        case nil: "make it executable with `chmod +x \(file)`, or run it with its interpreter: `sh \(file)`"
        default: "begin a script with `#!/bin/sh`, or run it with its interpreter: `sh \(file)`"
        }
    }
}
