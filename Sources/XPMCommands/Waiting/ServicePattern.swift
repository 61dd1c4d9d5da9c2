import Glibc
import XPMProtocol

/// A glob in the place of a service's name: `tensor*` for ids, `lab:*` and `lab@2026*:*` for names with their experiment and run.
///
/// A star does not reach over a `/`: sub-services go with their service.
struct ServicePattern {
    let text: String

    /// Whether a word has what is special in a pattern.
    static func isPattern(_ word: String) -> Bool { word.contains { "*?[".contains($0) } }

    /// Whether it says of which experiment the services are, and so means those of any folder.
    var namesExperiment: Bool { text.contains(":") }
    /// Whether it says of which run they are; otherwise the newest is meant.
    var namesRun: Bool { namesExperiment && text.contains("@") }

    func matches(_ identity: ServiceIdentity) -> Bool {
        let name =
            namesRun
            ? identity.fullName : namesExperiment ? "\(identity.run.experiment):\(identity.id)" : identity.id
        return name == text || fnmatch(text, name, FNM_PATHNAME) == 0
    }
}
