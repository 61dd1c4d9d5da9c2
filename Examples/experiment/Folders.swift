import Glibc
import XPMClient

/// Makes a folder with those above it.
func makeFolder(_ path: Path) throws {
    var built = ""
    for component in path.string.split(separator: "/") {
        built += "/\(component)"
        if mkdir(built, 0o777) != 0 && errno != EEXIST { throw Failure(doing: "make the folder \(built)") }
    }
}
