import Testing

@testable import XPMLogs

/// Which mount a path is below.
struct MountsTests {
    private let table = Array(
        """
        22 1 259:1 / / rw,relatime - ext4 /dev/root rw
        30 22 0:26 / /data rw shared:1 - nfs server:/data rw
        31 30 0:27 / /data/my\\040own\\134 rw - tmpfs none rw
        broken line
        """.utf8)

    @Test(arguments: [
        ("/data/x", "/data"), ("/data", "/data"), ("/database/x", "/"), ("/data/my own\\/x", "/data/my own\\"),
        ("/home/x", "/"), ("x", "/"),
    ]) func theDeepestMountIsFound(_ path: String, _ point: String) {
        #expect(Mounts.point(of: path, Mounts.points(table)) == point)
    }

    @Test func theMachineHasSome() {
        #expect(Mounts().point(of: "/proc/self") == "/proc")
    }
}
