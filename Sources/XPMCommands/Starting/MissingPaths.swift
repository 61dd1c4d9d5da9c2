import Glibc
import XPMProtocol

/// Paths given to a template at which nothing is yet, as where a training is still to begin, or a letter is wrong.
enum MissingPaths {
    static func note(_ values: [String: JSONValue], of template: TemplateRecord?) {
        for parameter in template?.parameters ?? [] where parameter.kind == .path {
            guard let path = values[parameter.name]?.text, path.hasPrefix("/"),
                PathLook.at(path, { access(path, F_OK) }) != 0
            else { continue }
            StandardError.line("note: --\(parameter.name): \(Sanitizer.line(path)) does not exist yet")
        }
    }
}
