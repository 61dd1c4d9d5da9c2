import XPMProtocol

/// Whether the Python of this shell has the package `xpmd`.
enum PythonCheck {
    /// What is run: the version, then where it lies.
    static func words(_ python: String) -> [String] {
        [python, "-c", "import xpmd; print(xpmd.__version__); print(xpmd.__file__)"]
    }

    static func finding(_ python: String?, _ trial: Trial.Outcome, own: String = ProtocolVersion.product) -> Finding {
        let name = "python"
        guard let python else {
            return .note(name, "there is no python3 in PATH: experiments in Python cannot use xpmd")
        }
        switch trial {
        case .ended(0, let text):
            let lines = text.split(separator: "\n").map(String.init)
            guard let version = lines.first, lines.count == 2 else {
                return .note(name, "\(python) prints other things at its start")
            }
            guard version == own else {
                return .note(
                    name, "\(python) has xpmd \(version), this is \(own)", "install the package of this version into it"
                )
            }
            return .ok(name, "\(python) has xpmd \(version)")
        case .ended:
            return .note(
                name, "\(python) cannot import xpmd: experiments in it cannot use xpmd",
                "`\(python) -m pip install ./protocol/python` in the sources of xpmd")
        case .tookTooLong: return .note(name, "\(python) did not answer")
        case .missing: return .note(name, "\(python) does not run")
        }
    }
}
